//! Reads the database after the last blow and holds it against what the clients were told and what the ledger saw.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde_json::Value;
use shared::workflow::stand_in::{content, link};
use uuid::Uuid;

use super::actor::{Fate, Sent};
use super::director::{Director, Entry, Hit};
use super::report::Report;
use super::schedule::{Blow, Point};
use crate::product::Product;

/// Within less than this nobody can have waited for a lease to end.
const FAR_BELOW_A_LEASE_MS: i64 = 900;

/// What a cut leads to: the same worker's next step, or another's.
const WENT_ON: &str = "went on";
const TAKEN_OVER: &str = "taken over";

type Place = (Uuid, String);

struct Message {
    seq: i64,
    run: Uuid,
    role: String,
    content: String,
}

struct Step {
    step_no: i32,
    step: String,
    fence: i64,
    attempt: i32,
    output: Value,
    wasted: Value,
    committed_at: DateTime<Utc>,
}

struct Request {
    place: Place,
    key: String,
    run: Uuid,
    status: String,
    response: Option<String>,
}

struct Evidence {
    messages: BTreeMap<Place, Vec<Message>>,
    steps: HashMap<Uuid, Vec<Step>>,
    requests: Vec<Request>,
    unfinished: i64,
}

/// Adds to the report what is wrong, and what each blow led to.
pub(super) async fn judge(product: &Product, director: &Director, sent: &[Sent], report: &mut Report) {
    let evidence = gather(product).await;
    let mut wrong = Vec::new();
    if evidence.unfinished > 0 {
        wrong.push(format!("{} requests or runs were left unfinished", evidence.unfinished));
    }
    conversations(&evidence, sent, &mut wrong);
    runs(&evidence, &mut wrong);
    let ledger = director.ledger();
    grants(&evidence, &ledger, &director.handed_back(), &mut wrong);
    let mut deadly: BTreeMap<String, usize> = BTreeMap::new();
    for hit in director.hits() {
        let outcome = outcome(&hit, &ledger, &evidence);
        if matches!(outcome, "run again" | "next step" | "resumed") {
            *deadly.entry(hit.conversation.clone()).or_default() += 1;
        }
        report.add_hit(&hit, outcome);
    }
    lost_replies(report, &mut wrong);
    lost_attempts(&evidence, &deadly, report, &mut wrong);
    report.turns = evidence.requests.len();
    report.steps = evidence.steps.values().map(Vec::len).sum();
    report.violations.extend(wrong);
}

async fn gather(product: &Product) -> Evidence {
    let client = product.superuser().await;
    let query = async |sql: &str| client.query(sql, &[]).await.expect("the evidence");
    let mut messages: BTreeMap<Place, Vec<Message>> = BTreeMap::new();
    for row in query(
        "SELECT user_id, conversation_id, seq, run_id, role, content FROM navigator.conversation_messages \
         ORDER BY user_id, conversation_id, seq",
    )
    .await
    {
        messages.entry((row.get(0), row.get(1))).or_default().push(Message {
            seq: row.get(2),
            run: row.get(3),
            role: row.get(4),
            content: row.get(5),
        });
    }
    let mut steps: HashMap<Uuid, Vec<Step>> = HashMap::new();
    for row in query(
        "SELECT run_id, step_no, step, fence, attempt, output, wasted, committed_at FROM navigator.workflow_steps \
         ORDER BY run_id, step_no",
    )
    .await
    {
        steps.entry(row.get(0)).or_default().push(Step {
            step_no: row.get(1),
            step: row.get(2),
            fence: row.get(3),
            attempt: row.get(4),
            output: row.get(5),
            wasted: row.get(6),
            committed_at: row.get(7),
        });
    }
    let requests = query(
        "SELECT user_id, conversation_id, request_key, run_id, status, response FROM navigator.workflow_requests",
    )
    .await
    .iter()
    .map(|row| Request {
        place: (row.get(0), row.get(1)),
        key: row.get(2),
        run: row.get(3),
        status: row.get(4),
        response: row.get(5),
    })
    .collect();
    let unfinished = product
        .count(
            "SELECT (SELECT count(*) FROM navigator.workflow_requests WHERE finished_at IS NULL) + \
             (SELECT count(*) FROM navigator.workflow_states WHERE status IN ('running', 'waiting'))",
        )
        .await;
    Evidence { messages, steps, requests, unfinished }
}

/// The messages are exactly the turns that were acknowledged or stored, each once, in order, without gaps.
fn conversations(evidence: &Evidence, sent: &[Sent], wrong: &mut Vec<String>) {
    let nothing = Vec::new();
    let mut expected: BTreeMap<Place, usize> = BTreeMap::new();
    let mut last: BTreeMap<Place, (usize, i64)> = BTreeMap::new();
    let mut in_order: Vec<&Sent> = sent.iter().collect();
    in_order.sort_by_key(|sent| sent.group);
    for sent in in_order {
        let place = (sent.user, sent.conversation.clone());
        let request = evidence.requests.iter().find(|request| request.place == place && request.key == sent.key);
        let Some(request) = request else {
            if sent.fate == Fate::Answered {
                wrong.push(format!("{}: answered, and its request is not stored", sent.key));
            }
            continue;
        };
        *expected.entry(place.clone()).or_default() += 2;
        if sent.answers.iter().any(|answer| Some(answer) != request.response.as_ref()) {
            wrong.push(format!("{}: an answer is not the stored one, byte for byte", sent.key));
        }
        let messages = evidence.messages.get(&place).unwrap_or(&nothing);
        let own: Vec<&Message> = messages.iter().filter(|message| message.run == request.run).collect();
        let answer = request.response.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let answer = answer.as_ref().and_then(|answer| answer["message"]["content"].as_str()).unwrap_or_default();
        match own.as_slice() {
            [question, reply]
                if question.role == "user"
                    && question.content == sent.message
                    && reply.role == "assistant"
                    && reply.content == answer
                    && reply.seq == question.seq + 1 => {}
            other => wrong.push(format!("{}: {} messages, or not question and answer", sent.key, other.len())),
        }
        if let Some(first) = own.first() {
            let (group, seq) = *last.get(&place).unwrap_or(&(0, 0));
            if sent.group > group && first.seq <= seq {
                wrong.push(format!("{}: stands before an earlier turn", sent.key));
            }
            last.insert(place, (sent.group, seq.max(first.seq)));
        }
    }
    for (place, messages) in &evidence.messages {
        if messages.iter().zip(1..).any(|(message, seq)| message.seq != seq) {
            wrong.push(format!("{}: seq has gaps", place.1));
        }
        let wanted = expected.get(place).copied().unwrap_or(0);
        if messages.len() != wanted {
            wrong.push(format!("{}: {} messages, {wanted} expected", place.1, messages.len()));
        }
    }
}

/// Each run has its steps once, in a chain that ends in the answer.
fn runs(evidence: &Evidence, wrong: &mut Vec<String>) {
    for request in &evidence.requests {
        let nothing = Vec::new();
        let steps = evidence.steps.get(&request.run).unwrap_or(&nothing);
        if steps.iter().zip(0..).any(|(step, number)| step.step_no != number) {
            wrong.push(format!("{}: its steps are not 0 to n-1", request.run));
        }
        if steps.windows(2).any(|pair| pair[0].fence > pair[1].fence) {
            wrong.push(format!("{}: a fence went down", request.run));
        }
        let mut chain = request.run.to_string();
        for step in steps.iter().filter(|step| step.output.get("failure").is_none()) {
            chain = link(&chain, &step.step, step.output["nonce"].as_str().unwrap_or_default());
            if step.output["chain"] != chain.as_str() {
                wrong.push(format!("{}: step {} does not continue the chain", request.run, step.step_no));
                break;
            }
            let wasted = step.wasted.as_array().map_or(0, Vec::len);
            if usize::try_from(step.attempt).ok() != Some(wasted + 1) {
                wrong.push(format!("{}: attempt {} after {wasted} wasted ones", request.run, step.attempt));
            }
        }
        let response = request.response.as_deref().unwrap_or_default();
        let complete = matches!(steps.len(), 4 | 6) && steps.last().is_some_and(|step| step.step == "chat_response");
        if request.status == "completed" && !(complete && response.contains(&content(&chain))) {
            wrong.push(format!("{}: completed after {} steps, or its answer is another's", request.run, steps.len()));
        }
        if request.status == "failed" {
            wrong.push(format!("{}: failed", request.run));
        }
    }
}

/// A fence belongs to one process, which goes through its steps one by one; nobody takes over before the lease ends or the run is
/// handed back, and no step begins after its commit.
fn grants(evidence: &Evidence, ledger: &[Entry], handed_back: &[(String, DateTime<Utc>)], wrong: &mut Vec<String>) {
    let mut by_grant: BTreeMap<(Uuid, i64), Vec<&Entry>> = BTreeMap::new();
    let mut by_step: BTreeMap<(Uuid, i32), Vec<&Entry>> = BTreeMap::new();
    for entry in ledger {
        by_grant.entry((entry.step.run, entry.step.fence)).or_default().push(entry);
        by_step.entry((entry.step.run, entry.step.step_no)).or_default().push(entry);
    }
    let committed = |run: Uuid, step_no: i32| {
        evidence.steps.get(&run).and_then(|steps| steps.iter().find(|step| step.step_no == step_no))
    };
    for ((run, fence), entries) in &by_grant {
        if entries.iter().map(|entry| entry.step.pid).collect::<BTreeSet<_>>().len() > 1 {
            wrong.push(format!("{run}: fence {fence} was held by two processes"));
        }
        for pair in entries.windows(2) {
            let (before, after) = (&pair[0].step, &pair[1].step);
            let went_on = after.step_no == before.step_no + 1
                && committed(*run, before.step_no).is_some_and(|step| step.fence == *fence);
            let tried_again = after.step_no == before.step_no && after.attempt > before.attempt;
            if !went_on && !tried_again {
                wrong.push(format!("{run}: fence {fence} began step {} after {}", after.step_no, before.step_no));
            }
        }
    }
    let mut by_run: HashMap<Uuid, Vec<&Entry>> = HashMap::new();
    for entry in ledger {
        by_run.entry(entry.step.run).or_default().push(entry);
    }
    for (run, steps) in &evidence.steps {
        for step in steps {
            let newer = by_run
                .get(run)
                .into_iter()
                .flatten()
                .find(|entry| entry.step.fence > step.fence && entry.at < step.committed_at);
            if newer.is_some() {
                wrong.push(format!("{run}: step {} was committed by a worker that had lost the run", step.step_no));
            }
        }
    }
    for ((run, step_no), entries) in &by_step {
        let is_suspended = committed(*run, *step_no).is_some_and(|step| step.wasted.to_string().contains("failed"));
        for pair in entries.windows(2) {
            let gap_ms = (pair[1].at - pair[0].at).num_milliseconds();
            let is_free = is_suspended
                || handed_back.iter().any(|(conversation, at)| {
                    *conversation == pair[0].step.conversation && (pair[0].at..pair[1].at).contains(at)
                });
            if pair[1].step.fence > pair[0].step.fence && gap_ms < FAR_BELOW_A_LEASE_MS && !is_free {
                wrong.push(format!("{run}: step {step_no} was taken over after {gap_ms} ms"));
            }
        }
        if let Some(step) = committed(*run, *step_no) {
            let late = entries.iter().find(|entry| entry.step.fence >= step.fence && entry.at > step.committed_at);
            if late.is_some() {
                wrong.push(format!("{run}: step {step_no} began after its commit"));
            }
        }
    }
}

/// A worker that sends a commit again because its reply was lost is told that it was stored, and goes on with the next step.
/// Some may be too late for their lease on a stalled machine, or meet a disaster; most never.
fn lost_replies(report: &Report, wrong: &mut Vec<String>) {
    let [went_on, taken_over] =
        [WENT_ON, TAKEN_OVER].map(|outcome| report.times(Blow::Cut, Point::CommitSent, outcome));
    if taken_over > went_on {
        wrong.push(format!("{taken_over} workers of {} lost their run with a reply", went_on + taken_over));
    }
}

/// Attempts are lost to kills and freezes, not to a lost reply. A disaster may cost some more, and so may a stalled machine.
fn lost_attempts(evidence: &Evidence, deadly: &BTreeMap<String, usize>, report: &mut Report, wrong: &mut Vec<String>) {
    let conversation: HashMap<Uuid, &str> =
        evidence.requests.iter().map(|request| (request.run, request.place.1.as_str())).collect();
    let mut lost: BTreeMap<&str, usize> = BTreeMap::new();
    for (run, steps) in &evidence.steps {
        let attempts = steps.iter().flat_map(|step| step.wasted.as_array().into_iter().flatten());
        let count = attempts.filter(|attempt| attempt["outcome"] == "lost").count();
        *lost.entry(conversation.get(run).copied().unwrap_or_default()).or_default() += count;
    }
    report.lost_attempts = lost.values().sum();
    let unexplained: usize =
        lost.iter().map(|(name, lost)| lost.saturating_sub(deadly.get(*name).copied().unwrap_or(0))).sum();
    let disasters = report.terminations + 40 * report.pooler_crashes + 40 * report.server_crashes;
    if unexplained > disasters + 8 + report.lost_attempts / 100 {
        wrong.push(format!("{unexplained} attempts were lost without a kill or a freeze"));
    }
}

/// What a blow led to, by the next thing that happened to its run.
fn outcome(hit: &Hit, ledger: &[Entry], evidence: &Evidence) -> &'static str {
    if hit.order.point == Point::BeforeBegin {
        return "asked again";
    }
    let struck = ledger[..hit.ledger_length].iter().rev().find(|entry| entry.step.conversation == hit.conversation);
    let next = ledger[hit.ledger_length..].iter().find(|entry| entry.step.conversation == hit.conversation);
    let (Some(step_no), Some(struck)) = (hit.order.step_no, struck) else { return "resumed" };
    let next = next.filter(|next| next.step.run == struck.step.run);
    if hit.order.blow == Blow::Cut {
        return match next {
            Some(next) if next.step.fence == struck.step.fence => WENT_ON,
            Some(_) => TAKEN_OVER,
            None => "repeated",
        };
    }
    match next {
        Some(next) if next.step.step_no == step_no => "run again",
        Some(_) => "next step",
        None => {
            let request = evidence.requests.iter().find(|request| request.run == struck.step.run);
            match request.map(|request| request.status.as_str()) {
                Some("completed") => "replayed",
                Some("cancelled") => "cancelled",
                _ => "unknown",
            }
        }
    }
}
