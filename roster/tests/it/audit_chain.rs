//! The chain over the audit trail: what is committed is sealed, and whatever is done to it by hand shows.
//!
//! Source: `ARCHITECTURE.md` §8, the audit trail.

use model::time::{DAY, MINUTE};

use crate::support::{Home, Server, TRAIL, Trail, create, execute, number, remove, roster, text, until};

const UNSEALED: &str = "select count(*) from unsealed";

fn at(home: &Home, arguments: &[&str]) -> crate::support::Done {
    let flags = home.flags();
    roster(&arguments.iter().copied().chain(flags.iter().map(String::as_str)).collect::<Vec<_>>())
}

async fn is_sealed(home: &Home) {
    until("all is sealed", async || number(home, UNSEALED).await == 0).await;
}

/// A trail with three segments, of which the first is cut off, an erased person, and an event that waits for its seal.
async fn eventful() -> Home {
    let server = Server::start().await;
    create(&server.administrator(), &["early"]).await;
    is_sealed(&server.home).await;
    server.pass(DAY);
    create(&server.administrator(), &["alice", "bob", "carol"]).await;
    is_sealed(&server.home).await;
    server.pass(DAY);
    create(&server.administrator(), &["dave"]).await;
    remove(&server.administrator(), &["bob"]).await;
    is_sealed(&server.home).await;
    server.pass(DAY + MINUTE);
    Trail::of(&server.home).await.cut(2, server.home.clock.now()).await;
    let cut = "select count(*) from seal_segments where cut is not null";
    assert_eq!(number(&server.home, cut).await, 1);
    let server = server.restart().await;
    create(&server.administrator(), &["erin"]).await;
    let alice = text(&server.home, "select id from users where username_key = 'alice'").await;
    let home = server.halt().await;
    let erased = at(&home, &["audit", "erase", "--subject", &alice]);
    assert!(erased.went_well && erased.out.contains("events were emptied"), "{erased:?}");
    // With nobody there to seal it, the erasure waits.
    assert_eq!(number(&home, UNSEALED).await, 1);
    home
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_committed_is_sealed_and_verified_also_while_it_goes_on() {
    let server = Server::start().await;
    create(&server.administrator(), &["alice", "bob"]).await;
    is_sealed(&server.home).await;

    let events = number(&server.home, "select count(*) from events").await;
    assert_eq!(number(&server.home, "select count(*) from seals").await, events);
    let numbers = "select max(n) - min(n) + 1 from seals where n > 0";
    assert_eq!(number(&server.home, numbers).await, events, "they are counted from 1 without a gap");
    let running = at(&server.home, &["audit", "verify"]);
    assert!(running.went_well && running.out.contains("the audit trail is whole"), "{running:?}");
    assert!(running.out.contains(&format!("{events} events in 1 segments")), "{running:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_row_and_column_that_is_altered_or_removed_shows() {
    let home = eventful().await;
    let trail = Trail::of(&home).await;
    let found = trail.is_whole(&[]).await;
    assert_eq!((found.segments, found.cut, found.waiting), (3, 1, 1));
    trail.copy("whole").await;

    let mut missed = Vec::new();
    for (table, key) in TRAIL {
        let columns = trail.columns(table).await;
        for row in trail.some_rows(table, key).await {
            let mut statements = vec![format!("delete from {table} where {key} = {row}")];
            for (column, is_number) in &columns {
                let other = if *is_number {
                    format!("coalesce({column}, 0) + 1000000")
                } else {
                    format!("coalesce({column}, '') || '0'")
                };
                statements.push(format!("update {table} set {column} = {other} where {key} = {row}"));
            }
            for statement in statements {
                execute(&home, &statement).await;
                if trail.verify(&[]).await.count == 0 {
                    missed.push(statement);
                }
                trail.restore("whole").await;
            }
        }
    }
    assert_eq!(missed, Vec::<String>::new(), "altered, and not noticed");
    trail.is_whole(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_swapped_forged_or_emptied_by_hand_shows() {
    let home = eventful().await;
    let trail = Trail::of(&home).await;
    trail.copy("whole").await;
    let first = number(&home, "select min(n) from seals").await;
    let (second, third) = (first + 1, first + 2);
    let event = async |n: i64| text(&home, &format!("select event from seals where n = {n}")).await;
    let (one, other) = (event(first).await, event(second).await);
    let erasure = text(&home, "select max(event) from unsealed").await;
    let last = number(&home, "select max(n) from seals").await;
    let emptied = "salt = null, name = null, before = null, after = null";
    let row =
        "account, directory, at, what, subject, door, principal, access_key, source, request, digest, mac";
    let id = "0".repeat(32);

    let deeds = [
        (
            "two events change places",
            format!(
                "update seals set event = 'x' where n = {first}; update seals set event = '{one}' where n = {second};
                 update seals set event = '{other}' where n = {first}"
            ),
        ),
        (
            "two numbers change places",
            format!(
                "update seals set n = -1 where n = {first}; update seals set n = {first} where n = {second};
                 update seals set n = {second} where n = -1"
            ),
        ),
        (
            "two events exchange their facts",
            format!(
                "update event_facts set event = 'x' where event = '{one}';
                 update event_facts set event = '{one}' where event = '{other}';
                 update event_facts set event = '{other}' where event = 'x'"
            ),
        ),
        (
            "an event in the middle goes, and the others move up",
            format!(
                "delete from events where id = '{other}'; delete from event_facts where event = '{other}';
                 delete from seals where n = {second}; update seals set n = n - 1000 where n > {second};
                 update seals set n = n + 999 where n < {first}"
            ),
        ),
        (
            "an event in the middle goes with its seal",
            format!(
                "delete from events where id = '{other}'; delete from event_facts where event = '{other}';
                 delete from seals where n = {second}"
            ),
        ),
        (
            "a copy of an event is put in",
            format!(
                "insert into events (id, {row}) select '{id}', {row} from events where id = '{one}';
                 insert into event_facts (event, salt, name, before, after)
                     select '{id}', salt, name, before, after from event_facts where event = '{one}';
                 insert into unsealed (event) values ('{id}')"
            ),
        ),
        (
            "an event is put in where the trail was cut",
            format!(
                "insert into events (id, {row}) select '{id}', {row} from events where id = '{one}';
                 insert into event_facts (event, salt, name, before, after)
                     select '{id}', salt, name, before, after from event_facts where event = '{one}';
                 insert into seals (n, account, event, link) select 1, account, '{id}', link from seals
                     where n = {first}"
            ),
        ),
        (
            "an event is put in before all others",
            format!(
                "insert into events (id, {row}) select '{id}', {row} from events where id = '{one}';
                 insert into event_facts (event, salt, name, before, after)
                     select '{id}', salt, name, before, after from event_facts where event = '{one}';
                 insert into seals (n, account, event, link) select -1, account, '{id}', link from seals
                     where n = {first}"
            ),
        ),
        (
            "a number is the last one there is",
            "update seal_segments set last = 9223372036854775807, first = 9223372036854775807".to_owned(),
        ),
        (
            "an event is sealed twice",
            format!("insert into unsealed (event) values ('{one}')"),
        ),
        (
            "facts are emptied without an erasure",
            format!("update event_facts set {emptied} where event = '{other}'"),
        ),
        (
            "facts are emptied in the name of another one's erasure",
            format!("update event_facts set {emptied}, erased = '{erasure}' where event = '{other}'"),
        ),
        (
            "facts are emptied in the name of an event that is no erasure",
            format!("update event_facts set {emptied}, erased = '{one}' where event = '{other}'"),
        ),
        (
            "the end is cut off, and the segment is made to fit",
            format!(
                "delete from event_facts where event in (select event from seals where n = {last});
                 delete from events where id in (select event from seals where n = {last});
                 delete from seals where n = {last};
                 update seal_segments set last = {last} - 1,
                     link = (select link from seals where n = {last} - 1) where closed is null"
            ),
        ),
        (
            "a segment is called cut off, and its events go",
            format!(
                "update seal_segments set cut = 1 where number = 2;
                 delete from event_facts where event in (select event from seals where n <= {third});
                 delete from events where id in (select event from seals where n <= {third});
                 delete from seals where n <= {third}"
            ),
        ),
        ("the old segments go", "delete from seal_segments where cut is not null".to_owned()),
    ];
    for (what, statements) in deeds {
        execute(&home, &statements).await;
        assert!(trail.verify(&[]).await.count > 0, "{what}");
        trail.restore("whole").await;
        trail.is_whole(&[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_copy_is_whole_by_itself_and_shows_beside_the_log() {
    let server = Server::start().await;
    create(&server.administrator(), &["alice"]).await;
    is_sealed(&server.home).await;
    let trail = Trail::of(&server.home).await;
    let old = trail.head().await;
    trail.copy("old").await;
    create(&server.administrator(), &["bob"]).await;
    is_sealed(&server.home).await;
    let newer = trail.head().await;
    drop(trail);
    let home = server.halt().await;

    // The end is cut off: nothing in the database tells.
    let trail = Trail::of(&home).await;
    trail.restore("old").await;
    trail.is_whole(std::slice::from_ref(&old)).await;
    let found = trail.verify(std::slice::from_ref(&newer)).await;
    assert!(found.wrong[0].contains("it was cut off"), "{:?}", found.wrong);
    let told = at(&home, &["audit", "verify", "--head", &old.to_string(), "--head", &newer.to_string()]);
    assert!(!told.went_well && told.out.contains("it was cut off"), "{told:?}");
    drop(trail);

    // It goes on from there, past where it had been.
    let server = Server::within(home).await;
    create(&server.administrator(), &["carol", "dave", "erin"]).await;
    is_sealed(&server.home).await;
    let trail = Trail::of(&server.home).await;
    let found = trail.verify(&[old, newer]).await;
    assert_eq!(found.count, 1, "{:?}", found.wrong);
    assert!(found.wrong[0].contains("another one"), "{:?}", found.wrong);
    drop(trail);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_erased_and_the_chain_stays_whole() {
    let server = Server::start().await;
    create(&server.administrator(), &["alice", "bob"]).await;
    remove(&server.administrator(), &["alice"]).await;
    is_sealed(&server.home).await;
    let alice = text(&server.home, "select max(event) from event_facts where name = 'alice'").await;
    let subject = text(&server.home, &format!("select subject from events where id = '{alice}'")).await;
    let named = "select count(*) from event_facts where name like '%alice%' or before like '%alice%'
        or after like '%alice%'";
    assert_eq!(number(&server.home, named).await, 2);

    let erased = at(&server.home, &["audit", "erase", "--subject", &subject]);
    assert_eq!(erased.out.trim(), "2 events were emptied", "{erased:?}");
    assert_eq!(number(&server.home, named).await, 0);
    let again = at(&server.home, &["audit", "erase", "--subject", &subject]);
    assert_eq!(again.out.trim(), "0 events were emptied", "{again:?}");
    let one = text(&server.home, "select max(event) from event_facts where name = 'bob'").await;
    let erased = at(&server.home, &["audit", "erase", "--event", &one]);
    assert_eq!(erased.out.trim(), "1 events were emptied", "{erased:?}");
    let shown = at(&server.home, &["audit", "show", &one]);
    assert!(shown.out.contains("\"erased\"") && shown.out.contains("\"name\": null"), "{shown:?}");
    is_sealed(&server.home).await;
    Trail::of(&server.home).await.is_whole(&[]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_begins_another_segment_and_each_needs_its_own() {
    let server = Server::start().await;
    create(&server.administrator(), &["alice"]).await;
    is_sealed(&server.home).await;
    assert!(at(&server.home, &["keys", "rotate"]).went_well);
    // A running server learns of the key by what was sealed under it.
    create(&server.administrator(), &["bob"]).await;
    let server = server.restart().await;
    create(&server.administrator(), &["carol"]).await;
    is_sealed(&server.home).await;

    let trail = Trail::of(&server.home).await;
    let keys = "select count(distinct key_number) from seal_segments";
    assert_eq!(number(&server.home, keys).await, 2);
    trail.is_whole(&[]).await;
    let file = std::fs::read_to_string(&server.home.serve.house.keys).expect("it is there");
    let newer: String = file.lines().filter(|line| line.starts_with("2 ")).collect();
    let newer = access::keyring::Keyring::from_text(&newer).expect("one key");
    let found = access::audit::verify(&trail.open.store, &newer, &[]).await.expect("it is looked at");
    assert!(found.wrong.iter().any(|line| line.contains("key 1 is not in the file")), "{:?}", found.wrong);
    drop(trail);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_late_with_an_earlier_id_is_sealed_behind_what_is_there() {
    let server = Server::start().await;
    create(&server.administrator(), &["alice"]).await;
    is_sealed(&server.home).await;
    // As by a server whose clock goes an hour behind.
    let server = server.restart().await;
    server.pass(-60 * MINUTE);
    create(&server.administrator(), &["bob"]).await;
    let server = server.restart().await;
    create(&server.administrator(), &["carol"]).await;
    is_sealed(&server.home).await;

    let late = "select count(*) from seals a join seals b on b.n = a.n + 1 and b.event < a.event";
    assert_eq!(number(&server.home, late).await, 1);
    Trail::of(&server.home).await.is_whole(&[]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_that_was_altered_is_left_as_it_is() {
    let server = Server::start().await;
    create(&server.administrator(), &["alice"]).await;
    is_sealed(&server.home).await;
    execute(&server.home, "update seal_segments set begun = begun + 1").await;
    create(&server.administrator(), &["bob"]).await;
    is_sealed(&server.home).await;

    let trail = Trail::of(&server.home).await;
    let found = trail.verify(&[]).await;
    assert_eq!(found.wrong, ["segment 1 was altered"], "what follows is whole, and it is not made good");
    assert_eq!(number(&server.home, "select count(*) from seal_segments").await, 2);
    let cut = at(&server.home, &["audit", "cut", "--days", "0"]);
    assert!(!cut.went_well && cut.err.contains("it is not cut"), "{cut:?}");
    drop(trail);
    server.stop_unverified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_row_of_a_segment_shows_though_its_code_is_right() {
    let server = Server::start().await;
    create(&server.administrator(), &["alice"]).await;
    is_sealed(&server.home).await;
    let trail = Trail::of(&server.home).await;
    trail.copy("old").await;
    create(&server.administrator(), &["bob"]).await;
    is_sealed(&server.home).await;
    drop(trail);
    let home = server.halt().await;

    let trail = Trail::of(&home).await;
    trail.is_whole(&[]).await;
    execute(&home, "delete from seal_segments; insert into seal_segments select * from old_seal_segments")
        .await;
    assert!(trail.verify(&[]).await.count > 0, "its seals go on behind it");
    drop(trail);
    // Nor is it made good by what comes later.
    let server = Server::within(home).await;
    create(&server.administrator(), &["carol"]).await;
    is_sealed(&server.home).await;
    assert!(Trail::of(&server.home).await.verify(&[]).await.count > 0);
    server.stop_unverified().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_into_the_trail_does_not_speak_for_it() {
    let server = Server::start().await;
    create(&server.administrator(), &["alice"]).await;
    is_sealed(&server.home).await;
    let home = server.halt().await;
    let forged = "x'||char(27)||'[2J'||char(10)||'the audit trail is whole";
    let forged = if home.is_shared() { forged.replace("char(", "chr(") } else { forged.to_owned() };
    execute(&home, &format!("update seals set event = '{forged}' where n = 1")).await;
    execute(&home, &format!("update events set principal = '{forged}'")).await;

    for words in [&["audit", "verify"][..], &["audit", "list"]] {
        let done = at(&home, words);
        assert!(done.out.contains("\\u{1b}[2J\\nthe audit trail is whole"), "{done:?}");
        assert!(!done.out.contains('\u{1b}') && !done.out.contains("\nthe audit trail is whole"), "{done:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_servers_make_one_chain() {
    let home = Home::new().await.with_running_clock();
    if !home.is_shared() {
        return;
    }
    let first = Server::within(home).await;
    let (second, third) = (first.home.open().await, first.home.open().await);
    let clients =
        [first.administrator(), first.home.client(second.address), first.home.client(third.address)];
    let working = clients.iter().enumerate().map(|(at, client)| async move {
        for n in 0..40 {
            create(client, &[format!("u{at}x{n}").as_str()]).await;
        }
    });
    futures_util::future::join_all(working).await;
    second.stop().await;
    third.stop().await;
    until("all is sealed", async || number(&first.home, UNSEALED).await == 0).await;
    Trail::of(&first.home).await.is_whole(&[]).await;
    first.stop().await;
}
