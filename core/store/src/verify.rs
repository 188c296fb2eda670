//! Everything that is kept beside the rows, counted again from the rows.

use std::collections::BTreeMap;

use model::total::Total;
use model::{DirectoryKey, Number};

use crate::engine::Store;
use crate::error::Error;
use crate::session::Reader;
use crate::totals;
use crate::value::params;

/// What was found in one directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The users looked at.
    pub users: i64,
    /// What differs, each in a line for a person.
    pub differences: Vec<String>,
}

/// Counts the directory's totals, its tree's closure and its search index again, all in one state of the
/// data, so that others may go on writing.
///
/// # Errors
/// Of the store.
pub async fn directory(store: &Store, directory: DirectoryKey) -> Result<Report, Error> {
    let mut reader = store.snapshot().await?;
    let mut report = Report::default();
    let every_user = "select count(*) from users where directory = $1";
    report.users = count(&mut reader, directory, every_user).await?;
    report.differences.extend(kept_totals(&mut reader, directory).await?);
    report.differences.extend(member_totals(&mut reader, directory).await?);
    report.differences.extend(region_totals(&mut reader, directory).await?);
    report.differences.extend(rows(&mut reader, directory).await?);
    report.differences.extend(closure(&mut reader, directory).await?);
    report.differences.extend(reader.search_differences(directory).await?);
    Ok(report)
}

/// What differs among RAM users, roles and policies of all accounts, each in a line for a person: every policy that
/// somebody has is there, and so is everybody who has one. And what acts by itself in the database.
///
/// # Errors
/// Of the store.
pub async fn access(store: &Store) -> Result<Vec<String>, Error> {
    let mut reader = store.snapshot().await?;
    let questions = [
        (
            "a policy is attached that is not there",
            "select a.account, a.policy from ram_attachments a where a.kind = 1 and not exists (
                 select 1 from ram_policies p where p.account = a.account and p.name_key = a.policy)",
        ),
        (
            "a policy is attached to a user who is not there",
            "select a.account, a.policy from ram_attachments a where a.holder = 0 and not exists (
                 select 1 from ram_users u where u.account = a.account and u.number = a.number)",
        ),
        (
            "a policy is attached to a role that is not there",
            "select a.account, a.policy from ram_attachments a where a.holder = 1 and not exists (
                 select 1 from ram_roles r where r.account = a.account and r.number = a.number)",
        ),
        (
            "an AccessKey is of a user who is not there",
            "select k.account, k.id from access_keys k where k.user_number is not null and not exists (
                 select 1 from ram_users u where u.account = k.account and u.number = k.user_number)",
        ),
    ];
    let mut differences = Vec::new();
    for (what, question) in questions {
        let found = reader.query(question, &[], |row| Ok((row.int(0)?, row.text(1)?))).await?;
        differences.extend(found.iter().map(|(account, name)| format!("account {account}: {what}: {name}")));
    }
    differences.extend(reader.triggers().await?.iter().map(|line| line.escape_debug().to_string()));
    Ok(differences)
}

async fn count(reader: &mut Reader, directory: DirectoryKey, sql: &str) -> Result<i64, Error> {
    reader.count_rows(sql, &params![directory.number]).await
}

/// The totals of the whole directory.
async fn kept_totals(reader: &mut Reader, directory: DirectoryKey) -> Result<Vec<String>, Error> {
    let questions = [
        (Total::People, "select count(*) from users where directory = $1 and is_system = 0"),
        (Total::Shut, "select count(*) from users where directory = $1 and is_system = 0 and shut = 1"),
        (
            Total::Managed,
            "select count(*) from users where directory = $1 and is_system = 0 and owner_type = 1",
        ),
        (Total::Disabled, "select count(*) from users where directory = $1 and is_system = 0 and status = 1"),
        (
            Total::Superadmins,
            "select count(*) from users
             where directory = $1 and role = 2 and status = 0 and locked = 0 and locks_at is null",
        ),
        (Total::Units, "select count(*) from units where directory = $1 and parent is not null"),
        (Total::Groups, "select count(*) from groups where directory = $1 and removed is null"),
        (
            Total::UsedBytes,
            "select cast(coalesce(sum(used_size), 0) as bigint) from drives where directory = $1",
        ),
    ];
    let mut differences = Vec::new();
    for (total, question) in questions {
        let counted = count(reader, directory, question).await?;
        let kept = totals::read(reader, directory, total).await?;
        if kept != counted {
            differences.push(format!("the total {total:?} is kept as {kept} and counted as {counted}"));
        }
    }
    Ok(differences)
}

/// The totals of each unit, each group, each property and each of its values.
async fn member_totals(reader: &mut Reader, directory: DirectoryKey) -> Result<Vec<String>, Error> {
    let tables = [
        (Total::Unit(Number(0)), "unit", "unit_members"),
        (Total::Group(Number(0)), "group_number", "group_members"),
        (
            Total::Property(Number(0)),
            "property",
            "(select directory, user_number, property from user_values
              union all select directory, user_number, property from user_texts)",
        ),
        (Total::Item(Number(0)), "item", "user_values"),
    ];
    let mut differences = Vec::new();
    for (total, column, table) in tables {
        let counted = pairs(
            reader,
            &format!(
                "select m.{column}, count(distinct m.user_number) from {table} m
                 join users u on u.directory = m.directory and u.number = m.user_number
                 where m.directory = $1 and u.is_system = 0 group by m.{column}"
            ),
            &params![directory.number],
        )
        .await?;
        let kept = pairs(
            reader,
            "select thing, cast(sum(n) as bigint) from totals where directory = $1 and kind = $2 group by thing",
            &params![directory.number, total.columns().0],
        )
        .await?;
        for thing in counted.keys().chain(kept.keys().filter(|thing| !counted.contains_key(thing))) {
            let [counted, kept] =
                [&counted, &kept].map(|totals| totals.get(thing).copied().unwrap_or_default());
            if counted != kept {
                differences.push(format!(
                    "the people of {column} {thing} are kept as {kept} and counted as {counted}"
                ));
            }
        }
    }
    Ok(differences)
}

/// The totals of each region of telephone numbers.
async fn region_totals(reader: &mut Reader, directory: DirectoryKey) -> Result<Vec<String>, Error> {
    let counted = reader
        .query(
            "select phone_region, count(*) from users
             where directory = $1 and phone <> '' and is_system = 0 group by phone_region",
            &params![directory.number],
            |row| Ok((Total::of_region(row.str(0)?).map(|total| total.columns().1), row.int(1)?)),
        )
        .await?;
    let counted: BTreeMap<i64, i64> =
        counted.into_iter().filter_map(|(region, people)| Some((region?, people))).collect();
    let mut kept = pairs(
        reader,
        "select thing, cast(sum(n) as bigint) from totals where directory = $1 and kind = $2 group by thing",
        &params![directory.number, Total::Region(0).columns().0],
    )
    .await?;
    kept.retain(|_, people| *people != 0);
    let differs = kept != counted;
    Ok(differs
        .then(|| format!("the people of regions are kept as {kept:?} and counted as {counted:?}"))
        .into_iter()
        .collect())
}

async fn pairs(
    reader: &mut Reader,
    sql: &str,
    params: &[crate::value::Value<'_>],
) -> Result<BTreeMap<i64, i64>, Error> {
    let rows = reader.query(sql, params, |row| Ok((row.int(0)?, row.int(1)?))).await?;
    Ok(rows.into_iter().collect())
}

/// What the rows must be like.
async fn rows(reader: &mut Reader, directory: DirectoryKey) -> Result<Vec<String>, Error> {
    let questions = [
        (
            "directories have another root than the one unit without a parent",
            "select count(*) from directories d where d.number = $1 and (
                 not exists (select 1 from units r
                     where r.directory = d.number and r.number = d.root and r.parent is null)
                 or exists (select 1 from units o
                     where o.directory = d.number and o.number <> d.root and o.parent is null))",
        ),
        (
            "totals are kept of units or groups that are not there",
            "select count(*) from totals t where t.directory = $1 and (
                 (t.kind = 4 and not exists (select 1 from units u
                     where u.directory = t.directory and u.number = t.thing))
                 or (t.kind = 5 and not exists (select 1 from groups g
                     where g.directory = t.directory and g.number = t.thing)))",
        ),
        (
            "mappings of sources are held as something else",
            "select count(*) from identities where directory = $1 and substr(kind, 1, 4) = 'idp_'
             and (linked <> 1 or contact <> 0 or extra <> '')",
        ),
        (
            "users have not exactly one primary unit",
            "select count(*) from users u where u.directory = $1 and 1 <> (
                 select count(*) from unit_members m
                 where m.directory = u.directory and m.user_number = u.number and m.place = 0)",
        ),
        (
            "users have a password and no time of it, or a time and no password",
            "select count(*) from users u where u.directory = $1
             and case when u.password_set_at is null then 0 else 1 end <> (
                 select count(*) from passwords p
                 where p.directory = u.directory and p.user_number = u.number)",
        ),
        (
            "users have more former passwords than are kept",
            "select count(*) from (
                 select user_number from password_history where directory = $1
                 group by user_number having count(*) > 24) kept",
        ),
        (
            "users have links to another password, and they are of no purpose",
            "select count(*) from reset_links where directory = $1 and purpose not in (1, 2, 3)",
        ),
        (
            "users are marked as shut, or as open, and are not",
            "select count(*) from users where directory = $1 and (
                 (shut = 0 and (status = 1 or locked = 1))
                 or (shut = 1 and status = 0 and locked = 0 and locks_at is null))",
        ),
        (
            "pictures are marked as addresses, or as something else, and are not",
            "select count(*) from avatars where directory = $1
             and is_address <> case when substr(avatar, 1, 4) = 'http' then 1 else 0 end",
        ),
        (
            "memberships are kept under another name than the user's",
            "select count(*) from users u join unit_members m on m.directory = u.directory
                 and m.user_number = u.number
             where u.directory = $1 and m.username_key <> u.username_key",
        ),
        (
            "values of properties are kept under another name than the user's",
            "select count(*) from users u join user_values m on m.directory = u.directory
                 and m.user_number = u.number
             where u.directory = $1 and m.username_key <> u.username_key",
        ),
        (
            "addresses are held for users who have another one",
            "select count(*) from identities i join users u on u.directory = i.directory
                 and u.number = i.user_number
             where i.directory = $1 and i.kind = 'email' and i.contact = 1 and u.email_key <> i.identity",
        ),
        (
            "addresses are known to be a user's and not held for that user",
            "select count(*) from users u where u.directory = $1 and u.email_verified = 1 and not exists (
                 select 1 from identities i where i.directory = u.directory and i.kind = 'email'
                 and i.identity = u.email_key and i.extra = '' and i.user_number = u.number)",
        ),
        (
            "numbers are known to be a user's and none is held for that user",
            "select count(*) from users u where u.directory = $1 and u.phone_verified = 1 and not exists (
                 select 1 from identities i where i.directory = u.directory and i.kind = 'mobile'
                 and i.extra = u.phone_region and i.user_number = u.number)",
        ),
        (
            "accounts are links and have no text that was given",
            "select count(*) from identities where directory = $1 and linked = 1 and given = ''
             and substr(kind, 1, 4) <> 'idp_'",
        ),
        (
            "accounts are held as contact data, and are neither addresses nor numbers",
            "select count(*) from identities where directory = $1 and contact = 1
             and kind not in ('email', 'mobile')",
        ),
        (
            "drives are default ones, and no user's",
            "select count(*) from drives where directory = $1 and is_default = 1 and user_number is null",
        ),
        (
            "addresses, numbers and names elsewhere are held for no reason",
            "select count(*) from identities where directory = $1 and contact = 0 and linked = 0",
        ),
        (
            "values of properties are another property's",
            "select count(*) from user_values v join property_items i on i.directory = v.directory
                 and i.number = v.item
             where v.directory = $1 and i.property <> v.property",
        ),
        (
            "values of properties lie as choices, and are to be sealed or were typed in",
            "select count(*) from user_values v join properties p on p.directory = v.directory
                 and p.number = v.property
             where v.directory = $1 and (p.encrypted = 1 or p.kind not in (3, 4))",
        ),
        (
            "values of properties lie as texts, and were chosen",
            "select count(*) from user_texts t join properties p on p.directory = t.directory
                 and p.number = t.property
             where t.directory = $1 and p.encrypted = 0 and p.kind in (3, 4)",
        ),
        (
            "texts that must be unique have no digest, or others have one",
            "select count(*) from user_texts t join properties p on p.directory = t.directory
                 and p.number = t.property
             where t.directory = $1 and p.is_unique <> case when t.digest is null then 0 else 1 end",
        ),
        (
            "values that must be unique are several users'",
            "select count(*) from (
                 select v.item from user_values v join properties p on p.directory = v.directory
                     and p.number = v.property
                 where v.directory = $1 and p.is_unique = 1 group by v.item having count(*) > 1) shared",
        ),
        (
            "devices open by themselves, and are not locked",
            "select count(*) from devices where directory = $1 and status = 0 and unlock_at is not null",
        ),
        (
            "devices have taken codes, and wait for their first one",
            "select count(*) from devices where directory = $1 and enabled_at is null
             and (last_step is not null or status <> 0 or failures <> 0)",
        ),
        (
            "codes stand for the device of a user who has none",
            "select count(*) from recovery_codes c where c.directory = $1 and not exists (
                 select 1 from devices d where d.directory = c.directory and d.user_number = c.user_number
                 and d.enabled_at is not null)",
        ),
        (
            "values of a property have the same text",
            "select count(*) from property_items a join property_items b on b.directory = a.directory
                 and b.property = a.property and b.item = a.item and b.number > a.number
             where a.directory = $1 and a.removed is null and b.removed is null",
        ),
    ];
    let mut differences = Vec::new();
    for (what, question) in questions {
        let wrong = count(reader, directory, question).await?;
        if wrong > 0 {
            differences.push(format!("{wrong} {what}"));
        }
    }
    Ok(differences)
}

/// The tree's closure, made again from each unit's parent.
async fn closure(reader: &mut Reader, directory: DirectoryKey) -> Result<Vec<String>, Error> {
    let made = "with recursive up (descendant, ancestor, distance) as (
            select number, number, cast(0 as bigint) from units where directory = $1
            union all
            select up.descendant, u.parent, up.distance + 1 from up
            join units u on u.directory = $1 and u.number = up.ancestor where u.parent is not null
            and up.distance < 1000)
        select descendant, ancestor, distance from up";
    let stored = "select descendant, ancestor, distance from unit_closure where directory = $1";
    let row = |row: &crate::row::Row<'_>| Ok((row.int(0)?, row.int(1)?, row.int(2)?));
    let mut made = reader.query(made, &params![directory.number], row).await?;
    let mut stored = reader.query(stored, &params![directory.number], row).await?;
    made.sort_unstable();
    stored.sort_unstable();
    let differs = made != stored;
    Ok(differs
        .then(|| {
            format!(
                "the tree has {} pairs of units above one another, the closure {}",
                made.len(),
                stored.len()
            )
        })
        .into_iter()
        .collect())
}
