//! Properties, their values, and which users have them.

use std::collections::HashMap;

use model::property::{Kind, Property, PropertyItem, ValueOf};
use model::text::{Line, PropertyName, PropertyValue};
use model::total::Total;
use model::user::User;
use model::{DirectoryKey, Millis, Number};

use crate::engine::Store;
use crate::error::Error;
use crate::row::Row;
use crate::session::{Reader, Tx};
use crate::sql::Sql;
use crate::totals;
use crate::value::params;

/// Every property with its values, by number, as of one moment.
pub async fn all(reader: &mut Reader, directory: DirectoryKey) -> Result<Vec<Property>, Error> {
    let mut properties: Vec<Property> = Vec::new();
    let rows = reader
        .query(
            "select p.id, p.name, p.display_name, p.kind, p.required, p.is_unique, p.encrypted, p.enabled,
                 p.created, p.updated, i.number, i.item, i.display_name, i.enabled
             from properties p
             left join property_items i on i.directory = p.directory and i.property = p.number and i.removed is null
             where p.directory = $1 and p.removed is null order by p.number, i.number",
            &params![directory.number],
            |row| Ok((property(row)?, item(row)?)),
        )
        .await?;
    for (property, item) in rows {
        if properties.last().is_none_or(|last| last.id != property.id) {
            properties.push(property);
        }
        if let Some(last) = properties.last_mut() {
            last.items.extend(item);
        }
    }
    Ok(properties)
}

/// The property of a row, without its values.
fn property(row: &Row<'_>) -> Result<Property, Error> {
    Ok(Property {
        id: row.id(0)?,
        name: PropertyName::new(row.str(1)?).map_err(Error::corrupt)?,
        display_name: PropertyName::new(row.str(2)?).map_err(Error::corrupt)?,
        kind: kind(row.int(3)?)?,
        required: row.truth(4)?,
        unique: row.truth(5)?,
        encrypted: row.truth(6)?,
        enabled: row.truth(7)?,
        items: Vec::new(),
        created: row.millis(8)?,
        updated: row.millis(9)?,
    })
}

/// The value of a row, behind the property; `None` where it has none.
fn item(row: &Row<'_>) -> Result<Option<PropertyItem>, Error> {
    let Some(number) = row.opt_int(10)? else { return Ok(None) };
    Ok(Some(PropertyItem {
        number: Number(number),
        value: PropertyValue::new(row.str(11)?).map_err(Error::corrupt)?,
        display_name: Line::new(row.str(12)?).map_err(Error::corrupt)?,
        enabled: row.truth(13)?,
    }))
}

const fn kind_code(kind: Kind) -> i64 {
    match kind {
        Kind::Text => 0,
        Kind::Number => 1,
        Kind::Truth => 2,
        Kind::Select => 3,
        Kind::Checkbox => 4,
    }
}

fn kind(code: i64) -> Result<Kind, Error> {
    match code {
        0 => Ok(Kind::Text),
        1 => Ok(Kind::Number),
        2 => Ok(Kind::Truth),
        3 => Ok(Kind::Select),
        4 => Ok(Kind::Checkbox),
        _ => Err(Error::corrupt(format!("{code} is no kind of property"))),
    }
}

/// Adds a property with its values.
pub async fn insert(tx: &mut Tx, directory: DirectoryKey, property: &Property) -> Result<(), Error> {
    tx.write(
        "insert into properties (directory, number, id, name, name_key, display_name, kind, required, is_unique,
             encrypted, enabled, created, updated)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        &params![
            directory.number,
            property.id.number(),
            property.id,
            property.name.as_str(),
            &property.name.folded(),
            property.display_name.as_str(),
            kind_code(property.kind),
            property.required,
            property.unique,
            property.encrypted,
            property.enabled,
            property.created,
            property.updated,
        ],
    )
    .await?;
    for item in &property.items {
        insert_item(tx, directory, property.id.number(), item).await?;
    }
    Ok(())
}

async fn insert_item(
    tx: &mut Tx,
    directory: DirectoryKey,
    property: Number,
    item: &PropertyItem,
) -> Result<(), Error> {
    tx.write(
        "insert into property_items (directory, number, property, item, display_name, enabled)
         values ($1, $2, $3, $4, $5, $6)",
        &params![
            directory.number,
            item.number,
            property,
            item.value.as_str(),
            item.display_name.as_str(),
            item.enabled,
        ],
    )
    .await
}

/// Writes a property as it shall be: its names, and its values. A value that is not among them any more is
/// hidden for good; it goes from the users who have it by [`clear_item`].
pub async fn update(
    tx: &mut Tx,
    directory: DirectoryKey,
    before: &Property,
    after: &Property,
) -> Result<(), Error> {
    let number = after.id.number();
    tx.write(
        "update properties set name = $3, name_key = $4, display_name = $5, updated = $6
         where directory = $1 and number = $2",
        &params![
            directory.number,
            number,
            after.name.as_str(),
            &after.name.folded(),
            after.display_name.as_str(),
            after.updated,
        ],
    )
    .await?;
    for item in &after.items {
        match before.items.iter().find(|old| old.number == item.number) {
            Some(old) if old == item => {}
            Some(_) => {
                tx.write(
                    "update property_items set item = $3, display_name = $4, enabled = $5
                     where directory = $1 and number = $2",
                    &params![
                        directory.number,
                        item.number,
                        item.value.as_str(),
                        item.display_name.as_str(),
                        item.enabled,
                    ],
                )
                .await?;
            }
            None => insert_item(tx, directory, number, item).await?,
        }
    }
    let is_gone = |old: &&PropertyItem| after.items.iter().all(|item| item.number != old.number);
    for old in before.items.iter().filter(is_gone) {
        tx.write(
            "update property_items set removed = $3 where directory = $1 and number = $2",
            &params![directory.number, old.number, after.updated],
        )
        .await?;
    }
    Ok(())
}

/// Hides a property with its values for good. They go from the users who have them by [`clear_item`].
pub async fn remove(tx: &mut Tx, directory: DirectoryKey, property: Number, at: Millis) -> Result<(), Error> {
    let params = params![directory.number, property, at];
    tx.write("update properties set removed = $3 where directory = $1 and number = $2", &params).await?;
    tx.write("update property_items set removed = $3 where directory = $1 and property = $2", &params).await
}

/// A value that was removed and is still there, with its property.
pub async fn removed_item(
    reader: &mut Reader,
    directory: DirectoryKey,
) -> Result<Option<(Number, Number)>, Error> {
    reader
        .query_one(
            "select property, number from property_items where directory = $1 and removed is not null limit 1",
            &params![directory.number],
            |row| Ok((row.number(0)?, row.number(1)?)),
        )
        .await
}

/// Takes a value that was removed from up to `limit` users, and its row where nobody has it.
pub async fn clear_item(
    tx: &mut Tx,
    directory: DirectoryKey,
    (property, item): (Number, Number),
    limit: i64,
) -> Result<(), Error> {
    // The users are locked before anything of theirs is counted: nobody gives or takes a value meanwhile, and of
    // two processes only one finds the rows still there.
    let mut having = Sql::new("select number, is_system from users where directory = ");
    having
        .bind(directory.number)
        .push(" and number in (select user_number from user_values where directory = ");
    having.bind(directory.number).push(" and item = ").bind(item).push(" order by user_number limit ");
    having.bind(limit).push(") order by number").push(tx.for_update());
    let users = tx.query(&having.text, &having.params, |row| Ok((row.number(0)?, row.truth(1)?))).await?;
    for users in users.chunks(500) {
        let numbers: Vec<Number> = users.iter().map(|(number, _)| *number).collect();
        let mut sql = Sql::new("delete from user_values where directory = ");
        sql.bind(directory.number).push(" and item = ").bind(item).push(" and user_number in ");
        sql.bind_list(&numbers).push(" returning user_number");
        let gone = tx.query(&sql.text, &sql.params, |row| row.number(0)).await?;
        let mut sql = Sql::new("select distinct user_number from user_values where directory = ");
        sql.bind(directory.number).push(" and property = ").bind(property).push(" and user_number in ");
        sql.bind_list(&numbers);
        let left = tx.query(&sql.text, &sql.params, |row| row.number(0)).await?;
        for (number, _) in users.iter().filter(|(number, is_system)| !is_system && gone.contains(number)) {
            tx.count(directory, Total::Item(item), -1);
            tx.count(directory, Total::Property(property), -i64::from(!left.contains(number)));
        }
    }
    if !users.is_empty() {
        return Ok(());
    }
    tx.write_unseen(
        "delete from property_items where directory = $1 and number = $2",
        &params![directory.number, item],
    )
    .await?;
    totals::forget(tx, directory, Total::Item(item)).await
}

/// Whether there is a property that was removed and is still there.
pub async fn any_removed(reader: &mut Reader, directory: DirectoryKey) -> Result<bool, Error> {
    reader
        .exists(
            "select 1 from properties where directory = $1 and removed is not null limit 1",
            &params![directory.number],
        )
        .await
}

/// Removes the properties that were hidden and whose values are gone.
pub async fn clear(tx: &mut Tx, directory: DirectoryKey) -> Result<(), Error> {
    let gone = tx
        .query(
            "delete from properties where directory = $1 and removed is not null and not exists (
                 select 1 from property_items i
                 where i.directory = properties.directory and i.property = properties.number)
             returning number",
            &params![directory.number],
            |row| row.number(0),
        )
        .await?;
    for property in &gone {
        totals::forget(tx, directory, Total::Property(*property)).await?;
    }
    Ok(())
}

/// The values of one property that a user has, hidden ones among them.
pub async fn of_user(
    reader: &mut Reader,
    directory: DirectoryKey,
    user: Number,
    property: Number,
) -> Result<Vec<Number>, Error> {
    reader
        .query(
            "select item from user_values where directory = $1 and user_number = $2 and property = $3 order by item",
            &params![directory.number, user, property],
            |row| row.number(0),
        )
        .await
}

/// How many people have a value of the property; each value by itself is a kept total, and so is this one, except
/// that a value that was removed counts there until it is cleared away: then they are counted, within two seconds.
///
/// # Errors
/// `Deadline` where that is not enough.
pub async fn count_people(store: &Store, directory: DirectoryKey, property: Number) -> Result<i64, Error> {
    let mut reader = store.reader();
    let is_clearing = reader
        .exists(
            "select 1 from property_items where directory = $1 and property = $2 and removed is not null limit 1",
            &params![directory.number, property],
        )
        .await?;
    if !is_clearing {
        return totals::read(&mut reader, directory, Total::Property(property)).await;
    }
    reader.let_go();
    let mut counter = store.counter().await?;
    counter
        .count_rows(
            "select count(distinct v.user_number) from property_items i
             join user_values v on v.directory = i.directory and v.item = i.number
             join users u on u.directory = v.directory and u.number = v.user_number
             where i.directory = $1 and i.property = $2 and i.removed is null and u.is_system = 0",
            &params![directory.number, property],
        )
        .await
}

/// What these users have of the properties that any door shows, by property and value.
pub async fn of_users(
    reader: &mut Reader,
    directory: DirectoryKey,
    users: &[Number],
) -> Result<HashMap<Number, Vec<ValueOf>>, Error> {
    let mut found: HashMap<Number, Vec<ValueOf>> = HashMap::new();
    if users.is_empty() {
        return Ok(found);
    }
    let mut sql = Sql::new("select v.user_number, v.property, p.name, v.item, i.item from user_values v");
    sql.push(" join properties p on p.directory = v.directory and p.number = v.property");
    sql.push(" join property_items i on i.directory = v.directory and i.number = v.item");
    sql.push(" where v.directory = ").bind(directory.number).push(" and v.user_number in ").bind_list(users);
    sql.push(" and p.removed is null and i.removed is null and p.enabled = 1 and p.encrypted = 0");
    sql.push(" order by v.user_number, v.property, v.item");
    let values = reader
        .query(&sql.text, &sql.params, |row| {
            let value = ValueOf {
                property: row.number(1)?,
                name: row.text(2)?,
                item: row.number(3)?,
                value: row.text(4)?,
            };
            Ok((row.number(0)?, value))
        })
        .await?;
    for (user, value) in values {
        found.entry(user).or_default().push(value);
    }
    Ok(found)
}

/// Whether a user other than `but` has the value.
pub async fn is_taken(
    reader: &mut Reader,
    directory: DirectoryKey,
    item: Number,
    but: Number,
) -> Result<bool, Error> {
    reader
        .exists(
            "select 1 from user_values where directory = $1 and item = $2 and user_number <> $3 limit 1",
            &params![directory.number, item, but],
        )
        .await
}

/// Gives a user, whom nobody else may change, a value that they have not.
pub async fn bind(
    tx: &mut Tx,
    directory: DirectoryKey,
    user: &User,
    property: Number,
    item: Number,
) -> Result<(), Error> {
    let number = user.id.number();
    let is_first = of_user(tx, directory, number, property).await?.is_empty();
    tx.write(
        "insert into user_values (directory, user_number, property, item, username_key) values ($1, $2, $3, $4, $5)",
        &params![directory.number, number, property, item, user.username.key()],
    )
    .await?;
    if !user.system {
        tx.count(directory, Total::Item(item), 1);
        tx.count(directory, Total::Property(property), i64::from(is_first));
    }
    Ok(())
}

/// Takes from a user, whom nobody else may change, a value that they have.
pub async fn unbind(
    tx: &mut Tx,
    directory: DirectoryKey,
    user: &User,
    property: Number,
    item: Number,
) -> Result<(), Error> {
    let number = user.id.number();
    let is_last = of_user(tx, directory, number, property).await? == [item];
    tx.write(
        "delete from user_values where directory = $1 and user_number = $2 and property = $3 and item = $4",
        &params![directory.number, number, property, item],
    )
    .await?;
    if !user.system {
        tx.count(directory, Total::Item(item), -1);
        tx.count(directory, Total::Property(property), -i64::from(is_last));
    }
    Ok(())
}
