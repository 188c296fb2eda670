//! Who is calling, as the signature proves it. The checks run in the order of `reference/protocol.md` §6.3.

use access::access_keys::is_id;
use access::{Caller, Entrance, Replay};
use http::HeaderMap;
use model::Millis;
use model::time::MINUTE;
use wire::signature::acs3::Received;
use wire::signature::{self, Claim, Incomplete};
use wire::{Fault, Parameters};

use crate::door::{busy, replayed};

/// How far a call's time stamp may be from now, either way.
const WINDOW: i64 = 15 * MINUTE;

/// Checks the proof that a request carries.
pub(crate) async fn authenticate(
    entrance: &Entrance,
    headers: &HeaderMap,
    parameters: &Parameters,
    received: &Received<'_>,
    now: Millis,
) -> Result<(Caller, Replay), Fault> {
    let claim = Claim::read(headers, parameters).map_err(incomplete)?;
    let (claimed, signature) = match &claim {
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
    let signed_at = Millis::from_utc_seconds(claimed.timestamp).ok_or_else(|| {
        let message = "Specified time stamp or date value is not well formatted.";
        Fault::new(400, "InvalidTimeStamp.Format", message)
    })?;
    if signed_at.since(now).abs() > WINDOW {
        let message = "Specified time stamp or date value is expired.";
        return Err(Fault::new(400, "InvalidTimeStamp.Expired", message));
    }

    let not_found = || Fault::new(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.");
    if !is_id(claimed.access_key_id) {
        return Err(not_found());
    }
    let found = entrance.access_key(claimed.access_key_id).await.map_err(|error| {
        tracing::error!(%error, "an AccessKey could not be looked up");
        busy()
    })?;
    let key = found.ok_or_else(not_found)?;
    if !key.is_active {
        return Err(Fault::new(400, "InvalidAccessKeyId.Inactive", "Specified access key is disabled."));
    }
    if claimed.security_token.is_some() {
        let message = "Specified SecurityToken mismatch with the AccessKey.";
        return Err(Fault::new(400, "InvalidSecurityToken.MismatchWithAccessKey", message));
    }

    verify(&claim, key.secret.reveal(), received)
        .map_err(|mismatch| Fault::new(400, "SignatureDoesNotMatch", mismatch.message()))?;
    // After the signature, so that strangers cannot use up nonces.
    let replay = entrance
        .first(claimed.access_key_id, claimed.nonce.unwrap_or(signature), signed_at, now)
        .ok_or_else(replayed)?;
    Ok((Caller { access_key: claimed.access_key_id.to_owned(), account: key.account }, replay))
}

fn verify(claim: &Claim<'_>, secret: &[u8], received: &Received<'_>) -> Result<(), signature::Mismatch> {
    match claim {
        Claim::Rpc(claim) => claim.verify(secret, received.method),
        Claim::Acs3(claim) => claim.verify(secret, received),
        Claim::Bearer | Claim::Anonymous | Claim::Unsupported(_) => unreachable!("refused before"),
    }
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
