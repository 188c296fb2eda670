//! `roster ram`.

mod key;
mod policy;
mod role;
mod simulate;
mod user;

use std::path::Path;

use access::{Change, Permit, Reader};
use clap::Subcommand;
use directory::ram::Page;
use model::text::NotText;

use super::{OfAccount, say};
use crate::house::Open;
use crate::trouble::Trouble;

/// What the audit trail calls it.
const COMMAND: &str = "ram";
/// Things that are read together.
const PAGE: usize = 1_000;
/// The most bytes of a document: longer ones are no policies.
const LONGEST_DOCUMENT: usize = 64 * 1024;

#[derive(Subcommand)]
pub(super) enum Ram {
    /// Users who act for an account with keys of their own
    #[command(subcommand)]
    User(user::User),
    /// Roles, which users and other roles act as for a while
    #[command(subcommand)]
    Role(role::Role),
    /// Policies, and who has them
    #[command(subcommand)]
    Policy(policy::Policy),
    /// AccessKeys of users
    #[command(subcommand)]
    Key(key::Key),
    /// Say what the policies of a user or a role would decide, and by which statement
    Simulate(simulate::Simulate),
}

/// A thing that is named.
#[derive(clap::Args)]
pub(super) struct One {
    /// Its name
    name: String,
    #[command(flatten)]
    of: OfAccount,
}

pub(super) async fn run(what: Ram) -> Result<(), Trouble> {
    match what {
        Ram::User(what) => user::run(what).await,
        Ram::Role(what) => role::run(what).await,
        Ram::Policy(what) => policy::run(what).await,
        Ram::Key(what) => key::run(what).await,
        Ram::Simulate(question) => simulate::run(question).await,
    }
}

/// A house that is open, for one change or some reading.
struct At {
    open: Open,
    permit: Permit,
}

impl At {
    async fn enter(of: OfAccount) -> Result<Self, Trouble> {
        let (open, permit) = of.enter(COMMAND).await?;
        Ok(Self { open, permit })
    }

    fn change(&self) -> Change {
        Change::new(&self.open.store, &self.open.tools, None)
    }

    fn reader(&self) -> Reader {
        Reader::new(&self.open.store, &self.open.tools)
    }

    /// Commits, closes the house and says what was done.
    async fn commit(self, mut change: Change, text: &str) -> Result<(), Trouble> {
        change.commit(&self.permit).await?;
        self.say(text).await
    }

    /// Closes the house and says what was asked; nothing is said of nothing.
    async fn say(self, text: &str) -> Result<(), Trouble> {
        self.open.store.close().await;
        if text.is_empty() { Ok(()) } else { say(text) }
    }
}

/// Takes the items of a page; where the list goes on, if it does.
fn take<T>(all: &mut Vec<T>, page: Page<T>) -> Option<String> {
    all.extend(page.items);
    page.next
}

/// A document that lies in a file.
fn document(path: &Path) -> Result<String, Trouble> {
    let trouble = |source| Trouble::File { doing: "read", path: path.to_owned(), source };
    let text = std::fs::read_to_string(path).map_err(trouble)?;
    if text.len() > LONGEST_DOCUMENT {
        return Err(trouble(std::io::Error::other("it is too long to be a policy")));
    }
    Ok(text)
}

/// A text that was given as an argument.
fn text<T>(what: &str, read: Result<T, NotText>) -> Result<T, Trouble> {
    read.map_err(|fault| Trouble::Settings(format!("{what}: {fault}")))
}
