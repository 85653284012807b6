//! Metrics: what happened in one invocation, as one line in CloudWatch's embedded metric format, which is also its log line.
//!
//! Counts enter where they happen (the connection, the turns, the edge), are added up in the environment's one [`Metrics`], and
//! leave when the edge ends the invocation. What the init phase did (connecting) belongs to the first invocation.
//!
//! Invariants: no request is in a name, no person in a value; names are those of [`Metric`], and `QueryTime.` with a
//! statement's name; a line is written whatever LOG_LEVEL says.
//!
//! Source of the format: Amazon CloudWatch User Guide, "Specification: Embedded metric format".

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::clock::{Clock, Stopwatch};

/// Where the metrics stand in CloudWatch; their one dimension is `FunctionName`.
pub const NAMESPACE: &str = "InsuranceNavigator";
/// Before a statement's name: the milliseconds of each of its round trips.
pub const QUERY_PREFIX: &str = "QueryTime.";
/// The format takes at most so many values of one metric in one line.
const MOST_VALUES: usize = 100;

macro_rules! metrics {
    ($($(#[$comment:meta])+ $metric:ident: $unit:literal,)+) => {
        /// A metric.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Metric {
            $($(#[$comment])+ $metric,)+
        }

        impl Metric {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$metric,)+];

            /// The name in CloudWatch.
            pub fn name(self) -> &'static str {
                match self { $(Self::$metric => stringify!($metric),)+ }
            }

            /// The unit in CloudWatch's words.
            pub fn unit(self) -> &'static str {
                match self { $(Self::$metric => $unit,)+ }
            }
        }
    };
}

metrics! {
    /// 1 for the first invocation of an environment, else 0.
    ColdStart: "Count",
    /// From the event to the reply.
    Duration: "Milliseconds",
    /// 1 for a reply of 500 and above, or a scheduled invocation that failed.
    ServerErrors: "Count",
    /// 1 for a reply of 429.
    RateLimited: "Count",
    /// Statements sent to the database, pings and the role's check included.
    RoundTrips: "Count",
    /// How long the statements waited for a connection that could be used: for each other, for a ping, for connecting.
    ConnectionWait: "Milliseconds",
    /// The part of the invocation in which a statement was under way; not said of the first.
    ConnectionUtilization: "Percent",
    /// All statements together.
    QueryTime: "Milliseconds",
    /// Attempts to connect.
    DatabaseConnects: "Count",
    /// How long these attempts took.
    DatabaseConnectTime: "Milliseconds",
    /// Statements that were sent once more.
    DatabaseRetries: "Count",
    /// Attempts at a step that brought nothing, seen when another one is committed: lost with their invocation, or failed.
    StepRetries: "Count",
    /// Database calls that failed for good.
    DatabaseErrors: "Count",
    /// 1 when all that the invocation had to store is stored, 0 when something could not be: the average is the rate.
    PersistenceSuccess: "None",
    /// Runs begun.
    WorkflowStarted: "Count",
    /// Runs gone on with, after an invocation that did not finish them.
    WorkflowResumed: "Count",
    /// Runs that ended with an answer.
    WorkflowCompleted: "Count",
    /// Runs that ended without one: five attempts at one step were in vain.
    WorkflowFailed: "Count",
    /// Runs put off, for want of time or after an attempt that failed.
    WorkflowSuspended: "Count",
    /// Unfinished runs that nobody has gone on with for five minutes, as the schedule finds them.
    WorkflowStalled: "Count",
    /// Tokens sent to a language model.
    InputTokens: "Count",
    /// Tokens that came back.
    OutputTokens: "Count",
    /// Tokens of attempts that were not committed, both ways.
    WastedTokens: "Count",
    /// Steps that went without the model that they should have asked.
    ModelFailures: "Count",
    /// Conversations whose agents' states do not fit their last run, as the schedule finds them.
    AgentStateInconsistencies: "Count",
    /// Amounts of the year that expire within 60 days, or have, without the next year's: as the schedule finds them.
    FactsDue: "Count",
    /// Those of them that have: they are withheld.
    FactsExpired: "Count",
    /// Mails that could not be sent and are tried again.
    MailsFailed: "Count",
    /// Conversations that went into archives.
    ConversationsArchived: "Count",
    /// Refresh tokens that were used a second time: somebody else has a copy.
    RefreshTokensReused: "Count",
}

/// What every invocation says, although it is nothing.
const ALWAYS: [Metric; 8] = [
    Metric::ServerErrors,
    Metric::RateLimited,
    Metric::RoundTrips,
    Metric::ConnectionWait,
    Metric::QueryTime,
    Metric::DatabaseConnects,
    Metric::DatabaseErrors,
    Metric::DatabaseRetries,
];

/// The counts of this execution environment since its last line. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    counts: Arc<Mutex<Counts>>,
}

#[derive(Debug, Default)]
struct Counts {
    has_spoken: bool,
    values: BTreeMap<Metric, f64>,
    queries: BTreeMap<&'static str, Vec<f64>>,
}

impl Metrics {
    /// Adds to a count; a zero says that there was nothing.
    pub fn add(&self, metric: Metric, amount: impl Into<f64>) {
        self.change(|counts| *counts.values.entry(metric).or_default() += amount.into());
    }

    /// Adds to a time.
    pub(crate) fn add_time(&self, metric: Metric, time: Duration) {
        self.add(metric, milliseconds(time));
    }

    /// One round trip.
    pub(crate) fn query(&self, statement: &'static str, time: Duration) {
        self.change(|counts| {
            *counts.values.entry(Metric::RoundTrips).or_default() += 1.0;
            *counts.values.entry(Metric::QueryTime).or_default() += milliseconds(time);
            let times = counts.queries.entry(statement).or_default();
            if times.len() < MOST_VALUES {
                times.push(milliseconds(time));
            }
        });
    }

    /// Whether something is stored. What is not speaks for the whole invocation.
    pub(crate) fn persisted(&self, is_stored: bool) {
        let value = if is_stored { 1.0 } else { 0.0 };
        self.change(|counts| {
            let kept = counts.values.entry(Metric::PersistenceSuccess).or_insert(value);
            *kept = kept.min(value);
        });
    }

    fn change(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// What was counted; from here on it is the next invocation's.
    fn take(&self) -> Counts {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let next = Counts { has_spoken: true, ..Counts::default() };
        std::mem::replace(&mut counts, next)
    }
}

/// One invocation, from its event to its reply.
#[derive(Clone, Debug)]
pub(crate) struct Invocation {
    /// Its id, in each of its log lines and in the reply.
    pub(crate) request_id: String,
    /// The `Root` of its X-Ray trace.
    pub(crate) trace_id: Option<String>,
    function: String,
    begun: Stopwatch,
}

impl Invocation {
    /// From what Lambda says of it.
    pub(crate) fn begin(context: &lambda_runtime::Context) -> Self {
        let given = Some(context.request_id.clone()).filter(|id| !id.is_empty());
        let fields = context.xray_trace_id.as_deref().unwrap_or_default().split(';');
        Self {
            request_id: given.unwrap_or_else(|| uuid::Uuid::new_v4().to_string()),
            trace_id: fields.filter_map(|field| field.strip_prefix("Root=")).next().map(ToOwned::to_owned),
            function: context.env_config.function_name.clone(),
            begun: Stopwatch::start(),
        }
    }

    /// One that nothing is known of.
    pub(crate) fn unknown() -> Self {
        Self::begin(&lambda_runtime::Context::default())
    }

    /// The span of its log lines.
    pub(crate) fn span(&self) -> tracing::Span {
        tracing::info_span!("invocation", request_id = self.request_id, trace_id = self.trace_id)
    }

    /// Writes its one line. `properties` say what it was: they are searchable and no metrics.
    pub(crate) fn end(&self, metrics: &Metrics, properties: Map<String, Value>) {
        let mut line = self.line(metrics.take(), self.begun.elapsed(), properties).to_string();
        line.push('\n');
        // In one piece: standard output would look for ends of lines in every fragment. When it is closed, there is nobody to tell.
        let _unheard = std::io::stdout().lock().write_all(line.as_bytes());
    }

    fn line(&self, mut counts: Counts, time: Duration, properties: Map<String, Value>) -> Value {
        let now = Clock::system().now();
        counts.values.insert(Metric::ColdStart, if counts.has_spoken { 0.0 } else { 1.0 });
        counts.values.insert(Metric::Duration, milliseconds(time));
        for metric in ALWAYS {
            counts.values.entry(metric).or_default();
        }
        // What the init phase sent is no part of the first invocation's time.
        if counts.has_spoken {
            let busy = counts.values.get(&Metric::QueryTime).copied().unwrap_or_default();
            counts
                .values
                .insert(Metric::ConnectionUtilization, 100.0 * (busy / milliseconds(time).max(0.001)).min(1.0));
        }
        let mut definitions = Vec::new();
        let mut line = properties;
        for (metric, value) in counts.values {
            definitions.push(json!({ "Name": metric.name(), "Unit": metric.unit() }));
            line.insert(metric.name().to_owned(), json!(rounded(value)));
        }
        for (statement, times) in counts.queries {
            let name = format!("{QUERY_PREFIX}{statement}");
            definitions.push(json!({ "Name": name, "Unit": "Milliseconds" }));
            line.insert(name, json!(times));
        }
        line.insert("_aws".to_owned(), json!({
            "Timestamp": now.timestamp_millis(),
            "CloudWatchMetrics": [{ "Namespace": NAMESPACE, "Dimensions": [["FunctionName"]], "Metrics": definitions }],
        }));
        line.insert("FunctionName".to_owned(), json!(self.function));
        line.insert("timestamp".to_owned(), json!(now.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)));
        line.insert("level".to_owned(), json!("INFO"));
        line.insert("message".to_owned(), json!("invocation"));
        line.insert("request_id".to_owned(), json!(self.request_id));
        if let Some(trace) = &self.trace_id {
            line.insert("trace_id".to_owned(), json!(trace));
        }
        Value::Object(line)
    }
}

fn milliseconds(time: Duration) -> f64 {
    rounded(time.as_secs_f64() * 1_000.0)
}

/// To a thousandth: further digits are noise, and bytes.
fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests;
