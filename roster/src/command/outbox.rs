//! `roster outbox`.

use access::Change;
use clap::{ArgGroup, Subcommand};
use directory::messages::outbox::{self, Waiting, Which};
use model::Number;

use super::at::At;
use super::say;
use crate::trouble::Trouble;

/// Messages that are read together.
const PAGE: i64 = 1_000;

#[derive(Subcommand)]
pub(super) enum Outbox {
    /// List the messages that wait, the oldest first: number, state, template, way, username, tries, what went wrong
    List(List),
    /// Try messages again now: those that were given up, or the one that is named
    Retry(Retry),
    /// Remove messages for good: those that were given up, or the one that is named
    Drop(Drop),
}

#[derive(clap::Args)]
pub(super) struct List {
    /// Only those that were given up
    #[arg(long)]
    failed: bool,
    #[command(flatten)]
    at: At,
}

#[derive(clap::Args)]
pub(super) struct Retry {
    /// The number of a message, as the list has it
    number: Option<i64>,
    #[command(flatten)]
    at: At,
}

#[derive(clap::Args)]
#[command(group(ArgGroup::new("which").required(true).args(["number", "failed"])))]
pub(super) struct Drop {
    /// The number of a message, as the list has it
    number: Option<i64>,
    /// All that were given up
    #[arg(long)]
    failed: bool,
    #[command(flatten)]
    at: At,
}

pub(super) async fn run(what: Outbox) -> Result<(), Trouble> {
    match what {
        Outbox::List(List { failed, at }) => list(at, failed.then_some(Which::Failed)).await,
        Outbox::Retry(Retry { number, at }) => {
            let done = steer(at, number, Steer::Retry).await?;
            say(&format!("{done} tried again"))
        }
        Outbox::Drop(Drop { number, failed: _, at }) => {
            let done = steer(at, number, Steer::Drop).await?;
            say(&format!("{done} removed"))
        }
    }
}

/// What is done to messages.
#[derive(Clone, Copy)]
enum Steer {
    Retry,
    Drop,
}

/// Does it to the message with this number, or to all that were given up, some in each change; how many these are.
async fn steer(at: At, number: Option<i64>, steer: Steer) -> Result<usize, Trouble> {
    let (open, permit) = at.enter("outbox").await?;
    let which = number.map_or(Which::Failed, |number| Which::One(Number(number)));
    let mut done = 0;
    loop {
        let mut change = Change::new(&open.store, &open.tools, None);
        let step = match steer {
            Steer::Retry => outbox::retry(&mut change, &permit, which).await,
            Steer::Drop => outbox::remove(&mut change, &permit, which).await,
        };
        let step = step.map_err(Trouble::Rule)?;
        change.commit(&permit).await?;
        done += step;
        if step < outbox::STEP {
            break;
        }
    }
    open.store.close().await;
    match number.filter(|_| done == 0) {
        Some(number) => Err(Trouble::NoMessage(Number(number))),
        None => Ok(done),
    }
}

async fn list(at: At, which: Option<Which>) -> Result<(), Trouble> {
    let (open, permit) = at.enter("outbox").await?;
    let (mut after, mut lines) = (Number(0), Vec::new());
    loop {
        let page = outbox::list(&mut open.store.reader(), &permit, which, after, PAGE).await;
        let page = page.map_err(Trouble::Rule)?;
        lines.extend(page.iter().map(line));
        match page.last() {
            Some(last) => after = last.number,
            None => break,
        }
    }
    open.store.close().await;
    if lines.is_empty() { Ok(()) } else { say(&lines.join("\n")) }
}

fn line(waiting: &Waiting) -> String {
    let state = match waiting.failed {
        Some(since) => format!("failed {since}"),
        None => format!("due    {}", waiting.due),
    };
    let Waiting { number, template, username, attempts, trouble, .. } = waiting;
    let way = waiting.way.word();
    format!("{number}  {state}  {template:<18}  {way}  {username}  tries {attempts}  {trouble}")
        .trim_end()
        .to_owned()
}
