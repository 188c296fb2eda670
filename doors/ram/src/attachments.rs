//! The actions that give users and roles policies, take them away, and list who has which.

use api::ram::{
    AttachPolicyToRole, AttachPolicyToUser, AttachedPolicies, AttachedPoliciesReply, AttachedPolicy,
    DetachPolicyFromRole, DetachPolicyFromUser, Done, EntityGroups, EntityRole, EntityRoles, EntityUser,
    EntityUsers, ListEntitiesForPolicy, ListEntitiesForPolicyReply, ListPoliciesForRole, ListPoliciesForUser,
};
use directory::ram::policies::{self, Attached, Of};
use gate::{Change, Permit, Reader};

use crate::policies::{kind, spelled, version};
use crate::roles::arn;
use crate::texts;
use crate::words::Refused;

pub(crate) async fn attach_to_user(
    (): &(),
    change: &mut Change,
    permit: &Permit,
    request: &AttachPolicyToUser,
) -> Result<Done, Refused> {
    let (user, policy) = (texts::user(&request.user_name, "UserName")?, texts::policy(&request.policy_name)?);
    let of = Of::User(user.as_str());
    policies::attach(change, permit, of, kind(request.policy_type), policy.as_str()).await?;
    Ok(Done {})
}

pub(crate) async fn detach_from_user(
    (): &(),
    change: &mut Change,
    permit: &Permit,
    request: &DetachPolicyFromUser,
) -> Result<Done, Refused> {
    let (user, policy) = (texts::user(&request.user_name, "UserName")?, texts::policy(&request.policy_name)?);
    let of = Of::User(user.as_str());
    policies::detach(change, permit, of, kind(request.policy_type), policy.as_str()).await?;
    Ok(Done {})
}

pub(crate) async fn attach_to_role(
    (): &(),
    change: &mut Change,
    permit: &Permit,
    request: &AttachPolicyToRole,
) -> Result<Done, Refused> {
    let (role, policy) = (texts::role(&request.role_name)?, texts::policy(&request.policy_name)?);
    let of = Of::Role(role.as_str());
    policies::attach(change, permit, of, kind(request.policy_type), policy.as_str()).await?;
    Ok(Done {})
}

pub(crate) async fn detach_from_role(
    (): &(),
    change: &mut Change,
    permit: &Permit,
    request: &DetachPolicyFromRole,
) -> Result<Done, Refused> {
    let (role, policy) = (texts::role(&request.role_name)?, texts::policy(&request.policy_name)?);
    let of = Of::Role(role.as_str());
    policies::detach(change, permit, of, kind(request.policy_type), policy.as_str()).await?;
    Ok(Done {})
}

pub(crate) async fn of_user(
    (): &(),
    reader: &mut Reader,
    permit: &Permit,
    request: &ListPoliciesForUser,
) -> Result<AttachedPoliciesReply, Refused> {
    let user = texts::user(&request.user_name, "UserName")?;
    Ok(shown(policies::attached(reader, permit, Of::User(user.as_str())).await?))
}

pub(crate) async fn of_role(
    (): &(),
    reader: &mut Reader,
    permit: &Permit,
    request: &ListPoliciesForRole,
) -> Result<AttachedPoliciesReply, Refused> {
    let role = texts::role(&request.role_name)?;
    Ok(shown(policies::attached(reader, permit, Of::Role(role.as_str())).await?))
}

fn shown(attached: Vec<Attached>) -> AttachedPoliciesReply {
    let policies = attached.into_iter().map(|Attached { policy, at }| AttachedPolicy {
        policy_name: policy.name,
        policy_type: spelled(policy.kind),
        description: texts::shown(&policy.description),
        default_version: version(policy.version),
        attach_date: at.utc_seconds(),
    });
    AttachedPoliciesReply { policies: AttachedPolicies { policy: policies.collect() } }
}

pub(crate) async fn entities(
    (): &(),
    reader: &mut Reader,
    permit: &Permit,
    request: &ListEntitiesForPolicy,
) -> Result<ListEntitiesForPolicyReply, Refused> {
    let policy = texts::policy(&request.policy_name)?;
    let found = policies::holders(reader, permit, kind(request.policy_type), policy.as_str()).await?;
    let users = found.users.into_iter().map(|(user, at)| EntityUser {
        user_id: user.id,
        user_name: user.name.as_str().to_owned(),
        display_name: user.display_name.as_str().to_owned(),
        attach_date: at.utc_seconds(),
    });
    let roles = found.roles.into_iter().map(|(role, at)| EntityRole {
        arn: arn(permit, &role),
        role_id: role.id,
        role_name: role.name.as_str().to_owned(),
        description: texts::shown(role.description.as_str()),
        attach_date: at.utc_seconds(),
    });
    Ok(ListEntitiesForPolicyReply {
        users: EntityUsers { user: users.collect() },
        groups: EntityGroups::default(),
        roles: EntityRoles { role: roles.collect() },
    })
}
