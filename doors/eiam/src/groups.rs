//! The actions on groups.

use api::eiam::{
    CreateGroup, CreateGroupReply, DeleteGroup, Done, GetGroup, GetGroupReply, Group, ListGroups,
    ListGroupsReply, SourceType, UpdateGroup, UpdateGroupDescription,
};
use directory::groups::{self, Names, NewGroup, Numbered};
use gate::{Change, Permit, Reader};
use model::group;

use crate::pages::Window;
use crate::words::{Refused, given};
use crate::{Settings, ids, texts};

pub(crate) async fn create(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &CreateGroup,
) -> Result<CreateGroupReply, Refused> {
    let new = NewGroup {
        name: texts::name(&request.group_name, "GroupName")?,
        description: texts::prose(request.description.as_ref(), "Description")?,
        external_id: texts::external_id(request.group_external_id.as_ref(), ids::GROUP, "GroupExternalId")?,
    };
    let group = groups::create(change, permit, &new, Names::Repeatable).await?;
    Ok(CreateGroupReply { group_id: ids::spell(ids::GROUP, group.id) })
}

pub(crate) async fn get(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &GetGroup,
) -> Result<GetGroupReply, Refused> {
    let group = groups::find(reader, permit, &ids::named(ids::GROUP, &request.group_id)).await?;
    Ok(GetGroupReply { group: shown(&group, &request.instance_id) })
}

fn shown(group: &group::Group, instance: &str) -> Group {
    let id = ids::spell(ids::GROUP, group.id);
    let external_id = group.external_id.as_ref().map(|id| id.as_str().to_owned());
    Group {
        group_name: group.name.as_str().to_owned(),
        description: texts::shown(group.description.as_str()),
        group_external_id: external_id.unwrap_or_else(|| id.clone()),
        group_source_type: SourceType::BuildIn,
        group_source_id: instance.to_owned(),
        create_time: group.created.0,
        update_time: group.updated.0,
        instance_id: instance.to_owned(),
        group_id: id,
    }
}

pub(crate) async fn list(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &ListGroups,
) -> Result<ListGroupsReply, Refused> {
    let Window { skip, limit } = Window::of(request.page_number, request.page_size);
    let only = request.group_ids.as_ref().filter(|only| !only.is_empty());
    let external_id = given(request.group_external_id.as_ref());
    let numbered = Numbered {
        only: only.map(|only| ids::all_named(ids::GROUP, only)),
        name: given(request.group_name.as_ref()).map(str::to_owned),
        name_begins: given(request.group_name_starts_with.as_ref()).map(str::to_owned),
        external_id: external_id.map(|id| (id.to_owned(), ids::named(ids::GROUP, id))),
        skip,
        limit,
    };
    let (groups, total) = groups::numbered(reader, permit, &numbered).await?;
    let groups = groups.iter().map(|group| shown(group, &request.instance_id)).collect();
    Ok(ListGroupsReply { total_count: total, groups })
}

pub(crate) async fn update(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UpdateGroup,
) -> Result<Done, Refused> {
    let name = given(request.group_name.as_ref()).map(|name| texts::name(name, "GroupName")).transpose()?;
    let external_id = texts::external_id(request.group_external_id.as_ref(), ids::GROUP, "GroupExternalId")?;
    let group = ids::named(ids::GROUP, &request.group_id);
    groups::update(change, permit, &group, name.as_ref(), external_id.as_ref(), Names::Repeatable).await?;
    Ok(Done {})
}

pub(crate) async fn describe(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UpdateGroupDescription,
) -> Result<Done, Refused> {
    let description = texts::prose(request.description.as_ref(), "Description")?;
    groups::describe(change, permit, &ids::named(ids::GROUP, &request.group_id), &description).await?;
    Ok(Done {})
}

pub(crate) async fn remove(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &DeleteGroup,
) -> Result<Done, Refused> {
    groups::remove(change, permit, &[ids::named(ids::GROUP, &request.group_id)]).await?;
    Ok(Done {})
}
