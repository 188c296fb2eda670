//! `roster access-key`.

use access::Change;
use access::access_keys::{self, Listed, NewKey};

use super::{AccessKey, OfAccount, OneKey, say};
use crate::trouble::Trouble;

/// What the audit trail calls it.
const COMMAND: &str = "access-key";

pub(super) async fn run(what: AccessKey) -> Result<(), Trouble> {
    match what {
        AccessKey::Create(args) => create(args).await,
        AccessKey::List(args) => list(args).await,
        AccessKey::Disable(OneKey { id, of }) => switch(of, &id, false).await,
        AccessKey::Enable(OneKey { id, of }) => switch(of, &id, true).await,
        AccessKey::Delete(OneKey { id, of }) => delete(of, &id).await,
    }
}

async fn create(of: OfAccount) -> Result<(), Trouble> {
    let (open, permit) = of.enter(COMMAND).await?;
    let key = NewKey::generate((open.tools.chance)().as_mut());
    let mut change = Change::new(&open.store, &open.tools, None);
    access_keys::add(&mut change, &permit, &key, None).await?;
    change.commit(&permit).await?;
    open.store.close().await;
    say(&shown(&key))
}

/// A new key as it is printed, once.
pub(super) fn shown(key: &NewKey) -> String {
    let secret = key.secret.reveal_text().unwrap_or_default();
    format!("AccessKeyId:     {}\nAccessKeySecret: {secret}", key.id)
}

async fn list(of: OfAccount) -> Result<(), Trouble> {
    let (open, permit) = of.enter(COMMAND).await?;
    let keys = access_keys::list(&mut open.store.reader(), permit.account(), None).await?;
    open.store.close().await;
    let lines: Vec<String> = keys.iter().map(line).collect();
    say(&lines.join("\n"))
}

/// A key as lists show it: its id, whether it is accepted, when it was made, when and through which door it was last used.
pub(super) fn line(key: &Listed) -> String {
    let status = if key.is_active { "active  " } else { "inactive" };
    let used = match &key.used {
        Some((at, door)) => format!("used {at} {door}"),
        None => "never used".to_owned(),
    };
    format!("{}  {status}  {}  {used}", key.id, key.created)
}

async fn switch(of: OfAccount, id: &str, is_active: bool) -> Result<(), Trouble> {
    let (open, permit) = of.enter(COMMAND).await?;
    let mut change = Change::new(&open.store, &open.tools, None);
    access_keys::set_active(&mut change, &permit, id, is_active).await?;
    change.commit(&permit).await?;
    open.store.close().await;
    say(&format!("{id} is {}", if is_active { "active" } else { "inactive" }))
}

async fn delete(of: OfAccount, id: &str) -> Result<(), Trouble> {
    let (open, permit) = of.enter(COMMAND).await?;
    let mut change = Change::new(&open.store, &open.tools, None);
    access_keys::delete(&mut change, &permit, id).await?;
    change.commit(&permit).await?;
    open.store.close().await;
    say(&format!("{id} is deleted"))
}
