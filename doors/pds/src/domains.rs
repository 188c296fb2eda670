//! The operations on domains: an account's directories.

use api::pds::{
    self, AppAccessStrategy, CreateDomain, DOMAINS_PAGE_SIZE, DeleteDomain, Effect, GetDomain,
    GetDomainQuota, GetDomainQuotaReply, ListDomains, PAGE_SIZE, Page, SearchDomains, UpdateDomain,
    page_size,
};
use directory::directories::{self, NewDirectory, People, Update};
use directory::domains::{self, Apps, Domain, SettingsUpdate, Wanted};
use gate::{Change, Permit, Reader};
use model::text::{Description, DirectoryName};
use wire::pds::iso;

use crate::pages::List;
use crate::words::Refused;
use crate::{Settings, ids};

/// What is shown of a domain's state: it is in use.
const NORMAL: i64 = 1;

pub(crate) async fn create(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &CreateDomain,
) -> Result<pds::Domain, Refused> {
    let update = SettingsUpdate {
        gives_drive: request.init_drive_enable,
        drive_size: request.init_drive_size.map(|size| size.get()),
        size_quota: request.size_quota.map(|size| no_end(size.get())),
        apps: None,
    };
    let new = NewDirectory {
        name: Some(name(&request.domain_name)?),
        description: description(request.description.as_deref().unwrap_or_default())?,
        most_users: request.user_count_quota.map_or(0, |quota| no_end(quota.get())),
        settings: update.applied_to(&domains::Settings::default()),
    };
    let listed = directories::create(change, permit, &new, None).await?;
    Ok(show(Domain { listed, settings: new.settings, used_bytes: 0 }, false))
}

/// A quota as it is stored: 0 where there is no end.
fn no_end(quota: i64) -> i64 {
    quota.max(0)
}

fn name(text: &str) -> Result<DirectoryName, Refused> {
    DirectoryName::new(text).map_err(|_| Refused::invalid("domain_name"))
}

fn description(text: &str) -> Result<Description, Refused> {
    Description::new(text).map_err(|_| Refused::invalid("description"))
}

/// A domain as answers show it; how much of its quota is in use, where that is asked.
fn show(domain: Domain, shows_quota_used: bool) -> pds::Domain {
    let Domain { listed, settings, used_bytes } = domain;
    let shows_quota_used = shows_quota_used && settings.size_quota > 0;
    pds::Domain {
        domain_id: ids::spell_domain(&listed.directory),
        domain_name: listed.name.as_str().to_owned(),
        description: listed.description.as_str().to_owned(),
        parent_domain_id: String::new(),
        init_drive_enable: settings.gives_drive,
        init_drive_size: settings.drive_size.unwrap_or_default(),
        size_quota: settings.size_quota,
        size_quota_used: shows_quota_used.then_some(used_bytes),
        used_size: used_bytes,
        user_count_quota: listed.most_users,
        status: NORMAL,
        created_at: iso(listed.created),
        updated_at: iso(listed.updated),
        published_app_access_strategy: AppAccessStrategy {
            effect: if settings.apps.denies { Effect::Deny } else { Effect::Allow },
            except_app_id_list: settings.apps.except,
        },
    }
}

pub(crate) async fn get(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &GetDomain,
) -> Result<pds::Domain, Refused> {
    domains::may_see(permit)?;
    let domain = domains::find(reader.rows(), permit).await?;
    Ok(show(domain, request.get_quota_used.unwrap_or_default()))
}

pub(crate) async fn get_quota(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    _: &GetDomainQuota,
) -> Result<GetDomainQuotaReply, Refused> {
    let domain = domains::find(reader.rows(), permit).await?;
    Ok(GetDomainQuotaReply {
        size_quota: domain.settings.size_quota,
        size_used: domain.used_bytes,
        user_count_quota: domain.listed.most_users,
        user_count_used: domains::people(reader, permit).await?,
    })
}

pub(crate) async fn list(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &ListDomains,
) -> Result<Page<pds::Domain>, Refused> {
    let list = List::of(permit, &ListDomains::default());
    let wanted = Wanted {
        name: None,
        newest_first: false,
        after: list.place(reader, request.marker.as_ref(), ids::domain)?,
        limit: page_size(request.limit, DOMAINS_PAGE_SIZE),
    };
    answer(reader, permit, &list, &wanted).await
}

pub(crate) async fn search(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &SearchDomains,
) -> Result<Page<pds::Domain>, Refused> {
    let list = List::of(permit, &SearchDomains { limit: None, marker: None, ..request.clone() });
    let wanted = Wanted {
        name: request.name.clone(),
        newest_first: true,
        after: list.place(reader, request.marker.as_ref(), ids::domain)?,
        limit: page_size(request.limit, PAGE_SIZE),
    };
    answer(reader, permit, &list, &wanted).await
}

/// A page as it is answered.
async fn answer(
    reader: &mut Reader,
    permit: &Permit,
    list: &List<'_>,
    wanted: &Wanted,
) -> Result<Page<pds::Domain>, Refused> {
    let page = domains::list(reader, permit, wanted).await?;
    let last = page.domains.last().map(|domain| ids::spell_domain(&domain.listed.directory));
    let next_marker = list.marker(reader, last.filter(|_| page.goes_on));
    let items = page.domains.into_iter().map(|domain| show(domain, false)).collect();
    Ok(Page { items, next_marker })
}

pub(crate) async fn update(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UpdateDomain,
) -> Result<pds::Domain, Refused> {
    domains::may_change(permit)?;
    let apps = |strategy: &AppAccessStrategy| Apps {
        denies: strategy.effect == Effect::Deny,
        except: strategy.except_app_id_list.clone(),
    };
    let update = Update {
        name: request.domain_name.as_deref().map(name).transpose()?,
        description: request.description.as_deref().map(description).transpose()?,
        most_users: request.user_count_quota.map(|quota| no_end(quota.get())),
        settings: SettingsUpdate {
            gives_drive: request.init_drive_enable,
            drive_size: request.init_drive_size.map(|size| size.get()),
            size_quota: request.size_quota.map(|size| no_end(size.get())),
            apps: request.published_app_access_strategy.as_ref().map(apps),
        },
    };
    directories::update(change, permit, &update).await?;
    let domain = domains::find(change.tx(), permit).await?;
    // How large a drive is has to be said once before users get one; without a commit nothing has happened.
    if domain.settings.gives_drive && domain.settings.drive_size.is_none() {
        return Err(Refused::missing("init_drive_size"));
    }
    Ok(show(domain, false))
}

pub(crate) async fn remove(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    _: &DeleteDomain,
) -> Result<(), Refused> {
    Ok(directories::remove(change, permit, People::Refuse).await?)
}
