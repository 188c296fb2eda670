//! Search by substring, against a look at every user: the same facts on SQLite and, where
//! `ROSTER_TEST_DATABASE` names a server, on PostgreSQL.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use model::account::{Directory, ListedDirectory};
use model::text::{ChosenId, Description, DirectoryName, DisplayName, Email, Username};
use model::total::Total;
use model::user::{Listed, Locks, OwnerType, PasswordFacts, Role, Status, User};
use model::{AccountUid, DirectoryKey, Folded, Id, Millis, Number};
use store::search::{Begins, Field, Like, Pattern};
use store::users::{Begin, By, Filter, Key, Order, Span};
use store::{Place, Store, Tx, directories, users, verify};
use tempfile::TempDir;
use tokio_postgres::NoTls;

/// Users of two segments and of a tail.
const PEOPLE: i64 = 11_000;
/// Numbers between two users, for those who come late.
const GAP: i64 = 16;
const NOW: Millis = Millis(1_790_000_000_000);

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_whom_a_look_at_every_user_finds() {
    let mut home = Home::open().await;
    let mut chance = Chance(0x5eed);
    let people: Vec<User> = (1..=PEOPLE).map(|n| chance.user(n * GAP)).collect();
    home.create(&people).await;
    home.compare(&mut chance, "nothing is sealed").await;
    home.compare_beginnings(&mut chance, "nothing is sealed").await;
    home.compare_orders("nothing is sealed").await;
    home.compare_names("nothing is sealed").await;

    home.tend().await;
    home.compare(&mut chance, "two segments are sealed").await;
    home.compare_beginnings(&mut chance, "two segments are sealed").await;

    let gone = chance.some_below(PEOPLE, 300).map(|n| (n + 1) * GAP);
    home.remove(&gone.collect::<Vec<_>>()).await;
    let late = chance.some_below(PEOPLE, 200).map(|n| chance.user(n * GAP + 5));
    home.create(&late.collect::<Vec<_>>()).await;
    let renamed = chance.some_below(PEOPLE, 200).map(|n| chance.user((n + 1) * GAP));
    home.replace(&renamed.collect::<Vec<_>>()).await;
    home.compare(&mut chance, "some are gone, some came late, some have other names").await;
    home.compare_beginnings(&mut chance, "some are gone, some came late, some have other names").await;

    home.tend().await;
    home.compare(&mut chance, "the queue is empty").await;
    home.compare_beginnings(&mut chance, "the queue is empty").await;
    home.compare_names("the queue is empty").await;
    home.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_whose_users_are_all_gone_still_takes_in_who_comes_late() {
    let mut home = Home::open().await;
    let mut chance = Chance(0xe3);
    let people: Vec<User> = (1..=4_200).map(|n| chance.user(n * GAP)).collect();
    home.create(&people).await;
    home.tend().await;
    home.remove(&(1..=4_200).map(|n| n * GAP).collect::<Vec<_>>()).await;
    // As many in the segment as a search reads from the queue.
    let late: Vec<User> = (0..4_200).map(|n| chance.user(n * GAP + 5)).collect();

    home.create(&late).await;
    home.compare(&mut chance, "the late ones stand in the queue").await;
    home.compare_beginnings(&mut chance, "the late ones stand in the queue").await;
    home.tend().await;

    home.compare(&mut chance, "the queue is empty").await;
    home.compare_beginnings(&mut chance, "the queue is empty").await;
    home.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_lost_who_is_created_while_segments_are_sealed() {
    let mut home = Home::open().await;
    let done = Arc::new(AtomicBool::new(false));
    let created = Arc::new(Mutex::new(BTreeMap::new()));
    let tending = tokio::spawn(tend_until(home.store.clone(), Arc::clone(&done)));
    let reading =
        tokio::spawn(read_until(home.store.clone(), home.directory, Arc::clone(&created), Arc::clone(&done)));
    let numbers = Arc::new(AtomicI64::new(0));
    let creators: Vec<_> = (1..=8)
        .map(|seed| {
            let (store, directory) = (home.store.clone(), home.directory);
            let (numbers, created) = (Arc::clone(&numbers), Arc::clone(&created));
            tokio::spawn(async move {
                let mut chance = Chance(seed);
                for round in 0..60 {
                    let batch: Vec<User> = (0..20)
                        .map(|_| match numbers.fetch_add(1, Ordering::Relaxed) {
                            // Many come late into the first segment, between the users who are there.
                            n if round % 5 > 2 => chance.user(n % 1_000 * GAP + 1 + n / 1_000),
                            n => chance.user((n + 1) * GAP),
                        })
                        .collect();
                    // Numbers grow old before their users are written, and users before they are committed.
                    tokio::time::sleep(Duration::from_millis(chance.below(40).unsigned_abs())).await;
                    let mut change = store.change();
                    write(&mut change, directory, &batch).await;
                    users::taken(&mut change, directory, &[]).await.expect("what was written is sent");
                    tokio::time::sleep(Duration::from_millis(chance.below(8).unsigned_abs())).await;
                    change.commit().await.expect("users are created");
                    let batch = batch.into_iter().map(|user| (user.id.number().0, user));
                    created.lock().expect("nobody panicked").extend(batch);
                }
            })
        })
        .collect();
    for creator in creators {
        creator.await.expect("a creator ends well");
    }
    done.store(true, Ordering::Relaxed);
    tending.await.expect("the work in the background ends well");
    reading.await.expect("whoever is there is found");
    home.people = created.lock().expect("nobody panicked").clone();

    let mut chance = Chance(99);
    home.compare(&mut chance, "the work in the background was cut off").await;
    home.compare_beginnings(&mut chance, "the work in the background was cut off").await;
    home.tend().await;
    home.compare(&mut chance, "all is written down").await;
    home.compare_beginnings(&mut chance, "all is written down").await;
    home.close().await;
}

async fn tend_until(store: Store, done: Arc<AtomicBool>) {
    while !done.load(Ordering::Relaxed) {
        store.tend_search().await.expect("a round succeeds");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Asks for a text and expects whoever had it before the question.
async fn read_until(
    store: Store,
    directory: DirectoryKey,
    created: Arc<Mutex<BTreeMap<i64, User>>>,
    done: Arc<AtomicBool>,
) {
    let text = "ana_lin";
    let like = Like::containing(text).expect("it asks something");
    let text_of_login = Some(Pattern { field: Field::Login, like });
    let filter = Filter { text: text_of_login, at: NOW, ..Filter::default() };
    let order = Order::default();
    while !done.load(Ordering::Relaxed) {
        let expected: Vec<i64> = {
            let created = created.lock().expect("nobody panicked");
            let having = created.values().filter(|user| matches(user, Field::Login, text));
            having.map(|user| user.id.number().0).collect()
        };
        let span = Span { order, from: Begin::First, limit: 10_000, places: true };
        let page = users::page(&mut store.reader(), directory, &filter, span).await;
        let page = page.expect("a page").users;
        let found: BTreeSet<i64> = page.iter().map(|listed| listed.user.id.number().0).collect();
        assert_eq!(found.len(), page.len(), "each is found once");
        assert!(expected.iter().all(|number| found.contains(number)), "somebody was missed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_segment_is_sealed_without_a_user_whose_change_is_open() {
    let mut home = Home::open().await;
    let mut chance = Chance(0xc4a9e);
    let people: Vec<User> = (1..=4_200).map(|n| chance.user(n * GAP)).collect();
    home.create(&people).await;
    let late = chance.user(9);

    let mut change = home.store.change();
    write(&mut change, home.directory, std::slice::from_ref(&late)).await;
    users::taken(&mut change, home.directory, &[]).await.expect("what was written is sent");
    home.store.tend_search().await.expect("a round gives way to the change");
    change.commit().await.expect("a change succeeds");
    home.people.insert(9, late);

    home.tend().await;
    home.compare(&mut chance, "the change was open while a round ran").await;
    home.compare_beginnings(&mut chance, "the change was open while a round ran").await;
    home.close().await;
}

/// A store with one directory, and what should be in it.
struct Home {
    store: Store,
    directory: DirectoryKey,
    people: BTreeMap<i64, User>,
    folder: TempDir,
    database: Option<Database>,
}

/// A database of a test's own.
struct Database {
    server: String,
    name: String,
}

impl Home {
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = match std::env::var_os("ROSTER_TEST_DATABASE") {
            Some(server) => Some(Database::create(server.into_string().expect("an address is text")).await),
            None => None,
        };
        let place = match &database {
            Some(database) => Place::Url(database.url()),
            None => Place::File(folder.path().join("roster.db")),
        };
        let store = Store::open(&place).await.expect("the store opens");
        let directory = Directory {
            id: Id::from_bits(5 << 76),
            key: DirectoryKey { number: Number(5), slot: 0 },
            account: AccountUid(1),
            root: Number(6),
            is_default: true,
        };
        let mut change = store.change();
        directories::insert_account(&mut change, directory.account, &directory.account.0.to_string(), NOW)
            .await
            .expect("an account");
        let listed = ListedDirectory {
            directory: directory.clone(),
            name: DirectoryName::default(),
            description: Description::default(),
            most_users: 0,
            created: NOW,
            updated: NOW,
        };
        directories::insert(&mut change, &listed).await.expect("a directory");
        change.commit().await.expect("the first change");
        Self { store, directory: directory.key, people: BTreeMap::new(), folder, database }
    }

    async fn create(&mut self, people: &[User]) {
        for batch in people.chunks(500) {
            create(&self.store, self.directory, batch).await;
        }
        self.people.extend(people.iter().map(|user| (user.id.number().0, user.clone())));
    }

    async fn remove(&mut self, numbers: &[i64]) {
        let mut change = self.store.change();
        for number in numbers {
            if let Some(user) = self.people.remove(number) {
                change.count(self.directory, Total::People, -1);
                change.count(self.directory, Total::Shut, -i64::from(user.shut));
                let disabled = i64::from(user.status == Status::Disabled);
                change.count(self.directory, Total::Disabled, -disabled);
                users::remove(&mut change, self.directory, &[Number(*number)]).await.expect("a user goes");
            }
        }
        change.commit().await.expect("users go");
    }

    /// Gives the numbers of users to others.
    async fn replace(&mut self, people: &[User]) {
        self.remove(&people.iter().map(|user| user.id.number().0).collect::<Vec<_>>()).await;
        self.create(people).await;
    }

    /// Does all the work in the background.
    async fn tend(&self) {
        while self.store.tend_search().await.expect("a round succeeds") {}
        let report = verify::directory(&self.store, self.directory).await.expect("the index can be checked");
        let differences: Vec<&String> =
            report.differences.iter().filter(|line| line.starts_with("the search")).collect();
        assert!(differences.is_empty(), "{differences:?}");
    }

    /// Asks for texts cut from the users, and for some that nobody has.
    async fn compare(&self, chance: &mut Chance, when: &str) {
        let mut patterns = vec![
            ("z*q".to_owned(), Field::Login),
            ("*@example.com".to_owned(), Field::Login),
            ("王*".to_owned(), Field::DisplayName),
            ("a".to_owned(), Field::Login),
            ("qzjx".to_owned(), Field::Login),
            ("%_\\".to_owned(), Field::DisplayName),
            ("ana_lin_ana_lin".to_owned(), Field::Login),
        ];
        let people: Vec<&User> = self.people.values().collect();
        for _ in 0..12 {
            let user = people[chance.below(people.len() as i64) as usize];
            let (field, text) = match chance.below(3) {
                0 => (Field::Login, user.username.key().as_str().to_owned()),
                1 => (Field::Login, user.email.folded().as_str().to_owned()),
                _ => (Field::DisplayName, user.display_name.folded().as_str().to_owned()),
            };
            patterns.push((chance.cut(&text), field));
        }
        for (text, field) in patterns {
            let is_anchored = text.contains('*');
            let like = if is_anchored { Like::whole(&text) } else { Like::containing(&text) };
            let Some(like) = like else { continue };
            let pattern = Pattern { field, like };
            let by = [By::Number, By::Number, By::Name][chance.below(3) as usize];
            let order = Order { by, descending: chance.below(2) == 1 };
            let shut = [None, Some(false), Some(true)][chance.below(3) as usize];
            let mut expected: Vec<&User> = people
                .iter()
                .copied()
                .filter(|user| shut.is_none_or(|shut| user.shut == shut))
                .filter(|user| matches(user, field, &text))
                .collect();
            if by == By::Name {
                expected.sort_by(|a, b| a.username.key().cmp(b.username.key()));
            }
            if order.descending {
                expected.reverse();
            }
            let expected: Vec<i64> = expected.iter().map(|user| user.id.number().0).collect();
            let filter = Filter { text: Some(pattern), shut, at: NOW, ..Filter::default() };

            // Several pages, and few of many users.
            let found = self.walk(&filter, order, 7 + expected.len() / 3).await;
            let counted = users::count(&self.store, self.directory, &filter).await.expect("a count");

            assert_eq!(found, expected, "{text:?} in {field:?}, shut {shut:?}, {order:?}, when {when}");
            assert_eq!(
                counted,
                expected.len() as i64,
                "{text:?} in {field:?}, shut {shut:?}, {order:?}, when {when}"
            );
        }
    }

    /// Asks who begins with texts, and for pages by number: under that condition, and others beside it.
    async fn compare_beginnings(&self, chance: &mut Chance, when: &str) {
        let mut texts = vec![
            (Field::Username, String::new()),
            (Field::Username, "u".to_owned()),
            (Field::Username, "qzjx".to_owned()),
            (Field::DisplayName, "王".to_owned()),
            (Field::DisplayName, "a".to_owned()),
            (Field::Email, "u".to_owned()),
            (Field::Email, "qzjx".to_owned()),
        ];
        let people: Vec<&User> = self.people.values().collect();
        for _ in 0..12 {
            let user = people[chance.below(people.len() as i64) as usize];
            let (field, text) = match chance.below(3) {
                0 => (Field::Username, user.username.key().clone()),
                1 => (Field::Email, user.email.folded()),
                _ => (Field::DisplayName, user.display_name.folded()),
            };
            let length = 1 + chance.below(5) as usize;
            texts.push((field, text.as_str().chars().take(length).collect()));
        }
        for (field, text) in texts {
            let text = Folded::of(&text);
            let begins = Begins { field, text: text.clone() };
            let begins = if text.is_empty() { Vec::new() } else { vec![begins] };
            let status =
                [None, None, Some(Status::Enabled), Some(Status::Disabled)][chance.below(4) as usize];
            let expected: Vec<i64> = people
                .iter()
                .filter(|user| status.is_none_or(|status| user.status == status))
                .filter(|user| match field {
                    Field::DisplayName => user.display_name.folded().as_str().starts_with(text.as_str()),
                    Field::Username | Field::Login => user.username.key().as_str().starts_with(text.as_str()),
                    Field::Email => user.email.folded().as_str().starts_with(text.as_str()),
                    Field::Phone => false,
                })
                .map(|user| user.id.number().0)
                .collect();
            let filter = Filter { begins: &begins, status, at: NOW, ..Filter::default() };
            let what = format!("{text:?} in {field:?}, {status:?}, when {when}");

            let found = self.walk(&filter, Order::default(), 7 + expected.len() / 3).await;
            assert_eq!(found, expected, "{what}");
            let kept =
                users::total(&mut self.store.reader(), self.directory, &filter).await.expect("a total");
            let counted = users::count(&self.store, self.directory, &filter).await.expect("a count");
            assert_eq!(counted, expected.len() as i64, "{what}");
            assert!(kept.is_none_or(|kept| kept == counted), "{what}: {kept:?} is kept, {counted} are there");
            let total = expected.len();
            for skip in [1, total / 3, total / 2 + 1, total.saturating_sub(5), total, total + 9] {
                for known in [kept, Some(counted), None] {
                    let from = Begin::Skip(skip as i64, known);
                    let span = Span { order: Order::default(), from, limit: 20, places: false };
                    let page = users::page(&mut self.store.reader(), self.directory, &filter, span).await;
                    let page = page.expect("a page");
                    let found: Vec<i64> = page.users.iter().map(|user| user.user.id.number().0).collect();
                    let rest = expected.get(skip..).unwrap_or_default();
                    assert_eq!(found, rest[..rest.len().min(20)], "{what}: behind {skip}, {known:?} known");
                    assert_eq!(page.next.is_some(), rest.len() > 20, "{what}: behind {skip}");
                }
            }
        }
    }

    /// Asks for everybody, and for some, in the orders that few lists lie in.
    async fn compare_orders(&self, when: &str) {
        for status in [None, Some(Status::Disabled)] {
            let filter = Filter { status, at: NOW, ..Filter::default() };
            for by in [By::PublicId, By::DisplayName, By::Updated] {
                let mut expected: Vec<&User> = self.people.values().collect();
                expected.retain(|user| status.is_none_or(|status| user.status == status));
                expected.sort_by_key(|user| {
                    let name = user.display_name.folded().as_str().to_owned();
                    match by {
                        By::DisplayName => (name, 0, user.id.number()),
                        By::Updated => (String::new(), user.updated.0, user.id.number()),
                        _ => (user.public_id(), 0, user.id.number()),
                    }
                });
                for descending in [false, true] {
                    let numbers: Vec<i64> = expected.iter().map(|user| user.id.number().0).collect();
                    let limit = 7 + numbers.len() / 3;
                    let found = self.walk(&filter, Order { by, descending }, limit).await;
                    assert_eq!(found, numbers, "{by:?}, {descending}, {status:?}, when {when}");
                    expected.reverse();
                }
            }
        }
    }

    /// Asks in every order for display names that hold or begin with a text: many, some and none, under conditions.
    async fn compare_names(&self, when: &str) {
        for (holds, begins, shut) in [
            (Some("王"), None, None),
            (Some("王"), None, Some(true)),
            (Some("王"), Some("an"), None),
            (Some("国强李"), None, Some(true)),
            (Some("%"), Some("王"), Some(false)),
            (Some("鑫"), None, Some(true)),
            (None, Some("王"), None),
            (None, Some("王"), Some(true)),
            (None, Some("李王"), None),
            (None, Some("鑫"), None),
        ] {
            let like = holds.and_then(Like::containing);
            let text = like.map(|like| Pattern { field: Field::DisplayName, like });
            let begun: Vec<Begins> = begins
                .map(|text| Begins { field: Field::DisplayName, text: Folded::of(text) })
                .into_iter()
                .collect();
            let filter = Filter { text, begins: &begun, shut, at: NOW, ..Filter::default() };
            for by in [By::Number, By::PublicId, By::DisplayName, By::Updated] {
                let mut expected: Vec<&User> = self.people.values().collect();
                expected.retain(|user| {
                    let name = user.display_name.folded();
                    shut.is_none_or(|shut| user.shut == shut)
                        && holds.is_none_or(|text| name.as_str().contains(text))
                        && begins.is_none_or(|text| name.as_str().starts_with(text))
                });
                expected.sort_by_cached_key(|user| Order { by, descending: false }.key(&listed(user)));
                for descending in [false, true] {
                    let numbers: Vec<i64> = expected.iter().map(|user| user.id.number().0).collect();
                    let limit = 7 + numbers.len() / 3;
                    let found = self.walk(&filter, Order { by, descending }, limit).await;
                    let what = format!("{holds:?}, {begins:?}, {shut:?}, {by:?}, {descending}, when {when}");
                    assert_eq!(found, numbers, "{what}");
                    expected.reverse();
                }
            }
        }
    }

    /// All pages of a list.
    async fn walk(&self, filter: &Filter<'_>, order: Order, limit: usize) -> Vec<i64> {
        let mut found: Vec<i64> = Vec::new();
        let mut after: Option<Key> = None;
        loop {
            let mut reader = self.store.reader();
            let from = after.as_ref().map_or(Begin::First, Begin::After);
            let span = Span { order, from, limit, places: true };
            let page = users::page(&mut reader, self.directory, filter, span).await;
            let page = page.expect("a page");
            found.extend(page.users.iter().map(|listed| listed.user.id.number().0));
            after = page.next;
            if after.is_none() {
                return found;
            }
        }
    }

    async fn close(self) {
        self.store.close().await;
        if let Some(database) = self.database {
            database.drop().await;
        }
        self.folder.close().expect("the folder goes");
    }
}

async fn create(store: &Store, directory: DirectoryKey, people: &[User]) {
    let mut change = store.change();
    write(&mut change, directory, people).await;
    change.commit().await.expect("users are created");
}

async fn write(change: &mut Tx, directory: DirectoryKey, people: &[User]) {
    for user in people {
        users::insert(change, directory, user).await.expect("a user is written");
        change.count(directory, Total::People, 1);
        change.count(directory, Total::Shut, i64::from(user.shut));
        change.count(directory, Total::Disabled, i64::from(user.status == Status::Disabled));
    }
}

fn listed(user: &User) -> Listed {
    let (units, groups, values) = (Vec::new(), Vec::new(), Vec::new());
    Listed { user: user.clone(), units, groups, values, avatar: None, joined: None }
}

fn matches(user: &User, field: Field, text: &str) -> bool {
    let texts = match field {
        Field::Login | Field::Username => vec![user.username.key().clone(), user.email.folded()],
        Field::Email => vec![user.email.folded()],
        Field::DisplayName => vec![user.display_name.folded()],
        Field::Phone => Vec::new(),
    };
    let wanted = Folded::of(text);
    texts.iter().any(|text| match wanted.as_str().split_once('*') {
        Some((before, after)) => text.as_str().strip_prefix(before).is_some_and(|rest| rest.ends_with(after)),
        None => text.as_str().contains(wanted.as_str()),
    })
}

impl Database {
    async fn create(server: String) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("search_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let database = Self { server, name };
        database.command("create database").await;
        database
    }

    fn url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').expect("the address names a database");
        format!("{server}/{}", self.name)
    }

    async fn drop(&self) {
        self.command("drop database").await;
    }

    async fn command(&self, words: &str) {
        let (client, connection) =
            tokio_postgres::connect(&self.server, NoTls).await.expect("the server is there");
        let connection = tokio::spawn(connection);
        let force = if words.starts_with("drop") { " with (force)" } else { "" };
        client.batch_execute(&format!("{words} {}{force}", self.name)).await.expect("it is done");
        drop(client);
        connection.await.expect("the connection ends").expect("it ends well");
    }
}

/// A fixed sequence that looks like chance (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as i64 % end
    }

    /// Different numbers.
    fn some_below(&mut self, end: i64, count: usize) -> impl Iterator<Item = i64> + use<> {
        let numbers: BTreeSet<i64> = (0..count).map(|_| self.below(end)).collect();
        numbers.into_iter()
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len() as i64) as usize]
    }

    fn text(&mut self, parts: &[&str], most: i64) -> String {
        (0..1 + self.below(most)).map(|_| self.pick(parts)).collect()
    }

    fn user(&mut self, number: i64) -> User {
        const LATIN: [&str; 14] =
            ["an", "na", "Wang", "li", "son", "e", "xu", "_", ".", "-", "Ö", "ß", "Z", "ana_lin_"];
        // One of them many have.
        const SHOWN: [&str; 17] = [
            "王",
            "王",
            "李",
            "伟",
            "国强",
            "張",
            "🙂",
            "👩‍👧",
            "%",
            "_",
            "\\",
            " ",
            "An",
            "Ｗ",
            "*",
            "’",
            "é",
        ];
        // A number that nobody else has makes the name unique.
        let username = format!("{}{number:x}{}", self.text(&LATIN, 4), self.0 % 1_000_000);
        let email = match self.below(4) {
            0 => String::new(),
            domain => format!(
                "{}@{}",
                self.text(&LATIN, 3),
                ["", "example.com", "example.com", "mail.example"][domain as usize]
            ),
        };
        let is_shut = self.below(10) < 4;
        User {
            id: Id::from_bits((number as u128) << 76 | 1),
            username: Username::new(username).expect("a username"),
            display_name: DisplayName::new(self.text(&SHOWN, 5)).expect("a display name"),
            description: Description::default(),
            email: Email::new(email).expect("an e-mail address"),
            email_verified: false,
            phone: None,
            phone_verified: false,
            // Some lie between the digits of others.
            chosen_id: (number / GAP % 3 == 0)
                .then(|| ChosenId::new(format!("{number:013x}z")).expect("14 characters")),
            external_id: None,
            owner_type: OwnerType::Normal,
            role: Role::User,
            status: if is_shut { Status::Disabled } else { Status::Enabled },
            shut: is_shut,
            locks: Locks::default(),
            local_admin: false,
            system: false,
            password: PasswordFacts::default(),
            signed_out: None,
            created: NOW,
            updated: NOW,
        }
    }

    /// A piece of `text`, of any length.
    fn cut(&mut self, text: &str) -> String {
        let characters: Vec<char> = text.chars().filter(|c| *c != '*').collect();
        if characters.is_empty() {
            return "王国".into();
        }
        let begin = self.below(characters.len() as i64) as usize;
        let length = 1 + self.below((characters.len() - begin).min(9) as i64) as usize;
        characters[begin..begin + length].iter().collect()
    }
}
