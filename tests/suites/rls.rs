//! Row-level security: what everybody can do to every table is what rls_matrix.txt says, and each policy is needed for it.

use std::collections::BTreeSet;

use tests::rls::tables::{TABLES, Table};
use tests::rls::{Cell, Cells, IDENTITIES, Identity, differences, measure, prepare, read};
use tests::stack::stack;
use tokio_postgres::{Client, Row};

const MATRIX: &str = include_str!("rls_matrix.txt");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_cell_of_table_verb_and_identity_is_as_written() {
    let client = prepared().await;
    let sql = "SELECT relname::text FROM pg_class WHERE relnamespace = 'navigator'::regnamespace \
                AND relkind NOT IN ('i', 'I', 'S', 't', 'c')";
    let tables: BTreeSet<String> = client.query(sql, &[]).await.expect("tables").iter().map(|row| row.get(0)).collect();
    let described: BTreeSet<String> = TABLES.iter().map(|table| table.name.to_owned()).collect();
    assert_eq!(tables, described, "every table has rows to measure");
    client.batch_execute("BEGIN").await.expect("a transaction");
    let found = measure(&client, &TABLES.iter().collect::<Vec<_>>(), &IDENTITIES).await;
    let different: Vec<String> = differences(&read(MATRIX), &found).into_iter().map(|(_, line)| line).collect();
    assert!(different.is_empty(), "{} of {} cells differ:\n{}", different.len(), found.len(), different.join("\n"));
    println!("{} cells of {} tables are as written", found.len(), TABLES.len());
}

/// A change of one table, and what it must be noticed by.
struct Mutant {
    table: &'static Table,
    sql: String,
    /// Verbs of which the cells may change; others stay.
    verbs: Vec<&'static str>,
    /// Who is asked: whom a policy is for, or everybody.
    identities: Vec<(&'static str, Identity)>,
    /// A grant before both: the condition is a second wall, and only without the first is it seen.
    grant: Option<String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_policy_dropped_or_altered_is_named_by_a_cell() {
    let database = prepared_database().await;
    let client = superuser(&database).await;
    let sql = "SELECT tablename::text, policyname::text, cmd, qual, with_check, array_to_string(roles, ',') \
                 FROM pg_policies WHERE schemaname = 'navigator' ORDER BY 1, 2";
    let policies = client.query(sql, &[]).await.expect("policies");
    let mutants: Vec<Mutant> = policies.iter().flat_map(of_policy).chain(TABLES.iter().flat_map(of_table)).collect();
    assert!(policies.len() > 80 && mutants.len() > 2 * policies.len() - 20, "{} {}", policies.len(), mutants.len());
    let expected = read(MATRIX);
    let mut unnoticed = Vec::new();
    for mutant in &mutants {
        let noticed = mutant.noticed_by(&database, &expected).await;
        if let Some((_, line)) = noticed.iter().find(|(cell, _)| !mutant.verbs.contains(&cell.verb.as_str())) {
            panic!("{}: what it does not touch changes: {line}", mutant.sql);
        }
        let names_its_cell = |(cell, line): &(Cell, String)| {
            [mutant.table.name, &cell.verb, &cell.identity].iter().all(|word| line.contains(word))
        };
        if noticed.is_empty() || !noticed.iter().all(names_its_cell) {
            unnoticed.push(mutant.sql.as_str());
        }
    }
    assert!(unnoticed.is_empty(), "{} mutants are not noticed:\n{}", unnoticed.len(), unnoticed.join("\n"));
    println!("{} mutants of {} policies and {} tables are noticed", mutants.len(), policies.len(), TABLES.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_functions_role_cannot_become_another() {
    let stack = stack().await;
    let url = stack.server.api_url(stack.server.port(), &stack.database().await);
    let client = ops::database::connect(&url, Some(stack.server.ca_pem())).await.expect("a connection");
    for role in
        ["navigator_owner", "navigator_auth", "navigator_audit", "navigator_sweep", "navigator_operator", "postgres"]
    {
        let error = client.batch_execute(&format!("SET ROLE {role}")).await.expect_err(role);
        assert_eq!(error.code().map(tokio_postgres::error::SqlState::code), Some("42501"), "{role}");
    }
    let count = client.query_one("SELECT count(*) FROM pg_auth_members WHERE member = 'navigator_api'::regrole", &[]);
    assert_eq!(count.await.expect("a count").get::<_, i64>(0), 0);
}

/// The policy is dropped; each of its conditions, and both, say nothing any more.
fn of_policy(row: &Row) -> Vec<Mutant> {
    let (name, policy, verb): (String, String, String) = (row.get(0), row.get(1), row.get(2));
    let (using, check): (Option<String>, Option<String>) = (row.get(3), row.get(4));
    let table = TABLES.iter().find(|table| table.name == name).expect("a table that is described");
    let verbs = match verb.as_str() {
        "SELECT" => vec!["SELECT"],
        "INSERT" => vec!["INSERT"],
        "UPDATE" => vec!["UPDATE", "GIVE"],
        "DELETE" => vec!["DELETE"],
        "ALL" => vec!["SELECT", "INSERT", "UPDATE", "GIVE", "DELETE"],
        other => panic!("{other}"),
    };
    let is_narrow = |condition: &Option<String>| condition.as_ref().is_some_and(|text| text != "true");
    let mut changes = vec![format!("DROP POLICY {policy} ON navigator.{name}")];
    let mut alter = |what: &str| changes.push(format!("ALTER POLICY {policy} ON navigator.{name} {what}"));
    if is_narrow(&using) {
        alter("USING (true)");
    }
    if is_narrow(&using) && is_narrow(&check) {
        alter("USING (true) WITH CHECK (true)");
    }
    let role: String = row.get(5);
    let identities: Vec<_> = IDENTITIES.into_iter().filter(|(_, identity)| identity.role() == role).collect();
    assert!(!identities.is_empty(), "{policy} is for {role}, whom nobody acts as");
    let mutant = |(sql, grant)| Mutant { table, sql, verbs: verbs.clone(), identities: identities.clone(), grant };
    let mut mutants: Vec<Mutant> = changes.into_iter().map(|sql| mutant((sql, None))).collect();
    if is_narrow(&check) {
        let give = |(column, _)| format!("GRANT UPDATE ({column}) ON navigator.{name} TO {role}");
        let grant = table.owner.filter(|_| verb == "UPDATE").map(give);
        mutants.push(mutant((format!("ALTER POLICY {policy} ON navigator.{name} WITH CHECK (true)"), grant)));
    }
    mutants
}

fn of_table(table: &'static Table) -> [Mutant; 2] {
    ["DISABLE ROW LEVEL SECURITY", "NO FORCE ROW LEVEL SECURITY"].map(|what| Mutant {
        table,
        sql: format!("ALTER TABLE navigator.{} {what}", table.name),
        verbs: vec!["SELECT", "INSERT", "UPDATE", "GIVE", "DELETE"],
        identities: IDENTITIES.to_vec(),
        grant: None,
    })
}

impl Mutant {
    /// The cells that are not as written, with a line about each.
    async fn noticed_by(&self, database: &str, written: &Cells) -> Vec<(Cell, String)> {
        let is_asked = |cell: &Cell| {
            cell.table == self.table.name && self.identities.iter().any(|(name, _)| *name == cell.identity)
        };
        let written: Cells =
            written.iter().filter(|(cell, _)| is_asked(cell)).map(|(cell, is)| (cell.clone(), is.clone())).collect();
        let Some(grant) = &self.grant else {
            return differences(&written, &self.cells_after(database, &self.sql).await);
        };
        let granted = self.cells_after(database, grant).await;
        for (cell, line) in differences(&written, &granted) {
            assert!(cell.verb == "GIVE" && granted[&cell] == "none", "{grant} is enough: {line}");
        }
        differences(&granted, &self.cells_after(database, &format!("{grant}; {}", self.sql)).await)
    }

    /// The cells after a change that is taken back.
    async fn cells_after(&self, database: &str, change: &str) -> Cells {
        // A session of its own: the setting must not have been used.
        let client = superuser(database).await;
        client.batch_execute(&format!("BEGIN; {change}")).await.expect(change);
        measure(&client, &[self.table], &self.identities).await
    }
}

async fn prepared() -> Client {
    superuser(&prepared_database().await).await
}

async fn prepared_database() -> String {
    let database = stack().await.database().await;
    prepare(&superuser(&database).await).await;
    database
}

async fn superuser(database: &str) -> Client {
    stack().await.server.superuser(database).await.expect("a connection")
}
