//! TLS: a certificate and its key out of two files, which may be replaced while the server runs.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::crypto::aws_lc_rs::{Ticketer, default_provider};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys, ServerConfig};
use sha2::{Digest, Sha256};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use zeroize::Zeroizing;

/// How long a caller may be silent at first.
const SILENT_TIME: Duration = Duration::from_secs(5);
/// How long a handshake may take, its waiting for others included.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// Handshakes at once of all addresses; more wait.
const HANDSHAKES: usize = 1_024;
/// The one protocol that is spoken.
const PROTOCOL: &[u8] = b"http/1.1";
/// Bytes that a file may have.
const LONGEST: u64 = 1 << 20;

/// Where the certificate and its key lie, both in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and after it those that lead to a root.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// Why two files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsUnfit {
    /// One cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// One holds nothing of the kind.
    #[error("{} holds no {kind} in PEM", path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// What was looked for.
        kind: &'static str,
    },
    /// The key is not of the certificate, or of a kind that is not served.
    #[error("{} and {} do not go together: {reason}", certificate.display(), key.display())]
    Pair {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// Why.
        reason: rustls::Error,
    },
    /// The library cannot begin.
    #[error("TLS cannot begin: {0}")]
    Library(#[from] rustls::Error),
}

/// What a look at the files has found.
#[derive(Debug)]
pub enum Renewal {
    /// Nothing else than before, or what is just being written.
    Same,
    /// Another certificate, which new connections get from now on.
    Renewed,
    /// What cannot be used, which is told once. The certificate from before stays.
    Unfit(TlsUnfit),
}

/// What shakes hands with callers.
pub struct Tls {
    files: TlsFiles,
    acceptor: TlsAcceptor,
    shown: Arc<Shown>,
    looked: Mutex<Looked>,
    handshakes: Semaphore,
}

/// The certificate that callers are shown now.
struct Shown(RwLock<Arc<CertifiedKey>>);

/// A caller's connection, before anything is said on it.
pub(crate) type Raw = Pin<Box<TimeoutStream<TcpStream>>>;

/// What the files held.
struct Looked {
    /// At the last look.
    last: Digests,
    /// As they were last judged.
    judged: Digests,
}

/// The contents of both files, wiped when they are dropped; `None` where one cannot be read. It does not print: one is a
/// key.
struct Pair(Option<Zeroizing<Vec<u8>>>, Option<Zeroizing<Vec<u8>>>);

/// What is remembered of a pair.
type Digests = [Option<[u8; 32]>; 2];

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// `TlsUnfit` says what is wrong with them.
    pub fn open(files: TlsFiles) -> Result<Self, TlsUnfit> {
        let pair = Pair::read(&files);
        let shown = Arc::new(Shown(RwLock::new(Arc::new(certified(&files, &pair)?))));
        let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()));
        let builder = builder.with_safe_default_protocol_versions()?.with_no_client_auth();
        let mut config = builder.with_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        // Who comes again need not be shown the certificate again, which is most of a handshake's cost.
        config.ticketer = Ticketer::new()?;
        Ok(Self {
            files,
            acceptor: TlsAcceptor::from(Arc::new(config)),
            shown,
            looked: Mutex::new(Looked { last: pair.digests(), judged: pair.digests() }),
            handshakes: Semaphore::new(HANDSHAKES),
        })
    }

    /// Looks at the files, which takes a moment; to be asked each second. They count once two looks in a row have found
    /// the same in them: whoever replaces both does not do it in one step.
    pub fn renew(&self) -> Renewal {
        let pair = Pair::read(&self.files);
        let mut looked = self.looked();
        let digests = pair.digests();
        let is_settled = std::mem::replace(&mut looked.last, digests) == digests;
        if !is_settled || looked.judged == digests {
            return Renewal::Same;
        }
        looked.judged = digests;
        match certified(&self.files, &pair) {
            Ok(certified) => {
                *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(certified);
                Renewal::Renewed
            }
            Err(unfit) => Renewal::Unfit(unfit),
        }
    }

    /// Shakes hands with whoever is at the other end; `None` where that fails or takes too long. Who says nothing takes no
    /// place from anybody; who begins takes one of those that its address has, `own`, and one of all.
    pub(crate) async fn accept(&self, stream: Raw, own: &Semaphore) -> Option<TlsStream<Raw>> {
        let begun = tokio::time::timeout(SILENT_TIME, stream.get_ref().peek(&mut [0])).await;
        if !matches!(begun, Ok(Ok(1))) {
            return None;
        }
        let shaking = async {
            let _own = own.acquire().await.expect("the semaphore is never closed");
            let _turn = self.handshakes.acquire().await.expect("the semaphore is never closed");
            self.acceptor.accept(stream).await
        };
        match tokio::time::timeout(HANDSHAKE_TIME, shaking).await {
            Ok(Ok(stream)) => Some(stream),
            Ok(Err(error)) => {
                // Scanners, and callers who do not trust the certificate, come every day.
                tracing::debug!(%error, "a handshake failed");
                None
            }
            Err(_) => None,
        }
    }

    fn looked(&self) -> MutexGuard<'_, Looked> {
        self.looked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown")
    }
}

impl Pair {
    fn read(files: &TlsFiles) -> Self {
        Self(content(&files.certificate).ok(), content(&files.key).ok())
    }

    fn digests(&self) -> Digests {
        [&self.0, &self.1].map(|content| content.as_ref().map(|content| Sha256::digest(content).into()))
    }
}

fn content(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    if std::fs::metadata(path)?.len() > LONGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is longer than 1 MiB"));
    }
    std::fs::read(path).map(Zeroizing::new)
}

/// What callers are shown, where both files are right.
fn certified(files: &TlsFiles, pair: &Pair) -> Result<CertifiedKey, TlsUnfit> {
    let unread = |path: &PathBuf| TlsUnfit::File {
        path: path.clone(),
        // What was in the way is asked for again: it is told and nothing else.
        source: content(path).err().unwrap_or_else(|| io::ErrorKind::Interrupted.into()),
    };
    let none = |path: &PathBuf, kind| TlsUnfit::Content { path: path.clone(), kind };
    let chain = pair.0.as_ref().ok_or_else(|| unread(&files.certificate))?;
    let key = pair.1.as_ref().ok_or_else(|| unread(&files.key))?;
    let chain = CertificateDer::pem_slice_iter(chain).collect::<Result<Vec<_>, _>>();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    let chain = chain.ok_or_else(|| none(&files.certificate, "certificate"))?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| none(&files.key, "private key"))?;
    paired(chain, &Zeroizing::new(key)).map_err(|reason| TlsUnfit::Pair {
        certificate: files.certificate.clone(),
        key: files.key.clone(),
        reason,
    })
}

/// A certificate and its key, where they go together.
fn paired(chain: Vec<CertificateDer<'static>>, key: &PrivateKeyDer<'static>) -> Result<CertifiedKey, Error> {
    let paired = CertifiedKey::new(chain, any_supported_type(key)?);
    match paired.keys_match() {
        // Of some kinds of keys it cannot be said.
        Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => Ok(paired),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertifiedKey as Made, generate_simple_self_signed};
    use rustls::pki_types::ServerName;
    use rustls::{ClientConfig, RootCertStore};
    use tempfile::TempDir;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;
    use tokio_rustls::TlsConnector;

    use super::*;

    struct Home {
        folder: TempDir,
        files: TlsFiles,
    }

    impl Home {
        fn new() -> Self {
            let folder = tempfile::tempdir().expect("a folder can be made");
            let path = |name| folder.path().join(name);
            let files = TlsFiles { certificate: path("cert.pem"), key: path("key.pem") };
            Self { folder, files }
        }

        /// Puts a new certificate and its key in place; the key as it is written.
        fn put(&self) -> String {
            let Made { cert, signing_key } =
                generate_simple_self_signed(["localhost".to_owned()]).expect("it is made");
            std::fs::write(&self.files.certificate, cert.pem()).expect("it is written");
            std::fs::write(&self.files.key, signing_key.serialize_pem()).expect("it is written");
            signing_key.serialize_pem()
        }
    }

    fn shown(tls: &Tls) -> Vec<u8> {
        tls.shown.0.read().expect("nobody panicked").cert[0].to_vec()
    }

    /// Both ends of a new connection.
    async fn connection() -> (TcpStream, Raw) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let caller = TcpStream::connect(listener.local_addr().expect("it listens")).await;
        let (stream, _) = listener.accept().await.expect("somebody comes");
        (caller.expect("it is accepted"), Box::pin(TimeoutStream::new(stream)))
    }

    /// Whether somebody who trusts the certificate shakes hands, with what its address has.
    async fn shakes_hands(tls: &Tls, own: &Semaphore) -> bool {
        let mut roots = RootCertStore::empty();
        roots.add(shown(tls).into()).expect("it is one");
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
        let builder = builder.with_safe_default_protocol_versions().expect("they are served");
        let config = builder.with_root_certificates(roots).with_no_client_auth();
        let (caller, stream) = connection().await;
        let name = ServerName::try_from("localhost").expect("a name");
        let connector = TlsConnector::from(Arc::new(config));
        let (called, accepted) = tokio::join!(connector.connect(name, caller), tls.accept(stream, own));
        called.is_ok() && accepted.is_some()
    }

    #[tokio::test]
    async fn who_is_silent_and_who_waits_for_its_own_turn_take_no_place() {
        let home = Home::new();
        home.put();
        let tls = Tls::open(home.files.clone()).expect("they go together");
        let places = u32::try_from(HANDSHAKES - 1).expect("few");
        let _others = tls.handshakes.try_acquire_many(places).expect("all are free");
        let (own, another) = (Semaphore::new(1), Semaphore::new(1));
        let (_silent, stream) = connection().await;
        let mut silent = std::pin::pin!(tls.accept(stream, &own));
        assert!(tokio::time::timeout(Duration::ZERO, &mut silent).await.is_err());
        assert!(shakes_hands(&tls, &own).await, "one place is left");

        // An address that has none left waits for it alone.
        let _held = own.try_acquire().expect("it is free");
        let (mut begun, stream) = connection().await;
        begun.write_all(&[0x16]).await.expect("it is taken");
        let mut waiting = std::pin::pin!(tls.accept(stream, &own));
        let briefly = tokio::time::timeout(Duration::from_millis(100), &mut waiting).await;
        assert!(briefly.is_err());
        assert!(shakes_hands(&tls, &another).await, "one place is left");
    }

    #[test]
    fn another_pair_counts_once_it_stays() {
        let home = Home::new();
        home.put();
        let tls = Tls::open(home.files.clone()).expect("they go together");
        let first = shown(&tls);
        assert!(matches!(tls.renew(), Renewal::Same));

        home.put();
        assert!(matches!(tls.renew(), Renewal::Same));
        assert_eq!(shown(&tls), first);
        assert!(matches!(tls.renew(), Renewal::Renewed));
        assert_ne!(shown(&tls), first);
        assert!(matches!(tls.renew(), Renewal::Same));
    }

    #[test]
    fn what_cannot_be_used_is_told_once_and_changes_nothing() {
        let home = Home::new();
        let key = home.put();
        let tls = Tls::open(home.files.clone()).expect("they go together");
        let first = shown(&tls);

        let half = home.folder.path().join("half");
        let breaks: [&dyn Fn(); 4] = [
            &|| std::fs::write(&home.files.certificate, "-----BEGIN").expect("it is written"),
            &|| std::fs::remove_file(&home.files.certificate).expect("it is there"),
            &|| {
                home.put();
                std::fs::write(&home.files.key, &key).expect("it is written");
            },
            &|| std::fs::rename(&home.files.key, &half).expect("it is there"),
        ];
        for (n, breaks) in breaks.iter().enumerate() {
            breaks();
            assert!(matches!(tls.renew(), Renewal::Same), "{n}");
            let Renewal::Unfit(unfit) = tls.renew() else { panic!("{n} is not told") };
            assert!(!unfit.to_string().contains("PRIVATE"), "{unfit}");
            assert!(matches!(tls.renew(), Renewal::Same), "{n}");
            assert_eq!(shown(&tls), first, "{n}");
        }
        home.put();
        assert!(matches!((tls.renew(), tls.renew()), (Renewal::Same, Renewal::Renewed)));
    }
}
