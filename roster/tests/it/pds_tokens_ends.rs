//! What ends tokens of PDS before their time: a state, a role, a password, another user under the old id.
//!
//! Source: `reference/pds.md` §3.4, §8.5 and §8.6; `reference/doors.md` §1.1, §1.2, §3.2 and §7.

use api::eds::{ChangeUserPassword, LockUsers};
use api::pds::TokenReply;
use model::time::{DAY, MINUTE};
use serde_json::json;

use crate::support::{
    App, Client, GOOD, Instance, NOW, Pds, Server, access, execute, list_users, lock, pds_fault, remove,
    renewal, texts, unlock,
};

const HOUR: i64 = 60 * MINUTE;

/// What the bearer of a token is told: `live`, or the end of the message of a refusal.
async fn life(app: &App, token: &TokenReply) -> String {
    let answer = app.anybody.bearer(&access(token)).call("/user/get", &json!({})).await;
    if answer.status == 200 {
        return "live".to_owned();
    }
    let fault = pds_fault(&answer);
    let last = fault.message.split([' ', '.']).rfind(|word| !word.is_empty()).unwrap_or_default().to_owned();
    match fault.brief().as_str() {
        "401 AccessTokenInvalid" if last == "UserNotEnabled" => last,
        "403 ForbiddenNoPermission.User" if last == "UserRoleChanged" => last,
        "401 AccessTokenInvalid" => "invalid".to_owned(),
        other => format!("{other}: {}", fault.message),
    }
}

/// Whether a token can still be renewed, and whether there is a new one by an app.
async fn ways(app: &App, id: &str, token: &TokenReply) -> (bool, bool) {
    let renewed = app.refresh(&renewal(token)).await;
    if let Err(fault) = &renewed {
        assert!(
            ["400 InvalidParameter.RefreshToken", "403 Forbidden"].contains(&&*fault.brief()),
            "{id}: {fault:?}"
        );
    }
    let fresh = app.outcome(id, &json!({})).await;
    assert!(["200", "403 Forbidden"].contains(&&*fresh), "{id}: {fresh}");
    (renewed.is_ok(), fresh == "200")
}

/// The three doors of a server.
struct Doors {
    owner: Pds,
    app: App,
    eds: Client,
    eiam: Client,
    corp: Instance,
}

impl Doors {
    async fn of(server: &Server) -> Self {
        let eiam = server.administrator().eiam();
        let corp = Instance::default_of(&eiam).await;
        Self {
            owner: Pds::owner(server),
            app: App::of(server).await,
            eds: server.administrator(),
            eiam,
            corp,
        }
    }

    /// Calls an action of EIAM on a user, by the username.
    async fn eiam(&self, action: &str, name: &str, more: &[(&str, &str)]) {
        let users = list_users(&self.eiam, &self.corp.users()).await;
        let user = users.iter().find(|user| user.username == name).expect("the user is there");
        let parameters = [&[("UserId", &*user.user_id)], more].concat();
        self.corp.ask(&self.eiam, action, &parameters).await;
    }

    async fn lock_and_log_out(&self, name: &str) {
        let request = LockUsers { users: texts(&[name]), logout_session: Some(true) };
        self.eds.send(&request).await.expect("the call is right");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_state_ends_what_the_table_says_it_ends() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { owner, app, .. } = &doors;
    let states = ["free", "off", "off_by_eiam", "locked", "logged_out", "past", "soon", "failed"];
    for id in states {
        let more = if id == "soon" { json!({ "expired_at": NOW + HOUR }) } else { json!({}) };
        owner.make(id, more).await;
    }
    let mut tokens = Vec::new();
    for id in states {
        tokens.push(app.token(id).await);
    }
    server.pass(MINUTE);

    owner.change("off", json!({ "status": "disabled" })).await;
    doors.eiam("DisableUser", "off_by_eiam", &[]).await;
    lock(&doors.eds, &["locked"]).await;
    doors.lock_and_log_out("logged_out").await;
    owner.change("past", json!({ "expired_at": NOW })).await;
    let failed = format!("update users set lock_until = {} where username_key = 'failed'", NOW + 2 * HOUR);
    execute(&server.home, &failed).await;

    let mut seen = Vec::new();
    for (id, token) in states.iter().zip(&tokens) {
        let life = life(app, token).await;
        let (renewed, fresh) = ways(app, id, token).await;
        seen.push(format!(
            "{id}: {life}, {}, {}",
            if renewed { "renewed" } else { "-" },
            if fresh { "fresh" } else { "-" }
        ));
    }
    let ended = seen.remove(4);
    assert_eq!(
        seen,
        [
            "free: live, renewed, fresh",
            "off: UserNotEnabled, -, -",
            "off_by_eiam: UserNotEnabled, -, -",
            "locked: live, -, -",
            "past: UserNotEnabled, -, -",
            "soon: live, renewed, fresh",
            "failed: live, renewed, fresh",
        ]
    );
    // Ended at once, under one word or the other.
    let logged_out = ["logged_out: UserNotEnabled, -, -", "logged_out: invalid, -, -"];
    assert!(logged_out.contains(&&*ended), "{ended}");
    // The clock alone shuts an account too.
    server.pass(HOUR);
    assert_eq!(life(app, &tokens[6]).await, "UserNotEnabled");
    assert_eq!(ways(app, "soon", &tokens[6]).await, (false, false));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_ended_does_not_come_to_life_again() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { owner, app, eds, .. } = &doors;
    for id in ["off", "off_by_eiam", "logged_out", "locked"] {
        owner.make(id, json!({})).await;
    }
    let mut tokens = Vec::new();
    for id in ["off", "off_by_eiam", "logged_out", "locked"] {
        tokens.push(app.token(id).await);
    }
    server.pass(MINUTE);
    owner.change("off", json!({ "status": "disabled" })).await;
    doors.eiam("DisableUser", "off_by_eiam", &[]).await;
    doors.lock_and_log_out("logged_out").await;
    lock(eds, &["locked"]).await;
    server.pass(MINUTE);

    owner.change("off", json!({ "status": "enabled" })).await;
    doors.eiam("EnableUser", "off_by_eiam", &[]).await;
    unlock(eds, &["logged_out", "locked"]).await;

    for (at, id) in ["off", "off_by_eiam", "logged_out"].into_iter().enumerate() {
        assert_eq!(life(app, &tokens[at]).await, "invalid", "{id}");
        assert_eq!(ways(app, id, &tokens[at]).await, (false, true), "{id}");
        assert_eq!(life(app, &app.token(id).await).await, "live", "{id}");
    }
    assert_eq!(life(app, &tokens[3]).await, "live", "only new ones were kept from who was locked");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_tokens_whichever_door_set_it() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { owner, app, eds, .. } = &doors;
    for id in ["by_pds", "by_eiam", "by_eds", "kept"] {
        owner.make(id, json!({ "plain_password": GOOD })).await;
    }
    let mut tokens = Vec::new();
    for id in ["by_pds", "by_eiam", "by_eds", "kept"] {
        tokens.push(app.token(id).await);
    }
    server.pass(MINUTE);
    let new = "Another-horse-3";
    owner.change("by_pds", json!({ "plain_password": new })).await;
    doors.eiam("UpdateUserPassword", "by_eiam", &[("Password", new)]).await;
    let request =
        ChangeUserPassword { end_user_id: "by_eds".to_owned(), new_password: api::Password::new(new) };
    eds.send(&request).await.expect("it can be changed");
    owner.change("kept", json!({ "nick_name": "x" })).await;

    for (at, id) in ["by_pds", "by_eiam", "by_eds"].into_iter().enumerate() {
        assert_eq!(life(app, &tokens[at]).await, "invalid", "{id}");
        assert_eq!(ways(app, id, &tokens[at]).await, (false, true), "{id}");
    }
    assert_eq!(life(app, &tokens[3]).await, "live");
    assert_eq!(ways(app, "kept", &tokens[3]).await, (true, true));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_has_the_role_that_it_was_made_with_or_none() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { owner, app, .. } = &doors;
    owner.make("alice", json!({ "role": "admin" })).await;
    let token = app.token("alice").await;
    server.pass(MINUTE);

    for role in ["user", "superadmin"] {
        owner.change("alice", json!({ "role": role })).await;
        assert_eq!(life(app, &token).await, "UserRoleChanged", "{role}");
    }
    // A new one has the new role, by either way.
    let renewed = app.refresh(&renewal(&token)).await.expect("a change of role leaves renewals");
    assert_eq!(json!(renewed.role), json!("superadmin"));
    assert_eq!(life(app, &renewed).await, "live");
    assert_eq!(json!(app.token("alice").await.role), json!("superadmin"));
    owner.change("alice", json!({ "role": "admin" })).await;
    assert_eq!(life(app, &renewed).await, "UserRoleChanged");
    assert_eq!(life(app, &token).await, "live", "it is what the token says");
    // A role that no door changed but the database: asked each time.
    execute(&server.home, "update users set role = 0 where username_key = 'alice'").await;
    assert_eq!(life(app, &token).await, "UserRoleChanged");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_reborn_has_no_token_of_the_one_before() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { owner, app, eds, .. } = &doors;
    for (id, door) in [("alice", "pds"), ("bob", "eds"), ("carol", "eiam")] {
        owner.make(id, json!({ "role": "admin" })).await;
        let token = app.token(id).await;
        match door {
            "pds" => owner.remove(id).await,
            "eds" => drop(remove(eds, &[id]).await),
            _ => doors.eiam("DeleteUser", id, &[]).await,
        }
        assert_eq!(life(app, &token).await, "invalid", "{id}, deleted by {door}");
        assert_eq!(
            app.refresh(&renewal(&token)).await.expect_err("gone").brief(),
            "400 InvalidParameter.RefreshToken"
        );
        assert_eq!(app.outcome(id, &json!({})).await, "404 NotFound.User");

        owner.make(id, json!({ "role": "admin" })).await;

        assert_eq!(life(app, &token).await, "invalid", "{id}, reborn");
        assert_eq!(
            app.refresh(&renewal(&token)).await.expect_err("gone").brief(),
            "400 InvalidParameter.RefreshToken"
        );
        assert_eq!(life(app, &app.token(id).await).await, "live", "{id}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rename_by_another_door_leaves_tokens_and_the_id() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { owner, app, .. } = &doors;
    owner.make("alice", json!({})).await;
    let token = app.token("alice").await;
    doors.eiam("UpdateUser", "alice", &[("Username", "alicia")]).await;

    let own = app.anybody.bearer(&access(&token)).ask("/user/get", &json!({})).await;
    assert_eq!((own["user_id"].as_str(), own["user_name"].as_str()), (Some("alice"), Some("alicia")));
    assert_eq!(app.token("alice").await.user_name, "alicia");
    assert_eq!(app.outcome("alicia", &json!({})).await, "404 NotFound.User");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_a_deleted_domain_end_with_it() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { owner, app, .. } = &doors;
    let other = owner.ask("/domain/create", &json!({ "domain_name": "other" })).await["domain_id"].clone();
    let token = app.exchange(&app.assertion("superadmin", &json!({ "aud": other }))).await;
    let token: TokenReply = serde_json::from_value(token.json()).expect("a token");
    assert_eq!(life(app, &token).await, "live");

    owner.ask("/domain/delete", &json!({ "domain_id": other })).await;

    assert_eq!(life(app, &token).await, "invalid");
    let refused = app.refresh(&renewal(&token)).await.expect_err("it is gone");
    assert_eq!(refused.brief(), "400 InvalidParameter.RefreshToken");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_works_at_no_other_door() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let token = doors.app.token("superadmin").await;
    let bearer = format!("Bearer {}", access(&token));
    for (client, action, version) in
        [(&doors.eds, "DescribeUsers", api::eds::VERSION), (&doors.eiam, "ListInstances", api::eiam::VERSION)]
    {
        let message = crate::support::Message {
            method: "POST",
            target: format!("/?Action={action}&Version={version}"),
            headers: vec![("host".to_owned(), server.address().to_string())],
            body: Vec::new(),
        };
        let message = message
            .with_header("authorization", &bearer)
            .with_header("x-acs-action", action)
            .with_header("x-acs-version", version);
        assert_eq!(client.exchange(&message).await.refusal(), "400 MissingAccessKeyId", "{action}");
    }
    server.pass(DAY);
    server.stop().await;
}
