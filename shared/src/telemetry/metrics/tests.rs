use super::*;

fn invocation() -> Invocation {
    Invocation {
        request_id: "r-1".to_owned(),
        trace_id: Some("1-2-3".to_owned()),
        function: "stage-navigator".to_owned(),
        begun: Stopwatch::start(),
    }
}

fn line(metrics: &Metrics) -> Value {
    invocation().line(metrics.take(), Duration::from_millis(20), Map::new())
}

#[test]
fn every_metric_that_is_defined_has_its_value_beside_it_and_no_other_number_is_there() {
    let metrics = Metrics::default();
    assert!(line(&metrics).get("ConnectionUtilization").is_none(), "the first is cold");
    metrics.query("turn_begin", Duration::from_micros(4_000));
    metrics.query("step_commit", Duration::from_micros(2_500));
    metrics.query("step_commit", Duration::from_micros(3_500));
    metrics.add(Metric::WorkflowStarted, 1);
    let line = line(&metrics);
    let directive = &line["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(directive["Namespace"], NAMESPACE);
    assert_eq!(directive["Dimensions"], json!([["FunctionName"]]));
    let defined: Vec<&str> = directive["Metrics"]
        .as_array()
        .expect("metrics")
        .iter()
        .map(|one| one["Name"].as_str().expect("a name"))
        .collect();
    for name in &defined {
        let value = &line[*name];
        assert!(
            value.is_number() || value.as_array().is_some_and(|all| all.iter().all(Value::is_number)),
            "{name}: {value}"
        );
    }
    let numbers =
        line.as_object().expect("an object").iter().filter(|(_, value)| value.is_number() || value.is_array());
    assert!(numbers.map(|(name, _)| name.as_str()).all(|name| defined.contains(&name)));
    assert_eq!(line["RoundTrips"], 3.0);
    assert_eq!(line["QueryTime"], 10.0);
    assert_eq!(line["ConnectionUtilization"], 50.0);
    assert_eq!(line["QueryTime.step_commit"], json!([2.5, 3.5]));
    assert_eq!(
        (&line["FunctionName"], &line["request_id"], &line["trace_id"]),
        (&json!("stage-navigator"), &json!("r-1"), &json!("1-2-3"))
    );
    assert_eq!(line["WorkflowStarted"], 1.0);
    assert!(line.get("WorkflowFailed").is_none(), "nothing was said of it");
}

#[test]
fn the_first_line_is_the_cold_one_and_takes_its_counts_with_it() {
    let metrics = Metrics::default();
    metrics.add(Metric::DatabaseConnects, 1);
    let (first, second) = (line(&metrics), line(&metrics));
    assert_eq!((&first["ColdStart"], &first["DatabaseConnects"]), (&json!(1.0), &json!(1.0)));
    assert_eq!((&second["ColdStart"], &second["DatabaseConnects"]), (&json!(0.0), &json!(0.0)));
}

#[test]
fn one_turn_that_is_not_stored_speaks_for_all() {
    let metrics = Metrics::default();
    metrics.persisted(true);
    metrics.persisted(false);
    metrics.persisted(true);
    assert_eq!(line(&metrics)["PersistenceSuccess"], 0.0);
    metrics.persisted(true);
    assert_eq!(line(&metrics)["PersistenceSuccess"], 1.0);
    assert!(line(&metrics).get("PersistenceSuccess").is_none());
}

#[test]
fn a_line_holds_no_more_values_than_the_format_takes() {
    let metrics = Metrics::default();
    line(&metrics);
    for _ in 0..250 {
        metrics.query("step_commit", Duration::from_millis(1));
    }
    let line = line(&metrics);
    assert_eq!(line["QueryTime.step_commit"].as_array().map(Vec::len), Some(MOST_VALUES));
    assert_eq!((&line["RoundTrips"], &line["ConnectionUtilization"]), (&json!(250.0), &json!(100.0)));
}

#[test]
fn a_trace_is_named_by_its_root() {
    let mut context = lambda_runtime::Context::default();
    context.xray_trace_id =
        Some("Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1".to_owned());
    assert_eq!(Invocation::begin(&context).trace_id.as_deref(), Some("1-5bef4de7-ad49b0e87f6ef6c87fc2e700"));
    context.xray_trace_id = None;
    assert_eq!(Invocation::begin(&context).trace_id, None);
}
