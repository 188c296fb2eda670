//! `roster ram policy`.

use std::path::PathBuf;

use clap::Subcommand;
use directory::ram::policies::{self, Attached, NewPolicy, Of};
use model::ram::{PolicyKind, RamPolicyName};
use model::text::Prose;

use super::super::OfAccount;
use super::{At, One, PAGE, document, take, text};
use crate::trouble::Trouble;

#[derive(Subcommand)]
pub(in super::super) enum Policy {
    /// Make a policy of the account's own, which nobody has yet
    Create(New),
    /// Give a policy of the account another document
    Set(Set),
    /// List the policies, those of the system first: kind, name, how many have it, description
    List(OfAccount),
    /// Show a policy with its document and who has it
    Show(One),
    /// Delete a policy of the account that nobody has
    Delete(One),
    /// Give a user or a role a policy; a running server follows within a second
    Attach(Holding),
    /// Take a policy from a user or a role
    Detach(Holding),
}

#[derive(clap::Args)]
pub(in super::super) struct New {
    /// Its name: 1 to 128 letters, digits and "-"
    name: String,
    /// A file with the document
    #[arg(long, value_name = "FILE")]
    document: PathBuf,
    /// A free remark
    #[arg(long, value_name = "TEXT", default_value = "")]
    description: String,
    #[command(flatten)]
    of: OfAccount,
}

#[derive(clap::Args)]
pub(in super::super) struct Set {
    /// Its name
    name: String,
    /// A file with the document
    #[arg(long, value_name = "FILE")]
    document: PathBuf,
    #[command(flatten)]
    of: OfAccount,
}

#[derive(clap::Args)]
pub(in super::super) struct Holding {
    /// The policy's name
    name: String,
    #[command(flatten)]
    to: To,
    #[command(flatten)]
    of: OfAccount,
}

#[derive(clap::Args)]
struct To {
    /// A user
    #[arg(long, value_name = "NAME", required_unless_present = "role", conflicts_with = "role")]
    user: Option<String>,
    /// A role
    #[arg(long, value_name = "NAME")]
    role: Option<String>,
}

impl To {
    fn holder(&self) -> Of<'_> {
        match (&self.user, &self.role) {
            (Some(user), _) => Of::User(user),
            (None, role) => Of::Role(role.as_deref().unwrap_or_default()),
        }
    }
}

pub(super) async fn run(what: Policy) -> Result<(), Trouble> {
    match what {
        Policy::Create(new) => create(new).await,
        Policy::Set(to) => set(to).await,
        Policy::List(of) => list(of).await,
        Policy::Show(one) => show(one).await,
        Policy::Delete(one) => delete(one).await,
        Policy::Attach(holding) => attach(holding).await,
        Policy::Detach(holding) => detach(holding).await,
    }
}

async fn create(new: New) -> Result<(), Trouble> {
    let policy = NewPolicy {
        name: text("the name", RamPolicyName::new(new.name))?,
        description: text("--description", Prose::new(new.description))?,
        document: document(&new.document)?,
    };
    let at = At::enter(new.of).await?;
    let mut change = at.change();
    let policy = policies::create(&mut change, &at.permit, &policy).await?;
    at.commit(change, &format!("{} is made", policy.name)).await
}

async fn set(to: Set) -> Result<(), Trouble> {
    let document = document(&to.document)?;
    let at = At::enter(to.of).await?;
    let mut change = at.change();
    let policy = policies::update(&mut change, &at.permit, &to.name, &document).await?;
    at.commit(change, &format!("{} has its document {}", policy.name, policy.version)).await
}

async fn list(of: OfAccount) -> Result<(), Trouble> {
    let at = At::enter(of).await?;
    let (mut all, mut after) = (Vec::new(), Some(String::new()));
    while let Some(behind) = after {
        after = take(&mut all, policies::list(&mut at.reader(), &at.permit, None, &behind, PAGE).await?);
    }
    let line = |policy: &policies::Policy| {
        let policies::Policy { name, attachments, description, .. } = policy;
        format!("{}  {name}  {attachments}  {description}", policy.kind.name()).trim_end().to_owned()
    };
    let lines: Vec<String> = all.iter().map(line).collect();
    at.say(&lines.join("\n")).await
}

async fn show(one: One) -> Result<(), Trouble> {
    let at = At::enter(one.of).await?;
    let (mut reader, kind) = (at.reader(), policies::kind_of(&one.name));
    let policy = policies::get(&mut reader, &at.permit, kind, &one.name).await?;
    let holders = policies::holders(&mut reader, &at.permit, kind, &one.name).await?;
    let mut lines = vec![
        format!("Name:          {}", policy.name),
        format!("Kind:          {}", policy.kind.name()),
        format!("Description:   {}", policy.description),
        format!("Version:       {}", policy.version),
    ];
    lines.extend(
        holders.users.iter().map(|(user, since)| format!("User:          {}  since {since}", user.name)),
    );
    lines.extend(
        holders.roles.iter().map(|(role, since)| format!("Role:          {}  since {since}", role.name)),
    );
    lines.push(format!("Document:\n{}", policy.document.trim()));
    drop(reader);
    at.say(&lines.join("\n")).await
}

async fn delete(one: One) -> Result<(), Trouble> {
    let at = At::enter(one.of).await?;
    let mut change = at.change();
    policies::delete(&mut change, &at.permit, &one.name).await?;
    at.commit(change, &format!("{} is deleted", one.name)).await
}

async fn attach(holding: Holding) -> Result<(), Trouble> {
    let Holding { name, to, of } = holding;
    let at = At::enter(of).await?;
    let mut change = at.change();
    policies::attach(&mut change, &at.permit, to.holder(), policies::kind_of(&name), &name).await?;
    at.commit(change, &format!("{name} is attached")).await
}

async fn detach(holding: Holding) -> Result<(), Trouble> {
    let Holding { name, to, of } = holding;
    let at = At::enter(of).await?;
    let mut change = at.change();
    policies::detach(&mut change, &at.permit, to.holder(), policies::kind_of(&name), &name).await?;
    at.commit(change, &format!("{name} is detached")).await
}

/// A policy that somebody has, as it is shown.
pub(super) fn attached_line(attached: &Attached) -> String {
    let (policy, at) = (&attached.policy, attached.at);
    let kind = match policy.kind {
        PolicyKind::System => "  of the system",
        PolicyKind::Custom => "",
    };
    format!("Policy:        {}{kind}  since {at}", policy.name)
}
