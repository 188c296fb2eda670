//! The actions on organizations.

use api::eds::{
    AccessType, CreateOrg, CreateOrgReply, DescribeOrgByLayer, DescribeOrgByLayerReply, DescribeOrgs,
    DescribeOrgsReply, DescribedOrg, Done, ModifyOrg, MoveOrg, MoveUserOrg, OrgOfLayer, RemoveOrg,
};
use directory::units::{self, Members, NewUnit, Wanted};
use directory::{Thing, users};
use gate::{Change, Permit, Reader};
use model::Number;
use model::text::{Description, Label, UnitName};
use model::unit::{ListedUnit, UnitRef};

use crate::pages::List;
use crate::words::{Refused, given};
use crate::{Settings, ids, texts};

/// The page size where none is given, and the largest one that is answered.
const PAGE: i64 = 100;
/// Characters of a name that this door accepts.
const NAME: usize = 64;

pub(crate) async fn create(
    settings: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &CreateOrg,
) -> Result<CreateOrgReply, Refused> {
    let name = texts::name::<NAME>(&request.org_name, "OrgName")?;
    let new = NewUnit {
        name: UnitName::new(name.as_str()).map_err(|_| Refused::invalid("OrgName"))?,
        description: Description::default(),
        parent: ids::named_org(&request.parent_org_id),
        external_id: None,
        label: Label::default(),
    };
    let unit = units::create(change, permit, &new, settings.deepest_org).await?;
    Ok(CreateOrgReply { org_id: ids::org(UnitRef { id: unit.id, is_root: false }) })
}

pub(crate) async fn modify(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &ModifyOrg,
) -> Result<Done, Refused> {
    // A longer name may be the one that it has, which this door shows and so accepts back.
    let name: UnitName = texts::name(&request.org_name, "OrgName")?;
    units::rename(change, permit, &ids::named_org(&request.org_id), &name, NAME).await?;
    Ok(Done {})
}

pub(crate) async fn move_to(
    settings: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &MoveOrg,
) -> Result<Done, Refused> {
    // The vendor's own example ends in a newline.
    let [org, parent] = [&request.org_id, &request.new_parent_org_id].map(|id| ids::named_org(id.trim()));
    units::move_to(change, permit, &org, &parent, settings.deepest_org).await?;
    Ok(Done {})
}

pub(crate) async fn remove(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &RemoveOrg,
) -> Result<Done, Refused> {
    units::remove(change, permit, &ids::named_org(&request.org_id), Members::Refuse).await?;
    Ok(Done {})
}

pub(crate) async fn move_users(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &MoveUserOrg,
) -> Result<Done, Refused> {
    let org = ids::named_org(&request.org_id);
    let moved = users::move_to(change, permit, &request.end_user_ids, &org).await;
    moved.map_err(Refused::with_users_in("EndUserIds"))?;
    Ok(Done {})
}

pub(crate) async fn describe(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &DescribeOrgs,
) -> Result<DescribeOrgsReply, Refused> {
    let apart = DescribeOrgs { max_results: None, next_token: None, show_extras: None, ..request.clone() };
    let list = List::of(permit, &apart);
    let number = |text: &str| text.parse().ok().map(Number);
    let place = list.place(reader, request.next_token.as_ref(), number)?;
    let parent = given(request.parent_org_id.as_ref()).map(ids::named_org);
    let only = request.include_org_ids.as_ref().filter(|only| !only.is_empty());
    let wanted = Wanted {
        parent,
        with_subtree: request.is_query_all_sub_orgs.unwrap_or(false),
        only: only.map(|only| only.iter().map(|id| ids::named_org(id)).collect()),
        name: texts::like(given(request.org_name.as_ref()), "OrgName")?,
        without_root: given(request.org_name.as_ref()).is_some(),
        after: place.map(|(after, _)| after),
        limit: usize::try_from(request.max_results.map_or(PAGE, |n| n.get().min(PAGE))).unwrap_or_default(),
        ..Wanted::default()
    };
    let page = units::list(reader, permit, &wanted).await?;
    Ok(DescribeOrgsReply {
        next_token: list.token(reader, permit, page.next, None),
        orgs: page.units.iter().map(described).collect(),
    })
}

fn described(listed: &ListedUnit) -> DescribedOrg {
    DescribedOrg {
        org_id: ids::org(UnitRef { id: listed.unit.id, is_root: listed.parent.is_none() }),
        org_name: listed.unit.name.as_str().to_owned(),
        parent_org_id: listed.parent.map(ids::org),
        org_name_path: listed.path.clone(),
        access_type: AccessType::Manageable,
        resource_policy_list: Vec::new(),
    }
}

pub(crate) async fn describe_by_layer(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &DescribeOrgByLayer,
) -> Result<DescribeOrgByLayerReply, Refused> {
    let root = directory::Named { thing: Some(Thing::Root), text: String::new() };
    let wanted = Wanted {
        parent: Some(given(request.parent_org_id.as_ref()).map_or(root, ids::named_org)),
        name: texts::like(given(request.org_name.as_ref()), "OrgName")?,
        limit: usize::MAX,
        ..Wanted::default()
    };
    let page = units::list(reader, permit, &wanted).await?;
    let org = |listed: &ListedUnit| {
        Some(OrgOfLayer {
            org_id: ids::org(UnitRef { id: listed.unit.id, is_root: false }),
            org_name: listed.unit.name.as_str().to_owned(),
            parent_org_id: ids::org(listed.parent?),
        })
    };
    Ok(DescribeOrgByLayerReply { orgs: page.units.iter().filter_map(org).collect() })
}
