//! Tokens of PDS made anew: rotation, reuse, and the ends of both kinds of token.
//!
//! Source: `reference/pds.md` §3.5, §13.1 and §13.3.

use model::time::{DAY, MINUTE};
use serde_json::json;

use crate::support::{
    App, Fault, NOW, Pds, Server, access, number, once, outcome, pds_fault, register, renewal, rsa,
};

const BAD: &str = "400 InvalidParameter.RefreshToken";
const SECOND: i64 = 1_000;

fn refused<T: std::fmt::Debug>(answer: Result<T, Fault>) -> String {
    answer.expect_err("it is refused").brief()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_token_is_the_same_users_and_has_another_renewal() {
    let server = Server::start().await;
    let owner = Pds::owner(&server);
    let app = App::of(&server).await;
    owner.make("alice", json!({ "nick_name": "A" })).await;
    let first = app.token("alice").await;
    server.pass(MINUTE);

    let second = app.refresh_account(&renewal(&first)).await.expect("by account/token");
    let third = app.refresh(&renewal(&second)).await.expect("by oauth/token");

    for (before, after) in [(&first, &second), (&second, &third)] {
        assert_ne!(renewal(before), renewal(after));
        assert_eq!(
            (after.user_id.as_str(), after.nick_name.as_str(), after.is_first_login),
            ("alice", "A", false)
        );
        assert_eq!((after.expires_in, after.expire_time.as_str()), (7_200, "2026-01-15T10:31:00Z"));
        let caller = app.anybody.bearer(&access(after));
        assert_eq!(caller.ask("/user/get", &json!({})).await["user_id"], "alice");
    }
    // Those made before are good as long as they are.
    let caller = app.anybody.bearer(&access(&first));
    assert_eq!(caller.outcome("/user/get", &json!({})).await, "200");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_is_good_for_a_minute_more_and_its_reuse_later_ends_the_chain() {
    let server = Server::start().await;
    let app = App::of(&server).await;
    let begin = app.token("superadmin").await;
    let other_chain = app.token("superadmin").await;
    let first = app.refresh(&renewal(&begin)).await.expect("once");
    server.pass(59 * SECOND);
    let parallel = app.refresh(&renewal(&begin)).await.expect("in another tab");
    assert_ne!(renewal(&first), renewal(&parallel));
    let later = app.refresh(&renewal(&first)).await.expect("the first tab goes on");
    server.pass(2 * SECOND);

    assert_eq!(refused(app.refresh(&renewal(&begin)).await), BAD);

    for token in [&first, &parallel, &later] {
        assert_eq!(refused(app.refresh(&renewal(token)).await), BAD, "the chain has ended");
        assert_eq!(refused(app.refresh_account(&renewal(token)).await), BAD);
    }
    app.refresh(&renewal(&other_chain)).await.expect("another chain goes on");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_of_the_domain_itself_ends_although_it_is_renewed_at_once() {
    let server = Server::start().await;
    let app = App::of(&server).await;
    let other = App::with_id(&server, app.id.clone()).await;
    for round in 0..8 {
        let begin = app.service_token().await;
        let newest = app.refresh(&renewal(&begin)).await.expect("once");
        server.pass(2 * MINUTE);
        let (begin, newest) = (renewal(&begin), renewal(&newest));

        let (reused, renewed) = tokio::join!(app.refresh(&begin), other.refresh(&newest));

        assert_eq!(refused(reused), BAD, "{round}");
        let left =
            renewed.map_or_else(|fault| (fault.brief(), newest), |next| (BAD.to_owned(), renewal(&next)));
        assert_eq!(left.0, BAD, "{round}");
        assert_eq!(refused(app.refresh(&left.1).await), BAD, "{round}: nothing is left of the chain");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_tabs_that_renew_at_once_both_go_on() {
    let server = Server::start().await;
    let app = App::of(&server).await;
    let begin = renewal(&app.token("superadmin").await);
    let other = App::with_id(&server, app.id.clone()).await;

    let (one, two) = tokio::join!(app.refresh(&begin), other.refresh_account(&begin));

    let (one, two) = (one.expect("one tab"), two.expect("the other tab"));
    assert_ne!(renewal(&one), renewal(&two));
    for token in [one, two] {
        app.refresh(&renewal(&token)).await.expect("it goes on");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_ends_after_thirty_days_and_is_swept_away() {
    let server = Server::start().await;
    let app = App::of(&server).await;
    let (early, late) = (app.token("superadmin").await, app.token("superadmin").await);
    server.pass(29 * DAY);
    app.refresh(&renewal(&early)).await.expect("it is a day more");
    server.pass(DAY + MINUTE);
    assert_eq!(refused(app.refresh(&renewal(&late)).await), BAD);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_is_good_for_its_own_app_alone_and_is_no_token() {
    let server = Server::start().await;
    let app = App::of(&server).await;
    let other = App::with_id(&server, register(&server.home, "other", rsa::OWN.pem, &[])).await;
    let token = app.token("superadmin").await;
    let refresh = renewal(&token);

    assert_eq!(refused(other.refresh(&refresh).await), BAD);
    assert_eq!(refused(other.refresh_account(&refresh).await), BAD);
    let unknown = App { id: once(), domain: app.domain.clone(), anybody: app.anybody.nobody() };
    assert_eq!(refused(unknown.refresh(&refresh).await), "404 NotFound.App");
    assert_eq!(refused(unknown.refresh_account(&refresh).await), "404 NotFound.App");
    // The two kinds are not each other.
    assert_eq!(refused(app.refresh(&access(&token)).await), BAD);
    assert_eq!(app.anybody.bearer(&refresh).outcome("/user/get", &json!({})).await, "401 AccessTokenInvalid");
    for wrong in [refresh.to_uppercase(), format!("{refresh}0"), refresh[1..].to_owned(), "x".to_owned()] {
        if wrong != refresh {
            assert_eq!(refused(app.refresh(&wrong).await), BAD, "{wrong}");
        }
    }
    app.refresh(&refresh).await.expect("none of these has used it up");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn account_token_misses_what_it_needs_by_name() {
    let server = Server::start().await;
    let app = App::of(&server).await;
    let refresh = renewal(&app.token("superadmin").await);
    for (body, expected) in [
        (json!({}), "400 InvalidParameterMissing.AppId"),
        (
            json!({ "app_id": app.id, "grant_type": "refresh_token" }),
            "400 InvalidParameterMissing.RefreshToken",
        ),
        (json!({ "app_id": app.id, "refresh_token": refresh }), "400 InvalidParameterMissing.GrantType"),
        (
            json!({ "app_id": app.id, "refresh_token": refresh, "grant_type": "password" }),
            "400 InvalidParameter.GrantType",
        ),
        (
            json!({ "app_id": app.id, "refresh_token": refresh, "grant_type": "authorization_code" }),
            "400 InvalidParameterNotSupported.GrantType",
        ),
        (
            json!({ "app_id": "", "refresh_token": refresh, "grant_type": "refresh_token" }),
            "400 InvalidParameterEmpty.AppId",
        ),
        (
            json!({ "app_id": app.id, "refresh_token": "", "grant_type": "refresh_token" }),
            "400 InvalidParameterEmpty.RefreshToken",
        ),
        (
            json!({ "app_id": app.id, "refresh_token": refresh, "grant_type": "refresh_token", "addition_data": {} }),
            "200",
        ),
    ] {
        assert_eq!(app.anybody.outcome("/account/token", &body).await, expected, "{body}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_after_two_hours_by_a_code_that_clients_renew_by() {
    let server = Server::start().await;
    let app = App::of(&server).await;
    let token = app.token("superadmin").await;
    let caller = app.anybody.bearer(&access(&token));
    server.pass(7_199 * SECOND);
    assert_eq!(caller.outcome("/user/get", &json!({})).await, "200");

    server.pass(2 * SECOND);

    let fault = pds_fault(&caller.call("/user/get", &json!({})).await);
    assert_eq!(fault.status, 401, "{fault:?}");
    assert!(["AccessTokenInvalid", "TokenExpired"].iter().any(|word| fault.code.contains(word)), "{fault:?}");
    let renewed = app.refresh(&renewal(&token)).await.expect("the renewal outlives it");
    assert_eq!(app.anybody.bearer(&access(&renewed)).outcome("/user/get", &json!({})).await, "200");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_outlive_the_server_and_a_rotation_of_the_keys() {
    let server = Server::start().await;
    let app = App::of(&server).await;
    let token = app.token("superadmin").await;
    let done = crate::support::command(&server.home, &["keys", "rotate"]);
    assert!(done.went_well, "{done:?}");
    let during = app.token("superadmin").await;

    let server = server.restart().await;

    let app = App::with_id(&server, app.id.clone()).await;
    for token in [token, during] {
        assert_eq!(app.anybody.bearer(&access(&token)).outcome("/user/get", &json!({})).await, "200");
        app.refresh(&renewal(&token)).await.expect("it can be renewed");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_month_tokens_are_signed_by_another_key_and_the_old_ones_hold() {
    let server = Server::start().await;
    let app = App::of(&server).await;
    let first = app.token("superadmin").await;
    let keys = "select count(*) from signing_keys";
    assert_eq!(number(&server.home, keys).await, 1);
    server.pass(30 * DAY - MINUTE);
    let before = app.token("superadmin").await;
    server.pass(2 * MINUTE);

    let after = app.token("superadmin").await;

    let header = |token: &api::pds::TokenReply| access(token).split('.').next().expect("a header").to_owned();
    assert_eq!(header(&first), header(&before));
    assert_ne!(header(&before), header(&after));
    for token in [&before, &after] {
        assert_eq!(app.anybody.bearer(&access(token)).outcome("/user/get", &json!({})).await, "200");
    }
    assert!(number(&server.home, keys).await >= 2);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_this_server_has_not_signed_are_refused() {
    use base64::Engine;
    let server = Server::start().await;
    let elsewhere = Server::start().await;
    let (app, foreign) = (App::of(&server).await, App::of(&elsewhere).await);
    let right = access(&app.token("superadmin").await);
    let parts: Vec<&str> = right.split('.').collect();
    let claims = crate::support::claims_of(&right);
    let key = crate::support::text(&server.home, "select max(public_key) from signing_keys").await;
    let der = base64::engine::general_purpose::STANDARD.decode(&key).expect("base64");
    let none = crate::support::unsigned(&json!({ "alg": "none", "typ": "JWT" }), &claims);
    let other = {
        let mut text = claims.to_string();
        text = text.replace("superadmin", "superadmiN");
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
    };
    for (what, token) in [
        ("another installation's", access(&foreign.token("superadmin").await)),
        ("an app's", crate::support::signed(&rsa::OWN, &claims)),
        ("what an app signs", app.assertion("superadmin", &json!({}))),
        ("no algorithm", format!("{none}.")),
        ("no algorithm and a signature", format!("{none}.{}", parts[2])),
        ("keyed by the public key", crate::pds_tokens::keyed(&der, &claims)),
        ("keyed by the text of the public key", crate::pds_tokens::keyed(key.as_bytes(), &claims)),
        ("other claims", format!("{}.{other}.{}", parts[0], parts[2])),
        ("a part", right[..right.len() - 5].to_owned()),
        ("more", format!("{right}AAAA")),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        ("no token", "x".to_owned()),
        ("nothing", String::new()),
    ] {
        let fault = pds_fault(&app.anybody.bearer(&token).call("/user/get", &json!({})).await);
        assert_eq!(fault.brief(), "401 AccessTokenInvalid", "{what}");
        assert!(fault.message.starts_with("AccessToken is invalid."), "{what}: {}", fault.message);
    }
    assert_eq!(outcome(&app.anybody.bearer(&right).call("/user/get", &json!({})).await), "200");
    assert_eq!(outcome(&app.anybody.call("/user/get", &json!({})).await), "401 AccessTokenInvalid");
    assert_eq!(app.anybody.now().0, NOW);
    elsewhere.stop().await;
    server.stop().await;
}
