//! Signing in with a name and a password.
//!
//! Source: `reference/doors.md` §1.1 and §2.1.

use std::borrow::Cow;

use access::passwords::Hash;
use access::{Circumstances, Permit, Reader, Scope};
use model::account::Directory;
use model::link::LinkKind;
use model::policy::Expiration;
use model::{Folded, Number, Secret};
use store::{passwords, users as rows};

use crate::error::Error;
use crate::links::{self, NamedLink};
use crate::policies;

/// What takes the place of the hash of who has none, so that an unknown name takes as long as a wrong password.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// Longer names are nobody's.
const LONGEST_NAME: usize = 1_024;
/// Digits of a region at most that a number may begin with.
const LONGEST_REGION: usize = 6;
/// Longer passwords are nobody's.
const LONGEST_PASSWORD: usize = 4_096;

/// What comes of a name and a password.
#[derive(Debug, Clone)]
pub enum SignIn {
    /// They are a user's, whose account is open, also to a password as old as this one.
    Proved(Proof),
    /// They are not. Why, nobody is told.
    Refused,
}

/// That somebody knows a user's password. It is good while the password stays what it was.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The user.
    pub(crate) user: Number,
    /// The account that was named, where it was not the username.
    pub(crate) link: Option<UsedLink>,
    /// The hash that the password was checked with.
    pub(crate) hash: Hash,
}

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

/// Checks a name and a password in a directory. The name is a username first, then an address, then a number;
/// the first that somebody has is the only one that is tried.
///
/// # Errors
/// `Busy`; the store's.
pub async fn sign_in(
    reader: &mut Reader,
    (directory, circumstances): (&Directory, &Circumstances),
    name: &str,
    password: &Secret,
) -> Result<SignIn, Error> {
    let permit = &Permit::nobody(Scope::Directory(directory.clone()), circumstances.clone());
    let named = if name.len() > LONGEST_NAME { None } else { holder(reader.rows(), permit, name).await? };
    let directory = permit.directory();
    let expiration: Expiration = policies::stored(reader.rows(), directory).await?.unwrap_or_default();
    let (mut user, mut known) = (None, None);
    if let Some((number, _)) = &named {
        user = rows::find(reader.rows(), directory, *number).await?;
        known = passwords::find(reader.rows(), directory, *number).await?;
    }
    // What is read is given back before the long work.
    reader.rows().let_go();
    let hash = known.as_deref().and_then(|known| Hash::from_phc(known).ok());
    let has_password = hash.is_some();
    let hash = hash.unwrap_or_else(|| Hash::from_phc(NOBODY).expect("it is written above"));
    let is_short = password.reveal().len() <= LONGEST_PASSWORD;
    let given = if is_short { password.clone() } else { Secret::new("") };
    let is_right = reader.tools().hasher.verify_for_stranger(given, &hash).await?;
    let is_open = user.is_some_and(|user| {
        !user.is_shut_at(permit.at()) && !user.is_password_barred(&expiration, permit.at())
    });
    Ok(match named {
        Some((user, link)) if is_right && is_short && has_password && is_open => {
            SignIn::Proved(Proof { user, link, hash })
        }
        Some(_) | None => SignIn::Refused,
    })
}

/// Who is named so, and by which account.
async fn holder(
    reader: &mut store::Reader,
    permit: &Permit,
    name: &str,
) -> Result<Option<(Number, Option<UsedLink>)>, Error> {
    let key = Folded::of(name);
    if key.is_empty() {
        return Ok(None);
    }
    if let Some(number) = rows::taken(reader, permit.directory(), &[&key]).await?.remove(&key) {
        return Ok(Some((number, None)));
    }
    let account = by_account(reader, permit, name).await?;
    Ok(account.map(|(number, used)| (number, Some(used))))
}

/// Whose account this is, an address or a number, and which one it is.
pub(crate) async fn by_account(
    reader: &mut store::Reader,
    permit: &Permit,
    name: &str,
) -> Result<Option<(Number, UsedLink)>, Error> {
    let email = (LinkKind::Email, name, Cow::Borrowed(""));
    let mobile = regions(name).into_iter().map(|region| (LinkKind::Mobile, name, region));
    for (kind, identity, extra) in std::iter::once(email).chain(mobile) {
        let named = NamedLink { kind, identity, extra: &extra };
        match links::find(reader, permit, named).await {
            Ok(link) => {
                let used = UsedLink { kind, identity: identity.to_owned(), extra: extra.into_owned() };
                return Ok(Some((link.user, used)));
            }
            Err(Error::Missing(..)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
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
        assert!(Hash::from_phc(NOBODY).is_ok());
    }
}
