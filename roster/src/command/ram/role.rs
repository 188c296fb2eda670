//! `roster ram role`.

use std::path::PathBuf;

use clap::Subcommand;
use directory::ram::policies;
use directory::ram::roles::{self, NewRole};
use model::ram::{self, RoleName};
use model::text::Prose;

use super::super::OfAccount;
use super::{At, One, PAGE, document, take, text};
use crate::trouble::Trouble;

#[derive(Subcommand)]
pub(in super::super) enum Role {
    /// Make a role, which may do nothing yet, and print its ARN alone
    Create(New),
    /// List the roles by name: name, id, the longest session
    List(OfAccount),
    /// Show a role with its trust policy and its policies
    Show(One),
    /// Delete a role that has no policies; its sessions end
    Delete(One),
}

#[derive(clap::Args)]
pub(in super::super) struct New {
    /// Its name: 1 to 64 letters, digits, ".", "-" and "_"
    name: String,
    /// A file with the document that says who may assume it
    #[arg(long, value_name = "FILE")]
    trust: PathBuf,
    /// A free remark
    #[arg(long, value_name = "TEXT", default_value = "")]
    description: String,
    /// How long a session may last at most, 3600 to 43200 [default: 3600]
    #[arg(long, value_name = "SECONDS")]
    longest: Option<i64>,
    #[command(flatten)]
    of: OfAccount,
}

pub(super) async fn run(what: Role) -> Result<(), Trouble> {
    match what {
        Role::Create(new) => create(new).await,
        Role::List(of) => list(of).await,
        Role::Show(one) => show(one).await,
        Role::Delete(one) => delete(one).await,
    }
}

async fn create(new: New) -> Result<(), Trouble> {
    let role = NewRole {
        name: text("the name", RoleName::new(new.name))?,
        description: text("--description", Prose::new(new.description))?,
        trust: document(&new.trust)?,
        longest: new.longest,
    };
    let at = At::enter(new.of).await?;
    let mut change = at.change();
    let role = roles::create(&mut change, &at.permit, &role).await?;
    let arn = ram::arn(at.permit.account(), &format!("role/{}", role.name));
    at.commit(change, &arn).await
}

async fn list(of: OfAccount) -> Result<(), Trouble> {
    let at = At::enter(of).await?;
    let (mut all, mut after) = (Vec::new(), Some(String::new()));
    while let Some(behind) = after {
        after = take(&mut all, roles::list(&mut at.reader(), &at.permit, &behind, PAGE).await?);
    }
    let lines: Vec<String> =
        all.iter().map(|role| format!("{}  {}  {} s", role.name, role.id, role.longest)).collect();
    at.say(&lines.join("\n")).await
}

async fn show(one: One) -> Result<(), Trouble> {
    let at = At::enter(one.of).await?;
    let mut reader = at.reader();
    let role = roles::get(&mut reader, &at.permit, &one.name).await?;
    let policies = policies::attached(&mut reader, &at.permit, policies::Of::Role(&one.name)).await?;
    let mut lines = vec![
        format!("Name:          {}", role.name),
        format!("Id:            {}", role.id),
        format!("ARN:           {}", ram::arn(at.permit.account(), &format!("role/{}", role.name))),
        format!("Description:   {}", role.description.as_str()),
        format!("Longest:       {} s", role.longest),
        format!("Made:          {}", role.created),
    ];
    lines.extend(policies.iter().map(super::policy::attached_line));
    lines.push(format!("Trust policy:\n{}", role.trust.trim()));
    drop(reader);
    at.say(&lines.join("\n")).await
}

async fn delete(one: One) -> Result<(), Trouble> {
    let at = At::enter(one.of).await?;
    let mut change = at.change();
    roles::delete(&mut change, &at.permit, &one.name).await?;
    at.commit(change, &format!("{} is deleted", one.name)).await
}
