//! A closed-loop load generator: side by side, in one run, what each route costs.
//!
//! `cargo run --release -p bench -- run --folder DIR` loads the directories that it needs (once), starts a server for
//! each, sends signed requests over one and over 32 connections in interleaved rounds, and prints medians and ratios.
//! `--only` takes a part of the routes' names: `organization:`, `group:`, `property:`, `order`, `write:`;
//! `eiam:` and `pds:` for all that is measured at that door.

#![expect(clippy::print_stdout, reason = "a program for people")]

mod client;
mod company;
mod eiam;
mod lists;
mod load;
mod pds;
mod people;
mod report;
mod routes;
mod server;
mod sign_in;
mod spelled;
mod uncounted;
mod writes;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Everything that can go wrong ends the program.
type Trouble = Box<dyn std::error::Error + Send + Sync>;

#[derive(Parser)]
#[command(name = "bench", about = "Measures a Roster server with signed requests")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Load, measure and print the table
    Run(Run),
    /// Measure sign-ins on the page: how many a second, many at once, names that are known and names that are not
    SignIn(sign_in::SignIn),
    /// Serve a loaded directory, with a door more than `roster serve` (started by `run`)
    Serve(Serve),
}

#[derive(clap::Args, Clone)]
struct Run {
    /// Folder of the loaded directories; what is there is used again
    #[arg(long, default_value = "./bench-data")]
    folder: PathBuf,
    /// Users of the large directory
    #[arg(long, default_value_t = 1_000_000)]
    users: u64,
    /// Users of the small directory
    #[arg(long, default_value_t = 1_000)]
    small: u64,
    /// Seconds of each measurement
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Rounds over all routes
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Connections
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// A PostgreSQL server to measure as well; a database for the large directory is made in it
    #[arg(long)]
    postgres: Option<String>,
    /// Only routes whose name holds this
    #[arg(long, default_value = "")]
    only: String,
}

#[derive(clap::Args, Clone)]
struct Serve {
    #[arg(long)]
    folder: PathBuf,
    #[arg(long)]
    database: Option<String>,
}

#[tokio::main]
async fn main() -> Result<(), Trouble> {
    match Arguments::parse().what {
        What::Run(run) => report::run(&run).await,
        What::SignIn(run) => sign_in::run(&run).await,
        What::Serve(serve) => server::serve(&serve).await,
    }
}
