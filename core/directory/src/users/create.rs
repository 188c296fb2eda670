//! Users are made.

use std::collections::{BTreeSet, HashMap, HashSet};

use access::passwords::Hash;
use access::{Change, Permit};
use model::event::Event;
use model::text::{Description, DisplayName, Email, Phone, Username};
use model::total::Total;
use model::user::{Locks, LocksAt, OwnerType, PasswordFacts, Role, Status, User};
use model::{Folded, Id, Number};
use store::users as rows;
use store::{groups, passwords, units};

use super::passwords::invite;
use super::totals_of;
use crate::error::{Argument, Error, Unique};
use crate::named::{Named, Thing};

/// A user to be made.
#[derive(Debug)]
pub struct NewUser {
    /// Free in the directory, compared without case.
    pub username: Username,
    /// What people call the user.
    pub display_name: DisplayName,
    /// A free remark.
    pub description: Description,
    /// Contact data.
    pub email: Email,
    /// Contact data.
    pub phone: Option<Phone>,
    /// Who activates the user.
    pub owner_type: OwnerType,
    /// The primary unit; the root if none is given.
    pub unit: Option<Named>,
    /// The groups to join at once.
    pub groups: Vec<Named>,
    /// When the account locks itself.
    pub locks_at: Option<LocksAt>,
    /// Whether the user is local administrator.
    pub local_admin: bool,
    /// A password, hashed.
    pub password: Option<Hash>,
    /// Days after which the password must be changed.
    pub password_expires_after_days: Option<u16>,
    /// Whether the first sign-in forces a change of the password.
    pub must_change_password: bool,
}

/// Makes users, each for itself: those that cannot be made say why, and nothing of them is kept.
///
/// # Errors
/// Of the whole call only the store's. Of a user: `Taken` (also by an earlier one of the same call), `Missing`
/// a unit or a group.
pub async fn create(
    change: &mut Change,
    permit: &Permit,
    wanted: &[NewUser],
) -> Result<Vec<Result<User, Error>>, Error> {
    let directory = permit.directory();
    let names: Vec<&Folded> = wanted.iter().map(|new| new.username.key()).collect();
    let mut taken: HashSet<Folded> = rows::taken(change.tx(), directory, &names).await?.into_keys().collect();
    let places = Places::of(change, permit, wanted).await?;

    // Ids in the order of the request, which lists keep; rows in the order of names, so that two calls that
    // make the same names in another order do not wait for each other.
    let mut in_turn: Vec<_> =
        wanted.iter().map(|new| new.made_by(change, permit)).zip(wanted).enumerate().collect();
    in_turn.sort_by(|(_, (a, _)), (_, (b, _))| a.username.key().cmp(b.username.key()));
    let mut results: Vec<_> = wanted.iter().map(|_| None).collect();
    for (at, (user, new)) in in_turn {
        if !taken.insert(user.username.key().clone()) {
            results[at] = Some(Err(Error::Taken(Unique::Username, user.username.to_string())));
            continue;
        }
        results[at] = Some(match places.of_user(new) {
            // Whatever a user refuses it refuses before the first write: only the store can fail from here on, and
            // then the whole call does.
            Ok(place) => {
                write(change, permit, &user, new, place).await?;
                Ok(user)
            }
            Err(refused) => {
                taken.remove(user.username.key());
                Err(refused)
            }
        });
    }
    Ok(results.into_iter().flatten().collect())
}

/// Where a new user comes.
struct Place {
    unit: Number,
    groups: BTreeSet<Id>,
}

async fn write(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    new: &NewUser,
    place: Place,
) -> Result<(), Error> {
    let directory = permit.directory();
    insert(change, permit, user, place.unit, &place.groups).await?;
    match &new.password {
        Some(hash) => passwords::set(change.tx(), directory, user.id.number(), hash.as_phc()).await?,
        None if user.owner_type == OwnerType::Normal => invite(change, permit, user).await?,
        None => {}
    }
    Ok(())
}

/// Adds a user to a unit, to groups and to what is counted.
pub(crate) async fn insert(
    change: &mut Change,
    permit: &Permit,
    user: &User,
    unit: Number,
    groups: &BTreeSet<Id>,
) -> Result<(), store::Error> {
    let directory = permit.directory();
    rows::insert(change.tx(), directory, user).await?;
    units::join(change.tx(), directory, user, unit, true, user.created).await?;
    for total in totals_of(user).into_iter().chain((!user.system).then_some(Total::Unit(unit))) {
        change.tx().count(directory, total, 1);
    }
    for group in groups.iter().map(|group| group.number()) {
        groups::join_new(change.tx(), directory, user.id.number(), group, user.created).await?;
        change.tx().count(directory, Total::Group(group), 1);
    }
    let groups: Vec<String> = groups.iter().map(|group| group.digits()).collect();
    let place = [("unit", unit.to_string()), ("groups", groups.join(" "))];
    change.record(Event::made_in("user.created", user, &place));
    Ok(())
}

impl NewUser {
    fn made_by(&self, change: &Change, permit: &Permit) -> User {
        User {
            id: change.new_id(permit),
            username: self.username.clone(),
            display_name: self.display_name.clone(),
            description: self.description.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
            owner_type: self.owner_type,
            role: Role::User,
            status: Status::Enabled,
            locks: Locks { locks_at: self.locks_at.clone(), ..Locks::default() },
            shut: false,
            local_admin: self.local_admin,
            system: false,
            password: PasswordFacts {
                set_at: self.password.as_ref().map(|_| permit.at()),
                expires_after_days: self.password_expires_after_days,
                must_change: self.must_change_password,
            },
            created: permit.at(),
            updated: permit.at(),
        }
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
        let units: BTreeSet<Number> = wanted.iter().filter_map(|new| number(new.unit.as_ref()?)).collect();
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
        let groups = new.groups.iter().map(|group| self.group(group)).collect::<Result<_, _>>()?;
        Ok(Place { unit, groups })
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
