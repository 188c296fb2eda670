//! `ListUsers`.

use api::eiam::{ListUsers, ListUsersReply, SourceType, StatusFilter};
use directory::users::{self, By, Counted, Key, Wanted};
use gate::{Permit, Reader};
use model::user::Status;

use super::shown::Shows;
use crate::pages::{List, PAGE, Way, Window};
use crate::words::{Refused, given};
use crate::{Settings, ids};

pub(crate) async fn list(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &ListUsers,
) -> Result<ListUsersReply, Refused> {
    let style = Style::of(request);
    let list = List::of(permit, &filters(request));
    let mut wanted = wanted(request);
    match style {
        Style::Pages(Window { skip, limit }) => {
            wanted.skip = Some(skip);
            wanted.limit = usize::try_from(limit).unwrap_or_default();
        }
        Style::Tokens { size } => {
            wanted.limit = usize::try_from(size).unwrap_or_default();
            let key = |text: &str| Key::parse(By::Number, text);
            let place = list.place(reader, Way::Next, request.next_token.as_ref(), key)?;
            if let Some((after, total)) = place {
                wanted.after = Some(after);
                wanted.counts = Some(Counted { before: total, is_later_page: true });
            }
        }
    }
    let page = users::list(reader, permit, &wanted).await?;
    let users = page.users.iter().map(|listed| &listed.user);
    let shows = Shows::of(reader, permit, &request.instance_id, users.clone()).await?;
    let total = page.total.expect("a total was demanded");
    let (next_token, max_results) = match style {
        Style::Pages(_) => (None, None),
        Style::Tokens { size } => (list.token(reader, Way::Next, page.next, Some(total)), Some(size)),
    };
    Ok(ListUsersReply {
        total_count: total,
        users: users.map(|user| shows.listed(user)).collect(),
        next_token,
        max_results,
    })
}

/// The request without what concerns the page alone, always the same where it asks the same.
fn filters(request: &ListUsers) -> ListUsers {
    let text = |text: &Option<String>| given(text.as_ref()).map(str::to_owned);
    ListUsers {
        page_number: None,
        page_size: None,
        next_token: None,
        max_results: None,
        user_ids: request.user_ids.clone().filter(|ids| !ids.is_empty()),
        username_starts_with: text(&request.username_starts_with),
        display_name_starts_with: text(&request.display_name_starts_with),
        phone_region: text(&request.phone_region),
        phone_number: text(&request.phone_number),
        email: text(&request.email),
        user_external_id: text(&request.user_external_id),
        user_source_id: text(&request.user_source_id),
        organizational_unit_id: text(&request.organizational_unit_id),
        ..request.clone()
    }
}

/// How the caller turns pages.
#[derive(Clone, Copy)]
enum Style {
    /// By page numbers.
    Pages(Window),
    /// By tokens. Who says nothing gets the first page of these, which is the same one, and may go on either way.
    Tokens { size: i64 },
}

impl Style {
    fn of(request: &ListUsers) -> Self {
        let by_token = given(request.next_token.as_ref()).is_some() || request.max_results.is_some();
        let by_number = request.page_number.is_some() || request.page_size.is_some();
        if by_number && !by_token {
            return Self::Pages(Window::of(request.page_number, request.page_size));
        }
        let size = request.max_results.map(|size| size.get()).filter(|size| *size > 0);
        Self::Tokens { size: size.unwrap_or(PAGE) }
    }
}

/// Who is asked for.
fn wanted(request: &ListUsers) -> Wanted {
    let text = |text: Option<&String>| given(text).map(str::to_owned);
    let external_id = given(request.user_external_id.as_ref());
    Wanted {
        users: only(request),
        username_begins: text(request.username_starts_with.as_ref()),
        display_name_begins: text(request.display_name_starts_with.as_ref()),
        email: text(request.email.as_ref()),
        phone_number: text(request.phone_number.as_ref()),
        phone_region: text(request.phone_region.as_ref()),
        external_id: external_id.map(|id| (id.to_owned(), ids::named(ids::USER, id))),
        status: request.status.map(|status| match status {
            StatusFilter::Enabled => Status::Enabled,
            StatusFilter::Disabled => Status::Disabled,
        }),
        unit: given(request.organizational_unit_id.as_ref()).map(|id| ids::named(ids::UNIT, id)),
        demands_unit: true,
        counts: Some(Counted::default()),
        demands_total: true,
        leaves_out_places: true,
        ..Wanted::default()
    }
}

/// The users who are named; nobody where another source is meant than the instance itself, which all come from.
fn only(request: &ListUsers) -> Option<Vec<directory::Named>> {
    let is_other = given(request.user_source_id.as_ref()).is_some_and(|id| id != request.instance_id)
        || request.user_source_type.is_some_and(|kind| kind != SourceType::BuildIn);
    if is_other {
        return Some(Vec::new());
    }
    let named = request.user_ids.as_ref().filter(|named| !named.is_empty());
    named.map(|named| ids::all_named(ids::USER, named))
}
