//! The actions on RAM users.

use api::ram::{
    CreateUser, DeleteUser, Done, GetUser, ListUsers, ListUsersReply, UpdateUser, User, UserReply, Users,
};
use directory::ram::users::{self, Edit, NewUser};
use gate::{Change, Permit, Reader};
use model::ram::RamUser;

use crate::pages::{List, Next};
use crate::texts;
use crate::words::Refused;

pub(crate) async fn create(
    (): &(),
    change: &mut Change,
    permit: &Permit,
    request: &CreateUser,
) -> Result<UserReply, Refused> {
    let new = NewUser {
        name: texts::user(&request.user_name, "UserName")?,
        display_name: texts::line(request.display_name.as_ref(), "DisplayName")?,
        comments: texts::line(request.comments.as_ref(), "Comments")?,
        email: texts::email(request.email.as_ref(), "Email")?,
        mobile: texts::mobile(request.mobile_phone.as_ref(), "MobilePhone")?,
    };
    Ok(UserReply { user: shown(&users::create(change, permit, &new).await?) })
}

pub(crate) async fn get(
    (): &(),
    reader: &mut Reader,
    permit: &Permit,
    request: &GetUser,
) -> Result<UserReply, Refused> {
    let name = texts::user(&request.user_name, "UserName")?;
    Ok(UserReply { user: shown(&users::get(reader, permit, name.as_str()).await?) })
}

fn shown(user: &RamUser) -> User {
    User {
        user_id: user.id.clone(),
        user_name: user.name.as_str().to_owned(),
        display_name: user.display_name.as_str().to_owned(),
        mobile_phone: texts::shown(user.mobile.as_str()),
        email: texts::shown(user.email.as_str()),
        comments: texts::shown(user.comments.as_str()),
        create_date: user.created.utc_seconds(),
        update_date: user.updated.utc_seconds(),
    }
}

pub(crate) async fn update(
    (): &(),
    change: &mut Change,
    permit: &Permit,
    request: &UpdateUser,
) -> Result<UserReply, Refused> {
    let name = texts::user(&request.user_name, "UserName")?;
    let (comments, email) = (request.new_comments.as_ref(), request.new_email.as_ref());
    let mobile = request.new_mobile_phone.as_ref();
    let edit = Edit {
        name: request.new_user_name.as_ref().map(|name| texts::user(name, "NewUserName")).transpose()?,
        display_name: texts::some_line(request.new_display_name.as_ref(), "NewDisplayName")?,
        comments: comments.map(|_| texts::line(comments, "NewComments")).transpose()?,
        email: email.map(|_| texts::email(email, "NewEmail")).transpose()?,
        mobile: mobile.map(|_| texts::mobile(mobile, "NewMobilePhone")).transpose()?,
    };
    Ok(UserReply { user: shown(&users::update(change, permit, name.as_str(), &edit).await?) })
}

pub(crate) async fn remove(
    (): &(),
    change: &mut Change,
    permit: &Permit,
    request: &DeleteUser,
) -> Result<Done, Refused> {
    let name = texts::user(&request.user_name, "UserName")?;
    users::delete(change, permit, name.as_str()).await?;
    Ok(Done {})
}

pub(crate) async fn list(
    (): &(),
    reader: &mut Reader,
    permit: &Permit,
    request: &ListUsers,
) -> Result<ListUsersReply, Refused> {
    let list = List::of("ListUsers", "", reader, permit, request.marker.as_ref(), request.max_items)?;
    let page = users::list(reader, permit, &list.after, list.limit).await?;
    let Next { is_truncated, marker } = list.next(&page, reader, permit);
    let users = Users { user: page.items.iter().map(shown).collect() };
    Ok(ListUsersReply { is_truncated, marker, users })
}
