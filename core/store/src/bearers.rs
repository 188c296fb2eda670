//! Whom a token stands for, as of now: one statement for each call.

use model::account::Directory;
use model::text::{ChosenId, Label};
use model::user::{Role, Status};
use model::{Id, Millis, Number};

use crate::directories;
use crate::error::Error;
use crate::row::Row;
use crate::session::Reader;
use crate::users;
use crate::value::params;

/// A user with what decides whether a token of this user is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The directory, which is there.
    pub directory: Directory,
    /// The stored id.
    pub id: Id,
    /// What its maker chose to call the user by.
    pub chosen_id: Option<ChosenId>,
    /// The role.
    pub role: Role,
    /// What an administrator chose.
    pub status: Status,
    /// Whether an administrator has locked the account.
    pub locked: bool,
    /// When the account locks itself.
    pub locks_at: Option<Millis>,
    /// When the user was last signed out everywhere.
    pub signed_out: Option<Millis>,
    /// The part of the directory that the user is said to be in.
    pub label: Label,
}

/// The user of a directory that is there, and through an app that is there; empty for none.
pub async fn user(
    reader: &mut Reader,
    directory: Number,
    user: Number,
    app: &str,
) -> Result<Option<Holder>, Error> {
    reader
        .query_one(
            "select d.id, d.number, d.slot, d.account, d.root,
                 cast(case when d.default_of is null then 0 else 1 end as bigint),
                 u.id, u.chosen_id, u.role, u.status, u.locked, u.locks_at, u.signed_out, p.label
             from users u
             join directories d on d.number = u.directory and d.removed is null
             left join profiles p on p.directory = u.directory and p.user_number = u.number
             where u.directory = $1 and u.number = $2
                 and ($3 = '' or exists (select 1 from apps a where a.id = $3))",
            &params![directory, user, app],
            holder,
        )
        .await
}

fn holder(row: &Row<'_>) -> Result<Holder, Error> {
    Ok(Holder {
        directory: directories::directory(row)?,
        id: row.id(6)?,
        chosen_id: row.opt_str(7)?.map(ChosenId::new).transpose().map_err(Error::corrupt)?,
        role: users::role(row.int(8)?)?,
        status: users::status(row.int(9)?)?,
        locked: row.truth(10)?,
        locks_at: row.opt_millis(11)?,
        signed_out: row.opt_millis(12)?,
        label: Label::new(row.opt_str(13)?.unwrap_or_default()).map_err(Error::corrupt)?,
    })
}

/// The directory that is there, through an app of its account that is there.
pub async fn service(reader: &mut Reader, directory: Number, app: &str) -> Result<Option<Directory>, Error> {
    reader
        .query_one(
            "select d.id, d.number, d.slot, d.account, d.root,
                 cast(case when d.default_of is null then 0 else 1 end as bigint)
             from directories d join apps a on a.account = d.account
             where d.number = $1 and d.removed is null and a.id = $2",
            &params![directory, app],
            directories::directory,
        )
        .await
}
