//! The actions on custom fields: named attributes of users.

use std::collections::HashSet;

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, List, Place, Undecodable, require};

use super::text::{filled, id, line, prose, valid};
use super::{Done, Status};

/// `CreateCustomField`: makes a custom field.
///
/// Source: `reference/eiam.md`, 10.1.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateCustomField {
    /// The instance.
    pub instance_id: String,
    /// What it is an attribute of.
    pub entity_type: EntityType,
    /// 1 to 40 of `a-z`, `0-9`, `_`, a letter first; unique in the instance.
    pub field_name: String,
    /// What people call it, 1 to 64 characters.
    pub field_display_name: String,
    /// How it is filled in.
    pub field_display_type: FieldDisplayType,
    /// What its values are: a text to type in may be a string or a number, one choice a string or a boolean,
    /// several choices are strings.
    pub field_data_type: FieldDataType,
    /// The value of who is given none: at most 1,024 characters, and such as the field takes.
    pub default_value: Option<String>,
    /// The choices, which strings to choose from must have. A text to type in has none.
    pub field_data_config: Option<NewFieldDataConfig>,
    /// Whether users must have a value; not, if nothing is given.
    pub required: Option<bool>,
    /// Whether no two users have the same value; they may, if nothing is given.
    pub unique: Option<bool>,
    /// Whether values are encrypted where they lie; not, if nothing is given.
    pub encrypted: Option<bool>,
    /// What people may do with it on their own page; nothing, if nothing is given.
    pub user_permission: Option<UserPermission>,
    /// At most 512 characters.
    pub description: Option<String>,
}

/// What a custom field is an attribute of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntityType {
    /// Users.
    User,
}

/// How a custom field is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldDisplayType {
    /// A text is typed in.
    Input,
    /// One choice is made.
    Select,
    /// Several choices are made.
    Checkbox,
}

/// What a custom field's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldDataType {
    /// Texts.
    String,
    /// Positive numbers, whole or with decimals, at most 32 characters.
    Number,
    /// `true` or `false`.
    Boolean,
}

/// What people may do with a custom field on their own page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UserPermission {
    /// Nothing; they do not see it.
    Hide,
    /// See it.
    ReadOnly,
    /// See and change it.
    ReadWrite,
}

/// The choices of a field that is to be made.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct NewFieldDataConfig {
    /// The choices, each value once.
    pub items: Option<List<NewFieldItem, 0, 100>>,
}

/// One choice of a field that is to be made.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct NewFieldItem {
    /// What people call it, at most 128 characters; as the value if none is given.
    pub display_name: Option<String>,
    /// The value, 1 to 64 characters.
    pub value: String,
    /// Whether it can be chosen; it can, if nothing is given.
    pub status: Option<Status>,
}

/// The answer of [`CreateCustomField`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CreateCustomFieldReply {
    /// The new field.
    pub field_id: String,
}

impl CreateCustomField {
    /// The choices, if any.
    pub fn items(&self) -> &[NewFieldItem] {
        self.field_data_config.as_ref().and_then(|config| config.items.as_deref()).unwrap_or_default()
    }

    /// That the values fit the way in which they are filled in.
    fn is_combined(&self) -> bool {
        use FieldDataType::{Boolean, Number, String};
        match self.field_display_type {
            FieldDisplayType::Input => matches!(self.field_data_type, String | Number),
            FieldDisplayType::Select => matches!(self.field_data_type, String | Boolean),
            FieldDisplayType::Checkbox => self.field_data_type == String,
        }
    }

    /// Whether strings are chosen, for which there have to be choices.
    fn is_chosen(&self) -> bool {
        self.field_display_type != FieldDisplayType::Input && self.field_data_type == FieldDataType::String
    }

    /// That the choices are such as the field can have.
    fn check_items(&self) -> Result<(), Undecodable> {
        let name = "FieldDataConfig";
        let fits = |item: &NewFieldItem| self.is_chosen() || is_boolean(&item.value);
        let mut values = HashSet::new();
        valid(self.items().is_empty() || self.field_display_type != FieldDisplayType::Input, name)?;
        for item in self.items() {
            line::<128>(item.display_name.as_deref(), name)?;
            line::<64>(Some(&item.value), name)?;
            valid(fits(item) && values.insert(&item.value), name)?;
        }
        Ok(())
    }

    /// Whether the field takes `value` as its default.
    fn takes(&self, value: &str) -> bool {
        let chosen = |value: &str| {
            self.items().iter().any(|item| item.value == value && item.status != Some(Status::Disabled))
        };
        match (self.field_data_type, self.field_display_type) {
            (FieldDataType::Number, _) => is_number(value),
            (FieldDataType::Boolean, _) => is_boolean(value) && (self.items().is_empty() || chosen(value)),
            (FieldDataType::String, FieldDisplayType::Input) => true,
            (FieldDataType::String, FieldDisplayType::Select) => chosen(value),
            (FieldDataType::String, FieldDisplayType::Checkbox) => {
                let several = serde_json::from_str::<Vec<String>>(value);
                several.map_or_else(
                    |_| chosen(value),
                    |several| !several.is_empty() && several.iter().all(|value| chosen(value)),
                )
            }
        }
    }
}

impl Action for CreateCustomField {
    const NAME: &'static str = "CreateCustomField";
    const RIGHT: Right = Right::create("eiam:CreateCustomField");
    type Reply = CreateCustomFieldReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/customfield/*", self.instance_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    /// Whether the default value is a choice is asked once the choices are known to be some.
    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        filled(&self.field_name, "FieldName")?;
        filled(&self.field_display_name, "FieldDisplayName")?;
        let named = self.items().iter().all(|item| !item.value.is_empty());
        let chooses = self.is_chosen() && self.items().is_empty();
        require(named && !chooses, "FieldDataConfig")?;

        valid(is_field_name(&self.field_name), "FieldName")?;
        line::<64>(Some(&self.field_display_name), "FieldDisplayName")?;
        valid(self.is_combined(), "FieldDataType")?;
        line::<1024>(self.default_value.as_deref(), "DefaultValue")?;
        self.check_items()?;
        let default = self.default_value.as_deref().unwrap_or_default();
        valid(default.is_empty() || self.takes(default), "DefaultValue")?;
        prose::<512>(self.description.as_deref(), "Description")
    }
}

/// The name of a field that EIAM makes.
fn is_field_name(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    text.len() <= 40 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(allowed)
}

/// Positive, whole or with decimals, at most 32 characters.
///
/// Source: `reference/eiam.md`, 10.2.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    text.len() <= 32 && digits(whole) && digits(decimals)
}

fn is_boolean(text: &str) -> bool {
    matches!(text, "true" | "false")
}

/// `GetCustomField`: shows one custom field.
///
/// Source: `reference/eiam.md`, 10.3.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetCustomField {
    /// The instance.
    pub instance_id: String,
    /// The custom field.
    pub field_id: String,
}

/// The answer of [`GetCustomField`].
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct GetCustomFieldReply {
    /// The field.
    pub custom_field: CustomField,
}

/// A custom field. Times are milliseconds since 1970.
///
/// Source: `reference/eiam.md`, 10.3.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct CustomField {
    /// The instance.
    pub instance_id: String,
    /// Its id.
    pub field_id: String,
    /// What it is an attribute of.
    pub entity_type: EntityType,
    /// Its name; as another API made it, any text.
    pub field_name: String,
    /// What people call it.
    pub field_display_name: String,
    /// How it is filled in.
    pub field_display_type: FieldDisplayType,
    /// What its values are.
    pub field_data_type: FieldDataType,
    /// The value of who is given none.
    pub default_value: Option<String>,
    /// The choices, where there are any.
    pub field_data_config: Option<FieldDataConfig>,
    /// Whether users must have a value.
    pub required: bool,
    /// Whether no two users have the same value.
    pub unique: bool,
    /// Whether values are encrypted where they lie.
    pub encrypted: bool,
    /// What people may do with it on their own page.
    pub user_permission: UserPermission,
    /// Its description.
    pub description: Option<String>,
    /// Whether it is in use.
    pub status: Status,
    /// When it was made.
    pub create_time: i64,
    /// When it last changed.
    pub update_time: i64,
}

/// The choices of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FieldDataConfig {
    /// The choices.
    pub items: Vec<FieldItem>,
}

/// One choice of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct FieldItem {
    /// What people call it.
    pub display_name: String,
    /// The value.
    pub value: String,
    /// Whether it can be chosen.
    pub status: Status,
}

impl Action for GetCustomField {
    const NAME: &'static str = "GetCustomField";
    const RIGHT: Right = Right::get("eiam:GetCustomField");
    type Reply = GetCustomFieldReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/customfield/{}", self.instance_id, self.field_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.field_id, "FieldId")
    }
}

/// `EnableCustomField`: puts a custom field into use again, with the values that users had.
///
/// Source: `reference/eiam.md`, 10.4.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct EnableCustomField {
    /// The instance.
    pub instance_id: String,
    /// The custom field.
    pub field_id: String,
}

impl Action for EnableCustomField {
    const NAME: &'static str = "EnableCustomField";
    const RIGHT: Right = Right::update("eiam:EnableCustomField");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/customfield/{}", self.instance_id, self.field_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.field_id, "FieldId")
    }
}

/// `DisableCustomField`: takes a custom field out of use; users keep their values, unseen.
///
/// Source: `reference/eiam.md`, 10.4.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DisableCustomField {
    /// The instance.
    pub instance_id: String,
    /// The custom field.
    pub field_id: String,
}

impl Action for DisableCustomField {
    const NAME: &'static str = "DisableCustomField";
    const RIGHT: Right = Right::update("eiam:DisableCustomField");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/customfield/{}", self.instance_id, self.field_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.field_id, "FieldId")
    }
}

/// `DeleteCustomField`: removes a custom field with all values that users have.
///
/// Source: `reference/eiam.md`, 10.4.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteCustomField {
    /// The instance.
    pub instance_id: String,
    /// The custom field.
    pub field_id: String,
}

impl Action for DeleteCustomField {
    const NAME: &'static str = "DeleteCustomField";
    const RIGHT: Right = Right::delete("eiam:DeleteCustomField");
    type Reply = Done;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/customfield/{}", self.instance_id, self.field_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        id(&self.field_id, "FieldId")
    }
}
