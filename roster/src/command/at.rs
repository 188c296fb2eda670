//! Where a command works that is about one domain.

use access::{Permit, Scope};
use model::Number;
use model::account::Directory;
use store::directories;

use super::OfAccount;
use crate::house::{self, Open};
use crate::surroundings::Surroundings;
use crate::trouble::Trouble;

#[derive(clap::Args)]
pub(super) struct At {
    /// The domain's id, of whichever account; the account's default domain if none is named
    #[arg(long, value_name = "ID")]
    domain: Option<String>,
    #[command(flatten)]
    of: OfAccount,
}

impl At {
    /// The open house, and the operator's permit for the domain. `command` is what the audit trail calls it.
    pub(super) async fn enter(self, command: &'static str) -> Result<(Open, Permit), Trouble> {
        let open = house::open(&self.of.house.decide()?, false).await?;
        let directory = domain(&open, self.domain.as_deref(), self.of.account.as_deref()).await?;
        let at = (Surroundings::real()?.clock)();
        Ok((open, Permit::operator(command, Scope::Directory(directory), at)))
    }
}

/// The domain with this id, `rs` and its number; the account's default one where none is named.
async fn domain(open: &Open, text: Option<&str>, account: Option<&str>) -> Result<Directory, Trouble> {
    let account = match (text, account) {
        (Some(_), None) => None,
        (_, named) => Some(open.account(named).await?.uid),
    };
    let Some(text) = text else { return open.directory_of(account.ok_or(Trouble::NoAccount)?).await };
    let missing = || Trouble::NoDomain(text.to_owned());
    let number = Number::of_domain(text).ok_or_else(missing)?;
    let found = directories::of_number(&mut open.store.reader(), number).await?;
    found.filter(|found| account.is_none_or(|account| found.account == account)).ok_or_else(missing)
}
