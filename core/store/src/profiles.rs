//! What of users only few have: a row each, and none for who has nothing of it.

use std::collections::HashMap;

use model::profile::Profile;
use model::text::{Label, UserData};
use model::{DirectoryKey, Millis, Number};

use crate::error::Error;
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::sql::Sql;
use crate::value::params;

/// What is shown of a user beside the user's own row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// The profile.
    pub profile: Profile,
    /// The picture; empty for none.
    pub avatar: String,
    /// The default drive.
    pub default_drive: Option<Number>,
}

/// The columns of [`Beside`], of `BESIDE_FROM`.
macro_rules! beside_columns {
    () => {
        "p.user_data, p.creator, p.label, p.keeps_password, p.signed_in, p.refreshed, p.visited, a.avatar, d.number"
    };
}
pub(crate) use beside_columns;

/// The tables of [`Beside`], joined to the users `u`.
macro_rules! beside_from {
    () => {
        " from users u
         left join profiles p on p.directory = u.directory and p.user_number = u.number
         left join avatars a on a.directory = u.directory and a.user_number = u.number
         left join drives d on d.directory = u.directory and d.user_number = u.number and d.is_default = 1"
    };
}
pub(crate) use beside_from;

/// Reads [`Beside`] from the columns that begin at `first`.
pub(crate) fn beside(row: &Row<'_>, first: usize) -> Result<Beside, Error> {
    let profile = match row.opt_str(first)? {
        Some(_) => profile(row, first)?,
        None => Profile::default(),
    };
    Ok(Beside {
        profile,
        avatar: row.opt_str(first + 7)?.unwrap_or_default().to_owned(),
        default_drive: row.opt_int(first + 8)?.map(Number),
    })
}

fn profile(row: &Row<'_>, first: usize) -> Result<Profile, Error> {
    Ok(Profile {
        user_data: UserData::new(row.str(first)?).map_err(Error::corrupt)?,
        creator: row.text(first + 1)?,
        label: Label::new(row.str(first + 2)?).map_err(Error::corrupt)?,
        keeps_password: row.truth(first + 3)?,
        signed_in: row.opt_millis(first + 4)?,
        refreshed: row.opt_millis(first + 5)?,
        visited: row.opt_millis(first + 6)?,
    })
}

/// What is shown of these users beside their rows.
pub async fn beside_of(
    reader: &mut Reader,
    directory: DirectoryKey,
    users: &[Number],
) -> Result<HashMap<Number, Beside>, Error> {
    let mut all = HashMap::with_capacity(users.len());
    for users in users.chunks(500) {
        let mut sql = Sql::new(concat!("select u.number, ", beside_columns!(), beside_from!()));
        sql.push(" where u.directory = ").bind(directory.number);
        sql.push(" and u.number in ").bind_list(users);
        let found = reader.query(&sql.text, &sql.params, |row| Ok((row.number(0)?, beside(row, 1)?))).await?;
        all.extend(found);
    }
    Ok(all)
}

/// The profile of a user.
pub async fn get(reader: &mut Reader, directory: DirectoryKey, user: Number) -> Result<Profile, Error> {
    let found = reader
        .query_one(
            "select user_data, creator, label, keeps_password, signed_in, refreshed, visited from profiles
             where directory = $1 and user_number = $2",
            &params![directory.number, user],
            |row| profile(row, 0),
        )
        .await?;
    Ok(found.unwrap_or_default())
}

/// Sets the profile of a user, the whole of it but the times.
pub async fn set(tx: &mut Tx, directory: DirectoryKey, user: Number, profile: &Profile) -> Result<(), Error> {
    tx.write(
        "insert into profiles (directory, user_number, user_data, creator, label, keeps_password)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (directory, user_number) do update set user_data = excluded.user_data,
             creator = excluded.creator, label = excluded.label, keeps_password = excluded.keeps_password",
        &params![
            directory.number,
            user,
            profile.user_data.as_str(),
            &profile.creator,
            profile.label.as_str(),
            profile.keeps_password
        ],
    )
    .await
}

/// Notes that a user has signed in on the pages.
pub async fn note_visit(tx: &mut Tx, directory: DirectoryKey, user: Number, at: Millis) -> Result<(), Error> {
    note(tx, "visited", directory, user, at).await
}

/// Notes that a user has signed in for a token.
pub async fn note_sign_in(
    tx: &mut Tx,
    directory: DirectoryKey,
    user: Number,
    at: Millis,
) -> Result<(), Error> {
    note(tx, "signed_in", directory, user, at).await
}

/// Notes that a user's token was made anew.
pub async fn note_refresh(
    tx: &mut Tx,
    directory: DirectoryKey,
    user: Number,
    at: Millis,
) -> Result<(), Error> {
    note(tx, "refreshed", directory, user, at).await
}

async fn note(
    tx: &mut Tx,
    column: &'static str,
    directory: DirectoryKey,
    user: Number,
    at: Millis,
) -> Result<(), Error> {
    let usual = Profile::default();
    let mut sql =
        Sql::new("insert into profiles (directory, user_number, user_data, creator, label, keeps_password, ");
    sql.push(column).push(") values (").bind(directory.number).push(", ").bind(user).push(", ");
    sql.bind(usual.user_data.as_str()).push(", ").bind(&usual.creator).push(", ");
    sql.bind(usual.label.as_str()).push(", ").bind(usual.keeps_password).push(", ").bind(at);
    sql.push(") on conflict (directory, user_number) do update set ").push(column);
    sql.push(" = excluded.").push(column);
    tx.write(sql.text, &sql.params).await
}
