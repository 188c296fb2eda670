//! The program and the slow evaluator on the same random documents and requests.

use std::sync::Arc;

use access::ram::{Ask, Grants, Kind, Malformed, Named, Policy, PolicyName, Trust, decide};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

use crate::{documents, reference};

/// Requests that each set of documents is asked.
const ASKS: usize = 8;

/// Makes documents and requests of `seed`, and holds both evaluators against one another. How many documents were
/// understood.
///
/// # Errors
/// What they do not agree on.
pub(crate) fn round(seed: u64) -> Result<usize, String> {
    let chance = &mut StdRng::seed_from_u64(seed);
    let mut grants = Vec::new();
    for number in 0..chance.random_range(0..=4) {
        grants.extend(policy(chance, Kind::Identity)?.map(|policy| (name(number), policy)));
    }
    let session = if chance.random_ratio(1, 2) { policy(chance, Kind::Session)? } else { None };
    let trust = trust(chance)?;
    for _ in 0..ASKS {
        let (action, resources, keys) =
            (documents::action(chance), documents::resources(chance), documents::keys(chance));
        let ask = Ask { action: &action, resources: &resources, keys: &keys };
        decisions(&grants, session.as_ref(), &ask).map_err(|told| format!("seed {seed}: {told}"))?;
        trusted(trust.as_ref(), &ask).map_err(|told| format!("seed {seed}: {told}"))?;
    }
    Ok(grants.len() + usize::from(session.is_some()) + usize::from(trust.is_some()))
}

fn name(number: usize) -> PolicyName {
    PolicyName::Custom(format!("p{number}"))
}

/// One document as both read it.
type Read<P> = (Arc<P>, Value);

fn policy(chance: &mut StdRng, kind: Kind) -> Result<Option<Read<Policy>>, String> {
    let most = match kind {
        Kind::Identity => 6_144,
        Kind::Session => 2_048,
    };
    let text = documents::policy(chance);
    both(&text, Policy::parse(&text, kind), reference::policy(&text, most))
}

fn trust(chance: &mut StdRng) -> Result<Option<Read<Trust>>, String> {
    let text = documents::trust(chance);
    both(&text, Trust::parse(&text), reference::trust(&text))
}

fn both<P>(text: &str, ours: Result<P, Malformed>, theirs: Option<Value>) -> Result<Option<Read<P>>, String> {
    match (ours, theirs) {
        (Ok(ours), Some(theirs)) => Ok(Some((Arc::new(ours), theirs))),
        (Err(Malformed::Grammar { reason }), None) if reason.len() > 1_000 || reason.contains('\n') => {
            Err(format!("too much is told of {text}: {reason}"))
        }
        (Err(_), None) => Ok(None),
        (Ok(_), None) => Err(format!("should be refused: {text}")),
        (Err(malformed), Some(_)) => Err(format!("should be understood ({malformed}): {text}")),
    }
}

fn decisions(
    grants: &[(PolicyName, Read<Policy>)],
    session: Option<&Read<Policy>>,
    ask: &Ask<'_>,
) -> Result<(), String> {
    let named = |(name, (policy, _)): &(PolicyName, Read<Policy>)| Named {
        name: name.clone(),
        policy: Arc::clone(policy),
    };
    let ours =
        decide(&Grants(grants.iter().map(named).collect()), session.map(|(policy, _)| policy.as_ref()), ask);
    let documents: Vec<_> =
        grants.iter().map(|(name, (_, document))| (name.clone(), document.clone())).collect();
    let session = session.map(|(_, document)| document);
    let theirs = reference::decide(&documents, session, ask);
    if ours == theirs {
        return Ok(());
    }
    Err(format!(
        "{ours:?}, not {theirs:?}, for {ask:?} under {documents:?} and the session policy {session:?}"
    ))
}

fn trusted(trust: Option<&Read<Trust>>, ask: &Ask<'_>) -> Result<(), String> {
    let Some((trust, document)) = trust else {
        return Ok(());
    };
    let (ours, theirs) = (trust.trusts(ask), reference::trusts(document, ask));
    if ours == theirs {
        Ok(())
    } else {
        Err(format!("{ours:?}, not {theirs:?}, for {ask:?} under {document}"))
    }
}

#[test]
fn two_evaluators_agree() {
    let mut understood = 0;
    for seed in 0..1_000 {
        understood += round(seed).unwrap();
    }
    assert!(understood > 1_000, "of the documents enough must mean something: {understood}");
}
