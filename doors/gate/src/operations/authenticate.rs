//! Who is calling, as a signature or a token proves it.
//!
//! Source: `reference/pds.md` §4.

use access::access_keys::is_id;
use access::{Bearer, Caller, Circumstances, Entrance, KeyFault, Principal, Replay, TokenFault};
use http::HeaderMap;
use model::Millis;
use model::account::Directory;
use wire::Fault;
use wire::signature::acs3::Received;
use wire::signature::roa::{Claim, Unproven as Mismatch};

use super::faults::{forbidden, replayed, role_changed, token_invalid};
use crate::authenticate::{Claimed, Unproven, prove};
use crate::way::{Way, renewed, unmet, unseen};

/// Who has proved to be calling.
#[derive(Debug, Clone)]
pub(crate) enum Proven {
    /// An AccessKey.
    AccessKey(Caller),
    /// Whoever a token stands for, and the directory that it is good for.
    Bearer(Bearer, Directory),
}

impl Proven {
    /// Takes the caller as of now, for whom a change is decided anew. No policy decides for who comes with a token.
    pub(super) async fn renew(&mut self, way: &Way<'_>) -> Result<(), Fault> {
        if let Self::AccessKey(caller) = self {
            *caller = renewed(way, caller, shut).await?;
        }
        Ok(())
    }

    /// As the log names the caller.
    pub(super) fn name(&self) -> String {
        match self {
            Self::AccessKey(caller) => caller.access_key.clone(),
            Self::Bearer(Bearer::Person { person, .. }, _) => Principal::Person(person.clone()).to_string(),
            Self::Bearer(Bearer::Service(service), _) => Principal::Service(service.clone()).to_string(),
        }
    }
}

/// What a caller would be told whom the head of a request does not show to be known here, by an AccessKey that may be
/// used or a token that is good; `None` for who is. It proves nothing: a signature is checked with the body that it binds,
/// and a token again, since bodies take time.
pub(super) async fn stranger(
    entrance: &Entrance,
    headers: &HeaderMap,
    now: Millis,
    request_id: &str,
) -> Option<Fault> {
    let claim = match claimed(headers) {
        Ok(claim) => claim,
        Err(fault) => return Some(fault),
    };
    let caller = match &claim {
        Claim::V1(claim) => claim.caller,
        Claim::V4(claim) => claim.caller,
        Claim::Bearer(token) => return bearer(entrance, token, now, request_id).await.err(),
        Claim::Unsupported(_) | Claim::Anonymous => unreachable!("refused above"),
    };
    let id = caller.access_key_id;
    let found = if is_id(id) {
        entrance.claimant(id, caller.security_token, now).await
    } else {
        Ok(Err(KeyFault::Unknown))
    };
    match found {
        Ok(Ok(_)) => None,
        Ok(Err(fault)) => Some(told(Unproven::Key(fault))),
        Err(error) => Some(told(Unproven::Unseen(error))),
    }
}

/// The proof that a request says to carry, where it is of a kind that is served.
fn claimed(headers: &HeaderMap) -> Result<Claim<'_>, Fault> {
    match Claim::read(headers) {
        Err(incomplete) => Err(forbidden(&format!("IncompleteSignature: {incomplete}."))),
        Ok(Claim::Unsupported(_)) => {
            Err(forbidden("InvalidSignatureMethod: the signature method is not served."))
        }
        Ok(Claim::Anonymous) => Err(token_invalid("AccessToken is missing")),
        Ok(claim) => Ok(claim),
    }
}

/// Checks the proof that a request carries. A call with a token has nothing to be remembered by.
pub(crate) async fn authenticate(
    entrance: &Entrance,
    headers: &HeaderMap,
    received: &Received<'_>,
    circumstances: &Circumstances,
) -> Result<(Proven, Option<Replay>), Fault> {
    let now = circumstances.at;
    let claim = claimed(headers)?;
    let (caller, signature) = match &claim {
        Claim::V1(claim) => (claim.caller, claim.signature),
        Claim::V4(claim) => (claim.caller, claim.signature),
        Claim::Bearer(token) => {
            return bearer(entrance, token, now, &circumstances.request).await.map(|proven| (proven, None));
        }
        Claim::Unsupported(_) | Claim::Anonymous => unreachable!("refused above"),
    };
    let signed_at =
        Millis::from_http_date(caller.timestamp).or_else(|| Millis::from_utc_seconds(caller.timestamp));
    let claimed = Claimed { caller, signature, signed_at, door: circumstances.door };
    let verify = |secret: &[u8]| verify(&claim, secret, received);
    let (caller, replay) = prove(entrance, &claimed, now, verify).await.map_err(told)?;
    Ok((Proven::AccessKey(caller), Some(replay)))
}

fn verify(claim: &Claim<'_>, secret: &[u8], received: &Received<'_>) -> Result<(), String> {
    let proven = match claim {
        Claim::V1(claim) => claim.verify(secret, received),
        Claim::V4(claim) => claim.verify(secret, received),
        Claim::Bearer(_) | Claim::Unsupported(_) | Claim::Anonymous => unreachable!("answered before"),
    };
    proven.map_err(|mismatch| match mismatch {
        Mismatch::Signature(mismatch) => mismatch.message(),
        Mismatch::Digest => "The body does not match Content-MD5.".to_owned(),
    })
}

async fn bearer(entrance: &Entrance, token: &str, now: Millis, request_id: &str) -> Result<Proven, Fault> {
    let found = entrance.bearer(token, now).await.map_err(|error| unseen(&error, request_id))?;
    let holder = found.map_err(|fault| match fault {
        TokenFault::Invalid => token_invalid("ErrValidateTokenFailed"),
        TokenFault::Expired => token_invalid("TokenExpired"),
        TokenFault::UserNotEnabled => token_invalid("UserNotEnabled"),
        TokenFault::RoleChanged => role_changed(),
    })?;
    Ok(Proven::Bearer(holder.bearer, holder.directory))
}

/// What a caller is told whose AccessKey lets nobody in.
pub(super) fn shut(fault: KeyFault) -> Fault {
    forbidden(match fault {
        KeyFault::Unknown => "InvalidAccessKeyId.NotFound: the AccessKey is not found.",
        KeyFault::Inactive => "InvalidAccessKeyId.Inactive: the AccessKey is disabled.",
        KeyFault::TokenMissing => "MissingSecurityToken: the token of the temporary AccessKey is missing.",
        KeyFault::TokenMalformed => "InvalidSecurityToken.Malformed: the token is malformed.",
        KeyFault::TokenMismatched => {
            "InvalidSecurityToken.MismatchWithAccessKey: the token is not of this AccessKey."
        }
        KeyFault::TokenExpired => "InvalidSecurityToken.Expired: the token has expired.",
    })
}

/// What a caller is told whose signature does not let the call in: never that another token would help.
fn told(unproven: Unproven) -> Fault {
    match unproven {
        Unproven::TimeFormat => forbidden("InvalidTimeStamp.Format: the date is not well formatted."),
        Unproven::TimeExpired => forbidden("InvalidTimeStamp.Expired: the date is expired."),
        Unproven::Key(fault) => shut(fault),
        Unproven::Signature(message) => forbidden(&format!("SignatureDoesNotMatch: {message}")),
        Unproven::Repeated => replayed(),
        Unproven::Unseen(error) => unmet(&error),
    }
}
