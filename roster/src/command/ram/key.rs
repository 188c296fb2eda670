//! `roster ram key`.

use clap::Subcommand;
use directory::ram::keys;

use super::super::{OfAccount, access_key};
use super::At;
use crate::trouble::Trouble;

#[derive(Subcommand)]
pub(in super::super) enum Key {
    /// Make an AccessKey of a user and print it; its secret is shown this once
    Create(Of),
    /// List the keys of a user, without their secrets, each with its last use
    List(Of),
    /// Stop accepting a key
    Disable(One),
    /// Accept a key again
    Enable(One),
    /// Delete a key for good
    Delete(One),
}

#[derive(clap::Args)]
pub(in super::super) struct Of {
    /// The user's name
    #[arg(long, value_name = "NAME")]
    user: String,
    #[command(flatten)]
    of: OfAccount,
}

#[derive(clap::Args)]
pub(in super::super) struct One {
    /// The AccessKeyId
    id: String,
    #[command(flatten)]
    of: Of,
}

pub(super) async fn run(what: Key) -> Result<(), Trouble> {
    match what {
        Key::Create(of) => create(of).await,
        Key::List(of) => list(of).await,
        Key::Disable(one) => switch(one, false).await,
        Key::Enable(one) => switch(one, true).await,
        Key::Delete(one) => delete(one).await,
    }
}

async fn create(of: Of) -> Result<(), Trouble> {
    let at = At::enter(of.of).await?;
    let mut change = at.change();
    let key = keys::create(&mut change, &at.permit, Some(&of.user)).await?;
    at.commit(change, &access_key::shown(&key)).await
}

async fn list(of: Of) -> Result<(), Trouble> {
    let at = At::enter(of.of).await?;
    let keys = keys::list(&mut at.reader(), &at.permit, Some(&of.user)).await?;
    let lines: Vec<String> = keys.iter().map(access_key::line).collect();
    at.say(&lines.join("\n")).await
}

async fn switch(one: One, is_active: bool) -> Result<(), Trouble> {
    let at = At::enter(one.of.of).await?;
    let mut change = at.change();
    keys::set_active(&mut change, &at.permit, Some(&one.of.user), &one.id, is_active).await?;
    at.commit(change, &format!("{} is {}", one.id, if is_active { "active" } else { "inactive" })).await
}

async fn delete(one: One) -> Result<(), Trouble> {
    let at = At::enter(one.of.of).await?;
    let mut change = at.change();
    keys::delete(&mut change, &at.permit, Some(&one.of.user), &one.id).await?;
    at.commit(change, &format!("{} is deleted", one.id)).await
}
