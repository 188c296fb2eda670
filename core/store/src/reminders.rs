//! Which people were told that their passwords end.

use model::time::DAY;
use model::{DirectoryKey, Millis, Number};

use crate::error::Error;
use crate::session::{Reader, Tx};
use crate::value::params;

/// Which passwords are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// For how many days they are good.
    pub valid_days: i64,
    /// How many days before their end people are told.
    pub notice_days: i64,
    /// Whether those are told who have an address.
    pub by_mail: bool,
    /// Whether those are told who have a number.
    pub by_text: bool,
}

/// What a user was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// When the password was set that it was of.
    pub set_at: Millis,
    /// When it was.
    pub sent: Millis,
}

/// Users who were looked at together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// Those who are to be told, by number.
    pub due: Vec<Number>,
    /// The last one who was looked at; `None` where there was nobody after `after`.
    pub last: Option<Number>,
}

/// Looks at up to `most` users after the one with the number `after`: who is to be told at `at`. People are told once
/// in the time before the end and once more on the last day, of each password; who has nothing to be told by, and who is
/// shut out, is not.
pub async fn look(
    reader: &mut Reader,
    directory: DirectoryKey,
    notice: Notice,
    at: Millis,
    after: Number,
    most: i64,
) -> Result<Looked, Error> {
    let last = reader
        .query_one(
            "select number from (select number from users where directory = $1 and number > $2
                 order by number limit $3) looked order by number desc limit 1",
            &params![directory.number, after, most],
            |row| row.number(0),
        )
        .await?;
    let Some(last) = last else { return Ok(Looked { due: Vec::new(), last: None }) };
    let due = reader
        .query(
            "select number from (
                 select number, set_at, sent, told_of,
                     set_at + cast(case when own < $4 then own else $4 end as bigint) * $6 as ends
                 from (
                     select u.number as number, u.password_set_at as set_at,
                         coalesce(u.password_days, $4) as own, r.sent as sent, r.set_at as told_of
                     from users u left join password_reminders r on r.directory = u.directory
                         and r.user_number = u.number
                     where u.directory = $1 and u.number > $2 and u.number <= $3 and u.shut = 0
                         and u.is_system = 0 and u.password_set_at is not null
                         and ((cast($8 as bigint) = 1 and u.email <> '') or (cast($9 as bigint) = 1 and u.phone <> ''))
                 ) users_with_passwords
             ) ending
             where ends > $5 and ends - $7 <= $5
                 and (told_of is null or told_of <> set_at or (sent < ends - $6 and ends - $6 <= $5))
             order by number",
            &params![
                directory.number,
                after,
                last,
                notice.valid_days,
                at,
                DAY,
                notice.notice_days * DAY,
                i64::from(notice.by_mail),
                i64::from(notice.by_text)
            ],
            |row| row.number(0),
        )
        .await?;
    Ok(Looked { due, last: Some(last) })
}

/// What a user was told last.
pub async fn find(reader: &mut Reader, directory: DirectoryKey, user: Number) -> Result<Option<Told>, Error> {
    reader
        .query_one(
            "select set_at, sent from password_reminders where directory = $1 and user_number = $2",
            &params![directory.number, user],
            |row| Ok(Told { set_at: row.millis(0)?, sent: row.millis(1)? }),
        )
        .await
}

/// Notes that a user was told of the password that was set at `set_at`.
pub async fn set(
    tx: &mut Tx,
    directory: DirectoryKey,
    user: Number,
    set_at: Millis,
    sent: Millis,
) -> Result<(), Error> {
    tx.write(
        "insert into password_reminders (directory, user_number, set_at, sent) values ($1, $2, $3, $4)
         on conflict (directory, user_number) do update set set_at = excluded.set_at, sent = excluded.sent",
        &params![directory.number, user, set_at, sent],
    )
    .await
}
