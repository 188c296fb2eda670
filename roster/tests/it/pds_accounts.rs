//! Accounts: what a user signs in with, linked, looked up and taken away.
//!
//! Source: `reference/pds.md` §6.5, §6.9 and §12; `reference/doors.md` §2.1 to §2.3, §4.6, §5 and §7.

use api::pds::{AuthenticationType, CreateUser, DeleteUser, GetLinkInfo, LinkAccount, Role, UnLinkAccount};
use serde_json::{Value, json};

use crate::support::{App, NOW, PdsCaller, Server, new_pds_user, renewal, told_pds};

fn linking(user: &str, kind: AuthenticationType, identity: &str) -> LinkAccount {
    LinkAccount { user_id: user.to_owned(), kind, identity: identity.to_owned(), extra: None }
}

fn unlinking(user: &str, kind: AuthenticationType, identity: &str) -> UnLinkAccount {
    UnLinkAccount { user_id: user.to_owned(), kind, identity: identity.to_owned(), extra: None }
}

/// Whose an account is.
async fn whose(caller: &PdsCaller, body: Value) -> String {
    let answer = caller.call("account/get_link_info", body).await;
    if answer.status == 200 {
        answer.json()["user_id"].as_str().expect("a text").to_owned()
    } else {
        answer.outcome()
    }
}

/// The accounts of a user, as `type identity extra`, in order of the alphabet.
async fn accounts_of(caller: &PdsCaller, user: &str) -> Vec<String> {
    let reply = caller.ask("account/get_link_info_by_user_id", json!({ "user_id": user })).await;
    let items = reply["items"].as_array().expect("a list");
    let text = |item: &Value, name: &str| item[name].as_str().unwrap_or_else(|| panic!("{item}")).to_owned();
    let shown = |item: &Value| {
        let shown = format!(
            "{} {} {}",
            text(item, "authentication_type"),
            text(item, "identity"),
            text(item, "extra")
        );
        shown.trim_end().to_owned()
    };
    let mut accounts: Vec<String> = items.iter().map(shown).collect();
    accounts.sort_unstable();
    accounts
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_shown_whole_by_its_key_and_with_its_user() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let domain = owner.domain().await;
    owner.make_user("alice").await;
    server.pass(1_000);
    for (kind, identity, extra, shown_extra) in [
        ("mobile", "13800000000", json!(null), "86"),
        ("mobile", "5550100", json!(1), "1"),
        ("email", "Alice@Example.com", json!(""), ""),
        ("custom", "Key of Alice", json!(null), ""),
        ("ldap", "uid=alice", json!("ou=a"), "ou=a"),
        ("ding", "d", json!(null), ""),
        ("wechat", "w", json!(null), ""),
        ("ram", "r", json!(null), ""),
        ("saml", "s", json!(null), ""),
    ] {
        let key = json!({ "type": kind, "identity": identity, "extra": extra, "custom_identity": "ignored" });
        let mut body = key.clone();
        body["user_id"] = json!("alice");
        assert_eq!(owner.outcome("account/link", body).await, "200", "{kind}");
        let answer = owner.call("account/get_link_info", key).await;
        let expected = json!({
            "authentication_type": kind, "identity": identity, "extra": shown_extra, "user_id": "alice",
            "domain_id": "[domain]", "display_name": identity, "created_at": NOW + 1_000, "last_login_time": 0,
            "status": "normal",
        });
        assert_eq!(told_pds(&answer, &[(&domain, "domain")]), expected, "{kind}");
    }
    assert_eq!(accounts_of(&owner, "alice").await.len(), 9);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn linking_answers_with_a_token_of_that_user() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let domain = owner.domain().await;
    owner.get(&CreateUser { nick_name: Some("A".to_owned()), ..new_pds_user("alice") }).await;
    let token = owner.get(&linking("alice", AuthenticationType::Custom, "a")).await;
    assert_eq!(
        (token.user_id.as_str(), token.user_name.as_str(), token.nick_name.as_str()),
        ("alice", "alice", "A")
    );
    assert_eq!((token.domain_id.as_str(), token.role), (domain.as_str(), Role::User));
    assert_eq!((token.expires_in, token.expire_time.as_str()), (7_200, "2026-01-15T10:30:00Z"));
    assert_eq!((token.default_drive_id.as_str(), token.need_link, token.exist_link.len()), ("", false, 0));
    let alice = owner.bearer(token.access_token.secret().reveal_text().expect("it is text"));
    assert_eq!(alice.ask("user/get", json!({})).await["user_id"], "alice");
    assert_eq!(alice.outcome("user/list", json!({})).await, "403 ForbiddenNoPermission.User");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn to_link_an_account_of_somebody_is_no_sign_in() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let app = App::of(&server).await;
    owner.make_user("alice").await;
    server.pass(1_000);
    let linked = owner.get(&linking("alice", AuthenticationType::Custom, "a")).await;
    assert_eq!(owner.user("alice").await.last_login_time, 0);
    let renewed = app.refresh(&renewal(&linked)).await.expect("it is good for any app");
    assert!(!renewed.is_first_login);
    assert_eq!(owner.user("alice").await.last_login_time, 0);

    assert!(app.token("alice").await.is_first_login);
    assert_eq!(owner.user("alice").await.last_login_time, NOW + 1_000);
    server.pass(1_000);
    let again = owner.get(&linking("alice", AuthenticationType::Custom, "b")).await;
    assert!(!again.is_first_login);
    assert_eq!(owner.user("alice").await.last_login_time, NOW + 1_000);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_one_user_s_alone_however_it_is_written() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_users(&["alice", "bob"]).await;
    owner.get(&linking("alice", AuthenticationType::Mobile, "13800000000")).await;
    owner.get(&linking("alice", AuthenticationType::Email, "Alice@Example.com")).await;
    owner.get(&linking("alice", AuthenticationType::Custom, "Key")).await;
    for (kind, identity, extra) in [
        ("mobile", "13800000000", json!(null)),
        ("mobile", "13800000000", json!("86")),
        ("mobile", "13800000000", json!(86)),
        ("mobile", "13800000000", json!("+86")),
        ("mobile", "13800000000", json!("0086")),
        ("mobile", "+8613800000000", json!("86")),
        ("mobile", "008613800000000", json!(null)),
        ("mobile", "138-0000 0000", json!("")),
        ("email", "alice@example.com", json!(null)),
        ("email", "ALICE@EXAMPLE.COM ", json!("")),
        ("custom", "Key", json!(null)),
    ] {
        let key = json!({ "type": kind, "identity": identity, "extra": extra });
        assert_eq!(whose(&owner, key.clone()).await, "alice", "{key}");
        for user in ["alice", "bob"] {
            let mut body = key.clone();
            body["user_id"] = json!(user);
            assert_eq!(
                owner.outcome("account/link", body.clone()).await,
                "409 AlreadyExist.Account",
                "{body}"
            );
        }
    }
    for (kind, identity, extra) in [
        ("mobile", "13800000000", json!("1")),
        ("mobile", "13800000001", json!(null)),
        ("custom", "key", json!(null)),
        ("custom", "Key", json!("x")),
        ("ldap", "Key", json!(null)),
        ("custom", "13800000000", json!(null)),
    ] {
        let key = json!({ "type": kind, "identity": identity, "extra": extra });
        assert_eq!(whose(&owner, key.clone()).await, "404 NotFound.Account", "{key}");
        let mut body = key;
        body["user_id"] = json!("bob");
        assert_eq!(owner.outcome("account/link", body.clone()).await, "200", "{body}");
    }
    assert_eq!(accounts_of(&owner, "alice").await.len(), 3);
    assert_eq!(accounts_of(&owner, "bob").await.len(), 6, "several of one type");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contact_data_is_no_account_and_links_leave_it_as_it_is() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let body = json!({ "user_id": "alice", "phone": "13800000000", "email": "a@example.com" });
    assert_eq!(owner.call("user/create", body).await.status, 201);
    assert_eq!(accounts_of(&owner, "alice").await, Vec::<String>::new());
    owner.get(&linking("alice", AuthenticationType::Mobile, "13900000000")).await;
    assert_eq!(accounts_of(&owner, "alice").await, ["mobile 13900000000 86"]);
    let shown = owner.user("alice").await;
    assert_eq!((shown.phone.as_str(), shown.phone_region.as_str()), ("13800000000", "86"));
    owner.ask("user/update", json!({ "user_id": "alice", "phone": "", "email": "" })).await;
    assert_eq!(accounts_of(&owner, "alice").await, ["mobile 13900000000 86"], "links stay");

    owner.make_user("bob").await;
    let number = json!({ "type": "mobile", "identity": "13800000000" });
    assert_eq!(whose(&owner, number.clone()).await, "404 NotFound.Account");
    owner.get(&linking("bob", AuthenticationType::Mobile, "13800000000")).await;
    assert_eq!(whose(&owner, number).await, "bob");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unlinked_key_is_free() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_users(&["alice", "bob"]).await;
    owner.get(&linking("alice", AuthenticationType::Mobile, "13800000000")).await;
    let wrong = unlinking("bob", AuthenticationType::Mobile, "13800000000");
    assert_eq!(owner.brief(&wrong).await, "403 Forbidden", "it is another's");
    assert_eq!(accounts_of(&owner, "alice").await.len(), 1);
    owner.get(&unlinking("alice", AuthenticationType::Mobile, "+8613800000000")).await;
    assert_eq!(accounts_of(&owner, "alice").await, Vec::<String>::new());
    let again = unlinking("alice", AuthenticationType::Mobile, "13800000000");
    assert_eq!(owner.brief(&again).await, "404 NotFound.Account");
    owner.get(&linking("bob", AuthenticationType::Mobile, "13800000000")).await;
    owner.get(&DeleteUser { user_id: "bob".to_owned() }).await;
    owner.get(&linking("alice", AuthenticationType::Mobile, "13800000000")).await;
    assert_eq!(
        accounts_of(&owner, "alice").await,
        ["mobile 13800000000 86"],
        "free with the user's deletion"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_parameters_are_named_and_nothing_changes() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_user("alice").await;
    let domain = owner.domain().await;
    let right = json!({ "user_id": "alice", "type": "custom", "identity": "a" });
    let long = "i".repeat(129);
    for path in ["account/link", "account/unlink"] {
        owner
            .refuses_with(
                path,
                &right,
                &[
                    (json!({ "user_id": null }), "400 InvalidParameterMissing.UserId"),
                    (json!({ "user_id": "" }), "400 InvalidParameter.UserId"),
                    (json!({ "user_id": "a#b" }), "400 InvalidParameter.UserId"),
                    (json!({ "user_id": "u".repeat(65) }), "400 InvalidParameter.UserId"),
                    (json!({ "user_id": "nobody" }), "404 NotFound.User"),
                    (json!({ "type": null }), "400 InvalidParameterMissing.Type"),
                    (json!({ "type": "" }), "400 InvalidParameterEmpty.Type"),
                    (json!({ "type": "idp_x" }), "400 InvalidParameter.Type"),
                    (json!({ "identity": null }), "400 InvalidParameterMissing.Identity"),
                    (json!({ "identity": "" }), "400 InvalidParameterEmpty.Identity"),
                    (json!({ "identity": long }), "400 InvalidParameter.Identity"),
                    (json!({ "identity": "a\nb" }), "400 InvalidParameter.Identity"),
                    (json!({ "type": "mobile", "extra": "abc" }), "400 InvalidParameter.Extra"),
                    (json!({ "type": "mobile", "extra": "1234567" }), "400 InvalidParameter.Extra"),
                    (json!({ "extra": long }), "400 InvalidParameter.Extra"),
                ],
            )
            .await;
    }
    let service = linking(&domain, AuthenticationType::Custom, "a");
    assert_eq!(owner.brief(&service).await, "404 NotFound.User", "the service principal is no user");
    for (body, expected) in [
        (json!({ "identity": "a" }), "400 InvalidParameterMissing.Type"),
        (json!({ "type": "custom" }), "400 InvalidParameterMissing.Identity"),
        (json!({ "type": "custom", "identity": "a" }), "404 NotFound.Account"),
    ] {
        assert_eq!(owner.outcome("account/get_link_info", body).await, expected);
    }
    let of_nobody = owner.ask("account/get_link_info_by_user_id", json!({ "user_id": "nobody" })).await;
    assert_eq!(of_nobody, json!({ "items": [] }));
    let outcome = owner.outcome("account/get_link_info_by_user_id", json!({})).await;
    assert_eq!(outcome, "400 InvalidParameterMissing.UserId");
    assert_eq!(accounts_of(&owner, "alice").await, Vec::<String>::new());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_user_gets_neither_token_nor_account() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let body = json!({ "user_id": "alice", "status": "disabled" });
    assert_eq!(owner.call("user/create", body).await.status, 201);
    let refused = owner.brief(&linking("alice", AuthenticationType::Custom, "a")).await;
    assert_eq!(refused, "403 Forbidden");
    assert_eq!(accounts_of(&owner, "alice").await, Vec::<String>::new());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_for_administrators_and_theirs_for_superadmins() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_users(&["alice", "bob"]).await;
    owner.make_user_as("boss", Role::Admin).await;
    owner.make_user_as("chief", Role::Admin).await;
    let (alice, boss) = (owner.token_of("alice").await, owner.token_of("boss").await);
    owner.get(&linking("superadmin", AuthenticationType::Custom, "of superadmin")).await;
    owner.get(&linking("chief", AuthenticationType::Custom, "of chief")).await;
    owner.get(&linking("bob", AuthenticationType::Custom, "of bob")).await;
    let kind = AuthenticationType::Custom;
    for user in ["alice", "bob", "superadmin"] {
        let more = linking(user, kind, "one more");
        assert_eq!(alice.brief(&more).await, "403 Forbidden", "an ordinary user, {user}");
    }
    assert_eq!(alice.brief(&unlinking("bob", kind, "of bob")).await, "403 Forbidden");
    let look_up = GetLinkInfo { kind, identity: "of bob".to_owned(), extra: None };
    assert_eq!(alice.brief(&look_up).await, "403 Forbidden");
    let own = alice.outcome("account/get_link_info_by_user_id", json!({ "user_id": "alice" })).await;
    assert_eq!(own, "403 Forbidden");
    let unknown = alice
        .outcome("account/link", json!({ "user_id": "nobody", "type": "custom", "identity": "a" }))
        .await;
    assert_eq!(unknown, "403 Forbidden", "who is there is not said");

    for user in ["superadmin", "chief"] {
        let more = linking(user, kind, "one more");
        assert_eq!(boss.brief(&more).await, "403 Forbidden", "an admin gets no token of {user}");
        let gone = unlinking(user, kind, &format!("of {user}"));
        assert_eq!(boss.brief(&gone).await, "403 Forbidden", "{user}");
    }
    boss.get(&linking("bob", kind, "by boss")).await;
    boss.get(&unlinking("bob", kind, "of bob")).await;
    assert_eq!(accounts_of(&boss, "bob").await, ["custom by boss"]);
    let superadmin = owner.token_of("superadmin").await;
    superadmin.get(&linking("chief", kind, "by superadmin")).await;
    assert!(accounts_of(&superadmin, "chief").await.contains(&"custom by superadmin".to_owned()));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_links_of_one_key_at_once_one_wins() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_users(&["alice", "bob"]).await;
    for round in 0..10 {
        let identity = format!("key {round}");
        let [a, b] = ["alice", "bob"].map(|user| {
            let caller = owner.proving(crate::support::Proof::V1(
                crate::support::KEY.to_owned(),
                crate::support::SECRET.to_owned(),
            ));
            let request = linking(user, AuthenticationType::Custom, &identity);
            async move { caller.send(&request).await.map(|_| ()).map_err(|fault| fault.brief()) }
        });
        let (a, b) = tokio::join!(a, b);
        let mut outcomes = [a, b];
        outcomes.sort_unstable();
        assert_eq!(outcomes, [Ok(()), Err("409 AlreadyExist.Account".to_owned())], "round {round}");
    }
    let links = accounts_of(&owner, "alice").await.len() + accounts_of(&owner, "bob").await.len();
    assert_eq!(links, 10);
    server.stop().await;
}
