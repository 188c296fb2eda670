//! A directory that was removed leaves nothing behind: on SQLite and, where `ROSTER_TEST_DATABASE` names a server, on
//! PostgreSQL. The tables are read from the schema, so that none is forgotten.

use std::path::PathBuf;

use model::account::{Directory, ListedDirectory};
use model::text::{Description, DirectoryName};
use model::{AccountUid, DirectoryKey, Id, Millis, Number};
use rusqlite::Connection;
use store::{Place, Store, directories};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

const NOW: Millis = Millis(1_790_000_000_000);
const GONE: i64 = 1;
const OTHER: i64 = 2;

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_was_removed_leaves_nothing_behind_and_no_other_one_loses_anything() {
    let home = Home::open().await;
    let tables = home.tables().await;
    for table in &tables {
        for directory in [GONE, OTHER] {
            home.run(&table.row(directory)).await;
        }
    }
    let mut change = home.store.change();
    directories::remove(&mut change, directory(GONE).key, NOW).await.expect("it is removed");
    change.commit().await.expect("it is removed");

    let removed = directories::removed(&mut home.store.reader()).await.expect("a list");
    let mut steps = 0;
    for directory in &removed {
        while !home.clear(directory).await {
            steps += 1;
            assert!(steps < 100, "it never ends");
        }
    }

    for table in &tables {
        let count = |directory| {
            format!("select cast(count(*) as text) from {} where directory = {directory}", table.name)
        };
        let left = [home.run(&count(GONE)).await, home.run(&count(OTHER)).await];
        assert_eq!(left, [["0"], ["1"]], "{}", table.name);
    }
    assert!(tables.iter().any(|table| table.name == "user_texts"), "{} tables were seen", tables.len());
    assert_eq!(removed, [directory(GONE)]);
    assert!(directories::removed(&mut home.store.reader()).await.expect("a list").is_empty());
    let slot = directories::free_slot(&mut home.store.reader()).await.expect("a slot");
    assert_eq!(slot, Some(0), "its slot is free");
    home.close().await;
}

fn directory(number: i64) -> Directory {
    let id = Id::from_bits((number as u128) << 76);
    let slot = u16::try_from(number - 1).expect("a small number");
    let key = DirectoryKey { number: Number(number), slot };
    Directory { id, key, account: AccountUid(1), root: Number(1), is_default: false }
}

/// A table whose rows belong to a directory.
struct Table {
    name: String,
    /// The columns that must be filled, and whether they hold numbers.
    columns: Vec<(String, bool)>,
}

impl Table {
    /// A statement that adds a row, in which everything that can be 1 is 1: so rows of all tables belong together.
    fn row(&self, directory: i64) -> String {
        let value = |(name, is_number): &(String, bool)| match (name.as_str(), is_number) {
            ("directory", _) => directory.to_string(),
            // From a unit to itself.
            ("distance", _) => "0".to_owned(),
            (_, true) => "1".to_owned(),
            ("id", false) => format!("'{:032x}'", 1_u128 << 76),
            (_, false) => format!("'{directory}'"),
        };
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        let values: Vec<String> = self.columns.iter().map(value).collect();
        format!("insert into {} ({}) values ({})", self.name, names.join(", "), values.join(", "))
    }
}

/// A store with two directories, and another way to its tables.
struct Home {
    store: Store,
    engine: Engine,
    _folder: TempDir,
}

enum Engine {
    Sqlite(PathBuf),
    Postgres { server: String, name: String, client: Client },
}

impl Home {
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("roster.db");
        let server = std::env::var_os("ROSTER_TEST_DATABASE");
        let (place, engine) = match server.map(|server| server.into_string().expect("an address is text")) {
            None => (Place::File(file.clone()), Engine::Sqlite(file)),
            Some(server) => {
                let name = format!("roster_removed_{}", std::process::id());
                let url = format!("{}/{name}", server.rsplit_once('/').expect("a path").0);
                let create = format!("create database {name}");
                connect(&server).await.batch_execute(&create).await.expect("a database");
                let client = connect(&url).await;
                (Place::Url(url), Engine::Postgres { server, name, client })
            }
        };
        let store = Store::open(&place).await.expect("the store opens");
        let mut change = store.change();
        directories::insert_account(&mut change, AccountUid(1), "default", NOW).await.expect("an account");
        for number in [GONE, OTHER] {
            let listed = ListedDirectory {
                directory: directory(number),
                name: DirectoryName::default(),
                description: Description::default(),
                most_users: 0,
                created: NOW,
                updated: NOW,
            };
            directories::insert(&mut change, &listed).await.expect("a directory");
        }
        change.commit().await.expect("two directories");
        Self { store, engine, _folder: folder }
    }

    /// Runs a statement beside the store, and reads the first column of its rows.
    async fn run(&self, sql: &str) -> Vec<String> {
        match &self.engine {
            Engine::Sqlite(file) => {
                let connection = Connection::open(file).expect("the file opens");
                connection.pragma_update(None, "foreign_keys", true).expect("a setting");
                let mut statement = connection.prepare(sql).expect(sql);
                let rows = statement.query_map([], |row| row.get(0)).expect(sql);
                rows.collect::<Result<_, _>>().expect(sql)
            }
            Engine::Postgres { client, .. } => {
                let read = |message| match message {
                    SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                    _ => None,
                };
                client.simple_query(sql).await.expect(sql).into_iter().filter_map(read).collect()
            }
        }
    }

    /// The tables with a directory, in the order in which they were made, but those of the audit trail.
    async fn tables(&self) -> Vec<Table> {
        let columns = self
            .run(match &self.engine {
                Engine::Sqlite(_) => {
                    "select t.name || ' ' || c.name || ' ' || c.type from sqlite_master t
                     join pragma_table_info(t.name) c where t.type = 'table' and c.\"notnull\" = 1
                     order by t.rowid, c.cid"
                }
                Engine::Postgres { .. } => {
                    "select t.relname || ' ' || c.attname || ' ' || format_type(c.atttypid, null)
                     from pg_class t join pg_attribute c on c.attrelid = t.oid
                     where t.relnamespace = 'public'::regnamespace and t.relkind = 'r'
                     and c.attnum > 0 and c.attnotnull order by t.oid, c.attnum"
                }
            })
            .await;
        let mut tables: Vec<Table> = Vec::new();
        for column in columns {
            let mut parts = column.split(' ');
            let mut part = || parts.next().expect("three parts").to_owned();
            let (name, column, is_number) = (part(), part(), part() == "bigint");
            if tables.last().is_none_or(|last| last.name != name) {
                tables.push(Table { name, columns: Vec::new() });
            }
            tables.last_mut().expect("one was added").columns.push((column, is_number));
        }
        // A drive is a user's or a unit's, so that neither column must be filled.
        let drives = tables.iter_mut().find(|table| table.name == "drives").expect("there are drives");
        drives.columns.push(("user_number".to_owned(), true));
        tables.retain(|table| table.columns.iter().any(|(column, _)| column == "directory"));
        tables
    }

    /// One step of few rows; true after the last one.
    async fn clear(&self, directory: &Directory) -> bool {
        let mut change = self.store.change();
        let is_gone = directories::clear(&mut change, directory, 5).await.expect("a step");
        assert!(!change.wrote(), "what was recorded as removed is no change of a directory");
        change.commit().await.expect("a step");
        is_gone
    }

    async fn close(self) {
        self.store.close().await;
        if let Engine::Postgres { server, name, client } = self.engine {
            drop(client);
            let sql = format!("drop database {name} with (force)");
            connect(&server).await.batch_execute(&sql).await.expect("the database goes");
        }
    }
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the server answers");
    tokio::spawn(connection);
    client
}
