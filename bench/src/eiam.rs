//! The EIAM door: one user, lists under every filter with page and total, and changes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use api::eiam::{
    CreateUser, DeleteUser, DeleteUsers, GetUser, ListInstances, ListOrganizationalUnits, ListUsers,
    ListUsersReply, SourceType, StatusFilter, UpdateUser, VERSION,
};
use wire::{Action, List};

use crate::Trouble;
use crate::client::{Connection, Next, signed};
use crate::company::{Site, Unit};
use crate::people::{email, external_id, mix, phone};
use crate::report::{self, Found};
use crate::routes;
use crate::server::{self, Process};
use crate::uncounted::Uncounted;
use crate::writes::Times;

/// What the usernames, and the display names, of those begin with who work elsewhere than most.
const OUTSIDE: (&str, &str) = (Site::Outside.of_usernames(), Site::Outside.of_display_names());
const HEADQUARTERS: (&str, &str) = (Site::Headquarters.of_usernames(), Site::Headquarters.of_display_names());
/// What about one username in 1,000 begins with, and one display name in 1,000.
const FEW: (&str, &str) = ("alice_smith", "欧阳");
/// Regions of most numbers, and of one in 80.
const HOME: &str = "86";
const ABROAD: &str = "852";
/// What the usernames of those begin with who are made while they are measured.
const MADE: &str = "made_";

/// Page sizes.
const SIZES: [i64; 2] = [20, 100];
/// Changes of each kind that are timed in a round.
const TIMED: usize = 200;
/// Users whom one call removes.
const TOGETHER: usize = 100;

const VERIFIED: &str = "eiam: one user, verified, nothing read";
const BY_NAME: &str = "eiam: one user, DescribeUsers by name";
const GET: &str = "eiam: one user, GetUser";
const CREATE: &str = "eiam: CreateUser with an address";
const CREATE_ONCE: &str = "eiam: CreateUser with an address and a ClientToken";
const UPDATE: &str = "eiam: UpdateUser, a display name";
const DELETE: &str = "eiam: DeleteUser";
const DELETE_TOGETHER: &str = "eiam: DeleteUsers of 100";

/// The numbers of those whom this process makes here, each once.
static CREATED: AtomicU64 = AtomicU64::new(0);

/// What is asked of one server at this door.
pub(crate) struct Eiam {
    address: SocketAddr,
    /// What stands behind each name.
    pub(crate) server: &'static str,
    instance: String,
    /// The lists that are measured one call at a time and at all connections, by name.
    pub(crate) routes: Vec<(String, Next)>,
    cases: Vec<Case>,
    /// What is timed.
    pub(crate) times: Times,
}

/// A list under some filters.
struct Case {
    what: &'static str,
    /// Whether that is one filter at most.
    is_single: bool,
    request: ListUsers,
    /// How many match.
    total: i64,
}

impl Case {
    /// What the route is called that asks for a page.
    fn route(&self, size: i64, page: &str) -> String {
        format!("eiam: {}, {page} of {size}", self.what)
    }

    fn page(&self, size: i64, number: i64) -> ListUsers {
        ListUsers {
            page_number: number.try_into().ok(),
            page_size: size.try_into().ok(),
            ..self.request.clone()
        }
    }

    fn pages(&self, size: i64) -> i64 {
        (self.total + size - 1) / size
    }
}

impl Eiam {
    /// Asks the server for what is named in requests, and how many match; nothing, where nothing here is wanted.
    pub(crate) async fn at(
        process: &Process,
        users: u64,
        only: &str,
        server: &'static str,
    ) -> Result<Self, Trouble> {
        let mut connection = Connection::open(process.address).await?;
        let mut eiam = Self {
            address: process.address,
            server,
            instance: String::new(),
            routes: Vec::new(),
            cases: Vec::new(),
            times: Times::default(),
        };
        if !"eiam: ".contains(only) && !only.starts_with("eiam:") {
            return Ok(eiam);
        }
        let instances = connection.ask_of(VERSION, &ListInstances::default()).await?.instances;
        eiam.instance = instances.into_iter().next().ok_or("no instance")?.instance_id;
        eiam.clear(&mut connection).await?;
        let ids = eiam.ids(&mut connection).await?;
        let team = eiam.unit(&mut connection, Unit::team()).await?;
        let department = eiam.unit(&mut connection, Unit::mixed()).await?;

        eiam.routes.push((VERIFIED.to_owned(), routes::verified()));
        eiam.routes.push((BY_NAME.to_owned(), routes::by_name(users)));
        eiam.routes.push((GET.to_owned(), eiam.get(Arc::clone(&ids))));
        let single = eiam.single(users, &ids, (&department, &team))?;
        for (filters, is_single) in [(single, true), (eiam.pairs(&department), false)] {
            for (what, request) in filters {
                let case = Case { what, is_single, request, total: 0 };
                eiam.list(&mut connection, case).await?;
            }
        }
        let from = report::fresh();
        eiam.routes.push((CREATE.to_owned(), eiam.create(from, &team, false)));
        eiam.routes.push((CREATE_ONCE.to_owned(), eiam.create(from, &team, true)));
        eiam.routes = std::mem::take(&mut eiam.routes)
            .into_iter()
            .map(|(name, next)| (format!("{name}{server}"), next))
            .filter(|(name, _)| name.contains(only))
            .collect();
        Ok(eiam)
    }

    /// The ids of all users.
    async fn ids(&self, connection: &mut Connection) -> Result<Arc<[String]>, Trouble> {
        let mut request = ListUsers { max_results: 100.try_into().ok(), ..self.everybody() };
        let mut ids = Vec::new();
        loop {
            let page = connection.ask_of(VERSION, &request).await?;
            ids.extend(page.users.into_iter().map(|user| user.user_id));
            if page.next_token.is_none() {
                return Ok(ids.into());
            }
            request.next_token = page.next_token;
        }
    }

    /// A unit's id.
    async fn unit(&self, connection: &mut Connection, unit: Unit) -> Result<String, Trouble> {
        let mut way = vec![unit];
        while let Some(above) = way.last().and_then(|unit| unit.parent()) {
            way.push(above);
        }
        let mut found = None;
        for unit in way.into_iter().rev() {
            let request = ListOrganizationalUnits {
                instance_id: self.instance.clone(),
                organizational_unit_name: Some(unit.name()),
                parent_id: found,
                ..ListOrganizationalUnits::default()
            };
            let units = connection.ask_of(VERSION, &request).await?.organizational_units;
            found = Some(units.into_iter().next().ok_or("no such unit")?.organizational_unit_id);
        }
        found.ok_or_else(|| "no unit".into())
    }

    fn everybody(&self) -> ListUsers {
        ListUsers { instance_id: self.instance.clone(), ..ListUsers::default() }
    }

    fn by_username(&self, text: &str) -> ListUsers {
        ListUsers { username_starts_with: Some(text.to_owned()), ..self.everybody() }
    }

    fn by_display_name(&self, text: &str) -> ListUsers {
        ListUsers { display_name_starts_with: Some(text.trim_end().to_owned()), ..self.everybody() }
    }

    fn by_unit(&self, id: &str) -> ListUsers {
        ListUsers { organizational_unit_id: Some(id.to_owned()), ..self.everybody() }
    }

    fn by_region(&self, region: &str) -> ListUsers {
        ListUsers { phone_region: Some(region.to_owned()), ..self.everybody() }
    }

    fn by_status(&self, status: StatusFilter) -> ListUsers {
        ListUsers { status: Some(status), ..self.everybody() }
    }

    /// Lists by one filter at most.
    fn single(
        &self,
        users: u64,
        ids: &[String],
        (department, team): (&str, &str),
    ) -> Result<Vec<Filter>, Trouble> {
        let all = || self.everybody();
        let n = users / 3;
        let user_external_id = Some((n..users).find_map(external_id).ok_or("nobody is called elsewhere")?);
        let some: Vec<String> = (0..20).map(|n| ids[index(n, ids.len())].clone()).collect();
        Ok(vec![
            ("no filter", all()),
            ("username, one in 10", self.by_username(OUTSIDE.0)),
            ("username, one in 1,000", self.by_username(FEW.0)),
            ("username, one in 2", self.by_username(HEADQUARTERS.0)),
            ("display name, one in 10", self.by_display_name(OUTSIDE.1)),
            ("display name, one in 1,000", self.by_display_name(FEW.1)),
            ("display name, one in 2", self.by_display_name(HEADQUARTERS.1)),
            ("unit, a department", self.by_unit(department)),
            ("unit, a team", self.by_unit(team)),
            ("enabled", self.by_status(StatusFilter::Enabled)),
            ("disabled", self.by_status(StatusFilter::Disabled)),
            ("e-mail", ListUsers { email: Some(email(n)), ..all() }),
            ("phone number", ListUsers { phone_number: Some(phone(n)), ..all() }),
            ("region, most", self.by_region(HOME)),
            ("region, one in 80", self.by_region(ABROAD)),
            ("external id", ListUsers { user_external_id, ..all() }),
            ("20 ids", ListUsers { user_ids: List::try_from(some).ok(), ..all() }),
            ("source type", ListUsers { user_source_type: Some(SourceType::BuildIn), ..all() }),
        ])
    }

    /// Lists by two filters.
    fn pairs(&self, department: &str) -> Vec<Filter> {
        let outside = || self.by_username(OUTSIDE.0);
        let few = format!("{}{}", HEADQUARTERS.1, FEW.1);
        let [enabled, disabled] = [StatusFilter::Enabled, StatusFilter::Disabled].map(Some);
        vec![
            ("username, one in 10, and enabled", ListUsers { status: enabled, ..outside() }),
            ("username, one in 10, and disabled", ListUsers { status: disabled, ..outside() }),
            (
                "username, one in 10, and a department",
                ListUsers { organizational_unit_id: Some(department.to_owned()), ..outside() },
            ),
            (
                "username and display name, one in 10",
                ListUsers { display_name_starts_with: Some(OUTSIDE.1.trim_end().to_owned()), ..outside() },
            ),
            (
                "username, one in 2, and display name, one in 1,000",
                ListUsers { display_name_starts_with: Some(few), ..self.by_username(HEADQUARTERS.0) },
            ),
            (
                "username, one in 10, and region, one in 80",
                ListUsers { phone_region: Some(ABROAD.to_owned()), ..outside() },
            ),
            ("a department and enabled", ListUsers { status: enabled, ..self.by_unit(department) }),
            ("a department and disabled", ListUsers { status: disabled, ..self.by_unit(department) }),
        ]
    }

    /// The pages of a list: the first one, with a total and without, a middle one, the last one; and by token.
    async fn list(&mut self, connection: &mut Connection, mut case: Case) -> Result<(), Trouble> {
        let started = Instant::now();
        let what = format!("{}{}", case.what, self.server);
        match connection.ask_of(VERSION, &case.page(SIZES[0], 1)).await {
            Ok(ListUsersReply { total_count, .. }) => case.total = total_count,
            Err(trouble) => {
                println!("{what}: {trouble}");
                return Ok(());
            }
        }
        let took = started.elapsed().as_secs_f64() * 1e3;
        println!("{what}: {} users, asked for the first time in {took:.1} ms", case.total);
        for size in SIZES {
            let last = case.pages(size);
            let first = case.page(size, 1);
            self.add_of(server::VERSION, case.route(size, "without a total"), Uncounted(first.clone()));
            self.add(case.route(size, "first"), first);
            if last > 2 {
                self.add(case.route(size, "middle"), case.page(size, last.midpoint(1)));
            }
            if last > 1 {
                self.add(case.route(size, "last"), case.page(size, last));
            }
        }
        let [_, size] = SIZES;
        if case.pages(size) > 2 {
            let first = ListUsers { max_results: size.try_into().ok(), ..case.request.clone() };
            self.add(case.route(size, "by token, first"), first.clone());
            let middle = behind_the_middle(connection, first, case.total).await?;
            self.add(case.route(size, "by token, middle"), middle);
        }
        self.cases.push(case);
        Ok(())
    }

    fn add(&mut self, name: String, request: impl Action) {
        self.add_of(VERSION, name, request);
    }

    fn add_of<A: Action>(&mut self, version: &'static str, name: String, request: A) {
        self.routes.push((name, Arc::new(move |_| signed(A::NAME, version, &request))));
    }

    /// One user, uniformly.
    fn get(&self, ids: Arc<[String]>) -> Next {
        let instance_id = self.instance.clone();
        Arc::new(move |n| {
            let user_id = ids[index(n, ids.len())].clone();
            signed(GetUser::NAME, VERSION, &GetUser { instance_id: instance_id.clone(), user_id })
        })
    }

    /// A new user, durably.
    fn create(&self, from: u64, unit: &str, once: bool) -> Next {
        let (instance_id, unit) = (self.instance.clone(), unit.to_owned());
        Arc::new(move |_| {
            let n = from + CREATED.fetch_add(1, Ordering::Relaxed);
            let new = CreateUser {
                instance_id: instance_id.clone(),
                username: format!("{MADE}{n}"),
                display_name: Some(format!("made {n}")),
                email: Some(format!("{MADE}{n}@example.com")),
                email_verified: Some(true),
                primary_organizational_unit_id: unit.clone(),
                client_token: once.then(|| format!("token-{n}")),
                ..CreateUser::default()
            };
            signed(CreateUser::NAME, VERSION, &new)
        })
    }

    /// Changes some of those whom the round made, and removes all of them.
    pub(crate) async fn round(&mut self) -> Result<(), Trouble> {
        if self.instance.is_empty() {
            return Ok(());
        }
        // The server closes connections that were idle while something else was measured.
        let mut connection = Connection::open(self.address).await?;
        let made = self.made(&mut connection).await?;
        let instance_id = || self.instance.clone();
        for (turn, id) in made.iter().take(TIMED).enumerate() {
            let display_name = Some(format!("changed {turn}"));
            let update = UpdateUser {
                instance_id: instance_id(),
                user_id: id.clone(),
                display_name,
                ..UpdateUser::default()
            };
            self.times.note(UPDATE, timed(&mut connection, &update).await?);
        }
        for id in made.iter().take(TIMED) {
            let delete = DeleteUser { instance_id: instance_id(), user_id: id.clone() };
            self.times.note(DELETE, timed(&mut connection, &delete).await?);
        }
        self.clear(&mut connection).await
    }

    /// Some of those who were made here and are still there: as many as a page has and one call removes.
    async fn made(&self, connection: &mut Connection) -> Result<Vec<String>, Trouble> {
        let mut ids = Vec::new();
        for number in 1..=TIMED.div_ceil(TOGETHER) {
            let request = ListUsers {
                username_starts_with: Some(MADE.to_owned()),
                page_number: i64::try_from(number)?.try_into().ok(),
                page_size: i64::try_from(TOGETHER)?.try_into().ok(),
                ..self.everybody()
            };
            let page = connection.ask_of(VERSION, &request).await?;
            ids.extend(page.users.into_iter().map(|user| user.user_id));
        }
        Ok(ids)
    }

    /// Removes all who were made here.
    async fn clear(&mut self, connection: &mut Connection) -> Result<(), Trouble> {
        loop {
            let made = self.made(connection).await?;
            if made.is_empty() {
                return Ok(());
            }
            for ids in made.chunks(TOGETHER) {
                let user_ids = List::try_from(ids.to_vec())?;
                let delete = DeleteUsers { instance_id: self.instance.clone(), user_ids };
                let seconds = timed(connection, &delete).await?;
                if ids.len() == TOGETHER {
                    self.times.note(DELETE_TOGETHER, seconds);
                }
            }
        }
    }

    /// What was found, beside what is aimed at. `of` finds a route by its name: alone, and at all connections.
    pub(crate) fn print<'a>(&self, of: impl Fn(&str) -> Option<(&'a Found, &'a Found)>) {
        let of = |name: &str| of(&format!("{name}{}", self.server));
        let server = self.server;
        let mut is_first = true;
        let aim = if server.is_empty() { " (aimed at: at least 0.40)" } else { "" };
        for (name, aim) in [(GET, aim), (BY_NAME, "")] {
            if let (Some((_, one)), Some((_, nothing))) = (of(name), of(VERIFIED)) {
                let ratio = report::median(&one.rate) / report::median(&nothing.rate);
                println!("{name}{server} / verified, a second: {ratio:.2}{aim}");
            }
        }
        let p50 = |name: &str| of(name).map(|(alone, _)| report::median(&alone.p50) / 1e3);
        for case in &self.cases {
            for size in SIZES {
                let [first, bare, middle, last] =
                    ["first", "without a total", "middle", "last"].map(|page| p50(&case.route(size, page)));
                let Some(first) = first else { continue };
                if is_first {
                    println!("\n{HEAD}");
                    is_first = false;
                }
                let of_page = bare.map(|bare| first / bare);
                let of_first = last.map(|last| last / first);
                let aims = [(of_page, 1.5), (of_first, 5.0)];
                let misses = aims.iter().any(|(ratio, aim)| ratio.is_some_and(|ratio| ratio > *aim));
                println!(
                    "{:<66} {:>9} {first:>8.2} {} {} {} {} {}{}",
                    format!("{}, pages of {size}{server}", case.what),
                    case.total,
                    figure(bare),
                    figure(of_page),
                    figure(middle),
                    figure(last),
                    figure(of_first),
                    if misses && case.is_single && server.is_empty() { " (missed)" } else { "" },
                );
            }
        }
    }
}

/// A list under some filters, and what it is called.
type Filter = (&'static str, ListUsers);

const HEAD: &str = "\
Pages by number, one call at a time, p50. `page` is the same first page without a total, for which EIAM has no call:
the benchmark's own door asks the same rule and answers in the same shape. Aimed at for one filter at most: page and
total / page at most 1.5; last / first at most 5; page and total of 100,000 users by their beginning under 10 ms; all
of that on SQLite.
list                                                                matching total ms  page ms    ratio   middle     last  / first";

fn figure(value: Option<f64>) -> String {
    value.map_or_else(|| format!("{:>8}", "-"), |value| format!("{value:>8.2}"))
}

fn index(n: u64, length: usize) -> usize {
    usize::try_from(mix(n) % length as u64).expect("below a length")
}

/// The page by token that begins behind the middle of a list.
async fn behind_the_middle(
    connection: &mut Connection,
    mut request: ListUsers,
    total: i64,
) -> Result<ListUsers, Trouble> {
    let mut seen = 0;
    while seen <= total / 2 {
        let page = connection.ask_of(VERSION, &request).await?;
        seen += i64::try_from(page.users.len())?;
        request.next_token = Some(page.next_token.ok_or("the list ends before its middle")?);
    }
    Ok(request)
}

/// How long an answer takes.
async fn timed<A: Action>(connection: &mut Connection, request: &A) -> Result<f64, Trouble> {
    let request = signed(A::NAME, VERSION, request);
    let started = Instant::now();
    connection.send(&request).await?;
    Ok(started.elapsed().as_secs_f64())
}
