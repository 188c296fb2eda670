//! The installation's keys as a running process holds them: read at its start, and again where another process
//! has added one.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use model::{Millis, Secret};

use crate::keyring::{Keyring, KeyringError, Place, SealError};

/// How often strangers may make the file be read again, in milliseconds.
const AGAIN_AFTER: i64 = 1_000;

/// The keys that are in use, and the file they come from.
pub struct Keys {
    file: PathBuf,
    held: RwLock<Arc<Keyring>>,
    /// When a stranger's word last made it read the file again.
    looked: AtomicI64,
}

/// Why a sealed value cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum Closed {
    /// It was sealed under a key that the installation does not hold, or was tampered with.
    #[error(transparent)]
    Sealed(#[from] SealError),
    /// The keys could not be read again.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
}

impl Keys {
    /// The keys of `file`, as read.
    pub fn new(file: PathBuf, keyring: Keyring) -> Self {
        Self { file, held: RwLock::new(Arc::new(keyring)), looked: AtomicI64::new(0) }
    }

    /// The keys now.
    pub fn now(&self) -> Arc<Keyring> {
        Arc::clone(&self.held.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the file again: something was sealed under a key that is not known here.
    ///
    /// # Errors
    /// Of the file; the keys stay what they were.
    pub fn read_again(&self) -> Result<Arc<Keyring>, KeyringError> {
        let newer = Arc::new(Keyring::open(&self.file)?);
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&newer);
        Ok(newer)
    }

    /// Reads the file again because of what anybody may have sent: once a second at most, else `None`.
    ///
    /// # Errors
    /// Of the file.
    pub(crate) fn read_again_at(&self, now: Millis) -> Result<Option<Arc<Keyring>>, KeyringError> {
        // A clock that was put back has nobody wait until it has caught up.
        if now.since(Millis(self.looked.load(Ordering::Relaxed))).abs() < AGAIN_AFTER {
            return Ok(None);
        }
        self.looked.store(now.0, Ordering::Relaxed);
        self.read_again().map(Some)
    }

    /// Opens what was sealed for `place`, also where another process has added the key since the file was read.
    ///
    /// # Errors
    /// `Sealed`; `Keyring` where the file had to be read again and could not be.
    pub fn open(&self, place: Place<'_>, sealed: &str) -> Result<Secret, Closed> {
        match self.now().unseal(place, sealed) {
            Err(SealError::UnknownKey(_)) => Ok(self.read_again()?.unseal(place, sealed)?),
            opened => Ok(opened?),
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn strangers_have_the_file_read_once_a_second_by_whatever_clock() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let file = folder.path().join("keys");
        let keyring = Keyring::create(&file, &mut StdRng::seed_from_u64(1)).expect("there is none");
        let keys = Keys::new(file, keyring);
        let is_read = |at| keys.read_again_at(Millis(at)).expect("it is there").is_some();

        let read = [1_000_000, 1_000_999, 1_001_000, 500_000, 500_999, 501_000].map(is_read);

        assert_eq!(read, [true, false, true, true, false, true]);
    }
}
