//! Changes, each timed by itself on one connection and then taken back.

use std::net::SocketAddr;
use std::time::Instant;

use api::eds::{
    DeleteUserPropertyValue, DescribeUsers, DescribedUser, LockUsers, MoveOrg, SetUserPropertyValue,
    ShownStatus, UnlockUsers, UserBatchJoinGroup, UserBatchQuitGroup,
};
use wire::{Action, List};

use crate::Trouble;
use crate::client::Connection;
use crate::company::Unit;
use crate::people::{mix, username};
use crate::server::Process;
use crate::spelled::Spelled;

/// Times of each change in a round.
const MOVES: usize = 20;
const JOINS: usize = 10;
const LOCKS: usize = 4;
const VALUES: usize = 50;

/// Users in one call that joins, and calls with one user that it is compared with.
const TOGETHER: usize = 100;
const SINGLE: usize = 10;

pub(crate) const MOVE: &str = "write: MoveOrg of a section";
pub(crate) const JOIN_TOGETHER: &str = "write: UserBatchJoinGroup of 100";
pub(crate) const JOIN_SINGLE: &str = "write: UserBatchJoinGroup of one, ten calls";
const LOCK: &str = "write: LockUsers of 500";
const UNLOCK: &str = "write: UnlockUsers of 500";
const SET_VALUE: &str = "write: SetUserPropertyValue";

/// Changes at one server.
pub(crate) struct Writes {
    address: SocketAddr,
    connection: Connection,
    spelled: Spelled,
    people: Vec<DescribedUser>,
    /// What is timed.
    pub(crate) times: Times,
}

/// Seconds that changes took, under their names.
#[derive(Default)]
pub(crate) struct Times(pub(crate) Vec<(&'static str, Vec<f64>)>);

impl Times {
    /// Notes a change that took so long.
    pub(crate) fn note(&mut self, name: &'static str, seconds: f64) {
        match self.0.iter_mut().find(|(other, _)| *other == name) {
            Some((_, times)) => times.push(seconds),
            None => self.0.push((name, vec![seconds])),
        }
    }
}

impl Writes {
    /// Makes ready to change what `process` serves, of whose people these many are known by their numbers.
    pub(crate) async fn at(process: &Process, users: u64) -> Result<Self, Trouble> {
        let mut connection = Connection::open(process.address).await?;
        let spelled = Spelled::by(&mut connection).await?;
        let request = DescribeUsers {
            org_id: Some(spelled.org(Unit::large_section())?),
            is_query_all_sub_orgs: Some(true),
            ..DescribeUsers::default()
        };
        println!(
            "the section that is moved has {} users",
            connection.ask(&request).await?.count.unwrap_or_default()
        );
        // People by chance who are open and not in the group that is joined.
        let mut people = Vec::new();
        for part in 0..2 {
            let names = (0..500).map(|n| username(mix(1_000 + part * 500 + n) % users)).collect::<Vec<_>>();
            let request = DescribeUsers {
                end_user_ids: List::try_from(names).ok(),
                exclude_group_id: Some(spelled.group(0)?),
                status: Some(ShownStatus::Normal),
                max_results: 500.try_into().ok(),
                ..DescribeUsers::default()
            };
            people.extend(connection.ask(&request).await?.users);
        }
        people.sort_by_key(|user| user.id);
        people.dedup_by_key(|user| user.id);
        people.sort_by_key(|user| mix(user.id.unsigned_abs()));
        Ok(Self { address: process.address, connection, spelled, people, times: Times::default() })
    }

    /// Makes every change whose name holds `only`, and takes it back.
    pub(crate) async fn round(&mut self, only: &str) -> Result<(), Trouble> {
        // The server closes connections that were idle while something else was measured.
        self.connection = Connection::open(self.address).await?;
        let wants = |names: &[&str]| names.iter().any(|name| name.contains(only));
        if wants(&[MOVE]) {
            self.moves().await?;
        }
        if wants(&[JOIN_TOGETHER, JOIN_SINGLE]) {
            self.joins().await?;
        }
        if wants(&[LOCK, UNLOCK]) {
            self.locks().await?;
        }
        if wants(&[SET_VALUE]) {
            self.values().await?;
        }
        Ok(())
    }

    /// There and back.
    async fn moves(&mut self) -> Result<(), Trouble> {
        let section = self.spelled.org(Unit::large_section())?;
        let [home, away] = [Unit::imported(), Unit::mixed()].map(|unit| self.spelled.org(unit));
        let parents = [away?, home?];
        for turn in 0..MOVES {
            let (org_id, new_parent_org_id) = (section.clone(), parents[turn % 2].clone());
            self.timed(MOVE, &MoveOrg { org_id, new_parent_org_id }).await?;
        }
        Ok(())
    }

    async fn joins(&mut self) -> Result<(), Trouble> {
        let group_id = self.spelled.group(0)?;
        for turn in 0..JOINS {
            let mut names: Vec<String> = self.people.iter().map(|user| user.end_user_id.clone()).collect();
            let length = names.len();
            names.rotate_left(turn * 2 * TOGETHER % length);
            let names = names.get(..TOGETHER + SINGLE).ok_or("too few people")?;
            let (together, single) = names.split_at(TOGETHER);
            let join = |names: &[String]| -> Result<UserBatchJoinGroup, Trouble> {
                Ok(UserBatchJoinGroup {
                    group_id: group_id.clone(),
                    end_user_ids: List::try_from(names.to_vec())?,
                })
            };
            self.timed(JOIN_TOGETHER, &join(together)?).await?;
            let mut all = 0.0;
            for name in single {
                all += self.sent(&join(std::slice::from_ref(name))?).await?;
            }
            self.times.note(JOIN_SINGLE, all);
            for names in [together, single] {
                let end_user_ids = List::try_from(names.to_vec())?;
                self.sent(&UserBatchQuitGroup { group_id: group_id.clone(), end_user_ids }).await?;
            }
        }
        Ok(())
    }

    async fn locks(&mut self) -> Result<(), Trouble> {
        let names: Vec<String> = self.people.iter().take(500).map(|user| user.end_user_id.clone()).collect();
        for _ in 0..LOCKS {
            let users = List::try_from(names.clone())?;
            self.timed(LOCK, &LockUsers { users, logout_session: None }).await?;
            let users = List::try_from(names.clone())?;
            self.timed(UNLOCK, &UnlockUsers { users, auto_lock_time: None }).await?;
        }
        Ok(())
    }

    /// A value of the rarest property, which hardly anybody has.
    async fn values(&mut self) -> Result<(), Trouble> {
        let (property_id, values) = self.spelled.property(crate::company::PROPERTIES.len() - 1)?;
        for turn in 0..VALUES {
            let user = &self.people[turn % self.people.len()];
            let (user_id, user_name) = (user.id, user.end_user_id.clone());
            let property_value_id = *values.last().ok_or("no value")?;
            let set = SetUserPropertyValue { user_id, user_name, property_id, property_value_id };
            self.timed(SET_VALUE, &set).await?;
            self.sent(&DeleteUserPropertyValue { user_id, property_id, property_value_id }).await?;
        }
        Ok(())
    }

    async fn timed(&mut self, name: &'static str, request: &impl Action) -> Result<(), Trouble> {
        let seconds = self.sent(request).await?;
        self.times.note(name, seconds);
        Ok(())
    }

    /// How long an answer takes.
    async fn sent<A: Action>(&mut self, request: &A) -> Result<f64, Trouble> {
        let request = crate::client::signed(A::NAME, api::eds::VERSION, request);
        let started = Instant::now();
        self.connection.send(&request).await?;
        Ok(started.elapsed().as_secs_f64())
    }
}
