//! `user/list`, `user/search` and `user/general_search`.
//!
//! Source: `reference/pds.md` §7.7 and §8; `reference/doors.md` §6.

use api::pds::{
    GeneralSearchUser, ListUser, OrderBy, OrderDirection, PAGE_SIZE, Page, SearchUser, Status, User,
    UserWithExtras, page_size,
};
use directory::users::{self, By, Key, Listing, Order, Wanted};
use directory::{Field, Like, Pattern};
use gate::{Permit, Reader};

use super::extras::{page_size_with, shown_info, with_extras};
use super::shown;
use super::words::{line, read_role};
use crate::pages::List;
use crate::words::Refused;
use crate::{Settings, ids};

pub(crate) async fn list(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &ListUser,
) -> Result<Page<User>, Refused> {
    let list = List::of(permit, &ListUser { limit: None, marker: None, ..request.clone() });
    let wanted = Wanted {
        shut: request.status.map(is_shut),
        label: label(request.subdomain_id.as_ref())?,
        order: Listing::By(Order { by: By::PublicId, descending: false }),
        after: list.place(reader, request.marker.as_ref(), |text| Key::parse(By::PublicId, text))?,
        limit: page_size(request.limit, PAGE_SIZE),
        ..Wanted::default()
    };
    let page = users::list_managed(reader, permit, wanted).await?;
    let items = page.users.into_iter().map(|viewed| shown::user(permit, viewed)).collect();
    Ok(Page { items, next_marker: list.marker(reader, page.next) })
}

pub(crate) async fn search(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &SearchUser,
) -> Result<Page<User>, Refused> {
    let list = List::of(permit, &SearchUser { limit: None, marker: None, ..request.clone() });
    let order = order(request.order_by, request.order_direction);
    let wanted = Wanted {
        display_name_begins: given(request.nick_name.as_ref()),
        text: holds(request.nick_name_for_fuzzy.as_ref()),
        username_begins: given(request.user_name.as_ref()),
        email_begins: given(request.email.as_ref()),
        phone_begins: given(request.phone.as_ref()),
        role: request.role.map(read_role),
        shut: request.status.map(is_shut),
        label: label(request.subdomain_id.as_ref())?,
        order: Listing::By(order),
        after: list.place(reader, request.marker.as_ref(), |text| Key::parse(order.by, text))?,
        limit: page_size(request.limit, PAGE_SIZE),
        ..Wanted::default()
    };
    let page = users::list_managed(reader, permit, wanted).await?;
    let items = page.users.into_iter().map(|viewed| shown::user(permit, viewed)).collect();
    Ok(Page { items, next_marker: list.marker(reader, page.next) })
}

pub(crate) async fn general_search(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &GeneralSearchUser,
) -> Result<Page<UserWithExtras>, Refused> {
    let list = List::of(permit, &GeneralSearchUser { limit: None, marker: None, ..request.clone() });
    let order = order(request.order_by, request.order_direction);
    let info = shown_info(permit, request.extra_return_info.as_deref());
    let above = request.parent_group_id_list.as_ref().filter(|groups| !groups.is_empty());
    let direct = request.direct_parent_group_id.as_ref().filter(|group| !group.is_empty());
    let wanted = Wanted {
        display_name_begins: given(request.nick_name.as_ref()),
        text: holds(request.nick_name_for_fuzzy.as_ref()),
        email_begins: given(request.email.as_ref()),
        phone_begins: given(request.phone.as_ref()),
        role: request.role.map(read_role),
        shut: request.status.map(is_shut),
        subtrees: above.map(|groups| ids::groups(permit, groups.iter())),
        unit: direct.map(|group| ids::group(permit, group)),
        order: Listing::By(order),
        after: list.place(reader, request.marker.as_ref(), |text| Key::parse(order.by, text))?,
        limit: page_size_with(info, request.limit),
        ..Wanted::default()
    };
    let page = users::list_any(reader, permit, wanted).await?;
    let items = with_extras(reader, permit, page.users, info).await?;
    Ok(Page { items, next_marker: list.marker(reader, page.next) })
}

/// The order that is asked for; else that in which users were made, in which filters' lists lie.
fn order(by: Option<OrderBy>, direction: Option<OrderDirection>) -> Order {
    let by = match by {
        None | Some(OrderBy::CreatedAt) => By::Number,
        Some(OrderBy::UpdatedAt) => By::Updated,
        Some(OrderBy::NickName) => By::DisplayName,
        Some(OrderBy::UserId) => By::PublicId,
    };
    Order { by, descending: direction == Some(OrderDirection::Desc) }
}

/// Whether accounts of this status are shut, for whatever reason.
fn is_shut(status: Status) -> bool {
    match status {
        Status::Enabled => false,
        Status::Disabled => true,
    }
}

/// A text that says something.
fn given(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).cloned()
}

/// Display names that hold a text anywhere.
fn holds(text: Option<&String>) -> Option<Pattern> {
    Some(Pattern { field: Field::DisplayName, like: Like::containing(text?)? })
}

fn label(text: Option<&String>) -> Result<Option<model::text::Label>, Refused> {
    let label: model::text::Label = line(text, "subdomain_id")?;
    Ok(label.given().is_some().then_some(label))
}
