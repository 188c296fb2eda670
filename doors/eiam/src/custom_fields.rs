//! The actions on custom fields: properties, as this door calls them.
//!
//! Source: `reference/eiam.md` 10; `reference/doors.md` §1.3.

use api::eiam::{
    CreateCustomField, CreateCustomFieldReply, CustomField, DeleteCustomField, DisableCustomField, Done,
    EnableCustomField, EntityType, FieldDataConfig, FieldDataType, FieldDisplayType, FieldItem,
    GetCustomField, GetCustomFieldReply, NewFieldItem, Status, UserPermission,
};
use directory::properties::{self, Limits, NewItem, NewProperty};
use directory::{Argument, Error, Unique};
use gate::{Change, Permit, Reader};
use model::property::{Kind, Permission, Property, PropertyItem};
use model::text::{PropertyName, PropertyText};

use crate::words::{Refused, given};
use crate::{Settings, ids, texts};

/// What an instance may have: of fields any number.
const LIMITS: Limits = Limits { properties: usize::MAX, values: 100, reserved: &RESERVED };

/// What users have without any field, under the names that it has in this API and in others.
const RESERVED: [&str; 24] = [
    "account_expire_time",
    "create_time",
    "description",
    "display_name",
    "displayname",
    "email",
    "email_verified",
    "external_id",
    "groups",
    "instance_id",
    "lock_expire_time",
    "organizational_units",
    "password",
    "password_expire_time",
    "phone",
    "phone_number",
    "phone_number_verified",
    "phone_region",
    "preferred_language",
    "status",
    "update_time",
    "user_external_id",
    "user_id",
    "username",
];

pub(crate) async fn create(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &CreateCustomField,
) -> Result<CreateCustomFieldReply, Refused> {
    let new = new_property(request)?;
    let made = properties::create(change, permit, &new, LIMITS).await;
    let (property, saved) = made.map_err(value_in("DefaultValue"))?;
    // All choices are made, or none and no field.
    for item in saved {
        item.map_err(value_in("FieldDataConfig"))?;
    }
    Ok(CreateCustomFieldReply { field_id: ids::spell(ids::FIELD, property.id) })
}

/// What a rule says, where values stand in this parameter.
fn value_in(parameter: &'static str) -> impl Fn(Error) -> Refused {
    move |error| {
        let (Error::Unfit(Argument::PropertyValue, _) | Error::Taken(Unique::PropertyValue, _)) = error
        else {
            return error.into();
        };
        Refused::invalid(parameter)
    }
}

fn new_property(request: &CreateCustomField) -> Result<NewProperty, Refused> {
    let name = PropertyName::new(request.field_name.as_str()).map_err(|_| Refused::invalid("FieldName"))?;
    let default = given(request.default_value.as_ref()).map(PropertyText::new).transpose();
    let items: Result<Vec<NewItem>, Refused> = request.items().iter().map(new_item).collect();
    Ok(NewProperty {
        display_name: texts::name(&request.field_display_name, "FieldDisplayName")?,
        required: request.required.unwrap_or(false),
        unique: request.unique.unwrap_or(false),
        encrypted: request.encrypted.unwrap_or(false),
        default: default.map_err(|_| Refused::invalid("DefaultValue"))?,
        permission: request.user_permission.map_or(Permission::Hide, permission),
        description: texts::prose(request.description.as_ref(), "Description")?,
        items: items?,
        ..NewProperty::named(name, kind(request.field_display_type, request.field_data_type)?)
    })
}

fn kind(display: FieldDisplayType, data: FieldDataType) -> Result<Kind, Refused> {
    match (display, data) {
        (FieldDisplayType::Input, FieldDataType::String) => Ok(Kind::Text),
        (FieldDisplayType::Input, FieldDataType::Number) => Ok(Kind::Number),
        (FieldDisplayType::Select, FieldDataType::Boolean) => Ok(Kind::Truth),
        (FieldDisplayType::Select, FieldDataType::String) => Ok(Kind::Select),
        (FieldDisplayType::Checkbox, FieldDataType::String) => Ok(Kind::Checkbox),
        (FieldDisplayType::Input, FieldDataType::Boolean)
        | (FieldDisplayType::Select, FieldDataType::Number)
        | (FieldDisplayType::Checkbox, FieldDataType::Number | FieldDataType::Boolean) => {
            Err(Refused::invalid("FieldDataType"))
        }
    }
}

/// How values of this kind are filled in, and what they are.
fn types(kind: Kind) -> (FieldDisplayType, FieldDataType) {
    match kind {
        Kind::Text => (FieldDisplayType::Input, FieldDataType::String),
        Kind::Number => (FieldDisplayType::Input, FieldDataType::Number),
        Kind::Truth => (FieldDisplayType::Select, FieldDataType::Boolean),
        Kind::Select => (FieldDisplayType::Select, FieldDataType::String),
        Kind::Checkbox => (FieldDisplayType::Checkbox, FieldDataType::String),
    }
}

fn permission(permission: UserPermission) -> Permission {
    match permission {
        UserPermission::Hide => Permission::Hide,
        UserPermission::ReadOnly => Permission::ReadOnly,
        UserPermission::ReadWrite => Permission::ReadWrite,
    }
}

fn new_item(item: &NewFieldItem) -> Result<NewItem, Refused> {
    Ok(NewItem {
        value: item.value.clone(),
        display_name: texts::line(item.display_name.as_ref(), "FieldDataConfig")?,
        enabled: item.status != Some(Status::Disabled),
    })
}

pub(crate) async fn get(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &GetCustomField,
) -> Result<GetCustomFieldReply, Refused> {
    let property = properties::by_id(reader, permit, &ids::named(ids::FIELD, &request.field_id)).await?;
    Ok(GetCustomFieldReply { custom_field: shown(&property, &request.instance_id) })
}

fn shown(property: &Property, instance: &str) -> CustomField {
    let (field_display_type, field_data_type) = types(property.kind);
    let items: Vec<FieldItem> = property.items.iter().map(item).collect();
    CustomField {
        instance_id: instance.to_owned(),
        field_id: ids::spell(ids::FIELD, property.id),
        entity_type: EntityType::User,
        field_name: property.name.as_str().to_owned(),
        field_display_name: property.display_name.as_str().to_owned(),
        field_display_type,
        field_data_type,
        default_value: property.default.as_ref().map(|default| default.as_str().to_owned()),
        field_data_config: (!items.is_empty()).then_some(FieldDataConfig { items }),
        required: property.required,
        unique: property.unique,
        encrypted: property.encrypted,
        user_permission: match property.permission {
            Permission::Hide => UserPermission::Hide,
            Permission::ReadOnly => UserPermission::ReadOnly,
            Permission::ReadWrite => UserPermission::ReadWrite,
        },
        description: texts::shown(property.description.as_str()),
        status: status(property.enabled),
        create_time: property.created.0,
        update_time: property.updated.0,
    }
}

fn item(item: &PropertyItem) -> FieldItem {
    let value = item.value.as_str();
    FieldItem {
        display_name: item.display_name.given().unwrap_or(value).to_owned(),
        value: value.to_owned(),
        status: status(item.enabled),
    }
}

fn status(is_enabled: bool) -> Status {
    if is_enabled { Status::Enabled } else { Status::Disabled }
}

pub(crate) async fn enable(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &EnableCustomField,
) -> Result<Done, Refused> {
    properties::enable(change, permit, &ids::named(ids::FIELD, &request.field_id), true).await?;
    Ok(Done {})
}

pub(crate) async fn disable(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &DisableCustomField,
) -> Result<Done, Refused> {
    properties::enable(change, permit, &ids::named(ids::FIELD, &request.field_id), false).await?;
    Ok(Done {})
}

pub(crate) async fn remove(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &DeleteCustomField,
) -> Result<Done, Refused> {
    properties::remove_id(change, permit, &ids::named(ids::FIELD, &request.field_id)).await?;
    Ok(Done {})
}
