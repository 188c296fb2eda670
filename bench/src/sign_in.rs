//! Signing in on the page: how many a second, what 200 at once cost in memory, and whether a name that somebody has
//! takes another time than one that nobody has.
//!
//! Each attempt comes from an address of its own, as a proxy says it, so that none has to wait.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use access::Tools;
use access::passwords::Whose;
use api::eds::{CreateUsers, NewUser};
use model::Secret;
use roster::house;
use serde_json::json;
use tokio::sync::Barrier;
use wire::rpc;

use crate::Trouble;
use crate::client::{Connection, Measured, plain};
use crate::report::median;
use crate::server::{self, Process};

/// What a session, or who has none, is known by; the page's own name for it.
const COOKIE: &str = "roster-visit";
const PASSWORD: &str = "Correct-horse-1";
/// People of one call.
const BATCH: usize = 50;
/// Hashes that are asked for at a time, where they are measured alone.
const AT_ONCE: usize = 16;
/// How often the memory is looked at while many sign in at once.
const LOOK: Duration = Duration::from_millis(2);

#[derive(clap::Args, Clone)]
pub(crate) struct SignIn {
    /// Folder for the directory, which is made anew
    #[arg(long, default_value = "./bench-data/sign-in")]
    folder: PathBuf,
    /// People, each of whom guesses once
    #[arg(long, default_value_t = 500)]
    people: usize,
    /// Seconds of each measurement
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Rounds
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Connections
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Who arrive at once
    #[arg(long, default_value_t = 200)]
    crowd: usize,
}

/// The form of the page, as one browser was shown it.
#[derive(Clone)]
struct Form {
    mark: String,
    cookie: String,
    addresses: Arc<AtomicU32>,
}

impl Form {
    async fn shown(connection: &mut Connection) -> Result<Self, Trouble> {
        let (head, page) = connection.page(&plain("/sign-in")).await?;
        let mark = between(&page, "name=\"mark\" value=\"", "\"").ok_or("the page has no mark")?;
        let cookie = between(&head, &format!("{COOKIE}="), ";").ok_or("the page keeps nothing")?;
        Ok(Self { mark, cookie, addresses: Arc::default() })
    }

    /// The form, filled in, from an address that nobody has come from.
    fn filled(&self, name: &str, password: &str) -> Vec<u8> {
        let fields = [("mark", &*self.mark), ("username", name), ("password", password)];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let body = rpc::form(&fields);
        let address = Ipv4Addr::from_bits(0x0a00_0000 + self.addresses.fetch_add(1, Ordering::Relaxed));
        let (cookie, length) = (&self.cookie, body.len());
        format!(
            "POST /sign-in HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: {COOKIE}={cookie}\r\nx-forwarded-for: {address}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    }
}

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let rest = &text[text.find(before)? + before.len()..];
    Some(rest[..rest.find(after)?].to_owned())
}

fn person(n: usize) -> String {
    format!("person_{n}")
}

/// Makes a directory, measures, prints.
pub(crate) async fn run(run: &SignIn) -> Result<(), Trouble> {
    if run.folder.exists() {
        std::fs::remove_dir_all(&run.folder)?;
    }
    house::make_folder(&run.folder)?;
    let server = Process::start(&run.folder, None)?;
    let mut connection = Connection::open(server.address).await?;
    make_people(&mut connection, run.people).await?;
    let form = Form::shown(&mut connection).await?;
    spread(&mut connection, &form, run.people).await?;
    rates(run, server.address, &form).await?;
    crowd(run, &server, &form).await?;
    server.stop()
}

async fn make_people(connection: &mut Connection, people: usize) -> Result<(), Trouble> {
    let numbers: Vec<usize> = (0..people).collect();
    for batch in numbers.chunks(BATCH) {
        let users: Vec<NewUser> = batch
            .iter()
            .map(|n| {
                serde_json::from_value(json!({
                    "EndUserId": person(*n), "Password": PASSWORD, "OwnerType": "CreateFromManager"
                }))
            })
            .collect::<Result<_, _>>()?;
        let request: CreateUsers = serde_json::from_value(json!({ "Users": users }))?;
        if !connection.ask(&request).await?.all_succeed {
            return Err("some people could not be made".into());
        }
    }
    Ok(())
}

/// Wrong passwords for names that somebody has and names that nobody has, in turns.
async fn spread(connection: &mut Connection, form: &Form, people: usize) -> Result<(), Trouble> {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for n in 0..people {
        let mut turn = [(person(n), &mut known), (format!("nobody_{n}"), &mut unknown)];
        // Neither is always the first one.
        turn.rotate_left(n % 2);
        for (name, times) in turn {
            let request = form.filled(&name, "Wrong-horse-1");
            let sent = Instant::now();
            let (status, _) = connection.exchange(&request).await?;
            times.push(sent.elapsed().as_secs_f64() * 1_000.0);
            if status != 401 {
                return Err(format!("{name}: {status}").into());
            }
        }
    }
    println!("{} wrong passwords, one after the other, milliseconds:", 2 * people);
    println!("| name | p10 | p25 | median | p75 | p90 |\n|---|---|---|---|---|---|");
    for (what, times) in [("somebody's", &mut known), ("nobody's", &mut unknown)] {
        times.sort_by(f64::total_cmp);
        let at = |part: f64| times[(times.len() as f64 * part) as usize];
        let [p10, p25, p50, p75, p90] = [0.1, 0.25, 0.5, 0.75, 0.9].map(at);
        println!("| {what} | {p10:.2} | {p25:.2} | {p50:.2} | {p75:.2} | {p90:.2} |");
    }
    println!(
        "a random known one took longer than a random unknown one in {:.1} % of pairs",
        100.0 * above(&known, &unknown)
    );
    Ok(())
}

/// In what part of all pairs the first one is greater: 0.5 where nothing tells them apart.
fn above(first: &[f64], second: &[f64]) -> f64 {
    let greater: usize = first.iter().map(|one| second.partition_point(|other| other < one)).sum();
    greater as f64 / (first.len() * second.len()) as f64
}

/// Sign-ins beside hashes alone, in rounds.
async fn rates(run: &SignIn, address: SocketAddr, form: &Form) -> Result<(), Trouble> {
    let open = house::open(&server::house(&run.folder, None)?, false).await?;
    let (mut hashes, mut pages, mut last) = (Vec::new(), Vec::new(), Measured::default());
    for _ in 0..run.rounds {
        hashes.push(hash_rate(&open.tools, run.seconds).await?);
        last = sign_ins(run, address, form).await?;
        pages.push(last.count as f64 / last.seconds);
    }
    let (hashes, pages) = (median(&hashes), median(&pages));
    println!("\n{} connections, medians of {} rounds:", run.connections, run.rounds);
    println!("| what | a second |\n|---|---|");
    println!(
        "| Argon2id alone | {hashes:.0} |\n| sign-ins on the page | {pages:.0} ({:.2} of it) |",
        pages / hashes
    );
    let (p50, p99) = (last.quantile(0.5) / 1_000.0, last.quantile(0.99) / 1_000.0);
    println!("p50 {p50:.0} ms, p99 {p99:.0} ms; turned away with 503: {}", last.refused);
    Ok(())
}

/// Hashes a second as the server makes them, on as many threads, without the server.
async fn hash_rate(tools: &Arc<Tools>, seconds: f64) -> Result<f64, Trouble> {
    let hashed = tools.hasher.hash(Whose::Known, vec![Secret::new(PASSWORD)], (tools.chance)().as_mut());
    let known = hashed.await?.pop().ok_or("one for each password")?;
    let (started, mut tasks) = (Instant::now(), tokio::task::JoinSet::new());
    for _ in 0..AT_ONCE {
        let (tools, known) = (Arc::clone(tools), known.clone());
        tasks.spawn(async move {
            let mut count = 0_u32;
            while started.elapsed().as_secs_f64() < seconds {
                let verified = tools.hasher.verify(Whose::Known, Secret::new(PASSWORD), &known);
                verified.await.map_err(|error| error.to_string())?;
                count += 1;
            }
            Ok::<_, String>(count)
        });
    }
    let counts = tasks.join_all().await.into_iter().collect::<Result<Vec<u32>, String>>()?;
    Ok(f64::from(counts.iter().sum::<u32>()) / started.elapsed().as_secs_f64())
}

async fn sign_ins(run: &SignIn, address: SocketAddr, form: &Form) -> Result<Measured, Trouble> {
    let (started, mut tasks) = (Instant::now(), tokio::task::JoinSet::new());
    let (until, people) = (started + Duration::from_secs_f64(run.seconds), run.people);
    for first in 0..run.connections {
        let (form, step) = (form.clone(), run.connections);
        tasks.spawn(async move {
            let mut connection = Connection::open(address).await.map_err(|error| error.to_string())?;
            let (mut micros, mut refused, mut n) = (Vec::new(), 0, first);
            while Instant::now() < until {
                let request = form.filled(&person(n % people), PASSWORD);
                let sent = Instant::now();
                match connection.exchange(&request).await.map_err(|error| error.to_string())?.0 {
                    303 => micros.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX)),
                    503 => refused += 1,
                    other => return Err(format!("a sign-in was answered {other}")),
                }
                n += step;
            }
            Ok((micros, refused))
        });
    }
    let mut measured = Measured::default();
    for (micros, refused) in tasks.join_all().await.into_iter().collect::<Result<Vec<_>, String>>()? {
        measured.micros.extend(micros);
        measured.refused += refused;
    }
    measured.count = measured.micros.len();
    measured.seconds = started.elapsed().as_secs_f64();
    measured.micros.sort_unstable();
    Ok(measured)
}

/// Many sign in at one instant; the server's memory meanwhile.
async fn crowd(run: &SignIn, server: &Process, form: &Form) -> Result<(), Trouble> {
    let (before, barrier) = (server.memory()?, Arc::new(Barrier::new(run.crowd)));
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..run.crowd {
        let (barrier, address) = (Arc::clone(&barrier), server.address);
        let request = form.filled(&person(n % run.people), PASSWORD);
        tasks.spawn(async move {
            let mut connection = Connection::open(address).await.map_err(|error| error.to_string())?;
            barrier.wait().await;
            let sent = Instant::now();
            let (head, _) = connection.page(&request).await.map_err(|error| error.to_string())?;
            let status = head.get(9..12).unwrap_or_default().to_owned();
            let again = between(&head, "retry-after: ", "\r\n");
            Ok::<_, String>((status, again, sent.elapsed().as_secs_f64() * 1_000.0))
        });
    }
    let (mut peak, mut answers) = (before, Vec::new());
    while answers.len() < run.crowd {
        tokio::select! {
            Some(answer) = tasks.join_next() => answers.push(answer??),
            () = tokio::time::sleep(LOOK) => peak = peak.max(server.memory()?),
        }
    }
    let (signed, other): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(status, ..)| status == "303");
    let longest = signed.iter().map(|(.., millis)| *millis).fold(0.0, f64::max);
    let again = other.iter().filter(|(status, again, _)| status == "503" && again.is_some()).count();
    println!(
        "\n{} at once: {} signed in (the last one after {longest:.0} ms), {again} were answered 503 with a time to come \
              again, {} otherwise",
        run.crowd,
        signed.len(),
        other.len() - again
    );
    println!("anonymous memory: {before:.0} MiB before, {peak:.0} MiB at most");
    Ok(())
}
