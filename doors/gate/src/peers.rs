//! Connections by the address that they come from: none has all of them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use access::guesses::network;
use tokio::sync::Semaphore;

/// Handshakes of one address at once; more wait for these.
const HANDSHAKES: usize = 64;

/// How many connections each address has.
pub(crate) struct Peers {
    /// What one has at most.
    most: usize,
    known: Mutex<HashMap<u128, Known>>,
}

/// An address with connections.
struct Known {
    connections: usize,
    handshakes: Arc<Semaphore>,
}

/// One connection, until it is dropped.
pub(crate) struct Connection {
    peers: Arc<Peers>,
    network: u128,
    /// What its address has of handshakes.
    pub(crate) handshakes: Arc<Semaphore>,
}

impl Peers {
    /// Nobody is there yet; one address has `most` connections.
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, known: Mutex::default() })
    }

    /// One more connection; `None` where its address has as many as it may. A trusted proxy has as many as it likes: they
    /// are those of all its callers.
    pub(crate) fn connect(self: &Arc<Self>, peer: IpAddr, is_trusted: bool) -> Option<Connection> {
        let network = network(Some(peer));
        let mut all = self.lock();
        let fresh = || Known { connections: 0, handshakes: Arc::new(Semaphore::new(HANDSHAKES)) };
        let known = all.entry(network).or_insert_with(fresh);
        if known.connections >= self.most && !is_trusted {
            return None;
        }
        known.connections += 1;
        let handshakes = Arc::clone(&known.handshakes);
        Some(Connection { peers: Arc::clone(self), network, handshakes })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u128, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut all = self.peers.lock();
        if let Some(known) = all.get_mut(&self.network) {
            known.connections -= 1;
            if known.connections == 0 {
                all.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_connections_and_a_proxy_any_number() {
        let peers = Peers::new(2);
        let connect =
            |address: &str, is_trusted| peers.connect(address.parse().expect("an address"), is_trusted);
        let first = connect("2001:db8:0:1::1", false).expect("a place");
        let second = connect("2001:db8:0:1:ffff::2", false).expect("a place");
        assert!(Arc::ptr_eq(&first.handshakes, &second.handshakes));
        assert!(connect("2001:db8:0:1::3", false).is_none(), "an IPv6 network is one");
        let other = connect("192.0.2.1", false).expect("a place");
        assert!(!Arc::ptr_eq(&first.handshakes, &other.handshakes));

        drop(first);
        let third = connect("2001:db8:0:1::3", false);
        assert!(third.is_some() && connect("2001:db8:0:1::1", false).is_none());
        let proxys: Vec<_> = (0..9).map(|_| connect("10.0.0.5", true).expect("a place")).collect();

        drop((second, third, other, proxys));
        assert!(peers.lock().is_empty(), "nothing is left of who is gone");
    }
}
