//! Users: one row each, found by id, by name and by what they are.

mod page;
mod row;

pub use page::{Filter, Within, count, page, total};

use std::collections::HashMap;

use model::user::{Listed, User};
use model::{DirectoryKey, Folded, Number};

use crate::error::Error;
use crate::search::{Entry, Field};
use crate::session::{Reader, Tx};
use crate::sql::Sql;
use crate::value::{Value, params};
use row::{LISTED, PLAIN, listed, owner_code, role_code, status_code, user};

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

/// Adds a user, without units and groups.
pub async fn insert(tx: &mut Tx, directory: DirectoryKey, user: &User) -> Result<(), Error> {
    let number = user.id.number();
    let display_key = user.display_name.folded();
    let email_key = user.email.folded();
    // System users are found by name alone.
    if !user.system {
        tx.index(directory, number, || searched(directory, user, &display_key, &email_key));
    }
    tx.write(
        "insert into users
         (directory, number, id, username, username_key, display_name, display_key, description, email, email_key,
          phone_region, phone, owner_type, role, status, locked, shut, locks_at, locks_at_text, lock_until,
          local_admin, is_system, password_set_at, password_days, password_must_change, created, updated)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
          $23, $24, $25, $26, $27)",
        &params![
            directory.number,
            number,
            user.id,
            user.username.as_str(),
            user.username.key(),
            user.display_name.as_str(),
            &display_key,
            user.description.as_str(),
            user.email.as_str(),
            &email_key,
            user.phone.as_ref().map_or("", |phone| phone.region.as_str()),
            user.phone.as_ref().map_or("", |phone| phone.number.as_str()),
            owner_code(user.owner_type),
            role_code(user.role),
            status_code(user.status),
            user.locks.locked,
            user.is_shut(),
            user.locks.locks_at.as_ref().map(|locks| locks.at),
            user.locks.locks_at.as_ref().map_or("", |locks| locks.text.as_str()),
            user.locks.lock_until,
            user.local_admin,
            user.system,
            user.password.set_at,
            user.password.expires_after_days.map(i64::from),
            user.password.must_change,
            user.created,
            user.updated,
        ],
    )
    .await?;
    Ok(())
}

/// What the search index holds of a user.
fn searched(directory: DirectoryKey, user: &User, display_key: &Folded, email_key: &Folded) -> Entry {
    Entry::new(
        directory,
        user.id.number(),
        &[(Field::Login, user.username.key()), (Field::Login, email_key), (Field::DisplayName, display_key)],
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

/// Removes users with their password, their memberships and their search entries.
pub async fn remove(tx: &mut Tx, directory: DirectoryKey, users: &[Number]) -> Result<(), Error> {
    for table in ["passwords", "unit_members", "group_members"] {
        let mut sql = Sql::new("delete from ");
        sql.push(table)
            .push(" where directory = ")
            .bind(directory.number)
            .push(" and user_number in ")
            .bind_list(users);
        tx.write(sql.text, &sql.params).await?;
    }
    let mut sql = Sql::new("delete from users where directory = ");
    sql.bind(directory.number).push(" and number in ").bind_list(users);
    tx.write(sql.text, &sql.params).await?;
    for user in users {
        tx.unindex(directory, *user);
    }
    Ok(())
}

/// Puts a user into a unit: the primary one, or a further one.
pub async fn join_unit(
    tx: &mut Tx,
    directory: DirectoryKey,
    user: &User,
    unit: Number,
    is_primary: bool,
) -> Result<(), Error> {
    tx.write(
        "insert into unit_members (directory, user_number, unit, place, joined) values ($1, $2, $3, $4, $5)",
        &params![directory.number, user.id.number(), unit, i64::from(!is_primary), user.created],
    )
    .await
}

/// Puts a new user into a group.
pub async fn join_group(
    tx: &mut Tx,
    directory: DirectoryKey,
    user: &User,
    group: Number,
) -> Result<(), Error> {
    tx.write(
        "insert into group_members (directory, user_number, group_number, joined) values ($1, $2, $3, $4)",
        &params![directory.number, user.id.number(), group, user.created],
    )
    .await
}

/// The units and the groups that these users are in: (user, unit) and (user, group).
pub async fn memberships(
    reader: &mut Reader,
    directory: DirectoryKey,
    users: &[Number],
) -> Result<(Vec<(Number, Number)>, Vec<(Number, Number)>), Error> {
    let mut found = [Vec::new(), Vec::new()];
    let tables = [("unit", "unit_members"), ("group_number", "group_members")];
    for (found, (column, table)) in found.iter_mut().zip(tables) {
        let mut sql = Sql::new("select user_number, ");
        sql.push(column).push(" from ").push(table).push(" where directory = ").bind(directory.number);
        sql.push(" and user_number in ").bind_list(users);
        *found = reader.query(&sql.text, &sql.params, |row| Ok((row.number(0)?, row.number(1)?))).await?;
    }
    let [units, groups] = found;
    Ok((units, groups))
}

impl<'a> From<&&'a Folded> for Value<'a> {
    fn from(text: &&'a Folded) -> Self {
        Self::from(*text)
    }
}
