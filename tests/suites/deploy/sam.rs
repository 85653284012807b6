//! SAM's own judgement of the template.

use std::process::Command;

use serde_json::{Value, json};
use tests::sam::{command, said, tools};
use tests::template::{POLICY_TEMPLATES, altered};

#[test]
fn sam_and_its_linter_find_nothing_in_the_template() {
    let tools = match tools() {
        Ok(tools) => tools,
        Err(reason) => return tests::skip("sam_and_its_linter_find_nothing_in_the_template", &reason),
    };
    let lint = command(&tools, "cfn-lint", &["template.yaml"]).output().expect("cfn-lint");
    assert!(lint.status.success() && said(&lint).trim().is_empty(), "cfn-lint: {}", said(&lint));
    // Its stage says that it lints.
    let validate = command(&tools, "sam", &["validate", "--config-env", "production"]).output().expect("sam");
    assert!(validate.status.success(), "sam validate: {}", said(&validate));
    for (from, to) in [("MemorySize: 512", "MemorySize: 64"), ("!Ref RegisterLog", "!Ref RegisterLogs")] {
        let path = altered(&[(from, to)]);
        let lint = command(&tools, "cfn-lint", &[&path.display().to_string()]).output().expect("cfn-lint");
        assert!(!lint.status.success(), "{to} is not found");
    }
}

#[test]
fn sams_policy_templates_allow_what_the_suite_believes() {
    let tools = match tools() {
        Ok(tools) => tools,
        Err(reason) => return tests::skip("sams_policy_templates_allow_what_the_suite_believes", &reason),
    };
    let program = "import samtranslator.policy_templates_data as data; print(data.POLICY_TEMPLATES_FILE)";
    let output = Command::new(tools.program()).args(["-c", program]).output().expect("python");
    let path = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}, {}", said(&output)));
    let templates: Value = serde_json::from_str(&text).expect("JSON");
    for (name, action, parameter) in POLICY_TEMPLATES {
        let statements = templates["Templates"][name]["Definition"]["Statement"].as_array().expect("statements");
        assert_eq!(statements.len(), 1, "{name}");
        assert_eq!(statements[0]["Action"], json!([action]), "{name}");
        let resource = statements[0]["Resource"]["Fn::Sub"].as_array().expect("a text and its variables");
        let (variable, value) =
            resource[1].as_object().and_then(|variables| variables.iter().next()).expect("a variable");
        assert_eq!(resource[0], format!("${{{variable}}}"), "{name}: the resource is the parameter itself");
        assert_eq!(value["Ref"], parameter, "{name}");
    }
}
