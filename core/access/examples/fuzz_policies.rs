//! Holds the policy language against the slow evaluator of the tests, on random documents, for as many minutes as
//! are given: `cargo run -p access --example fuzz_policies -- 60 [SEED]`. It ends with an error at the first
//! disagreement, and says the seed that leads to it; a panic says it by the last line before.

#[path = "../tests/ram/agreement.rs"]
mod agreement;
#[path = "../tests/ram/documents.rs"]
mod documents;
#[path = "../tests/ram/reference.rs"]
mod reference;

use std::time::{Duration, Instant};

/// Rounds between two looks at the clock.
const ROUNDS: u64 = 1_000;

fn main() -> Result<(), String> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |what: &str, default: u64| match arguments.next() {
        Some(text) => text.parse().map_err(|_| format!("{what} must be a number: {text}")),
        None => Ok(default),
    };
    let minutes = number("MINUTES", 1)?;
    let first = number("SEED", 0)?;
    let until = Instant::now() + Duration::from_secs(minutes * 60);
    let (mut seed, mut understood) = (first, 0);
    while Instant::now() < until {
        eprint!("\rrounds from seed {seed}, {understood} documents understood");
        for _ in 0..ROUNDS {
            understood += agreement::round(seed)?;
            seed += 1;
        }
    }
    eprintln!("\r{} rounds, {understood} documents understood, no disagreement", seed - first);
    Ok(())
}
