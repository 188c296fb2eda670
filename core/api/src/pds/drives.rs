//! The operations on drives: who owns one and how large it is. Files lie elsewhere.

use model::{Audience, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::pds::{Unfit, blank, refuse};
use wire::{Operation, Success};

use super::text::{filled, label, line, prose, user_id};
use super::{Limit, Page, Party, Size, Status};

/// A drive.
///
/// Source: `reference/pds.md` §6.7.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Drive {
    /// The domain.
    pub domain_id: String,
    /// Its id, in decimal digits.
    pub drive_id: String,
    /// Its name.
    pub drive_name: String,
    /// The description; empty where it is unset.
    pub description: String,
    /// Whose it is: a user or a group.
    pub owner: String,
    /// Which of the two the owner is.
    pub owner_type: Party,
    /// What kind of drive it is: `normal`.
    pub drive_type: DriveType,
    /// Whether it is in use.
    pub status: Status,
    /// How many bytes it holds; -1 is without end.
    pub total_size: i64,
    /// How many bytes it is known to hold now.
    pub used_size: i64,
    /// When it was made, `2019-08-20T06:51:27.292Z`.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
    /// Who made it: a user's id, or nobody's.
    pub creator: String,
    /// The label of the part of the domain that it is in.
    pub subdomain_id: String,
}

/// A kind of drive.
///
/// Source: `reference/pds.md` §14.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DriveType {
    /// The only one today.
    Normal,
    /// One of old, which is not made any more.
    Large,
}

/// `drive/create`: makes a drive. An empty text in an optional parameter says as much as none.
///
/// Source: `reference/pds.md` §14.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct CreateDrive {
    /// 1 to 128 characters; others may have the same.
    pub drive_name: String,
    /// Whose it is: a user or a group.
    pub owner: String,
    /// Which of the two the owner is: a user if nothing is said.
    #[serde(default, deserialize_with = "blank")]
    pub owner_type: Option<Party>,
    /// Whether it is taken where none of the user's is named; of a group's drive this says nothing.
    pub default: Option<bool>,
    /// At most 1,024 characters.
    pub description: Option<String>,
    /// What kind of drive it is: `normal`.
    #[serde(default, deserialize_with = "blank")]
    pub drive_type: Option<DriveType>,
    /// Whether it is in use, which it is if nothing is said.
    #[serde(default, deserialize_with = "blank")]
    pub status: Option<Status>,
    /// How many bytes it holds; -1 is without end, as is nothing.
    pub total_size: Option<Size>,
    /// The label of the part of the domain that it is in, at most 64 characters.
    pub subdomain_id: Option<String>,
}

impl Operation for CreateDrive {
    const PATH: &'static str = "/v2/drive/create";
    const RIGHT: Right = Right::create("pds:CreateDrive");
    const AUDIENCE: Audience = Audience::Users;
    const SUCCESS: Success = Success::Created;
    type Reply = Drive;

    fn check(&self) -> Result<(), Unfit> {
        label::<128>(Some(&self.drive_name), "drive_name")?;
        filled(&self.owner, "owner")?;
        prose::<1024>(self.description.as_deref(), "description")?;
        refuse(self.drive_type == Some(DriveType::Large), "drive_type")?;
        line::<64>(self.subdomain_id.as_deref(), "subdomain_id")
    }
}

/// `drive/get`: shows one drive.
///
/// Source: `reference/pds.md` §14.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetDrive {
    /// The drive.
    pub drive_id: String,
}

impl Operation for GetDrive {
    const PATH: &'static str = "/v2/drive/get";
    const RIGHT: Right = Right::get("pds:GetDrive");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = Drive;

    fn check(&self) -> Result<(), Unfit> {
        filled(&self.drive_id, "drive_id")
    }
}

/// `drive/get_default_drive`: shows the drive of a user that is taken where none is named.
///
/// Source: `reference/pds.md` §14.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetDefaultDrive {
    /// The user: the caller if nobody is named.
    pub user_id: Option<String>,
}

impl Operation for GetDefaultDrive {
    const PATH: &'static str = "/v2/drive/get_default_drive";
    const RIGHT: Right = Right::get("pds:GetDefaultDrive");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = Drive;

    fn check(&self) -> Result<(), Unfit> {
        user_id(self.user_id.as_deref())
    }
}

/// `drive/list`: lists drives, of one owner or of all. An empty text says as much as none.
///
/// Source: `reference/pds.md` §14.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListDrive {
    /// Only drives of this owner.
    pub owner: Option<String>,
    /// Only drives of this kind of owner.
    #[serde(default, deserialize_with = "blank")]
    pub owner_type: Option<Party>,
    /// The page size, 100 if none is given.
    pub limit: Option<Limit>,
    /// Where the page begins.
    pub marker: Option<String>,
    /// Only drives of this label.
    pub subdomain_id: Option<String>,
}

impl Operation for ListDrive {
    const PATH: &'static str = "/v2/drive/list";
    const RIGHT: Right = Right::list("pds:ListDrive");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = Page<Drive>;

    fn check(&self) -> Result<(), Unfit> {
        line::<64>(self.subdomain_id.as_deref(), "subdomain_id")
    }
}

/// `drive/list_my_drives`: lists the caller's own drives.
///
/// Source: `reference/pds.md` §14.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListMyDrives {
    /// The page size, 100 if none is given.
    pub limit: Option<Limit>,
    /// Where the page begins.
    pub marker: Option<String>,
}

impl Operation for ListMyDrives {
    const PATH: &'static str = "/v2/drive/list_my_drives";
    const RIGHT: Right = Right::list("pds:ListMyDrives");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = Page<Drive>;
}

/// `drive/list_my_group_drive`: lists the drives of the caller's groups and of those above them.
///
/// Source: `reference/pds.md` §14.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListMyGroupDrive {
    /// What the name holds, whatever its case; an empty text says as much as none.
    pub drive_name: Option<String>,
    /// The page size, 100 if none is given.
    pub limit: Option<Limit>,
    /// Where the page begins.
    pub marker: Option<String>,
}

/// The answer of [`ListMyGroupDrive`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListMyGroupDriveReply {
    /// The drives.
    pub items: Vec<Drive>,
    /// The drive of the root group; null where there is none.
    pub root_group_drive: Option<Drive>,
    /// Where the next page begins; empty after the last one.
    pub next_marker: String,
}

impl Operation for ListMyGroupDrive {
    const PATH: &'static str = "/v2/drive/list_my_group_drive";
    const RIGHT: Right = Right::list("pds:ListMyGroupDrive");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = ListMyGroupDriveReply;

    fn check(&self) -> Result<(), Unfit> {
        line::<128>(self.drive_name.as_deref(), "drive_name")
    }
}

/// `drive/search`: lists drives, by conditions all of which must hold. An empty text says as much as none.
///
/// Source: `reference/pds.md` §7.7 and §14.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct SearchDrive {
    /// What the name holds, whatever its case.
    pub drive_name: Option<String>,
    /// Only drives of this owner.
    pub owner: Option<String>,
    /// Only drives of this kind of owner.
    #[serde(default, deserialize_with = "blank")]
    pub owner_type: Option<Party>,
    /// The page size, 100 if none is given.
    pub limit: Option<Limit>,
    /// Where the page begins.
    pub marker: Option<String>,
    /// Only drives of this label.
    pub subdomain_id: Option<String>,
}

impl Operation for SearchDrive {
    const PATH: &'static str = "/v2/drive/search";
    const RIGHT: Right = Right::list("pds:SearchDrive");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = Page<Drive>;

    fn check(&self) -> Result<(), Unfit> {
        line::<128>(self.drive_name.as_deref(), "drive_name")?;
        line::<64>(self.subdomain_id.as_deref(), "subdomain_id")
    }
}

/// `drive/update`: changes what is given; an empty description clears it.
///
/// Source: `reference/pds.md` §14.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct UpdateDrive {
    /// The drive.
    pub drive_id: String,
    /// 1 to 128 characters.
    pub drive_name: Option<String>,
    /// At most 1,024 characters.
    pub description: Option<String>,
    /// Whether it is in use.
    pub status: Option<Status>,
    /// How many bytes it holds; -1 is without end.
    pub total_size: Option<Size>,
    /// The user whose it is to be; only of a user's drive, and only by AccessKey.
    pub owner: Option<String>,
}

impl Operation for UpdateDrive {
    const PATH: &'static str = "/v2/drive/update";
    const RIGHT: Right = Right::update("pds:UpdateDrive");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = Drive;

    fn check(&self) -> Result<(), Unfit> {
        filled(&self.drive_id, "drive_id")?;
        label::<128>(self.drive_name.as_deref(), "drive_name")?;
        prose::<1024>(self.description.as_deref(), "description")?;
        self.owner.as_deref().map_or(Ok(()), |owner| filled(owner, "owner"))
    }
}

/// `drive/delete`: removes a drive; one that holds something is refused unless it is `force`d.
///
/// Source: `reference/pds.md` §14.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct DeleteDrive {
    /// The drive.
    pub drive_id: String,
    /// Whether it goes with what it holds.
    pub force: Option<bool>,
}

impl Operation for DeleteDrive {
    const PATH: &'static str = "/v2/drive/delete";
    const RIGHT: Right = Right::delete("pds:DeleteDrive");
    const AUDIENCE: Audience = Audience::Users;
    const SUCCESS: Success = Success::NoContent;
    type Reply = ();

    fn check(&self) -> Result<(), Unfit> {
        filled(&self.drive_id, "drive_id")
    }
}
