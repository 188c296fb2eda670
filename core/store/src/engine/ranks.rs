//! How many users stand before a place, in SQLite's directories: for pages by number, and totals of beginnings.
//!
//! Of each order (numbers, folded usernames, folded display names) about every 512th key is kept in memory, a *post*, with
//! how many people follow it up to the next one. What lies within one post is counted by its index. The posts are read
//! beside everything else when they are first asked for, and follow each commit until they are forgotten.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::Number;
use rusqlite::{Connection, params};

use crate::error::Error;

/// People behind one post when they are read.
const STEP: i64 = 512;
/// A directory with fewer people is counted quickly enough.
const LARGE: i64 = 10_000;
/// Looks that find another number of people than the directory has, one after another, before the posts are read anew:
/// another process has changed users. A look between a commit and its note finds one as well.
const OFF: u32 = 64;
/// Looks that pass after the posts could not be read.
const PAUSE: u32 = 1_000;
/// So many more people behind a post than when it was read take long to count.
const SPARSE: i64 = 16 * STEP;

/// The posts of every directory.
#[derive(Clone, Default)]
pub(crate) struct Rankings(Arc<Mutex<Directories>>);

#[derive(Default)]
struct Directories {
    states: HashMap<Number, State>,
    /// How often somebody has begun to read.
    readings: u64,
}

enum State {
    /// Somebody has asked for them, and they are going to be read.
    Asked,
    /// They could not be read; how many looks are to pass before that is tried again.
    Failed(u32),
    /// They are being read, by the reading with this number; what was committed meanwhile.
    Reading(u64, Vec<Moved>),
    /// They are there.
    Known(Ranks),
}

/// A user who came, went or is called otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Moved {
    pub(crate) directory: Number,
    pub(crate) number: Number,
    pub(crate) before: Option<Names>,
    pub(crate) after: Option<Names>,
}

/// Folded username and folded display name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) username: String,
    pub(crate) display_name: String,
}

/// An order of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Texts {
    Usernames,
    DisplayNames,
}

/// The posts of one directory.
struct Ranks {
    numbers: Posts<i64>,
    usernames: Posts<String>,
    display_names: Posts<String>,
    /// How many looks in turn found another number of people.
    off: u32,
}

/// People between two texts: some of them counted, the others to be counted between other texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Between {
    pub(crate) counted: i64,
    /// To be taken off: those from the first text on and before the second one.
    pub(crate) less: Option<(String, String)>,
    /// To be added, likewise.
    pub(crate) more: Option<(String, String)>,
}

/// What was found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Known<T> {
    This(T),
    /// Nobody has read the posts yet, or they have to be read again: whoever asks begins that.
    ToBeRead,
    /// It has to be counted this time.
    Nothing,
}

impl Rankings {
    /// The number at which `skip` people of `people` have gone by, but for so many: `(number, rest)`.
    pub(crate) fn at(&self, directory: Number, people: i64, skip: i64) -> Known<Option<(Number, i64)>> {
        self.look(directory, people, |ranks| {
            ranks.numbers.at(skip).map(|(number, rest)| (Number(*number), rest))
        })
    }

    /// The people from `low` on and before `high`.
    pub(crate) fn between(
        &self,
        directory: Number,
        people: i64,
        texts: Texts,
        (low, high): (&str, Option<&str>),
    ) -> Known<Between> {
        self.look(directory, people, |ranks| match texts {
            Texts::Usernames => ranks.usernames.between(low, high),
            Texts::DisplayNames => ranks.display_names.between(low, high),
        })
    }

    fn look<T>(&self, directory: Number, people: i64, ask: impl FnOnce(&Ranks) -> T) -> Known<T> {
        if people < LARGE {
            return Known::Nothing;
        }
        let known = &mut self.lock().states;
        let ranks = match known.get_mut(&directory) {
            None => {
                known.insert(directory, State::Asked);
                return Known::ToBeRead;
            }
            Some(State::Asked | State::Reading(..)) => return Known::Nothing,
            Some(State::Failed(looks)) => {
                *looks = looks.saturating_sub(1);
                if *looks == 0 {
                    known.remove(&directory);
                }
                return Known::Nothing;
            }
            Some(State::Known(ranks)) => ranks,
        };
        if ranks.numbers.count() == people {
            ranks.off = 0;
            if !ranks.is_sparse() {
                return Known::This(ask(ranks));
            }
        } else {
            ranks.off += 1;
            if ranks.off < OFF {
                return Known::Nothing;
            }
        }
        known.insert(directory, State::Asked);
        Known::ToBeRead
    }

    /// Follows a commit, in the order of commits.
    pub(super) fn follow<'a>(&self, moved: impl Iterator<Item = &'a Moved>) {
        let known = &mut self.lock().states;
        for moved in moved {
            match known.get_mut(&moved.directory) {
                None | Some(State::Asked | State::Failed(_)) => {}
                Some(State::Reading(_, meanwhile)) => meanwhile.push(moved.clone()),
                Some(State::Known(ranks)) => {
                    ranks.follow(moved);
                    if moved.after.is_none() && ranks.numbers.count() == 0 {
                        // The last one of a directory that goes.
                        known.remove(&moved.directory);
                    }
                }
            }
        }
    }

    /// Says that the posts of a directory are being read as of a state that nobody changes meanwhile, and by which
    /// reading.
    pub(super) fn begin(&self, directory: Number) -> u64 {
        let mut known = self.lock();
        known.readings += 1;
        let reading = known.readings;
        known.states.insert(directory, State::Reading(reading, Vec::new()));
        reading
    }

    /// Takes what a reading read, or nothing where that failed.
    pub(super) fn end(&self, directory: Number, reading: u64, read: Option<Read>) {
        let known = &mut self.lock().states;
        let meanwhile = match known.get_mut(&directory) {
            Some(State::Reading(own, meanwhile)) if *own == reading => std::mem::take(meanwhile),
            // They were forgotten meanwhile, and somebody else may read them again.
            Some(_) | None => return,
        };
        let state = match read {
            Some(Read(mut ranks)) => {
                meanwhile.iter().for_each(|moved| ranks.follow(moved));
                State::Known(ranks)
            }
            None => State::Failed(PAUSE),
        };
        known.insert(directory, state);
    }

    /// Forgets all posts: another process has changed what they were read from. That is noticed as this process begins
    /// to change something; the number of people, which every look compares, tells the rest.
    pub(super) fn forget(&self) {
        self.lock().states.retain(|_, state| matches!(state, State::Asked | State::Failed(_)));
    }

    fn lock(&self) -> MutexGuard<'_, Directories> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The posts of a directory as they were read.
pub(super) struct Read(Ranks);

impl Read {
    /// Reads the posts in one state of the data.
    pub(super) fn of(connection: &Connection, directory: Number) -> Result<Self, Error> {
        let people = "from users where directory = ?1
             and number not in (select number from users where directory = ?1 and is_system = 1)";
        let numbers = posts(connection, &format!("select number {people} order by number"), directory)?;
        let of = |key: &str| {
            let sql = format!("select {key} {people} and {key} <> '' order by {key}");
            posts(connection, &sql, directory)
        };
        let (usernames, display_names) = (of("username_key")?, of("display_key")?);
        Ok(Self(Ranks { numbers, usernames, display_names, off: 0 }))
    }
}

fn posts<K: rusqlite::types::FromSql + Clone + Ord>(
    connection: &Connection,
    sql: &str,
    directory: Number,
) -> Result<Posts<K>, Error> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query(params![directory.0])?;
    let mut posts = Posts::new();
    while let Some(row) = rows.next()? {
        posts.add(&row.get(0)?);
    }
    posts.settle();
    Ok(posts)
}

impl Ranks {
    fn is_sparse(&self) -> bool {
        self.numbers.is_sparse || self.usernames.is_sparse || self.display_names.is_sparse
    }

    fn follow(&mut self, moved: &Moved) {
        let names =
            |of: fn(&Names) -> &String| [&moved.before, &moved.after].map(|names| names.as_ref().map(of));
        match (&moved.before, &moved.after) {
            (None, Some(_)) => self.numbers.add(&moved.number.0),
            (Some(_), None) => self.numbers.take(&moved.number.0),
            (Some(_), Some(_)) | (None, None) => {}
        }
        for (posts, [before, after]) in [
            (&mut self.usernames, names(|names| &names.username)),
            (&mut self.display_names, names(|names| &names.display_name)),
        ] {
            if before == after {
                continue;
            }
            before.filter(|key| !key.is_empty()).into_iter().for_each(|key| posts.take(key));
            after.filter(|key| !key.is_empty()).into_iter().for_each(|key| posts.add(key));
        }
    }
}

/// Keys in order, each with how many people stand from it on and before the next one.
struct Posts<K> {
    posts: Vec<Post<K>>,
    /// The last key that was ever added.
    last: Option<K>,
    /// Whether many more people have come behind one post than were there when it was read.
    is_sparse: bool,
}

struct Post<K> {
    first: K,
    people: i64,
    /// How many there were when the posts were read.
    read: i64,
}

impl<K: Ord + Clone> Posts<K> {
    fn new() -> Self {
        Self { posts: Vec::new(), last: None, is_sparse: false }
    }

    fn count(&self) -> i64 {
        self.posts.iter().map(|post| post.people).sum()
    }

    /// Notes that all of them are read.
    fn settle(&mut self) {
        self.posts.iter_mut().for_each(|post| post.read = post.people);
        self.is_sparse = false;
    }

    /// The post behind which a key stands: the first one for what comes before all of them.
    fn post<Q: Ord + ?Sized>(&self, key: &Q) -> usize
    where
        K: std::borrow::Borrow<Q>,
    {
        self.posts.partition_point(|post| post.first.borrow() <= key).saturating_sub(1)
    }

    fn add(&mut self, key: &K) {
        let is_behind = self.last.as_ref().is_none_or(|last| key > last);
        if is_behind {
            self.last = Some(key.clone());
        }
        let at = self.post(key);
        match self.posts.get_mut(at) {
            // Only behind all others is it known that nobody of this post stands behind the new one.
            Some(post) if !is_behind || post.people < STEP => {
                post.people += 1;
                self.is_sparse |= post.people - post.read > SPARSE;
            }
            Some(_) | None => self.posts.push(Post { first: key.clone(), people: 1, read: 0 }),
        }
        if let Some(post) = self.posts.first_mut().filter(|post| *key < post.first) {
            post.first = key.clone();
        }
    }

    fn take(&mut self, key: &K) {
        let at = self.post(key);
        if let Some(post) = self.posts.get_mut(at) {
            post.people -= 1;
        }
    }

    /// The post up to which `skip` people have gone by, and how many are missing then; `None` behind the last one.
    fn at(&self, skip: i64) -> Option<(&K, i64)> {
        let mut gone = 0;
        for post in &self.posts {
            if gone + post.people > skip {
                return Some((&post.first, skip - gone));
            }
            gone += post.people;
        }
        None
    }
}

impl Posts<String> {
    fn between(&self, low: &str, high: Option<&str>) -> Between {
        let from = self.post(low);
        let to = high.map_or(self.posts.len(), |high| self.post(high));
        let edge = |post: usize, end: &str| {
            let first = self.posts.get(post).map(|post| post.first.as_str()).filter(|first| *first < end);
            first.map(|first| (first.to_owned(), end.to_owned()))
        };
        if from == to {
            // All of them stand behind one post.
            let more = high.map(|high| (low.to_owned(), high.to_owned()));
            return Between { counted: 0, less: None, more };
        }
        let counted = self.posts[from..to].iter().map(|post| post.people).sum();
        Between { counted, less: edge(from, low), more: high.and_then(|high| edge(to, high)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posts(keys: &[String]) -> Posts<String> {
        let mut posts = Posts::new();
        keys.iter().for_each(|key| posts.add(key));
        posts
    }

    fn count(keys: &[String], from: &str, to: &str) -> i64 {
        keys.iter().filter(|key| key.as_str() >= from && key.as_str() < to).count() as i64
    }

    fn exact(posts: &Posts<String>, keys: &[String], low: &str, high: Option<&str>) -> i64 {
        let between = posts.between(low, high);
        let edge =
            |edge: &Option<(String, String)>| edge.as_ref().map_or(0, |(from, to)| count(keys, from, to));
        between.counted - edge(&between.less) + edge(&between.more)
    }

    #[test]
    fn counts_between_posts_equal_a_count_of_all() {
        let mut keys: Vec<String> = (0..5_000).map(|n| format!("user_{n:05}")).collect();
        let mut posts = posts(&keys);
        // People who come in between, and some who go.
        for n in 0..3_000 {
            let key = format!("user_{:05}x{n}", n % 700);
            posts.add(&key);
            keys.push(key);
            if n % 3 == 0 {
                posts.take(&keys.swap_remove(n));
            }
        }
        keys.sort();
        let bounds = [("a", None), ("user_0", Some("user_1")), ("user_00012", Some("user_00013"))];
        for (low, high) in
            bounds.into_iter().chain([("user_02", Some("user_04")), ("z", None), ("a", Some("b"))])
        {
            let expected =
                keys.iter().filter(|key| key.as_str() >= low && high.is_none_or(|high| key.as_str() < high));
            assert_eq!(exact(&posts, &keys, low, high), expected.count() as i64, "{low} to {high:?}");
        }
    }

    #[test]
    fn a_place_is_found_by_how_many_stand_before_it() {
        let mut posts = Posts::new();
        let mut keys: Vec<i64> = (0..4_000).map(|n| n * 3).collect();
        keys.iter().for_each(|key| posts.add(key));
        for gone in (0..4_000).step_by(7).rev() {
            posts.take(&keys.remove(gone));
        }
        assert_eq!(posts.count(), keys.len() as i64);
        for skip in [0, 1, 511, 512, 1_000, 3_000, keys.len() - 1] {
            let (from, rest) = posts.at(skip as i64).expect("there are as many");
            let behind: Vec<&i64> = keys.iter().filter(|key| *key >= from).collect();
            assert_eq!(*behind[rest as usize], keys[skip], "{skip}");
        }
        assert_eq!(posts.at(keys.len() as i64), None);
    }
}
