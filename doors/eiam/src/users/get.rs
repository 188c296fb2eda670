//! `GetUser`.

use api::eiam::{CustomFieldValue, GetUser, GetUserReply, GroupOfUser, ListedUser, ShownUser, UnitOfUser};
use directory::properties::ValuesOf;
use directory::users::{self, Shown};
use gate::{Permit, Reader};
use model::group::GroupText;
use model::property::Kind;
use model::unit::UnitText;

use super::shown::Shows;
use crate::texts::shown;
use crate::words::Refused;
use crate::{Settings, ids};

pub(crate) async fn get(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &GetUser,
) -> Result<GetUserReply, Refused> {
    let user = users::show(reader, permit, &ids::named(ids::USER, &request.user_id)).await?;
    let shows = Shows::of(reader, permit, &request.instance_id, std::iter::once(&user.user)).await?;
    Ok(GetUserReply { user: whole(shows.listed(&user.user), &user) })
}

/// What lists show of the user, and what they do not.
fn whole(listed: ListedUser, user: &Shown) -> ShownUser {
    let primary = user.units.first().map(|unit| ids::spell(ids::UNIT, unit.id));
    ShownUser {
        user_id: listed.user_id,
        username: listed.username,
        display_name: listed.display_name,
        password_set: listed.password_set,
        phone_region: listed.phone_region,
        phone_number: listed.phone_number,
        phone_number_verified: listed.phone_number_verified,
        email: listed.email,
        email_verified: listed.email_verified,
        user_external_id: listed.user_external_id,
        user_source_type: listed.user_source_type,
        user_source_id: listed.user_source_id,
        status: listed.status,
        account_expire_time: listed.account_expire_time,
        password_expire_time: listed.password_expire_time,
        register_time: listed.register_time,
        lock_expire_time: listed.lock_expire_time,
        create_time: listed.create_time,
        update_time: listed.update_time,
        description: listed.description,
        instance_id: listed.instance_id,
        primary_organizational_unit_id: primary.expect("everybody has a primary unit"),
        organizational_units: user.units.iter().enumerate().map(|(at, of)| unit(of, at == 0)).collect(),
        groups: user.groups.iter().map(group).collect(),
        custom_fields: user.values.iter().map(field).collect(),
    }
}

fn unit(unit: &UnitText, primary: bool) -> UnitOfUser {
    UnitOfUser {
        organizational_unit_id: ids::spell(ids::UNIT, unit.id),
        organizational_unit_name: unit.name.clone(),
        primary,
    }
}

fn group(group: &GroupText) -> GroupOfUser {
    GroupOfUser {
        group_id: ids::spell(ids::GROUP, group.id),
        group_name: group.name.clone(),
        description: shown(&group.description),
    }
}

/// Where several choices may be made, they are a JSON list of texts, also where it is one.
fn field(values: &ValuesOf) -> CustomFieldValue {
    let value = match values.kind {
        Kind::Checkbox => serde_json::to_string(&values.texts).expect("texts become JSON"),
        Kind::Text | Kind::Number | Kind::Truth | Kind::Select => values.texts.concat(),
    };
    CustomFieldValue { field_name: values.property.clone(), field_value: Some(value) }
}
