//! What a linter of Supabase projects would say about the schema, after the migrations of a project laid out like one of theirs.

use tests::lints::LINTS;
use tests::stack::stack;
use tests::supabase;

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
