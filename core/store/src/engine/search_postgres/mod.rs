//! Full text on PostgreSQL: users written down together, 4,096 at a time and in the background.
//!
//! A segment is all users up to a number that no segment before it has. It is cut into places, one for each
//! user whom the sealing found; for each gram it keeps the places of the users who have it. Whoever follows
//! the last sealed segment, the tail, is found by a look at the rows, and so is whoever was written into a
//! segment after its sealing: such users stand in a queue until their grams are added. Each user found by
//! grams is looked at again, so a gram too many costs a look and is never taken out.
//!
//! No user may be lost between the three, which holds by the order of things:
//! - A change takes the lock of changes, shared, before it asks whether its users belong to a segment. To
//!   announce a segment takes the same lock alone. So whoever lies in a segment was there when it was
//!   announced, hence before it is sealed, or stands in the queue.
//! - A search reads the sealed segments first, then the queue, then the grams: what leaves the queue for the
//!   grams meanwhile is read twice and never missed.
//!
//! Source: `reference/storage.md` §4.

mod check;
mod clear;
mod find;
mod places;
mod segments;
mod tend;

use model::{DirectoryKey, Number};

use super::postgres::PostgresSession;
use crate::search::Field;
use crate::value::params;

pub(crate) use check::differences;
pub(crate) use clear::clear;
pub(crate) use find::{count, page};
pub(crate) use segments::Segments;
pub(crate) use tend::tend;

/// Users of a segment when it is announced.
const SEGMENT: usize = 4_096;
/// Advisory locks: a kind, and in the 52 bits below it the directory's number.
const CHANGES: i64 = 0x5e1 << 52;
const TENDING: i64 = 0x5e2 << 52;

/// Begins a change of searched texts: while it lasts no segment is announced.
pub(crate) fn enter(session: &mut PostgresSession, directory: DirectoryKey) {
    session.defer(
        "select pg_advisory_xact_lock_shared($1)".into(),
        params![CHANGES | directory.number.0].to_vec(),
    );
}

/// Queues a user who belongs to a segment. The transaction's number tells changes of one user apart: nobody
/// else's row is deleted with those that were read.
pub(crate) fn queue(session: &mut PostgresSession, directory: DirectoryKey, user: Number) {
    session.defer(
        "insert into search_queue (directory, number, change)
         select cast($1 as bigint), cast($2 as bigint), cast(cast(pg_current_xact_id() as text) as bigint)
         where $2 <= (select max(last) from search_segment where directory = $1)
         on conflict (directory, number, change) do nothing"
            .into(),
        params![directory.number, user].to_vec(),
    );
}

/// A gram as one number: the field, then a digit for each character and 0 for one that is not there.
fn gram(field: Field, characters: &[char]) -> i64 {
    const DIGITS: i64 = 0x11_0001;
    let field = match field {
        Field::Login | Field::Username | Field::Email => 0,
        Field::DisplayName => 1,
        // Nobody asks the index for it.
        Field::Phone => 2,
    };
    (0..3).fold(field, |number, index| {
        number * DIGITS + characters.get(index).map_or(0, |&c| 1 + i64::from(u32::from(c)))
    })
}

/// Numbers as the text of an array, `{1,2}`.
fn array(numbers: impl IntoIterator<Item = i64>) -> String {
    let numbers: Vec<String> = numbers.into_iter().map(|number| number.to_string()).collect();
    format!("{{{}}}", numbers.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_grams_share_a_number() {
        let characters = ['\0', 'a', '王', '🙂', '\u{10ffff}'];
        let mut numbers = Vec::new();
        for field in [Field::Login, Field::DisplayName] {
            for a in characters {
                numbers.push(gram(field, &[a]));
                for b in characters {
                    numbers.push(gram(field, &[a, b]));
                    numbers.extend(characters.map(|c| gram(field, &[a, b, c])));
                }
            }
        }
        let all = numbers.len();

        numbers.sort_unstable();
        numbers.dedup();

        assert_eq!(numbers.len(), all);
        assert!(numbers[0] > 0);
    }
}
