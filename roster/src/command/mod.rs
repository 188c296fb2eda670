//! The command line.

mod access_key;
mod account;
mod at;
mod audit;
mod auth_code;
mod drive;
mod keys;
mod oauth_app;
mod outbox;
mod ram;
mod serve;
mod template;
mod verify;

use std::io::Write;
use std::path::PathBuf;

use access::{Permit, Scope};
use clap::{CommandFactory, Parser, Subcommand};

use crate::house::{self, Open};
use crate::settings::{HouseArgs, ServeArgs};
use crate::surroundings::Surroundings;
use crate::trouble::Trouble;

/// A self-hosted user directory that answers Alibaba Cloud's user-management APIs.
///
/// Begin with `roster serve`: it makes its folder, an account and a root AccessKey, prints the key once, and listens
/// on http://127.0.0.1:8080. Point the official SDK there, with protocol "http".
#[derive(Parser)]
#[command(name = "roster", version, max_term_width = 110)]
pub struct Command {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Run the server
    Serve(Box<ServeArgs>),
    /// Make and list accounts: tenants, each with its own directories, users and keys
    #[command(subcommand)]
    Account(account::Account),
    /// Make, list and switch AccessKeys of an account's root; a running server follows within a second
    #[command(subcommand)]
    AccessKey(AccessKey),
    /// Look after RAM users, roles, policies and keys, and say what policies decide
    #[command(subcommand)]
    Ram(Box<ram::Ram>),
    /// Make one-time codes for GetManagerInfoByAuthCode
    #[command(subcommand)]
    AuthCode(AuthCode),
    /// Register apps that may ask for tokens; a running server knows them at once
    #[command(subcommand, name = "oauth-app")]
    OAuthApp(OAuthApp),
    /// Keep what is counted of drives
    #[command(subcommand)]
    Drive(drive::Drive),
    /// See and steer the messages that wait to be sent to people
    #[command(subcommand)]
    Outbox(outbox::Outbox),
    /// See and change the texts of messages to people
    #[command(subcommand)]
    Template(template::Template),
    /// Read, verify, erase and cut off the audit trail
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Look after the keys that seal secrets
    #[command(subcommand)]
    Keys(Keys),
    /// Count everything again and say what differs; the server may run meanwhile
    Verify(HouseArgs),
    /// Print completions for a shell
    Completions {
        /// bash, zsh, fish, elvish or powershell
        shell: clap_complete::Shell,
    },
}

#[derive(Subcommand)]
enum AccessKey {
    /// Make a key and print it; its secret is shown this once
    Create(OfAccount),
    /// List the keys, without their secrets
    List(OfAccount),
    /// Stop accepting a key
    Disable(OneKey),
    /// Accept a key again
    Enable(OneKey),
    /// Delete a key for good
    Delete(OneKey),
}

#[derive(clap::Args)]
struct OneKey {
    /// The AccessKeyId
    id: String,
    #[command(flatten)]
    of: OfAccount,
}

/// Where the data lies, and which account is meant.
#[derive(clap::Args)]
struct OfAccount {
    /// The account's uid or name; needed where there are several
    #[arg(long, value_name = "ACCOUNT", env = "ROSTER_ACCOUNT")]
    account: Option<String>,
    #[command(flatten)]
    house: HouseArgs,
}

impl OfAccount {
    /// The open house, and the operator's permit for the account.
    async fn enter(self, command: &'static str) -> Result<(Open, Permit), Trouble> {
        let open = house::open(&self.house.decide()?, false).await?;
        let account = open.account(self.account.as_deref()).await?.uid;
        let permit = Permit::operator(command, Scope::Account(account), (Surroundings::real()?.clock)());
        Ok((open, permit))
    }
}

#[derive(Subcommand)]
enum AuthCode {
    /// Make a code and print it alone; it is good once, for five minutes
    Create(CodeOf),
}

#[derive(clap::Args)]
struct CodeOf {
    /// The administrator whom the code stands for
    #[arg(long, value_name = "NAME", default_value = "superadmin")]
    user: String,
    #[command(flatten)]
    of: OfAccount,
}

#[derive(Subcommand)]
enum OAuthApp {
    /// Register an app and print its client id alone
    Create(NewOAuthApp),
    /// List the apps, without their secrets
    List(OfAccount),
    /// Delete an app for good; every token that was given to it ends
    Delete(OneApp),
}

#[derive(clap::Args)]
struct NewOAuthApp {
    /// What people call the app
    #[arg(long, value_name = "NAME")]
    name: String,
    /// The app's RSA public key in PEM, of 2048 to 8192 bits, which its assertions are checked with
    #[arg(long, value_name = "FILE")]
    public_key: PathBuf,
    /// Where people go back to from the page to sign in on; an app without it signs nobody in
    #[arg(long, value_name = "URI")]
    redirect_uri: Option<String>,
    /// A file with the app's secret, of 8 bytes or more, which it has to say for codes and refresh tokens
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    #[command(flatten)]
    of: OfAccount,
}

#[derive(clap::Args)]
struct OneApp {
    /// The client id
    id: String,
    #[command(flatten)]
    of: OfAccount,
}

#[derive(Subcommand)]
enum Keys {
    /// Add a key to the file of keys and seal every secret under it
    Rotate(HouseArgs),
}

impl Command {
    /// Does what was asked for.
    ///
    /// # Errors
    /// `Trouble` says what is in the way, in one line.
    pub fn run(self) -> Result<(), Trouble> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            match self.what {
                What::Serve(args) => serve::run(*args).await,
                What::Account(what) => account::run(what).await,
                What::AccessKey(what) => access_key::run(what).await,
                What::Ram(what) => ram::run(*what).await,
                What::AuthCode(AuthCode::Create(of)) => auth_code::create(of).await,
                What::OAuthApp(what) => oauth_app::run(what).await,
                What::Drive(what) => drive::run(what).await,
                What::Outbox(what) => outbox::run(what).await,
                What::Template(what) => template::run(what).await,
                What::Audit(what) => audit::run(what).await,
                What::Keys(Keys::Rotate(house)) => keys::rotate(house).await,
                What::Verify(house) => verify::run(house).await,
                What::Completions { shell } => {
                    let mut text = Vec::new();
                    clap_complete::generate(shell, &mut Self::command(), "roster", &mut text);
                    say(&String::from_utf8_lossy(&text))
                }
            }
        })
    }
}

/// Prints to standard output.
fn say(text: &str) -> Result<(), Trouble> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", text.trim_end())?;
    Ok(out.flush()?)
}
