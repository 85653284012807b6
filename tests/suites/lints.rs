//! What a linter of Supabase projects would say about the schema, after the migrations of a project laid out like one of theirs.

use tests::lints::LINTS;
use tests::lints::volatile::Volatile;
use tests::stack::stack;
use tests::supabase;
use tokio_postgres::Client;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_linter_of_supabase_projects_finds_nothing() {
    let stack = stack().await;
    let name = supabase::migrated_project(stack).await;
    let client = stack.server.superuser(&name).await.expect("a connection");
    for lint in LINTS {
        let findings = async || {
            let rows = client.query(&lint.statement(), &[]).await;
            let rows = rows.unwrap_or_else(|error| panic!("{}: {error:?}", lint.name));
            rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(findings().await, "", "{}", lint.name);
        let (mutant, part) = lint.mutant;
        client.batch_execute(&format!("BEGIN; {mutant}")).await.unwrap_or_else(|error| panic!("{mutant}: {error:?}"));
        let found = findings().await;
        assert!(found.contains(part), "{}: {mutant} is not found: {found}", lint.name);
        client.batch_execute("ROLLBACK").await.expect("back");
    }
    println!("{} lints find nothing, and each finds its mutant", LINTS.len());
}

/// The functions that may not stand in a condition, as the server has them.
async fn volatile(client: &Client) -> Volatile {
    let names = async |schema: &str| {
        let sql = "SELECT DISTINCT proname::text FROM pg_proc WHERE provolatile = 'v' AND pronamespace = $1::text::regnamespace";
        let rows = client.query(sql, &[&schema]).await.expect("the functions");
        rows.iter().map(|row| row.get(0)).collect()
    };
    Volatile { builtin: names("pg_catalog").await, own: names("navigator").await }
}

/// Each condition of our functions, policies and constraints in which one is called.
async fn calls_in_conditions(client: &Client) -> Vec<String> {
    let volatile = volatile(client).await;
    let sql = "SELECT oid::regprocedure::text, prosrc FROM pg_proc WHERE pronamespace = 'navigator'::regnamespace
               UNION ALL
               SELECT format('policy %s on %s', policyname, tablename), concat('WHERE ', qual, ' AND ', with_check) FROM pg_policies
                WHERE schemaname = 'navigator'";
    let rows = client.query(sql, &[]).await.expect("the sources");
    assert!(rows.len() > 100, "the functions are looked at");
    rows.iter()
        .flat_map(|row| {
            let calls = volatile.in_conditions(row.get(1));
            calls.into_iter().map(|call| format!("{}: {call}", row.get::<_, String>(0))).collect::<Vec<_>>()
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_condition_calls_what_may_change_from_row_to_row() {
    let stack = stack().await;
    let client = stack.server.superuser(&stack.database().await).await.expect("a connection");
    assert_eq!(calls_in_conditions(&client).await, Vec::<String>::new());
    for (mutant, found) in [
        (
            "CREATE FUNCTION navigator.mutant() RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$ BEGIN
                 DELETE FROM navigator.outbox AS m WHERE m.finished_at < clock_timestamp() - interval '1 day'; END $$",
            "navigator.mutant(): clock_timestamp",
        ),
        (
            "CREATE FUNCTION navigator.mutant() RETURNS bigint LANGUAGE sql SET search_path = '' AS $$
                 SELECT count(*) FROM navigator.users AS u JOIN navigator.sessions AS s ON s.id = gen_random_uuid() $$",
            "navigator.mutant(): gen_random_uuid",
        ),
        (
            "CREATE FUNCTION navigator.mutant() RETURNS bigint LANGUAGE sql SET search_path = '' AS $$
                 SELECT count(*) FROM navigator.users AS u WHERE navigator.hit('login', u.email) IS NULL $$",
            "navigator.mutant(): hit",
        ),
        (
            "ALTER POLICY users_select ON navigator.users USING (updated_at < clock_timestamp())",
            "policy users_select on users: clock_timestamp",
        ),
    ] {
        client.batch_execute(&format!("BEGIN; {mutant}")).await.unwrap_or_else(|error| panic!("{mutant}: {error:?}"));
        assert_eq!(calls_in_conditions(&client).await, [found]);
        client.batch_execute("ROLLBACK").await.expect("back");
    }
}
