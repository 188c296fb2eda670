//! The actions on user groups.

use std::collections::BTreeMap;

use api::eds::{
    AttachedLoginPolicy, CreateGroup, CreateGroupReply, DescribeGroupUser, DescribeGroupUserReply,
    DescribeGroups, DescribeGroupsReply, DescribedGroup, Done, GroupUser, ModifyGroup, RemoveGroup,
    UserBatchJoinGroup, UserBatchQuitGroup,
};
use directory::Named;
use directory::groups::{self, Names, NewGroup, Wanted};
use directory::users::{self, By, Key, Listing};
use gate::{Change, Permit, Reader};
use model::Number;
use model::group::Group;
use model::text::GroupDescription;
use model::user::Listed;

use crate::pages::{List, before};
use crate::users::asked::login;
use crate::users::shown::{nick_name, text};
use crate::words::{Refused, given};
use crate::{Settings, contact, ids, texts, time};

/// The page size of groups where none is given, and the largest one that is answered.
const PAGE: i64 = 10;
const LARGEST: i64 = 100;
/// The page size of members where none is given.
const MEMBERS: i64 = 100;

pub(crate) async fn create(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &CreateGroup,
) -> Result<CreateGroupReply, Refused> {
    let new = NewGroup {
        name: texts::name(&request.group_name, "GroupName")?,
        description: description(request.description.as_deref().unwrap_or_default())?,
        external_id: None,
    };
    let group = groups::create(change, permit, &new, Names::Unique).await?;
    Ok(CreateGroupReply { group_id: ids::group(group.id) })
}

pub(crate) async fn modify(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &ModifyGroup,
) -> Result<Done, Refused> {
    let name = texts::name(&request.new_group_name, "NewGroupName")?;
    let description = request.description.as_deref().map(description).transpose()?;
    let group = ids::named_group(&request.group_id);
    groups::modify(change, permit, &group, &name, description.as_ref(), Names::Unique).await?;
    Ok(Done {})
}

fn description(text: &str) -> Result<GroupDescription, Refused> {
    GroupDescription::new(text).map_err(|_| Refused::invalid("Description"))
}

pub(crate) async fn remove(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &RemoveGroup,
) -> Result<Done, Refused> {
    let named: Vec<Named> = request.all().map(ids::named_group).collect();
    groups::remove(change, permit, &named).await?;
    Ok(Done {})
}

pub(crate) async fn join(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UserBatchJoinGroup,
) -> Result<Done, Refused> {
    let group = ids::named_group(&request.group_id);
    let joined = groups::join(change, permit, &request.end_user_ids, &group).await;
    joined.map_err(Refused::with_users_in("EndUserIds"))?;
    Ok(Done {})
}

pub(crate) async fn quit(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UserBatchQuitGroup,
) -> Result<Done, Refused> {
    let group = ids::named_group(&request.group_id);
    let left = groups::leave(change, permit, &request.end_user_ids, &group).await;
    left.map_err(Refused::with_users_in("EndUserIds"))?;
    Ok(Done {})
}

pub(crate) async fn describe(
    settings: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &DescribeGroups,
) -> Result<DescribeGroupsReply, Refused> {
    let name = texts::like(given(request.group_name.as_ref()), "GroupName")?;
    // Files are transferred without approval in every group.
    if request.transfer_file_need_approval == Some(true) {
        return Ok(DescribeGroupsReply { count: 0, groups: Vec::new() });
    }
    let size = request.page_size.map_or(PAGE, |n| n.get().min(LARGEST));
    let wanted = Wanted {
        only: given(request.group_id.as_ref()).map(ids::named_group),
        name,
        skip: before(request.page_number.map_or(1, |n| n.get()), size),
        limit: size,
    };
    let page = groups::list(reader, permit, &wanted).await?;
    let groups = page.groups.iter().map(|(group, members)| described(settings, group, *members));
    Ok(DescribeGroupsReply { count: page.total, groups: groups.collect() })
}

fn described(settings: &Settings, group: &Group, members: i64) -> DescribedGroup {
    DescribedGroup {
        group_id: ids::group(group.id),
        group_name: group.name.as_str().to_owned(),
        description: text(group.description.as_str()),
        create_time: time::with_offset(group.created, settings.zone),
        user_count: members,
        transfer_file_need_approval: false,
        upload_need_approval: false,
        download_need_approval: false,
        authed_resources: BTreeMap::new(),
        attached_login_policy: AttachedLoginPolicy { policy_id: String::new(), name: String::new() },
    }
}

pub(crate) async fn describe_users(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &DescribeGroupUser,
) -> Result<DescribeGroupUserReply, Refused> {
    let apart = DescribeGroupUser { max_results: None, next_token: None, ..request.clone() };
    let list = List::of(permit, &apart);
    let key = |text: &str| Key::parse(By::Joined(Number(0)), text);
    let place = list.place(reader, request.next_token.as_ref(), key)?;
    let group = ids::named_group(&request.group_id);
    groups::find(reader, permit, &group).await?;
    let limit = request.max_results.map_or(MEMBERS, |n| n.get());
    let wanted = users::Wanted {
        group: Some(group),
        text: login(request.filter.as_ref())?,
        order: Listing::ByJoining,
        after: place.map(|(after, _)| after),
        limit: usize::try_from(limit).unwrap_or_default(),
        ..users::Wanted::default()
    };
    let page = users::list(reader, permit, &wanted).await?;
    Ok(DescribeGroupUserReply {
        next_token: list.token(reader, permit, page.next, None),
        users: page.users.iter().map(member).collect(),
    })
}

fn member(listed: &Listed) -> GroupUser {
    let user = &listed.user;
    GroupUser {
        end_user_id: user.username.to_string(),
        email: text(user.email.as_str()),
        phone: user.phone.as_ref().map(contact::shown),
        nick_name: nick_name(user),
        avatar: listed.avatar.clone(),
        remark: text(user.description.as_str()),
        gmt_created: time::with_millis(user.created),
        gmt_join_group: time::with_millis(listed.joined.unwrap_or(user.created)),
    }
}
