//! Devices are listed.
//!
//! Source: `reference/eds-user.md` 42.

use access::{Permit, Reader};
use model::{Folded, Handle, Number};
use store::devices::{self as rows, Listed, Part};
use store::search::Pattern;
use store::users;

use crate::error::Error;
use crate::named::Named;

/// Devices that one page looks at, where few match.
const LOOKED_AT: usize = 20_000;

/// Which devices are asked for; all conditions hold. None is shown that its user has not shown a code of.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Only those of users with these names.
    pub usernames: Option<Vec<Folded>>,
    /// Only these.
    pub devices: Option<Vec<Named>>,
    /// Only those of users whose text matches.
    pub text: Option<Pattern>,
    /// Only those behind this one.
    pub after: Option<Number>,
    /// How many at most, from 1 on.
    pub limit: usize,
}

/// A page of devices, by their numbers.
#[derive(Debug)]
pub struct Page {
    /// The devices.
    pub devices: Vec<Listed>,
    /// Behind which number the next page begins, if there is one. Where few match it may be that a page is empty and
    /// another one follows.
    pub next: Option<Number>,
}

/// Lists devices. Those of system users are found by name or id alone.
///
/// # Errors
/// The store's.
pub async fn list(reader: &mut Reader, permit: &Permit, wanted: &Wanted) -> Result<Page, Error> {
    if wanted.usernames.is_some() || wanted.devices.is_some() {
        return named(reader.rows(), permit, wanted).await;
    }
    let text = wanted.text.as_ref();
    let part = Part {
        after: wanted.after,
        limit: wanted.limit.saturating_add(1),
        looks_at: text.is_some().then_some(LOOKED_AT),
    };
    let (found, end) = rows::page(reader.rows(), permit.directory(), text, part).await?;
    Ok(page(found, end, wanted.limit))
}

/// Those that are named, or whose users are.
async fn named(reader: &mut store::Reader, permit: &Permit, wanted: &Wanted) -> Result<Page, Error> {
    let directory = permit.directory();
    let handles = wanted.devices.as_ref();
    let handles = handles.map(|devices| devices.iter().filter_map(Named::handle).collect::<Vec<Handle>>());
    let mut users: Option<Vec<Number>> = None;
    if let Some(names) = &wanted.usernames {
        let taken = users::taken(reader, directory, &names.iter().collect::<Vec<_>>()).await?;
        users = Some(taken.into_values().collect());
    } else if let Some(handles) = &handles {
        let numbers: Vec<Number> = handles.iter().map(|handle| handle.number()).collect();
        users = Some(rows::holders(reader, directory, &numbers).await?);
    }
    let users = users.unwrap_or_default();
    let mut found = rows::of_users(reader, directory, wanted.text.as_ref(), &users).await?;
    found.retain(|listed| {
        let id = listed.device.id;
        let is_named = handles.as_ref().is_none_or(|handles| handles.iter().any(|handle| handle.means(id)));
        is_named && wanted.after.is_none_or(|after| id.number() > after)
    });
    Ok(page(found, None, wanted.limit))
}

/// The first `limit` of these, and where the next ones begin. Without more of them these are the last before `end`.
fn page(mut devices: Vec<Listed>, end: Option<Number>, limit: usize) -> Page {
    let next = if devices.len() > limit {
        devices.truncate(limit);
        devices.last().map(|listed| listed.device.id.number())
    } else {
        end.map(|end| Number(end.0 - 1))
    };
    Page { devices, next }
}
