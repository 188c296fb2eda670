//! Where a command works that is about one domain.

use access::{Permit, Scope};
use model::Number;
use model::account::Directory;
use store::directories;

use crate::house::{self, Open};
use crate::settings::HouseArgs;
use crate::surroundings::Surroundings;
use crate::trouble::Trouble;

#[derive(clap::Args)]
pub(super) struct At {
    /// The domain's id; the default domain if none is named
    #[arg(long, value_name = "ID")]
    domain: Option<String>,
    #[command(flatten)]
    house: HouseArgs,
}

impl At {
    /// The open house, and the operator's permit for the domain. `command` is what the audit trail calls it.
    pub(super) async fn enter(self, command: &'static str) -> Result<(Open, Permit), Trouble> {
        let open = house::open(&self.house.decide()?, false).await?;
        let directory = domain(&open, self.domain.as_deref()).await?;
        let at = (Surroundings::real()?.clock)();
        Ok((open, Permit::operator(command, Scope::Directory(directory), at)))
    }
}

/// The account's domain with this id, `rs` and its number; the default one where none is named.
async fn domain(open: &Open, text: Option<&str>) -> Result<Directory, Trouble> {
    let default = open.default_directory().await?;
    let Some(text) = text else { return Ok(default) };
    let missing = || Trouble::NoDomain(text.to_owned());
    let number = Number::of_domain(text).ok_or_else(missing)?;
    let found = directories::find(&mut open.store.reader(), default.account, number).await?;
    found.ok_or_else(missing)
}
