//! Addresses, numbers and what people sign in with, between three doors.
//!
//! Source: `reference/doors.md` §2.2 and §2.3; `reference/pds.md` §8.5 and §12.

use api::eiam::ListUsers;
use serde_json::{Value, json};

use crate::support::{Server, ThreeDoors, list_users, number, outcome};

const TAKEN: &str = "409 AlreadyExist.Account";

impl ThreeDoors {
    /// Makes people with nothing but a name, through EIAM.
    async fn people(&self, names: &[&str]) {
        for name in names {
            self.corp.make_user(&self.eiam, name).await;
        }
    }

    async fn link(&self, user: &str, kind: &str, identity: &str) -> String {
        let body = json!({ "user_id": user, "type": kind, "identity": identity });
        outcome(&self.pds.call("/account/link", &body).await)
    }

    async fn unlink(&self, user: &str, kind: &str, identity: &str) -> String {
        let body = json!({ "user_id": user, "type": kind, "identity": identity });
        outcome(&self.pds.call("/account/unlink", &body).await)
    }

    /// Whose account it is, by the id; or the refusal.
    async fn account(&self, kind: &str, identity: &str) -> String {
        let answer =
            self.pds.call("/account/get_link_info", &json!({ "type": kind, "identity": identity })).await;
        if answer.status == 200 {
            answer.json()["user_id"].as_str().expect("a text").to_owned()
        } else {
            outcome(&answer)
        }
    }

    /// Sets an address through EIAM, verified or not; what becomes of it.
    async fn claim(&self, name: &str, email: &str, verified: bool) -> String {
        let verified = if verified { "true" } else { "false" };
        let answer =
            self.try_eiam("UpdateUser", name, &[("Email", email), ("EmailVerified", verified)]).await;
        if answer.status == 200 { "200".to_owned() } else { answer.refusal() }
    }

    /// The address of a user, and whether EIAM shows it as verified.
    async fn email(&self, name: &str) -> (String, bool) {
        let shown = self.by_eiam(name).await;
        (shown.email.unwrap_or_default(), shown.email_verified)
    }

    async fn modify(&self, name: &str, email: &str) {
        let answer = self.eds.call("ModifyUser", &[("EndUserId", name), ("Email", email)]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    async fn with_email(&self, email: &str) -> Vec<String> {
        let request = ListUsers { email: Some(email.to_owned()), ..self.corp.users() };
        list_users(&self.eiam, &request).await.into_iter().map(|user| user.username).collect()
    }
}

const GONE: &str = "404 NotFound.Account";
const DUPLICATED: &str = "403 ResourceDuplicated.Email";

#[tokio::test(flavor = "multi_thread")]
async fn contact_data_repeats_where_an_account_does_not() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let pds = &doors.pds;
    doors.people(&["a", "b"]).await;
    assert_eq!(doors.claim("a", "x@example.com", true).await, "200");

    // eds gives B what A holds through EIAM.
    doors.modify("b", "x@example.com").await;
    assert_eq!(doors.with_email("x@example.com").await, ["a", "b"]);
    assert_eq!(doors.email("a").await, ("x@example.com".to_owned(), true));
    assert_eq!(doors.email("b").await, ("x@example.com".to_owned(), false));
    assert_eq!(doors.claim("b", "X@example.com", false).await, DUPLICATED);
    // And so does PDS.
    pds.make("c", json!({ "email": "x@example.com" })).await;
    pds.make("d", json!({})).await;
    pds.change("d", json!({ "email": "X@Example.com" })).await;
    assert_eq!(doors.with_email("x@EXAMPLE.com").await, ["a", "b", "c", "d"]);
    assert_eq!(doors.email("c").await, ("x@example.com".to_owned(), false));
    assert_eq!(doors.link("c", "email", "X@EXAMPLE.COM").await, TAKEN);
    assert_eq!(doors.account("email", "x@example.com").await, doors.pds_id("a").await);
    assert_eq!(doors.claim("d", "x@example.com", true).await, DUPLICATED);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_no_door_shows_any_more_opens_nothing() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let pds = &doors.pds;
    doors.people(&["a", "b", "c"]).await;
    let ids = [doors.pds_id("a").await, doors.pds_id("b").await, doors.pds_id("c").await];
    for (name, email) in [("a", "a@example.org"), ("b", "b@example.org"), ("c", "c@example.org")] {
        assert_eq!(doors.claim(name, email, true).await, "200");
    }
    assert_eq!(doors.account("email", "a@example.org").await, ids[0]);

    // Each door changes one of them.
    doors.modify("a", "a2@example.org").await;
    pds.change(&ids[1], json!({ "email": "b2@example.org" })).await;
    pds.change(&ids[2], json!({ "email": "" })).await;

    for (name, old, new) in [
        ("a", "a@example.org", "a2@example.org"),
        ("b", "b@example.org", "b2@example.org"),
        ("c", "c@example.org", ""),
    ] {
        assert_eq!(doors.account("email", old).await, GONE, "{old} opened {name}");
        assert_eq!(doors.email(name).await, (new.to_owned(), false));
        if !new.is_empty() {
            assert_eq!(doors.account("email", new).await, GONE, "nobody has claimed {new}");
        }
    }
    assert_eq!(number(&server.home, "select count(*) from identities").await, 0);
    // The old ones are free, the new ones are claimed by the next who says so.
    assert_eq!(doors.claim("c", "a@example.org", true).await, "200");
    assert_eq!(doors.link(&ids[0], "email", "a2@example.org").await, "200");
    assert_eq!(
        doors.email("a").await,
        ("a2@example.org".to_owned(), true),
        "a link of the contact value verifies it"
    );
    assert_eq!(doors.claim("b", "b2@example.org", true).await, "200");
    assert_eq!(doors.account("email", "b2@example.org").await, ids[1]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_said_again_by_eds_or_pds_keeps_its_claim() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let pds = &doors.pds;
    doors.people(&["a"]).await;
    let id = doors.pds_id("a").await;
    assert_eq!(doors.claim("a", "a@example.org", true).await, "200");

    doors.modify("a", "a@example.org").await;
    pds.change(&id, json!({ "email": "a@example.org", "nick_name": "x" })).await;

    assert_eq!(doors.email("a").await, ("a@example.org".to_owned(), true));
    assert_eq!(doors.account("email", "a@example.org").await, id);

    // In another case it is the same address.
    doors.modify("a", "A@example.org").await;
    assert_eq!(doors.email("a").await, ("A@example.org".to_owned(), true));
    pds.change(&id, json!({ "email": "a@Example.org" })).await;
    assert_eq!(doors.email("a").await, ("a@Example.org".to_owned(), true));
    assert_eq!(doors.account("email", "a@example.org").await, id);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_taken_for_eiam_and_outlives_the_contact_value() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let ThreeDoors { pds, eiam, corp, .. } = &doors;
    pds.make("a", json!({})).await;
    doors.people(&["b"]).await;
    assert_eq!(doors.link("a", "email", "Link@Example.org").await, "200");

    let request = api::eiam::CreateUser {
        email: Some("link@example.org".to_owned()),
        email_verified: Some(false),
        ..corp.user("new")
    };
    assert_eq!(eiam.send(&request).await.expect_err("it is taken").brief(), DUPLICATED);
    assert_eq!(doors.claim("b", "link@example.org", false).await, DUPLICATED);
    assert_eq!(doors.email("a").await, (String::new(), false), "a link is no contact value");
    // A shared key: EIAM claims it for the same user, then takes another address.
    assert_eq!(doors.claim("a", "link@example.org", false).await, "200");
    assert_eq!(doors.claim("a", "other@example.org", true).await, "200");
    assert_eq!(doors.account("email", "link@example.org").await, "a");
    assert_eq!(doors.account("email", "other@example.org").await, "a");
    // Changes of contact data leave links.
    pds.change("a", json!({ "email": "third@example.org" })).await;
    assert_eq!(doors.account("email", "other@example.org").await, GONE);
    assert_eq!(doors.account("email", "link@example.org").await, "a");
    assert_eq!(doors.unlink("a", "email", "LINK@example.org").await, "204");
    assert_eq!(doors.account("email", "link@example.org").await, GONE);
    assert_eq!(doors.claim("b", "link@example.org", false).await, "200");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_is_not_verified_is_taken_and_yet_no_account() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let pds = &doors.pds;
    pds.make("a", json!({})).await;
    pds.make("b", json!({})).await;
    assert_eq!(doors.claim("a", "x@example.org", false).await, "200");

    assert_eq!(doors.account("email", "x@example.org").await, GONE);
    let links = pds.ask("/account/get_link_info_by_user_id", &json!({ "user_id": "a" })).await;
    assert_eq!(links, json!({ "items": [] }));
    assert_eq!(doors.link("b", "email", "x@example.org").await, TAKEN);
    // Its own user makes an account of it, which verifies it.
    assert_eq!(doors.link("a", "email", "x@example.org").await, "200");
    assert_eq!(doors.email("a").await, ("x@example.org".to_owned(), true));
    assert_eq!(doors.link("a", "email", "x@example.org").await, TAKEN, "it is one already");
    // Taken back as verified, it is an account by its link alone.
    doors.act("UpdateUser", "a", &[("EmailVerified", "false"), ("Email", "x@example.org")]).await;
    assert_eq!(doors.account("email", "x@example.org").await, "a");
    // To unlink is to forget both reasons: the value stays, unverified, and anybody may claim it.
    assert_eq!(doors.unlink("a", "email", "x@example.org").await, "204");
    assert_eq!(doors.email("a").await, ("x@example.org".to_owned(), false));
    assert_eq!(doors.unlink("a", "email", "x@example.org").await, GONE);
    assert_eq!(doors.link("b", "email", "x@example.org").await, "200");
    assert_eq!(doors.unlink("a", "email", "x@example.org").await, "403 Forbidden");
    assert_eq!(doors.claim("a", "x@example.org", true).await, DUPLICATED);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_number_is_one_key_however_it_is_written() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let ThreeDoors { pds, eds, .. } = &doors;
    for id in ["a", "b"] {
        pds.make(id, json!({})).await;
    }
    let spellings = [
        json!({ "identity": "13800000000" }),
        json!({ "identity": "+8613800000000" }),
        json!({ "identity": "008613800000000" }),
        json!({ "identity": "138-0000 0000", "extra": "+86" }),
        json!({ "identity": "+86 138 0000 0000", "extra": 86 }),
        json!({ "identity": "13800000000", "extra": "0086" }),
        json!({ "identity": "13800000000", "extra": "" }),
    ];
    let body = |more: &Value, user: &str| {
        crate::support::merged(more, &json!({ "type": "mobile", "user_id": user }))
    };
    for spelling in &spellings {
        assert_eq!(pds.outcome("/account/link", &body(spelling, "a")).await, "200", "{spelling}");
        for other in &spellings {
            assert_eq!(pds.outcome("/account/link", &body(other, "b")).await, TAKEN, "{other}");
            let found = pds.ask("/account/get_link_info", &body(other, "b")).await;
            assert_eq!((&found["user_id"], &found["extra"]), (&json!("a"), &json!("86")), "{other}");
        }
        let phone = [("PhoneRegion", "86"), ("PhoneNumber", "13800000000"), ("PhoneNumberVerified", "false")];
        let refused = doors.try_eiam("UpdateUser", "b", &phone).await.refusal();
        assert_eq!(refused, "403 ResourceDuplicated.PhoneNumber", "{spelling}");
        assert_eq!(pds.outcome("/account/unlink", &body(&spellings[0], "a")).await, "204", "{spelling}");
    }
    // Another region is another number.
    let there = json!({ "identity": "13800000000", "extra": "1" });
    assert_eq!(pds.outcome("/account/link", &body(&there, "a")).await, "200");
    assert_eq!(pds.outcome("/account/link", &body(&spellings[0], "b")).await, "200");
    // EIAM's verified number is an account here, and eds changes it away.
    pds.make("c", json!({})).await;
    let phone = [("PhoneRegion", "86"), ("PhoneNumber", "13900000000"), ("PhoneNumberVerified", "true")];
    doors.act("UpdateUser", "c", &phone).await;
    assert_eq!(doors.account("mobile", "+8613900000000").await, "c");
    assert_eq!(eds.call("ModifyUser", &[("EndUserId", "c"), ("Phone", "13700000000")]).await.status, 200);
    assert_eq!(doors.account("mobile", "13900000000").await, GONE);
    assert_eq!(doors.account("mobile", "13700000000").await, GONE);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn import_takes_what_nobody_has_and_sets_the_contact_value() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let pds = &doors.pds;
    doors.people(&["a"]).await;
    assert_eq!(doors.claim("a", "x@example.org", false).await, "200");
    doors.modify("a", "a@example.org").await;
    assert_eq!(doors.claim("a", "held@example.org", false).await, "200");
    let import = |kind: &str, identity: &str| json!({ "authentication_type": kind, "identity": identity, "nick_name": "n" });

    assert_eq!(pds.outcome("/user/import", &import("email", "HELD@example.org")).await, TAKEN);
    let made = pds.ask("/user/import", &import("email", "X@example.org")).await;

    let name = made["user_name"].as_str().expect("a name").to_owned();
    assert_eq!(doors.email(&name).await, ("X@example.org".to_owned(), true));
    assert_eq!(doors.claim("a", "x@example.org", false).await, DUPLICATED);
    assert_eq!(doors.claim(&name, "x@example.org", false).await, "200", "its own");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_somebody_deleted_is_free_at_once() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let ThreeDoors { pds, eds, .. } = &doors;
    for (round, door) in ["pds", "eds", "eiam"].into_iter().enumerate() {
        let id = format!("a{round}");
        pds.make(&id, json!({})).await;
        for (kind, identity) in
            [("email", "x@example.org"), ("mobile", "138"), ("ldap", "uid"), ("custom", "c"), ("ding", "d")]
        {
            assert_eq!(doors.link(&id, kind, identity).await, "200", "{door} {kind}");
        }
        assert_eq!(doors.claim(&id, "y@example.org", true).await, "200");
        match door {
            "pds" => pds.remove(&id).await,
            "eds" => {
                assert!(crate::support::remove(eds, &[&id]).await.remove_users_result.failed_users.is_empty())
            }
            _ => doors.act("DeleteUser", &id, &[]).await,
        }
        assert_eq!(number(&server.home, "select count(*) from identities").await, 0, "{door}");
        assert_eq!(doors.account("custom", "c").await, GONE);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_look_at_contact_values_and_never_at_accounts() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let ThreeDoors { pds, eds, .. } = &doors;
    pds.make("linked", json!({})).await;
    pds.make("contact", json!({ "email": "seen@example.org", "phone": "13800000000" })).await;
    assert_eq!(doors.link("linked", "email", "seen@other.org").await, "200");
    assert_eq!(doors.link("linked", "mobile", "13800000001").await, "200");

    assert_eq!(pds.ids("/user/search", &json!({ "email": "seen" })).await, ["contact"]);
    assert_eq!(pds.ids("/user/search", &json!({ "phone": "138" })).await, ["contact"]);
    assert_eq!(doors.with_email("seen@other.org").await, Vec::<String>::new());
    let filter =
        api::eds::DescribeUsers { filter: Some("seen".to_owned()), ..api::eds::DescribeUsers::default() };
    assert_eq!(crate::support::find(eds, &filter).await, ["contact"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn authentication_sources_of_eiam_are_no_accounts_here() {
    let server = Server::start().await;
    let doors = ThreeDoors::of(&server).await;
    let ThreeDoors { pds, eiam, corp, .. } = &doors;
    pds.make("a", json!({})).await;
    let user = doors.eiam_id("a").await;
    let bind = [("UserId", user.as_str()), ("IdentityProviderId", "idp_x"), ("UserExternalId", "ext")];
    corp.ask(eiam, "BindUserAuthnSourceMapping", &bind).await;
    assert_eq!(doors.link("a", "custom", "own").await, "200");

    let links = pds.ask("/account/get_link_info_by_user_id", &json!({ "user_id": "a" })).await;
    let identities: Vec<&Value> =
        links["items"].as_array().expect("a list").iter().map(|link| &link["identity"]).collect();
    assert_eq!(identities, ["own"]);
    let mappings = corp.ask(eiam, "ListUserAuthnSourceMappings", &[("UserId", &user)]).await.to_string();
    assert!(mappings.contains("ext") && !mappings.contains("own"), "{mappings}");
    server.stop().await;
}
