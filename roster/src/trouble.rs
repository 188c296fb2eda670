//! What keeps a command from doing its work, in one line for a person.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a command ended.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// Settings that do not fit.
    #[error("{0}")]
    Settings(String),
    /// A file or folder that cannot be used.
    #[error("cannot {doing} {}: {source}", path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Another server has the data directory.
    #[error("another roster serves {} already", .0.display())]
    InUse(PathBuf),
    /// An address that cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// Nothing to work on yet.
    #[error("there is no account yet: run `roster serve` once")]
    NoAccount,
    /// No account of this uid or name.
    #[error("there is no account {0}")]
    NoSuchAccount(String),
    /// It is not said which account is meant.
    #[error("there are several accounts: name one with --account, by its uid or its name")]
    WhichAccount,
    /// An account of this name is there.
    #[error("there is an account {0} already")]
    AccountExists(String),
    /// Nobody whom a code could stand for.
    #[error("{0} is no user who manages others and whose account is open")]
    NoManager(String),
    /// No domain of the account.
    #[error("there is no domain {0}")]
    NoDomain(String),
    /// No drive of the domain.
    #[error("there is no drive {0}")]
    NoDrive(String),
    /// No message of the domain.
    #[error("there is no message {0}")]
    NoMessage(model::Number),
    /// No event of the audit trail.
    #[error("there is no event {0}")]
    NoEvent(String),
    /// What `roster audit verify` found.
    #[error("the audit trail is not what it was: {0} things are wrong")]
    Tampered(usize),
    /// The audit trail could not be kept.
    #[error(transparent)]
    Audit(#[from] access::audit::Error),
    /// A text that people cannot be written to with.
    #[error("the text cannot be used: {0}")]
    Text(#[from] directory::messages::texts::Unfit),
    /// Servers for messages that cannot be used.
    #[error(transparent)]
    Courier(#[from] courier::Unfit),
    /// What `roster verify` found.
    #[error("{0} differences found")]
    Differences(usize),
    /// The certificate that callers are shown.
    #[error(transparent)]
    Tls(#[from] gate::TlsUnfit),
    /// The installation's keys.
    #[error(transparent)]
    Keys(#[from] access::keyring::KeyringError),
    /// Apps that ask for tokens.
    #[error(transparent)]
    Apps(#[from] access::apps::Error),
    /// AccessKeys.
    #[error(transparent)]
    AccessKeys(#[from] access::access_keys::Error),
    /// Keys that tokens are signed with.
    #[error(transparent)]
    SigningKeys(#[from] access::signing_keys::Error),
    /// A change that was not committed.
    #[error(transparent)]
    Change(#[from] access::Failure),
    /// A rule.
    #[error(transparent)]
    Rule(directory::Error),
    /// A rule about RAM users, roles and policies.
    #[error(transparent)]
    Ram(#[from] directory::ram::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The operating system.
    #[error("{0}")]
    System(#[from] std::io::Error),
}
