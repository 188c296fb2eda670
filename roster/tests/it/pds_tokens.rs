//! Tokens of PDS in exchange for what an app has signed, and what comes with them.
//!
//! Source: `reference/pds.md` §6.9, §13.1, §13.2 and §13.4; `reference/doors.md` §2.1, §3.3 and §5.

use api::pds::Token;
use hmac::{Hmac, KeyInit, Mac};
use model::time::{DAY, MINUTE};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::rsa::{FOREIGN, OWN};
use crate::support::{
    App, BY_ASSERTION, NOW, Pds, Server, access, claims_of, merged, once, outcome, pds_fault, register,
    reply, signed, text_of, unsigned, user,
};

const BAD: &str = "400 InvalidParameter.Assertion";

/// A JSON web token with a keyed digest in place of a signature.
pub(crate) fn keyed(secret: &[u8], claims: &Value) -> String {
    use base64::Engine;
    let text = unsigned(&json!({ "alg": "HS256", "typ": "JWT" }), claims);
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("keys of any length");
    mac.update(text.as_bytes());
    let digest = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    format!("{text}.{digest}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_comes_with_all_that_clients_read_of_its_user() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    let fields = json!({
        "user_name": "Alice L", "nick_name": "爱丽丝", "avatar": "https://example.com/a", "role": "admin",
        "user_data": { "a": 1 }, "subdomain_id": "",
    });
    owner.make("alice", fields).await;

    let answer = app.exchange(&app.assertion("alice", &json!({}))).await;

    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.header("content-type").starts_with("application/json"));
    let mut told = answer.json();
    let (access_token, refresh_token) = (text_of(&told["access_token"]), text_of(&told["refresh_token"]));
    assert!(refresh_token.len() >= 32 && access_token.split('.').count() == 3, "{told}");
    told["access_token"] = "[access]".into();
    told["refresh_token"] = "[refresh]".into();
    assert_eq!(
        told,
        json!({
            "access_token": "[access]",
            "refresh_token": "[refresh]",
            "token_type": "Bearer",
            "expires_in": 7_200,
            "expire_time": "2026-01-15T10:30:00Z",
            "user_id": "alice",
            "user_name": "Alice L",
            "nick_name": "爱丽丝",
            "avatar": "https://example.com/a",
            "role": "admin",
            "status": "enabled",
            "domain_id": app.domain,
            "subdomain_id": "",
            "default_drive_id": "",
            "default_sbox_drive_id": "",
            "user_data": { "a": 1 },
            "is_first_login": true,
            "need_link": false,
            "exist_link": [],
            "need_rp_verify": false,
            "pin_setup": false,
            "state": "",
            "device_id": "",
            "device_name": "",
            "path_status": "",
        })
    );
    let claims = claims_of(&access_token);
    assert_eq!(
        (&claims["userId"], &claims["exp"]),
        (&json!("alice"), &json!(NOW / 1_000 + 7_200)),
        "{claims}"
    );
    assert_eq!(claims["iat"], NOW / 1_000);
    let custom: Value = serde_json::from_str(&text_of(&claims["customJson"])).expect("JSON");
    for (name, value) in [("clientId", &app.id), ("domainId", &app.domain), ("role", &"admin".to_owned())] {
        assert_eq!(custom[name], value.as_str(), "{custom}");
    }
    assert!(custom["scope"].as_array().is_some_and(|scope| !scope.is_empty()), "{custom}");
    assert_eq!(app.anybody.bearer(&access_token).ask("/user/get", &json!({})).await["user_id"], "alice");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_is_noted_and_only_the_first_one_is_the_first() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    owner.make("alice", json!({})).await;
    server.pass(MINUTE);

    assert!(app.token("alice").await.is_first_login);
    server.pass(MINUTE);
    assert!(!app.token("alice").await.is_first_login);

    let shown = owner.user("alice").await;
    assert_eq!((shown.last_login_time, shown.updated_at), (NOW + 2 * MINUTE, NOW));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_that_do_not_fit_are_refused_and_say_nothing_more() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    owner.make("alice", json!({})).await;
    let now = NOW / 1_000;
    for claims in [
        json!({ "iss": null }),
        json!({ "iss": "" }),
        json!({ "iss": "another" }),
        json!({ "iss": 1 }),
        json!({ "sub": null }),
        json!({ "sub": ["alice"] }),
        json!({ "sub_type": null }),
        json!({ "sub_type": "app" }),
        // A service is the domain, and no user.
        json!({ "sub_type": "service" }),
        json!({ "aud": null }),
        json!({ "aud": "" }),
        json!({ "aud": "rs1" }),
        json!({ "aud": "default" }),
        json!({ "jti": null }),
        json!({ "jti": "" }),
        json!({ "jti": "x".repeat(129) }),
        json!({ "jti": 1 }),
        json!({ "exp": null }),
        json!({ "exp": "soon" }),
        json!({ "exp": now - 61 }),
        json!({ "exp": now + 15 * 60 + 61 }),
        json!({ "nbf": now + 120 }),
    ] {
        assert_eq!(app.outcome("alice", &claims).await, BAD, "{claims}");
        let unknown = app.exchange(&app.assertion("nobody", &claims)).await;
        assert_eq!(outcome(&unknown), BAD, "{claims}, of nobody");
    }
    for claims in [
        json!({ "jti": "x" }),
        json!({ "jti": format!("{:0>128}", once()) }),
        json!({ "exp": now - 30 }),
        json!({ "exp": now + 14 * 60 }),
        json!({ "nbf": now - 10, "iat": null, "auto_create": null }),
        json!({ "nbf": now + 30 }),
        json!({ "something": "else" }),
    ] {
        assert_eq!(app.outcome("alice", &claims).await, "200", "{claims}");
    }
    assert_eq!(app.outcome("nobody", &json!({})).await, "404 NotFound.User");
    assert_eq!(owner.user("alice").await.updated_at, NOW);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_app_has_not_signed_is_refused() {
    let server = Server::start().await;
    let app = App::of(&server).await;
    let claims = || app.claims("superadmin", &json!({}));
    let right = signed(&OWN, &claims());
    let parts: Vec<&str> = right.split('.').collect();
    let others =
        unsigned(&json!({ "alg": "RS256", "typ": "JWT" }), &app.claims("superadmin", &json!({ "sub": "x" })));
    let jwk = json!({ "alg": "RS256", "typ": "JWT", "jwk": { "kty": "RSA", "n": "AQAB", "e": "AQAB" }, "kid": "x" });
    let with_key = {
        use base64::Engine;
        let text = unsigned(&jwk, &claims());
        format!(
            "{text}.{}",
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(FOREIGN.sign(text.as_bytes()))
        )
    };
    let none = unsigned(&json!({ "alg": "none", "typ": "JWT" }), &claims());
    let der: String = OWN.pem.lines().filter(|line| !line.starts_with('-')).collect();

    for (what, assertion) in [
        ("another key's", signed(&FOREIGN, &claims())),
        ("with its own key beside it", with_key),
        ("no algorithm", format!("{none}.")),
        ("no algorithm, and no dot", none.clone()),
        ("no algorithm and the signature of another text", format!("{none}.{}", parts[2])),
        ("keyed by the public key", keyed(OWN.pem.as_bytes(), &claims())),
        (
            "keyed by the public key without its last line end",
            keyed(OWN.pem.trim_end().as_bytes(), &claims()),
        ),
        ("keyed by the digits of the public key", keyed(der.as_bytes(), &claims())),
        ("keyed by nothing", keyed(b"", &claims())),
        (
            "other claims under the signature",
            format!("{}.{}.{}", parts[0], others.split('.').nth(1).expect("two parts"), parts[2]),
        ),
        ("a part of the signature", format!("{}.{}.{}", parts[0], parts[1], &parts[2][..300])),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("four parts", format!("{right}.x")),
        ("no parts", "x".to_owned()),
        ("dots", "..".to_owned()),
        ("no base64", "?.?.?".to_owned()),
    ] {
        assert_eq!(outcome(&app.exchange(&assertion).await), BAD, "{what}");
    }
    for algorithm in ["RS384", "RS512", "PS256", "ES256", "rs256", ""] {
        let text = unsigned(&json!({ "alg": algorithm, "typ": "JWT" }), &claims());
        use base64::Engine;
        let signature = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(OWN.sign(text.as_bytes()));
        assert_eq!(outcome(&app.exchange(&format!("{text}.{signature}")).await), BAD, "{algorithm}");
    }
    assert_eq!(outcome(&app.exchange(&right).await), "200", "the right one was not used up");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_text_is_good_once_also_after_a_restart() {
    let server = Server::start().await;
    let app = App::of(&server).await;
    let assertion = app.assertion("superadmin", &json!({ "jti": "the one" }));
    assert_eq!(outcome(&app.exchange(&assertion).await), "200");

    assert_eq!(outcome(&app.exchange(&assertion).await), BAD);
    assert_eq!(app.outcome("superadmin", &json!({ "jti": "the one" })).await, BAD, "in another text");
    // Another app may say the same.
    let other = App::with_id(&server, register(&server.home, "other", OWN.pem, &[])).await;
    assert_eq!(other.outcome("superadmin", &json!({ "jti": "the one" })).await, "200");

    let server = server.restart().await;
    let app = App::with_id(&server, app.id.clone()).await;
    assert_eq!(outcome(&app.exchange(&assertion).await), BAD);
    // When the first one has long expired.
    server.pass(DAY);
    assert_eq!(app.outcome("superadmin", &json!({ "jti": "the one" })).await, "200");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_bring_one_signed_text_at_once_one_gets_a_token() {
    let server = Server::start().await;
    let app = App::of(&server).await;
    let assertion = app.assertion("superadmin", &json!({}));
    let callers: Vec<Pds> = (0..8).map(|_| Pds::owner(&server).nobody()).collect();
    let fields = [("grant_type", BY_ASSERTION), ("client_id", &app.id), ("assertion", &assertion)];

    let calls = callers.iter().map(|caller| caller.form("/oauth/token", &fields));
    let outcomes: Vec<String> = futures_util::future::join_all(calls).await.iter().map(outcome).collect();

    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "200").count(), 1, "{outcomes:?}");
    assert!(outcomes.iter().all(|outcome| outcome == "200" || outcome == BAD), "{outcomes:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_for_a_token_is_refused_by_the_name_of_what_is_wrong() {
    let server = Server::start().await;
    let app = App::of(&server).await;
    let assertion = || app.assertion("superadmin", &json!({}));
    let id = app.id.clone();
    for (fields, expected) in [
        (vec![], "400 InvalidParameterMissing.GrantType"),
        (vec![("client_id", id.clone())], "400 InvalidParameterMissing.GrantType"),
        (
            vec![("grant_type", "password".into()), ("client_id", id.clone())],
            "400 InvalidParameter.GrantType",
        ),
        (
            vec![("grant_type", BY_ASSERTION.into()), ("assertion", assertion())],
            "400 InvalidParameterMissing.ClientId",
        ),
        (
            vec![
                ("grant_type", BY_ASSERTION.into()),
                ("client_id", String::new()),
                ("assertion", assertion()),
            ],
            "400 InvalidParameterEmpty.ClientId",
        ),
        (
            vec![
                ("grant_type", BY_ASSERTION.into()),
                ("client_id", "unknown".into()),
                ("assertion", assertion()),
            ],
            "404 NotFound.App",
        ),
        (
            vec![
                ("grant_type", BY_ASSERTION.into()),
                ("client_id", id.to_lowercase()),
                ("assertion", assertion()),
            ],
            if id.to_lowercase() == id { "200" } else { "404 NotFound.App" },
        ),
        (
            vec![("grant_type", BY_ASSERTION.into()), ("client_id", id.clone())],
            "400 InvalidParameterMissing.Assertion",
        ),
        (
            vec![
                ("grant_type", BY_ASSERTION.into()),
                ("client_id", id.clone()),
                ("assertion", String::new()),
            ],
            "400 InvalidParameterEmpty.Assertion",
        ),
        (
            vec![("grant_type", "refresh_token".into()), ("client_id", id.clone())],
            "400 InvalidParameterMissing.RefreshToken",
        ),
        (
            vec![
                ("grant_type", "refresh_token".into()),
                ("client_id", id.clone()),
                ("refresh_token", "x".into()),
            ],
            "400 InvalidParameter.RefreshToken",
        ),
        (vec![("grant_type", "code".into()), ("client_id", id.clone())], "400 InvalidParameterMissing.Code"),
        (
            vec![("grant_type", "code".into()), ("client_id", id.clone()), ("code", "x".into())],
            "400 InvalidParameterMissing.RedirectUri",
        ),
    ] {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
        assert_eq!(outcome(&app.anybody.form("/oauth/token", &fields).await), expected, "{names:?}");
        let body: Value = fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        if expected != "200" {
            assert_eq!(app.anybody.outcome("/oauth/token", &body).await, expected, "{names:?} as JSON");
        }
    }
    // As JSON it is good as well.
    let body = json!({ "grant_type": BY_ASSERTION, "client_id": id, "assertion": assertion() });
    assert_eq!(app.anybody.outcome("/oauth/token", &body).await, "200");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_no_user_can_be_called_by_names_nobody() {
    let server = Server::start().await;
    let app = App::of(&server).await;
    let owner = Pds::owner(&server);
    let group = text_of(&owner.ask("/group/create", &json!({ "group_name": "g" })).await["group_id"]);
    let claims = |create: bool| json!({ "sub": "a\0b", "auto_create": create });
    assert_eq!(app.outcome("superadmin", &claims(false)).await, "404 NotFound.User");
    assert_eq!(app.outcome("superadmin", &claims(true)).await, "400 InvalidParameter.UserId");
    for (path, body) in [
        ("/group/add_member", json!({ "group_id": group, "member_id": "a\0", "member_type": "user" })),
        ("/group/remove_member", json!({ "group_id": group, "member_id": "a\0", "member_type": "user" })),
        ("/drive/create", json!({ "drive_name": "d", "owner": "a\0", "owner_type": "user" })),
        ("/drive/search", json!({ "owner": "a\0" })),
        ("/drive/list", json!({ "owner": "a\0" })),
    ] {
        let outcome = owner.outcome(path, &body).await;
        assert!(
            ["200", "404 NotFound.User", "404 NotFound.Membership"].contains(&outcome.as_str()),
            "{path} {outcome}"
        );
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_is_not_there_is_made_where_the_app_says_so() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    owner.make("bob", json!({ "user_name": "taken" })).await;
    let create = json!({ "auto_create": true });
    for claims in [json!({}), json!({ "auto_create": false }), json!({ "auto_create": null })] {
        assert_eq!(app.outcome("新 user", &claims).await, "404 NotFound.User", "{claims}");
    }

    let made = reply::<Token>(&app.exchange(&app.assertion("新 user", &create)).await).expect("it is made");

    assert!(made.is_first_login);
    let expected = crate::pds_users_create::with(
        &app.domain,
        "新 user",
        &json!({ "nick_name": "新 user", "last_login_time": NOW }),
    );
    let mut shown = owner.ask("/user/get", &json!({ "user_id": "新 user" })).await;
    shown["creator"] = "".into();
    assert_eq!(shown, expected);
    let described = user(&server.administrator(), "新 user").await;
    assert_eq!(
        (described.owner_type.as_str(), described.org_id.as_deref()),
        ("CreateFromManager", Some(crate::support::ROOT))
    );
    // The second time the user is there.
    let again = reply::<Token>(&app.exchange(&app.assertion("新 user", &create)).await).expect("it is there");
    assert!(!again.is_first_login);
    assert_eq!(owner.ids("/user/list", &json!({})).await.len(), 3);
    for sub in ["taken", "TAKEN", "system"] {
        assert_eq!(app.outcome(sub, &create).await, "409 AlreadyExist.User", "{sub}");
    }
    for sub in ["a#b", &"x".repeat(65), "a\nb"] {
        let refused = app.outcome(sub, &create).await;
        assert!(refused.starts_with("400 InvalidParameter"), "{sub}: {refused}");
    }
    owner.ask("/domain/update", &json!({ "domain_id": app.domain, "user_count_quota": 2 })).await;
    assert_eq!(app.outcome("one more", &create).await, "403 QuotaExhausted.User");
    assert_eq!(owner.ids("/user/list", &json!({})).await.len(), 3);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_first_sign_ins_at_once_one_makes_the_user() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    let assertions: Vec<String> =
        (0..6).map(|_| app.assertion("new", &json!({ "auto_create": true }))).collect();
    let callers: Vec<Pds> = (0..6).map(|_| owner.nobody()).collect();
    let calls = callers.iter().zip(&assertions).map(async |(caller, assertion)| {
        let fields = [("grant_type", BY_ASSERTION), ("client_id", &app.id), ("assertion", assertion)];
        outcome(&caller.form("/oauth/token", &fields).await)
    });
    assert_eq!(futures_util::future::join_all(calls).await, ["200"; 6]);
    assert_eq!(owner.ids("/user/list", &json!({})).await, ["new", "superadmin"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_domain_itself_is_a_superadmin_without_a_user() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;

    let token = app.service_token().await;

    assert_eq!(
        (token.user_id.as_str(), json!(token.role), json!(token.status), token.domain_id.as_str()),
        (app.domain.as_str(), json!("superadmin"), json!("enabled"), app.domain.as_str())
    );
    let service = app.anybody.bearer(&access(&token));
    service.make("alice", json!({ "role": "superadmin" })).await;
    service.change("alice", json!({ "role": "admin", "status": "disabled" })).await;
    assert_eq!(service.ids("/user/list", &json!({})).await, ["alice", "superadmin"]);
    // It is nobody's user, whatever it is named as.
    let id = app.domain.as_str();
    for (path, body) in [
        ("/user/get", json!({})),
        ("/user/general_get", json!({})),
        ("/user/update", json!({ "user_id": id, "nick_name": "x" })),
        ("/user/delete", json!({ "user_id": id })),
        ("/drive/create", json!({ "drive_name": "d", "owner": id })),
        ("/drive/get_default_drive", json!({})),
        ("/account/link", json!({ "user_id": id, "type": "custom", "identity": "x" })),
    ] {
        assert_eq!(service.outcome(path, &body).await, "404 NotFound.User", "{path}");
    }
    let renewed = app.refresh(&crate::support::renewal(&token)).await.expect("it can be renewed");
    assert_eq!((renewed.user_id.as_str(), json!(renewed.role)), (id, json!("superadmin")));
    assert_eq!(app.outcome("superadmin", &json!({ "sub_type": "service" })).await, BAD);
    assert_eq!(owner.ids("/user/list", &json!({})).await, ["alice", "superadmin"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_signs_for_the_domain_that_it_names() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    let other = text_of(&owner.ask("/domain/create", &json!({ "domain_name": "other" })).await["domain_id"]);
    owner.make("alice", json!({})).await;
    owner.at(&other).make("bob", json!({})).await;
    let there = json!({ "aud": other });

    let token = reply::<Token>(&app.exchange(&app.assertion("bob", &there)).await).expect("bob is there");
    assert_eq!(token.domain_id, other);
    let bob = app.anybody.bearer(&access(&token));
    assert_eq!(bob.ask("/user/get", &json!({})).await["domain_id"], other.as_str());
    assert_eq!(app.outcome("alice", &there).await, "404 NotFound.User");
    assert_eq!(app.outcome("bob", &json!({})).await, "404 NotFound.User");
    // At the host of a domain, an app signs for none but that one.
    let fields = |assertion: &str| {
        [
            ("grant_type", BY_ASSERTION.to_owned()),
            ("client_id", app.id.clone()),
            ("assertion", assertion.to_owned()),
        ]
    };
    for (host, claims, right) in
        [(&app.domain, there.clone(), false), (&other, there, true), (&app.domain, json!({}), true)]
    {
        let sub = if claims == json!({}) { "alice" } else { "bob" };
        let fields = fields(&app.assertion(sub, &claims));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = app.anybody.at(host).form("/oauth/token", &fields).await;
        if right {
            assert_eq!(outcome(&answer), "200");
        } else {
            assert!([BAD, "403 Forbidden"].contains(&&*outcome(&answer)), "{}", answer.text());
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_says_which_apps_may_work_in_it_and_who_begins_with_a_drive() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    owner.make("alice", json!({})).await;
    let domain = json!({ "domain_id": app.domain });
    let strategy = |effect: &str, except: &[&str]| {
        let strategy = json!({ "effect": effect, "except_app_id_list": except });
        merged(&domain, &json!({ "published_app_access_strategy": strategy }))
    };
    for (effect, except, expected) in [
        ("deny", &[][..], "403 Forbidden"),
        ("deny", &[app.id.as_str()], "200"),
        ("allow", &[app.id.as_str()], "403 Forbidden"),
        ("allow", &["x"], "200"),
    ] {
        owner.ask("/domain/update", &strategy(effect, except)).await;
        assert_eq!(app.outcome("alice", &json!({})).await, expected, "{effect} {except:?}");
    }
    owner.make("bob", json!({})).await;
    let drives = json!({ "init_drive_enable": true, "init_drive_size": 77 });
    owner.ask("/domain/update", &merged(&domain, &drives)).await;
    assert_eq!(owner.user("bob").await.default_drive_id, "");

    let token = app.token("bob").await;

    let drive = owner.ask("/drive/get", &json!({ "drive_id": token.default_drive_id })).await;
    assert_eq!((&drive["owner"], &drive["total_size"]), (&json!("bob"), &json!(77)));
    assert_eq!(owner.user("bob").await.default_drive_id, token.default_drive_id);
    assert_eq!(app.token("bob").await.default_drive_id, token.default_drive_id, "one drive is enough");
    let told = owner.ask("/drive/list", &json!({ "owner": "bob" })).await;
    assert_eq!(told["items"].as_array().map(Vec::len), Some(1));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn first_drives_come_while_the_group_of_their_owners_goes() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    let drives = json!({ "domain_id": app.domain, "init_drive_enable": true, "init_drive_size": 77 });
    owner.ask("/domain/update", &drives).await;
    let group = owner.ask("/group/create", &json!({ "group_name": "g", "is_root": true })).await;
    let group = json!({ "group_id": group["group_id"] });
    let ids: Vec<String> = (0..8).map(|n| format!("u{n}")).collect();
    for id in &ids {
        owner.make(id, json!({ "group_info_list": [group] })).await;
    }
    let nodes: Vec<App> =
        futures_util::future::join_all(ids.iter().map(|_| App::with_id(&server, app.id.clone()))).await;

    let tokens = futures_util::future::join_all(ids.iter().zip(&nodes).map(|(id, app)| app.token(id)));
    let (tokens, gone) = tokio::join!(tokens, owner.outcome("/group/delete", &group));

    assert_eq!(gone, "204");
    for (id, token) in ids.iter().zip(tokens) {
        assert_eq!(owner.user(id).await.default_drive_id, token.default_drive_id, "{id}");
        assert_ne!(token.default_drive_id, "", "{id}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_shut_gets_no_token_and_is_told_so() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    owner.make("off", json!({ "status": "disabled" })).await;
    owner.make("late", json!({ "expired_at": NOW - 1 })).await;
    owner.make("shut", json!({})).await;
    crate::support::lock(&server.administrator(), &["shut"]).await;
    for id in ["off", "late", "shut"] {
        let fault = pds_fault(&app.exchange(&app.assertion(id, &json!({ "auto_create": true }))).await);
        assert_eq!(fault.brief(), "403 Forbidden", "{id}");
        assert!(fault.message.contains("UserNotEnabled"), "{id}: {}", fault.message);
        assert_eq!(owner.user(id).await.last_login_time, 0, "{id}");
    }
    server.stop().await;
}
