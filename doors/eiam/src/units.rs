//! The actions on organizational units.

use api::eiam::{
    CreateOrganizationalUnit, CreateOrganizationalUnitReply, DeleteOrganizationalUnit,
    DeleteOrganizationalUnitChildren, Done, GetOrganizationalUnit, GetOrganizationalUnitReply,
    GetRootOrganizationalUnit, GetRootOrganizationalUnitReply, ListOrganizationalUnitParents,
    ListOrganizationalUnitParentsReply, ListOrganizationalUnits, ListOrganizationalUnitsReply,
    OrganizationalUnit, ParentUnit, RootOrganizationalUnit, SourceType, UpdateOrganizationalUnit,
    UpdateOrganizationalUnitDescription, UpdateOrganizationalUnitParentId,
};
use directory::Named;
use directory::units::{self, DEEPEST, Members, NewUnit, Numbered};
use gate::{Change, Permit, Reader};
use model::text::{Description, Label, UnitName};
use model::unit::ListedUnit;

use crate::pages::Window;
use crate::words::{Refused, given};
use crate::{Settings, ids, texts};

/// Characters of a name that this door accepts.
const NAME: usize = 128;

fn named(id: &str) -> Named {
    ids::named(ids::UNIT, id)
}

pub(crate) async fn create(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &CreateOrganizationalUnit,
) -> Result<CreateOrganizationalUnitReply, Refused> {
    let external_id = request.organizational_unit_external_id.as_ref();
    let new = NewUnit {
        name: texts::name(&request.organizational_unit_name, "OrganizationalUnitName")?,
        description: texts::prose(request.description.as_ref(), "Description")?,
        parent: named(&request.parent_id),
        external_id: texts::external_id(external_id, ids::UNIT, "OrganizationalUnitExternalId")?,
        label: Label::default(),
    };
    let unit = units::create(change, permit, &new, DEEPEST).await?;
    Ok(CreateOrganizationalUnitReply { organizational_unit_id: ids::spell(ids::UNIT, unit.id) })
}

pub(crate) async fn get(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &GetOrganizationalUnit,
) -> Result<GetOrganizationalUnitReply, Refused> {
    let unit = units::find(reader, permit, &named(&request.organizational_unit_id)).await?;
    Ok(GetOrganizationalUnitReply { organizational_unit: shown(&unit, &request.instance_id) })
}

fn shown(listed: &ListedUnit, instance: &str) -> OrganizationalUnit {
    let unit = &listed.unit;
    let id = ids::spell(ids::UNIT, unit.id);
    let external_id = unit.external_id.as_ref().map(|id| id.as_str().to_owned());
    OrganizationalUnit {
        organizational_unit_name: unit.name.as_str().to_owned(),
        description: texts::shown(unit.description.as_str()),
        instance_id: instance.to_owned(),
        parent_id: listed.parent.map(|parent| ids::spell(ids::UNIT, parent.id)),
        organizational_unit_external_id: external_id.unwrap_or_else(|| id.clone()),
        organizational_unit_source_type: SourceType::BuildIn,
        organizational_unit_source_id: instance.to_owned(),
        leaf: listed.is_leaf,
        create_time: unit.created.0,
        update_time: unit.updated.0,
        organizational_unit_id: id,
    }
}

pub(crate) async fn root(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &GetRootOrganizationalUnit,
) -> Result<GetRootOrganizationalUnitReply, Refused> {
    let root = units::root(reader, permit).await?;
    Ok(GetRootOrganizationalUnitReply {
        organizational_unit: RootOrganizationalUnit {
            instance_id: request.instance_id.clone(),
            organizational_unit_id: ids::spell(ids::UNIT, root.id),
            organizational_unit_name: root.name.as_str().to_owned(),
            description: texts::shown(root.description.as_str()),
            create_time: root.created.0,
            update_time: root.updated.0,
        },
    })
}

pub(crate) async fn list(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &ListOrganizationalUnits,
) -> Result<ListOrganizationalUnitsReply, Refused> {
    let Window { skip, limit } = Window::of(request.page_number, request.page_size);
    let only = request.organizational_unit_ids.as_ref().filter(|only| !only.is_empty());
    let numbered = Numbered {
        only: only.map(|only| ids::all_named(ids::UNIT, only)),
        name: given(request.organizational_unit_name.as_ref()).map(str::to_owned),
        name_begins: given(request.organizational_unit_name_starts_with.as_ref()).map(str::to_owned),
        parent: given(request.parent_id.as_ref()).map(named),
        skip,
        limit,
    };
    let (units, total) = units::numbered(reader, permit, &numbered).await?;
    let units = units.iter().map(|unit| shown(unit, &request.instance_id)).collect();
    Ok(ListOrganizationalUnitsReply { total_count: total, organizational_units: units })
}

pub(crate) async fn parents(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &ListOrganizationalUnitParents,
) -> Result<ListOrganizationalUnitParentsReply, Refused> {
    let above = units::above(reader, permit, &named(&request.organizational_unit_id)).await?;
    let parent = |(id, parent): (model::Id, Option<model::Id>)| ParentUnit {
        organizational_unit_id: ids::spell(ids::UNIT, id),
        parent_id: parent.map(|parent| ids::spell(ids::UNIT, parent)),
    };
    Ok(ListOrganizationalUnitParentsReply { parents: above.into_iter().map(parent).collect() })
}

pub(crate) async fn rename(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UpdateOrganizationalUnit,
) -> Result<Done, Refused> {
    let unit = named(&request.organizational_unit_id);
    match given(request.organizational_unit_name.as_ref()) {
        Some(name) => {
            let name: UnitName = texts::name(name, "OrganizationalUnitName")?;
            units::rename(change, permit, &unit, &name, NAME).await?;
        }
        None => {
            units::find(&mut change.beside(), permit, &unit).await?;
        }
    }
    Ok(Done {})
}

pub(crate) async fn describe(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UpdateOrganizationalUnitDescription,
) -> Result<Done, Refused> {
    let unit = named(&request.organizational_unit_id);
    let description: Description = texts::prose(request.description.as_ref(), "Description")?;
    if let Err(too_long) = request.check_changed()
        && units::find(&mut change.beside(), permit, &unit).await?.unit.description != description
    {
        return Err(too_long.into());
    }
    units::describe(change, permit, &unit, &description).await?;
    Ok(Done {})
}

pub(crate) async fn move_to(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UpdateOrganizationalUnitParentId,
) -> Result<Done, Refused> {
    let (unit, parent) = (named(&request.organizational_unit_id), named(&request.parent_id));
    units::move_to(change, permit, &unit, &parent, DEEPEST).await?;
    Ok(Done {})
}

pub(crate) async fn remove(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &DeleteOrganizationalUnit,
) -> Result<Done, Refused> {
    units::remove(change, permit, &named(&request.organizational_unit_id), Members::Refuse).await?;
    Ok(Done {})
}

pub(crate) async fn remove_below(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &DeleteOrganizationalUnitChildren,
) -> Result<Done, Refused> {
    units::remove_below(change, permit, &named(&request.organizational_unit_id)).await?;
    Ok(Done {})
}
