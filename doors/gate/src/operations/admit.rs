//! From a call to its operation and its permit.

use access::{Asked, Permit, Scope};
use model::Resource;
use wire::pds::{self, Body};
use wire::{Fault, Operation};

use super::Call;
use super::authenticate::Proven;
use crate::way::note_refusal;

/// Finds the call's domain, asks for its permit and decodes it. Who may not use the operation at all learns nothing of
/// its parameters; of a request that is wrong by itself it is not told whether its domain is there.
pub(super) async fn admit<O: Operation>(call: &Call<'_>) -> Result<(O, Permit), Fault> {
    let words = &call.operations.words;
    let circumstances = &call.way.circumstances;
    let named = call.body.as_ref().map_err(Clone::clone).and_then(Body::domain);
    let body = named.as_ref().ok().copied().flatten();
    let directory = call.said.directory(
        &words.domains,
        call.way.entrance,
        &call.caller,
        body,
        O::NAMES_DOMAIN,
        &circumstances.request,
    );
    let directory = directory.await;
    let permit = match &call.caller {
        Proven::AccessKey(caller) => {
            let scope = directory.clone().map_or(Scope::Account(caller.account), Scope::Directory);
            // As policies see it, the API has no resources.
            let asked = Asked { right: O::RIGHT, resources: &[Resource::Any], region: "*" };
            Permit::by_policy(caller, &asked, scope, circumstances.clone())
        }
        Proven::Bearer(bearer, home) => {
            Permit::by_token(bearer.clone(), O::RIGHT, O::AUDIENCE, home.clone(), circumstances.clone())
        }
    };
    if let (Err(denied), Proven::AccessKey(caller)) = (&permit, &call.caller) {
        note_refusal(&call.way, caller.account, denied).await;
    }
    let permit = permit.map_err(|denied| (words.denied)(&denied, O::PATH))?;
    named.map_err(|unfit| (words.unfit)(&unfit))?;
    let body = call.body.as_ref().map_err(|unfit| (words.unfit)(unfit))?;
    let request = pds::decode::<O>(body).map_err(|unfit| (words.unfit)(&unfit))?;
    directory?;
    Ok((request, permit))
}
