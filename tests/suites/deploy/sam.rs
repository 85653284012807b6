//! SAM's own judgement of the template, and one function in SAM's container where a Docker engine answers.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use launcher::workspace;
use serde_json::{Value, json};
use tests::binaries::{GLIBC_OF_THE_RUNTIME, glibc};
use tests::product::{binary, product};
use tests::python::Python;
use tests::sam::{command, said, tools};
use tests::template::POLICY_TEMPLATES;

/// Where a copy of template.yaml lies in which one text is another.
fn altered(from: &str, to: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let text = std::fs::read_to_string(workspace::root().join("template.yaml")).expect("template.yaml");
    assert!(text.contains(from), "template.yaml has no {from}");
    let folder = tests::stack::folder(&format!("template-{}", NEXT.fetch_add(1, Ordering::Relaxed)));
    let path = folder.join("template.yaml");
    std::fs::write(&path, text.replacen(from, to, 1)).expect("written");
    path
}

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
        let path = altered(from, to);
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

/// A folder with the function's `bootstrap`: what sam build made, or what the suite has built, when that runs on the runtime.
fn bootstrap() -> Result<PathBuf, String> {
    let built = workspace::root().join(".aws-sam/build/RegisterFunction");
    if built.join("bootstrap").is_file() {
        return Ok(built);
    }
    let own = binary("register");
    if glibc(&own).is_none_or(|version| version > GLIBC_OF_THE_RUNTIME) {
        return Err("this machine's glibc is newer than the runtime's; run: sam build".to_owned());
    }
    let folder = tests::stack::folder("bootstrap");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).expect("readable");
    std::fs::copy(own, folder.join("bootstrap")).expect("copied");
    Ok(folder)
}

fn sam_with_docker() -> Result<Python, String> {
    let docker = Command::new("docker").args(["info", "--format", "{{.ServerVersion}}"]).stdin(Stdio::null()).output();
    if !docker.is_ok_and(|output| output.status.success()) {
        return Err("no Docker engine answers".to_owned());
    }
    tools()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sam_local_invoke_registers_somebody() {
    const NAME: &str = "sam_local_invoke_registers_somebody";
    let (tools, code) = match sam_with_docker().and_then(|tools| Ok((tools, bootstrap()?))) {
        Ok(found) => found,
        Err(reason) => return tests::skip(NAME, &reason),
    };
    let product = product().await;
    let template = altered("CodeUri: functions/register", &format!("CodeUri: {}", code.display()));
    let mut environment = product.environment.clone();
    // Nothing asks for a secret where the environment has everything.
    environment.insert("APP_SECRET_ARN".to_owned(), String::new());
    let variables = template.with_file_name("env.json");
    std::fs::write(&variables, json!({ "Parameters": environment }).to_string()).expect("written");
    let (template, variables) = (template.display().to_string(), variables.display().to_string());
    let mut arguments = vec!["local", "invoke", "RegisterFunction", "-t", &template, "-n", &variables];
    arguments.extend(["-e", "tests/events/register.json", "--docker-network", "host"]);
    arguments.extend(["--parameter-overrides", "SecretArn=arn:aws:secretsmanager:us-east-1:000000000000:secret:none"]);
    // The image that is there is good enough; only where there is none is it pulled.
    let image = "public.ecr.aws/lambda/provided:al2023-x86_64";
    let present = Command::new("docker").args(["image", "inspect", image]).stdin(Stdio::null()).output();
    if present.is_ok_and(|output| output.status.success()) {
        arguments.push("--skip-pull-image");
    }
    let mut sam = command(&tools, "sam", &arguments);
    let output = tokio::task::spawn_blocking(move || sam.output().expect("sam")).await.expect("it ran");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let answer = text.lines().rev().find_map(|line| serde_json::from_str::<Value>(line).ok());
    let answer = answer.unwrap_or_else(|| panic!("no answer: {}", said(&output)));
    assert_eq!(answer["statusCode"], 201, "{}", said(&output));
    assert_eq!(product.count("SELECT count(*) FROM navigator.users").await, 1);
}
