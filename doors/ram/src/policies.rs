//! The actions on policies.

use api::ram::{
    CreatePolicy, CreatePolicyReply, DeletePolicy, Done, GetPolicy, GetPolicyReply, ListPolicies,
    ListPoliciesReply, Policies, Policy, PolicyType, PolicyVersion,
};
use directory::ram::policies::{self, NewPolicy};
use gate::{Change, Permit, Reader};
use model::ram::PolicyKind;

use crate::pages::{List, Next};
use crate::texts;
use crate::words::Refused;

pub(crate) async fn create(
    (): &(),
    change: &mut Change,
    permit: &Permit,
    request: &CreatePolicy,
) -> Result<CreatePolicyReply, Refused> {
    let new = NewPolicy {
        name: texts::policy(&request.policy_name)?,
        description: texts::prose(request.description.as_ref(), "Description")?,
        document: request.policy_document.clone(),
    };
    let made = policies::create(change, permit, &new).await;
    let policy = made.map_err(Refused::of_document("PolicyDocument"))?;
    Ok(CreatePolicyReply { policy: shown(&policy) })
}

pub(crate) async fn get(
    (): &(),
    reader: &mut Reader,
    permit: &Permit,
    request: &GetPolicy,
) -> Result<GetPolicyReply, Refused> {
    let name = texts::policy(&request.policy_name)?;
    let policy = policies::get(reader, permit, kind(request.policy_type), name.as_str()).await?;
    let version = PolicyVersion {
        version_id: version(policy.version),
        is_default_version: true,
        policy_document: policy.document.clone(),
        create_date: policy.updated.utc_seconds(),
    };
    let policy = Policy { policy_document: Some(policy.document.clone()), ..shown(&policy) };
    Ok(GetPolicyReply { policy, default_policy_version: version })
}

fn shown(policy: &policies::Policy) -> Policy {
    Policy {
        policy_name: policy.name.clone(),
        policy_type: spelled(policy.kind),
        description: texts::shown(&policy.description),
        default_version: version(policy.version),
        policy_document: None,
        attachment_count: policy.attachments,
        create_date: policy.created.utc_seconds(),
        update_date: policy.updated.utc_seconds(),
    }
}

/// Whose a policy is, as answers say it.
pub(crate) fn spelled(kind: PolicyKind) -> PolicyType {
    match kind {
        PolicyKind::System => PolicyType::System,
        PolicyKind::Custom => PolicyType::Custom,
    }
}

/// Whose a policy is, as requests say it.
pub(crate) fn kind(spelled: PolicyType) -> PolicyKind {
    match spelled {
        PolicyType::System => PolicyKind::System,
        PolicyType::Custom => PolicyKind::Custom,
    }
}

/// A version's id.
pub(crate) fn version(number: i64) -> String {
    format!("v{number}")
}

pub(crate) async fn remove(
    (): &(),
    change: &mut Change,
    permit: &Permit,
    request: &DeletePolicy,
) -> Result<Done, Refused> {
    let name = texts::policy(&request.policy_name)?;
    policies::delete(change, permit, name.as_str()).await?;
    Ok(Done {})
}

pub(crate) async fn list(
    (): &(),
    reader: &mut Reader,
    permit: &Permit,
    request: &ListPolicies,
) -> Result<ListPoliciesReply, Refused> {
    let kind = request.policy_type.map(kind);
    let condition = kind.map(PolicyKind::name).unwrap_or_default();
    let marker = request.marker.as_ref();
    let list = List::of("ListPolicies", condition, reader, permit, marker, request.max_items)?;
    let page = policies::list(reader, permit, kind, &list.after, list.limit).await?;
    let Next { is_truncated, marker } = list.next(&page, reader, permit);
    let policies = Policies { policy: page.items.iter().map(shown).collect() };
    Ok(ListPoliciesReply { is_truncated, marker, policies })
}
