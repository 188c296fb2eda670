//! The actions on roles.

use api::ram::{
    CreateRole, DeleteRole, Done, GetRole, ListRoles, ListRolesReply, Role, RoleReply, Roles, UpdateRole,
};
use directory::ram::roles::{self, Edit, NewRole};
use gate::{Change, Permit, Reader};
use model::ram;

use crate::pages::{List, Next};
use crate::texts;
use crate::words::Refused;

pub(crate) async fn create(
    (): &(),
    change: &mut Change,
    permit: &Permit,
    request: &CreateRole,
) -> Result<RoleReply, Refused> {
    let new = NewRole {
        name: texts::role(&request.role_name)?,
        description: texts::prose(request.description.as_ref(), "Description")?,
        trust: request.assume_role_policy_document.clone(),
        longest: request.max_session_duration.map(|seconds| seconds.get()),
    };
    let made = roles::create(change, permit, &new).await;
    let role = made.map_err(Refused::of_document("AssumeRolePolicyDocument"))?;
    Ok(RoleReply { role: whole(permit, &role) })
}

pub(crate) async fn get(
    (): &(),
    reader: &mut Reader,
    permit: &Permit,
    request: &GetRole,
) -> Result<RoleReply, Refused> {
    let name = texts::role(&request.role_name)?;
    Ok(RoleReply { role: whole(permit, &roles::get(reader, permit, name.as_str()).await?) })
}

/// A role with its trust policy.
fn whole(permit: &Permit, role: &ram::Role) -> Role {
    Role { assume_role_policy_document: Some(role.trust.clone()), ..shown(permit, role) }
}

fn shown(permit: &Permit, role: &ram::Role) -> Role {
    Role {
        role_id: role.id.clone(),
        role_name: role.name.as_str().to_owned(),
        arn: arn(permit, role),
        description: texts::shown(role.description.as_str()),
        assume_role_policy_document: None,
        max_session_duration: role.longest,
        allow_console_login: false,
        is_service_linked_role: false,
        create_date: role.created.utc_seconds(),
        update_date: role.updated.utc_seconds(),
    }
}

/// The ARN of a role of the permit's account.
pub(crate) fn arn(permit: &Permit, role: &ram::Role) -> String {
    ram::arn(permit.account(), &format!("role/{}", role.name))
}

pub(crate) async fn update(
    (): &(),
    change: &mut Change,
    permit: &Permit,
    request: &UpdateRole,
) -> Result<RoleReply, Refused> {
    let name = texts::role(&request.role_name)?;
    let description = request.new_description.as_ref();
    let edit = Edit {
        description: description.map(|_| texts::prose(description, "NewDescription")).transpose()?,
        trust: request.new_assume_role_policy_document.clone(),
        longest: request.new_max_session_duration.map(|seconds| seconds.get()),
    };
    let changed = roles::update(change, permit, name.as_str(), &edit).await;
    let role = changed.map_err(Refused::of_document("NewAssumeRolePolicyDocument"))?;
    Ok(RoleReply { role: whole(permit, &role) })
}

pub(crate) async fn remove(
    (): &(),
    change: &mut Change,
    permit: &Permit,
    request: &DeleteRole,
) -> Result<Done, Refused> {
    let name = texts::role(&request.role_name)?;
    roles::delete(change, permit, name.as_str()).await?;
    Ok(Done {})
}

pub(crate) async fn list(
    (): &(),
    reader: &mut Reader,
    permit: &Permit,
    request: &ListRoles,
) -> Result<ListRolesReply, Refused> {
    let list = List::of("ListRoles", "", reader, permit, request.marker.as_ref(), request.max_items)?;
    let page = roles::list(reader, permit, &list.after, list.limit).await?;
    let Next { is_truncated, marker } = list.next(&page, reader, permit);
    let roles = Roles { role: page.items.iter().map(|role| shown(permit, role)).collect() };
    Ok(ListRolesReply { is_truncated, marker, roles })
}
