//! `ListUsers` without its total, for which EIAM has no call: what a total costs is told by the difference.
//!
//! It asks the same rule the same thing, but for the total, and answers in the same shape.

use api::eds::DescribedUser;
use api::eiam::{ListUsers, ListUsersReply, ListedUser, SourceType, Status, StatusFilter};
use directory::policies;
use directory::users::{self, Wanted};
use directory::{Error, Named, Thing};
use gate::{Directories, Permit, Reader, Refusal, busy};
use model::policy::Expiration;
use model::user::{self, User};
use model::{Handle, Id, Resource, Right};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::{Action, Fault, Place, Undecodable};

/// How the benchmark's own door spells directories: as EIAM does.
pub(crate) const DIRECTORIES: Directories =
    Directories { read, missing: |text| Fault::new(404, "NotFound", text.to_owned()) };

/// A first page of users.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct Uncounted(pub(crate) ListUsers);

impl Action for Uncounted {
    const NAME: &'static str = "Uncounted";
    const RIGHT: Right = Right::list("bench:Uncounted");
    type Reply = ListUsersReply;

    fn resources(&self) -> Vec<Resource> {
        self.0.resources()
    }

    fn place(&self) -> Place<'_> {
        self.0.place()
    }

    fn check(&self) -> Result<(), Undecodable> {
        self.0.check()
    }
}

/// Why there is no page.
#[derive(Debug)]
pub(crate) struct Failed(Error);

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl Refusal for Failed {
    fn is_transient(&self) -> bool {
        self.0.is_transient()
    }

    fn cause(&self) -> Option<String> {
        Some(self.0.to_string())
    }

    fn into_fault(self) -> Fault {
        if matches!(self.0, Error::Store(store::Error::Deadline)) { busy() } else { Fault::internal() }
    }
}

/// The page.
pub(crate) async fn list(
    _: &DescribedUser,
    reader: &mut Reader,
    permit: &Permit,
    Uncounted(request): &Uncounted,
) -> Result<ListUsersReply, Failed> {
    let page = users::list(reader, permit, &wanted(request)).await?;
    let expiration = policies::get::<Expiration>(reader, permit).await?.unwrap_or_default();
    let shown = |user: &User| shown(user, &request.instance_id, &expiration);
    Ok(ListUsersReply {
        total_count: 0,
        users: page.users.iter().map(|listed| shown(&listed.user)).collect(),
        next_token: None,
        max_results: None,
    })
}

fn wanted(request: &ListUsers) -> Wanted {
    let named = |text: &String| Named { thing: read(text).map(Thing::Handle), text: text.clone() };
    Wanted {
        users: request.user_ids.as_ref().map(|ids| ids.iter().map(named).collect()),
        username_begins: request.username_starts_with.clone(),
        display_name_begins: request.display_name_starts_with.clone(),
        email: request.email.clone(),
        phone_number: request.phone_number.clone(),
        phone_region: request.phone_region.clone(),
        external_id: request.user_external_id.as_ref().map(|id| (id.clone(), named(id))),
        status: request.status.map(|status| match status {
            StatusFilter::Enabled => user::Status::Enabled,
            StatusFilter::Disabled => user::Status::Disabled,
        }),
        unit: request.organizational_unit_id.as_ref().map(named),
        limit: request.page_size.and_then(|size| usize::try_from(size.get()).ok()).unwrap_or_default(),
        demands_unit: true,
        leaves_out_places: true,
        ..Wanted::default()
    }
}

/// An id as EIAM spells it: 128 bits in base 32, behind what tells its kind.
fn read(text: &str) -> Option<Handle> {
    let value = |digit: &u8| match digit {
        b'a'..=b'z' => Some(u128::from(digit - b'a')),
        b'2'..=b'7' => Some(u128::from(digit - b'2') + 26),
        _ => None,
    };
    let (_, digits) = text.split_once('_')?;
    let (last, others) = digits.as_bytes().split_last().filter(|(_, others)| others.len() == 25)?;
    let bits = others.iter().try_fold(0, |bits, digit| Some(bits << 5 | value(digit)?))?;
    Some(Handle::Whole(Id::from_bits(bits << 3 | value(last)? >> 2)))
}

fn shown(user: &User, instance: &str, expiration: &Expiration) -> ListedUser {
    let text = |text: Option<&str>| text.map(str::to_owned);
    let phone = user.phone.as_ref();
    ListedUser {
        user_id: user.id.digits(),
        username: user.username.to_string(),
        display_name: text(user.display_name.given()),
        password_set: user.password.set_at.is_some(),
        phone_region: text(phone.map(|phone| phone.region.as_str())),
        phone_number: text(phone.map(|phone| phone.number.as_str())),
        phone_number_verified: user.phone_verified,
        email: text(user.email.given()),
        email_verified: user.email_verified,
        user_external_id: user.external_id.as_ref().map_or(user.id.digits(), |id| id.as_str().to_owned()),
        user_source_type: SourceType::BuildIn,
        user_source_id: instance.to_owned(),
        status: match user.status {
            user::Status::Enabled => Status::Enabled,
            user::Status::Disabled => Status::Disabled,
        },
        account_expire_time: user.locks.locks_at.as_ref().map(|locks| locks.at.0),
        password_expire_time: user.password_ends(expiration).map(|ends| ends.0),
        register_time: user.created.0,
        lock_expire_time: user.locks.lock_until.map(|until| until.0),
        create_time: user.created.0,
        update_time: user.updated.0,
        description: text(user.description.given()),
        instance_id: instance.to_owned(),
    }
}
