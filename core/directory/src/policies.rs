//! Policies: what an administrator configured for the passwords of a directory, and for what it writes to people.
//!
//! Source: `reference/doors.md` §1.2; `reference/eiam.md` §12.

use std::collections::HashMap;

use access::{Change, Permit, Reader};
use model::event::Event;
use model::globalization::Globalization;
use model::policy::{Complexity, Expiration, Forgotten, History, Initialization};
use model::{DirectoryKey, Number};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{configurations as rows, directories};

use crate::error::Error;

/// A policy that a directory has one of.
pub trait Policy: Serialize + DeserializeOwned + Default {
    /// What it is stored under.
    const KIND: &'static str;
}

impl Policy for Complexity {
    const KIND: &'static str = "password_complexity";
}

impl Policy for Expiration {
    const KIND: &'static str = "password_expiration";
}

impl Policy for History {
    const KIND: &'static str = "password_history";
}

impl Policy for Initialization {
    const KIND: &'static str = "password_initialization";
}

impl Policy for Forgotten {
    const KIND: &'static str = "forgotten_password";
}

impl Policy for Globalization {
    const KIND: &'static str = "globalization";
}

/// The policy; `None` while nobody has set it, which is another thing than the default where a door has a rule of its
/// own.
///
/// # Errors
/// The store's.
pub async fn get<P: Policy>(reader: &mut Reader, permit: &Permit) -> Result<Option<P>, Error> {
    stored(reader.rows(), permit.directory()).await
}

pub(crate) async fn stored<P: Policy>(
    reader: &mut store::Reader,
    directory: DirectoryKey,
) -> Result<Option<P>, Error> {
    let text = rows::get(reader, directory, P::KIND).await?;
    text.as_deref().map(read).transpose()
}

/// The policies of several directories; who has set none has none here.
pub(crate) async fn of_directories<P: Policy>(
    reader: &mut store::Reader,
    directories: &[Number],
) -> Result<HashMap<Number, P>, Error> {
    let texts = rows::of_directories(reader, directories, P::KIND).await?;
    texts.into_iter().map(|(directory, text)| Ok((directory, read(&text)?))).collect()
}

fn read<P: Policy>(text: &str) -> Result<P, Error> {
    let corrupt = |error| store::Error::Corrupt(format!("the policy {} is not readable: {error}", P::KIND));
    Ok(serde_json::from_str(text).map_err(corrupt)?)
}

/// Sets a policy, the whole of it. Nothing happens where nothing differs.
///
/// # Errors
/// The store's.
pub async fn set<P: Policy>(change: &mut Change, permit: &Permit, policy: &P) -> Result<(), Error> {
    let directory = permit.directory();
    directories::guard(change.tx(), directory).await?;
    let before = rows::get(change.tx(), directory, P::KIND).await?;
    let after = serde_json::to_string(policy).expect("policies are plain structs");
    if before.as_ref() == Some(&after) {
        return Ok(());
    }
    rows::set(change.tx(), directory, P::KIND, &after).await?;
    let (subject, name) = (P::KIND.to_owned(), P::KIND.to_owned());
    change.record(Event { what: "policy.changed", subject, name, before, after: Some(after) });
    Ok(())
}

/// Sets what passwords must look like, as [`set`]. Where passwords that are easy to guess were barred already they
/// stay so since then, whatever instant `policy` has.
///
/// # Errors
/// The store's.
pub async fn set_complexity(change: &mut Change, permit: &Permit, policy: &Complexity) -> Result<(), Error> {
    directories::guard(change.tx(), permit.directory()).await?;
    let before: Option<Complexity> = stored(change.tx(), permit.directory()).await?;
    let barred_before = before.and_then(|before| before.weak_barred_since);
    let weak_barred_since = policy.weak_barred_since.map(|since| barred_before.unwrap_or(since));
    set(change, permit, &Complexity { weak_barred_since, ..policy.clone() }).await
}
