//! The operations on assignments: who administers which group.
//!
//! Source: `reference/pds.md` §11.

use api::pds::roles::{GROUP, GROUP_ADMIN, USER};
use api::pds::{
    AssignRole, Assignment, CancelAssignRole, Identity, ListAssignment, ListAssignmentReply,
    ListIdentityRole, ListIdentityRoleReply, NamedIdentity, PAGE_SIZE, page_size,
};
use directory::assignments::{self, Listed};
use gate::{Change, Permit, Reader};
use model::Number;

use crate::members::given;
use crate::pages::List;
use crate::words::Refused;
use crate::{Settings, ids};

pub(crate) async fn assign(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &AssignRole,
) -> Result<(), Refused> {
    let unit = ids::group(permit, &request.manage_resource_id);
    let user = &request.identity.identity_id;
    Ok(assignments::assign(change, permit, &unit, user, request.disinherit_sub_group).await?)
}

pub(crate) async fn cancel(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &CancelAssignRole,
) -> Result<(), Refused> {
    let unit = ids::group(permit, &request.manage_resource_id);
    Ok(assignments::cancel(change, permit, &unit, &request.identity.identity_id).await?)
}

pub(crate) async fn list(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &ListAssignment,
) -> Result<ListAssignmentReply, Refused> {
    let list = List::of(permit, &ListAssignment { limit: None, marker: None, ..request.clone() });
    let unit = given(request.manage_resource_id.as_ref()).map(|unit| ids::group(permit, unit));
    let after = list.place(reader, request.marker.as_ref(), read)?;
    let limit = page_size(request.limit, PAGE_SIZE);
    let page = assignments::list(reader, permit, unit.as_ref(), after, limit).await?;
    Ok(ListAssignmentReply {
        assignment_list: page.assignments.iter().map(|listed| show(permit, listed)).collect(),
        next_marker: list.marker(reader, page.next.map(|(unit, user)| format!("{unit}.{user}"))),
    })
}

/// The place that a marker holds: behind this group and this user.
fn read(text: &str) -> Option<(Number, Number)> {
    let (unit, user) = text.split_once('.')?;
    Some((ids::key(unit)?, ids::key(user)?))
}

fn show(permit: &Permit, listed: &Listed) -> Assignment {
    let Listed { assignment, unit, user } = listed;
    Assignment {
        domain_id: ids::spell_own_domain(permit),
        identity: Identity::user(user.as_str()),
        role_id: GROUP_ADMIN.to_owned(),
        manage_resource_type: GROUP.to_owned(),
        manage_resource_id: unit.digits(),
        disinherit_sub_group: assignment.only_unit,
        creator: assignment.creator.clone(),
        created_at: assignment.created.0,
        updated_at: assignment.updated.0,
    }
}

pub(crate) async fn of_identity(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &ListIdentityRole,
) -> Result<ListIdentityRoleReply, Refused> {
    let held = assignments::of_user(reader, permit, &request.identity.identity_id).await?;
    let (user, profile) = (held.user.user, held.user.profile);
    let name = user.display_name.as_str().to_owned();
    Ok(ListIdentityRoleReply {
        domain_id: ids::spell_own_domain(permit),
        identity: NamedIdentity {
            identity_type: USER.to_owned(),
            identity_id: user.public_id(),
            identity_name: name.clone(),
        },
        identity_name: name,
        is_admin: user.role.manages(),
        assignment_list: held.assignments.iter().map(|listed| show(permit, listed)).collect(),
        created_at: user.created.0,
        creator: profile.creator,
        subdomain_id: profile.label.as_str().to_owned(),
    })
}
