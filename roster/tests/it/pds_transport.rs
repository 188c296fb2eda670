//! How requests of PDS may come and how each of them is answered, whatever the operation.
//!
//! Source: `reference/pds.md` §2, §3.1, §7.1 and §17; `reference/doors.md` §8.12 and §8.25.

use api::pds::OPERATIONS_NOT_SUPPORTED;
use serde_json::{Value, json};

use crate::support::{NO_DRIVE, NO_GROUP, PdsCaller, Server};

const JSON: &str = "application/json";

#[tokio::test(flavor = "multi_thread")]
async fn unknown_paths_and_other_verbs_are_404_in_json_and_in_headers() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    for caller in [&owner, &owner.by_v4(), &owner.nobody(), &owner.bearer("no token")] {
        for (method, target) in [
            ("POST", "/v2/user/abc"),
            ("GET", "/v2/user/abc"),
            ("GET", "/v2/user/get"),
            ("PUT", "/v2/user/get"),
            ("DELETE", "/v2/group/delete"),
            ("PATCH", "/v2/domain/update"),
            ("POST", "/v2/"),
            ("POST", "/v2/user"),
            ("POST", "/v2/user/get/"),
            ("POST", "/v2/User/Get"),
            ("POST", "/v2//user/get"),
            ("POST", "/v2/user/get/more"),
            ("POST", "/v2/file/list"),
            ("POST", "/v2/share_link/create"),
            ("POST", "/v2/user/get_all"),
        ] {
            let message = caller.message(method, target, Some(JSON), b"{}", caller.now());
            let answer = caller.exchange(&message).await;
            let fault = answer.pds_fault();
            let text = format!("API not found with `{method} {target}`");
            assert_eq!(fault.brief(), "404 I404NF", "{method} {target}");
            assert_eq!(fault.message, text, "{method} {target}");
            assert_eq!(answer.header("x-ca-error-code"), "I404NF", "{method} {target}");
            assert_eq!(answer.header("x-ca-error-message"), text, "{method} {target}");
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_does_not_hide_the_path() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let answer = owner.exchange(&owner.post("/v2/user/get?a=1&b=", br#"{"user_id":"superadmin"}"#)).await;
    assert_eq!((answer.status, &answer.json()["role"]), (200, &json!("superadmin")), "{}", answer.text());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_of_subdomains_are_known_and_not_supported() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    for path in OPERATIONS_NOT_SUPPORTED {
        let answer = owner.exchange(&owner.post(path, br#"{"name":"a","subdomain_id":"s"}"#)).await;
        let fault = answer.pds_fault();
        assert_eq!(fault.brief(), "400 OperationNotSupport", "{path}");
        assert_eq!(fault.message, "This operation is not supported.", "{path}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_object_is_refused() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    for body in [
        &b"{"[..],
        b"[1]",
        b"[]",
        b"1",
        b"true",
        b"{} x",
        b"{\"user_id\":\"a\",}",
        b"{'user_id':'a'}",
        b"user_id=superadmin",
        b"{\"user_id\":\"\xff\xfe\"}",
        b"{\"user_id\":\"\\ud800\"}",
        b"\0",
    ] {
        for path in ["/v2/user/get", "/v2/user/list", "/v2/group/create", "/v2/batch", "/v2/domain/get_quota"]
        {
            let answer = owner.exchange(&owner.post(path, body)).await;
            let fault = answer.pds_fault();
            assert_eq!(fault.brief(), "400 InvalidRequestJSONFormat", "{path} {body:?}");
            assert!(fault.message.ends_with("is invalid Json format."), "{fault:?}");
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_holds_json_is_no_body() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    for body in [&b"\"{}\""[..], br#""{\"user_id\":\"superadmin\"}""#, b"\"\"", b"\"a\""] {
        for path in ["/v2/user/get", "/v2/user/list"] {
            let outcome = owner.exchange(&owner.post(path, body)).await.outcome();
            assert_eq!(outcome, "400 InvalidRequestJSONFormat", "{path} {body:?}");
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn json_nested_without_end_is_refused_and_the_server_lives() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let deep = |n: usize| format!("{{\"user_data\":{}{}}}", "[".repeat(n), "]".repeat(n));
    for n in [200, 5_000, 200_000] {
        let answer = owner.exchange(&owner.post("/v2/user/create", deep(n).as_bytes())).await;
        assert_eq!(answer.status, 400, "{n} levels: {}", answer.text());
        answer.pds_fault();
    }
    assert!(owner.has_user("superadmin").await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_body_is_an_empty_object_and_needs_no_content_type() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let token = owner.token_of("superadmin").await;
    for caller in [&owner, &owner.by_v4(), &token] {
        for body in [&b""[..], b"{}", b"  ", b" {\n} "] {
            for content_type in [None, Some("application/json"), Some("application/json; charset=utf-8")] {
                let message =
                    caller.message("POST", "/v2/domain/get_quota", content_type, body, caller.now());
                let answer = caller.exchange(&message).await;
                assert_eq!(answer.status, 200, "{content_type:?} {body:?}: {}", answer.text());
                assert_eq!(answer.json()["user_count_used"], 0);
            }
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn json_is_read_without_a_content_type() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    for content_type in [None, Some("application/json"), Some("application/json;charset=UTF-8")] {
        let body = br#"{"user_id":"superadmin"}"#;
        let message = owner.message("POST", "/v2/user/get", content_type, body, owner.now());
        let answer = owner.exchange(&message).await;
        assert_eq!(answer.status, 200, "{content_type:?}: {}", answer.text());
        assert_eq!(answer.json()["user_id"], "superadmin");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn null_is_absent_and_unknown_members_say_nothing() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let made = owner
        .call(
            "user/create",
            json!({
                "user_id": "alice", "user_name": null, "nick_name": null, "phone": null, "role": null,
                "status": null, "user_data": null, "group_info_list": null, "expired_at": null,
                "deny_change_password_by_self": null, "plain_password": null, "subdomain_id": null,
                "donot_emit_error": true, "donot_emit_notfound": [1], "anything": { "else": 1 },
            }),
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    assert_eq!((&made["user_name"], &made["role"]), (&json!("alice"), &json!("user")));
    assert_eq!((&made["status"], &made["user_data"]), (&json!("enabled"), &json!({})));

    let page = owner.ask("user/list", json!({ "limit": null, "marker": null, "status": null })).await;
    assert_eq!(page["items"].as_array().map(Vec::len), Some(2));
    let of = |body: Value| owner.outcome("user/get", body);
    assert_eq!(of(json!({ "user_id": null })).await, "400 InvalidParameterMissing.UserId");
    assert_eq!(of(json!({})).await, "400 InvalidParameterMissing.UserId");
    let of = |body: Value| owner.outcome("group/get", body);
    assert_eq!(of(json!({ "group_id": null })).await, "400 InvalidParameterMissing.GroupId");
    assert_eq!(of(json!({ "group_id": "" })).await, "400 InvalidParameterEmpty.GroupId");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_of_the_wrong_type_are_named() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let domain = owner.domain().await;
    for (path, body, expected) in [
        ("user/create", json!({ "user_id": 1 }), "400 InvalidParameter.UserId"),
        ("user/create", json!({ "user_id": ["a"] }), "400 InvalidParameter.UserId"),
        ("user/create", json!({ "user_id": { "a": 1 } }), "400 InvalidParameter.UserId"),
        ("user/create", json!({ "user_id": true }), "400 InvalidParameter.UserId"),
        ("user/create", json!({ "user_id": "a", "nick_name": 5 }), "400 InvalidParameter.NickName"),
        ("user/create", json!({ "user_id": "a", "user_data": [1] }), "400 InvalidParameter.UserData"),
        ("user/create", json!({ "user_id": "a", "user_data": 1 }), "400 InvalidParameter.UserData"),
        ("user/create", json!({ "user_id": "a", "expired_at": "soon" }), "400 InvalidParameter.ExpiredAt"),
        ("user/create", json!({ "user_id": "a", "expired_at": -1 }), "400 InvalidParameter.ExpiredAt"),
        (
            "user/create",
            json!({ "user_id": "a", "group_info_list": {} }),
            "400 InvalidParameter.GroupInfoList",
        ),
        (
            "user/create",
            json!({ "user_id": "a", "group_info_list": ["g"] }),
            "400 InvalidParameter.GroupInfoList",
        ),
        ("user/create", json!({ "user_id": "a", "role": "king" }), "400 InvalidParameter.Role"),
        ("user/create", json!({ "user_id": "a", "role": "Admin" }), "400 InvalidParameter.Role"),
        ("user/create", json!({ "user_id": "a", "role": 1 }), "400 InvalidParameter.Role"),
        ("user/create", json!({ "user_id": "a", "status": "ENABLED" }), "400 InvalidParameter.Status"),
        ("user/update", json!({ "user_id": "superadmin", "role": "subdomain" }), "400 InvalidParameter.Role"),
        ("user/update", json!({ "user_id": "superadmin", "status": "on" }), "400 InvalidParameter.Status"),
        ("user/search", json!({ "role": "king" }), "400 InvalidParameter.Role"),
        ("user/search", json!({ "status": "on" }), "400 InvalidParameter.Status"),
        ("user/list_group_user", json!({ "member_type": "dog" }), "400 InvalidParameter.MemberType"),
        ("group/create", json!({ "group_name": 1 }), "400 InvalidParameter.GroupName"),
        ("group/create", json!({ "group_name": "a", "is_root": "true" }), "400 InvalidParameter.IsRoot"),
        ("group/list_member", json!({ "member_type": 1 }), "400 InvalidParameter.MemberType"),
        (
            "group/add_member",
            json!({ "group_id": NO_GROUP, "member_type": "dog", "member_id": "superadmin" }),
            "400 InvalidParameter.MemberType",
        ),
        (
            "membership/create",
            json!({ "group_id": NO_GROUP, "user_id": "superadmin", "member_role": "king" }),
            "400 InvalidParameter.MemberRole",
        ),
        ("drive/create", json!({ "drive_name": "a", "owner": 1 }), "400 InvalidParameter.Owner"),
        (
            "drive/create",
            json!({ "drive_name": "a", "owner": "a", "total_size": -2 }),
            "400 InvalidParameter.TotalSize",
        ),
        (
            "drive/create",
            json!({ "drive_name": "a", "owner": "a", "total_size": 1.5 }),
            "400 InvalidParameter.TotalSize",
        ),
        (
            "drive/create",
            json!({ "drive_name": "a", "owner": "a", "total_size": "1" }),
            "400 InvalidParameter.TotalSize",
        ),
        (
            "drive/create",
            json!({ "drive_name": "a", "owner": "a", "total_size": 9_223_372_036_854_775_808_u64 }),
            "400 InvalidParameter.TotalSize",
        ),
        (
            "drive/create",
            json!({ "drive_name": "a", "owner": "a", "owner_type": "dog" }),
            "400 InvalidParameter.OwnerType",
        ),
        (
            "drive/create",
            json!({ "drive_name": "a", "owner": "a", "default": 1 }),
            "400 InvalidParameter.Default",
        ),
        ("drive/get", json!({ "drive_id": 1 }), "400 InvalidParameter.DriveId"),
        ("drive/delete", json!({ "drive_id": NO_DRIVE, "force": "yes" }), "400 InvalidParameter.Force"),
        (
            "domain/create",
            json!({ "domain_name": "a", "user_count_quota": -2 }),
            "400 InvalidParameter.UserCountQuota",
        ),
        (
            "domain/update",
            json!({ "domain_id": domain, "published_app_access_strategy": { "effect": "maybe" } }),
            "400 InvalidParameter.PublishedAppAccessStrategy",
        ),
        ("role/assign", json!({ "identity": "a" }), "400 InvalidParameter.Identity"),
        (
            "account/link",
            json!({ "user_id": "superadmin", "type": "fax", "identity": "1" }),
            "400 InvalidParameter.Type",
        ),
        (
            "user/import",
            json!({ "authentication_type": "fax", "identity": "1" }),
            "400 InvalidParameter.AuthenticationType",
        ),
        ("batch", json!({ "resource": "dog" }), "400 InvalidParameter.Resource"),
    ] {
        assert_eq!(owner.outcome(path, body.clone()).await, expected, "{path} {body}");
    }
    assert_eq!(owner.picture().await["users"].as_array().map(Vec::len), Some(1), "nobody was made");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn page_sizes_are_1_to_100_also_as_text_and_0_says_nothing() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_users(&["a", "b", "c"]).await;
    for (limit, expected) in [(json!(1), 1), (json!("1"), 1), (json!(2), 2), (json!("2"), 2)] {
        let page = owner.ask("user/list", json!({ "limit": limit })).await;
        assert_eq!(page["items"].as_array().map(Vec::len), Some(expected), "{limit}");
        assert_ne!(page["next_marker"], "", "{limit}");
    }
    for limit in [json!(0), json!("0"), json!(""), json!(100), json!("100"), json!(null)] {
        let page = owner.ask("user/list", json!({ "limit": limit })).await;
        assert_eq!(page["items"].as_array().map(Vec::len), Some(4), "{limit}");
        assert_eq!(page["next_marker"], "", "{limit}");
    }
    for path in [
        "user/list",
        "user/search",
        "user/general_search",
        "user/list_group_user",
        "group/list",
        "group/search",
        "group/list_member",
        "role/list_assignment",
        "drive/list",
        "drive/search",
        "domain/list",
        "domain/search",
    ] {
        for limit in [
            json!(101),
            json!("101"),
            json!(-1),
            json!("-1"),
            json!(1.5),
            json!("x"),
            json!([1]),
            json!(true),
        ] {
            let outcome = owner.outcome(path, json!({ "limit": limit })).await;
            assert_eq!(outcome, "400 InvalidParameter.Limit", "{path} {limit}");
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_long_a_body_is_413_in_json_and_a_batch_may_be_longer() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let padded = |body: &str, size: usize| {
        let mut body = body.as_bytes().to_vec();
        body.resize(size, b' ');
        body
    };
    let user = r#"{"user_id":"superadmin"}"#;
    let batch = r#"{"resource":"user","requests":[{"id":"1","method":"POST","url":"/user/get","headers":{"Content-Type":"application/json"},"body":{"user_id":"superadmin"}}]}"#;
    const MIB: usize = 1 << 20;
    for (path, body, size, status) in [
        ("/v2/user/get", user, MIB, 200),
        ("/v2/user/get", user, MIB + 1, 413),
        ("/v2/user/get", user, 3 * MIB, 413),
        ("/v2/batch", batch, 2 * MIB, 200),
        ("/v2/batch", batch, 10 * MIB, 200),
        ("/v2/batch", batch, 10 * MIB + 1, 413),
    ] {
        let answer = owner.exchange(&owner.post(path, &padded(body, size))).await;
        assert_eq!(answer.status, status, "{path} with {size} bytes");
        if status == 413 {
            answer.pds_fault();
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_batch_is_read_for_who_is_known_alone() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let user = owner.token_of("superadmin").await;
    let mut body =
        json!({ "resource": "user", "requests": [{ "id": "1", "method": "POST", "url": "/user/list" }] })
            .to_string()
            .into_bytes();
    body.resize(2 << 20, b' ');
    for (caller, expected) in [
        (&owner, "200"),
        (&owner.by_v4(), "200"),
        (&user, "200"),
        // Who is not known is told that, so that a client whose token has run out fetches another one.
        (&owner.nobody(), "401 AccessTokenInvalid"),
        (&owner.bearer("no token"), "401 AccessTokenInvalid"),
    ] {
        let answer = caller.exchange(&caller.post("/v2/batch", &body)).await;
        assert_eq!(answer.outcome(), expected);
    }
    // What is ignored is not read without end either.
    let ignored = json!({ "user_id": "superadmin", "x": vec![0; 60_000] }).to_string();
    let answer = owner.exchange(&owner.post("/v2/user/get", ignored.as_bytes())).await;
    assert_eq!(answer.outcome(), "400 InvalidRequestJSONFormat");
    server.stop().await;
}

/// Each operation, in an order in which all of them succeed, and the status of its success.
#[tokio::test(flavor = "multi_thread")]
async fn each_operation_succeeds_with_its_one_status() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let done = async |path: &str, body: Value, status: u16| -> Value {
        let answer = owner.call(path, body.clone()).await;
        assert_eq!(answer.status, status, "{path} {body}: {}", answer.text());
        assert_ne!(answer.header("x-ca-request-id"), "", "{path}");
        if status == 204 {
            assert!(answer.body.is_empty(), "{path}: {}", answer.text());
            assert_eq!(answer.header("content-type"), "", "{path}");
            return Value::Null;
        }
        assert!(answer.header("content-type").starts_with(JSON), "{path}");
        assert!(answer.json().is_object(), "{path}: {}", answer.text());
        answer.json()
    };
    let alice = || json!("alice");

    done("user/create", json!({ "user_id": "alice" }), 201).await;
    done("user/get", json!({ "user_id": "alice" }), 200).await;
    done("user/general_get", json!({ "user_id": "alice" }), 200).await;
    done("user/update", json!({ "user_id": "alice", "nick_name": "A" }), 200).await;
    done("user/list", json!({}), 200).await;
    done("user/search", json!({}), 200).await;
    done("user/general_search", json!({}), 200).await;
    done("user/list_group_user", json!({}), 200).await;
    done("user/import", json!({ "authentication_type": "custom", "identity": "bob" }), 200).await;

    let top = done("group/create", json!({ "group_name": "top" }), 201).await["group_id"].clone();
    let low = json!({ "group_name": "low", "parent_group_id": top });
    let low = done("group/create", low, 201).await["group_id"].clone();
    done("group/get", json!({ "group_id": top }), 200).await;
    done("group/list", json!({}), 200).await;
    done("group/search", json!({}), 200).await;
    done("group/update", json!({ "group_id": top, "description": "d" }), 200).await;
    done("group/update_name", json!({ "group_id": top, "name": "tip" }), 200).await;
    let member = json!({ "group_id": top, "member_type": "user", "member_id": alice() });
    done("group/add_member", member.clone(), 204).await;
    done("group/list_member", json!({ "group_id": top }), 200).await;
    done("group/remove_member", member, 204).await;

    let member = json!({ "group_id": top, "member_type": "user", "user_id": alice() });
    done("membership/create", member.clone(), 201).await;
    done("membership/get", member.clone(), 200).await;
    done("membership/update", member.clone(), 200).await;
    done("membership/has_member", member.clone(), 200).await;
    done("membership/list_direct_child_memberships", json!({ "group_id": top }), 200).await;
    done("membership/list_direct_parent_memberships", json!({ "user_id": alice() }), 200).await;
    done("membership/delete", member, 204).await;

    let role = json!({
        "identity": { "identity_type": "IT_User", "identity_id": alice() },
        "role_id": "SystemGroupAdmin", "manage_resource_type": "RT_Group", "manage_resource_id": top,
    });
    done("role/assign", role.clone(), 204).await;
    done("role/list_assignment", json!({}), 200).await;
    done("role/list_identity_role", json!({ "identity": role["identity"] }), 200).await;
    done("role/cancel_assign", role, 204).await;

    let account = json!({ "user_id": alice(), "type": "custom", "identity": "alice" });
    done("account/link", account.clone(), 200).await;
    done("account/get_link_info", json!({ "type": "custom", "identity": "alice" }), 200).await;
    done("account/get_link_info_by_user_id", json!({ "user_id": alice() }), 200).await;
    done("account/unlink", account, 204).await;

    let drive = json!({ "drive_name": "d", "owner": alice(), "default": true });
    let drive = done("drive/create", drive, 201).await["drive_id"].clone();
    done("drive/get", json!({ "drive_id": drive }), 200).await;
    done("drive/get_default_drive", json!({ "user_id": alice() }), 200).await;
    done("drive/list", json!({}), 200).await;
    done("drive/search", json!({}), 200).await;
    done("drive/update", json!({ "drive_id": drive, "total_size": 5 }), 200).await;
    done("drive/delete", json!({ "drive_id": drive }), 204).await;

    let domain = done("domain/create", json!({ "domain_name": "d" }), 200).await["domain_id"].clone();
    done("domain/get", json!({ "domain_id": domain }), 200).await;
    done("domain/get_quota", json!({}), 200).await;
    done("domain/list", json!({}), 200).await;
    done("domain/search", json!({}), 200).await;
    done("domain/update", json!({ "domain_id": domain, "description": "d" }), 200).await;
    done("domain/delete", json!({ "domain_id": domain }), 204).await;

    let child = json!({
        "id": "1", "method": "POST", "url": "/user/get", "headers": { "Content-Type": JSON },
        "body": { "user_id": "alice" },
    });
    done("batch", json!({ "resource": "user", "requests": [child] }), 200).await;
    done("group/delete", json!({ "group_id": low }), 204).await;
    done("group/delete", json!({ "group_id": top }), 204).await;
    done("user/delete", json!({ "user_id": alice() }), 204).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_are_empty_have_their_arrays_and_an_empty_marker() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_user("alice").await;
    let group = owner.make_group("g").await;
    let token = owner.token_of("alice").await;
    for (caller, path, body, arrays) in [
        (&owner, "user/search", json!({ "nick_name": "nobody" }), &["items"][..]),
        (&owner, "user/general_search", json!({ "nick_name": "nobody" }), &["items"]),
        (
            &owner,
            "user/list_group_user",
            json!({ "group_id": group }),
            &["items", "group_items", "user_items"],
        ),
        (&owner, "group/search", json!({ "group_name": "no such" }), &["items"]),
        (&owner, "group/list_member", json!({ "group_id": group }), &["group_items", "user_items"]),
        (&owner, "membership/list_direct_child_memberships", json!({ "group_id": group }), &["items"]),
        (&owner, "membership/list_direct_parent_memberships", json!({ "user_id": "alice" }), &["items"]),
        (&owner, "role/list_assignment", json!({}), &["assignment_list"]),
        (&owner, "drive/list", json!({}), &["items"]),
        (&owner, "drive/search", json!({}), &["items"]),
        (&token, "drive/list_my_drives", json!({}), &["items"]),
        (&token, "drive/list_my_group_drive", json!({}), &["items"]),
        (&owner, "domain/search", json!({ "name": "no such" }), &["items"]),
    ] {
        let answer = caller.ask(path, body).await;
        for array in arrays {
            assert_eq!(answer[array], json!([]), "{path} {array}");
        }
        assert_eq!(answer["next_marker"], "", "{path}");
    }
    let identity = json!({ "identity": { "identity_type": "IT_User", "identity_id": "alice" } });
    assert_eq!(owner.ask("role/list_identity_role", identity).await["assignment_list"], json!([]));
    let accounts = owner.ask("account/get_link_info_by_user_id", json!({ "user_id": "superadmin" })).await;
    assert_eq!(accounts["items"], json!([]));
    let mine = token.ask("drive/list_my_group_drive", json!({})).await;
    assert_eq!(mine["root_group_drive"], Value::Null);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_other_clients_send_besides_does_no_harm() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let token = owner.token_of("superadmin").await;
    let message = token
        .post("/v2/user/get", b"{}")
        .with_header("x-share-token", "abc")
        .with_header("x-acs-bearer-token", "not looked at")
        .with_header("origin", "https://example.com");
    let answer = token.exchange(&message).await;
    assert_eq!((answer.status, &answer.json()["user_id"]), (200, &json!("superadmin")));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_stands_twice_is_refused_and_not_repeated() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let nobody = owner.nobody();
    let name = "x".repeat(20_000);
    let form = Some("application/x-www-form-urlencoded");
    let twice = format!("{name}=1&{name}=2");
    let message = nobody.message("POST", "/v2/oauth/token", form, twice.as_bytes(), owner.now());
    let fault = nobody.exchange(&message).await.pds_fault();
    assert_eq!(fault.brief(), "400 InvalidParameter");
    assert_eq!(fault.message, "An input parameter stands twice.");

    let asked = format!("GET /v2/oauth/authorize?{twice} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let page = String::from_utf8(server.administrator().whole(asked.as_bytes()).await).expect("text");
    assert!(page.starts_with("HTTP/1.1 400 ") && !page.contains("xxx"), "{page}");
    let asked = b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let metrics = String::from_utf8(server.administrator().whole(asked).await).expect("text");
    assert!(metrics.contains("InvalidParameter") && !metrics.contains("xxx"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_goes_to_one_host() {
    let server = Server::start().await;
    let client = server.administrator();
    for (head, expected) in [
        ("POST /v2/user/get HTTP/1.1\r\nHost: a\r\n", "401"),
        ("POST http://a/v2/user/get HTTP/1.1\r\nHost: A\r\n", "401"),
        ("POST /v2/user/get HTTP/1.0\r\n", "401"),
        ("POST /v2/user/get HTTP/1.1\r\n", "400"),
        ("POST /v2/user/get HTTP/1.1\r\nHost: a\r\nHost: rs1.b\r\n", "400"),
        ("POST http://rs1.b/v2/user/get HTTP/1.1\r\nHost: a\r\n", "400"),
        ("POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\n", "400"),
    ] {
        let request = format!("{head}Connection: close\r\nContent-Length: 0\r\n\r\n");
        let answer = String::from_utf8(client.whole(request.as_bytes()).await).expect("text");
        assert_eq!(answer.split(' ').nth(1), Some(expected), "{head} {answer}");
    }
    server.stop().await;
}
