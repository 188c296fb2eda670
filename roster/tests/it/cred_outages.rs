//! Mail servers that fail, servers that end in the middle, clocks that jump: no message is lost, and none comes twice that
//! was taken over in so many words.
//!
//! Source: `docs/operators.md`.

use std::collections::HashSet;
use std::time::Duration;

use courier::{Carrier, Carriers, Hook, Mail};
use model::Secret;
use model::time::{DAY, MINUTE};

use crate::cred_messages::{all_gone, at, reset, waiting, with};
use crate::support::{Home, MailServer, NOW, Server, endpoint, execute, make, number, text, until};

/// How many of them were given up.
async fn failed(home: &Home) -> i64 {
    number(home, "select count(*) from outbox where failed is not null").await
}

/// Waits until messages were tried so often, all together, and none is any more; how often they were.
async fn all_tried(home: &Home, least: i64) -> i64 {
    let tries = "select cast(coalesce(sum(attempts), 0) as bigint) from outbox";
    let taken = "select count(*) from outbox where claimed_until is not null";
    until("they were tried", async || number(home, tries).await >= least && number(home, taken).await == 0)
        .await;
    // It is noted of the way a moment after it was noted of the messages.
    tokio::time::sleep(Duration::from_millis(100)).await;
    number(home, tries).await
}

/// The same in a home whose clock stands still: what was put back is due again as time passes.
async fn all_gone_later(home: &Home) {
    until("the outbox is empty", async || {
        home.clock.pass(MINUTE);
        waiting(home).await == 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_is_down_loses_nothing_and_gets_nothing_twice() {
    let mail = MailServer::start().await;
    let mut home = Home::new().await;
    mail.serves(&mut home);
    mail.go_down();
    let server = Server::within(home).await;
    let admin = server.administrator();
    let people = (0..30).map(|n| with(&format!("user{n}"), &format!("u{n}@example.com"), ""));
    make(&admin, people.collect()).await;
    reset(&admin, "user7", "1").await;
    reset(&admin, "user7", "1").await;
    let tried = "select coalesce(max(attempts), 0) from outbox";
    until("the server was tried", async || number(&server.home, tried).await > 0).await;

    // An hour goes by, in which a single message at a time finds out whether it is back.
    let mut before = all_tried(&server.home, 1).await;
    assert!(before <= 8, "{before}");
    for minute in 1..=30 {
        server.pass(2 * MINUTE);
        let tries = all_tried(&server.home, before + 1).await;
        assert_eq!(tries, before + 1, "{minute}");
        before = tries;
    }
    assert_eq!((waiting(&server.home).await, failed(&server.home).await), (32, 0));
    assert!(number(&server.home, tried).await <= 3, "another one each time");
    mail.come_up().await;
    all_gone_later(&server.home).await;

    let arrived = mail.arrived();
    let ids: HashSet<&str> = arrived.iter().map(|mail| mail.id.as_str()).collect();
    assert_eq!((arrived.len(), ids.len()), (32, 32), "each once");
    let of_one: Vec<&str> =
        arrived.iter().filter(|mail| mail.to == "u7@example.com").map(|mail| mail.id.as_str()).collect();
    let mut in_order = of_one.clone();
    in_order.sort_unstable();
    assert_eq!(
        (of_one.len(), &of_one),
        (3, &in_order),
        "one person's in the order in which they were written"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_refuses_for_good_is_kept_for_the_operator() {
    let mail = MailServer::start().await;
    let mut home = Home::new().await;
    mail.serves(&mut home);
    mail.answer("550 as told");
    let server = Server::within(home).await;
    let admin = server.administrator();
    make(&admin, vec![with("alice", "a@example.com", "")]).await;
    until("it was given up", async || failed(&server.home).await == 1).await;

    let listed = at(&server.home, &["outbox", "list", "--failed"]).out;
    for word in ["invitation", "mail", "alice", "tries 1", "550"] {
        assert!(listed.contains(word), "{word} in {listed}");
    }
    assert!(!listed.contains("token"), "{listed}");
    // It does not keep later ones back.
    mail.answer("250 as told");
    reset(&admin, "alice", "1").await;
    until("the next one has come", async || mail.arrived().len() == 1).await;
    // The clock of commands is the real one; that of the test stands before it.
    assert_eq!(at(&server.home, &["outbox", "retry"]).out.trim(), "1 tried again");
    assert_eq!(at(&server.home, &["outbox", "list", "--failed"]).out, "");
    server.home.clock.set_real();
    all_gone(&server.home).await;
    assert_eq!(mail.arrived().len(), 2);

    let none = at(&server.home, &["outbox", "drop", "77"]);
    assert_eq!((none.went_well, none.err.as_str()), (false, "roster: there is no message 77\n"));
    mail.answer("550 as told");
    reset(&admin, "alice", "1").await;
    until("it was given up", async || failed(&server.home).await == 1).await;
    assert_eq!(at(&server.home, &["outbox", "drop", "--failed"]).out.trim(), "1 removed");
    assert_eq!(waiting(&server.home).await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_relays_for_nobody_loses_nothing() {
    let mail = MailServer::start().await;
    let mut home = Home::new().await;
    mail.serves(&mut home);
    mail.answer("550 5.7.1 Relaying denied");
    let server = Server::within(home).await;
    let people = (0..20).map(|n| with(&format!("user{n}"), &format!("u{n}@example.com"), ""));
    make(&server.administrator(), people.collect()).await;
    // It counts as down: a single message at a time finds out whether it has changed its mind.
    let mut before = all_tried(&server.home, 5).await;
    assert!(before <= 8, "{before}");
    for minute in 1..=10 {
        server.pass(2 * MINUTE);
        let tries = all_tried(&server.home, before + 1).await;
        assert_eq!(tries, before + 1, "{minute}");
        before = tries;
    }
    assert_eq!((waiting(&server.home).await, failed(&server.home).await), (20, 0));
    let trouble = "select count(*) from outbox where trouble like '%5.7.1 Relaying denied%'";
    assert!(number(&server.home, trouble).await >= 15);
    mail.answer("250 fine");
    all_gone_later(&server.home).await;
    assert_eq!(mail.arrived().len(), 20);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_says_nothing_keeps_no_text_message_back() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let (url, got) = endpoint(vec![200]).await;
    let mut home = Home::new().await;
    let hook = Hook::new(&url, Secret::new("0123456789abcdef")).expect("it fits");
    let address = silent.local_addr().expect("it is bound");
    let mails = Secret::new(format!("smtp://{address}?tls=none"));
    let mail = Mail::new(&mails, "roster@example.com", "id.example.com").expect("it fits");
    home.serve.public_url = Some("https://id.example.com".to_owned());
    home.serve.carriers = Carriers { mail: Some(Carrier::Mail(mail)), text: Some(Carrier::Hook(hook)) };
    let server = Server::within(home).await;
    let admin = server.administrator();
    make(&admin, vec![with("alice", "a@example.com", "")]).await;
    let taken = "select count(*) from outbox where claimed_until is not null and way = 1";
    until("the mail is on its way", async || number(&server.home, taken).await == 1).await;

    make(&admin, vec![with("bob", "", "13800000001")]).await;
    until("the text message has come", async || got.lock().expect("no panic").len() == 1).await;
    assert_eq!(number(&server.home, taken).await, 1, "the mail server has still said nothing");
    drop(silent);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_are_tried_anew_and_removed_in_steps() {
    let server = Server::start().await;
    make(&server.administrator(), vec![with("alice", "a@example.com", "")]).await;
    let more =
        "insert into outbox (directory, number, template, user_number, way, created, due, attempts, claims,
            failed, trouble, facts)
        with recursive n(i) as (select 1 union all select i + 1 from n where i < 2500)
        select directory, number + i, template, user_number, way, created, due, 3, 3, due, 'x', facts
        from outbox, n";
    execute(&server.home, more).await;

    assert_eq!(at(&server.home, &["outbox", "retry"]).out.trim(), "2500 tried again");
    assert_eq!((waiting(&server.home).await, failed(&server.home).await), (2_501, 0));
    let kept = "select count(*) from outbox where attempts = 0 and claims = 3 and trouble = 'x'";
    assert_eq!(number(&server.home, kept).await, 2_500);
    execute(&server.home, "update outbox set failed = due where claims = 3").await;
    assert_eq!(at(&server.home, &["outbox", "drop", "--failed"]).out.trim(), "2500 removed");
    assert_eq!(waiting(&server.home).await, 1);
    let told = "select count(*) from events where what in ('message.retried', 'message.removed')";
    assert_eq!(number(&server.home, told).await, 5_000);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_put_off_is_tried_ever_later_and_given_up_after_two_days() {
    let mail = MailServer::start().await;
    let mut home = Home::new().await;
    mail.serves(&mut home);
    mail.answer("451 as told");
    let server = Server::within(home).await;
    make(&server.administrator(), vec![with("alice", "a@example.com", "")]).await;
    let attempts = "select coalesce(max(attempts), -1) from outbox where claimed_until is null";

    for (tries, seconds) in [(1, 6), (2, 11), (3, 21), (4, 41)] {
        until("it was tried", async || number(&server.home, attempts).await == tries).await;
        server.pass(seconds * 1_000);
    }
    // Two days later.
    until("it was put back", async || number(&server.home, attempts).await == 5).await;
    execute(&server.home, "update outbox set attempts = 56").await;
    server.pass(61 * MINUTE);
    until("it was tried", async || number(&server.home, attempts).await == 57).await;
    assert_eq!(failed(&server.home).await, 0);
    server.pass(61 * MINUTE);
    until("it was given up", async || failed(&server.home).await == 1).await;
    let trouble = text(&server.home, "select trouble from outbox").await;
    assert!(trouble.contains("451"), "{trouble}");
    assert_eq!(mail.arrived().len(), 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_at_once_send_each_message_once() {
    let mail = MailServer::start().await;
    let mut home = Home::new().await.with_running_clock();
    if !home.is_shared() {
        return;
    }
    mail.serves(&mut home);
    let first = Server::within(home).await;
    let second = first.home.open().await;
    let admin = first.administrator();
    for lot in 0..4 {
        let people = (0..50).map(|n| with(&format!("u{lot}x{n}"), &format!("u{lot}x{n}@example.com"), ""));
        make(&admin, people.collect()).await;
    }
    until("all have come", async || mail.arrived().len() >= 200).await;
    all_gone(&first.home).await;
    let arrived = mail.arrived();
    let ids: HashSet<&str> = arrived.iter().map(|mail| mail.id.as_str()).collect();
    assert_eq!((arrived.len(), ids.len()), (200, 200));
    second.stop().await;
    first.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_was_taken_over_is_sent_however_the_server_takes_leave() {
    let mail = MailServer::start().await;
    let mut home = Home::new().await;
    mail.serves(&mut home);
    mail.say_no_farewell();
    let server = Server::within(home).await;
    make(&server.administrator(), vec![with("alice", "a@example.com", "")]).await;

    all_gone(&server.home).await;
    server.pass(DAY);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(mail.arrived().len(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_whose_answer_was_lost_comes_again_under_the_same_id() {
    let mail = MailServer::start().await;
    let mut home = Home::new().await;
    mail.serves(&mut home);
    mail.lose_an_answer();
    let server = Server::within(home).await;
    make(&server.administrator(), vec![with("alice", "a@example.com", "")]).await;

    all_gone_later(&server.home).await;
    let arrived = mail.arrived();
    assert_eq!((arrived.len(), &arrived[0]), (2, &arrived[1]));
    server.stop().await;
}

/// A server that has carried nothing yet, in whose outbox two messages about alice wait, and one about bob.
async fn with_three_that_wait(mail: &MailServer) -> Server {
    let mut server = Server::start().await;
    let admin = server.administrator();
    make(&admin, vec![with("alice", "a@example.com", "")]).await;
    reset(&admin, "alice", "1").await;
    make(&admin, vec![with("bob", "b@example.com", "")]).await;
    mail.serves(&mut server.home);
    server
}

/// The first message is as a row says.
async fn make_the_first(server: &Server, columns: &str) {
    let first = format!(
        "update outbox set {columns} where number = (select min(number) from outbox) and template = 'invitation'"
    );
    execute(&server.home, &first).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_had_taken_that_ended_is_sent_by_another_one_in_its_order() {
    let mail = MailServer::start().await;
    let server = with_three_that_wait(&mail).await;
    let until_then = NOW + 4 * MINUTE;
    make_the_first(&server, &format!("attempts = 1, claimed_until = {until_then}")).await;
    let server = server.restart().await;

    until("what others wait for has come", async || mail.arrived().len() == 1).await;
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let to = |mail: &MailServer| mail.arrived().into_iter().map(|mail| mail.to).collect::<Vec<_>>();
    assert_eq!(to(&mail), ["b@example.com"], "what was taken is not sent, and nothing before it");
    server.pass(4 * MINUTE);
    all_gone(&server.home).await;
    assert_eq!(to(&mail), ["b@example.com", "a@example.com", "a@example.com"]);
    let ids: Vec<String> = mail.arrived().into_iter().skip(1).map(|mail| mail.id).collect();
    assert!(ids[0] < ids[1], "{ids:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_went_back_keeps_no_message() {
    let mail = MailServer::start().await;
    let server = with_three_that_wait(&mail).await;
    // Somebody had taken it, and put another one off, when the clock was ten years ahead.
    let then = NOW + 3_650 * DAY;
    make_the_first(&server, &format!("attempts = 1, due = {then}, claimed_until = {then}")).await;
    execute(&server.home, &format!("update outbox set due = {then} where template = 'password_reset'")).await;
    let server = server.restart().await;

    all_gone(&server.home).await;
    let to: Vec<String> = mail.arrived().into_iter().map(|mail| mail.to).collect();
    assert_eq!(to, ["b@example.com", "a@example.com", "a@example.com"]);

    // And one that jumps on brings forward what waits, and nothing twice.
    mail.answer("451 as told");
    reset(&server.administrator(), "bob", "1").await;
    let tried = "select coalesce(max(attempts), 0) from outbox where claimed_until is null";
    until("it was put off", async || number(&server.home, tried).await == 1).await;
    mail.answer("250 as told");
    server.pass(30 * DAY);
    all_gone(&server.home).await;
    assert_eq!(mail.arrived().len(), 4);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_tell_what_waits_and_what_was_given_up() {
    let mail = MailServer::start().await;
    let server = with_three_that_wait(&mail).await;
    make(&server.administrator(), vec![with("carol", "", "13800000001")]).await;
    server.pass(90_000);
    let shown = async |server: &Server| {
        let asked = b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        let all = String::from_utf8(server.administrator().whole(asked).await).expect("text");
        let lines = all.lines().filter_map(|line| line.strip_prefix("roster_messages_"));
        let mut lines: Vec<String> = lines.map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    let figures = |waiting: i64, failed: i64, oldest: i64| {
        [
            format!("failed{{way=\"mail\"}} {failed}"),
            "failed{way=\"text\"} 0".to_owned(),
            format!("oldest_seconds{{way=\"mail\"}} {oldest}"),
            "oldest_seconds{way=\"text\"} 90".to_owned(),
            format!("waiting{{way=\"mail\"}} {waiting}"),
            "waiting{way=\"text\"} 1".to_owned(),
        ]
    };
    assert_eq!(shown(&server).await, figures(3, 0, 90));

    mail.answer("550 as told");
    let mut server = server;
    server.pass(-1_000);
    server = server.restart().await;
    until("all were given up", async || failed(&server.home).await == 3).await;
    assert_eq!(shown(&server).await, figures(0, 3, 0));
    server.stop().await;
}
