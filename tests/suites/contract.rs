//! The lists that must agree: routes in four places, statements and the schema, dependencies and their absence.

use std::collections::BTreeSet;
use std::process::Command;

use launcher::workspace::root;
use ops::host::RouteTable;
use shared::workflow::RunStatus;
use tests::contract::operations;
use tests::stack::stack;
use tests::template::Template;

#[test]
fn the_routes_of_the_contract_the_template_the_local_host_and_the_code_are_the_same() {
    let contract: BTreeSet<(String, String)> = operations().into_iter().collect();
    let table = RouteTable::of_workspace().expect("the table");
    let local: BTreeSet<_> = table.entries().map(|(method, path, _)| (method.to_owned(), path.to_owned())).collect();
    let code: BTreeSet<_> =
        shared::http::ROUTES.iter().map(|route| (route.method.to_owned(), route.path.to_owned())).collect();
    assert_eq!(contract, local);
    assert_eq!(contract, code);
    let template = Template::read().routes();
    let deployed: BTreeSet<_> = template.iter().map(|(method, path, _)| (method.clone(), path.clone())).collect();
    assert_eq!(contract, deployed);
    let functions: BTreeSet<_> = table.entries().map(|(m, p, f)| (m.to_owned(), p.to_owned(), f.to_owned())).collect();
    assert_eq!(template, functions);
}

#[test]
fn every_problem_code_is_known_to_be_stable() {
    let codes: Vec<&str> = shared::http::Code::ALL.iter().map(|code| code.as_str()).collect();
    let document = std::fs::read_to_string(root().join("docs/api.md")).expect("docs/api.md");
    for code in codes {
        assert!(document.contains(&format!("`{code}`")), "docs/api.md does not list the code {code}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_statement_fits_the_migrated_schema() {
    let stack = stack().await;
    let database = stack.database().await;
    let client = stack.server.superuser(&database).await.expect("a connection");
    let statements = tests::contract::statements();
    for statement in statements {
        let prepared =
            client.prepare(statement.sql).await.unwrap_or_else(|error| panic!("{}: {error}", statement.name));
        assert_eq!(prepared.params(), statement.parameters, "{}", statement.name);
        for column in prepared.columns() {
            assert!(column.type_().oid() < 16_384, "{}: {} has a type of its own", statement.name, column.name());
        }
    }
}

/// The longest SQL function body, in lines: a longer one does two things.
const MOST_LINES: i32 = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_sql_function_is_longer_than_a_page() {
    let stack = stack().await;
    let client = stack.server.superuser(&stack.database().await).await.expect("a connection");
    let sql = "SELECT p.proname::text AS name, array_length(string_to_array(btrim(p.prosrc, E'\\n'), E'\\n'), 1) AS lines \
               FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'navigator' ORDER BY 2 DESC";
    let rows = client.query(sql, &[]).await.expect("the functions");
    let lengths: Vec<(String, i32)> = rows.iter().map(|row| (row.get("name"), row.get("lines"))).collect();
    assert!(lengths.iter().any(|(name, _)| name == "turn_begin"), "{lengths:?}");
    let longest = &lengths[0];
    println!("the longest: {longest:?}");
    assert!(longest.1 <= MOST_LINES, "{longest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_statuses_of_a_run_are_the_same_in_the_code_the_schema_and_the_contract() {
    let stack = stack().await;
    let client = stack.server.superuser(&stack.database().await).await.expect("a connection");
    let words = async |constraint: &str| {
        let sql = format!("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = '{constraint}'");
        let text: String = client.query_one(&sql, &[]).await.expect("the constraint").get(0);
        text.split('\'').skip(1).step_by(2).map(ToOwned::to_owned).collect::<BTreeSet<String>>()
    };
    let code: BTreeSet<String> = RunStatus::ALL.iter().map(|status| status.as_str().to_owned()).collect();
    assert_eq!(words("workflow_states_status_check").await, code);
    let contract = |pointer: &str| -> BTreeSet<String> {
        let values = tests::contract::OPENAPI.pointer(pointer).and_then(serde_json::Value::as_array).expect("an enum");
        values.iter().map(|value| value.as_str().expect("a word").to_owned()).collect()
    };
    // Nothing is shown of a conversation in which nothing was asked.
    let mut shown = contract("/components/schemas/Run/properties/status/enum");
    shown.insert("idle".to_owned());
    assert_eq!(shown, code);
    let accepted = contract("/components/schemas/Accepted/properties/workflow/properties/status/enum");
    let answered = contract("/components/schemas/Answer/properties/workflow/properties/status/enum");
    let requests = words("workflow_requests_status_check").await;
    let over = requests.iter().filter(|status| !matches!(status.as_str(), "queued" | "running")).cloned().collect();
    assert_eq!((answered, accepted), (over, ["queued", "waiting"].map(ToOwned::to_owned).into()));
}

#[test]
fn the_drawn_states_of_a_run_are_the_listed_ones() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let drawing = text.split("stateDiagram-v2").nth(1).and_then(|rest| rest.split("```").next()).expect("a diagram");
    let mut drawn = BTreeSet::new();
    for line in drawing.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "[*] --> idle") {
        let (edge, functions) = line.split_once(": ").unwrap_or_else(|| panic!("an edge without a label: {line}"));
        let (from, to) = edge.split_once(" --> ").unwrap_or_else(|| panic!("no edge: {line}"));
        for function in functions.split(", ") {
            assert!(drawn.insert((from, to, function)), "drawn twice: {line}");
        }
    }
    let listed: BTreeSet<_> =
        RunStatus::TRANSITIONS.iter().map(|(from, to, function)| (from.as_str(), to.as_str(), *function)).collect();
    assert_eq!(listed.len(), RunStatus::TRANSITIONS.len(), "listed twice");
    assert_eq!(drawn, listed);
}

#[test]
fn what_is_deployed_has_no_stand_in() {
    // `{f}` is every feature that is on; the edges of `--edges features` leave out what the root's own features switch on.
    let features_of_shared = |arguments: &[&str]| -> Vec<String> {
        let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["tree", "--prefix", "none", "--edges", "normal", "--format", "{p} {f}"])
            .args(arguments)
            .current_dir(root())
            .output()
            .expect("cargo tree");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let tree = String::from_utf8_lossy(&output.stdout).into_owned();
        let shared = tree.lines().find(|line| line.starts_with("shared v")).expect("shared");
        shared.rsplit(' ').next().expect("a word").split(',').map(ToOwned::to_owned).collect()
    };
    let testing = "testing".to_owned();
    for function in launcher::workspace::FUNCTIONS {
        let features = features_of_shared(&["-p", function]);
        assert!(features.contains(&"aws".to_owned()), "{function}: {features:?}");
        assert!(!features.contains(&testing), "{function} is deployed with the stand-in");
    }
    assert!(features_of_shared(&["-p", "navigator", "--features", "navigator/testing"]).contains(&testing));
    // template.yaml builds with the default features, and asks for no others.
    let template = std::fs::read_to_string(root().join("template.yaml")).expect("template.yaml");
    assert!(!template.contains("testing") && !template.contains("NAVIGATOR_STAND_IN"), "template.yaml");
}

#[test]
fn only_navigator_and_resume_link_model_clients_and_none_a_pdf_reader_or_an_object_store() {
    // As they are deployed, each alone; the tests' build links them together.
    let tree_of = |function: &str| {
        let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["tree", "--prefix", "none", "--edges", "normal", "-p", function])
            .current_dir(root())
            .output()
            .expect("cargo tree");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let links = |tree: &str, name: &str| tree.lines().any(|line| line.starts_with(&format!("{name} v")));
    for function in launcher::workspace::FUNCTIONS {
        let (tree, asks) = (tree_of(function), ["navigator", "resume"].contains(&function));
        for client in ["genai", "reqwest", "aws-sdk-bedrockruntime"] {
            assert_eq!(links(&tree, client), asks, "{function}, {client}");
        }
        for foreign in ["lopdf", "object_store", "async-openai"] {
            assert!(!links(&tree, foreign), "{function} links {foreign}");
        }
        assert_eq!(links(&tree, "aws-sdk-s3"), function == "archive", "{function}");
    }
}
