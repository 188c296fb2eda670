//! The operations on memberships: that a user, or a group, is directly in a group.
//!
//! Source: `reference/pds.md` §10; `reference/doors.md` §4.1 and §4.3.

use api::pds::{
    CreateMembership, DeleteMembership, GetMembership, HasMember, HasMemberReply, ListDirectChildMemberships,
    ListDirectParentMemberships, Member, MemberRole, Membership, PAGE_SIZE, Page, Party, UpdateMembership,
    page_size,
};
use directory::memberships::{self as rules, Child, Listed, NewMember};
use directory::{Error, Unique, users};
use gate::{Change, Permit, Reader};
use model::membership;
use model::text::Description;
use wire::pds::Unfit;

use crate::pages::List;
use crate::words::Refused;
use crate::{Settings, ids, members};

/// What a rule's refusal is here: what the caller may not do is done to a membership.
fn refused(error: Error) -> Refused {
    if matches!(error, Error::Forbidden(..)) { Refused::Forbidden("Membership") } else { error.into() }
}

pub(crate) async fn create(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &CreateMembership,
) -> Result<Membership, Refused> {
    let unit = ids::group(permit, &request.group_id);
    match request.member() {
        Member::User(user) => {
            let new = NewMember {
                unit: &unit,
                user,
                role: request.member_role.map(role).unwrap_or_default(),
                note: note(request.description.as_deref())?.unwrap_or_default(),
            };
            let listed = rules::join(change, permit, &new).await.map_err(refused)?;
            Ok(show(permit, &listed))
        }
        // Each group has got its place when it was made: one of them or none is in the way of another one.
        Member::Group(group) => {
            let group = ids::group(permit, group);
            if rules::is_at_top(change, permit, &unit, &group).await.map_err(refused)? {
                return Err(Refused::invalid("sub_group_id"));
            }
            Err(Error::Taken(Unique::Membership, group.text).into())
        }
    }
}

fn role(role: MemberRole) -> membership::MemberRole {
    match role {
        MemberRole::Member => membership::MemberRole::Member,
        MemberRole::Admin => membership::MemberRole::Admin,
    }
}

/// A remark, where one is given.
fn note(text: Option<&str>) -> Result<Option<Description>, Refused> {
    text.map(|text| Description::new(text).map_err(|_| Refused::invalid("description"))).transpose()
}

/// A user's membership as answers show it.
fn show(permit: &Permit, listed: &Listed) -> Membership {
    let Listed { membership, unit, user } = listed;
    Membership {
        domain_id: ids::spell_own_domain(permit),
        group_id: unit.digits(),
        user_id: user.clone(),
        sub_group_id: String::new(),
        member_type: Party::User,
        member_role: match membership.role {
            membership::MemberRole::Member => MemberRole::Member,
            membership::MemberRole::Admin => MemberRole::Admin,
        },
        description: membership.note.as_str().to_owned(),
        created_at: membership.joined.0,
        updated_at: membership.updated.0,
        creator: membership.creator.clone(),
        is_sync: false,
    }
}

/// A group's membership: the group got it when it was made.
fn show_child(permit: &Permit, child: &Child) -> Membership {
    let Child { unit, parent } = child;
    Membership {
        domain_id: ids::spell_own_domain(permit),
        group_id: parent.id.digits(),
        user_id: String::new(),
        sub_group_id: unit.id.digits(),
        member_type: Party::Group,
        member_role: MemberRole::Member,
        description: String::new(),
        created_at: unit.created.0,
        updated_at: unit.created.0,
        creator: unit.creator.clone(),
        is_sync: false,
    }
}

pub(crate) async fn get(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &GetMembership,
) -> Result<Membership, Refused> {
    let unit = ids::group(permit, &request.group_id);
    match request.member() {
        Member::User(user) => Ok(show(permit, &rules::get(reader, permit, &unit, user).await?)),
        Member::Group(group) => {
            let group = ids::group(permit, group);
            Ok(show_child(permit, &rules::child(reader.rows(), permit, &unit, &group).await?))
        }
    }
}

pub(crate) async fn update(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UpdateMembership,
) -> Result<Membership, Refused> {
    let unit = ids::group(permit, &request.group_id);
    match request.member() {
        Member::User(user) => {
            let (role, note) = (request.member_role.map(role), note(request.description.as_deref())?);
            let set = rules::set(change, permit, (&unit, user), role, note.as_ref()).await;
            Ok(show(permit, &set.map_err(refused)?))
        }
        Member::Group(group) => {
            let group = ids::group(permit, group);
            let child = rules::administered_child(change, permit, &unit, &group).await.map_err(refused)?;
            let shown = show_child(permit, &child);
            // What it is shown to be it may be said to be.
            let is_other_role = request.member_role.is_some_and(|role| role != shown.member_role);
            let is_other_text = request.description.as_ref().is_some_and(|text| *text != shown.description);
            if is_other_role || is_other_text {
                return Err(Unfit::Unsupported("member_type".to_owned()).into());
            }
            Ok(shown)
        }
    }
}

pub(crate) async fn remove(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &DeleteMembership,
) -> Result<(), Refused> {
    let unit = ids::group(permit, &request.group_id);
    rules::leave(change, permit, &unit, request.user()).await.map_err(refused)
}

pub(crate) async fn has(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &HasMember,
) -> Result<HasMemberReply, Refused> {
    let unit = ids::group(permit, &request.group_id);
    let result = match request.member() {
        Member::User(user) => rules::has(reader, permit, &unit, rules::Member::User(user)).await?,
        Member::Group(group) => {
            let group = ids::group(permit, group);
            rules::has(reader, permit, &unit, rules::Member::Unit(&group)).await?
        }
    };
    Ok(HasMemberReply { result })
}

pub(crate) async fn children(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &ListDirectChildMemberships,
) -> Result<Page<Membership>, Refused> {
    let filters = ListDirectChildMemberships { limit: None, marker: None, ..request.clone() };
    let list = List::of(permit, &filters);
    let after = list.place(reader, request.marker.as_ref(), members::read)?;
    let limit = page_size(request.limit, PAGE_SIZE);
    let wanted = members::wanted(permit, Some(&request.group_id), request.member_type, after, limit);
    let rules::Page { unit, units, users, next } = rules::of_unit(reader, permit, &wanted).await?;
    let groups = unit.iter().flat_map(|parent| {
        let child = |unit: &_| Child { unit: model::unit::Unit::clone(unit), parent: parent.clone() };
        units.iter().map(child)
    });
    let groups = groups.map(|child| show_child(permit, &child));
    let items = groups.chain(users.iter().map(|listed| show(permit, listed))).collect();
    Ok(Page { items, next_marker: list.marker(reader, next.map(members::spell)) })
}

pub(crate) async fn parents(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &ListDirectParentMemberships,
) -> Result<Page<Membership>, Refused> {
    let own;
    let user = match request.member() {
        Some(Member::Group(group)) => {
            let child = rules::of_child(reader, permit, &ids::group(permit, group)).await?;
            let items = child.iter().map(|child| show_child(permit, child)).collect();
            return Ok(Page { items, next_marker: String::new() });
        }
        Some(Member::User(user)) => user,
        None => {
            let viewed = users::view_own(reader.rows(), permit).await?;
            own = viewed.ok_or_else(|| Refused::missing("user_id"))?.user.public_id();
            &own
        }
    };
    let filters = ListDirectParentMemberships { limit: None, marker: None, ..request.clone() };
    let list = List::of(permit, &filters);
    let after = list.place(reader, request.marker.as_ref(), ids::key)?;
    let limit = page_size(request.limit, PAGE_SIZE);
    let page = rules::of_user(reader, permit, user, after, limit).await?;
    let items = page.memberships.iter().map(|listed| show(permit, listed)).collect();
    Ok(Page { items, next_marker: list.marker(reader, page.next) })
}
