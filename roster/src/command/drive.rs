//! `roster drive`.

use access::{Change, Permit, Scope};
use clap::Subcommand;
use directory::drives::{self, NamedDrive};
use model::account::Directory;
use model::{AccountUid, Number};
use store::directories;

use crate::house;
use crate::settings::HouseArgs;
use crate::surroundings::Surroundings;
use crate::trouble::Trouble;

#[derive(Subcommand)]
pub(super) enum Drive {
    /// Say how many bytes a drive holds, as the system that keeps its files has counted them
    SetUsed(Used),
}

#[derive(clap::Args)]
pub(super) struct Used {
    /// The domain's id; the default domain if none is named
    #[arg(long, value_name = "ID")]
    domain: Option<String>,
    /// The drive's id
    #[arg(long, value_name = "ID")]
    drive: String,
    /// The bytes that it holds now, below 2^53
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..1 << 53))]
    bytes: i64,
    #[command(flatten)]
    house: HouseArgs,
}

pub(super) async fn run(what: Drive) -> Result<(), Trouble> {
    match what {
        Drive::SetUsed(used) => set_used(used).await,
    }
}

async fn set_used(used: Used) -> Result<(), Trouble> {
    let open = house::open(&used.house.decide()?, false).await?;
    let default = open.default_directory().await?;
    let directory = match &used.domain {
        Some(text) => domain(&open.store, default.account, text).await?,
        None => default,
    };
    let permit = Permit::operator("drive", Scope::Directory(directory), (Surroundings::real()?.clock)());
    let mut change = Change::new(&open.store, &open.tools, None);
    let named = NamedDrive { number: Number::exact(&used.drive), text: used.drive };
    drives::set_used(&mut change, &permit, &named, used.bytes).await.map_err(|error| match error {
        directory::Error::Missing(_, id) => Trouble::NoDrive(id),
        error => Trouble::Rule(error),
    })?;
    change.commit(&permit).await?;
    open.store.close().await;
    Ok(())
}

/// The account's domain with this id: `rs` and its number.
async fn domain(store: &store::Store, account: AccountUid, text: &str) -> Result<Directory, Trouble> {
    let missing = || Trouble::NoDomain(text.to_owned());
    let number = Number::of_domain(text).ok_or_else(missing)?;
    let found = directories::find(&mut store.reader(), account, number).await?;
    found.ok_or_else(missing)
}
