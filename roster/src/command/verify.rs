//! `roster verify`.

use store::{directories, verify};

use super::say;
use crate::house;
use crate::settings::HouseArgs;
use crate::trouble::Trouble;

/// Counts everything again and says what differs.
pub(super) async fn run(args: HouseArgs) -> Result<(), Trouble> {
    let open = house::open(&args.decide()?, false).await?;
    let mut differences = 0;
    for directory in directories::all(&mut open.store.reader()).await? {
        let report = verify::directory(&open.store, directory.key).await?;
        for difference in &report.differences {
            say(&format!("directory {}: {difference}", directory.id))?;
        }
        say(&format!("directory {}: {} users looked at", directory.id, report.users))?;
        differences += report.differences.len();
    }
    for difference in verify::access(&open.store).await? {
        say(&difference)?;
        differences += 1;
    }
    open.store.close().await;
    if differences > 0 { Err(Trouble::Differences(differences)) } else { say("no differences") }
}
