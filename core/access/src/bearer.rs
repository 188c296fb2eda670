//! Whom a token stands for. Its signature is checked once; whether it is still good is asked each time.
//!
//! Source: `reference/pds.md` §3.4; `reference/doors.md` §1.1.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use model::account::Directory;
use model::text::ChosenId;
use model::user::Status;
use model::{Id, Millis};
use sha2::{Digest, Sha256};
use store::{Store, bearers as rows};

use crate::change::Tools;
use crate::permit::{Bearer, Person, Service};
use crate::signing_keys;
use crate::tokens::{self, Claims};

/// Tokens of one generation: the memory holds two, of about 400 bytes a token.
const REMEMBERED: usize = 50_000;

/// Whom a token stands for, and the directory that it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Who.
    pub bearer: Bearer,
    /// Where; it is there.
    pub directory: Directory,
}

/// Why a token is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// No key of ours has signed it, or whom it stands for is gone or signed out.
    #[error("the token is invalid")]
    Invalid,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// The user's account is shut.
    #[error("the token is of a user who is not enabled")]
    UserNotEnabled,
    /// The user has another role than the token says.
    #[error("the token says another role than its user has")]
    RoleChanged,
}

/// The tokens that this process has met.
pub(crate) struct Bearers {
    store: Store,
    tools: Arc<Tools>,
    met: RwLock<Met>,
}

/// What tokens claim whose signatures were right, by hash. Where the young generation is full it becomes the old one,
/// which is forgotten.
#[derive(Default)]
struct Met {
    young: HashMap<Hash, Arc<Claims>>,
    old: HashMap<Hash, Arc<Claims>>,
}

type Hash = [u8; 32];

impl Bearers {
    pub(crate) fn new(store: &Store, tools: &Arc<Tools>) -> Self {
        Self { store: store.clone(), tools: Arc::clone(tools), met: RwLock::default() }
    }

    /// Looks which signing keys there are.
    pub(crate) async fn watch(&self) -> Result<(), store::Error> {
        self.tools.signing.read(&self.store, &self.tools.keys).await.map_err(into_store)
    }

    /// Whom a token stands for.
    pub(crate) async fn find(
        &self,
        token: &str,
        now: Millis,
    ) -> Result<Result<Holder, TokenFault>, store::Error> {
        let Some(claims) = self.claims(token, now).await? else { return Ok(Err(TokenFault::Invalid)) };
        if claims.expires <= now {
            return Ok(Err(TokenFault::Expired));
        }
        match claims.user {
            Some(user) => self.person(&claims, user, now).await,
            None => self.service(&claims).await,
        }
    }

    async fn claims(&self, token: &str, now: Millis) -> Result<Option<Arc<Claims>>, store::Error> {
        let hash: Hash = Sha256::digest(token).into();
        if let Some(claims) = self.met(&hash) {
            return Ok(Some(claims));
        }
        let read = tokens::read(&self.store, &self.tools, token, now).await.map_err(into_store)?;
        Ok(read.map(|claims| self.remember(hash, claims)))
    }

    fn met(&self, hash: &Hash) -> Option<Arc<Claims>> {
        let met = self.met.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(claims) = met.young.get(hash) {
            return Some(Arc::clone(claims));
        }
        let claims = Arc::clone(met.old.get(hash)?);
        drop(met);
        self.put(*hash, &claims);
        Some(claims)
    }

    fn remember(&self, hash: Hash, claims: Claims) -> Arc<Claims> {
        let claims = Arc::new(claims);
        self.put(hash, &claims);
        claims
    }

    fn put(&self, hash: Hash, claims: &Arc<Claims>) {
        let mut met = self.met.write().unwrap_or_else(PoisonError::into_inner);
        if met.young.len() >= REMEMBERED {
            met.old = std::mem::take(&mut met.young);
        }
        met.young.insert(hash, Arc::clone(claims));
    }

    async fn person(
        &self,
        claims: &Claims,
        user: Id,
        now: Millis,
    ) -> Result<Result<Holder, TokenFault>, store::Error> {
        let mut reader = self.store.reader();
        let found = rows::user(&mut reader, claims.directory.number(), user.number(), &claims.app).await?;
        Ok(match found.filter(|found| found.id == user && found.directory.id == claims.directory) {
            Some(found) => fault(&found, claims, now).map_or_else(|| Ok(holder(found)), Err),
            None => Err(TokenFault::Invalid),
        })
    }

    async fn service(&self, claims: &Claims) -> Result<Result<Holder, TokenFault>, store::Error> {
        let directory = claims.directory.number();
        let found = rows::service(&mut self.store.reader(), directory, &claims.app).await?;
        let found = found.filter(|found| found.id == claims.directory);
        let bearer = |app: &str| Bearer::Service(Service { directory, app: app.to_owned() });
        Ok(found
            .map(|directory| Holder { bearer: bearer(&claims.app), directory })
            .ok_or(TokenFault::Invalid))
    }
}

/// Why a user's token is not good now, if it is not.
fn fault(user: &rows::Holder, claims: &Claims, now: Millis) -> Option<TokenFault> {
    let is_due = user.locks_at.is_some_and(|at| at <= now);
    let is_out = user.signed_out.is_some_and(|out| claims.issued <= out);
    if user.status == Status::Disabled || is_due || (user.locked && is_out) {
        return Some(TokenFault::UserNotEnabled);
    }
    if is_out {
        return Some(TokenFault::Invalid);
    }
    (user.role != claims.role).then_some(TokenFault::RoleChanged)
}

fn holder(found: rows::Holder) -> Holder {
    let person = Person { directory: found.directory.id, user: found.id };
    let public_id = found
        .chosen_id
        .as_ref()
        .map_or_else(|| found.id.digits(), |chosen: &ChosenId| chosen.as_str().to_owned());
    let bearer = Bearer::Person { person, public_id, role: found.role, label: found.label };
    Holder { bearer, directory: found.directory }
}

/// The keys are read from the store; what else may be wrong with them is the data's fault.
fn into_store(error: signing_keys::Error) -> store::Error {
    match error {
        signing_keys::Error::Store(error) => error,
        other => store::Error::Corrupt(other.to_string()),
    }
}
