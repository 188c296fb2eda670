//! Reading the audit trail: by commands, and over HTTP as it comes.
//!
//! Source: `docs/operators.md`, the audit trail.

use std::collections::BTreeSet;

use directory::ram::policies::Of;
use model::time::MINUTE;
use serde_json::Value;

use crate::support::{
    Answer, Client, GOOD, Home, Pds, PdsCaller, Ram, Server, create, document, number, remove, roster, text,
    until,
};

const PATH: &str = "/audit/events";

fn at(home: &Home, arguments: &[&str]) -> String {
    let flags = home.flags();
    let done = roster(&arguments.iter().copied().chain(flags.iter().map(String::as_str)).collect::<Vec<_>>());
    assert!(done.went_well, "{arguments:?}: {done:?}");
    done.out
}

async fn is_sealed(home: &Home) {
    let unsealed = "select count(*) from unsealed";
    until("all is sealed", async || number(home, unsealed).await == 0).await;
}

fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines().filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

async fn ask(client: &Client, query: &str) -> Answer {
    client.exchange(&client.get_path(PATH, query)).await
}

async fn events(client: &Client, query: &str) -> Vec<Value> {
    let answer = ask(client, query).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    lines(&answer.text())
}

/// The names of the people in events, but that of the first start.
fn names(events: &[Value]) -> Vec<&str> {
    let names = events.iter().map(|event| event["name"].as_str().unwrap_or_default());
    names.filter(|name| *name != "superadmin").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_has_filters_and_goes_on_page_by_page() {
    let server = Server::start().await;
    create(&server.administrator(), &["alice"]).await;
    server.pass(10 * MINUTE);
    create(&server.administrator(), &["bob", "carol"]).await;
    remove(&server.administrator(), &["bob"]).await;
    is_sealed(&server.home).await;
    let home = &server.home;
    let list = |more: &[&str]| {
        let all: Vec<&str> = ["audit", "list"].iter().chain(more).copied().collect();
        let out = at(home, &all);
        out.lines().map(|line| line.split("  ").map(str::to_owned).collect()).collect::<Vec<Vec<String>>>()
    };

    let all = list(&[]);
    assert_eq!(all.len() as i64, number(home, "select count(*) from events").await);
    assert!(all.is_sorted_by(|a, b| a[0] > b[0]), "the newest first");
    let mut paged = Vec::new();
    loop {
        let before: Vec<String> = paged
            .last()
            .map(|last: &Vec<String>| vec!["--before".into(), last[0].clone()])
            .unwrap_or_default();
        let mut more: Vec<&str> = vec!["--limit", "2"];
        more.extend(before.iter().map(String::as_str));
        let page = list(&more);
        if page.is_empty() {
            break;
        }
        paged.extend(page);
    }
    assert_eq!(paged, all);

    let bob = text(home, "select max(subject) from events where what = 'user.removed'").await;
    let request = text(home, "select max(request) from events where what = 'user.removed'").await;
    let account = number(home, "select min(uid) from accounts").await.to_string();
    let domain = number(home, "select min(number) from directories").await;
    let domain = format!("rs{domain}");
    let what = |events: &[Vec<String>]| events.iter().map(|event| event[2].clone()).collect::<Vec<_>>();
    assert_eq!(what(&list(&["--subject", &bob])), ["user.removed", "user.created"]);
    assert_eq!(what(&list(&["--request", &request])), ["user.removed"]);
    assert_eq!(list(&["--what", "user.created"]).len(), 4);
    assert_eq!(list(&["--what", "user.*"]).len(), 5);
    assert_eq!(list(&["--what", "user"]).len(), 0);
    assert_eq!(list(&["--what", "user.*", "--from", "2026-01-15T08:40:00Z"]).len(), 3);
    assert_eq!(list(&["--what", "user.*", "--until", "2026-01-15T08:40:00Z"]).len(), 2);
    assert_eq!(list(&["--from", "2026-01-16"]).len(), 0);
    assert_eq!(list(&["--what", "user.*", "--domain", &domain, "--account", &account]).len(), 5);
    assert_eq!(list(&["--what", "user.*", "--account", "0"]).len(), 0);
    assert_eq!(list(&["--what", "user.*", "--domain", "rs1"]).len(), 0);
    let root = format!("acs:ram::{account}:root");
    assert_eq!(list(&["--principal", &root]).len(), 4);

    let shown = at(home, &["audit", "show", &list(&["--subject", &bob])[0][0]]);
    let shown: Value = serde_json::from_str(&shown).expect("it is JSON");
    assert_eq!(
        (&shown["what"], &shown["name"], &shown["after"]),
        (&"user.removed".into(), &"bob".into(), &Value::Null)
    );
    assert_eq!(shown["before"]["username"], "bob");
    assert_eq!(shown["request"], request.as_str());

    let exported = lines(&at(home, &["audit", "export", "--what", "user.*"]));
    assert_eq!(names(&exported), ["alice", "bob", "carol", "bob"], "in the order of the chain");
    let numbers: Vec<i64> =
        exported.iter().map(|event| event["number"].as_i64().expect("a number")).collect();
    assert!(numbers.is_sorted());
    let after = numbers[2].to_string();
    let rest = lines(&at(home, &["audit", "export", "--what", "user.*", "--after", &after]));
    assert_eq!(names(&rest), ["carol", "bob"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_reads_on_behind_its_cursor_and_misses_nothing() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;
    is_sealed(&server.home).await;

    let answer = ask(&admin, "what=user.created").await;
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    assert_eq!(answer.header("cache-control"), "no-store");
    let first = lines(&answer.text());
    assert_eq!(names(&first), ["alice", "bob"]);
    assert!(first[0].get("number").is_none(), "how many events others have is not told");
    let one = events(&admin, "what=user.created&limit=2").await;
    assert_eq!(names(&one), ["alice"]);
    let after = |events: &[Value]| {
        let cursor = events.last().expect("there are some")["cursor"].as_str().expect("a text").to_owned();
        wire::rpc::form(&[("after".to_owned(), cursor)])
    };
    assert_eq!(names(&events(&admin, &format!("what=user.created&{}", after(&one))).await), ["bob"]);
    assert!(events(&admin, &format!("what=user.created&{}", after(&first))).await.is_empty());

    // Committed later, with an earlier id.
    let server = server.restart().await;
    server.pass(-30 * MINUTE);
    create(&server.administrator(), &["carol"]).await;
    is_sealed(&server.home).await;
    let next = events(&server.administrator(), &format!("what=user.*&{}", after(&first))).await;
    assert_eq!(names(&next), ["carol"]);
    assert!(next[0]["id"].as_str() < first[1]["id"].as_str());
    // By the signatures of PDS too.
    for caller in [PdsCaller::of(&server), PdsCaller::of(&server).by_v4()] {
        let target = format!("{PATH}?what=user.created&limit=3");
        let answer = caller.exchange(&caller.message("GET", &target, None, b"", caller.now())).await;
        assert_eq!(names(&lines(&answer.text())), ["alice", "bob"], "{}", answer.text());
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_is_sent_what_comes() {
    let server = Server::start().await;
    create(&server.administrator(), &["alice"]).await;
    is_sealed(&server.home).await;
    let follower = server.administrator();

    let (followed, ()) = tokio::join!(events(&follower, "what=user.created&follow=1&limit=4"), async {
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        create(&server.administrator(), &["bob"]).await;
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        create(&server.administrator(), &["carol"]).await;
    });
    assert_eq!(names(&followed), ["alice", "bob", "carol"]);

    // A server that stops does not wait for it.
    let message = follower.get_path(PATH, "follow=1");
    let stopping = async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let began = std::time::Instant::now();
        server.stop().await;
        began.elapsed()
    };
    let (answer, took) = tokio::join!(follower.try_exchange(&message), stopping);
    assert_eq!(answer.expect("it ends as it should").status, 200);
    assert!(took < std::time::Duration::from_secs(20), "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_read_is_refused_and_what_is_not_known_too() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice"]).await;
    is_sealed(&server.home).await;

    for (query, expected) in [
        ("what=user.created&subjct=x", "400 UnsupportedParameter"),
        ("from=yesterday", "400 InvalidParameter.from"),
        ("until=2026-01-15", "400 InvalidParameter.until"),
        ("domain=1", "400 InvalidParameter.domain"),
        ("limit=0", "400 InvalidParameter.limit"),
        ("follow=maybe", "400 InvalidParameter.follow"),
        ("after=x", "400 InvalidParameter.after"),
        ("after=1%3AAAAA", "400 InvalidParameter.after"),
    ] {
        let fault = ask(&admin, query).await.fault();
        assert_eq!(format!("{} {}", fault.status, fault.code), expected, "{query}");
    }
    let stranger = admin.with_key("nobody", "secretsecret");
    assert_eq!(ask(&stranger, "").await.status, 404);
    let message = admin.get_path(PATH, "limit=1");
    assert_eq!(admin.exchange(&message).await.status, 200);
    assert_eq!(admin.exchange(&message).await.fault().code, "SignatureNonceUsed");
    let other = message.clone().with_target("limit=1", "limit=2");
    assert_eq!(admin.exchange(&other).await.fault().code, "SignatureDoesNotMatch");

    // V1 of RPC does not sign the path, and a person's token is no AccessKey.
    let mut unsigned = admin.v1("GET", "ListEvents", &[], &[], &admin.now());
    unsigned.target = unsigned.target.replacen("/?", &format!("{PATH}?"), 1);
    assert_eq!(admin.exchange(&unsigned).await.status, 401);
    let owner = Pds::owner(&server);
    owner.make("root", serde_json::json!({ "role": "superadmin", "plain_password": GOOD })).await;
    let person = PdsCaller::of(&server).token_of("root").await;
    let answer = person.exchange(&person.message("GET", PATH, None, b"", person.now())).await;
    assert_eq!(answer.status, 403, "{}", answer.text());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ram_user_reads_the_trail_with_the_right_alone_and_refusals_stand_in_it() {
    let server = Server::start().await;
    let ram = Ram::of(&server).await;
    ram.policy("readers", &document("Allow", "roster:ReadAudit", "*")).await;
    let reader = ram.user("reader", &["readers"]).await.client(&server);
    let others =
        ["AliyunECDFullAccess", "AliyunEIAMFullAccess", "AliyunPDSFullAccess", "AliyunRAMFullAccess"];
    let other = ram.user("other", &others).await.client(&server);

    let refused = ask(&other, "").await;
    assert_eq!(refused.refusal(), "403 NoPermission");
    let detail = &refused.json()["AccessDeniedDetail"];
    assert_eq!(
        (&detail["AuthAction"], &detail["NoPermissionType"]),
        (&"roster:ReadAudit".into(), &"ImplicitDeny".into())
    );
    let denied = reader.call("DescribeUsers", &[]).await;
    assert_eq!(denied.refusal(), "403 Forbidden.RAM");
    is_sealed(&server.home).await;

    let found = events(&reader, "what=access.refused").await;
    let told: Vec<_> =
        found.iter().map(|event| (&event["door"], &event["after"]["action"], &event["request"])).collect();
    let expected = [
        (Value::from("audit"), Value::from("roster:ReadAudit"), refused.json()["RequestId"].clone()),
        (Value::from("eds-user"), Value::from("ecd:DescribeUsers"), denied.json()["RequestId"].clone()),
    ];
    assert_eq!(
        told,
        expected.iter().map(|(door, action, request)| (door, action, request)).collect::<Vec<_>>()
    );
    let account = ram.account.0.to_string();
    assert!(
        found.iter().all(|event| event["source"] == "127.0.0.1" && event["account"] == account.as_str()),
        "{found:?}"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_sees_its_own_events_only() {
    let server = Server::start().await;
    let admin = server.administrator();
    create(&admin, &["alice", "bob"]).await;
    is_sealed(&server.home).await;
    let all = events(&admin, "").await;
    assert!(all.iter().all(|event| event["account"] == all[0]["account"]));
    let mine: BTreeSet<&str> = all.iter().filter_map(|event| event["id"].as_str()).collect();

    // Another account has its own, and goes on behind none of this one's.
    let made = at(&server.home, &["account", "create", "--name", "other"]);
    let word = |start: &str| {
        let line = made.lines().find(|line| line.starts_with(start)).expect("it is printed");
        line.split_whitespace().last().expect("it is printed").to_owned()
    };
    let other = admin.with_key(&word("AccessKeyId:"), &word("AccessKeySecret:"));
    create(&other, &["carol"]).await;
    is_sealed(&server.home).await;
    let theirs = events(&other, "").await;
    assert!(theirs.iter().all(|event| event["account"] == word("Account:")), "{theirs:?}");
    assert!(theirs.iter().any(|event| event["name"] == "carol"));
    assert!(theirs.iter().all(|event| !mine.contains(event["id"].as_str().expect("an id"))));
    assert!(events(&admin, "").await.iter().all(|event| event["name"] != "carol"));
    let cursor = all[0]["cursor"].as_str().expect("a cursor").to_owned();
    let after = wire::rpc::form(&[("after".to_owned(), cursor.clone())]);
    assert_eq!(ask(&other, &after).await.fault().code, "InvalidParameter.after");
    assert_eq!(ask(&admin, &after).await.status, 200);
    // Nor does a cursor's length tell how much others do.
    assert!(theirs.iter().all(|event| event["cursor"].as_str().map(str::len) == Some(cursor.len())));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_read_leaves_a_trace_and_who_may_no_more_reads_no_further() {
    let server = Server::start().await;
    let ram = Ram::of(&server).await;
    let stranger = ram.user("stranger", &[]).await;
    ram.policy("auditor", &document("Allow", "roster:ReadAudit", "*")).await;
    let auditor = ram.user("auditor", &["auditor"]).await;
    is_sealed(&server.home).await;

    let refused = ask(&stranger.client(&server), "").await.fault();
    assert_eq!((refused.status, refused.code.as_str()), (403, "NoPermission"));
    is_sealed(&server.home).await;
    let seen = events(&auditor.client(&server), "what=access.refused").await;
    assert_eq!(seen.len(), 1);
    assert_eq!((&seen[0]["principal"], &seen[0]["door"]), (&"ram-user:stranger".into(), &"audit".into()));
    assert_eq!(seen[0]["access_key"], stranger.id.as_str());
    assert_eq!(seen[0]["after"]["action"], "roster:ReadAudit");

    // A stream that is open ends with the key, and says that it is not whole.
    let client = auditor.client(&server);
    let message = client.get_path(PATH, "follow=1");
    let (answer, ()) = tokio::join!(client.try_exchange(&message), async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        ram.switch("auditor", &auditor, false).await;
    });
    assert!(answer.is_err(), "it goes on");
    ram.switch("auditor", &auditor, true).await;
    until("the key is good again", async || ask(&client, "limit=1").await.status == 200).await;
    let message = client.get_path(PATH, "follow=1");
    let (answer, ()) = tokio::join!(client.try_exchange(&message), async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        ram.detach(Of::User("auditor"), "auditor").await.expect("it is attached");
    });
    assert!(answer.is_err(), "it goes on");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_one_name_are_told_apart_by_their_keys() {
    let server = Server::start().await;
    let ram = Ram::of(&server).await;
    for name in ["alice", "bob"] {
        ram.user(name, &[]).await;
    }
    let role = ram.role("admin", "root", &["AliyunECDFullAccess"]).await;
    let alice = ram.assume("alice", &role, None).await.expect("the whole account is trusted");
    let bob = ram.assume("bob", &role, None).await.expect("the whole account is trusted");
    create(&alice.client(&server), &["carol"]).await;
    create(&bob.client(&server), &["dave"]).await;
    is_sealed(&server.home).await;

    let admin = server.administrator();
    let made = events(&admin, "what=user.created&principal=role:admin/ci").await;
    let by: Vec<_> = made.iter().map(|event| (&event["name"], &event["access_key"])).collect();
    let expected =
        [("carol", &alice.id), ("dave", &bob.id)].map(|(name, id)| (name.into(), id.as_str().into()));
    assert_eq!(by, expected.iter().map(|(name, id)| (name, id)).collect::<Vec<(&Value, &Value)>>());
    // Who has assumed it is told with the key.
    let assumed = events(&admin, "what=ram-role.assumed&principal=ram-user:bob").await;
    assert!(assumed[0]["after"].to_string().contains(&bob.id), "{assumed:?}");
    // A filter finds what a key has done.
    assert_eq!(names(&events(&admin, &format!("access_key={}", bob.id)).await), ["dave"]);
    let listed = at(&server.home, &["audit", "list", "--access-key", &alice.id]);
    assert!(listed.lines().count() == 1 && listed.contains("carol"), "{listed}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn long_texts_are_kept_as_digests_and_secrets_not_at_all() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("text.txt");
    let long = format!("{{{{ link }}}}\n{}", "long words ".repeat(500));
    std::fs::write(&file, &long).expect("a file can be written");
    let file = file.display().to_string();
    let set = ["template", "set", "invitation", "--language", "en", "--subject", "S", "--text-file", &file];
    at(&server.home, &set);

    let kept = text(
        &server.home,
        "select max(f.after) from events e join event_facts f on f.event = e.id where e.what = 'template.changed'",
    )
    .await;
    assert!(kept.contains("sha256:") && !kept.contains("long words") && kept.len() < 1_000, "{kept}");
    server.stop().await;
}
