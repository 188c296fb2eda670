//! `DescribeUsers`.

use std::collections::BTreeMap;

use api::eds::{DescribeUsers, DescribeUsersReply, DescribedUser, Extras};
use directory::policies;
use directory::users::{self, By, Counted, Key, Wanted};
use gate::{Permit, Reader};
use model::policy::Expiration;
use model::user::Listed;
use serde_json::Value;

use super::asked::{State, login, names, state};
use super::shown::{groups, nick_name, orgs, owner_type, properties, status, text};
use crate::pages::List;
use crate::words::{Refused, given};
use crate::{Settings, contact, ids};

/// The page size where none is given.
const PAGE: i64 = 200;
/// The kinds of resources that other systems would count.
const RESOURCES: [&str; 4] = ["APP", "CloudDrive", "Desktop", "DesktopGroup"];

pub(crate) async fn describe(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &DescribeUsers,
) -> Result<DescribeUsersReply, Refused> {
    let apart = DescribeUsers { max_results: None, next_token: None, show_extras: None, ..request.clone() };
    let list = List::of(permit, &apart);
    let place = list.place(reader, request.next_token.as_ref(), |text| Key::parse(By::Number, text))?;
    let shows = Shows::of(request);
    let Some(mut wanted) = wanted(request, &shows)? else {
        return Ok(DescribeUsersReply { next_token: String::new(), count: Some(0), users: Vec::new() });
    };
    if let Some((after, total)) = place {
        wanted.after = Some(after);
        wanted.counts = Some(Counted { before: total, is_later_page: true });
    }
    let page = users::list(reader, permit, &wanted).await?;
    let expiration = policies::get(reader, permit).await?.unwrap_or_default();
    Ok(DescribeUsersReply {
        next_token: list.token(reader, permit, page.next, page.total),
        count: page.total,
        users: page.users.iter().map(|listed| described(listed, permit, &expiration, &shows)).collect(),
    })
}

/// Who is asked for; `None` where nobody can match.
fn wanted(request: &DescribeUsers, shows: &Shows) -> Result<Option<Wanted>, Refused> {
    let State::Shut(shut) = state(request.status) else { return Ok(None) };
    let limit = request.max_results.map_or(PAGE, |n| n.get());
    Ok(Some(Wanted {
        usernames: request.end_user_ids.as_ref().filter(|named| !named.is_empty()).map(names),
        not_usernames: names(request.exclude_end_user_ids.iter().flatten()),
        unit: given(request.org_id.as_ref()).map(ids::named_org),
        with_subtree: request.is_query_all_sub_orgs.unwrap_or(false),
        group: given(request.group_id.as_ref()).map(ids::named_group),
        not_group: given(request.exclude_group_id.as_ref()).map(ids::named_group),
        shut,
        text: login(request.filter.as_ref())?,
        counts: Some(Counted::default()),
        shows_values: shows.properties,
        limit: usize::try_from(limit).unwrap_or_default(),
        ..Wanted::default()
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

fn described(listed: &Listed, permit: &Permit, expiration: &Expiration, shows: &Shows) -> DescribedUser {
    let user = &listed.user;
    DescribedUser {
        id: user.id.number().0,
        end_user_id: user.username.to_string(),
        wy_id: ids::wy(user.id),
        email: text(user.email.as_str()),
        phone: user.phone.as_ref().map(contact::shown),
        status: status(user, permit.at()),
        owner_type: owner_type(user.owner_type),
        remark: text(user.description.as_str()),
        real_nick_name: text(user.display_name.as_str()),
        nick_name: nick_name(user),
        avatar: listed.avatar.clone(),
        org_id: listed.units.first().map(|unit| ids::org(unit.unit)),
        orgs: orgs(listed),
        groups: groups(listed),
        properties: shows.properties.then(|| properties(listed)),
        extras: shows.resources.then(|| Extras {
            assigned_resource_count: RESOURCES
                .iter()
                .map(|kind| ((*kind).to_owned(), 0))
                .collect::<BTreeMap<_, _>>(),
            resource_policy_list: Vec::new(),
        }),
        is_tenant_manager: user.role.manages(),
        enable_admin_access: user.local_admin,
        password_expire_days: user.password_days(expiration).map(i64::from),
        password_expire_rest_days: user.password_days_left(expiration, permit.at()),
    }
}
