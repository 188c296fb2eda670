//! The lists of who and what is directly in a group.
//!
//! Source: `reference/pds.md` §8.9 and §9.

use api::pds::{
    ListGroupMember, ListGroupMemberReply, ListGroupUser, ListGroupUserReply, PAGE_SIZE, page_size,
};
use directory::memberships;
use gate::{Permit, Reader};

use crate::pages::List;
use crate::words::Refused;
use crate::{Settings, groups, members, users};

pub(crate) async fn list(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &ListGroupUser,
) -> Result<ListGroupUserReply, Refused> {
    let list = List::of(permit, &ListGroupUser { limit: None, marker: None, ..request.clone() });
    let after = list.place(reader, request.marker.as_ref(), members::read)?;
    let info = users::shown_info(permit, request.extra_return_info.as_deref());
    let limit = users::page_size_with(info, request.limit);
    let wanted = members::wanted(permit, request.group_id.as_ref(), request.member_type, after, limit);
    let page = memberships::of_unit(reader, permit, &wanted).await?;
    let viewed = memberships::viewed(reader, permit, &page).await?;
    let users = users::with_extras(reader, permit, viewed, info).await?;
    let groups = page.units.iter().map(|unit| groups::show(permit, unit)).collect();
    Ok(ListGroupUserReply {
        group_items: groups,
        user_items: users,
        next_marker: list.marker(reader, page.next.map(members::spell)),
    })
}

pub(crate) async fn list_members(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &ListGroupMember,
) -> Result<ListGroupMemberReply, Refused> {
    let list = List::of(permit, &ListGroupMember { limit: None, marker: None, ..request.clone() });
    let after = list.place(reader, request.marker.as_ref(), members::read)?;
    let limit = page_size(request.limit, PAGE_SIZE);
    let wanted = members::wanted(permit, request.group_id.as_ref(), request.member_type, after, limit);
    let page = memberships::of_unit(reader, permit, &wanted).await?;
    let viewed = memberships::viewed(reader, permit, &page).await?;
    Ok(ListGroupMemberReply {
        group_items: page.units.iter().map(|unit| groups::show(permit, unit)).collect(),
        user_items: viewed.into_iter().map(|viewed| users::user(permit, viewed)).collect(),
        next_marker: list.marker(reader, page.next.map(members::spell)),
    })
}
