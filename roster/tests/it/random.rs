//! 10,000 random operations by two writers at once leave exactly whom they should, counted and indexed.

use std::collections::{BTreeMap, BTreeSet};

use api::eds::{CreateUsers, DescribeUsers, NewUser, ShownStatus};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::support::{Client, Server, create_users, everybody, find, new_user, remove};

/// The run is the same each time, but for how the writers meet.
const SEED: u64 = 20_260_115;
const OPERATIONS: usize = 5_000;
/// Names of each writer: few, so that they collide.
const NAMES: usize = 120;

/// One who writes, and knows who must be there of the names that are theirs.
struct Writer {
    client: Client,
    /// What their names begin with.
    prefix: &'static str,
    rng: StdRng,
    /// Whether the account locks itself, by name.
    there: BTreeMap<String, bool>,
}

impl Writer {
    fn new(client: Client, prefix: &'static str, stream: u64) -> Self {
        Self { client, prefix, rng: StdRng::seed_from_u64(SEED ^ stream), there: BTreeMap::new() }
    }

    async fn work(mut self) -> Self {
        for at in 0..OPERATIONS {
            let place = format!("seed {SEED}, writer {}, operation {at}", self.prefix);
            match self.rng.random_range(0..10) {
                0..4 => self.create(&place).await,
                4..7 => self.remove(&place).await,
                _ => self.look(&place).await,
            }
        }
        self
    }

    fn name(&mut self) -> String {
        format!("{}_{:03}", self.prefix, self.rng.random_range(0..NAMES))
    }

    fn some_names(&mut self) -> Vec<String> {
        (0..self.rng.random_range(1..9)).map(|_| self.name()).collect()
    }

    async fn create(&mut self, place: &str) {
        let locks = self.rng.random_bool(0.3);
        let (mut users, mut made, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        for name in self.some_names() {
            let nowhere = self.rng.random_bool(0.1);
            if nowhere {
                failed.push((name.clone(), "InvalidOrgId.NotFound".to_owned()));
            } else if self.there.contains_key(&name) {
                failed.push((name.clone(), "ExistedEndUserId".to_owned()));
            } else {
                self.there.insert(name.clone(), locks);
                made.push(name.clone());
            }
            let org_id = nowhere.then(|| "nowhere".to_owned());
            users.push(NewUser { org_id, remark: Some("注".repeat(20)), ..new_user(&name) });
        }
        let auto_lock_time = locks.then(|| "2026-01-15 16:40:00".to_owned());
        let request = CreateUsers { auto_lock_time, ..create_users(users) };

        let result = self
            .client
            .send(&request)
            .await
            .unwrap_or_else(|fault| panic!("{place}: {fault:?}"))
            .create_result;

        let found: Vec<String> = result.created_users.into_iter().map(|user| user.end_user_id).collect();
        assert_eq!(found, made, "{place}");
        let found: Vec<_> =
            result.failed_users.into_iter().map(|user| (user.end_user_id, user.error_code)).collect();
        assert_eq!(found, failed, "{place}");
    }

    async fn remove(&mut self, place: &str) {
        let mut met = BTreeSet::new();
        let (mut spelled, mut gone, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        for name in self.some_names() {
            let spelling = if self.rng.random_bool(0.3) { name.to_uppercase() } else { name.clone() };
            spelled.push(spelling.clone());
            if met.insert(name.clone()) {
                let list = if self.there.remove(&name).is_some() { &mut gone } else { &mut failed };
                list.push(spelling);
            }
        }

        let spelled: Vec<&str> = spelled.iter().map(String::as_str).collect();
        let result = remove(&self.client, &spelled).await.remove_users_result;

        assert_eq!(result.removed_users, gone, "{place}");
        let found: Vec<String> = result.failed_users.into_iter().map(|user| user.end_user_id).collect();
        assert_eq!(found, failed, "{place}");
    }

    /// Asks for some of the own names, which nobody else touches, and walks the pages.
    async fn look(&mut self, place: &str) {
        let digit = self.rng.random_range(0..10);
        let text = format!("{}_{}{digit}", self.prefix, self.rng.random_range(0..2));
        let names = self.some_names();
        let list = || Some(names.clone().try_into().expect("few"));
        let all: Vec<(&String, &bool)> = self.there.iter().collect();
        let keep = |holds: &dyn Fn(&str, bool) -> bool| -> BTreeSet<String> {
            all.iter().filter(|(name, locks)| holds(name, **locks)).map(|(name, _)| (*name).clone()).collect()
        };
        let base = DescribeUsers {
            max_results: Some(self.rng.random_range(1..60).try_into().expect("in range")),
            ..DescribeUsers::default()
        };
        let (request, expected) = match self.rng.random_range(0..5) {
            0 => {
                (DescribeUsers { filter: Some(text.clone()), ..base }, keep(&|name, _| name.contains(&text)))
            }
            1 => {
                let filter = Some(format!("{}_*{digit}", self.prefix));
                (DescribeUsers { filter, ..base }, keep(&|name, _| name.ends_with(&digit.to_string())))
            }
            2 => (
                DescribeUsers { end_user_ids: list(), ..base },
                keep(&|name, _| names.iter().any(|other| other == name)),
            ),
            3 => (
                DescribeUsers {
                    filter: Some(format!("{}_", self.prefix)),
                    exclude_end_user_ids: list(),
                    ..base
                },
                keep(&|name, _| names.iter().all(|other| other != name)),
            ),
            _ => (
                DescribeUsers {
                    filter: Some(format!("{}_0", self.prefix)),
                    status: Some(ShownStatus::Normal),
                    org_id: Some("org-aliyun-wy-org-id".into()),
                    ..base
                },
                keep(&|name, _| name[self.prefix.len()..].starts_with("_0")),
            ),
        };

        let found: BTreeSet<String> = find(&self.client, &request).await.into_iter().collect();

        assert_eq!(found, expected, "{place}: {request:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_writers_leave_exactly_whom_they_should() {
    let server = Server::start().await;
    let (one, other) =
        (Writer::new(server.administrator(), "x", 1), Writer::new(server.administrator(), "y", 2));

    let (one, other) = tokio::join!(tokio::spawn(one.work()), tokio::spawn(other.work()));
    let (one, other) = (one.expect("the first writer is right"), other.expect("the second writer is right"));

    let there: BTreeMap<String, bool> = one.there.into_iter().chain(other.there).collect();
    let admin = server.administrator();
    let sorted = |mut names: Vec<String>| {
        names.sort_unstable();
        names
    };
    assert_eq!(sorted(everybody(&admin).await), there.keys().cloned().collect::<Vec<_>>(), "seed {SEED}");
    server.pass(10 * 60_000);
    for (status, locks) in [(ShownStatus::Normal, false), (ShownStatus::Locked, true)] {
        let max_results = Some(7.try_into().expect("in range"));
        let request = DescribeUsers { status: Some(status), max_results, ..DescribeUsers::default() };
        let expected: Vec<String> =
            there.iter().filter(|(_, does)| **does == locks).map(|(name, _)| name.clone()).collect();
        assert_eq!(sorted(find(&admin, &request).await), expected, "seed {SEED}, status {status:?}");
    }
    server.stop().await;
}
