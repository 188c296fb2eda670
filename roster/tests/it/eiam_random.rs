//! Random changes of names, addresses and numbers through both doors leave everybody with exactly what is theirs.
//!
//! Source: `reference/doors.md` §2.

use std::collections::{BTreeMap, BTreeSet};

use api::eds::{ModifyUser, NewUser};
use api::eiam::{CreateUser, ListUsers, UpdateUser};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::support::{Client, Instance, Server, create_users, list_users, managed, number, refused, remove};

/// The run is the same each time.
const SEED: u64 = 20_260_122;
const OPERATIONS: usize = 1_500;
/// So few that they collide.
const NAMES: usize = 14;
const ADDRESSES: usize = 8;
const NUMBERS: usize = 5;

/// What is stored of an address or a number, and whether it is this user's alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Contact {
    /// As it is shown; of a number the region and the digits.
    shown: String,
    /// As it is compared; empty where nothing is stored.
    key: String,
    claimed: bool,
    verified: bool,
}

/// A user as everybody should see them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Person {
    id: String,
    name: String,
    email: Contact,
    phone: Contact,
}

/// Two administrators' work, one behind each door, and what must have become of it.
struct Work {
    server: Server,
    admin: Client,
    instance: Instance,
    rng: StdRng,
    /// By the folded name.
    people: BTreeMap<String, Person>,
}

impl Contact {
    fn new(shown: &str) -> Self {
        Self { shown: shown.to_owned(), key: shown.to_lowercase(), ..Self::default() }
    }

    /// What EIAM makes of it.
    fn claimed(shown: &str, verified: bool) -> Self {
        Self { claimed: true, verified, ..Self::new(shown) }
    }

    /// What is shown of an address: text and flag.
    fn is_shown_as(&self, text: Option<String>, verified: bool) -> bool {
        text.unwrap_or_default() == self.shown && verified == self.verified
    }
}

impl Work {
    fn name(&mut self) -> String {
        format!("name_{}", self.rng.random_range(0..NAMES))
    }

    fn cased(&mut self, text: &str) -> String {
        if self.rng.random_bool(0.3) { text.to_uppercase() } else { text.to_owned() }
    }

    /// An address in EIAM's hands.
    fn address(&mut self) -> String {
        let address = format!("mail{}@example.com", self.rng.random_range(0..ADDRESSES));
        self.cased(&address)
    }

    fn number(&mut self) -> (&'static str, String) {
        let region = if self.rng.random_bool(0.6) { "86" } else { "1" };
        (region, format!("1380000000{}", self.rng.random_range(0..NUMBERS)))
    }

    /// Somebody, by the folded name.
    fn somebody(&mut self) -> Option<String> {
        let at = self.rng.random_range(0..self.people.len().max(1));
        self.people.keys().nth(at).cloned()
    }

    /// Whether somebody but `name` has claimed this.
    fn is_taken(&self, name: &str, contact: &Contact, of: fn(&Person) -> &Contact) -> bool {
        self.people
            .iter()
            .any(|(other, person)| other != name && of(person).claimed && of(person).key == contact.key)
    }

    /// What EIAM refuses, in its order.
    fn expected(
        &self,
        own: &str,
        name: &str,
        email: Option<&Contact>,
        phone: Option<&Contact>,
    ) -> Option<&'static str> {
        if own != name && self.people.contains_key(name) {
            return Some("403 ResourceDuplicated.Username");
        }
        if email.is_some_and(|email| self.is_taken(own, email, |person| &person.email)) {
            return Some("403 ResourceDuplicated.Email");
        }
        let taken = phone.is_some_and(|phone| self.is_taken(own, phone, |person| &person.phone));
        taken.then_some("403 ResourceDuplicated.PhoneNumber")
    }

    async fn create(&mut self, place: &str) {
        let key = self.name();
        let username = self.cased(&key);
        let mut request = self.instance.user(&username);
        let (mut email, mut phone) = (Contact::default(), Contact::default());
        if self.rng.random_bool(0.7) {
            let (text, verified) = (self.address(), self.rng.random_bool(0.5));
            email = Contact::claimed(&text, verified);
            (request.email, request.email_verified) = (Some(text), Some(verified));
        }
        if self.rng.random_bool(0.5) {
            let ((region, digits), verified) = (self.number(), self.rng.random_bool(0.5));
            phone = Contact::claimed(&format!("{region} {digits}"), verified);
            request.phone_region = Some(region.to_owned());
            (request.phone_number, request.phone_number_verified) = (Some(digits), Some(verified));
        }
        let expected = self.expected(
            "",
            &key,
            Some(&email).filter(|email| email.claimed),
            Some(&phone).filter(|phone| phone.claimed),
        );
        match (self.admin.send::<CreateUser>(&request).await, expected) {
            (Ok(reply), None) => {
                self.people.insert(key, Person { id: reply.user_id, name: username, email, phone });
            }
            (Err(fault), Some(expected)) => refused(&fault, expected, place),
            (found, expected) => panic!("{place}: {found:?} and not {expected:?}"),
        }
    }

    async fn update(&mut self, place: &str) {
        let Some(old) = self.somebody() else { return };
        let mut person = self.people[&old].clone();
        let mut request = UpdateUser {
            instance_id: self.instance.id.clone(),
            user_id: person.id.clone(),
            ..UpdateUser::default()
        };
        let mut key = old.clone();
        if self.rng.random_bool(0.3) {
            key = self.name();
            person.name = self.cased(&key);
            request.username = Some(person.name.clone());
        }
        let (mut claims_email, mut claims_phone) = (false, false);
        match self.rng.random_range(0..4) {
            0 => {
                let (text, verified) = (self.address(), self.rng.random_bool(0.5));
                person.email = Contact::claimed(&text, verified);
                (request.email, request.email_verified) = (Some(text), Some(verified));
                claims_email = true;
            }
            1 => {
                let verified = self.rng.random_bool(0.7);
                request.email_verified = Some(verified);
                claims_email = verified && !person.email.key.is_empty();
                person.email.claimed |= claims_email;
                person.email.verified = claims_email;
            }
            _ => {}
        }
        match self.rng.random_range(0..4) {
            0 => {
                let ((region, digits), verified) = (self.number(), self.rng.random_bool(0.5));
                person.phone = Contact::claimed(&format!("{region} {digits}"), verified);
                request.phone_region = Some(region.to_owned());
                (request.phone_number, request.phone_number_verified) = (Some(digits), Some(verified));
                claims_phone = true;
            }
            1 => {
                let verified = self.rng.random_bool(0.7);
                request.phone_number_verified = Some(verified);
                claims_phone = verified && !person.phone.key.is_empty();
                person.phone.claimed |= claims_phone;
                person.phone.verified = claims_phone;
            }
            _ => {}
        }
        let expected = self.expected(
            &old,
            &key,
            claims_email.then_some(&person.email),
            claims_phone.then_some(&person.phone),
        );
        match (self.admin.send(&request).await, expected) {
            (Ok(_), None) => {
                self.people.remove(&old);
                self.people.insert(key, person);
            }
            (Err(fault), Some(expected)) => refused(&fault, expected, place),
            (found, expected) => panic!("{place}: {request:?}: {found:?} and not {expected:?}"),
        }
    }

    /// eds claims nothing and refuses nothing but names.
    async fn create_by_eds(&mut self, place: &str) {
        let name = self.name();
        let (address, (_, digits)) = (self.address().to_lowercase(), self.number());
        let new = NewUser {
            email: Some(address.clone()),
            phone: self.rng.random_bool(0.5).then(|| digits.clone()),
            ..managed(&name)
        };
        let phone =
            new.phone.as_ref().map(|digits| Contact::new(&format!("86 {digits}"))).unwrap_or_default();
        let request = create_users(vec![new]);
        let result = self.admin.send(&request).await.expect("the call is right").create_result;
        if self.people.contains_key(&name) {
            assert_eq!(result.failed_users[0].error_code, "ExistedEndUserId", "{place}");
            return;
        }
        assert_eq!(result.created_users.len(), 1, "{place}: {result:?}");
        let prefix = Some(name.clone());
        let named = ListUsers { username_starts_with: prefix, ..self.instance.users() };
        let listed = list_users(&self.admin, &named).await;
        let id = listed.into_iter().find(|user| user.username == name).expect("it was made").user_id;
        self.people.insert(name.clone(), Person { id, name, email: Contact::new(&address), phone });
    }

    /// What eds changes is neither claimed nor verified any more; what it says again stays.
    async fn update_by_eds(&mut self, place: &str) {
        let Some(key) = self.somebody() else { return };
        let (address, (_, digits)) = (self.address().to_lowercase(), self.number());
        let person = &self.people[&key];
        let mut request = ModifyUser { end_user_id: key.clone(), email: None, phone: None };
        let (mut email, mut phone) = (person.email.clone(), person.phone.clone());
        match self.rng.random_range(0..3) {
            0 => (request.email, email) = (Some(String::new()), Contact::default()),
            // The same in other letters is left to tests of its own.
            1 if email.key != address || email.shown == address => {
                if email.shown != address {
                    email = Contact::new(&address);
                }
                request.email = Some(address);
            }
            _ => {}
        }
        match self.rng.random_range(0..3) {
            0 => (request.phone, phone) = (Some(String::new()), Contact::default()),
            1 => {
                let shown = format!("86 {digits}");
                if phone.shown != shown {
                    phone = Contact::new(&shown);
                }
                request.phone = Some(digits);
            }
            _ => {}
        }
        self.admin.send(&request).await.unwrap_or_else(|fault| panic!("{place}: {request:?}: {fault:?}"));
        let person = self.people.get_mut(&key).expect("somebody");
        (person.email, person.phone) = (email, phone);
    }

    async fn delete(&mut self, place: &str) {
        let Some(key) = self.somebody() else { return };
        let person = self.people.remove(&key).expect("somebody");
        if self.rng.random_bool(0.5) {
            assert_eq!(
                remove(&self.admin, &[&key]).await.remove_users_result.removed_users,
                [key],
                "{place}"
            );
        } else {
            self.instance.ask(&self.admin, "DeleteUser", &[("UserId", &person.id)]).await;
        }
    }

    /// Everybody has exactly what is theirs, and nothing else is claimed.
    async fn check(&mut self, place: &str) {
        let listed = list_users(&self.admin, &self.instance.users()).await;
        assert_eq!(listed.len(), self.people.len(), "{place}");
        for user in listed {
            let person = &self.people[&user.username.to_lowercase()];
            let phone =
                user.phone_region.zip(user.phone_number).map(|(region, digits)| format!("{region} {digits}"));
            assert_eq!((&user.user_id, &user.username), (&person.id, &person.name), "{place}");
            assert!(
                person.email.is_shown_as(user.email, user.email_verified)
                    && person.phone.is_shown_as(phone, user.phone_number_verified),
                "{place}: {person:?}"
            );
        }
        let claims = self.people.values().flat_map(|person| [&person.email, &person.phone]);
        let claims = i64::try_from(claims.filter(|contact| contact.claimed).count()).expect("few");
        let kept = "select count(*) from identities where contact = 1";
        assert_eq!(number(&self.server.home, kept).await, claims, "{place}");
        assert_eq!(number(&self.server.home, "select count(*) from identities").await, claims, "{place}");

        let address = self.address();
        let request = ListUsers { email: Some(address.clone()), ..self.instance.users() };
        let found: BTreeSet<String> =
            list_users(&self.admin, &request).await.into_iter().map(|user| user.user_id).collect();
        let expected: BTreeSet<String> = self
            .people
            .values()
            .filter(|person| person.email.key == address.to_lowercase())
            .map(|person| person.id.clone())
            .collect();
        assert_eq!(found, expected, "{place}: {address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_addresses_and_numbers_are_whose_they_should_be_whatever_the_doors_do() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::default_of(&admin).await;
    let rng = StdRng::seed_from_u64(SEED);
    let mut work = Work { server, admin, instance, rng, people: BTreeMap::new() };
    for at in 0..OPERATIONS {
        let place = format!("seed {SEED}, operation {at}");
        match work.rng.random_range(0..20) {
            0..5 => work.create(&place).await,
            5..12 => work.update(&place).await,
            12..14 => work.create_by_eds(&place).await,
            14..18 => work.update_by_eds(&place).await,
            _ => work.delete(&place).await,
        }
        if at % 25 == 24 {
            work.check(&place).await;
        }
    }
    work.check("the end").await;
    work.server.stop().await;
}
