//! What operators watch: requests by action, code and time, and how busy everything is, for Prometheus.

use std::borrow::Cow;
use std::time::Duration;

use access::{Load, Queue};
use model::Millis;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Upper bounds of the time classes, in seconds.
const TIMES: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];

/// Letters of the beginning of a code.
const LONGEST: usize = 40;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByCode {
    action: &'static str,
    code: Cow<'static, str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByAction {
    action: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByWay {
    way: &'static str,
}

/// The figures of a running server.
pub struct Figures {
    registry: Registry,
    requests: Family<ByCode, Counter>,
    times: Family<ByAction, Histogram, fn() -> Histogram>,
    connections: Gauge,
    connections_refused: Counter,
    handshakes_failed: Counter,
    load: LoadFigures,
    messages: MessageFigures,
}

#[derive(Default)]
struct MessageFigures {
    waiting: Family<ByWay, Gauge>,
    failed: Family<ByWay, Gauge>,
    oldest: Family<ByWay, Gauge>,
}

#[derive(Default)]
struct LoadFigures {
    commits: Gauge,
    changes: Gauge,
    waiting: Gauge,
    store_connections: Gauge,
    log_pages: Gauge,
    passwords_queued: Gauge,
    hashers_busy: Gauge,
    access_keys_known: Gauge,
}

impl Default for Figures {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("roster");
        let requests = Family::default();
        let times = Family::new_with_constructor((|| Histogram::new(TIMES)) as fn() -> Histogram);
        let connections = Gauge::default();
        let (connections_refused, handshakes_failed) = (Counter::default(), Counter::default());
        let load = LoadFigures::default();
        registry.register("requests", "Requests answered", requests.clone());
        let help = "Time from the whole request to its answer";
        registry.register_with_unit("request_time", help, Unit::Seconds, times.clone());
        registry.register("connections", "Connections open", connections.clone());
        let help = "Connections closed at once, since their address had as many as it may have";
        registry.register("connections_refused", help, connections_refused.clone());
        let help = "Connections that ended without a TLS handshake";
        registry.register("tls_handshakes_failed", help, handshakes_failed.clone());
        let gauges = [
            ("store_commits", "Commits since the start", &load.commits),
            (
                "store_changes",
                "Changes committed since the start; more than commits where they share one",
                &load.changes,
            ),
            ("store_waiting", "Changes waiting for their turn to write", &load.waiting),
            ("store_connections", "Connections to the database", &load.store_connections),
            ("store_log_pages", "Pages of the write-ahead log at the last checkpoint", &load.log_pages),
            ("passwords_queued", "Passwords waiting to be hashed", &load.passwords_queued),
            ("hashers_busy", "Threads hashing a password", &load.hashers_busy),
            ("access_keys_known", "AccessKeys held in memory", &load.access_keys_known),
        ];
        for (name, help, gauge) in gauges {
            registry.register(name, help, gauge.clone());
        }
        let messages = MessageFigures::default();
        registry.register("messages_waiting", "Messages to people that wait", messages.waiting.clone());
        registry.register(
            "messages_failed",
            "Messages to people that were given up",
            messages.failed.clone(),
        );
        let help = "Age of the oldest message to people that waits";
        registry.register_with_unit("messages_oldest", help, Unit::Seconds, messages.oldest.clone());
        Self {
            registry,
            requests,
            times,
            connections,
            connections_refused,
            handshakes_failed,
            load,
            messages,
        }
    }
}

/// What a code is counted as. What the program has put together, which may hold a name that the caller has sent, counts
/// as its beginning: each label is kept for ever.
fn label(code: Cow<'static, str>) -> Cow<'static, str> {
    match code {
        Cow::Borrowed("") => Cow::Borrowed("OK"),
        Cow::Borrowed(code) => Cow::Borrowed(code),
        Cow::Owned(code) => {
            let beginning = code.split('.').next().unwrap_or_default();
            let is_ours = beginning.len() <= LONGEST && beginning.bytes().all(|b| b.is_ascii_alphanumeric());
            if is_ours { beginning.to_owned().into() } else { Cow::Borrowed("-") }
        }
    }
}

impl Figures {
    /// One request was answered; an empty code is a success.
    pub(crate) fn answered(&self, action: &'static str, code: Cow<'static, str>, took: Duration) {
        self.requests.get_or_create(&ByCode { action, code: label(code) }).inc();
        self.times.get_or_create(&ByAction { action }).observe(took.as_secs_f64());
    }

    pub(crate) fn connections(&self) -> &Gauge {
        &self.connections
    }

    pub(crate) fn connections_refused(&self) -> &Counter {
        &self.connections_refused
    }

    pub(crate) fn handshakes_failed(&self) -> &Counter {
        &self.handshakes_failed
    }

    /// What lies in the outbox, by way; `None` where that is not known, and then nothing of it is shown.
    pub(crate) fn set_messages(&self, queues: Option<&[(&'static str, Queue)]>, at: Millis) {
        let MessageFigures { waiting, failed, oldest } = &self.messages;
        if queues.is_none() {
            waiting.clear();
            failed.clear();
            oldest.clear();
        }
        for &(way, queue) in queues.unwrap_or_default() {
            let label = ByWay { way };
            waiting.get_or_create(&label).set(queue.waiting);
            failed.get_or_create(&label).set(queue.failed);
            let age = queue.oldest.map_or(0, |oldest| at.since(oldest).max(0));
            oldest.get_or_create(&label).set(age / 1_000);
        }
    }

    /// The text that Prometheus reads.
    pub(crate) fn text(&self, load: &Load) -> String {
        let set = |gauge: &Gauge, n: u64| gauge.set(i64::try_from(n).unwrap_or(i64::MAX));
        set(&self.load.commits, load.store.commits);
        set(&self.load.changes, load.store.changes);
        set(&self.load.waiting, load.store.waiting);
        set(&self.load.store_connections, load.store.connections);
        set(&self.load.log_pages, load.store.log_pages);
        set(&self.load.passwords_queued, load.passwords_queued as u64);
        set(&self.load.hashers_busy, load.hashers_busy as u64);
        set(&self.load.access_keys_known, load.access_keys_known as u64);
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            Err(std::fmt::Error) => unreachable!("a String takes any text"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_caller_chooses_a_label() {
        for (code, expected) in [
            (Cow::Borrowed(""), "OK"),
            (Cow::Borrowed("Throttling.User"), "Throttling.User"),
            (format!("UnsupportedParameter.{}", "x".repeat(60_000)).into(), "UnsupportedParameter"),
            (format!("InvalidParameter.Users.{}.Name", 7).into(), "InvalidParameter"),
            ("x".repeat(60_000).into(), "-"),
            ("a\nb".to_owned().into(), "-"),
        ] {
            assert_eq!(label(code), expected);
        }
    }
}
