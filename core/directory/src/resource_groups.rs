//! Resource groups: named sets of what other systems own.
//!
//! Source: `reference/eds-user.md`, 34 to 36, 46 and 47.

use std::collections::BTreeSet;

use access::{Change, Permit, Reader};
use model::event::Event;
use model::group::{ResourceGroup, ResourceName};
use model::text::{GroupName, Line};
use model::{Handle, Id, Number};
use store::resource_groups::{self as rows, Filter};
use store::search::Like;

use crate::error::{Argument, Error, Unique};
use crate::named::Named;

/// Makes a resource group.
///
/// # Errors
/// `Taken`.
pub async fn create(
    change: &mut Change,
    permit: &Permit,
    name: &GroupName,
    classification: &Line<64>,
    agent_type: &Line<64>,
) -> Result<ResourceGroup, Error> {
    // The name is a unique key: of two calls at once one runs again and finds the other's.
    if rows::is_named(change.tx(), permit.account(), &name.folded()).await? {
        return Err(Error::Taken(Unique::ResourceGroupName, name.as_str().to_owned()));
    }
    let group = ResourceGroup {
        id: change.new_id(permit),
        name: name.clone(),
        classification: classification.clone(),
        agent_type: agent_type.clone(),
        created: permit.at(),
    };
    rows::insert(change.tx(), permit.account(), &group).await?;
    change.record(Event::made("resource_group.created", &group));
    Ok(group)
}

/// Removes resource groups. They are gone at once; what lies in them becomes free in the background.
///
/// # Errors
/// `Missing` a resource group; then none is removed.
pub async fn remove(change: &mut Change, permit: &Permit, groups: &[Named]) -> Result<(), Error> {
    let named: Vec<(&Named, Argument)> =
        groups.iter().map(|named| (named, Argument::ResourceGroup)).collect();
    let mut removed: Vec<ResourceGroup> = Vec::new();
    for group in locked(change, permit, &named).await? {
        if !removed.contains(&group) {
            removed.push(group);
        }
    }
    for group in removed {
        rows::remove(change.tx(), permit.account(), group.id.number(), permit.at()).await?;
        change.record(Event::removed("resource_group.removed", &group));
    }
    Ok(())
}

/// Puts resources into a group, out of any other one.
///
/// # Errors
/// `Missing` the resource group.
pub async fn put(
    change: &mut Change,
    permit: &Permit,
    resources: &[ResourceName],
    group: &Named,
) -> Result<(), Error> {
    let group = locked(change, permit, &[(group, Argument::ResourceGroup)]).await?.remove(0);
    for resource in in_order(resources) {
        if rows::put(change.tx(), permit.account(), &resource, group.id.number()).await? {
            change.record(Event::joined("resource_group.took", &group, None, Some(&fact(&resource))));
        }
    }
    Ok(())
}

/// Takes resources out of a group, and puts them into another one where that is given. Those that are not in the
/// group stay where they are.
///
/// # Errors
/// `Missing` one of the resource groups; then nothing moves.
pub async fn take_out(
    change: &mut Change,
    permit: &Permit,
    resources: &[ResourceName],
    group: &Named,
    target: Option<&Named>,
) -> Result<(), Error> {
    let mut named = vec![(group, Argument::ResourceGroup)];
    named.extend(target.map(|target| (target, Argument::TargetResourceGroup)));
    let mut groups = locked(change, permit, &named).await?.into_iter();
    let (group, target) = (groups.next().expect("one for each name"), groups.next());
    let number = target.as_ref().map(|target| target.id.number());
    for resource in in_order(resources) {
        if rows::take_out(change.tx(), permit.account(), &resource, group.id.number(), number).await? {
            let fact = fact(&resource);
            change.record(Event::joined("resource_group.gave_away", &group, Some(&fact), None));
            if let Some(target) = &target {
                change.record(Event::joined("resource_group.took", target, None, Some(&fact)));
            }
        }
    }
    Ok(())
}

/// Each resource once, and in one order, so that two calls with the same ones do not wait for each other.
fn in_order(resources: &[ResourceName]) -> BTreeSet<ResourceName> {
    resources.iter().cloned().collect()
}

fn fact(resource: &ResourceName) -> [(&'static str, String); 3] {
    [("kind", resource.kind.clone()), ("region", resource.region.clone()), ("id", resource.id.clone())]
}

/// The groups that are meant, in the order of their names here, which nobody else may change until this change is over.
async fn locked(
    change: &mut Change,
    permit: &Permit,
    named: &[(&Named, Argument)],
) -> Result<Vec<ResourceGroup>, Error> {
    let numbers: Vec<Number> = named.iter().filter_map(|(named, _)| Some(named.handle()?.number())).collect();
    let found = rows::lock(change.tx(), permit.account(), &numbers).await?;
    let meant = |(named, argument): &(&Named, Argument)| {
        let handle = named.handle().ok_or_else(|| named.missing(*argument))?;
        let group = found.iter().find(|group| handle.means(group.id));
        group.cloned().ok_or_else(|| named.missing(*argument))
    };
    named.iter().map(meant).collect()
}

/// Which resource groups are asked for; all conditions hold.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Only these.
    pub only: Option<Vec<Named>>,
    /// Only those whose name matches.
    pub name: Option<Like>,
    /// Only those with this classification.
    pub classification: Option<String>,
    /// Only those with this agent type.
    pub agent_type: Option<String>,
    /// How many to leave out at the beginning.
    pub skip: i64,
    /// How many at most.
    pub limit: i64,
}

/// A page of resource groups, the newest first.
#[derive(Debug, Default)]
pub struct Page {
    /// The resource groups, each with how much lies in it.
    pub groups: Vec<(ResourceGroup, i64)>,
    /// How many match in all.
    pub total: i64,
}

/// Lists resource groups.
///
/// # Errors
/// The store's.
pub async fn list(reader: &mut Reader, permit: &Permit, wanted: &Wanted) -> Result<Page, Error> {
    let account = permit.account();
    let only = match &wanted.only {
        Some(named) => Some(existing(reader, permit, named).await?),
        None => None,
    };
    let filter = Filter {
        only: only.as_deref(),
        name: wanted.name.as_ref(),
        classification: wanted.classification.as_deref(),
        agent_type: wanted.agent_type.as_deref(),
    };
    let groups = rows::page(reader.rows(), account, filter, wanted.skip, wanted.limit).await?;
    let total = rows::count(reader.rows(), account, filter).await?;
    Ok(Page { groups, total })
}

/// The numbers of those that are there.
async fn existing(reader: &mut Reader, permit: &Permit, named: &[Named]) -> Result<Vec<Number>, Error> {
    let handles: Vec<Handle> = named.iter().filter_map(Named::handle).collect();
    let numbers: Vec<Number> = handles.iter().map(|handle| handle.number()).collect();
    let ids = rows::ids(reader.rows(), permit.account(), &numbers).await?;
    let is_meant = |id: &Id| handles.iter().any(|handle| handle.means(*id));
    Ok(ids.into_iter().filter(is_meant).map(|id| id.number()).collect())
}
