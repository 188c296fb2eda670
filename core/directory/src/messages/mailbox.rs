//! What a server in development shows instead of sending it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use model::Millis;

use super::Letter;

/// The most letters that are kept.
const MOST: usize = 200;

/// Letters that would have been sent, the newest ones, in this process's memory alone.
#[derive(Default)]
pub struct Mailbox {
    letters: Mutex<VecDeque<Shown>>,
}

/// A letter, and when it would have been sent.
#[derive(Clone)]
pub struct Shown {
    /// When.
    pub at: Millis,
    /// What.
    pub letter: Letter,
}

impl fmt::Debug for Mailbox {
    /// Letters hold what opens accounts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mailbox(…)")
    }
}

impl Mailbox {
    /// Puts a letter in; the oldest goes where there are 200 already.
    pub fn put(&self, at: Millis, letter: Letter) {
        let mut letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        letters.truncate(MOST - 1);
        letters.push_front(Shown { at, letter });
    }

    /// The letters, the newest first.
    pub fn letters(&self) -> Vec<Shown> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
