//! Who may do what, as a list in which every change of rights shows. What callers
//! of each kind are answered: `access_matrix.rs`.

use api::eds::{
    BatchSetDesktopManager, ChangeUserPassword, CheckUsedProperty, CheckUsedPropertyValue, CreateGroup,
    CreateOrg, CreateProperty, CreateResourceGroup, CreateUsers, DeleteResourceGroup,
    DeleteUserPropertyValue, DescribeGroupUser, DescribeGroups, DescribeMfaDevices, DescribeOrgByLayer,
    DescribeOrgs, DescribeResourceGroups, DescribeUser, DescribeUsers, FilterUsers, GetAdUsersCount,
    GetManagerInfoByAuthCode, GetUsersCount, InitTenantAlias, ListProperty, ListPropertyValue, LockMfaDevice,
    LockUsers, ModifyGroup, ModifyOrg, ModifyUser, MoveOrg, MoveUserOrg, RemoveGroup, RemoveMfaDevice,
    RemoveOrg, RemoveProperty, RemoveUsers, ResetUserPassword, SetUserPropertyValue,
    TransferResourcesIntoGroup, TransferResourcesOutofGroup, UnlockMfaDevice, UnlockUsers, UpdateProperty,
    UserBatchJoinGroup, UserBatchQuitGroup,
};
use wire::Action;

use crate::surface::served;

fn line<A: Action>() -> (&'static str, String) {
    let does = if A::RIGHT.writes() { "changes" } else { "reads" };
    (A::NAME, format!("{} → {} → {does}", A::NAME, A::RIGHT.action()))
}

#[test]
fn each_action_asks_for_its_right() {
    let known = [
        line::<BatchSetDesktopManager>(),
        line::<ChangeUserPassword>(),
        line::<CheckUsedProperty>(),
        line::<CheckUsedPropertyValue>(),
        line::<CreateGroup>(),
        line::<CreateOrg>(),
        line::<CreateProperty>(),
        line::<CreateResourceGroup>(),
        line::<CreateUsers>(),
        line::<DeleteResourceGroup>(),
        line::<DeleteUserPropertyValue>(),
        line::<DescribeGroupUser>(),
        line::<DescribeGroups>(),
        line::<DescribeMfaDevices>(),
        line::<DescribeOrgByLayer>(),
        line::<DescribeOrgs>(),
        line::<DescribeResourceGroups>(),
        line::<DescribeUser>(),
        line::<DescribeUsers>(),
        line::<FilterUsers>(),
        line::<GetAdUsersCount>(),
        line::<GetManagerInfoByAuthCode>(),
        line::<GetUsersCount>(),
        line::<InitTenantAlias>(),
        line::<ListProperty>(),
        line::<ListPropertyValue>(),
        line::<LockMfaDevice>(),
        line::<LockUsers>(),
        line::<ModifyGroup>(),
        line::<ModifyOrg>(),
        line::<ModifyUser>(),
        line::<MoveOrg>(),
        line::<MoveUserOrg>(),
        line::<RemoveGroup>(),
        line::<RemoveMfaDevice>(),
        line::<RemoveOrg>(),
        line::<RemoveProperty>(),
        line::<RemoveUsers>(),
        line::<ResetUserPassword>(),
        line::<SetUserPropertyValue>(),
        line::<TransferResourcesIntoGroup>(),
        line::<TransferResourcesOutofGroup>(),
        line::<UnlockMfaDevice>(),
        line::<UnlockUsers>(),
        line::<UpdateProperty>(),
        line::<UserBatchJoinGroup>(),
        line::<UserBatchQuitGroup>(),
    ];

    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, served(), "every action is in the list");
    let lines = known.map(|(_, line)| line).join("\n");
    insta::assert_snapshot!(lines, @r"
    BatchSetDesktopManager → ecd:BatchSetDesktopManager → changes
    ChangeUserPassword → ecd:ChangeUserPassword → changes
    CheckUsedProperty → ecd:CheckUsedProperty → reads
    CheckUsedPropertyValue → ecd:CheckUsedPropertyValue → reads
    CreateGroup → ecd:CreateGroup → changes
    CreateOrg → ecd:CreateOrg → changes
    CreateProperty → ecd:CreateProperty → changes
    CreateResourceGroup → ecd:CreateResourceGroup → changes
    CreateUsers → ecd:CreateUsers → changes
    DeleteResourceGroup → ecd:DeleteResourceGroup → changes
    DeleteUserPropertyValue → ecd:DeleteUserPropertyValue → changes
    DescribeGroupUser → ecd:DescribeGroupUser → reads
    DescribeGroups → ecd:DescribeGroups → reads
    DescribeMfaDevices → ecd:DescribeMfaDevices → reads
    DescribeOrgByLayer → ecd:DescribeOrgByLayer → reads
    DescribeOrgs → ecd:DescribeOrgs → reads
    DescribeResourceGroups → ecd:DescribeResourceGroups → reads
    DescribeUser → ecd:DescribeUser → reads
    DescribeUsers → ecd:DescribeUsers → reads
    FilterUsers → ecd:FilterUsers → reads
    GetAdUsersCount → ecd:GetAdUsersCount → reads
    GetManagerInfoByAuthCode → ecd:GetManagerInfoByAuthCode → changes
    GetUsersCount → ecd:GetUsersCount → reads
    InitTenantAlias → ecd:InitTenantAlias → changes
    ListProperty → ecd:ListProperty → reads
    ListPropertyValue → ecd:ListPropertyValue → reads
    LockMfaDevice → ecd:LockMfaDevice → changes
    LockUsers → ecd:LockUsers → changes
    ModifyGroup → ecd:ModifyGroup → changes
    ModifyOrg → ecd:ModifyOrg → changes
    ModifyUser → ecd:ModifyUser → changes
    MoveOrg → ecd:MoveOrg → changes
    MoveUserOrg → ecd:MoveUserOrg → changes
    RemoveGroup → ecd:RemoveGroup → changes
    RemoveMfaDevice → ecd:RemoveMfaDevice → changes
    RemoveOrg → ecd:RemoveOrg → changes
    RemoveProperty → ecd:RemoveProperty → changes
    RemoveUsers → ecd:RemoveUsers → changes
    ResetUserPassword → ecd:ResetUserPassword → changes
    SetUserPropertyValue → ecd:SetUserPropertyValue → changes
    TransferResourcesIntoGroup → ecd:TransferResourcesIntoGroup → changes
    TransferResourcesOutofGroup → ecd:TransferResourcesOutofGroup → changes
    UnlockMfaDevice → ecd:UnlockMfaDevice → changes
    UnlockUsers → ecd:UnlockUsers → changes
    UpdateProperty → ecd:UpdateProperty → changes
    UserBatchJoinGroup → ecd:UserBatchJoinGroup → changes
    UserBatchQuitGroup → ecd:UserBatchQuitGroup → changes
    ");
}
