//! A way with what carries its messages, and how it is.

use std::collections::HashSet;

use directory::messages::Way;
use directory::sweep::Trouble;
use model::{Millis, Number};

use crate::{Carrier, Found};

/// Messages that are carried at once.
const WIDTH: usize = 8;
/// How long a way is left alone once it was seen to be down, in milliseconds; twice as long each further time.
const FIRST_REST: i64 = 1_000;
/// The longest that it is left alone.
const LONGEST_REST: i64 = 60_000;
/// So many messages, refused one after the other for what may be the way's fault, say that it is.
const REFUSALS: usize = 5;

/// Where a message lies: the numbers of its directory and its own.
type Place = (Number, Number);

pub(crate) struct Road {
    pub(crate) way: Way,
    pub(crate) carrier: Carrier,
    /// How long it is left alone; 0 where it works.
    rest: i64,
    /// Until when it is left alone.
    until: Millis,
    /// Messages that it has refused since it last took one, up to so many as say that it is at fault.
    refused: HashSet<Place>,
    /// Whether the outbox answered when it was last looked at.
    has_outbox: bool,
}

impl Road {
    pub(crate) fn new(way: Way, carrier: Option<Carrier>) -> Option<Self> {
        let refused = HashSet::new();
        Some(Self { way, carrier: carrier?, rest: 0, until: Millis(0), refused, has_outbox: true })
    }

    pub(crate) fn is_open(&self, at: Millis) -> bool {
        // A clock that went back by far does not keep the way shut.
        at >= self.until || self.until.since(at) > LONGEST_REST
    }

    /// How many messages may go at once: of a way that was down a single one finds out.
    pub(crate) fn width(&self) -> usize {
        if self.rest == 0 { WIDTH } else { 1 }
    }

    /// Notes how a message has found the way.
    pub(crate) fn note(&mut self, message: Place, found: Found, at: Millis) {
        match found {
            Found::Unasked => {}
            Found::Up => self.open(),
            Found::Down => self.shut(at),
            Found::Refusing => {
                if self.refused.len() < REFUSALS {
                    self.refused.insert(message);
                }
                if self.refused.len() == REFUSALS {
                    self.shut(at);
                }
            }
        }
    }

    fn open(&mut self) {
        if self.rest > 0 {
            tracing::info!(way = self.way.word(), "messages go out again");
        }
        (self.rest, self.until) = (0, Millis(0));
        self.refused.clear();
    }

    fn shut(&mut self, at: Millis) {
        // Messages that failed together count once.
        if at < self.until {
            return;
        }
        if self.rest == 0 {
            tracing::warn!(
                way = self.way.word(),
                "messages cannot go out; they wait, and `roster outbox list` tells why"
            );
        }
        self.rest = (self.rest * 2).clamp(FIRST_REST, LONGEST_REST);
        self.until = at.plus(self.rest);
    }

    /// Notes whether the outbox has answered, and says so where that has changed.
    pub(crate) fn note_outbox(&mut self, trouble: Option<&Trouble>) {
        match trouble {
            Some(error) if self.has_outbox => {
                tracing::warn!(%error, way = self.way.word(), "nothing can be taken out of the outbox");
            }
            None if !self.has_outbox => tracing::info!(way = self.way.word(), "the outbox answers again"),
            Some(_) | None => {}
        }
        self.has_outbox = trouble.is_none();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn road() -> Road {
        Road::new(Way::Mail, Some(Carrier::Shown(Arc::default()))).expect("a carrier")
    }

    fn message(number: i64) -> Place {
        (Number(1), Number(number))
    }

    #[test]
    fn a_way_that_is_down_is_tried_ever_less_often_and_by_one_message() {
        let mut road = road();
        assert_eq!((road.is_open(Millis(0)), road.width()), (true, WIDTH));

        let mut at = Millis(1_000_000);
        for rest in [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000] {
            road.note(message(1), Found::Down, at);
            road.note(message(2), Found::Down, at);
            assert_eq!(
                (road.is_open(at.plus(rest - 1)), road.is_open(at.plus(rest))),
                (false, true),
                "{rest}"
            );
            assert_eq!(road.width(), 1);
            at = at.plus(rest);
        }
        // What never got there says nothing of it.
        road.note(message(3), Found::Unasked, at);
        assert_eq!(road.width(), 1);
        road.note(message(3), Found::Up, at);
        assert_eq!((road.is_open(at), road.width()), (true, WIDTH));
    }

    #[test]
    fn a_way_that_refuses_one_message_after_the_other_is_down() {
        let (mut road, at) = (road(), Millis(1_000_000));
        for number in 1..5 {
            road.note(message(number), Found::Refusing, at);
            // The same one again says no more.
            road.note(message(number), Found::Refusing, at);
        }
        assert_eq!((road.is_open(at), road.width()), (true, WIDTH));
        road.note(message(5), Found::Refusing, at);
        assert_eq!((road.is_open(at), road.width()), (false, 1));

        let at = at.plus(1_000);
        road.note(message(6), Found::Refusing, at);
        assert_eq!((road.is_open(at.plus(1_999)), road.is_open(at.plus(2_000))), (false, true));
        road.note(message(7), Found::Up, at.plus(2_000));
        road.note(message(8), Found::Refusing, at.plus(2_000));
        assert_eq!((road.is_open(at.plus(2_000)), road.width()), (true, WIDTH), "they are counted anew");
    }
}
