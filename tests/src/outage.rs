//! Outages: the database is away, locked, half migrated, read-only or full for a while, and people go on asking. Clients do what
//! the replies say: they come back after Retry-After with the key that the reply names. Afterwards every question stands in the
//! database once, with one answer, and none ended as failed.

mod kind;
mod small_disk;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;
use tokio::task::JoinHandle;

pub use kind::Kind;
use kind::Place;

use crate::client::{Answer, Person};
use crate::emf::metric_lines;
use crate::product::Product;

/// What a first reply may take, as the function itself counts it.
pub const LONGEST_REPLY: Duration = Duration::from_secs(7);
/// How often the schedule looks for what nobody goes on with. Once a minute in a deployment; here it tries harder to do harm.
const SCHEDULE: Duration = Duration::from_secs(5);
/// After this time from the end of the outage an unanswered question counts as lost.
const PATIENCE: Duration = Duration::from_secs(120);
/// So many people ask all the time, in a conversation each.
const PEOPLE: usize = 2;
const QUESTIONS: [&str; 3] = [
    "What is a deductible?",
    "Medicare Advantage denied my MRI, letter dated 2026-10-02",
    "How do I find a cardiologist in my network?",
];

/// What was seen.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What was wrong with the database.
    pub kind: &'static str,
    /// How long, in seconds.
    pub seconds: u64,
    /// Questions asked in all.
    pub questions: usize,
    /// Of those, asked without a key of the client's own.
    pub keyless: usize,
    /// Replies by status.
    pub replies: BTreeMap<u16, usize>,
    /// Runs that ended as failed.
    pub failed: i64,
    /// The longest invocation of the navigator, in milliseconds.
    pub slowest_ms: u64,
    /// The longest one before the outage, in milliseconds: what this machine takes for a whole turn, busy as it is.
    pub undisturbed_ms: u64,
    /// Replies that took longer than [`LONGEST_REPLY`] and an undisturbed turn: an outage may begin at a turn's last step.
    pub too_slow: usize,
    /// From the end of the outage to the last answer, in milliseconds.
    pub last_answer_ms: u64,
    /// What broke a promise.
    pub violations: Vec<String>,
}

impl Report {
    /// Whether everything was kept.
    pub fn is_good(&self) -> bool {
        self.violations.is_empty() && self.failed == 0 && self.too_slow == 0
    }

    /// The head of a table of reports.
    pub const HEAD: &'static str = "| outage | s | questions | without a key | replies | failed | slowest before (s) | slowest reply (s) | over 7 s more | last answer after the end (s) | violations |\n|--|--|--|--|--|--|--|--|--|--|--|";
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let replies: Vec<String> = self.replies.iter().map(|(status, count)| format!("{count} × {status}")).collect();
        let seconds = |ms: u64| format!("{}.{}", ms / 1_000, ms % 1_000 / 100);
        write!(
            f,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            self.kind,
            self.seconds,
            self.questions,
            self.keyless,
            replies.join(", "),
            self.failed,
            seconds(self.undisturbed_ms),
            seconds(self.slowest_ms),
            self.too_slow,
            seconds(self.last_answer_ms),
            self.violations.len()
        )
    }
}

/// What the clients share.
struct World {
    product: Product,
    report: Mutex<Report>,
    asked: Mutex<Vec<(Person, String, &'static str)>>,
    is_over: AtomicBool,
}

/// Has every outage at once, each in a database of its own, and judges what became of the questions. Wants a runtime of
/// several threads.
pub async fn run_all(length: Duration) -> Vec<Report> {
    // One after the other: making a server takes the whole machine.
    let mut places = Vec::new();
    for kind in Kind::ALL {
        places.push(Place::new(kind).await);
    }
    let running: Vec<_> = places.into_iter().map(|place| tokio::spawn(run(place, length))).collect();
    let mut reports = Vec::new();
    for outage in running {
        reports.push(outage.await.expect("an outage that can be judged"));
    }
    reports
}

async fn run(place: Place, length: Duration) -> Report {
    let report = Report { kind: place.kind().name(), seconds: length.as_secs(), ..Report::default() };
    let world = Arc::new(World {
        product: place.product().await,
        report: Mutex::new(report),
        asked: Mutex::default(),
        is_over: AtomicBool::new(false),
    });
    let mut people = Vec::new();
    for _ in 0..PEOPLE {
        people.push(world.product.api.person().await);
    }
    // Every process is up, and it is known what this machine takes for turns beside each other.
    warm_up(&world, &people, "cold").await;
    let cold = world.times().len();
    warm_up(&world, &people, "warm").await;
    let undisturbed = world.times().into_iter().skip(cold).max().unwrap_or_default();
    world.with(|report| report.undisturbed_ms = undisturbed);
    let schedule = tokio::spawn(keep_resuming(world.clone()));
    // Some are in the middle of a turn whenever the outage begins.
    let busy: Vec<_> =
        people.iter().enumerate().map(|(at, who)| tokio::spawn(keep_asking(world.clone(), who.clone(), at))).collect();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let outage = place.begin(&world.product).await;
    let fresh = keep_coming(&world, &people, length).await;
    outage.end().await;
    let ended = Instant::now();
    world.is_over.store(true, Ordering::SeqCst);
    for task in busy.into_iter().chain(fresh) {
        if let Err(error) = task.await {
            world.violation(format!("a client saw what it must not: {error}"));
        }
    }
    schedule.abort();
    world.with(|report| report.last_answer_ms = u64::try_from(ended.elapsed().as_millis()).unwrap_or(u64::MAX));
    world.judge(cold).await;
    let report = world.report.lock().expect("no panic while it is held").clone();
    drop(world);
    place.clear().await;
    report
}

/// As many questions at once as there are processes.
async fn warm_up(world: &Arc<World>, people: &[Person], name: &str) {
    let asked = (0..kind::PROCESSES).map(|number| {
        let (world, person, conversation) = (world.clone(), &people[number % people.len()], format!("{name}-{number}"));
        async move { world.ask(person, &conversation, 2 * number).await }
    });
    join_all(asked).await;
}

/// New questions while the outage lasts, each in a conversation of its own: four, however long it is.
async fn keep_coming(world: &Arc<World>, people: &[Person], length: Duration) -> Vec<JoinHandle<()>> {
    let (end, pause) = (Instant::now() + length, length / 4);
    let mut asking = Vec::new();
    while Instant::now() < end {
        let (world, person, number) = (world.clone(), people[asking.len() % people.len()].clone(), asking.len());
        asking.push(tokio::spawn(async move { world.ask(&person, &format!("fresh-{number}"), number).await }));
        tokio::time::sleep(pause.min(end.saturating_duration_since(Instant::now()))).await;
    }
    asking
}

/// One question after the other, until the outage is over.
async fn keep_asking(world: Arc<World>, person: Person, at: usize) {
    for number in at.. {
        world.ask(&person, &format!("busy-{at}-{number}"), number).await;
        if world.is_over.load(Ordering::SeqCst) {
            return;
        }
    }
}

async fn keep_resuming(world: Arc<World>) {
    loop {
        tokio::time::sleep(SCHEDULE).await;
        // It fails while the database is away; that is what its alarm is for.
        let _report = world.product.host.invoke("resume", json!({})).await;
    }
}

impl World {
    fn with(&self, change: impl FnOnce(&mut Report)) {
        change(&mut self.report.lock().expect("no panic while it is held"));
    }

    fn violation(&self, text: String) {
        self.with(|report| report.violations.push(text));
    }

    /// Asks until there is an answer. Every second client has no key until a reply names one, and every fourth question
    /// names no conversation either.
    async fn ask(&self, person: &Person, conversation: &str, number: usize) {
        let message = QUESTIONS[number % QUESTIONS.len()];
        let is_keyless = number % 2 == 1;
        let mut key = (!is_keyless).then(|| format!("key-{conversation}"));
        let mut conversation = (number % 4 != 3).then(|| conversation.to_owned());
        self.with(|report| {
            report.questions += 1;
            report.keyless += usize::from(is_keyless);
        });
        let until = || !self.is_over.load(Ordering::SeqCst);
        let mut last_chance = None;
        loop {
            let answer = self.send(person, conversation.as_deref(), key.as_deref(), message).await;
            if answer.status == 200 {
                let id = answer.json["conversation_id"].as_str().expect("a conversation").to_owned();
                if answer.json["workflow"]["status"] != "completed" {
                    self.violation(format!("{id} was answered with {}", answer.json["workflow"]));
                }
                self.asked.lock().expect("no panic while it is held").push((person.clone(), id, message));
                return;
            }
            let Some(pause) = self.advice(&answer, &mut key, &mut conversation) else { return };
            if !until() && *last_chance.get_or_insert_with(|| Instant::now() + PATIENCE) < Instant::now() {
                return self.violation(format!("never answered; the last reply was {} {}", answer.status, answer.text));
            }
            tokio::time::sleep(pause).await;
        }
    }

    async fn send(&self, person: &Person, conversation: Option<&str>, key: Option<&str>, message: &str) -> Answer {
        let mut body = json!({ "message": message });
        if let Some(conversation) = conversation {
            body["conversation_id"] = json!(conversation);
        }
        let call = self.product.api.post("/chat/navigator", &body).token(&person.token);
        // What is not in openapi.yaml, the gateway's own words for a function without an answer among it, is a panic.
        let answer = match key {
            Some(key) => call.key(key).send().await,
            None => call.send().await,
        };
        self.with(|report| *report.replies.entry(answer.status).or_default() += 1);
        answer
    }

    /// What a reply without an answer tells the client to do: how long to wait, and the key and conversation to come back with.
    fn advice(&self, answer: &Answer, key: &mut Option<String>, conversation: &mut Option<String>) -> Option<Duration> {
        if !matches!(answer.status, 202 | 409 | 503 | 504) {
            self.violation(format!("{}: {}", answer.status, answer.text));
            return None;
        }
        let named = |name: &str| answer.json[name].as_str().map(ToOwned::to_owned);
        let (Some(pause), Some(named_key), Some(named_conversation)) =
            (answer.retry_after(), named("idempotency_key"), named("conversation_id"))
        else {
            self.violation(format!("{} does not say when, or with what, to come back: {}", answer.status, answer.text));
            return None;
        };
        if key.get_or_insert_with(|| named_key.clone()) != &named_key {
            self.violation(format!("another key than the client's: {}", answer.text));
        }
        if conversation.get_or_insert_with(|| named_conversation.clone()) != &named_conversation {
            self.violation(format!("another conversation than the client's: {}", answer.text));
        }
        Some(pause)
    }

    /// How long each invocation of the navigator took so far, as it says itself, in milliseconds.
    fn times(&self) -> Vec<u64> {
        let lines = metric_lines(&self.product.log.lines());
        let of_turns = lines.iter().filter(|line| line.function == "navigator");
        of_turns
            .map(|line| Duration::from_secs_f64(line.sum("Duration") / 1_000.0).as_millis())
            .map(|ms| u64::try_from(ms).unwrap_or(u64::MAX))
            .collect()
    }

    /// Reads the database and the function's own lines, but for the first `cold` ones.
    async fn judge(&self, cold: usize) {
        let count = async |sql: &str| self.product.count(sql).await;
        let failed = count("SELECT count(*) FROM navigator.workflow_requests WHERE status = 'failed'").await;
        let open = count("SELECT count(*) FROM navigator.workflow_requests WHERE finished_at IS NULL").await;
        let asked = self.asked.lock().expect("no panic while it is held").clone();
        let stored = count("SELECT count(*) FROM navigator.conversation_messages").await;
        let expected = i64::try_from(asked.len() * 2).expect("few");
        if open != 0 || stored != expected {
            self.violation(format!("{open} questions are unfinished, {stored} messages for {} questions", asked.len()));
        }
        let client = self.product.superuser().await;
        let sql = "SELECT coalesce(string_agg(CASE m.role WHEN 'user' THEN m.content ELSE m.role END, ' / ' ORDER BY m.seq), '') \
                     FROM navigator.conversation_messages AS m WHERE m.user_id::text = $1 AND m.conversation_id = $2";
        for (person, conversation, message) in asked {
            let row = client.query_one(sql, &[&person.id, &conversation]).await.expect("the messages");
            let stands: String = row.get(0);
            if stands != format!("{message} / assistant") {
                self.violation(format!("{conversation} holds: {stands}"));
            }
        }
        let times: Vec<u64> = self.times().into_iter().skip(cold).collect();
        self.with(|report| {
            report.failed = failed;
            report.slowest_ms = times.iter().max().copied().unwrap_or_default();
            let most = u64::try_from(LONGEST_REPLY.as_millis()).unwrap_or(u64::MAX) + report.undisturbed_ms;
            report.too_slow = times.iter().filter(|time| **time > most).count();
            if !report.replies.keys().any(|status| *status >= 500) {
                report.violations.push("the outage was none: nothing was refused".to_owned());
            }
        });
    }
}
