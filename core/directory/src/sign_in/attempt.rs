//! One attempt to open an account by a password: who is meant, whether it is right, and what comes of that.
//!
//! A name that nobody has costs what a wrong password costs: the same questions to the database, a hash, the same rows.

use std::borrow::Cow;

use access::passwords::{Busy, Hash, Whose};
use access::{Change, Permit, Tools};
use model::link::LinkKind;
use model::lockout::Failures;
use model::policy::{Complexity, Expiration, Owner};
use model::user::{Locks, User};
use model::{Folded, Millis, Number, Secret, weak};
use store::failures::{self, Kind};
use store::{passwords, users as people};

use crate::error::Error;
use crate::links::{self, NamedLink};
use crate::messages::tell_of_lock;
use crate::policies;
use crate::users;

/// What takes the place of the hash of who has none, so that an unknown name takes as long as a wrong password.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// Longer names are nobody's.
const LONGEST_NAME: usize = 1_024;
/// Digits of a region at most that a number may begin with.
const LONGEST_REGION: usize = 6;
/// Longer passwords are nobody's.
const LONGEST_PASSWORD: usize = 4_096;

/// An account that served to sign in.
#[derive(Debug, Clone)]
pub(crate) struct UsedLink {
    pub(crate) kind: LinkKind,
    pub(crate) identity: String,
    pub(crate) extra: String,
}

impl UsedLink {
    pub(crate) fn named(&self) -> NamedLink<'_> {
        NamedLink { kind: self.kind, identity: &self.identity, extra: &self.extra }
    }
}

/// Why a password opens nothing. It is told to those who read the audit trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// Nobody is called so.
    Unknown,
    /// It is another one than the user's, or the user has none.
    Wrong,
    /// There were too many wrong ones.
    Locked,
    /// The account is shut.
    Shut,
    /// It has ended, and the policy forbids to sign in with it.
    Ended,
    /// It is easy to guess, and the policy forbids to sign in with such.
    Easy,
}

impl Why {
    /// Whether it counts: whoever knows the password does not guess.
    pub(super) const fn is_guess(self) -> bool {
        match self {
            Self::Unknown | Self::Wrong | Self::Locked => true,
            Self::Shut | Self::Ended | Self::Easy => false,
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Wrong => "password",
            Self::Locked => "locked",
            Self::Shut => "shut",
            Self::Ended => "ended",
            Self::Easy => "easy",
        }
    }
}

/// Whom a password is tried for, and what is known before.
pub(crate) struct Attempt {
    user: Option<Number>,
    link: Option<UsedLink>,
    hash: Option<Hash>,
    /// Under which wrong passwords are counted.
    key: String,
    pub(super) expiration: Expiration,
    bars_easy: bool,
}

impl Attempt {
    /// Whoever a name stands for.
    pub(crate) async fn of_name(change: &mut Change, permit: &Permit, name: &str) -> Result<Self, Error> {
        let name = if name.len() > LONGEST_NAME { "" } else { name };
        let mut beside = change.beside();
        let named = holder(beside.rows(), permit, name).await?;
        let (user, link) = named.map_or((None, None), |(user, link)| (Some(user), link));
        drop(beside);
        let key = key(change, permit, Kind::SignIn, user, name);
        Ok(Self { link, ..Self::of(change, permit, user, key).await? })
    }

    /// A user who is known already.
    pub(crate) async fn of_user(change: &mut Change, permit: &Permit, user: Number) -> Result<Self, Error> {
        Self::of(change, permit, Some(user), Kind::SignIn.of_user(user)).await
    }

    async fn of(
        change: &mut Change,
        permit: &Permit,
        user: Option<Number>,
        key: String,
    ) -> Result<Self, Error> {
        let mut beside = change.beside();
        let (rows, directory) = (beside.rows(), permit.directory());
        let expiration: Option<Expiration> = policies::stored(rows, directory).await?;
        let complexity: Option<Complexity> = policies::stored(rows, directory).await?;
        // Asked for nobody as well.
        let known = passwords::find(rows, directory, user.unwrap_or_default()).await?;
        Ok(Self {
            user,
            link: None,
            hash: known.and_then(|known| Hash::from_phc(known).ok()),
            key,
            expiration: expiration.unwrap_or_default(),
            bars_easy: complexity.is_some_and(|complexity| complexity.weak_barred_since.is_some()),
        })
    }

    /// Whether the password is the one that is stored. It always takes a hash, and the queue of strangers.
    pub(crate) async fn check(
        &self,
        (tools, source): (&Tools, &str),
        password: &Secret,
    ) -> Result<bool, Busy> {
        let _turn = tools.guesses.line_up(source).ok_or(Busy)?;
        let is_short = password.reveal().len() <= LONGEST_PASSWORD;
        let given = if is_short { password.clone() } else { Secret::new("") };
        let hash = self.hash.clone().unwrap_or_else(nobodys);
        let is_right = tools.hasher.verify(Whose::Stranger, given, &hash).await?;
        Ok(is_right && is_short && self.hash.is_some())
    }

    /// What a proof holds: the account that served, and the hash that the password was checked with.
    pub(super) fn into_proof(self) -> (Option<UsedLink>, Hash) {
        (self.link, self.hash.unwrap_or_else(nobodys))
    }

    /// What comes of the password, which was checked: the user, locked for this change, where it opens the account. A
    /// wrong one counts, unless there were too many already.
    pub(crate) async fn settle(
        &self,
        change: &mut Change,
        permit: &Permit,
        (password, is_right): (&Secret, bool),
    ) -> Result<Result<User, (Why, Option<User>)>, Error> {
        let (directory, at) = (permit.directory(), permit.at());
        let number = self.user.unwrap_or_default();
        let user = people::lock_one(change.tx(), directory, number).await?;
        let present = passwords::find(change.tx(), directory, number).await?;
        let known = failures::lock(change.tx(), directory, &self.key, at).await?;
        let is_present = present.as_deref() == self.hash.as_ref().map(Hash::as_phc);
        let why = match &user {
            None => Some(Why::Unknown),
            Some(user) => self.why_not(user, at, (password, is_right && is_present)),
        };
        let Some(why) = why else {
            failures::remove(change.tx(), directory, &self.key).await?;
            return Ok(user.ok_or((Why::Unknown, None)));
        };
        if why.is_guess() {
            if !change.is_made_again() {
                change.tools().guesses.note(&permit.circumstances().source, at);
            }
            self.count(change, permit, (user.as_ref(), known)).await?;
        }
        Ok(Err((why, user)))
    }

    fn why_not(&self, user: &User, at: Millis, (password, is_right): (&Secret, bool)) -> Option<Why> {
        let is_easy = || password.reveal_text().is_some_and(|text| weak::is_easy(text, &Owner::of(user)));
        if user.locks.lock_until.is_some_and(|until| until > at) {
            Some(Why::Locked)
        } else if !is_right {
            Some(Why::Wrong)
        } else if user.is_shut_at(at) {
            Some(Why::Shut)
        } else if user.is_password_barred(&self.expiration, at) {
            Some(Why::Ended)
        } else {
            (self.bars_easy && is_easy()).then_some(Why::Easy)
        }
    }

    /// Counts a wrong password; too many of them lock a user out for a time, and a name that nobody has likewise.
    async fn count(
        &self,
        change: &mut Change,
        permit: &Permit,
        (user, known): (Option<&User>, Option<Failures>),
    ) -> Result<(), Error> {
        let (directory, at, limit) = (permit.directory(), permit.at(), *change.tools().guesses.limit());
        // A user is locked as the own row says, which an administrator may have changed.
        let locked = user.map_or(known.and_then(|known| known.until), |user| user.locks.lock_until);
        if locked.is_some_and(|until| until > at) {
            return Ok(());
        }
        let after = Failures::and_one(known, at, &limit);
        let forgotten = after.forgotten(&limit);
        failures::set(change.tx(), directory, &self.key, (known, after), forgotten).await?;
        match (user, after.locked_at(at)) {
            (Some(user), Some(until)) => lock_out(change, permit, user, until).await,
            (Some(_) | None, _) => Ok(()),
        }
    }
}

/// The hash of who has none.
fn nobodys() -> Hash {
    Hash::from_phc(NOBODY).expect("it is written above")
}

/// Takes as long as a password does that is looked at.
pub(crate) async fn take_as_long((tools, source): (&Tools, &str)) -> Result<(), Busy> {
    let _turn = tools.guesses.line_up(source).ok_or(Busy)?;
    tools.hasher.verify(Whose::Stranger, Secret::new(""), &nobodys()).await?;
    Ok(())
}

/// Locks a user out, and says so by mail.
async fn lock_out(change: &mut Change, permit: &Permit, user: &User, until: Millis) -> Result<(), Error> {
    let locks = Locks { lock_until: Some(until), ..user.locks.clone() };
    let after = User { locks, ..user.clone() };
    let user = users::write(change, permit, "user.sign_in_locked", user, after).await?;
    tell_of_lock(change, permit, &user, until).await
}

/// What is counted for a user, or for a name that nobody has, under. Of such a name only a digest lies in the store.
pub(crate) fn key(change: &Change, permit: &Permit, kind: Kind, user: Option<Number>, name: &str) -> String {
    if let Some(user) = user {
        return kind.of_user(user);
    }
    let (directory, name) = (permit.directory().number.0.to_be_bytes(), Folded::of(name));
    let digest =
        change.tools().keys.now().lasting_digest(&[b"failures", &directory, name.as_str().as_bytes()]);
    let (half, _) = digest.split_at(16);
    kind.of_nobody(&half.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// Whom a name stands for, and by which account: a username first, then an address, then a number; the first that
/// somebody has. All of them are looked for, whichever it is.
pub(crate) async fn holder(
    reader: &mut store::Reader,
    permit: &Permit,
    name: &str,
) -> Result<Option<(Number, Option<UsedLink>)>, Error> {
    let key = Folded::of(name);
    if key.is_empty() || name.len() > LONGEST_NAME {
        return Ok(None);
    }
    let by_name = people::taken(reader, permit.directory(), &[&key]).await?.remove(&key);
    let account = by_account(reader, permit, name).await?;
    let by_name = by_name.map(|number| (number, None));
    Ok(by_name.or(account.map(|(number, used)| (number, Some(used)))))
}

/// Whose account this is, an address or a number, and which one it is. All are looked for, whichever it is.
pub(crate) async fn by_account(
    reader: &mut store::Reader,
    permit: &Permit,
    name: &str,
) -> Result<Option<(Number, UsedLink)>, Error> {
    let email = (LinkKind::Email, name, Cow::Borrowed(""));
    let mobile = regions(name).into_iter().map(|region| (LinkKind::Mobile, name, region));
    let mut found = None;
    for (kind, identity, extra) in std::iter::once(email).chain(mobile) {
        match links::find(reader, permit, NamedLink { kind, identity, extra: &extra }).await {
            Ok(link) => {
                let used = UsedLink { kind, identity: identity.to_owned(), extra: extra.into_owned() };
                found = found.or(Some((link.user, used)));
            }
            Err(Error::Missing(..)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// The regions that a number may be of: 86, unless it is written with `+` or `00`; then its country, and after that each
/// other one that it may begin with. So nobody's number is taken for another one whose region is shorter or longer than
/// a country's.
fn regions(name: &str) -> Vec<Cow<'static, str>> {
    let plain: String = name.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let Some(abroad) = plain.strip_prefix('+').or_else(|| plain.strip_prefix("00")) else {
        return vec![Cow::Borrowed("86")];
    };
    let digits = abroad.bytes().take(LONGEST_REGION).take_while(u8::is_ascii_digit).count();
    let mut lengths: Vec<usize> = (1..=digits).collect();
    let country = country_length(abroad);
    lengths.sort_by_key(|length| *length != country);
    lengths.into_iter().map(|length| Cow::Owned(abroad[..length].to_owned())).collect()
}

/// How many digits of an international number are its country's: no country code begins with another one.
///
/// Source: ITU-T E.164, list of assigned country codes.
fn country_length(number: &str) -> usize {
    let mut digits = number.bytes();
    match (digits.next(), digits.next()) {
        (Some(b'1' | b'7'), _) => 1,
        (Some(b'2'), Some(b'0' | b'7' | b'8'))
        | (Some(b'3'), Some(b'0'..=b'4' | b'6' | b'9'))
        | (Some(b'4'), Some(b'0' | b'1' | b'3'..=b'9'))
        | (Some(b'5'), Some(b'1'..=b'8'))
        | (Some(b'6'), Some(b'0'..=b'6'))
        | (Some(b'8'), Some(b'1' | b'2' | b'4' | b'6'))
        | (Some(b'9'), Some(b'0'..=b'5' | b'8')) => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_says_its_region_by_a_plus() {
        for (name, expected) in [
            ("13800000000", vec!["86"]),
            ("+8613800000000", vec!["86", "8", "861", "8613", "86138", "861380"]),
            ("+44 7700 900000", vec!["44", "4", "447", "4477", "44770", "447700"]),
            ("0049-30", vec!["49", "4", "493", "4930"]),
            ("+1242 555", vec!["1", "12", "124", "1242", "12425", "124255"]),
            ("+852 5", vec!["852", "8", "85", "8525"]),
            ("+1", vec!["1"]),
            ("+8", vec!["8"]),
            ("+", vec![]),
            ("+张三", vec![]),
            ("alice", vec!["86"]),
        ] {
            assert_eq!(regions(name), expected, "{name}");
        }
    }

    #[test]
    fn who_has_no_password_has_a_hash_as_well() {
        assert_eq!(nobodys().as_phc(), NOBODY);
    }
}
