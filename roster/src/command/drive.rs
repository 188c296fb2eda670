//! `roster drive`.

use access::Change;
use clap::Subcommand;
use directory::drives::{self, NamedDrive};
use model::Number;

use super::at::At;
use crate::trouble::Trouble;

#[derive(Subcommand)]
pub(super) enum Drive {
    /// Say how many bytes a drive holds, as the system that keeps its files has counted them
    SetUsed(Used),
}

#[derive(clap::Args)]
pub(super) struct Used {
    /// The drive's id
    #[arg(long, value_name = "ID")]
    drive: String,
    /// The bytes that it holds now, below 2^53
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..1 << 53))]
    bytes: i64,
    #[command(flatten)]
    at: At,
}

pub(super) async fn run(what: Drive) -> Result<(), Trouble> {
    match what {
        Drive::SetUsed(used) => set_used(used).await,
    }
}

async fn set_used(used: Used) -> Result<(), Trouble> {
    let (open, permit) = used.at.enter("drive").await?;
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
