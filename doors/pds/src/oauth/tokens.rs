//! A token as this door shows one.
//!
//! Source: `reference/pds.md` §6.9.

use api::Password;
use api::pds::{Role, Status, TokenReply, TokenType, UserData};
use directory::oauth::{Given, Holder};
use directory::users as people;
use gate::{Change, Permit};
use model::Secret;
use wire::pds::iso_seconds;

use crate::words::Refused;
use crate::{ids, users};

/// What a caller gets who was given tokens.
///
/// # Errors
/// The store's.
pub(crate) async fn reply(change: &mut Change, permit: &Permit, given: Given) -> Result<TokenReply, Refused> {
    let blank = blank(permit, &given);
    let Holder::User { user, is_first } = given.holder else { return Ok(blank) };
    let viewed = people::view_of(change.tx(), permit, user.id.number()).await?;
    let shown = users::user(permit, viewed);
    Ok(TokenReply {
        user_id: shown.user_id,
        user_name: shown.user_name,
        nick_name: shown.nick_name,
        avatar: shown.avatar,
        role: shown.role,
        status: shown.status,
        subdomain_id: shown.subdomain_id,
        default_drive_id: shown.default_drive_id,
        user_data: shown.user_data,
        is_first_login: is_first,
        ..blank
    })
}

/// The tokens of an app itself, which stands for the whole domain.
fn blank(permit: &Permit, given: &Given) -> TokenReply {
    let domain = ids::spell_domain(&given.directory);
    let expires = given.issued.expires;
    TokenReply {
        access_token: password(&given.issued.access_token),
        refresh_token: password(&given.issued.refresh_token),
        token_type: TokenType::Bearer,
        expires_in: expires.since(permit.at()).div_euclid(1_000),
        expire_time: iso_seconds(expires),
        user_id: domain.clone(),
        user_name: String::new(),
        nick_name: String::new(),
        avatar: String::new(),
        role: Role::SuperAdmin,
        status: Status::Enabled,
        domain_id: domain,
        subdomain_id: String::new(),
        default_drive_id: String::new(),
        default_sbox_drive_id: String::new(),
        user_data: UserData::default(),
        is_first_login: false,
        need_link: false,
        exist_link: Vec::new(),
        need_rp_verify: false,
        pin_setup: false,
        state: String::new(),
        device_id: String::new(),
        device_name: String::new(),
        path_status: String::new(),
    }
}

fn password(token: &Secret) -> Password {
    Password::new(token.reveal_text().unwrap_or_default())
}
