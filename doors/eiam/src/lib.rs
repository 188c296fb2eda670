//! The EIAM door (2021-12-01): identities of an instance.
//!
//! Source: `reference/eiam.md`, and `reference/doors.md` where it says otherwise.

#![deny(clippy::wildcard_enum_match_arm)]

mod authn;
mod custom_fields;
mod globalization;
mod groups;
mod ids;
mod instances;
mod pages;
mod passwords;
mod quotas;
mod regions;
mod texts;
mod units;
mod users;
mod words;

use gate::Door;

/// What an installation may set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The one region in which the service answers, `cn-hangzhou`.
    pub region: String,
    /// The host, with its port where it needs one, at which people reach this API.
    pub host: String,
    /// How many instances an account may have beside its default one.
    pub most_instances: i64,
}

/// The door.
pub fn door(settings: Settings) -> Door {
    let region = settings.region.clone();
    Door::build("eiam", api::eiam::VERSION, words::WORDS, settings)
        .in_region(&region)
        .changes(authn::bind)
        .reads(authn::list)
        .changes(authn::unbind)
        .changes(authn::unbind_totp)
        .changes(custom_fields::create)
        .changes(custom_fields::disable)
        .changes(custom_fields::enable)
        .reads(custom_fields::get)
        .changes(custom_fields::remove)
        .reads(globalization::get)
        .changes(globalization::set)
        .changes(groups::create)
        .changes(groups::describe)
        .reads(groups::get)
        .reads(groups::list)
        .changes(groups::remove)
        .changes(groups::update)
        .reads(instances::check)
        .changes(instances::create)
        .changes(instances::describe)
        .reads(instances::get)
        .reads(instances::list)
        .reads(instances::list_all)
        .changes(instances::remove)
        .reads(passwords::complexity)
        .reads(passwords::expiration)
        .reads(passwords::forgotten)
        .reads(passwords::history)
        .reads(passwords::initialization)
        .changes(passwords::set_complexity)
        .changes(passwords::set_expiration)
        .changes(passwords::set_forgotten)
        .changes(passwords::set_history)
        .changes(passwords::set_initialization)
        .reads(quotas::license)
        .reads(quotas::of_account)
        .reads(quotas::of_instance)
        .reads(regions::list)
        .reads(regions::list_all)
        .changes(units::create)
        .changes(units::describe)
        .reads(units::get)
        .reads(units::list)
        .changes(units::move_to)
        .reads(units::parents)
        .changes(units::remove)
        .changes(units::remove_below)
        .changes(units::rename)
        .reads(units::root)
        .changes(users::add_to_units)
        .changes(users::create)
        .changes(users::describe)
        .changes(users::disable)
        .changes(users::enable)
        .reads(users::get)
        .changes(users::join_group)
        .changes(users::leave_group)
        .changes(users::leave_units)
        .reads(users::list)
        .reads(users::list_groups)
        .reads(users::list_members)
        .changes(users::remove)
        .changes(users::remove_all)
        .changes(users::set_password)
        .changes(users::set_primary_unit)
        .changes(users::unlock)
        .changes(users::update)
        .done()
}
