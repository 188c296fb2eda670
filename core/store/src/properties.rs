//! Properties, their values, and which users have them.

use std::collections::HashMap;

use model::property::{Kind, Permission, Property, PropertyItem, ValueOf};
use model::text::{Line, PropertyDescription, PropertyName, PropertyValue};
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
                 p.default_value, p.permission, p.description, p.created, p.updated, i.number, i.item, i.display_name, i.enabled
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
        default: row.opt_line(8)?,
        permission: permission(row.int(9)?)?,
        description: PropertyDescription::new(row.str(10)?).map_err(Error::corrupt)?,
        items: Vec::new(),
        created: row.millis(11)?,
        updated: row.millis(12)?,
    })
}

/// The value of a row, behind the property; `None` where it has none.
fn item(row: &Row<'_>) -> Result<Option<PropertyItem>, Error> {
    let Some(number) = row.opt_int(13)? else { return Ok(None) };
    Ok(Some(PropertyItem {
        number: Number(number),
        value: PropertyValue::new(row.str(14)?).map_err(Error::corrupt)?,
        display_name: Line::new(row.str(15)?).map_err(Error::corrupt)?,
        enabled: row.truth(16)?,
    }))
}

const fn permission_code(permission: Permission) -> i64 {
    match permission {
        Permission::Hide => 0,
        Permission::ReadOnly => 1,
        Permission::ReadWrite => 2,
    }
}

fn permission(code: i64) -> Result<Permission, Error> {
    match code {
        0 => Ok(Permission::Hide),
        1 => Ok(Permission::ReadOnly),
        2 => Ok(Permission::ReadWrite),
        _ => Err(Error::corrupt(format!("{code} is no permission"))),
    }
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
             encrypted, enabled, default_value, permission, description, created, updated)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
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
            property.default.as_ref().map(Line::as_str),
            permission_code(property.permission),
            property.description.as_str(),
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

/// Writes a property as it shall be: its names, its default, whether it is in use, and its values. A value that is not among them any more is
/// hidden for good; it goes from the users who have it by [`clear_item`].
pub async fn update(
    tx: &mut Tx,
    directory: DirectoryKey,
    before: &Property,
    after: &Property,
) -> Result<(), Error> {
    let number = after.id.number();
    tx.write(
        "update properties set name = $3, name_key = $4, display_name = $5, default_value = $6, enabled = $7,
             updated = $8
         where directory = $1 and number = $2",
        &params![
            directory.number,
            number,
            after.name.as_str(),
            &after.name.folded(),
            after.display_name.as_str(),
            after.default.as_ref().map(Line::as_str),
            after.enabled,
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

/// Hides a property with its values for good. They go from the users who have them by [`clear_item`] and [`clear`].
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

/// Takes the texts of a property that was hidden from up to `limit` users; where none is left, removes the properties
/// that were hidden and whose values are gone.
pub async fn clear(tx: &mut Tx, directory: DirectoryKey, limit: i64) -> Result<(), Error> {
    let having = tx
        .query_one(
            "select number from properties where directory = $1 and removed is not null and exists (
                 select 1 from user_texts t
                 where t.directory = properties.directory and t.property = properties.number)
             limit 1",
            &params![directory.number],
            |row| row.number(0),
        )
        .await?;
    if let Some(property) = having {
        return clear_texts(tx, directory, property, limit).await;
    }
    let gone = tx
        .query(
            "delete from properties where directory = $1 and removed is not null and not exists (
                 select 1 from property_items i
                 where i.directory = properties.directory and i.property = properties.number)
             and not exists (
                 select 1 from user_texts t
                 where t.directory = properties.directory and t.property = properties.number)
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

async fn clear_texts(
    tx: &mut Tx,
    directory: DirectoryKey,
    property: Number,
    limit: i64,
) -> Result<(), Error> {
    // As in `clear_item`: users before what is theirs.
    let mut having = Sql::new("select number, is_system from users where directory = ");
    having
        .bind(directory.number)
        .push(" and number in (select user_number from user_texts where directory = ");
    having.bind(directory.number).push(" and property = ").bind(property);
    having.push(" order by user_number limit ").bind(limit);
    having.push(") order by number").push(tx.for_update());
    let users = tx.query(&having.text, &having.params, |row| Ok((row.number(0)?, row.truth(1)?))).await?;
    for users in users.chunks(500) {
        let numbers: Vec<Number> = users.iter().map(|(number, _)| *number).collect();
        let mut sql = Sql::new("delete from user_texts where directory = ");
        sql.bind(directory.number).push(" and property = ").bind(property).push(" and user_number in ");
        sql.bind_list(&numbers).push(" returning user_number");
        let gone = tx.query(&sql.text, &sql.params, |row| row.number(0)).await?;
        for _ in users.iter().filter(|(number, is_system)| !is_system && gone.contains(number)) {
            tx.count(directory, Total::Property(property), -1);
        }
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

/// A value that a user has: the number of the one that was chosen, hidden ones among them, or a text as it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// The property.
    pub property: Number,
    /// The value's number, where it was chosen and lies open.
    pub item: Option<Number>,
    /// The text, sealed where the property is encrypted.
    pub text: Option<String>,
}

/// Every value that a user has, by property and number.
pub async fn own(reader: &mut Reader, directory: DirectoryKey, user: Number) -> Result<Vec<Own>, Error> {
    reader
        .query(
            "select property, item, cast(null as text) from user_values where directory = $1 and user_number = $2
             union all
             select property, cast(null as bigint), value from user_texts where directory = $1 and user_number = $2
             order by 1, 2",
            &params![directory.number, user],
            |row| {
                Ok(Own {
                    property: row.number(0)?,
                    item: row.opt_int(1)?.map(Number),
                    text: row.opt_str(2)?.map(str::to_owned),
                })
            },
        )
        .await
}

/// A value that a user has, as it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The property.
    pub property: Number,
    /// The property's name.
    pub name: String,
    /// What the property's values are.
    pub kind: Kind,
    /// Whether the value is sealed.
    pub encrypted: bool,
    /// The value.
    pub value: String,
}

/// What a user has of the properties in use, by property and value.
pub async fn stored_of_user(
    reader: &mut Reader,
    directory: DirectoryKey,
    user: Number,
) -> Result<Vec<Stored>, Error> {
    reader
        .query(
            "select v.property, p.name, p.kind, p.encrypted, i.item, v.item from user_values v
             join properties p on p.directory = v.directory and p.number = v.property
             join property_items i on i.directory = v.directory and i.number = v.item
             where v.directory = $1 and v.user_number = $2
                 and p.removed is null and i.removed is null and p.enabled = 1
             union all
             select t.property, p.name, p.kind, p.encrypted, t.value, cast(null as bigint) from user_texts t
             join properties p on p.directory = t.directory and p.number = t.property
             where t.directory = $1 and t.user_number = $2 and p.removed is null and p.enabled = 1
             order by 1, 6",
            &params![directory.number, user],
            |row| {
                Ok(Stored {
                    property: row.number(0)?,
                    name: row.text(1)?,
                    kind: kind(row.int(2)?)?,
                    encrypted: row.truth(3)?,
                    value: row.text(4)?,
                })
            },
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
    sql.push(" union all select t.user_number, t.property, p.name, cast(null as bigint), t.value");
    sql.push(" from user_texts t join properties p on p.directory = t.directory and p.number = t.property");
    sql.push(" where t.directory = ").bind(directory.number).push(" and t.user_number in ").bind_list(users);
    sql.push(" and p.removed is null and p.enabled = 1 and p.encrypted = 0");
    sql.push(" order by 1, 2, 4");
    let values = reader
        .query(&sql.text, &sql.params, |row| {
            let value = ValueOf {
                property: row.number(1)?,
                name: row.text(2)?,
                item: row.opt_int(3)?.map(Number),
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

/// Whether a user other than `but` has the text with this digest.
pub async fn is_text_taken(
    reader: &mut Reader,
    directory: DirectoryKey,
    property: Number,
    digest: &str,
    but: Number,
) -> Result<bool, Error> {
    reader
        .exists(
            "select 1 from user_texts where directory = $1 and property = $2 and digest = $3 and user_number <> $4",
            &params![directory.number, property, digest, but],
        )
        .await
}

/// Keeps everybody else from these values until this change is over: of a property whose values are unique, whoever
/// gives one to a user takes it first. It comes behind the users' own rows.
pub async fn lock_items(tx: &mut Tx, directory: DirectoryKey, items: &[Number]) -> Result<(), Error> {
    if items.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new("select number from property_items where directory = ");
    sql.bind(directory.number).push(" and number in ").bind_list(items);
    sql.push(" order by number").push(tx.for_update());
    tx.exists(&sql.text, &sql.params).await.map(drop)
}

/// Gives a user, whom nobody else may change, a value that they have not.
pub async fn bind(
    tx: &mut Tx,
    directory: DirectoryKey,
    user: &User,
    property: Number,
    item: Number,
) -> Result<(), Error> {
    let own = of_user(tx, directory, user.id.number(), property).await?;
    let more: Vec<Number> = own.iter().copied().chain([item]).collect();
    choose(tx, directory, user, property, [&own, &more]).await
}

/// Gives a user, whom nobody else may change, the latter values of a property instead of the former, which are all that
/// they have.
pub async fn choose(
    tx: &mut Tx,
    directory: DirectoryKey,
    user: &User,
    property: Number,
    [before, after]: [&[Number]; 2],
) -> Result<(), Error> {
    let number = user.id.number();
    for item in before.iter().filter(|item| !after.contains(item)) {
        tx.write(
            "delete from user_values where directory = $1 and user_number = $2 and property = $3 and item = $4",
            &params![directory.number, number, property, *item],
        )
        .await?;
        count(tx, directory, user, Total::Item(*item), -1);
    }
    for item in after.iter().filter(|item| !before.contains(item)) {
        tx.write(
            "insert into user_values (directory, user_number, property, item, username_key)
             values ($1, $2, $3, $4, $5)",
            &params![directory.number, number, property, *item, user.username.key()],
        )
        .await?;
        count(tx, directory, user, Total::Item(*item), 1);
    }
    let by = i64::from(!after.is_empty()) - i64::from(!before.is_empty());
    count(tx, directory, user, Total::Property(property), by);
    Ok(())
}

/// A text as it lies with a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The text, sealed where the property is encrypted.
    pub value: String,
    /// Its digest, where no two users may have the same one.
    pub digest: Option<String>,
}

/// Gives a user, whom nobody else may change, a text, or takes theirs; `had` says whether they have one. The change
/// fails with `Taken(Key::Other)` where another user's has the same digest.
pub async fn set_text(
    tx: &mut Tx,
    directory: DirectoryKey,
    user: &User,
    property: Number,
    had: bool,
    text: Option<&Text>,
) -> Result<(), Error> {
    let number = user.id.number();
    if let Some(text) = text {
        tx.write(
            "insert into user_texts (directory, user_number, property, value, digest) values ($1, $2, $3, $4, $5)
             on conflict (directory, user_number, property) do update
             set value = excluded.value, digest = excluded.digest",
            &params![directory.number, number, property, &text.value, text.digest.as_ref()],
        )
        .await?;
    } else {
        tx.write(
            "delete from user_texts where directory = $1 and user_number = $2 and property = $3",
            &params![directory.number, number, property],
        )
        .await?;
    }
    let by = i64::from(text.is_some()) - i64::from(had);
    count(tx, directory, user, Total::Property(property), by);
    Ok(())
}

/// Counts a person.
fn count(tx: &mut Tx, directory: DirectoryKey, user: &User, total: Total, by: i64) {
    if !user.system {
        tx.count(directory, total, by);
    }
}
