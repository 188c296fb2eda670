//! What requests are read from, what they must hold, how answers are written, and that the whole surface is spoken of.

use std::collections::HashSet;

use serde_json::{Map, Value, json};
use wire::pds::{Body, Unfit, decode};
use wire::{Operation, Success};

use super::*;
use crate::coverage::{Declared, Standing, compare};

fn read<O: Operation>(given: &Value) -> Result<O, Unfit> {
    decode(&Body::try_from(given.clone())?)
}

/// What is wrong with a request; the request itself has no equality.
fn fault<O: Operation>(given: &Value) -> Option<Unfit> {
    read::<O>(given).err()
}

/// `rest`, with `name` set to `value`.
fn with(rest: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut whole = rest.clone();
    whole[name] = value.into();
    whole
}

fn without(whole: &Value, name: &str) -> Value {
    let mut rest = whole.clone();
    let removed = rest.as_object_mut().and_then(|members| members.remove(name));
    assert!(removed.is_some(), "{name} is in {whole}");
    rest
}

fn missing(name: &str) -> Option<Unfit> {
    Some(Unfit::Missing(name.to_owned()))
}

fn empty(name: &str) -> Option<Unfit> {
    Some(Unfit::Empty(name.to_owned()))
}

fn invalid(name: &str) -> Option<Unfit> {
    Some(Unfit::Invalid(name.to_owned()))
}

fn unsupported(name: &str) -> Option<Unfit> {
    Some(Unfit::Unsupported(name.to_owned()))
}

/// `whole` is read, and written the same again; without one of `required`, or with it empty, it is not read. A null is
/// as good as nothing, and a member that no operation has says nothing.
fn travels<O: Operation>(whole: &Value, required: &[&str]) {
    let request = read::<O>(whole).unwrap_or_else(|fault| panic!("{}: {fault}", O::PATH));
    assert_eq!(serde_json::to_value(&request).expect("a request is JSON"), *whole, "{}", O::PATH);
    assert_eq!(fault::<O>(&with(whole, "donot_emit_error", true)), None, "{}", O::PATH);

    for name in whole.as_object().into_iter().flat_map(Map::keys) {
        let rest = fault::<O>(&without(whole, name));
        assert_eq!(fault::<O>(&with(whole, name, Value::Null)), rest, "{} with {name} null", O::PATH);
        assert_eq!(rest.is_some(), required.contains(&name.as_str()), "{} without {name}: {rest:?}", O::PATH);
    }
    for name in required {
        let is_object = whole[*name].is_object() || whole[*name].is_array();
        let expected = if *name == "user_id" { invalid(name) } else { empty(name) };
        assert_eq!(fault::<O>(&without(whole, name)), missing(name), "{} without {name}", O::PATH);
        let found = fault::<O>(&with(whole, name, ""));
        assert!(is_object || found == expected, "{} with {name} empty: {found:?}", O::PATH);
        assert_eq!(
            fault::<O>(&with(whole, name, json!([1]))),
            invalid(name),
            "{} with {name} a list",
            O::PATH
        );
    }
}

/// `name` takes `max` characters, and not one more.
fn bounds<O: Operation>(rest: &Value, name: &str, max: usize) {
    let found = |count: usize| fault::<O>(&with(rest, name, "张".repeat(count)));
    assert_eq!(found(max), None, "{} {name} of {max}", O::PATH);
    assert_eq!(found(max + 1), invalid(name), "{} {name} of {}", O::PATH, max + 1);
    assert_eq!(fault::<O>(&with(rest, name, "\0")), invalid(name), "{} {name}", O::PATH);
    assert_eq!(fault::<O>(&with(rest, name, 1)), invalid(name), "{} {name}", O::PATH);
}

/// `name` takes each of `words`, and none else; whether the empty text is none is for `blank`.
fn listed<O: Operation>(rest: &Value, name: &str, words: &[&str], blank: bool) {
    for word in words {
        assert_eq!(fault::<O>(&with(rest, name, *word)), None, "{} {name}={word}", O::PATH);
    }
    for word in [words[0].to_uppercase(), format!("{} ", words[0]), "nonsense".to_owned(), "1".to_owned()] {
        assert_eq!(fault::<O>(&with(rest, name, word.as_str())), invalid(name), "{} {name}={word}", O::PATH);
    }
    assert_eq!(
        fault::<O>(&with(rest, name, "")),
        if blank { None } else { empty(name) },
        "{} {name}",
        O::PATH
    );
}

/// `name` takes whole numbers from `first` on.
fn from<O: Operation>(rest: &Value, name: &str, first: i64) {
    for (number, fits) in
        [(json!(first - 1), false), (json!(first), true), (json!("1"), false), (json!(1.5), false)]
    {
        let expected = if fits { None } else { invalid(name) };
        assert_eq!(fault::<O>(&with(rest, name, number.clone())), expected, "{} {name}={number}", O::PATH);
    }
}

/// `limit` takes 0 to 100, as a number or as text.
fn pages<O: Operation>(rest: &Value) {
    for limit in [json!(0), json!(1), json!(100), json!("100"), json!("0"), json!(""), json!(null)] {
        assert_eq!(fault::<O>(&with(rest, "limit", limit.clone())), None, "{} limit {limit}", O::PATH);
    }
    for limit in
        [json!(-1), json!(101), json!("101"), json!("x"), json!("+1"), json!(" 1"), json!(1.5), json!(true)]
    {
        assert_eq!(
            fault::<O>(&with(rest, "limit", limit.clone())),
            invalid("limit"),
            "{} limit {limit}",
            O::PATH
        );
    }
    assert_eq!(fault::<O>(&with(rest, "marker", "")), None, "{}", O::PATH);
    assert_eq!(fault::<O>(&with(rest, "marker", 1)), invalid("marker"), "{}", O::PATH);
}

#[test]
fn requests_on_users_travel() {
    let groups = json!([{"group_id": "g", "member_role": "admin"}, {"group_id": "h"}]);
    travels::<CreateUser>(
        &json!({
            "user_id": "u", "user_name": "Alice", "nick_name": "A", "description": "one\ntwo", "email": "a****@b.cn",
            "phone": "138****0000", "phone_region": "86", "avatar": "data:AAAA", "role": "subdomain_super_admin",
            "status": "disabled", "user_data": {"a": [1]}, "group_info_list": groups, "expired_at": 0,
            "plain_password": "p", "deny_change_password_by_self": true, "need_change_password_next_login": false,
            "subdomain_id": "s",
        }),
        &["user_id"],
    );
    travels::<UpdateUser>(
        &json!({
            "user_id": "u", "nick_name": "", "description": "", "email": "", "phone": "", "phone_region": "",
            "avatar": "", "role": "superadmin", "status": "enabled", "user_data": "md", "group_info_list": [],
            "expired_at": 253_402_300_799_999_i64, "plain_password": "p", "deny_change_password_by_self": false,
            "need_change_password_next_login": true,
        }),
        &["user_id"],
    );
    travels::<ImportUser>(
        &json!({
            "authentication_type": "mobile", "identity": "13800000000", "extra": "86",
            "authentication_display_name": "A", "nick_name": "A", "auto_create_drive": true, "drive_total_size": -1,
            "parent_group_id": "g", "email": "a@b.cn", "phone": "1", "phone_region": "1", "expired_at": 1,
            "plain_password": "p", "deny_change_password_by_self": true, "need_change_password_next_login": true,
        }),
        &["authentication_type", "identity"],
    );
    travels::<GetUser>(&json!({"user_id": "u"}), &[]);
    travels::<GeneralGetUser>(
        &json!({"user_id": "u", "extra_return_info": ["drive", "group", "account"]}),
        &[],
    );
    travels::<DeleteUser>(&json!({"user_id": "u"}), &["user_id"]);
    travels::<ListUser>(&json!({"limit": 100, "marker": "m", "status": "enabled", "subdomain_id": "s"}), &[]);
    travels::<SearchUser>(
        &json!({
            "nick_name": "a", "nick_name_for_fuzzy": "b", "user_name": "c", "email": "d", "phone": "e",
            "role": "subdomain", "status": "disabled", "subdomain_id": "s", "order_by": "nick_name",
            "order_direction": "desc", "limit": 1, "marker": "m",
        }),
        &[],
    );
    travels::<GeneralSearchUser>(
        &json!({
            "nick_name": "a", "nick_name_for_fuzzy": "b", "email": "d", "phone": "e", "role": "user",
            "status": "enabled", "parent_group_id_list": ["g", "g"], "direct_parent_group_id": "h",
            "extra_return_info": [], "order_by": "created_at", "order_direction": "asc", "limit": 30, "marker": "m",
        }),
        &[],
    );
    travels::<ListGroupUser>(
        &json!({"group_id": "g", "member_type": "user", "extra_return_info": ["group"], "limit": 1, "marker": "m"}),
        &[],
    );
}

#[test]
fn requests_on_groups_travel() {
    let member = json!({"group_id": "g", "member_type": "user", "member_id": "u"});
    travels::<CreateGroup>(
        &json!({
            "group_name": "g", "description": "d", "is_root": false, "parent_group_id": "p", "subdomain_id": "s",
        }),
        &["group_name"],
    );
    travels::<GetGroup>(&json!({"group_id": "g"}), &["group_id"]);
    travels::<ListGroup>(&json!({"limit": 1, "marker": "m", "subdomain_id": "s"}), &[]);
    travels::<SearchGroup>(
        &json!({
            "group_name": "g", "group_name_for_fuzzy": "h", "limit": 1, "marker": "m", "subdomain_id": "s",
        }),
        &[],
    );
    travels::<UpdateGroup>(&json!({"group_id": "g", "group_name": "h", "description": ""}), &["group_id"]);
    travels::<GroupUpdateName>(&json!({"group_id": "g", "name": "h"}), &["group_id", "name"]);
    travels::<DeleteGroup>(&json!({"group_id": "g"}), &["group_id"]);
    travels::<AddGroupMember>(&member, &["group_id", "member_type", "member_id"]);
    travels::<RemoveGroupMember>(&member, &["group_id", "member_type", "member_id"]);
    travels::<ListGroupMember>(
        &json!({"group_id": "g", "member_type": "group", "limit": 1, "marker": "m"}),
        &[],
    );
    for kind in ["group", "user"] {
        let expected = if kind == "group" { unsupported("member_type") } else { None };
        assert_eq!(fault::<AddGroupMember>(&with(&member, "member_type", kind)), expected);
        assert_eq!(fault::<RemoveGroupMember>(&with(&member, "member_type", kind)), expected);
    }
    assert_eq!(fault::<AddGroupMember>(&with(&member, "member_type", "x")), invalid("member_type"));
}

#[test]
fn requests_on_memberships_travel() {
    let key = json!({"group_id": "g", "member_type": "user", "user_id": "u"});
    let whole = json!({
        "group_id": "g", "member_type": "user", "user_id": "u", "member_role": "admin",
        "description": "d",
    });
    travels::<CreateMembership>(&whole, &["group_id", "user_id"]);
    travels::<UpdateMembership>(&whole, &["group_id", "user_id"]);
    travels::<GetMembership>(&key, &["group_id", "user_id"]);
    travels::<DeleteMembership>(&key, &["group_id", "user_id"]);
    travels::<HasMember>(&key, &["group_id", "user_id"]);
    travels::<ListDirectChildMemberships>(
        &json!({"group_id": "g", "member_type": "group", "limit": 1, "marker": "m"}),
        &["group_id"],
    );
    travels::<ListDirectParentMemberships>(
        &json!({"member_type": "user", "user_id": "u", "limit": 1, "marker": "m"}),
        &[],
    );
}

#[test]
fn requests_on_accounts_roles_and_tokens_travel() {
    let account = json!({"type": "mobile", "identity": "1", "extra": "1"});
    let owned = with(&account, "user_id", "u");
    travels::<LinkAccount>(&owned, &["user_id", "type", "identity"]);
    travels::<UnLinkAccount>(&owned, &["user_id", "type", "identity"]);
    travels::<GetLinkInfo>(&account, &["type", "identity"]);
    travels::<GetLinkInfoByUserId>(&json!({"user_id": "u"}), &["user_id"]);

    let assignment = json!({
        "identity": {"identity_type": "IT_User", "identity_id": "u"}, "role_id": "SystemGroupAdmin",
        "manage_resource_type": "RT_Group", "manage_resource_id": "g",
    });
    let required = ["identity", "role_id", "manage_resource_type", "manage_resource_id"];
    travels::<AssignRole>(&with(&assignment, "disinherit_sub_group", true), &required);
    travels::<CancelAssignRole>(&assignment, &required);
    travels::<ListAssignment>(
        &json!({"manage_resource_type": "RT_Group", "manage_resource_id": "g", "limit": 1, "marker": "m"}),
        &[],
    );
    travels::<ListIdentityRole>(&json!({"identity": assignment["identity"]}), &["identity"]);

    travels::<AccountToken>(
        &json!({"app_id": "a", "refresh_token": "r", "grant_type": "refresh_token"}),
        &["app_id", "refresh_token", "grant_type"],
    );
    travels::<Authorize>(
        &json!({
            "client_id": "c", "redirect_uri": "https://a", "response_type": "code", "scope": "USER.ALL,OAUTH.ALL",
            "state": "s", "login_type": "default", "hide_consent": true,
        }),
        &["client_id", "redirect_uri", "response_type"],
    );
}

#[test]
fn requests_on_drives_and_domains_travel() {
    let listed = json!({"owner": "u", "owner_type": "group", "limit": 1, "marker": "m", "subdomain_id": "s"});
    travels::<CreateDrive>(
        &json!({
            "drive_name": "d", "owner": "u", "owner_type": "user", "default": true, "description": "d",
            "drive_type": "normal", "status": "disabled", "total_size": 0, "subdomain_id": "s",
        }),
        &["drive_name", "owner"],
    );
    travels::<GetDrive>(&json!({"drive_id": "1"}), &["drive_id"]);
    travels::<GetDefaultDrive>(&json!({"user_id": "u"}), &[]);
    travels::<ListDrive>(&listed, &[]);
    travels::<SearchDrive>(&with(&listed, "drive_name", "d"), &[]);
    travels::<ListMyDrives>(&json!({"limit": 1, "marker": "m"}), &[]);
    travels::<ListMyGroupDrive>(&json!({"drive_name": "d", "limit": 1, "marker": "m"}), &[]);
    travels::<UpdateDrive>(
        &json!({
            "drive_id": "1", "drive_name": "d", "description": "", "status": "enabled", "total_size": -1, "owner": "u",
        }),
        &["drive_id"],
    );
    travels::<DeleteDrive>(&json!({"drive_id": "1", "force": true}), &["drive_id"]);

    travels::<CreateDomain>(
        &json!({
            "domain_name": "d", "description": "e", "init_drive_enable": false, "init_drive_size": -1,
            "size_quota": 0, "user_count_quota": -1, "store_redundancy_type": "ZRS",
        }),
        &["domain_name"],
    );
    travels::<GetDomain>(&json!({"domain_id": "rs1", "get_quota_used": true, "fields": "*"}), &[]);
    travels::<GetDomainQuota>(&json!({}), &[]);
    travels::<ListDomains>(&json!({"limit": 1, "marker": "m"}), &[]);
    travels::<SearchDomains>(&json!({"name": "d", "order_by": "created_at", "limit": 1, "marker": "m"}), &[]);
    travels::<UpdateDomain>(
        &json!({
            "domain_id": "rs1", "domain_name": "d", "description": "", "init_drive_enable": true,
            "init_drive_size": 0, "size_quota": -1, "user_count_quota": 0,
            "published_app_access_strategy": {"effect": "deny", "except_app_id_list": ["a"]},
        }),
        &["domain_id"],
    );
    travels::<DeleteDomain>(&json!({"domain_id": "rs1"}), &["domain_id"]);
}

#[test]
fn texts_have_their_lengths() {
    let user = json!({"user_id": "u"});
    let import = json!({"authentication_type": "custom", "identity": "i"});
    let drive = json!({"drive_id": "1"});
    let member = json!({"group_id": "g", "user_id": "u"});
    for name in ["nick_name", "email", "phone"] {
        bounds::<CreateUser>(&user, name, 128);
        bounds::<ImportUser>(&import, name, 128);
        bounds::<SearchUser>(&json!({}), name, 128);
        bounds::<GeneralSearchUser>(&json!({}), name, 128);
    }
    // A longer name of another door is taken back; a changed one is judged by the door.
    bounds::<UpdateUser>(&user, "nick_name", 256);
    bounds::<UpdateUser>(&user, "email", 128);
    bounds::<UpdateUser>(&user, "phone", 128);
    for (count, is_short) in [(128, true), (129, false)] {
        let nick_name = Some("张".repeat(count));
        let changed = UpdateUser { user_id: "u".to_owned(), nick_name, ..UpdateUser::default() };
        assert_eq!(changed.check_changed_name().is_ok(), is_short, "{count}");
    }
    for name in ["identity", "extra", "authentication_display_name"] {
        assert_eq!(fault::<ImportUser>(&with(&import, name, "x".repeat(129))), invalid(name));
    }
    bounds::<CreateUser>(&user, "user_id", 64);
    bounds::<CreateUser>(&user, "user_name", 128);
    bounds::<CreateUser>(&user, "description", 1024);
    bounds::<CreateUser>(&user, "subdomain_id", 64);
    bounds::<UpdateUser>(&user, "description", 1024);
    bounds::<SearchUser>(&json!({}), "nick_name_for_fuzzy", 128);
    bounds::<SearchUser>(&json!({}), "user_name", 128);
    bounds::<CreateGroup>(&json!({"group_name": "g"}), "group_name", 128);
    bounds::<CreateGroup>(&json!({"group_name": "g"}), "description", 1024);
    bounds::<SearchGroup>(&json!({}), "group_name", 128);
    bounds::<SearchGroup>(&json!({}), "group_name_for_fuzzy", 128);
    bounds::<UpdateGroup>(&json!({"group_id": "g"}), "group_name", 128);
    bounds::<UpdateGroup>(&json!({"group_id": "g"}), "description", 1024);
    bounds::<GroupUpdateName>(&json!({"group_id": "g"}), "name", 128);
    bounds::<CreateMembership>(&member, "description", 1024);
    bounds::<UpdateMembership>(&member, "description", 1024);
    bounds::<LinkAccount>(&json!({"user_id": "u", "type": "email"}), "identity", 128);
    bounds::<UpdateDrive>(&drive, "drive_name", 128);
    bounds::<UpdateDrive>(&drive, "description", 1024);
    bounds::<CreateDrive>(&json!({"owner": "u"}), "drive_name", 128);
    bounds::<CreateDomain>(&json!({}), "domain_name", 128);
    bounds::<UpdateDomain>(&json!({"domain_id": "rs1"}), "description", 1024);
    assert_eq!(fault::<UpdateGroup>(&json!({"group_id": "g", "group_name": ""})), empty("group_name"));
    assert_eq!(fault::<UpdateDrive>(&with(&drive, "drive_name", "")), empty("drive_name"));
    assert_eq!(fault::<UpdateDrive>(&with(&drive, "owner", "")), empty("owner"));
    assert_eq!(fault::<UpdateDomain>(&json!({"domain_id": "rs1", "domain_name": ""})), empty("domain_name"));
}

#[test]
fn words_are_of_their_lists() {
    let user = json!({"user_id": "u"});
    let roles = ["user", "admin", "superadmin", "subdomain", "subdomain_admin", "subdomain_super_admin"];
    let statuses = ["enabled", "disabled"];
    let kinds = ["mobile", "email", "ding", "ram", "wechat", "ldap", "custom", "saml"];
    let parties = ["user", "group"];
    listed::<CreateUser>(&user, "role", &roles, false);
    listed::<CreateUser>(&user, "status", &statuses, false);
    listed::<UpdateUser>(&user, "role", &roles, false);
    listed::<UpdateUser>(&user, "status", &statuses, false);
    listed::<SearchUser>(&json!({}), "role", &roles, true);
    listed::<SearchUser>(&json!({}), "status", &statuses, true);
    listed::<ListUser>(&json!({}), "status", &statuses, true);
    listed::<ListGroupUser>(&json!({}), "member_type", &parties, true);
    listed::<ListDirectChildMemberships>(&json!({"group_id": "g"}), "member_type", &parties, true);
    listed::<CreateDrive>(&json!({"drive_name": "d", "owner": "u"}), "owner_type", &parties, true);
    listed::<SearchDrive>(&json!({}), "owner_type", &parties, true);
    listed::<UpdateDrive>(&json!({"drive_id": "1"}), "status", &statuses, false);
    listed::<LinkAccount>(&json!({"user_id": "u", "identity": "86"}), "type", &kinds, false);
    for kind in &kinds {
        assert_eq!(fault::<ImportUser>(&json!({"authentication_type": kind, "identity": "i"})), None);
    }
    assert_eq!(
        fault::<ImportUser>(&json!({"authentication_type": "x", "identity": "i"})),
        invalid("authentication_type")
    );
    for (kind, expected) in
        [("normal", None), ("", None), ("large", unsupported("drive_type")), ("x", invalid("drive_type"))]
    {
        let drive = json!({"drive_name": "d", "owner": "u", "drive_type": kind});
        assert_eq!(fault::<CreateDrive>(&drive), expected, "{kind}");
    }
}

#[test]
fn numbers_have_their_bounds() {
    let user = json!({"user_id": "u"});
    from::<CreateUser>(&user, "expired_at", 0);
    from::<UpdateUser>(&user, "expired_at", 0);
    from::<ImportUser>(&json!({"authentication_type": "custom", "identity": "i"}), "drive_total_size", -1);
    from::<CreateDrive>(&json!({"drive_name": "d", "owner": "u"}), "total_size", -1);
    from::<UpdateDrive>(&json!({"drive_id": "1"}), "total_size", -1);
    from::<CreateDomain>(&json!({"domain_name": "d"}), "init_drive_size", -1);
    from::<UpdateDomain>(&json!({"domain_id": "rs1"}), "size_quota", -1);
    from::<UpdateDomain>(&json!({"domain_id": "rs1"}), "user_count_quota", -1);
    let largest = json!({"drive_id": "1", "total_size": i64::MAX});
    assert_eq!(fault::<UpdateDrive>(&largest), None);
    assert_eq!(fault::<UpdateDrive>(&with(&largest, "total_size", u64::MAX)), invalid("total_size"));
}

#[test]
fn lists_come_in_pages() {
    pages::<ListUser>(&json!({}));
    pages::<SearchUser>(&json!({}));
    pages::<GeneralSearchUser>(&json!({}));
    pages::<ListGroupUser>(&json!({}));
    pages::<ListGroup>(&json!({}));
    pages::<SearchGroup>(&json!({}));
    pages::<ListGroupMember>(&json!({}));
    pages::<ListDirectChildMemberships>(&json!({"group_id": "g"}));
    pages::<ListDirectParentMemberships>(&json!({}));
    pages::<ListAssignment>(&json!({}));
    pages::<ListDrive>(&json!({}));
    pages::<ListMyDrives>(&json!({}));
    pages::<ListMyGroupDrive>(&json!({}));
    pages::<SearchDrive>(&json!({}));
    pages::<ListDomains>(&json!({}));
    pages::<SearchDomains>(&json!({}));
    let size = |given: Value| page_size(read::<ListDomains>(&given).unwrap().limit, DOMAINS_PAGE_SIZE);
    assert_eq!(
        [size(json!({})), size(json!({"limit": 0})), size(json!({"limit": ""})), size(json!({"limit": "7"}))],
        [50, 50, 50, 7]
    );
}

#[test]
fn a_user_id_has_a_form_wherever_it_stands() {
    for id in ["", "a#b", "a\n", &"x".repeat(65)] {
        let user = json!({"user_id": id});
        for found in [
            fault::<CreateUser>(&user),
            fault::<GetUser>(&user),
            fault::<GeneralGetUser>(&user),
            fault::<UpdateUser>(&user),
            fault::<DeleteUser>(&user),
            fault::<GetDefaultDrive>(&user),
            fault::<GetLinkInfoByUserId>(&user),
            fault::<HasMember>(&json!({"group_id": "g", "member_type": "user", "user_id": id})),
        ] {
            assert_eq!(found, invalid("user_id"), "{id:?}");
        }
    }
}

#[test]
fn a_user_without_a_name_is_named_by_the_id() {
    assert_eq!(fault::<CreateUser>(&json!({"user_id": " ", "user_name": "a"})), None);
    assert_eq!(fault::<CreateUser>(&json!({"user_id": " ", "user_name": ""})), invalid("user_id"));
    assert_eq!(fault::<CreateUser>(&json!({"user_id": "u", "user_name": " "})), invalid("user_name"));
}

#[test]
fn what_a_user_has_keeps_its_form() {
    let user = json!({"user_id": "u"});
    for (name, values) in [
        ("avatar", vec![json!("x"), json!("AAAA"), json!(1)]),
        ("phone_region", vec![json!("x"), json!("1234567"), json!(86)]),
        ("plain_password", vec![json!(""), json!("x".repeat(257))]),
        ("user_data", vec![json!([]), json!(1), json!("x".repeat(1025))]),
        (
            "group_info_list",
            vec![json!({}), json!(["g"]), json!([{}]), json!(vec![json!({"group_id": "g"}); 101])],
        ),
    ] {
        for value in values {
            let given = with(&user, name, value);
            let expected =
                if given[name] == "" { [invalid(name), empty(name)] } else { [invalid(name), None] };
            for found in [fault::<CreateUser>(&given), fault::<UpdateUser>(&given)] {
                assert!(found.is_some() && expected.contains(&found), "{given}: {found:?}");
            }
        }
    }
    let cleared = read::<UpdateUser>(&with(&user, "user_data", "")).unwrap();
    assert_eq!(cleared.user_data, Some(UserData::default()));
}

#[test]
fn an_import_has_one_account_or_several() {
    let one = json!({"authentication_type": "email", "identity": "a@b.cn", "extra": ""});
    let several = json!({"authentication_list": [
        {"authentication_type": "mobile", "identity": "1", "extra": 86, "authentication_display_name": "A"},
    ]});
    let mut both = one.clone();
    both["authentication_list"] = several["authentication_list"].clone();
    let kinds = |given: &Value| -> Vec<AuthenticationType> {
        let accounts = read::<ImportUser>(given).unwrap().accounts();
        accounts.into_iter().map(|account| account.authentication_type).collect()
    };

    assert_eq!(kinds(&one), [AuthenticationType::Email]);
    assert_eq!(kinds(&several), [AuthenticationType::Mobile]);
    assert_eq!(kinds(&both), [AuthenticationType::Email, AuthenticationType::Mobile]);
    assert_eq!(fault::<ImportUser>(&json!({})), missing("authentication_type"));
    assert_eq!(fault::<ImportUser>(&json!({"authentication_list": []})), missing("authentication_type"));
    for account in [
        json!({"authentication_type": "x", "identity": "1"}),
        json!({"authentication_type": "mobile"}),
        json!({"authentication_type": "mobile", "identity": ""}),
        json!({"authentication_type": "mobile", "identity": "1", "extra": "x"}),
    ] {
        let given = json!({"authentication_list": [account]});
        assert_eq!(fault::<ImportUser>(&given), invalid("authentication_list"), "{given}");
    }
}

#[test]
fn a_number_has_a_region() {
    let account = |kind: &str, extra: Value| json!({"type": kind, "identity": "1", "extra": extra});
    for extra in [json!("86"), json!(86), json!("+86"), json!("0086"), json!(""), json!(null)] {
        assert_eq!(fault::<GetLinkInfo>(&account("mobile", extra.clone())), None, "{extra}");
    }
    for extra in [json!("x"), json!(1_234_567), json!(-1), json!(8.6), json!([])] {
        assert_eq!(fault::<GetLinkInfo>(&account("mobile", extra.clone())), invalid("extra"), "{extra}");
    }
    assert_eq!(fault::<GetLinkInfo>(&account("custom", json!("x"))), None);
    assert_eq!(read::<GetLinkInfo>(&account("mobile", json!(86))).unwrap().extra, Some(Extra::from("86")));
}

#[test]
fn what_says_nothing_is_passed_over() {
    let search =
        json!({"order_by": "x", "order_direction": "DESC", "drive_status": "", "expired_at_range": {}});
    let found = read::<SearchUser>(&search).unwrap();
    assert_eq!((found.order_by, found.order_direction), (None, Some(OrderDirection::Desc)));

    let found = read::<GeneralGetUser>(&json!({"extra_return_info": ["x", "group", "Drive"]})).unwrap();
    assert_eq!(found.extra_return_info, Some(vec![ReturnInfo::Group]));
    for wrong in [json!("group"), json!({}), json!([1])] {
        let given = json!({"extra_return_info": wrong});
        assert_eq!(fault::<GeneralGetUser>(&given), invalid("extra_return_info"), "{given}");
    }
}

#[test]
fn what_would_change_the_answer_is_refused_by_name() {
    let domain = json!({"domain_name": "d"});
    assert_eq!(fault::<SearchUser>(&json!({"drive_status": "x"})), unsupported("drive_status"));
    assert_eq!(fault::<SearchUser>(&json!({"expired_at_range": "1,2"})), unsupported("expired_at_range"));
    assert_eq!(fault::<CreateDomain>(&with(&domain, "parent_domain_id", "")), None);
    assert_eq!(
        fault::<CreateDomain>(&with(&domain, "parent_domain_id", "x")),
        unsupported("parent_domain_id")
    );
    assert_eq!(fault::<ListDomains>(&json!({"parent_domain_id": "x"})), unsupported("parent_domain_id"));
    assert_eq!(fault::<ListDomains>(&json!({"service_code": "x"})), unsupported("service_code"));
}

#[test]
fn a_root_group_has_no_parent() {
    let group = |is_root: bool, parent: &str| {
        fault::<CreateGroup>(&json!({"group_name": "g", "is_root": is_root, "parent_group_id": parent}))
    };
    assert_eq!(group(true, ""), None);
    assert_eq!(group(false, "p"), None);
    assert_eq!(group(false, ""), None);
    assert_eq!(group(true, "p"), Some(Unfit::Unmatched("parent_group_id".to_owned())));
}

#[test]
fn a_member_is_the_one_whose_id_is_given() {
    let member = |given: Value| {
        let read = read::<HasMember>(&given);
        read.map(|request| match request.member() {
            Member::User(id) => format!("user {id}"),
            Member::Group(id) => format!("group {id}"),
        })
    };
    let key = |kind: &str, user: Value, group: Value| json!({"group_id": "g", "member_type": kind, "user_id": user, "sub_group_id": group});
    for (given, expected) in [
        (key("user", json!("u"), json!("h")), Ok("user u")),
        (key("group", json!("u"), json!("h")), Ok("group h")),
        (key("group", json!(""), json!("h")), Ok("group h")),
        (key("", json!("u"), json!("")), Ok("user u")),
        (key("", json!(""), json!("h")), Ok("group h")),
        (key("", json!("u"), json!("h")), Err(Unfit::Missing("member_type".to_owned()))),
        (key("", json!(null), json!(null)), Err(Unfit::Missing("user_id".to_owned()))),
        (key("user", json!(null), json!("h")), Err(Unfit::Missing("user_id".to_owned()))),
        (key("group", json!("u"), json!(null)), Err(Unfit::Missing("sub_group_id".to_owned()))),
        (key("group", json!("u"), json!("")), Err(Unfit::Missing("sub_group_id".to_owned()))),
    ] {
        assert_eq!(member(given.clone()), expected.map(str::to_owned), "{given}");
    }
}

#[test]
fn a_group_is_not_taken_out_of_another() {
    let group = json!({"group_id": "g", "sub_group_id": "h"});
    assert_eq!(fault::<DeleteMembership>(&group), unsupported("member_type"));
    let user = json!({"group_id": "g", "user_id": "u"});
    assert_eq!(read::<DeleteMembership>(&user).unwrap().user(), "u");
}

#[test]
fn parents_are_the_callers_unless_somebody_is_named() {
    let whose = |given: Value| {
        let request = read::<ListDirectParentMemberships>(&given)?;
        Ok(request.member().map(|member| matches!(member, Member::User(_))))
    };
    assert_eq!(whose(json!({})), Ok(None));
    assert_eq!(whose(json!({"member_type": "user"})), Ok(None));
    assert_eq!(
        whose(json!({"member_type": "user", "sub_group_id": "h"})),
        Err(Unfit::Missing("user_id".to_owned()))
    );
    assert_eq!(whose(json!({"group_id": "g", "user_id": "u"})), Ok(Some(true)));
    assert_eq!(whose(json!({"member_type": "", "sub_group_id": "h"})), Ok(Some(false)));
    assert_eq!(whose(json!({"member_type": "group"})), Err(Unfit::Missing("sub_group_id".to_owned())));
    assert_eq!(whose(json!({"user_id": "#"})), Err(Unfit::Invalid("user_id".to_owned())));
}

#[test]
fn one_role_can_be_assigned() {
    let whole = json!({
        "identity": {"identity_type": "IT_User", "identity_id": "u"}, "role_id": "SystemGroupAdmin",
        "manage_resource_type": "RT_Group", "manage_resource_id": "g",
    });
    let identity = |kind: &str, id: &str| json!({"identity_type": kind, "identity_id": id});
    for (name, value, expected) in [
        ("identity", identity("IT_Group", "g"), unsupported("identity_type")),
        ("identity", identity("", "u"), missing("identity_type")),
        ("identity", identity("IT_User", ""), missing("identity_id")),
        ("identity", json!({}), missing("identity_type")),
        ("identity", json!("u"), invalid("identity")),
        ("role_id", json!("x"), unsupported("role_id")),
        ("manage_resource_type", json!("IT_Group"), unsupported("manage_resource_type")),
        ("manage_resource_type", json!("RT_Group"), None),
    ] {
        let given = with(&whole, name, value);
        assert_eq!(fault::<AssignRole>(&given), expected, "{given}");
        assert_eq!(fault::<CancelAssignRole>(&given), expected, "{given}");
    }
    let group = json!({"identity": identity("IT_Group", "g")});
    assert_eq!(fault::<ListIdentityRole>(&group), unsupported("identity_type"));
    let others = json!({"manage_resource_type": "x"});
    assert_eq!(fault::<ListAssignment>(&others), unsupported("manage_resource_type"));
    assert_eq!(fault::<ListAssignment>(&json!({"manage_resource_type": ""})), None);
}

#[test]
fn every_proof_of_a_token_has_what_it_needs() {
    let jwt = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    for (grant, needed) in [
        (jwt, vec!["assertion"]),
        ("authorization_code", vec!["code", "redirect_uri"]),
        ("code", vec!["code", "redirect_uri"]),
        ("refresh_token", vec!["refresh_token"]),
    ] {
        let mut whole = json!({"grant_type": grant, "client_id": "c"});
        for name in ["client_secret", "assertion", "code", "redirect_uri", "refresh_token"] {
            whole[name] = if needed.contains(&name) { json!("x") } else { json!("") };
        }
        assert_eq!(fault::<Token>(&whole), None, "{grant}");
        for name in needed {
            assert_eq!(fault::<Token>(&without(&whole, name)), missing(name), "{grant}");
            assert_eq!(fault::<Token>(&with(&whole, name, "")), empty(name), "{grant}");
        }
    }
    assert_eq!(fault::<Token>(&json!({"client_id": "c"})), missing("grant_type"));
    assert_eq!(fault::<Token>(&json!({"client_id": "c", "grant_type": "password"})), invalid("grant_type"));
    assert_eq!(fault::<Token>(&json!({"grant_type": jwt, "assertion": "x"})), missing("client_id"));

    let account = json!({"app_id": "a", "refresh_token": "r", "grant_type": jwt});
    assert_eq!(fault::<AccountToken>(&account), unsupported("grant_type"));
    let page = json!({"client_id": "c", "redirect_uri": "https://a", "response_type": "token"});
    assert_eq!(fault::<Authorize>(&page), unsupported("response_type"));
    let page = json!({"client_id": "c", "redirect_uri": "https://a", "response_type": "code", "hide_consent": "true"});
    assert_eq!(read::<Authorize>(&page).unwrap().hide_consent, Some(true));
    assert_eq!(fault::<Authorize>(&with(&page, "hide_consent", "x")), invalid("hide_consent"));
    assert_eq!(fault::<Authorize>(&with(&page, "login_type", "ding")), unsupported("login_type"));
}

#[test]
fn a_domain_that_gives_drives_says_how_large_they_are() {
    let domain = json!({"domain_name": "d", "init_drive_enable": true});
    assert_eq!(fault::<CreateDomain>(&domain), missing("init_drive_size"));
    assert_eq!(fault::<CreateDomain>(&with(&domain, "init_drive_size", 0)), None);
    assert_eq!(fault::<CreateDomain>(&with(&domain, "init_drive_enable", false)), None);

    let apps = |effect: &str, count: usize| {
        let strategy = json!({"effect": effect, "except_app_id_list": vec!["a"; count]});
        fault::<UpdateDomain>(&json!({"domain_id": "rs1", "published_app_access_strategy": strategy}))
    };
    assert_eq!(apps("allow", 100), None);
    assert_eq!(apps("allow", 101), invalid("published_app_access_strategy"));
    assert_eq!(apps("x", 0), invalid("published_app_access_strategy"));
    let named = |length: usize| {
        let strategy = json!({"effect": "deny", "except_app_id_list": ["a", "a".repeat(length)]});
        fault::<UpdateDomain>(&json!({"domain_id": "rs1", "published_app_access_strategy": strategy}))
    };
    assert_eq!(named(128), None);
    assert_eq!(named(129), invalid("published_app_access_strategy"));
}

#[test]
fn a_batch_has_1_to_100_operations_of_one_family() {
    let operation =
        |id: &str| json!({"id": id, "method": "POST", "url": "/user/get", "body": {"user_id": "u"}});
    let batch = |resource: &str, requests: Vec<Value>| json!({"resource": resource, "requests": requests});
    let some = |count: usize| (0..count).map(|n| operation(&n.to_string())).collect::<Vec<_>>();

    travels::<Batch>(&batch("user", some(2)), &["resource", "requests"]);
    assert_eq!(fault::<Batch>(&batch("drive", some(100))), None);
    for requests in
        [some(0), some(101), vec![operation("a"), operation("a")], vec![operation("")], vec![json!({})]]
    {
        assert_eq!(fault::<Batch>(&batch("user", requests)), invalid("requests"));
    }
    for (resource, expected) in
        [("group", None), ("membership", None), ("file", unsupported("resource")), ("x", invalid("resource"))]
    {
        assert_eq!(fault::<Batch>(&batch(resource, some(1))), expected, "{resource}");
    }
    for body in [json!("{}"), json!({}), json!("x"), json!(1), json!(null)] {
        assert_eq!(fault::<Batch>(&batch("user", vec![with(&operation("a"), "body", body)])), None);
    }
}

fn user() -> User {
    User {
        domain_id: "rs1".to_owned(),
        user_id: "u".to_owned(),
        user_name: "u".to_owned(),
        nick_name: String::new(),
        description: String::new(),
        email: String::new(),
        phone: String::new(),
        phone_region: String::new(),
        avatar: String::new(),
        role: Role::SuperAdmin,
        status: Status::Enabled,
        created_at: 1,
        updated_at: 1,
        default_drive_id: String::new(),
        user_data: UserData::default(),
        creator: "system".to_owned(),
        last_login_time: 0,
        last_refresh_token_time: 0,
        expired_at: 0,
        deny_change_password_by_self: false,
        need_change_password_next_login: false,
        subdomain_id: String::new(),
        permission: (),
    }
}

fn group() -> Group {
    Group {
        domain_id: "rs1".to_owned(),
        group_id: "g".to_owned(),
        group_name: "G".to_owned(),
        description: String::new(),
        created_at: 1,
        updated_at: 1,
        creator: String::new(),
        subdomain_id: String::new(),
        permission: (),
    }
}

#[test]
fn answers_are_read_as_they_are_written() {
    let shown = UserWithExtras { parent_group: Some(Vec::new()), ..UserWithExtras::from(user()) };
    let reply = ListGroupUserReply {
        group_items: vec![group()],
        user_items: vec![shown],
        next_marker: String::new(),
    };

    let written = serde_json::to_value(&reply).unwrap();

    assert_eq!(written["items"], json!([written["group_items"][0], written["user_items"][0]]));
    let user = &written["user_items"][0];
    assert_eq!(user["role"], "superadmin");
    assert_eq!(user["avatar"], "");
    assert_eq!(user["user_data"], json!({}));
    assert_eq!(user["parent_group"], json!([]));
    assert_eq!((user.get("permission"), user.get("default_drive")), (Some(&Value::Null), None));
    assert_eq!(serde_json::from_value::<ListGroupUserReply>(written).unwrap(), reply);

    let page =
        ListMyGroupDriveReply { items: Vec::new(), root_group_drive: None, next_marker: String::new() };
    let written = serde_json::to_value(&page).unwrap();
    assert_eq!(written, json!({"items": [], "root_group_drive": null, "next_marker": ""}));
}

/// What is told of an operation: its path, its right, whether that changes anything, and the status of a success.
struct Told {
    path: &'static str,
    right: &'static str,
    writes: bool,
    success: Success,
    declared: Declared,
}

fn told<O: Operation>() -> Told {
    Told {
        path: O::PATH,
        right: O::RIGHT.action(),
        writes: O::RIGHT.writes(),
        success: O::SUCCESS,
        declared: Declared::of_operation::<O>(),
    }
}

fn all() -> Vec<Told> {
    vec![
        told::<CreateUser>(),
        told::<ListUser>(),
        told::<GetUser>(),
        told::<GeneralGetUser>(),
        told::<UpdateUser>(),
        told::<DeleteUser>(),
        told::<SearchUser>(),
        told::<GeneralSearchUser>(),
        told::<ListGroupUser>(),
        told::<ImportUser>(),
        told::<CreateGroup>(),
        told::<GetGroup>(),
        told::<ListGroup>(),
        told::<SearchGroup>(),
        told::<UpdateGroup>(),
        told::<GroupUpdateName>(),
        told::<DeleteGroup>(),
        told::<AddGroupMember>(),
        told::<RemoveGroupMember>(),
        told::<ListGroupMember>(),
        told::<CreateMembership>(),
        told::<GetMembership>(),
        told::<UpdateMembership>(),
        told::<DeleteMembership>(),
        told::<HasMember>(),
        told::<ListDirectChildMemberships>(),
        told::<ListDirectParentMemberships>(),
        told::<AssignRole>(),
        told::<CancelAssignRole>(),
        told::<ListAssignment>(),
        told::<ListIdentityRole>(),
        told::<LinkAccount>(),
        told::<UnLinkAccount>(),
        told::<GetLinkInfo>(),
        told::<GetLinkInfoByUserId>(),
        told::<Token>(),
        told::<AccountToken>(),
        told::<Authorize>(),
        told::<CreateDrive>(),
        told::<GetDrive>(),
        told::<GetDefaultDrive>(),
        told::<ListDrive>(),
        told::<ListMyDrives>(),
        told::<ListMyGroupDrive>(),
        told::<SearchDrive>(),
        told::<UpdateDrive>(),
        told::<DeleteDrive>(),
        told::<CreateDomain>(),
        told::<GetDomain>(),
        told::<GetDomainQuota>(),
        told::<ListDomains>(),
        told::<SearchDomains>(),
        told::<UpdateDomain>(),
        told::<DeleteDomain>(),
        told::<Batch>(),
    ]
}

#[test]
fn every_operation_has_a_path_and_a_right_of_its_own() {
    let all = all();
    let paths: HashSet<&str> =
        all.iter().map(|told| told.path).chain(OPERATIONS_NOT_SUPPORTED.iter().copied()).collect();
    let rights: HashSet<&str> = all.iter().map(|told| told.right).collect();

    assert_eq!(paths.len(), all.len() + OPERATIONS_NOT_SUPPORTED.len());
    assert_eq!(rights.len(), all.len());
    assert!(paths.iter().all(|path| path.starts_with("/v2/")));
    assert!(rights.iter().all(|right| right.starts_with("pds:")));
}

#[test]
fn paths_are_those_of_the_surface() {
    let surface: Value = serde_json::from_str(PRODUCT.surface).unwrap();
    for action in surface["actions"].as_array().unwrap() {
        let name = format!("pds:{}", action["action"].as_str().unwrap());
        if let Some(told) = all().iter().find(|told| told.right == name) {
            assert_eq!(action["path"], told.path, "{name}");
        }
    }
}

#[test]
fn successes_have_the_statuses_that_clients_demand() {
    let of = |success: Success| -> Vec<&str> {
        let mut paths: Vec<_> =
            all().iter().filter(|told| told.success == success).map(|told| told.path).collect();
        paths.sort_unstable();
        paths
    };
    assert_eq!(
        of(Success::Created),
        ["/v2/drive/create", "/v2/group/create", "/v2/membership/create", "/v2/user/create"]
    );
    assert_eq!(
        of(Success::NoContent),
        [
            "/v2/account/unlink",
            "/v2/domain/delete",
            "/v2/drive/delete",
            "/v2/group/add_member",
            "/v2/group/delete",
            "/v2/group/remove_member",
            "/v2/membership/delete",
            "/v2/role/assign",
            "/v2/role/cancel_assign",
            "/v2/user/delete",
        ]
    );
}

#[test]
fn what_only_shows_changes_nothing() {
    for told in all() {
        let verb = told.path.rsplit('/').next().unwrap();
        let shows = ["get", "list", "search", "general", "has", "authorize", "batch"];
        let shows = shows.iter().any(|word| verb.starts_with(word));
        assert_eq!(told.writes, !shows, "{}", told.path);
    }
}

#[test]
fn the_whole_surface_is_spoken_of() {
    let declared: Vec<Declared> = all().into_iter().map(|told| told.declared).collect();

    let (lines, undeclared) = compare(&PRODUCT, &declared);

    let missing: Vec<_> = lines
        .iter()
        .filter(|line| line.standing == Standing::Missing)
        .map(|line| format!("{} {} {}", line.action, line.side, line.name))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
    assert_eq!(undeclared, Vec::<String>::new());
}
