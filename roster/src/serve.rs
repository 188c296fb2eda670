//! `roster serve`: from the folder to the listening server, and back.

use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use access::Entrance;
use access::access_keys::NewKey;
use access::audit::Sealer;
use courier::Courier;
use gate::{Clock, Door, Limits, Network, Renewal, Server, Start, Surface, Tls};
use store::Store;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::house::{self, Open};
use crate::sealing::{Cutting, Sealing};
use crate::settings::Serve;
use crate::surroundings::Surroundings;
use crate::trouble::Trouble;

/// How often changes of other processes are looked for. A look may take as long once more; so they act within a second.
const WATCH_EVERY: Duration = Duration::from_millis(500);
/// How often the search index is looked after, where that is work in the background.
const TEND_EVERY: Duration = Duration::from_secs(1);
/// How often the sweep goes: accounts whose time has come, things that were removed.
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// How often scheduled work is looked for: what one process of an installation does at a time.
const SCHEDULE_EVERY: Duration = Duration::from_secs(60);
/// How often another certificate is looked for.
const RENEW_EVERY: Duration = Duration::from_secs(1);
/// How often old replay keys are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60);

/// How often it is written down when keys were last used.
const NOTE_USES_EVERY: Duration = Duration::from_secs(60);

/// A server that runs.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// The root key that the first start made up.
    pub first_key: Option<NewKey>,
    /// What it answers.
    pub surface: Surface,
    open: Open,
    sealer: Arc<Sealer>,
    clock: Clock,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    _lock: Option<File>,
}

/// Starts a server with these doors beside its own.
///
/// # Errors
/// `Trouble` names what is in the way.
pub async fn start(serve: &Serve, surroundings: &Surroundings, more: Vec<Door>) -> Result<Running, Trouble> {
    let folder = serve.house.folder.as_deref();
    let lock = match folder {
        Some(folder) => {
            house::make_folder(folder)?;
            Some(house::lock(folder)?)
        }
        None => None,
    };
    let tls = serve.tls.clone().map(Tls::open).transpose()?.map(Arc::new);
    // Before the first start: a key that is made up and then not shown would be lost.
    let listener = listen(serve.listen).await?;
    let address = listener.local_addr()?;
    let metrics = match serve.metrics_listen {
        Some(address) => Some(listen(address).await?),
        None => None,
    };
    let open = house::open(&serve.house, true).await?;
    let first_key = open.first_start(surroundings, folder).await?;
    open.check_keys().await?;
    if first_key.is_none() {
        remind_of_credentials(folder);
    }

    let entrance = Arc::new(Entrance::new(&open.store, &open.tools));
    entrance.watch_tokens().await?;
    let mut doors = vec![
        eds::door(serve.eds.clone()),
        eiam::door(eiam_settings(serve, address)),
        ram::door(),
        sts::door(),
    ];
    doors.extend(more);
    let server = Server::new(Start {
        entrance: Arc::clone(&entrance),
        doors,
        operations: pds::operations(pds::Settings { cookies: serve.pages.cookies }),
        pages: pages::pages(serve.pages.clone()),
        clock: Arc::clone(&surroundings.clock),
        limits: Limits::default(),
        network: Network { trusted_proxies: serve.trusted_proxies.clone(), metrics_apart: metrics.is_some() },
        rates: serve.rates,
        tls: tls.clone(),
    });
    let surface = server.surface();
    let sealer = Arc::new(Sealer::new(&open.store, &open.tools));
    let sealing = Sealing::new(&open.store, &open.tools, &surroundings.clock, &sealer);
    let (stop, stopping) = watch::channel(false);
    let mut tasks = vec![
        tokio::spawn(Arc::clone(&server).serve(listener, stopped(stopping.clone()))),
        tokio::spawn(keep_watching(Arc::clone(&entrance), stopping.clone())),
        tokio::spawn(keep_watching_tokens(entrance, stopping.clone())),
        tokio::spawn(keep_search(open.store.clone(), stopping.clone())),
        tokio::spawn(keep_forgetting(&open, &surroundings.clock, stopping.clone())),
        tokio::spawn(keep_sweeping(&open, &surroundings.clock, stopping.clone())),
        tokio::spawn(keep_noting_uses(&open, stopping.clone())),
        tokio::spawn(keep_schedule(&open, &surroundings.clock, stopping.clone())),
        tokio::spawn(sealing.keep(stopped(stopping.clone()))),
    ];
    if let Some(courier) = courier(serve, &open, &surroundings.clock, address) {
        tasks.push(tokio::spawn(courier.run(stopped(stopping.clone()))));
    }
    if let Some(days) = serve.audit_days {
        let cutting = Cutting::new(&open.store, &open.tools, &surroundings.clock, days);
        tasks.push(tokio::spawn(cutting.keep(stopped(stopping.clone()))));
    }
    if let Some(tls) = tls {
        tasks.push(tokio::spawn(keep_certificate(tls, stopping.clone())));
    }
    if let Some(listener) = metrics {
        tasks.push(tokio::spawn(server.serve_metrics(listener, stopped(stopping))));
    }
    let clock = Arc::clone(&surroundings.clock);
    Ok(Running { address, first_key, surface, open, sealer, clock, stop, tasks, _lock: lock })
}

/// What the EIAM door is told. Without an address for people, programs reach it where the server listens.
fn eiam_settings(serve: &Serve, address: SocketAddr) -> eiam::Settings {
    eiam::Settings {
        region: serve.region.clone(),
        host: serve.public_host.clone().unwrap_or_else(|| address.to_string()),
        most_instances: serve.most_instances,
    }
}

/// Who carries messages, where anything does.
fn courier(serve: &Serve, open: &Open, clock: &Clock, address: SocketAddr) -> Option<Courier> {
    let carriers = serve.carriers.clone();
    if carriers.mail.is_none() && carriers.text.is_none() {
        tracing::info!("neither --smtp-url nor --text-hook is given: messages to people wait in the outbox");
        return None;
    }
    Some(Courier {
        store: open.store.clone(),
        tools: Arc::clone(&open.tools),
        clock: Arc::clone(clock),
        site: serve.public_url.clone().unwrap_or_else(|| serve.address(address)).into(),
        carriers,
    })
}

impl Running {
    /// Accepts nothing more, finishes what runs, and closes the store.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task ended by a panic");
            }
        }
        // Behind the last calls.
        let now = (self.clock)();
        if let Err(error) = access::write_uses(&self.open.store, &self.open.tools).await {
            tracing::warn!(%error, "when keys were last used could not be written down");
        }
        if let Err(error) = directory::sweep::tell_the_rest(&self.open.store, &self.open.tools, now).await {
            tracing::warn!(%error, "some refusals are in no event");
        }
        // Behind everything that others have changed.
        if let Err(error) = self.sealer.finish(now).await {
            tracing::warn!(%error, "some events have no seal yet; the next start brings it");
        }
        self.open.store.close().await;
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Trouble> {
    TcpListener::bind(address).await.map_err(|source| Trouble::Listen { address, source })
}

async fn stopped(mut stopping: watch::Receiver<bool>) {
    // A sender that is gone stops as well.
    let _ = stopping.wait_for(|stop| *stop).await;
}

async fn keep_watching(entrance: Arc<Entrance>, stopping: watch::Receiver<bool>) {
    let mut stopped = std::pin::pin!(stopped(stopping));
    loop {
        tokio::select! {
            () = &mut stopped => return,
            () = tokio::time::sleep(WATCH_EVERY) => {}
        }
        if let Err(error) = entrance.watch().await {
            tracing::warn!(%error, "changes of other processes cannot be seen");
        }
    }
}

async fn keep_watching_tokens(entrance: Arc<Entrance>, stopping: watch::Receiver<bool>) {
    let mut stopped = std::pin::pin!(stopped(stopping));
    loop {
        tokio::select! {
            () = &mut stopped => return,
            () = tokio::time::sleep(WATCH_EVERY) => {}
        }
        if let Err(error) = entrance.watch_tokens().await {
            tracing::warn!(%error, "the keys that tokens are signed with cannot be seen");
        }
    }
}

async fn keep_certificate(tls: Arc<Tls>, stopping: watch::Receiver<bool>) {
    let mut stopped = std::pin::pin!(stopped(stopping));
    loop {
        tokio::select! {
            () = &mut stopped => return,
            () = tokio::time::sleep(RENEW_EVERY) => {}
        }
        let looking = Arc::clone(&tls);
        match tokio::task::spawn_blocking(move || looking.renew()).await {
            Ok(Renewal::Same) => {}
            Ok(Renewal::Renewed) => tracing::info!("new connections get the certificate that is there now"),
            Ok(Renewal::Unfit(unfit)) => {
                tracing::error!(%unfit, "the certificate that is there now cannot be used; the one from before stays");
            }
            Err(error) => tracing::error!(%error, "the certificate could not be looked at"),
        }
    }
}

async fn keep_search(store: Store, stopping: watch::Receiver<bool>) {
    let mut stopped = std::pin::pin!(stopped(stopping));
    let mut more = false;
    loop {
        tokio::select! {
            biased;
            () = &mut stopped => return,
            () = tokio::time::sleep(if more { Duration::ZERO } else { TEND_EVERY }) => {}
        }
        more = store.tend_search().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the search index is not up to date; searches read more rows");
            false
        });
    }
}

fn keep_forgetting(
    open: &Open,
    clock: &Clock,
    stopping: watch::Receiver<bool>,
) -> impl Future<Output = ()> + Send + 'static {
    let (store, tools, clock) = (open.store.clone(), Arc::clone(&open.tools), Arc::clone(clock));
    async move {
        let mut stopped = std::pin::pin!(stopped(stopping));
        loop {
            tokio::select! {
                () = &mut stopped => return,
                () = tokio::time::sleep(FORGET_EVERY) => {}
            }
            if let Err(error) = directory::replays::forget(&store, &tools, clock()).await {
                tracing::warn!(%error, "old replay keys could not be forgotten");
            }
        }
    }
}

fn keep_noting_uses(
    open: &Open,
    stopping: watch::Receiver<bool>,
) -> impl Future<Output = ()> + Send + 'static {
    let (store, tools) = (open.store.clone(), Arc::clone(&open.tools));
    async move {
        let mut stopped = std::pin::pin!(stopped(stopping));
        loop {
            tokio::select! {
                () = &mut stopped => return,
                () = tokio::time::sleep(NOTE_USES_EVERY) => {}
            }
            if let Err(error) = access::write_uses(&store, &tools).await {
                tracing::warn!(%error, "when keys were last used could not be written down");
            }
        }
    }
}

fn keep_sweeping(
    open: &Open,
    clock: &Clock,
    stopping: watch::Receiver<bool>,
) -> impl Future<Output = ()> + Send + 'static {
    let (store, tools, clock) = (open.store.clone(), Arc::clone(&open.tools), Arc::clone(clock));
    async move {
        let mut stopped = std::pin::pin!(stopped(stopping));
        let mut more = false;
        loop {
            tokio::select! {
                biased;
                () = &mut stopped => return,
                () = tokio::time::sleep(if more { Duration::ZERO } else { SWEEP_EVERY }) => {}
            }
            more = directory::sweep::sweep(&store, &tools, clock()).await.unwrap_or_else(|error| {
                if error.is_transient() {
                    tracing::debug!(%error, "a sweep met another change and comes again");
                } else {
                    tracing::warn!(%error, "a sweep ended early and comes again");
                }
                false
            });
        }
    }
}

fn keep_schedule(
    open: &Open,
    clock: &Clock,
    stopping: watch::Receiver<bool>,
) -> impl Future<Output = ()> + Send + 'static {
    let (store, tools, clock) = (open.store.clone(), Arc::clone(&open.tools), Arc::clone(clock));
    async move {
        let mut stopped = std::pin::pin!(stopped(stopping));
        let holder = format!("{:032x}", tools.ids.salt());
        loop {
            match directory::schedule::run(&store, &tools, &holder, clock()).await {
                Ok(0) => {}
                Ok(told) => tracing::info!(told, "people are told that their passwords end"),
                Err(error) if error.is_transient() => {
                    tracing::debug!(%error, "scheduled work met another change and comes again");
                }
                Err(error) => {
                    tracing::warn!(%error, "scheduled work met trouble; whom that has kept from being told is told within the hour")
                }
            }
            tokio::select! {
                () = &mut stopped => return,
                () = tokio::time::sleep(SCHEDULE_EVERY) => {}
            }
        }
    }
}

fn remind_of_credentials(folder: Option<&Path>) {
    if let Some(path) = folder.map(house::credentials).filter(|path| path.exists()) {
        tracing::warn!(path = %path.display(), "the first root AccessKey still lies here; delete the file once it is put away");
    }
}
