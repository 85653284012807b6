//! The lines of metrics among a function's output, held against CloudWatch's embedded metric format (User Guide,
//! "Specification: Embedded metric format").

use std::collections::BTreeSet;

use serde_json::Value;

/// A line of metrics that fits the format.
#[derive(Clone, Debug)]
pub struct MetricLine {
    /// The function that wrote it.
    pub function: String,
    /// The names that are metrics.
    pub names: BTreeSet<String>,
    /// All of it.
    pub line: Value,
}

impl MetricLine {
    /// A metric's value, or the sum of its values; nothing when it was not said.
    pub fn get(&self, name: &str) -> Option<f64> {
        match &self.line[name] {
            Value::Array(values) => Some(values.iter().filter_map(Value::as_f64).sum()),
            value => value.as_f64(),
        }
    }

    /// A metric that was said.
    ///
    /// # Panics
    /// When it was not.
    pub fn sum(&self, name: &str) -> f64 {
        self.get(name).unwrap_or_else(|| panic!("{name} is not in {}", self.line))
    }
}

/// The lines of metrics in `lines`, which are `function: line`.
///
/// # Panics
/// When one of them does not fit the format.
pub fn metric_lines(lines: &[String]) -> Vec<MetricLine> {
    let parse = |line: &String| {
        let (function, text) = line.split_once(": ")?;
        let line: Value = serde_json::from_str(text).ok().filter(|line: &Value| line.get("_aws").is_some())?;
        let names = check(&line).unwrap_or_else(|problem| panic!("{problem}: {line}"));
        Some(MetricLine { function: function.to_owned(), names, line })
    };
    lines.iter().filter_map(parse).collect()
}

/// The metrics of a line.
fn check(line: &Value) -> Result<BTreeSet<String>, String> {
    let timestamp = line["_aws"]["Timestamp"].as_u64().ok_or("no time stamp")?;
    // Two weeks back and two hours ahead are the service's limits; here the year is enough to tell seconds from milliseconds.
    if !(1_600_000_000_000..4_000_000_000_000).contains(&timestamp) {
        return Err("the time stamp is not in milliseconds".to_owned());
    }
    let directives =
        line["_aws"]["CloudWatchMetrics"].as_array().filter(|all| !all.is_empty()).ok_or("no directive")?;
    let mut names = BTreeSet::new();
    for directive in directives {
        directive["Namespace"].as_str().filter(|name| (1..=1024).contains(&name.len())).ok_or("no namespace")?;
        for set in directive["Dimensions"].as_array().ok_or("no dimensions")? {
            let set = set.as_array().filter(|set| set.len() <= 30).ok_or("a set of dimensions that is none")?;
            for dimension in set {
                let value = dimension.as_str().and_then(|name| line[name].as_str());
                value.filter(|value| (1..=1024).contains(&value.len())).ok_or("a dimension without a value")?;
            }
        }
        let metrics = directive["Metrics"].as_array().filter(|all| (1..=100).contains(&all.len()));
        for metric in metrics.ok_or("no metrics, or more than 100")? {
            let name = metric["Name"].as_str().ok_or("a metric without a name")?;
            let units = ["Count", "Milliseconds", "Percent", "None"];
            metric["Unit"]
                .as_str()
                .filter(|unit| units.contains(unit))
                .ok_or("a unit that CloudWatch does not know")?;
            let is_number = match &line[name] {
                Value::Array(values) => (1..=100).contains(&values.len()) && values.iter().all(Value::is_number),
                value => value.is_number(),
            };
            if !is_number || !names.insert(name.to_owned()) {
                return Err(format!("{name} is no number, or there twice"));
            }
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_does_not_fit_the_format_is_found() {
        let good = json!({
            "_aws": { "Timestamp": 1_700_000_000_000_u64, "CloudWatchMetrics": [{
                "Namespace": "N", "Dimensions": [["F"]], "Metrics": [{ "Name": "A", "Unit": "Count" }],
            }] },
            "F": "f",
            "A": [1, 2],
        });
        assert_eq!(check(&good).expect("fits"), BTreeSet::from(["A".to_owned()]));
        for (pointer, value) in [
            ("/_aws/Timestamp", json!(1_700_000_000)),
            ("/_aws/CloudWatchMetrics", json!([])),
            ("/_aws/CloudWatchMetrics/0/Namespace", json!("")),
            ("/_aws/CloudWatchMetrics/0/Dimensions/0/0", json!("G")),
            ("/_aws/CloudWatchMetrics/0/Metrics/0/Unit", json!("Furlongs")),
            ("/_aws/CloudWatchMetrics/0/Metrics/0/Name", json!("B")),
            ("/F", json!("")),
            ("/A", json!("1")),
            ("/A", json!(vec![1; 101])),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(pointer).expect("a place") = value;
            assert!(check(&bad).is_err(), "{pointer}");
        }
    }
}
