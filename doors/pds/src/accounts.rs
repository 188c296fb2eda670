//! The operations on accounts: what a user signs in with.

use api::pds::{
    AccountLink, AccountStatus, AuthenticationType, Extra, GetLinkInfo, GetLinkInfoByUserId,
    GetLinkInfoByUserIdReply, LinkAccount, TokenReply, UnLinkAccount,
};
use directory::links::{self, NamedLink, NewLink};
use directory::oauth;
use gate::{Change, Permit, Reader};
use model::link::{Link, LinkKind};
use model::text::Line;

use crate::oauth::tokens;
use crate::words::Refused;
use crate::{Settings, ids};

pub(crate) async fn link(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &LinkAccount,
) -> Result<TokenReply, Refused> {
    let new = NewLink {
        kind: read_kind(request.kind),
        identity: Line::new(request.identity.as_str()).map_err(|_| Refused::invalid("identity"))?,
        extra: extra(request.extra.as_ref()).to_owned(),
        display_name: Line::default(),
    };
    oauth::prepare(change, permit.at()).await?;
    let user = links::link_for_token(change, permit, &request.user_id, &new).await?;
    // Nobody acts for who cannot: without a commit nothing is linked either.
    let given = oauth::issue_by_link(change, permit, &user).await?;
    tokens::reply(change, permit, given).await
}

/// A type of account as the directory knows it.
pub(crate) fn read_kind(kind: AuthenticationType) -> LinkKind {
    match kind {
        AuthenticationType::Mobile => LinkKind::Mobile,
        AuthenticationType::Email => LinkKind::Email,
        AuthenticationType::Ding => LinkKind::Ding,
        AuthenticationType::Ram => LinkKind::Ram,
        AuthenticationType::Wechat => LinkKind::Wechat,
        AuthenticationType::Ldap => LinkKind::Ldap,
        AuthenticationType::Custom => LinkKind::Custom,
        AuthenticationType::Saml => LinkKind::Saml,
    }
}

fn kind(kind: LinkKind) -> AuthenticationType {
    match kind {
        LinkKind::Mobile => AuthenticationType::Mobile,
        LinkKind::Email => AuthenticationType::Email,
        LinkKind::Ding => AuthenticationType::Ding,
        LinkKind::Ram => AuthenticationType::Ram,
        LinkKind::Wechat => AuthenticationType::Wechat,
        LinkKind::Ldap => AuthenticationType::Ldap,
        LinkKind::Custom => AuthenticationType::Custom,
        LinkKind::Saml => AuthenticationType::Saml,
    }
}

/// What was said beside the identity; nothing, where nothing was.
pub(crate) fn extra(extra: Option<&Extra>) -> &str {
    extra.map_or("", Extra::as_str)
}

pub(crate) async fn unlink(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UnLinkAccount,
) -> Result<(), Refused> {
    let extra = extra(request.extra.as_ref());
    let named = NamedLink { kind: read_kind(request.kind), identity: &request.identity, extra };
    Ok(links::unlink(change, permit, &request.user_id, named).await?)
}

pub(crate) async fn get(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &GetLinkInfo,
) -> Result<AccountLink, Refused> {
    let extra = extra(request.extra.as_ref());
    let named = NamedLink { kind: read_kind(request.kind), identity: &request.identity, extra };
    let (link, user_id) = links::find_managed(reader, permit, named).await?;
    Ok(show(permit, &link, user_id))
}

pub(crate) async fn of_user(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &GetLinkInfoByUserId,
) -> Result<GetLinkInfoByUserIdReply, Refused> {
    let links = links::of_managed(reader, permit, &request.user_id).await?;
    let items = links.iter().map(|link| show(permit, link, request.user_id.clone())).collect();
    Ok(GetLinkInfoByUserIdReply { items })
}

/// An account as answers show it, of the user whom programs call so.
pub(crate) fn show(permit: &Permit, link: &Link, user_id: String) -> AccountLink {
    let identity = link.identity.as_str().to_owned();
    AccountLink {
        authentication_type: kind(link.kind),
        extra: link.extra.clone(),
        user_id,
        domain_id: ids::spell_own_domain(permit),
        display_name: link.display_name.given().map_or_else(|| identity.clone(), str::to_owned),
        identity,
        created_at: link.created.0,
        last_login_time: link.used.map_or(0, |at| at.0),
        status: AccountStatus::Normal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_of_account_comes_back_as_it_came() {
        for stored in LinkKind::ALL {
            assert_eq!(read_kind(kind(stored)), stored);
            let word = serde_json::to_value(kind(stored)).expect("a word");
            assert_eq!(word.as_str(), Some(stored.word()));
        }
    }
}
