//! From parameters to an action.

use serde::de::DeserializeOwned;

use super::Undecodable;
use super::failure::Failure;
use super::flat::{Flat, Pair, by_segment};
use super::node::Node;
use crate::action::Action;
use crate::parameters::Parameters;

/// How often reading may start over without a place that holds nothing.
const MAX_RESTARTS: usize = 256;

/// Reads an RPC request's parameters into `A`.
///
/// - Lists are flattened and count from 1 (`Users.2.Email`), ordered by number; gaps and index 0
///   are ignored. Maps are flattened as `ShowExtras.getPhone` or `ShowExtras.#8#getPhone`.
/// - For every list, object or map one parameter with JSON text will do as well; flattened names
///   win. In JSON, numbers and booleans may be texts, and null is absent.
/// - Numbers and booleans come as text, `True` like `true`. For these, and for lists, objects, maps
///   and enums, an empty text is absent; for texts it is a value.
/// - Unknown names are ignored, since SDKs add their own.
///
/// # Errors
/// `Missing` names an absent parameter, `Invalid` one that does not parse, both the outermost name
/// as the caller spelled it. Where no single parameter is to blame, `Invalid` names the action.
/// What [`Action::check`] says comes last.
///
/// Source: `reference/protocol.md` §1.3 and §1.4.
pub fn decode<A: Action>(parameters: &Parameters) -> Result<A, Undecodable> {
    let action: A = read(parameters).map_err(|failure| match failure {
        Failure::Known(undecodable) => undecodable,
        Failure::Missing(name) => Undecodable::Missing(name.to_owned()),
        Failure::Invalid | Failure::Empty | Failure::Void(_) => Undecodable::Invalid(A::NAME.to_owned()),
    })?;
    action.check()?;
    Ok(action)
}

fn read<T: DeserializeOwned>(parameters: &Parameters) -> Result<T, Failure> {
    let mut pairs: Vec<Pair<'_>> = parameters.iter().collect();
    pairs.sort_by(by_segment);
    let mut voids = Vec::new();
    loop {
        match T::deserialize(Node::flat(Flat::root(&pairs), &voids)) {
            Err(Failure::Void(place)) if voids.len() < MAX_RESTARTS => voids.push(place),
            outcome => return outcome,
        }
    }
}
