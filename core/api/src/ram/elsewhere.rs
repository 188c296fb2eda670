//! The actions that are not served, and why.

use super::{NO_CONSOLE, NO_GROUPS, NO_SERVICES, NO_TAGS};
use crate::coverage::Excuse;

const ONE_VERSION: &str = "a policy keeps its latest document alone; `roster ram policy set` replaces it";
const NO_DIAGNOSIS: &str = "refusals carry no encoded message; `SimulatePolicy` says which statement decides";

/// Each by its name and why.
pub(super) const ELSEWHERE: &[Excuse] = &[
    Excuse { action: "AddUserToGroup", name: "", why: NO_GROUPS },
    Excuse { action: "AttachPolicyToGroup", name: "", why: NO_GROUPS },
    Excuse { action: "CreateGroup", name: "", why: NO_GROUPS },
    Excuse { action: "DeleteGroup", name: "", why: NO_GROUPS },
    Excuse { action: "DetachPolicyFromGroup", name: "", why: NO_GROUPS },
    Excuse { action: "GetGroup", name: "", why: NO_GROUPS },
    Excuse { action: "ListGroups", name: "", why: NO_GROUPS },
    Excuse { action: "ListGroupsForUser", name: "", why: NO_GROUPS },
    Excuse { action: "ListPoliciesForGroup", name: "", why: NO_GROUPS },
    Excuse { action: "ListUsersForGroup", name: "", why: NO_GROUPS },
    Excuse { action: "RemoveUserFromGroup", name: "", why: NO_GROUPS },
    Excuse { action: "UpdateGroup", name: "", why: NO_GROUPS },
    Excuse { action: "BindMFADevice", name: "", why: NO_CONSOLE },
    Excuse { action: "ChangePassword", name: "", why: NO_CONSOLE },
    Excuse { action: "ClearAccountAlias", name: "", why: NO_CONSOLE },
    Excuse { action: "CreateLoginProfile", name: "", why: NO_CONSOLE },
    Excuse { action: "CreateVirtualMFADevice", name: "", why: NO_CONSOLE },
    Excuse { action: "DeleteLoginProfile", name: "", why: NO_CONSOLE },
    Excuse { action: "DeleteVirtualMFADevice", name: "", why: NO_CONSOLE },
    Excuse { action: "GetAccountAlias", name: "", why: NO_CONSOLE },
    Excuse { action: "GetLoginProfile", name: "", why: NO_CONSOLE },
    Excuse { action: "GetPasswordPolicy", name: "", why: NO_CONSOLE },
    Excuse { action: "GetSecurityPreference", name: "", why: NO_CONSOLE },
    Excuse { action: "GetUserMFAInfo", name: "", why: NO_CONSOLE },
    Excuse { action: "ListVirtualMFADevices", name: "", why: NO_CONSOLE },
    Excuse { action: "SetAccountAlias", name: "", why: NO_CONSOLE },
    Excuse { action: "SetPasswordPolicy", name: "", why: NO_CONSOLE },
    Excuse { action: "SetSecurityPreference", name: "", why: NO_CONSOLE },
    Excuse { action: "UnbindMFADevice", name: "", why: NO_CONSOLE },
    Excuse { action: "UpdateLoginProfile", name: "", why: NO_CONSOLE },
    Excuse { action: "CreatePolicyVersion", name: "", why: ONE_VERSION },
    Excuse { action: "DeletePolicyVersion", name: "", why: ONE_VERSION },
    Excuse { action: "GetPolicyVersion", name: "", why: ONE_VERSION },
    Excuse { action: "ListPolicyVersions", name: "", why: ONE_VERSION },
    Excuse { action: "SetDefaultPolicyVersion", name: "", why: ONE_VERSION },
    Excuse { action: "UpdatePolicyDescription", name: "", why: ONE_VERSION },
    Excuse { action: "CreateServiceLinkedRole", name: "", why: NO_SERVICES },
    Excuse { action: "DeleteServiceLinkedRole", name: "", why: NO_SERVICES },
    Excuse { action: "GetServiceLinkedRoleTemplate", name: "", why: NO_SERVICES },
    Excuse { action: "DecodeDiagnosticMessage", name: "", why: NO_DIAGNOSIS },
    Excuse { action: "ListTagResources", name: "", why: NO_TAGS },
    Excuse { action: "TagResources", name: "", why: NO_TAGS },
    Excuse { action: "UntagResources", name: "", why: NO_TAGS },
];
