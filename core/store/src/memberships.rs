//! Users in units, one by one: since when, as what, by whom.

use model::membership::{MemberRole, Membership};
use model::text::Description;
use model::user::User;
use model::{DirectoryKey, Id, Number};

use crate::error::Error;
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::sql::Sql;
use crate::value::params;

/// A membership as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The membership.
    pub membership: Membership,
    /// The unit's stored id.
    pub unit: Id,
    /// What programs of PDS call the user.
    pub user: String,
}

/// `m` leads to the others: SQLite takes a cross join in this order.
const LISTED: &str =
    "select m.user_number, m.unit, m.role, m.note, m.creator, m.joined, m.updated, n.id, u.id, u.chosen_id
     from unit_members m cross join users u cross join units n
     where u.directory = m.directory and u.number = m.user_number
     and n.directory = m.directory and n.number = m.unit and m.directory = ";

fn listed(row: &Row<'_>) -> Result<Listed, Error> {
    let joined = row.millis(5)?;
    let user = match row.opt_str(9)? {
        Some(chosen) => chosen.to_owned(),
        None => row.id(8)?.digits(),
    };
    let membership = Membership {
        user: row.number(0)?,
        unit: row.number(1)?,
        role: role(row.int(2)?)?,
        note: Description::new(row.str(3)?).map_err(Error::corrupt)?,
        creator: row.text(4)?,
        joined,
        updated: row.opt_millis(6)?.unwrap_or(joined),
    };
    Ok(Listed { membership, unit: row.id(7)?, user })
}

/// A user's membership in a unit.
pub async fn find(
    reader: &mut Reader,
    directory: DirectoryKey,
    user: Number,
    unit: Number,
) -> Result<Option<Listed>, Error> {
    let mut sql = Sql::new(LISTED);
    sql.bind(directory.number).push(" and m.user_number = ").bind(user).push(" and m.unit = ").bind(unit);
    reader.query_one(&sql.text, &sql.params, listed).await
}

/// Whose memberships in a unit are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Everybody's.
    Everybody,
    /// Of those who are in no other unit.
    NowhereElse,
}

/// Up to `limit` memberships in a unit after the user `after`, in the order of users' numbers; system users' among them.
pub async fn of_unit(
    reader: &mut Reader,
    directory: DirectoryKey,
    unit: Number,
    who: Who,
    after: Option<Number>,
    limit: usize,
) -> Result<Vec<Listed>, Error> {
    let mut sql = Sql::new(LISTED);
    sql.bind(directory.number).push(" and m.unit = ").bind(unit);
    if who == Who::NowhereElse {
        // Nobody knows how many of them are somewhere else too.
        reader.bound();
        sql.push(" and not exists (select 1 from unit_members x where x.directory = m.directory");
        sql.push(" and x.user_number = m.user_number and x.unit <> m.unit)");
    }
    if let Some(after) = after {
        sql.push(" and m.user_number > ").bind(after);
    }
    sql.push(" order by m.user_number limit ").bind(i64::try_from(limit).unwrap_or(i64::MAX));
    reader.query(&sql.text, &sql.params, listed).await
}

/// Up to `limit` memberships of a user in units other than `root`, after the unit `after`, in the order of units'
/// numbers.
pub async fn of_user(
    reader: &mut Reader,
    directory: DirectoryKey,
    user: Number,
    root: Number,
    after: Option<Number>,
    limit: usize,
) -> Result<Vec<Listed>, Error> {
    let mut sql = Sql::new(LISTED);
    sql.bind(directory.number).push(" and m.user_number = ").bind(user).push(" and m.unit <> ").bind(root);
    if let Some(after) = after {
        sql.push(" and m.unit > ").bind(after);
    }
    sql.push(" order by m.unit limit ").bind(i64::try_from(limit).unwrap_or(i64::MAX));
    reader.query(&sql.text, &sql.params, listed).await
}

/// Whether a user is in a unit or in one below it.
pub async fn is_within(
    reader: &mut Reader,
    directory: DirectoryKey,
    user: Number,
    above: Number,
) -> Result<bool, Error> {
    reader
        .exists(
            "select 1 from unit_members m join unit_closure c on c.directory = m.directory and c.descendant = m.unit
             where m.directory = $1 and m.user_number = $2 and c.ancestor = $3 limit 1",
            &params![directory.number, user, above],
        )
        .await
}

/// Puts a user into a unit, the primary one or a further one.
pub async fn insert(
    tx: &mut Tx,
    directory: DirectoryKey,
    user: &User,
    membership: &Membership,
    is_primary: bool,
) -> Result<(), Error> {
    tx.write(
        "insert into unit_members (directory, user_number, unit, place, joined, role, note, creator, username_key)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &params![
            directory.number,
            user.id.number(),
            membership.unit,
            i64::from(!is_primary),
            membership.joined,
            role_code(membership.role),
            membership.note.as_str(),
            membership.creator.as_str(),
            user.username.key()
        ],
    )
    .await
}

/// Writes what the member is called, the remark and when they changed.
pub async fn update(tx: &mut Tx, directory: DirectoryKey, membership: &Membership) -> Result<(), Error> {
    tx.write(
        "update unit_members set role = $4, note = $5, updated = $6
         where directory = $1 and user_number = $2 and unit = $3",
        &params![
            directory.number,
            membership.user,
            membership.unit,
            role_code(membership.role),
            membership.note.as_str(),
            membership.updated
        ],
    )
    .await
}

/// Takes these users out of a unit.
pub async fn leave(
    tx: &mut Tx,
    directory: DirectoryKey,
    users: &[Number],
    unit: Number,
) -> Result<(), Error> {
    let mut sql = Sql::new("delete from unit_members where directory = ");
    sql.bind(directory.number).push(" and unit = ").bind(unit);
    sql.push(" and user_number in ").bind_list(users);
    tx.write(sql.text, &sql.params).await
}

const fn role_code(role: MemberRole) -> i64 {
    match role {
        MemberRole::Member => 0,
        MemberRole::Admin => 1,
    }
}

fn role(code: i64) -> Result<MemberRole, Error> {
    match code {
        0 => Ok(MemberRole::Member),
        1 => Ok(MemberRole::Admin),
        _ => Err(Error::corrupt(format!("{code} is no member's role"))),
    }
}
