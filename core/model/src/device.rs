//! What a user proves a sign-in with beside the password.
//!
//! Source: `reference/eds-user.md` 42 to 45; `reference/doors.md` §1.

use serde::Serialize;

use crate::id::{Id, Number};
use crate::time::{DAY, MINUTE, Millis};

/// Wrong codes in a row that lock a device.
const FAILURES: i64 = 5;
/// For how long they do the first time, in milliseconds.
const FIRST_LOCK: i64 = 30 * MINUTE;

/// A user's device for one-time codes. What codes are made from lies sealed in its row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Device {
    /// The stored id; eds-user shows its number, and all of it as the serial number.
    pub id: Id,
    /// Whose it is.
    pub user: Number,
    /// Whether codes are taken.
    pub status: DeviceStatus,
    /// Wrong codes in a row.
    pub failures: i64,
    /// When a locked one opens by itself; `None` where an administrator has locked it, or it is open.
    pub unlock_at: Option<Millis>,
    /// Since when sign-ins ask for its codes; `None` while the user has not shown one.
    pub enabled_at: Option<Millis>,
}

impl Device {
    /// Whether sign-ins ask for its codes, also while none is taken: a locked device lets nobody in.
    pub const fn is_enabled(&self) -> bool {
        self.enabled_at.is_some()
    }

    /// Whether its codes are not taken at `now`.
    pub fn is_locked_at(&self, now: Millis) -> bool {
        match self.status {
            DeviceStatus::Normal => false,
            DeviceStatus::Locked => self.unlock_at.is_none_or(|unlock_at| unlock_at > now),
        }
    }

    /// The device after a right code: what went wrong before is forgotten.
    #[must_use]
    pub fn opened(self) -> Self {
        Self { status: DeviceStatus::Normal, failures: 0, unlock_at: None, ..self }
    }

    /// The device after a wrong code at `now`. Each fifth one in a row locks it: the first time for half an hour, then
    /// each time for twice as long, at most for a day.
    #[must_use]
    pub fn failed(self, now: Millis) -> Self {
        let failures = self.failures.saturating_add(1);
        if failures % FAILURES != 0 {
            return Self { status: DeviceStatus::Normal, failures, unlock_at: None, ..self };
        }
        let doubled = u32::try_from(failures / FAILURES - 1).unwrap_or(u32::MAX);
        let length = FIRST_LOCK.saturating_mul(2_i64.saturating_pow(doubled)).min(DAY);
        Self { status: DeviceStatus::Locked, failures, unlock_at: Some(now.plus(length)), ..self }
    }
}

/// Whether a device's codes are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceStatus {
    /// They are.
    Normal,
    /// They are not, until somebody unlocks it or its time has come.
    Locked,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_000 * DAY);

    fn device(failures: i64) -> Device {
        Device {
            id: Id::from_bits(1),
            user: Number(2),
            status: DeviceStatus::Normal,
            failures,
            unlock_at: None,
            enabled_at: Some(Millis(0)),
        }
    }

    #[test]
    fn each_fifth_wrong_code_locks_for_twice_as_long() {
        let minutes = [
            (0, None),
            (3, None),
            (4, Some(30)),
            (5, None),
            (8, None),
            (9, Some(60)),
            (14, Some(120)),
            (29, Some(960)),
            (34, Some(1_440)),
            (499, Some(1_440)),
        ];
        for (failures, locked) in minutes {
            let failed = device(failures).failed(NOW);
            assert_eq!(failed.failures, failures + 1);
            assert_eq!(failed.unlock_at, locked.map(|minutes| NOW.plus(minutes * MINUTE)), "{failures}");
            assert_eq!(failed.is_locked_at(NOW), locked.is_some(), "{failures}");
        }
    }

    #[test]
    fn a_lock_ends_with_its_time_and_an_administrators_does_not() {
        let failed = device(4).failed(NOW);
        let unlock_at = failed.unlock_at.expect("the fifth wrong code");
        let locked = Device { status: DeviceStatus::Locked, ..device(0) };

        assert!(failed.is_locked_at(unlock_at.plus(-1)) && !failed.is_locked_at(unlock_at));
        assert!(locked.is_locked_at(Millis(i64::MAX)));
        assert_eq!(failed.opened(), device(0));
    }

    #[test]
    fn a_device_that_was_not_shown_to_work_is_not_asked() {
        assert!(device(0).is_enabled());
        assert!(!Device { enabled_at: None, ..device(0) }.is_enabled());
    }
}
