//! The operations on drives.

use api::pds::{
    self, CreateDrive, DeleteDrive, DriveType, GetDefaultDrive, GetDrive, ListDrive, ListMyDrives,
    ListMyGroupDrive, ListMyGroupDriveReply, PAGE_SIZE, Page, Party, SearchDrive, Status, UpdateDrive,
    page_size,
};
use directory::drives::{self, Kind, NamedDrive, NamedOwner, NewDrive, Shown, ShownOwner, Update, Wanted};
use gate::{Change, Permit, Reader};
use model::drive::Drive;
use model::text::{Description, DriveName, Label};
use model::{Number, user};
use wire::pds::iso;

use crate::pages::List;
use crate::words::Refused;
use crate::{Settings, ids};

/// Bytes without end.
const NO_END: i64 = -1;

pub(crate) async fn create(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &CreateDrive,
) -> Result<pds::Drive, Refused> {
    let label = label(request.subdomain_id.as_ref())?;
    let named = owner(permit, request.owner_type, &request.owner);
    let new = NewDrive {
        name: name(&request.drive_name)?,
        description: description(request.description.as_deref().unwrap_or_default())?,
        owner: drives::owner(change, permit, &named, &label).await?,
        is_default: request.default.unwrap_or_default(),
        status: request.status.map_or(user::Status::Enabled, read_status),
        total_size: request.total_size.map_or(NO_END, |size| size.get()),
        label,
    };
    let made = drives::create(change, permit, &new).await?;
    show_one(change, permit, made).await
}

/// A drive that was just written.
async fn show_one(change: &mut Change, permit: &Permit, drive: Drive) -> Result<pds::Drive, Refused> {
    let shown = drives::shown(change.tx(), permit, vec![drive]).await?.pop();
    Ok(show(permit, shown.expect("its owner is kept from being removed")))
}

/// A drive as answers show it.
pub(crate) fn show(permit: &Permit, shown: Shown) -> pds::Drive {
    let Shown { drive, owner } = shown;
    let (owner, owner_type) = match owner {
        ShownOwner::User(public_id) => (public_id, Party::User),
        ShownOwner::Unit(id) => (id.digits(), Party::Group),
    };
    pds::Drive {
        domain_id: ids::spell_own_domain(permit),
        drive_id: ids::spell_drive(drive.id.number()),
        drive_name: drive.name.as_str().to_owned(),
        description: drive.description.as_str().to_owned(),
        owner,
        owner_type,
        drive_type: DriveType::Normal,
        status: match drive.status {
            user::Status::Enabled => Status::Enabled,
            user::Status::Disabled => Status::Disabled,
        },
        total_size: drive.total_size,
        used_size: drive.used_size,
        created_at: iso(drive.created),
        updated_at: iso(drive.updated),
        creator: drive.creator,
        subdomain_id: drive.label.as_str().to_owned(),
    }
}

/// Whose a drive is: a user's if nothing else is said.
fn owner(permit: &Permit, kind: Option<Party>, text: &str) -> NamedOwner {
    match kind {
        None | Some(Party::User) => NamedOwner::User(text.to_owned()),
        Some(Party::Group) => NamedOwner::Unit(ids::group(permit, text)),
    }
}

fn read_status(status: Status) -> user::Status {
    match status {
        Status::Enabled => user::Status::Enabled,
        Status::Disabled => user::Status::Disabled,
    }
}

fn name(text: &str) -> Result<DriveName, Refused> {
    DriveName::new(text).map_err(|_| Refused::invalid("drive_name"))
}

fn description(text: &str) -> Result<Description, Refused> {
    Description::new(text).map_err(|_| Refused::invalid("description"))
}

fn label(text: Option<&String>) -> Result<Label, Refused> {
    Label::new(text.map_or("", String::as_str)).map_err(|_| Refused::invalid("subdomain_id"))
}

/// The drive that a text names.
fn named(text: &str) -> NamedDrive {
    NamedDrive { number: ids::drive(text), text: text.to_owned() }
}

pub(crate) async fn get(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &GetDrive,
) -> Result<pds::Drive, Refused> {
    let named = named(&request.drive_id);
    let found = drives::find(reader, permit, &named).await?;
    let shown = drives::shown(reader.rows(), permit, vec![found]).await?.pop();
    shown.map(|shown| show(permit, shown)).ok_or(Refused::Unknown("Drive", named.text))
}

pub(crate) async fn get_default(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &GetDefaultDrive,
) -> Result<pds::Drive, Refused> {
    let found = drives::default_of(reader, permit, request.user_id.as_deref()).await?;
    let drive = found.ok_or_else(|| Refused::missing("user_id"))?;
    let text = ids::spell_drive(drive.id.number());
    let shown = drives::shown(reader.rows(), permit, vec![drive]).await?.pop();
    shown.map(|shown| show(permit, shown)).ok_or(Refused::Unknown("Drive", text))
}

pub(crate) async fn list(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &ListDrive,
) -> Result<Page<pds::Drive>, Refused> {
    let list = List::of(permit, &ListDrive { limit: None, marker: None, ..request.clone() });
    let wanted = Wanted {
        owner: asked_owner(permit, request.owner_type, request.owner.as_ref()),
        kind: request.owner_type.map(kind),
        name: None,
        label: asked_label(request.subdomain_id.as_ref())?,
        after: list.place(reader, request.marker.as_ref(), ids::drive)?,
        limit: page_size(request.limit, PAGE_SIZE),
    };
    let page = drives::list(reader, permit, &wanted).await?;
    answer(reader, permit, &list, page).await
}

pub(crate) async fn search(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &SearchDrive,
) -> Result<Page<pds::Drive>, Refused> {
    let list = List::of(permit, &SearchDrive { limit: None, marker: None, ..request.clone() });
    let wanted = Wanted {
        owner: asked_owner(permit, request.owner_type, request.owner.as_ref()),
        kind: request.owner_type.map(kind),
        name: request.drive_name.clone(),
        label: asked_label(request.subdomain_id.as_ref())?,
        after: list.place(reader, request.marker.as_ref(), ids::drive)?,
        limit: page_size(request.limit, PAGE_SIZE),
    };
    let page = drives::list(reader, permit, &wanted).await?;
    answer(reader, permit, &list, page).await
}

/// The owner whose drives alone are asked for; an empty text asks for everybody's.
fn asked_owner(permit: &Permit, kind: Option<Party>, text: Option<&String>) -> Option<NamedOwner> {
    text.filter(|text| !text.is_empty()).map(|text| owner(permit, kind, text))
}

fn asked_label(text: Option<&String>) -> Result<Option<Label>, Refused> {
    text.filter(|text| !text.is_empty()).map(|text| label(Some(text))).transpose()
}

fn kind(party: Party) -> Kind {
    match party {
        Party::User => Kind::User,
        Party::Group => Kind::Unit,
    }
}

/// A page as it is answered.
async fn answer(
    reader: &mut Reader,
    permit: &Permit,
    list: &List<'_>,
    page: drives::Page,
) -> Result<Page<pds::Drive>, Refused> {
    let shown = drives::shown(reader.rows(), permit, page.drives).await?;
    let items = shown.into_iter().map(|drive| show(permit, drive)).collect();
    Ok(Page { items, next_marker: list.marker(reader, page.next.map(ids::spell_drive)) })
}

pub(crate) async fn list_my(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &ListMyDrives,
) -> Result<Page<pds::Drive>, Refused> {
    let list = List::of(permit, &ListMyDrives::default());
    let after: Option<Number> = list.place(reader, request.marker.as_ref(), ids::drive)?;
    let limit = page_size(request.limit, PAGE_SIZE);
    let page = drives::of_caller(reader, permit, after, limit).await?;
    answer(reader, permit, &list, page.ok_or_else(|| Refused::missing("user_id"))?).await
}

pub(crate) async fn list_my_group(
    _: &Settings,
    reader: &mut Reader,
    permit: &Permit,
    request: &ListMyGroupDrive,
) -> Result<ListMyGroupDriveReply, Refused> {
    let list = List::of(permit, &ListMyGroupDrive { limit: None, marker: None, ..request.clone() });
    let after = list.place(reader, request.marker.as_ref(), ids::drive)?;
    let limit = page_size(request.limit, PAGE_SIZE);
    let page = drives::of_callers_units(reader, permit, request.drive_name.as_deref(), after, limit).await?;
    let Page { items, next_marker } = answer(reader, permit, &list, page).await?;
    // The root is no group, and owns nothing.
    Ok(ListMyGroupDriveReply { items, root_group_drive: None, next_marker })
}

pub(crate) async fn update(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UpdateDrive,
) -> Result<pds::Drive, Refused> {
    let update = Update {
        name: request.drive_name.as_deref().map(name).transpose()?,
        description: request.description.as_deref().map(description).transpose()?,
        status: request.status.map(read_status),
        total_size: request.total_size.map(|size| size.get()),
        owner: request.owner.clone(),
    };
    let drive = drives::update(change, permit, &named(&request.drive_id), &update).await?;
    show_one(change, permit, drive).await
}

pub(crate) async fn remove(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &DeleteDrive,
) -> Result<(), Refused> {
    let force = request.force.unwrap_or_default();
    Ok(drives::remove(change, permit, &named(&request.drive_id), force).await?)
}
