//! Mappings: what sources of sign-ins call users.
//!
//! Source: `reference/eiam.md` §13; `reference/doors.md` §2.2.

use access::{Change, Permit, Reader};
use model::Number;
use model::event::Event;
use model::text::{ExternalId, Line};
use model::user::User;
use store::mappings::{self as rows, Filter, Part};

pub use store::mappings::Mapping;

use crate::error::{Argument, Error, Unique};
use crate::named::Named;
use crate::users;

/// Says that a source calls this user, whom nobody else may change, so. The same once more changes nothing.
///
/// # Errors
/// `Unfit` where the source is not spelled `idp_…` in at most 64 characters or the name has none or more than 128;
/// `Taken`, where the name is another user's.
pub async fn bind(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    source: &str,
    name: &str,
) -> Result<(), Error> {
    for (text, fits) in [(source, is_source(source)), (name, is_name(name))] {
        if !fits {
            return Err(Error::Unfit(Argument::Mapping, text.to_owned()));
        }
    }
    let directory = permit.directory();
    // The name is a unique key: of two calls at once one runs again and finds the other's.
    match rows::holder(change.tx(), directory, source, name).await? {
        Some(holder) if holder == user.id.number() => return Ok(()),
        Some(_) => return Err(Error::Taken(Unique::UserExternalId, name.to_owned())),
        None => {}
    }
    let mapping = Mapping {
        number: change.new_id(permit).number(),
        source: source.to_owned(),
        name: name.to_owned(),
        created: permit.at(),
    };
    rows::insert(change.tx(), directory, user.id.number(), &mapping).await?;
    change.record(Event::joined("user.mapping_bound", user, None, Some(&facts(source, name))));
    Ok(())
}

/// Takes back that a source calls this user, whom nobody else may change, so.
///
/// # Errors
/// `Missing` the mapping.
pub async fn unbind(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    source: &str,
    name: &str,
) -> Result<(), Error> {
    let is_there = is_source(source)
        && is_name(name)
        && rows::remove(change.tx(), permit.directory(), user.id.number(), source, name).await?;
    if !is_there {
        return Err(Error::Missing(Argument::Mapping, name.to_owned()));
    }
    change.record(Event::joined("user.mapping_unbound", user, Some(&facts(source, name)), None));
    Ok(())
}

fn facts(source: &str, name: &str) -> [(&'static str, String); 2] {
    [("source", source.to_owned()), ("name", name.to_owned())]
}

/// Whether this spells a source; addresses and numbers that open accounts are none.
fn is_source(text: &str) -> bool {
    text.len() > "idp_".len() && text.starts_with("idp_") && Line::<64>::new(text).is_ok()
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && ExternalId::new(text).is_ok()
}

/// A page of mappings, in the order in which they were bound.
#[derive(Debug, Default)]
pub struct Page {
    /// The mappings.
    pub mappings: Vec<Mapping>,
    /// Where the next page begins, if there is one: behind this one.
    pub after: Option<Number>,
    /// Where the page before ends, if there is one: before this one.
    pub before: Option<Number>,
    /// How many match in all.
    pub total: i64,
}

/// Lists what sources call a user: those behind the first of `from`, or else those just before the second. A source
/// that is none, or a name that nobody can have, matches nothing.
///
/// # Errors
/// `Missing` the user.
pub async fn list(
    reader: &mut Reader,
    permit: &Permit,
    user: &Named,
    source: Option<&str>,
    name: Option<&str>,
    from: (Option<Number>, Option<Number>),
    limit: i64,
) -> Result<Page, Error> {
    let user = users::by_id(reader, permit, user).await?;
    if !source.is_none_or(is_source) || !name.is_none_or(is_name) {
        return Ok(Page::default());
    }
    let directory = permit.directory();
    let filter = Filter { user: user.id.number(), source, name };
    let part = match from {
        (Some(after), _) => Part::After(after),
        (None, Some(before)) => Part::Before(before),
        (None, None) => Part::First,
    };
    let mappings = rows::page(reader.rows(), directory, filter, part, limit).await?;
    let mut page = Page { total: rows::count(reader.rows(), directory, filter).await?, ..Page::default() };
    if let (Some(first), Some(last)) = (mappings.first(), mappings.last()) {
        let [first, last] = [first.number, last.number];
        let others =
            [(Part::Before(first), &mut page.before, first), (Part::After(last), &mut page.after, last)];
        for (part, end, number) in others {
            let are_there = !rows::page(reader.rows(), directory, filter, part, 1).await?.is_empty();
            *end = are_there.then_some(number);
        }
    }
    page.mappings = mappings;
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sources_are_mapped_and_nothing_else_that_opens_accounts() {
        let long = format!("idp_{}", "a".repeat(61));
        let cases = [
            ("idp_mwpcwnhrimlr2horx7xgg7pp7y", true),
            ("idp_x", true),
            ("idp_", false),
            ("IDP_x", false),
            ("email", false),
            ("mobile", false),
            ("idp_\0", false),
            (long.as_str(), false),
            ("", false),
        ];
        for (text, expected) in cases {
            assert_eq!(is_source(text), expected, "{text:?}");
        }
    }
}
