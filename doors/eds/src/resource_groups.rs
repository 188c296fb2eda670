//! The actions on resource groups.

use api::eds::{
    CreateResourceGroup, CreateResourceGroupReply, DeleteResourceGroup, DescribeResourceGroups,
    DescribeResourceGroupsReply, DescribedResourceGroup, Done, TransferResourcesIntoGroup,
    TransferResourcesOutofGroup, TransferredResource,
};
use directory::Named;
use directory::resource_groups::{self, Wanted};
use gate::{Change, Permit, Reader};
use model::group::{ResourceGroup, ResourceName};
use model::text::Line;

use crate::pages::before;
use crate::users::shown::text;
use crate::words::{Refused, given};
use crate::{Settings, ids, texts, time};

/// The page size where none is given.
const PAGE: i64 = 20;

pub(crate) async fn create(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &CreateResourceGroup,
) -> Result<CreateResourceGroupReply, Refused> {
    let name = texts::name(&request.resource_group_name, "ResourceGroupName")?;
    let line = |text: Option<&String>, parameter| {
        Line::<64>::new(given(text).unwrap_or_default()).map_err(|_| Refused::invalid(parameter))
    };
    let classification = line(request.resource_classification.as_ref(), "ResourceClassification")?;
    let agent_type = line(request.agent_type.as_ref(), "AgentType")?;
    let group = resource_groups::create(change, permit, &name, &classification, &agent_type).await?;
    Ok(CreateResourceGroupReply { resource_group_id: ids::resource_group(group.id) })
}

pub(crate) async fn delete(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &DeleteResourceGroup,
) -> Result<Done, Refused> {
    let named: Vec<Named> = request.all().map(ids::named_resource_group).collect();
    resource_groups::remove(change, permit, &named).await?;
    Ok(Done {})
}

pub(crate) async fn describe(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &DescribeResourceGroups,
) -> Result<DescribeResourceGroupsReply, Refused> {
    let name = texts::like(given(request.resource_group_name.as_ref()), "ResourceGroupName")?;
    // No resource group here is one of the account's own kind, which another system has.
    if request.aliyun_resource_group_ids.as_ref().is_some_and(|ids| !ids.is_empty()) {
        return Ok(DescribeResourceGroupsReply { total_count: "0".to_owned(), resource_group: Vec::new() });
    }
    let size = request.page_size.map_or(PAGE, |n| n.get());
    let only = request.resource_group_ids.as_ref().filter(|ids| !ids.is_empty());
    let wanted = Wanted {
        only: only.map(|only| only.iter().map(|id| ids::named_resource_group(id)).collect()),
        name,
        classification: given(request.resource_classification.as_ref()).map(str::to_owned),
        agent_type: given(request.agent_type.as_ref()).map(str::to_owned),
        skip: before(request.page_number.map_or(1, |n| n.get()), size),
        limit: size,
    };
    let page = resource_groups::list(reader, permit, &wanted).await?;
    Ok(DescribeResourceGroupsReply {
        total_count: page.total.to_string(),
        resource_group: page.groups.iter().map(|(group, resources)| described(group, *resources)).collect(),
    })
}

fn described(group: &ResourceGroup, resources: i64) -> DescribedResourceGroup {
    DescribedResourceGroup {
        resource_group_id: ids::resource_group(group.id),
        resource_group_name: group.name.as_str().to_owned(),
        agent_type: text(group.agent_type.as_str()),
        resource_count: resources.to_string(),
        auth_count: "0".to_owned(),
        create_time: time::with_nanos(group.created),
        policies: Vec::new(),
        timers: Vec::new(),
        app_rules: Vec::new(),
    }
}

pub(crate) async fn transfer_into(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &TransferResourcesIntoGroup,
) -> Result<Done, Refused> {
    let group = ids::named_resource_group(&request.resource_group_id);
    resource_groups::put(change, permit, &resources(&request.resources)?, &group).await?;
    Ok(Done {})
}

pub(crate) async fn transfer_out(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &TransferResourcesOutofGroup,
) -> Result<Done, Refused> {
    let group = ids::named_resource_group(&request.resource_group_id);
    let target = given(request.target_resource_group_id.as_ref()).map(ids::named_resource_group);
    let resources = resources(&request.resources)?;
    resource_groups::take_out(change, permit, &resources, &group, target.as_ref()).await?;
    Ok(Done {})
}

fn resources(given: &[TransferredResource]) -> Result<Vec<ResourceName>, Refused> {
    let part = |text: &str| {
        let line = Line::<128>::new(text).map_err(|_| Refused::invalid("Resources"))?;
        Ok::<_, Refused>(line.as_str().to_owned())
    };
    let resource = |resource: &TransferredResource| {
        Ok(ResourceName {
            kind: part(resource.resource_type.as_deref().unwrap_or_default())?,
            region: part(resource.region_id.as_deref().unwrap_or_default())?,
            id: part(&resource.resource_id)?,
        })
    };
    given.iter().map(resource).collect()
}
