//! Status and locks between three doors, row by row and call by call.
//!
//! Source: `reference/doors.md` §1.1.

use api::eds::{DescribeUsers, ShownStatus, UnlockUsers};
use api::eiam::{ListUsers, StatusFilter};
use model::time::{DAY, MINUTE};
use serde_json::json;

use crate::support::{
    GOOD, NOW, Server, ThreeDoors, execute, filtered, find, list_users, lock, texts, unlock,
};

/// What EIAM shows of a lock that has no end.
const FOR_GOOD: i64 = 253_402_300_799_000;

impl ThreeDoors {
    /// How the three doors show a user: eds, EIAM with the end of the lock, PDS.
    async fn told(&self, name: &str) -> (i64, String, Option<i64>, String) {
        let described = match self.by_eds(name).await.status {
            ShownStatus::Normal => 0,
            ShownStatus::Locked => 9,
            other => panic!("{other:?}"),
        };
        let shown = self.by_eiam(name).await;
        let pds = self.by_pds(name).await;
        let word = |value: &serde_json::Value| value.as_str().expect("a word").to_owned();
        (described, word(&json!(shown.status)), shown.lock_expire_time, word(&pds["status"]))
    }

    /// That a user is shown so.
    async fn shows(&self, name: &str, eds: i64, eiam: &str, lock: Option<i64>, pds: &str) {
        assert_eq!(self.told(name).await, (eds, eiam.to_owned(), lock, pds.to_owned()), "{name}");
    }

    async fn unlock_until(&self, name: &str, time: &str) {
        let request = UnlockUsers { users: texts(&[name]), auto_lock_time: Some(time.to_owned()) };
        self.eds.send(&request).await.expect("the call is right");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_shows_as_the_table_says_and_so_do_filters() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let ThreeDoors { pds, eds, eiam, corp } = &doors;
    let all = ["both", "failed", "free", "late", "locked", "off", "soon"];
    for id in all {
        pds.make(id, json!({ "plain_password": GOOD })).await;
    }
    pds.change("off", json!({ "status": "disabled" })).await;
    lock(eds, &["locked", "both"]).await;
    doors.act("DisableUser", "both", &[]).await;
    pds.change("late", json!({ "expired_at": NOW + MINUTE })).await;
    pds.change("soon", json!({ "expired_at": NOW + DAY })).await;
    let until = NOW + 10 * MINUTE;
    execute(&server.home, &format!("update users set lock_until = {until} where username_key = 'failed'"))
        .await;
    server.pass(2 * MINUTE);

    doors.shows("free", 0, "enabled", None, "enabled").await;
    doors.shows("off", 9, "disabled", None, "disabled").await;
    doors.shows("locked", 9, "enabled", Some(FOR_GOOD), "disabled").await;
    doors.shows("late", 9, "enabled", Some(FOR_GOOD), "disabled").await;
    doors.shows("soon", 0, "enabled", None, "enabled").await;
    doors.shows("failed", 9, "enabled", Some(until), "disabled").await;
    let (described, status, _, word) = doors.told("both").await;
    assert_eq!((described, status.as_str(), word.as_str()), (9, "disabled", "disabled"));

    let shut = ["both", "failed", "late", "locked", "off"];
    assert_eq!(pds.ids("/user/list", &json!({ "status": "disabled" })).await, shut);
    assert_eq!(pds.ids("/user/list", &json!({ "status": "enabled" })).await, ["free", "soon", "superadmin"]);
    for path in ["/user/search", "/user/general_search"] {
        assert_eq!(pds.ids(path, &json!({ "status": "disabled" })).await, shut, "{path}");
        assert_eq!(
            pds.ids(path, &json!({ "status": "enabled" })).await,
            ["superadmin", "free", "soon"],
            "{path}"
        );
    }
    let by_status = DescribeUsers { status: Some(ShownStatus::Locked), ..DescribeUsers::default() };
    assert_eq!(find(eds, &by_status).await, shut);
    let disabled = ListUsers { status: Some(StatusFilter::Disabled), ..corp.users() };
    let disabled: Vec<String> =
        list_users(eiam, &disabled).await.into_iter().map(|user| user.username).collect();
    assert_eq!(disabled, ["both", "off"]);
    // Failed sign-ins are forgotten when their time is over.
    server.pass(10 * MINUTE);
    doors.shows("failed", 0, "enabled", None, "enabled").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn enabling_by_pds_undoes_every_lock_of_the_other_doors() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let ThreeDoors { pds, eds, .. } = &doors;
    let all = ["off", "off_by_eiam", "locked", "both", "late", "failed", "all"];
    for id in all {
        pds.make(id, json!({})).await;
    }
    for id in ["off", "all"] {
        pds.change(id, json!({ "status": "disabled" })).await;
    }
    for id in ["off_by_eiam", "both"] {
        doors.act("DisableUser", id, &[]).await;
    }
    lock(eds, &["locked", "both", "all"]).await;
    for id in ["late", "all"] {
        pds.change(id, json!({ "expired_at": NOW - 1 })).await;
    }
    let until = NOW + 10 * MINUTE;
    let failed = format!("update users set lock_until = {until} where username_key in ('failed', 'all')");
    execute(&server.home, &failed).await;
    server.pass(MINUTE);
    assert_eq!(pds.ids("/user/search", &json!({ "status": "disabled" })).await, all);

    for id in all {
        pds.change(id, json!({ "status": "enabled" })).await;
        doors.shows(id, 0, "enabled", None, "enabled").await;
        assert_eq!(pds.user(id).await.expired_at, 0, "{id}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_by_pds_is_stored_beside_a_lock_and_outlasts_it() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let ThreeDoors { pds, eds, .. } = &doors;
    for id in ["locked", "late", "failed", "off"] {
        pds.make(id, json!({})).await;
    }
    lock(eds, &["locked"]).await;
    pds.change("late", json!({ "expired_at": NOW - 1 })).await;
    execute(
        &server.home,
        &format!("update users set lock_until = {} where username_key = 'failed'", NOW + MINUTE),
    )
    .await;
    for id in ["locked", "late", "failed", "off"] {
        let before = pds.user(id).await.updated_at;
        server.pass(1_000);
        // It is shown so already, save for the last, and is said all the same.
        let changed = pds.change(id, json!({ "status": "disabled" })).await;
        assert_eq!((json!(changed.status), changed.updated_at > before), (json!("disabled"), true), "{id}");
    }
    // eds cannot undo what PDS has said, and nothing of it changes.
    let reply = json!(unlock(eds, &["locked", "late", "failed", "off"]).await);
    let failed = reply["UnlockUsersResult"]["FailedUsers"].as_array().expect("a list").clone();
    let codes: Vec<&str> = failed.iter().map(|user| user["ErrorCode"].as_str().expect("a code")).collect();
    assert_eq!(codes, ["OperationDenied.UserDisabled"; 4], "{reply}");
    server.pass(2 * MINUTE);
    // EIAM unlocks, and does not enable.
    for id in ["locked", "late", "failed", "off"] {
        doors.act("UnlockUser", id, &[]).await;
        doors.shows(id, 9, "disabled", None, "disabled").await;
        doors.act("EnableUser", id, &[]).await;
        doors.shows(id, 0, "enabled", None, "enabled").await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn enabling_by_eiam_leaves_a_lock() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let ThreeDoors { pds, eds, .. } = &doors;
    pds.make("alice", json!({ "status": "disabled" })).await;
    lock(eds, &["alice"]).await;

    doors.act("EnableUser", "alice", &[]).await;

    doors.shows("alice", 9, "enabled", Some(FOR_GOOD), "disabled").await;
    unlock(eds, &["alice"]).await;
    doors.shows("alice", 0, "enabled", None, "enabled").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_locking_is_one_field_of_three_names() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let ThreeDoors { pds, eds, .. } = &doors;
    pds.make("alice", json!({ "expired_at": 1_772_510_400_000_i64 })).await;
    let by_eds = async || filtered(eds, "alice").await.auto_lock_time.unwrap_or_default();

    // In the zone of the server.
    assert_eq!(by_eds().await, "2026-03-03 12:00:00");
    assert_eq!(doors.by_eiam("alice").await.account_expire_time, Some(1_772_510_400_000));
    doors.unlock_until("alice", "2026-04-04 12:00:00").await;
    assert_eq!(pds.user("alice").await.expired_at, 1_775_275_200_000);
    assert_eq!(doors.by_eiam("alice").await.account_expire_time, Some(1_775_275_200_000));
    // The value as it is shown leaves the text that eds was given.
    pds.change("alice", json!({ "expired_at": 1_775_275_200_000_i64 })).await;
    assert_eq!(by_eds().await, "2026-04-04 12:00:00");
    pds.change("alice", json!({ "expired_at": 0 })).await;
    assert_eq!(by_eds().await, "");
    assert_eq!(doors.by_eiam("alice").await.account_expire_time, None);
    // The past is taken here and shuts at once.
    pds.change("alice", json!({ "expired_at": NOW - 1 })).await;
    doors.shows("alice", 9, "enabled", Some(FOR_GOOD), "disabled").await;
    server.stop().await;
}
