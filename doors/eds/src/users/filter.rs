//! `FilterUsers`.

use api::eds::{
    FilterUsers, FilterUsersReply, FilteredUser, OrderField, OrderParam, OrderType, OwnerTypeFilter,
    PropertyValue, UserSetProperties,
};
use directory::policies;
use directory::users::{self, By, Key, Listing, Order, Wanted, WantedValues};
use gate::{Permit, Reader};
use model::policy::Expiration;
use model::property::ValueOf;
use model::user::{Listed, OwnerType};

use super::asked::{State, login, names, state};
use super::shown::{groups, orgs, owner_type, status, text};
use crate::pages::List;
use crate::words::{Refused, given};
use crate::{Settings, contact, ids, time};

/// The page size where none is given, and the largest one that is answered.
const PAGE: i64 = 100;
/// A property that an administrator made.
const CUSTOM: i64 = 2;

pub(crate) async fn filter(
    settings: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &FilterUsers,
) -> Result<FilterUsersReply, Refused> {
    let apart = FilterUsers {
        max_results: None,
        next_token: None,
        include_desktop_count: None,
        include_desktop_group_count: None,
        include_org_info: None,
        include_support_idps: None,
        show_extras: None,
        ..request.clone()
    };
    let list = List::of(permit, &apart);
    let order = order(request.order_param);
    let place = list.place(reader, request.next_token.as_ref(), |text| Key::parse(order.by, text))?;
    let Some(mut wanted) = wanted(request, order)? else {
        return Ok(FilterUsersReply { next_token: String::new(), users: Vec::new() });
    };
    wanted.after = place.map(|(after, _)| after);
    let page = users::list(reader, permit, &wanted).await?;
    let expiration = policies::get(reader, permit).await?.unwrap_or_default();
    let shown = |listed| filtered(settings, listed, (permit, &expiration), request);
    let users = page.users.iter().map(shown).collect();
    Ok(FilterUsersReply { next_token: list.token(reader, permit, page.next, None), users })
}

fn order(param: OrderParam) -> Order {
    let by = match param.order_field {
        OrderField::EndUserId => By::Name,
        // Numbers are given in the order in which users are made.
        OrderField::Id | OrderField::GmtCreated => By::Number,
    };
    let descending = match param.order_type {
        OrderType::Ascending => false,
        OrderType::Descending => true,
    };
    Order { by, descending }
}

/// Who is asked for; `None` where nobody can match.
fn wanted(request: &FilterUsers, order: Order) -> Result<Option<Wanted>, Refused> {
    let State::Shut(shut) = state(request.status) else { return Ok(None) };
    let owner = request.owner_type.map(|owner| match owner {
        OwnerTypeFilter::Normal => OwnerType::Normal,
        OwnerTypeFilter::CreateFromManager => OwnerType::CreateFromManager,
    });
    let included = request.include_end_user_ids.as_ref().filter(|named| !named.is_empty());
    let limit = request.max_results.map_or(PAGE, |n| n.get().min(PAGE));
    Ok(Some(Wanted {
        usernames: included.map(names),
        not_usernames: names(request.exclude_end_user_ids.iter().flatten()),
        unit: given(request.org_id.as_ref()).map(ids::named_org),
        with_subtree: request.is_query_all_sub_orgs.unwrap_or(false),
        shut,
        owner,
        values: values(request)?,
        text: login(request.filter.as_ref())?,
        order: Listing::By(order),
        shows_values: true,
        limit: usize::try_from(limit).unwrap_or_default(),
        ..Wanted::default()
    }))
}

/// The values of properties that are asked for, by number and by text.
fn values(request: &FilterUsers) -> Result<Vec<WantedValues>, Refused> {
    let mut wanted = Vec::new();
    for filter in request.property_filter_param.iter().flatten() {
        let invalid = || Refused::invalid("PropertyFilterParam");
        let numbers: Result<Vec<i64>, _> =
            listed(filter.property_value_ids.as_ref()).map(|id| id.parse::<i64>()).collect();
        let values = numbers.map_err(|_| invalid())?;
        if values.is_empty() && given(filter.property_value_ids.as_ref()).is_some() {
            return Err(invalid());
        }
        wanted.push(WantedValues::Numbers { property: filter.property_id.ok_or_else(invalid)?, values });
    }
    for filter in request.property_key_value_filter_param.iter().flatten() {
        let key = given(filter.property_key.as_ref());
        // A value may hold a comma itself.
        let whole = given(filter.property_values.as_ref()).map(str::trim);
        let parts = listed(filter.property_values.as_ref());
        wanted.push(WantedValues::Texts {
            property: key.ok_or_else(|| Refused::invalid("PropertyKeyValueFilterParam"))?.to_owned(),
            values: parts.chain(whole).map(str::to_owned).collect(),
        });
    }
    Ok(wanted)
}

/// The parts of a text between its commas.
fn listed(text: Option<&String>) -> impl Iterator<Item = &str> {
    given(text).unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty())
}

fn filtered(
    settings: &Settings,
    listed: &Listed,
    (permit, expiration): (&Permit, &Expiration),
    request: &FilterUsers,
) -> FilteredUser {
    let user = &listed.user;
    let asks = |asked: Option<bool>| asked.unwrap_or(false);
    FilteredUser {
        id: user.id.number().0,
        end_user_id: user.username.to_string(),
        email: text(user.email.as_str()),
        phone: user.phone.as_ref().map(contact::shown),
        remark: text(user.description.as_str()),
        real_nick_name: text(user.display_name.as_str()),
        owner_type: owner_type(user.owner_type),
        status: status(user, permit.at()),
        is_tenant_manager: user.role.manages(),
        enable_admin_access: user.local_admin,
        auto_lock_time: user.locks.locks_at.as_ref().map(|at| time::shown_locks_at(at, settings.zone)),
        password_expire_days: user.password_days(expiration).map(i64::from),
        password_expire_rest_days: user.password_days_left(expiration, permit.at()),
        desktop_count: asks(request.include_desktop_count).then_some(0),
        desktop_group_count: asks(request.include_desktop_group_count).then_some(0),
        user_set_properties_models: set_properties(listed),
        org_list: asks(request.include_org_info).then(|| orgs(listed)),
        groups: groups(listed),
        support_login_idps: asks(request.include_support_idps).then(Vec::new),
        resource_policy_list: Vec::new(),
    }
}

/// The user's properties, each with those of its values that the user has.
fn set_properties(listed: &Listed) -> Vec<UserSetProperties> {
    let user = &listed.user;
    // What was typed in has no id, and does not show here.
    let chosen = |value: &ValueOf| {
        let property_value = value.value.clone();
        value.item.map(|item| PropertyValue { property_value_id: item.0, property_value })
    };
    let of_one = |values: &[ValueOf]| {
        let first = values.first().filter(|first| first.item.is_some())?;
        Some(UserSetProperties {
            user_id: user.id.number().0,
            user_name: user.username.to_string(),
            property_id: first.property.0,
            property_key: first.name.clone(),
            property_type: CUSTOM,
            property_values: values.iter().filter_map(chosen).collect(),
        })
    };
    listed.values.chunk_by(|a, b| a.property == b.property).filter_map(of_one).collect()
}
