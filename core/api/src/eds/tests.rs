//! What requests are read from, what is refused by name, and that the whole surface is spoken of.

use serde_json::json;
use wire::{Action, Parameters, Undecodable, rpc};

use super::*;
use crate::coverage::{Declared, Standing, compare};

type Pairs = Vec<(String, String)>;

fn pairs(given: &[(&str, &str)]) -> Pairs {
    given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn decode<A: Action>(given: &[(&str, &str)]) -> Result<A, Undecodable> {
    rpc::decode(&Parameters::from_pairs(pairs(given)))
}

/// What is wrong with a request; the request itself has no equality.
fn fault<A: Action>(given: &[(&str, &str)]) -> Option<Undecodable> {
    decode::<A>(given).err()
}

fn missing(name: &str) -> Option<Undecodable> {
    Some(Undecodable::Missing(name.to_owned()))
}

fn invalid(name: &str) -> Option<Undecodable> {
    Some(Undecodable::Invalid(name.to_owned()))
}

fn unsupported(name: &str) -> Option<Undecodable> {
    Some(Undecodable::Unsupported(name.to_owned()))
}

/// `whole` is read, written and the same again; without one of `required`, or with it empty, it is not read.
fn travels<A: Action>(whole: &[(&str, &str)], required: &[&str]) {
    let request = decode::<A>(whole).unwrap_or_else(|fault| panic!("{}: {fault}", A::NAME));
    let mut written = rpc::encode(&request).expect("a request is an object");
    let mut expected = pairs(whole);
    written.sort();
    expected.sort();
    assert_eq!(written, expected, "{}", A::NAME);

    for required in required {
        let mut rest = whole.to_vec();
        rest.retain(|(name, _)| name.split('.').next() != Some(*required));
        assert!(rest.len() < whole.len(), "{} is given {required}", A::NAME);
        assert_eq!(fault::<A>(&rest), missing(required), "{} without {required}", A::NAME);
        rest.push((required, ""));
        assert_eq!(fault::<A>(&rest), missing(required), "{} with {required} empty", A::NAME);
    }
}

/// `name` holds `max` members, each `text` below `N<suffix>`, and not one more.
fn holds<A: Action>(rest: &[(&str, &str)], name: &str, suffix: &str, max: usize) {
    let members: Vec<String> = (1..=max + 1).map(|n| format!("{name}.{n}{suffix}")).collect();
    let mut given = rest.to_vec();
    given.extend(members.iter().map(|member| (member.as_str(), "1")));

    assert_eq!(fault::<A>(&given), invalid(name), "{} with {} members", A::NAME, max + 1);
    given.pop();
    assert_eq!(fault::<A>(&given), None, "{} with {max} members", A::NAME);
}

#[test]
fn requests_on_the_account_travel() {
    travels::<InitTenantAlias>(&[], &[]);
    travels::<GetManagerInfoByAuthCode>(&[("AuthCode", "e49cd070452f0044")], &["AuthCode"]);
    travels::<GetUsersCount>(&[], &[]);
    travels::<GetAdUsersCount>(&[], &[]);
}

#[test]
fn requests_on_users_travel() {
    let users = [("Users.1", "alice"), ("Users.2", "bob")];
    travels::<CreateUsers>(&[("Users.1.EndUserId", "alice"), ("Password", "Secret-123")], &["Users"]);
    travels::<RemoveUsers>(&users, &["Users"]);
    travels::<ModifyUser>(&[("EndUserId", "alice"), ("Email", "a@b.cn"), ("Phone", "138")], &["EndUserId"]);
    travels::<ResetUserPassword>(&[users[0], ("NotifyType", "3")], &["Users"]);
    travels::<ChangeUserPassword>(
        &[("EndUserId", "alice"), ("NewPassword", "Secret-123")],
        &["EndUserId", "NewPassword"],
    );
    travels::<LockUsers>(&[users[0], ("LogoutSession", "true")], &["Users"]);
    travels::<UnlockUsers>(&[users[0], ("AutoLockTime", "2030-03-03")], &["Users"]);
    travels::<BatchSetDesktopManager>(&[users[0], ("IsDesktopManager", "0")], &["Users"]);
    travels::<DescribeUsers>(&[("EndUserIds.1", "alice"), ("Status", "9")], &[]);
    travels::<DescribeUser>(
        &[("EndUserId", "alice"), ("RequireExtraAttributes.1", "Properties")],
        &["EndUserId"],
    );
    travels::<FilterUsers>(
        &[
            ("MaxResults", "200"),
            ("NextToken", "t"),
            ("Filter", "a*"),
            ("PropertyFilterParam.1.PropertyId", "1"),
            ("PropertyFilterParam.1.PropertyValueIds", "2,3"),
            ("PropertyKeyValueFilterParam.1.PropertyKey", "job"),
            ("PropertyKeyValueFilterParam.1.PropertyValues", "dev,ops"),
            ("OrgId", "org-1"),
            ("IsQueryAllSubOrgs", "true"),
            ("OwnerType", "CreateFromManager"),
            ("Status", "11"),
            ("ExcludeEndUserIds.1", "bob"),
            ("IncludeEndUserIds.1", "alice"),
            ("IncludeDesktopCount", "true"),
            ("IncludeDesktopGroupCount", "false"),
            ("IncludeOrgInfo", "true"),
            ("IncludeSupportIdps", "true"),
            ("OrderParam.OrderField", "gmt_created"),
            ("OrderParam.OrderType", "ASC"),
            ("ShowExtras.Group", "true"),
        ],
        &[],
    );
}

#[test]
fn requests_on_properties_travel() {
    let property = ("PropertyId", "7");
    let value = ("PropertyValueId", "8");
    let user = ("UserId", "9");
    travels::<CreateProperty>(&[("PropertyKey", "job"), ("PropertyValues.1", "dev")], &["PropertyKey"]);
    travels::<RemoveProperty>(&[property], &["PropertyId"]);
    travels::<DeleteUserPropertyValue>(
        &[user, property, value],
        &["UserId", "PropertyId", "PropertyValueId"],
    );
    travels::<UpdateProperty>(
        &[
            property,
            ("PropertyKey", "job"),
            ("PropertyValues.1.PropertyValueId", "8"),
            ("PropertyValues.1.PropertyValue", "dev"),
            ("PropertyValues.2.PropertyValue", "ops"),
        ],
        &["PropertyId", "PropertyKey"],
    );
    travels::<SetUserPropertyValue>(
        &[user, ("UserName", "alice"), property, value],
        &["UserId", "UserName", "PropertyId", "PropertyValueId"],
    );
    travels::<ListProperty>(&[], &[]);
    travels::<ListPropertyValue>(&[property], &["PropertyId"]);
    travels::<CheckUsedProperty>(&[property], &["PropertyId"]);
    travels::<CheckUsedPropertyValue>(&[property, value], &["PropertyId", "PropertyValueId"]);
}

#[test]
fn requests_on_organizations_travel() {
    let org = ("OrgId", "org-1");
    travels::<CreateOrg>(&[("OrgName", "R&D"), ("ParentOrgId", "org-1")], &["OrgName", "ParentOrgId"]);
    travels::<DescribeOrgs>(
        &[
            ("MaxResults", "500"),
            ("NextToken", "t"),
            ("OrgName", "R"),
            ("ParentOrgId", "org-1"),
            ("IsQueryAllSubOrgs", "false"),
            ("IncludeOrgIds.1", "org-2"),
        ],
        &[],
    );
    travels::<DescribeOrgByLayer>(&[("ParentOrgId", "org-1"), ("OrgName", "R")], &[]);
    travels::<RemoveOrg>(&[org], &["OrgId"]);
    travels::<MoveOrg>(&[org, ("NewParentOrgId", "org-2\n")], &["OrgId", "NewParentOrgId"]);
    travels::<ModifyOrg>(&[org, ("OrgName", "R&D")], &["OrgId", "OrgName"]);
    travels::<MoveUserOrg>(&[org, ("EndUserIds.1", "alice")], &["OrgId", "EndUserIds"]);
}

#[test]
fn requests_on_groups_travel() {
    let group = ("GroupId", "ug-1");
    let user = ("EndUserIds.1", "alice");
    travels::<CreateGroup>(&[("GroupName", "g"), ("Description", "d")], &["GroupName"]);
    travels::<DescribeGroups>(
        &[
            group,
            ("GroupName", "g"),
            ("PageNumber", "1"),
            ("PageSize", "200"),
            ("TransferFileNeedApproval", "true"),
            ("ExcludeAttachedLoginPolicyGroups", "true"),
            ("IdpId", ""),
            ("LoginPolicyId", ""),
        ],
        &[],
    );
    travels::<UserBatchQuitGroup>(&[group, user], &["GroupId", "EndUserIds"]);
    travels::<UserBatchJoinGroup>(&[group, user], &["GroupId", "EndUserIds"]);
    travels::<RemoveGroup>(&[group, ("GroupIds.1", "ug-2")], &[]);
    travels::<ModifyGroup>(
        &[group, ("NewGroupName", "h"), ("Description", "d")],
        &["GroupId", "NewGroupName"],
    );
    travels::<DescribeGroupUser>(
        &[group, ("Filter", "a"), ("MaxResults", "100"), ("NextToken", "t")],
        &["GroupId"],
    );
}

#[test]
fn requests_on_resource_groups_travel() {
    let group = ("ResourceGroupId", "rg-1");
    let platform = ("Platform", "AliyunConsole");
    let resource = [
        ("Resources.1.RegionId", "cn-shanghai"),
        ("Resources.1.ResourceId", "ecd-1"),
        ("Resources.1.ResourceType", "DESKTOP"),
    ];
    travels::<CreateResourceGroup>(
        &[("ResourceGroupName", "r"), platform, ("ResourceClassification", "c"), ("AgentType", "a")],
        &["ResourceGroupName"],
    );
    travels::<DeleteResourceGroup>(&[group, ("ResourceGroupIds.1", "rg-2")], &[]);
    travels::<DescribeResourceGroups>(
        &[
            ("ResourceGroupName", "r"),
            ("ResourceGroupIds.1", "rg-1"),
            ("AliyunResourceGroupIds.1", "rg-2"),
            ("PageNumber", "2147483647"),
            ("PageSize", "100"),
            platform,
            ("ResourceClassification", "c"),
            ("AgentType", "a"),
        ],
        &[],
    );
    let [region, id, kind] = resource;
    travels::<TransferResourcesIntoGroup>(
        &[group, platform, region, id, kind],
        &["ResourceGroupId", "Resources"],
    );
    travels::<TransferResourcesOutofGroup>(
        &[group, platform, region, id, kind, ("TargetResourceGroupId", "rg-2")],
        &["ResourceGroupId", "Resources"],
    );
    for unnamed in [region, ("Resources.1.ResourceId", "")] {
        assert_eq!(fault::<TransferResourcesIntoGroup>(&[group, unnamed]), missing("Resources"));
        assert_eq!(fault::<TransferResourcesOutofGroup>(&[group, unnamed]), missing("Resources"));
    }
}

#[test]
fn requests_on_devices_travel() {
    let device = ("SerialNumber", "19519c9a-402a-5c3f-09a7-1be4d2086e57");
    travels::<DescribeMfaDevices>(
        &[
            ("MaxResults", "500"),
            ("NextToken", "t"),
            ("EndUserIds.1", "alice"),
            ("SerialNumbers.1", device.1),
            ("Filter", "a*"),
        ],
        &[],
    );
    travels::<LockMfaDevice>(&[device], &["SerialNumber"]);
    travels::<UnlockMfaDevice>(&[device], &["SerialNumber"]);
    travels::<RemoveMfaDevice>(&[device], &["SerialNumber"]);
}

#[test]
fn an_empty_text_clears_and_an_absent_one_keeps() {
    let user = ("EndUserId", "alice");
    let group = [("GroupId", "ug-1"), ("NewGroupName", "g")];
    for (given, expected) in [(None, None), (Some(""), Some("")), (Some("x"), Some("x"))] {
        let with = |name, rest: &[(&'static str, &'static str)]| {
            rest.iter().copied().chain(given.map(|text| (name, text))).collect::<Vec<_>>()
        };
        let by_email = decode::<ModifyUser>(&with("Email", &[user])).unwrap();
        let by_phone = decode::<ModifyUser>(&with("Phone", &[user])).unwrap();
        let described = decode::<ModifyGroup>(&with("Description", &group)).unwrap();

        assert_eq!((by_email.email.as_deref(), by_email.phone), (expected, None));
        assert_eq!((by_phone.email, by_phone.phone.as_deref()), (None, expected));
        assert_eq!(described.description.as_deref(), expected);
    }
}

#[test]
fn an_order_is_json_text_of_two_words() {
    use OrderField::{EndUserId, GmtCreated, Id};
    use OrderType::{Ascending, Descending};
    for (text, field, order) in [
        ("", Id, Descending),
        ("{}", Id, Descending),
        ("null", Id, Descending),
        (r#"{"OrderField":"EndUserId"}"#, EndUserId, Descending),
        (r#"{"OrderType":"ASC"}"#, Id, Ascending),
        (r#"{ "OrderType": "DESC", "OrderField": "gmt_created" }"#, GmtCreated, Descending),
        (r#"{"OrderField":"id","OrderType":"ASC","Other":[1]}"#, Id, Ascending),
        (r#"{"OrderField":"","OrderType":null}"#, Id, Descending),
    ] {
        let request = decode::<FilterUsers>(&[("OrderParam", text)]).unwrap();
        assert_eq!(request.order_param, OrderParam { order_field: field, order_type: order }, "{text}");
    }
    for text in [
        "id",
        "[]",
        "{",
        "\"id\"",
        r#"{"OrderField":"Id"}"#,
        r#"{"OrderField":"email"}"#,
        r#"{"OrderField":1}"#,
        r#"{"OrderField":{}}"#,
        r#"{"OrderType":"asc"}"#,
        r#"{"OrderType":"UP"}"#,
    ] {
        assert_eq!(fault::<FilterUsers>(&[("OrderParam", text)]), invalid("OrderParam"), "{text}");
    }
    assert_eq!(decode::<FilterUsers>(&[]).unwrap().order_param, OrderParam::default());
}

#[test]
fn words_and_codes_are_compared_exactly() {
    let user = ("Users.1", "alice");
    for (text, expected) in [("1", IsDesktopManager::Yes), ("0", IsDesktopManager::No)] {
        let request = decode::<BatchSetDesktopManager>(&[user, ("IsDesktopManager", text)]).unwrap();
        assert_eq!(request.is_desktop_manager, expected);
    }
    for text in ["2", "true", "01", " 1", "Yes"] {
        let found = fault::<BatchSetDesktopManager>(&[user, ("IsDesktopManager", text)]);
        assert_eq!(found, invalid("IsDesktopManager"), "{text}");
    }

    for (text, expected) in [("1", NotifyType::Mail), ("2", NotifyType::TextMessage), ("3", NotifyType::Both)]
    {
        let request = decode::<ResetUserPassword>(&[user, ("NotifyType", text)]).unwrap();
        assert_eq!(request.notify_type, expected);
    }
    for text in ["0", "4", "-1", "mail", "1.0"] {
        let found = fault::<ResetUserPassword>(&[user, ("NotifyType", text)]);
        assert_eq!(found, invalid("NotifyType"), "{text}");
    }

    for (text, expected) in
        [("Normal", OwnerTypeFilter::Normal), ("CreateFromManager", OwnerTypeFilter::CreateFromManager)]
    {
        assert_eq!(decode::<FilterUsers>(&[("OwnerType", text)]).unwrap().owner_type, Some(expected));
    }
    for text in ["normal", "Manager"] {
        assert_eq!(fault::<FilterUsers>(&[("OwnerType", text)]), invalid("OwnerType"), "{text}");
    }

    for text in ["aliyunconsole", "Wuying"] {
        let platform = ("Platform", text);
        let group = ("ResourceGroupId", "rg-1");
        let resource = ("Resources.1.ResourceId", "ecd-1");
        for found in [
            fault::<CreateResourceGroup>(&[("ResourceGroupName", "r"), platform]),
            fault::<DescribeResourceGroups>(&[platform]),
            fault::<TransferResourcesIntoGroup>(&[group, resource, platform]),
            fault::<TransferResourcesOutofGroup>(&[group, resource, platform]),
        ] {
            assert_eq!(found, invalid("Platform"), "{text}");
        }
    }
}

#[test]
fn what_is_absent_or_empty_has_its_default() {
    let user = ("Users.1", "alice");
    for more in
        [&[][..], &[("IsDesktopManager", ""), ("NotifyType", ""), ("Platform", ""), ("OwnerType", "")]]
    {
        let with = |own| [&[own], more].concat();

        let managers = decode::<BatchSetDesktopManager>(&with(user)).unwrap();
        let reset = decode::<ResetUserPassword>(&with(user)).unwrap();
        let made = decode::<CreateResourceGroup>(&with(("ResourceGroupName", "r"))).unwrap();
        let listed = decode::<FilterUsers>(&with(user)).unwrap();

        assert_eq!(managers.is_desktop_manager, IsDesktopManager::Yes);
        assert_eq!(reset.notify_type, NotifyType::Mail);
        assert_eq!(made.platform, Platform::AliyunConsole);
        assert_eq!(listed.owner_type, None);
    }
}

#[test]
fn lists_keep_their_bounds() {
    holds::<RemoveUsers>(&[], "Users", "", 500);
    holds::<LockUsers>(&[], "Users", "", 500);
    holds::<UnlockUsers>(&[], "Users", "", 500);
    holds::<BatchSetDesktopManager>(&[], "Users", "", 500);
    holds::<ResetUserPassword>(&[], "Users", "", 100);
    holds::<FilterUsers>(&[], "IncludeEndUserIds", "", 2000);
    holds::<FilterUsers>(&[], "ExcludeEndUserIds", "", 2000);
    holds::<FilterUsers>(&[], "PropertyFilterParam", ".PropertyId", 100);
    holds::<FilterUsers>(&[], "PropertyKeyValueFilterParam", ".PropertyKey", 100);
    holds::<CreateProperty>(&[("PropertyKey", "k")], "PropertyValues", "", 100);
    let property = [("PropertyId", "1"), ("PropertyKey", "k")];
    holds::<UpdateProperty>(&property, "PropertyValues", ".PropertyValue", 100);
    holds::<DescribeOrgs>(&[], "IncludeOrgIds", "", 100);
    holds::<MoveUserOrg>(&[("OrgId", "org-1")], "EndUserIds", "", 100);
    holds::<UserBatchJoinGroup>(&[("GroupId", "ug-1")], "EndUserIds", "", 100);
    holds::<UserBatchQuitGroup>(&[("GroupId", "ug-1")], "EndUserIds", "", 100);
    holds::<RemoveGroup>(&[], "GroupIds", "", 100);
    holds::<DeleteResourceGroup>(&[], "ResourceGroupIds", "", 100);
    holds::<DescribeResourceGroups>(&[], "ResourceGroupIds", "", 100);
    holds::<DescribeResourceGroups>(&[], "AliyunResourceGroupIds", "", 100);
    let group = [("ResourceGroupId", "rg-1")];
    holds::<DescribeMfaDevices>(&[], "EndUserIds", "", 100);
    holds::<DescribeMfaDevices>(&[], "SerialNumbers", "", 100);
    holds::<TransferResourcesIntoGroup>(&group, "Resources", ".ResourceId", 100);
    holds::<TransferResourcesOutofGroup>(&group, "Resources", ".ResourceId", 100);
}

#[test]
fn numbers_keep_their_ranges() {
    fn range<A: Action>(rest: &[(&str, &str)], name: &str, last: i64) {
        let found = |number: i64| fault::<A>(&[rest, &[(name, number.to_string().as_str())]].concat());
        for (number, fits) in [(-1, false), (0, false), (1, true), (last, true), (last + 1, false)] {
            let expected = if fits { None } else { invalid(name) };
            assert_eq!(found(number), expected, "{} {name}={number}", A::NAME);
        }
    }
    range::<FilterUsers>(&[], "MaxResults", 200);
    range::<DescribeOrgs>(&[], "MaxResults", 500);
    range::<DescribeMfaDevices>(&[], "MaxResults", 500);
    range::<DescribeGroupUser>(&[("GroupId", "ug-1")], "MaxResults", 100);
    range::<DescribeGroups>(&[], "PageSize", 200);
    range::<DescribeGroups>(&[], "PageNumber", i64::from(i32::MAX));
    range::<DescribeResourceGroups>(&[], "PageSize", 100);
    range::<DescribeResourceGroups>(&[], "PageNumber", i64::from(i32::MAX));

    for text in ["x", "1.0", "9223372036854775808", "[1]"] {
        assert_eq!(fault::<RemoveProperty>(&[("PropertyId", text)]), invalid("PropertyId"), "{text}");
    }
    let filter = ("PropertyFilterParam.1.PropertyId", "x");
    assert_eq!(fault::<FilterUsers>(&[filter]), invalid("PropertyFilterParam"));
}

#[test]
fn what_would_narrow_an_answer_is_refused_by_name() {
    for map in [("FilterMap", r#"{"k":"v"}"#), ("FilterMap.k", "v")] {
        assert_eq!(fault::<FilterUsers>(&[map]), unsupported("FilterMap"));
        assert_eq!(fault::<DescribeUsers>(&[map]), unsupported("FilterMap"));
    }
    for name in ["IdpId", "LoginPolicyId"] {
        assert_eq!(fault::<DescribeGroups>(&[(name, "x")]), unsupported(name));
        assert_eq!(fault::<DescribeGroups>(&[(name, "")]), None);
    }
    for nothing in ["", "{}", "null"] {
        assert_eq!(fault::<FilterUsers>(&[("FilterMap", nothing)]), None, "{nothing}");
    }
}

#[test]
fn json_that_is_none_is_refused_also_where_it_has_no_effect() {
    for text in ["{", "x", "[]"] {
        assert_eq!(fault::<FilterUsers>(&[("FilterMap", text)]), invalid("FilterMap"), "{text}");
        assert_eq!(fault::<FilterUsers>(&[("ShowExtras", text)]), invalid("ShowExtras"), "{text}");
        assert_eq!(fault::<DescribeOrgs>(&[("ShowExtras", text)]), invalid("ShowExtras"), "{text}");
    }
    for given in [("ShowExtras.Group", "true"), ("ShowExtras.#5#Group", "true"), ("ShowExtras", "{}")] {
        assert_eq!(fault::<FilterUsers>(&[given]), None, "{given:?}");
    }
    assert_eq!(fault::<DescribeOrgs>(&[("ShowExtras", r#"{"OrgNamePath": true}"#)]), None);
}

#[test]
fn one_of_two_is_enough_and_both_count() {
    for (given, expected) in [
        (&[("One", "a")][..], &["a"][..]),
        (&[("Several.1", "b"), ("Several.2", "c")], &["b", "c"]),
        (&[("One", "a"), ("Several.1", "b")], &["a", "b"]),
        (&[("One", ""), ("Several.1", "b")], &["b"]),
        (&[("One", "a"), ("Several", "[]")], &["a"]),
        (&[], &[]),
        (&[("One", "")], &[]),
        (&[("One", ""), ("Several", "")], &[]),
    ] {
        let named = |one: &str, several: &str| -> Pairs {
            let rename = |name: &str| name.replace("One", one).replace("Several", several);
            given.iter().map(|(name, value)| (rename(name), (*value).to_owned())).collect()
        };
        let groups = rpc::decode::<RemoveGroup>(&Parameters::from_pairs(named("GroupId", "GroupIds")));
        let resource_groups = rpc::decode::<DeleteResourceGroup>(&Parameters::from_pairs(named(
            "ResourceGroupId",
            "ResourceGroupIds",
        )));

        if expected.is_empty() {
            assert_eq!(groups.err(), missing("GroupId"), "{given:?}");
            assert_eq!(resource_groups.err(), missing("ResourceGroupId"), "{given:?}");
        } else {
            assert_eq!(groups.unwrap().all().collect::<Vec<_>>(), expected);
            assert_eq!(resource_groups.unwrap().all().collect::<Vec<_>>(), expected);
        }
    }
}

#[test]
fn an_answer_without_members_is_an_object() {
    assert_eq!(serde_json::to_value(Done {}).unwrap(), json!({}));
}

/// All that is declared, with whether it is a change.
fn declared() -> Vec<(Declared, &'static str, bool)> {
    fn of<A: Action>() -> (Declared, &'static str, bool) {
        assert_eq!(A::RIGHT.action(), format!("ecd:{}", A::NAME));
        (Declared::of::<A>(), A::NAME, A::RIGHT.writes())
    }
    vec![
        of::<InitTenantAlias>(),
        of::<GetManagerInfoByAuthCode>(),
        of::<GetUsersCount>(),
        of::<GetAdUsersCount>(),
        of::<CreateUsers>(),
        of::<RemoveUsers>(),
        of::<ModifyUser>(),
        of::<ResetUserPassword>(),
        of::<ChangeUserPassword>(),
        of::<LockUsers>(),
        of::<UnlockUsers>(),
        of::<BatchSetDesktopManager>(),
        of::<DescribeUsers>(),
        of::<DescribeUser>(),
        of::<FilterUsers>(),
        of::<CreateProperty>(),
        of::<RemoveProperty>(),
        of::<DeleteUserPropertyValue>(),
        of::<UpdateProperty>(),
        of::<SetUserPropertyValue>(),
        of::<ListProperty>(),
        of::<ListPropertyValue>(),
        of::<CheckUsedProperty>(),
        of::<CheckUsedPropertyValue>(),
        of::<CreateOrg>(),
        of::<DescribeOrgs>(),
        of::<DescribeOrgByLayer>(),
        of::<RemoveOrg>(),
        of::<MoveOrg>(),
        of::<ModifyOrg>(),
        of::<MoveUserOrg>(),
        of::<CreateGroup>(),
        of::<DescribeGroups>(),
        of::<UserBatchQuitGroup>(),
        of::<UserBatchJoinGroup>(),
        of::<RemoveGroup>(),
        of::<ModifyGroup>(),
        of::<DescribeGroupUser>(),
        of::<CreateResourceGroup>(),
        of::<DeleteResourceGroup>(),
        of::<DescribeResourceGroups>(),
        of::<TransferResourcesIntoGroup>(),
        of::<TransferResourcesOutofGroup>(),
        of::<DescribeMfaDevices>(),
        of::<LockMfaDevice>(),
        of::<UnlockMfaDevice>(),
        of::<RemoveMfaDevice>(),
    ]
}

#[test]
fn the_whole_surface_is_spoken_of() {
    let declared: Vec<Declared> = declared().into_iter().map(|(declared, ..)| declared).collect();
    let (lines, undeclared) = compare(&PRODUCT, &declared);

    let missing: Vec<String> = lines
        .iter()
        .filter(|line| line.standing == Standing::Missing)
        .map(|line| format!("{} {} {}", line.action, line.side, line.name))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
    assert_eq!(undeclared, Vec::<String>::new());

    let excuses = [PRODUCT.accepted, PRODUCT.refused, PRODUCT.absent].concat();
    for excuse in excuses {
        let used = lines.iter().any(|line| {
            (excuse.action == "*" || excuse.action == line.action)
                && excuse.name == line.name
                && line.standing != Standing::Served
        });
        assert!(used, "{} {} is nothing that the surface has", excuse.action, excuse.name);
    }
}

#[test]
fn what_is_only_read_is_a_known_list() {
    let read: Vec<&str> =
        declared().into_iter().filter(|(_, _, writes)| !writes).map(|(_, name, _)| name).collect();

    assert_eq!(
        read,
        [
            "GetUsersCount",
            "GetAdUsersCount",
            "DescribeUsers",
            "DescribeUser",
            "FilterUsers",
            "ListProperty",
            "ListPropertyValue",
            "CheckUsedProperty",
            "CheckUsedPropertyValue",
            "DescribeOrgs",
            "DescribeOrgByLayer",
            "DescribeGroups",
            "DescribeGroupUser",
            "DescribeResourceGroups",
            "DescribeMfaDevices",
        ]
    );
}
