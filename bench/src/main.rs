//! A closed-loop load generator.
fn main() {}
