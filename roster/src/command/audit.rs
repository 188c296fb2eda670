//! `roster audit`.

use std::io::Write;

use access::audit::{self, Filter, Head, INSTALLATION, Line, Round};
use access::keyring::Keyring;
use access::{Permit, Scope};
use clap::Subcommand;
use model::{AccountUid, Id, Millis, Number};

use super::say;
use crate::house::{self, Open};
use crate::settings::HouseArgs;
use crate::surroundings::Surroundings;
use crate::trouble::Trouble;

#[derive(Subcommand)]
pub(super) enum Audit {
    /// List events, the newest first: id, time, what happened, on what, its name, by whom
    List(List),
    /// Show one event with what it was about
    Show(One),
    /// Print the sealed events as lines of JSON, in the order of the chain
    Export(Export),
    /// Make every code of the chain again and say what was removed, altered, reordered or cut off
    Verify(Verify),
    /// Erase what events were about, and the names in them; the chain stays whole
    Erase(Erase),
    /// Cut off the old end of the trail, by whole segments of a day
    Cut(Cut),
}

#[derive(clap::Args)]
struct Wanted {
    /// Not before this time: 2026-01-15T08:30:00Z, or a day
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Millis>,
    /// Before this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Millis>,
    /// What happened: user.created, or user.* for all that begins so
    #[arg(long, value_name = "WHAT")]
    what: Option<String>,
    /// On what: the thing's stored id
    #[arg(long, value_name = "ID")]
    subject: Option<String>,
    /// By whom, as the list has it
    #[arg(long, value_name = "NAME")]
    principal: Option<String>,
    /// By which AccessKey
    #[arg(long, value_name = "ID")]
    access_key: Option<String>,
    /// In which request
    #[arg(long, value_name = "ID")]
    request: Option<String>,
    /// In which account; 0 for what belongs to none
    #[arg(long, value_name = "UID")]
    account: Option<i64>,
    /// In which domain: its id, rs and a number
    #[arg(long, value_name = "ID", value_parser = domain)]
    domain: Option<Number>,
}

#[derive(clap::Args)]
pub(super) struct List {
    #[command(flatten)]
    wanted: Wanted,
    /// Events at most
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
    /// Go on behind the event with this id
    #[arg(long, value_name = "ID", value_parser = event)]
    before: Option<Id>,
    #[command(flatten)]
    house: HouseArgs,
}

#[derive(clap::Args)]
pub(super) struct One {
    /// The event's id
    #[arg(value_parser = event)]
    id: Id,
    #[command(flatten)]
    house: HouseArgs,
}

#[derive(clap::Args)]
pub(super) struct Export {
    #[command(flatten)]
    wanted: Wanted,
    /// Go on behind the event with this number in the chain
    #[arg(long, value_name = "N", default_value_t = 0)]
    after: i64,
    #[command(flatten)]
    house: HouseArgs,
}

#[derive(clap::Args)]
pub(super) struct Verify {
    /// Where the log says that the trail had come to, number:link; may be given several times
    #[arg(long, value_name = "HEAD")]
    head: Vec<Head>,
    #[command(flatten)]
    house: HouseArgs,
}

#[derive(clap::Args)]
pub(super) struct Erase {
    /// All events up to now about the thing with this stored id, a person's for example
    #[arg(long, value_name = "ID", required_unless_present = "event", conflicts_with = "event")]
    subject: Option<String>,
    /// One event
    #[arg(long, value_name = "ID", value_parser = event)]
    event: Option<Id>,
    #[command(flatten)]
    house: HouseArgs,
}

#[derive(clap::Args)]
pub(super) struct Cut {
    /// Segments that were closed longer ago than this many days
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..=36_500))]
    days: i64,
    #[command(flatten)]
    house: HouseArgs,
}

pub(super) async fn run(what: Audit) -> Result<(), Trouble> {
    match what {
        Audit::List(args) => list(args).await,
        Audit::Show(One { id, house }) => show(id, house).await,
        Audit::Export(args) => export(args).await,
        Audit::Verify(Verify { head, house }) => verify(&head, house).await,
        Audit::Erase(args) => erase(args).await,
        Audit::Cut(Cut { days, house }) => cut(days, house).await,
    }
}

fn time(text: &str) -> Result<Millis, String> {
    let read =
        Millis::from_utc_seconds(text).or_else(|| Millis::from_utc_seconds(&format!("{text}T00:00:00Z")));
    read.ok_or_else(|| "write 2026-01-15T08:30:00Z, or 2026-01-15".to_owned())
}

fn event(text: &str) -> Result<Id, String> {
    Id::from_digits(text).ok_or_else(|| "an event's id has 32 digits from 0 to f".to_owned())
}

fn domain(text: &str) -> Result<Number, String> {
    Number::of_domain(text).ok_or_else(|| "a domain's id is rs and a number".to_owned())
}

impl Wanted {
    fn filter(self) -> Filter {
        Filter {
            from: self.from,
            until: self.until,
            what: self.what,
            subject: self.subject,
            principal: self.principal,
            access_key: self.access_key,
            request: self.request,
            account: self.account.map(AccountUid),
            directory: self.domain,
        }
    }
}

async fn enter(args: HouseArgs) -> Result<Open, Trouble> {
    house::open(&args.decide()?, false).await
}

async fn list(args: List) -> Result<(), Trouble> {
    let (open, filter) = (enter(args.house).await?, args.wanted.filter());
    let (mut before, mut left) = (args.before, args.limit);
    let mut lines = Vec::new();
    while left > 0 {
        let window = audit::newest(&mut open.store.reader(), &filter, before).await?;
        for (entry, _) in window.events.iter().take(left) {
            let name = entry.facts.as_ref().and_then(|facts| facts.name.as_deref()).unwrap_or("-");
            let line =
                [&entry.id, &entry.at.to_string(), &entry.what, &entry.subject, name, &entry.principal];
            let line = line.map(|text| if text.is_empty() { "-".to_owned() } else { audit::shown(text) });
            lines.push(line.join("  "));
        }
        left = left.saturating_sub(window.events.len());
        match window.next {
            Some(next) => before = Some(next),
            None => break,
        }
    }
    open.store.close().await;
    if lines.is_empty() { Ok(()) } else { say(&lines.join("\n")) }
}

async fn show(id: Id, args: HouseArgs) -> Result<(), Trouble> {
    let open = enter(args).await?;
    let found = audit::find(&mut open.store.reader(), id).await?;
    open.store.close().await;
    let (entry, n) = found.ok_or_else(|| Trouble::NoEvent(id.digits()))?;
    say(&Line::of(&entry).numbered(n).laid_out())
}

async fn export(args: Export) -> Result<(), Trouble> {
    let (open, filter) = (enter(args.house).await?, args.wanted.filter());
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut after = args.after;
    if let Some(from) = filter.from {
        after = after.max(audit::beginning(&mut open.store.reader(), from).await?);
    }
    loop {
        let window = audit::sealed_after(&mut open.store.reader(), &filter, after).await?;
        for (entry, n) in &window.events {
            writeln!(out, "{}", Line::of(entry).numbered(*n).text())?;
        }
        match window.next {
            Some(next) => after = next,
            None => break,
        }
    }
    out.flush()?;
    open.store.close().await;
    Ok(())
}

async fn verify(heads: &[Head], args: HouseArgs) -> Result<(), Trouble> {
    let open = enter(args).await?;
    let found = look(&open, &open.tools.keys.now(), heads).await;
    open.store.close().await;
    match found? {
        0 => say("the audit trail is whole"),
        wrong => Err(Trouble::Tampered(wrong)),
    }
}

/// Verifies the trail and says what was found; how much is wrong.
async fn look(open: &Open, keyring: &Keyring, heads: &[Head]) -> Result<usize, Trouble> {
    let found = audit::verify(&open.store, keyring, heads).await?;
    for line in &found.wrong {
        say(line)?;
    }
    let rest = found.count - found.wrong.len();
    if rest > 0 {
        say(&format!("and {rest} more"))?;
    }
    let head = found.head.map_or_else(|| "nothing".to_owned(), |head| head.to_string());
    let (events, segments, cut, waiting) = (found.events, found.segments, found.cut, found.waiting);
    say(&format!(
        "{events} events in {segments} segments looked at; {cut} segments were cut off; {waiting} events wait for their \
         seal; the trail has come to {head}"
    ))?;
    Ok(found.count)
}

async fn erase(args: Erase) -> Result<(), Trouble> {
    let open = enter(args.house).await?;
    let by = ("audit", (Surroundings::real()?.clock)());
    let erased = match (&args.subject, args.event) {
        (Some(subject), _) => audit::erase_subject(&open.store, &open.tools, by, subject).await?,
        (None, Some(event)) => audit::erase_event(&open.store, &open.tools, by, event).await?,
        (None, None) => unreachable!("one of them is required"),
    };
    open.store.close().await;
    say(&format!("{} events were emptied", erased.events))
}

async fn cut(days: i64, args: HouseArgs) -> Result<(), Trouble> {
    let open = enter(args).await?;
    let now = (Surroundings::real()?.clock)();
    let permit = Permit::operator("audit", Scope::Account(INSTALLATION), now);
    let mut count = 0;
    loop {
        match audit::cut(&open.store, &open.tools, days, &permit).await? {
            Round::Cut => count += 1,
            Round::Cleared => {}
            Round::Idle => break,
        }
    }
    open.store.close().await;
    say(&format!("{count} segments were cut off"))
}
