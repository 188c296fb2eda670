//! How users prove who they are beside their password: accounts of other sources, and devices for one-time codes.
//!
//! Source: `reference/eiam.md` 13; `reference/doors.md` §2.2.

use api::eiam::{
    BindUserAuthnSourceMapping, Done, ListUserAuthnSourceMappings, ListUserAuthnSourceMappingsReply,
    UnbindTotpAuthenticator, UnbindUserAuthnSourceMapping, UserAuthnSourceMapping,
};
use directory::{devices, mappings, users};
use gate::{Change, Permit, Reader};
use model::Number;
use model::text::Line;

use crate::pages::{List, PAGE, Way};
use crate::words::{Refused, given};
use crate::{Settings, ids};

/// How the ids of sources begin.
const SOURCE: &str = "idp_";
/// Characters of an id.
const LONGEST: usize = 64;

pub(crate) async fn unbind_totp(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UnbindTotpAuthenticator,
) -> Result<Done, Refused> {
    let user = users::locked_id(change, permit, &ids::named(ids::USER, &request.user_id)).await?;
    devices::remove(change, permit, user.id.number()).await?;
    Ok(Done {})
}

pub(crate) async fn bind(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &BindUserAuthnSourceMapping,
) -> Result<Done, Refused> {
    let source = source(&request.identity_provider_id)?;
    let user = users::locked_id(change, permit, &ids::named(ids::USER, &request.user_id)).await?;
    mappings::bind(change, permit, &user, source, &request.user_external_id).await?;
    Ok(Done {})
}

pub(crate) async fn unbind(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UnbindUserAuthnSourceMapping,
) -> Result<Done, Refused> {
    let source = source(&request.identity_provider_id)?;
    let user = users::locked_id(change, permit, &ids::named(ids::USER, &request.user_id)).await?;
    mappings::unbind(change, permit, &user, source, &request.user_external_id).await?;
    Ok(Done {})
}

/// The id of a source. Sources belong to another system: whether it is there nobody here can tell. Other words would
/// name what opens accounts by other means, such as addresses.
fn source(id: &str) -> Result<&str, Refused> {
    let is_source =
        id.strip_prefix(SOURCE).is_some_and(|rest| !rest.is_empty()) && Line::<LONGEST>::new(id).is_ok();
    if is_source { Ok(id) } else { Err(Refused::Unknown("IdentityProvider", id.to_owned())) }
}

pub(crate) async fn list(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &ListUserAuthnSourceMappings,
) -> Result<ListUserAuthnSourceMappingsReply, Refused> {
    let filters = ListUserAuthnSourceMappings {
        next_token: None,
        previous_token: None,
        max_results: None,
        identity_provider_id: request.identity_provider_id.clone().filter(|id| !id.is_empty()),
        user_external_id: request.user_external_id.clone().filter(|id| !id.is_empty()),
        ..request.clone()
    };
    let list = List::of(permit, &filters);
    let number = |text: &str| text.parse().ok().map(Number);
    let after = list.place(reader, Way::Next, request.next_token.as_ref(), number)?;
    let before = list.place(reader, Way::Previous, request.previous_token.as_ref(), number)?;
    if after.is_some() && before.is_some() {
        return Err(Refused::invalid("PreviousToken"));
    }
    let size = request.max_results.map(|size| size.get()).filter(|size| *size > 0).unwrap_or(PAGE);
    let user = ids::named(ids::USER, &request.user_id);
    let (source, name) =
        (given(request.identity_provider_id.as_ref()), given(request.user_external_id.as_ref()));
    let from = (after.map(|(number, _)| number), before.map(|(number, _)| number));
    let page = mappings::list(reader, permit, &user, source, name, from, size).await?;
    let shown = |mapping: &mappings::Mapping| UserAuthnSourceMapping {
        user_id: request.user_id.clone(),
        identity_provider_id: mapping.source.clone(),
        user_external_id: mapping.name.clone(),
        instance_id: request.instance_id.clone(),
        create_time: mapping.created.0,
        update_time: mapping.created.0,
    };
    Ok(ListUserAuthnSourceMappingsReply {
        total_count: page.total,
        next_token: list.token(reader, Way::Next, page.after, None),
        previous_token: list.token(reader, Way::Previous, page.before, None),
        max_results: size,
        user_authn_source_mappings: page.mappings.iter().map(shown).collect(),
    })
}
