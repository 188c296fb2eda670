//! What one decision may cost: everything that is compared for it counts, and beyond it the answer is no.

use std::cell::Cell;

/// The steps that one decision may take. A policy of full length that names a hundred resources takes some hundred
/// thousand where a hundred are asked for.
const MOST: usize = 2_000_000;

/// Characters that are compared at once, in one step.
const AT_ONCE: usize = 16;

/// The steps that a decision may still take.
#[derive(Debug)]
pub(super) struct Patience {
    /// `None` as soon as more was wanted than was left.
    left: Cell<Option<usize>>,
}

impl Patience {
    /// All of it.
    pub(super) const fn new() -> Self {
        Self { left: Cell::new(Some(MOST)) }
    }

    /// Takes so many steps; whether they were left.
    pub(super) fn affords(&self, steps: usize) -> bool {
        let left = self.left.get().and_then(|left| left.checked_sub(steps));
        self.left.set(left);
        left.is_some()
    }

    /// Takes the steps of comparing so many characters with others in the same places; whether they were left.
    pub(super) fn affords_text(&self, length: usize) -> bool {
        self.affords(1 + length / AT_ONCE)
    }

    /// Whether more was wanted than there was: what has been compared since means nothing.
    pub(super) fn is_spent(&self) -> bool {
        self.left.get().is_none()
    }

    /// The steps that were taken.
    #[cfg(test)]
    pub(super) fn taken(&self) -> usize {
        MOST - self.left.get().expect("it is not spent")
    }
}
