//! What several lists show of a user.

use api::eds::{GroupOfUser, OrgOfUser, PropertyOfUser, ShownStatus};
use model::Millis;
use model::user::{Listed, OwnerType, User};

use crate::ids;

/// A text, absent where it is empty.
pub(crate) fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

pub(crate) fn status(user: &User, now: Millis) -> ShownStatus {
    if user.is_shut_at(now) { ShownStatus::Locked } else { ShownStatus::Normal }
}

pub(crate) fn owner_type(owner: OwnerType) -> String {
    match owner {
        OwnerType::Normal => "Normal",
        OwnerType::CreateFromManager => "CreateFromManager",
    }
    .to_owned()
}

/// The first of display name, remark and username that is there.
pub(crate) fn nick_name(user: &User) -> String {
    let given = user.display_name.given().or_else(|| user.description.given());
    given.unwrap_or_else(|| user.username.as_str()).to_owned()
}

/// The organizations, the primary one first.
pub(crate) fn orgs(listed: &Listed) -> Vec<OrgOfUser> {
    let org = |unit: &model::unit::UnitOf| OrgOfUser {
        org_id: ids::org(unit.unit),
        org_name: unit.name.clone(),
        org_name_path: unit.path.clone(),
    };
    listed.units.iter().map(org).collect()
}

pub(crate) fn groups(listed: &Listed) -> Vec<GroupOfUser> {
    let group = |group: &model::group::GroupOf| GroupOfUser {
        group_id: ids::group(group.id),
        group_name: group.name.clone(),
    };
    listed.groups.iter().map(group).collect()
}

pub(crate) fn properties(listed: &Listed) -> Vec<PropertyOfUser> {
    let property = |value: &model::property::ValueOf| PropertyOfUser {
        key: value.name.clone(),
        value: value.value.clone(),
    };
    listed.values.iter().map(property).collect()
}
