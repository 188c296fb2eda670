//! Accounts know nothing of one another: what another account has is to every call what is nowhere.
//!
//! The tests walk everything that the server declares; [`crate::tenants_tables`] says what each parameter is.

use std::collections::BTreeSet;

use model::Audience;
use serde_json::{Value, json};

use crate::support::{Answer, Server, Tenant, Thing, nowhere, told_of};
use crate::tenants_calls::{Calls, OTHER_MARK, OWN_MARK, blotted, both, everything, is_as_before, learnt};
use crate::tenants_tables::{Table, What};

#[tokio::test(flavor = "multi_thread")]
async fn every_parameter_is_in_a_table() {
    let server = Server::start().await;
    let mut unknown = Vec::new();
    for api in &server.surface().apis {
        let table = Table::of(api.door);
        for declared in &api.declared {
            for parameter in declared.parameters() {
                if table.what(declared.name(), parameter).is_none() {
                    unknown.push(format!("{} {}.{parameter}", api.door, declared.name()));
                }
            }
        }
    }
    assert_eq!(unknown, Vec::<String>::new(), "say what they are");
    server.stop().await;
}

/// Calls with an id that is nowhere, with another account's and, where the call reads, with the account's own: the
/// outcome of the first, and what is wrong.
async fn compare(calls: &Calls<'_>, parameter: &str, thing: Thing, other: &Tenant) -> (String, Vec<String>) {
    let named = calls.named(parameter);
    let mut wrong = Vec::new();
    let (theirs, nobodys) = (other.thing(thing), nowhere(other.thing(thing), OTHER_MARK));
    let absent = calls.call(&calls.parameters(parameter, &nobodys)).await;
    let foreign = calls.call(&calls.parameters(parameter, theirs)).await;
    let (absent_text, foreign_text) = (blotted(&absent, &nobodys), blotted(&foreign, theirs));
    if absent_text != foreign_text {
        wrong.push(format!("{named}: {absent_text}\n    another account's: {foreign_text}"));
    }
    let learnt = learnt(&foreign, other, theirs);
    if !learnt.is_empty() {
        wrong.push(format!("{named} tells {learnt:?}"));
    }
    // What the account has is answered in another way: so the id was looked at.
    if !calls.declared.right().writes() {
        let mine = calls.call(&calls.parameters(parameter, calls.own.thing(thing))).await;
        let name = format!("{}.{parameter}", calls.declared.name());
        let says_nothing = blotted(&mine, calls.own.thing(thing)) == absent_text;
        if says_nothing != calls.table.silent.contains(&name.as_str()) {
            wrong.push(format!("{named}: {absent_text}\n    the account's own says nothing: {says_nothing}"));
        }
    }
    let (status, code, _) = told_of(&absent);
    (format!("{parameter} {status} {code}").trim_end().to_owned(), wrong)
}

/// What comes of ids that are nowhere, action by action. Those of another account are answered alike, up to the id, and
/// nothing of it changes.
#[tokio::test(flavor = "multi_thread")]
async fn ids_of_another_account_are_ids_of_nothing() {
    let server = Server::start().await;
    let (own, other, before) = both(&server).await;

    let (mut picture, mut wrong) = (Vec::new(), Vec::new());
    // What makes something of another account's name comes last: from then on this account has it too.
    for makes in [false, true] {
        for calls in everything(&server, &own) {
            let mut outcomes = Vec::new();
            for parameter in calls.declared.parameters().filter(|name| calls.makes(name) == makes) {
                let Some(thing) = calls.thing(parameter) else { continue };
                let (outcome, more) = compare(&calls, parameter, thing, &other).await;
                outcomes.push(outcome);
                wrong.extend(more);
            }
            if !outcomes.is_empty() {
                picture.push(format!(
                    "{} {}: {}",
                    calls.api.door,
                    calls.declared.name(),
                    outcomes.join(", ")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    insta::assert_snapshot!(picture.join("\n"), @r"
    eds-user GetManagerInfoByAuthCode: AuthCode 400 InvalidAuthCode
    eds-user DescribeGroups: GroupId 200, GroupName 200
    eds-user DescribeGroupUser: Filter 200, GroupId 400 InvalidGroupId.NotFound
    eds-user UserBatchJoinGroup: EndUserIds 400 InvalidEndUserIds.NotFound, GroupId 400 InvalidGroupId.NotFound
    eds-user ModifyGroup: GroupId 400 InvalidGroupId.NotFound
    eds-user UserBatchQuitGroup: EndUserIds 400 InvalidEndUserIds.NotFound, GroupId 400 InvalidGroupId.NotFound
    eds-user RemoveGroup: GroupId 400 InvalidGroupId.NotFound, GroupIds 400 InvalidGroupId.NotFound
    eds-user DescribeMfaDevices: EndUserIds 200, Filter 200, SerialNumbers 200
    eds-user LockMfaDevice: SerialNumber 400 InvalidSerialNumber.NotFound
    eds-user RemoveMfaDevice: SerialNumber 400 InvalidSerialNumber.NotFound
    eds-user UnlockMfaDevice: SerialNumber 400 InvalidSerialNumber.NotFound
    eds-user CreateOrg: ParentOrgId 400 InvalidParentOrgId.NotFound
    eds-user DescribeOrgs: IncludeOrgIds 200, OrgName 200, ParentOrgId 200
    eds-user DescribeOrgByLayer: OrgName 200, ParentOrgId 200
    eds-user ModifyOrg: OrgId 400 InvalidOrgId.NotFound
    eds-user MoveOrg: NewParentOrgId 400 InvalidNewParentOrgId.NotFound, OrgId 400 InvalidOrgId.NotFound
    eds-user MoveUserOrg: EndUserIds 400 InvalidEndUserIds.NotFound, OrgId 400 InvalidOrgId.NotFound
    eds-user RemoveOrg: OrgId 400 InvalidOrgId.NotFound
    eds-user CheckUsedProperty: PropertyId 400 InvalidPropertyId.NotFound
    eds-user CheckUsedPropertyValue: PropertyId 400 InvalidPropertyId.NotFound, PropertyValueId 400 InvalidPropertyValueId.NotFound
    eds-user DeleteUserPropertyValue: PropertyId 400 InvalidPropertyId.NotFound, PropertyValueId 400 InvalidPropertyValueId.NotFound, UserId 400 InvalidUserId.NotFound
    eds-user ListPropertyValue: PropertyId 400 InvalidPropertyId.NotFound
    eds-user RemoveProperty: PropertyId 400 InvalidPropertyId.NotFound
    eds-user SetUserPropertyValue: PropertyId 400 InvalidPropertyId.NotFound, PropertyValueId 400 InvalidPropertyValueId.NotFound, UserId 400 InvalidUserId.NotFound, UserName 400 InvalidUserId.NotFound
    eds-user UpdateProperty: PropertyId 400 InvalidPropertyId.NotFound, PropertyValues.PropertyValueId 200
    eds-user DeleteResourceGroup: ResourceGroupId 400 InvalidResourceGroupId.NotFound, ResourceGroupIds 400 InvalidResourceGroupId.NotFound
    eds-user DescribeResourceGroups: AliyunResourceGroupIds 200, ResourceGroupIds 200, ResourceGroupName 200
    eds-user TransferResourcesIntoGroup: ResourceGroupId 400 InvalidResourceGroupId.NotFound
    eds-user TransferResourcesOutofGroup: ResourceGroupId 400 InvalidResourceGroupId.NotFound, TargetResourceGroupId 400 InvalidTargetResourceGroupId.NotFound
    eds-user ChangeUserPassword: EndUserId 400 InvalidEndUserId.NotFound
    eds-user CreateUsers: Users.GroupIdList 200, Users.OrgId 200
    eds-user DescribeUsers: EndUserIds 200, ExcludeEndUserIds 200, ExcludeGroupId 200, Filter 200, GroupId 200, OrgId 200
    eds-user FilterUsers: ExcludeEndUserIds 200, Filter 200, IncludeEndUserIds 200, OrgId 200, PropertyFilterParam.PropertyId 200, PropertyFilterParam.PropertyValueIds 200, PropertyKeyValueFilterParam.PropertyKey 200, PropertyKeyValueFilterParam.PropertyValues 200
    eds-user DescribeUser: EndUserId 400 InvalidEndUserId.NotFound
    eds-user LockUsers: Users 200
    eds-user ModifyUser: EndUserId 400 InvalidEndUserId.NotFound
    eds-user RemoveUsers: Users 200
    eds-user ResetUserPassword: Users 200
    eds-user BatchSetDesktopManager: Users 400 InvalidUsers.NotFound
    eds-user UnlockUsers: Users 200
    eiam BindUserAuthnSourceMapping: InstanceId 404 ResourceNotFound.Instance, UserId 404 ResourceNotFound.User
    eiam ListUserAuthnSourceMappings: IdentityProviderId 200, InstanceId 404 ResourceNotFound.Instance, UserExternalId 200, UserId 404 ResourceNotFound.User
    eiam UnbindUserAuthnSourceMapping: IdentityProviderId 404 ResourceNotFound.UserAuthnSourceMapping, InstanceId 404 ResourceNotFound.Instance, UserExternalId 404 ResourceNotFound.UserAuthnSourceMapping, UserId 404 ResourceNotFound.User
    eiam UnbindTotpAuthenticator: InstanceId 404 ResourceNotFound.Instance, UserId 404 ResourceNotFound.User
    eiam CreateCustomField: InstanceId 404 ResourceNotFound.Instance
    eiam DisableCustomField: FieldId 404 ResourceNotFound.CustomField, InstanceId 404 ResourceNotFound.Instance
    eiam EnableCustomField: FieldId 404 ResourceNotFound.CustomField, InstanceId 404 ResourceNotFound.Instance
    eiam GetCustomField: FieldId 404 ResourceNotFound.CustomField, InstanceId 404 ResourceNotFound.Instance
    eiam DeleteCustomField: FieldId 404 ResourceNotFound.CustomField, InstanceId 404 ResourceNotFound.Instance
    eiam GetInstanceGlobalizationConfig: InstanceId 404 ResourceNotFound.Instance
    eiam SetInstanceGlobalizationConfig: InstanceId 404 ResourceNotFound.Instance
    eiam CreateGroup: InstanceId 404 ResourceNotFound.Instance
    eiam UpdateGroupDescription: GroupId 404 ResourceNotFound.Group, InstanceId 404 ResourceNotFound.Instance
    eiam GetGroup: GroupId 404 ResourceNotFound.Group, InstanceId 404 ResourceNotFound.Instance
    eiam ListGroups: GroupExternalId 200, GroupIds 200, GroupName 200, GroupNameStartsWith 200, InstanceId 404 ResourceNotFound.Instance
    eiam DeleteGroup: GroupId 404 ResourceNotFound.Group, InstanceId 404 ResourceNotFound.Instance
    eiam UpdateGroup: GroupId 404 ResourceNotFound.Group, InstanceId 404 ResourceNotFound.Instance
    eiam CheckInstanceForDelete: InstanceId 404 ResourceNotFound.Instance
    eiam UpdateInstanceDescription: InstanceId 404 ResourceNotFound.Instance
    eiam GetInstance: InstanceId 404 ResourceNotFound.Instance
    eiam ListInstances: InstanceIds 200
    eiam ListEiamInstances: InstanceIds 200
    eiam DeleteInstance: InstanceId 404 ResourceNotFound.Instance
    eiam GetPasswordComplexityConfiguration: InstanceId 404 ResourceNotFound.Instance
    eiam GetPasswordExpirationConfiguration: InstanceId 404 ResourceNotFound.Instance
    eiam GetForgetPasswordConfiguration: InstanceId 404 ResourceNotFound.Instance
    eiam GetPasswordHistoryConfiguration: InstanceId 404 ResourceNotFound.Instance
    eiam GetPasswordInitializationConfiguration: InstanceId 404 ResourceNotFound.Instance
    eiam SetPasswordComplexityConfiguration: InstanceId 404 ResourceNotFound.Instance
    eiam SetPasswordExpirationConfiguration: InstanceId 404 ResourceNotFound.Instance
    eiam SetForgetPasswordConfiguration: InstanceId 404 ResourceNotFound.Instance
    eiam SetPasswordHistoryConfiguration: InstanceId 404 ResourceNotFound.Instance
    eiam SetPasswordInitializationConfiguration: InstanceId 404 ResourceNotFound.Instance
    eiam GetInstanceLicense: InstanceId 404 ResourceNotFound.Instance
    eiam GetInstanceQuota: InstanceId 404 ResourceNotFound.Instance
    eiam CreateOrganizationalUnit: InstanceId 404 ResourceNotFound.Instance, ParentId 404 ResourceNotFound.OrganizationalUnit
    eiam UpdateOrganizationalUnitDescription: InstanceId 404 ResourceNotFound.Instance, OrganizationalUnitId 404 ResourceNotFound.OrganizationalUnit
    eiam GetOrganizationalUnit: InstanceId 404 ResourceNotFound.Instance, OrganizationalUnitId 404 ResourceNotFound.OrganizationalUnit
    eiam ListOrganizationalUnits: InstanceId 404 ResourceNotFound.Instance, OrganizationalUnitIds 200, OrganizationalUnitName 200, OrganizationalUnitNameStartsWith 200, ParentId 404 ResourceNotFound.OrganizationalUnit
    eiam UpdateOrganizationalUnitParentId: InstanceId 404 ResourceNotFound.Instance, OrganizationalUnitId 404 ResourceNotFound.OrganizationalUnit, ParentId 404 ResourceNotFound.OrganizationalUnit
    eiam ListOrganizationalUnitParents: InstanceId 404 ResourceNotFound.Instance, OrganizationalUnitId 404 ResourceNotFound.OrganizationalUnit
    eiam DeleteOrganizationalUnit: InstanceId 404 ResourceNotFound.Instance, OrganizationalUnitId 404 ResourceNotFound.OrganizationalUnit
    eiam DeleteOrganizationalUnitChildren: InstanceId 404 ResourceNotFound.Instance, OrganizationalUnitId 404 ResourceNotFound.OrganizationalUnit
    eiam UpdateOrganizationalUnit: InstanceId 404 ResourceNotFound.Instance, OrganizationalUnitId 404 ResourceNotFound.OrganizationalUnit
    eiam GetRootOrganizationalUnit: InstanceId 404 ResourceNotFound.Instance
    eiam AddUserToOrganizationalUnits: InstanceId 404 ResourceNotFound.Instance, OrganizationalUnitIds 404 ResourceNotFound.OrganizationalUnit, UserId 404 ResourceNotFound.User
    eiam CreateUser: CustomFields.FieldName 404 ResourceNotFound.CustomField, InstanceId 404 ResourceNotFound.Instance, OrganizationalUnitIds 404 ResourceNotFound.OrganizationalUnit, PrimaryOrganizationalUnitId 404 ResourceNotFound.OrganizationalUnit
    eiam UpdateUserDescription: InstanceId 404 ResourceNotFound.Instance, UserId 404 ResourceNotFound.User
    eiam DisableUser: InstanceId 404 ResourceNotFound.Instance, UserId 404 ResourceNotFound.User
    eiam EnableUser: InstanceId 404 ResourceNotFound.Instance, UserId 404 ResourceNotFound.User
    eiam GetUser: InstanceId 404 ResourceNotFound.Instance, UserId 404 ResourceNotFound.User
    eiam AddUsersToGroup: GroupId 404 ResourceNotFound.Group, InstanceId 404 ResourceNotFound.Instance, UserIds 404 ResourceNotFound.User
    eiam RemoveUsersFromGroup: GroupId 404 ResourceNotFound.Group, InstanceId 404 ResourceNotFound.Instance, UserIds 200
    eiam RemoveUserFromOrganizationalUnits: InstanceId 404 ResourceNotFound.Instance, OrganizationalUnitIds 200, UserId 404 ResourceNotFound.User
    eiam ListUsers: InstanceId 404 ResourceNotFound.Instance, OrganizationalUnitId 404 ResourceNotFound.OrganizationalUnit, UserExternalId 200, UserIds 200, UserSourceId 200, UsernameStartsWith 200
    eiam ListGroupsForUser: InstanceId 404 ResourceNotFound.Instance, UserId 404 ResourceNotFound.User
    eiam ListUsersForGroup: GroupId 404 ResourceNotFound.Group, InstanceId 404 ResourceNotFound.Instance, UserIds 200
    eiam DeleteUser: InstanceId 404 ResourceNotFound.Instance, UserId 404 ResourceNotFound.User
    eiam DeleteUsers: InstanceId 404 ResourceNotFound.Instance, UserIds 404 ResourceNotFound.User
    eiam UpdateUserPassword: InstanceId 404 ResourceNotFound.Instance, UserId 404 ResourceNotFound.User
    eiam SetUserPrimaryOrganizationalUnit: InstanceId 404 ResourceNotFound.Instance, OrganizationalUnitId 404 ResourceNotFound.OrganizationalUnit, UserId 404 ResourceNotFound.User
    eiam UnlockUser: InstanceId 404 ResourceNotFound.Instance, UserId 404 ResourceNotFound.User
    eiam UpdateUser: CustomFields.FieldName 404 ResourceNotFound.CustomField, InstanceId 404 ResourceNotFound.Instance, UserId 404 ResourceNotFound.User
    ram AttachPolicyToRole: PolicyName 404 EntityNotExist.Policy, RoleName 404 EntityNotExist.Role
    ram AttachPolicyToUser: PolicyName 404 EntityNotExist.Policy, UserName 404 EntityNotExist.User
    ram DetachPolicyFromRole: PolicyName 404 EntityNotExist.Policy, RoleName 404 EntityNotExist.Role
    ram DetachPolicyFromUser: PolicyName 404 EntityNotExist.Policy, UserName 404 EntityNotExist.User
    ram ListEntitiesForPolicy: PolicyName 404 EntityNotExist.Policy
    ram ListPoliciesForRole: RoleName 404 EntityNotExist.Role
    ram ListPoliciesForUser: UserName 404 EntityNotExist.User
    ram CreateAccessKey: UserName 404 EntityNotExist.User
    ram GetAccessKeyLastUsed: UserAccessKeyId 404 EntityNotExist.User.AccessKey, UserName 404 EntityNotExist.User
    ram ListAccessKeys: UserName 404 EntityNotExist.User
    ram DeleteAccessKey: UserAccessKeyId 404 EntityNotExist.User.AccessKey, UserName 404 EntityNotExist.User
    ram UpdateAccessKey: UserAccessKeyId 404 EntityNotExist.User.AccessKey, UserName 404 EntityNotExist.User
    ram GetPolicy: PolicyName 404 EntityNotExist.Policy
    ram DeletePolicy: PolicyName 404 EntityNotExist.Policy
    ram GetRole: RoleName 404 EntityNotExist.Role
    ram DeleteRole: RoleName 404 EntityNotExist.Role
    ram UpdateRole: RoleName 404 EntityNotExist.Role
    ram SimulatePolicy: Principal 404 EntityNotExist.Principal
    ram GetUser: UserName 404 EntityNotExist.User
    ram DeleteUser: UserName 404 EntityNotExist.User
    ram UpdateUser: UserName 404 EntityNotExist.User
    sts AssumeRole: RoleArn 404 EntityNotExist.Role
    pds GetLinkInfo: identity 404 NotFound.Account
    pds LinkAccount: user_id 404 NotFound.User
    pds GetLinkInfoByUserId: user_id 200
    pds UnLinkAccount: identity 404 NotFound.Account, user_id 404 NotFound.User
    pds GetDomain: domain_id 404 NotFound.Domain
    pds DeleteDomain: domain_id 404 NotFound.Domain
    pds SearchDomains: name 200
    pds UpdateDomain: domain_id 404 NotFound.Domain
    pds CreateDrive: owner 404 NotFound.User
    pds GetDrive: drive_id 404 NotFound.Drive
    pds GetDefaultDrive: user_id 404 NotFound.User
    pds ListDrive: owner 200, subdomain_id 200
    pds ListMyGroupDrive: drive_name 200
    pds DeleteDrive: drive_id 404 NotFound.Drive
    pds SearchDrive: drive_name 200, owner 200, subdomain_id 200
    pds UpdateDrive: drive_id 404 NotFound.Drive, owner 404 NotFound.User
    pds ListGroupUser: group_id 404 NotFound.Group
    pds ListGroupMember: group_id 404 NotFound.Group
    pds AddGroupMember: group_id 404 NotFound.Group, member_id 404 NotFound.User
    pds CreateGroup: parent_group_id 404 NotFound.Group
    pds GetGroup: group_id 404 NotFound.Group
    pds ListGroup: subdomain_id 200
    pds DeleteGroup: group_id 404 NotFound.Group
    pds RemoveGroupMember: group_id 404 NotFound.Group, member_id 404 NotFound.User
    pds GroupUpdateName: group_id 404 NotFound.Group
    pds SearchGroup: group_name 200, group_name_for_fuzzy 200, subdomain_id 200
    pds UpdateGroup: group_id 404 NotFound.Group
    pds ListDirectChildMemberships: group_id 404 NotFound.Group
    pds CreateMembership: group_id 404 NotFound.Group, sub_group_id 404 NotFound.Group, user_id 404 NotFound.User
    pds GetMembership: group_id 404 NotFound.Group, sub_group_id 404 NotFound.Group, user_id 404 NotFound.User
    pds HasMember: group_id 404 NotFound.Group, sub_group_id 200, user_id 200
    pds ListDirectParentMemberships: sub_group_id 404 NotFound.Group, user_id 404 NotFound.User
    pds DeleteMembership: group_id 404 NotFound.Group, sub_group_id 400 InvalidParameterNotSupported.MemberType, user_id 404 NotFound.User
    pds UpdateMembership: group_id 404 NotFound.Group, sub_group_id 404 NotFound.Group, user_id 404 NotFound.User
    pds AssignRole: identity.identity_id 404 NotFound.User, manage_resource_id 404 NotFound.Group
    pds CancelAssignRole: identity.identity_id 404 NotFound.User, manage_resource_id 404 NotFound.Group
    pds ListAssignment: manage_resource_id 404 NotFound.Group
    pds ListIdentityRole: identity.identity_id 404 NotFound.User
    pds CreateUser: group_info_list.group_id 404 NotFound.Group
    pds GeneralGetUser: user_id 404 NotFound.User
    pds GeneralSearchUser: direct_parent_group_id 200, parent_group_id_list 200
    pds GetUser: user_id 404 NotFound.User
    pds ImportUser: parent_group_id 404 NotFound.Group
    pds ListUser: subdomain_id 200
    pds DeleteUser: user_id 404 NotFound.User
    pds SearchUser: subdomain_id 200, user_name 200
    pds UpdateUser: group_info_list.group_id 404 NotFound.Group, user_id 404 NotFound.User
    audit ReadAudit: access_key 200, domain 200, principal 200, request 200, subject 200
    eds-user CreateGroup: GroupName 200
    eds-user CreateOrg: OrgName 200
    eds-user CreateProperty: PropertyKey 200
    eds-user UpdateProperty: PropertyKey 200
    eds-user CreateResourceGroup: ResourceGroupName 200
    eds-user TransferResourcesIntoGroup: Resources.ResourceId 200
    eds-user TransferResourcesOutofGroup: Resources.ResourceId 200
    eds-user CreateUsers: Users.EndUserId 200
    eiam BindUserAuthnSourceMapping: IdentityProviderId 200, UserExternalId 200
    eiam CreateCustomField: FieldName 403 ResourceDuplicated.FieldName
    eiam CreateGroup: GroupExternalId 200, GroupName 200
    eiam UpdateGroup: GroupExternalId 403 ResourceDuplicated.GroupExternalId
    eiam CreateOrganizationalUnit: OrganizationalUnitExternalId 200, OrganizationalUnitName 403 ResourceDuplicated.OrganizationalUnitName
    eiam CreateUser: UserExternalId 200, Username 403 ResourceDuplicated.Username
    ram CreatePolicy: PolicyName 200
    ram CreateRole: RoleName 200
    ram CreateUser: UserName 200
    pds LinkAccount: identity 200
    pds CreateDomain: domain_name 200
    pds UpdateDomain: published_app_access_strategy.except_app_id_list 200
    pds CreateDrive: drive_name 201, subdomain_id 201
    pds CreateGroup: group_name 201, subdomain_id 201
    pds CreateUser: subdomain_id 201, user_id 409 AlreadyExist.User
    pds ImportUser: authentication_list.identity 409 AlreadyExist.Account, identity 409 AlreadyExist.Account
    ");
    is_as_before(&server, &other, &before).await;
    server.stop().await;
}

/// Whether there is an account with this uid is not told by the ARNs of what it does not have.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_there_is_not_told_apart_from_one_that_is_not() {
    let server = Server::start().await;
    let (own, other, before) = both(&server).await;
    let nobody = other.uid ^ 1;

    for calls in everything(&server, &own) {
        for parameter in calls.declared.parameters() {
            let Some(thing @ (Thing::UserArn | Thing::RoleArn)) = calls.thing(parameter) else { continue };
            let theirs = other.text(thing);
            let absent = theirs.replace(&other.uid.to_string(), &nobody.to_string());
            let mut answers = Vec::new();
            for arn in [json!(theirs), json!(absent)] {
                let answer = calls.call(&calls.parameters(parameter, &arn)).await;
                answers.push(blotted(&answer, &arn));
            }
            assert_eq!(answers[0], answers[1], "{}", calls.named(parameter));
        }
    }
    is_as_before(&server, &other, &before).await;
    server.stop().await;
}

/// What is answered without any id is the account's own.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_shows_what_another_account_has() {
    let server = Server::start().await;
    let (own, other, before) = both(&server).await;

    let (mut wrong, mut shown) = (Vec::new(), 0);
    for calls in everything(&server, &own) {
        let is_open = calls.declared.audience() == Some(Audience::Anybody);
        if calls.declared.right().writes() || is_open || calls.declared.name() == "Batch" {
            continue;
        }
        let answer = calls.call(&calls.parameters("", &Value::Null)).await;
        let learnt = learnt(&answer, &other, &Value::Null);
        if answer.status >= 400 || !learnt.is_empty() {
            wrong.push(format!("{}: {} {learnt:?}", calls.named(""), told_of(&answer).1));
        }
        shown += usize::from(answer.text().contains(OWN_MARK));
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(shown > 40, "{shown} answers show what the account has");
    is_as_before(&server, &other, &before).await;
    server.stop().await;
}

/// Where the list of an answer goes on.
fn cursor(answer: &Answer) -> Option<String> {
    let last = answer.text().lines().last().unwrap_or_default().to_owned();
    let json: Value = serde_json::from_str(&last).unwrap_or_default();
    let names = ["NextToken", "next_marker", "Marker", "cursor"];
    names.iter().find_map(|name| json[*name].as_str()).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_list_of_another_account_goes_on_is_nowhere() {
    let server = Server::start().await;
    let (own, other, before) = both(&server).await;

    let (mut wrong, mut short) = (Vec::new(), Vec::new());
    for (calls, theirs) in everything(&server, &own).zip(everything(&server, &other)) {
        for parameter in calls.declared.parameters() {
            if calls.what(parameter) != Some(What::Cursor) {
                continue;
            }
            let mut first = theirs.parameters("", &Value::Null);
            first[calls.table.size] = json!(1);
            let Some(cursor) = cursor(&theirs.call(&first).await) else {
                short.push(calls.named(parameter));
                continue;
            };
            let with = |text: &str| {
                let mut parameters = calls.parameters(parameter, &json!(text));
                parameters[calls.table.size] = json!(1);
                parameters
            };
            let (foreign, absent) = (calls.call(&with(&cursor)).await, calls.call(&with("AAAA")).await);
            let (foreign_text, absent_text) =
                (blotted(&foreign, &json!(cursor)), blotted(&absent, &json!("AAAA")));
            if foreign_text != absent_text || foreign.status < 400 {
                let named = calls.named(parameter);
                wrong.push(format!("{named}: {absent_text}\n    another account's: {foreign_text}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(short, Vec::<String>::new(), "make more for these lists");
    is_as_before(&server, &other, &before).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_of_another_account_marks_nothing() {
    let server = Server::start().await;
    let (own, other, _) = both(&server).await;

    let mut marked = BTreeSet::new();
    for (calls, theirs) in everything(&server, &own).zip(everything(&server, &other)) {
        for parameter in calls.declared.parameters() {
            if calls.what(parameter) != Some(What::Mark) {
                continue;
            }
            let mark = json!("the same mark");
            let first = theirs.call(&theirs.parameters(parameter, &mark)).await;
            let parameters = calls.parameters(parameter, &mark);
            let (second, again) = (calls.call(&parameters).await, calls.call(&parameters).await);
            let made = |answer: &Answer| {
                let mut json = answer.json();
                json.as_object_mut().expect("an object").remove("RequestId");
                json
            };
            let named = calls.named(parameter);
            assert!(learnt(&second, &other, &Value::Null).is_empty(), "{named}: {}", second.text());
            assert_ne!(made(&first), made(&second), "{named}");
            assert_eq!(made(&second), made(&again), "{named}");
            marked.insert(calls.declared.name());
        }
    }
    assert!(marked.contains("CreateInstance") && marked.contains("CreateUser"), "{marked:?}");
    server.stop().await;
}
