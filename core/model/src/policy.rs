//! What an administrator configured for the passwords of a directory.
//!
//! Each configuration lies as JSON in one row; one that nobody has set is its default.
//!
//! Source: `reference/eiam.md` §12; `reference/doors.md` §1.2.

use serde::{Deserialize, Serialize};

use crate::fold::Folded;
use crate::time::{DAY, Millis};
use crate::user::User;

/// What passwords must look like that are set from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complexity {
    /// How many characters at least.
    pub min_length: u16,
    /// What else, each once.
    pub checks: Vec<Check>,
    /// Since when nobody signs in with a password that is easy to guess; `None` where everybody may.
    pub weak_barred_since: Option<Millis>,
}

/// What a password must or must not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// An upper-case letter.
    UpperCase,
    /// A lower-case letter.
    LowerCase,
    /// A digit, 0 to 9.
    Digit,
    /// One of the special characters; other signs are allowed and do not count.
    Special,
    /// Not the username.
    NoUsername,
    /// Not what stands before the `@` of the address.
    NoEmail,
    /// Not the telephone number.
    NoPhone,
    /// Not the display name.
    NoDisplayName,
}

/// The texts of the user whom a password is for; empty where they are unset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Owner<'a> {
    /// The username.
    pub username: &'a str,
    /// The e-mail address.
    pub email: &'a str,
    /// The telephone number, without its region.
    pub phone: &'a str,
    /// The display name.
    pub display_name: &'a str,
}

impl<'a> Owner<'a> {
    /// The texts of this user.
    pub fn of(user: &'a User) -> Self {
        Self {
            username: user.username.as_str(),
            email: user.email.as_str(),
            phone: user.phone.as_ref().map_or("", |phone| phone.number.as_str()),
            display_name: user.display_name.as_str(),
        }
    }
}

/// The special characters.
const SPECIAL: &str = "`@%+\\/'\"!#$^?:,(){}[]~-_.";
/// Characters of a text that a password must not hold: in shorter ones half of all passwords would run into it.
const SHORTEST_BARRED: usize = 3;
/// Characters that an example has at least.
const EXAMPLE: usize = 16;
/// What examples are made of, by class, without letters and digits that are taken for one another.
const EXAMPLE_CLASSES: [&str; 4] =
    ["ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnpqrstuvwxyz", "23456789", "!#$%+-?@_"];

impl Default for Complexity {
    /// What the vendor calls "common": 8 characters, both cases, a digit.
    fn default() -> Self {
        let checks = vec![Check::UpperCase, Check::LowerCase, Check::Digit];
        Self { min_length: 8, checks, weak_barred_since: None }
    }
}

impl Complexity {
    /// Whether `owner` may have this password. Which characters a password may hold at all is for each door.
    pub fn accepts(&self, password: &str, owner: &Owner<'_>) -> bool {
        password.chars().count() >= usize::from(self.min_length)
            && self.checks.iter().all(|check| check.passes(password, owner))
    }

    /// A password for `owner` that is accepted: 16 characters, or as many as it must have, of all four classes.
    /// `random` draws a number below the one that it is given.
    pub fn example(&self, owner: &Owner<'_>, mut random: impl FnMut(usize) -> usize) -> String {
        loop {
            let example = draw(EXAMPLE.max(usize::from(self.min_length)), &mut random);
            // By chance it may hold what it must not, very rarely.
            if self.accepts(&example, owner) {
                return example;
            }
        }
    }
}

/// Characters of all four classes, in an order of chance.
fn draw(length: usize, random: &mut impl FnMut(usize) -> usize) -> String {
    let all = EXAMPLE_CLASSES.concat();
    let one_each = EXAMPLE_CLASSES.into_iter();
    let others = std::iter::repeat_n(all.as_str(), length - EXAMPLE_CLASSES.len());
    let mut drawn: Vec<u8> =
        one_each.chain(others).map(|class| class.as_bytes()[random(class.len())]).collect();
    for last in (1..drawn.len()).rev() {
        drawn.swap(last, random(last + 1));
    }
    drawn.into_iter().map(char::from).collect()
}

impl Check {
    fn passes(self, password: &str, owner: &Owner<'_>) -> bool {
        match self {
            Self::UpperCase => password.chars().any(char::is_uppercase),
            Self::LowerCase => password.chars().any(char::is_lowercase),
            Self::Digit => password.chars().any(|c| c.is_ascii_digit()),
            Self::Special => password.chars().any(|c| SPECIAL.contains(c)),
            Self::NoUsername => lacks(password, owner.username),
            Self::NoEmail => {
                let local = owner.email.rsplit_once('@').map_or(owner.email, |(local, _)| local);
                lacks(password, local)
            }
            Self::NoPhone => lacks(password, owner.phone),
            Self::NoDisplayName => lacks(password, owner.display_name),
        }
    }
}

/// Whether a password does not hold a text, whatever its case; a text that is unset or short is in no password's way.
fn lacks(password: &str, text: &str) -> bool {
    let text = Folded::of(text);
    text.as_str().chars().count() < SHORTEST_BARRED || !Folded::of(password).as_str().contains(text.as_str())
}

/// How long passwords are good for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expiration {
    /// Whether they end at all.
    pub enabled: bool,
    /// Days for which they are good.
    pub valid_days: Option<u16>,
    /// What happens to who signs in with one that has ended.
    pub action: Option<ExpiredAction>,
    /// Whether people are told before.
    pub notifies: bool,
    /// By which ways.
    pub channels: Vec<NoticeChannel>,
    /// How many days before.
    pub notice_days: Option<u16>,
    /// How many days before the end who signs in has to choose another one already.
    pub forced_update_days: Option<u16>,
    /// For which ways to sign in: `ia_all`, or any of `ia_password`, `ia_otp_sms`, `ia_webauthn`, `idp_…`.
    pub sources: Vec<String>,
}

/// What happens to who signs in with a password that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiredAction {
    /// It does not open the account.
    ForbidLogin,
    /// It has to be changed.
    ForceUpdate,
    /// A change is proposed.
    RemindUpdate,
}

/// By which way a person is told that a password will end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeChannel {
    /// When signing in.
    Login,
    /// By mail.
    Email,
    /// By text message.
    Sms,
}

impl Expiration {
    /// For how many days passwords are good, where that is enabled and meant for those who sign in with passwords; `None`
    /// for ever.
    pub fn valid_days_of_passwords(&self) -> Option<u16> {
        let is_meant = self.sources.iter().any(|source| source == "ia_all" || source == "ia_password");
        self.valid_days.filter(|_| self.enabled && is_meant)
    }
}

impl Default for Expiration {
    /// Passwords do not end.
    fn default() -> Self {
        Self {
            enabled: false,
            valid_days: None,
            action: None,
            notifies: false,
            channels: Vec::new(),
            notice_days: None,
            forced_update_days: None,
            sources: vec!["ia_all".to_owned()],
        }
    }
}

impl User {
    /// When the user's password ends: by the user's own days or by the policy, whichever is earlier; `None` without a
    /// password or an end.
    pub fn password_ends(&self, policy: &Expiration) -> Option<Millis> {
        Some(self.password.set_at?.plus(i64::from(self.password_days(policy)?) * DAY))
    }

    /// For how many days a password of the user's is good, likewise; `None` for ever.
    pub fn password_days(&self, policy: &Expiration) -> Option<u16> {
        let by_policy = policy.valid_days_of_passwords();
        self.password.expires_after_days.into_iter().chain(by_policy).min()
    }

    /// Whether the user's password opens nothing at `now`, because it has ended by the policy, which forbids to sign in
    /// with it. The user's own days do not: they only ask for another one.
    pub fn is_password_barred(&self, policy: &Expiration, now: Millis) -> bool {
        let ends = self.password_ends_by_policy(policy);
        policy.action == Some(ExpiredAction::ForbidLogin) && ends.is_some_and(|ends| ends <= now)
    }

    /// Whether who signs in with the user's password at `now` has to choose another one: somebody wants it so, the user's
    /// own days are over, or the policy forces a change, which it may do some days before the end.
    pub fn must_change_password(&self, policy: &Expiration, now: Millis) -> bool {
        let own_days = self.password.set_at.zip(self.password.expires_after_days);
        let is_over = own_days.is_some_and(|(set_at, days)| days_after(set_at, days) <= now);
        let by_policy = self.password_ends_by_policy(policy).is_some_and(|ends| {
            let forces = policy.action == Some(ExpiredAction::ForceUpdate);
            let early = policy.forced_update_days.map(|days| ends.plus(-i64::from(days) * DAY));
            (forces && ends <= now) || early.is_some_and(|early| early <= now)
        });
        self.password.must_change || is_over || by_policy
    }

    /// In how many days the user's password ends, 0 once it has, where who signs in with it at `now` is told so.
    pub fn password_notice(&self, policy: &Expiration, now: Millis) -> Option<i64> {
        let ends = self.password_ends_by_policy(policy)?;
        let is_told = policy.notifies && policy.channels.contains(&NoticeChannel::Login);
        let told = policy.notice_days.filter(|_| is_told);
        let reminds = policy.action == Some(ExpiredAction::RemindUpdate) && ends <= now;
        let left = days_left(ends, now);
        (reminds || told.is_some_and(|days| left <= i64::from(days))).then_some(left)
    }

    /// When the user's password ends by the policy, where that is for those who sign in with passwords.
    fn password_ends_by_policy(&self, policy: &Expiration) -> Option<Millis> {
        Some(days_after(self.password.set_at?, policy.valid_days_of_passwords()?))
    }

    /// Days left to the user's password at `now`, likewise, rounded up, 0 once it has ended.
    pub fn password_days_left(&self, policy: &Expiration, now: Millis) -> Option<i64> {
        Some(days_left(self.password_ends(policy)?, now))
    }
}

fn days_after(instant: Millis, days: u16) -> Millis {
    instant.plus(i64::from(days) * DAY)
}

/// Days until an instant, rounded up, 0 once it has come.
fn days_left(ends: Millis, now: Millis) -> i64 {
    (ends.since(now) + DAY - 1).div_euclid(DAY).max(0)
}

/// How many former passwords may not be used again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct History {
    /// How many, the present one among them; `None` where any may.
    pub keeps: Option<u16>,
}

/// How passwords come to be where none is given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Initialization {
    /// Whether they come to be at all.
    pub enabled: bool,
    /// How.
    pub kind: Option<InitialPassword>,
    /// Whether the next sign-in forces a change.
    pub must_change: bool,
    /// By which ways users are told.
    pub channels: Vec<InitialChannel>,
}

/// How a password comes to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InitialPassword {
    /// By chance.
    Random,
}

/// By which way users are told of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InitialChannel {
    /// By mail.
    Email,
    /// By text message.
    Sms,
}

/// How people prove who they are when they forgot their password.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Forgotten {
    /// Whether there is any way.
    pub enabled: bool,
    /// The ways.
    pub channels: Vec<ProofChannel>,
}

/// By which way a person proves who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofChannel {
    /// By mail.
    Email,
    /// By text message.
    Sms,
    /// By a device for one-time passwords.
    Totp,
    /// By a passkey.
    WebAuthn,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Id;
    use crate::text::{Description, DisplayName, Email, Username};
    use crate::user::{Locks, OwnerType, PasswordFacts, Role, Status};

    const ALICE: Owner<'static> = Owner {
        username: "Alice",
        email: "A.Smith@example.com",
        phone: "13800000000",
        display_name: "Lǐ Léi",
    };
    const NOBODY: Owner<'static> = Owner { username: "", email: "", phone: "", display_name: "" };

    fn policy(min_length: u16, checks: &[Check]) -> Complexity {
        Complexity { min_length, checks: checks.to_vec(), weak_barred_since: None }
    }

    /// The vendor's templates: no limit, low, common, recommended, high.
    fn presets() -> [Complexity; 5] {
        use Check::{Digit, LowerCase, NoDisplayName, NoEmail, NoPhone, NoUsername, Special, UpperCase};
        let high = [UpperCase, LowerCase, Digit, Special, NoUsername, NoDisplayName, NoPhone, NoEmail];
        [
            policy(4, &[]),
            policy(6, &[LowerCase, Digit]),
            Complexity::default(),
            policy(10, &[UpperCase, LowerCase, Digit, Special, NoUsername]),
            policy(16, &high),
        ]
    }

    #[test]
    fn each_check_asks_for_its_own() {
        let cases = [
            (Check::UpperCase, "abcD", true),
            (Check::UpperCase, "abcÄ", true),
            (Check::UpperCase, "abc1", false),
            (Check::LowerCase, "ABCd", true),
            (Check::LowerCase, "ABC1", false),
            (Check::Digit, "abc0", true),
            (Check::Digit, "abc½", false),
            (Check::Special, "abc_", true),
            (Check::Special, "abc'", true),
            (Check::Special, "abc\"", true),
            (Check::Special, "abc`", true),
            (Check::Special, "abc\\", true),
            (Check::Special, "abc*", false),
            (Check::Special, "abc&", false),
            (Check::NoUsername, "xALICEx", false),
            (Check::NoUsername, "xalicx", true),
            (Check::NoEmail, "x-a.smith-x", false),
            (Check::NoEmail, "example.com", true),
            (Check::NoPhone, "a13800000000b", false),
            (Check::NoPhone, "1380000000", true),
            (Check::NoDisplayName, "LǐLéi", true),
            (Check::NoDisplayName, "alice", true),
        ];
        for (check, password, passes) in cases {
            assert_eq!(policy(1, &[check]).accepts(password, &ALICE), passes, "{check:?} {password}");
        }
    }

    #[test]
    fn texts_that_are_unset_or_short_are_in_no_ones_way() {
        let checks = [Check::NoUsername, Check::NoEmail, Check::NoPhone, Check::NoDisplayName];
        let short = Owner { username: "al", email: "b@example.com", phone: "12", display_name: "王" };

        for owner in [NOBODY, short] {
            assert!(policy(1, &checks).accepts("al-b-12-王", &owner), "{owner:?}");
        }
        let three = Owner { username: "ann", ..NOBODY };
        assert!(!policy(1, &checks).accepts("xANNx", &three));
    }

    #[test]
    fn length_counts_characters() {
        let cases = [("王王王王", true), ("abcd", true), ("abc", false), ("a b", false), ("a bc", true)];
        for (password, passes) in cases {
            assert_eq!(policy(4, &[]).accepts(password, &NOBODY), passes, "{password:?}");
        }
    }

    #[test]
    fn the_samples_password_passes_without_limits_only() {
        let passes = presets().map(|preset| preset.accepts("123456", &NOBODY));

        assert_eq!(passes, [true, false, false, false, false]);
    }

    #[test]
    fn an_example_is_accepted_and_holds_every_class() {
        let mut seed = 1_u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize % below
        };
        let policies = presets().into_iter().chain([policy(1, &[]), policy(64, &[Check::Special])]);
        for policy in policies {
            for _ in 0..200 {
                let example = policy.example(&ALICE, &mut random);

                assert!(policy.accepts(&example, &ALICE), "{policy:?} {example}");
                assert!(
                    EXAMPLE_CLASSES.iter().all(|class| example.contains(|c| class.contains(c))),
                    "{example}"
                );
                assert_eq!(example.len(), usize::from(policy.min_length).max(EXAMPLE));
            }
        }
    }

    #[test]
    fn an_example_that_holds_its_owners_name_is_drawn_again() {
        // All zeros draw one character over and over, until the others come.
        let mut left = 40;
        let random = |below: usize| {
            left -= 1;
            if left > 0 { 0 } else { below - 1 }
        };
        let owner = Owner { username: "AAA", ..NOBODY };

        let example = policy(4, &[Check::NoUsername]).example(&owner, random);

        assert!(!example.contains("AAA"), "{example}");
    }

    #[test]
    fn the_earlier_end_of_a_password_counts() {
        let monthly = Expiration { enabled: true, valid_days: Some(30), ..Expiration::default() };
        let off = Expiration { enabled: false, ..monthly.clone() };
        let cases = [
            (None, Some(10), &monthly, None),
            (Some(5), None, &off, None),
            (Some(5), None, &monthly, Some(5 + 30 * DAY)),
            (Some(5), Some(10), &monthly, Some(5 + 10 * DAY)),
            (Some(5), Some(90), &monthly, Some(5 + 30 * DAY)),
            (Some(5), Some(90), &off, Some(5 + 90 * DAY)),
        ];
        for (set_at, days, policy, ends) in cases {
            let password =
                PasswordFacts { set_at: set_at.map(Millis), expires_after_days: days, must_change: false };

            assert_eq!(user(password).password_ends(policy), ends.map(Millis), "{set_at:?} {days:?}");
        }
    }

    #[test]
    fn days_left_round_up_and_end_at_zero() {
        let facts =
            PasswordFacts { set_at: Some(Millis(0)), expires_after_days: Some(30), must_change: false };
        let cases = [(0, 30), (1, 30), (DAY, 29), (30 * DAY - 1, 1), (30 * DAY, 0), (31 * DAY, 0)];
        for (now, days) in cases {
            let left = user(facts).password_days_left(&Expiration::default(), Millis(now));
            assert_eq!(left, Some(days), "{now}");
        }
        assert_eq!(
            user(PasswordFacts::default()).password_days_left(&Expiration::default(), Millis(0)),
            None
        );
    }

    #[test]
    fn a_change_is_forced_by_the_stricter_of_policy_and_own_days() {
        let policy = |action| Expiration {
            enabled: true,
            valid_days: Some(30),
            action: Some(action),
            ..Expiration::default()
        };
        let force = policy(ExpiredAction::ForceUpdate);
        let forbid = policy(ExpiredAction::ForbidLogin);
        let remind = policy(ExpiredAction::RemindUpdate);
        let early = Expiration { forced_update_days: Some(5), ..remind.clone() };
        let elsewhere = Expiration { sources: vec!["ia_webauthn".to_owned()], ..force.clone() };
        let off = Expiration { enabled: false, ..force.clone() };
        // What holds, the own days, the day, whether a change is forced, whether nothing is opened.
        for (policy, days, day, must_change, is_barred) in [
            (&force, None, 29, false, false),
            (&force, None, 30, true, false),
            (&forbid, None, 29, false, false),
            (&forbid, None, 30, false, true),
            (&remind, None, 31, false, false),
            (&early, None, 24, false, false),
            (&early, None, 25, true, false),
            (&elsewhere, None, 30, false, false),
            (&off, None, 30, false, false),
            (&off, Some(10), 9, false, false),
            (&off, Some(10), 10, true, false),
            (&forbid, Some(10), 10, true, false),
        ] {
            let set_at = Some(Millis(0));
            let user = user(PasswordFacts { set_at, expires_after_days: days, must_change: false });
            let now = Millis(i64::from(day) * DAY);
            let found = (user.must_change_password(policy, now), user.is_password_barred(policy, now));
            assert_eq!(found, (must_change, is_barred), "{policy:?} {days:?} {day}");
        }
        let wanted = PasswordFacts { must_change: true, ..PasswordFacts::default() };
        assert!(user(wanted).must_change_password(&off, Millis(0)));
    }

    #[test]
    fn who_signs_in_is_told_of_the_end_as_the_policy_says() {
        let told = Expiration {
            enabled: true,
            valid_days: Some(30),
            action: Some(ExpiredAction::RemindUpdate),
            notifies: true,
            channels: vec![NoticeChannel::Login],
            notice_days: Some(7),
            ..Expiration::default()
        };
        let by_mail = Expiration { channels: vec![NoticeChannel::Email], ..told.clone() };
        let quiet = Expiration { notifies: false, action: Some(ExpiredAction::ForceUpdate), ..told.clone() };
        for (policy, day, expected) in [
            (&told, 22, None),
            (&told, 23, Some(7)),
            (&told, 29, Some(1)),
            (&told, 40, Some(0)),
            (&by_mail, 29, None),
            (&by_mail, 30, Some(0)),
            (&quiet, 29, None),
            (&quiet, 30, None),
        ] {
            let user = user(PasswordFacts { set_at: Some(Millis(0)), ..PasswordFacts::default() });
            let notice = user.password_notice(policy, Millis(i64::from(day) * DAY));
            assert_eq!(notice, expected, "{policy:?} {day}");
        }
    }

    #[test]
    fn a_policy_is_read_as_it_was_written() {
        for policy in presets() {
            let text = serde_json::to_string(&policy).expect("a plain struct");
            assert_eq!(serde_json::from_str::<Complexity>(&text).expect("the same one"), policy);
        }
    }

    fn user(password: PasswordFacts) -> User {
        User {
            id: Id::from_bits(1),
            username: Username::new("alice").expect("five letters"),
            display_name: DisplayName::default(),
            description: Description::default(),
            email: Email::default(),
            email_verified: false,
            phone: None,
            phone_verified: false,
            chosen_id: None,
            external_id: None,
            owner_type: OwnerType::Normal,
            role: Role::User,
            status: Status::Enabled,
            locks: Locks::default(),
            shut: false,
            local_admin: false,
            system: false,
            password,
            signed_out: None,
            created: Millis(0),
            updated: Millis(0),
        }
    }
}
