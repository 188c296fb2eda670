//! Listing users.

use model::{Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::{Action, List, Place, Undecodable};

use crate::Ranged;
use crate::eiam::text::{id, line};
use crate::eiam::{PageNumber, PageSize, SourceType, Status, StatusFilter};

/// `ListUsers`: lists the users of an instance, by filters all of which must hold. An empty filter is none.
///
/// Pages come in two styles: `NextToken` or `MaxResults` asks for pages by token, and page numbers are
/// ignored.
///
/// Source: `reference/eiam.md`, 5 and 14.2.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListUsers {
    /// The instance.
    pub instance_id: String,
    /// Which page, counted from 1; the first if none is given.
    pub page_number: Option<PageNumber>,
    /// The page size, 20 if none is given.
    pub page_size: Option<PageSize>,
    /// Where the page begins: the last answer's.
    pub next_token: Option<String>,
    /// The size of a page by token; 20 if none or 0 is given.
    pub max_results: Option<Ranged<0, 100>>,
    /// Only these; unknown ones match nobody.
    pub user_ids: Option<List<String, 0, 100>>,
    /// How the username begins, whatever its case.
    pub username_starts_with: Option<String>,
    /// How the display name begins, whatever its case.
    pub display_name_starts_with: Option<String>,
    /// Only numbers of this region.
    pub phone_region: Option<String>,
    /// Only this number, of any region.
    pub phone_number: Option<String>,
    /// Only this address, whatever its case.
    pub email: Option<String>,
    /// Only this external id.
    pub user_external_id: Option<String>,
    /// Only users of this source: the instance's id, or nobody.
    pub user_source_id: Option<String>,
    /// Only users of sources of this type.
    pub user_source_type: Option<SourceType>,
    /// Only users of this status.
    pub status: Option<StatusFilter>,
    /// Only members of this unit, whether it is their primary one or a further one.
    pub organizational_unit_id: Option<String>,
}

/// The answer of [`ListUsers`].
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListUsersReply {
    /// How many users match, on all pages.
    pub total_count: i64,
    /// The users, in the order in which they were made.
    pub users: Vec<ListedUser>,
    /// Where the next page begins; absent on the last one and where page numbers were given.
    pub next_token: Option<String>,
    /// The size of a page by token; absent where page numbers were given.
    pub max_results: Option<i64>,
}

/// A user as a list shows it. Times are milliseconds since 1970.
///
/// Source: `reference/eiam.md`, 5.2.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub struct ListedUser {
    /// The id.
    pub user_id: String,
    /// The username.
    pub username: String,
    /// The display name.
    pub display_name: Option<String>,
    /// Whether there is a password.
    pub password_set: bool,
    /// The number's region, digits alone.
    pub phone_region: Option<String>,
    /// The number.
    pub phone_number: Option<String>,
    /// Whether the number is known to be the user's; false without one.
    pub phone_number_verified: bool,
    /// The address.
    pub email: Option<String>,
    /// Whether the address is known to be the user's; false without one.
    pub email_verified: bool,
    /// The external id: the own id unless another was given.
    pub user_external_id: String,
    /// What kind of source the user comes from.
    pub user_source_type: SourceType,
    /// Which source: the instance.
    pub user_source_id: String,
    /// What an administrator chose.
    pub status: Status,
    /// When the account locks itself.
    pub account_expire_time: Option<i64>,
    /// When the password ends; absent if never.
    pub password_expire_time: Option<i64>,
    /// When the user was made.
    pub register_time: i64,
    /// Until when the account is locked; absent if it is not.
    pub lock_expire_time: Option<i64>,
    /// When the user was made.
    pub create_time: i64,
    /// When one of the user's own fields last changed.
    pub update_time: i64,
    /// The description.
    pub description: Option<String>,
    /// The instance.
    pub instance_id: String,
}

impl Action for ListUsers {
    const NAME: &'static str = "ListUsers";
    const RIGHT: Right = Right::list("eiam:ListUsers");
    type Reply = ListUsersReply;

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::new("eiam", format!("instance/{}/user/*", self.instance_id))]
    }

    fn place(&self) -> Place<'_> {
        Place::Directory(&self.instance_id)
    }

    /// Filters may be as long as what other APIs store, which is wider than what this one takes.
    fn check(&self) -> Result<(), Undecodable> {
        id(&self.instance_id, "InstanceId")?;
        line::<256>(self.username_starts_with.as_deref(), "UsernameStartsWith")?;
        line::<256>(self.display_name_starts_with.as_deref(), "DisplayNameStartsWith")?;
        line::<32>(self.phone_region.as_deref(), "PhoneRegion")?;
        line::<128>(self.phone_number.as_deref(), "PhoneNumber")?;
        line::<128>(self.email.as_deref(), "Email")?;
        line::<128>(self.user_external_id.as_deref(), "UserExternalId")?;
        line::<128>(self.user_source_id.as_deref(), "UserSourceId")
    }
}
