//! How users prove who they are beside their password: accounts of other sources, and one-time passwords.
//!
//! Source: `reference/eiam.md`, 13 and 14.2; `reference/doors.md` §2.1, §2.2 and §6.

use api::eiam::{
    BindUserAuthnSourceMapping, ListUserAuthnSourceMappings, ListUserAuthnSourceMappingsReply,
    UnbindUserAuthnSourceMapping,
};

use crate::support::{Client, Fault, Instance, NOW, Server, is_refused, number, refused, superadmin, told};

const DAY: i64 = 86_400_000;
/// A well-formed user id that is nobody's.
const NOBODY: &str = "user_dfizzgsafjod6cnhdpsnecdok4";
/// A source.
const IDP: &str = "idp_mwpcwnhrimlr2horx7xgg7pp7y";

/// Says that an account of a source is a user's.
async fn bind(admin: &Client, corp: &Instance, user: &str, source: &str, name: &str) -> Result<(), Fault> {
    let request = BindUserAuthnSourceMapping {
        instance_id: corp.id.clone(),
        user_id: user.to_owned(),
        identity_provider_id: source.to_owned(),
        user_external_id: name.to_owned(),
    };
    admin.send(&request).await.map(|_| ())
}

/// Takes that back.
async fn unbind(admin: &Client, corp: &Instance, user: &str, source: &str, name: &str) -> Result<(), Fault> {
    let request = UnbindUserAuthnSourceMapping {
        instance_id: corp.id.clone(),
        user_id: user.to_owned(),
        identity_provider_id: source.to_owned(),
        user_external_id: name.to_owned(),
    };
    admin.send(&request).await.map(|_| ())
}

/// A request for all accounts of a user.
fn of(corp: &Instance, user: &str) -> ListUserAuthnSourceMappings {
    ListUserAuthnSourceMappings {
        instance_id: corp.id.clone(),
        user_id: user.to_owned(),
        ..ListUserAuthnSourceMappings::default()
    }
}

async fn page(admin: &Client, request: &ListUserAuthnSourceMappings) -> ListUserAuthnSourceMappingsReply {
    admin.send(request).await.expect("the call is right")
}

/// What the sources of a page call the user.
fn names(page: &ListUserAuthnSourceMappingsReply) -> Vec<&str> {
    page.user_authn_source_mappings.iter().map(|mapping| mapping.user_external_id.as_str()).collect()
}

/// What a user is called by which source: `source: name`.
async fn bound(admin: &Client, corp: &Instance, user: &str) -> Vec<String> {
    let page = page(admin, &of(corp, user)).await;
    let mappings = page.user_authn_source_mappings.iter();
    mappings
        .map(|mapping| format!("{}: {}", mapping.identity_provider_id, mapping.user_external_id))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_another_source_is_shown_as_it_was_bound() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let alice = corp.make_user(&admin, "alice").await;
    server.pass(1_000);

    let parameters = [("UserId", alice.as_str()), ("IdentityProviderId", IDP), ("UserExternalId", "Al é/1")];
    corp.done(&admin, "BindUserAuthnSourceMapping", &parameters).await;

    let at = (NOW + 1_000).to_string();
    let ids = [(alice.as_str(), "alice"), (&corp.id, "corp"), (&at, "now")];
    let listed = corp.call(&admin, "ListUserAuthnSourceMappings", &[("UserId", &alice)]).await;
    insta::assert_json_snapshot!(told(&listed, &ids), @r#"
    {
      "MaxResults": 20,
      "RequestId": "[id]",
      "TotalCount": 1,
      "UserAuthnSourceMappings": [
        {
          "CreateTime": "[now]",
          "IdentityProviderId": "idp_mwpcwnhrimlr2horx7xgg7pp7y",
          "InstanceId": "[corp]",
          "UpdateTime": "[now]",
          "UserExternalId": "Al é/1",
          "UserId": "[alice]"
        }
      ]
    }
    "#);
    assert_eq!(corp.get_user(&admin, &alice).await.update_time, NOW, "links are not her own field");
    corp.done(&admin, "UnbindUserAuthnSourceMapping", &parameters).await;
    let listed = corp.call(&admin, "ListUserAuthnSourceMappings", &[("UserId", &alice)]).await;
    insta::assert_json_snapshot!(told(&listed, &ids), @r#"
    {
      "MaxResults": 20,
      "RequestId": "[id]",
      "TotalCount": 0,
      "UserAuthnSourceMappings": []
    }
    "#);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_a_source_is_one_user_s() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let other = Instance::make(&admin).await;
    let users = corp.make_users(&admin, &["alice", "bob"]).await;
    let [alice, bob] = &users[..] else { panic!("two") };
    let carol = other.make_user(&admin, "carol").await;
    let events = async || number(&server.home, "select count(*) from events").await;

    bind(&admin, &corp, alice, "idp_a", "x").await.expect("nobody has it");
    let before = events().await;
    bind(&admin, &corp, alice, "idp_a", "x").await.expect("she has it");
    assert_eq!(events().await, before, "nothing has changed");
    let fault = bind(&admin, &corp, bob, "idp_a", "x").await.expect_err("it is hers");
    refused(&fault, "403 ResourceDuplicated.UserExternalId", "bind");

    // By bytes, by source, by instance; and one user may have several of one source.
    bind(&admin, &corp, bob, "idp_a", "X").await.expect("it differs");
    bind(&admin, &corp, bob, "idp_b", "x").await.expect("another source");
    bind(&admin, &corp, bob, "idp_a", "y").await.expect("another name");
    bind(&admin, &other, &carol, "idp_a", "x").await.expect("another instance");
    assert_eq!(bound(&admin, &corp, alice).await, ["idp_a: x"]);
    assert_eq!(bound(&admin, &corp, bob).await, ["idp_a: X", "idp_b: x", "idp_a: y"]);

    // What is taken back, or belonged to somebody who has gone, is free.
    unbind(&admin, &corp, alice, "idp_a", "x").await.expect("she has it");
    bind(&admin, &corp, bob, "idp_a", "x").await.expect("it is free");
    corp.done(&admin, "DeleteUser", &[("UserId", bob)]).await;
    bind(&admin, &corp, alice, "idp_a", "x").await.expect("it is free");
    assert_eq!(bound(&admin, &other, &carol).await, ["idp_a: x"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_bind_one_account_at_once_one_does() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let second = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let users = corp.make_users(&admin, &["alice", "bob"]).await;
    for round in 0..10 {
        let name = format!("name {round}");
        let (hers, his) = tokio::join!(
            bind(&admin, &corp, &users[0], IDP, &name),
            bind(&second, &corp, &users[1], IDP, &name)
        );
        let fault = match (hers, his) {
            (Ok(()), Err(fault)) | (Err(fault), Ok(())) => fault,
            both => panic!("round {round}: {both:?}"),
        };
        assert_eq!(fault.brief(), "403 ResourceDuplicated.UserExternalId", "round {round}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_needed_is_asked_for_in_order_and_what_is_unknown_is_named() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let other = Instance::make(&admin).await;
    let users = corp.make_users(&admin, &["alice", "bob"]).await;
    let [alice, bob] = &users[..] else { panic!("two") };
    let elsewhere = other.make_user(&admin, "elsewhere").await;
    bind(&admin, &corp, alice, IDP, "x").await.expect("nobody has it");
    let (user, source, name) =
        (("UserId", alice.as_str()), ("IdentityProviderId", IDP), ("UserExternalId", "x"));
    let instance = ("InstanceId", corp.id.as_str());
    let longer = "x".repeat(129);

    for action in ["BindUserAuthnSourceMapping", "UnbindUserAuthnSourceMapping"] {
        for (parameters, refusal) in [
            (&[user, source, name][..], "400 MissingParameter.InstanceId".to_owned()),
            (&[instance, source, name], "400 MissingParameter.UserId".to_owned()),
            (&[instance], "400 MissingParameter.UserId".to_owned()),
            (&[instance, user, name], "400 MissingParameter.IdentityProviderId".to_owned()),
            (&[instance, user, source], "400 MissingParameter.UserExternalId".to_owned()),
            (
                &[instance, user, source, ("UserExternalId", "")],
                "400 MissingParameter.UserExternalId".to_owned(),
            ),
            (
                &[instance, user, source, ("UserExternalId", &longer)],
                "400 InvalidParameter.UserExternalId".to_owned(),
            ),
            (
                &[instance, user, source, ("UserExternalId", "a\n")],
                "400 InvalidParameter.UserExternalId".to_owned(),
            ),
            (&[instance, ("UserId", NOBODY), source, name], format!("404 ResourceNotFound.User {NOBODY}")),
            (
                &[instance, ("UserId", &elsewhere), source, name],
                format!("404 ResourceNotFound.User {elsewhere}"),
            ),
            (&[instance, ("UserId", "alice"), source, name], "404 ResourceNotFound.User alice".to_owned()),
        ] {
            is_refused(&admin, action, parameters, &refusal).await;
        }
        // No other kind of identity can be named.
        for source in ["email", "mobile", "idp_", "app_x", "IDP_x"] {
            let parameters = [instance, user, ("IdentityProviderId", source), name];
            let unknown = format!("404 ResourceNotFound.IdentityProvider {source}");
            is_refused(&admin, action, &parameters, &unknown).await;
        }
    }
    let longest = "名".repeat(128);
    bind(&admin, &corp, alice, IDP, &longest).await.expect("128 characters");
    unbind(&admin, &corp, alice, IDP, &longest).await.expect("128 characters");

    // Only what is this user's can be taken from this user.
    for (user, source, name) in [(bob, IDP, "x"), (alice, IDP, "X"), (alice, "idp_other", "x")] {
        let fault = unbind(&admin, &corp, user, source, name).await.expect_err("it is not bound so");
        assert_eq!(fault.brief(), "404 ResourceNotFound.UserAuthnSourceMapping");
        assert_eq!(
            fault.message,
            format!("The specified UserAuthnSourceMapping resource: {name} not found.")
        );
    }
    unbind(&admin, &corp, alice, IDP, "x").await.expect("she has it");
    let again = unbind(&admin, &corp, alice, IDP, "x").await.expect_err("she has it no longer");
    assert_eq!(again.brief(), "404 ResourceNotFound.UserAuthnSourceMapping");

    for (parameters, refusal) in [
        (&[user][..], "400 MissingParameter.InstanceId".to_owned()),
        (&[instance], "400 MissingParameter.UserId".to_owned()),
        (&[instance, ("UserId", NOBODY)], format!("404 ResourceNotFound.User {NOBODY}")),
        (&[instance, ("UserId", &elsewhere)], format!("404 ResourceNotFound.User {elsewhere}")),
        (&[instance, user, ("MaxResults", "101")], "400 InvalidParameter.MaxResults".to_owned()),
        (&[instance, user, ("MaxResults", "-1")], "400 InvalidParameter.MaxResults".to_owned()),
        (&[instance, user, ("MaxResults", "x")], "400 InvalidParameter.MaxResults".to_owned()),
        (&[instance, user, ("UserExternalId", &longer)], "400 InvalidParameter.UserExternalId".to_owned()),
        (&[instance, user, ("NextToken", "x")], "400 InvalidParameter.NextToken".to_owned()),
        (&[instance, user, ("PreviousToken", "x")], "400 InvalidParameter.PreviousToken".to_owned()),
    ] {
        is_refused(&admin, "ListUserAuthnSourceMappings", parameters, &refusal).await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_listed_by_what_every_filter_lets_through() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let users = corp.make_users(&admin, &["alice", "bob"]).await;
    for (user, source, name) in [
        (0, "idp_a", "one"),
        (0, "idp_b", "one"),
        (0, "idp_a", "two"),
        (1, "idp_a", "three"),
        (0, "idp_b", "THREE"),
    ] {
        bind(&admin, &corp, &users[user], source, name).await.expect("nobody has it");
    }
    let alice = || of(&corp, &users[0]);
    let text = |text: &str| Some(text.to_owned());

    for (request, expected) in [
        (alice(), vec!["one", "one", "two", "THREE"]),
        (of(&corp, &users[1]), vec!["three"]),
        (ListUserAuthnSourceMappings { identity_provider_id: text("idp_a"), ..alice() }, vec!["one", "two"]),
        (ListUserAuthnSourceMappings { identity_provider_id: text("idp_c"), ..alice() }, vec![]),
        (ListUserAuthnSourceMappings { identity_provider_id: text("email"), ..alice() }, vec![]),
        (ListUserAuthnSourceMappings { user_external_id: text("one"), ..alice() }, vec!["one", "one"]),
        (ListUserAuthnSourceMappings { user_external_id: text("three"), ..alice() }, vec![]),
        (
            ListUserAuthnSourceMappings {
                identity_provider_id: text("idp_b"),
                user_external_id: text("one"),
                ..alice()
            },
            vec!["one"],
        ),
        (
            ListUserAuthnSourceMappings {
                identity_provider_id: text(""),
                user_external_id: text(""),
                next_token: text(""),
                previous_token: text(""),
                ..alice()
            },
            vec!["one", "one", "two", "THREE"],
        ),
    ] {
        let page = page(&admin, &request).await;
        assert_eq!(names(&page), expected, "{request:?}");
        assert_eq!(usize::try_from(page.total_count), Ok(expected.len()), "{request:?}");
        assert_eq!((page.next_token, page.previous_token), (None, None), "{request:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_or_number_is_no_account_of_another_source() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let parameters = [
        ("Username", "alice"),
        ("PrimaryOrganizationalUnitId", corp.root.as_str()),
        ("Email", "alice@example.com"),
        ("EmailVerified", "true"),
        ("PhoneRegion", "86"),
        ("PhoneNumber", "13800000000"),
        ("PhoneNumberVerified", "true"),
    ];
    let made = corp.ask(&admin, "CreateUser", &parameters).await;
    let alice = made["UserId"].as_str().expect("an id").to_owned();
    assert_eq!(bound(&admin, &corp, &alice).await, Vec::<String>::new());
    // And its name may be an address that somebody has.
    bind(&admin, &corp, &alice, IDP, "alice@example.com").await.expect("nobody has it");
    let bob = corp.make_user(&admin, "bob").await;
    bind(&admin, &corp, &bob, "idp_other", "alice@example.com").await.expect("nobody has it");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_lead_both_ways_through_the_pages() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let alice = corp.make_user(&admin, "alice").await;
    let expected: Vec<String> = (0..25).map(|number| format!("name {:02}", 50 - number)).collect();
    for name in &expected {
        bind(&admin, &corp, &alice, IDP, name).await.expect("nobody has it");
    }
    let plain = page(&admin, &of(&corp, &alice)).await;
    assert_eq!((plain.user_authn_source_mappings.len(), plain.max_results, plain.total_count), (20, 20, 25));
    let zero = ListUserAuthnSourceMappings {
        max_results: Some(0.try_into().expect("in range")),
        ..of(&corp, &alice)
    };
    assert_eq!(page(&admin, &zero).await.max_results, 20);

    for size in [1, 7, 10, 24, 25, 100] {
        let sized = |next: Option<String>, previous: Option<String>| ListUserAuthnSourceMappings {
            max_results: Some(size.try_into().expect("in range")),
            next_token: next,
            previous_token: previous,
            ..of(&corp, &alice)
        };
        let mut pages = Vec::new();
        let mut last = page(&admin, &sized(None, None)).await;
        assert_eq!(last.previous_token, None, "nothing lies before the first page");
        loop {
            assert_eq!((last.total_count, last.max_results), (25, size));
            pages.push(names(&last).into_iter().map(str::to_owned).collect::<Vec<_>>());
            let Some(token) = last.next_token.clone() else { break };
            assert!(token.starts_with("NT"), "{token}");
            last = page(&admin, &sized(Some(token), None)).await;
            assert!(last.previous_token.as_ref().is_some_and(|token| token.starts_with("PT")));
        }
        assert_eq!(pages.concat(), expected, "pages of {size}");
        // And back again, page by page.
        for before in pages.iter().rev().skip(1) {
            let token = last.previous_token.expect("something lies before");
            last = page(&admin, &sized(None, Some(token))).await;
            assert_eq!(names(&last), *before, "pages of {size}");
            assert_eq!(last.total_count, 25);
            assert!(last.next_token.is_some(), "something lies behind");
        }
        assert_eq!(last.previous_token, None, "this is the first page");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_its_list_its_way_and_one_day() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let users = corp.make_users(&admin, &["alice", "bob"]).await;
    for number in 0..6 {
        bind(&admin, &corp, &users[0], IDP, &format!("a{number}")).await.expect("nobody has it");
        bind(&admin, &corp, &users[1], IDP, &format!("b{number}")).await.expect("nobody has it");
    }
    let two = || ListUserAuthnSourceMappings {
        max_results: Some(2.try_into().expect("in range")),
        ..of(&corp, &users[0])
    };
    let first = page(&admin, &two()).await;
    let next = first.next_token.expect("more follow");
    let second = page(&admin, &ListUserAuthnSourceMappings { next_token: Some(next.clone()), ..two() }).await;
    assert_eq!(names(&second), ["a2", "a3"]);
    let previous = second.previous_token.expect("something lies before");

    let altered = format!("{}A{}", &next[..10], &next[11..]);
    let altered = if altered == next { format!("{}B{}", &next[..10], &next[11..]) } else { altered };
    let of_users = corp.ask(&admin, "ListUsers", &[("MaxResults", "1")]).await;
    let of_users = of_users["NextToken"].as_str().expect("more follow").to_owned();
    let wrong = |next: Option<&str>, previous: Option<&str>, request: ListUserAuthnSourceMappings| {
        ListUserAuthnSourceMappings {
            next_token: next.map(str::to_owned),
            previous_token: previous.map(str::to_owned),
            ..request
        }
    };
    let filtered = ListUserAuthnSourceMappings { identity_provider_id: Some(IDP.to_owned()), ..two() };
    let of_bob = ListUserAuthnSourceMappings { user_id: users[1].clone(), ..two() };
    for (request, parameter) in [
        (wrong(Some(&altered), None, two()), "NextToken"),
        (wrong(Some(&next[1..]), None, two()), "NextToken"),
        (wrong(Some(&previous), None, two()), "NextToken"),
        (wrong(Some(&format!("NT{}", &previous[2..])), None, two()), "NextToken"),
        (wrong(Some(&of_users), None, two()), "NextToken"),
        (wrong(Some(&next), None, filtered), "NextToken"),
        (wrong(Some(&next), None, of_bob.clone()), "NextToken"),
        (wrong(None, Some(&next), two()), "PreviousToken"),
        (wrong(None, Some(&previous), of_bob), "PreviousToken"),
    ] {
        let fault = admin.send(&request).await.expect_err("the token is not for this");
        refused(&fault, &format!("400 InvalidParameter.{parameter}"), &format!("{request:?}"));
    }

    // The page size may change on the way, and what was removed does no harm.
    let three = ListUserAuthnSourceMappings {
        max_results: Some(3.try_into().expect("in range")),
        ..wrong(Some(&next), None, two())
    };
    assert_eq!(names(&page(&admin, &three).await), ["a2", "a3", "a4"]);
    unbind(&admin, &corp, &users[0], IDP, "a1").await.expect("she has it");
    assert_eq!(names(&page(&admin, &wrong(Some(&next), None, two())).await), ["a2", "a3"]);

    server.pass(DAY);
    assert_eq!(names(&page(&admin, &wrong(Some(&next), None, two())).await), ["a2", "a3"]);
    server.pass(1);
    let fault = admin.send(&wrong(Some(&next), None, two())).await.expect_err("a day has passed");
    refused(&fault, "400 InvalidParameter.NextToken", "later");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_time_passwords_are_taken_from_who_has_none_as_well() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let corp = Instance::default_of(&admin).await;
    let alice = corp.make_user(&admin, "alice").await;
    let before = corp.picture(&admin).await;
    server.pass(1_000);

    corp.done(&admin, "UnbindTotpAuthenticator", &[("UserId", &alice)]).await;
    let system = superadmin(&server.home).await;
    corp.done(&admin, "UnbindTotpAuthenticator", &[("UserId", &system)]).await;

    assert_eq!(corp.picture(&admin).await, before);
    corp.refuses(
        &admin,
        "UnbindTotpAuthenticator",
        &[
            (&[], "400 MissingParameter.UserId"),
            (&[("UserId", "")], "400 MissingParameter.UserId"),
            (&[("UserId", NOBODY)], &format!("404 ResourceNotFound.User {NOBODY}")),
            (&[("UserId", "alice")], "404 ResourceNotFound.User alice"),
        ],
    )
    .await;
    server.stop().await;
}
