//! `roster`: see `roster --help`.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use roster::command::Command;

fn main() -> ExitCode {
    let command = Command::parse();
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            // Nobody can be told where even this fails.
            let _ = writeln!(std::io::stderr(), "roster: {trouble}");
            ExitCode::FAILURE
        }
    }
}
