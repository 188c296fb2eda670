//! `roster oauth-app`.

use std::path::Path;

use access::Change;
use access::apps::{self, NewApp};
use model::Secret;
use model::text::Line;

use super::{NewOAuthApp, OAuthApp, OfAccount, OneApp, say};
use crate::trouble::Trouble;

/// What the audit trail calls it.
const COMMAND: &str = "oauth-app";
/// The most bytes of a file with a key or a secret.
const LONGEST_FILE: usize = 64 * 1024;

pub(super) async fn run(what: OAuthApp) -> Result<(), Trouble> {
    match what {
        OAuthApp::Create(new) => create(new).await,
        OAuthApp::List(args) => list(args).await,
        OAuthApp::Delete(OneApp { id, of }) => delete(of, &id).await,
    }
}

async fn create(new: NewOAuthApp) -> Result<(), Trouble> {
    let public_key = String::from_utf8_lossy(&read(&new.public_key)?).into_owned();
    let secret = new.secret_file.as_deref().map(read_secret).transpose()?;
    let name = Line::new(new.name.trim())
        .map_err(|_| Trouble::Settings("--name has 1 to 128 characters in one line".to_owned()))?;
    let app = NewApp {
        name: &name,
        public_key: &public_key,
        redirect_uri: new.redirect_uri.as_deref(),
        secret: secret.as_ref(),
    };
    let (open, permit) = new.of.enter(COMMAND).await?;
    let mut change = Change::new(&open.store, &open.tools, None);
    let id = apps::add(&mut change, &permit, &app).await?;
    change.commit(&permit).await?;
    open.store.close().await;
    say(&id)
}

async fn list(of: OfAccount) -> Result<(), Trouble> {
    let (open, permit) = of.enter(COMMAND).await?;
    let apps = apps::list(&mut open.store.reader(), permit.account()).await?;
    open.store.close().await;
    let lines: Vec<String> = apps
        .iter()
        .map(|app| {
            let secret = if app.has_secret() { "secret   " } else { "no secret" };
            format!("{}  {}  {secret}  {}  {}", app.id, app.created, app.name, app.redirect_uri)
        })
        .map(|line| line.trim_end().to_owned())
        .collect();
    say(&lines.join("\n"))
}

async fn delete(of: OfAccount, id: &str) -> Result<(), Trouble> {
    let (open, permit) = of.enter(COMMAND).await?;
    let mut change = Change::new(&open.store, &open.tools, None);
    apps::delete(&mut change, &permit, id).await?;
    change.commit(&permit).await?;
    open.store.close().await;
    say(&format!("{id} is deleted"))
}

/// The secret in a file: its text without the line's end.
fn read_secret(path: &Path) -> Result<Secret, Trouble> {
    let bytes = read(path)?;
    let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    Ok(Secret::new(line.strip_suffix(b"\r").unwrap_or(line)))
}

fn read(path: &Path) -> Result<Vec<u8>, Trouble> {
    let trouble = |source| Trouble::File { doing: "read", path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(trouble)?;
    if bytes.len() > LONGEST_FILE {
        return Err(trouble(std::io::Error::other("it is too long to be a key or a secret")));
    }
    Ok(bytes)
}
