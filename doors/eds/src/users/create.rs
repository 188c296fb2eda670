//! `CreateUsers`.

use api::Password;
use api::eds::{CreateResult, CreateUsers, CreateUsersReply, CreatedUser, FailedNewUser, NewUser};
use directory::passwords::{Rule, Rules};
use directory::users;
use gate::{Change, Permit};
use model::Secret;
use model::policy::Owner;
use model::text::{Description, DisplayName, Email, Line};
use model::user::{LocksAt, OwnerType};

use crate::items::Item;
use crate::words::{Refused, given};
use crate::{Settings, contact, ids, time};

/// Characters of a display name that this door accepts.
const DISPLAY_NAME: usize = 128;

pub(crate) async fn create(
    settings: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &CreateUsers,
) -> Result<CreateUsersReply, Refused> {
    let rules = Rules::of(&mut change.beside(), permit, Rule::IfSet).await?;
    let for_all = ForAll::read(settings, permit, request, rules)?;
    let mut read: Vec<Result<users::NewUser, Item>> = Vec::with_capacity(request.users.len());
    let mut passwords = Vec::new();
    for new in &request.users {
        read.push(new_user(new, settings, &for_all));
        passwords.push(read.last().and_then(|read| read.as_ref().ok()).and_then(|_| password(new, &for_all)));
    }

    let secrets = passwords.iter().flatten().map(|password| (*password).clone()).collect();
    let mut hashes = change.hashed(secrets).await.map_err(directory::Error::from)?.into_iter();
    let mut wanted = Vec::new();
    let mut refused = Vec::new();
    for (read, password) in read.into_iter().zip(passwords) {
        match read {
            Ok(new) => {
                wanted.push(users::NewUser { password: password.and_then(|_| hashes.next()), ..new });
                refused.push(None);
            }
            Err(item) => refused.push(Some(item)),
        }
    }

    let mut created = users::create(change, permit, &wanted).await?.into_iter();
    let mut result = CreateResult::default();
    for (new, refused) in request.users.iter().zip(refused) {
        let item = match refused {
            Some(item) => Some(item),
            None => created.next().and_then(Result::err).map(Item::of).transpose()?,
        };
        result.add(new, item);
    }
    Ok(CreateUsersReply { all_succeed: result.failed_users.is_empty(), create_result: result })
}

/// What holds for every user of the call.
struct ForAll<'a> {
    password: Option<&'a Password>,
    /// What passwords must look like beside this door's own rule, where an administrator has said so.
    rules: Rules,
    locks_at: Option<LocksAt>,
    local_admin: bool,
    password_days: Option<u16>,
}

impl<'a> ForAll<'a> {
    fn read(
        settings: &Settings,
        permit: &Permit,
        request: &'a CreateUsers,
        rules: Rules,
    ) -> Result<Self, Refused> {
        let locks_at = time::ahead(given(request.auto_lock_time.as_ref()), settings.zone, permit.at())?;
        Ok(Self {
            password: request.password.as_ref(),
            rules,
            locks_at,
            local_admin: request.is_local_admin.unwrap_or(false),
            password_days: request.password_expire_days.and_then(|days| u16::try_from(days.get()).ok()),
        })
    }
}

/// The user's own password, or the one for all; an empty one is none.
fn password<'a>(new: &'a NewUser, for_all: &ForAll<'a>) -> Option<&'a Secret> {
    let is_given = |password: &&Secret| !password.reveal().is_empty();
    let own = new.password.as_ref().map(Password::secret).filter(is_given);
    own.or_else(|| for_all.password.map(Password::secret).filter(is_given))
}

/// The user as the directory is asked to make it, its password not yet hashed.
fn new_user(new: &NewUser, settings: &Settings, for_all: &ForAll<'_>) -> Result<users::NewUser, Item> {
    let username = contact::username(&new.end_user_id, settings.hyphens)
        .ok_or_else(|| Item::username(&new.end_user_id))?;
    let email = match given(new.email.as_ref()) {
        Some(text) => contact::email(text).ok_or_else(|| Item::invalid("Email"))?,
        None => Email::default(),
    };
    let phone = match given(new.phone.as_ref()) {
        Some(text) => Some(contact::phone(text).ok_or_else(|| Item::invalid("Phone"))?),
        None => None,
    };
    let owner_type = match given(new.owner_type.as_ref()) {
        None | Some("Normal") => OwnerType::Normal,
        Some("CreateFromManager") => OwnerType::CreateFromManager,
        Some(_) => return Err(Item::invalid("OwnerType")),
    };
    if owner_type == OwnerType::Normal && email.given().is_none() && phone.is_none() {
        return Err(Item::no_contact());
    }
    let display_name = given(new.real_nick_name.as_ref()).unwrap_or_default();
    let owner = Owner {
        username: username.as_str(),
        email: email.as_str(),
        phone: phone.as_ref().map_or("", |phone| phone.number.as_str()),
        display_name,
    };
    let password = password(new, for_all);
    check_password(password, owner_type, &owner, &for_all.rules)?;
    let remark = given(new.remark.as_ref()).unwrap_or_default();
    Ok(users::NewUser {
        display_name: Line::<DISPLAY_NAME>::new(display_name)
            .and_then(|name| DisplayName::new(name.as_str()))
            .map_err(|_| Item::invalid("RealNickName"))?,
        description: Description::new(remark).map_err(|_| Item::invalid("Remark"))?,
        email,
        phone,
        owner_type,
        unit: given(new.org_id.as_ref()).map(ids::named_org),
        groups: new.group_id_list.iter().flatten().map(|id| ids::named_group(id)).collect(),
        locks_at: for_all.locks_at.clone(),
        local_admin: for_all.local_admin,
        password_expires_after_days: for_all.password_days,
        must_change_password: password.is_some() && owner_type == OwnerType::Normal,
        ..users::NewUser::named(username)
    })
}

/// That a password is such as this door wants, and such as an administrator does who has said so.
fn check_password(
    password: Option<&Secret>,
    owner_type: OwnerType,
    owner: &Owner<'_>,
    rules: &Rules,
) -> Result<(), Item> {
    match password {
        Some(password) if !password.reveal_text().is_some_and(contact::is_password) => Err(Item::password()),
        Some(password) => rules.accept(password, owner).map_err(|_| Item::weak_password()),
        // An account that the administrator activates cannot be opened without one.
        None if owner_type == OwnerType::CreateFromManager => Err(Item::password()),
        None => Ok(()),
    }
}

trait Add {
    fn add(&mut self, new: &NewUser, failed: Option<Item>);
}

impl Add for CreateResult {
    /// Puts the user into the list of those who were made or of those who failed.
    fn add(&mut self, new: &NewUser, failed: Option<Item>) {
        let text = |text: &Option<String>| given(text.as_ref()).map(str::to_owned);
        let (email, phone) = (text(&new.email), text(&new.phone));
        match failed {
            None => self.created_users.push(CreatedUser {
                end_user_id: new.end_user_id.clone(),
                email,
                phone,
                remark: text(&new.remark),
                real_nick_name: text(&new.real_nick_name),
            }),
            Some(Item { code, message }) => self.failed_users.push(FailedNewUser {
                end_user_id: new.end_user_id.clone(),
                email,
                phone,
                error_code: code,
                error_message: message,
            }),
        }
    }
}
