//! Two accounts, calls of everything that is declared, and what the answers and rows tell of the one that did not call.

use std::sync::atomic::{AtomicU64, Ordering};

use api::coverage::Declared;
use gate::Api;
use serde_json::{Value, json};

use crate::support::{Answer, Home, Server, Tenant, Thing, text};
use crate::tenants_tables::{Table, What};

/// What the names of the account begin with that calls.
pub(crate) const OWN_MARK: &str = "aardvark";
/// The same of the other one.
pub(crate) const OTHER_MARK: &str = "zebra";

/// A call of what is declared, as an account makes it.
pub(crate) struct Calls<'a> {
    /// The door.
    pub(crate) api: &'a Api,
    /// What is called.
    pub(crate) declared: &'a Declared,
    /// What its parameters are.
    pub(crate) table: &'static Table,
    /// The account.
    pub(crate) own: &'a Tenant,
}

impl Calls<'_> {
    /// What a parameter is.
    pub(crate) fn what(&self, parameter: &str) -> Option<What> {
        self.table.what(self.declared.name(), parameter)
    }

    /// Door, action and parameter.
    pub(crate) fn named(&self, parameter: &str) -> String {
        format!("{} {}.{parameter}", self.api.door, self.declared.name())
    }

    /// The kind of id that a parameter takes, if it takes one.
    pub(crate) fn thing(&self, parameter: &str) -> Option<Thing> {
        match self.what(parameter)? {
            What::Id(thing) | What::Ids(thing) | What::New(thing) | What::News(thing) => Some(thing),
            What::Items | What::Object | What::Cursor | What::Mark => None,
            What::Text(_) | What::Number(_) | What::Plain | What::Apart => None,
        }
    }

    /// Parameters that are right, with `value` in one place.
    pub(crate) fn parameters(&self, place: &str, value: &Value) -> Value {
        let names: Vec<&str> = self.declared.parameters().collect();
        let mut parameters = self.inside("", &names, (place, value));
        if let Some(beside) = self.table.beside.iter().find(|beside| beside.parameter == place) {
            let members = parameters.as_object_mut().expect("an object");
            members.retain(|name, _| !beside.without.contains(&name.as_str()));
            members.extend(beside.with.iter().map(|(name, text)| ((*name).to_owned(), json!(text))));
        }
        parameters
    }

    fn inside(&self, prefix: &str, names: &[&str], (place, value): (&str, &Value)) -> Value {
        let mut members = serde_json::Map::new();
        for name in names {
            let Some(own) = name.strip_prefix(prefix).filter(|own| !own.contains('.')) else { continue };
            let below = format!("{name}.");
            let is_meant = *name == place || place.starts_with(&below);
            let is_needed = self.declared.requires(name) || self.table.also(self.declared.name(), name);
            if !is_meant && !is_needed {
                continue;
            }
            let filled = |thing| if *name == place { value.clone() } else { self.own.thing(thing).clone() };
            let what = self.what(name).unwrap_or_else(|| panic!("{} is in no table", self.named(name)));
            members.insert(
                own.to_owned(),
                match what {
                    What::Id(thing) => filled(thing),
                    What::Ids(thing) => json!([filled(thing)]),
                    What::New(Thing::TakenUser) if *name != place => fresh(),
                    What::New(thing) => filled(thing),
                    What::News(thing) => json!([filled(thing)]),
                    What::Items => json!([self.inside(&below, names, (place, value))]),
                    What::Object => self.inside(&below, names, (place, value)),
                    What::Text(text) => json!(text),
                    What::Number(number) => json!(number),
                    What::Cursor | What::Mark => value.clone(),
                    What::Plain | What::Apart => panic!("{} has to be there", self.named(name)),
                },
            );
        }
        Value::Object(members)
    }

    /// Whether a call with this id makes something of this name.
    pub(crate) fn makes(&self, parameter: &str) -> bool {
        matches!(self.what(parameter), Some(What::New(_) | What::News(_)))
    }

    /// Calls it.
    pub(crate) async fn call(&self, parameters: &Value) -> Answer {
        let is_personal = self.table.personal.contains(&self.declared.name());
        let caller = if is_personal { &self.own.person } else { &self.own.agent };
        caller.call(self.api, self.declared, parameters).await
    }
}

/// A name that nothing has.
fn fresh() -> Value {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    json!(format!("fresh{:08}", NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// Everything that is declared, as an account calls it.
pub(crate) fn everything<'a>(server: &'a Server, own: &'a Tenant) -> impl Iterator<Item = Calls<'a>> {
    server.surface().apis.iter().flat_map(move |api| {
        let table = Table::of(api.door);
        api.declared.iter().map(move |declared| Calls { api, declared, table, own })
    })
}

/// What an answer may call what was asked for: by the whole, or where that is an ARN by its last name.
fn names_in(asked: &Value) -> Vec<String> {
    let whole = asked.as_str().map_or_else(|| asked.to_string(), str::to_owned);
    let last = whole.rsplit_once('/').filter(|_| whole.starts_with("acs:")).map(|(_, last)| last.to_owned());
    [Some(whole), last].into_iter().flatten().collect()
}

/// An answer without what is another one each time: the request, ids and times that are made, and the id that was asked
/// for, which stands as `<id>`.
pub(crate) fn blotted(answer: &Answer, asked: &Value) -> String {
    let mut body = answer.text();
    for header in ["x-acs-request-id", "x-ca-request-id"] {
        let id = answer.header(header);
        if !id.is_empty() {
            body = body.replace(id, "<request>");
        }
    }
    let body = names_in(asked).iter().fold(body, |body, name| body.replace(name, "<id>"));
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.:+/=".contains(c);
    let mut words = String::new();
    for word in body.split_inclusive(|c: char| !is_part(c)) {
        let (word, end) = word.split_at(word.rfind(is_part).map_or(0, |last| last + 1));
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let is_made = word.len() >= 20 && digits > 0 || word.len() >= 8 && digits >= 3;
        words.push_str(if is_made { "#" } else { word });
        words.push_str(end);
    }
    format!("{} {words}", answer.status)
}

/// What somebody who reads the answer learns of an account.
pub(crate) fn learnt(answer: &Answer, of: &Tenant, asked: &Value) -> Vec<String> {
    let body = names_in(asked).iter().fold(answer.text(), |body, name| body.replace(name, ""));
    let texts =
        of.things.values().map(|thing| thing.as_str().map_or_else(|| thing.to_string(), str::to_owned));
    let mut words: Vec<String> = texts.chain([of.mark.to_owned(), of.uid.to_string()]).collect();
    words.retain(|word| !word.is_empty() && body.contains(word));
    words
}

/// All rows that belong to an account or to a directory of it, but when its keys were last used.
pub(crate) async fn rows(home: &Home, account: i64) -> Vec<String> {
    let (list, columns) = if home.is_shared() {
        (
            "select string_agg(distinct table_name, ',') from information_schema.columns
             where table_schema = current_schema() and column_name in ('account', 'directory')",
            "select string_agg(column_name, ',' order by column_name) from information_schema.columns
             where table_schema = current_schema() and table_name = '$'",
        )
    } else {
        (
            "select group_concat(name, ',') from sqlite_master where type = 'table' and exists
                 (select 1 from pragma_table_info(sqlite_master.name) as c where c.name in ('account', 'directory'))",
            "select group_concat(name, ',') from pragma_table_info('$')",
        )
    };
    let mut rows = Vec::new();
    let tables = text(home, list).await;
    for table in tables.split(',').filter(|table| *table != "seals") {
        let columns = text(home, &columns.replace('$', table)).await;
        let columns: Vec<&str> =
            columns.split(',').filter(|column| !matches!(*column, "used" | "used_door")).collect();
        let whose = if columns.contains(&"account") {
            format!("account = {account}")
        } else {
            format!("directory in (select number from directories where account = {account})")
        };
        let whole: Vec<String> =
            columns.iter().map(|column| format!("coalesce(cast({column} as text), '-')")).collect();
        let line = whole.join(" || '|' || ");
        let joined = if home.is_shared() {
            format!(
                "select coalesce(string_agg(line, chr(10) order by line), '') from (select {line} as line from {table} where {whose}) as t"
            )
        } else {
            format!(
                "select coalesce(group_concat(line, char(10)), '') from (select {line} as line from {table} where {whose} order by 1)"
            )
        };
        rows.extend(text(home, &joined).await.lines().map(|line| format!("{table}: {line}")));
    }
    assert!(rows.len() > 100, "{} rows", rows.len());
    rows
}

/// Two accounts, and what is the other one's.
pub(crate) async fn both(server: &Server) -> (Tenant, Tenant, Vec<String>) {
    let own = Tenant::first(server, OWN_MARK).await;
    let other = Tenant::another(server, OTHER_MARK).await;
    server.pass(1_000);
    let rows = rows(&server.home, other.uid).await;
    (own, other, rows)
}

/// Nothing of an account has changed.
pub(crate) async fn is_as_before(server: &Server, other: &Tenant, before: &[String]) {
    let after = rows(&server.home, other.uid).await;
    let gone: Vec<&String> = before.iter().filter(|row| !after.contains(row)).collect();
    let come: Vec<&String> = after.iter().filter(|row| !before.contains(row)).collect();
    assert!(gone.is_empty() && come.is_empty(), "gone: {gone:#?}\ncome: {come:#?}");
}
