//! Devices for one-time codes, of which a user has at most one. What codes are made from lies sealed.

use model::device::{Device, DeviceStatus};
use model::{DirectoryKey, Number};

use crate::error::Error;
use crate::row::Row;
use crate::search::Pattern;
use crate::session::{Reader, Tx};
use crate::sql::Sql;
use crate::value::params;

/// One device as it lies in its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The device.
    pub device: Device,
    /// What codes are made from, sealed.
    pub sealed: String,
    /// The step of the last code that was taken.
    pub last_step: Option<i64>,
}

/// A device in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The device.
    pub device: Device,
    /// The name of its user.
    pub username: String,
}

const COLUMNS: &str = "select d.id, d.user_number, d.status, d.failures, d.unlock_at, d.enabled_at";

/// Devices with their users, from a directory that follows.
const OF_USERS: &str = ", u.username from devices d
     join users u on u.directory = d.directory and u.number = d.user_number where d.directory = ";

/// A user's device.
pub async fn find(
    reader: &mut Reader,
    directory: DirectoryKey,
    user: Number,
) -> Result<Option<Stored>, Error> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(", d.secret, d.last_step from devices d where d.directory = ").bind(directory.number);
    sql.push(" and d.user_number = ").bind(user);
    reader
        .query_one(&sql.text, &sql.params, |row| {
            Ok(Stored { device: device(row)?, sealed: row.text(6)?, last_step: row.opt_int(7)? })
        })
        .await
}

fn device(row: &Row<'_>) -> Result<Device, Error> {
    Ok(Device {
        id: row.id(0)?,
        user: row.number(1)?,
        status: status(row.int(2)?)?,
        failures: row.int(3)?,
        unlock_at: row.opt_millis(4)?,
        enabled_at: row.opt_millis(5)?,
    })
}

fn status(code: i64) -> Result<DeviceStatus, Error> {
    match code {
        0 => Ok(DeviceStatus::Normal),
        1 => Ok(DeviceStatus::Locked),
        other => Err(Error::corrupt(format!("the status {other} of a device"))),
    }
}

const fn status_code(status: DeviceStatus) -> i64 {
    match status {
        DeviceStatus::Normal => 0,
        DeviceStatus::Locked => 1,
    }
}

/// Whose the devices with these numbers are.
pub async fn holders(
    reader: &mut Reader,
    directory: DirectoryKey,
    numbers: &[Number],
) -> Result<Vec<Number>, Error> {
    let mut sql = Sql::new("select user_number from devices where directory = ");
    sql.bind(directory.number).push(" and number in ").bind_list(numbers);
    reader.query(&sql.text, &sql.params, |row| row.number(0)).await
}

/// Writes a user's device, in place of the one that there is.
pub async fn put(tx: &mut Tx, directory: DirectoryKey, stored: &Stored) -> Result<(), Error> {
    let device = &stored.device;
    tx.write(
        "insert into devices (directory, user_number, number, id, secret, status, failures, unlock_at, enabled_at,
             last_step)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (directory, user_number) do update set
             number = excluded.number, id = excluded.id, secret = excluded.secret, status = excluded.status,
             failures = excluded.failures, unlock_at = excluded.unlock_at, enabled_at = excluded.enabled_at,
             last_step = excluded.last_step",
        &params![
            directory.number,
            device.user,
            device.id.number(),
            device.id,
            &stored.sealed,
            status_code(device.status),
            device.failures,
            device.unlock_at,
            device.enabled_at,
            stored.last_step,
        ],
    )
    .await
}

/// Removes a user's device.
pub async fn remove(tx: &mut Tx, directory: DirectoryKey, user: Number) -> Result<(), Error> {
    tx.write(
        "delete from devices where directory = $1 and user_number = $2",
        &params![directory.number, user],
    )
    .await
}

/// The devices of these users that sign-ins ask for, by the devices' numbers. Of the users only those whose text matches.
pub async fn of_users(
    reader: &mut Reader,
    directory: DirectoryKey,
    pattern: Option<&Pattern>,
    users: &[Number],
) -> Result<Vec<Listed>, Error> {
    let mut sql = Sql::new(COLUMNS);
    sql.push(OF_USERS).bind(directory.number);
    sql.push(" and d.enabled_at is not null and d.user_number in ").bind_list(users);
    if let Some(pattern) = pattern {
        pattern.of_row(&mut sql);
    }
    let mut found = reader.query(&sql.text, &sql.params, listed).await?;
    found.sort_unstable_by_key(|listed| listed.device.id.number());
    Ok(found)
}

fn listed(row: &Row<'_>) -> Result<Listed, Error> {
    Ok(Listed { device: device(row)?, username: row.text(6)? })
}

/// Which part of all devices a page is of.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// Only those behind this one.
    pub after: Option<Number>,
    /// How many at most.
    pub limit: usize,
    /// At how many it looks at most, where few match.
    pub looks_at: Option<usize>,
}

/// Devices of people that sign-ins ask for, by their numbers, of the users only those whose text matches; and the
/// first one that was not looked at, where the page ends at it.
pub async fn page(
    reader: &mut Reader,
    directory: DirectoryKey,
    pattern: Option<&Pattern>,
    part: Part,
) -> Result<(Vec<Listed>, Option<Number>), Error> {
    let after = part.after.unwrap_or(Number(-1));
    let end = match part.looks_at {
        Some(most) => behind(reader, directory, after, most).await?,
        None => None,
    };
    let mut sql = Sql::new(COLUMNS);
    sql.push(OF_USERS).bind(directory.number).push(" and d.number > ").bind(after);
    if let Some(end) = end {
        sql.push(" and d.number < ").bind(end);
    }
    sql.push(" and d.enabled_at is not null and u.is_system = 0");
    if let Some(pattern) = pattern {
        pattern.of_row(&mut sql);
    }
    sql.push(" order by d.number limit ").bind(i64::try_from(part.limit).unwrap_or(i64::MAX));
    let found = reader.query(&sql.text, &sql.params, listed).await?;
    Ok((found, end))
}

/// The device that so many stand before, from `after` on.
async fn behind(
    reader: &mut Reader,
    directory: DirectoryKey,
    after: Number,
    many: usize,
) -> Result<Option<Number>, Error> {
    reader
        .query_one(
            "select number from devices where directory = $1 and number > $2 order by number limit 1 offset $3",
            &params![directory.number, after, i64::try_from(many).unwrap_or(i64::MAX)],
            |row| row.number(0),
        )
        .await
}
