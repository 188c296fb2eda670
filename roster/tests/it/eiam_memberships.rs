//! Who belongs to which units and groups.
//!
//! Source: `reference/eiam.md`, 7 and 8.5 to 8.7; `reference/doors.md` §1, §4.1, §4.3 and §5.

use api::eiam::{
    AddUserToOrganizationalUnits, AddUsersToGroup, ListGroupsForUser, ListUsersForGroup,
    RemoveUserFromOrganizationalUnits, RemoveUsersFromGroup, SetUserPrimaryOrganizationalUnit,
};

use crate::support::{Client, Fault, Instance, NOW, Server, is_refused, number, superadmin, texts, told};

/// A well-formed user id that is nobody's.
const NOBODY: &str = "user_dfizzgsafjod6cnhdpsnecdok4";
/// A well-formed unit id that is no unit's.
const NOWHERE: &str = "ou_dfizzgsafjod6cnhdpsnecdok4";

async fn set_primary(admin: &Client, corp: &Instance, user: &str, unit: &str) -> Result<(), Fault> {
    let request = SetUserPrimaryOrganizationalUnit {
        instance_id: corp.id.clone(),
        user_id: user.to_owned(),
        organizational_unit_id: unit.to_owned(),
    };
    admin.send(&request).await.map(|_| ())
}

fn adding<T: AsRef<str>>(corp: &Instance, user: &str, units: &[T]) -> AddUserToOrganizationalUnits {
    AddUserToOrganizationalUnits {
        instance_id: corp.id.clone(),
        user_id: user.to_owned(),
        organizational_unit_ids: texts(units),
    }
}

fn leaving<T: AsRef<str>>(corp: &Instance, user: &str, units: &[T]) -> RemoveUserFromOrganizationalUnits {
    RemoveUserFromOrganizationalUnits {
        instance_id: corp.id.clone(),
        user_id: user.to_owned(),
        organizational_unit_ids: texts(units),
    }
}

fn joining<T: AsRef<str>>(corp: &Instance, group: &str, users: &[T]) -> AddUsersToGroup {
    AddUsersToGroup { instance_id: corp.id.clone(), group_id: group.to_owned(), user_ids: texts(users) }
}

fn quitting<T: AsRef<str>>(corp: &Instance, group: &str, users: &[T]) -> RemoveUsersFromGroup {
    RemoveUsersFromGroup { instance_id: corp.id.clone(), group_id: group.to_owned(), user_ids: texts(users) }
}

fn members(corp: &Instance, group: &str) -> ListUsersForGroup {
    ListUsersForGroup {
        instance_id: corp.id.clone(),
        group_id: group.to_owned(),
        ..ListUsersForGroup::default()
    }
}

/// Units below the root with these names.
async fn units(admin: &Client, corp: &Instance, names: &[&str]) -> Vec<String> {
    let mut units = Vec::new();
    for name in names {
        units.push(corp.make_unit(admin, name, &corp.root).await);
    }
    units
}

/// So many parameters of a list.
fn many(name: &str, prefix: &str, count: usize) -> Vec<(String, String)> {
    (1..=count).map(|n| (format!("{name}.{n}"), format!("{prefix}_{n}"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_primary_unit_takes_the_place_of_the_old_one() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let [dev, ops, net] = &units(&admin, &corp, &["dev", "ops", "net"]).await[..] else { panic!("three") };
    let alice = corp.make_user_in(&admin, dev, "alice").await;
    corp.place_in(&admin, &alice, &[ops]).await;
    server.pass(1_000);
    corp.place_in(&admin, &alice, &[&corp.root]).await;
    assert_eq!(corp.units_of(&admin, &alice).await, ["dev", "ops", "root"]);
    let updated = async || (corp.get_user(&admin, &alice).await.update_time - NOW) / 1_000 - 1;

    server.pass(1_000);
    set_primary(&admin, &corp, &alice, net).await.expect("both are there");
    assert_eq!(corp.units_of(&admin, &alice).await, ["net", "ops", "root"], "dev is left altogether");
    assert_eq!(corp.unit_members(&admin, dev).await, Vec::<String>::new());
    assert_eq!(corp.unit_members(&admin, net).await, ["alice"]);
    assert_eq!(updated().await, 1, "the primary unit is a user's own field");

    server.pass(1_000);
    set_primary(&admin, &corp, &alice, ops).await.expect("both are there");
    assert_eq!(corp.units_of(&admin, &alice).await, ["ops", "root"], "a further one is promoted");
    assert_eq!(updated().await, 2);

    server.pass(1_000);
    set_primary(&admin, &corp, &alice, ops).await.expect("it is so already");
    assert_eq!(corp.units_of(&admin, &alice).await, ["ops", "root"]);
    assert_eq!(updated().await, 2, "nothing has changed");

    set_primary(&admin, &corp, &alice, &corp.root).await.expect("both are there");
    assert_eq!(corp.units_of(&admin, &alice).await, ["root"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_unit_is_asked_for_by_its_own_id_and_the_user_s() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let other = Instance::make(&admin).await;
    let alice = corp.make_user(&admin, "alice").await;
    let bob = other.make_user(&admin, "bob").await;
    let dev = corp.make_unit(&admin, "dev", &corp.root).await;
    let digits = dev.strip_prefix("ou_").expect("its prefix");
    let (user, unit) = (("UserId", alice.as_str()), ("OrganizationalUnitId", dev.as_str()));
    let group = format!("group_{digits}");

    let no_user = |id: &str| format!("404 ResourceNotFound.User {id}");
    let no_unit = |id: &str| format!("404 ResourceNotFound.OrganizationalUnit {id}");
    corp.refuses(
        &admin,
        "SetUserPrimaryOrganizationalUnit",
        &[
            (&[unit], "400 MissingParameter.UserId"),
            (&[("UserId", ""), ("OrganizationalUnitId", "")], "400 MissingParameter.UserId"),
            (&[user], "400 MissingParameter.OrganizationalUnitId"),
            (&[user, ("OrganizationalUnitId", "")], "400 MissingParameter.OrganizationalUnitId"),
            (&[("UserId", NOBODY), unit], &no_user(NOBODY)),
            (&[("UserId", &bob), unit], &no_user(&bob)),
            (&[("UserId", "alice"), unit], &no_user("alice")),
            (&[("UserId", &dev), unit], &no_user(&dev)),
            (&[user, ("OrganizationalUnitId", NOWHERE)], &no_unit(NOWHERE)),
            (&[user, ("OrganizationalUnitId", &other.root)], &no_unit(&other.root)),
            (&[user, ("OrganizationalUnitId", &group)], &no_unit(&group)),
            (&[user, ("OrganizationalUnitId", "dev")], &no_unit("dev")),
        ],
    )
    .await;
    is_refused(&admin, "SetUserPrimaryOrganizationalUnit", &[user, unit], "400 MissingParameter.InstanceId")
        .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn further_units_are_joined_all_or_none_and_a_member_stays_one() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let other = Instance::make(&admin).await;
    let [dev, ops, net] = &units(&admin, &corp, &["dev", "ops", "net"]).await[..] else { panic!("three") };
    let alice = corp.make_user_in(&admin, dev, "alice").await;

    server.pass(1_000);
    admin.send(&adding(&corp, &alice, &[net, net])).await.expect("both are there");
    server.pass(1_000);
    admin.send(&adding(&corp, &alice, &[dev, ops, net])).await.expect("some of them are hers already");
    assert_eq!(corp.units_of(&admin, &alice).await, ["dev", "net", "ops"], "in the order of joining");
    assert_eq!(corp.get_user(&admin, &alice).await.update_time, NOW, "further units are not her own field");
    for unit in [dev, ops, net] {
        assert_eq!(corp.unit_members(&admin, unit).await, ["alice"]);
    }

    let user = ("UserId", alice.as_str());
    let root = ("OrganizationalUnitIds.1", corp.root.as_str());
    let no_unit = |id: &str| format!("404 ResourceNotFound.OrganizationalUnit {id}");
    let too_many = many("OrganizationalUnitIds", "ou", 101);
    let mut too_many: Vec<(&str, &str)> =
        too_many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    too_many.push(user);
    corp.refuses(
        &admin,
        "AddUserToOrganizationalUnits",
        &[
            (&[root], "400 MissingParameter.UserId"),
            (&[user], "400 MissingParameter.OrganizationalUnitIds"),
            (&too_many, "400 InvalidParameter.OrganizationalUnitIds"),
            (&[("UserId", NOBODY), root], &format!("404 ResourceNotFound.User {NOBODY}")),
            (&[user, root, ("OrganizationalUnitIds.2", NOWHERE)], &no_unit(NOWHERE)),
            (&[user, root, ("OrganizationalUnitIds.2", &other.root)], &no_unit(&other.root)),
            (&[user, root, ("OrganizationalUnitIds.2", "dev")], &no_unit("dev")),
        ],
    )
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_units_are_joined_and_left_at_once() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let names: Vec<String> = (0..100).map(|number| format!("unit {number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let units = units(&admin, &corp, &names).await;
    let alice = corp.make_user(&admin, "alice").await;

    admin.send(&adding(&corp, &alice, &units)).await.expect("all are there");
    let mut of_alice = corp.units_of(&admin, &alice).await;
    assert_eq!(of_alice.remove(0), "root");
    of_alice.sort_unstable();
    let mut expected = names.clone();
    expected.sort_unstable();
    assert_eq!(of_alice, expected);

    admin.send(&leaving(&corp, &alice, &units)).await.expect("none is the primary one");
    assert_eq!(corp.units_of(&admin, &alice).await, ["root"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn further_units_are_left_but_never_the_primary_one() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let other = Instance::make(&admin).await;
    let [dev, ops, net] = &units(&admin, &corp, &["dev", "ops", "net"]).await[..] else { panic!("three") };
    let alice = corp.make_user_in(&admin, dev, "alice").await;
    corp.place_in(&admin, &alice, &[ops, net]).await;

    let user = ("UserId", alice.as_str());
    let unit = ("OrganizationalUnitIds.1", ops.as_str());
    let too_many = many("OrganizationalUnitIds", "ou", 101);
    let mut too_many: Vec<(&str, &str)> =
        too_many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    too_many.push(user);
    let refused = "403 OperationDenied.PrimaryOrganizationalUnit";
    corp.refuses(
        &admin,
        "RemoveUserFromOrganizationalUnits",
        &[
            (&[unit], "400 MissingParameter.UserId"),
            (&[user], "400 MissingParameter.OrganizationalUnitIds"),
            (&too_many, "400 InvalidParameter.OrganizationalUnitIds"),
            (&[("UserId", NOBODY), unit], &format!("404 ResourceNotFound.User {NOBODY}")),
            (&[user, ("OrganizationalUnitIds.1", dev)], refused),
            (&[user, unit, ("OrganizationalUnitIds.2", dev)], refused),
        ],
    )
    .await;

    server.pass(1_000);
    let nothing = [NOWHERE, &other.root, &corp.root, "dev"];
    admin.send(&leaving(&corp, &alice, &nothing)).await.expect("she is in none of them");
    admin.send(&leaving(&corp, &alice, &[ops, NOWHERE, ops])).await.expect("she is in one of them");
    admin.send(&leaving(&corp, &alice, &[ops])).await.expect("she is in it no longer");
    assert_eq!(corp.units_of(&admin, &alice).await, ["dev", "net"]);
    assert_eq!(corp.get_user(&admin, &alice).await.update_time, NOW);
    assert_eq!(corp.unit_members(&admin, ops).await, Vec::<String>::new());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_moves_at_once_one_primary_unit_is_left() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let units = units(&admin, &corp, &["a", "b", "c", "d"]).await;
    let alice = corp.make_user(&admin, "alice").await;
    let others: Vec<Client> = units.iter().map(|_| server.administrator().eiam()).collect();
    for round in 0..10 {
        let moves = others.iter().zip(&units).enumerate().map(async |(at, (client, unit))| {
            if at % 2 == 0 {
                set_primary(client, &corp, &alice, unit).await
            } else {
                client.send(&adding(&corp, &alice, &[unit])).await.map(|_| ())
            }
        });
        for moved in futures_util::future::join_all(moves).await {
            moved.unwrap_or_else(|fault| panic!("round {round}: {fault:?}"));
        }
        let of_alice = corp.units_of(&admin, &alice).await;
        assert!(["a", "c"].contains(&of_alice[0].as_str()), "round {round}: {of_alice:?}");
        let mut further = of_alice[1..].to_vec();
        further.sort_unstable();
        assert_eq!(further, ["b", "d"], "round {round}");
        let left = leaving(&corp, &alice, &[&units[1], &units[3]]);
        admin.send(&left).await.expect("they are further ones");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn users_join_a_group_all_or_none_and_a_member_stays_one() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let other = Instance::make(&admin).await;
    let elsewhere = other.make_user(&admin, "elsewhere").await;
    let readers = corp.make_group(&admin, "readers").await;
    let users = corp.make_users(&admin, &["alice", "bob", "carol"]).await;
    let [alice, bob, carol] = &users[..] else { panic!("three") };

    server.pass(1_000);
    admin.send(&joining(&corp, &readers, &[carol])).await.expect("all are there");
    server.pass(1_000);
    admin.send(&joining(&corp, &readers, &[bob, carol, bob])).await.expect("one is in it already");
    server.pass(1_000);
    admin.send(&joining(&corp, &readers, &[carol, alice])).await.expect("one is in it already");
    assert_eq!(
        corp.members(&admin, &readers).await,
        [carol, bob, alice].map(String::as_str),
        "in the order of joining"
    );
    assert_eq!(corp.get_group(&admin, &readers).await.update_time, NOW, "members are not its own field");
    assert_eq!(corp.get_user(&admin, alice).await.update_time, NOW, "groups are not a user's own field");

    let dave = corp.make_user(&admin, "dave").await;
    let (group, user) = (("GroupId", readers.as_str()), ("UserIds.1", dave.as_str()));
    let too_many = many("UserIds", "user", 101);
    let mut too_many: Vec<(&str, &str)> =
        too_many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    too_many.push(group);
    let unknown = |id: &str| format!("404 ResourceNotFound.User {id}");
    corp.refuses(
        &admin,
        "AddUsersToGroup",
        &[
            (&[group], "400 MissingParameter.UserIds"),
            (&too_many, "400 InvalidParameter.UserIds"),
            (&[group, user, ("UserIds.2", NOBODY)], &unknown(NOBODY)),
            (&[group, user, ("UserIds.2", &elsewhere)], &unknown(&elsewhere)),
            (&[group, user, ("UserIds.2", "alice")], &unknown("alice")),
        ],
    )
    .await;

    server.pass(1_000);
    admin.send(&quitting(&corp, &readers, &[carol, NOBODY, &elsewhere, &dave, "alice"])).await.expect("fine");
    admin.send(&quitting(&corp, &readers, &[carol])).await.expect("she has left it already");
    assert_eq!(corp.members(&admin, &readers).await, [bob, alice].map(String::as_str));
    corp.refuses(
        &admin,
        "RemoveUsersFromGroup",
        &[(&[group], "400 MissingParameter.UserIds"), (&too_many, "400 InvalidParameter.UserIds")],
    )
    .await;
    // Who comes back comes last.
    admin.send(&joining(&corp, &readers, &[carol])).await.expect("she is there");
    assert_eq!(corp.members(&admin, &readers).await, [bob, alice, carol].map(String::as_str));
    assert_eq!(corp.get_group(&admin, &readers).await.update_time, NOW);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_a_group_and_in_which_groups_somebody_is_says_where_that_comes_from() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let readers = corp.make_group(&admin, "readers").await;
    let writers = corp.make_group(&admin, "writers").await;
    let users = corp.make_users(&admin, &["alice", "bob"]).await;
    let [alice, bob] = &users[..] else { panic!("two") };
    for (group, user) in [(&writers, alice), (&readers, bob), (&readers, alice)] {
        server.pass(1);
        corp.join(&admin, group, &[user]).await;
    }

    let ids = [
        (alice.as_str(), "alice"),
        (bob.as_str(), "bob"),
        (&readers, "readers"),
        (&writers, "writers"),
        (&corp.id, "corp"),
    ];
    let listed = corp.call(&admin, "ListUsersForGroup", &[("GroupId", &readers)]).await;
    insta::assert_json_snapshot!(told(&listed, &ids), @r#"
    {
      "RequestId": "[id]",
      "TotalCount": 2,
      "Users": [
        {
          "GroupMemberRelationSourceId": "[corp]",
          "GroupMemberRelationSourceType": "build_in",
          "UserId": "[bob]"
        },
        {
          "GroupMemberRelationSourceId": "[corp]",
          "GroupMemberRelationSourceType": "build_in",
          "UserId": "[alice]"
        }
      ]
    }
    "#);
    let listed = corp.call(&admin, "ListGroupsForUser", &[("UserId", alice)]).await;
    insta::assert_json_snapshot!(told(&listed, &ids), @r#"
    {
      "Groups": [
        {
          "GroupId": "[writers]",
          "GroupMemberRelationSourceId": "[corp]",
          "GroupMemberRelationSourceType": "build_in"
        },
        {
          "GroupId": "[readers]",
          "GroupMemberRelationSourceId": "[corp]",
          "GroupMemberRelationSourceType": "build_in"
        }
      ],
      "RequestId": "[id]",
      "TotalCount": 2
    }
    "#);
    let nobody = corp.make_user(&admin, "nobody").await;
    let listed = corp.call(&admin, "ListGroupsForUser", &[("UserId", &nobody)]).await;
    insta::assert_json_snapshot!(told(&listed, &[]), @r#"
    {
      "Groups": [],
      "RequestId": "[id]",
      "TotalCount": 0
    }
    "#);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_come_in_pages_and_by_name_with_an_exact_total() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let readers = corp.make_group(&admin, "readers").await;
    let names: Vec<String> = (0..45).map(|number| format!("user_{number:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut users = corp.make_users(&admin, &names).await;
    // The later half joins first.
    admin.send(&joining(&corp, &readers, &users[20..])).await.expect("all are there");
    server.pass(1);
    admin.send(&joining(&corp, &readers, &users[..20])).await.expect("all are there");
    users.rotate_left(20);

    let plain = admin.send(&members(&corp, &readers)).await.expect("the group is there");
    assert_eq!((plain.users.len(), plain.total_count), (20, 45));
    for size in [1, 7, 20, 45, 100] {
        let mut found = Vec::new();
        for number in 1.. {
            let request = ListUsersForGroup {
                page_number: Some(number.try_into().expect("in range")),
                page_size: Some(size.try_into().expect("in range")),
                ..members(&corp, &readers)
            };
            let page = admin.send(&request).await.expect("the group is there");
            assert_eq!(page.total_count, 45);
            if page.users.is_empty() {
                break;
            }
            found.extend(page.users.into_iter().map(|user| user.user_id));
        }
        assert_eq!(found, users, "pages of {size}");
    }

    let stranger = corp.make_user(&admin, "stranger").await;
    for (only, expected) in [
        (vec![users[44].as_str(), &users[0], &stranger, NOBODY, "user_00", &users[0]], vec![0, 44]),
        (vec![stranger.as_str()], vec![]),
        (vec![NOBODY], vec![]),
    ] {
        let request = ListUsersForGroup { user_ids: Some(texts(&only)), ..members(&corp, &readers) };
        let page = admin.send(&request).await.expect("the group is there");
        let expected: Vec<&String> = expected.into_iter().map(|at: usize| &users[at]).collect();
        assert_eq!(page.users.iter().map(|user| &user.user_id).collect::<Vec<_>>(), expected);
        assert_eq!(usize::try_from(page.total_count), Ok(expected.len()));
    }
    let second = ListUsersForGroup {
        user_ids: Some(texts(&users[..3])),
        page_number: Some(2.try_into().expect("in range")),
        page_size: Some(2.try_into().expect("in range")),
        ..members(&corp, &readers)
    };
    let page = admin.send(&second).await.expect("the group is there");
    assert_eq!(page.users.iter().map(|user| &user.user_id).collect::<Vec<_>>(), [&users[2]]);
    assert_eq!(page.total_count, 3);

    let group = ("GroupId", readers.as_str());
    let corp_id = ("InstanceId", corp.id.as_str());
    for (name, text) in
        [("PageNumber", "0"), ("PageNumber", "x"), ("PageSize", "0"), ("PageSize", "101"), ("PageSize", "x")]
    {
        let invalid = format!("400 InvalidParameter.{name}");
        is_refused(&admin, "ListUsersForGroup", &[corp_id, group, (name, text)], &invalid).await;
        let user = ("UserId", stranger.as_str());
        is_refused(&admin, "ListGroupsForUser", &[corp_id, user, (name, text)], &invalid).await;
    }
    let too_many = many("UserIds", "user", 101);
    let mut too_many: Vec<(&str, &str)> =
        too_many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    too_many.extend([corp_id, group]);
    is_refused(&admin, "ListUsersForGroup", &too_many, "400 InvalidParameter.UserIds").await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_s_groups_come_in_pages_in_the_order_of_joining() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let other = Instance::make(&admin).await;
    let alice = corp.make_user(&admin, "alice").await;
    let mut groups = Vec::new();
    for number in 0..25 {
        groups.push(corp.make_group(&admin, &format!("group {number}")).await);
    }
    groups.reverse();
    for group in &groups {
        server.pass(1);
        corp.join(&admin, group, &[&alice]).await;
    }

    let request = ListGroupsForUser {
        instance_id: corp.id.clone(),
        user_id: alice.clone(),
        ..ListGroupsForUser::default()
    };
    let plain = admin.send(&request).await.expect("she is there");
    assert_eq!((plain.groups.len(), plain.total_count), (20, 25));
    for size in [1, 10, 25, 100] {
        let mut found = Vec::new();
        for number in 1.. {
            let request = ListGroupsForUser {
                page_number: Some(number.try_into().expect("in range")),
                page_size: Some(size.try_into().expect("in range")),
                ..request.clone()
            };
            let page = admin.send(&request).await.expect("she is there");
            assert_eq!(page.total_count, 25);
            if page.groups.is_empty() {
                break;
            }
            found.extend(page.groups.into_iter().map(|group| group.group_id));
        }
        assert_eq!(found, groups, "pages of {size}");
    }
    assert_eq!(corp.groups_of(&admin, &alice).await.len(), 25);
    assert_eq!(corp.groups_of(&admin, &alice).await[0], "group 24");

    let bob = other.make_user(&admin, "bob").await;
    let unknown = |id: &str| format!("404 ResourceNotFound.User {id}");
    corp.refuses(
        &admin,
        "ListGroupsForUser",
        &[
            (&[], "400 MissingParameter.UserId"),
            (&[("UserId", NOBODY)], &unknown(NOBODY)),
            (&[("UserId", &bob)], &unknown(&bob)),
            (&[("UserId", "alice")], &unknown("alice")),
        ],
    )
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_superadmin_is_a_member_only_where_it_is_named() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let readers = corp.make_group(&admin, "readers").await;
    let alice = corp.make_user(&admin, "alice").await;
    let system = superadmin(&server.home).await;
    assert_eq!(corp.get_user(&admin, &system).await.username, "superadmin", "it is found by its id");

    admin.send(&joining(&corp, &readers, &[&system, &alice])).await.expect("both are there");

    let page = admin.send(&members(&corp, &readers)).await.expect("the group is there");
    assert_eq!(page.users.iter().map(|user| &user.user_id).collect::<Vec<_>>(), [&alice]);
    assert_eq!(page.total_count, 1);
    let named = ListUsersForGroup { user_ids: Some(texts(&[&system])), ..members(&corp, &readers) };
    let page = admin.send(&named).await.expect("the group is there");
    assert_eq!(page.users.iter().map(|user| &user.user_id).collect::<Vec<_>>(), [&system]);
    assert_eq!(page.total_count, 1);
    assert_eq!(corp.groups_of(&admin, &system).await, ["readers"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_users_join_a_group_at_once_and_from_everywhere() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let readers = corp.make_group(&admin, "readers").await;
    let names: Vec<String> = (0..100).map(|number| format!("user_{number:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let users = corp.make_users(&admin, &names).await;
    let events = async || number(&server.home, "select count(*) from events").await;

    let others: Vec<Client> = (0..4).map(|_| server.administrator().eiam()).collect();
    let request = joining(&corp, &readers, &users);
    for joined in futures_util::future::join_all(others.iter().map(|client| client.send(&request))).await {
        joined.expect("who is in it already stays in it");
    }
    assert_eq!(corp.members(&admin, &readers).await, users, "each once");
    let before = events().await;
    admin.send(&request).await.expect("all are in it");
    assert_eq!(events().await, before, "what changes nothing is no event");

    let request = quitting(&corp, &readers, &users);
    for left in futures_util::future::join_all(others.iter().map(|client| client.send(&request))).await {
        left.expect("who has left it is passed over");
    }
    assert_eq!(corp.members(&admin, &readers).await, Vec::<String>::new());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_deleted_is_in_nothing_any_more() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let dev = corp.make_unit(&admin, "dev", &corp.root).await;
    let readers = corp.make_group(&admin, "readers").await;
    let users = corp.make_users(&admin, &["alice", "bob"]).await;
    for user in &users {
        corp.place_in(&admin, user, &[&dev]).await;
        corp.join(&admin, &readers, &[user]).await;
    }

    corp.done(&admin, "DeleteUser", &[("UserId", &users[0])]).await;

    assert_eq!(corp.members(&admin, &readers).await, users[1..]);
    assert_eq!(corp.unit_members(&admin, &dev).await, ["bob"]);
    assert_eq!(corp.unit_members(&admin, &corp.root).await, ["bob"]);
    let named = ListUsersForGroup { user_ids: Some(texts(&users[..1])), ..members(&corp, &readers) };
    assert_eq!(admin.send(&named).await.expect("the group is there").total_count, 0);
    server.stop().await;
}
