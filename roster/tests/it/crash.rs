//! Killed in the middle of its work, the program loses nothing it acknowledged and leaves nothing half done.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use api::eds::{CreateUsersReply, DescribeUsers, NewUser};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use store::Place;
use wire::rpc;

use crate::support::{Client, Database, Home, Process, create_users, everybody, find, new_user};

const SEED: u64 = 20_260_116;
/// How many create at once.
const CREATORS: usize = 8;
/// Bytes of a write-ahead log that the server calls long: 8,192 pages.
const LONG_LOG: u64 = 8_192 * 4_096;

/// What one creator was told before the server was gone.
#[derive(Default)]
struct Told {
    /// These were made.
    made: BTreeSet<String>,
    /// These were not.
    failed: BTreeSet<String>,
    /// The call that was not answered.
    open: Vec<String>,
}

/// Creates until the server is gone: single users, or batches in which some fail.
async fn creator(client: Client, name: String, batch: usize, remark: usize) -> Told {
    let mut told = Told::default();
    for call in 0.. {
        let names: Vec<String> = (0..batch).map(|at| format!("{name}_{call}_{at}")).collect();
        let users = names.iter().enumerate().map(|(at, name)| NewUser {
            org_id: (at % 7 == 3).then(|| "nowhere".to_owned()),
            remark: (remark > 0).then(|| "注".repeat(remark)),
            ..new_user(name)
        });
        let parameters = rpc::encode(&create_users(users.collect())).expect("requests can be sent");
        let Ok(answer) = client.try_exchange(&client.post("CreateUsers", &parameters)).await else {
            told.open = names;
            return told;
        };
        let reply: CreateUsersReply = serde_json::from_value(answer.json()).expect("it is a reply");
        told.made.extend(reply.create_result.created_users.into_iter().map(|user| user.end_user_id));
        told.failed.extend(reply.create_result.failed_users.into_iter().map(|user| user.end_user_id));
    }
    unreachable!("the server is gone before a creator has counted to the end")
}

/// Checks whom of a run's users the restarted server has; how many were acknowledged.
fn check(run: &str, told: &[Told], there: &BTreeSet<String>) -> usize {
    let mut allowed = BTreeSet::new();
    for told in told {
        let lost: Vec<&String> = told.made.difference(there).collect();
        assert!(lost.is_empty(), "{run}: acknowledged, and lost: {lost:?}");
        let kept: Vec<&String> = told.failed.intersection(there).collect();
        assert!(kept.is_empty(), "{run}: refused, and there: {kept:?}");
        let (open, asked): (Vec<_>, usize) = {
            let could = told.open.iter().enumerate().filter(|(at, _)| at % 7 != 3).map(|(_, name)| name);
            (could.clone().filter(|name| there.contains(*name)).collect(), could.count())
        };
        assert!(open.is_empty() || open.len() == asked, "{run}: half of a call is there: {open:?}");
        allowed.extend(told.made.iter().chain(open));
    }
    let strangers: Vec<&String> = there.iter().filter(|name| !allowed.contains(name)).collect();
    assert!(strangers.is_empty(), "{run}: nobody made {strangers:?}");
    told.iter().map(|told| told.made.len()).sum()
}

/// One life of the server: started, worked with, killed when `end` is over; what its creators were told.
async fn life(home: &Home, run: &str, end: impl Future<Output = ()>, sizes: &[(usize, usize)]) -> Vec<Told> {
    let process = Process::serve(&home.flags());
    let creators: Vec<_> = (0..CREATORS)
        .map(|at| {
            let (batch, remark) = sizes[at % sizes.len()];
            tokio::spawn(creator(process.administrator(), format!("{run}_{at}"), batch, remark))
        })
        .collect();
    end.await;
    process.kill();
    let mut told = Vec::new();
    for creator in creators {
        told.push(creator.await.expect("the creator understood every answer"));
    }
    told
}

/// The users of a run.
async fn users_of(home: &Home, run: &str) -> BTreeSet<String> {
    let process = Process::serve(&home.flags());
    let filter = Some(format!("{run}_*"));
    let max_results = Some(500.try_into().expect("in range"));
    let request = DescribeUsers { filter, max_results, ..DescribeUsers::default() };
    let found = find(&process.administrator(), &request).await.into_iter().collect();
    process.kill();
    found
}

/// So many lives in one home, ended after 50 to 400 ms each.
async fn short_lives(home: &Home, lives: std::ops::Range<usize>, rng: &mut StdRng) {
    let mut acknowledged = 0;
    for at in lives.clone() {
        let run = format!("r{at}");
        let end = tokio::time::sleep(Duration::from_millis(rng.random_range(50..=400)));
        let told = life(home, &run, end, &[(1, 0), (1, 100), (20, 0), (1, 0)]).await;
        home.verify().await;
        acknowledged += check(&format!("seed {SEED}, {run}"), &told, &users_of(home, &run).await);
    }
    assert!(acknowledged > lives.len(), "the servers lived too short a time to do anything");
    let process = Process::serve(&home.flags());
    assert!(everybody(&process.administrator()).await.len() >= acknowledged, "later lives took nobody away");
    process.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_times_killed_it_keeps_what_it_acknowledged() {
    if Database::server().is_some() {
        return;
    }
    let mut rng = StdRng::seed_from_u64(SEED);
    // A home is used for nine lives: counting everything again takes longer after each of them.
    for first in (0..45).step_by(9) {
        short_lives(&Home::new().await, first..first + 9, &mut rng).await;
    }
    for at in 45..50 {
        checkpointed_life(&format!("r{at}"), &mut rng).await;
    }
}

/// A life that writes so much that the log is carried into the file, and is killed meanwhile.
async fn checkpointed_life(run: &str, rng: &mut StdRng) {
    let home = Home::new().await;
    let Place::File(file) = home.serve.house.place.clone() else { unreachable!("it is embedded") };
    let log = PathBuf::from(format!("{}-wal", file.display()));
    let size = |path: &PathBuf| std::fs::metadata(path).map_or(0, |data| data.len());
    let carried = AtomicBool::new(false);
    let rest = Duration::from_millis(rng.random_range(0..=300));
    let end = async {
        while size(&log) < LONG_LOG {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(rest).await;
        carried.store(size(&file) > 1 << 20, Ordering::Relaxed);
    };

    let told = life(&home, run, end, &[(100, 1_024), (100, 1_024), (1, 0), (100, 1_024)]).await;

    assert!(carried.into_inner(), "no checkpoint has run");
    home.verify().await;
    check(&format!("seed {SEED}, {run}"), &told, &users_of(&home, run).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_on_postgresql_it_keeps_what_it_acknowledged() {
    let home = Home::new().await;
    if home.is_shared() {
        short_lives(&home, 0..5, &mut StdRng::seed_from_u64(SEED)).await;
    }
}
