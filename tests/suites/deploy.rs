//! What is deployed: template.yaml and samconfig.toml against what the functions are and need.

mod binaries;
mod containers;
mod documents;
mod events;
mod local;
mod roots;
mod sam;

use std::collections::{BTreeMap, BTreeSet};

use launcher::workspace;
use serde_json::{Value, json};
use shared::telemetry::metrics::{Metric, NAMESPACE};
use tests::template::{Permission, SWITCH, Template, reserved, stages};

/// Condition, action, and the parameter that names the resource.
type Allowed = (&'static str, &'static str, &'static str);

const SECRET: Allowed = ("", "secretsmanager:GetSecretValue", "SecretArn");
const MODEL: Allowed = ("AsksBedrock", "bedrock:InvokeModel", "BedrockModelArn");
const MAIL: Allowed = ("SendsMail", "ses:SendEmail", "MailIdentityArn");

/// What a function may do beyond reading the secret; `archive` has one of its own.
const MORE: [(&str, &[Allowed]); 2] = [("navigator", &[MODEL]), ("resume", &[MODEL, MAIL])];
const OWN_SECRET: Allowed = ("Archives", "secretsmanager:GetSecretValue", "ArchiveSecretArn");
const FILES: &str = "arn:${AWS::Partition}:s3:::${ArchiveBucket}/conversations/*";
const ARCHIVE: [Allowed; 4] = [
    OWN_SECRET,
    ("Archives", "s3:PutObject", FILES),
    ("Archives", "s3:GetObject", FILES),
    ("Archives", "s3:DeleteObject", FILES),
];

/// What the gateway writes of a request: nothing of what somebody asked, from where or with what.
const LOGGED: [&str; 9] = [
    "$context.requestTime",
    "$context.requestId",
    "$context.routeKey",
    "$context.status",
    "$context.responseLatency",
    "$context.integrationLatency",
    "$context.integration.status",
    "$context.integrationErrorMessage",
    "$context.error.responseType",
];

fn reference(name: &str) -> Value {
    json!({ "Ref": name })
}

#[test]
fn each_function_may_do_what_it_needs_and_nothing_else() {
    let more = BTreeMap::from(MORE);
    for (binary, function) in Template::read().functions() {
        let allowed = match binary {
            "archive" => ARCHIVE.to_vec(),
            _ => [&[SECRET], more.get(binary).copied().unwrap_or_default()].concat(),
        };
        let allowed: BTreeSet<Permission> = allowed
            .iter()
            .map(|(condition, action, resource)| Permission {
                condition: (*condition).to_owned(),
                action: (*action).to_owned(),
                resource: (*resource).to_owned(),
            })
            .collect();
        assert_eq!(function.permissions(), allowed, "{binary}");
    }
}

#[test]
fn every_function_has_a_log_an_alias_a_size_a_time_and_limits_of_its_own() {
    let template = Template::read();
    let functions = template.functions();
    let names: BTreeSet<&str> = functions.keys().copied().collect();
    assert_eq!(names, workspace::FUNCTIONS.into_iter().collect());
    let logs = template.resources("AWS::Logs::LogGroup");
    let alarms = template.resources("AWS::CloudWatch::Alarm");
    let absent = reference("AWS::NoValue");
    for (binary, function) in &functions {
        let stem = function.id.strip_suffix("Function").expect("…Function");
        assert_eq!(stem.to_lowercase(), **binary);
        let logging = function.property("LoggingConfig");
        assert_eq!(logging, json!({ "LogFormat": "JSON", "LogGroup": reference(&format!("{stem}Log")) }), "{binary}");
        let retention = if *binary == "resume" { "AnchorRetentionDays" } else { "LogRetentionDays" };
        let log = logs[format!("{stem}Log").as_str()];
        assert_eq!(log["Properties"]["RetentionInDays"], reference(retention), "{binary}");
        assert_eq!(function.property("AutoPublishAlias"), "live", "{binary}");
        assert_eq!(function.property("AutoPublishAliasAllProperties"), true, "{binary}");
        assert_eq!(function.property("Tracing"), "Active", "{binary}");
        assert_eq!(function.property("Architectures"), json!([reference("Architecture")]), "{binary}");
        let memory = function.property("MemorySize").as_u64().expect("MiB");
        assert!((256..=1_769).contains(&memory), "{binary}: {memory}");
        let hashes = ["register", "login", "session"].contains(binary);
        assert_eq!(memory == 1_769, hashes, "{binary}: a whole processor is for passwords");
        // The gateway waits for 30 s, and the schedule comes again after 60; nobody waits for an archive.
        let most = match *binary {
            "resume" => 60,
            "archive" => 901,
            _ => 30,
        };
        assert!(function.property("Timeout").as_u64().expect("seconds") < most, "{binary}");
        let reserved = json!([format!("Reserves{stem}"), reference(&format!("{stem}Concurrency")), absent]);
        assert_eq!(function.property("ReservedConcurrentExecutions"), json!({ "Fn::If": reserved }), "{binary}");
        let condition = &template.section("Conditions")[&format!("Reserves{stem}")];
        let is_zero = json!({ "Fn::Equals": [reference(&format!("{stem}Concurrency")), "0"] });
        let both = json!([{ "Condition": "Reserves" }, { "Fn::Not": [is_zero] }]);
        assert_eq!(condition, &json!({ "Fn::And": both }), "{binary}");
        let back = [reference(&format!("{stem}Errors")), reference("GatewayErrors")];
        let deployment =
            json!({ "Type": reference("DeploymentType"), "Alarms": { "Fn::If": ["IsMonitored", back, [absent]] } });
        assert_eq!(function.property("DeploymentPreference"), deployment, "{binary}");
        let errors = &alarms[format!("{stem}Errors").as_str()]["Properties"];
        assert_eq!((&errors["Namespace"], &errors["MetricName"]), (&json!("AWS/Lambda"), &json!("Errors")), "{binary}");
        let alias = json!({ "Fn::Sub": format!("${{{}}}:live", function.id) });
        let dimensions = json!([{ "Name": "FunctionName", "Value": reference(function.id) }, { "Name": "Resource", "Value": alias }]);
        assert_eq!(errors["Dimensions"], dimensions, "{binary}");
        let output = template.section("Outputs").get(&format!("{stem}FunctionName")).map(|output| &output["Value"]);
        assert_eq!(output, Some(&reference(function.id)), "{binary}");
    }
}

#[test]
fn the_functions_answer_cross_origin_requests_themselves() {
    let template = Template::read();
    for (binary, function) in template.functions() {
        let variables = &function.property("Environment")["Variables"];
        assert_eq!(variables["CORS_ALLOWED_ORIGINS"], reference("CorsAllowedOrigins"), "{binary}");
        let secret = if binary == "archive" { "ArchiveSecretArn" } else { "SecretArn" };
        assert_eq!(variables["APP_SECRET_ARN"], reference(secret), "{binary}");
    }
    for (id, api) in template.resources("AWS::Serverless::HttpApi") {
        assert!(api["Properties"]["CorsConfiguration"].is_null(), "{id} would answer in their place");
    }
    // What the template accepts is what the functions accept.
    let pattern = template.section("Parameters")["CorsAllowedOrigins"]["AllowedPattern"].as_str().expect("a pattern");
    let schema = json!({ "type": "string", "pattern": pattern });
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for (text, is_list) in [
        ("", true),
        ("https://a.example", true),
        ("https://a.example,http://localhost:8080", true),
        ("https://*.example", false),
        ("*", false),
        ("https://a.example/", false),
        ("a.example", false),
    ] {
        assert_eq!(validator.is_valid(&json!(text)), is_list, "{text}");
        assert_eq!(shared::http::AllowedOrigins::parse(text).is_ok(), is_list, "{text}");
    }
}

/// What AWS keeps unreserved of an account's quota.
const UNRESERVED: u64 = 100;

#[test]
fn nothing_is_reserved_unasked_and_then_the_connections_of_two_versions_fit_the_pooler() {
    let template = Template::read();
    let mut stages = stages(&template);
    let names: Vec<&str> = stages.keys().map(String::as_str).collect();
    assert_eq!(names, ["default", "production", "staging"]);
    stages.insert("no stage".to_owned(), template.defaults());
    let switched = json!({ "Fn::Equals": [reference(SWITCH), "on"] });
    assert_eq!(template.section("Conditions")["Reserves"], switched);
    let read = |path: &str| std::fs::read_to_string(workspace::root().join(path)).expect("a file");
    let (config, guide) = (read("samconfig.toml"), read("docs/deploy.md"));
    for (stage, parameters) in &stages {
        // A new account's quota is 10: a stack that reserves anything would fail there.
        assert_eq!(parameters[SWITCH], "off", "{stage}");
        let reserving = parameters.keys().filter(|name| name.ends_with("Concurrency") && *name != SWITCH).count();
        assert_eq!(reserving, workspace::FUNCTIONS.len(), "{stage}");
        let sum = reserved(parameters).unwrap_or_else(|name| panic!("{stage}: {name} is without bound"));
        let accepted: u64 = parameters["PoolerMaxClients"].parse().expect("a number");
        println!("{stage}: {sum} environments, {} of {accepted} connections, a quota of {}", 2 * sum, sum + UNRESERVED);
        assert!(2 * sum <= accepted, "{stage}: {} connections, and the pooler accepts {accepted}", 2 * sum);
        // The sum is said where somebody turns it on.
        if stage == "no stage" {
            let said = template.section("Parameters")[SWITCH]["Description"].as_str().expect("a description");
            assert!(
                said.contains(&format!("{sum} in all")) && said.contains(&format!("{}", sum + UNRESERVED)),
                "{said}"
            );
        } else {
            assert!(
                config.contains(&format!("{stage} {sum}")),
                "samconfig.toml does not say that {stage} reserves {sum}"
            );
            let row = format!("| `{stage}` | {sum} | {} |", sum + UNRESERVED);
            assert!(guide.contains(&row), "docs/deploy.md has no row {row}");
        }
        let is_gradual = parameters["DeploymentType"] != "AllAtOnce";
        assert!(!is_gradual || parameters["Monitoring"] == "on", "{stage}: nothing would take a deployment back");
    }
    assert_ne!(stages["production"]["DeploymentType"], "AllAtOnce");
    assert_eq!(stages["production"]["AnchorRetentionDays"], "2192", "six years");
    let unbounded = BTreeMap::from([("LoginConcurrency".to_owned(), "0".to_owned())]);
    assert_eq!(reserved(&unbounded), Err("LoginConcurrency".to_owned()));
}

/// Whether a function emits a metric; the suite `metrics` sees it do so.
fn emits(function: &str, name: &str) -> bool {
    let (does_turns, is_schedule) =
        (["NavigatorFunction", "ResumeFunction"].contains(&function), function == "ResumeFunction");
    match name {
        "ConversationsArchived" => function == "ArchiveFunction",
        "WorkflowStalled" | "AgentStateInconsistencies" | "MailsFailed" | "FactsDue" | "FactsExpired" => is_schedule,
        "RefreshTokensReused" => function == "SessionFunction",
        "InputTokens" | "OutputTokens" | "WastedTokens" | "ModelFailures" | "StepRetries" => does_turns,
        "QueryTime.turn_begin" => function == "NavigatorFunction",
        "QueryTime.step_commit" => does_turns,
        "QueryTime.history_page" => function == "HistoryFunction",
        // It has nothing to store.
        "PersistenceSuccess" => function != "HealthFunction",
        name if name.starts_with("Workflow") => does_turns,
        name => Metric::ALL.iter().any(|metric| metric.name() == name),
    }
}

#[test]
fn alarms_and_dashboard_read_metrics_that_are_emitted() {
    let used = Template::read().metrics();
    for reading in used.iter().filter(|reading| reading.namespace == NAMESPACE) {
        assert!(emits(&reading.of, &reading.name), "{} does not emit {}", reading.of, reading.name);
    }
    let of = |namespace: &str| -> BTreeSet<&str> {
        used.iter().filter(|reading| reading.namespace == namespace).map(|reading| reading.name.as_str()).collect()
    };
    let ours: BTreeSet<&str> = Metric::ALL.iter().map(|metric| metric.name()).collect();
    let unseen: Vec<_> = ours.difference(&of(NAMESPACE)).copied().collect();
    assert!(unseen.is_empty(), "nobody looks at {unseen:?}");
    assert_eq!(of("AWS/Lambda"), ["ConcurrentExecutions", "Errors", "Invocations", "Throttles"].into());
    assert_eq!(of("AWS/ApiGateway"), ["4xx", "5xx", "Count", "IntegrationLatency", "Latency"].into());
    let places: BTreeSet<&str> = used.iter().map(|reading| reading.namespace.as_str()).collect();
    assert_eq!(places, ["AWS/ApiGateway", "AWS/Lambda", NAMESPACE].into());
}

#[test]
fn every_alarm_says_what_it_means_and_names_its_page_of_the_runbook() {
    let template = Template::read();
    let topic = json!({ "Fn::If": ["Notifies", [reference("AlarmTopicArn")], reference("AWS::NoValue")] });
    let alarms = template.resources("AWS::CloudWatch::Alarm");
    let runbook = std::fs::read_to_string(workspace::root().join("RUNBOOK.md")).expect("RUNBOOK.md");
    let pages: BTreeSet<&str> =
        runbook.lines().filter_map(|line| line.strip_prefix("## ")).flat_map(|line| line.split(", ")).collect();
    for (id, alarm) in &alarms {
        assert!(pages.contains(id), "RUNBOOK.md has no section for {id}");
        assert_eq!(alarm["Condition"], "IsMonitored", "{id}");
        let properties = &alarm["Properties"];
        let description = properties["AlarmDescription"].as_str().expect("a description");
        let meaning = description.strip_suffix(&format!(" Runbook: {id}"));
        assert!(meaning.is_some_and(|meaning| meaning.len() > 15 && meaning.ends_with('.')), "{id}: {description}");
        assert_eq!((&properties["AlarmActions"], &properties["OKActions"]), (&topic, &topic), "{id}");
        // Silence is good news, but of the schedule.
        let silence = if *id == "ScheduleStopped" { "breaching" } else { "notBreaching" };
        assert_eq!(properties["TreatMissingData"], silence, "{id}");
        println!("{id}: {}", meaning.unwrap_or_default());
    }
}

#[test]
fn the_gateway_logs_the_route_and_nothing_of_the_request() {
    let template = Template::read();
    let apis = template.resources("AWS::Serverless::HttpApi");
    assert_eq!(apis.len(), 1);
    let properties = &apis["Api"]["Properties"];
    let format = properties["AccessLogSettings"]["Format"].as_str().expect("a format");
    let line: BTreeMap<String, String> = serde_json::from_str(format).expect("JSON");
    let logged: BTreeSet<&str> = line.values().map(String::as_str).collect();
    assert_eq!(logged, LOGGED.into_iter().collect());
    assert_eq!(properties["AccessLogSettings"]["DestinationArn"], json!({ "Fn::GetAtt": ["ApiLog", "Arn"] }));
    let throttling = &properties["DefaultRouteSettings"];
    assert_eq!(throttling["ThrottlingBurstLimit"], reference("ThrottlingBurst"));
    assert_eq!(throttling["ThrottlingRateLimit"], reference("ThrottlingRate"));
}
