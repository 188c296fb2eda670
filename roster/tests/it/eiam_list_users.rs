//! `ListUsers` of EIAM: every filter against everybody as `GetUser` shows them, and both ways to turn pages.
//!
//! Source: `reference/eiam.md`, 5 and 14.2; `reference/doors.md` §5 and §6.

use std::collections::BTreeSet;

use api::eds::{DescribeUsers, NewUser};
use api::eiam::{CreateUser, ListUsers, ShownUser, Status};
use futures_util::future::join_all;
use model::Folded;
use model::time::{DAY, MINUTE};
use serde_json::{Value, json};

use crate::support::{
    Client, Home, Instance, Server, describe, list_users, lock, make, make_eiam_user, managed, refused,
    spelled, superadmin, text, texts, told,
};

/// People of an ordinary instance.
const PEOPLE: usize = 80;
/// An id that is well formed, of nobody.
const NO_USER: &str = "user_dfizzgsafjod6cnhdpsnecdok4";
const NO_UNIT: &str = "ou_dfizzgsafjod6cnhdpsnecdok4";

/// Parameters of a call.
type Given = Vec<(String, String)>;

/// People in units, and each of them as `GetUser` shows them.
struct People {
    instance: Instance,
    /// Ids of units, the root first.
    units: Vec<String>,
    /// Everybody in the order of making; the first is the superadmin, whom lists show only where they are asked
    /// for them by id.
    all: Vec<ShownUser>,
}

/// A condition, and who meets it.
struct Filter {
    given: Given,
    holds: Box<dyn Fn(&ShownUser) -> bool + Send + Sync>,
}

impl Filter {
    fn new(name: &str, value: &str, holds: impl Fn(&ShownUser) -> bool + Send + Sync + 'static) -> Self {
        Self { given: vec![(name.to_owned(), value.to_owned())], holds: Box::new(holds) }
    }

    fn ids(ids: &[&str]) -> Self {
        let given = ids.iter().enumerate().map(|(at, id)| (format!("UserIds.{}", at + 1), (*id).to_owned()));
        let ids: BTreeSet<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        Self { given: given.collect(), holds: Box::new(move |user| ids.contains(&user.user_id)) }
    }

    /// The parameter that it is given in.
    fn name(&self) -> &str {
        self.given[0].0.split('.').next().unwrap_or_default()
    }
}

impl People {
    /// Eighty people, of whom each tenth was made by eds.
    async fn settle(server: &Server) -> Self {
        let admin = server.administrator().eiam();
        let instance = Instance::default_of(&admin).await;
        let mut units = vec![instance.root.clone()];
        for (name, parent) in [("east", 0), ("west", 0), ("shop", 1), ("empty", 0)] {
            units.push(instance.make_unit(&admin, name, &units[parent]).await);
        }
        let mut people = Self { instance, units, all: Vec::new() };
        for at in 0..PEOPLE {
            if at % 10 == 7 {
                make(&admin, vec![by_eds(at)]).await;
            } else {
                make_eiam_user(&admin, &people.by_eiam(at)).await;
            }
        }
        people.look(server).await;
        people.shut(server).await;
        people.look(server).await;
        people
    }

    fn by_eiam(&self, at: usize) -> CreateUser {
        let shown = ["", "张三", "张伟 ", "Ada Lovelace", "ada", "ＡＤＡ wide", "Straße 9"][at % 7];
        let given = |is: bool, text: String| is.then_some(text);
        let (has_phone, has_email) = (at.is_multiple_of(3), at.is_multiple_of(2));
        let further: Vec<String> = if at % 6 == 2 { vec![self.units[at % 4].clone()] } else { Vec::new() };
        CreateUser {
            display_name: given(!shown.is_empty(), shown.to_owned()),
            phone_region: given(has_phone, ["86", "1", "852"][at / 3 % 3].to_owned()),
            // A number may be there in several regions.
            phone_number: given(has_phone, format!("138{:08}", at / 9)),
            phone_number_verified: has_phone.then_some(has_email),
            email: given(has_email, format!("Mail.{at}@Example.com")),
            email_verified: has_email.then_some(at.is_multiple_of(4)),
            user_external_id: given(at % 5 == 1, format!("ext-{at}")),
            primary_organizational_unit_id: self.units[(at * 7) % 4].clone(),
            organizational_unit_ids: Some(further.try_into().expect("at most one")),
            ..self.instance.user(&name(at))
        }
    }

    /// Every sixth is disabled, and some are locked, which is another thing.
    async fn shut(&self, server: &Server) {
        let admin = server.administrator().eiam();
        for user in self.all[1..].iter().step_by(6) {
            self.instance.ask(&admin, "DisableUser", &[("UserId", &user.user_id)]).await;
        }
        let locked: Vec<&str> =
            self.all[1..].iter().skip(3).step_by(9).map(|user| user.username.as_str()).collect();
        lock(&admin, &locked).await;
    }

    /// Looks at everybody, one by one. Who is there is asked eds, in whose list nobody of this door had a hand.
    async fn look(&mut self, server: &Server) {
        let admin = server.administrator().eiam();
        let ids = ids(&server.home).await;
        self.all.clear();
        for id in ids {
            self.all.push(self.instance.get_user(&admin, &id).await);
        }
        let everybody = DescribeUsers { max_results: 1.try_into().ok(), ..DescribeUsers::default() };
        let count = describe(&admin, &everybody).await.expect("the call is right").count;
        assert_eq!(count, i64::try_from(self.all.len() - 1).ok(), "all but the superadmin are people");
        assert_eq!(self.all[0].username, "superadmin");
    }

    /// The ids of those who meet all of `filters`.
    fn expected(&self, filters: &[&Filter]) -> Vec<&str> {
        let named = filters.iter().any(|filter| filter.name() == "UserIds");
        let people = if named { &self.all[..] } else { &self.all[1..] };
        let meets = |user: &&ShownUser| filters.iter().all(|filter| (filter.holds)(user));
        people.iter().filter(meets).map(|user| user.user_id.as_str()).collect()
    }

    /// All that can be asked in one condition.
    fn filters(&self) -> Vec<Filter> {
        let mut filters = vec![
            Filter::ids(&[NO_USER, "张三", "*"]),
            Filter::ids(&[&self.all[5].user_id, NO_USER, &self.all[40].user_id, &self.all[5].user_id]),
            Filter::ids(&[&self.all[0].user_id]),
        ];
        let many: Vec<&str> = self.all.iter().step_by(2).map(|user| user.user_id.as_str()).collect();
        filters.push(Filter::ids(&many));
        for prefix in
            ["a", "Ada", "ADA-1", "ａｄａ", "max@x", "zoe_", "7", "superadmin", "nobody", " a ", "_"]
        {
            let wanted = Folded::of(prefix);
            filters.push(Filter::new("UsernameStartsWith", prefix, move |user| {
                Folded::of(&user.username).as_str().starts_with(wanted.as_str())
            }));
        }
        for prefix in ["张", "张伟", "ada", "ADA L", "ada w", "STRASSE", "x", "a", "love"] {
            let wanted = Folded::of(prefix);
            filters.push(Filter::new("DisplayNameStartsWith", prefix, move |user| {
                let shown = user.display_name.as_deref().unwrap_or_default();
                Folded::of(shown).as_str().starts_with(wanted.as_str())
            }));
        }
        for region in ["86", "1", "852", "8", "+86", "0"] {
            filters.push(Filter::new("PhoneRegion", region, move |user| {
                user.phone_region.as_deref() == Some(region)
            }));
        }
        for number in ["13800000001", "13800000004", "1380000000", "138"] {
            filters.push(Filter::new("PhoneNumber", number, move |user| {
                user.phone_number.as_deref() == Some(number)
            }));
        }
        for email in ["mail.4@example.COM", "Mail.20@Example.com", "mail.4", "mail.99@example.com", "张@b.cn"]
        {
            let wanted = Folded::of(email);
            filters.push(Filter::new("Email", email, move |user| {
                user.email.as_deref().is_some_and(|email| Folded::of(email) == wanted)
            }));
        }
        let own = self.all[9].user_id.clone();
        let replaced = self.all.iter().find(|user| user.user_external_id == "ext-1");
        let replaced = replaced.expect("she has one").user_id.clone();
        for external in ["ext-1", "EXT-1", "ext-", &own, &replaced, NO_USER] {
            let wanted = external.to_owned();
            filters
                .push(Filter::new("UserExternalId", external, move |user| user.user_external_id == wanted));
        }
        let id = self.instance.id.clone();
        filters.push(Filter::new("UserSourceId", &id, |_| true));
        filters.push(Filter::new("UserSourceId", "corp", |_| false));
        filters.push(Filter::new("UserSourceType", "build_in", |_| true));
        for source in ["ding_talk", "ad", "ldap", "we_com"] {
            filters.push(Filter::new("UserSourceType", source, |_| false));
        }
        for (status, wanted) in [
            ("enabled", Status::Enabled),
            ("enable", Status::Enabled),
            ("disabled", Status::Disabled),
            ("disable", Status::Disabled),
        ] {
            filters.push(Filter::new("Status", status, move |user| user.status == wanted));
        }
        for unit in &self.units {
            let wanted = unit.clone();
            filters.push(Filter::new("OrganizationalUnitId", unit, move |user| {
                user.organizational_units.iter().any(|unit| unit.organizational_unit_id == wanted)
            }));
        }
        filters
    }
}

/// The username of the person at this place.
fn name(at: usize) -> String {
    format!("{}{at}", ["Ada", "adam.", "ADA-", "zoe_", "max@x", ""][at % 6])
}

/// A person whom eds makes: with an address that another one has as well.
fn by_eds(at: usize) -> NewUser {
    NewUser {
        real_nick_name: (at % 20 == 7).then(|| "Ada of eds".to_owned()),
        email: Some(format!("mail.{}@example.com", at - 3)),
        phone: Some(format!("138{:08}", at / 9)),
        ..managed(&format!("eds_{at}"))
    }
}

/// The ids of all users of the default instance, in the order of making.
async fn ids(home: &Home) -> Vec<String> {
    let question = "select string_agg(u.id, ',' order by u.number) from users u
        join directories d on d.number = u.directory where d.default_of is not null";
    text(home, question).await.split(',').map(|digits| spelled("user", digits)).collect()
}

/// A page with these conditions and more.
async fn page(admin: &Client, instance: &Instance, filters: &[&Filter], more: &[(&str, &str)]) -> Value {
    let given: Vec<(&str, &str)> = filters
        .iter()
        .flat_map(|filter| filter.given.iter().map(|(name, value)| (name.as_str(), value.as_str())))
        .chain(more.iter().copied())
        .collect();
    instance.ask(admin, "ListUsers", &given).await
}

/// The ids on a page.
fn on(page: &Value) -> Vec<&str> {
    let users = page["Users"].as_array().expect("a list");
    users.iter().map(|user| user["UserId"].as_str().expect("a text")).collect()
}

/// The total that a page tells.
fn total(page: &Value) -> usize {
    let total = page["TotalCount"].as_u64().unwrap_or_else(|| panic!("{page}"));
    usize::try_from(total).expect("few users")
}

/// The page by number is what it has to be, and has nothing of pages by token.
fn assert_numbered(page: &Value, expected: &[&str], number: usize, size: usize, what: &str) {
    let rest = expected.get((number - 1) * size..).unwrap_or_default();
    assert_eq!((total(page), on(page)), (expected.len(), rest[..size.min(rest.len())].to_vec()), "{what}");
    assert_eq!((&page["NextToken"], &page["MaxResults"]), (&Value::Null, &Value::Null), "{what}");
}

/// The users of all pages by token, each of them as full as it can be, each with the total.
async fn walk(admin: &Client, instance: &Instance, filters: &[&Filter], size: usize) -> Vec<String> {
    let (mut found, mut token) = (Vec::new(), String::new());
    let mut totals = BTreeSet::new();
    loop {
        let size_text = size.to_string();
        let mut more = vec![("MaxResults", size_text.as_str())];
        if !token.is_empty() {
            more.push(("NextToken", &token));
        }
        let page = page(admin, instance, filters, &more).await;
        assert_eq!(page["MaxResults"], json!(size));
        totals.insert(total(&page));
        found.extend(on(&page).into_iter().map(str::to_owned));
        match page["NextToken"].as_str() {
            Some(next) => {
                assert!(next.starts_with("NT") && on(&page).len() == size, "{page}");
                token = next.to_owned();
            }
            None => {
                assert_eq!(page["NextToken"], Value::Null, "the last page has none");
                break;
            }
        }
    }
    assert_eq!(totals, BTreeSet::from([found.len()]), "{size}: every page has the total");
    found
}

/// What each of these conditions finds is right.
async fn check_alone(admin: &Client, people: &People) {
    for filter in &people.filters() {
        let what = format!("{:.200?}", filter.given);
        let expected = people.expected(&[filter]);
        for (number, size) in [(1, 100), (1, 7), (2, 7), (3, 3)] {
            let (number_text, size_text) = (number.to_string(), size.to_string());
            let more = [("PageNumber", number_text.as_str()), ("PageSize", size_text.as_str())];
            let page = page(admin, &people.instance, &[filter], &more).await;
            assert_numbered(&page, &expected, number, size, &what);
        }
        assert_eq!(walk(admin, &people.instance, &[filter], 7).await, expected, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_alone_finds_whom_it_should() {
    let server = Server::start().await;
    let people = People::settle(&server).await;

    check_alone(&server.administrator().eiam(), &people).await;

    // None of the conditions that have to find somebody is met by nobody, or by everybody.
    let sizes: BTreeSet<usize> =
        people.filters().iter().map(|filter| people.expected(&[filter]).len()).collect();
    assert!(sizes.len() > 12, "{sizes:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_two_filters_find_who_meets_both() {
    let server = Server::start().await;
    let people = People::settle(&server).await;
    let filters = people.filters();
    let pairs: Vec<[&Filter; 2]> = filters
        .iter()
        .enumerate()
        .flat_map(|(at, one)| filters[..at].iter().map(move |other| [one, other]))
        .filter(|[one, other]| one.name() != other.name())
        .collect();
    assert!(pairs.len() > 900, "{}", pairs.len());

    // Several callers, so that it takes less long.
    let clients: Vec<Client> = (0..8).map(|_| server.administrator().eiam()).collect();
    let tasks = clients.iter().enumerate().map(|(at, client)| {
        let (pairs, people) = (&pairs, &people);
        async move {
            for (place, pair) in pairs.iter().enumerate().skip(at).step_by(8) {
                let what = format!("{:.150?} and {:.150?}", pair[0].given, pair[1].given);
                let expected = people.expected(pair);
                let whole = page(client, &people.instance, pair, &[("PageSize", "100")]).await;
                assert_numbered(&whole, &expected, 1, 100, &what);
                if place % 3 == 0 {
                    assert_eq!(walk(client, &people.instance, pair, 5).await, expected, "{what}");
                } else if !expected.is_empty() {
                    let more = [("PageNumber", "2"), ("PageSize", "3")];
                    let second = page(client, &people.instance, pair, &more).await;
                    assert_numbered(&second, &expected, 2, 3, &what);
                }
            }
        }
    });
    join_all(tasks).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_filters_at_once_find_who_meets_all() {
    let server = Server::start().await;
    let people = People::settle(&server).await;
    let admin = server.administrator().eiam();
    // Those that hardly anybody meets would leave nobody for the others.
    let mut filters = people.filters();
    filters.retain(|filter| people.expected(&[filter]).len() > 5);
    // Not by chance, but without an order that means anything.
    let (mut found, mut at) = (0, 1);
    for round in 0..300 {
        let mut chosen: Vec<&Filter> = Vec::new();
        while chosen.len() < 3 + round % 3 {
            at = (at * 7_919 + 104_729) % 1_000_003;
            let filter = &filters[at % filters.len()];
            if chosen.iter().all(|other| other.name() != filter.name()) {
                chosen.push(filter);
            }
        }
        let what: Vec<String> = chosen.iter().map(|filter| format!("{:.100?}", filter.given)).collect();
        let what = what.join(" ");
        let expected = people.expected(&chosen);
        let more = [("PageNumber", "1"), ("PageSize", "4")];
        let numbered = page(&admin, &people.instance, &chosen, &more).await;
        assert_numbered(&numbered, &expected, 1, 4, &what);
        found += usize::from(!expected.is_empty());
    }
    assert!(found > 30, "some meet all of several conditions: {found}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_find_what_is_so_now() {
    let server = Server::start().await;
    let mut people = People::settle(&server).await;
    let admin = server.administrator().eiam();
    let call = async |action: &str, parameters: &[(&str, &str)]| {
        people.instance.ask(&admin, action, parameters).await;
    };

    for (at, user) in people.all.iter().enumerate().skip(1) {
        let id = ("UserId", user.user_id.as_str());
        server.pass(MINUTE);
        match at % 11 {
            0 => call("UpdateUser", &[id, ("Username", &format!("zoe_new{at}"))]).await,
            1 => call("UpdateUser", &[id, ("DisplayName", "张伟 and more")]).await,
            2 => {
                let address = format!("new{at}@example.com");
                call("UpdateUser", &[id, ("Email", &address), ("EmailVerified", "false")]).await;
            }
            3 => {
                let phone = [
                    id,
                    ("PhoneRegion", "852"),
                    ("PhoneNumber", &format!("139{at:08}")),
                    ("PhoneNumberVerified", "true"),
                ];
                call("UpdateUser", &phone).await;
            }
            4 => call("DeleteUser", &[id]).await,
            5 => call("DisableUser", &[id]).await,
            6 => call("EnableUser", &[id]).await,
            7 => {
                let unit = ("OrganizationalUnitId", people.units[at % 4].as_str());
                call("SetUserPrimaryOrganizationalUnit", &[id, unit]).await;
            }
            8 => {
                let unit = ("OrganizationalUnitIds.1", people.units[at % 5].as_str());
                call("AddUserToOrganizationalUnits", &[id, unit]).await;
            }
            9 => {
                let further = user.organizational_units.iter().find(|unit| !unit.primary);
                if let Some(unit) = further {
                    let unit = ("OrganizationalUnitIds.1", unit.organizational_unit_id.as_str());
                    call("RemoveUserFromOrganizationalUnits", &[id, unit]).await;
                }
            }
            _ => {
                let both = api::eds::ModifyUser {
                    end_user_id: user.username.clone(),
                    email: Some(format!("mail.{}@example.com", at - 1)),
                    phone: Some("13800000001".to_owned()),
                };
                admin.send(&both).await.expect("it can be changed");
            }
        }
    }
    people.look(&server).await;

    check_alone(&admin, &people).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_shows_of_a_user_what_get_user_shows_but_for_what_takes_more_rows() {
    let server = Server::start().await;
    let people = People::settle(&server).await;
    let admin = server.administrator().eiam();

    let page = page(&admin, &people.instance, &[], &[("PageSize", "100")]).await;

    let listed = page["Users"].as_array().expect("a list");
    assert_eq!(listed.len(), PEOPLE);
    for (listed, shown) in listed.iter().zip(&people.all[1..]) {
        let answer = people.instance.call(&admin, "GetUser", &[("UserId", &shown.user_id)]).await;
        let mut shown = told(&answer, &[])["User"].clone();
        let members = shown.as_object_mut().expect("an object");
        for more in ["PrimaryOrganizationalUnitId", "OrganizationalUnits", "Groups", "CustomFields"] {
            assert!(members.remove(more).is_some(), "{more}");
        }
        assert_eq!(*listed, shown);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_is_empty_is_none() {
    let server = Server::start().await;
    let people = People::settle(&server).await;
    let admin = server.administrator().eiam();
    let names = [
        "PageNumber",
        "PageSize",
        "NextToken",
        "MaxResults",
        "UserIds",
        "UsernameStartsWith",
        "DisplayNameStartsWith",
        "PhoneRegion",
        "PhoneNumber",
        "Email",
        "UserExternalId",
        "UserSourceId",
        "UserSourceType",
        "Status",
        "OrganizationalUnitId",
    ];
    let mut without = people.instance.ask(&admin, "ListUsers", &[]).await;
    without["RequestId"] = Value::Null;
    assert_eq!(total(&without), PEOPLE);

    let each = names.map(|name| vec![(name, "")]);
    for parameters in each.into_iter().chain([names.map(|name| (name, "")).to_vec()]) {
        let mut found = people.instance.ask(&admin, "ListUsers", &parameters).await;
        // Tokens of one moment may be the same; what they lead to is.
        found["RequestId"] = Value::Null;
        let (token, other) = (found["NextToken"].take(), without["NextToken"].clone());
        assert!(token.is_string() && other.is_string(), "{parameters:?}");
        let mut expected = without.clone();
        expected["NextToken"] = Value::Null;
        assert_eq!(found, expected, "{parameters:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_list_cannot_be_asked_is_refused_by_name() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::default_of(&admin).await;
    let other = Instance::make(&admin).await;
    instance.make_user(&admin, "alice").await;
    let group = instance.make_group(&admin, "group").await;
    let many: Vec<(String, &str)> = (1..=101).map(|n| (format!("UserIds.{n}"), NO_USER)).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, id)| (name.as_str(), *id)).collect();
    let long = "x".repeat(257);

    instance
        .refuses(
            &admin,
            "ListUsers",
            &[
                (&[("PageNumber", "0")], "400 InvalidParameter.PageNumber"),
                (&[("PageNumber", "-1")], "400 InvalidParameter.PageNumber"),
                (&[("PageNumber", "one")], "400 InvalidParameter.PageNumber"),
                (&[("PageNumber", "9223372036854775807")], "400 InvalidParameter.PageNumber"),
                (&[("PageSize", "0")], "400 InvalidParameter.PageSize"),
                (&[("PageSize", "101")], "400 InvalidParameter.PageSize"),
                (&[("PageSize", "1.5")], "400 InvalidParameter.PageSize"),
                (&[("MaxResults", "-1")], "400 InvalidParameter.MaxResults"),
                (&[("MaxResults", "101")], "400 InvalidParameter.MaxResults"),
                (&[("MaxResults", "many")], "400 InvalidParameter.MaxResults"),
                (&[("NextToken", "NT")], "400 InvalidParameter.NextToken"),
                (&[("NextToken", "2")], "400 InvalidParameter.NextToken"),
                (&[("NextToken", "张三")], "400 InvalidParameter.NextToken"),
                (&[("UserSourceType", "github")], "400 InvalidParameter.UserSourceType"),
                (&[("Status", "open")], "400 InvalidParameter.Status"),
                (&[("Status", "Enabled")], "400 InvalidParameter.Status"),
                (&many, "400 InvalidParameter.UserIds"),
                (&[("UserIds", "user_x")], "400 InvalidParameter.UserIds"),
                (&[("UsernameStartsWith", &long)], "400 InvalidParameter.UsernameStartsWith"),
                (&[("DisplayNameStartsWith", "a\nb")], "400 InvalidParameter.DisplayNameStartsWith"),
                (&[("PhoneRegion", &long)], "400 InvalidParameter.PhoneRegion"),
                (&[("PhoneNumber", &long)], "400 InvalidParameter.PhoneNumber"),
                (&[("Email", &long)], "400 InvalidParameter.Email"),
                (&[("UserExternalId", &long)], "400 InvalidParameter.UserExternalId"),
                (&[("UserSourceId", &long)], "400 InvalidParameter.UserSourceId"),
            ],
        )
        .await;
    for unit in [NO_UNIT, &*other.root, &*group, "org-aliyun-wy-org-id", "root", " "] {
        let expected = format!("404 ResourceNotFound.OrganizationalUnit {unit}");
        for more in [
            ("PageNumber", "1"),
            ("MaxResults", "1"),
            ("UserIds.1", NO_USER),
            ("UserSourceType", "ldap"),
            ("UserSourceId", "corp"),
            ("Status", "enable"),
        ] {
            let parameters = [("OrganizationalUnitId", unit), more];
            let fault = instance.call(&admin, "ListUsers", &parameters).await.fault();
            refused(&fault, &expected, &format!("{parameters:?}"));
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_superadmin_is_listed_only_by_id() {
    let server = Server::start().await;
    let admin = server.administrator().eiam();
    let instance = Instance::default_of(&admin).await;
    let id = superadmin(&server.home).await;
    assert_eq!(total(&instance.ask(&admin, "ListUsers", &[]).await), 0);
    instance.make_user(&admin, "superman").await;

    for (parameters, count) in [
        (&[("UsernameStartsWith", "super")][..], 1),
        (&[("OrganizationalUnitId", &instance.root)], 1),
        (&[("Status", "enabled")], 1),
        (&[("UserExternalId", &id)], 0),
        (&[("UserIds.1", &id)], 1),
        (&[("UserIds.1", &id), ("UsernameStartsWith", "superadmin")], 1),
        (&[("UserIds.1", &id), ("UsernameStartsWith", "superman")], 0),
        (&[("UserIds.1", &id), ("OrganizationalUnitId", &instance.root)], 1),
        (&[("UserIds.1", &id), ("Status", "disabled")], 0),
    ] {
        let page = instance.ask(&admin, "ListUsers", parameters).await;
        assert_eq!((total(&page), on(&page).len()), (count, count), "{parameters:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn which_parameters_come_decides_how_pages_are_turned() {
    let server = Server::start().await;
    let people = People::settle(&server).await;
    let admin = server.administrator().eiam();
    let token = people.instance.ask(&admin, "ListUsers", &[("MaxResults", "20")]).await;
    let token = token["NextToken"].as_str().expect("more follow");

    for (parameters, first, count, size) in [
        // By number: neither a token nor a size of pages by token.
        (&[("PageNumber", "1")][..], 0, 20, None),
        (&[("PageNumber", "2")], 20, 20, None),
        (&[("PageSize", "3")], 0, 3, None),
        (&[("PageNumber", "4"), ("PageSize", "20")], 60, 20, None),
        (&[("PageNumber", "5"), ("PageSize", "17")], 68, 12, None),
        (&[("PageNumber", "5")], 80, 0, None),
        (&[("PageNumber", "9007199254740991"), ("PageSize", "100")], 80, 0, None),
        // By token, whatever else comes.
        (&[], 0, 20, Some(20)),
        (&[("MaxResults", "0")], 0, 20, Some(20)),
        (&[("MaxResults", "3")], 0, 3, Some(3)),
        (&[("MaxResults", "100")], 0, 80, Some(100)),
        (&[("MaxResults", "3"), ("PageNumber", "2"), ("PageSize", "7")], 0, 3, Some(3)),
        (&[("NextToken", token)], 20, 20, Some(20)),
        (&[("NextToken", token), ("PageNumber", "1"), ("PageSize", "7")], 20, 20, Some(20)),
        (&[("NextToken", token), ("MaxResults", "7")], 20, 7, Some(7)),
        (&[("NextToken", token), ("MaxResults", "60")], 20, 60, Some(60)),
    ] {
        let page = people.instance.ask(&admin, "ListUsers", parameters).await;
        let expected: Vec<&str> =
            people.all[1..][first..first + count].iter().map(|user| user.user_id.as_str()).collect();
        assert_eq!((total(&page), on(&page)), (PEOPLE, expected), "{parameters:?}");
        assert_eq!(page["MaxResults"], json!(size), "{parameters:?}");
        let more = size.is_some() && first + count < PEOPLE;
        assert_eq!(page["NextToken"].is_string(), more, "{parameters:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_turn_forwards_and_backwards_and_show_everybody_once() {
    let server = Server::start().await;
    let people = People::settle(&server).await;
    let admin = server.administrator().eiam();
    let expected = people.expected(&[]);
    for size in [1, 7, 20, 33, 79, 80, 81, 100] {
        let count = PEOPLE.div_ceil(size);
        for order in [(1..=count + 1).collect::<Vec<_>>(), (1..=count).rev().collect()] {
            for number in order {
                let (number_text, size_text) = (number.to_string(), size.to_string());
                let more = [("PageNumber", number_text.as_str()), ("PageSize", size_text.as_str())];
                let page = page(&admin, &people.instance, &[], &more).await;
                assert_numbered(&page, &expected, number, size, &format!("{number} of {size}"));
            }
        }
        assert_eq!(walk(&admin, &people.instance, &[], size).await, expected, "{size}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_its_own_list_alone_and_for_a_day() {
    let server = Server::start().await;
    let people = People::settle(&server).await;
    let admin = server.administrator().eiam();
    let other = Instance::make(&admin).await;
    for name in ["a", "b", "c"] {
        other.make_user(&admin, name).await;
    }
    let token_of = async |instance: &Instance, parameters: &[(&str, &str)]| {
        let page = instance.ask(&admin, "ListUsers", parameters).await;
        page["NextToken"].as_str().unwrap_or_else(|| panic!("{parameters:?}: {page}")).to_owned()
    };
    let one = ("MaxResults", "1");
    let all = token_of(&people.instance, &[one]).await;
    let narrow = token_of(&people.instance, &[one, ("UsernameStartsWith", "ada")]).await;
    let foreign = token_of(&other, &[one]).await;
    let of_eds = server.administrator().call("DescribeUsers", &[("MaxResults", "1")]).await.json();
    let of_eds = of_eds["NextToken"].as_str().expect("more follow").to_owned();
    let with_prefix = format!("NT{of_eds}");

    let invalid = "400 InvalidParameter.NextToken";
    let refuses = async |parameters: &[(&str, &str)]| {
        let fault = people.instance.call(&admin, "ListUsers", parameters).await.fault();
        refused(&fault, invalid, &format!("{parameters:?}"));
    };
    for wrong in [&narrow, &foreign, &of_eds, &with_prefix] {
        refuses(&[("NextToken", wrong)]).await;
    }
    for condition in [
        ("UsernameStartsWith", "Ada"),
        ("DisplayNameStartsWith", "张"),
        ("PhoneRegion", "86"),
        ("PhoneNumber", "13800000001"),
        ("Email", "mail.4@example.com"),
        ("UserExternalId", "ext-1"),
        ("UserSourceType", "ldap"),
        ("UserSourceId", "corp"),
        ("Status", "disabled"),
        ("UserIds.1", &people.all[3].user_id),
        ("OrganizationalUnitId", &people.units[1]),
    ] {
        refuses(&[("NextToken", &all), condition]).await;
    }
    refuses(&[("NextToken", &narrow), ("UsernameStartsWith", "adam")]).await;
    refuses(&[("NextToken", &narrow), ("UsernameStartsWith", "ada"), ("Status", "enabled")]).await;
    // No letter of it can be another one.
    for at in (0..all.len()).step_by(5) {
        let mut altered = all.clone().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).expect("letters");
        refuses(&[("NextToken", &altered)]).await;
    }
    for cut in [&all[1..], &all[2..], &all[..all.len() - 1], &format!("{all}A"), &all.to_lowercase()] {
        refuses(&[("NextToken", cut)]).await;
    }

    // It outlives the server, and is good for a day.
    let server = server.restart().await;
    let admin = server.administrator().eiam();
    server.pass(DAY - MINUTE);
    for (token, condition, next) in
        [(&all, ("UsernameStartsWith", ""), 2), (&narrow, ("UsernameStartsWith", "ada"), 2)]
    {
        let page = people.instance.ask(&admin, "ListUsers", &[("NextToken", token), one, condition]).await;
        assert_eq!(on(&page), [people.all[next].user_id.as_str()], "{condition:?}");
    }
    server.pass(2 * MINUTE);
    let fault = people.instance.call(&admin, "ListUsers", &[("NextToken", &all)]).await.fault();
    refused(&fault, invalid, "a day later");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_removed_between_pages_is_missed_and_nobody_else_is() {
    let server = Server::start().await;
    let people = People::settle(&server).await;
    let admin = server.administrator().eiam();
    let ids: Vec<&str> = people.expected(&[]);
    let first = people.instance.ask(&admin, "ListUsers", &[("MaxResults", "20")]).await;
    assert_eq!(on(&first), ids[..20]);

    // The last one of the page, one before, and three who are still to come; one more comes at the end.
    let gone = [ids[19], ids[5], ids[20], ids[21], ids[79]];
    let removal = api::eiam::DeleteUsers { instance_id: people.instance.id.clone(), user_ids: texts(&gone) };
    admin.send(&removal).await.expect("they are there");
    let late = people.instance.make_user(&admin, "late").await;

    let (mut rest, mut token) = (Vec::new(), first["NextToken"].clone());
    while let Some(next) = token.as_str() {
        let more = [("MaxResults", "20"), ("NextToken", next)];
        let page = people.instance.ask(&admin, "ListUsers", &more).await;
        rest.extend(on(&page).into_iter().map(str::to_owned));
        token = page["NextToken"].clone();
    }
    let mut expected: Vec<&str> = ids[22..79].to_vec();
    expected.push(&late);
    assert_eq!(rest, expected);
    let page = people.instance.ask(&admin, "ListUsers", &[("PageNumber", "4")]).await;
    assert_eq!((total(&page), on(&page).len()), (76, 16));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_walks_while_others_are_made_meets_everybody_once_in_order() {
    let server = Server::start().await;
    let people = People::settle(&server).await;
    let before: Vec<&str> = people.expected(&[]);
    let (makers, walkers): (Vec<Client>, Vec<Client>) =
        (0..4).map(|_| (server.administrator().eiam(), server.administrator().eiam())).unzip();
    let more = 25;

    let making = join_all(makers.iter().enumerate().map(|(maker, client)| {
        let instance = &people.instance;
        async move {
            for at in 0..more {
                instance.make_user(client, &format!("ada_late_{maker}_{at}")).await;
            }
        }
    }));
    let walking = join_all(walkers.iter().enumerate().map(|(walker, client)| {
        let instance = &people.instance;
        async move {
            let mut walks = Vec::new();
            for _ in 0..4 {
                let (mut found, mut token) = (Vec::new(), String::new());
                loop {
                    let request = ListUsers {
                        max_results: i64::try_from(5 + walker).ok().and_then(|size| size.try_into().ok()),
                        next_token: Some(token),
                        status: (walker % 2 == 1).then_some(api::eiam::StatusFilter::Enabled),
                        ..instance.users()
                    };
                    let page = client.send(&request).await.expect("the call is right");
                    let total = usize::try_from(page.total_count).expect("few users");
                    assert!(total <= PEOPLE + 4 * more, "{total}");
                    found.extend(page.users);
                    let Some(next) = page.next_token else { break };
                    token = next;
                }
                walks.push(found);
            }
            walks
        }
    }));
    let (_, walks) = tokio::join!(making, walking);

    for (walker, walks) in walks.into_iter().enumerate() {
        let expected: Vec<&str> = people.all[1..]
            .iter()
            .filter(|user| walker % 2 == 0 || user.status == Status::Enabled)
            .map(|user| user.user_id.as_str())
            .collect();
        for walk in walks {
            let found: Vec<&str> = walk.iter().map(|user| user.user_id.as_str()).collect();
            assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), found.len(), "nobody comes twice");
            let old: Vec<&str> = found.iter().copied().filter(|id| before.contains(id)).collect();
            assert_eq!(old, expected, "everybody who was there comes, in order");
            assert!(walk.iter().skip(old.len()).all(|user| user.username.starts_with("ada_late_")));
        }
    }
    let everybody = list_users(&makers[0], &people.instance.users()).await;
    assert_eq!(everybody.len(), PEOPLE + 4 * more);
    server.stop().await;
}
