//! Interleaved rounds over all routes, and the table of what they cost.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Instant, SystemTime};

use model::account::Directory;
use store::users::{Begin, Filter, Order, Span};

use crate::client::{Next, closed_loop};
use crate::eiam::Eiam;
use crate::pds::Pds;
use crate::routes::{self, TERMS};
use crate::server::{Process, house};
use crate::writes::{self, Times, Writes};
use crate::{Run, Trouble, lists, load, pds};

/// The servers, in the order in which they start.
const LARGE: usize = 0;
const SMALL: usize = 1;
const CREATIONS: usize = 2;
const POSTGRES: usize = 3;

/// One thing to measure, at one of the servers.
struct Route {
    name: String,
    server: usize,
    connections: usize,
    next: Next,
}

/// A list that is measured one call at a time and at all connections.
struct List {
    name: String,
    server: usize,
    next: Next,
    alone: Found,
    together: Found,
}

/// What the rounds found for a route.
#[derive(Default)]
pub(crate) struct Found {
    /// Answers a second.
    pub(crate) rate: Vec<f64>,
    /// Microseconds.
    pub(crate) p50: Vec<f64>,
    pub(crate) p99: Vec<f64>,
    cpu: Vec<f64>,
    refused: usize,
}

/// Loads, measures, prints.
pub(crate) async fn run(run: &Run) -> Result<(), Trouble> {
    let folders = [format!("users-{}", run.users), format!("users-{}", run.small), "creations".to_owned()];
    let [large, small, creations] = folders.map(|name| run.folder.join(name));
    // Every run creates into a directory that begins as small as it is called.
    if creations.exists() {
        std::fs::remove_dir_all(&creations)?;
    }
    for (folder, users) in [(&large, run.users), (&small, run.small), (&creations, run.small)] {
        load::filled(&house(folder, None)?, users).await?;
    }
    let mut apps = Vec::new();
    if pds::is_wanted(&run.only) {
        apps.push(pds::App::registered(&house(&large, None)?).await?);
    }
    let mut servers = Vec::new();
    for folder in [&large, &small, &creations] {
        servers.push(Process::start(folder, None)?);
    }
    println!("start with {} users: {:.2} s", run.users, servers[LARGE].start.as_secs_f64());
    if let Some(url) = &run.postgres {
        let folder = run.folder.join("postgres");
        std::fs::create_dir_all(&folder)?;
        let house = house(&folder, Some(url.clone()))?;
        load::filled(&house, run.users).await?;
        if pds::is_wanted(&run.only) {
            apps.push(pds::App::registered(&house).await?);
        }
        servers.push(Process::start(&folder, Some(url))?);
    }

    let routes = routes(run, &servers).await?;
    let mut eiams = eiams(run, &servers).await?;
    let mut pdses = pdses(run, &servers, apps).await?;
    let mut lists = lists(run, &servers, &mut eiams, &mut pdses).await?;
    let mut changes = changes(run, &servers).await?;
    let mut found: BTreeMap<usize, Found> = BTreeMap::new();
    for _ in 0..run.rounds {
        for (index, route) in routes.iter().enumerate() {
            let found = found.entry(index).or_default();
            measure(run, &route.next, route.connections, &servers[route.server], found).await?;
        }
        for list in &mut lists {
            let server = &servers[list.server];
            measure(run, &list.next, 1, server, &mut list.alone).await?;
            measure(run, &list.next, run.connections, server, &mut list.together).await?;
        }
        for (_, changes) in &mut changes {
            changes.round(&run.only).await?;
        }
        for eiam in &mut eiams {
            eiam.round().await?;
        }
        for pds in &mut pdses {
            pds.round().await?;
        }
    }
    print(&routes, &found);
    print_lists(run, &lists);
    let times = changes.iter().map(|(server, changes)| (*server, &changes.times));
    let times = times.chain(eiams.iter().map(|eiam| (eiam.server, &eiam.times)));
    let times = times.chain(pdses.iter().map(|pds| (pds.server, &pds.times)));
    print_changes(run, &times.collect::<Vec<_>>());
    let of =
        |name: &str| lists.iter().find(|list| list.name == name).map(|list| (&list.alone, &list.together));
    for eiam in &eiams {
        eiam.print(of);
    }
    for pds in &pdses {
        pds.print(of);
    }
    ratios(run, &routes, &found);
    in_process(run, &large).await?;
    println!("anonymous memory of the server with {} users: {:.0} MiB", run.users, servers[LARGE].memory()?);
    for server in servers {
        server.stop()?;
    }
    let seconds = run.seconds * run.rounds as f64;
    let same = load::in_batches_of_32(&house(&creations, None)?, fresh(), seconds).await?;
    println!("creations in changes of 32, without HTTP: {same:.0} a second");
    if let Some((_, created)) =
        routes.iter().zip(found.values()).find(|(route, _)| route.name == "create, small")
    {
        let ratio = median(&created.rate) / same;
        println!("durable creations at {} connections / the same: {ratio:.2}", run.connections);
    }
    Ok(())
}

/// A number of people that no earlier run has made.
pub(crate) fn fresh() -> u64 {
    let seconds = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
    (seconds % 10_000_000) * 1_000_000
}

async fn routes(run: &Run, servers: &[Process]) -> Result<Vec<Route>, Trouble> {
    let mut routes = Vec::new();
    let mut add = |name: String, server: usize, next: Next| {
        if name.contains(&run.only) {
            // Latency without a queue; and totals are counted two at a time.
            let alone = name.starts_with("first page and total") || name.ends_with("one at a time");
            let connections = if alone { 1 } else { run.connections };
            routes.push(Route { name, server, connections, next });
        }
    };
    add("constant".into(), LARGE, routes::constant());
    add("verified".into(), LARGE, routes::verified());
    add("by name".into(), LARGE, routes::by_name(run.users));
    add("page of 100".into(), LARGE, routes::page());
    let sizes = [(LARGE, "large"), (SMALL, "small")];
    for (what, term) in TERMS {
        for (server, size) in sizes {
            let has_more = routes::second_page(&servers[server], term).await?;
            let next = has_more.unwrap_or_else(|| routes::first_page(term));
            if server == LARGE {
                add(format!("page of {what}, one at a time"), server, Next::clone(&next));
            }
            add(format!("page of {what}, {size}"), server, next);
        }
        add(format!("first page and total of {what}"), LARGE, routes::first_page(term));
    }
    for (server, size) in [(LARGE, "large"), (CREATIONS, "small")] {
        add(format!("create, {size}"), server, routes::create(fresh()));
    }
    if servers.len() > POSTGRES {
        add("by name, PostgreSQL".into(), POSTGRES, routes::by_name(run.users));
        add("page of 100, PostgreSQL".into(), POSTGRES, routes::page());
        for (what, term) in TERMS {
            let next = routes::second_page(&servers[POSTGRES], term)
                .await?
                .unwrap_or_else(|| routes::first_page(term));
            add(format!("page of {what}, PostgreSQL"), POSTGRES, next);
            add(format!("first page and total of {what}, PostgreSQL"), POSTGRES, routes::first_page(term));
        }
        add("create, PostgreSQL".into(), POSTGRES, routes::create(fresh()));
    }
    for (what, term) in TERMS {
        println!("{what}: {term:?}, {} users", routes::total(&servers[LARGE], term).await?);
    }
    Ok(routes)
}

/// The servers of a directory of `run.users`, each with what stands behind the names of its routes.
fn large(servers: &[Process]) -> impl Iterator<Item = (usize, &Process, &'static str)> {
    let postgres = servers.get(POSTGRES).map(|server| (POSTGRES, server, ", PostgreSQL"));
    std::iter::once((LARGE, &servers[LARGE], "")).chain(postgres)
}

async fn lists(
    run: &Run,
    servers: &[Process],
    eiams: &mut [Eiam],
    pdses: &mut [Pds],
) -> Result<Vec<List>, Trouble> {
    let mut lists = Vec::new();
    let mut pdses = pdses.iter_mut();
    for ((server, process, suffix), eiam) in large(servers).zip(eiams) {
        let mut routes = lists::routes(process, &run.only, suffix).await?;
        routes.append(&mut eiam.routes);
        if let Some(pds) = pdses.next() {
            routes.append(&mut pds.routes);
        }
        for (name, next) in routes {
            let [alone, together] = [Found::default(), Found::default()];
            lists.push(List { name, server, next, alone, together });
        }
    }
    Ok(lists)
}

/// What is asked at the EIAM door of each large directory.
async fn eiams(run: &Run, servers: &[Process]) -> Result<Vec<Eiam>, Trouble> {
    let mut eiams = Vec::new();
    for (_, process, suffix) in large(servers) {
        eiams.push(Eiam::at(process, run.users, &run.only, suffix).await?);
    }
    Ok(eiams)
}

/// What is asked at the PDS door of each large directory; nothing, where nothing there is wanted.
async fn pdses(run: &Run, servers: &[Process], apps: Vec<pds::App>) -> Result<Vec<Pds>, Trouble> {
    let mut pdses = Vec::new();
    for ((_, process, suffix), app) in large(servers).zip(apps) {
        pdses.push(Pds::at(process, run.users, &run.only, suffix, app).await?);
    }
    Ok(pdses)
}

/// The changes that are timed, each with what stands behind its name.
async fn changes(run: &Run, servers: &[Process]) -> Result<Vec<(&'static str, Writes)>, Trouble> {
    let mut changes = Vec::new();
    for (_, process, suffix) in large(servers) {
        changes.push((suffix, Writes::at(process, run.users).await?));
    }
    Ok(changes)
}

async fn measure(
    run: &Run,
    next: &Next,
    connections: usize,
    server: &Process,
    found: &mut Found,
) -> Result<(), Trouble> {
    let before = server.cpu()?;
    let measured = closed_loop(server.address, connections, run.seconds, next).await?;
    let cpu = (server.cpu()? - before) * 1e6 / measured.count.max(1) as f64;
    found.rate.push(measured.count as f64 / measured.seconds);
    found.p50.push(measured.quantile(0.5));
    found.p99.push(measured.quantile(0.99));
    found.cpu.push(cpu);
    found.refused += measured.refused;
    Ok(())
}

fn print(routes: &[Route], found: &BTreeMap<usize, Found>) {
    if routes.is_empty() {
        return;
    }
    println!("\n{:<48} {:>10} {:>10} {:>10} {:>12}", "route", "a second", "p50 ms", "p99 ms", "CPU µs each");
    for (route, found) in routes.iter().zip(found.values()) {
        println!(
            "{:<48} {:>10.0} {:>10.2} {:>10.2} {:>12.1}",
            route.name,
            median(&found.rate),
            median(&found.p50) / 1e3,
            median(&found.p99) / 1e3,
            median(&found.cpu)
        );
    }
}

fn print_lists(run: &Run, lists: &[List]) {
    if lists.is_empty() {
        return;
    }
    println!(
        "\n{:<72} {:>8} {:>8} {:>10} {:>12}",
        "list, one call at a time",
        "p50 ms",
        "p99 ms",
        "CPU µs",
        format!("a second, {}", run.connections)
    );
    for List { name, alone, together, .. } in lists {
        println!(
            "{name:<72} {:>8.2} {:>8.2} {:>10.0} {:>12.0}{}",
            median(&alone.p50) / 1e3,
            median(&alone.p99) / 1e3,
            median(&alone.cpu),
            median(&together.rate),
            match alone.refused + together.refused {
                0 => String::new(),
                refused => format!(" ({refused} refused)"),
            }
        );
    }
}

fn print_changes(run: &Run, changes: &[(&str, &Times)]) {
    if changes.iter().all(|(_, Times(times))| times.is_empty()) {
        return;
    }
    println!("\n{:<72} {:>8} {:>8} {:>8}", "change, one call at a time", "p50 ms", "most ms", "times");
    for (server, Times(times)) in changes {
        for (name, times) in times {
            let most = times.iter().copied().fold(0.0, f64::max) * 1e3;
            let name = format!("{name}{server}");
            println!("{name:<72} {:>8.2} {most:>8.2} {:>8}", median(times) * 1e3, times.len());
        }
    }
    for (server, Times(times)) in changes {
        let of = |name| times.iter().find(|(other, _)| *other == name).map(|(_, times)| median(times));
        if let (Some(together), Some(single)) = (of(writes::JOIN_TOGETHER), of(writes::JOIN_SINGLE)) {
            let ratio = together / single;
            println!(
                "joining 100 users in one call / ten users in ten calls, {}{server}: {ratio:.2}",
                run.users
            );
        }
    }
}

/// Ratios of what was measured.
fn ratios(run: &Run, routes: &[Route], found: &BTreeMap<usize, Found>) {
    let of =
        |name: &str| routes.iter().zip(found.values()).find(|(route, _)| route.name == name).map(|(_, f)| f);
    let print = |what: String, above: &str, below: &str, figure: fn(&Found) -> f64| {
        if let (Some(above), Some(below)) = (of(above), of(below)) {
            println!("{what}: {:.2}", figure(above) / figure(below));
        }
    };
    let rate = |found: &Found| median(&found.rate);
    println!();
    print("verified / constant".into(), "verified", "constant", rate);
    print("by name / verified".into(), "by name", "verified", rate);
    for (what, _) in TERMS {
        let title = format!("page of {what}, {} users / {} users, time", run.users, run.small);
        let [large, small] = ["large", "small"].map(|size| format!("page of {what}, {size}"));
        print(title, &large, &small, |found| median(&found.p50));
    }
    let title = format!("creations into {} / into {}", run.users, run.small);
    print(title, "create, large", "create, small", rate);
    print("by name, PostgreSQL / SQLite".into(), "by name, PostgreSQL", "by name", rate);
}

/// A page with its kept total and without, on the same connection in turn: no route leaves the total out.
async fn in_process(run: &Run, folder: &Path) -> Result<(), Trouble> {
    let open = roster::house::open(&house(folder, None)?, false).await?;
    let directory: Directory = open.default_directory().await?;
    let mut reader = open.store.reader();
    let filter = Filter { at: load::now(), ..Filter::default() };
    let span = Span { order: Order::default(), from: Begin::First, limit: 101, places: true };
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..2_000 {
        for (with_total, times) in times.iter_mut().enumerate() {
            let started = Instant::now();
            store::users::page(&mut reader, directory.key, &filter, span).await?;
            if with_total == 1 {
                store::users::total(&mut reader, directory.key, &filter).await?;
            }
            times.push(started.elapsed().as_secs_f64());
        }
    }
    let [without, with] = times.map(|times| median(&times));
    println!("page of 100 with a kept total / without, {} users: {:.3}", run.users, with / without);
    open.store.close().await;
    Ok(())
}

/// The middle one.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
