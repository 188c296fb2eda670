//! Work that nobody asks for: accounts whose time has come are noted as shut, and what was removed is cleared away.
//!
//! Any number of processes may do it at once; each step is a change of its own, of at most 1,000 things.

use std::sync::Arc;

use access::{Change, Failure, Permit, Scope, Task, Tools, signing_keys};
use model::Millis;
use model::account::Directory;
use model::time::MINUTE;
use store::{Store, auth_codes, directories, groups, properties, resource_groups, users as people};

use crate::error::Error;
use crate::{client_tokens, oauth, sign_in, users};

/// Things of one step.
const STEP: i64 = 1_000;
/// Steps of one round: the rest is left to the next one.
const STEPS: usize = 20;

/// Does a round of the work; true where some may remain.
///
/// # Errors
/// Of the store. What could not be done is done in a later round.
pub async fn sweep(store: &Store, tools: &Arc<Tools>, at: Millis) -> Result<bool, Trouble> {
    let mut remains = false;
    let mut trouble = forget_codes(store, tools, at).await.err();
    if let Err(error) = signing_keys::renew(store, tools, at).await {
        trouble = trouble.or(Some(error.into()));
    }
    match oauth::forget(store, tools, at).await {
        Ok(more) => remains |= more,
        Err(error) => trouble = trouble.or(Some(error)),
    }
    match sign_in::forget(store, tools, at).await {
        Ok(more) => remains |= more,
        Err(error) => trouble = trouble.or(Some(error)),
    }
    match client_tokens::forget(store, tools, at).await {
        Ok(more) => remains |= more,
        Err(error) => trouble = trouble.or(Some(error)),
    }
    for directory in directories::all(&mut store.reader()).await? {
        let sweep = Sweep { store, tools, directory: &directory, at };
        // What fails in one directory keeps nothing from the others.
        for swept in [sweep.shut_due().await, sweep.clear().await] {
            match swept {
                Ok(more) => remains |= more,
                Err(error) => trouble = trouble.or(Some(error)),
            }
        }
    }
    for directory in directories::removed(&mut store.reader()).await? {
        let sweep = Sweep { store, tools, directory: &directory, at };
        match sweep.clear_directory().await {
            Ok(more) => remains |= more,
            Err(error) => trouble = trouble.or(Some(error)),
        }
    }
    trouble.map_or(Ok(remains), Err)
}

/// Writes down what this process has counted of refused sign-ins and calls, also of the minute that has not ended: it
/// ends.
///
/// # Errors
/// Of the store.
pub async fn tell_the_rest(store: &Store, tools: &Arc<Tools>, at: Millis) -> Result<(), Trouble> {
    sign_in::tell_of_more(store, tools, (at, at.plus(MINUTE))).await
}

/// Forgets one-time codes that have expired.
async fn forget_codes(store: &Store, tools: &Arc<Tools>, at: Millis) -> Result<(), Trouble> {
    let mut reader = store.reader();
    if auth_codes::any_expired(&mut reader, at).await?
        && let Some(account) = directories::first_account(&mut reader).await?
    {
        let mut change = Change::new(store, tools, None);
        auth_codes::forget(change.tx(), at, STEP).await?;
        change.commit(&Permit::system(Task::Sweep, Scope::Account(account), at)).await?;
    }
    Ok(())
}

/// Why a round ended early.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// A rule.
    #[error(transparent)]
    Rule(#[from] Error),
    /// A change could not be committed.
    #[error(transparent)]
    Change(#[from] Failure),
    /// The keys that tokens are signed with could not be looked after.
    #[error(transparent)]
    Keys(#[from] signing_keys::Error),
}

impl Trouble {
    /// Whether the next round may do better.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Rule(error) => error.is_transient(),
            Self::Change(failure) => failure.is_transient(),
            Self::Keys(error) => error.is_transient(),
        }
    }
}

impl From<store::Error> for Trouble {
    fn from(error: store::Error) -> Self {
        Self::Rule(error.into())
    }
}

struct Sweep<'a> {
    store: &'a Store,
    tools: &'a Arc<Tools>,
    directory: &'a Directory,
    at: Millis,
}

impl Sweep<'_> {
    fn permit(&self) -> Permit {
        Permit::system(Task::Sweep, Scope::Directory(self.directory.clone()), self.at)
    }

    fn change(&self) -> Change {
        Change::new(self.store, self.tools, None)
    }

    /// Notes as shut who was to be shut by now.
    async fn shut_due(&self) -> Result<bool, Trouble> {
        let key = self.directory.key;
        for _ in 0..STEPS {
            if !people::any_due(&mut self.store.reader(), key, self.at).await? {
                return Ok(false);
            }
            let (permit, mut change) = (self.permit(), self.change());
            for user in people::due(change.tx(), key, self.at, STEP).await? {
                users::note_shut(&mut change, &permit, &user).await?;
            }
            change.commit(&permit).await?;
        }
        Ok(true)
    }

    /// Clears away what was removed.
    async fn clear(&self) -> Result<bool, Trouble> {
        let (key, account) = (self.directory.key, self.directory.account);
        let permit = self.permit();
        for _ in 0..STEPS {
            let mut reader = self.store.reader();
            let mut change = self.change();
            if let Some(group) = groups::removed(&mut reader, key).await? {
                groups::clear(change.tx(), key, group, STEP).await?;
            } else if let Some(item) = properties::removed_item(&mut reader, key).await? {
                properties::clear_item(change.tx(), key, item, STEP).await?;
            } else if properties::any_removed(&mut reader, key).await? {
                properties::clear(change.tx(), key, STEP).await?;
            } else if let Some(group) = resource_groups::removed(&mut reader, account).await? {
                resource_groups::clear(change.tx(), account, group, STEP).await?;
            } else {
                return Ok(false);
            }
            change.commit(&permit).await?;
        }
        Ok(true)
    }

    /// Clears away all of a directory that was removed.
    async fn clear_directory(&self) -> Result<bool, Trouble> {
        let permit = self.permit();
        for _ in 0..STEPS {
            let mut change = self.change();
            let is_gone = directories::clear(change.tx(), self.directory, STEP).await?;
            change.commit(&permit).await?;
            if is_gone {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
