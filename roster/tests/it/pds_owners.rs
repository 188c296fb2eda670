//! What keeps through every door who owns a drive, and how many people a domain may have.
//!
//! Source: `reference/doors.md` §4.2, §4.4, §4.5 and §4.6.

use api::eds::{RemoveOrg, RemoveUsersReply};
use api::eiam::{CreateUser, DeleteUser};
use serde_json::{Value, json};

use crate::support::{
    Client, Instance, PdsCaller, Server, create_users, managed, new_user, remove, spelled, text,
};

/// The three doors of one server, into its default directory.
struct Doors {
    pds: PdsCaller,
    eds: Client,
    eiam: Client,
    corp: Instance,
}

impl Doors {
    async fn of(server: &Server) -> Self {
        let eiam = server.administrator().eiam();
        let corp = Instance::default_of(&eiam).await;
        Self { pds: PdsCaller::of(server), eds: server.administrator(), eiam, corp }
    }

    /// What an action of EIAM in the default instance is answered with.
    async fn eiam(&self, action: &str, parameters: &[(&str, &str)]) -> String {
        let answer = self.corp.call(&self.eiam, action, parameters).await;
        if answer.status == 200 { "200".to_owned() } else { answer.refusal() }
    }

    /// EIAM's id of a unit or a user.
    async fn spelled(&self, server: &Server, kind: &str, name: &str) -> String {
        let table = if kind == "ou" { "units where name_key" } else { "users where username_key" };
        spelled(kind, &text(&server.home, &format!("select id from {table} = '{name}'")).await)
    }
}

fn failures(reply: &RemoveUsersReply) -> Vec<(&str, &str, &str)> {
    let failed = &reply.remove_users_result.failed_users;
    failed
        .iter()
        .map(|user| (user.end_user_id.as_str(), user.error_code.as_str(), user.error_message.as_str()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_owns_a_drive_is_deleted_through_no_door() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { pds, eds, .. } = &doors;
    pds.make_users(&["alice", "bob"]).await;
    let drive = pds.make_drive("d", "alice").await.drive_id;
    let (alice, bob) =
        (doors.spelled(&server, "user", "alice").await, doors.spelled(&server, "user", "bob").await);
    let before = pds.picture().await;

    let answer = pds.call("user/delete", json!({ "user_id": "alice" })).await.pds_fault();
    assert_eq!(answer.brief(), "409 StateConflict.User");
    assert!(answer.message.contains("drive"), "it says why: {}", answer.message);
    let reply = remove(eds, &["alice"]).await;
    let failed = failures(&reply);
    assert_eq!((failed[0].0, failed[0].1), ("alice", "UserInUse"));
    assert!(failed[0].2.contains("Used in some region"), "{failed:?}");
    assert_eq!(doors.eiam("DeleteUser", &[("UserId", &alice)]).await, "403 OperationDenied.UserOwnsDrive");
    let both = [("UserIds.1", bob.as_str()), ("UserIds.2", alice.as_str())];
    assert_eq!(doors.eiam("DeleteUsers", &both).await, "403 OperationDenied.UserOwnsDrive");
    assert_eq!(pds.picture().await, before, "nobody is gone, not even in part");

    let reply = remove(eds, &["bob", "alice"]).await;
    assert_eq!(reply.remove_users_result.removed_users, ["bob"], "an item fails for itself");
    assert_eq!(failures(&reply).len(), 1);
    pds.get(&api::pds::DeleteDrive { drive_id: drive, force: None }).await;
    let gone = DeleteUser { instance_id: doors.corp.id.clone(), user_id: alice };
    doors.eiam.send(&gone).await.expect("she owns no drive any more");
    assert!(!pds.has_user("alice").await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_with_a_drive_is_deleted_through_no_door() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { pds, eds, .. } = &doors;
    let group = pds.make_group("team").await;
    let drive = pds.make_group_drive("d", &group).await.drive_id;
    let unit = doors.spelled(&server, "ou", "team").await;
    let orgs = eds.call("DescribeOrgs", &[]).await.json();
    let org = orgs["Orgs"].as_array().expect("a list").iter().find(|org| org["OrgName"] == "team");
    let org = org.expect("it is listed")["OrgId"].as_str().expect("a text").to_owned();

    assert_eq!(pds.outcome("group/delete", json!({ "group_id": group })).await, "409 StateConflict.Group");
    let fault = eds.send(&RemoveOrg { org_id: org.clone() }).await.expect_err("it owns a drive");
    assert_eq!(fault.brief(), "400 OrgNotEmpty");
    let delete = [("OrganizationalUnitId", unit.as_str())];
    let refused = doors.eiam("DeleteOrganizationalUnit", &delete).await;
    assert_eq!(refused, "403 OperationDenied.OrganizationalUnitNotEmpty");
    assert!(pds.has_group(&group).await);
    pds.get(&api::pds::DeleteDrive { drive_id: drive, force: None }).await;
    eds.send(&RemoveOrg { org_id: org }).await.expect("it owns none any more");
    assert!(!pds.has_group(&group).await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_drive_below_keeps_all_children_of_a_unit() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let pds = &doors.pds;
    let top = pds.make_group("top").await;
    let low = pds.make_group_in(&top, "low").await;
    let side = pds.make_group_in(&top, "side").await;
    pds.make_users(&["alice", "bob"]).await;
    pds.add_member(&low, "alice").await;
    pds.add_member(&side, "bob").await;
    let unit = doors.spelled(&server, "ou", "top").await;
    let children = [("OrganizationalUnitId", unit.as_str())];
    for (owner, party) in [("bob", "user"), (low.as_str(), "group")] {
        let body = json!({ "drive_name": "d", "owner": owner, "owner_type": party });
        let drive = pds.call("drive/create", body).await.json()["drive_id"].clone();
        let before = pds.picture().await;
        let refused = doors.eiam("DeleteOrganizationalUnitChildren", &children).await;
        assert!(refused.starts_with("403 OperationDenied."), "{party}: {refused}");
        assert_eq!(pds.picture().await, before, "{party}");
        assert_eq!(pds.outcome("drive/delete", json!({ "drive_id": drive })).await, "204");
    }
    assert_eq!(doors.eiam("DeleteOrganizationalUnitChildren", &children).await, "200");
    assert!(pds.has_group(&top).await && !pds.has_group(&low).await && !pds.has_user("alice").await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_with_drives_stays() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let corp = Instance::make(&doors.eiam).await;
    let digits = "select cast(max(number) as text) from directories";
    let domain = format!("rs{}", text(&server.home, digits).await);
    let within = doors.pds.within(&domain);
    within.make_user("alice").await;
    let drive = within.make_drive("d", "alice").await.drive_id;
    let check = corp.ask(&doors.eiam, "CheckInstanceForDelete", &[]).await["CheckInstanceResult"].clone();
    assert_eq!(check["Deletable"], false);
    let reasons: Vec<&Value> = check["RestrictScenarios"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["RestrictReason"])
        .collect();
    assert_eq!(reasons, ["drive_exists"]);
    let answer = corp.call(&doors.eiam, "DeleteInstance", &[]).await;
    assert_eq!(answer.refusal(), "403 OperationDenied.InstanceNotDeletable");
    assert!(within.has_user("alice").await);

    let default = doors.pds.make_drive("d", "superadmin").await.drive_id;
    let check =
        doors.corp.ask(&doors.eiam, "CheckInstanceForDelete", &[]).await["CheckInstanceResult"].clone();
    let mut reasons: Vec<&str> = check["RestrictScenarios"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["RestrictReason"].as_str().expect("a text"))
        .collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["cloud_product_dependency", "drive_exists"]);
    doors.pds.get(&api::pds::DeleteDrive { drive_id: default, force: None }).await;

    within.get(&api::pds::DeleteDrive { drive_id: drive, force: None }).await;
    let check = corp.ask(&doors.eiam, "CheckInstanceForDelete", &[]).await["CheckInstanceResult"].clone();
    assert_eq!(check, json!({ "Deletable": true, "RestrictScenarios": [] }));
    corp.ask(&doors.eiam, "DeleteInstance", &[]).await;
    assert_eq!(within.outcome("user/list", json!({})).await, "404 NotFound.Domain");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_quota_of_users_binds_every_door_and_is_shown_by_every_door() {
    let server = Server::start().await;
    let doors = Doors::of(&server).await;
    let Doors { pds, eds, eiam, corp } = &doors;
    let domain = pds.domain().await;
    let quota = async |most: i64| {
        pds.ask("domain/update", json!({ "domain_id": domain, "user_count_quota": most })).await;
        let shown = pds.ask("domain/get_quota", json!({})).await["user_count_quota"].clone();
        assert_eq!(shown, most);
        let others = if most == 0 { 2_147_483_647 } else { most };
        let counts = eds.call("GetUsersCount", &[]).await.json();
        assert_eq!(counts["MaxUserNumber"], others, "{counts}");
        let of_eiam = corp.ask(eiam, "GetInstanceQuota", &[("QuotaKey", "userMaxNumber")]).await;
        assert_eq!(of_eiam["Quota"]["QuotaValue"], others);
        let license = corp.ask(eiam, "GetInstanceLicense", &[]).await;
        assert_eq!(license["License"]["UserQuota"], others);
    };
    quota(0).await;
    pds.make_users(&["abc", "b"]).await;
    quota(2).await;

    let all = async || pds.ask("domain/get_quota", json!({})).await["user_count_used"].clone();
    assert_eq!(pds.outcome("user/create", json!({ "user_id": "c" })).await, "403 QuotaExhausted.User");
    let import = json!({ "authentication_type": "custom", "identity": "c" });
    assert_eq!(pds.outcome("user/import", import).await, "403 QuotaExhausted.User");
    let by_eiam = CreateUser { ..corp.user("c") };
    assert_eq!(eiam.send(&by_eiam).await.expect_err("two is all").brief(), "403 LimitExceeded.User");
    let reply = eds.send(&create_users(vec![managed("c_1")])).await.expect("the call is right");
    let codes = |reply: &api::eds::CreateUsersReply| -> Vec<(String, String)> {
        let failed = &reply.create_result.failed_users;
        failed.iter().map(|user| (user.end_user_id.clone(), user.error_code.clone())).collect()
    };
    assert_eq!(codes(&reply), [("c_1".to_owned(), "QuotaExceeded.User".to_owned())]);
    assert_eq!(all().await, 2);

    quota(4).await;
    let users = ["d_1", "abc", "d_2", "d_3", "d_4"].map(new_user).to_vec();
    let reply = eds.send(&create_users(users)).await.expect("the call is right");
    let mut failed = codes(&reply);
    failed.sort_unstable();
    let expected = [
        ("abc".to_owned(), "ExistedEndUserId".to_owned()),
        ("d_3".to_owned(), "QuotaExceeded.User".to_owned()),
        ("d_4".to_owned(), "QuotaExceeded.User".to_owned()),
    ];
    assert_eq!(failed, expected, "from the first item over it");
    assert_eq!(all().await, 4);

    // Less than there are: nobody goes, nobody comes; what is there can be changed.
    quota(1).await;
    assert_eq!(all().await, 4);
    assert_eq!(pds.outcome("user/create", json!({ "user_id": "e" })).await, "403 QuotaExhausted.User");
    assert_eq!(pds.outcome("user/update", json!({ "user_id": "abc", "nick_name": "A" })).await, "200");
    remove(eds, &["d_1", "d_2"]).await;
    assert_eq!(pds.outcome("user/create", json!({ "user_id": "e" })).await, "403 QuotaExhausted.User");
    assert_eq!(pds.outcome("user/delete", json!({ "user_id": "b" })).await, "204");
    quota(2).await;
    assert_eq!(pds.outcome("user/create", json!({ "user_id": "e" })).await, "201", "room for one");
    let other = pds.make_domain("other").await;
    pds.within(&other).make_users(&["a", "b", "c"]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_no_more_come_than_the_quota_allows() {
    let server = Server::start().await;
    let pds = PdsCaller::of(&server);
    let domain = pds.domain().await;
    pds.ask("domain/update", json!({ "domain_id": domain, "user_count_quota": 5 })).await;
    let calls = (0..12).map(|number| {
        let caller = pds.by_v4();
        async move { caller.outcome("user/create", json!({ "user_id": format!("u{number}") })).await }
    });
    let outcomes = futures_util::future::join_all(calls).await;
    let made = outcomes.iter().filter(|outcome| *outcome == "201").count();
    let refused = outcomes.iter().filter(|outcome| *outcome == "403 QuotaExhausted.User").count();
    assert_eq!((made, refused), (5, 7), "{outcomes:?}");
    assert_eq!(pds.ask("domain/get_quota", json!({})).await["user_count_used"], 5);
    server.stop().await;
}
