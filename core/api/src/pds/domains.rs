//! The operations on domains: an account's directories.

use model::{Audience, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::pds::{Unfit, blank, refuse, require};
use wire::{Operation, Success};

use super::text::{filled, given, known_word, label, line, prose, valid};
use super::{Limit, Page, Size};
use crate::Ranged;

/// How many users there may be; 0 and -1 are without end.
///
/// Source: `reference/pds.md` §6.8.
pub type UserCountQuota = Ranged<-1, 2_147_483_647>;

/// The most that an app's id may have, in bytes.
const MOST_OF_APP: usize = 128;

/// A domain.
///
/// Source: `reference/pds.md` §6.8.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Domain {
    /// Its id.
    pub domain_id: String,
    /// Its name.
    pub domain_name: String,
    /// The description; empty where it is unset.
    pub description: String,
    /// The domain above; there is none.
    pub parent_domain_id: String,
    /// Whether users get a drive with their first token.
    pub init_drive_enable: bool,
    /// How many bytes such a drive holds; -1 is without end.
    pub init_drive_size: i64,
    /// How many bytes all drives hold; 0 is without end.
    pub size_quota: i64,
    /// How many of them are in use, where it was asked for and there is an end.
    pub size_quota_used: Option<i64>,
    /// How many bytes are in use.
    pub used_size: i64,
    /// How many users there may be; 0 is without end.
    pub user_count_quota: i64,
    /// Its state: 1, which is in use.
    pub status: i64,
    /// When it was made, `2019-08-20T06:51:27.292Z`.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
    /// Which apps may work in it.
    pub published_app_access_strategy: AppAccessStrategy,
}

/// Which apps may work in a domain.
///
/// Source: `reference/pds.md` §6.8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AppAccessStrategy {
    /// What holds for all that are not excepted.
    pub effect: Effect,
    /// The apps for which the other holds: at most 100 ids, each of at most 128 bytes.
    #[serde(default)]
    pub except_app_id_list: Vec<String>,
}

/// Whether apps may work in a domain.
///
/// Source: `reference/pds.md` §6.8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// They may.
    Allow,
    /// They may not.
    Deny,
}

/// How often files are kept.
///
/// Source: `reference/pds.md` §15.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum StoreRedundancyType {
    /// In one zone.
    Lrs,
    /// In several zones.
    Zrs,
}

/// By what a list of domains is ordered.
///
/// Source: `reference/pds.md` §15.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DomainOrder {
    /// By when they were made, the last one first.
    CreatedAt,
}

/// `domain/create`: makes a domain. An empty text in an optional parameter says as much as none.
///
/// Source: `reference/pds.md` §15.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct CreateDomain {
    /// 1 to 128 characters; others may have the same.
    pub domain_name: String,
    /// At most 1,024 characters.
    pub description: Option<String>,
    /// Whether users get a drive with their first token; they do not if nothing is said.
    pub init_drive_enable: Option<bool>,
    /// How many bytes such a drive holds; -1 is without end. Required where `init_drive_enable` is true.
    pub init_drive_size: Option<Size>,
    /// Not served: no domain is above another one.
    pub parent_domain_id: Option<String>,
    /// How many bytes all drives hold; without end if nothing is said.
    pub size_quota: Option<Size>,
    /// How many users there may be; without end if nothing is said.
    pub user_count_quota: Option<UserCountQuota>,
    /// How often files are kept; it says nothing here.
    #[serde(default, deserialize_with = "blank")]
    pub store_redundancy_type: Option<StoreRedundancyType>,
}

impl Operation for CreateDomain {
    const PATH: &'static str = "/v2/domain/create";
    const RIGHT: Right = Right::create("pds:CreateDomain");
    const AUDIENCE: Audience = Audience::Owner;
    type Reply = Domain;

    fn check(&self) -> Result<(), Unfit> {
        let has_size = self.init_drive_enable != Some(true) || self.init_drive_size.is_some();
        label::<128>(Some(&self.domain_name), "domain_name")?;
        require(has_size, "init_drive_size")?;
        prose::<1024>(self.description.as_deref(), "description")?;
        refuse(given(self.parent_domain_id.as_deref()), "parent_domain_id")
    }
}

/// `domain/get`: shows one domain.
///
/// Source: `reference/pds.md` §15.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetDomain {
    /// The domain: the caller's if none is named.
    pub domain_id: Option<String>,
    /// Whether to say how much of the quota is in use.
    pub get_quota_used: Option<bool>,
    /// Which optional parts to show, with commas between them, `*` for all; they are always shown.
    pub fields: Option<String>,
}

impl Operation for GetDomain {
    const PATH: &'static str = "/v2/domain/get";
    const RIGHT: Right = Right::get("pds:GetDomain");
    const NAMES_DOMAIN: bool = true;
    type Reply = Domain;
}

/// `domain/get_quota`: shows how much of the caller's domain is in use.
///
/// Source: `reference/pds.md` §15.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetDomainQuota {}

/// The answer of [`GetDomainQuota`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GetDomainQuotaReply {
    /// How many bytes all drives hold; 0 is without end.
    pub size_quota: i64,
    /// How many bytes are in use.
    pub size_used: i64,
    /// How many users there may be; 0 is without end.
    pub user_count_quota: i64,
    /// How many people there are.
    pub user_count_used: i64,
}

impl Operation for GetDomainQuota {
    const PATH: &'static str = "/v2/domain/get_quota";
    const RIGHT: Right = Right::get("pds:GetDomainQuota");
    const AUDIENCE: Audience = Audience::Users;
    type Reply = GetDomainQuotaReply;
}

/// `domain/list`: lists the account's domains.
///
/// Source: `reference/pds.md` §15.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListDomains {
    /// The page size, 50 if none is given.
    pub limit: Option<Limit>,
    /// Where the page begins.
    pub marker: Option<String>,
    /// Not served: no domain is above another one.
    pub parent_domain_id: Option<String>,
    /// Not served: no other service has domains here.
    pub service_code: Option<String>,
}

impl Operation for ListDomains {
    const PATH: &'static str = "/v2/domain/list";
    const RIGHT: Right = Right::list("pds:ListDomains");
    const AUDIENCE: Audience = Audience::Owner;
    type Reply = Page<Domain>;

    fn check(&self) -> Result<(), Unfit> {
        refuse(given(self.parent_domain_id.as_deref()), "parent_domain_id")?;
        refuse(given(self.service_code.as_deref()), "service_code")
    }
}

/// `domain/search`: lists the account's domains whose name holds a text, the last one first.
///
/// Source: `reference/pds.md` §15.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct SearchDomains {
    /// What the name holds, whatever its case; an empty text says as much as none.
    pub name: Option<String>,
    /// The order; another one says nothing.
    #[serde(default, deserialize_with = "known_word")]
    pub order_by: Option<DomainOrder>,
    /// The page size, 100 if none is given.
    pub limit: Option<Limit>,
    /// Where the page begins.
    pub marker: Option<String>,
}

impl Operation for SearchDomains {
    const PATH: &'static str = "/v2/domain/search";
    const RIGHT: Right = Right::list("pds:SearchDomains");
    const AUDIENCE: Audience = Audience::Owner;
    type Reply = Page<Domain>;

    fn check(&self) -> Result<(), Unfit> {
        line::<128>(self.name.as_deref(), "name")
    }
}

/// `domain/update`: changes what is given; an empty description clears it.
///
/// Source: `reference/pds.md` §15.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct UpdateDomain {
    /// The domain.
    pub domain_id: String,
    /// 1 to 128 characters.
    pub domain_name: Option<String>,
    /// At most 1,024 characters.
    pub description: Option<String>,
    /// Whether users get a drive with their first token.
    pub init_drive_enable: Option<bool>,
    /// How many bytes such a drive holds; -1 is without end.
    pub init_drive_size: Option<Size>,
    /// How many bytes all drives hold; 0 and -1 are without end.
    pub size_quota: Option<Size>,
    /// How many users there may be.
    pub user_count_quota: Option<UserCountQuota>,
    /// Which apps may work in it.
    pub published_app_access_strategy: Option<AppAccessStrategy>,
}

impl Operation for UpdateDomain {
    const PATH: &'static str = "/v2/domain/update";
    const RIGHT: Right = Right::update("pds:UpdateDomain");
    const NAMES_DOMAIN: bool = true;
    type Reply = Domain;

    fn check(&self) -> Result<(), Unfit> {
        filled(&self.domain_id, "domain_id")?;
        label::<128>(self.domain_name.as_deref(), "domain_name")?;
        prose::<1024>(self.description.as_deref(), "description")?;
        let apps = self.published_app_access_strategy.as_ref().map(|strategy| &strategy.except_app_id_list);
        let is_app = |app: &String| app.len() <= MOST_OF_APP;
        let fits = |apps: &Vec<String>| apps.len() <= 100 && apps.iter().all(is_app);
        valid(apps.is_none_or(fits), "published_app_access_strategy")
    }
}

/// `domain/delete`: removes a domain that has neither people nor drives.
///
/// Source: `reference/pds.md` §15.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct DeleteDomain {
    /// The domain.
    pub domain_id: String,
}

impl Operation for DeleteDomain {
    const PATH: &'static str = "/v2/domain/delete";
    const RIGHT: Right = Right::delete("pds:DeleteDomain");
    const AUDIENCE: Audience = Audience::Owner;
    const NAMES_DOMAIN: bool = true;
    const SUCCESS: Success = Success::NoContent;
    type Reply = ();

    fn check(&self) -> Result<(), Unfit> {
        filled(&self.domain_id, "domain_id")
    }
}
