//! The actions on the account as a whole: its alias, its counts, the one-time codes of its managers.
//!
//! Source: `reference/eds-user.md`, 1, 10, 40 and 41; `reference/doors.md` §5 and §7.

use access::{Change, Permit, Scope};
use api::Password;
use api::eds::{GetManagerInfoByAuthCode, GetManagerInfoByAuthCodeReply, GetUsersCount, InitTenantAlias};
use directory::{auth_codes, users};
use futures_util::future::join_all;
use model::time::{DAY, MINUTE};
use serde_json::json;

use crate::support::{
    Client, Done, Fault, Home, Process, ROOT, Server, create, disable, lock, make_group, make_org,
    make_property, promote, remove, roster,
};

async fn alias(client: &Client) -> String {
    client.send(&InitTenantAlias {}).await.expect("the call is right").data
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_call_makes_an_alias_and_all_others_repeat_it() {
    let server = Server::start().await;
    let admin = server.administrator();

    let answer = admin.call("InitTenantAlias", &[("BusinessChannel", "ENTERPRISE")]).await;

    insta::assert_json_snapshot!(answer.json(), { ".RequestId" => "[id]", ".Data" => "[alias]" }, @r#"
    {
      "AliasInfo": {
        "AliasEditable": true,
        "AliasSourceType": "Generated"
      },
      "Data": "[alias]",
      "RequestId": "[id]"
    }
    "#);
    let first = answer.json()["Data"].as_str().expect("a text").to_owned();
    let rest = first.strip_prefix("WY").expect("it begins as every alias");
    assert!(rest.len() == 8 && rest.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()), "{first}");
    assert_eq!(alias(&admin).await, first);

    let server = server.restart().await;
    server.pass(365 * DAY);
    assert_eq!(alias(&server.administrator()).await, first);
    let other = Server::start().await;
    assert_ne!(alias(&other.administrator()).await, first, "another account has another one");
    other.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_first_calls_at_once_all_are_answered_alike() {
    let server = Server::start().await;
    let clients: Vec<Client> = (0..16).map(|_| server.administrator()).collect();

    let mut aliases = join_all(clients.iter().map(alias)).await;

    aliases.dedup();
    assert_eq!(aliases, [alias(&clients[0]).await]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_agree_on_the_alias() {
    let home = Home::new().await.with_running_clock();
    if !home.is_shared() {
        return;
    }
    let (one, other) = tokio::join!(home.open(), home.open());
    let clients: Vec<Client> =
        (0..8).map(|at| home.client(if at % 2 == 0 { one.address } else { other.address })).collect();

    let mut aliases = join_all(clients.iter().map(alias)).await;

    aliases.dedup();
    assert_eq!(aliases.len(), 1, "{aliases:?}");
    one.stop().await;
    other.stop().await;
    home.verify().await;
}

/// Users, groups and organizations, as counted.
async fn counts(client: &Client) -> (i64, i64, i64) {
    let reply = client.send(&GetUsersCount {}).await.expect("the call is right");
    (reply.user_count, reply.group_count, reply.org_count)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_there_is_is_counted_and_what_is_gone_is_not() {
    let server = Server::start().await;
    let admin = server.administrator();
    let answer = admin.call("GetUsersCount", &[("BizType", "ENTERPRISE"), ("SolutionId", "co-1")]).await;
    insta::assert_json_snapshot!(answer.json(), { ".RequestId" => "[id]" }, @r#"
    {
      "GroupCount": 0,
      "MaxUserNumber": 2147483647,
      "OrgCount": 0,
      "RequestId": "[id]",
      "UserCount": 0
    }
    "#);

    create(&admin, &["alice", "bob", "carol"]).await;
    let east = make_org(&admin, "east", ROOT).await;
    make_org(&admin, "shop", &east).await;
    let (early, _) = (make_group(&admin, "early").await, make_group(&admin, "late").await);
    make_property(&admin, "job", &["dev"]).await;
    assert_eq!(counts(&admin).await, (3, 2, 2));

    // Of any status.
    lock(&admin, &["alice"]).await;
    disable(&server.home, "bob").await;
    assert_eq!(counts(&admin).await, (3, 2, 2));
    assert_eq!(admin.call("CreateOrg", &[("OrgName", "East"), ("ParentOrgId", ROOT)]).await.status, 400);
    assert_eq!(admin.call("CreateGroup", &[("GroupName", "EARLY")]).await.status, 400);
    assert_eq!(counts(&admin).await, (3, 2, 2), "what is refused is not counted");

    remove(&admin, &["alice", "superadmin"]).await;
    assert_eq!(admin.call("RemoveGroup", &[("GroupId", &early)]).await.status, 200);
    assert_eq!(admin.call("RemoveOrg", &[("OrgId", &east)]).await.status, 400);
    assert_eq!(counts(&admin).await, (2, 1, 2));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_no_users_of_active_directory() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice"]).await;

    let answer = admin.call("GetAdUsersCount", &[]).await.json();

    assert_eq!(answer["AdUserCount"], json!(0));
    server.stop().await;
}

/// Makes a code, as the page will do on which a manager has signed in.
async fn code(server: &Server, name: &str) -> Result<String, directory::Error> {
    let home = &server.home;
    let open = roster::house::open(&home.serve.house, false).await.expect("the house opens");
    let directory = open.default_directory().await.expect("there is one");
    let permit = Permit::operator("test", Scope::Directory(directory), home.clock.now());
    let mut change = Change::new(&open.store, &open.tools, None);
    let made = match users::locked_one(&mut change, &permit, name).await {
        Ok(user) => auth_codes::create(&mut change, &permit, &user).await,
        Err(error) => Err(error),
    };
    if made.is_ok() {
        change.commit(&permit).await.expect("it is committed");
    } else {
        change.abandon();
    }
    open.store.close().await;
    made.map(|code| code.reveal_text().expect("digits").to_owned())
}

async fn redeem(client: &Client, code: &str) -> Result<GetManagerInfoByAuthCodeReply, Fault> {
    client.send(&GetManagerInfoByAuthCode { auth_code: Password::new(code) }).await
}

async fn refusal(client: &Client, code: &str) -> String {
    redeem(client, code).await.expect_err("the code is not good").brief()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_says_once_who_the_manager_is() {
    let server = Server::start().await;
    let admin = server.administrator();
    let code = code(&server, "superadmin").await.expect("superadmin manages");
    assert!(
        code.len() == 32 && code.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)),
        "{code}"
    );

    let answer = admin.call("GetManagerInfoByAuthCode", &[("AuthCode", &code)]).await;

    insta::assert_json_snapshot!(answer.json(), { ".RequestId" => "[id]", ".WaId" => "[id]" }, @r#"
    {
      "OrgId": "org-aliyun-wy-org-id",
      "RequestId": "[id]",
      "TeamName": "root",
      "UserName": "superadmin",
      "WaId": "[id]"
    }
    "#);
    let uid = answer.json()["WaId"].as_i64().expect("an integer");
    assert!(
        (1_000_000_000_000_000..1 << 53).contains(&uid),
        "{uid} has 16 digits and is exact in every client"
    );
    for _ in 0..2 {
        assert_eq!(refusal(&admin, &code).await, "400 InvalidAuthCode", "it is used");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_tells_what_the_manager_is_when_it_is_used() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;
    let org = make_org(&admin, "east", ROOT).await;
    promote(&server.home, "alice", 1).await;
    server.pass(1_000);
    let good = code(&server, "ALICE").await.expect("an admin manages");
    admin.call("MoveUserOrg", &[("OrgId", &org), ("EndUserIds.1", "alice")]).await;
    admin.call("ModifyUser", &[("EndUserId", "alice"), ("Phone", "13800000001")]).await;
    admin.call("ModifyOrg", &[("OrgId", ROOT), ("OrgName", "Example Ltd.")]).await;

    let manager = redeem(&admin, &good).await.expect("the code is good");

    assert_eq!(manager.org_id, Some(org));
    assert_eq!((manager.user_name.as_str(), manager.phone.as_deref()), ("alice", Some("13800000001")));
    assert_eq!(manager.team_name.as_deref(), Some("Example Ltd."));

    // There is none for whom manages nobody, is shut, or is nobody.
    for name in ["bob", "ghost"] {
        code(&server, name).await.expect_err("there is no such manager");
    }
    let (locked, gone) =
        (code(&server, "alice").await.expect("a code"), code(&server, "alice").await.expect("a code"));
    lock(&admin, &["alice"]).await;
    code(&server, "alice").await.expect_err("the account is shut");
    assert_eq!(refusal(&admin, &locked).await, "400 InvalidAuthCode", "the account is shut meanwhile");
    remove(&admin, &["alice"]).await;
    assert_eq!(refusal(&admin, &gone).await, "400 InvalidAuthCode", "the manager is gone");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_for_five_minutes() {
    let server = Server::start().await;
    let admin = server.administrator();
    let (in_time, late) = (
        code(&server, "superadmin").await.expect("a code"),
        code(&server, "superadmin").await.expect("a code"),
    );

    server.pass(5 * MINUTE - 1);
    assert_eq!(redeem(&admin, &in_time).await.expect("a millisecond is left").user_name, "superadmin");
    server.pass(1);
    assert_eq!(refusal(&admin, &late).await, "400 InvalidAuthCode");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_nobody_or_of_elsewhere_is_refused_and_spends_none() {
    let server = Server::start().await;
    let other = Server::start().await;
    let admin = server.administrator();
    let good = code(&server, "superadmin").await.expect("a code");
    let foreign = code(&other, "superadmin").await.expect("a code");

    for wrong in [
        &foreign,
        "e49cd070452f0044813a467d4743abcd",
        &good[1..],
        &format!("{good}0"),
        &good.to_uppercase(),
        " ",
        "张三",
        "'",
    ] {
        // A code of digits only has no capitals.
        if *wrong != *good {
            assert_eq!(refusal(&admin, wrong).await, "400 InvalidAuthCode", "{wrong}");
        }
    }
    assert_eq!(refusal(&admin, "").await, "400 MissingAuthCode");
    let answer = admin.call("GetManagerInfoByAuthCode", &[]).await;
    assert_eq!(
        (answer.refusal().as_str(), answer.fault().message.as_str()),
        ("400 MissingAuthCode", "AuthCode is mandatory for this action.")
    );
    redeem(&admin, &good).await.expect("it is still good");
    redeem(&other.administrator(), &foreign).await.expect("it is good where it was made");
    other.stop().await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_use_a_code_at_once_one_does() {
    let server = Server::start().await;
    let clients: Vec<Client> = (0..16).map(|_| server.administrator()).collect();
    for _ in 0..3 {
        server.pass(1_000);
        let code = code(&server, "superadmin").await.expect("a code");

        let answers = join_all(clients.iter().map(|client| redeem(client, &code))).await;

        let refused: Vec<String> =
            answers.iter().filter_map(|answer| answer.as_ref().err().map(Fault::brief)).collect();
        assert_eq!(refused, vec!["400 InvalidAuthCode"; 15]);
    }
    server.stop().await;
}

/// Runs `roster auth-code create` in this home.
fn create_code(home: &Home, more: &[&str]) -> Done {
    let flags = home.flags();
    roster(&[&["auth-code", "create"], more, &flags.iter().map(String::as_str).collect::<Vec<_>>()].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_makes_codes_beside_a_running_server() {
    let home = Home::new().await;
    let process = Process::serve(&home.flags());
    let admin = process.administrator();
    create(&admin, &["alice", "bob"]).await;
    promote(&home, "alice", 1).await;

    for (more, name) in
        [(&[][..], "superadmin"), (&["--user", "superadmin"], "superadmin"), (&["--user", "Alice"], "alice")]
    {
        let done = create_code(&home, more);
        assert!(done.went_well && done.err.is_empty(), "{done:?}");
        let code = done.out.trim_end();
        assert_eq!(done.out, format!("{code}\n"), "the code alone");
        assert!(code.len() == 32 && code.bytes().all(|b| b.is_ascii_hexdigit()), "{code}");
        assert_eq!(redeem(&admin, code).await.expect("the code is good").user_name, name);
        assert_eq!(refusal(&admin, code).await, "400 InvalidAuthCode");
    }
    for name in ["bob", "ghost"] {
        let done = create_code(&home, &["--user", name]);
        assert!(!done.went_well && done.out.is_empty(), "{done:?}");
        assert_eq!(done.err.lines().count(), 1, "{done:?}");
        assert!(done.err.starts_with("roster: ") && done.err.contains(name), "{done:?}");
    }
    assert!(process.stop());
    home.verify().await;
}
