//! Who belongs to which units and groups.

use api::eiam::{
    AddUserToOrganizationalUnits, AddUsersToGroup, Done, ListGroupsForUser, ListGroupsForUserReply,
    ListUsersForGroup, ListUsersForGroupReply, MembershipOfUser, RemoveUserFromOrganizationalUnits,
    RemoveUsersFromGroup, SetUserPrimaryOrganizationalUnit, SourceType, UserOfGroup,
};
use directory::{groups, users};
use gate::{Change, Permit, Reader};

use crate::pages::Window;
use crate::words::Refused;
use crate::{Settings, ids};

pub(crate) async fn set_primary_unit(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &SetUserPrimaryOrganizationalUnit,
) -> Result<Done, Refused> {
    let user = users::locked_id(change, permit, &ids::named(ids::USER, &request.user_id)).await?;
    let unit = ids::named(ids::UNIT, &request.organizational_unit_id);
    users::set_primary_unit(change, permit, &user, &unit).await?;
    Ok(Done {})
}

pub(crate) async fn add_to_units(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &AddUserToOrganizationalUnits,
) -> Result<Done, Refused> {
    let user = users::locked_id(change, permit, &ids::named(ids::USER, &request.user_id)).await?;
    let units = ids::all_named(ids::UNIT, &request.organizational_unit_ids);
    users::add_to_units(change, permit, &user, &units).await?;
    Ok(Done {})
}

pub(crate) async fn leave_units(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &RemoveUserFromOrganizationalUnits,
) -> Result<Done, Refused> {
    let user = users::locked_id(change, permit, &ids::named(ids::USER, &request.user_id)).await?;
    let units = ids::all_named(ids::UNIT, &request.organizational_unit_ids);
    users::leave_units(change, permit, &user, &units).await?;
    Ok(Done {})
}

pub(crate) async fn join_group(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &AddUsersToGroup,
) -> Result<Done, Refused> {
    let users = ids::all_named(ids::USER, &request.user_ids);
    groups::join_ids(change, permit, &users, &ids::named(ids::GROUP, &request.group_id)).await?;
    Ok(Done {})
}

pub(crate) async fn leave_group(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &RemoveUsersFromGroup,
) -> Result<Done, Refused> {
    let users = ids::all_named(ids::USER, &request.user_ids);
    groups::leave_ids(change, permit, &users, &ids::named(ids::GROUP, &request.group_id)).await?;
    Ok(Done {})
}

pub(crate) async fn list_members(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &ListUsersForGroup,
) -> Result<ListUsersForGroupReply, Refused> {
    let Window { skip, limit } = Window::of(request.page_number, request.page_size);
    let group = ids::named(ids::GROUP, &request.group_id);
    let only = request.user_ids.as_ref().filter(|only| !only.is_empty());
    let only = only.map(|only| ids::all_named(ids::USER, only));
    let (members, total) = groups::members(reader, permit, &group, only.as_deref(), skip, limit).await?;
    let member = |user| UserOfGroup {
        user_id: ids::spell(ids::USER, user),
        group_member_relation_source_type: SourceType::BuildIn,
        group_member_relation_source_id: request.instance_id.clone(),
    };
    Ok(ListUsersForGroupReply { total_count: total, users: members.into_iter().map(member).collect() })
}

pub(crate) async fn list_groups(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &ListGroupsForUser,
) -> Result<ListGroupsForUserReply, Refused> {
    let Window { skip, limit } = Window::of(request.page_number, request.page_size);
    let user = ids::named(ids::USER, &request.user_id);
    let (groups, total) = groups::of_user(reader, permit, &user, skip, limit).await?;
    let membership = |group: model::group::Group| MembershipOfUser {
        group_id: ids::spell(ids::GROUP, group.id),
        group_member_relation_source_type: SourceType::BuildIn,
        group_member_relation_source_id: request.instance_id.clone(),
    };
    Ok(ListGroupsForUserReply { total_count: total, groups: groups.into_iter().map(membership).collect() })
}
