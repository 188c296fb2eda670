//! `UpdateUser` and `UpdateUserDescription`.

use api::eiam::{CustomFieldChange, Done, FieldOperation, UpdateUser, UpdateUserDescription};
use directory::properties::{GivenText, Turn};
use directory::users::{self, Update};
use gate::{Change, Permit};
use model::text::{Description, DisplayName, Email, Phone, Username};

use crate::words::{Refused, given};
use crate::{Settings, ids, texts};

pub(crate) async fn update(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UpdateUser,
) -> Result<Done, Refused> {
    let user = users::locked_id(change, permit, &ids::named(ids::USER, &request.user_id)).await?;
    if given(request.username.as_ref()).is_some_and(|name| name != user.username.as_str()) {
        request.check_changed()?;
    }
    let username = given(request.username.as_ref()).map(Username::new).transpose();
    let update = Update {
        username: username.map_err(|_| Refused::invalid("Username"))?,
        display_name: display_name(request)?,
        email: email(request.email.as_ref())?,
        phone: phone(request.phone_region.as_ref(), request.phone_number.as_ref())?.map(Some),
        email_verified: request.email_verified,
        phone_verified: request.phone_number_verified,
        claims_contact: true,
        values: request.custom_fields.iter().flatten().filter_map(turn).collect(),
        ..Update::default()
    };
    users::update(change, permit, &user, &update).await?;
    Ok(Done {})
}

fn display_name(request: &UpdateUser) -> Result<Option<DisplayName>, Refused> {
    let name: DisplayName = texts::line(request.display_name.as_ref(), "DisplayName")?;
    Ok(name.given().is_some().then_some(name))
}

/// The address that is given, if any.
pub(super) fn email(text: Option<&String>) -> Result<Option<Email>, Refused> {
    let email: Email = texts::line(text, "Email")?;
    Ok(email.given().is_some().then_some(email))
}

/// The number that is given, if any, with its region.
pub(super) fn phone(region: Option<&String>, number: Option<&String>) -> Result<Option<Phone>, Refused> {
    if given(number).is_none() {
        return Ok(None);
    }
    let (region, number) = (texts::line(region, "PhoneRegion")?, texts::line(number, "PhoneNumber")?);
    Ok(Some(Phone { region, number }))
}

/// What becomes of a value; nothing where the field might as well not be named.
fn turn(change: &CustomFieldChange) -> Option<GivenText> {
    let turn = match change.operation {
        FieldOperation::Add | FieldOperation::Replace => {
            Turn::Set(given(change.field_value.as_ref())?.to_owned())
        }
        FieldOperation::Remove => Turn::Remove,
    };
    Some(GivenText { property: change.field_name.clone(), turn })
}

pub(crate) async fn describe(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &UpdateUserDescription,
) -> Result<Done, Refused> {
    let user = users::locked_id(change, permit, &ids::named(ids::USER, &request.user_id)).await?;
    let description: Description = texts::prose(request.description.as_ref(), "Description")?;
    if description != user.description {
        request.check_changed()?;
    }
    users::describe(change, permit, &user, &description).await?;
    Ok(Done {})
}
