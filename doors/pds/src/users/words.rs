//! The words of requests as the directory knows them, and back.

use api::pds::{Role, Status};
use model::text::{Description, Line, Phone, Prose, UserData};
use model::user::{self, LocksAt};
use model::{Millis, user::Role as Stored};

use crate::words::Refused;

/// The region of a number where none is said.
const REGION: &str = "86";

/// What a user may do, as this door says it.
pub(super) fn role(role: Stored) -> Role {
    match role {
        Stored::User => Role::User,
        Stored::Admin => Role::Admin,
        Stored::Superadmin => Role::SuperAdmin,
        Stored::Subdomain => Role::Subdomain,
        Stored::SubdomainAdmin => Role::SubdomainAdmin,
        Stored::SubdomainSuperadmin => Role::SubdomainSuperAdmin,
    }
}

pub(super) fn read_role(role: Role) -> Stored {
    match role {
        Role::User => Stored::User,
        Role::Admin => Stored::Admin,
        Role::SuperAdmin => Stored::Superadmin,
        Role::Subdomain => Stored::Subdomain,
        Role::SubdomainAdmin => Stored::SubdomainAdmin,
        Role::SubdomainSuperAdmin => Stored::SubdomainSuperadmin,
    }
}

/// Whether an account is shown as in use: one that is shut for whatever reason is not.
pub(super) fn status(is_shut: bool) -> Status {
    if is_shut { Status::Disabled } else { Status::Enabled }
}

pub(super) fn read_status(status: Status) -> user::Status {
    match status {
        Status::Enabled => user::Status::Enabled,
        Status::Disabled => user::Status::Disabled,
    }
}

/// When the account is shut; 0 is never.
pub(super) fn read_expired_at(at: i64) -> Option<LocksAt> {
    (at > 0).then(|| LocksAt { at: Millis(at), text: String::new() })
}

/// One line, empty if none is given.
pub(super) fn line<const MAX: usize>(text: Option<&String>, name: &str) -> Result<Line<MAX>, Refused> {
    Line::new(text.map_or("", String::as_str)).map_err(|_| Refused::invalid(name))
}

/// A description, empty if none is given.
pub(super) fn description(text: Option<&String>) -> Result<Description, Refused> {
    Prose::new(text.map_or("", String::as_str)).map_err(|_| Refused::invalid("description"))
}

/// A number with its region, which is 86 if none is said; none where there is no number.
pub(super) fn phone(number: &str, region: Option<&str>) -> Result<Option<Phone>, Refused> {
    if number.is_empty() {
        return Ok(None);
    }
    let region = region.filter(|region| !region.is_empty()).unwrap_or(REGION);
    let digits = region.strip_prefix('+').or_else(|| region.strip_prefix("00")).unwrap_or(region);
    let region = Line::new(digits).map_err(|_| Refused::invalid("phone_region"))?;
    let number = Line::new(number).map_err(|_| Refused::invalid("phone"))?;
    Ok(Some(Phone { region, number }))
}

/// What programs keep with the user, as it is stored.
pub(super) fn user_data(data: &api::pds::UserData) -> Result<UserData, Refused> {
    UserData::new(data.value().to_string()).map_err(|_| Refused::invalid("user_data"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_shown_by_the_word_that_tokens_say() {
        for stored in Stored::ALL {
            assert_eq!(serde_json::to_value(role(stored)).expect("a word"), stored.word());
            assert_eq!(Stored::of_word(stored.word()), Some(stored));
            assert_eq!(read_role(role(stored)), stored);
        }
        assert_eq!(Stored::of_word("owner"), None);
    }

    #[test]
    fn a_number_has_a_region() {
        let phone = |number: &str, region: Option<&str>| {
            let phone = phone(number, region).expect("it is short");
            phone.map(|phone| format!("{} {}", phone.region.as_str(), phone.number.as_str()))
        };
        for (number, region, expected) in [
            ("138", None, Some("86 138")),
            ("138", Some(""), Some("86 138")),
            ("138", Some("+44"), Some("44 138")),
            ("138", Some("0044"), Some("44 138")),
            ("138****", Some("1"), Some("1 138****")),
            ("", Some("44"), None),
        ] {
            assert_eq!(phone(number, region).as_deref(), expected, "{number} {region:?}");
        }
    }
}
