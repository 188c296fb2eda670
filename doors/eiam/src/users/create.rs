//! `CreateUser`.

use api::eiam::{
    Channel, CreateUser, CreateUserReply, CustomFieldValue, PasswordInitializationConfig,
    PasswordInitializationType, PolicyPriority, Status, Word,
};
use directory::passwords::{Rule, Rules};
use directory::properties::{GivenText, Turn};
use directory::users::{self, NewUser, Verified, Way};
use directory::{Error, policies};
use gate::{Change, Permit, Reader};
use model::Secret;
use model::policy::{InitialPassword, Initialization, Owner};
use model::text::Username;
use model::user::OwnerType;

use super::password::ways;
use super::update::{email, phone};
use crate::words::{Refused, given};
use crate::{Settings, ids, passwords, texts};

pub(crate) async fn create(
    _: &Settings,
    change: &mut Change,
    permit: &Permit,
    request: &CreateUser,
) -> Result<CreateUserReply, Refused> {
    let first = FirstPassword::of(&mut change.beside(), permit, request).await?;
    let hashes = change.hashed(first.secret.into_iter().collect()).await.map_err(Error::from)?;
    let new = NewUser {
        password: hashes.into_iter().next(),
        must_change_password: first.must_change,
        initial_password_by: first.tells,
        ..new_user(request)?
    };
    let created = users::create(change, permit, &[new]).await?.pop().expect("one for each user")?;
    // The last of the reasons in the reference's order; who was made without a password goes with the change.
    if first.is_refused {
        return Err(Refused::invalid("Password"));
    }
    Ok(CreateUserReply { user_id: ids::spell(ids::USER, created.id) })
}

/// The user as the directory is asked to make it, without a password.
fn new_user(request: &CreateUser) -> Result<NewUser, Refused> {
    let username = Username::new(request.username.as_str()).map_err(|_| Refused::invalid("Username"))?;
    Ok(NewUser {
        display_name: texts::line(request.display_name.as_ref(), "DisplayName")?,
        description: texts::prose(request.description.as_ref(), "Description")?,
        email: email(request.email.as_ref())?.unwrap_or_default(),
        phone: phone(request.phone_region.as_ref(), request.phone_number.as_ref())?,
        claims_contact: true,
        verified: Verified {
            email: given(request.email.as_ref()).is_some() && request.email_verified == Some(true),
            phone: given(request.phone_number.as_ref()).is_some()
                && request.phone_number_verified == Some(true),
        },
        external_id: texts::external_id(request.user_external_id.as_ref(), ids::USER, "UserExternalId")?,
        owner_type: OwnerType::CreateFromManager,
        unit: Some(ids::named(ids::UNIT, &request.primary_organizational_unit_id)),
        further_units: ids::all_named(ids::UNIT, request.organizational_unit_ids.iter().flatten()),
        values: request.custom_fields.iter().flatten().filter_map(value).collect(),
        demands_values: true,
        ..NewUser::named(username)
    })
}

/// A value; nothing where the field might as well not be named.
fn value(value: &CustomFieldValue) -> Option<GivenText> {
    let text = given(value.field_value.as_ref())?;
    Some(GivenText { property: value.field_name.clone(), turn: Turn::Set(text.to_owned()) })
}

/// A new user's password, and what comes with it.
///
/// Source: `reference/eiam.md` 4.3.
#[derive(Default)]
struct FirstPassword {
    secret: Option<Secret>,
    /// Whether a password was given that the instance's policy does not accept.
    is_refused: bool,
    must_change: bool,
    tells: Vec<Way>,
}

impl FirstPassword {
    async fn of(beside: &mut Reader, permit: &Permit, request: &CreateUser) -> Result<Self, Refused> {
        let own = request.password_initialization_config.as_ref().and_then(custom);
        let secret = request.password.as_ref().filter(|password| !password.is_empty());
        let rules = Rules::of(beside, permit, Rule::Policy).await?;
        if let Some(secret) = secret.map(api::Password::secret) {
            let is_refused = rules.accept(secret, &owner(request)).is_err();
            return Ok(Self {
                secret: (!is_refused).then(|| secret.clone()),
                is_refused,
                must_change: own.is_some_and(|own| own.must_change),
                tells: Vec::new(),
            });
        }
        let policy = match own {
            Some(own) => own,
            None => policies::get(beside, permit).await?.unwrap_or_default(),
        };
        if !policy.enabled {
            return Ok(Self::default());
        }
        let made = policy.kind.map(|kind| match kind {
            InitialPassword::Random => rules.example(&owner(request), beside.tools()),
        });
        let tells = if made.is_some() { reaching(&policy, request) } else { Vec::new() };
        Ok(Self { secret: made, is_refused: false, must_change: policy.must_change, tells })
    }
}

/// What the request itself says, where it and not the instance decides.
fn custom(config: &PasswordInitializationConfig) -> Option<Initialization> {
    let priority = config.password_initialization_policy_priority.as_ref().and_then(Word::get);
    let kind = config.password_initialization_type.as_ref().and_then(Word::get);
    let forced = config.password_forced_update_status.as_ref().and_then(Word::get);
    match priority {
        Some(PolicyPriority::Custom) => Some(Initialization {
            enabled: true,
            kind: kind.map(|kind| match kind {
                PasswordInitializationType::Random => InitialPassword::Random,
            }),
            must_change: forced == Some(Status::Enabled),
            channels: config
                .user_notification_channels
                .iter()
                .flatten()
                .filter_map(Word::get)
                .map(passwords::initial_channel)
                .collect(),
        }),
        Some(PolicyPriority::Global) | None => None,
    }
}

/// Those of the policy's ways that lead to an address or a number.
fn reaching(policy: &Initialization, request: &CreateUser) -> Vec<Way> {
    let channels = policy.channels.iter().map(|channel| passwords::channel(*channel));
    ways(channels.filter(|channel| match channel {
        Channel::Email => given(request.email.as_ref()).is_some(),
        Channel::Sms => given(request.phone_number.as_ref()).is_some(),
    }))
}

fn owner(request: &CreateUser) -> Owner<'_> {
    Owner {
        username: &request.username,
        email: request.email.as_deref().unwrap_or_default(),
        phone: request.phone_number.as_deref().unwrap_or_default(),
        display_name: request.display_name.as_deref().unwrap_or_default(),
    }
}
