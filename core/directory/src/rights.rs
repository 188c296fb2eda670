//! What the role of a caller who came with a token reaches. AccessKeys are limited by their policies alone.
//!
//! Source: `reference/pds.md` §5; `reference/doors.md` §7.

use access::{Permit, Standing};
use model::text::Label;
use model::user::{Role, User};
use store::profiles;

use crate::error::{Argument, Error};

/// What a caller manages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach<'p> {
    /// All of the directory.
    Everything,
    /// What has this label, which is not empty.
    Label(&'p Label),
    /// Nothing but the own record.
    Own,
}

/// What the caller manages.
pub fn reach(permit: &Permit) -> Reach<'_> {
    match permit.standing() {
        Standing::Free | Standing::Holder { role: Role::Admin | Role::Superadmin, .. } => Reach::Everything,
        Standing::Holder { role: Role::SubdomainAdmin | Role::SubdomainSuperadmin, label, .. }
            if !label.as_str().is_empty() =>
        {
            Reach::Label(label)
        }
        Standing::Holder { .. } | Standing::Proof => Reach::Own,
    }
}

/// Whether nothing but the directory's own rules limits the caller.
pub fn is_free_or_superadmin(permit: &Permit) -> bool {
    matches!(permit.standing(), Standing::Free | Standing::Holder { role: Role::Superadmin, .. })
}

/// Whether the caller manages all of the directory.
pub fn manages(permit: &Permit) -> bool {
    reach(permit) == Reach::Everything
}

/// Whether all of a user is shown to the caller, of whom `label` is the label.
pub fn sees(permit: &Permit, user: &User, label: &Label) -> bool {
    let is_own = permit.own() == Some(user.id);
    match reach(permit) {
        Reach::Everything => true,
        Reach::Label(own) => is_own || own == label,
        Reach::Own => is_own,
    }
}

/// That the caller manages this user, whom `text` names. Administrators manage themselves, and neither one another nor
/// superadmins.
///
/// # Errors
/// `Forbidden` the user.
pub async fn over_user(
    reader: &mut store::Reader,
    permit: &Permit,
    target: &User,
    text: &str,
) -> Result<(), Error> {
    let is_within = match reach(permit) {
        Reach::Everything => true,
        Reach::Label(own) => {
            profiles::get(reader, permit.directory(), target.id.number()).await?.label == *own
        }
        Reach::Own => false,
    };
    let is_over = match permit.standing() {
        Standing::Free => true,
        Standing::Holder { role, .. } => permit.own() == Some(target.id) || outranks(*role, target.role),
        Standing::Proof => false,
    };
    if is_within && is_over { Ok(()) } else { Err(Error::Forbidden(Argument::User, text.to_owned())) }
}

/// That the caller may make a user with this role and label, whom `text` names.
///
/// # Errors
/// `Forbidden` the user.
pub fn may_make(permit: &Permit, role: Role, label: &Label, text: &str) -> Result<(), Error> {
    let is_within = match reach(permit) {
        Reach::Everything => true,
        Reach::Label(own) => own == label,
        Reach::Own => false,
    };
    let is_plain = role == Role::User;
    if is_within && (is_plain || gives(permit, role)) {
        Ok(())
    } else {
        Err(Error::Forbidden(Argument::User, text.to_owned()))
    }
}

/// Whether the caller may give somebody within reach this role.
pub fn gives(permit: &Permit, given: Role) -> bool {
    match permit.standing() {
        Standing::Free | Standing::Holder { role: Role::Superadmin, .. } => true,
        // Roles over the whole directory would reach beyond the label.
        Standing::Holder { role: Role::SubdomainSuperadmin, .. } => !given.manages(),
        Standing::Holder {
            role: Role::User | Role::Admin | Role::Subdomain | Role::SubdomainAdmin, ..
        }
        | Standing::Proof => false,
    }
}

/// Whether who has `role` manages who has `other`, where the label allows it.
const fn outranks(role: Role, other: Role) -> bool {
    match role {
        Role::Superadmin => true,
        Role::Admin | Role::SubdomainAdmin => matches!(other, Role::User | Role::Subdomain),
        // Whoever could set the password of a role over the whole directory would have that role.
        Role::SubdomainSuperadmin => !other.manages(),
        Role::User | Role::Subdomain => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_manage_what_is_below_them() {
        use Role::{Admin, Subdomain, SubdomainAdmin, SubdomainSuperadmin, Superadmin, User};
        for (role, below) in [
            (User, vec![]),
            (Subdomain, vec![]),
            (Admin, vec![User, Subdomain]),
            (SubdomainAdmin, vec![User, Subdomain]),
            (SubdomainSuperadmin, vec![User, Subdomain, SubdomainAdmin, SubdomainSuperadmin]),
            (Superadmin, vec![User, Admin, Superadmin, Subdomain, SubdomainAdmin, SubdomainSuperadmin]),
        ] {
            let all = [User, Admin, Superadmin, Subdomain, SubdomainAdmin, SubdomainSuperadmin];
            let found: Vec<Role> = all.into_iter().filter(|other| outranks(role, *other)).collect();
            assert_eq!(found.len(), below.len(), "{role:?}");
            assert!(below.iter().all(|other| found.contains(other)), "{role:?}");
        }
    }
}
