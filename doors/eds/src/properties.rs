//! The actions on user properties and their values.

use api::eds::{
    CheckUsedProperty, CheckUsedPropertyValue, CheckUsedReply, CreateProperty, CreatePropertyReply,
    DeleteUserPropertyValue, Done, FailedPropertyValue, ListProperty, ListPropertyReply, ListPropertyValue,
    ListPropertyValueReply, ListedProperty, PropertyValue, RemoveProperty, SavePropertyValueModel,
    SavedProperty, SetUserPropertyValue, UpdateProperty, UpdatePropertyReply,
};
use directory::properties::{self, Binding, GivenValue, Limits, NewItem, NewProperty, Saved};
use gate::{Change, Permit, Reader};
use model::property::{Kind, Property, PropertyItem};

use crate::items::Item;
use crate::words::{Refused, given};
use crate::{Settings, texts};

/// What an account may have.
const LIMITS: Limits = Limits { properties: 10, values: 50, reserved: &[] };

pub(crate) async fn create(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &CreateProperty,
) -> Result<CreatePropertyReply, Refused> {
    let name = texts::name(&request.property_key, "PropertyKey")?;
    let texts = request.property_values.iter().flatten();
    let new = NewProperty {
        items: texts.clone().map(|text| NewItem::of(text.trim())).collect(),
        ..NewProperty::named(name, Kind::Checkbox)
    };
    let (property, saved) = properties::create(change, permit, &new, LIMITS).await?;
    let texts = texts.cloned().map(Some);
    Ok(CreatePropertyReply { create_result: self::saved(&property, saved, texts)? })
}

pub(crate) async fn update(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UpdateProperty,
) -> Result<UpdatePropertyReply, Refused> {
    let name = texts::name(&request.property_key, "PropertyKey")?;
    let values: Option<Vec<GivenValue>> = request.property_values.as_ref().map(|values| {
        let value = |value: &api::eds::GivenPropertyValue| GivenValue {
            number: value.property_value_id,
            text: given(value.property_value.as_ref()).map(str::to_owned),
        };
        values.iter().map(value).collect()
    });
    // Nobody can send an empty list: it says nothing of the values.
    let values = values.filter(|values| !values.is_empty());
    let updated = properties::update(change, permit, request.property_id, &name, values.as_deref(), LIMITS);
    let (property, saved) = updated.await?;
    let texts = values.into_iter().flatten().map(|value| value.text);
    Ok(UpdatePropertyReply { update_result: self::saved(&property, saved, texts)? })
}

/// What became of the values, `texts` being what was given for each of them.
fn saved(
    property: &Property,
    saved: Saved,
    texts: impl Iterator<Item = Option<String>>,
) -> Result<SavedProperty, Refused> {
    let property_id = property.id.number().0;
    let mut model =
        SavePropertyValueModel { save_property_values: Vec::new(), failed_property_values: Vec::new() };
    let mut texts = texts;
    for result in saved {
        let text = texts.next().flatten();
        match result {
            Ok(item) => model.save_property_values.push(shown(&item)),
            Err(error) => {
                let Item { code, message } = Item::of(error)?;
                model.failed_property_values.push(FailedPropertyValue {
                    property_id,
                    property_value: text,
                    error_code: code,
                    error_message: message,
                });
            }
        }
    }
    Ok(SavedProperty {
        property_id,
        property_key: property.name.as_str().to_owned(),
        save_property_value_model: model,
    })
}

fn shown(item: &PropertyItem) -> PropertyValue {
    PropertyValue { property_value_id: item.number.0, property_value: item.value.as_str().to_owned() }
}

pub(crate) async fn remove(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &RemoveProperty,
) -> Result<Done, Refused> {
    properties::remove(change, permit, request.property_id).await?;
    Ok(Done {})
}

pub(crate) async fn set_of_user(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &SetUserPropertyValue,
) -> Result<Done, Refused> {
    let binding =
        Binding { user: request.user_id, property: request.property_id, value: request.property_value_id };
    properties::bind(change, permit, &request.user_name, binding).await?;
    Ok(Done {})
}

pub(crate) async fn delete_of_user(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &DeleteUserPropertyValue,
) -> Result<Done, Refused> {
    let binding =
        Binding { user: request.user_id, property: request.property_id, value: request.property_value_id };
    properties::unbind(change, permit, binding).await?;
    Ok(Done {})
}

pub(crate) async fn list(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    _: &ListProperty,
) -> Result<ListPropertyReply, Refused> {
    let property = |property: &Property| ListedProperty {
        property_id: property.id.number().0,
        property_key: property.name.as_str().to_owned(),
        property_values: property.items.iter().map(shown).collect(),
    };
    let properties = properties::list(reader, permit).await?.iter().map(property).collect();
    Ok(ListPropertyReply { next_token: String::new(), properties })
}

pub(crate) async fn list_values(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &ListPropertyValue,
) -> Result<ListPropertyValueReply, Refused> {
    let property = properties::find(reader, permit, request.property_id).await?;
    Ok(ListPropertyValueReply { property_value_infos: property.items.iter().map(shown).collect() })
}

pub(crate) async fn check_used(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &CheckUsedProperty,
) -> Result<CheckUsedReply, Refused> {
    let use_count = properties::count_users(reader, permit, request.property_id, None).await?;
    Ok(CheckUsedReply { use_count })
}

pub(crate) async fn check_used_value(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &CheckUsedPropertyValue,
) -> Result<CheckUsedReply, Refused> {
    let value = Some(request.property_value_id);
    let use_count = properties::count_users(reader, permit, request.property_id, value).await?;
    Ok(CheckUsedReply { use_count })
}
