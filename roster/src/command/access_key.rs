//! `roster access-key`.

use access::access_keys::{self, NewKey};
use access::{Change, Permit, Scope};

use super::{AccessKey, OneKey, say};
use crate::house::{self, Open};
use crate::settings::HouseArgs;
use crate::surroundings::Surroundings;
use crate::trouble::Trouble;

pub(super) async fn run(what: AccessKey) -> Result<(), Trouble> {
    match what {
        AccessKey::Create(args) => create(args).await,
        AccessKey::List(args) => list(args).await,
        AccessKey::Disable(OneKey { id, house }) => switch(house, &id, false).await,
        AccessKey::Enable(OneKey { id, house }) => switch(house, &id, true).await,
        AccessKey::Delete(OneKey { id, house }) => delete(house, &id).await,
    }
}

async fn create(args: HouseArgs) -> Result<(), Trouble> {
    let (open, permit) = enter(args).await?;
    let key = NewKey::generate((open.tools.chance)().as_mut());
    let mut change = Change::new(&open.store, &open.tools, None);
    access_keys::add(&mut change, &permit, &key).await?;
    change.commit(&permit).await?;
    open.store.close().await;
    say(&format!(
        "AccessKeyId:     {}\nAccessKeySecret: {}",
        key.id,
        key.secret.reveal_text().unwrap_or_default()
    ))
}

async fn list(args: HouseArgs) -> Result<(), Trouble> {
    let (open, permit) = enter(args).await?;
    let keys = access_keys::list(&mut open.store.reader(), permit.account()).await?;
    open.store.close().await;
    let lines: Vec<String> = keys
        .iter()
        .map(|key| {
            format!("{}  {}  {}", key.id, if key.is_active { "active  " } else { "inactive" }, key.created)
        })
        .collect();
    say(&lines.join("\n"))
}

async fn switch(args: HouseArgs, id: &str, is_active: bool) -> Result<(), Trouble> {
    let (open, permit) = enter(args).await?;
    let mut change = Change::new(&open.store, &open.tools, None);
    access_keys::set_active(&mut change, &permit, id, is_active).await?;
    change.commit(&permit).await?;
    open.store.close().await;
    say(&format!("{id} is {}", if is_active { "active" } else { "inactive" }))
}

async fn delete(args: HouseArgs, id: &str) -> Result<(), Trouble> {
    let (open, permit) = enter(args).await?;
    let mut change = Change::new(&open.store, &open.tools, None);
    access_keys::delete(&mut change, &permit, id).await?;
    change.commit(&permit).await?;
    open.store.close().await;
    say(&format!("{id} is deleted"))
}

/// The open house, and the operator's permit for its account.
async fn enter(args: HouseArgs) -> Result<(Open, Permit), Trouble> {
    let open = house::open(&args.decide()?, false).await?;
    let account = open.default_directory().await?.account;
    let permit = Permit::operator("access-key", Scope::Account(account), (Surroundings::real()?.clock)());
    Ok((open, permit))
}
