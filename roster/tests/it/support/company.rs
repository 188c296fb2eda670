//! People in a tree of organizations, with groups and properties: made through the door, and known here as well, so
//! that any question can be answered in both places.

use std::collections::{BTreeMap, BTreeSet};

use api::eds::{
    DescribeUsers, FilterUsers, NewUser, OrderField, OrderType, OwnerTypeFilter, PropertyFilter,
    PropertyKeyValueFilter, ShownStatus, UnlockUsers,
};
use model::time::MINUTE;

use super::client::Client;
use super::server::Server;
use super::words::list;
use super::words_users::{
    GOOD, ROOT, bind, join, lock, make, make_group, make_org, make_property, place_also, texts,
};

/// Each organization's name, and the one above it; the first is the root.
const ORGS: [(&str, usize); 9] = [
    ("root", 0),
    ("east", 0),
    ("west", 0),
    ("shop", 1),
    ("web", 1),
    ("design", 4),
    ("lab", 2),
    ("annex", 0),
    ("attic", 7),
];
/// Names of groups.
const GROUPS: [&str; 2] = ["early", "late"];
/// Names of properties, and their values.
const PROPERTIES: [(&str, &[&str]); 3] =
    [("Job", &["dev", "ops", "qa"]), ("城市", &["北京", "上海"]), ("level", &["1", "2", "3", "4"])];
/// People of an ordinary company.
const PEOPLE: usize = 60;
/// So many at most have what takes a call or a password each.
const FULL: usize = 180;

/// The people and what they belong to.
pub(crate) struct Company {
    /// Ids of the organizations: `root`, then `east` and so on.
    pub(crate) orgs: Vec<String>,
    /// Ids of the groups.
    pub(crate) groups: Vec<String>,
    /// Ids of the properties, each with those of its values.
    pub(crate) properties: Vec<(i64, Vec<i64>)>,
    people: Vec<Person>,
}

struct Person {
    id: i64,
    name: String,
    email: String,
    orgs: BTreeSet<usize>,
    groups: BTreeSet<usize>,
    values: BTreeSet<(usize, usize)>,
    is_managed: bool,
    is_shut: bool,
    is_system: bool,
}

/// What both lists of users can be asked.
#[derive(Default)]
struct Question<'a> {
    filter: Option<&'a str>,
    org: Option<&'a str>,
    with_subtree: bool,
    group: Option<&'a str>,
    not_group: Option<&'a str>,
    owner: Option<OwnerTypeFilter>,
    status: Option<ShownStatus>,
    names: &'a [String],
    not_names: &'a [String],
    by_id: &'a [PropertyFilter],
    by_key: &'a [PropertyKeyValueFilter],
}

impl Company {
    /// Sixty people. Ten minutes pass.
    pub(crate) async fn settle(server: &Server) -> Self {
        Self::of(server, PEOPLE).await
    }

    /// So many people. Ten minutes pass.
    pub(crate) async fn of(server: &Server, count: usize) -> Self {
        let client = server.administrator();
        let mut company = Self {
            orgs: vec![ROOT.to_owned()],
            groups: Vec::new(),
            properties: Vec::new(),
            people: Vec::new(),
        };
        for (name, parent) in &ORGS[1..] {
            let org = make_org(&client, name, &company.orgs[*parent]).await;
            company.orgs.push(org);
        }
        for name in GROUPS {
            company.groups.push(make_group(&client, name).await);
        }
        for (key, values) in PROPERTIES {
            company.properties.push(make_property(&client, key, values).await);
        }
        company.people = (0..count).map(|at| Person::new(at, count)).collect();
        company.hire(&client).await;
        company.tie(server, &client).await;
        company.shut(server, &client).await;
        company.people.push(Person { id: 0, ..Person::superadmin() });
        company
    }

    async fn hire(&mut self, client: &Client) {
        let new = |person: &Person| {
            let org = person.orgs.first().expect("everybody is somewhere");
            NewUser {
                end_user_id: person.name.clone(),
                email: (!person.email.is_empty()).then(|| person.email.clone()),
                password: person.is_managed.then(|| api::Password::new(GOOD)),
                owner_type: person.is_managed.then(|| "CreateFromManager".to_owned()),
                org_id: Some(self.orgs[*org].clone()),
                ..NewUser::default()
            }
        };
        for people in self.people.chunks(100) {
            make(client, people.iter().map(new).collect()).await;
        }
    }

    /// Into groups, further organizations, and the values of properties.
    async fn tie(&mut self, server: &Server, client: &Client) {
        for (at, group) in self.groups.iter().enumerate() {
            let members = self.people.iter().filter(|person| person.groups.contains(&at));
            join(client, group, &members.map(|person| person.name.as_str()).collect::<Vec<_>>()).await;
        }
        let users = list(client, &DescribeUsers::default()).await;
        for (at, (person, user)) in self.people.iter_mut().zip(&users).enumerate() {
            assert_eq!(person.name, user.end_user_id);
            person.id = user.id;
            for (property, value) in &person.values {
                let (id, values) = &self.properties[*property];
                bind(client, user, *id, values[*value]).await;
            }
            let further = (at * 5 + 4) % ORGS.len();
            if at < FULL && at % 6 == 2 && further != 0 && person.orgs.insert(further) {
                place_also(&server.home, &person.name, ORGS[further].0).await;
            }
        }
    }

    /// Some are locked, some lock themselves, and of some the time is still to come.
    async fn shut(&mut self, server: &Server, client: &Client) {
        let chosen = |remainder: usize| -> Vec<&str> {
            self.people.iter().skip(remainder).step_by(7).map(|person| person.name.as_str()).collect()
        };
        lock(client, &chosen(2)).await;
        for (remainder, time) in [(5, "2026-01-15 16:40:00"), (6, "2026-01-16")] {
            let request =
                UnlockUsers { users: texts(&chosen(remainder)), auto_lock_time: Some(time.to_owned()) };
            client.send(&request).await.expect("the call is right");
        }
        server.pass(10 * MINUTE);
        for (at, person) in self.people.iter_mut().enumerate() {
            person.is_shut = matches!(at % 7, 2 | 5);
        }
    }

    /// The names that `FilterUsers` has to find, in the order that is asked for.
    pub(crate) fn filtered(&self, request: &FilterUsers) -> Vec<String> {
        let question = Question {
            filter: request.filter.as_deref(),
            org: request.org_id.as_deref(),
            with_subtree: request.is_query_all_sub_orgs == Some(true),
            owner: request.owner_type,
            status: request.status,
            names: request.include_end_user_ids.as_deref().unwrap_or_default(),
            not_names: request.exclude_end_user_ids.as_deref().unwrap_or_default(),
            by_id: request.property_filter_param.as_deref().unwrap_or_default(),
            by_key: request.property_key_value_filter_param.as_deref().unwrap_or_default(),
            ..Question::default()
        };
        let mut found = self.answer(&question);
        match request.order_param.order_field {
            OrderField::EndUserId => found.sort_by(|a, b| a.name.cmp(&b.name)),
            OrderField::Id | OrderField::GmtCreated => found.sort_by_key(|person| person.id),
        }
        if request.order_param.order_type == OrderType::Descending {
            found.reverse();
        }
        found.into_iter().map(|person| person.name.clone()).collect()
    }

    /// The names that `DescribeUsers` has to find, in its order.
    pub(crate) fn described(&self, request: &DescribeUsers) -> Vec<String> {
        let question = Question {
            filter: request.filter.as_deref(),
            org: request.org_id.as_deref(),
            with_subtree: request.is_query_all_sub_orgs == Some(true),
            group: request.group_id.as_deref(),
            not_group: request.exclude_group_id.as_deref(),
            status: request.status,
            names: request.end_user_ids.as_deref().unwrap_or_default(),
            not_names: request.exclude_end_user_ids.as_deref().unwrap_or_default(),
            ..Question::default()
        };
        let mut found = self.answer(&question);
        found.sort_by_key(|person| person.id);
        found.into_iter().map(|person| person.name.clone()).collect()
    }

    /// The names of a group's members, in the order in which they joined, which is that of their ids.
    pub(crate) fn members(&self, group: usize) -> Vec<&str> {
        let members = self.people.iter().filter(|person| person.groups.contains(&group));
        members.map(|person| person.name.as_str()).collect()
    }

    /// What a user has of properties: key and value.
    pub(crate) fn values(&self, name: &str) -> Vec<(&'static str, &'static str)> {
        let person = self.people.iter().find(|person| person.name == name).expect("somebody");
        let text =
            |(property, value): &(usize, usize)| (PROPERTIES[*property].0, PROPERTIES[*property].1[*value]);
        person.values.iter().map(text).collect()
    }

    fn answer(&self, question: &Question<'_>) -> Vec<&Person> {
        let Some(wanted) = self.wanted(question) else { return Vec::new() };
        self.people.iter().filter(|person| self.matches(person, question, &wanted)).collect()
    }

    /// The values that are asked for, by property; `None` where there is no such property.
    fn wanted(&self, question: &Question<'_>) -> Option<BTreeMap<usize, BTreeSet<usize>>> {
        let mut wanted: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        let any = |property: usize| 0..PROPERTIES[property].1.len();
        for filter in question.by_id {
            let id = filter.property_id.expect("the tests name one");
            let property = self.properties.iter().position(|(known, _)| *known == id)?;
            let values = wanted.entry(property).or_default();
            match filter.property_value_ids.as_deref().filter(|ids| !ids.is_empty()) {
                None => values.extend(any(property)),
                Some(ids) => {
                    let known = &self.properties[property].1;
                    let places = ids
                        .split(',')
                        .map(|id| known.iter().position(|known| known.to_string() == id.trim()));
                    values.extend(places.flatten());
                }
            }
        }
        for filter in question.by_key {
            let key = filter.property_key.as_deref().expect("the tests name one").trim().to_lowercase();
            let property = PROPERTIES.iter().position(|(known, _)| known.to_lowercase() == key)?;
            let values = wanted.entry(property).or_default();
            match filter.property_values.as_deref().filter(|texts| !texts.is_empty()) {
                None => values.extend(any(property)),
                Some(texts) => {
                    let known = PROPERTIES[property].1;
                    values.extend(
                        texts
                            .split(',')
                            .filter_map(|text| known.iter().position(|known| *known == text.trim())),
                    );
                }
            }
        }
        Some(wanted)
    }

    fn matches(
        &self,
        person: &Person,
        question: &Question<'_>,
        wanted: &BTreeMap<usize, BTreeSet<usize>>,
    ) -> bool {
        let is_named = |names: &[String]| names.iter().any(|name| name.trim().to_lowercase() == person.name);
        let is_in_group = |group: &str| person.groups.iter().any(|at| self.groups[*at] == group);
        let is_in_org = |org: &str| {
            person.orgs.iter().any(|at| {
                self.orgs[*at] == org || question.with_subtree && above(*at).any(|at| self.orgs[at] == org)
            })
        };
        let status = if person.is_shut { ShownStatus::Locked } else { ShownStatus::Normal };
        (if question.names.is_empty() { !person.is_system } else { is_named(question.names) })
            && !is_named(question.not_names)
            && question.filter.is_none_or(|text| is_like(&person.name, text) || is_like(&person.email, text))
            && question.org.is_none_or(is_in_org)
            && question.group.is_none_or(is_in_group)
            && question.not_group.is_none_or(|group| !is_in_group(group))
            && question
                .owner
                .is_none_or(|owner| (owner == OwnerTypeFilter::CreateFromManager) == person.is_managed)
            && question.status.is_none_or(|wanted| wanted == status)
            && wanted.iter().all(|(property, values)| {
                values.iter().any(|value| person.values.contains(&(*property, *value)))
            })
    }
}

impl Person {
    fn new(at: usize, of: usize) -> Self {
        let name = format!("{}_{:02}", ["kim", "ada", "zoe", "max", "liv"][at % 5], at * 37 % of);
        let is_managed = at < FULL && at % 3 == 1;
        let email = match at % 4 {
            0 if is_managed => String::new(),
            1 => format!("{name}@corp.example.org"),
            2 => format!("n{at}@例子.中国"),
            _ => format!("{name}@example.com"),
        };
        let has =
            |property: usize, value: usize| at < FULL && (at * (property + 2) + value * 5).is_multiple_of(4);
        let values = PROPERTIES.iter().enumerate().flat_map(|(property, (_, values))| {
            (0..values.len()).filter(move |value| has(property, *value)).map(move |value| (property, value))
        });
        Self {
            id: 0,
            name,
            email,
            orgs: [at % ORGS.len()].into(),
            groups: [(0, at % 4 == 1), (1, at.is_multiple_of(6))]
                .into_iter()
                .filter(|(_, is)| *is)
                .map(|(group, _)| group)
                .collect(),
            values: values.collect(),
            is_managed,
            is_shut: false,
            is_system: false,
        }
    }

    fn superadmin() -> Self {
        Self {
            id: 0,
            name: "superadmin".to_owned(),
            email: String::new(),
            orgs: [0].into(),
            groups: BTreeSet::new(),
            values: BTreeSet::new(),
            is_managed: false,
            is_shut: false,
            is_system: true,
        }
    }
}

/// The organizations above one, and itself.
fn above(org: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(org), |org| (*org != 0).then(|| ORGS[*org].1))
}

/// Whether a text holds another one; with `*`, whether it looks like it from end to end.
fn is_like(text: &str, wanted: &str) -> bool {
    let wanted = wanted.to_lowercase();
    let mut pieces = wanted.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(last) = pieces.next_back() else { return text.contains(first) };
    let Some(mut rest) = text.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else {
        return false;
    };
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    true
}
