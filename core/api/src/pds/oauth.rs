//! The operations that give tokens.

use model::{Audience, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use wire::Operation;
use wire::pds::{Unfit, refuse, require};

use super::text::{filled, line, truth};
use super::{AuthenticationType, Role, Status, UserData};
use crate::Password;

/// `oauth/token`: gives a token for a proof of who one is. It comes as a form.
///
/// Source: `reference/pds.md` §13.1.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Token {
    /// What kind of proof it is. An empty text for a proof of another kind says as much as none.
    pub grant_type: GrantType,
    /// The app.
    pub client_id: String,
    /// The app's secret, of an app that has one.
    pub client_secret: Option<Password>,
    /// A token that the app has signed; for [`GrantType::JwtBearer`].
    pub assertion: Option<Password>,
    /// A code from the sign-in page; for [`GrantType::AuthorizationCode`].
    pub code: Option<Password>,
    /// The address that the code was sent to; for [`GrantType::AuthorizationCode`].
    pub redirect_uri: Option<String>,
    /// What came with an earlier token; for [`GrantType::RefreshToken`].
    pub refresh_token: Option<Password>,
    /// The label of the part of the domain that the token is for, at most 64 characters.
    pub subdomain_id: Option<String>,
}

/// A kind of proof for which there is a token.
///
/// Source: `reference/pds.md` §13.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum GrantType {
    /// A token that the app has signed.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:jwt-bearer")]
    JwtBearer,
    /// A code from the sign-in page.
    #[serde(rename = "authorization_code", alias = "code")]
    AuthorizationCode,
    /// What came with an earlier token.
    #[serde(rename = "refresh_token")]
    RefreshToken,
}

/// A token. Whoever has it is the user.
///
/// Source: `reference/pds.md` §6.9.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct TokenReply {
    /// What goes with every request.
    pub access_token: Password,
    /// For which there is another token.
    pub refresh_token: Password,
    /// How it goes with a request: `Bearer`.
    pub token_type: TokenType,
    /// For how many seconds it is good.
    pub expires_in: i64,
    /// When it ends, `2021-08-12T05:04:28Z`.
    pub expire_time: String,
    /// The user.
    pub user_id: String,
    /// The username.
    pub user_name: String,
    /// The display name.
    pub nick_name: String,
    /// The picture.
    pub avatar: String,
    /// What the user may do.
    pub role: Role,
    /// Whether the user can sign in.
    pub status: Status,
    /// The domain.
    pub domain_id: String,
    /// The label of the part of the domain that the token is for.
    pub subdomain_id: String,
    /// The drive that is taken where none is named.
    pub default_drive_id: String,
    /// Empty.
    pub default_sbox_drive_id: String,
    /// What programs keep with the user.
    pub user_data: UserData,
    /// Whether the user never signed in before.
    pub is_first_login: bool,
    /// Whether an account is still wanting; none is.
    pub need_link: bool,
    /// Accounts that others have; none.
    pub exist_link: Vec<ExistLink>,
    /// Whether a face is still to be shown; none is.
    pub need_rp_verify: bool,
    /// Whether there is a PIN; there is none.
    pub pin_setup: bool,
    /// Empty.
    pub state: String,
    /// Empty.
    pub device_id: String,
    /// Empty.
    pub device_name: String,
    /// Empty.
    pub path_status: String,
}

/// How a token goes with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TokenType {
    /// After that word, in the header `Authorization`.
    Bearer,
}

/// An account that another user has.
///
/// Source: `reference/pds.md` §6.9.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExistLink {
    /// How the user signs in.
    #[serde(rename = "type")]
    pub kind: AuthenticationType,
    /// The number, the address or the name to sign in with.
    pub identity: String,
    /// The number's region.
    pub extra: String,
}

impl Operation for Token {
    const PATH: &'static str = "/v2/oauth/token";
    const RIGHT: Right = Right::create("pds:Token");
    const AUDIENCE: Audience = Audience::Anybody;
    type Reply = TokenReply;

    fn check(&self) -> Result<(), Unfit> {
        filled(&self.client_id, "client_id")?;
        match self.grant_type {
            GrantType::JwtBearer => proof(self.assertion.as_ref(), "assertion")?,
            GrantType::AuthorizationCode => {
                proof(self.code.as_ref(), "code")?;
                require(self.redirect_uri.is_some(), "redirect_uri")?;
                filled(self.redirect_uri.as_deref().unwrap_or_default(), "redirect_uri")?;
            }
            GrantType::RefreshToken => proof(self.refresh_token.as_ref(), "refresh_token")?,
        }
        line::<64>(self.subdomain_id.as_deref(), "subdomain_id")
    }
}

/// A proof that has to be there.
fn proof(proof: Option<&Password>, name: &'static str) -> Result<(), Unfit> {
    require(proof.is_some(), name)?;
    if proof.is_some_and(Password::is_empty) { Err(Unfit::Empty(name.to_owned())) } else { Ok(()) }
}

/// `account/token`: gives a token for what came with an earlier one. `addition_data`, which may come with it, says
/// nothing.
///
/// Source: `reference/pds.md` §13.3.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct AccountToken {
    /// The app.
    pub app_id: String,
    /// What came with the earlier token.
    pub refresh_token: Password,
    /// [`GrantType::RefreshToken`].
    pub grant_type: GrantType,
}

impl Operation for AccountToken {
    const PATH: &'static str = "/v2/account/token";
    const RIGHT: Right = Right::update("pds:AccountToken");
    const AUDIENCE: Audience = Audience::Anybody;
    type Reply = TokenReply;

    fn check(&self) -> Result<(), Unfit> {
        filled(&self.app_id, "app_id")?;
        proof(Some(&self.refresh_token), "refresh_token")?;
        refuse(self.grant_type != GrantType::RefreshToken, "grant_type")
    }
}

/// `oauth/authorize`: the page to sign in on, from which the browser goes back to the app with a code. It is fetched,
/// with its parameters in the query.
///
/// Source: `reference/pds.md` §13.5.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Authorize {
    /// The app.
    pub client_id: String,
    /// Where to go with the code: as it was registered, to the letter.
    pub redirect_uri: String,
    /// What to go back with: [`CODE`].
    pub response_type: String,
    /// What the app asks to do, with commas between the words. Without effect: a token is good for what its user may do.
    pub scope: Option<String>,
    /// What to go back with besides.
    pub state: Option<String>,
    /// How to sign in: `default`, which is by password.
    pub login_type: Option<String>,
    /// Whether the user is not asked to agree; nobody is.
    #[serde(default, deserialize_with = "truth")]
    pub hide_consent: Option<bool>,
}

/// The one [`Authorize::response_type`] that there is.
pub const CODE: &str = "code";

impl Operation for Authorize {
    const PATH: &'static str = "/v2/oauth/authorize";
    const RIGHT: Right = Right::get("pds:Authorize");
    const AUDIENCE: Audience = Audience::Anybody;
    type Reply = ();

    fn check(&self) -> Result<(), Unfit> {
        filled(&self.client_id, "client_id")?;
        filled(&self.redirect_uri, "redirect_uri")?;
        filled(&self.response_type, "response_type")?;
        refuse(self.response_type != CODE, "response_type")?;
        let login_type = self.login_type.as_deref().unwrap_or_default();
        refuse(!["", "default"].contains(&login_type), "login_type")
    }
}
