//! What goes wrong with a whole call, as the caller sees it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// What went wrong with a whole call, as the caller sees it.
///
/// Source: `reference/protocol.md` §6.2 and §6.3.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status} {code}: {message}")]
pub struct Fault {
    /// The HTTP status.
    pub status: u16,
    /// The code that programs read, `InvalidAction.NotFound`.
    pub code: Cow<'static, str>,
    /// The text that people read.
    pub message: Cow<'static, str>,
    /// Which right was wanting, where that is what went wrong.
    pub access_denied: Option<Box<AccessDenied>>,
    /// When to try again, for the header `x-acs-retry-after`; it is not in the body.
    pub retry_after_millis: Option<u64>,
}

impl Fault {
    /// A fault that says no more than code and message.
    pub fn new(
        status: u16,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            access_denied: None,
            retry_after_millis: None,
        }
    }

    /// The one for everything that is not the caller's doing. Source: `reference/protocol.md` §6.3.
    pub fn internal() -> Self {
        Self::new(500, "InternalError", "The request processing has failed due to some unknown error.")
    }
}

/// `AccessDeniedDetail`: who was refused what, and by which kind of policy.
///
/// Source: `reference/protocol.md` §6.2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccessDenied {
    /// The right that was wanting, `ecd:DescribeUsers`.
    pub auth_action: String,
    /// What kind of caller was refused: `SubUser`, `AssumedRoleUser`, `Federated`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_principal_type: Option<Cow<'static, str>>,
    /// The account that the caller belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_principal_owner_id: Option<String>,
    /// The user's id, or `role:session`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_principal_display_name: Option<String>,
    /// Whether no policy allowed it, or one denied it.
    pub no_permission_type: NoPermission,
    /// Which kind of policy decided, `AccountLevelIdentityBasedPolicy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_type: Option<Cow<'static, str>>,
    /// Opaque text for support.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoded_diagnostic_message: Option<String>,
}

/// Why policies refuse: `NoPermissionType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoPermission {
    /// No policy allows it.
    ImplicitDeny,
    /// A policy denies it.
    ExplicitDeny,
}
