//! Things as callers name them, and what they mean.

use access::Permit;
use model::group::Group;
use model::text::ExternalId;
use model::unit::Unit;
use model::{Handle, Id, Number};
use store::{Reader, groups, units};

use crate::error::{Argument, Error};

/// A thing of a directory as the caller named it: a unit, a group, a user, a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What it says, where it says anything.
    pub thing: Option<Thing>,
    /// The caller's own text, for errors.
    pub text: String,
}

/// What another system calls a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// The text.
    pub text: ExternalId,
    /// Whose own id that is, in the spelling of the door that was given it: what nothing else is called by is called by
    /// its own id, which is as good as taken.
    pub means: Option<Handle>,
}

impl Called {
    /// Whether somebody but `own` is called so, which is `holder`, or has this as their own id, which `ids` would be
    /// among.
    pub(crate) fn is_taken(&self, own: Option<Id>, holder: Option<Number>, ids: &[Id]) -> bool {
        let is_other = |id: &Id| Some(*id) != own && self.means.is_some_and(|means| means.means(*id));
        holder.is_some_and(|holder| Some(holder) != own.map(Id::number)) || ids.iter().any(is_other)
    }

    /// The number that is meant, as a list.
    pub(crate) fn numbers(&self) -> Vec<Number> {
        self.means.iter().map(|means| means.number()).collect()
    }
}

/// A thing that an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Thing {
    /// The root unit.
    Root,
    /// The thing with this id.
    Handle(Handle),
}

impl Named {
    pub(crate) fn handle(&self) -> Option<Handle> {
        match self.thing? {
            Thing::Root => None,
            Thing::Handle(handle) => Some(handle),
        }
    }

    /// The error that says that it is not there.
    pub(crate) fn missing(&self, argument: Argument) -> Error {
        Error::Missing(argument, self.text.clone())
    }
}

/// The number of the unit that is meant; `None` where there is none.
pub(crate) async fn unit_number(
    reader: &mut Reader,
    permit: &Permit,
    thing: Thing,
) -> Result<Option<Number>, Error> {
    let Thing::Handle(handle) = thing else { return Ok(Some(permit.root_unit())) };
    let unit = units::find(reader, permit.directory(), handle.number()).await?;
    Ok(unit.filter(|unit| handle.means(unit.id)).map(|unit| unit.id.number()))
}

/// The unit that is meant.
///
/// # Errors
/// `Missing` the argument, where there is none.
pub(crate) async fn unit(
    reader: &mut Reader,
    permit: &Permit,
    named: &Named,
    argument: Argument,
) -> Result<Unit, Error> {
    let found = match named.thing {
        None => None,
        Some(Thing::Root) => units::find(reader, permit.directory(), permit.root_unit()).await?,
        Some(Thing::Handle(handle)) => units::find(reader, permit.directory(), handle.number())
            .await?
            .filter(|unit| handle.means(unit.id)),
    };
    found.ok_or_else(|| named.missing(argument))
}

/// The number of the group that is meant; `None` where there is none.
pub(crate) async fn group_number(
    reader: &mut Reader,
    permit: &Permit,
    named: &Named,
) -> Result<Option<Number>, Error> {
    let Some(handle) = named.handle() else { return Ok(None) };
    let group = groups::find(reader, permit.directory(), handle.number()).await?;
    Ok(group.filter(|group| handle.means(group.id)).map(|group| group.id.number()))
}

/// The group that is meant.
///
/// # Errors
/// `Missing` the group, where there is none.
pub(crate) async fn group(reader: &mut Reader, permit: &Permit, named: &Named) -> Result<Group, Error> {
    let missing = || named.missing(Argument::Group);
    let handle = named.handle().ok_or_else(missing)?;
    let found = groups::find(reader, permit.directory(), handle.number()).await?;
    found.filter(|group| handle.means(group.id)).ok_or_else(missing)
}
