//! The operations on groups. A group is a unit; the root unit is none.
//!
//! Source: `reference/pds.md` §9; `reference/doors.md` §4.4.

use api::pds::{
    AddGroupMember, CreateGroup, DeleteGroup, GetGroup, Group, GroupUpdateName, ListGroup, PAGE_SIZE, Page,
    RemoveGroupMember, SearchGroup, UpdateGroup, page_size,
};
use directory::memberships::{self, NewMember};
use directory::units::{self, Members, NewUnit, Wanted};
use directory::{Like, Named};
use gate::{Change, Permit, Reader};
use model::membership::MemberRole;
use model::text::{Description, Label, UnitName};
use model::unit::Unit;

use crate::members::given;
use crate::pages::List;
use crate::words::Refused;
use crate::{Settings, ids};

/// Groups on a way down, the root group among them.
const DEEPEST: i64 = 10;

/// A group as answers show it.
pub(crate) fn show(permit: &Permit, unit: &Unit) -> Group {
    Group {
        domain_id: ids::spell_own_domain(permit),
        group_id: unit.id.digits(),
        group_name: unit.name.as_str().to_owned(),
        description: unit.description.as_str().to_owned(),
        created_at: unit.created.0,
        updated_at: unit.updated.0,
        creator: unit.creator.clone(),
        subdomain_id: unit.label.as_str().to_owned(),
        permission: (),
    }
}

pub(crate) async fn create(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &CreateGroup,
) -> Result<Group, Refused> {
    let parent = given(request.parent_group_id.as_ref());
    let new = NewUnit {
        name: name(&request.group_name, "group_name")?,
        description: description(request.description.as_deref().unwrap_or_default())?,
        parent: parent.map_or_else(ids::root, |parent| ids::group(permit, parent)),
        external_id: None,
        label: label(request.subdomain_id.as_ref())?.unwrap_or_default(),
    };
    let unit = units::create(change, permit, &new, DEEPEST).await?;
    Ok(show(permit, &unit))
}

fn name(text: &str, parameter: &str) -> Result<UnitName, Refused> {
    UnitName::new(text).map_err(|_| Refused::invalid(parameter))
}

fn description(text: &str) -> Result<Description, Refused> {
    Description::new(text).map_err(|_| Refused::invalid("description"))
}

/// A label, where one is given.
fn label(text: Option<&String>) -> Result<Option<Label>, Refused> {
    let label = given(text).map(|text| Label::new(text.as_str())).transpose();
    label.map_err(|_| Refused::invalid("subdomain_id"))
}

pub(crate) async fn get(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &GetGroup,
) -> Result<Group, Refused> {
    let listed = units::find(reader, permit, &ids::group(permit, &request.group_id)).await?;
    Ok(show(permit, &listed.unit))
}

pub(crate) async fn list(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &ListGroup,
) -> Result<Page<Group>, Refused> {
    let list = List::of(permit, &ListGroup { limit: None, marker: None, ..request.clone() });
    let wanted = Wanted {
        label: label(request.subdomain_id.as_ref())?,
        without_root: true,
        after: list.place(reader, request.marker.as_ref(), ids::key)?,
        limit: page_size(request.limit, PAGE_SIZE),
        ..Wanted::default()
    };
    page(reader, permit, &list, &wanted).await
}

pub(crate) async fn search(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &SearchGroup,
) -> Result<Page<Group>, Refused> {
    let list = List::of(permit, &SearchGroup { limit: None, marker: None, ..request.clone() });
    let wanted = Wanted {
        name: given(request.group_name_for_fuzzy.as_ref()).and_then(|text| Like::containing(text)),
        name_begins: given(request.group_name.as_ref()).cloned(),
        label: label(request.subdomain_id.as_ref())?,
        without_root: true,
        after: list.place(reader, request.marker.as_ref(), ids::key)?,
        limit: page_size(request.limit, PAGE_SIZE),
        ..Wanted::default()
    };
    page(reader, permit, &list, &wanted).await
}

async fn page(
    reader: &mut Reader,
    permit: &Permit,
    list: &List<'_>,
    wanted: &Wanted,
) -> Result<Page<Group>, Refused> {
    let page = units::list(reader, permit, wanted).await?;
    let items = page.units.iter().map(|listed| show(permit, &listed.unit)).collect();
    Ok(Page { items, next_marker: list.marker(reader, page.next) })
}

pub(crate) async fn update(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UpdateGroup,
) -> Result<Group, Refused> {
    let name = request.group_name.as_deref().map(|text| name(text, "group_name")).transpose()?;
    let description = request.description.as_deref().map(description).transpose()?;
    let group = ids::group(permit, &request.group_id);
    let unit = units::update(change, permit, &group, name.as_ref(), description.as_ref()).await?;
    Ok(show(permit, &unit))
}

pub(crate) async fn rename(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &GroupUpdateName,
) -> Result<Group, Refused> {
    let group = ids::group(permit, &request.group_id);
    let name = name(&request.name, "name")?;
    let unit = units::update(change, permit, &group, Some(&name), None).await?;
    Ok(show(permit, &unit))
}

pub(crate) async fn remove(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &DeleteGroup,
) -> Result<(), Refused> {
    let group = ids::group(permit, &request.group_id);
    Ok(units::remove(change, permit, &group, Members::Release).await?)
}

pub(crate) async fn add_member(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &AddGroupMember,
) -> Result<(), Refused> {
    let unit: Named = ids::group(permit, &request.group_id);
    let new = NewMember {
        unit: &unit,
        user: &request.member_id,
        role: MemberRole::default(),
        note: Description::default(),
    };
    memberships::join(change, permit, &new).await?;
    Ok(())
}

pub(crate) async fn remove_member(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &RemoveGroupMember,
) -> Result<(), Refused> {
    let unit = ids::group(permit, &request.group_id);
    Ok(memberships::leave(change, permit, &unit, &request.member_id).await?)
}
