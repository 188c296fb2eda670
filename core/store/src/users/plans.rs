//! No question about users goes through the whole directory but the one that asks for everybody: what SQLite plans.

use std::cell::RefCell;

use model::account::{Directory, ListedDirectory};
use model::text::{Description, DirectoryName, DisplayName, Email, Label, UnitName, Username};
use model::total::Total;
use model::unit::Unit;
use model::user::{Locks, OwnerType, PasswordFacts, Role, Status, User};
use model::{AccountUid, DirectoryKey, Folded, Id, Millis, Number};
use rusqlite::Connection;

use super::{Begin, By, Filter, Key, Order, Span, Within};
use crate::devices::Part;
use crate::search::{Begins, Field, Like, Pattern};
use crate::{Place, Store, devices, directories, groups, units};

thread_local! {
    /// The plans of this thread's statements, once a test has begun to keep them.
    static NOTED: RefCell<Option<Vec<(String, String)>>> = const { RefCell::new(None) };
}

/// Keeps how a statement is going to be answered.
pub(crate) fn note(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    NOTED.with_borrow_mut(|noted| {
        let Some(noted) = noted else { return Ok(()) };
        let mut statement = connection.prepare(&format!("explain query plan {sql}"))?;
        let mut steps = statement.raw_query();
        while let Some(step) = steps.next()? {
            noted.push((sql.to_owned(), step.get(3)?));
        }
        Ok(())
    })
}

const AT: Millis = Millis(1_000_000);
const DIRECTORY: DirectoryKey = DirectoryKey { number: Number(1), slot: 0 };

fn id(number: i64) -> Id {
    Id::from_bits((number as u128) << 76)
}

fn user(number: i64) -> User {
    User {
        id: id(number),
        username: Username::new(format!("user_{number}")).expect("letters and digits"),
        display_name: DisplayName::new(format!("王 {number}")).expect("a letter and digits"),
        description: Description::default(),
        email: Email::default(),
        email_verified: false,
        phone: None,
        phone_verified: false,
        chosen_id: None,
        external_id: None,
        owner_type: OwnerType::Normal,
        role: Role::User,
        status: Status::Enabled,
        locks: Locks::default(),
        shut: false,
        local_admin: false,
        system: false,
        password: PasswordFacts::default(),
        signed_out: None,
        created: AT,
        updated: AT,
    }
}

/// A directory with a unit, a group and three users in both.
async fn filled(store: &Store) {
    let mut tx = store.change();
    directories::insert_account(&mut tx, AccountUid(1), "default", AT).await.expect("an account");
    let directory =
        Directory { id: id(1), key: DIRECTORY, account: AccountUid(1), root: Number(10), is_default: true };
    let listed = ListedDirectory {
        directory,
        name: DirectoryName::default(),
        description: Description::default(),
        most_users: 0,
        created: AT,
        updated: AT,
    };
    directories::insert(&mut tx, &listed).await.expect("a directory");
    for (number, parent) in [(10, None), (11, Some(Number(10)))] {
        let unit = Unit {
            id: id(number),
            parent,
            name: UnitName::new("unit").expect("four letters"),
            description: Description::default(),
            external_id: None,
            creator: String::new(),
            label: Label::default(),
            created: AT,
            updated: AT,
        };
        units::insert(&mut tx, DIRECTORY, &unit).await.expect("a unit");
    }
    for number in 21..24 {
        let user = user(number);
        super::insert(&mut tx, DIRECTORY, &user).await.expect("a user");
        units::join(&mut tx, DIRECTORY, &user, Number(11), true, ("", AT)).await.expect("a member");
    }
    // As many as make the index worth its while.
    tx.count(DIRECTORY, Total::People, 10_000);
    tx.count(DIRECTORY, Total::Disabled, 50);
    tx.count(DIRECTORY, Total::Region(186), 5_000);
    tx.count(DIRECTORY, Total::Region(144), 5);
    tx.commit().await.expect("a change");
}

/// Steps that read all that a directory has of a table.
fn is_whole((sql, step): &&(String, String)) -> bool {
    // The first and the last number are one step each, which looks alike.
    let is_rows =
        !sql.contains("select min(number)") && (step.starts_with("SCAN") || step.ends_with("(directory=?)"));
    let of_users = [
        "u",
        "m",
        "x",
        "f",
        "d",
        "users",
        "unit_members",
        "group_members",
        "user_values",
        "devices",
        "t",
        "totals",
    ];
    // System users are few.
    is_rows
        && !step.contains("users_system")
        && of_users.iter().any(|table| step.split(' ').nth(1) == Some(table))
}

/// What is asked, and whether it asks for everybody.
fn filters() -> Vec<(&'static str, Filter<'static>, bool)> {
    let some: &'static [Folded] = Vec::leak((0..2).map(|n| Folded::of(&format!("user_2{n}"))).collect());
    let many: &'static [Folded] = Vec::leak((0..2_000).map(|n| Folded::of(&format!("user_{n}"))).collect());
    let one: &'static [Vec<Number>] = Vec::leak(vec![vec![Number(5)]]);
    let two: &'static [Vec<Number>] = Vec::leak(vec![vec![Number(5), Number(6)]]);
    let like = Like::containing("qqq").expect("it asks something");
    let none = Filter { at: AT, ..Filter::default() };
    vec![
        ("everybody", none.clone(), true),
        ("all but some", Filter { not_usernames: some, ..none.clone() }, true),
        ("some names", Filter { usernames: Some(some), ..none.clone() }, false),
        ("many names", Filter { usernames: Some(many), ..none.clone() }, false),
        ("a unit", Filter { unit: Some(Within::Unit(Number(11))), ..none.clone() }, false),
        ("a subtree", Filter { unit: Some(Within::Subtree(Number(10))), ..none.clone() }, false),
        ("a group", Filter { group: Some(Number(7)), ..none.clone() }, false),
        ("a value", Filter { items: one, ..none.clone() }, false),
        ("two values", Filter { items: two, ..none.clone() }, false),
        ("shut", Filter { shut: Some(true), ..none.clone() }, false),
        ("open", Filter { shut: Some(false), ..none.clone() }, false),
        ("managed", Filter { owner: Some(OwnerType::CreateFromManager), ..none.clone() }, false),
        ("a text", Filter { text: Some(Pattern { field: Field::Login, like }), ..none.clone() }, false),
        ("a beginning", Filter { begins: begins_with("user_2"), ..none.clone() }, false),
        ("an address", Filter { email: Some(some_text("a@b.cn")), ..none.clone() }, false),
        ("a number", Filter { phone: Some("13800000000"), ..none.clone() }, false),
        ("a region", Filter { region: Some("86"), ..none.clone() }, false),
        (
            "a beginning of an address",
            Filter { begins: begin(Field::Email, "user_2"), ..none.clone() },
            false,
        ),
        ("a beginning of a number", Filter { begins: begin(Field::Phone, "138"), ..none.clone() }, false),
        ("a role", Filter { role: Some(Role::Admin), ..none.clone() }, false),
        ("a label", Filter { label: Some("north"), ..none.clone() }, false),
        ("subtrees", Filter { subtrees: Some(&[Number(10), Number(11)]), ..none.clone() }, false),
        ("one unit alone", Filter { unit: Some(Within::Only(Number(11))), ..none.clone() }, false),
        ("a status", Filter { status: Some(Status::Disabled), ..none.clone() }, false),
        ("some ids", Filter { numbers: Some(&[Number(21), Number(23)]), ..none.clone() }, false),
        (
            "open in a subtree",
            Filter { shut: Some(false), unit: Some(Within::Subtree(Number(10))), ..none },
            false,
        ),
    ]
}

fn begins_with(text: &str) -> &'static [Begins] {
    begin(Field::Username, text)
}

fn begin(field: Field, text: &str) -> &'static [Begins] {
    Vec::leak(vec![Begins { field, text: Folded::of(text) }])
}

fn some_text(text: &str) -> &'static Folded {
    &Vec::leak(vec![Folded::of(text)])[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_asks_for_everybody_reads_everybody() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("roster.db");
    Store::open(&Place::File(path.clone())).await.expect("a store").close().await;
    let store = Store::open(&Place::File(path)).await.expect("a store");
    filled(&store).await;
    NOTED.set(Some(Vec::new()));

    for (what, filter, asks_for_everybody) in filters() {
        for order in [
            Order { by: By::Number, descending: false },
            Order { by: By::Number, descending: true },
            Order { by: By::Name, descending: false },
            Order { by: By::Name, descending: true },
        ] {
            // These lie in no order of names, and no door asks for it.
            let is_by_number = filter.group.or(filter.numbers.and_then(|numbers| numbers.first().copied()));
            let own = filter.email.is_some() || filter.phone.is_some() || filter.region.is_some();
            let own = own || filter.role.is_some() || filter.label.is_some();
            if (is_by_number.is_some() || own || filter.status.is_some()) && order.by == By::Name {
                continue;
            }
            let after = match order.by {
                By::Name => Key::Name(Folded::of("user_22")),
                By::Number | By::Joined(_) | By::PublicId | By::DisplayName | By::Updated => {
                    Key::Number(Number(22))
                }
            };
            // No door asks for pages by number of accounts by state or owner.
            let skips = order == Order::default() && filter.shut.is_none() && filter.owner.is_none();
            let behind = skips.then_some(Begin::Skip(1, Some(3)));
            for from in [Some(Begin::First), Some(Begin::After(&after)), behind].into_iter().flatten() {
                let mut reader = store.reader();
                let span = Span { order, from, limit: 2, places: true };
                super::page(&mut reader, DIRECTORY, &filter, span).await.expect("a page");
            }
            let steps = NOTED.replace(Some(Vec::new())).expect("they are kept");
            assert!(!steps.is_empty(), "{what}: nothing was planned");
            let whole: Vec<_> = steps.iter().filter(is_whole).collect();
            // The first page of everybody begins at the directory's beginning, and so does one by number.
            let is_right = whole.is_empty() || (asks_for_everybody && whole.len() <= 3);
            assert!(is_right, "{what}, {order:?}: {whole:#?}");
        }
    }
    for (region, index) in [("86", "users_status"), ("44", "users_region")] {
        let filter =
            Filter { status: Some(Status::Disabled), region: Some(region), at: AT, ..Filter::default() };
        let span = Span { order: Order::default(), from: Begin::First, limit: 2, places: false };
        super::page(&mut store.reader(), DIRECTORY, &filter, span).await.expect("a page");
        let steps = NOTED.replace(Some(Vec::new())).expect("they are kept");
        let of_users: Vec<_> = steps.iter().filter(|(_, step)| step.contains(" u ")).collect();
        let is_right = of_users.iter().all(|(_, step)| step.contains(index)) && !of_users.is_empty();
        assert!(is_right, "disabled users of region {region}: {of_users:#?}");
    }
    in_other_orders(&store).await;
    of_names(&store).await;
    let joined = Order { by: By::Joined(Number(7)), descending: false };
    let filter = Filter { group: Some(Number(7)), at: AT, ..Filter::default() };
    let span = Span { order: joined, from: Begin::First, limit: 2, places: true };
    super::page(&mut store.reader(), DIRECTORY, &filter, span).await.expect("a page");

    lists_of_devices(&store).await;

    let mut tx = store.change();
    let names: Vec<Folded> = (20..60).map(|n| Folded::of(&format!("user_{n}"))).collect();
    let names: Vec<&Folded> = names.iter().collect();
    super::lock(&mut tx, DIRECTORY, &names).await.expect("users");
    super::taken(&mut tx, DIRECTORY, &names).await.expect("users");
    super::due(&mut tx, DIRECTORY, AT, 10).await.expect("users");
    groups::join(&mut tx, DIRECTORY, &[Number(21), Number(22)], Number(7), AT)
        .await
        .expect_err("no such group");
    let steps = NOTED.replace(None).expect("they are kept");
    let whole: Vec<_> = steps.iter().filter(is_whole).collect();
    assert!(!steps.is_empty() && whole.is_empty(), "{whole:#?}");
}

/// Asks for devices: some behind one, and those of some users.
async fn lists_of_devices(store: &Store) {
    let pattern = Pattern { field: Field::Login, like: Like::containing("qqq").expect("it asks something") };
    let mut reader = store.reader();
    for pattern in [None, Some(&pattern)] {
        let part = Part { after: Some(Number(22)), limit: 2, looks_at: pattern.map(|_| 10) };
        devices::page(&mut reader, DIRECTORY, pattern, part).await.expect("a page");
        devices::of_users(&mut reader, DIRECTORY, pattern, &[Number(21), Number(22)]).await.expect("a list");
    }
    devices::holders(&mut reader, DIRECTORY, &[Number(21), Number(22)]).await.expect("a list");
}

/// Asks for everybody, and for some, in orders that other lists do not lie in.
async fn in_other_orders(store: &Store) {
    let none = Filter { at: AT, systems: true, ..Filter::default() };
    let unit = Filter { unit: Some(Within::Unit(Number(11))), ..none.clone() };
    let subtree = Filter { subtrees: Some(&[Number(10)]), ..none.clone() };
    let disabled = Filter { status: Some(Status::Disabled), ..none.clone() };
    let digits = id(22).digits();
    let orders = [
        (By::PublicId, Key::PublicId(digits), ["users_chosen", "users_digits"]),
        (By::DisplayName, Key::DisplayName(Folded::of("a"), Number(22)), ["users_display"; 2]),
        (By::Updated, Key::Updated(AT, Number(22)), ["users_updated"; 2]),
    ];
    for (by, after, indexes) in &orders {
        for (filter, is_everybody) in [(&none, true), (&unit, false), (&subtree, false), (&disabled, false)] {
            for descending in [false, true] {
                NOTED.set(Some(Vec::new()));
                let order = Order { by: *by, descending };
                let span = Span { order, from: Begin::After(after), limit: 2, places: false };
                super::page(&mut store.reader(), DIRECTORY, filter, span).await.expect("a page");
                let steps = NOTED.replace(Some(Vec::new())).expect("they are kept");
                let whole: Vec<_> = steps.iter().filter(is_whole).collect();
                assert!(!steps.is_empty() && whole.is_empty(), "{order:?}: {whole:#?}");
                let is_walked = |index: &&str| steps.iter().any(|(_, step)| step.contains(*index));
                let walked = indexes.iter().all(is_walked);
                assert_eq!(walked, is_everybody, "{order:?}: {steps:#?}");
            }
        }
    }
}

/// Asks for display names: in their own order their index tells by itself who has them, and accounts by their state are
/// not gone through beside the search index.
async fn of_names(store: &Store) {
    let holds =
        Pattern { field: Field::DisplayName, like: Like::containing("王").expect("it asks something") };
    let none = Filter { at: AT, systems: true, ..Filter::default() };
    let holding = Filter { text: Some(holds), ..none.clone() };
    let beginning = Filter { begins: begin(Field::DisplayName, "王"), ..none };
    let after = Key::DisplayName(Folded::of("王 21"), Number(21));
    for filter in [&holding, &beginning] {
        for descending in [false, true] {
            NOTED.set(Some(Vec::new()));
            let order = Order { by: By::DisplayName, descending };
            let span = Span { order, from: Begin::After(&after), limit: 2, places: false };
            super::page(&mut store.reader(), DIRECTORY, filter, span).await.expect("a page");
            let steps = NOTED.replace(Some(Vec::new())).expect("they are kept");
            let walk = steps.iter().find(|(_, step)| step.starts_with("SEARCH k ")).map(|(_, step)| step);
            let walk = walk.expect("the index is walked");
            assert!(walk.contains("USING COVERING INDEX users_display (directory=? AND "), "{walk}");
            assert!(!steps.iter().any(|(_, step)| step.contains("TEMP B-TREE")), "{order:?}: {steps:#?}");
        }
    }

    NOTED.set(Some(Vec::new()));
    let absent =
        Pattern { field: Field::DisplayName, like: Like::containing("鑫").expect("it asks something") };
    let shut = Filter { text: Some(absent), shut: Some(true), ..holding };
    let span = Span { order: Order::default(), from: Begin::First, limit: 2, places: false };
    super::page(&mut store.reader(), DIRECTORY, &shut, span).await.expect("a page");
    let steps = NOTED.replace(Some(Vec::new())).expect("they are kept");
    assert!(steps.iter().any(|(_, step)| step.starts_with("SCAN search ")), "{steps:#?}");
    assert!(!steps.iter().any(|(_, step)| step.contains("users_state")), "{steps:#?}");
}
