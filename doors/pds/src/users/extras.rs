//! What answers show of users besides: drives, groups and accounts, each of all users of a page at once.
//!
//! Source: `reference/pds.md` §6.2 and §7.6.

use std::collections::HashMap;

use api::pds::{Drive, Limit, PAGE_SIZE, PAGE_SIZE_WITH_GROUPS, ReturnInfo, UserWithExtras, page_size};
use directory::rights::{self, Reach};
use directory::users::Viewed;
use directory::{Error, drives, links, users};
use gate::{Permit, Reader};
use model::Number;

use super::shown;
use crate::words::Refused;
use crate::{accounts, groups};

/// What of that which is asked for the caller is shown at all: nothing, unless the caller manages others.
pub(crate) fn shown_info<'a>(permit: &Permit, asked: Option<&'a [ReturnInfo]>) -> &'a [ReturnInfo] {
    match rights::reach(permit) {
        Reach::Everything | Reach::Label(_) => asked.unwrap_or_default(),
        Reach::Own => &[],
    }
}

/// The size of a page on which this is shown: there are fewer users with groups on it.
pub(crate) fn page_size_with(info: &[ReturnInfo], limit: Option<Limit>) -> usize {
    if info.contains(&ReturnInfo::Group) {
        page_size(limit, PAGE_SIZE_WITH_GROUPS).min(PAGE_SIZE_WITH_GROUPS)
    } else {
        page_size(limit, PAGE_SIZE)
    }
}

/// The users as answers show them with `info` besides, of those alone whom the caller sees whole.
pub(crate) async fn with_extras(
    reader: &mut Reader,
    permit: &Permit,
    viewed: Vec<Viewed>,
    info: &[ReturnInfo],
) -> Result<Vec<UserWithExtras>, Refused> {
    let is_seen = |viewed: &&Viewed| rights::sees(permit, &viewed.user, &viewed.profile.label);
    let numbers: Vec<Number> = if info.is_empty() {
        Vec::new()
    } else {
        viewed.iter().filter(is_seen).map(|viewed| viewed.user.id.number()).collect()
    };
    let is_asked = |one: ReturnInfo| info.contains(&one) && !numbers.is_empty();
    let mut all_drives = match is_asked(ReturnInfo::Drive) {
        true => default_drives(reader, permit, &numbers).await?,
        false => HashMap::new(),
    };
    let mut all_groups = match is_asked(ReturnInfo::Group) {
        true => users::units_of(reader.rows(), permit, &numbers).await?,
        false => HashMap::new(),
    };
    let mut all_links = match is_asked(ReturnInfo::Account) {
        true => links::of_users(reader.rows(), permit, &numbers).await?,
        false => HashMap::new(),
    };
    let show = |viewed: Viewed| {
        let number = viewed.user.id.number();
        let shows = |one: ReturnInfo| info.contains(&one) && numbers.contains(&number);
        let of_user = viewed.user.public_id();
        let parent_group = shows(ReturnInfo::Group).then(|| {
            let units = all_groups.remove(&number).unwrap_or_default();
            units.iter().map(|unit| groups::show(permit, unit)).collect()
        });
        let account = shows(ReturnInfo::Account).then(|| {
            let links = all_links.remove(&number).unwrap_or_default();
            links.iter().map(|link| accounts::show(permit, link, of_user.clone())).collect()
        });
        let user = shown::user(permit, viewed);
        UserWithExtras { user, default_drive: all_drives.remove(&number), parent_group, account }
    };
    Ok(viewed.into_iter().map(show).collect())
}

/// The default drives of these users.
async fn default_drives(
    reader: &mut Reader,
    permit: &Permit,
    users: &[Number],
) -> Result<HashMap<Number, Drive>, Error> {
    let (owners, found): (Vec<Number>, Vec<_>) =
        drives::defaults(reader.rows(), permit, users).await?.into_iter().unzip();
    let of: HashMap<Number, Number> =
        owners.into_iter().zip(&found).map(|(owner, drive)| (drive.id.number(), owner)).collect();
    let shown = drives::shown(reader.rows(), permit, found).await?;
    let own = |shown: drives::Shown| {
        let owner = of.get(&shown.drive.id.number()).copied()?;
        Some((owner, crate::drives::show(permit, shown)))
    };
    Ok(shown.into_iter().filter_map(own).collect())
}
