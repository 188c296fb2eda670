//! The PDS door: one user by a token, searches, a large section, lists by marker, changes and tokens.

mod app;
mod pages;
mod section;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use api::pds::{
    AuthenticationType, CreateUser, DeleteDrive, DeleteUser, GeneralSearchUser, GetUser, GroupInfo,
    ImportUser, ListGroupUser, ListUser, OrderBy, OrderDirection, ReturnInfo, Role, SearchGroup, SearchUser,
    Status, UpdateUser, User,
};
use wire::{List, Operation};

pub(crate) use app::App;
use app::{Callers, index};
use pages::{Marked, walk};
use section::Section;

use crate::Trouble;
use crate::client::{Connection, Next, each, posted};
use crate::company::Unit;
use crate::report::{self, Found};
use crate::routes;
use crate::server::Process;
use crate::writes::Times;

/// Parts of display names: what they are, and themselves. Rare Latin ones are the administrator's alone; what is
/// absent is in nobody's.
const NAMES: [(&str, &str); 27] = [
    ("Latin, 1, common", "e"),
    ("Latin, 1, less common", "q"),
    ("Latin, 1, rare", "z"),
    ("Latin, 1, absent", "@"),
    ("Latin, 2, common", "on"),
    ("Latin, 2, less common", "qu"),
    ("Latin, 2, rare", "zq"),
    ("Latin, 2, absent", "zz"),
    ("Latin, 3, common", "son"),
    ("Latin, 4, common", "john"),
    ("Latin, 4, less common", "nn k"),
    ("Latin, 4, rare", "zoqx"),
    ("Latin, 4, absent", "qzxv"),
    ("Latin, 4, absent, of common grams", "sons"),
    ("Latin, 8, absent, rare in addresses", "smith77@"),
    ("Latin, 8, absent, of common grams", "johnson_"),
    ("Latin, 11, absent, common in addresses", "example.com"),
    ("Chinese, 1, common", "王"),
    ("Chinese, 1, rare", "龘"),
    ("Chinese, 1, absent", "鑫"),
    ("Chinese, 2, common", "王伟"),
    ("Chinese, 2, rare", "龘平"),
    ("Chinese, 2, absent, of common grams", "伟王"),
    ("Chinese, 4, common", "总部 王"),
    ("Chinese, 4, rare", "部 龘平"),
    ("Chinese, 4, absent", "鑫鑫鑫鑫"),
    ("Chinese, 4, absent, of common grams", "王伟王伟"),
];

/// Changes of each kind that are timed in a round.
const TIMED: usize = 200;
/// What the ids and display names begin with of those who are made while they are measured.
const MADE: &str = "pds_made_";
/// The same of those who are imported; that of both.
const IMPORTED: &str = "pds_imported_";
const BOTH: [&str; 2] = [MADE, IMPORTED];

const VERIFIED: &str = "pds: one user, verified, nothing read";
const BY_NAME: &str = "pds: one user, DescribeUsers by name";
const OWN: &str = "pds: one user, user/get of oneself";
const OTHER: &str = "pds: one user, user/get by an administrator";
const CREATE: &str = "pds: user/create with an address, into a group";
const IMPORT: &str = "pds: user/import with an account and a drive, into a group";
const TOKEN: &str = "pds: oauth/token by assertion";
const TOKEN_ALONE: &str = "pds: oauth/token by assertion, timed alone";
const REFRESH: &str = "pds: oauth/token by refreshing";
const UPDATE: &str = "pds: user/update, a display name";
const DELETE: &str = "pds: user/delete";
const DELETE_DRIVE: &str = "pds: drive/delete";

/// Milliseconds below which the 99th hundredth is aimed at.
const OF_SEARCH: f64 = 5.0;
const OF_SECTION: f64 = 10.0;

/// The numbers of those whom this process makes here, each once.
static CREATED: AtomicU64 = AtomicU64::new(0);

/// Whether anything of this door is wanted.
pub(crate) fn is_wanted(only: &str) -> bool {
    "pds: ".contains(only) || only.starts_with("pds:")
}

/// What is asked of one server at this door.
pub(crate) struct Pds {
    address: SocketAddr,
    /// What stands behind each name.
    pub(crate) server: &'static str,
    callers: Arc<Callers>,
    /// The lists that are measured one call at a time and at all connections, by name.
    pub(crate) routes: Vec<(String, Next)>,
    /// The names of those of them for which there is an aim, with its milliseconds.
    aims: Vec<(String, f64)>,
    only: String,
    /// What is timed.
    pub(crate) times: Times,
}

impl Pds {
    /// Asks the server for what is named in requests, and makes the section that is measured.
    pub(crate) async fn at(
        process: &Process,
        users: u64,
        only: &str,
        server: &'static str,
        app: App,
    ) -> Result<Self, Trouble> {
        let address = process.address;
        let callers = Arc::new(Callers::at(address, app).await?);
        let mut pds = Self {
            address,
            server,
            callers: Arc::clone(&callers),
            routes: Vec::new(),
            aims: Vec::new(),
            only: only.to_owned(),
            times: Times::default(),
        };
        pds.clear().await?;
        let mut connection = Connection::open(address).await?;
        let (ids, markers) = pds.everybody(&mut connection).await?;
        callers.find_people(&ids).await?;

        pds.one_user(users, &ids);
        pds.searches(&mut connection).await?;
        let section = Section::of((address, server), &callers, &ids).await?;
        pds.section(section)?;
        pds.by_marker("user/list", &ListUser::default(), &markers);
        let mut connection = Connection::open(address).await?;
        pds.members(&mut connection).await?;
        pds.changes(&mut connection).await?;
        Ok(pds)
    }

    /// The ids of all people, and the markers of the list of all users.
    async fn everybody(&self, connection: &mut Connection) -> Result<(Arc<[String]>, Vec<String>), Trouble> {
        let (mut ids, started) = (Vec::new(), Instant::now());
        let markers = walk(connection, &self.callers, &ListUser::default(), |page| {
            ids.extend(page.items.into_iter().filter(is_person).map(|user| user.user_id));
        })
        .await?;
        let took = started.elapsed().as_secs_f64();
        println!(
            "user/list{}: {} people on {} pages in {took:.1} s",
            self.server,
            ids.len(),
            markers.len() + 1
        );
        Ok((ids.into(), markers))
    }

    /// One user, uniformly, at this door and beside it.
    fn one_user(&mut self, users: u64, ids: &Arc<[String]>) {
        self.route(VERIFIED, routes::verified());
        self.route(BY_NAME, routes::by_name(users));
        let callers = Arc::clone(&self.callers);
        self.route(OWN, Arc::new(move |n| posted(&callers.person(n), &GetUser::default())));
        let (callers, ids) = (Arc::clone(&self.callers), Arc::clone(ids));
        let of = move |n| GetUser { user_id: Some(ids[index(n, ids.len())].clone()) };
        self.route(OTHER, Arc::new(move |n| posted(&callers.manager(), &of(n))));
    }

    /// Users by what their display names hold: the first page of each part, and the page behind it.
    async fn searches(&mut self, connection: &mut Connection) -> Result<(), Trouble> {
        for (what, term) in NAMES {
            let search = holding(term);
            self.search(connection, &format!("user/search, {what}"), term, &search).await?;
        }
        for (what, term) in NAMES {
            let text = Some(term.to_owned());
            let search = GeneralSearchUser { nick_name_for_fuzzy: text, ..GeneralSearchUser::default() };
            self.search(connection, &format!("general_search, {what}"), term, &search).await?;
        }
        for (what, term) in [("common", "王"), ("rare", "龘"), ("absent", "鑫")] {
            let name = format!("pds: user/search, Chinese, 1, {what}");
            let by_name = SearchUser { order_by: Some(OrderBy::NickName), ..holding(term) };
            self.asks(&format!("{name}, by display name"), by_name);
            let newest = SearchUser { order_direction: Some(OrderDirection::Desc), ..holding(term) };
            self.asks(&format!("{name}, the newest first"), newest);
            let disabled = SearchUser { status: Some(Status::Disabled), ..holding(term) };
            self.asks(&format!("{name}, disabled"), disabled);
            let admins = SearchUser { role: Some(Role::Admin), ..holding(term) };
            self.asks(&format!("{name}, administrators"), admins);
        }
        Ok(())
    }

    async fn search<L: Marked>(
        &mut self,
        connection: &mut Connection,
        what: &str,
        term: &str,
        search: &L,
    ) -> Result<(), Trouble> {
        let (started, server) = (Instant::now(), self.server);
        let reply = connection.post(&self.callers.manager(), search).await?;
        let took = started.elapsed().as_secs_f64() * 1e3;
        let (shown, next) = L::told(&reply);
        println!(
            "{what}{server}: {term:?}, {shown} on the first page, asked for the first time in {took:.1} ms"
        );
        let name = format!("pds: {what}");
        self.aimed(&format!("{name}, first page"), search.clone(), OF_SEARCH);
        if !next.is_empty() {
            self.aimed(&format!("{name}, second page"), search.at(next), OF_SEARCH);
        }
        Ok(())
    }

    /// Everybody below one group with many below it.
    fn section(&mut self, section: Section) -> Result<(), Trouble> {
        let Section { everybody, markers } = section;
        let name = "pds: general_search below 500 groups";
        for (page, at) in places(&markers) {
            let request = at.map_or_else(|| everybody.clone(), |at| everybody.at(at));
            self.aimed(&format!("{name}, {page}"), request, OF_SECTION);
        }
        let by_name = GeneralSearchUser { order_by: Some(OrderBy::NickName), ..everybody.clone() };
        self.asks(&format!("{name}, by display name, first page"), by_name);
        let info = Some(vec![ReturnInfo::Drive, ReturnInfo::Group, ReturnInfo::Account]);
        let with_all = GeneralSearchUser { extra_return_info: info, ..everybody.clone() };
        self.asks(&format!("{name}, with drives, groups, accounts, 30"), with_all);
        for (what, term) in [("common", "王"), ("rare", "龘")] {
            let text = Some(term.to_owned());
            let search = GeneralSearchUser { nick_name_for_fuzzy: text, ..everybody.clone() };
            self.asks(&format!("{name}, and Chinese, 1, {what}, first page"), search);
        }
        Ok(())
    }

    /// Those who are directly in a department.
    async fn members(&mut self, connection: &mut Connection) -> Result<(), Trouble> {
        let group_id = Some(self.group(connection, Unit::mixed()).await?);
        let list = ListGroupUser { group_id, ..ListGroupUser::default() };
        let mut there = 0;
        let markers = walk(connection, &self.callers, &list, |page| there += page.user_items.len()).await?;
        println!("list_group_user of a department{}: {there} groups and people", self.server);
        self.by_marker("list_group_user of a department", &list, &markers);
        Ok(())
    }

    /// The id of the group that a unit is.
    async fn group(&self, connection: &mut Connection, unit: Unit) -> Result<String, Trouble> {
        let name = unit.name();
        let search = SearchGroup { group_name: Some(name.clone()), ..SearchGroup::default() };
        let groups = connection.post(&self.callers.manager(), &search).await?.items;
        let group = groups.into_iter().find(|group| group.group_name == name);
        Ok(group.ok_or_else(|| format!("no group {name}"))?.group_id)
    }

    /// What makes users, and what gives tokens.
    async fn changes(&mut self, connection: &mut Connection) -> Result<(), Trouble> {
        let group = self.group(connection, Unit::section()).await?;
        let from = report::fresh();
        let number = move || from + CREATED.fetch_add(1, Ordering::Relaxed);
        let (callers, group_id) = (Arc::clone(&self.callers), group.clone());
        self.route(CREATE, Arc::new(move |_| posted(&callers.manager(), &made(number(), &group_id))));
        let callers = Arc::clone(&self.callers);
        self.route(IMPORT, Arc::new(move |_| posted(&callers.manager(), &imported(number(), &group))));
        let callers = Arc::clone(&self.callers);
        self.route(TOKEN, Arc::new(move |n| callers.assertion(n)));
        Ok(())
    }

    /// The pages of a list: the first one, one in the middle, the last one.
    fn by_marker<L: Marked>(&mut self, name: &str, list: &L, markers: &[String]) {
        for (page, at) in places(markers) {
            let request = at.map_or_else(|| list.clone(), |at| list.at(at));
            self.asks(&format!("pds: {name}, {page}"), request);
        }
    }

    /// A route for which there is an aim.
    fn aimed(&mut self, name: &str, request: impl Operation, milliseconds: f64) {
        self.aims.push((format!("{name}{}", self.server), milliseconds));
        self.asks(name, request);
    }

    /// The same request each time, of the administrator.
    fn asks(&mut self, name: &str, request: impl Operation) {
        let callers = Arc::clone(&self.callers);
        self.route(name, Arc::new(move |_| posted(&callers.manager(), &request)));
    }

    fn route(&mut self, name: &str, next: Next) {
        let name = format!("{name}{}", self.server);
        if name.contains(&self.only) {
            self.routes.push((name, next));
        }
    }

    /// Changes some of those whom the round made, and removes all of them; gives everybody new tokens.
    pub(crate) async fn round(&mut self) -> Result<(), Trouble> {
        let renewed = self.callers.renew().await?;
        self.note(TOKEN_ALONE, renewed);
        if REFRESH.contains(&self.only) {
            let refreshed = self.callers.refresh(TIMED).await?;
            self.note(REFRESH, refreshed);
        }
        // The server closes connections that were idle while something else was measured.
        let mut connection = Connection::open(self.address).await?;
        let made = self.begins(&mut connection, MADE).await?;
        for (turn, user) in made.iter().take(TIMED).enumerate() {
            let nick_name = Some(format!("{MADE}changed {turn}"));
            let update = UpdateUser { user_id: user.user_id.clone(), nick_name, ..UpdateUser::default() };
            self.timed(&mut connection, UPDATE, &update).await?;
        }
        for user in made.iter().take(TIMED) {
            self.timed(&mut connection, DELETE, &DeleteUser { user_id: user.user_id.clone() }).await?;
        }
        let imported = self.begins(&mut connection, IMPORTED).await?;
        for user in imported.iter().take(TIMED) {
            self.timed(&mut connection, DELETE_DRIVE, &drive_of(user)).await?;
        }
        self.clear().await
    }

    fn note(&mut self, name: &'static str, seconds: Vec<f64>) {
        for one in seconds.into_iter().filter(|_| name.contains(&self.only)) {
            self.times.note(name, one);
        }
    }

    async fn timed(
        &mut self,
        connection: &mut Connection,
        name: &'static str,
        request: &impl Operation,
    ) -> Result<(), Trouble> {
        let request = posted(&self.callers.manager(), request);
        let started = Instant::now();
        connection.send(&request).await?;
        self.note(name, vec![started.elapsed().as_secs_f64()]);
        Ok(())
    }

    /// Everybody whose display name begins so.
    async fn begins(&self, connection: &mut Connection, name: &str) -> Result<Vec<User>, Trouble> {
        let search = SearchUser { nick_name: Some(name.to_owned()), ..SearchUser::default() };
        let mut users = Vec::new();
        walk(connection, &self.callers, &search, |page| users.extend(page.items)).await?;
        Ok(users)
    }

    /// Removes all who were made here, with what they own.
    async fn clear(&mut self) -> Result<(), Trouble> {
        let mut connection = Connection::open(self.address).await?;
        for name in BOTH {
            let users = self.begins(&mut connection, name).await?;
            let (of_drives, of_users) = (Arc::clone(&self.callers), Arc::clone(&self.callers));
            let owners: Vec<User> =
                users.iter().filter(|user| !user.default_drive_id.is_empty()).cloned().collect();
            let delete = move |n| posted(&of_drives.manager(), &drive_of(&owners[place(n)]));
            let count = users.iter().filter(|user| !user.default_drive_id.is_empty()).count();
            each(self.address, count, Arc::new(delete)).await?;
            let count = users.len();
            let delete = move |n| {
                let user_id = users[place(n)].user_id.clone();
                posted(&of_users.manager(), &DeleteUser { user_id })
            };
            each(self.address, count, Arc::new(delete)).await?;
        }
        Ok(())
    }

    /// What was found, beside what is aimed at. `of` finds a route by its name: alone, and at all connections.
    pub(crate) fn print<'a>(&self, of: impl Fn(&str) -> Option<(&'a Found, &'a Found)>) {
        let server = self.server;
        let rate = |name: &str| of(&format!("{name}{server}")).map(|(_, found)| report::median(&found.rate));
        println!();
        for name in [OWN, OTHER] {
            let Some(own) = rate(name) else { continue };
            for (beside, is_aimed) in [(BY_NAME, true), (VERIFIED, false)] {
                let Some(other) = rate(beside) else { continue };
                let ratio = own / other;
                let aim = match (is_aimed, ratio < 1.0) {
                    (false, _) => "",
                    (true, false) => " (aimed at: at least 1.0)",
                    (true, true) => " (aimed at: at least 1.0) (missed)",
                };
                println!(
                    "{name} / {}{server}, a second: {ratio:.2}{aim}",
                    &beside["pds: one user, ".len()..]
                );
            }
        }
        let measured = self.aims.iter().filter_map(|(name, aim)| Some((name, *aim, of(name)?.0)));
        for (at, (name, aim, alone)) in measured.enumerate() {
            if at == 0 {
                println!("\n{HEAD}");
            }
            let [p50, p99] = [&alone.p50, &alone.p99].map(|micros| report::median(micros) / 1e3);
            let missed = if p99 < aim { "" } else { " (missed)" };
            println!("{name:<76} {p50:>8.2} {p99:>8.2} {aim:>8.0}{missed}");
        }
    }
}

const HEAD: &str = "\
Pages of 100, one call at a time.                                             p50 ms   p99 ms    below";

/// The first page, one in the middle and the last one, each with its marker.
fn places(markers: &[String]) -> impl Iterator<Item = (&'static str, Option<&str>)> {
    let middle = markers.get(markers.len() / 2).filter(|_| markers.len() > 1);
    let later = [("behind the middle", middle), ("last page", markers.last())];
    let later = later.into_iter().filter_map(|(page, at)| Some((page, Some(at?.as_str()))));
    std::iter::once(("first page", None)).chain(later)
}

/// Whether the user is one of the people who were loaded: nobody chose their ids, and they manage nobody.
fn is_person(user: &User) -> bool {
    user.role == Role::User && user.user_id.len() == 32
}

fn place(n: u64) -> usize {
    usize::try_from(n).expect("below a count")
}

/// A search for a part of display names.
fn holding(term: &str) -> SearchUser {
    SearchUser { nick_name_for_fuzzy: Some(term.to_owned()), ..SearchUser::default() }
}

fn made(n: u64, group_id: &str) -> CreateUser {
    let name = format!("{MADE}{n}");
    let group = GroupInfo { group_id: group_id.to_owned(), member_role: None };
    CreateUser {
        email: Some(format!("{name}@example.com")),
        nick_name: Some(name.clone()),
        user_id: name,
        group_info_list: List::try_from(vec![group]).ok(),
        ..CreateUser::default()
    }
}

fn imported(n: u64, group_id: &str) -> ImportUser {
    let name = format!("{IMPORTED}{n}");
    ImportUser {
        authentication_type: Some(AuthenticationType::Email),
        identity: Some(format!("{name}@example.com")),
        nick_name: Some(name),
        auto_create_drive: Some(true),
        parent_group_id: Some(group_id.to_owned()),
        ..ImportUser::default()
    }
}

fn drive_of(user: &User) -> DeleteDrive {
    DeleteDrive { drive_id: user.default_drive_id.clone(), force: Some(true) }
}
