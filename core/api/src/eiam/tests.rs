//! What requests are read from, what they must hold, what they act on, and that the whole surface is spoken
//! of.

use model::{Resource, Right};
use serde_json::json;
use wire::{Action, Parameters, Place, Undecodable, rpc};

use super::*;
use crate::coverage::{Declared, Standing, compare};

type Pairs = Vec<(String, String)>;
type Given<'a> = [(&'a str, &'a str)];

const INSTANCE: (&str, &str) = ("InstanceId", "idaas_i");
const USER: (&str, &str) = ("UserId", "user_u");
const GROUP: (&str, &str) = ("GroupId", "group_g");
const UNIT: (&str, &str) = ("OrganizationalUnitId", "ou_o");
const FIELD: (&str, &str) = ("FieldId", "ufd_f");
const NEW_USER: [(&str, &str); 3] =
    [INSTANCE, ("Username", "alice"), ("PrimaryOrganizationalUnitId", "ou_o")];
const NEW_FIELD: [(&str, &str); 6] = [
    INSTANCE,
    ("EntityType", "user"),
    ("FieldName", "age"),
    ("FieldDisplayName", "Age"),
    ("FieldDisplayType", "input"),
    ("FieldDataType", "string"),
];

fn pairs(given: &Given<'_>) -> Pairs {
    given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn decode<A: Action>(given: &Given<'_>) -> Result<A, Undecodable> {
    rpc::decode(&Parameters::from_pairs(pairs(given)))
}

/// What is wrong with a request; the request itself has no equality.
fn fault<A: Action>(given: &Given<'_>) -> Option<Undecodable> {
    decode::<A>(given).err()
}

/// `rest`, and `more` in place of what has the same name.
fn with<'a>(rest: &Given<'a>, more: &Given<'a>) -> Vec<(&'a str, &'a str)> {
    let kept = rest.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    kept.chain(more).copied().collect()
}

fn missing(name: &str) -> Option<Undecodable> {
    Some(Undecodable::Missing(name.to_owned()))
}

fn invalid(name: &str) -> Option<Undecodable> {
    Some(Undecodable::Invalid(name.to_owned()))
}

/// `whole` is read, written and the same again; without one of `required`, or with it empty, it is not read.
fn travels<A: Action>(whole: &Given<'_>, required: &[&str]) {
    let request = decode::<A>(whole).unwrap_or_else(|fault| panic!("{}: {fault}", A::NAME));
    let mut written = rpc::encode(&request).expect("a request is an object");
    let mut expected = pairs(whole);
    written.sort();
    expected.sort();
    assert_eq!(written, expected, "{}", A::NAME);

    let directory = whole.iter().find(|(name, _)| *name == "InstanceId").map(|(_, id)| *id);
    assert_eq!(request.place(), directory.map_or(Place::Account, Place::Directory), "{}", A::NAME);

    for required in directory.map(|_| "InstanceId").iter().chain(required) {
        let mut rest = whole.to_vec();
        rest.retain(|(name, _)| name.split('.').next() != Some(*required));
        assert!(rest.len() < whole.len(), "{} is given {required}", A::NAME);
        assert_eq!(fault::<A>(&rest), missing(required), "{} without {required}", A::NAME);
        rest.push((required, ""));
        assert_eq!(fault::<A>(&rest), missing(required), "{} with {required} empty", A::NAME);
    }
}

/// `name` holds `max` members, each of `members` below `N`, and not one more.
fn holds<A: Action>(
    rest: &Given<'_>,
    name: &str,
    member: impl Fn(usize) -> Vec<(String, String)>,
    max: usize,
) {
    let written = |count: usize| -> Pairs {
        let named =
            |n: usize| member(n).into_iter().map(move |(below, value)| (format!("{name}.{n}{below}"), value));
        pairs(rest).into_iter().chain((1..=count).flat_map(named)).collect()
    };
    let found = |count| rpc::decode::<A>(&Parameters::from_pairs(written(count))).err();

    assert_eq!(found(max), None, "{} with {max} members", A::NAME);
    assert_eq!(found(max + 1), invalid(name), "{} with {} members", A::NAME, max + 1);
}

/// A member of a list of texts.
fn id(_: usize) -> Vec<(String, String)> {
    vec![(String::new(), "x".to_owned())]
}

/// `name` takes `max` characters, and not one more.
fn bounds<A: Action>(rest: &Given<'_>, name: &str, character: &str, max: usize) {
    let found = |count: usize| fault::<A>(&with(rest, &[(name, &character.repeat(count))]));
    assert_eq!(found(max), None, "{} {name} of {max}", A::NAME);
    assert_eq!(found(max + 1), invalid(name), "{} {name} of {}", A::NAME, max + 1);
}

/// `name` takes each of `words`, and none else.
fn listed<A: Action>(rest: &Given<'_>, name: &str, words: &[&str], blamed: &str) {
    for word in words {
        assert_eq!(fault::<A>(&with(rest, &[(name, word)])), None, "{} {name}={word}", A::NAME);
    }
    let others = [words[0].to_uppercase(), format!("{} ", words[0]), "nonsense".to_owned(), "1".to_owned()];
    for word in others {
        assert_eq!(fault::<A>(&with(rest, &[(name, &word)])), invalid(blamed), "{} {name}={word}", A::NAME);
    }
}

/// `name` takes whole numbers from `first` to `last`.
fn ranges<A: Action>(rest: &Given<'_>, name: &str, first: i64, last: i64) {
    for (number, fits) in [(first - 1, false), (first, true), (last, true), (last + 1, false)] {
        let expected = if fits { None } else { invalid(name) };
        let found = fault::<A>(&with(rest, &[(name, &number.to_string())]));
        assert_eq!(found, expected, "{} {name}={number}", A::NAME);
    }
    for text in ["x", "1.0", "+ 1"] {
        assert_eq!(fault::<A>(&with(rest, &[(name, text)])), invalid(name), "{} {name}={text}", A::NAME);
    }
}

/// Without one of `given`, in their order, it is the one that is missing.
fn first_missing<A: Action>(given: &Given<'_>, order: &[&str]) {
    for (index, name) in order.iter().enumerate() {
        let rest: Vec<_> =
            given.iter().copied().filter(|(given, _)| !order[index..].contains(given)).collect();
        assert_eq!(fault::<A>(&rest), missing(name), "{} with {rest:?}", A::NAME);
    }
}

#[test]
fn requests_on_users_travel() {
    travels::<CreateUser>(
        &[
            INSTANCE,
            ("Username", "alice"),
            ("DisplayName", "Alice"),
            ("Password", "Secret-123"),
            ("PhoneRegion", "86"),
            ("PhoneNumber", "12345678901"),
            ("PhoneNumberVerified", "true"),
            ("Email", "example@example.com"),
            ("EmailVerified", "false"),
            ("UserExternalId", "x-1"),
            ("PrimaryOrganizationalUnitId", "ou_o"),
            ("OrganizationalUnitIds.1", "ou_p"),
            ("OrganizationalUnitIds.2", "ou_q"),
            ("Description", "one\ntwo"),
            ("CustomFields.1.FieldName", "age"),
            ("CustomFields.1.FieldValue", "10"),
            ("PasswordInitializationConfig.PasswordInitializationPolicyPriority", "custom"),
            ("PasswordInitializationConfig.PasswordForcedUpdateStatus", "enabled"),
            ("PasswordInitializationConfig.UserNotificationChannels.1", "email"),
            ("PasswordInitializationConfig.UserNotificationChannels.2", "sms"),
            ("PasswordInitializationConfig.PasswordInitializationType", "random"),
            ("ClientToken", "client-token-example"),
        ],
        &["Username", "PrimaryOrganizationalUnitId"],
    );
    travels::<ListUsers>(
        &[
            INSTANCE,
            ("PageNumber", "3"),
            ("PageSize", "100"),
            ("NextToken", "NT"),
            ("MaxResults", "0"),
            ("UserIds.1", "user_u"),
            ("UsernameStartsWith", "张"),
            ("DisplayNameStartsWith", "A l"),
            ("PhoneRegion", "86"),
            ("PhoneNumber", "138****8888"),
            ("Email", "张@b.cn"),
            ("UserExternalId", "x"),
            ("UserSourceId", "idaas_i"),
            ("UserSourceType", "we_com"),
            ("Status", "disabled"),
            ("OrganizationalUnitId", "ou_o"),
        ],
        &[],
    );
    travels::<GetUser>(&[INSTANCE, USER], &["UserId"]);
    travels::<UpdateUser>(
        &[
            INSTANCE,
            USER,
            ("Username", "bob"),
            ("DisplayName", "Bob"),
            ("PhoneRegion", "1"),
            ("PhoneNumber", "123456"),
            ("PhoneNumberVerified", "false"),
            ("Email", "b@c.de"),
            ("EmailVerified", "true"),
            ("CustomFields.1.FieldName", "age"),
            ("CustomFields.1.FieldValue", "10"),
            ("CustomFields.1.Operation", "add"),
            ("CustomFields.2.FieldName", "岗位"),
            ("CustomFields.2.Operation", "remove"),
        ],
        &["UserId"],
    );
    travels::<UpdateUserDescription>(&[INSTANCE, USER, ("Description", "")], &["UserId"]);
    travels::<UpdateUserPassword>(
        &[
            INSTANCE,
            USER,
            ("Password", "Secret-123"),
            ("PasswordForcedUpdateStatus", "disabled"),
            ("UserNotificationChannels.1", "sms"),
        ],
        &["UserId", "Password"],
    );
    travels::<DeleteUser>(&[INSTANCE, USER], &["UserId"]);
    travels::<DeleteUsers>(&[INSTANCE, ("UserIds.1", "a"), ("UserIds.2", "a")], &["UserIds"]);
    travels::<EnableUser>(&[INSTANCE, USER], &["UserId"]);
    travels::<DisableUser>(&[INSTANCE, USER], &["UserId"]);
    travels::<UnlockUser>(&[INSTANCE, USER], &["UserId"]);
}

#[test]
fn requests_on_memberships_travel() {
    let units = ("OrganizationalUnitIds.1", "ou_o");
    let users = ("UserIds.1", "user_u");
    let pages = [("PageNumber", "1"), ("PageSize", "20")];
    travels::<SetUserPrimaryOrganizationalUnit>(&[INSTANCE, USER, UNIT], &["UserId", "OrganizationalUnitId"]);
    travels::<AddUserToOrganizationalUnits>(&[INSTANCE, USER, units], &["UserId", "OrganizationalUnitIds"]);
    travels::<RemoveUserFromOrganizationalUnits>(
        &[INSTANCE, USER, units],
        &["UserId", "OrganizationalUnitIds"],
    );
    travels::<AddUsersToGroup>(&[INSTANCE, GROUP, users], &["GroupId", "UserIds"]);
    travels::<RemoveUsersFromGroup>(&[INSTANCE, GROUP, users], &["GroupId", "UserIds"]);
    travels::<ListUsersForGroup>(&[INSTANCE, GROUP, users, pages[0], pages[1]], &["GroupId"]);
    travels::<ListGroupsForUser>(&[INSTANCE, USER, pages[0], pages[1]], &["UserId"]);
}

#[test]
fn requests_on_groups_travel() {
    let (name, external, description) = (("GroupName", "g"), ("GroupExternalId", "x"), ("Description", "d"));
    travels::<CreateGroup>(&[INSTANCE, name, external, description], &["GroupName"]);
    travels::<GetGroup>(&[INSTANCE, GROUP], &["GroupId"]);
    travels::<ListGroups>(
        &[
            INSTANCE,
            ("PageNumber", "1"),
            ("PageSize", "1"),
            ("GroupIds.1", "group_g"),
            name,
            ("GroupNameStartsWith", "g"),
            external,
        ],
        &[],
    );
    travels::<UpdateGroup>(&[INSTANCE, GROUP, name, external], &["GroupId"]);
    travels::<UpdateGroupDescription>(&[INSTANCE, GROUP, description], &["GroupId"]);
    travels::<DeleteGroup>(&[INSTANCE, GROUP], &["GroupId"]);
}

#[test]
fn requests_on_units_travel() {
    let name = ("OrganizationalUnitName", "R&D");
    let (parent, description) = (("ParentId", "ou_p"), ("Description", "d"));
    let external = ("OrganizationalUnitExternalId", "x");
    travels::<CreateOrganizationalUnit>(
        &[INSTANCE, name, parent, external, description],
        &["OrganizationalUnitName", "ParentId"],
    );
    travels::<GetOrganizationalUnit>(&[INSTANCE, UNIT], &["OrganizationalUnitId"]);
    travels::<GetRootOrganizationalUnit>(&[INSTANCE], &[]);
    travels::<ListOrganizationalUnits>(
        &[
            INSTANCE,
            ("PageNumber", "1"),
            ("PageSize", "1"),
            ("OrganizationalUnitIds.1", "ou_o"),
            name,
            ("OrganizationalUnitNameStartsWith", "R"),
            parent,
        ],
        &[],
    );
    travels::<ListOrganizationalUnitParents>(&[INSTANCE, UNIT], &["OrganizationalUnitId"]);
    travels::<UpdateOrganizationalUnit>(&[INSTANCE, UNIT, name], &["OrganizationalUnitId"]);
    travels::<UpdateOrganizationalUnitDescription>(&[INSTANCE, UNIT, description], &["OrganizationalUnitId"]);
    travels::<UpdateOrganizationalUnitParentId>(
        &[INSTANCE, UNIT, parent],
        &["OrganizationalUnitId", "ParentId"],
    );
    travels::<DeleteOrganizationalUnit>(&[INSTANCE, UNIT], &["OrganizationalUnitId"]);
    travels::<DeleteOrganizationalUnitChildren>(&[INSTANCE, UNIT], &["OrganizationalUnitId"]);
}

#[test]
fn requests_on_custom_fields_travel() {
    let choices = [
        ("FieldDisplayType", "select"),
        ("DefaultValue", "a"),
        ("FieldDataConfig.Items.1.DisplayName", "A"),
        ("FieldDataConfig.Items.1.Value", "a"),
        ("FieldDataConfig.Items.1.Status", "enabled"),
        ("FieldDataConfig.Items.2.Value", "b"),
        ("FieldDataConfig.Items.2.Status", "disabled"),
        ("Required", "true"),
        ("Unique", "false"),
        ("Encrypted", "true"),
        ("UserPermission", "read_only"),
        ("Description", "d"),
    ];
    travels::<CreateCustomField>(
        &with(&NEW_FIELD, &choices),
        &[
            "EntityType",
            "FieldName",
            "FieldDisplayName",
            "FieldDisplayType",
            "FieldDataType",
            "FieldDataConfig",
        ],
    );
    travels::<GetCustomField>(&[INSTANCE, FIELD], &["FieldId"]);
    travels::<EnableCustomField>(&[INSTANCE, FIELD], &["FieldId"]);
    travels::<DisableCustomField>(&[INSTANCE, FIELD], &["FieldId"]);
    travels::<DeleteCustomField>(&[INSTANCE, FIELD], &["FieldId"]);
}

#[test]
fn requests_on_instances_travel() {
    travels::<CreateInstance>(&[("Description", "d"), ("ClientToken", "t")], &[]);
    travels::<GetInstance>(&[INSTANCE], &[]);
    travels::<ListInstances>(
        &[
            ("PageNumber", "1"),
            ("PageSize", "100"),
            ("InstanceIds.1", "idaas_i"),
            ("Status", "creating"),
            ("Edition", "scalability"),
            ("CrossRegionReplication", "disabled"),
            ("ServiceManaged", "false"),
            ("ManagedServiceCode", "sase"),
        ],
        &[],
    );
    travels::<ListEiamInstances>(&[("InstanceIds.1", "idaas_i"), ("InstanceRegionId", "cn-hangzhou")], &[]);
    travels::<UpdateInstanceDescription>(&[INSTANCE, ("Description", "d")], &[]);
    travels::<DeleteInstance>(&[INSTANCE], &[]);
    travels::<CheckInstanceForDelete>(&[INSTANCE], &[]);
    travels::<ListRegions>(&[], &[]);
    travels::<ListEiamRegions>(&[], &[]);
    travels::<GetServiceQuota>(&[("QuotaType", "instanceTrialNumber")], &["QuotaType"]);
    travels::<GetInstanceQuota>(&[INSTANCE, ("QuotaKey", "userMaxNumber")], &["QuotaKey"]);
    travels::<GetInstanceLicense>(&[INSTANCE], &[]);
}

#[test]
fn requests_on_passwords_travel() {
    travels::<GetPasswordComplexityConfiguration>(&[INSTANCE], &[]);
    travels::<SetPasswordComplexityConfiguration>(
        &[
            INSTANCE,
            ("PasswordMinLength", "8"),
            ("PasswordComplexityRules.1.PasswordCheckType", "inclusion_number"),
            ("PasswordComplexityRules.2.PasswordCheckType", "inclusion_number"),
            ("DisabledWeakPasswordLogin", "true"),
        ],
        &["PasswordMinLength"],
    );
    travels::<GetPasswordExpirationConfiguration>(&[INSTANCE], &[]);
    travels::<SetPasswordExpirationConfiguration>(
        &[
            INSTANCE,
            ("PasswordExpirationStatus", "enabled"),
            ("PasswordValidMaxDay", "90"),
            ("PasswordExpirationAction", "forbid_login"),
            ("PasswordExpirationNotificationStatus", "enabled"),
            ("PasswordExpirationNotificationChannels.1", "login"),
            ("PasswordExpirationNotificationDuration", "7"),
            ("PasswordForcedUpdateDuration", "8"),
            ("EffectiveAuthenticationSourceIds.1", "ia_password"),
            ("EffectiveAuthenticationSourceIds.2", "idp_x"),
        ],
        &[
            "PasswordExpirationStatus",
            "PasswordValidMaxDay",
            "PasswordExpirationAction",
            "PasswordExpirationNotificationChannels",
            "PasswordExpirationNotificationDuration",
        ],
    );
    travels::<GetInstanceGlobalizationConfig>(&[INSTANCE], &[]);
    travels::<SetInstanceGlobalizationConfig>(
        &[INSTANCE, ("Language", "zh-Hans-CN"), ("TimeZone", "Asia/Shanghai")],
        &["Language", "TimeZone"],
    );
    travels::<GetPasswordHistoryConfiguration>(&[INSTANCE], &[]);
    travels::<SetPasswordHistoryConfiguration>(
        &[INSTANCE, ("PasswordHistoryStatus", "enabled"), ("PasswordHistoryMaxRetention", "24")],
        &["PasswordHistoryStatus", "PasswordHistoryMaxRetention"],
    );
    travels::<GetPasswordInitializationConfiguration>(&[INSTANCE], &[]);
    travels::<SetPasswordInitializationConfiguration>(
        &[
            INSTANCE,
            ("PasswordInitializationStatus", "enabled"),
            ("PasswordInitializationType", "random"),
            ("PasswordForcedUpdateStatus", "enabled"),
            ("PasswordInitializationNotificationChannels.1", "email"),
        ],
        &["PasswordInitializationStatus", "PasswordInitializationType"],
    );
    travels::<GetForgetPasswordConfiguration>(&[INSTANCE], &[]);
    travels::<SetForgetPasswordConfiguration>(
        &[INSTANCE, ("ForgetPasswordStatus", "enabled"), ("AuthenticationChannels.1", "totp")],
        &["ForgetPasswordStatus", "AuthenticationChannels"],
    );
}

#[test]
fn requests_on_authentication_travel() {
    let account = [("IdentityProviderId", "idp_p"), ("UserExternalId", "x")];
    travels::<UnbindTotpAuthenticator>(&[INSTANCE, USER], &["UserId"]);
    let names = ["UserId", "IdentityProviderId", "UserExternalId"];
    travels::<BindUserAuthnSourceMapping>(&[INSTANCE, USER, account[0], account[1]], &names);
    travels::<UnbindUserAuthnSourceMapping>(&[INSTANCE, USER, account[0], account[1]], &names);
    travels::<ListUserAuthnSourceMappings>(
        &[
            INSTANCE,
            USER,
            account[0],
            account[1],
            ("NextToken", "NT"),
            ("PreviousToken", "PT"),
            ("MaxResults", "100"),
        ],
        &["UserId"],
    );
}

#[test]
fn a_number_comes_with_its_region_and_flag_and_an_address_with_its_flag() {
    let number = ("PhoneNumber", "12345678901");
    let (region, calls) = (("PhoneRegion", "86"), ("PhoneNumberVerified", "True"));
    let (address, reads) = (("Email", "a@b.cn"), ("EmailVerified", "False"));
    let cases: [(&Given<'_>, Option<Undecodable>); 14] = [
        (&[number, region, calls, address, reads], None),
        (&[number, calls], missing("PhoneRegion")),
        (&[number, ("PhoneRegion", ""), calls], missing("PhoneRegion")),
        (&[number, region], missing("PhoneNumberVerified")),
        (&[number, region, ("PhoneNumberVerified", "")], missing("PhoneNumberVerified")),
        (&[address], missing("EmailVerified")),
        (&[address, ("EmailVerified", "")], missing("EmailVerified")),
        (&[number, address], missing("PhoneRegion")),
        (&[("PhoneNumber", ""), ("Email", "")], None),
        (&[calls, reads], None),
        (&[region], None),
        (&[number, ("PhoneRegion", "+86"), calls], invalid("PhoneRegion")),
        (&[("PhoneNumber", "12345"), region, calls], invalid("PhoneNumber")),
        (&[("Email", "a+b@c.cn"), reads], invalid("Email")),
    ];
    for (more, expected) in cases {
        assert_eq!(fault::<CreateUser>(&with(&NEW_USER, more)), expected, "{more:?}");
        assert_eq!(fault::<UpdateUser>(&with(&[INSTANCE, USER], more)), expected, "{more:?}");
    }
    for name in ["PhoneNumberVerified", "EmailVerified"] {
        assert_eq!(fault::<CreateUser>(&with(&NEW_USER, &[(name, "maybe")])), invalid(name));
    }
}

#[test]
fn what_is_missing_comes_before_what_is_out_of_form_both_in_the_order_of_the_table() {
    let faulty = [
        INSTANCE,
        ("Username", "a b"),
        ("DisplayName", "\n"),
        ("Password", "a b"),
        ("PhoneRegion", "+86"),
        ("PhoneNumber", "1"),
        ("PhoneNumberVerified", "true"),
        ("Email", "e"),
        ("EmailVerified", "true"),
        ("UserExternalId", "\n"),
        ("PrimaryOrganizationalUnitId", "ou_o"),
        ("Description", "\0"),
        ("CustomFields.1.FieldName", ""),
        ("PasswordInitializationConfig.PasswordForcedUpdateStatus", "on"),
        ("ClientToken", "é"),
    ];
    let order = [
        ("Username", "Username", "a"),
        ("DisplayName", "DisplayName", "a"),
        ("Password", "Password", "a"),
        ("PhoneRegion", "PhoneRegion", "86"),
        ("PhoneNumber", "PhoneNumber", "123456"),
        ("Email", "Email", "a@b.cn"),
        ("UserExternalId", "UserExternalId", "a"),
        ("Description", "Description", "a"),
        ("PasswordForcedUpdateStatus", "PasswordInitializationConfig.PasswordForcedUpdateStatus", "enabled"),
        ("ClientToken", "ClientToken", "a"),
    ];
    let mut given = with(&faulty, &[("CustomFields.1.FieldName", "age")]);
    for (blamed, name, good) in order {
        assert_eq!(fault::<CreateUser>(&given), invalid(blamed));
        given = with(&given, &[(name, good)]);
    }
    assert_eq!(fault::<CreateUser>(&given), None);

    first_missing::<CreateUser>(
        &with(&faulty, &[("CustomFields.1.FieldName", "age")]),
        &["InstanceId", "Username", "PrimaryOrganizationalUnitId"],
    );
    for name in ["PhoneNumberVerified", "EmailVerified"] {
        assert_eq!(fault::<CreateUser>(&with(&faulty, &[(name, "")])), missing(name));
    }
    let field = with(&NEW_FIELD, &[("FieldName", "9"), ("FieldDisplayName", "\n")]);
    first_missing::<CreateCustomField>(&field, &NEW_FIELD.map(|(name, _)| name));
    assert_eq!(fault::<CreateCustomField>(&field), invalid("FieldName"));
    assert_eq!(
        fault::<UpdateUserPassword>(&[INSTANCE, ("UserId", ""), ("Password", "a b")]),
        missing("UserId")
    );
}

#[test]
fn texts_keep_their_lengths() {
    bounds::<CreateUser>(&NEW_USER, "Username", "a", 256);
    bounds::<CreateUser>(&NEW_USER, "DisplayName", "张", 128);
    bounds::<CreateUser>(&NEW_USER, "Password", "密", 64);
    bounds::<CreateUser>(&NEW_USER, "UserExternalId", "张", 128);
    bounds::<CreateUser>(&NEW_USER, "Description", "张", 256);
    bounds::<CreateUser>(&NEW_USER, "ClientToken", "t", 64);
    bounds::<UpdateUser>(&[INSTANCE, USER], "DisplayName", "张", 256);
    bounds::<UpdateUserPassword>(&[INSTANCE, USER], "Password", "密", 64);
    bounds::<ListUsers>(&[INSTANCE], "UsernameStartsWith", "张", 256);
    bounds::<ListUsers>(&[INSTANCE], "DisplayNameStartsWith", "张", 256);
    bounds::<ListUsers>(&[INSTANCE], "PhoneRegion", "8", 32);
    bounds::<ListUsers>(&[INSTANCE], "PhoneNumber", "8", 128);
    bounds::<ListUsers>(&[INSTANCE], "Email", "张", 128);
    bounds::<ListUsers>(&[INSTANCE], "UserExternalId", "张", 128);
    bounds::<ListUsers>(&[INSTANCE], "UserSourceId", "张", 128);
    for name in ["GroupName", "GroupExternalId"] {
        bounds::<CreateGroup>(&[INSTANCE, ("GroupName", "g")], name, "张", 64);
        bounds::<UpdateGroup>(&[INSTANCE, GROUP], name, "张", 64);
        bounds::<ListGroups>(&[INSTANCE], name, "张", 64);
    }
    bounds::<ListGroups>(&[INSTANCE], "GroupNameStartsWith", "张", 64);
    bounds::<CreateGroup>(&[INSTANCE, ("GroupName", "g")], "Description", "\n", 256);
    bounds::<UpdateGroupDescription>(&[INSTANCE, GROUP], "Description", "张", 256);
    let unit = [INSTANCE, ("OrganizationalUnitName", "u"), ("ParentId", "ou_p")];
    bounds::<CreateOrganizationalUnit>(&unit, "OrganizationalUnitName", "张", 128);
    bounds::<CreateOrganizationalUnit>(&unit, "OrganizationalUnitExternalId", "张", 128);
    bounds::<CreateOrganizationalUnit>(&unit, "Description", "张", 256);
    bounds::<UpdateOrganizationalUnit>(&[INSTANCE, UNIT], "OrganizationalUnitName", "张", 128);
    bounds::<ListOrganizationalUnits>(&[INSTANCE], "OrganizationalUnitName", "张", 128);
    bounds::<ListOrganizationalUnits>(&[INSTANCE], "OrganizationalUnitNameStartsWith", "张", 128);
    bounds::<CreateCustomField>(&NEW_FIELD, "FieldName", "a", 40);
    bounds::<CreateCustomField>(&NEW_FIELD, "FieldDisplayName", "张", 64);
    bounds::<CreateCustomField>(&NEW_FIELD, "DefaultValue", "张", 1024);
    bounds::<CreateCustomField>(&NEW_FIELD, "Description", "张", 512);
    bounds::<CreateInstance>(&[], "Description", "张", 128);
    bounds::<CreateInstance>(&[], "ClientToken", "t", 64);
    bounds::<ListInstances>(&[], "ManagedServiceCode", "s", 64);
    bounds::<ListEiamInstances>(&[], "InstanceRegionId", "c", 32);
    let account = [INSTANCE, USER, ("IdentityProviderId", "idp_p"), ("UserExternalId", "x")];
    bounds::<BindUserAuthnSourceMapping>(&account, "UserExternalId", "张", 128);
    bounds::<UnbindUserAuthnSourceMapping>(&account, "UserExternalId", "张", 128);
    bounds::<ListUserAuthnSourceMappings>(&account, "UserExternalId", "张", 128);
}

#[test]
fn what_is_stored_may_be_said_again_though_it_is_wider_than_what_is_taken_anew() {
    bounds::<UpdateUser>(&[INSTANCE, USER], "Username", "张", 256);
    bounds::<UpdateUserDescription>(&[INSTANCE, USER], "Description", "张", 1024);
    bounds::<UpdateOrganizationalUnitDescription>(&[INSTANCE, UNIT], "Description", "张", 1024);
    bounds::<UpdateInstanceDescription>(&[INSTANCE], "Description", "张", 1024);

    for (username, expected) in [("bob", None), ("", None), ("张三", invalid("Username"))] {
        let request = decode::<UpdateUser>(&[INSTANCE, USER, ("Username", username)]).unwrap();
        assert_eq!(request.check_changed().err(), expected, "{username}");
    }
    for (count, found) in [(256, None), (257, invalid("Description"))] {
        let description = ("Description", &*"张".repeat(count));
        let of_user = decode::<UpdateUserDescription>(&[INSTANCE, USER, description]).unwrap();
        let of_unit = decode::<UpdateOrganizationalUnitDescription>(&[INSTANCE, UNIT, description]).unwrap();
        assert_eq!(of_user.check_changed().err(), found);
        assert_eq!(of_unit.check_changed().err(), found);
    }
    for (count, found) in [(128, None), (129, invalid("Description"))] {
        let description = ("Description", &*"张".repeat(count));
        let request = decode::<UpdateInstanceDescription>(&[INSTANCE, description]).unwrap();
        assert_eq!(request.check_changed().err(), found);
    }
}

#[test]
fn control_characters_are_refused_in_lines_and_most_in_descriptions() {
    for character in ["\n", "\t", "\r", "\0", "\u{7f}", "\u{85}"] {
        let line = |name: &str| fault::<CreateUser>(&with(&NEW_USER, &[(name, character)]));
        for name in ["Username", "DisplayName", "Password", "PhoneRegion", "UserExternalId", "ClientToken"] {
            assert_eq!(line(name), invalid(name), "{name} {character:?}");
        }
        let prose = if matches!(character, "\n" | "\t") { None } else { invalid("Description") };
        assert_eq!(line("Description"), prose, "{character:?}");
        assert_eq!(
            fault::<UpdateUserDescription>(&[INSTANCE, USER, ("Description", character)]),
            prose,
            "{character:?}"
        );
        assert_eq!(
            fault::<ListUsers>(&[INSTANCE, ("UsernameStartsWith", character)]),
            invalid("UsernameStartsWith")
        );
    }
}

#[test]
fn an_empty_text_says_as_much_as_none_or_clears_and_the_request_keeps_it() {
    let empty = |names: &[&'static str]| names.iter().map(|name| (*name, "")).collect::<Vec<_>>();
    let optional =
        ["DisplayName", "Password", "PhoneRegion", "PhoneNumber", "Email", "UserExternalId", "Description"];
    assert_eq!(fault::<CreateUser>(&with(&NEW_USER, &empty(&optional))), None);
    assert_eq!(fault::<CreateUser>(&with(&NEW_USER, &empty(&["ClientToken", "CustomFields"]))), None);
    let updated = empty(&["Username", "DisplayName", "PhoneRegion", "PhoneNumber", "Email"]);
    assert_eq!(fault::<UpdateUser>(&with(&[INSTANCE, USER], &updated)), None);
    assert_eq!(
        fault::<UpdateGroup>(&with(&[INSTANCE, GROUP], &empty(&["GroupName", "GroupExternalId"]))),
        None
    );
    assert_eq!(fault::<UpdateOrganizationalUnit>(&[INSTANCE, UNIT, ("OrganizationalUnitName", "")]), None);
    let filters =
        ["UsernameStartsWith", "Email", "Status", "UserSourceType", "UserIds", "OrganizationalUnitId"];
    assert_eq!(fault::<ListUsers>(&with(&[INSTANCE], &empty(&filters))), None);

    for (given, expected) in [(None, None), (Some(""), Some("")), (Some("x"), Some("x"))] {
        let described: Vec<_> = given.map(|text| ("Description", text)).into_iter().collect();
        let user = decode::<UpdateUserDescription>(&with(&[INSTANCE, USER], &described)).unwrap();
        let group = decode::<UpdateGroupDescription>(&with(&[INSTANCE, GROUP], &described)).unwrap();
        assert_eq!((user.description.as_deref(), group.description.as_deref()), (expected, expected));
    }
}

#[test]
fn words_are_compared_exactly() {
    let sources = ["build_in", "ding_talk", "ad", "ldap", "we_com"];
    let (statuses, channels) = (["enabled", "disabled"], ["email", "sms"]);
    listed::<ListUsers>(&[INSTANCE], "UserSourceType", &sources, "UserSourceType");
    listed::<ListUsers>(&[INSTANCE], "Status", &["enabled", "disabled", "enable", "disable"], "Status");
    let password = [INSTANCE, USER, ("Password", "p")];
    let (forced, told) = ("PasswordForcedUpdateStatus", "UserNotificationChannels");
    listed::<UpdateUserPassword>(&password, forced, &statuses, forced);
    listed::<UpdateUserPassword>(&password, "UserNotificationChannels.1", &channels, told);
    let change = [INSTANCE, USER, ("CustomFields.1.FieldName", "age")];
    let operations = ["add", "replace", "remove"];
    listed::<UpdateUser>(&change, "CustomFields.1.Operation", &operations, "CustomFields");
    listed::<CreateCustomField>(&NEW_FIELD, "EntityType", &["user"], "EntityType");
    listed::<CreateCustomField>(&NEW_FIELD, "FieldDisplayType", &["input"], "FieldDisplayType");
    listed::<CreateCustomField>(&NEW_FIELD, "FieldDataType", &["string", "number"], "FieldDataType");
    let permissions = ["hide", "read_only", "read_write"];
    listed::<CreateCustomField>(&NEW_FIELD, "UserPermission", &permissions, "UserPermission");
    listed::<ListInstances>(&[], "Status", &["creating", "running"], "Status");
    let editions = ["free", "trial", "scalability", "standard", "enterprise"];
    listed::<ListInstances>(&[], "Edition", &editions, "Edition");
    listed::<ListInstances>(&[], "CrossRegionReplication", &statuses, "CrossRegionReplication");
    let quotas = ["instanceTrialNumber", "instanceTrialTimes"];
    listed::<GetServiceQuota>(&[], "QuotaType", &quotas, "QuotaType");
    listed::<GetInstanceQuota>(&[INSTANCE], "QuotaKey", &["userMaxNumber"], "QuotaKey");

    let ends = [
        INSTANCE,
        ("PasswordExpirationStatus", "disabled"),
        ("PasswordValidMaxDay", "9"),
        ("PasswordExpirationAction", "forbid_login"),
    ];
    let actions = ["forbid_login", "force_update_password", "remind_update_password"];
    let (status, action) = ("PasswordExpirationStatus", "PasswordExpirationAction");
    let (ways, tells) = ("PasswordExpirationNotificationChannels", "PasswordExpirationNotificationStatus");
    listed::<SetPasswordExpirationConfiguration>(&ends, status, &statuses, status);
    listed::<SetPasswordExpirationConfiguration>(&ends, action, &actions, action);
    let way = format!("{ways}.1");
    let before = with(&ends, &[("PasswordExpirationNotificationDuration", "1"), (&way, "sms")]);
    listed::<SetPasswordExpirationConfiguration>(&before, tells, &statuses, tells);
    listed::<SetPasswordExpirationConfiguration>(&ends, &way, &["login", "email", "sms"], ways);

    let kept = [INSTANCE, ("PasswordHistoryMaxRetention", "1")];
    listed::<SetPasswordHistoryConfiguration>(
        &kept,
        "PasswordHistoryStatus",
        &statuses,
        "PasswordHistoryStatus",
    );
    let made =
        [INSTANCE, ("PasswordInitializationStatus", "enabled"), ("PasswordInitializationType", "random")];
    let (made_by, ways) = ("PasswordInitializationType", "PasswordInitializationNotificationChannels");
    listed::<SetPasswordInitializationConfiguration>(&made, made_by, &["random"], made_by);
    listed::<SetPasswordInitializationConfiguration>(&made, forced, &statuses, forced);
    listed::<SetPasswordInitializationConfiguration>(&made, &format!("{ways}.1"), &channels, ways);
    let forgotten = [INSTANCE, ("ForgetPasswordStatus", "enabled"), ("AuthenticationChannels.1", "sms")];
    let ways = ["email", "sms", "totp", "web_authn"];
    listed::<SetForgetPasswordConfiguration>(
        &forgotten,
        "ForgetPasswordStatus",
        &statuses,
        "ForgetPasswordStatus",
    );
    listed::<SetForgetPasswordConfiguration>(
        &forgotten,
        "AuthenticationChannels.1",
        &ways,
        "AuthenticationChannels",
    );
}

#[test]
fn an_alias_of_a_status_is_the_status() {
    for (text, status) in [("enable", StatusFilter::Enabled), ("disable", StatusFilter::Disabled)] {
        assert_eq!(decode::<ListUsers>(&[INSTANCE, ("Status", text)]).unwrap().status, Some(status));
    }
}

#[test]
fn words_inside_another_parameter_are_blamed_by_their_own_name() {
    for (member, name, words) in [
        (
            "PasswordInitializationPolicyPriority",
            "PasswordInitializationPolicyPriority",
            &["global", "custom"][..],
        ),
        ("PasswordForcedUpdateStatus", "PasswordForcedUpdateStatus", &["enabled", "disabled"]),
        ("UserNotificationChannels.1", "UserNotificationChannels", &["email", "sms"]),
        ("PasswordInitializationType", "PasswordInitializationType", &["random"]),
    ] {
        let flat = format!("PasswordInitializationConfig.{member}");
        listed::<CreateUser>(&NEW_USER, &flat, words, name);
        assert_eq!(fault::<CreateUser>(&with(&NEW_USER, &[(&flat, "")])), None);
    }
    let json = r#"{"PasswordInitializationPolicyPriority":"custom","PasswordInitializationType":""}"#;
    let request = decode::<CreateUser>(&with(&NEW_USER, &[("PasswordInitializationConfig", json)])).unwrap();
    let config = request.password_initialization_config.unwrap();
    assert_eq!(config.password_initialization_policy_priority.unwrap().get(), Some(PolicyPriority::Custom));
    assert_eq!(config.password_initialization_type.unwrap().get(), None);

    let rest = [INSTANCE, ("PasswordMinLength", "8")];
    let rule = "PasswordComplexityRules.1.PasswordCheckType";
    let types = [
        "inclusion_upper_case",
        "inclusion_lower_case",
        "inclusion_number",
        "inclusion_special_case",
        "exclusion_username",
        "exclusion_email",
        "exclusion_phone_number",
        "exclusion_display_name",
    ];
    listed::<SetPasswordComplexityConfiguration>(&rest, rule, &types, "PasswordCheckType");
    for nothing in [(rule, ""), ("PasswordComplexityRules.1.Other", "x")] {
        let found = fault::<SetPasswordComplexityConfiguration>(&with(&rest, &[nothing]));
        assert_eq!(found, missing("PasswordCheckType"), "{nothing:?}");
    }
    assert_eq!(fault::<SetPasswordComplexityConfiguration>(&rest), None);
}

#[test]
fn numbers_keep_their_ranges() {
    let last = 9_007_199_254_740_991;
    ranges::<ListUsers>(&[INSTANCE], "PageNumber", 1, last);
    ranges::<ListGroups>(&[INSTANCE], "PageNumber", 1, last);
    ranges::<ListOrganizationalUnits>(&[INSTANCE], "PageNumber", 1, last);
    ranges::<ListInstances>(&[], "PageNumber", 1, last);
    ranges::<ListUsersForGroup>(&[INSTANCE, GROUP], "PageNumber", 1, last);
    ranges::<ListGroupsForUser>(&[INSTANCE, USER], "PageNumber", 1, last);
    ranges::<ListUsers>(&[INSTANCE], "PageSize", 1, 100);
    ranges::<ListGroups>(&[INSTANCE], "PageSize", 1, 100);
    ranges::<ListOrganizationalUnits>(&[INSTANCE], "PageSize", 1, 100);
    ranges::<ListInstances>(&[], "PageSize", 1, 100);
    ranges::<ListUsersForGroup>(&[INSTANCE, GROUP], "PageSize", 1, 100);
    ranges::<ListGroupsForUser>(&[INSTANCE, USER], "PageSize", 1, 100);
    ranges::<ListUsers>(&[INSTANCE], "MaxResults", 0, 100);
    ranges::<ListUserAuthnSourceMappings>(&[INSTANCE, USER], "MaxResults", 0, 100);
    ranges::<SetPasswordComplexityConfiguration>(&[INSTANCE], "PasswordMinLength", 1, 64);
    let history = [INSTANCE, ("PasswordHistoryStatus", "disabled")];
    ranges::<SetPasswordHistoryConfiguration>(&history, "PasswordHistoryMaxRetention", 1, 24);
    let expiration = [INSTANCE, ("PasswordExpirationStatus", "disabled")];
    let set = ranges::<SetPasswordExpirationConfiguration>;
    set(&expiration, "PasswordValidMaxDay", 1, 3650);
    set(&expiration, "PasswordExpirationNotificationDuration", 0, 365);
    set(&expiration, "PasswordForcedUpdateDuration", 0, 365);

    assert!((PageNumber::try_from(last).unwrap().get()).checked_mul(100).is_some());
}

#[test]
fn lists_keep_their_bounds() {
    holds::<CreateUser>(&NEW_USER, "OrganizationalUnitIds", id, 100);
    let field = |n: usize| vec![(".FieldName".to_owned(), format!("f{n}"))];
    holds::<CreateUser>(&NEW_USER, "CustomFields", field, 1000);
    holds::<UpdateUser>(&[INSTANCE, USER], "CustomFields", field, 1000);
    holds::<ListUsers>(&[INSTANCE], "UserIds", id, 100);
    holds::<DeleteUsers>(&[INSTANCE], "UserIds", id, 100);
    holds::<AddUserToOrganizationalUnits>(&[INSTANCE, USER], "OrganizationalUnitIds", id, 100);
    holds::<RemoveUserFromOrganizationalUnits>(&[INSTANCE, USER], "OrganizationalUnitIds", id, 100);
    holds::<AddUsersToGroup>(&[INSTANCE, GROUP], "UserIds", id, 100);
    holds::<RemoveUsersFromGroup>(&[INSTANCE, GROUP], "UserIds", id, 100);
    holds::<ListUsersForGroup>(&[INSTANCE, GROUP], "UserIds", id, 100);
    holds::<ListGroups>(&[INSTANCE], "GroupIds", id, 100);
    holds::<ListOrganizationalUnits>(&[INSTANCE], "OrganizationalUnitIds", id, 100);
    holds::<ListInstances>(&[], "InstanceIds", id, 100);
    holds::<ListEiamInstances>(&[], "InstanceIds", id, 100);
    let choice = [("FieldDisplayType", "select")];
    let items = |count: usize| {
        let items: Vec<_> = (1..=count).map(|n| json!({ "Value": n.to_string() })).collect();
        let config = json!({ "Items": items }).to_string();
        fault::<CreateCustomField>(&with(&NEW_FIELD, &with(&choice, &[("FieldDataConfig", &config)])))
    };
    assert_eq!((items(100), items(101)), (None, invalid("FieldDataConfig")));
}

#[test]
fn custom_fields_are_named_once_each() {
    let name = |n: usize, text| (format!("CustomFields.{n}.FieldName"), text);
    let value = |n: usize, text| (format!("CustomFields.{n}.FieldValue"), text);
    let (long_name, longer_name) = ("字".repeat(64), "字".repeat(65));
    // A list of choices is longer than any text.
    let (long, longer) = ("值".repeat(40_000), "值".repeat(40_001));
    let cases = [
        (vec![name(1, "a"), name(2, "b")], None),
        (vec![name(1, "a"), value(1, "")], None),
        (vec![name(1, &long_name), value(1, &long)], None),
        (vec![name(1, "a"), name(2, "b"), name(3, "a")], invalid("CustomFields")),
        (vec![name(1, &longer_name)], invalid("CustomFields")),
        (vec![name(1, "a\n")], invalid("CustomFields")),
        (vec![name(1, "a"), value(1, &longer)], invalid("CustomFields")),
        (vec![name(1, "a"), value(1, "\n")], invalid("CustomFields")),
        (vec![name(1, "")], missing("CustomFields")),
        (vec![value(1, "x")], missing("CustomFields")),
    ];
    for (given, expected) in cases {
        let more: Vec<_> = given.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        assert_eq!(fault::<CreateUser>(&with(&NEW_USER, &more)), expected, "{more:.60?}");
        let mut changed = with(&[INSTANCE, USER], &more);
        changed.push(("CustomFields.1.Operation", "remove"));
        assert_eq!(fault::<UpdateUser>(&changed), expected, "{more:.60?}");
    }
    let replaced = decode::<UpdateUser>(&[INSTANCE, USER, ("CustomFields.1.FieldName", "a")]).unwrap();
    assert_eq!(replaced.custom_fields.unwrap()[0].operation, FieldOperation::Replace);
}

#[test]
fn names_of_new_fields_are_small_letters_digits_and_underscores() {
    for (name, fits) in [
        ("a", true),
        ("field_001", true),
        ("_a", false),
        ("1a", false),
        ("userId", false),
        ("a-b", false),
        ("年龄", false),
        ("a\n", false),
    ] {
        let expected = if fits { None } else { invalid("FieldName") };
        assert_eq!(fault::<CreateCustomField>(&with(&NEW_FIELD, &[("FieldName", name)])), expected, "{name}");
    }
}

#[test]
fn a_field_is_filled_in_as_its_values_allow() {
    let allowed = [
        ("input", "string"),
        ("input", "number"),
        ("select", "string"),
        ("select", "boolean"),
        ("checkbox", "string"),
    ];
    for display in ["input", "select", "checkbox"] {
        for data in ["string", "number", "boolean"] {
            let chooses = display != "input" && data == "string";
            let mut more = vec![("FieldDisplayType", display), ("FieldDataType", data)];
            more.extend(chooses.then_some(("FieldDataConfig.Items.1.Value", "a")));
            let expected = if allowed.contains(&(display, data)) { None } else { invalid("FieldDataType") };
            assert_eq!(fault::<CreateCustomField>(&with(&NEW_FIELD, &more)), expected, "{display} {data}");
        }
    }
}

#[test]
fn choices_are_there_where_strings_are_chosen_and_differ() {
    let long = json!([{ "Value": "a", "DisplayName": "名".repeat(128) }]).to_string();
    let longer = json!([{ "Value": "a", "DisplayName": "名".repeat(129) }]).to_string();
    let longer_value = json!([{ "Value": "值".repeat(65) }]).to_string();
    let cases = [
        ("select", "string", "[]", missing("FieldDataConfig")),
        ("checkbox", "string", "[]", missing("FieldDataConfig")),
        ("select", "boolean", "[]", None),
        ("input", "string", "[]", None),
        ("input", "string", r#"[{"Value":"a"}]"#, invalid("FieldDataConfig")),
        ("input", "number", r#"[{"Value":"1"}]"#, invalid("FieldDataConfig")),
        ("select", "boolean", r#"[{"Value":"true"},{"Value":"false"}]"#, None),
        ("select", "boolean", r#"[{"Value":"yes"}]"#, invalid("FieldDataConfig")),
        ("select", "string", r#"[{"Value":"a"},{"Value":"A"}]"#, None),
        ("checkbox", "string", r#"[{"Value":"a"},{"Value":"a"}]"#, invalid("FieldDataConfig")),
        ("checkbox", "string", r#"[{"Value":""}]"#, missing("FieldDataConfig")),
        ("checkbox", "string", r#"[{"DisplayName":"A"}]"#, missing("FieldDataConfig")),
        ("checkbox", "string", r#"[{"Value":"a","Status":"off"}]"#, invalid("FieldDataConfig")),
        ("checkbox", "string", r#"[{"Value":"a\n"}]"#, invalid("FieldDataConfig")),
        ("checkbox", "string", long.as_str(), None),
        ("checkbox", "string", longer.as_str(), invalid("FieldDataConfig")),
        ("checkbox", "string", longer_value.as_str(), invalid("FieldDataConfig")),
    ];
    for (display, data, items, expected) in cases {
        let config = format!(r#"{{"Items":{items}}}"#);
        let more =
            [("FieldDisplayType", display), ("FieldDataType", data), ("FieldDataConfig", config.as_str())];
        let found = fault::<CreateCustomField>(&with(&NEW_FIELD, &more));
        assert_eq!(found, expected, "{display} {data} {items:.60}");
    }
}

#[test]
fn a_default_value_is_one_that_the_field_takes() {
    let items = r#"{"Items":[{"Value":"a"},{"Value":"b"},{"Value":"c","Status":"disabled"}]}"#;
    let cases = [
        ("input", "string", "", "anything", true),
        ("input", "string", "", "two\nlines", false),
        ("input", "number", "", "10", true),
        ("input", "number", "", "0.50", true),
        ("input", "number", "", "12345678901234567890123456789012", true),
        ("input", "number", "", "123456789012345678901234567890123", false),
        ("input", "number", "", "-1", false),
        ("input", "number", "", ".5", false),
        ("input", "number", "", "5.", false),
        ("input", "number", "", "1.2.3", false),
        ("input", "number", "", "1e3", false),
        ("select", "boolean", "", "true", true),
        ("select", "boolean", "", "True", false),
        ("select", "boolean", r#"{"Items":[{"Value":"true"}]}"#, "true", true),
        ("select", "boolean", r#"{"Items":[{"Value":"true"}]}"#, "false", false),
        ("select", "string", items, "a", true),
        ("select", "string", items, "A", false),
        ("select", "string", items, "c", false),
        ("select", "string", items, r#"["a"]"#, false),
        ("checkbox", "string", items, "a", true),
        ("checkbox", "string", items, r#"["a","b"]"#, true),
        ("checkbox", "string", items, r#"["a","c"]"#, false),
        ("checkbox", "string", items, "[]", false),
        ("checkbox", "string", items, "c", false),
        ("checkbox", "string", items, "", true),
    ];
    for (display, data, config, default, fits) in cases {
        let more = [
            ("FieldDisplayType", display),
            ("FieldDataType", data),
            ("FieldDataConfig", config),
            ("DefaultValue", default),
        ];
        let expected = if fits { None } else { invalid("DefaultValue") };
        let found = fault::<CreateCustomField>(&with(&NEW_FIELD, &more));
        assert_eq!(found, expected, "{display} {data} {default}");
    }
}

#[test]
fn an_expiration_hangs_together() {
    let off = [INSTANCE, ("PasswordExpirationStatus", "disabled")];
    let on = [
        INSTANCE,
        ("PasswordExpirationStatus", "enabled"),
        ("PasswordValidMaxDay", "30"),
        ("PasswordExpirationAction", "force_update_password"),
    ];
    let told = |days| ("PasswordExpirationNotificationDuration", days);
    let forced = |days| ("PasswordForcedUpdateDuration", days);
    let source = |text| ("EffectiveAuthenticationSourceIds.1", text);
    let another = |text| ("EffectiveAuthenticationSourceIds.2", text);
    let tells = ("PasswordExpirationNotificationStatus", "enabled");
    let ways = ("PasswordExpirationNotificationChannels.1", "sms");
    let sources = "EffectiveAuthenticationSourceIds";
    let cases: [(&Given<'_>, Option<Undecodable>); 16] = [
        (&[], None),
        (&[told("29")], None),
        (&[told("30")], invalid("PasswordExpirationNotificationDuration")),
        (&[told("7"), forced("8")], None),
        (&[told("7"), forced("7")], invalid("PasswordForcedUpdateDuration")),
        (&[forced("0")], None),
        (&[tells], missing("PasswordExpirationNotificationChannels")),
        (&[tells, ways], missing("PasswordExpirationNotificationDuration")),
        (&[tells, ways, told("0")], None),
        (&[source("ia_all")], None),
        (&[source("ia_all"), another("ia_all")], None),
        (&[source("ia_all"), another("ia_password")], invalid(sources)),
        (&[source("ia_otp_sms"), another("ia_webauthn")], None),
        (&[source("idp_mwpcwnhrimlr2horx7xgg7pp7y")], None),
        (&[source("ia_other")], invalid(sources)),
        (&[source("")], invalid(sources)),
    ];
    for (more, expected) in cases {
        let found = fault::<SetPasswordExpirationConfiguration>(&with(&on, more));
        assert_eq!(found, expected, "{more:?}");
    }
    assert_eq!(fault::<SetPasswordExpirationConfiguration>(&off), None);
    assert_eq!(fault::<SetPasswordExpirationConfiguration>(&with(&off, &[told("30"), forced("31")])), None);
}

#[test]
fn what_is_switched_off_needs_no_more() {
    let off = |name| [INSTANCE, (name, "disabled")];
    assert_eq!(fault::<SetPasswordHistoryConfiguration>(&off("PasswordHistoryStatus")), None);
    assert_eq!(fault::<SetPasswordInitializationConfiguration>(&off("PasswordInitializationStatus")), None);
    assert_eq!(fault::<SetForgetPasswordConfiguration>(&off("ForgetPasswordStatus")), None);
}

#[test]
fn a_password_does_not_print() {
    let created = decode::<CreateUser>(&with(&NEW_USER, &[("Password", "hunter2")])).unwrap();
    let set = decode::<UpdateUserPassword>(&[INSTANCE, USER, ("Password", "hunter2")]).unwrap();

    assert!(!format!("{created:?} {set:?}").contains("hunter2"));
}

#[test]
fn answers_are_named_as_the_surface_names_them() {
    assert_eq!(serde_json::to_value(Done {}).unwrap(), json!({}));
    let forgotten = GetForgetPasswordConfigurationReply {
        open_forget_password_configuration: OpenForgetPasswordConfiguration {
            forget_password_status: Status::Enabled,
            authentication_channels: vec![AuthenticationChannel::Sms, AuthenticationChannel::WebAuthn],
            enable: true,
            enable_sms: true,
            enable_email: false,
        },
    };
    assert_eq!(
        serde_json::to_value(forgotten).unwrap(),
        json!({"OpenForgetPasswordConfiguration": {
            "ForgetPasswordStatus": "enabled", "AuthenticationChannels": ["sms", "web_authn"],
            "Enable": true, "EnableSms": true, "EnableEmail": false,
        }})
    );
    let older = EiamInstance {
        instance_id: "idaas_i".to_owned(),
        description: None,
        instance_status: EiamInstanceStatus::Running,
        instance_version: EiamInstanceVersion::Second,
        open_api_public_domain: "localhost".to_owned(),
        start_time: 0,
    };
    assert_eq!(
        serde_json::to_value(older).unwrap(),
        json!({
            "InstanceId": "idaas_i", "InstanceStatus": "RUNNING", "InstanceVersion": "EIAM 2.0",
            "OpenAPIPublicDomain": "localhost", "StartTime": 0,
        })
    );
    let nobody = ListUsersReply { total_count: 0, users: Vec::new(), next_token: None, max_results: None };
    assert_eq!(serde_json::to_value(nobody).unwrap(), json!({"TotalCount": 0, "Users": []}));
    let parent = ParentUnit { organizational_unit_id: "ou_o".to_owned(), parent_id: None };
    assert_eq!(serde_json::to_value(parent).unwrap(), json!({"OrganizationalUnitId": "ou_o"}));
}

/// All that is declared, each with its right and what it touches, `*` for anything, where every id is given.
fn declared() -> Vec<Declared> {
    fn of<A: Action>(right: fn(&'static str) -> Right, touched: &'static str) -> Declared {
        let every_id = [
            INSTANCE,
            USER,
            GROUP,
            UNIT,
            FIELD,
            ("Username", "alice"),
            ("PrimaryOrganizationalUnitId", "ou_o"),
            ("Password", "Secret-123"),
            ("UserIds.1", "user_u"),
            ("OrganizationalUnitIds.1", "ou_o"),
            ("GroupName", "g"),
            ("OrganizationalUnitName", "o"),
            ("ParentId", "ou_p"),
            ("QuotaType", "instanceTrialTimes"),
            ("QuotaKey", "userMaxNumber"),
            ("PasswordMinLength", "8"),
            ("PasswordExpirationStatus", "disabled"),
            ("PasswordHistoryStatus", "disabled"),
            ("PasswordInitializationStatus", "disabled"),
            ("ForgetPasswordStatus", "disabled"),
            ("IdentityProviderId", "idp_p"),
            ("UserExternalId", "x"),
        ];
        let resource = if touched == "*" { Resource::Any } else { Resource::new("eiam", touched) };
        let request = decode::<A>(&with(&NEW_FIELD, &every_id)).expect("everything is given");
        assert_eq!(A::RIGHT.action(), format!("eiam:{}", A::NAME));
        assert_eq!(A::RIGHT, right(A::RIGHT.action()));
        assert_eq!(request.resources(), [resource], "{}", A::NAME);
        Declared::of::<A>()
    }
    vec![
        of::<CreateUser>(Right::create, "instance/idaas_i/user/*"),
        of::<ListUsers>(Right::list, "instance/idaas_i/user/*"),
        of::<GetUser>(Right::get, "instance/idaas_i/user/user_u"),
        of::<UpdateUser>(Right::update, "instance/idaas_i/user/user_u"),
        of::<UpdateUserDescription>(Right::update, "instance/idaas_i/user/user_u"),
        of::<UpdateUserPassword>(Right::update, "instance/idaas_i/user/user_u"),
        of::<DeleteUser>(Right::delete, "instance/idaas_i/user/user_u"),
        of::<DeleteUsers>(Right::delete, "instance/idaas_i/user/user_u"),
        of::<EnableUser>(Right::update, "instance/idaas_i/user/user_u"),
        of::<DisableUser>(Right::update, "instance/idaas_i/user/user_u"),
        of::<UnlockUser>(Right::update, "instance/idaas_i/user/user_u"),
        of::<SetUserPrimaryOrganizationalUnit>(Right::update, "instance/idaas_i/user/user_u"),
        of::<AddUserToOrganizationalUnits>(Right::create, "instance/idaas_i/user/user_u"),
        of::<RemoveUserFromOrganizationalUnits>(Right::delete, "instance/idaas_i/user/user_u"),
        of::<ListUsersForGroup>(Right::list, "instance/idaas_i/group/group_g"),
        of::<ListGroupsForUser>(Right::list, "instance/idaas_i/user/user_u"),
        of::<CreateGroup>(Right::create, "instance/idaas_i/group/*"),
        of::<GetGroup>(Right::get, "instance/idaas_i/group/group_g"),
        of::<ListGroups>(Right::list, "instance/idaas_i/group/*"),
        of::<UpdateGroup>(Right::update, "instance/idaas_i/group/group_g"),
        of::<UpdateGroupDescription>(Right::update, "instance/idaas_i/group/group_g"),
        of::<DeleteGroup>(Right::delete, "instance/idaas_i/group/group_g"),
        of::<AddUsersToGroup>(Right::create, "instance/idaas_i/group/group_g"),
        of::<RemoveUsersFromGroup>(Right::delete, "instance/idaas_i/group/group_g"),
        of::<CreateOrganizationalUnit>(Right::create, "instance/idaas_i/organizationalunit/*"),
        of::<GetOrganizationalUnit>(Right::get, "instance/idaas_i/organizationalunit/ou_o"),
        of::<GetRootOrganizationalUnit>(Right::get, "instance/idaas_i/organizationalunit/*"),
        of::<ListOrganizationalUnits>(Right::list, "instance/idaas_i/organizationalunit/*"),
        of::<ListOrganizationalUnitParents>(Right::list, "instance/idaas_i/organizationalunit/ou_o"),
        of::<UpdateOrganizationalUnit>(Right::update, "instance/idaas_i/organizationalunit/ou_o"),
        of::<UpdateOrganizationalUnitDescription>(Right::update, "instance/idaas_i/organizationalunit/ou_o"),
        of::<UpdateOrganizationalUnitParentId>(Right::update, "instance/idaas_i/organizationalunit/ou_o"),
        of::<DeleteOrganizationalUnit>(Right::delete, "instance/idaas_i/organizationalunit/ou_o"),
        of::<DeleteOrganizationalUnitChildren>(Right::delete, "instance/idaas_i/organizationalunit/ou_o"),
        of::<CreateCustomField>(Right::create, "instance/idaas_i/customfield/*"),
        of::<GetCustomField>(Right::get, "instance/idaas_i/customfield/ufd_f"),
        of::<EnableCustomField>(Right::update, "instance/idaas_i/customfield/ufd_f"),
        of::<DisableCustomField>(Right::update, "instance/idaas_i/customfield/ufd_f"),
        of::<DeleteCustomField>(Right::delete, "instance/idaas_i/customfield/ufd_f"),
        of::<CreateInstance>(Right::create, "instance/*"),
        of::<GetInstance>(Right::get, "instance/idaas_i"),
        of::<ListInstances>(Right::list, "instance/*"),
        of::<ListEiamInstances>(Right::list, "*"),
        of::<UpdateInstanceDescription>(Right::update, "instance/idaas_i"),
        of::<DeleteInstance>(Right::delete, "instance/idaas_i"),
        of::<CheckInstanceForDelete>(Right::get, "instance/idaas_i"),
        of::<ListRegions>(Right::list, "*"),
        of::<ListEiamRegions>(Right::list, "*"),
        of::<GetServiceQuota>(Right::get, "*"),
        of::<GetInstanceQuota>(Right::get, "instance/idaas_i"),
        of::<GetPasswordComplexityConfiguration>(Right::get, "instance/idaas_i"),
        of::<SetPasswordComplexityConfiguration>(Right::update, "instance/idaas_i"),
        of::<GetPasswordExpirationConfiguration>(Right::get, "instance/idaas_i"),
        of::<SetPasswordExpirationConfiguration>(Right::update, "instance/idaas_i"),
        of::<GetPasswordHistoryConfiguration>(Right::get, "instance/idaas_i"),
        of::<SetPasswordHistoryConfiguration>(Right::update, "instance/idaas_i"),
        of::<GetPasswordInitializationConfiguration>(Right::get, "instance/idaas_i"),
        of::<SetPasswordInitializationConfiguration>(Right::update, "instance/idaas_i"),
        of::<GetForgetPasswordConfiguration>(Right::get, "instance/idaas_i"),
        of::<SetForgetPasswordConfiguration>(Right::update, "instance/idaas_i"),
        of::<UnbindTotpAuthenticator>(Right::update, "instance/idaas_i/user/user_u"),
        of::<BindUserAuthnSourceMapping>(Right::create, "instance/idaas_i/user/user_u"),
        of::<UnbindUserAuthnSourceMapping>(Right::delete, "instance/idaas_i/user/user_u"),
        of::<ListUserAuthnSourceMappings>(Right::list, "instance/idaas_i/user/user_u"),
        of::<GetInstanceLicense>(Right::get, "instance/idaas_i"),
    ]
}

#[test]
fn the_whole_surface_is_spoken_of() {
    let declared = declared();
    let (lines, undeclared) = compare(&PRODUCT, &declared);

    let missing: Vec<String> = lines
        .iter()
        .filter(|line| line.standing == Standing::Missing)
        .map(|line| format!("{} {} {}", line.action, line.side, line.name))
        .collect();
    assert_eq!(declared.len(), 65);
    assert_eq!(missing, Vec::<String>::new());
    assert_eq!(undeclared, Vec::<String>::new());

    for excuse in [PRODUCT.accepted, PRODUCT.refused, PRODUCT.absent].concat() {
        let used = lines.iter().any(|line| {
            (excuse.action == "*" || excuse.action == line.action)
                && excuse.name == line.name
                && line.standing != Standing::Served
        });
        assert!(used, "{} {} is nothing that the surface has", excuse.action, excuse.name);
    }
}

#[test]
fn every_other_action_of_the_product_is_named_once() {
    let surface: serde_json::Value = serde_json::from_str(PRODUCT.surface).unwrap();
    let served = surface["actions"].as_array().unwrap().iter().filter_map(|action| action["action"].as_str());
    let excused = PRODUCT.elsewhere.iter().chain(PRODUCT.later).map(|excuse| excuse.action);
    let mut names: Vec<&str> = served.chain(excused).collect();
    names.sort_unstable();
    names.dedup();

    assert_eq!((PRODUCT.elsewhere.len(), PRODUCT.later.len()), (275, 15));
    assert_eq!(names.len(), 65 + 275 + 15);
    assert!(!names.contains(&GetInstanceGlobalizationConfig::NAME), "it is served beside the surface");
}
