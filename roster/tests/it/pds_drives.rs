//! Drives: made, shown, changed, removed, and whose they are.
//!
//! Source: `reference/pds.md` §6.7 and §14; `reference/doors.md` §3 and §4.6.

use api::pds::{CreateDrive, CreateUser, DeleteDrive, GetDefaultDrive, GetDrive, Party, Role, UpdateDrive};
use serde_json::{Value, json};

use crate::support::{
    Done, NO_DRIVE, NO_GROUP, PdsCaller, Server, new_drive, new_pds_user, roster, told_pds,
};

fn update(drive: &str) -> UpdateDrive {
    UpdateDrive { drive_id: drive.to_owned(), ..UpdateDrive::default() }
}

fn delete(drive: &str) -> DeleteDrive {
    DeleteDrive { drive_id: drive.to_owned(), force: None }
}

/// A user's default drive, as the user says and as it is looked up; both agree.
async fn default_of(caller: &PdsCaller, user: &str) -> String {
    let said = caller.user(user).await.default_drive_id;
    match caller.send(&GetDefaultDrive { user_id: Some(user.to_owned()) }).await {
        Ok(drive) => assert_eq!((drive.drive_id.as_str(), drive.owner.as_str()), (said.as_str(), user)),
        Err(fault) => assert_eq!((fault.brief().as_str(), said.as_str()), ("404 NotFound.Drive", "")),
    }
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drive_is_shown_whole() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let domain = owner.domain().await;
    owner.make_user("alice").await;
    let group = owner.make_group("g").await;
    let superadmin = owner.token_of("superadmin").await;
    let body = json!({
        "drive_name": "网盘 1", "owner": group, "owner_type": "group", "description": "a\nb", "drive_type": "normal",
        "status": "disabled", "total_size": 1_073_741_824, "subdomain_id": "east", "default": true,
    });
    let answer = superadmin.call("drive/create", body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let id = answer.json()["drive_id"].as_str().expect("a text").to_owned();
    assert!(id.bytes().all(|b| b.is_ascii_digit()) && !id.starts_with('0'), "{id}");
    let expected = json!({
        "domain_id": "[domain]", "drive_id": "[drive]", "drive_name": "网盘 1", "description": "a\nb",
        "owner": "[group]", "owner_type": "group", "drive_type": "normal", "status": "disabled",
        "total_size": 1_073_741_824, "used_size": 0, "created_at": "2026-01-15T08:30:00.000Z",
        "updated_at": "2026-01-15T08:30:00.000Z", "creator": "superadmin", "subdomain_id": "east",
    });
    let names = [(domain.as_str(), "domain"), (id.as_str(), "drive"), (group.as_str(), "group")];
    assert_eq!(told_pds(&answer, &names), expected);
    assert_eq!(told_pds(&owner.call("drive/get", json!({ "drive_id": id })).await, &names), expected);

    let plain = owner.get(&CreateDrive { owner_type: None, ..new_drive("p", "alice", Party::User) }).await;
    assert_eq!((plain.owner.as_str(), plain.owner_type, plain.total_size), ("alice", Party::User, -1));
    assert_eq!(
        (plain.description.as_str(), plain.creator.as_str(), plain.subdomain_id.as_str()),
        ("", "", "")
    );
    assert_eq!(json!(plain.status), "enabled");
    assert_eq!(owner.get(&GetDrive { drive_id: plain.drive_id.clone() }).await, plain);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn creations_are_refused_with_the_parameter_to_blame() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    let domain = owner.domain().await;
    owner.make_user("alice").await;
    let group = owner.make_group("g").await;
    let right = json!({ "drive_name": "d", "owner": "alice", "owner_type": "user" });
    owner
        .refuses_with(
            "drive/create",
            &right,
            &[
                (json!({ "drive_name": null }), "400 InvalidParameterMissing.DriveName"),
                (json!({ "drive_name": "" }), "400 InvalidParameterEmpty.DriveName"),
                (json!({ "drive_name": "d".repeat(129) }), "400 InvalidParameter.DriveName"),
                (json!({ "drive_name": "a\u{7}" }), "400 InvalidParameter.DriveName"),
                (json!({ "owner": null }), "400 InvalidParameterMissing.Owner"),
                (json!({ "owner": "" }), "400 InvalidParameterEmpty.Owner"),
                (json!({ "owner": "nobody" }), "404 NotFound.User"),
                (json!({ "owner": group }), "404 NotFound.User"),
                (json!({ "owner": domain }), "404 NotFound.User"),
                (json!({ "owner_type": "group" }), "404 NotFound.Group"),
                (json!({ "owner": NO_GROUP, "owner_type": "group" }), "404 NotFound.Group"),
                (json!({ "owner_type": null, "owner": group }), "404 NotFound.User"),
                (json!({ "description": "d".repeat(1025) }), "400 InvalidParameter.Description"),
                (json!({ "drive_type": "large" }), "400 InvalidParameterNotSupported.DriveType"),
                (json!({ "drive_type": "huge" }), "400 InvalidParameter.DriveType"),
                (json!({ "status": "on" }), "400 InvalidParameter.Status"),
                (json!({ "total_size": -2 }), "400 InvalidParameter.TotalSize"),
                (json!({ "subdomain_id": "s".repeat(65) }), "400 InvalidParameter.SubdomainId"),
            ],
        )
        .await;
    for more in [
        json!({ "drive_name": "盘".repeat(128) }),
        json!({ "description": "d".repeat(1024) }),
        json!({ "total_size": 0 }),
        json!({ "total_size": i64::MAX }),
        json!({ "drive_type": "", "status": "", "owner_type": "" }),
        json!({ "disable_assign_group_default_permission": true }),
    ] {
        let body = crate::support::replaced(&right, &more);
        assert_eq!(owner.outcome("drive/create", body).await, "201", "{more}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_one_default_drive_or_none() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_users(&["alice", "bob"]).await;
    let first = owner.make_drive("d", "alice").await.drive_id;
    assert_eq!(default_of(&owner, "alice").await, "", "a drive is no default one by itself");
    let default = CreateDrive { default: Some(true), ..new_drive("d", "alice", Party::User) };
    let second = owner.get(&default).await.drive_id;
    assert_eq!(default_of(&owner, "alice").await, second);
    assert_eq!(owner.brief(&default).await, "409 AlreadyExist.Drive");
    assert_eq!(default_of(&owner, "alice").await, second);
    assert_eq!(owner.drives().await.len(), 2, "nothing was made");
    owner.get(&delete(&second)).await;
    assert_eq!(default_of(&owner, "alice").await, "");
    assert_eq!(owner.brief(&delete(&second)).await, "404 NotFound.Drive");
    let third = owner.get(&default).await.drive_id;
    assert_eq!(default_of(&owner, "alice").await, third);
    assert_ne!(second, third);
    assert!(owner.has_drive(&first).await);
    owner.get(&CreateDrive { default: Some(false), ..new_drive("d", "bob", Party::User) }).await;
    assert_eq!(default_of(&owner, "bob").await, "");
    assert_eq!(
        owner.outcome("drive/get_default_drive", json!({ "user_id": "nobody" })).await,
        "404 NotFound.User"
    );

    let group = owner.make_group("g").await;
    let of_group = CreateDrive { default: Some(true), ..new_drive("d", &group, Party::Group) };
    owner.get(&of_group).await;
    owner.get(&of_group).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_changes_what_is_given_and_the_time_only_then() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_user("alice").await;
    let body = json!({ "drive_name": "d", "owner": "alice", "description": "old", "total_size": 9 });
    let made = owner.call("drive/create", body).await.json();
    let id = made["drive_id"].as_str().expect("a text").to_owned();
    server.pass(1_500);
    assert_eq!(json!(owner.get(&update(&id)).await), made, "nothing has changed");
    let same = json!({ "drive_id": id, "drive_name": "d", "description": "old", "total_size": 9, "status": "enabled" });
    assert_eq!(owner.ask("drive/update", same).await, made, "nothing has changed");
    for (change, name, value) in [
        (json!({ "total_size": 50_000 }), "total_size", json!(50_000)),
        (json!({ "total_size": -1 }), "total_size", json!(-1)),
        (json!({ "drive_name": "abcd" }), "drive_name", json!("abcd")),
        (json!({ "description": "" }), "description", json!("")),
        (json!({ "status": "disabled" }), "status", json!("disabled")),
    ] {
        let mut body = change;
        body["drive_id"] = json!(id);
        let shown = owner.ask("drive/update", body).await;
        assert_eq!(shown[name], value);
        assert_eq!(shown["updated_at"], "2026-01-15T08:30:01.500Z", "{name}");
        assert_eq!(shown["created_at"], made["created_at"]);
        assert_eq!(owner.ask("drive/get", json!({ "drive_id": id })).await, shown);
    }
    for (body, expected) in [
        (json!({}), "400 InvalidParameterMissing.DriveId"),
        (json!({ "drive_id": "" }), "400 InvalidParameterEmpty.DriveId"),
        (json!({ "drive_id": NO_DRIVE }), "404 NotFound.Drive"),
        (json!({ "drive_id": format!("0{id}") }), "404 NotFound.Drive"),
        (json!({ "drive_id": "abc" }), "404 NotFound.Drive"),
        (json!({ "drive_id": "99999999999999999999" }), "404 NotFound.Drive"),
        (json!({ "drive_id": id, "drive_name": "" }), "400 InvalidParameterEmpty.DriveName"),
        (json!({ "drive_id": id, "drive_name": "d".repeat(129) }), "400 InvalidParameter.DriveName"),
        (json!({ "drive_id": id, "total_size": -2 }), "400 InvalidParameter.TotalSize"),
        (json!({ "drive_id": id, "status": "on" }), "400 InvalidParameter.Status"),
        (json!({ "drive_id": id, "description": "d".repeat(1025) }), "400 InvalidParameter.Description"),
        (json!({ "drive_id": id, "drive_name": "x", "owner": "nobody" }), "404 NotFound.User"),
    ] {
        assert_eq!(owner.outcome("drive/update", body.clone()).await, expected, "{body}");
    }
    assert_eq!(owner.ask("drive/get", json!({ "drive_id": id })).await["drive_name"], "abcd");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drive_goes_over_to_another_user_by_access_key_alone() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_users(&["alice", "bob"]).await;
    let superadmin = owner.token_of("superadmin").await;
    let default = CreateDrive { default: Some(true), ..new_drive("d", "alice", Party::User) };
    let drive = owner.get(&default).await.drive_id;
    let to_bob = UpdateDrive { owner: Some("bob".to_owned()), ..update(&drive) };
    assert_eq!(superadmin.brief(&to_bob).await, "403 ForbiddenNoPermission.Drive");
    assert_eq!(default_of(&owner, "alice").await, drive);
    let moved = owner.get(&to_bob).await;
    assert_eq!((moved.owner.as_str(), moved.owner_type), ("bob", Party::User));
    assert_eq!(default_of(&owner, "alice").await, "", "it is hers no more");
    owner.get(&api::pds::DeleteUser { user_id: "alice".to_owned() }).await;
    let refused = owner.brief(&api::pds::DeleteUser { user_id: "bob".to_owned() }).await;
    assert_eq!(refused, "409 StateConflict.User");
    let group = owner.make_group("g").await;
    let of_group = owner.make_group_drive("d", &group).await.drive_id;
    let moving = UpdateDrive { owner: Some("bob".to_owned()), ..update(&of_group) };
    assert!(owner.send(&moving).await.is_err(), "a group's drive stays its own");
    assert_eq!(owner.get(&GetDrive { drive_id: of_group }).await.owner, group);
    server.stop().await;
}

/// Runs `roster drive set-used` in this server's home.
fn set_used(server: &Server, more: &[&str]) -> Done {
    let flags = server.home.flags();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    roster(&[&["drive", "set-used"], more, &flags].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drive_that_holds_something_is_removed_by_force_alone() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_user("alice").await;
    let drive = owner.make_drive("d", "alice").await.drive_id;
    let domain = owner.domain().await;
    assert!(set_used(&server, &["--domain", &domain, "--drive", &drive, "--bytes", "5"]).went_well);
    for (named, trouble) in [
        (["--domain", "rs1", "--drive", &drive, "--bytes", "6"], "there is no domain rs1"),
        (
            ["--domain", &domain.replace("rs", "rs0"), "--drive", &drive, "--bytes", "6"],
            "there is no domain rs0",
        ),
        (
            ["--domain", &domain.replace("rs", "rs+"), "--drive", &drive, "--bytes", "6"],
            "there is no domain rs+",
        ),
        (["--domain", &domain, "--drive", NO_DRIVE, "--bytes", "6"], "there is no drive"),
        (["--domain", &domain, "--drive", &format!("0{drive}"), "--bytes", "6"], "there is no drive 0"),
        (["--domain", &domain, "--drive", &format!("+{drive}"), "--bytes", "6"], "there is no drive +"),
        (["--domain", &domain, "--drive", &drive, "--bytes", "-1"], "--bytes"),
    ] {
        let done = set_used(&server, &named);
        assert!(!done.went_well && done.err.contains(trouble), "{named:?}: {}", done.err);
    }
    assert_eq!(owner.get(&GetDrive { drive_id: drive.clone() }).await.used_size, 5);
    assert_eq!(owner.brief(&delete(&drive)).await, "409 StateConflict.Drive");
    let unforced = DeleteDrive { force: Some(false), ..delete(&drive) };
    assert_eq!(owner.brief(&unforced).await, "409 StateConflict.Drive");
    let smaller = UpdateDrive { total_size: Some(1.try_into().expect("a size")), ..update(&drive) };
    assert_eq!(owner.get(&smaller).await.total_size, 1, "less than it holds");
    let quota = owner.ask("domain/get_quota", json!({})).await;
    assert_eq!(quota["size_used"], 5);
    let other = json!({ "domain_name": "other", "init_drive_enable": true, "init_drive_size": 7 });
    let other = owner.ask("domain/create", other).await;
    let listed = owner.ask("domain/list", json!({})).await;
    let shown = |id: &serde_json::Value| {
        let domain =
            listed["items"].as_array().and_then(|all| all.iter().find(|one| one["domain_id"] == *id));
        let domain = domain.expect("it is listed");
        (domain["used_size"].clone(), domain["init_drive_enable"].clone(), domain["init_drive_size"].clone())
    };
    assert_eq!(shown(&json!(domain)).0, 5);
    assert_eq!(shown(&other["domain_id"]), (json!(0), json!(true), json!(7)));
    owner.get(&DeleteDrive { force: Some(true), ..delete(&drive) }).await;
    assert!(!owner.has_drive(&drive).await);
    assert_eq!(owner.ask("domain/get_quota", json!({})).await["size_used"], 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drives_are_seen_by_their_owners_and_by_administrators() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.make_users(&["alice", "bob", "carol"]).await;
    owner.make_user_as("boss", Role::Admin).await;
    let group = owner.make_group("g").await;
    let below = owner.make_group_in(&group, "below").await;
    owner.add_member(&group, "bob").await;
    owner.add_member(&below, "carol").await;
    let default = CreateDrive { default: Some(true), ..new_drive("d", "alice", Party::User) };
    let of_alice = owner.get(&default).await.drive_id;
    let of_group = owner.make_group_drive("g", &group).await.drive_id;
    let callers = [
        ("alice", owner.token_of("alice").await),
        ("bob", owner.token_of("bob").await),
        ("carol", owner.token_of("carol").await),
        ("boss", owner.token_of("boss").await),
        ("superadmin", owner.token_of("superadmin").await),
    ];
    let forbidden = "403 ForbiddenNoPermission.Drive";
    for (name, caller) in &callers {
        let is_admin = ["boss", "superadmin"].contains(name);
        let seen = |sees: bool| if sees || is_admin { "200" } else { forbidden };
        let get = async |drive: &str| caller.outcome("drive/get", json!({ "drive_id": drive })).await;
        assert_eq!(get(&of_alice).await, seen(*name == "alice"), "{name}");
        assert_eq!(get(&of_group).await, seen(*name == "bob" || *name == "carol"), "{name}, a group's drive");
        let own = if *name == "alice" { "200" } else { "404 NotFound.Drive" };
        assert_eq!(caller.outcome("drive/get_default_drive", json!({})).await, own, "{name}");
        let of = caller.outcome("drive/get_default_drive", json!({ "user_id": "alice" })).await;
        assert_eq!(of, seen(*name == "alice"), "{name}");
        for (path, body) in [
            ("drive/list", json!({})),
            ("drive/search", json!({})),
            ("drive/update", json!({ "drive_id": of_alice, "description": name })),
        ] {
            assert_eq!(caller.outcome(path, body).await, seen(false), "{name} {path}");
        }
        let create = json!({ "drive_name": "new", "owner": "alice" });
        let expected = if is_admin { "201" } else { forbidden };
        assert_eq!(caller.outcome("drive/create", create).await, expected, "{name}");
        if !is_admin {
            let outcome = caller.outcome("drive/delete", json!({ "drive_id": of_alice })).await;
            assert_eq!(outcome, forbidden, "{name}");
            let unknown = caller.outcome("drive/get", json!({ "drive_id": NO_DRIVE })).await;
            assert!([forbidden, "404 NotFound.Drive"].contains(&unknown.as_str()), "{name}: {unknown}");
        }
    }
    assert!(owner.has_drive(&of_alice).await);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_manages_drives_of_anybody() {
    let server = Server::start().await;
    let owner = PdsCaller::of(&server);
    owner.get(&CreateUser { role: Some(Role::Admin), ..new_pds_user("boss") }).await;
    let boss = owner.token_of("boss").await;
    let made: Value =
        boss.call("drive/create", json!({ "drive_name": "d", "owner": "superadmin" })).await.json();
    assert_eq!((&made["owner"], &made["creator"]), (&json!("superadmin"), &json!("boss")));
    let id = made["drive_id"].clone();
    assert_eq!(boss.outcome("drive/update", json!({ "drive_id": id, "total_size": 1 })).await, "200");
    assert_eq!(boss.outcome("drive/delete", json!({ "drive_id": id })).await, "204");
    server.stop().await;
}
