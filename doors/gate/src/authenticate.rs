//! Who is calling, as the signature proves it. The checks run in the order of `reference/protocol.md` §6.3.

use access::access_keys::{self, is_id};
use access::{Caller, Entrance, KeyFault, Replay};
use http::HeaderMap;
use model::Millis;
use model::time::MINUTE;
use wire::signature::acs3::Received;
use wire::signature::{self, Claim, Incomplete};
use wire::{Fault, Parameters};

use crate::way::unmet;

/// How far a call's time stamp may be from now, either way.
const WINDOW: i64 = 15 * MINUTE;

/// What a signed call says of itself.
pub(crate) struct Claimed<'a> {
    /// Who is said to have signed.
    pub(crate) caller: signature::Caller<'a>,
    /// The signature, by which a call without a nonce is remembered.
    pub(crate) signature: &'a str,
    /// The caller's time stamp; `None` where it cannot be read.
    pub(crate) signed_at: Option<Millis>,
    /// Through which door.
    pub(crate) door: &'static str,
}

/// Why a signature does not let a call in.
pub(crate) enum Unproven {
    /// The time stamp cannot be read.
    TimeFormat,
    /// It is too far from now.
    TimeExpired,
    /// The AccessKey, or its token, lets nobody in.
    Key(KeyFault),
    /// The signature is another one; what the caller may be told of it.
    Signature(String),
    /// The call was accepted before.
    Repeated,
    /// The AccessKey could not be looked up.
    Unseen(access_keys::Error),
}

/// Checks what a signed call says of itself; `verify` checks its signature with the secret of its AccessKey.
pub(crate) async fn prove(
    entrance: &Entrance,
    claimed: &Claimed<'_>,
    now: Millis,
    verify: impl FnOnce(&[u8]) -> Result<(), String> + Send,
) -> Result<(Caller, Replay), Unproven> {
    let caller = &claimed.caller;
    let signed_at = claimed.signed_at.ok_or(Unproven::TimeFormat)?;
    if signed_at.since(now).abs() > WINDOW {
        return Err(Unproven::TimeExpired);
    }
    if !is_id(caller.access_key_id) {
        return Err(Unproven::Key(KeyFault::Unknown));
    }
    let found = entrance.claimant(caller.access_key_id, caller.security_token, now).await;
    let claimant = found.map_err(Unproven::Unseen)?.map_err(Unproven::Key)?;
    verify(claimant.secret().reveal()).map_err(Unproven::Signature)?;
    // After the signature, so that strangers cannot use up nonces.
    let replay = entrance
        .first(caller.access_key_id, caller.nonce.unwrap_or(claimed.signature), signed_at, now)
        .ok_or(Unproven::Repeated)?;
    entrance.note(&claimant, now, claimed.door);
    Ok((claimant.caller, replay))
}

/// Checks the proof that an RPC request carries.
pub(crate) async fn authenticate(
    entrance: &Entrance,
    headers: &HeaderMap,
    parameters: &Parameters,
    received: &Received<'_>,
    now: Millis,
    door: &'static str,
) -> Result<(Caller, Replay), Fault> {
    let claim = Claim::read(headers, parameters).map_err(incomplete)?;
    let (caller, signature) = match &claim {
        Claim::Rpc(claim) => (claim.caller, claim.signature),
        Claim::Acs3(claim) => (claim.caller, claim.signature),
        Claim::Bearer | Claim::Anonymous => return Err(missing("AccessKeyId")),
        Claim::Unsupported(_) => {
            return Err(Fault::new(
                400,
                "InvalidSignatureMethod",
                "Specified signature method is not valid.",
            ));
        }
    };
    let signed_at = Millis::from_utc_seconds(caller.timestamp);
    let claimed = Claimed { caller, signature, signed_at, door };
    let verify = |secret: &[u8]| verify(&claim, secret, received).map_err(|mismatch| mismatch.message());
    prove(entrance, &claimed, now, verify).await.map_err(told)
}

fn verify(claim: &Claim<'_>, secret: &[u8], received: &Received<'_>) -> Result<(), signature::Mismatch> {
    match claim {
        Claim::Rpc(claim) => claim.verify(secret, received.method),
        Claim::Acs3(claim) => claim.verify(secret, received),
        Claim::Bearer | Claim::Anonymous | Claim::Unsupported(_) => unreachable!("refused before"),
    }
}

/// What an RPC caller is told whose signature does not let the call in.
fn told(unproven: Unproven) -> Fault {
    let (status, code, message) = match unproven {
        Unproven::TimeFormat => {
            let message = "Specified time stamp or date value is not well formatted.";
            (400, "InvalidTimeStamp.Format", message)
        }
        Unproven::TimeExpired => {
            (400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
        }
        Unproven::Key(fault) => return shut(fault),
        Unproven::Signature(message) => return Fault::new(400, "SignatureDoesNotMatch", message),
        Unproven::Repeated => return replayed(),
        Unproven::Unseen(error) => return unmet(&error),
    };
    Fault::new(status, code, message)
}

/// What an RPC caller is told whose AccessKey lets nobody in.
///
/// Source: `reference/protocol.md` §5.1, §6.3.
pub(crate) fn shut(fault: KeyFault) -> Fault {
    let (status, code, message) = match fault {
        KeyFault::Unknown => (404, "InvalidAccessKeyId.NotFound", "Specified access key is not found."),
        KeyFault::Inactive => (400, "InvalidAccessKeyId.Inactive", "Specified access key is disabled."),
        KeyFault::TokenMissing => return missing("SecurityToken"),
        KeyFault::TokenMalformed => {
            (400, "InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed.")
        }
        KeyFault::TokenMismatched => {
            let message = "Specified SecurityToken mismatch with the AccessKey.";
            (400, "InvalidSecurityToken.MismatchWithAccessKey", message)
        }
        KeyFault::TokenExpired => {
            (400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
        }
    };
    Fault::new(status, code, message)
}

/// What an RPC caller is told whose call was accepted before.
pub(crate) fn replayed() -> Fault {
    Fault::new(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
}

fn incomplete(incomplete: Incomplete) -> Fault {
    match incomplete {
        Incomplete::Missing("AccessKeyId") => missing("AccessKeyId"),
        Incomplete::Missing("Timestamp" | "x-acs-date") => missing("Timestamp"),
        Incomplete::Missing(_) | Incomplete::Repeated(_) | Incomplete::Malformed(_) => Fault::new(
            400,
            "IncompleteSignature",
            format!("The request signature does not conform to Aliyun standards: {incomplete}."),
        ),
    }
}

/// `Missing<Parameter>`.
pub(crate) fn missing(parameter: &str) -> Fault {
    Fault::new(400, format!("Missing{parameter}"), format!("{parameter} is mandatory for this action."))
}
