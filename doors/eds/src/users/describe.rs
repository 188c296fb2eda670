//! `DescribeUsers`.

use std::collections::BTreeMap;

use api::eds::{
    DescribeUsers, DescribeUsersReply, DescribedUser, Extras, GroupOfUser, OrgOfUser, ShownStatus,
};
use directory::users::{self, Wanted};
use directory::{Field, Pattern};
use gate::{Permit, Reader, page_token};
use model::user::{Listed, OwnerType, User};
use model::{Folded, Number};
use serde_json::Value;

use crate::words::{Refused, given};
use crate::{Settings, contact, ids};

/// The page size where none is given.
const PAGE: i64 = 200;
/// Characters of a fuzzy filter: more than any text that it could match.
const FILTER: usize = 512;
/// The kinds of resources that other systems would count.
const RESOURCES: [&str; 4] = ["APP", "CloudDrive", "Desktop", "DesktopGroup"];

pub(crate) async fn describe(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &DescribeUsers,
) -> Result<DescribeUsersReply, Refused> {
    let conditions = conditions(request);
    let place = match given(request.next_token.as_ref()) {
        Some(token) => Some(
            page_token::read(&reader.keyring(), NAME, &conditions, token)
                .ok_or_else(|| Refused::invalid("NextToken"))?,
        ),
        None => None,
    };
    let Some(mut wanted) = wanted(request)? else {
        return Ok(DescribeUsersReply { next_token: String::new(), count: 0, users: Vec::new() });
    };
    if let Some(place) = &place {
        wanted.after = Some(Number(place.after.parse().map_err(|_| Refused::invalid("NextToken"))?));
        wanted.total = place.total;
    }
    let page = users::list(reader, permit, &wanted).await?;

    let next_token = match page.users.last() {
        Some(last) if page.has_more => {
            let after = last.user.id.number().to_string();
            let place = page_token::Place { after, total: Some(page.total), issued: permit.at() };
            page_token::issue(&reader.keyring(), NAME, &conditions, &place)
        }
        Some(_) | None => String::new(),
    };
    let shows = Shows::of(request);
    let users = page.users.iter().map(|listed| described(listed, permit, &shows)).collect();
    Ok(DescribeUsersReply { next_token, count: page.total, users })
}

const NAME: &str = "DescribeUsers";

/// What a page token is good for: everything that is asked but the page itself.
fn conditions(request: &DescribeUsers) -> Vec<u8> {
    let apart = DescribeUsers { max_results: None, next_token: None, show_extras: None, ..request.clone() };
    serde_json::to_vec(&apart).expect("a request is plain texts and numbers")
}

/// Who is asked for; `None` where nobody can match.
fn wanted(request: &DescribeUsers) -> Result<Option<Wanted>, Refused> {
    let folded = |names: &[String]| names.iter().map(|name| Folded::of(name)).collect::<Vec<_>>();
    let text = match given(request.filter.as_ref()) {
        Some(text) if text.chars().count() > FILTER => return Err(Refused::invalid("Filter")),
        Some(text) if text.contains('*') => Pattern::like(Field::Login, text),
        Some(text) => Pattern::containing(Field::Login, text),
        None => None,
    };
    let shut = match request.status {
        None => None,
        Some(ShownStatus::Normal) => Some(false),
        Some(ShownStatus::Locked) => Some(true),
        Some(ShownStatus::Left) => return Ok(None),
    };
    let limit = request.max_results.map_or(PAGE, |n| n.get());
    Ok(Some(Wanted {
        usernames: request.end_user_ids.as_ref().filter(|names| !names.is_empty()).map(|names| folded(names)),
        not_usernames: request.exclude_end_user_ids.as_ref().map(|names| folded(names)).unwrap_or_default(),
        unit: given(request.org_id.as_ref()).map(ids::named_org),
        with_subtree: request.is_query_all_sub_orgs.unwrap_or(false),
        group: given(request.group_id.as_ref()).map(ids::named_group),
        not_group: given(request.exclude_group_id.as_ref()).map(ids::named_group),
        shut,
        text,
        after: None,
        total: None,
        limit: usize::try_from(limit).unwrap_or_default(),
    }))
}

/// What else is shown of each user.
struct Shows {
    properties: bool,
    resources: bool,
}

impl Shows {
    fn of(request: &DescribeUsers) -> Self {
        let asked = |key: &str| {
            let value = request.show_extras.as_ref().and_then(|extras| extras.get(key));
            match value {
                Some(Value::Bool(asked)) => *asked,
                Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
                Some(Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_)) | None => false,
            }
        };
        Self { properties: asked("Properties"), resources: asked("ResourcesCount") }
    }
}

fn described(listed: &Listed, permit: &Permit, shows: &Shows) -> DescribedUser {
    let user = &listed.user;
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let is_shut = user.is_shut_at(permit.at());
    DescribedUser {
        id: user.id.number().0,
        end_user_id: user.username.to_string(),
        wy_id: ids::wy(user.id),
        email: text(user.email.as_str()),
        phone: user.phone.as_ref().map(contact::shown),
        status: if is_shut { ShownStatus::Locked } else { ShownStatus::Normal },
        owner_type: owner_type(user.owner_type).to_owned(),
        remark: text(user.description.as_str()),
        real_nick_name: text(user.display_name.as_str()),
        nick_name: nick_name(user).to_owned(),
        org_id: listed.units.first().map(ids::org),
        orgs: listed
            .units
            .iter()
            .map(|unit| OrgOfUser {
                org_id: ids::org(unit),
                org_name: unit.name.clone(),
                org_name_path: unit.path.clone(),
            })
            .collect(),
        groups: listed
            .groups
            .iter()
            .map(|group| GroupOfUser { group_id: ids::group(group.id), group_name: group.name.clone() })
            .collect(),
        properties: shows.properties.then(Vec::new),
        extras: shows.resources.then(|| Extras {
            assigned_resource_count: RESOURCES
                .iter()
                .map(|kind| ((*kind).to_owned(), 0))
                .collect::<BTreeMap<_, _>>(),
            resource_policy_list: Vec::new(),
        }),
        is_tenant_manager: user.role.manages(),
        enable_admin_access: user.local_admin,
        password_expire_days: user.password.expires_after_days.map(i64::from),
        password_expire_rest_days: user.password.days_left(permit.at()),
    }
}

fn owner_type(owner: OwnerType) -> &'static str {
    match owner {
        OwnerType::Normal => "Normal",
        OwnerType::CreateFromManager => "CreateFromManager",
    }
}

/// The first of display name, remark and username that is there.
fn nick_name(user: &User) -> &str {
    user.display_name.given().or_else(|| user.description.given()).unwrap_or_else(|| user.username.as_str())
}
