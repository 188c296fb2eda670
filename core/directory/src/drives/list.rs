//! Lists of drives.

use access::{Permit, Reader};
use model::Number;
use model::drive::{Drive, Owner};
use model::text::Label;
use store::drives::{self as rows, Filter, Kind};
use store::search::Like;

use super::{NamedOwner, find_owner, own};
use crate::assignments;
use crate::error::{Argument, Error};
use crate::rights::{Reach, reach};

/// Which drives are asked for; all conditions hold.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only what this one owns.
    pub owner: Option<NamedOwner>,
    /// Only what users own, or only what units own.
    pub kind: Option<Kind>,
    /// Only drives whose name contains this, compared without case; an empty text is no condition.
    pub name: Option<String>,
    /// Only drives of this label.
    pub label: Option<Label>,
    /// Only drives behind this one.
    pub after: Option<Number>,
    /// How many at most.
    pub limit: usize,
}

/// A page of drives, in the order of their numbers.
#[derive(Debug, Default)]
pub struct Page {
    /// The drives.
    pub drives: Vec<Drive>,
    /// Where the next page begins, if there is one.
    pub next: Option<Number>,
}

/// Lists the drives that the caller manages. An owner who is not there owns none.
///
/// # Errors
/// `Forbidden` to who manages none of them; the store's, `Deadline` among them, where a name is looked for too long.
pub async fn list(reader: &mut Reader, permit: &Permit, wanted: &Wanted) -> Result<Page, Error> {
    let owner = match &wanted.owner {
        Some(named) => match find_owner(reader.rows(), permit, named).await {
            Ok(owner) => Some(Some(owner)),
            Err(Error::Missing(..)) => Some(None),
            Err(error) => return Err(error),
        },
        None => None,
    };
    let mut label = wanted.label.as_ref();
    match reach(permit) {
        Reach::Everything => {}
        Reach::Label(own) if label.is_none_or(|label| label == own) => label = Some(own),
        Reach::Label(_) => return Ok(Page::default()),
        Reach::Own => {
            let administers = match owner.flatten() {
                Some(Owner::Unit(unit)) => assignments::administers(reader.rows(), permit, unit).await?,
                Some(Owner::User(_)) | None => false,
            };
            if !administers {
                let text = wanted.owner.as_ref().map_or("", NamedOwner::text);
                return Err(Error::Forbidden(Argument::Drive, text.to_owned()));
            }
        }
    }
    let name = wanted.name.as_deref().and_then(Like::containing);
    let owner = match owner {
        Some(None) => return Ok(Page::default()),
        Some(owner) => owner,
        None => None,
    };
    let filter = Filter { owner, kind: wanted.kind, units: None, name: name.as_ref(), label };
    page(reader, permit, &filter, wanted.after, wanted.limit).await
}

async fn page(
    reader: &mut Reader,
    permit: &Permit,
    filter: &Filter<'_>,
    after: Option<Number>,
    limit: usize,
) -> Result<Page, Error> {
    let more = limit.saturating_add(1);
    let mut drives = rows::page(reader.rows(), permit.directory(), filter, after, more).await?;
    let next = (drives.len() > limit).then(|| drives[limit - 1].id.number());
    drives.truncate(limit);
    Ok(Page { drives, next })
}

/// The caller's own drives; `None` for an AccessKey, which has no user.
///
/// # Errors
/// `Missing` a user, where the caller is an app.
pub async fn of_caller(
    reader: &mut Reader,
    permit: &Permit,
    after: Option<Number>,
    limit: usize,
) -> Result<Option<Page>, Error> {
    let Some(own) = own(permit)? else { return Ok(None) };
    let filter = Filter { owner: Some(Owner::User(own)), ..Filter::default() };
    page(reader, permit, &filter, after, limit).await.map(Some)
}

/// The drives of the units that the caller is in and of those above them; of all units, where the caller manages all.
///
/// # Errors
/// The store's, `Deadline` among them, where a name is looked for too long.
pub async fn of_callers_units(
    reader: &mut Reader,
    permit: &Permit,
    name: Option<&str>,
    after: Option<Number>,
    limit: usize,
) -> Result<Page, Error> {
    let name = name.and_then(Like::containing);
    let units = match (reach(permit), permit.own()) {
        (Reach::Everything, _) => None,
        (Reach::Label(_) | Reach::Own, Some(own)) => {
            let (directory, root) = (permit.directory(), permit.root_unit());
            Some(rows::units_of(reader.rows(), directory, own.number(), root).await?)
        }
        (Reach::Label(_) | Reach::Own, None) => Some(Vec::new()),
    };
    let filter =
        Filter { kind: Some(Kind::Unit), units: units.as_deref(), name: name.as_ref(), ..Filter::default() };
    page(reader, permit, &filter, after, limit).await
}
