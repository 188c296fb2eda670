//! `oauth/token` and `account/token`.
//!
//! Source: `reference/pds.md` §13.1 and §13.3.

use api::Password;
use api::pds::{AccountToken, GrantType, Token, TokenReply};
use directory::oauth::{self, Client};
use gate::{Change, Circumstances, Permit};
use model::Secret;

use super::tokens::reply;
use crate::Settings;
use crate::words::Refused;

pub(crate) async fn token(
    _: &Settings,
    change: &mut Change,
    circumstances: &Circumstances,
    request: &Token,
) -> Result<(TokenReply, Permit), Refused> {
    let secret = request.client_secret.as_ref().filter(|secret| !secret.is_empty()).map(Password::secret);
    let client = Client { id: &request.client_id, secret };
    let (given, permit) = match request.grant_type {
        GrantType::JwtBearer => {
            let (assertion, label) = (proof(request.assertion.as_ref()), request.subdomain_id.as_deref());
            let label = label.unwrap_or_default();
            oauth::by_assertion(change, circumstances, client.id, &assertion, label).await?
        }
        GrantType::AuthorizationCode => {
            let (code, address) = (proof(request.code.as_ref()), request.redirect_uri.as_deref());
            oauth::by_code(change, circumstances, client, &code, address.unwrap_or_default()).await?
        }
        GrantType::RefreshToken => {
            let token = proof(request.refresh_token.as_ref());
            oauth::by_refresh_token(change, circumstances, client, &token).await?
        }
    };
    Ok((reply(change, &permit, given).await?, permit))
}

pub(crate) async fn account_token(
    _: &Settings,
    change: &mut Change,
    circumstances: &Circumstances,
    request: &AccountToken,
) -> Result<(TokenReply, Permit), Refused> {
    let client = Client { id: &request.app_id, secret: None };
    let token = request.refresh_token.secret();
    let given = oauth::by_refresh_token(change, circumstances, client, token).await;
    // There is no way to say a secret here.
    let (given, permit) = given.map_err(|refused| {
        if matches!(refused, oauth::Refused::NoSecret) { oauth::Refused::NotAllowed } else { refused }
    })?;
    Ok((reply(change, &permit, given).await?, permit))
}

/// The proof that the operation has checked to be there.
fn proof(given: Option<&Password>) -> Secret {
    given.map_or_else(|| Secret::new(""), |given| given.secret().clone())
}
