//! `roster account`.

use access::access_keys;
use access::access_keys::NewKey;
use clap::Subcommand;
use directory::accounts::{self, Unmade};
use model::text::Line;
use store::directories;
use store::directories::ListedAccount;

use super::access_key::{line, shown};
use super::{OfAccount, say};
use crate::house;
use crate::settings::HouseArgs;
use crate::surroundings::Surroundings;
use crate::trouble::Trouble;

#[derive(Subcommand)]
pub(super) enum Account {
    /// Make an account with its default directory, and print its uid and the AccessKey of its root, whose secret is shown
    /// this once
    Create(New),
    /// List the accounts, the oldest first: uid, name, when it was made
    List(HouseArgs),
    /// Show an account: its name, its login alias, its directories, the keys of its root
    Show(OfAccount),
}

#[derive(clap::Args)]
pub(super) struct New {
    /// What operators call the account; of 1 to 64 characters, not of digits alone, and no other's
    #[arg(long, value_name = "NAME")]
    name: String,
    #[command(flatten)]
    house: HouseArgs,
}

pub(super) async fn run(what: Account) -> Result<(), Trouble> {
    match what {
        Account::Create(new) => create(new).await,
        Account::List(house) => list(house).await,
        Account::Show(of) => show(of).await,
    }
}

async fn create(new: New) -> Result<(), Trouble> {
    let wanted = || Trouble::Settings("--name has 1 to 64 characters in one line".to_owned());
    let name = Line::<64>::new(new.name.trim()).map_err(|_| wanted())?;
    name.given().ok_or_else(wanted)?;
    let open = house::open(&new.house.decide()?, false).await?;
    let key = NewKey::generate((open.tools.chance)().as_mut());
    let at = (Surroundings::real()?.clock)();
    let made = accounts::create(&open.store, &open.tools, (&name, &key), "account", at).await;
    let directory = made.map_err(|unmade| match unmade {
        Unmade::Exists(name) => Trouble::AccountExists(name),
        Unmade::Number => Trouble::Settings("--name is a number, as accounts' uids are".to_owned()),
        Unmade::Full => Trouble::Settings("the installation holds no more directories".to_owned()),
        Unmade::Keys(error) => Trouble::AccessKeys(error),
    })?;
    open.store.close().await;
    say(&format!("Account:         {}\n{}", directory.account.0, shown(&key)))
}

async fn list(house: HouseArgs) -> Result<(), Trouble> {
    let open = house::open(&house.decide()?, false).await?;
    let accounts = directories::accounts(&mut open.store.reader()).await?;
    open.store.close().await;
    let lines: Vec<String> = accounts
        .iter()
        .map(|ListedAccount { uid, name, created, .. }| format!("{}  {name}  {created}", uid.0))
        .collect();
    say(&lines.join("\n"))
}

async fn show(of: OfAccount) -> Result<(), Trouble> {
    let named = of.account.clone();
    let (open, permit) = of.enter("account").await?;
    let account = open.account(named.as_deref()).await?;
    let mut reader = open.store.reader();
    let directories = directories::of_account(&mut reader, permit.account()).await?;
    let keys = access_keys::list(&mut reader, permit.account(), None).await?;
    drop(reader);
    open.store.close().await;
    let mut lines = vec![
        format!("Account:    {}", account.uid.0),
        format!("Name:       {}", account.name),
        format!("Alias:      {}", account.alias.as_deref().unwrap_or("-")),
        format!("Made:       {}", account.created),
    ];
    for listed in &directories {
        let default = if listed.directory.is_default { "  default" } else { "" };
        let (domain, name) = (listed.directory.key.number.domain(), listed.name.as_str());
        lines.push(format!("Directory:  {domain}  {name}{default}"));
    }
    lines.extend(keys.iter().map(|key| format!("Root key:   {}", line(key))));
    say(&lines.join("\n"))
}
