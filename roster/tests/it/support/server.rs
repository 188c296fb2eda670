//! The server under test, in this process, on a folder or a database of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use access::access_keys::NewKey;
use gate::Surface;
use model::{Millis, Secret};
use roster::serve::{self, Running};
use roster::settings::{HouseArgs, Rates, Serve, ServeArgs};
use roster::{Surroundings, Trouble};
use store::{Place, Store, directories};
use tempfile::TempDir;

use super::client::Client;
use super::database::Database;

/// The account's root AccessKey in every test.
pub(crate) const KEY: &str = "LTAItesttesttesttesttest";
/// Its secret.
pub(crate) const SECRET: &str = "secretsecretsecretsecretsecret";
/// When tests begin: 2026-01-15T08:30:00Z, which is 16:30 in the zone of the server.
pub(crate) const NOW: i64 = 1_768_465_800_000;

/// How long tests wait for what happens within a second on an idle machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where one installation lives: its folder, its database, its clock. Servers come and go in it.
pub(crate) struct Home {
    /// What servers begin with.
    pub(crate) serve: Serve,
    /// The test's clock.
    pub(crate) clock: Clock,
    folder: TempDir,
    database: Option<Database>,
}

/// A clock that only the test moves, or one that also goes by itself.
#[derive(Clone)]
pub(crate) struct Clock {
    now: Arc<AtomicI64>,
    started: Option<Instant>,
}

impl Clock {
    /// The time of day.
    pub(crate) fn real() -> Self {
        let now = jiff::Timestamp::now().as_millisecond();
        Self { now: Arc::new(AtomicI64::new(now)), started: Some(Instant::now()) }
    }

    /// What it shows.
    pub(crate) fn now(&self) -> Millis {
        let gone =
            self.started.map_or(0, |started| i64::try_from(started.elapsed().as_millis()).unwrap_or(0));
        Millis(self.now.load(Ordering::SeqCst) + gone)
    }

    /// Moves it to the real time, by which commands go.
    pub(crate) fn set_real(&self) {
        self.now.store(jiff::Timestamp::now().as_millisecond(), Ordering::SeqCst);
    }

    /// Moves it on, or back.
    pub(crate) fn pass(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Home {
    /// An empty home.
    pub(crate) async fn new() -> Self {
        let database = match Database::server() {
            Some(server) => Some(Database::create(server).await),
            None => None,
        };
        let folder = tempfile::tempdir().expect("a folder can be made");
        let house = HouseArgs {
            data: Some(folder.path().join("data")),
            database: database.as_ref().map(|database| database.url.clone()),
            keys: Some(folder.path().join("keys")),
            config: None,
        };
        let args = ServeArgs { house, listen: Some(any_port()), ..ServeArgs::default() };
        // Tests call as often as they like, while their clock stands still.
        let serve = Serve { rates: Rates::default(), ..args.decide().expect("the settings fit") };
        Self { serve, clock: Clock { now: Arc::new(AtomicI64::new(NOW)), started: None }, folder, database }
    }

    /// The same with a clock that goes by itself, for several servers that make ids at once.
    pub(crate) fn with_running_clock(mut self) -> Self {
        self.clock.started = Some(Instant::now());
        self
    }

    /// Whether several servers may work here at once.
    pub(crate) fn is_shared(&self) -> bool {
        self.database.is_some()
    }

    /// The flags that lead a command to this home.
    pub(crate) fn flags(&self) -> Vec<String> {
        let keys = self.folder.path().join("keys").display().to_string();
        match &self.database {
            Some(database) => vec!["--database".into(), database.url.clone(), "--keys".into(), keys],
            None => {
                let data = self.folder.path().join("data").display().to_string();
                vec!["--data".into(), data, "--keys".into(), keys]
            }
        }
    }

    /// Starts a server here.
    pub(crate) async fn open(&self) -> Running {
        let clock = self.clock.clone();
        let key = NewKey { id: KEY.to_owned(), secret: Secret::new(SECRET) };
        let surroundings =
            Surroundings { clock: Arc::new(move || clock.now()), first_key: Some(Arc::new(key)) };
        // A program that another test starts just now has all open files until it begins, and so the lock of a server
        // that has ended.
        for _ in 0..200 {
            match serve::start(&self.serve, &surroundings, Vec::new()).await {
                Err(Trouble::InUse(_)) => tokio::time::sleep(Duration::from_millis(10)).await,
                started => return started.expect("the server starts"),
            }
        }
        panic!("another server has the folder");
    }

    /// A client of the server at `address`, with the root AccessKey.
    pub(crate) fn client(&self, address: SocketAddr) -> Client {
        Client::new(address, self.clock.clone(), KEY, SECRET)
    }

    /// Checks what lies here: every count and index agrees with the rows.
    pub(crate) async fn verify(&self) {
        verify(&self.serve.house.place).await;
        super::trail::Trail::of(self).await.is_whole(&[]).await;
    }
}

/// A server that runs in a home of its own.
pub(crate) struct Server {
    /// Its home.
    pub(crate) home: Home,
    running: Running,
}

impl Server {
    /// An empty one.
    pub(crate) async fn start() -> Self {
        Self::within(Home::new().await).await
    }

    /// One in this home.
    pub(crate) async fn within(home: Home) -> Self {
        let running = home.open().await;
        Self { home, running }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.running.address
    }

    /// What it answers.
    pub(crate) fn surface(&self) -> &Surface {
        &self.running.surface
    }

    /// The account's root, who signs by V3.
    pub(crate) fn administrator(&self) -> Client {
        self.home.client(self.address())
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, millis: i64) {
        self.home.clock.pass(millis);
    }

    /// Stops it and starts another one in the same home, a second later.
    pub(crate) async fn restart(self) -> Self {
        let Self { home, running } = self;
        running.stop().await;
        home.clock.pass(1_000);
        Self::within(home).await
    }

    /// Stops it and stays where it was.
    pub(crate) async fn halt(self) -> Home {
        let Self { home, running } = self;
        running.stop().await;
        home
    }

    /// Stops it where the test has written into the database itself.
    pub(crate) async fn stop_unverified(self) {
        self.running.stop().await;
    }

    /// Stops it; whatever the test did, every count and index agrees with the rows.
    pub(crate) async fn stop(self) {
        let Self { home, running } = self;
        running.stop().await;
        home.verify().await;
    }
}

/// Waits until `holds` does: for what another process did and this one learns within a second.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !holds().await {
        assert!(started.elapsed() < PATIENCE, "{what}: not so after {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Checks every directory in `place`.
async fn verify(place: &Place) {
    let store = Store::open(place).await.expect("the store opens");
    for directory in directories::all(&mut store.reader()).await.expect("the directories are listed") {
        let report =
            store::verify::directory(&store, directory.key).await.expect("the directory is looked at");
        assert_eq!(report.differences, Vec::<String>::new(), "what is kept differs from the rows");
        assert!(report.users > 0, "superadmin is there");
    }
    let differences = store::verify::access(&store).await.expect("the accounts are looked at");
    assert_eq!(differences, Vec::<String>::new(), "what policies are attached to differs from the rows");
    store.close().await;
}

fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}
