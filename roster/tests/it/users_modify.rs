//! `ModifyUser` and `BatchSetDesktopManager`.
//!
//! Source: `reference/eds-user.md`, 4 and 37; `reference/doors.md` §0, §1 and §2.3.

use access::{Change, Permit, Scope};
use api::eds::{
    BatchSetDesktopManager, DescribeGroupUser, DescribeUsers, FilterUsers, IsDesktopManager, ModifyUser,
    NewUser,
};
use directory::users;
use futures_util::future::join_all;
use model::text::{Email, Line, Phone, Username};
use model::user::OwnerType;
use serde_json::{Value, json};

use crate::support::{
    Client, Fault, Server, create, create_users, everybody, filter, find, join, list, lock, make, make_group,
    managed, new_user, number, texts, user,
};

/// A request to change these; what is `None` is absent.
async fn modify(client: &Client, name: &str, email: Option<&str>, phone: Option<&str>) -> Result<(), Fault> {
    let request = ModifyUser {
        end_user_id: name.to_owned(),
        email: email.map(str::to_owned),
        phone: phone.map(str::to_owned),
    };
    client.send(&request).await.map(|_| ())
}

/// Address and number as they are shown.
async fn contact(client: &Client, name: &str) -> (Option<String>, Option<String>) {
    let user = user(client, name).await;
    (user.email, user.phone)
}

fn both(email: &str, phone: &str) -> (Option<String>, Option<String>) {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    (given(email), given(phone))
}

fn with_phone(name: &str, phone: &str) -> NewUser {
    NewUser { phone: Some(phone.to_owned()), ..new_user(name) }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_absent_stays_and_what_is_empty_goes() {
    let server = Server::start().await;
    let admin = server.administrator();
    make(&admin, vec![with_phone("alice", "13800000001"), with_phone("bob", "13800000002")]).await;
    let cases = [
        (None, None, both("alice@example.com", "13800000001")),
        (Some("Alice@New.example.com"), None, both("Alice@New.example.com", "13800000001")),
        (None, Some("+86 139-0000-0001"), both("Alice@New.example.com", "13900000001")),
        (Some(""), None, both("", "13900000001")),
        (Some("a@example.org"), Some(""), both("a@example.org", "")),
        (Some(""), Some("13800000003"), both("", "13800000003")),
        (Some("张三@例子.中国"), Some("13800000002"), both("张三@例子.中国", "13800000002")),
    ];
    for (email, phone, expected) in cases {
        let answer = admin
            .call(
                "ModifyUser",
                &[("EndUserId", "alice")]
                    .into_iter()
                    .chain(email.map(|text| ("Email", text)))
                    .chain(phone.map(|text| ("Phone", text)))
                    .collect::<Vec<_>>(),
            )
            .await;
        assert_eq!(answer.status, 200, "{email:?}, {phone:?}: {}", answer.text());
        assert_eq!(
            answer.json().as_object().map(|fields| fields.keys().cloned().collect::<Vec<_>>()),
            Some(vec!["RequestId".to_owned()])
        );
        assert_eq!(contact(&admin, "alice").await, expected, "{email:?}, {phone:?}");
    }
    assert_eq!(contact(&admin, "bob").await, both("bob@example.com", "13800000002"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_whom_the_administrator_activates_may_be_left_without_both() {
    let server = Server::start().await;
    let admin = server.administrator();
    make(&admin, vec![new_user("mail"), with_phone("both", "13800000001")]).await;
    make(&admin, vec![NewUser { email: None, ..with_phone("phone", "13800000002") }]).await;
    make(
        &admin,
        vec![NewUser {
            email: Some("m@example.com".into()),
            phone: Some("13800000003".into()),
            ..managed("managed")
        }],
    )
    .await;
    let before = list(&admin, &DescribeUsers::default()).await;

    let refused = [
        ("mail", Some(""), None),
        ("mail", Some(""), Some("")),
        ("phone", None, Some("")),
        ("phone", Some(""), Some("")),
        ("both", Some(""), Some("")),
    ];
    for (name, email, phone) in refused {
        let fault = modify(&admin, name, email, phone).await.expect_err("nothing would be left");
        assert_eq!(fault.brief(), "400 MissingEmailOrPhone", "{name}, {email:?}, {phone:?}");
    }
    let after = list(&admin, &DescribeUsers::default()).await;
    assert_eq!(format!("{after:?}"), format!("{before:?}"), "a call that is refused changes nothing");

    modify(&admin, "both", None, Some("")).await.expect("the address is left");
    modify(&admin, "phone", Some("p@example.com"), Some("")).await.expect("the new address is left");
    modify(&admin, "managed", Some(""), Some("")).await.expect("nothing is needed");
    assert_eq!(contact(&admin, "both").await, both("both@example.com", ""));
    assert_eq!(contact(&admin, "phone").await, both("p@example.com", ""));
    assert_eq!(contact(&admin, "managed").await, both("", ""));
    modify(&admin, "managed", Some("m@example.com"), None).await.expect("it may come back");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_is_none_changes_nothing_not_even_the_other_one() {
    let server = Server::start().await;
    let admin = server.administrator();
    make(&admin, vec![with_phone("alice", "13800000001")]).await;

    for email in [
        "nobody",
        "a@localhost",
        "a@corp.local",
        "a@b@example.com",
        "a b@example.com",
        "a@example.c",
        "a\u{7}@example.com",
        " ",
        &format!("{}@example.com", "a".repeat(117)),
    ] {
        let fault =
            modify(&admin, "alice", Some(email), Some("13800000009")).await.expect_err("it is no address");
        assert_eq!(fault.brief(), "400 InvalidEmail", "{email:?}");
    }
    for phone in ["123", "23800000000", "1381111****", "+113800000000", "138000000000", "\u{7}13800000000"] {
        let fault =
            modify(&admin, "alice", Some("new@example.com"), Some(phone)).await.expect_err("it is no number");
        assert_eq!(fault.brief(), "400 InvalidPhone", "{phone:?}");
    }
    for (name, refusal) in [
        ("ghost", "400 InvalidEndUserId.NotFound"),
        ("not a name", "400 InvalidEndUserId.NotFound"),
        ("", "400 MissingEndUserId"),
    ] {
        let fault = modify(&admin, name, Some("new@example.com"), None).await.expect_err("there is nobody");
        assert_eq!(fault.brief(), refusal, "{name:?}");
    }
    let answer = admin.call("ModifyUser", &[("Email", "new@example.com")]).await;
    assert_eq!(
        (answer.refusal().as_str(), answer.fault().message.as_str()),
        ("400 MissingEndUserId", "EndUserId is mandatory for this action.")
    );
    assert_eq!(contact(&admin, "alice").await, both("alice@example.com", "13800000001"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_is_the_same_changes_nothing() {
    let server = Server::start().await;
    let admin = server.administrator();
    make(&admin, vec![with_phone("alice", "13800000001")]).await;
    let updated = "select updated from users where username_key = 'alice'";
    let events = "select count(*) from events";
    let before = (number(&server.home, updated).await, number(&server.home, events).await);

    server.pass(1_000);
    for (email, phone) in [
        (None, None),
        (Some("alice@example.com"), None),
        (None, Some("13800000001")),
        (Some("alice@example.com"), Some("+86 138-0000-0001")),
    ] {
        modify(&admin, "alice", email, phone).await.expect("it may be said again");
        let after = (number(&server.home, updated).await, number(&server.home, events).await);
        assert_eq!(after, before, "{email:?}, {phone:?}");
    }
    modify(&admin, "alice", Some("Alice@example.com"), None).await.expect("it is right");
    let after = (number(&server.home, updated).await, number(&server.home, events).await);
    assert_eq!(after, (before.0 + 1_000, before.1 + 1), "another spelling is another value");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_another_door_stored_may_be_said_again_and_not_anew() {
    let server = Server::start().await;
    let admin = server.administrator();
    server.pass(1_000);
    let open = roster::house::open(&server.home.serve.house, false).await.expect("the house opens");
    let directory = open.default_directory().await.expect("there is one");
    let permit = Permit::operator("test", Scope::Directory(directory), server.home.clock.now());
    let new = users::NewUser {
        email: Email::new("odd@corp.local").expect("any text"),
        phone: Some(Phone {
            region: Line::new("44").expect("digits"),
            number: Line::new("7700900000").expect("digits"),
        }),
        owner_type: OwnerType::Normal,
        ..users::NewUser::named(Username::new("Odd One").expect("any text"))
    };
    let mut change = Change::new(&open.store, &open.tools, None);
    let made = users::create(&mut change, &permit, &[new]).await.expect("the store is there");
    assert!(made.iter().all(Result::is_ok), "{made:?}");
    change.commit(&permit).await.expect("it is committed");
    open.store.close().await;
    assert_eq!(contact(&admin, "odd one").await, both("odd@corp.local", "+447700900000"));

    modify(&admin, "Odd One", Some("odd@corp.local"), Some("+447700900000")).await.expect("it is as it was");
    modify(&admin, " ODD ONE ", Some("odd@corp.local"), None).await.expect("it is as it was");
    for (email, phone, refusal) in [
        (Some("odd2@corp.local"), None, "400 InvalidEmail"),
        (Some("odd@corp.local"), Some("+447700900001"), "400 InvalidPhone"),
    ] {
        let fault = modify(&admin, "odd one", email, phone).await.expect_err("it is not as it was");
        assert_eq!(fault.brief(), refusal);
    }
    assert_eq!(contact(&admin, "odd one").await, both("odd@corp.local", "+447700900000"));
    modify(&admin, "odd one", Some("odd@example.com"), Some("")).await.expect("it may be replaced");
    modify(&admin, "odd one", Some("odd@corp.local"), None).await.expect_err("it is not as it is now");
    assert_eq!(contact(&admin, "odd one").await, both("odd@example.com", ""));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_find_the_new_address_and_the_old_one_no_more() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;
    let group = make_group(&admin, "everybody").await;
    join(&admin, &group, &["alice", "bob"]).await;
    let found = async |text: &str| {
        let filter_text = Some(text.to_owned());
        let described =
            find(&admin, &DescribeUsers { filter: filter_text.clone(), ..DescribeUsers::default() }).await;
        let filtered =
            filter(&admin, &FilterUsers { filter: filter_text.clone(), ..FilterUsers::default() }).await;
        let request = DescribeGroupUser {
            group_id: group.clone(),
            filter: filter_text,
            ..DescribeGroupUser::default()
        };
        let members = admin.send(&request).await.expect("the call is right").users;
        let members: Vec<String> = members.into_iter().map(|user| user.end_user_id).collect();
        assert_eq!((&described, &members), (&filtered, &filtered), "{text}");
        described
    };
    assert_eq!(found("alice@example").await, ["alice"]);

    modify(&admin, "alice", Some("Wonder@Land.example.org"), None).await.expect("it is right");

    for (text, expected) in [
        ("alice@example", &[][..]),
        ("example.com", &["bob"]),
        ("*@example.com", &["bob"]),
        ("wonder", &["alice"]),
        ("onder@land", &["alice"]),
        ("*.ORG", &["alice"]),
        ("alice", &["alice"]),
        ("r@l", &["alice"]),
        ("w", &["alice"]),
    ] {
        assert_eq!(found(text).await, expected, "{text}");
    }
    modify(&admin, "alice", Some(""), Some("13800000001")).await.expect("it is right");
    for (text, expected) in
        [("wonder", &[][..]), ("@", &["bob"]), ("alice", &["alice"]), ("13800000001", &[])]
    {
        assert_eq!(found(text).await, expected, "{text}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_of_the_user_changes_and_superadmin_is_a_user_too() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice"]).await;
    lock(&admin, &["alice"]).await;
    let shown =
        async || admin.call("DescribeUsers", &[("EndUserIds.1", "alice")]).await.json()["Users"][0].take();
    let mut before = shown().await;

    modify(&admin, "ALICE", Some("new@example.com"), Some("13800000001")).await.expect("it is right");

    before["Email"] = "new@example.com".into();
    before["Phone"] = "13800000001".into();
    assert_eq!(shown().await, before);
    assert_eq!(before["Status"], 9, "a lock does not keep the address as it is");

    modify(&admin, "superadmin", Some("root@example.com"), None).await.expect("it is right");
    assert_eq!(contact(&admin, "superadmin").await, both("root@example.com", ""));
    let fault =
        modify(&admin, "superadmin", Some(""), None).await.expect_err("it is activated by the person");
    assert_eq!(fault.brief(), "400 MissingEmailOrPhone");
    assert_eq!(everybody(&admin).await, ["alice"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_clear_the_last_two_ways_at_once_one_is_refused() {
    let server = Server::start().await;
    let (one, other) = (server.administrator(), server.administrator());
    for round in 0..10 {
        let name = format!("user_{round}");
        make(&one, vec![with_phone(&name, "13800000001")]).await;

        let (mail, phone) =
            tokio::join!(modify(&one, &name, Some(""), None), modify(&other, &name, None, Some("")));

        let left = match (mail, phone) {
            (Ok(()), Err(fault)) => (fault, both("", "13800000001")),
            (Err(fault), Ok(())) => (fault, both(&format!("{name}@example.com"), "")),
            (mail, phone) => panic!("exactly one is refused: {mail:?}, {phone:?}"),
        };
        assert_eq!(left.0.brief(), "400 MissingEmailOrPhone");
        assert_eq!(contact(&one, &name).await, left.1);
    }
    server.stop().await;
}

/// Whether each of these is local administrator.
async fn administrators(client: &Client) -> Vec<bool> {
    list(client, &DescribeUsers::default()).await.iter().map(|user| user.enable_admin_access).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn several_users_become_local_administrators_and_cease_to_be() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob", "carol"]).await;
    let mut made = create_users(vec![new_user("dave")]);
    made.is_local_admin = Some(true);
    admin.send(&made).await.expect("the call is right");

    let cases = [
        (vec![("Users.1", "alice"), ("Users.2", "BOB")], [true, true, false, true]),
        (vec![("Users.1", "carol"), ("IsDesktopManager", "1")], [true, true, true, true]),
        (
            vec![("Users.1", "alice"), ("Users.2", "dave"), ("Users.3", "Alice"), ("IsDesktopManager", "0")],
            [false, true, true, false],
        ),
        (vec![("Users", r#"["alice"]"#), ("IsDesktopManager", "")], [true, true, true, false]),
        (
            vec![("Users.1", "superadmin"), ("Users.2", "alice"), ("IsDesktopManager", "0")],
            [false, true, true, false],
        ),
    ];
    for (parameters, expected) in cases {
        let answer = admin.call("BatchSetDesktopManager", &parameters).await;
        assert_eq!(answer.status, 200, "{parameters:?}: {}", answer.text());
        assert_eq!(administrators(&admin).await, expected, "{parameters:?}");
    }
    let request =
        BatchSetDesktopManager { users: texts(&["superadmin"]), is_desktop_manager: IsDesktopManager::Yes };
    admin.send(&request).await.expect("superadmin is a user too");
    assert!(user(&admin, "superadmin").await.enable_admin_access);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_unknown_name_keeps_everybody_from_becoming_a_local_administrator() {
    let server = Server::start().await;
    let admin = server.administrator();
    let all: Vec<String> = (1..=500).map(|n| format!("user_{n}")).collect();
    create(&admin, &all.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let named = |count: usize| -> Vec<(String, String)> {
        (1..=count).map(|n| (format!("Users.{n}"), format!("user_{n}"))).collect()
    };
    let with = |name: &str, value: &str| [named(2), vec![(name.to_owned(), value.to_owned())]].concat();

    let cases = [
        (with("Users.3", "ghost"), "400 InvalidUsers.NotFound"),
        (with("Users.3", "not a name"), "400 InvalidUsers.NotFound"),
        (with("Users.3", "user_501"), "400 InvalidUsers.NotFound"),
        (with("IsDesktopManager", "2"), "400 InvalidIsDesktopManager"),
        (with("IsDesktopManager", "true"), "400 InvalidIsDesktopManager"),
        (with("IsDesktopManager", "yes"), "400 InvalidIsDesktopManager"),
        (named(501), "400 InvalidUsers"),
        (Vec::new(), "400 MissingUsers"),
        (vec![("Users".to_owned(), String::new())], "400 MissingUsers"),
        (vec![("Users".to_owned(), "user_1".to_owned())], "400 InvalidUsers"),
    ];
    for (parameters, refusal) in cases {
        let answer = admin.exchange(&admin.post("BatchSetDesktopManager", &parameters)).await;
        assert_eq!(answer.refusal(), refusal, "{:?} …", parameters.last());
    }
    assert!(!administrators(&admin).await.contains(&true), "a call that is refused changes nobody");

    let answer = admin.exchange(&admin.post("BatchSetDesktopManager", &named(500))).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let shown = admin.call("DescribeUsers", &[("MaxResults", "500")]).await.json();
    let shown: Vec<&Value> =
        shown["Users"].as_array().expect("a list").iter().map(|user| &user["EnableAdminAccess"]).collect();
    assert_eq!(shown, vec![&json!(true); 500]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_that_share_names_in_any_order_do_not_block_one_another() {
    let server = Server::start().await;
    let clients: Vec<Client> = (0..6).map(|_| server.administrator()).collect();
    let forward: Vec<String> = (0..50).map(|n| format!("user_{n}")).collect();
    let backward: Vec<String> = forward.iter().rev().cloned().collect();
    create(&clients[0], &forward.iter().map(String::as_str).collect::<Vec<_>>()).await;
    for _ in 0..5 {
        let replies = join_all(clients.iter().enumerate().map(|(at, client)| {
            let names = if at % 2 == 0 { &forward } else { &backward };
            let is_desktop_manager = if at % 3 == 0 { IsDesktopManager::No } else { IsDesktopManager::Yes };
            let request = BatchSetDesktopManager { users: texts(names), is_desktop_manager };
            async move { client.send(&request).await }
        }))
        .await;
        assert!(replies.iter().all(Result::is_ok), "{replies:?}");
        let shown = administrators(&clients[0]).await;
        assert!(shown.iter().all(|is| *is == shown[0]), "each call changes all or nobody: {shown:?}");
    }
    server.stop().await;
}
