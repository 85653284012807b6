//! Who can do what to which rows, found by doing it: the cells of the matrix of row-level security.
//!
//! Invariants: a cell is measured by a statement that really runs and is taken back; whatever fails for another reason than a
//! missing right or a policy fails the measurement; a statement of which more than the cell's right is asked proves nothing, so
//! each reads no more than it must.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use tokio_postgres::{Client, Error};

use tables::{TABLES, Table};

pub mod tables;

/// Two people, by id.
pub const PEOPLE: [&str; 2] = ["00000000-0000-4000-8000-000000000a0a", "00000000-0000-4000-8000-000000000b0b"];
/// A role that has been granted nothing but the way into the schema, so that the tables themselves are asked.
pub const STRANGER: &str = "rls_stranger";

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identity {
    /// The functions' role, for a person that is known: the first or the second.
    Person(usize),
    /// The functions' role after another transaction used the setting: it is '' then.
    Unset,
    /// The functions' role in a session that never used the setting.
    Fresh,
    /// A role, as it is.
    Role(&'static str),
    /// The owner, if its own policy were not there: FORCE binds it.
    Bound,
}

impl Identity {
    /// The database's role.
    pub fn role(self) -> &'static str {
        match self {
            Self::Person(_) | Self::Unset | Self::Fresh => "navigator_api",
            Self::Role(role) => role,
            Self::Bound => "navigator_owner",
        }
    }
}

/// Everybody, as the matrix names them. Whoever has to come before the setting is used comes first.
pub const IDENTITIES: [(&str, Identity); 11] = [
    ("fresh", Identity::Fresh),
    ("unset", Identity::Unset),
    ("ana", Identity::Person(0)),
    ("ben", Identity::Person(1)),
    ("auth", Identity::Role("navigator_auth")),
    ("audit", Identity::Role("navigator_audit")),
    ("sweep", Identity::Role("navigator_sweep")),
    ("operator", Identity::Role("navigator_operator")),
    ("stranger", Identity::Role(STRANGER)),
    ("owner", Identity::Role("navigator_owner")),
    ("bound", Identity::Bound),
];

/// What is done.
pub const VERBS: [&str; 6] = ["SELECT", "INSERT", "UPDATE", "GIVE", "DELETE", "TRUNCATE"];

/// A table, a verb and an identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// The table.
    pub table: String,
    /// One of [`VERBS`]; GIVE is an UPDATE that makes a row somebody else's.
    pub verb: String,
    /// A name of [`IDENTITIES`].
    pub identity: String,
}

impl fmt::Display for Cell {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} of {} as {}", self.verb, self.table, self.identity)
    }
}

/// What is found in each cell: `-` (no right), `none`, `own`, `all`, or the kind of rows.
pub type Cells = BTreeMap<Cell, String>;

/// Reads a matrix: a line that names the identities, then a line for each table and verb.
pub fn read(text: &str) -> Cells {
    let mut lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let header: Vec<&str> = lines.next().expect("a header").split_whitespace().skip(2).collect();
    let mut cells = Cells::new();
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words.len(), header.len() + 2, "{line}");
        for (identity, found) in header.iter().zip(&words[2..]) {
            let cell = Cell { table: words[0].to_owned(), verb: words[1].to_owned(), identity: (*identity).to_owned() };
            assert!(cells.insert(cell, (*found).to_owned()).is_none(), "twice: {line}");
        }
    }
    cells
}

/// Every cell of which two matrices differ, one a line.
pub fn differences(expected: &Cells, found: &Cells) -> Vec<(Cell, String)> {
    let all: BTreeSet<&Cell> = expected.keys().chain(found.keys()).collect();
    let absent = || "no such cell".to_owned();
    let different = all.into_iter().filter(|cell| expected.get(cell) != found.get(cell)).map(|cell| {
        let (should, is) =
            (expected.get(cell).cloned().unwrap_or_else(absent), found.get(cell).cloned().unwrap_or_else(absent));
        (cell.clone(), format!("{cell}: should be {should}, is {is}"))
    });
    different.collect()
}

/// Two people with a row of each kind in every table that has people, and a row in every other; and the stranger.
pub async fn prepare(client: &Client) {
    let stranger = format!(
        "DO $$ BEGIN CREATE ROLE {STRANGER} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$; \
         GRANT USAGE ON SCHEMA navigator TO {STRANGER}"
    );
    client.batch_execute(&stranger).await.expect("a stranger");
    for table in TABLES.iter().filter(|table| table.name != "audit_log") {
        for (_, insert) in candidates(table) {
            let sql = format!("INSERT INTO navigator.{} {insert} ON CONFLICT DO NOTHING", table.name);
            client.batch_execute(&sql).await.expect(table.name);
        }
    }
    for subject in [format!("'{}'", PEOPLE[0]), format!("'{}'", PEOPLE[1]), "NULL".to_owned()] {
        let sql =
            format!("SELECT navigator.audit_write({subject}, NULL, {subject}, 'history.read', 'c', 'ok', NULL)::text");
        client.batch_execute(&sql).await.expect("recorded");
    }
}

/// Finds the cells of these tables and identities. The client has all rights, is in a transaction, and has not used the setting
/// before.
pub async fn measure(client: &Client, tables: &[&Table], identities: &[(&str, Identity)]) -> Cells {
    let mut cells = Cells::new();
    for &(name, identity) in identities {
        for table in tables {
            for verb in VERBS.iter().filter(|verb| **verb != "GIVE" || table.owner.is_some()) {
                let cell = Cell { table: table.name.to_owned(), verb: (*verb).to_owned(), identity: name.to_owned() };
                let found = Attempt { client, table, identity, cell: &cell }.run().await;
                cells.insert(cell, found);
            }
        }
        if identity == Identity::Fresh {
            let sql = "SELECT current_setting('app.user_id', true) IS NULL";
            assert!(client.query_one(sql, &[]).await.expect("a setting").get::<_, bool>(0), "the session is not fresh");
        }
    }
    cells
}

/// What became of a statement.
enum Outcome {
    NoRight,
    Policy,
    Done,
    OtherTable,
}

/// One cell under measurement.
struct Attempt<'a> {
    client: &'a Client,
    table: &'a Table,
    identity: Identity,
    cell: &'a Cell,
}

impl Attempt<'_> {
    async fn run(&self) -> String {
        match self.cell.verb.as_str() {
            "SELECT" => self.select().await,
            "INSERT" => self.insert().await,
            "TRUNCATE" => self.truncate().await,
            _ => self.change().await,
        }
    }

    async fn select(&self) -> String {
        let universe = self.rows().await;
        self.begin("").await;
        let result = self.client.query(&self.rows_sql(), &[]).await;
        self.back().await;
        match result {
            Ok(rows) => self.name(&universe, &rows.iter().map(|row| row.get(0)).collect()),
            Err(error) => {
                let Outcome::NoRight = self.judge(&error) else { panic!("{}: {error:?}", self.cell) };
                // No column at all, then.
                self.begin("").await;
                let counted = self.client.batch_execute(&format!("SELECT count(*) FROM {}", self.table())).await;
                self.back().await;
                assert!(counted.is_err(), "{}: the key cannot be read, but rows can be counted", self.cell);
                "-".to_owned()
            }
        }
    }

    async fn insert(&self) -> String {
        let (mut accepted, mut universe, mut refusals) = (BTreeSet::new(), BTreeSet::new(), 0);
        for (key, insert) in candidates(self.table) {
            // A place for the row; nothing that belongs to the one in it goes with it.
            let make_room = format!(
                "SET LOCAL session_replication_role = replica; DELETE FROM {} WHERE ({})::text = '{key}'; \
                 SET LOCAL session_replication_role = origin",
                self.table(),
                self.table.key
            );
            self.begin(&make_room).await;
            match self.statement(&format!("INSERT INTO {} {insert}", self.table())).await {
                Outcome::Done => drop(accepted.insert(key.clone())),
                Outcome::NoRight => refusals += 1,
                Outcome::Policy => {}
                Outcome::OtherTable => panic!("{}", self.cell),
            }
            self.back().await;
            universe.insert(key);
        }
        if refusals > 0 {
            assert_eq!(refusals, universe.len(), "{}", self.cell);
            return "-".to_owned();
        }
        self.name(&universe, &accepted)
    }

    async fn truncate(&self) -> String {
        let universe = self.rows().await;
        for how in ["", " CASCADE"] {
            self.begin("").await;
            let outcome = self.statement(&format!("TRUNCATE {}{how}", self.table())).await;
            let left = if matches!(outcome, Outcome::Done) { self.rows().await } else { BTreeSet::new() };
            self.back().await;
            match outcome {
                Outcome::Done => return self.name(&universe, &universe.difference(&left).cloned().collect()),
                Outcome::NoRight => return "-".to_owned(),
                Outcome::OtherTable if how.is_empty() => {}
                Outcome::OtherTable | Outcome::Policy => panic!("{}", self.cell),
            }
        }
        unreachable!("the second way ends it")
    }

    /// UPDATE, GIVE and DELETE: rows are told apart by where they lie, not by what the identity can read.
    async fn change(&self) -> String {
        let table = self.table();
        // Foreign keys are no matter of rights.
        let mut before = "SET LOCAL session_replication_role = replica".to_owned();
        let statement = match self.cell.verb.as_str() {
            "DELETE" => format!("DELETE FROM {table}"),
            "UPDATE" => {
                let (column, value) = self.table.update;
                format!("UPDATE {table} SET {column} = {value}")
            }
            _ => {
                let (column, value) = self.table.owner.expect("an owner");
                let taker = if self.identity == Identity::Person(1) { PEOPLE[0] } else { PEOPLE[1] };
                let value = value.replace("{id}", taker);
                before += &format!("; DELETE FROM {table} WHERE {column}::text = '{value}'");
                format!("UPDATE {table} SET {column} = '{value}'")
            }
        };
        self.all_rights(&before).await;
        let places = self.places().await;
        self.act().await;
        let outcome = self.statement(&statement).await;
        let found = match outcome {
            Outcome::NoRight => "-".to_owned(),
            Outcome::Policy => "none".to_owned(),
            Outcome::OtherTable => panic!("{}", self.cell),
            Outcome::Done => {
                let left = self.places().await;
                let touched = places.iter().filter(|(place, _)| !left.contains_key(*place));
                self.name(&places.values().cloned().collect(), &touched.map(|(_, key)| key.clone()).collect())
            }
        };
        self.back().await;
        if found == "-" && self.cell.verb == "UPDATE" {
            self.expect_no_right_to_update().await;
        }
        found
    }

    /// An UPDATE that is refused must have asked for the least that can be allowed.
    async fn expect_no_right_to_update(&self) {
        let role = self.identity.role();
        let sql = format!("SELECT has_any_column_privilege('{role}', '{}', 'UPDATE')", self.table());
        let may: bool = self.client.query_one(&sql, &[]).await.expect("a right").get(0);
        assert!(!may, "{}: it may update, but not the column of the table's `update`", self.cell);
    }

    /// The statements before, with all rights; then the identity.
    async fn begin(&self, before: &str) {
        self.all_rights(before).await;
        self.act().await;
    }

    async fn all_rights(&self, before: &str) {
        let sql = format!("SAVEPOINT cell; {before}");
        self.client.batch_execute(&sql).await.unwrap_or_else(|error| panic!("{}: {sql}: {error:?}", self.cell));
    }

    async fn act(&self) {
        let user = |id: &str| format!("SELECT set_config('app.user_id', '{id}', true);");
        let first = match self.identity {
            Identity::Person(index) => user(PEOPLE[index]),
            Identity::Unset => user(""),
            Identity::Fresh | Identity::Role(_) => String::new(),
            Identity::Bound => format!("DROP POLICY IF EXISTS {}_owner ON {};", self.table.name, self.table()),
        };
        let sql = format!("{first} SET LOCAL ROLE {}", self.identity.role());
        self.client.batch_execute(&sql).await.unwrap_or_else(|error| panic!("{}: {sql}: {error:?}", self.cell));
    }

    async fn back(&self) {
        self.client.batch_execute("ROLLBACK TO SAVEPOINT cell; RELEASE SAVEPOINT cell").await.expect("back");
    }

    /// A statement of the identity; after it, all rights again.
    async fn statement(&self, sql: &str) -> Outcome {
        match self.client.batch_execute(sql).await {
            Ok(()) => {
                self.client.batch_execute("RESET ROLE").await.expect("all rights");
                Outcome::Done
            }
            Err(error) => self.judge(&error),
        }
    }

    fn judge(&self, error: &Error) -> Outcome {
        let db = error.as_db_error().unwrap_or_else(|| panic!("{}: {error:?}", self.cell));
        let denied = format!("permission denied for table {}", self.table.name);
        let policy = format!("new row violates row-level security policy for table \"{}\"", self.table.name);
        match (db.code().code(), db.message()) {
            ("42501", message) if message == denied => Outcome::NoRight,
            ("42501", message) if message == policy => Outcome::Policy,
            ("0A000", message) if message.starts_with("cannot truncate a table referenced") => Outcome::OtherTable,
            (code, message) => panic!("{} fails for another reason: {code} {message}", self.cell),
        }
    }

    async fn rows(&self) -> BTreeSet<String> {
        let rows = self.client.query(&self.rows_sql(), &[]).await.expect("rows");
        rows.iter().map(|row| row.get(0)).collect()
    }

    fn rows_sql(&self) -> String {
        format!("SELECT ({})::text FROM {}", self.table.key, self.table())
    }

    /// Where each row lies.
    async fn places(&self) -> BTreeMap<String, String> {
        let sql = format!("SELECT t.ctid::text, ({})::text FROM {} AS t", self.table.key, self.table());
        let rows = self.client.query(&sql, &[]).await.expect("rows");
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    fn table(&self) -> String {
        format!("navigator.{}", self.table.name)
    }

    /// Which of the rows these are.
    fn name(&self, universe: &BTreeSet<String>, touched: &BTreeSet<String>) -> String {
        assert!(!universe.is_empty(), "{}: there are no rows", self.cell);
        let keys = |people: &[&str], kind: Option<&str>| -> BTreeSet<String> {
            let kinds = self.table.rows.iter().filter(|row| kind.is_none_or(|kind| kind == row.name));
            kinds.flat_map(|row| people.iter().map(|id| row.key.replace("{id}", id))).collect()
        };
        if touched.is_empty() {
            return "none".to_owned();
        }
        if let (Identity::Person(index), Some(_)) = (self.identity, self.table.owner)
            && *touched == keys(&PEOPLE[index..=index], None)
        {
            return "own".to_owned();
        }
        if touched == universe {
            return "all".to_owned();
        }
        let mut kinds = self.table.rows.iter().map(|row| row.name);
        kinds
            .find(|kind| *touched == keys(&PEOPLE, Some(kind)))
            .map_or_else(|| format!("{touched:?}"), ToOwned::to_owned)
    }
}

/// Key, columns and values of every row that the table's description makes.
fn candidates(table: &Table) -> Vec<(String, String)> {
    let people = if table.owner.is_some() { &PEOPLE[..] } else { &PEOPLE[..1] };
    let rows = table
        .rows
        .iter()
        .flat_map(|row| people.iter().map(|id| (row.key.replace("{id}", id), row.insert.replace("{id}", id))));
    rows.collect()
}
