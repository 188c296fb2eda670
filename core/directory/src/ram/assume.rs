//! Assuming roles: temporary keys for whom a role trusts.
//!
//! Source: `reference/protocol.md` §5.2.

use access::access_keys::{self, NewKey};
use access::ram::{Ask, Kind, Layer, Policy, Refusal, Trust, Verdict};
use access::temporary::{self, Session};
use access::{Change, Permit, Principal};
use model::event::Event;
use model::ram::{self, Role, SessionName};
use model::{AccountUid, Millis, Secret};

use super::{Error, Wrong, roles};

/// The action, as trust policies name it.
const ACTION: &str = "sts:AssumeRole";
/// Seconds that a session lasts at least, and where nothing is said.
const SHORTEST: i64 = 900;
const USUAL: i64 = 3_600;

/// Which role is to be assumed, and how.
#[derive(Debug, Clone, Copy)]
pub struct Assume<'a> {
    /// The role's ARN, `acs:ram::<account>:role/<name>`; of another account too.
    pub role: &'a str,
    /// What the caller calls the session.
    pub session: &'a SessionName,
    /// Seconds that it is to last: 900 to what the role allows; an hour where nothing is said.
    pub seconds: Option<i64>,
    /// A document that narrows it down.
    pub policy: Option<&'a str>,
    /// What the role's trust policy may ask for as `sts:ExternalId`.
    pub external_id: Option<&'a str>,
    /// Who is behind the caller, which trust policies may ask for as `sts:SourceIdentity`.
    pub source_identity: Option<&'a str>,
}

/// A role that was assumed.
#[derive(Debug)]
pub struct Assumed {
    /// The temporary AccessKey.
    pub key: NewKey,
    /// What has to come with each of its calls.
    pub token: Secret,
    /// When both end.
    pub expires: Millis,
    /// `<id of the role>:<session>`.
    pub id: String,
    /// `acs:ram::<account>:role/<name>/<session>`.
    pub arn: String,
}

/// Gives the caller a temporary key of a role that trusts it.
///
/// # Errors
/// `RootAssumes`; `Wrong(RoleArn)`; `Missing`, `Untrusted`, and of another account `UntrustedElsewhere` for both;
/// `Wrong(Duration)`; `Malformed` where the session policy is none.
pub async fn assume(change: &mut Change, permit: &Permit, assume: &Assume<'_>) -> Result<Assumed, Error> {
    if matches!(permit.principal(), Principal::Root(_)) {
        return Err(Error::RootAssumes);
    }
    if let Some(policy) = assume.policy {
        Policy::parse(policy, Kind::Session).map_err(Error::Malformed)?;
    }
    let (account, role) = find(change, permit, assume).await?;
    let seconds = assume.seconds.unwrap_or(USUAL.min(role.longest));
    if !(SHORTEST..=role.longest).contains(&seconds) {
        return Err(Error::Wrong(Wrong::Duration));
    }
    let session = Session {
        account,
        role: role.number,
        name: assume.session.as_str().to_owned(),
        // Whole seconds, as answers say them.
        expires: Millis((permit.at().0 / 1_000 + seconds) * 1_000),
        policy: assume.policy.map(str::to_owned),
    };
    let (key, token) = temporary::issue(change.tools(), &session);
    record(change, permit, &role, (assume, &session, &key));
    Ok(Assumed {
        key,
        token,
        expires: session.expires,
        id: format!("{}:{}", role.id, session.name),
        arn: ram::arn(account, &format!("role/{}/{}", role.name, session.name)),
    })
}

/// The role, where it trusts the caller.
async fn find(
    change: &mut Change,
    permit: &Permit,
    assume: &Assume<'_>,
) -> Result<(AccountUid, Role), Error> {
    let wrong = || Error::Wrong(Wrong::RoleArn);
    let (account, relative) = ram::read_arn(assume.role).ok_or_else(wrong)?;
    let name = relative.strip_prefix("role/").filter(|name| !name.is_empty()).ok_or_else(wrong)?;
    change.go_by(account).await?;
    let is_own = account == permit.account();
    let role = match roles::find(change.tx(), account, name).await {
        Err(Error::Missing(_, name)) if !is_own => {
            let refusal = Refusal { layer: Layer::Trust, by: None, resource: assume.role.to_owned() };
            return Err(Error::UntrustedElsewhere(name, refusal));
        }
        found => found?,
    };
    match trusts(permit, assume, &role)? {
        Verdict::Allowed(_) => Ok((account, role)),
        Verdict::Denied(refusal) if is_own => Err(Error::Untrusted(refusal)),
        Verdict::Denied(refusal) => Err(Error::UntrustedElsewhere(name.to_owned(), refusal)),
    }
}

fn trusts(permit: &Permit, assume: &Assume<'_>, role: &Role) -> Result<Verdict, Error> {
    let trust = Trust::parse(&role.trust).map_err(|malformed| {
        // What is stored was understood when it was written; by another program, where it is not now.
        Error::Keys(access_keys::Error::Policy {
            name: role.name.as_str().to_owned(),
            reason: malformed.to_string(),
        })
    })?;
    let mut keys = permit.circumstances().keys(permit.principal());
    let more = [("sts:ExternalId", assume.external_id), ("sts:SourceIdentity", assume.source_identity)];
    keys.more.extend(more.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned()))));
    let resources = [assume.role.to_owned()];
    Ok(trust.trusts(&Ask { action: ACTION, resources: &resources, keys: &keys }))
}

/// Nothing is stored of it, and who had which role is known from the audit trail alone: from that of the caller's account,
/// and where the role is another one's, from that one's too.
fn record(
    change: &mut Change,
    permit: &Permit,
    role: &Role,
    (assume, session, key): (&Assume<'_>, &Session, &NewKey),
) {
    let mut facts = vec![
        ("session", session.name.clone()),
        ("access_key", key.id.clone()),
        ("expires", session.expires.to_string()),
    ];
    facts.extend(assume.source_identity.map(|identity| ("source_identity", identity.to_owned())));
    facts.extend(session.policy.clone().map(|policy| ("policy", policy)));
    let event = |facts: &[(&'static str, String)]| {
        Event::plain("ram-role.assumed", &role.id, role.name.as_str(), None, Some(facts))
    };
    if session.account != permit.account() {
        change.record_under(permit.seen_by(session.account), event(&facts));
        facts.push(("account", session.account.0.to_string()));
    }
    change.record(event(&facts));
}
