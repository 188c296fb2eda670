//! Who gets a message, and where.
//!
//! Source: `reference/doors.md` §1.2, §2.2, §2.3.

use access::Permit;
use model::link::{Link, LinkKind};
use model::text::Phone;
use model::user::{OwnerType, Role, User};
use model::{DirectoryKey, Number};
use store::outbox::Way;
use store::{links, users as rows};

/// Managers who are looked at together.
const LOOK: i64 = 100;
/// Digits of a number that text messages go to.
const DIGITS: std::ops::RangeInclusive<usize> = 6..=15;

/// Where the user's own contact data leads by this way: an address, or a number as `+8613800000000`; `None` where it
/// leads nowhere.
pub(super) fn contact(user: &User, way: Way) -> Option<String> {
    match way {
        Way::Mail => user.email.given().map(str::to_owned),
        Way::Text => user.phone.as_ref().and_then(dialled),
    }
}

/// Whether the user's own contact data leads anywhere by this way.
pub(crate) fn reaches(user: &User, way: Way) -> bool {
    contact(user, way).is_some()
}

fn dialled(phone: &Phone) -> Option<String> {
    dial(phone.region.as_str(), phone.number.as_str())
}

/// A number that a text message can go to, without blanks and hyphens.
fn dial(region: &str, number: &str) -> Option<String> {
    let number: String = number.chars().filter(|c| *c != ' ' && *c != '-').collect();
    let is_number = DIGITS.contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    let is_region = !region.is_empty() && region.bytes().all(|b| b.is_ascii_digit());
    (is_number && is_region).then(|| format!("+{region}{number}"))
}

/// Where a person gets what opens the account without the password: only what is known to be the user's, by a link or
/// because it was verified; the contact data where that is, else the oldest.
pub(super) async fn proved(
    reader: &mut store::Reader,
    directory: DirectoryKey,
    user: &User,
    way: Way,
) -> Result<Option<String>, store::Error> {
    let is_verified = match way {
        Way::Mail => user.email_verified,
        Way::Text => user.phone_verified,
    };
    if let Some(own) = contact(user, way).filter(|_| is_verified) {
        return Ok(Some(own));
    }
    let held = links::of_users(reader, directory, &[user.id.number()]).await?;
    Ok(held.iter().find_map(|link| led_to(link, way)))
}

fn led_to(link: &Link, way: Way) -> Option<String> {
    match (link.kind, way) {
        (LinkKind::Email, Way::Mail) => Some(link.identity.as_str().to_owned()),
        (LinkKind::Mobile, Way::Text) => {
            let given = link.identity.as_str();
            let bare = given.strip_prefix('+').or_else(|| given.strip_prefix("00"));
            let number = bare.and_then(|bare| bare.strip_prefix(link.extra.as_str())).unwrap_or(given);
            dial(&link.extra, number)
        }
        _ => None,
    }
}

/// Up to `most` of those who get a request for another password in place of the person: who manages an account that the
/// administrator activates, and can be reached by this way now. Nobody where the person gets it.
///
/// # Errors
/// The store's.
pub(crate) async fn managers(
    reader: &mut store::Reader,
    permit: &Permit,
    user: &User,
    way: Way,
    most: usize,
) -> Result<Vec<User>, store::Error> {
    let (mut found, mut after) = (Vec::new(), Number(0));
    if user.owner_type == OwnerType::Normal {
        return Ok(found);
    }
    loop {
        let looked =
            rows::managers(reader, permit.directory(), managing(user), way == Way::Text, after, LOOK).await?;
        let Some(last) = looked.last() else { return Ok(found) };
        after = last.id.number();
        found.extend(looked.into_iter().filter(|one| reaches(one, way) && !one.is_shut_at(permit.at())));
        if found.len() >= most {
            found.truncate(most);
            return Ok(found);
        }
    }
}

/// Who may manage an account: superadmins, and of role `user` administrators as well.
pub(super) fn managing(user: &User) -> &'static [Role] {
    if user.role == Role::User { &[Role::Admin, Role::Superadmin] } else { &[Role::Superadmin] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_messages_go_to_numbers_only() {
        for (region, number, expected) in [
            ("86", "13800000000", Some("+8613800000000")),
            ("49", "30 123-456", Some("+4930123456")),
            ("86", "138****0000", None),
            ("86", "12345", None),
            ("86", "1234567890123456", None),
            ("", "13800000000", None),
            ("86", "１３８０００００", None),
        ] {
            assert_eq!(dial(region, number).as_deref(), expected, "{region} {number}");
        }
    }
}
