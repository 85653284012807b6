//! `ops workflow show`: a run's timeline.

use serde_json::Value;
use tokio_postgres::Transaction;

use super::Found;
use super::list::until;
use super::store::{self, Message, Request, Run, Step};
use super::text::{age, at, count, indented, plain};
use crate::Result;
use crate::database::Purpose;

/// Under the times.
const MARGIN: &str = "                          ";

/// Whether what was said is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Messages {
    /// It is.
    Printed,
    /// Only how long it is.
    Withheld,
}

/// The timeline.
pub(super) async fn show(transaction: &Transaction<'_>, which: &Found, messages: Messages) -> Result<String> {
    let run = store::run(transaction, which, Purpose::Look).await?;
    let with_content = messages == Messages::Printed;
    let steps = store::steps(transaction, &run).await?;
    let first_fence = store::first_fence(transaction, &run).await?;
    let said = store::messages(transaction, &run, with_content).await?;
    let requests = store::requests(transaction, &run, with_content).await?;
    let mut text = head(&run);
    begin(&mut text, &run, &said, &requests);
    let mut fence = first_fence;
    for step in &steps {
        let line =
            format!("{}, {}, attempt {}, {} ms", plain(&step.step), plain(&step.agent), step.attempt, step.duration_ms);
        entry(&mut text, &at(step.committed_at), &line, step.usage.as_ref());
        before(&mut text, &step.wasted, fence.map(|fence| step.fence - fence));
        fence = Some(step.fence);
    }
    if run.is_under_way() {
        let line = format!("{}, attempt {}, {} ({})", plain(&run.step), run.attempt, run.status, until(&run));
        entry(&mut text, "now", &line, None);
        before(&mut text, &run.wasted, fence.map(|fence| run.fence - fence));
    }
    end(&mut text, &run, &steps, &said);
    queue(&mut text, &run, &requests);
    Ok(text)
}

fn head(run: &Run) -> String {
    let mut text = format!(
        "user          {}\nconversation  {}\nrun           {}\nworkflow      {}, version {}\nstatus        {}\n",
        run.user,
        plain(&run.conversation),
        run.run,
        plain(&run.workflow_type),
        run.version,
        run.status,
    );
    if let Some(reason) = &run.reason {
        add(&mut text, &format!("reason        {}\n", plain(reason)));
    }
    text.push('\n');
    text
}

fn begin(text: &mut String, run: &Run, said: &[Message], requests: &[Request]) {
    match requests.first().filter(|request| request.run == run.run) {
        Some(request) => {
            let waited = (run.begun_at - request.created_at).as_seconds_f64();
            entry(text, &at(request.created_at), "asked", None);
            // Asked and begun are one statement, unless the message waited behind another.
            if waited >= 1.0 {
                add(text, &format!("{MARGIN}waited {} for its turn\n", age(waited)));
            }
        }
        None => add(text, &format!("{MARGIN}the request has been forgotten (REQUEST_RETENTION_HOURS)\n")),
    }
    if let Some(question) = said.first() {
        entry(text, &at(question.created_at), &format!("begun with {}", described(question)), None);
        content(text, question.content.as_deref());
    }
}

/// What came before a step's commit: the attempts that ended without one, and the times somebody else took the run up.
fn before(text: &mut String, wasted: &Value, grants: Option<i64>) {
    let mut lost = 0;
    for attempt in wasted.as_array().into_iter().flatten() {
        lost += i64::from(attempt["outcome"] == "lost" || attempt["outcome"] == "refused");
        let what = match attempt["outcome"].as_str() {
            Some("lost") => "was lost with its invocation".to_owned(),
            Some("refused") => "was kept from its commit by the database, and does not count".to_owned(),
            _ => format!("failed: {}", plain(attempt["reason"].as_str().unwrap_or("no reason given"))),
        };
        let line = format!("{MARGIN}attempt {} {what}{}\n", attempt["attempt"], tokens(attempt.get("usage")));
        add(text, &line);
    }
    // A run that nobody lost was suspended before somebody could take it up.
    let suspensions = grants.unwrap_or_default() - lost;
    if suspensions > 0 {
        add(text, &format!("{MARGIN}taken up after {}\n", count(suspensions, "suspension", "suspensions")));
    }
}

fn end(text: &mut String, run: &Run, steps: &[Step], said: &[Message]) {
    if let (false, Some(answer)) = (run.is_under_way(), said.get(1)) {
        let took = (answer.created_at - run.begun_at).num_milliseconds();
        let line = format!("{} with {}, {took} ms after its beginning", run.status, described(answer));
        entry(text, &at(answer.created_at), &line, None);
        content(text, answer.content.as_deref());
    }
    let (mut used, mut wasted) = ([0, 0], [0, 0]);
    for step in steps {
        sum(&mut used, step.usage.as_ref());
        for attempt in step.wasted.as_array().into_iter().flatten() {
            sum(&mut wasted, attempt.get("usage"));
        }
    }
    for attempt in run.wasted.as_array().into_iter().flatten() {
        sum(&mut wasted, attempt.get("usage"));
    }
    if used != [0, 0] || wasted != [0, 0] {
        let line = format!(
            "\ntokens        {} + {}; in attempts that failed {} + {}\n",
            used[0], used[1], wasted[0], wasted[1]
        );
        add(text, &line);
    }
}

fn queue(text: &mut String, run: &Run, requests: &[Request]) {
    let waiting: Vec<&Request> = requests.iter().filter(|request| request.run != run.run).collect();
    if waiting.is_empty() {
        return;
    }
    add(text, &format!("\n{} behind it:\n", count(run.queued, "message waits", "messages wait")));
    for request in waiting {
        let characters = i64::from(request.characters.unwrap_or_default());
        let line = format!("run {}, {}", request.run, count(characters, "character", "characters"));
        entry(text, &at(request.created_at), &line, None);
        content(text, request.content.as_deref());
    }
}

fn described(message: &Message) -> String {
    format!("message {} ({})", message.seq, count(message.characters.into(), "character", "characters"))
}

fn entry(text: &mut String, time: &str, line: &str, usage: Option<&Value>) {
    add(text, &format!("{time:<24}  {line}{}\n", tokens(usage)));
}

fn content(text: &mut String, content: Option<&str>) {
    if let Some(content) = content {
        text.push_str(&indented(content, &format!("{MARGIN}| ")));
    }
}

/// Tokens in and out.
fn tokens(usage: Option<&Value>) -> String {
    let mut sums = [0, 0];
    sum(&mut sums, usage);
    if sums == [0, 0] { String::new() } else { format!(", {} + {} tokens", sums[0], sums[1]) }
}

fn sum(sums: &mut [u64; 2], usage: Option<&Value>) {
    for (sum, name) in sums.iter_mut().zip(["input_tokens", "output_tokens"]) {
        *sum += usage.and_then(|usage| usage[name].as_u64()).unwrap_or_default();
    }
}

fn add(text: &mut String, line: &str) {
    text.push_str(line);
}
