//! Who may do what with EIAM, as a list in which every change of rights shows. What callers
//! of each kind are answered: `access_matrix.rs`.
//!
//! Source: `reference/eiam.md`, 14.6.

use api::eiam::{
    AddUserToOrganizationalUnits, AddUsersToGroup, BindUserAuthnSourceMapping, CheckInstanceForDelete,
    CreateCustomField, CreateGroup, CreateInstance, CreateOrganizationalUnit, CreateUser, DeleteCustomField,
    DeleteGroup, DeleteInstance, DeleteOrganizationalUnit, DeleteOrganizationalUnitChildren, DeleteUser,
    DeleteUsers, DisableCustomField, DisableUser, EnableCustomField, EnableUser, GetCustomField,
    GetForgetPasswordConfiguration, GetGroup, GetInstance, GetInstanceGlobalizationConfig,
    GetInstanceLicense, GetInstanceQuota, GetOrganizationalUnit, GetPasswordComplexityConfiguration,
    GetPasswordExpirationConfiguration, GetPasswordHistoryConfiguration,
    GetPasswordInitializationConfiguration, GetRootOrganizationalUnit, GetServiceQuota, GetUser,
    ListEiamInstances, ListEiamRegions, ListGroups, ListGroupsForUser, ListInstances,
    ListOrganizationalUnitParents, ListOrganizationalUnits, ListRegions, ListUserAuthnSourceMappings,
    ListUsers, ListUsersForGroup, RemoveUserFromOrganizationalUnits, RemoveUsersFromGroup,
    SetForgetPasswordConfiguration, SetInstanceGlobalizationConfig, SetPasswordComplexityConfiguration,
    SetPasswordExpirationConfiguration, SetPasswordHistoryConfiguration,
    SetPasswordInitializationConfiguration, SetUserPrimaryOrganizationalUnit, UnbindTotpAuthenticator,
    UnbindUserAuthnSourceMapping, UnlockUser, UpdateGroup, UpdateGroupDescription, UpdateInstanceDescription,
    UpdateOrganizationalUnit, UpdateOrganizationalUnitDescription, UpdateOrganizationalUnitParentId,
    UpdateUser, UpdateUserDescription, UpdateUserPassword,
};
use model::Resource;
use serde_json::json;
use wire::Action;

use crate::surface::served_by_eiam;

/// What an action asks for, and on which things: each by the letter of its parameter.
fn line<A: Action>() -> (&'static str, String) {
    let everything = json!({
        "InstanceId": "I",
        "UserId": "U",
        "UserIds": ["U"],
        "GroupId": "G",
        "OrganizationalUnitId": "O",
        "OrganizationalUnitIds": ["O"],
        "PrimaryOrganizationalUnitId": "O",
        "ParentId": "P",
        "FieldId": "F",
        "EntityType": "user",
        "FieldName": "f",
        "FieldDisplayName": "f",
        "FieldDisplayType": "input",
        "FieldDataType": "string",
        "Username": "u",
        "GroupName": "g",
        "OrganizationalUnitName": "o",
        "Password": "p",
        "PasswordMinLength": 8,
        "PasswordExpirationStatus": "disabled",
        "PasswordHistoryStatus": "disabled",
        "PasswordInitializationStatus": "disabled",
        "ForgetPasswordStatus": "disabled",
        "Language": "zh-Hans-CN",
        "TimeZone": "Asia/Shanghai",
        "IdentityProviderId": "idp_x",
        "UserExternalId": "x",
        "QuotaType": "instanceTrialNumber",
        "QuotaKey": "userMaxNumber",
    });
    let request: A =
        serde_json::from_value(everything).unwrap_or_else(|error| panic!("{}: {error}", A::NAME));
    let things: Vec<String> = request
        .resources()
        .into_iter()
        .map(|resource| match resource {
            Resource::Any => "*".to_owned(),
            Resource::Of { product, relative } => {
                assert_eq!(product, "eiam");
                relative
            }
            Resource::Own | Resource::Arn(_) => unreachable!("nothing here is of RAM"),
        })
        .collect();
    let does = if A::RIGHT.writes() { "changes" } else { "reads" };
    (A::NAME, format!("{} → {} → {does} → {}", A::NAME, A::RIGHT.action(), things.join(", ")))
}

#[test]
fn each_action_asks_for_its_right_on_its_things() {
    let known = [
        line::<AddUserToOrganizationalUnits>(),
        line::<AddUsersToGroup>(),
        line::<BindUserAuthnSourceMapping>(),
        line::<CheckInstanceForDelete>(),
        line::<CreateCustomField>(),
        line::<CreateGroup>(),
        line::<CreateInstance>(),
        line::<CreateOrganizationalUnit>(),
        line::<CreateUser>(),
        line::<DeleteCustomField>(),
        line::<DeleteGroup>(),
        line::<DeleteInstance>(),
        line::<DeleteOrganizationalUnit>(),
        line::<DeleteOrganizationalUnitChildren>(),
        line::<DeleteUser>(),
        line::<DeleteUsers>(),
        line::<DisableCustomField>(),
        line::<DisableUser>(),
        line::<EnableCustomField>(),
        line::<EnableUser>(),
        line::<GetCustomField>(),
        line::<GetForgetPasswordConfiguration>(),
        line::<GetGroup>(),
        line::<GetInstance>(),
        line::<GetInstanceGlobalizationConfig>(),
        line::<GetInstanceLicense>(),
        line::<GetInstanceQuota>(),
        line::<GetOrganizationalUnit>(),
        line::<GetPasswordComplexityConfiguration>(),
        line::<GetPasswordExpirationConfiguration>(),
        line::<GetPasswordHistoryConfiguration>(),
        line::<GetPasswordInitializationConfiguration>(),
        line::<GetRootOrganizationalUnit>(),
        line::<GetServiceQuota>(),
        line::<GetUser>(),
        line::<ListEiamInstances>(),
        line::<ListEiamRegions>(),
        line::<ListGroups>(),
        line::<ListGroupsForUser>(),
        line::<ListInstances>(),
        line::<ListOrganizationalUnitParents>(),
        line::<ListOrganizationalUnits>(),
        line::<ListRegions>(),
        line::<ListUserAuthnSourceMappings>(),
        line::<ListUsers>(),
        line::<ListUsersForGroup>(),
        line::<RemoveUserFromOrganizationalUnits>(),
        line::<RemoveUsersFromGroup>(),
        line::<SetForgetPasswordConfiguration>(),
        line::<SetInstanceGlobalizationConfig>(),
        line::<SetPasswordComplexityConfiguration>(),
        line::<SetPasswordExpirationConfiguration>(),
        line::<SetPasswordHistoryConfiguration>(),
        line::<SetPasswordInitializationConfiguration>(),
        line::<SetUserPrimaryOrganizationalUnit>(),
        line::<UnbindTotpAuthenticator>(),
        line::<UnbindUserAuthnSourceMapping>(),
        line::<UnlockUser>(),
        line::<UpdateGroup>(),
        line::<UpdateGroupDescription>(),
        line::<UpdateInstanceDescription>(),
        line::<UpdateOrganizationalUnit>(),
        line::<UpdateOrganizationalUnitDescription>(),
        line::<UpdateOrganizationalUnitParentId>(),
        line::<UpdateUser>(),
        line::<UpdateUserDescription>(),
        line::<UpdateUserPassword>(),
    ];

    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, served_by_eiam(), "every action is in the list");
    let lines = known.map(|(_, line)| line).join("\n");
    insta::assert_snapshot!(lines, @r"
    AddUserToOrganizationalUnits → eiam:AddUserToOrganizationalUnits → changes → instance/I/user/U
    AddUsersToGroup → eiam:AddUsersToGroup → changes → instance/I/group/G
    BindUserAuthnSourceMapping → eiam:BindUserAuthnSourceMapping → changes → instance/I/user/U
    CheckInstanceForDelete → eiam:CheckInstanceForDelete → reads → instance/I
    CreateCustomField → eiam:CreateCustomField → changes → instance/I/customfield/*
    CreateGroup → eiam:CreateGroup → changes → instance/I/group/*
    CreateInstance → eiam:CreateInstance → changes → instance/*
    CreateOrganizationalUnit → eiam:CreateOrganizationalUnit → changes → instance/I/organizationalunit/*
    CreateUser → eiam:CreateUser → changes → instance/I/user/*
    DeleteCustomField → eiam:DeleteCustomField → changes → instance/I/customfield/F
    DeleteGroup → eiam:DeleteGroup → changes → instance/I/group/G
    DeleteInstance → eiam:DeleteInstance → changes → instance/I
    DeleteOrganizationalUnit → eiam:DeleteOrganizationalUnit → changes → instance/I/organizationalunit/O
    DeleteOrganizationalUnitChildren → eiam:DeleteOrganizationalUnitChildren → changes → instance/I/organizationalunit/O
    DeleteUser → eiam:DeleteUser → changes → instance/I/user/U
    DeleteUsers → eiam:DeleteUsers → changes → instance/I/user/U
    DisableCustomField → eiam:DisableCustomField → changes → instance/I/customfield/F
    DisableUser → eiam:DisableUser → changes → instance/I/user/U
    EnableCustomField → eiam:EnableCustomField → changes → instance/I/customfield/F
    EnableUser → eiam:EnableUser → changes → instance/I/user/U
    GetCustomField → eiam:GetCustomField → reads → instance/I/customfield/F
    GetForgetPasswordConfiguration → eiam:GetForgetPasswordConfiguration → reads → instance/I
    GetGroup → eiam:GetGroup → reads → instance/I/group/G
    GetInstance → eiam:GetInstance → reads → instance/I
    GetInstanceGlobalizationConfig → eiam:GetInstanceGlobalizationConfig → reads → instance/I
    GetInstanceLicense → eiam:GetInstanceLicense → reads → instance/I
    GetInstanceQuota → eiam:GetInstanceQuota → reads → instance/I
    GetOrganizationalUnit → eiam:GetOrganizationalUnit → reads → instance/I/organizationalunit/O
    GetPasswordComplexityConfiguration → eiam:GetPasswordComplexityConfiguration → reads → instance/I
    GetPasswordExpirationConfiguration → eiam:GetPasswordExpirationConfiguration → reads → instance/I
    GetPasswordHistoryConfiguration → eiam:GetPasswordHistoryConfiguration → reads → instance/I
    GetPasswordInitializationConfiguration → eiam:GetPasswordInitializationConfiguration → reads → instance/I
    GetRootOrganizationalUnit → eiam:GetRootOrganizationalUnit → reads → instance/I/organizationalunit/*
    GetServiceQuota → eiam:GetServiceQuota → reads → *
    GetUser → eiam:GetUser → reads → instance/I/user/U
    ListEiamInstances → eiam:ListEiamInstances → reads → *
    ListEiamRegions → eiam:ListEiamRegions → reads → *
    ListGroups → eiam:ListGroups → reads → instance/I/group/*
    ListGroupsForUser → eiam:ListGroupsForUser → reads → instance/I/user/U
    ListInstances → eiam:ListInstances → reads → instance/*
    ListOrganizationalUnitParents → eiam:ListOrganizationalUnitParents → reads → instance/I/organizationalunit/O
    ListOrganizationalUnits → eiam:ListOrganizationalUnits → reads → instance/I/organizationalunit/*
    ListRegions → eiam:ListRegions → reads → *
    ListUserAuthnSourceMappings → eiam:ListUserAuthnSourceMappings → reads → instance/I/user/U
    ListUsers → eiam:ListUsers → reads → instance/I/user/*
    ListUsersForGroup → eiam:ListUsersForGroup → reads → instance/I/group/G
    RemoveUserFromOrganizationalUnits → eiam:RemoveUserFromOrganizationalUnits → changes → instance/I/user/U
    RemoveUsersFromGroup → eiam:RemoveUsersFromGroup → changes → instance/I/group/G
    SetForgetPasswordConfiguration → eiam:SetForgetPasswordConfiguration → changes → instance/I
    SetInstanceGlobalizationConfig → eiam:SetInstanceGlobalizationConfig → changes → instance/I
    SetPasswordComplexityConfiguration → eiam:SetPasswordComplexityConfiguration → changes → instance/I
    SetPasswordExpirationConfiguration → eiam:SetPasswordExpirationConfiguration → changes → instance/I
    SetPasswordHistoryConfiguration → eiam:SetPasswordHistoryConfiguration → changes → instance/I
    SetPasswordInitializationConfiguration → eiam:SetPasswordInitializationConfiguration → changes → instance/I
    SetUserPrimaryOrganizationalUnit → eiam:SetUserPrimaryOrganizationalUnit → changes → instance/I/user/U
    UnbindTotpAuthenticator → eiam:UnbindTotpAuthenticator → changes → instance/I/user/U
    UnbindUserAuthnSourceMapping → eiam:UnbindUserAuthnSourceMapping → changes → instance/I/user/U
    UnlockUser → eiam:UnlockUser → changes → instance/I/user/U
    UpdateGroup → eiam:UpdateGroup → changes → instance/I/group/G
    UpdateGroupDescription → eiam:UpdateGroupDescription → changes → instance/I/group/G
    UpdateInstanceDescription → eiam:UpdateInstanceDescription → changes → instance/I
    UpdateOrganizationalUnit → eiam:UpdateOrganizationalUnit → changes → instance/I/organizationalunit/O
    UpdateOrganizationalUnitDescription → eiam:UpdateOrganizationalUnitDescription → changes → instance/I/organizationalunit/O
    UpdateOrganizationalUnitParentId → eiam:UpdateOrganizationalUnitParentId → changes → instance/I/organizationalunit/O
    UpdateUser → eiam:UpdateUser → changes → instance/I/user/U
    UpdateUserDescription → eiam:UpdateUserDescription → changes → instance/I/user/U
    UpdateUserPassword → eiam:UpdateUserPassword → changes → instance/I/user/U
    ");
}
