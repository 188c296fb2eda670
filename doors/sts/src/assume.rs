//! Assuming roles.

use api::Password;
use api::sts::{AssumeRole, AssumeRoleReply, AssumedRoleUser, Credentials};
use directory::ram::assume::{self, Assume};
use gate::{Change, Permit};
use model::ram::SessionName;

use crate::words::Refused;

pub(crate) async fn assume(
    (): &(),
    change: &mut Change,
    permit: &Permit,
    request: &AssumeRole,
) -> Result<AssumeRoleReply, Refused> {
    let session = SessionName::new(request.role_session_name.as_str()).ok();
    let source_identity = given(request.source_identity.as_ref());
    let asked = Assume {
        role: &request.role_arn,
        session: &session.ok_or_else(|| Refused::invalid("RoleSessionName"))?,
        seconds: request.duration_seconds,
        policy: given(request.policy.as_ref()),
        external_id: given(request.external_id.as_ref()),
        source_identity,
    };
    let assumed = assume::assume(change, permit, &asked).await;
    let assumed = assumed.map_err(|error| Refused::Rule(permit.principal().clone(), error))?;
    Ok(AssumeRoleReply {
        credentials: Credentials {
            access_key_id: assumed.key.id,
            access_key_secret: Password::new(
                assumed.key.secret.reveal_text().expect("it was made of letters"),
            ),
            security_token: Password::new(assumed.token.reveal_text().expect("it is Base64")),
            expiration: assumed.expires.utc_seconds(),
        },
        assumed_role_user: AssumedRoleUser { arn: assumed.arn, assumed_role_id: assumed.id },
        source_identity: source_identity.map(str::to_owned),
    })
}

/// A parameter's text; an empty one is absent.
fn given(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}
