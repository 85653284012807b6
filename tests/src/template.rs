//! template.yaml and samconfig.toml as data: CloudFormation's short tags are read as the long forms they stand for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use launcher::workspace;
use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;

/// What SAM's policy templates stand for, of those that the template uses: action, and the parameter that is the resource. The
/// suite holds it against the installed SAM.
pub const POLICY_TEMPLATES: [(&str, &str, &str); 1] =
    [("AWSSecretsManagerGetSecretValuePolicy", "secretsmanager:GetSecretValue", "SecretArn")];

/// The template.
#[derive(Clone, Debug)]
pub struct Template(Value);

/// One function of the template.
#[derive(Clone, Copy, Debug)]
pub struct Function<'a> {
    /// Its logical id.
    pub id: &'a str,
    /// The binary that it is.
    pub binary: &'a str,
    properties: &'a Value,
    globals: &'a Value,
}

/// One statement of a function's policies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// The condition on which it is given; empty for always.
    pub condition: String,
    /// What is allowed, as `service:Action`.
    pub action: String,
    /// The parameter that names the resource, or the pattern with it.
    pub resource: String,
}

impl Template {
    /// Reads template.yaml.
    pub fn read() -> Self {
        let text = std::fs::read_to_string(workspace::root().join("template.yaml")).expect("template.yaml");
        let yaml: Yaml = serde_yaml_ng::from_str(&text).expect("YAML");
        Self(long_form(yaml))
    }

    /// A section, in long form.
    pub fn section(&self, name: &str) -> &Map<String, Value> {
        self.0[name].as_object().unwrap_or_else(|| panic!("no section {name}"))
    }

    /// The resources of a type, by logical id.
    pub fn resources(&self, kind: &str) -> BTreeMap<&str, &Value> {
        let of_kind = self.section("Resources").iter().filter(|(_, resource)| resource["Type"] == kind);
        of_kind.map(|(id, resource)| (id.as_str(), resource)).collect()
    }

    /// The functions, by their binary's name.
    pub fn functions(&self) -> BTreeMap<&str, Function<'_>> {
        let resources = self.resources("AWS::Serverless::Function");
        let functions = resources.into_iter().map(|(id, resource)| {
            let binary = resource["Metadata"]["BuildProperties"]["Binary"].as_str().expect("a binary");
            let globals = &self.0["Globals"]["Function"];
            (binary, Function { id, binary, properties: &resource["Properties"], globals })
        });
        functions.collect()
    }

    /// Method, path and binary of every route.
    pub fn routes(&self) -> BTreeSet<(String, String, String)> {
        let mut routes = BTreeSet::new();
        for (binary, function) in self.functions() {
            for event in function.events() {
                let properties = &event["Properties"];
                if let (Some(method), Some(path)) = (properties["Method"].as_str(), properties["Path"].as_str()) {
                    routes.insert((method.to_owned(), path.to_owned(), binary.to_owned()));
                }
            }
        }
        routes
    }

    /// The parameters' defaults.
    pub fn defaults(&self) -> BTreeMap<String, String> {
        let default = |parameter: &Value| match &parameter["Default"] {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        let parameters = self.section("Parameters").iter();
        parameters.filter_map(|(name, parameter)| Some((name.clone(), default(parameter)?))).collect()
    }

    /// The dashboard's body, its variables replaced by their own names.
    pub fn dashboard(&self) -> Value {
        let resources = self.resources("AWS::CloudWatch::Dashboard");
        let (_, dashboard) = resources.first_key_value().expect("a dashboard");
        let text = substituted(&dashboard["Properties"]["DashboardBody"]);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("the dashboard is no JSON: {error}\n{text}"))
    }

    /// Every metric that an alarm or the dashboard reads.
    pub fn metrics(&self) -> BTreeSet<Reading> {
        let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
        let mut readings = BTreeSet::new();
        for alarm in self.resources("AWS::CloudWatch::Alarm").values() {
            let properties = &alarm["Properties"];
            let several = properties["Metrics"].as_array().into_iter().flatten();
            for metric in several.map(|metric| &metric["MetricStat"]["Metric"]).chain([properties]) {
                if let (Some(namespace), Some(name)) = (text(&metric["Namespace"]), text(&metric["MetricName"])) {
                    let of = text(&metric["Dimensions"][0]["Value"]["Ref"]).expect("whose it is");
                    readings.insert(Reading { namespace, name, of });
                }
            }
        }
        for widget in self.dashboard()["widgets"].as_array().expect("widgets") {
            let mut before: Vec<String> = Vec::new();
            for line in widget["properties"]["metrics"].as_array().expect("metrics") {
                before = spelled_out(line, &before);
                let [namespace, name, _, of] = before.clone().try_into().expect("one dimension");
                readings.insert(Reading { namespace, name, of });
            }
        }
        readings
    }
}

/// A metric that an alarm or the dashboard reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reading {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The resource that it is of.
    pub of: String,
}

/// Where a copy of template.yaml lies in which some texts are others.
pub fn altered(changes: &[(&str, &str)]) -> PathBuf {
    let text = std::fs::read_to_string(workspace::root().join("template.yaml")).expect("template.yaml");
    let text = changes.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "template.yaml has no {from}");
        text.replacen(from, to, 1)
    });
    let path = crate::stack::folder("template").join("template.yaml");
    std::fs::write(&path, text).expect("written");
    path
}

impl Function<'_> {
    /// A property: the function's own, or the globals'; of two maps, both.
    pub fn property(&self, name: &str) -> Value {
        both(&self.globals[name], &self.properties[name])
    }

    /// What invokes it.
    pub fn events(&self) -> Vec<Value> {
        self.properties["Events"].as_object().into_iter().flat_map(Map::values).cloned().collect()
    }

    /// What its policies allow. Panics on a policy that it does not understand, and on a role of its own.
    pub fn permissions(&self) -> BTreeSet<Permission> {
        assert!(self.properties["Role"].is_null(), "{} has a role of its own", self.id);
        let policies = self.properties["Policies"].as_array().expect("a list of policies");
        policies.iter().flat_map(|policy| permissions(policy, "")).collect()
    }
}

fn both(global: &Value, own: &Value) -> Value {
    match (global, own) {
        (Value::Object(global), Value::Object(own)) => {
            let inner = |(name, value): (&String, &Value)| (name.clone(), both(&global[name], value));
            let shared = own.iter().filter(|(name, _)| global.contains_key(*name)).map(inner).collect::<Map<_, _>>();
            Value::Object(global.clone().into_iter().chain(own.clone()).chain(shared).collect())
        }
        (global, Value::Null) => global.clone(),
        (_, own) => own.clone(),
    }
}

fn permissions(policy: &Value, condition: &str) -> Vec<Permission> {
    if let Some(choice) = policy["Fn::If"].as_array() {
        assert_eq!(choice[2], json!({"Ref": "AWS::NoValue"}), "a policy for otherwise: {policy}");
        return permissions(&choice[1], choice[0].as_str().expect("a condition"));
    }
    let resource = |value: &Value| match (value["Ref"].as_str(), value["Fn::Sub"].as_str()) {
        (Some(name), _) | (_, Some(name)) => name.to_owned(),
        _ => panic!("no parameter: {value}"),
    };
    let permission = |action: &str, value: &Value| Permission {
        condition: condition.to_owned(),
        action: action.to_owned(),
        resource: resource(value),
    };
    for (name, action, parameter) in POLICY_TEMPLATES {
        if let Some(given) = policy.get(name) {
            assert_eq!(policy.as_object().map(Map::len), Some(1), "{policy}");
            return vec![permission(action, &given[parameter])];
        }
    }
    let statements = policy["Statement"].as_array().unwrap_or_else(|| panic!("an unknown policy: {policy}"));
    let all = statements.iter().flat_map(|statement| {
        assert_eq!(statement["Effect"], "Allow", "{statement}");
        let actions = match &statement["Action"] {
            Value::Array(actions) => actions.clone(),
            one => vec![one.clone()],
        };
        actions.into_iter().map(|action| permission(action.as_str().expect("an action"), &statement["Resource"]))
    });
    all.collect()
}

/// A metric of a widget with its abbreviations spelled out: `.` is the field above, `...` all that fits.
fn spelled_out(line: &Value, before: &[String]) -> Vec<String> {
    let fields: Vec<&str> = line.as_array().expect("a metric").iter().filter_map(Value::as_str).collect();
    let mut full: Vec<String> = Vec::new();
    for field in &fields {
        match *field {
            "..." => full.extend_from_slice(&before[..before.len() + 1 - fields.len()]),
            "." => full.push(before[full.len()].clone()),
            field => full.push(field.to_owned()),
        }
    }
    full
}

/// The text of `Fn::Sub`, in which what it cannot know stands as its own name.
fn substituted(value: &Value) -> String {
    let (text, variables) = match &value["Fn::Sub"] {
        Value::String(text) => (text.clone(), Map::new()),
        Value::Array(parts) => {
            (parts[0].as_str().expect("text").to_owned(), parts[1].as_object().expect("variables").clone())
        }
        _ => return value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned(),
    };
    let replaced =
        variables.iter().fold(text, |text, (name, value)| text.replace(&format!("${{{name}}}"), &substituted(value)));
    let mut parts = replaced.split("${");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + &part.replacen('}', "", 1))
}

fn long_form(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let value = long_form(tagged.value);
            match (tag.trim_start_matches('!'), value) {
                (name @ ("Ref" | "Condition"), value) => json!({ name: value }),
                ("GetAtt", Value::String(text)) => {
                    let (resource, attribute) = text.split_once('.').expect("an attribute");
                    json!({ "Fn::GetAtt": [resource, attribute] })
                }
                (name, value) => json!({ format!("Fn::{name}"): value }),
            }
        }
        Yaml::Sequence(items) => items.into_iter().map(long_form).collect(),
        Yaml::Mapping(items) => {
            let entry = |(key, value): (Yaml, Yaml)| (key.as_str().expect("a name").to_owned(), long_form(value));
            Value::Object(items.into_iter().map(entry).collect())
        }
        plain => serde_json::to_value(plain).expect("JSON"),
    }
}

/// The parameters of each stage of samconfig.toml: the template's defaults, and what the stage says otherwise.
pub fn stages(template: &Template) -> BTreeMap<String, BTreeMap<String, String>> {
    let text = std::fs::read_to_string(workspace::root().join("samconfig.toml")).expect("samconfig.toml");
    let config: toml::Table = toml::from_str(&text).expect("TOML");
    let stages = config.into_iter().filter_map(|(stage, commands)| {
        let mut parameters = template.defaults();
        for setting in commands.as_table()?["deploy"]["parameters"]["parameter_overrides"].as_array()? {
            let (name, value) = setting.as_str()?.split_once('=').expect("name=value");
            assert!(template.section("Parameters").contains_key(name), "{stage}: no parameter {name}");
            parameters.insert(name.to_owned(), value.to_owned());
        }
        Some((stage, parameters))
    });
    stages.collect()
}

/// The environments that a stage reserves once ReservedConcurrency is on. `Err` names what is not bounded then.
///
/// # Errors
/// The first parameter that reserves nothing.
pub fn reserved(parameters: &BTreeMap<String, String>) -> Result<u64, String> {
    let reserved = parameters.iter().filter(|(name, _)| name.ends_with("Concurrency") && *name != SWITCH);
    let each = reserved.map(|(name, value)| match value.parse::<u64>() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(name.clone()),
    });
    each.sum()
}

/// The parameter that turns reservations on.
pub const SWITCH: &str = "ReservedConcurrency";
