//! Users are made.

use std::collections::{BTreeSet, HashMap, HashSet};

use access::passwords::Hash;
use access::{Change, Permit};
use model::event::Event;
use model::profile::Profile;
use model::text::{ChosenId, Description, DisplayName, Email, Phone, Username};
use model::total::Total;
use model::user::{Locks, LocksAt, OwnerType, PasswordFacts, Role, Status, User};
use model::{Folded, Id, Number};
use store::outbox::Way;
use store::users as rows;
use store::{avatars, groups, passwords, profiles, units};

use super::contact::Claims;
use super::passwords::{invite, tell_initial};
use super::totals_of;
use crate::assignments;
use crate::directories;
use crate::error::{Argument, Error, Limit, Unique};
use crate::named::{Called, Named, Thing};
use crate::properties::{self, GivenText};
use crate::{rights, sign_in};

/// A user to be made.
#[derive(Debug)]
pub struct NewUser {
    /// The stored id, from [`Change::new_id`]; a new one if none is given.
    pub id: Option<Id>,
    /// Free in the directory, compared without case.
    pub username: Username,
    /// What the user is called by for good, free in the directory; the digits of the id if nothing was chosen.
    pub chosen_id: Option<ChosenId>,
    /// What the user may do.
    pub role: Role,
    /// Whether the account is in use.
    pub status: Status,
    /// What only few have; whoever makes the user is its creator.
    pub profile: Profile,
    /// The picture; empty for none.
    pub avatar: String,
    /// What people call the user.
    pub display_name: DisplayName,
    /// A free remark.
    pub description: Description,
    /// Contact data.
    pub email: Email,
    /// Contact data.
    pub phone: Option<Phone>,
    /// Whether address and phone are claimed for this user alone.
    pub claims_contact: bool,
    /// Whether address and phone are known to be the user's.
    pub verified: Verified,
    /// What another system calls the user, where that is not the own id.
    pub external_id: Option<Called>,
    /// Who activates the user.
    pub owner_type: OwnerType,
    /// The primary unit; the root if none is given.
    pub unit: Option<Named>,
    /// Further units; the primary one and what repeats count once.
    pub further_units: Vec<Named>,
    /// The groups to join at once.
    pub groups: Vec<Named>,
    /// When the account locks itself.
    pub locks_at: Option<LocksAt>,
    /// Whether the user is local administrator.
    pub local_admin: bool,
    /// Values of properties, by name.
    pub values: Vec<GivenText>,
    /// Whether properties that must have a value are demanded.
    pub demands_values: bool,
    /// A password, hashed.
    pub password: Option<Hash>,
    /// Days after which the password must be changed.
    pub password_expires_after_days: Option<u16>,
    /// Whether the first sign-in forces a change of the password.
    pub must_change_password: bool,
    /// By which ways the user is told of a password that was made by chance.
    pub initial_password_by: Vec<Way>,
}

/// Whether an address and a number are known to be the user's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verified {
    /// The address.
    pub email: bool,
    /// The number.
    pub phone: bool,
}

impl NewUser {
    /// A user of this name, of whom nothing else is known and whom the administrator activates.
    pub fn named(username: Username) -> Self {
        Self {
            id: None,
            username,
            chosen_id: None,
            role: Role::User,
            status: Status::Enabled,
            profile: Profile::default(),
            avatar: String::new(),
            display_name: DisplayName::default(),
            description: Description::default(),
            email: Email::default(),
            phone: None,
            claims_contact: false,
            verified: Verified::default(),
            external_id: None,
            owner_type: OwnerType::CreateFromManager,
            unit: None,
            further_units: Vec::new(),
            groups: Vec::new(),
            locks_at: None,
            local_admin: false,
            values: Vec::new(),
            demands_values: false,
            password: None,
            password_expires_after_days: None,
            must_change_password: false,
            initial_password_by: Vec::new(),
        }
    }
}

/// Makes users, each for itself: those that cannot be made say why, and nothing of them is kept.
///
/// # Errors
/// Of the whole call only the store's. Of a user, in this order: `Forbidden` the user; `Missing` a unit or a group;
/// `Forbidden` the user, where the caller does not administer a unit; `Taken` the username (also by an earlier one of the
/// same call), the chosen id, the address, the number, the external id; of the values `Missing` a property, `Unfit`, `Required`, `Taken`; `TooMany`, where the directory
/// holds as many people as it may.
pub async fn create(
    change: &mut Change,
    permit: &Permit,
    wanted: &[NewUser],
) -> Result<Vec<Result<User, Error>>, Error> {
    let directory = permit.directory();
    // Where there is a bound of people this comes first: it locks what others lock first.
    let mut room = directories::room(change, permit).await?;
    let names: Vec<&Folded> = wanted.iter().map(|new| new.username.key()).collect();
    let mut taken: HashSet<Folded> = rows::taken(change.tx(), directory, &names).await?.into_keys().collect();
    let places = Places::of(change, permit, wanted).await?;
    let known = properties::Known::of(change, permit).await?;

    // Ids are drawn, and places under a bound of people given, in the order of the request. Rows are written in the
    // order of names, so that two calls that make the same names in another order do not wait for each other.
    let users: Vec<User> = wanted.iter().map(|new| new.made_by(change, permit)).collect();
    let mut plans = Vec::with_capacity(users.len());
    for (user, new) in users.iter().zip(wanted) {
        let planned = plan(change, permit, (user, new), (&places, &known), &taken).await;
        plans.push(match planned {
            Ok(_) if room == 0 => Err(Error::TooMany(Limit::Users)),
            Ok(plan) => {
                room -= 1;
                taken.insert(user.username.key().clone());
                Ok(plan)
            }
            Err(Error::Store(error)) => return Err(error.into()),
            Err(refused) => Err(refused),
        });
    }
    let mut in_turn: Vec<_> = users.iter().zip(wanted).zip(&plans).collect();
    in_turn.sort_by(|((a, _), _), ((b, _), _)| a.username.key().cmp(b.username.key()));
    for ((user, new), plan) in in_turn {
        // Whatever a user refuses is refused before the first write: only the store can fail from here on, and then the
        // whole call does.
        if let Ok(plan) = plan {
            write(change, permit, (user, new), plan).await?;
        }
    }
    Ok(users.into_iter().zip(plans).map(|(user, plan)| plan.map(|_| user)).collect())
}

/// Makes one user.
///
/// # Errors
/// As of a user in [`create`].
pub async fn create_one(change: &mut Change, permit: &Permit, wanted: &NewUser) -> Result<User, Error> {
    let made = create(change, permit, std::slice::from_ref(wanted)).await?.pop();
    made.expect("one for each user")
}

/// What is known before the first write of a new user.
struct Planned {
    place: Place,
    claims: Claims,
    values: properties::Plan,
}

/// Whether the user can be made, and how.
async fn plan(
    change: &mut Change,
    permit: &Permit,
    (user, new): (&User, &NewUser),
    (places, known): (&Places, &properties::Known),
    taken: &HashSet<Folded>,
) -> Result<Planned, Error> {
    rights::may_make(permit, new.role, &new.profile.label, &user.public_id())?;
    let place = places.of_user(new)?;
    may_fill(change, permit, &place, &user.public_id()).await?;
    if taken.contains(user.username.key()) {
        return Err(Error::Taken(Unique::Username, user.username.to_string()));
    }
    let name = user.username.as_str();
    // Names go before accounts where people sign in: who manages a part of the directory shuts out nobody of another.
    if !rights::manages(permit) && sign_in::by_account(change.tx(), permit, name).await?.is_some() {
        return Err(Error::Forbidden(Argument::User, user.public_id()));
    }
    if let Some(chosen) = &new.chosen_id {
        is_free(change, permit, chosen).await?;
    }
    let claims = Claims { email: new.claims_contact, phone: new.claims_contact };
    claims.check(change, permit, user).await?;
    if let Some(called) = &new.external_id {
        let directory = permit.directory();
        let holder = rows::called(change.tx(), directory, called.text.as_str()).await?;
        let ids = rows::ids(change.tx(), directory, &called.numbers()).await?;
        if called.is_taken(None, holder, &ids) {
            return Err(Error::Taken(Unique::UserExternalId, called.text.as_str().to_owned()));
        }
    }
    let values = properties::Plan::of_new(change, permit, known, &new.values, new.demands_values).await?;
    Ok(Planned { place, claims, values })
}

/// That the caller administers each unit but the root, where everybody begins, that the new user whom `text` names comes
/// to.
///
/// # Errors
/// `Forbidden` the user.
async fn may_fill(change: &mut Change, permit: &Permit, place: &Place, text: &str) -> Result<(), Error> {
    for unit in std::iter::once(&place.unit).chain(&place.further) {
        if *unit != permit.root_unit() && !assignments::administers(change.tx(), permit, *unit).await? {
            return Err(Error::Forbidden(Argument::User, text.to_owned()));
        }
    }
    Ok(())
}

/// That nobody is called by this id.
async fn is_free(change: &mut Change, permit: &Permit, chosen: &ChosenId) -> Result<(), Error> {
    let (directory, text) = (permit.directory(), chosen.as_str());
    // These stand for who is no user: the app of the directory, and the server itself.
    let is_reserved = text == "system" || text == directory.number.domain();
    if is_reserved || rows::has_public(change.tx(), directory, text).await? {
        return Err(Error::Taken(Unique::ChosenId, text.to_owned()));
    }
    Ok(())
}

/// Where a new user comes.
#[derive(Debug, Default)]
pub(crate) struct Place {
    /// The primary unit.
    pub(crate) unit: Number,
    /// Further units.
    pub(crate) further: BTreeSet<Number>,
    /// Groups.
    pub(crate) groups: BTreeSet<Id>,
}

async fn write(
    change: &mut Change,
    permit: &Permit,
    (user, new): (&User, &NewUser),
    plan: &Planned,
) -> Result<(), Error> {
    let directory = permit.directory();
    let made = Made {
        place: &plan.place,
        profile: &new.made_profile(permit),
        avatar: &new.avatar,
        values: &plan.values.facts(),
    };
    insert(change, permit, user, made).await?;
    plan.claims.carry_out(change, permit, None, user).await?;
    properties::carry_out(change, permit, user, &plan.values).await?;
    match &new.password {
        Some(hash) => {
            passwords::set(change.tx(), directory, user.id.number(), hash.as_phc()).await?;
            tell_initial(change, permit, user, &new.initial_password_by).await?;
        }
        None if user.owner_type == OwnerType::Normal => invite(change, permit, user).await?,
        None => {}
    }
    Ok(())
}

/// What comes with the row of a new user.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made<'a> {
    /// Where the user comes.
    pub(crate) place: &'a Place,
    /// What only few have.
    pub(crate) profile: &'a Profile,
    /// The picture; empty for none.
    pub(crate) avatar: &'a str,
    /// The values of properties, by name.
    pub(crate) values: &'a [(String, String)],
}

/// Adds a user, with what comes with it, to units, to groups and to what is counted. All of it but the picture is recorded.
pub(crate) async fn insert(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    made: Made<'_>,
) -> Result<(), store::Error> {
    let Made { place, profile, avatar, values } = made;
    let (directory, number) = (permit.directory(), user.id.number());
    rows::insert(change.tx(), directory, user).await?;
    if *profile != Profile::default() {
        profiles::set(change.tx(), directory, number, profile).await?;
    }
    if !avatar.is_empty() {
        avatars::set(change.tx(), directory, number, avatar).await?;
    }
    for total in totals_of(user) {
        change.tx().count(directory, total, 1);
    }
    for unit in std::iter::once(&place.unit).chain(&place.further) {
        let is_primary = *unit == place.unit;
        units::join(change.tx(), directory, user, *unit, is_primary, (permit.creator(), user.created))
            .await?;
        change.tx().count(directory, Total::Unit(*unit), i64::from(!user.system));
    }
    for group in place.groups.iter().map(|group| group.number()) {
        groups::join_new(change.tx(), directory, number, group, user.created).await?;
        change.tx().count(directory, Total::Group(group), 1);
    }
    let further: Vec<String> = place.further.iter().map(ToString::to_string).collect();
    let groups: Vec<String> = place.groups.iter().map(|group| group.digits()).collect();
    let own = [("unit", place.unit.to_string()), ("units", further.join(" ")), ("groups", groups.join(" "))];
    let mut facts: Vec<(&str, String)> = own.into_iter().filter(|(_, text)| !text.is_empty()).collect();
    facts.extend(profile_facts(profile));
    change.record(Event::made_in("user.created", user, &facts, values));
    Ok(())
}

/// What an event says of a profile: what differs from the one that everybody has.
pub(super) fn profile_facts(profile: &Profile) -> Vec<(&'static str, String)> {
    let usual = Profile::default();
    let facts = [
        ("user_data", profile.user_data != usual.user_data, profile.user_data.as_str()),
        ("creator", profile.creator != usual.creator, profile.creator.as_str()),
        ("label", profile.label != usual.label, profile.label.as_str()),
        ("keeps_password", profile.keeps_password != usual.keeps_password, "true"),
    ];
    facts
        .into_iter()
        .filter(|(_, differs, _)| *differs)
        .map(|(name, _, text)| (name, text.to_owned()))
        .collect()
}

impl NewUser {
    fn made_profile(&self, permit: &Permit) -> Profile {
        Profile { creator: permit.creator().to_owned(), ..self.profile.clone() }
    }

    fn made_by(&self, change: &Change, permit: &Permit) -> User {
        let user = User {
            id: self.id.unwrap_or_else(|| change.new_id(permit)),
            username: self.username.clone(),
            display_name: self.display_name.clone(),
            description: self.description.clone(),
            email: self.email.clone(),
            email_verified: self.verified.email,
            phone: self.phone.clone(),
            phone_verified: self.verified.phone,
            chosen_id: self.chosen_id.clone(),
            external_id: self.external_id.as_ref().map(|called| called.text.clone()),
            owner_type: self.owner_type,
            role: self.role,
            status: self.status,
            locks: Locks { locks_at: self.locks_at.clone(), ..Locks::default() },
            shut: false,
            local_admin: self.local_admin,
            system: false,
            password: PasswordFacts {
                set_at: self.password.as_ref().map(|_| permit.at()),
                expires_after_days: self.password_expires_after_days,
                must_change: self.must_change_password,
            },
            signed_out: None,
            created: permit.at(),
            updated: permit.at(),
        };
        // PDS may give a status, and a time that has passed.
        User { shut: user.is_shut_for_good(permit.at()), ..user }
    }
}

/// The units and groups that a call names and that are there, looked up together.
struct Places {
    units: Vec<Id>,
    groups: HashMap<Number, Id>,
    root: Number,
}

/// Groups that are looked up together.
const TOGETHER: usize = 500;

impl Places {
    async fn of(change: &mut Change, permit: &Permit, wanted: &[NewUser]) -> Result<Self, Error> {
        let directory = permit.directory();
        let number = |named: &Named| Some(named.handle()?.number());
        let units = wanted.iter().flat_map(|new| new.unit.iter().chain(&new.further_units));
        let units: BTreeSet<Number> = units.filter_map(number).collect();
        let groups: BTreeSet<Number> = wanted.iter().flat_map(|new| &new.groups).filter_map(number).collect();
        let units: Vec<Number> = units.into_iter().collect();
        let groups: Vec<Number> = groups.into_iter().collect();
        let mut places = Self { units: Vec::new(), groups: HashMap::new(), root: permit.root_unit() };
        if !units.is_empty() {
            places.units = units::ids(change.tx(), directory, &units).await?;
        }
        for groups in groups.chunks(TOGETHER) {
            let found = groups::ids(change.tx(), directory, groups).await?;
            places.groups.extend(found.into_iter().map(|id| (id.number(), id)));
        }
        Ok(places)
    }

    /// Where the user shall come, if all of that is there.
    fn of_user(&self, new: &NewUser) -> Result<Place, Error> {
        let unit = new.unit.as_ref().map_or(Ok(self.root), |unit| self.unit(unit))?;
        let further = new.further_units.iter().map(|unit| self.unit(unit));
        let mut further = further.collect::<Result<BTreeSet<_>, _>>()?;
        further.remove(&unit);
        let groups = new.groups.iter().map(|group| self.group(group)).collect::<Result<_, _>>()?;
        Ok(Place { unit, further, groups })
    }

    fn unit(&self, named: &Named) -> Result<Number, Error> {
        let found = match named.thing {
            Some(Thing::Root) => Some(self.root),
            Some(Thing::Handle(handle)) => {
                self.units.iter().find(|id| handle.means(**id)).map(|id| id.number())
            }
            None => None,
        };
        found.ok_or_else(|| named.missing(Argument::Unit))
    }

    fn group(&self, named: &Named) -> Result<Id, Error> {
        let found = named.handle().and_then(|handle| {
            let id = self.groups.get(&handle.number())?;
            handle.means(*id).then_some(*id)
        });
        found.ok_or_else(|| named.missing(Argument::Group))
    }
}
