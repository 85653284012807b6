//! The lists that must agree: routes in four places, statements and the schema, dependencies and their absence.

use std::collections::BTreeSet;
use std::process::Command;

use launcher::workspace::root;
use ops::host::RouteTable;
use shared::db::Statement;
use tests::contract::operations;
use tests::stack::stack;

#[test]
fn the_routes_of_the_contract_the_template_the_local_host_and_the_code_are_the_same() {
    let contract: BTreeSet<(String, String)> = operations().into_iter().collect();
    let table = RouteTable::of_workspace().expect("the table");
    let local: BTreeSet<_> = table.entries().map(|(method, path, _)| (method.to_owned(), path.to_owned())).collect();
    let code: BTreeSet<_> =
        shared::http::ROUTES.iter().map(|route| (route.method.to_owned(), route.path.to_owned())).collect();
    assert_eq!(contract, local);
    assert_eq!(contract, code);
    let template = template_routes();
    let deployed: BTreeSet<_> = template.iter().map(|(method, path, _)| (method.clone(), path.clone())).collect();
    assert_eq!(contract, deployed);
    let functions: BTreeSet<_> = table.entries().map(|(m, p, f)| (m.to_owned(), p.to_owned(), f.to_owned())).collect();
    assert_eq!(template, functions);
}

/// Method, path and binary of every event of template.yaml. CloudFormation's short tags are no YAML that a schema-less
/// reader accepts, so they are read as plain words.
fn template_routes() -> BTreeSet<(String, String, String)> {
    let text = std::fs::read_to_string(root().join("template.yaml"))
        .expect("template.yaml")
        .replace("!Ref ", "")
        .replace("!Sub ", "");
    let template: serde_json::Value = serde_yaml_ng::from_str(&text).expect("YAML");
    let mut routes = BTreeSet::new();
    for resource in template["Resources"].as_object().expect("resources").values() {
        let binary = resource["Metadata"]["BuildProperties"]["Binary"].as_str().unwrap_or_default();
        for event in resource["Properties"]["Events"].as_object().into_iter().flat_map(serde_json::Map::values) {
            let properties = &event["Properties"];
            if let (Some(method), Some(path)) = (properties["Method"].as_str(), properties["Path"].as_str()) {
                routes.insert((method.to_owned(), path.to_owned(), binary.to_owned()));
            }
        }
    }
    routes
}

#[test]
fn every_problem_code_is_known_to_be_stable() {
    let codes: Vec<&str> = shared::http::Code::ALL.iter().map(|code| code.as_str()).collect();
    let changelog = std::fs::read_to_string(root().join("README.md")).expect("README.md");
    for code in codes {
        assert!(changelog.contains(&format!("`{code}`")), "README.md does not explain the code {code}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_statement_fits_the_migrated_schema() {
    let stack = stack().await;
    let database = stack.database().await;
    let client = stack.server.superuser(&database).await.expect("a connection");
    let statements: Vec<&Statement> = [
        &shared::accounts::STATEMENTS[..],
        &shared::conversations::STATEMENTS[..],
        &shared::readiness::STATEMENTS[..],
        &shared::regulatory::STATEMENTS[..],
        &shared::workflow::STATEMENTS[..],
    ]
    .concat();
    for statement in statements {
        let prepared =
            client.prepare(statement.sql).await.unwrap_or_else(|error| panic!("{}: {error}", statement.name));
        assert_eq!(prepared.params(), statement.parameters, "{}", statement.name);
        for column in prepared.columns() {
            assert!(column.type_().oid() < 16_384, "{}: {} has a type of its own", statement.name, column.name());
        }
    }
}

#[test]
fn functions_without_models_link_no_model_client_no_pdf_reader_and_no_object_store() {
    for function in ["login", "register", "history"] {
        let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["tree", "--prefix", "none", "--edges", "normal", "-p", function])
            .current_dir(root())
            .output()
            .expect("cargo tree");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let tree = String::from_utf8_lossy(&output.stdout).into_owned();
        for foreign in
            ["reqwest", "genai", "lopdf", "object_store", "aws-sdk-s3", "aws-sdk-bedrockruntime", "async-openai"]
        {
            assert!(!tree.lines().any(|line| line.starts_with(&format!("{foreign} v"))), "{function} links {foreign}");
        }
        let bytes = std::fs::read(tests::product::binary(function)).expect("the binary");
        for mark in [&b"reqwest/"[..], b"lopdf", b"bedrock-runtime"] {
            assert!(
                !bytes.windows(mark.len()).any(|window| window == mark),
                "{function} holds {}",
                String::from_utf8_lossy(mark)
            );
        }
    }
}
