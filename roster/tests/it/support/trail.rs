//! The audit trail as tests look at it.

use access::audit::{self, Findings, Head, INSTALLATION, Round};
use access::{Permit, Scope, Task};
use model::Millis;
use roster::house::{self, Open};

use super::server::Home;
use super::words_users::{execute, number, text};

/// What the trail is made of, each table with its key.
pub(crate) const TABLES: [(&str, &str); 5] = [
    ("events", "id"),
    ("event_facts", "event"),
    ("seals", "n"),
    ("seal_segments", "number"),
    ("unsealed", "event"),
];

/// The trail of a home whose server has stopped, or runs.
pub(crate) struct Trail<'a> {
    pub(crate) home: &'a Home,
    pub(crate) open: Open,
}

impl<'a> Trail<'a> {
    pub(crate) async fn of(home: &'a Home) -> Self {
        Self { home, open: house::open(&home.serve.house, false).await.expect("the house opens") }
    }

    /// Verifies it.
    pub(crate) async fn verify(&self, heads: &[Head]) -> Findings {
        let keyring = self.open.tools.keys.now();
        audit::verify(&self.open.store, &keyring, heads).await.expect("it is looked at")
    }

    /// Verifies it: nothing is wrong.
    pub(crate) async fn is_whole(&self, heads: &[Head]) -> Findings {
        let found = self.verify(heads).await;
        assert_eq!(found.wrong, Vec::<String>::new());
        found
    }

    /// Where it has come to.
    pub(crate) async fn head(&self) -> Head {
        audit::head(&self.open.store).await.expect("it is read").expect("something was sealed")
    }

    /// Cuts off what was closed more than so many days before `at`.
    pub(crate) async fn cut(&self, days: i64, at: Millis) {
        let permit = Permit::system(Task::KeepAudit, Scope::Account(INSTALLATION), at);
        let round = || audit::cut(&self.open.store, &self.open.tools, days, &permit);
        while round().await.expect("a round is made") != Round::Idle {}
    }

    /// Keeps a copy of it, called `name`.
    pub(crate) async fn copy(&self, name: &str) {
        for (table, _) in TABLES {
            execute(self.home, &format!("create table {name}_{table} as select * from {table}")).await;
        }
    }

    /// Puts a copy back.
    pub(crate) async fn restore(&self, name: &str) {
        let all: String = TABLES
            .iter()
            .map(|(table, _)| {
                format!("delete from {table}; insert into {table} select * from {name}_{table};")
            })
            .collect();
        execute(self.home, &all).await;
    }

    /// The columns of a table, each with whether it holds numbers.
    pub(crate) async fn columns(&self, table: &str) -> Vec<(String, bool)> {
        let question = if self.home.is_shared() {
            format!(
                "select string_agg(column_name || ' ' || data_type, ',') from information_schema.columns
                 where table_name = '{table}'"
            )
        } else {
            format!("select group_concat(name || ' ' || type, ',') from pragma_table_info('{table}')")
        };
        let columns = text(self.home, &question).await;
        let split = |column: &str| {
            let (name, kind) = column.split_once(' ').expect("a name and a type");
            (name.to_owned(), kind.eq_ignore_ascii_case("bigint"))
        };
        columns.split(',').map(split).collect()
    }

    /// The keys of some rows of a table: the first, one in the middle, the last, as SQL has them.
    pub(crate) async fn some_rows(&self, table: &str, key: &str) -> Vec<String> {
        let count = number(self.home, &format!("select count(*) from {table}")).await;
        let mut keys = Vec::new();
        for at in [0, count / 2, count - 1] {
            let quoted = format!("'''' || {key} || ''''");
            let question = format!("select {quoted} from {table} order by {key} limit 1 offset {at}");
            keys.push(text(self.home, &question).await);
        }
        keys.dedup();
        keys
    }
}
