//! The server and the command line: settings, start, stop.

pub mod command;
pub mod house;
pub mod log;
mod sealing;
pub mod serve;
pub mod settings;
mod surroundings;
mod trouble;

pub use surroundings::Surroundings;
pub use trouble::Trouble;
