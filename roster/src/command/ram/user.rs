//! `roster ram user`.

use clap::Subcommand;
use directory::ram::users::{self, NewUser};
use directory::ram::{keys, policies};
use model::ram::{RamUser, RamUserName};
use model::text::Line;

use super::super::{OfAccount, access_key};
use super::{At, One, PAGE, take, text};
use crate::trouble::Trouble;

#[derive(Subcommand)]
pub(in super::super) enum User {
    /// Make a user, who may do nothing yet, and print its id alone
    Create(New),
    /// List the users by name: name, id, display name
    List(OfAccount),
    /// Show a user with its policies and its keys
    Show(One),
    /// Delete a user who has neither policies nor keys
    Delete(One),
}

#[derive(clap::Args)]
pub(in super::super) struct New {
    /// Its name: 1 to 64 letters, digits, ".", "-" and "_"
    name: String,
    /// What people call it; its name if it is not given
    #[arg(long, value_name = "TEXT", default_value = "")]
    display_name: String,
    /// A free remark
    #[arg(long, value_name = "TEXT", default_value = "")]
    comments: String,
    /// An e-mail address; nothing is sent there
    #[arg(long, value_name = "TEXT", default_value = "")]
    email: String,
    /// A mobile phone
    #[arg(long, value_name = "TEXT", default_value = "")]
    mobile: String,
    #[command(flatten)]
    of: OfAccount,
}

pub(super) async fn run(what: User) -> Result<(), Trouble> {
    match what {
        User::Create(new) => create(new).await,
        User::List(of) => list(of).await,
        User::Show(one) => show(one).await,
        User::Delete(one) => delete(one).await,
    }
}

async fn create(new: New) -> Result<(), Trouble> {
    let user = NewUser {
        name: text("the name", RamUserName::new(new.name))?,
        display_name: text("--display-name", Line::new(new.display_name))?,
        comments: text("--comments", Line::new(new.comments))?,
        email: text("--email", Line::new(new.email))?,
        mobile: text("--mobile", Line::new(new.mobile))?,
    };
    let at = At::enter(new.of).await?;
    let mut change = at.change();
    let user = users::create(&mut change, &at.permit, &user).await?;
    at.commit(change, &user.id).await
}

async fn list(of: OfAccount) -> Result<(), Trouble> {
    let at = At::enter(of).await?;
    let (mut all, mut after) = (Vec::new(), Some(String::new()));
    while let Some(behind) = after {
        after = take(&mut all, users::list(&mut at.reader(), &at.permit, &behind, PAGE).await?);
    }
    let lines: Vec<String> = all.iter().map(line).collect();
    at.say(&lines.join("\n")).await
}

fn line(user: &RamUser) -> String {
    format!("{}  {}  {}", user.name, user.id, user.display_name.as_str())
}

async fn show(one: One) -> Result<(), Trouble> {
    let at = At::enter(one.of).await?;
    let mut reader = at.reader();
    let user = users::get(&mut reader, &at.permit, &one.name).await?;
    let policies = policies::attached(&mut reader, &at.permit, policies::Of::User(&one.name)).await?;
    let keys = keys::list(&mut reader, &at.permit, Some(&one.name)).await?;
    let mut lines = vec![
        format!("Name:          {}", user.name),
        format!("Id:            {}", user.id),
        format!("Display name:  {}", user.display_name.as_str()),
        format!("Comments:      {}", user.comments.as_str()),
        format!("E-mail:        {}", user.email.as_str()),
        format!("Mobile:        {}", user.mobile.as_str()),
        format!("Made:          {}", user.created),
    ];
    lines.extend(policies.iter().map(super::policy::attached_line));
    lines.extend(keys.iter().map(|key| format!("Key:           {}", access_key::line(key))));
    drop(reader);
    at.say(&lines.join("\n")).await
}

async fn delete(one: One) -> Result<(), Trouble> {
    let at = At::enter(one.of).await?;
    let mut change = at.change();
    users::delete(&mut change, &at.permit, &one.name).await?;
    at.commit(change, &format!("{} is deleted", one.name)).await
}
