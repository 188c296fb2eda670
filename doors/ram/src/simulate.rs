//! What policies would decide, and by which statement.

use api::ram::{Decision, PolicyLayer, PolicyType, SimulatePolicy, SimulatePolicyReply};
use directory::ram::simulate::{self, Answer, Question};
use directory::ram::{Layer, PolicyName, Refusal, Verdict};
use gate::{Permit, Reader};

use crate::words::{Refused, given};

pub(crate) async fn simulate(
    (): &(),
    reader: &mut Reader,
    permit: &Permit,
    request: &SimulatePolicy,
) -> Result<SimulatePolicyReply, Refused> {
    let source = given(request.source_ip.as_ref()).map(str::parse).transpose();
    let more = request.condition_keys.iter().flat_map(|keys| keys.iter());
    let more: Vec<_> = more.map(|key| (key.key.clone(), key.value.clone())).collect();
    let question = Question {
        principal: &request.principal,
        action: &request.simulated_action,
        resources: request.resources.as_deref().unwrap_or_default(),
        source: source.map_err(|_| Refused::invalid("SourceIp"))?,
        secure: request.secure_transport.unwrap_or(false),
        session: given(request.session_policy.as_ref()),
        more: &more,
    };
    let answer = simulate::simulate(reader, permit, &question).await;
    Ok(shown(&answer.map_err(Refused::of_document("SessionPolicy"))?))
}

fn shown(answer: &Answer) -> SimulatePolicyReply {
    let refusal = refusal(answer);
    let (name, kind) = match answer.by().and_then(|by| by.policy.as_ref()) {
        Some(PolicyName::System(name)) => (Some((*name).to_owned()), Some(PolicyType::System)),
        Some(PolicyName::Custom(name)) => (Some(name.clone()), Some(PolicyType::Custom)),
        None => (None, None),
    };
    SimulatePolicyReply {
        decision: match refusal {
            None => Decision::Allow,
            Some(Refusal { by: Some(_), .. }) => Decision::ExplicitDeny,
            Some(Refusal { by: None, .. }) => Decision::ImplicitDeny,
        },
        policy_layer: refusal.map(|refusal| layer(refusal.layer)),
        policy_name: name,
        policy_type: kind,
        statement: answer.by().map(|by| i64::try_from(by.statement).unwrap_or(i64::MAX)),
        resource: refusal.map(|refusal| refusal.resource.clone()),
    }
}

fn refusal(answer: &Answer) -> Option<&Refusal> {
    match answer {
        Answer::Root | Answer::Decided(Verdict::Allowed(_)) => None,
        Answer::Decided(Verdict::Denied(refusal)) => Some(refusal),
    }
}

const fn layer(layer: Layer) -> PolicyLayer {
    match layer {
        Layer::Identity => PolicyLayer::AccountLevelIdentityBasedPolicy,
        Layer::Session => PolicyLayer::SessionPolicy,
        Layer::Trust => PolicyLayer::AssumeRolePolicy,
    }
}
