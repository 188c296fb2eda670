//! Users: one row each, found by id, by name and by what they are.

mod page;
#[cfg(test)]
pub(crate) mod plans;
mod row;

pub use page::{Begin, By, Filter, Key, Order, Page, Span, Within, count, page, total};

use std::collections::HashMap;

use model::group::GroupText;
use model::text::ChosenId;
use model::unit::UnitText;
use model::user::{Listed, Role, User};
use model::{DirectoryKey, Folded, Id, Millis, Number};

use crate::engine::ranks::Names;
use crate::error::Error;
use crate::failures::Kind;
use crate::profiles::Beside;
use crate::row::Row;
use crate::search::{Entry, Field};
use crate::session::{Reader, Tx};
use crate::sql::Sql;
use crate::value::{Value, params};
use row::{Keys, LISTED, SHOWN, VIEWED, changing, listed, role_code, shown, viewed};
pub(crate) use row::{PLAIN, WIDTH, role, status, user};

/// The users with these names, in the order of their numbers.
pub async fn named(
    reader: &mut Reader,
    directory: DirectoryKey,
    names: &[&Folded],
) -> Result<Vec<Listed>, Error> {
    let mut sql = Sql::new(LISTED);
    sql.push(" from users u where u.directory = ").bind(directory.number);
    sql.push(" and u.username_key in ").bind_list(names).push(" order by u.number");
    reader.query(&sql.text, &sql.params, listed).await
}

/// The user with this number, as lists show users.
pub async fn find_listed(
    reader: &mut Reader,
    directory: DirectoryKey,
    number: Number,
) -> Result<Option<Listed>, Error> {
    let mut sql = Sql::new(LISTED);
    sql.push(" from users u where u.directory = ").bind(directory.number);
    sql.push(" and u.number = ").bind(number);
    reader.query_one(&sql.text, &sql.params, listed).await
}

/// The user with this number.
pub async fn find(
    reader: &mut Reader,
    directory: DirectoryKey,
    number: Number,
) -> Result<Option<User>, Error> {
    let mut sql = Sql::new(PLAIN);
    sql.push(" from users u where u.directory = ").bind(directory.number);
    sql.push(" and u.number = ").bind(number);
    reader.query_one(&sql.text, &sql.params, user).await
}

/// A user with what is shown of one alone.
#[derive(Debug)]
pub struct Shown {
    /// The user.
    pub user: User,
    /// The units, primary first, then by joining.
    pub units: Vec<UnitText>,
    /// The groups, by joining.
    pub groups: Vec<GroupText>,
    /// Whether the user has values of properties, perhaps only of such as are not in use.
    pub has_values: bool,
}

/// The user with this number, as shown alone.
pub async fn show(
    reader: &mut Reader,
    directory: DirectoryKey,
    number: Number,
) -> Result<Option<Shown>, Error> {
    let mut sql = Sql::new(SHOWN);
    sql.push(" from users u where u.directory = ").bind(directory.number);
    sql.push(" and u.number = ").bind(number);
    reader.query_one(&sql.text, &sql.params, shown).await
}

/// A user with what lies beside the row.
#[derive(Debug)]
pub struct Viewed {
    /// The user.
    pub user: User,
    /// What lies beside.
    pub beside: Beside,
}

/// The user with this number, with what lies beside.
pub async fn view(
    reader: &mut Reader,
    directory: DirectoryKey,
    number: Number,
) -> Result<Option<Viewed>, Error> {
    let mut sql = Sql::new(VIEWED);
    sql.push(" where u.directory = ").bind(directory.number).push(" and u.number = ").bind(number);
    reader.query_one(&sql.text, &sql.params, viewed).await
}

/// The user who is known so, as chosen, or else by the digits of the id where nothing was chosen; with what lies beside.
pub async fn view_public(
    reader: &mut Reader,
    directory: DirectoryKey,
    text: &str,
) -> Result<Option<Viewed>, Error> {
    let mut sql = Sql::new(VIEWED);
    public(&mut sql, directory, text);
    let found = reader.query(&sql.text, &sql.params, viewed).await?;
    Ok(known_as(found, text, |viewed| &viewed.user))
}

/// The user who is known so, alone.
pub async fn find_public(
    reader: &mut Reader,
    directory: DirectoryKey,
    text: &str,
) -> Result<Option<User>, Error> {
    let mut sql = Sql::new(PLAIN);
    sql.push(" from users u");
    public(&mut sql, directory, text);
    let found = reader.query(&sql.text, &sql.params, user).await?;
    Ok(known_as(found, text, |user| user))
}

/// The user who is known so, whom nobody else may change until this change is over.
pub async fn lock_public(tx: &mut Tx, directory: DirectoryKey, text: &str) -> Result<Option<User>, Error> {
    let mut sql = Sql::new(PLAIN);
    sql.push(" from users u");
    public(&mut sql, directory, text);
    sql.push(" order by u.number").push(tx.for_update());
    let found = tx.query(&sql.text, &sql.params, user).await?;
    Ok(known_as(found, text, |user| user))
}

/// Whether somebody has chosen this, or has these digits as the own id, whatever was chosen.
pub async fn has_public(reader: &mut Reader, directory: DirectoryKey, text: &str) -> Result<bool, Error> {
    let mut sql = Sql::new("select u.id, u.chosen_id from users u");
    public(&mut sql, directory, text);
    let found = reader
        .query(&sql.text, &sql.params, |row| Ok((row.id(0)?, row.opt_str(1)?.is_some_and(|id| id == text))));
    Ok(found.await?.into_iter().any(|(id, is_chosen)| is_chosen || Id::from_digits(text) == Some(id)))
}

/// Adds the condition of [`known_as`], which two users may meet.
fn public<'a>(sql: &mut Sql<'a>, directory: DirectoryKey, text: &'a str) {
    sql.push(" where u.directory = ").bind(directory.number);
    match Id::from_digits(text) {
        None => sql.push(" and u.chosen_id = ").bind(text),
        Some(id) => {
            sql.push(" and u.number in (select number from users where directory = ").bind(directory.number);
            sql.push(" and chosen_id = ").bind(text).push(" union all select cast(").bind(id.number());
            sql.push(" as bigint))")
        }
    };
}

/// The one among these whom programs of PDS know so: who has chosen it, else whose digits it is.
fn known_as<T>(found: Vec<T>, text: &str, user: impl Fn(&T) -> &User) -> Option<T> {
    // Whoever chose it comes last.
    let mut known: Vec<T> = found.into_iter().filter(|one| user(one).public_id() == text).collect();
    known.sort_by_key(|one| user(one).chosen_id.is_some());
    known.pop()
}

/// What programs of PDS call the users with these numbers.
pub async fn public_ids(
    reader: &mut Reader,
    directory: DirectoryKey,
    numbers: &[Number],
) -> Result<HashMap<Number, String>, Error> {
    let mut all = HashMap::with_capacity(numbers.len());
    for numbers in numbers.chunks(500) {
        let mut sql = Sql::new("select number, coalesce(chosen_id, id) from users where directory = ");
        sql.bind(directory.number).push(" and number in ").bind_list(numbers);
        all.extend(reader.query(&sql.text, &sql.params, |row| Ok((row.number(0)?, row.text(1)?))).await?);
    }
    Ok(all)
}

/// The ids of the users with these numbers.
pub async fn ids(reader: &mut Reader, directory: DirectoryKey, numbers: &[Number]) -> Result<Vec<Id>, Error> {
    let mut sql = Sql::new("select id from users where directory = ");
    sql.bind(directory.number).push(" and number in ").bind_list(numbers);
    reader.query(&sql.text, &sql.params, |row| row.id(0)).await
}

/// The number of the user whom another system calls so.
pub async fn called(
    reader: &mut Reader,
    directory: DirectoryKey,
    external_id: &str,
) -> Result<Option<Number>, Error> {
    reader
        .query_one(
            "select number from users where directory = $1 and external_id = $2",
            &params![directory.number, external_id],
            |row| row.number(0),
        )
        .await
}

/// Which of these names are taken, and by which number.
pub async fn taken(
    reader: &mut Reader,
    directory: DirectoryKey,
    names: &[&Folded],
) -> Result<HashMap<Folded, Number>, Error> {
    let mut sql = Sql::new("select username_key, number from users where directory = ");
    sql.bind(directory.number).push(" and username_key in ").bind_list(names);
    let rows =
        reader.query(&sql.text, &sql.params, |row| Ok((Folded::of(row.str(0)?), row.number(1)?))).await?;
    Ok(rows.into_iter().collect())
}

/// The users with these names, whom nobody else may change until this change is over.
pub async fn lock(tx: &mut Tx, directory: DirectoryKey, names: &[&Folded]) -> Result<Vec<User>, Error> {
    let mut sql = Sql::new(PLAIN);
    sql.push(" from users u where u.directory = ").bind(directory.number);
    sql.push(" and u.username_key in ").bind_list(names).push(" order by u.number").push(tx.for_update());
    tx.query(&sql.text, &sql.params, user).await
}

/// The user with this number, whom nobody else may change until this change is over.
pub async fn lock_one(tx: &mut Tx, directory: DirectoryKey, number: Number) -> Result<Option<User>, Error> {
    let mut sql = Sql::new(PLAIN);
    sql.push(" from users u where u.directory = ").bind(directory.number);
    sql.push(" and u.number = ").bind(number).push(tx.for_update());
    tx.query_one(&sql.text, &sql.params, user).await
}

/// The users with these numbers, in their order, likewise.
pub async fn lock_all(tx: &mut Tx, directory: DirectoryKey, numbers: &[Number]) -> Result<Vec<User>, Error> {
    let mut sql = Sql::new(PLAIN);
    sql.push(" from users u where u.directory = ").bind(directory.number);
    sql.push(" and u.number in ").bind_list(numbers).push(" order by u.number").push(tx.for_update());
    tx.query(&sql.text, &sql.params, user).await
}

/// Whether there is anybody for [`due`].
pub async fn any_due(reader: &mut Reader, directory: DirectoryKey, at: Millis) -> Result<bool, Error> {
    reader
        .exists(
            "select 1 from users where directory = $1 and shut = 0 and locks_at <= $2 limit 1",
            &params![directory.number, at],
        )
        .await
}

/// Up to `limit` users whose time to be shut has come and who are not counted as shut, locked as by [`lock`].
pub async fn due(tx: &mut Tx, directory: DirectoryKey, at: Millis, limit: i64) -> Result<Vec<User>, Error> {
    let mut sql = Sql::new(PLAIN);
    sql.push(" from users u where u.directory = ").bind(directory.number).push(" and u.shut = 0");
    // Asked of the row itself too: PostgreSQL looks again at these after it waited for who unlocked a user, and
    // not at the list.
    sql.push(" and u.locks_at <= ").bind(at);
    sql.push(" and u.number in (select number from users where directory = ").bind(directory.number);
    sql.push(" and shut = 0 and locks_at <= ").bind(at).push(" order by locks_at limit ").bind(limit);
    sql.push(") order by u.number").push(tx.for_update());
    tx.query(&sql.text, &sql.params, user).await
}

/// Up to `most` users of one of these roles after the one with the number `after`, whose accounts are open and who have an
/// e-mail address, or a phone, the oldest first.
pub async fn managers(
    reader: &mut Reader,
    directory: DirectoryKey,
    roles: &[Role],
    by_phone: bool,
    after: Number,
    most: i64,
) -> Result<Vec<User>, Error> {
    let mut sql = Sql::new(PLAIN);
    sql.push(" from users u where u.directory = ").bind(directory.number);
    sql.push(" and u.shut = 0 and u.role > 0 and u.role in ");
    sql.bind_list(&roles.iter().map(|role| role_code(*role)).collect::<Vec<_>>());
    sql.push(if by_phone { " and u.phone <> ''" } else { " and u.email <> ''" });
    sql.push(" and u.number > ").bind(after).push(" order by u.number limit ").bind(most);
    reader.query(&sql.text, &sql.params, user).await
}

/// How many of these users are people and no system users.
pub async fn count_people(
    reader: &mut Reader,
    directory: DirectoryKey,
    users: &[Number],
) -> Result<i64, Error> {
    let mut people = 0;
    for users in users.chunks(500) {
        let mut sql = Sql::new("select count(*) from users where directory = ");
        sql.bind(directory.number).push(" and is_system = 0 and number in ").bind_list(users);
        people += reader.count_rows(&sql.text, &sql.params).await?;
    }
    Ok(people)
}

/// Adds a user, without units and groups.
pub async fn insert(tx: &mut Tx, directory: DirectoryKey, user: &User) -> Result<(), Error> {
    let keys = Keys::of(user);
    // System users are found by name alone.
    if !user.system {
        tx.index(directory, user.id.number(), || searched(directory, user, &keys));
        tx.rank(directory, user.id.number(), None, Some(names(user, &keys)));
    }
    let own = [
        ("directory", Value::from(directory.number)),
        ("number", user.id.number().into()),
        ("id", user.id.into()),
        ("chosen_id", user.chosen_id.as_ref().map(ChosenId::as_str).into()),
        ("is_system", user.system.into()),
        ("created", user.created.into()),
    ];
    let mut sql = Sql::new("insert into users (");
    let columns: Vec<_> = own.into_iter().chain(changing(user, &keys)).collect();
    sql.push(&columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")).push(") values (");
    for (index, (_, value)) in columns.into_iter().enumerate() {
        sql.push(if index == 0 { "" } else { ", " }).bind(value);
    }
    sql.push(")");
    tx.write(sql.text, &sql.params).await
}

/// Writes what differs between a user as it is and as it shall be: anything but the id.
pub async fn update(tx: &mut Tx, directory: DirectoryKey, before: &User, after: &User) -> Result<(), Error> {
    let (old, new) = (Keys::of(before), Keys::of(after));
    let is_renamed = before.username.key() != after.username.key();
    if !after.system && (is_renamed || old.email != new.email || old.display != new.display) {
        let entry = || Entry { replaces: true, ..searched(directory, after, &new) };
        tx.index(directory, after.id.number(), entry);
    }
    if !after.system && (is_renamed || old.display != new.display) {
        let (was, is) = (names(before, &old), names(after, &new));
        tx.rank(directory, after.id.number(), Some(was), Some(is));
    }
    let mut sql = Sql::new("update users set ");
    let mut differs = false;
    for ((name, old), (_, new)) in changing(before, &old).into_iter().zip(changing(after, &new)) {
        if old != new {
            sql.push(if differs { ", " } else { "" }).push(name).push(" = ").bind(new);
            differs = true;
        }
    }
    if !differs {
        return Ok(());
    }
    sql.push(" where directory = ").bind(directory.number).push(" and number = ").bind(after.id.number());
    tx.write(sql.text, &sql.params).await?;
    for table in ["unit_members", "user_values"].into_iter().filter(|_| is_renamed) {
        let mut sql = Sql::new("update ");
        sql.push(table).push(" set username_key = ").bind(after.username.key());
        sql.push(" where directory = ").bind(directory.number);
        sql.push(" and user_number = ").bind(after.id.number());
        tx.write(sql.text, &sql.params).await?;
    }
    Ok(())
}

/// What a user's place among others depends on.
fn names(user: &User, keys: &Keys) -> Names {
    let username = user.username.key().as_str().to_owned();
    Names { username, display_name: keys.display.as_str().to_owned() }
}

/// What the search index holds of a user.
fn searched(directory: DirectoryKey, user: &User, keys: &Keys) -> Entry {
    Entry::new(
        directory,
        user.id.number(),
        &[
            (Field::Login, user.username.key()),
            (Field::Login, &keys.email),
            (Field::DisplayName, &keys.display),
        ],
    )
}

/// What the search index should hold of up to `limit` people after `after`, in the order of numbers.
pub(crate) async fn entries(
    reader: &mut Reader,
    directory: DirectoryKey,
    after: Number,
    limit: i64,
) -> Result<Vec<Entry>, Error> {
    reader
        .query(
            "select number, username_key, email_key, display_key from users
             where directory = $1 and number > $2 and is_system = 0 order by number limit $3",
            &params![directory.number, after, limit],
            |row| {
                let [username, email, display] = [row.str(1)?, row.str(2)?, row.str(3)?].map(Folded::of);
                let texts =
                    [(Field::Login, &username), (Field::Login, &email), (Field::DisplayName, &display)];
                Ok(Entry::new(directory, row.number(0)?, &texts))
            },
        )
        .await
}

/// The tables that hold what is a user's and nothing else's. Drives are not among them: who owns one is not removed.
const BESIDE: [&str; 15] = [
    "passwords",
    "password_history",
    "password_reminders",
    "devices",
    "recovery_codes",
    "reset_links",
    "sessions",
    "profiles",
    "avatars",
    "assignments",
    "refresh_tokens",
    "oauth_codes",
    "outbox",
    "auth_codes",
    "identities",
];

/// Removes users with all that is theirs.
pub async fn remove(tx: &mut Tx, directory: DirectoryKey, users: &[Number]) -> Result<Left, Error> {
    let mut left = Left::default();
    for (table, column, left) in
        [("unit_members", "unit", &mut left.units), ("group_members", "group_number", &mut left.groups)]
    {
        let mut sql = of_users("delete from", table, directory, users);
        sql.push(" returning user_number, ").push(column);
        let pair = |row: &Row<'_>| Ok((row.number(0)?, row.number(1)?));
        *left = tx.write_returning(&sql.text, &sql.params, pair).await?;
    }
    let mut sql = of_users("delete from", "user_values", directory, users);
    sql.push(" returning user_number, property, item");
    let had = |row: &Row<'_>| Ok((row.number(0)?, row.number(1)?, row.number(2)?));
    left.values = tx.write_returning(&sql.text, &sql.params, had).await?;
    let mut sql = of_users("delete from", "user_texts", directory, users);
    sql.push(" returning user_number, property");
    let had = |row: &Row<'_>| Ok((row.number(0)?, row.number(1)?));
    left.texts = tx.write_returning(&sql.text, &sql.params, had).await?;
    for table in BESIDE {
        let sql = of_users("delete from", table, directory, users);
        tx.write(sql.text, &sql.params).await?;
    }
    let failures: Vec<String> = users
        .iter()
        .flat_map(|user| [Kind::SignIn, Kind::Forgotten].map(|kind| kind.of_user(*user)))
        .collect();
    let mut sql = Sql::new("delete from failures where directory = ");
    sql.bind(directory.number).push(" and key in ").bind_list(&failures);
    tx.write(sql.text, &sql.params).await?;
    let mut sql = Sql::new("delete from users where directory = ");
    sql.bind(directory.number).push(" and number in ").bind_list(users);
    sql.push(" returning number, username_key, display_key, is_system");
    let gone = tx
        .write_returning(&sql.text, &sql.params, |row| {
            let names = Names { username: row.text(1)?, display_name: row.text(2)? };
            Ok((row.number(0)?, names, row.truth(3)?))
        })
        .await?;
    for (user, names, is_system) in gone {
        tx.unindex(directory, user);
        if !is_system {
            tx.rank(directory, user, Some(names), None);
        }
    }
    Ok(left)
}

/// What users who are gone were in or had.
#[derive(Debug, Default)]
pub struct Left {
    /// User and unit.
    pub units: Vec<(Number, Number)>,
    /// User and group.
    pub groups: Vec<(Number, Number)>,
    /// User, property and value.
    pub values: Vec<(Number, Number, Number)>,
    /// User, and property with a value that is no item.
    pub texts: Vec<(Number, Number)>,
}

fn of_users<'a>(what: &str, table: &str, directory: DirectoryKey, users: &[Number]) -> Sql<'a> {
    let mut sql = Sql::new(what);
    sql.push(" ").push(table).push(" where directory = ").bind(directory.number);
    sql.push(" and user_number in ").bind_list(users);
    sql
}

impl<'a> From<&&'a Folded> for Value<'a> {
    fn from(text: &&'a Folded) -> Self {
        Self::from(*text)
    }
}
