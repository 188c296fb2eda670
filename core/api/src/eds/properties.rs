//! The actions on properties: names that an administrator defines, each with a list of values.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, List, Undecodable};

use super::{Done, filled};

/// `CreateProperty`: makes a property with its values, each value for itself.
///
/// Source: `reference/eds-user.md`, 11.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateProperty {
    /// The name, unique in the account.
    pub property_key: String,
    /// The values; more than 50 are over the limit of a property.
    pub property_values: Option<List<String, 0, 100>>,
}

/// The answer of [`CreateProperty`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreatePropertyReply {
    /// The property.
    pub create_result: SavedProperty,
}

/// A property as it was saved.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SavedProperty {
    /// Its id.
    pub property_id: i64,
    /// Its name.
    pub property_key: String,
    /// Which values it has and which were not saved.
    pub save_property_value_model: SavePropertyValueModel,
}

/// Which values a property has and which were not saved, in the order of the request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SavePropertyValueModel {
    /// All that were made or kept.
    pub save_property_values: Vec<PropertyValue>,
    /// Those that were not.
    pub failed_property_values: Vec<FailedPropertyValue>,
}

/// A value of a property.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct PropertyValue {
    /// Its id.
    pub property_value_id: i64,
    /// Its text.
    pub property_value: String,
}

/// A value that was not saved.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FailedPropertyValue {
    /// The property, not the value.
    pub property_id: i64,
    /// As given.
    pub property_value: Option<String>,
    /// Why, for programs.
    pub error_code: String,
    /// Why, for people.
    pub error_message: String,
}

impl Action for CreateProperty {
    const NAME: &'static str = "CreateProperty";
    const RIGHT: Right = Right::create("ecd:CreateProperty");
    type Reply = CreatePropertyReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.property_key, "PropertyKey")
    }
}

/// `RemoveProperty`: removes a property with all its values, from all users.
///
/// Source: `reference/eds-user.md`, 12.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct RemoveProperty {
    /// The property.
    pub property_id: i64,
}

impl Action for RemoveProperty {
    const NAME: &'static str = "RemoveProperty";
    const RIGHT: Right = Right::delete("ecd:RemoveProperty");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }
}

/// `DeleteUserPropertyValue`: takes a value from a user.
///
/// Source: `reference/eds-user.md`, 13.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteUserPropertyValue {
    /// The user's number.
    pub user_id: i64,
    /// The property.
    pub property_id: i64,
    /// The value, which is one of the property's.
    pub property_value_id: i64,
}

impl Action for DeleteUserPropertyValue {
    const NAME: &'static str = "DeleteUserPropertyValue";
    const RIGHT: Right = Right::delete("ecd:DeleteUserPropertyValue");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }
}

/// `UpdateProperty`: renames a property and replaces its values, each value for itself.
///
/// Source: `reference/eds-user.md`, 14.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateProperty {
    /// The property.
    pub property_id: i64,
    /// Its name from now on.
    pub property_key: String,
    /// All its values from now on; where none are given they stay.
    pub property_values: Option<List<GivenPropertyValue, 0, 100>>,
}

/// A value that a property shall have.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GivenPropertyValue {
    /// The value to keep or to rename; without it, the one with this text is kept or made.
    pub property_value_id: Option<i64>,
    /// Its text from now on.
    pub property_value: Option<String>,
}

/// The answer of [`UpdateProperty`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct UpdatePropertyReply {
    /// The property.
    pub update_result: SavedProperty,
}

impl Action for UpdateProperty {
    const NAME: &'static str = "UpdateProperty";
    const RIGHT: Right = Right::update("ecd:UpdateProperty");
    type Reply = UpdatePropertyReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.property_key, "PropertyKey")
    }
}

/// `SetUserPropertyValue`: gives a value to a user.
///
/// Source: `reference/eds-user.md`, 15.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct SetUserPropertyValue {
    /// The user's number.
    pub user_id: i64,
    /// The same user's username.
    pub user_name: String,
    /// The property.
    pub property_id: i64,
    /// The value, which is one of the property's.
    pub property_value_id: i64,
}

impl Action for SetUserPropertyValue {
    const NAME: &'static str = "SetUserPropertyValue";
    const RIGHT: Right = Right::update("ecd:SetUserPropertyValue");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }

    fn check(&self) -> Result<(), Undecodable> {
        filled(&self.user_name, "UserName")
    }
}

/// `ListProperty`: lists all properties with their values.
///
/// Source: `reference/eds-user.md`, 16.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListProperty {}

/// The answer of [`ListProperty`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListPropertyReply {
    /// Empty: there is one page.
    pub next_token: String,
    /// The properties, in the order of their ids.
    pub properties: Vec<ListedProperty>,
}

/// A property.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListedProperty {
    /// Its id.
    pub property_id: i64,
    /// Its name.
    pub property_key: String,
    /// Its values, in the order of their ids.
    pub property_values: Vec<PropertyValue>,
}

impl Action for ListProperty {
    const NAME: &'static str = "ListProperty";
    const RIGHT: Right = Right::get("ecd:ListProperty");
    type Reply = ListPropertyReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }
}

/// `ListPropertyValue`: lists the values of one property.
///
/// Source: `reference/eds-user.md`, 17.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListPropertyValue {
    /// The property.
    pub property_id: i64,
}

/// The answer of [`ListPropertyValue`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListPropertyValueReply {
    /// The values, in the order of their ids.
    pub property_value_infos: Vec<PropertyValue>,
}

impl Action for ListPropertyValue {
    const NAME: &'static str = "ListPropertyValue";
    const RIGHT: Right = Right::get("ecd:ListPropertyValue");
    type Reply = ListPropertyValueReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }
}

/// `CheckUsedProperty`: counts the users who have any value of a property.
///
/// Source: `reference/eds-user.md`, 18.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CheckUsedProperty {
    /// The property.
    pub property_id: i64,
}

/// The answer of [`CheckUsedProperty`] and of [`CheckUsedPropertyValue`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CheckUsedReply {
    /// How many users, each counted once.
    pub use_count: i64,
}

impl Action for CheckUsedProperty {
    const NAME: &'static str = "CheckUsedProperty";
    const RIGHT: Right = Right::get("ecd:CheckUsedProperty");
    type Reply = CheckUsedReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }
}

/// `CheckUsedPropertyValue`: counts the users who have one value of a property.
///
/// Source: `reference/eds-user.md`, 19.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CheckUsedPropertyValue {
    /// The property.
    pub property_id: i64,
    /// The value, which is one of the property's.
    pub property_value_id: i64,
}

impl Action for CheckUsedPropertyValue {
    const NAME: &'static str = "CheckUsedPropertyValue";
    const RIGHT: Right = Right::get("ecd:CheckUsedPropertyValue");
    type Reply = CheckUsedReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Any]
    }
}
