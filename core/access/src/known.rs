//! From an AccessKeyId to whom it stands for and what they may do.

use std::sync::Arc;

use model::ram::{PolicyKind, Role};
use model::{AccountUid, Millis, Number, Secret};
use store::access_keys::{self as rows, Stored};
use store::ram::attachments::{self, Granted};
use store::ram::{roles, users};
use store::{Reader, Store, generations};

use crate::access_keys::{Error, openable_secret};
use crate::caller::{Caller, Who};
use crate::change::Tools;
use crate::held::{self, AccessKey, Identity, NotUnderstood, Use, subject};
use crate::ram::system::{self, System};
use crate::ram::{Grants, Kind, Malformed, Named, Policy, PolicyName};
use crate::temporary::{self, Opened, Shut};

/// Uses of keys that one transaction writes.
const TOGETHER: usize = 500;
/// How often in all they are tried to be written, where another transaction is in the way.
const ATTEMPTS: usize = 3;

/// Who says to be calling, and what the signature has to be made with.
#[derive(Debug, Clone)]
pub struct Claimant {
    /// Whom the key stands for.
    pub caller: Caller,
    key: Key,
}

#[derive(Debug, Clone)]
enum Key {
    Lasting(Arc<AccessKey>),
    Temporary(Arc<Opened>),
}

/// Why a key lets nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// There is no such key, or the role is gone that it stands for.
    #[error("there is no such AccessKey")]
    Unknown,
    /// It is switched off.
    #[error("the AccessKey is switched off")]
    Inactive,
    /// It is temporary, and came without its token.
    #[error("the token of a temporary AccessKey is missing")]
    TokenMissing,
    /// What came with it is no token.
    #[error("the token is malformed")]
    TokenMalformed,
    /// The token is another key's, or the key is not temporary.
    #[error("the token is not of this AccessKey")]
    TokenMismatched,
    /// The time of the temporary key is over.
    #[error("the token has expired")]
    TokenExpired,
}

impl Claimant {
    /// What its signatures are made with.
    pub fn secret(&self) -> &Secret {
        match &self.key {
            Key::Lasting(key) => &key.secret,
            Key::Temporary(opened) => &opened.secret,
        }
    }

    /// Notes that the key was used. Of temporary ones it is not noted when; their tokens are remembered as opened.
    pub(crate) fn note(&self, tools: &Tools, at: Millis, door: &'static str) {
        match &self.key {
            Key::Lasting(key) => tools.held.note(&self.caller.access_key, key, at, door),
            Key::Temporary(opened) => tools.held.tokens.remember(opened),
        }
    }
}

/// Whom the key with this id stands for; `token` is what temporary keys come with.
pub(crate) async fn find(
    store: &Store,
    tools: &Tools,
    id: &str,
    token: Option<&str>,
    now: Millis,
) -> Result<Result<Claimant, KeyFault>, Error> {
    if temporary::is_id(id) {
        return temporary_key(store, tools, id, token, now).await;
    }
    let Some(key) = lasting(store, tools, id).await? else { return Ok(Err(KeyFault::Unknown)) };
    if !key.is_active {
        return Ok(Err(KeyFault::Inactive));
    }
    if token.is_some() {
        return Ok(Err(KeyFault::TokenMismatched));
    }
    let caller = caller(id, key.account, &key.identity)?;
    Ok(Ok(Claimant { caller, key: Key::Lasting(key) }))
}

/// The same caller, as of now: what is held in memory of its account under an older generation is forgotten, and a
/// commit that is under way is waited for.
pub(crate) async fn renew(
    store: &Store,
    tools: &Tools,
    caller: &Caller,
) -> Result<Result<Caller, KeyFault>, Error> {
    let mut tx = store.change();
    let generation = generations::of(&mut tx, &subject(caller.account)).await?;
    // On SQLite, what was seen of changes before this one may still be uncommitted.
    tx.commit().await?;
    tools.held.compare(&[(caller.account, generation)]);
    again(store, tools, caller).await
}

/// The same caller, as of now and of what is held in memory: for calls that take long and change nothing.
pub(crate) async fn still(
    store: &Store,
    tools: &Tools,
    caller: &Caller,
    now: Millis,
) -> Result<Result<Caller, KeyFault>, Error> {
    if caller.expires.is_some_and(|expires| expires <= now) {
        return Ok(Err(KeyFault::TokenExpired));
    }
    again(store, tools, caller).await
}

async fn again(store: &Store, tools: &Tools, caller: &Caller) -> Result<Result<Caller, KeyFault>, Error> {
    if let Who::Role { number, session, .. } = &caller.who {
        let Some(identity) = role(store, tools, caller.account, *number).await? else {
            return Ok(Err(KeyFault::Unknown));
        };
        let fresh = in_session(&caller.access_key, caller.account, &identity, session)?;
        return Ok(Ok(Caller { session: caller.session.clone(), expires: caller.expires, ..fresh }));
    }
    match lasting(store, tools, &caller.access_key).await? {
        Some(key) if key.account != caller.account => Ok(Err(KeyFault::Unknown)),
        Some(key) if !key.is_active => Ok(Err(KeyFault::Inactive)),
        Some(key) => Ok(Ok(self::caller(&caller.access_key, key.account, &key.identity)?)),
        None => Ok(Err(KeyFault::Unknown)),
    }
}

/// Forgets the accounts of which another process has changed anything. To be called more than once a second.
pub(crate) async fn watch(store: &Store, tools: &Tools) -> Result<(), Error> {
    let all = generations::all(&mut store.reader()).await?;
    let now: Vec<_> =
        all.into_iter().filter_map(|(subject, n)| Some((held::account(&subject)?, n))).collect();
    tools.held.compare(&now);
    Ok(())
}

/// Writes down when keys were last used, as far as this process knows. To be called about once a minute, and once more
/// when nobody calls any longer.
///
/// # Errors
/// Of the store; what could not be written is written the next time.
pub async fn write_uses(store: &Store, tools: &Tools) -> Result<(), store::Error> {
    let uses = tools.held.take_uses();
    let mut rest = uses.as_slice();
    while !rest.is_empty() {
        let (chunk, behind) = rest.split_at(rest.len().min(TOGETHER));
        if let Err(error) = write(store, chunk).await {
            tools.held.put_back(rest);
            return Err(error);
        }
        rest = behind;
    }
    Ok(())
}

async fn write(store: &Store, uses: &[(String, Use)]) -> Result<(), store::Error> {
    let mut attempts = 1;
    loop {
        match attempt_to_write(store, uses).await {
            Err(error) if error.is_transient() && attempts < ATTEMPTS => attempts += 1,
            written => return written,
        }
    }
}

async fn attempt_to_write(store: &Store, uses: &[(String, Use)]) -> Result<(), store::Error> {
    let mut tx = store.change();
    for (id, (at, door)) in uses {
        rows::set_used(&mut tx, id, *at, door).await?;
    }
    tx.commit().await
}

async fn temporary_key(
    store: &Store,
    tools: &Tools,
    id: &str,
    token: Option<&str>,
    now: Millis,
) -> Result<Result<Claimant, KeyFault>, Error> {
    let Some(token) = token else { return Ok(Err(KeyFault::TokenMissing)) };
    let opened = match tools.held.tokens.find(tools, id, token, now)? {
        Ok(opened) => opened,
        Err(Shut::Malformed) => return Ok(Err(KeyFault::TokenMalformed)),
        Err(Shut::Mismatched) => return Ok(Err(KeyFault::TokenMismatched)),
    };
    if opened.expires <= now {
        return Ok(Err(KeyFault::TokenExpired));
    }
    let Some(identity) = role(store, tools, opened.account, opened.role).await? else {
        return Ok(Err(KeyFault::Unknown));
    };
    let caller = in_session(id, opened.account, &identity, &opened.name)?;
    let caller = Caller { session: opened.policy.clone(), expires: Some(opened.expires), ..caller };
    Ok(Ok(Claimant { caller, key: Key::Temporary(opened) }))
}

fn caller(id: &str, account: AccountUid, identity: &Identity) -> Result<Caller, Error> {
    let grants = identity.grants.as_ref().map_err(|fault| Error::from(fault.clone()))?;
    Ok(Caller {
        access_key: id.to_owned(),
        account,
        who: identity.who.clone(),
        grants: Arc::clone(grants),
        session: None,
        expires: None,
        generation: identity.generation,
    })
}

impl From<NotUnderstood> for Error {
    fn from(NotUnderstood { policy, reason }: NotUnderstood) -> Self {
        Self::Policy { name: policy, reason }
    }
}

/// Who has assumed a role, in a session of this name.
fn in_session(id: &str, account: AccountUid, identity: &Identity, session: &str) -> Result<Caller, Error> {
    let mut caller = caller(id, account, identity)?;
    if let Who::Role { session: named, .. } = &mut caller.who {
        session.clone_into(named);
    }
    Ok(caller)
}

async fn lasting(store: &Store, tools: &Tools, id: &str) -> Result<Option<Arc<AccessKey>>, Error> {
    if let Some(key) = tools.held.key(id) {
        return Ok(Some(key));
    }
    // Beside the turns, for which strangers have nobody wait.
    let Some(found) = rows::find(&mut store.reader(), id).await? else { return Ok(None) };
    let _turn = tools.held.turn(&id).await;
    if let Some(key) = tools.held.key(id) {
        return Ok(Some(key));
    }
    let mut reader = store.reader();
    let account = found.account;
    let since = tools.held.since(account);
    // Before the rows that it stands for: what is read after it may be newer, and never older.
    let generation = generations::of(&mut reader, &subject(account)).await?;
    // The key itself once more, since it was read before.
    let Some(stored) = rows::find(&mut reader, id).await? else { return Ok(None) };
    let Some(who) = who(&mut reader, &stored).await? else { return Ok(None) };
    let identity = identity(&mut reader, tools, (account, generation), who).await?;
    let secret = openable_secret(tools, &stored)?;
    let key = Arc::new(AccessKey::new(account, secret, stored.active, identity));
    tools.held.put_key(since, id, &key);
    Ok(Some(key))
}

/// Whom a caller's key stands for now, and what they may do; `None` where the key or whom it stands for is gone, or it is
/// switched off.
pub(crate) async fn now(reader: &mut Reader, caller: &Caller) -> Result<Option<(Who, Arc<Grants>)>, Error> {
    let account = caller.account;
    let found = match &caller.who {
        Who::Role { number, session, .. } => {
            let role = roles::numbered(reader, account, *number).await?;
            role.map(|role| assumed(*number, role, session.clone()))
        }
        Who::Root | Who::User { .. } => {
            let stored = rows::find(reader, &caller.access_key).await?;
            match stored.filter(|stored| stored.account == account && stored.active) {
                Some(stored) => who(reader, &stored).await?,
                None => None,
            }
        }
    };
    let Some(who) = found else { return Ok(None) };
    let grants = grants(reader, account, &who).await?;
    Ok(Some((who, grants)))
}

fn assumed(number: Number, role: Role, session: String) -> Who {
    Who::Role { number, id: role.id, name: role.name.as_str().to_owned(), session }
}

/// Whom a key is of; `None` where that user is gone.
async fn who(reader: &mut Reader, key: &Stored) -> Result<Option<Who>, Error> {
    let Some(number) = key.user else { return Ok(Some(Who::Root)) };
    let user = users::numbered(reader, key.account, number).await?;
    Ok(user.map(|user| Who::User { number, id: user.id, name: user.name.as_str().to_owned() }))
}

/// A role and what it may do; `None` where it is gone.
async fn role(
    store: &Store,
    tools: &Tools,
    account: AccountUid,
    number: Number,
) -> Result<Option<Arc<Identity>>, Error> {
    if let Some(identity) = tools.held.role(account, number) {
        return Ok(Some(identity));
    }
    let _turn = tools.held.turn(&(account.0, number.0)).await;
    if let Some(identity) = tools.held.role(account, number) {
        return Ok(Some(identity));
    }
    let since = tools.held.since(account);
    let mut reader = store.reader();
    let generation = generations::of(&mut reader, &subject(account)).await?;
    let Some(role) = roles::numbered(&mut reader, account, number).await? else { return Ok(None) };
    let who = assumed(number, role, String::new());
    let identity = identity(&mut reader, tools, (account, generation), who).await?;
    tools.held.put_role(since, number, &identity);
    Ok(Some(identity))
}

/// Whom it is, and what they may do. Where a policy is not understood that is kept like all else, so that the log is told
/// of it here alone, and not for each call.
async fn identity(
    reader: &mut Reader,
    tools: &Tools,
    (account, generation): (AccountUid, i64),
    who: Who,
) -> Result<Arc<Identity>, Error> {
    let understood = granted(reader, account, &who, |document| tools.held.policy(account, document)).await?;
    if let Err(NotUnderstood { policy, reason }) = &understood {
        tracing::error!(
            account = account.0,
            ?who,
            policy,
            reason,
            "a policy is not understood: who has it can do nothing"
        );
    }
    Ok(Arc::new(Identity { who, grants: understood, generation }))
}

/// The policies of a user or a role, understood.
///
/// # Errors
/// `Policy` where one is not understood: leaving it out might allow what it denies.
pub async fn grants(reader: &mut Reader, account: AccountUid, who: &Who) -> Result<Arc<Grants>, Error> {
    let parse = |document: &str| Policy::parse(document, Kind::Identity).map(Arc::new);
    Ok(granted(reader, account, who, parse).await??)
}

async fn granted(
    reader: &mut Reader,
    account: AccountUid,
    who: &Who,
    parse: impl Fn(&str) -> Result<Arc<Policy>, Malformed>,
) -> Result<Result<Arc<Grants>, NotUnderstood>, store::Error> {
    let Some(holder) = who.holder() else { return Ok(Ok(Arc::default())) };
    let granted = attachments::granted(reader, account, holder).await?;
    let named = granted.into_iter().map(|granted| understood(granted, &parse)).collect::<Result<_, _>>();
    Ok(named.map(|named| Arc::new(Grants(named))))
}

fn understood(
    granted: Granted,
    parse: impl Fn(&str) -> Result<Arc<Policy>, Malformed>,
) -> Result<Named, NotUnderstood> {
    let unread = |reason: &str| NotUnderstood { policy: granted.name.clone(), reason: reason.to_owned() };
    match (granted.kind, &granted.document) {
        (PolicyKind::System, _) => {
            system::find(&granted.name).map(System::named).ok_or_else(|| unread("there is none"))
        }
        (PolicyKind::Custom, None) => Err(unread("there is none")),
        (PolicyKind::Custom, Some(document)) => {
            let policy = parse(document).map_err(|why| unread(&why.to_string()))?;
            Ok(Named { name: PolicyName::Custom(granted.name.clone()), policy })
        }
    }
}
