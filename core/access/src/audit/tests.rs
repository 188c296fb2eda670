//! The chain as several processes would make it, each by its own clock and with its own file of keys.

use std::sync::Arc;

use model::event::Event;
use model::time::{DAY, MINUTE};
use model::{AccountUid, Id, Ids, Millis};
use rand::SeedableRng;
use rand::rngs::StdRng;
use store::{Place, Store, seals};
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::sealer::Left;
use super::{
    Filter, Head, INSTALLATION, Round, Sealer, beginning, comes_by, cut, head, sealed_after, verify,
};
use crate::change::{Change, Failure, Tools};
use crate::guesses::Guesses;
use crate::keyring::Keyring;
use crate::keys::Keys;
use crate::passwords::Hasher;
use crate::permit::{Permit, Scope, Task};
use crate::signing_keys::SigningKeys;

const AT: Millis = Millis(1_768_465_800_000);
const ACCOUNT: AccountUid = AccountUid(1_000_000_000_000_001);

struct Home {
    store: Store,
    folder: TempDir,
}

impl Home {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        Keyring::create(&folder.path().join("keys"), &mut StdRng::seed_from_u64(1)).expect("there is none");
        let store = Store::open(&Place::File(folder.path().join("roster.db"))).await.expect("it opens");
        Self { store, folder }
    }

    /// What a process of its own would have, which began with the file of keys as it is.
    fn process(&self, seed: u64) -> Arc<Tools> {
        let file = self.folder.path().join("keys");
        let keyring = Keyring::open(&file).expect("it is there");
        let mut salt = u128::from(seed) << 64;
        Arc::new(Tools {
            ids: Ids::new(Box::new(move || {
                salt += 1;
                salt
            })),
            hasher: Hasher::new(1, 10).expect("a thread starts"),
            chance: Box::new(move || Box::new(StdRng::seed_from_u64(seed))),
            keys: Keys::new(file, keyring),
            signing: SigningKeys::default(),
            guesses: Guesses::default(),
            held: crate::Held::default(),
        })
    }

    /// What somebody with the database does.
    fn by_hand(&self, statement: &str) {
        let file = rusqlite::Connection::open(self.folder.path().join("roster.db")).expect("it opens");
        file.execute_batch(statement).expect("it is done");
    }

    async fn happen(&self, tools: &Arc<Tools>, events: usize, at: Millis) {
        let mut change = Change::new(&self.store, tools, None);
        for n in 0..events {
            change.record(Event::account_alias("test", &n.to_string()));
        }
        let permit = Permit::system(Task::FirstStart, Scope::Account(ACCOUNT), at);
        change.commit(&permit).await.expect("it is written");
    }

    /// Cuts off what was closed more than so many days before `at`; what each round did.
    async fn cut(&self, tools: &Arc<Tools>, days: i64, at: Millis) -> Vec<Round> {
        let permit = Permit::system(Task::KeepAudit, Scope::Account(INSTALLATION), at);
        let mut rounds = Vec::new();
        loop {
            match cut(&self.store, tools, days, &permit).await.expect("a round is made") {
                Round::Idle => return rounds,
                round => rounds.push(round),
            }
        }
    }

    async fn wrong(&self) -> Vec<String> {
        let keyring = Keyring::open(&self.folder.path().join("keys")).expect("it is there");
        verify(&self.store, &keyring, &[]).await.expect("it is looked at").wrong
    }

    async fn found(&self) -> (i64, i64, usize, usize) {
        let keyring = Keyring::open(&self.folder.path().join("keys")).expect("it is there");
        let found = verify(&self.store, &keyring, &[]).await.expect("it is looked at");
        assert_eq!(found.wrong, Vec::<String>::new());
        (found.events, found.waiting, found.segments, found.cut)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_events_are_sealed_in_steps() {
    let home = Home::new().await;
    let tools = home.process(1);
    let sealer = Sealer::new(&home.store, &tools);
    assert!(!sealer.step(AT).await.expect("nothing waits"));
    assert_eq!(head(&home.store).await.expect("it is read"), None);

    home.happen(&tools, 1_234, AT).await;
    assert!(sealer.step(AT).await.expect("they are sealed"), "more wait");
    assert_eq!(home.found().await, (500, 734, 1, 0));
    while sealer.step(AT).await.expect("they are sealed") {}
    assert_eq!(home.found().await, (1_234, 0, 1, 0));
    let head = head(&home.store).await.expect("it is read").expect("something is sealed");
    assert_eq!(head.n, 1_234);

    let (mut after, mut seen) = (0, 0);
    loop {
        let window =
            sealed_after(&mut home.store.reader(), &Filter::default(), after).await.expect("it is read");
        seen += window.events.len();
        match window.next {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(seen, 1_234);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_seals_and_another_goes_on_when_it_is_gone() {
    let home = Home::new().await;
    let (first, second) = (home.process(1), home.process(2));
    let (one, other) = (Sealer::new(&home.store, &first), Sealer::new(&home.store, &second));
    home.happen(&first, 1, AT).await;
    one.step(AT).await.expect("it is sealed");

    home.happen(&second, 1, AT.plus(1)).await;
    other.step(AT.plus(4_999)).await.expect("it is another one's work");
    assert_eq!(home.found().await, (1, 1, 1, 0));
    other.step(AT.plus(5_000)).await.expect("it is sealed");
    assert_eq!(home.found().await, (2, 0, 1, 0));
    // Given back, it is anybody's at once.
    other.finish(AT.plus(5_000)).await.expect("it is given back");
    home.happen(&first, 1, AT.plus(5_001)).await;
    one.step(AT.plus(5_001)).await.expect("it is sealed");
    // A clock that is an hour ahead keeps nobody out, and makes no second chain.
    one.finish(AT.plus(5_001)).await.expect("it is given back");
    home.happen(&first, 1, AT.plus(5_002)).await;
    other.step(AT.plus(60 * MINUTE)).await.expect("it is sealed");
    home.happen(&first, 1, AT.plus(5_003)).await;
    one.step(AT.plus(5_003)).await.expect("it is sealed");
    assert_eq!(home.found().await, (5, 0, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn sealers_at_once_make_one_chain() {
    let home = Arc::new(Home::new().await);
    let mut working = JoinSet::new();
    for at in 0..4 {
        let home = Arc::clone(&home);
        working.spawn(async move {
            let tools = home.process(at + 1);
            // Each is more than a minute ahead of the one before: none heeds another one's lease.
            let (sealer, clock) = (Sealer::new(&home.store, &tools), AT.plus(at as i64 * 2 * MINUTE));
            for _ in 0..25 {
                home.happen(&tools, 3, clock).await;
                // What another one has sealed meanwhile is no harm.
                let _ = sealer.step(clock).await;
            }
        });
    }
    while let Some(worked) = working.join_next().await {
        worked.expect("it works");
    }
    let last = Sealer::new(&home.store, &home.process(9));
    while last.step(AT.plus(60 * MINUTE)).await.expect("they are sealed") {}
    assert_eq!(home.found().await.0, 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_day_and_each_key_has_a_segment_and_old_ones_are_cut() {
    let home = Home::new().await;
    let (mut tools, file) = (home.process(1), home.folder.path().join("keys"));
    for day in 0..3 {
        let at = AT.plus(day * DAY);
        home.happen(&tools, 2, at).await;
        Sealer::new(&home.store, &tools).finish(at).await.expect("they are sealed");
    }
    assert_eq!(home.found().await, (6, 0, 3, 0));
    let behind = tools;
    Keyring::rotate(&file, &mut StdRng::seed_from_u64(9)).expect("the file is good");
    tools = home.process(2);
    let at = AT.plus(2 * DAY + MINUTE);
    home.happen(&tools, 1, at).await;
    Sealer::new(&home.store, &tools).finish(at).await.expect("they are sealed");
    assert_eq!(home.found().await, (7, 0, 4, 0));
    // Who has not heard of the key yet reads its file again.
    home.happen(&behind, 1, at).await;
    Sealer::new(&home.store, &behind).finish(at).await.expect("they are sealed");
    assert_eq!(home.found().await, (8, 0, 4, 0));

    let cut_off = home.cut(&tools, 1, at).await;
    assert_eq!(cut_off, [Round::Cut, Round::Cleared], "the first was closed a day after it was begun");
    assert_eq!(home.found().await, (6, 1, 3, 1));
    Sealer::new(&home.store, &tools).finish(at).await.expect("they are sealed");
    assert_eq!(home.found().await, (7, 0, 3, 1));
    // A day without events ends its segment as well.
    Sealer::new(&home.store, &tools).finish(AT.plus(3 * DAY)).await.expect("it is closed");
    home.cut(&tools, 0, AT.plus(3 * DAY + 1)).await;
    assert_eq!(home.found().await, (0, 3, 0, 4), "the three cuts wait");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_without_the_newest_key_begins_a_segment_of_its_own() {
    let home = Home::new().await;
    let (old, file) = (home.process(1), home.folder.path().join("keys"));
    let kept = std::fs::read(&file).expect("it is there");
    Keyring::rotate(&file, &mut StdRng::seed_from_u64(9)).expect("the file is good");
    let new = home.process(2);
    home.happen(&new, 1, AT).await;
    Sealer::new(&home.store, &new).finish(AT).await.expect("it is sealed");

    // This node's copy of the file is not up to date.
    let newer = std::fs::read(&file).expect("it is there");
    std::fs::write(&file, kept).expect("it can be written");
    home.happen(&old, 1, AT).await;
    Sealer::new(&home.store, &old).finish(AT).await.expect("it is sealed");
    std::fs::write(&file, newer).expect("it can be written");
    assert_eq!(home.found().await, (2, 0, 2, 0));
    home.happen(&new, 1, AT).await;
    Sealer::new(&home.store, &new).finish(AT).await.expect("it is sealed");
    assert_eq!(home.found().await, (3, 0, 3, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_keys_the_trail_goes_on_and_says_so() {
    let home = Home::new().await;
    let tools = home.process(1);
    home.happen(&tools, 2, AT).await;
    Sealer::new(&home.store, &tools).finish(AT).await.expect("they are sealed");
    let file = home.folder.path().join("keys");
    std::fs::remove_file(&file).expect("it is there");
    Keyring::create(&file, &mut StdRng::seed_from_u64(7)).expect("there is none");

    let tools = home.process(2);
    home.happen(&tools, 2, AT).await;
    Sealer::new(&home.store, &tools).finish(AT).await.expect("they are sealed");
    let wrong = home.wrong().await;
    assert!(wrong.iter().any(|line| line == "segment 1 was altered"), "{wrong:?}");
    assert!(!wrong.iter().any(|line| line.contains("number 3") || line.contains("segment 2")), "{wrong:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn cutting_is_done_in_short_rounds() {
    let home = Home::new().await;
    let tools = home.process(1);
    home.happen(&tools, 1_234, AT).await;
    Sealer::new(&home.store, &tools).finish(AT).await.expect("they are sealed");
    Sealer::new(&home.store, &tools).finish(AT.plus(DAY)).await.expect("it is closed");

    assert_eq!(home.cut(&tools, 0, AT.plus(DAY)).await, [], "it is not older than that");
    let rounds = home.cut(&tools, 0, AT.plus(DAY + 1)).await;
    assert_eq!(rounds, [Round::Cut, Round::Cleared, Round::Cleared, Round::Cleared]);
    assert_eq!(home.found().await, (0, 1, 0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_years_ahead_cuts_a_week_too_early_at_most() {
    let home = Home::new().await;
    let tools = home.process(1);
    for day in 0..12 {
        let at = AT.plus(day * DAY);
        home.happen(&tools, 1, at).await;
        Sealer::new(&home.store, &tools).finish(at).await.expect("they are sealed");
    }
    let wrong = AT.plus(3_650 * DAY);
    // It seals as well, and is asked again.
    home.happen(&tools, 1, wrong).await;
    Sealer::new(&home.store, &tools).finish(wrong).await.expect("it is sealed");
    assert_eq!(home.cut(&tools, 30, wrong).await, []);
    assert_eq!(home.cut(&tools, 15, wrong).await, [Round::Cut, Round::Cleared, Round::Cut, Round::Cleared]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_whose_key_comes_back_is_as_good_as_before() {
    let home = Home::new().await;
    let (old, file) = (home.process(1), home.folder.path().join("keys"));
    home.happen(&old, 2, AT).await;
    Sealer::new(&home.store, &old).finish(AT).await.expect("they are sealed");
    Keyring::rotate(&file, &mut StdRng::seed_from_u64(9)).expect("the file is good");
    let both = std::fs::read_to_string(&file).expect("it is there");

    // This node was given the new line alone.
    let newer = both.lines().find(|line| line.starts_with("2 ")).expect("the key is there");
    std::fs::write(&file, newer).expect("it can be written");
    let new = home.process(2);
    home.happen(&new, 1, AT).await;
    Sealer::new(&home.store, &new).finish(AT.plus(1)).await.expect("it is sealed");
    assert!(!home.wrong().await.is_empty(), "a key is missing");

    std::fs::write(&file, both).expect("it can be written");
    assert_eq!(home.found().await, (3, 0, 2, 0));
    let whole = home.process(3);
    Sealer::new(&home.store, &whole).finish(AT.plus(DAY)).await.expect("it is closed");
    home.cut(&whole, 0, AT.plus(2 * DAY)).await;
    assert_eq!(home.found().await, (0, 2, 0, 2), "both are cut");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_a_seal_already_keeps_nothing_waiting() {
    let home = Home::new().await;
    let tools = home.process(1);
    let sealer = Sealer::new(&home.store, &tools);
    home.happen(&tools, 1, AT).await;
    sealer.step(AT).await.expect("it is sealed");
    let sealed = sealed_after(&mut home.store.reader(), &Filter::default(), 0).await.expect("it is read");
    let mut tx = home.store.change();
    let id = Id::from_digits(&sealed.events[0].0.id).expect("an id");
    super::queue(&mut tx, &[id]).await.expect("it is put in by hand");
    tx.commit().await.expect("it is committed");

    home.happen(&tools, 3, AT.plus(1)).await;
    sealer.step(AT.plus(1)).await.expect("the others are sealed");
    assert_eq!(head(&home.store).await.expect("it is read").expect("it has begun").n, 4);
    assert_eq!(home.wrong().await, ["1 events have a seal and wait for another one"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_hours_late_is_sealed_too() {
    let home = Home::new().await;
    let tools = home.process(1);
    let sealer = Sealer::new(&home.store, &tools);
    sealer.step(AT).await.expect("nothing waits");
    home.happen(&tools, 1, AT.plus(-3 * 60 * MINUTE)).await;
    for _ in 0..25 {
        sealer.step(AT).await.expect("it is looked for");
    }
    assert_eq!(home.found().await, (1, 0, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_late_by_the_thousand_is_sealed_without_a_pause() {
    let home = Home::new().await;
    let tools = home.process(1);
    let sealer = Sealer::new(&home.store, &tools);
    sealer.step(AT).await.expect("nothing waits");
    home.happen(&tools, 1_200, AT.plus(-2 * 60 * MINUTE)).await;
    let mut idle = 0;
    while !sealer.step(AT).await.expect("they are looked for") {
        idle += 1;
        assert!(idle < 25, "all that waits is looked at by now");
    }
    while sealer.step(AT).await.expect("they are sealed") {}
    assert_eq!(home.found().await, (1_200, 0, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_void_step_has_found_is_not_told() {
    let home = Home::new().await;
    let tools = home.process(1);
    let (one, other) = (Sealer::new(&home.store, &tools), Sealer::new(&home.store, &tools));
    home.happen(&tools, 1, AT).await;
    one.finish(AT).await.expect("it is sealed");
    let newest = seals::newest(&mut home.store.reader()).await.expect("it is read");
    home.happen(&tools, 1, AT).await;
    let mut reader = home.store.reader();
    let waiting = seals::waiting(&mut reader, Id::first_of(Millis(0)), 9).await.expect("it is read");
    reader.let_go();
    one.finish(AT).await.expect("another one seals between two looks");
    let end = seals::end(&mut reader).await.expect("it is read");
    reader.let_go();

    let step = other.prepare(newest, waiting, (end, AT)).expect("it is prepared");
    assert_eq!(step.left, Some(Left::Altered(1)), "as it looks from there");
    assert!(!other.make(step, AT).await.expect("it is tried"), "nothing of it is so");
    assert_eq!(home.found().await, (2, 0, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_a_key_that_nobody_has_keeps_nothing_from_its_seal() {
    let home = Home::new().await;
    let tools = home.process(1);
    let sealer = Sealer::new(&home.store, &tools);
    home.happen(&tools, 1, AT).await;
    sealer.step(AT).await.expect("it is sealed");
    home.by_hand("update seal_segments set mac = '999:00'");

    home.happen(&tools, 2, AT).await;
    sealer.step(AT).await.expect("they are sealed");
    assert_eq!(head(&home.store).await.expect("it is read").expect("it has begun").n, 3);
    assert_eq!(
        home.wrong().await,
        ["segment 1 cannot be verified: key 999 is not in the file of keys"],
        "and nothing else is"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_change_is_made_of_which_the_database_swallows_the_event() {
    for table in ["events", "event_facts", "unsealed"] {
        let home = Home::new().await;
        let tools = home.process(1);
        home.by_hand(&format!(
            "create trigger quiet before insert on {table} begin select raise(ignore); end"
        ));
        let mut change = Change::new(&home.store, &tools, None);
        for n in 0..12 {
            change.record(Event::account_alias("test", &n.to_string()));
        }
        let permit = Permit::system(Task::FirstStart, Scope::Account(ACCOUNT), AT);
        let failed = change.commit(&permit).await.expect_err("it is not kept");
        assert!(matches!(failed, Failure::Store(store::Error::Swallowed)), "{table}: {failed}");
        assert_eq!(
            home.wrong().await,
            [format!("the trigger quiet on {table} was put into the database by somebody")]
        );
        assert_eq!(store::verify::access(&home.store).await.expect("it is looked at"), home.wrong().await);

        home.by_hand("drop trigger quiet");
        home.happen(&tools, 12, AT).await;
        assert_eq!(home.found().await, (0, 12, 0, 0), "nothing of the other one is there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_is_asked_for_by_its_link_and_not_by_its_number() {
    let home = Home::new().await;
    let tools = home.process(1);
    let sealer = Sealer::new(&home.store, &tools);
    home.happen(&tools, 3, AT).await;
    sealer.step(AT).await.expect("they are sealed");
    let was = head(&home.store).await.expect("it is read").expect("it has begun");
    home.happen(&tools, 3, AT.plus(1)).await;
    sealer.step(AT.plus(DAY)).await.expect("they are sealed");

    let comes_by = async |head: &Head| comes_by(&home.store, &tools, head).await.expect("it is looked at");
    let other = Head { link: "0".repeat(32), ..was.clone() };
    let ahead = Head { n: 7, ..was.clone() };
    assert!(comes_by(&was).await && !comes_by(&other).await && !comes_by(&ahead).await);
    home.cut(&tools, 0, AT.plus(2 * DAY)).await;
    assert!(comes_by(&was).await && !comes_by(&other).await, "the last link of what was cut is known");
    let inside = Head { n: 2, ..other };
    assert!(comes_by(&inside).await, "nothing else of it is");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_by_time_begins_near_it() {
    let home = Home::new().await;
    let tools = home.process(1);
    for day in 0..5 {
        let at = AT.plus(day * DAY);
        home.happen(&tools, 2, at).await;
        Sealer::new(&home.store, &tools).finish(at).await.expect("they are sealed");
    }
    for (from, expected) in [(AT, 0), (AT.plus(3 * DAY), 2), (AT.plus(9 * DAY), 8)] {
        let found = beginning(&mut home.store.reader(), from).await.expect("it is looked for");
        assert_eq!(found, expected, "{from}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_erased_also_where_another_thing_is_told_of() {
    let home = Home::new().await;
    let tools = home.process(1);
    let id = "0".repeat(31) + "7";
    let mut change = Change::new(&home.store, &tools, None);
    for n in 0..1_200 {
        change.record(Event::plain("user.updated", &id, &format!("alice {n}"), None, None));
    }
    for member in [id.as_str(), "another"] {
        let facts = [("users", format!("[{member}]"))];
        change.record(Event::plain("group.users_joined", "group", "sales", None, Some(&facts)));
    }
    let permit = Permit::system(Task::FirstStart, Scope::Account(ACCOUNT), AT);
    change.commit(&permit).await.expect("it is written");
    let sealer = Sealer::new(&home.store, &tools);
    sealer.finish(AT).await.expect("they are sealed");

    let erased = super::erase_subject(&home.store, &tools, ("test", AT.plus(1)), &id).await;
    assert_eq!(erased.expect("it is erased").events, 1_201);
    // Three parts, and the one of the group: each is told of.
    assert_eq!(home.found().await, (1_202, 4, 1, 0));
    let again = super::erase_subject(&home.store, &tools, ("test", AT.plus(2)), &id).await;
    assert_eq!(again.expect("nothing is left").events, 0);
    assert_eq!(home.found().await, (1_202, 4, 1, 0), "and nothing is told of that");
}
