//! The actions on instances: an account's directories.

use api::eiam::{
    CheckInstanceForDelete, CheckInstanceForDeleteReply, CheckInstanceResult, CreateInstance,
    CreateInstanceReply, DeleteInstance, Done, Edition, EiamInstance, EiamInstanceStatus,
    EiamInstanceVersion, GetInstance, GetInstanceReply, Instance, InstanceStatus, ListEiamInstances,
    ListEiamInstancesReply, ListInstances, ListInstancesReply, RestrictReason, RestrictScenario, Status,
    UpdateInstanceDescription,
};
use directory::directories::{self, NewDirectory, People, Update};
use gate::{Change, Permit, Reader};
use model::account::ListedDirectory;
use model::text::Description;

use crate::pages::Window;
use crate::words::{Refused, given};
use crate::{Settings, ids, texts};

pub(crate) async fn create(
    settings: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &CreateInstance,
) -> Result<CreateInstanceReply, Refused> {
    let description = texts::prose(request.description.as_ref(), "Description")?;
    let new = NewDirectory::described(description);
    let made = directories::create(change, permit, &new, Some(settings.most_instances)).await?;
    Ok(CreateInstanceReply { instance_id: ids::spell(ids::INSTANCE, made.directory.id) })
}

pub(crate) async fn get(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    _: &GetInstance,
) -> Result<GetInstanceReply, Refused> {
    let found = directories::find(reader, permit).await?;
    Ok(GetInstanceReply { instance: shown(&found) })
}

fn shown(listed: &ListedDirectory) -> Instance {
    Instance {
        instance_id: ids::spell(ids::INSTANCE, listed.directory.id),
        description: texts::shown(listed.description.as_str()),
        status: InstanceStatus::Running,
        create_time: listed.created.0,
        service_managed: false,
        cross_region_replication: Status::Disabled,
    }
}

pub(crate) async fn list(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &ListInstances,
) -> Result<ListInstancesReply, Refused> {
    let all = directories::list(reader, permit).await?;
    let found: Vec<Instance> = all.iter().map(shown).filter(|instance| is_meant(instance, request)).collect();
    let Window { skip, limit } = Window::of(request.page_number, request.page_size);
    let count = |n: i64| usize::try_from(n).unwrap_or(usize::MAX);
    Ok(ListInstancesReply {
        total_count: i64::try_from(found.len()).unwrap_or(i64::MAX),
        instances: found.into_iter().skip(count(skip)).take(count(limit)).collect(),
    })
}

/// Whether an instance meets all filters. Those on what every instance is alike meet all of them or none.
fn is_meant(instance: &Instance, request: &ListInstances) -> bool {
    let only = request.instance_ids.as_ref().filter(|only| !only.is_empty());
    only.is_none_or(|only| only.contains(&instance.instance_id))
        && request.status.is_none_or(|status| status == instance.status)
        && request.edition.is_none_or(|edition| edition == Edition::Enterprise)
        && request.cross_region_replication.is_none_or(|asked| asked == instance.cross_region_replication)
        && request.service_managed.is_none_or(|asked| asked == instance.service_managed)
        && given(request.managed_service_code.as_ref()).is_none()
}

pub(crate) async fn list_all(
    settings: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &ListEiamInstances,
) -> Result<ListEiamInstancesReply, Refused> {
    if given(request.instance_region_id.as_ref()).is_some_and(|region| region != settings.region) {
        return Ok(ListEiamInstancesReply { instances: Vec::new() });
    }
    let only = request.instance_ids.as_ref().filter(|only| !only.is_empty());
    let all = directories::list(reader, permit).await?;
    let found = all.iter().map(|listed| EiamInstance {
        instance_id: ids::spell(ids::INSTANCE, listed.directory.id),
        description: texts::shown(listed.description.as_str()),
        instance_status: EiamInstanceStatus::Running,
        instance_version: EiamInstanceVersion::Second,
        open_api_public_domain: settings.host.clone(),
        start_time: listed.created.0,
    });
    let is_meant = |instance: &EiamInstance| only.is_none_or(|only| only.contains(&instance.instance_id));
    Ok(ListEiamInstancesReply { instances: found.filter(is_meant).collect() })
}

pub(crate) async fn describe(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UpdateInstanceDescription,
) -> Result<Done, Refused> {
    let description: Description = texts::prose(request.description.as_ref(), "Description")?;
    if let Err(too_long) = request.check_changed()
        && directories::find(&mut change.beside(), permit).await?.description != description
    {
        return Err(too_long.into());
    }
    let update = Update { description: Some(description), ..Update::default() };
    directories::update(change, permit, &update).await?;
    Ok(Done {})
}

pub(crate) async fn remove(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    _: &DeleteInstance,
) -> Result<Done, Refused> {
    directories::remove(change, permit, People::Remove).await?;
    Ok(Done {})
}

pub(crate) async fn check(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &CheckInstanceForDelete,
) -> Result<CheckInstanceForDeleteReply, Refused> {
    let found = directories::find(reader, permit).await?;
    let holds_drives = directories::holds_drives(reader, permit).await?;
    let scenario = |restrict_reason| RestrictScenario {
        restrict_reason,
        resource_id: Some(request.instance_id.clone()),
    };
    let is_default = found.directory.is_default.then_some(RestrictReason::CloudProductDependency);
    let restrict_scenarios: Vec<RestrictScenario> = is_default
        .into_iter()
        .chain(holds_drives.then_some(RestrictReason::DriveExists))
        .map(scenario)
        .collect();
    Ok(CheckInstanceForDeleteReply {
        check_instance_result: CheckInstanceResult {
            deletable: restrict_scenarios.is_empty(),
            restrict_scenarios,
        },
    })
}
