//! Does what a sequence of operations says, in the model and in the database, and compares every answer and every row.
//!
//! Invariants: the workers' statements run as `navigator_api`; time passes only where an operation says so (leases and long
//! pauses are longer than any test); each sequence has a person of its own and finds nobody else's rows.

mod sql;
mod worker;

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared::agents;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Statement};
use uuid::Uuid;

use super::Model;
use super::operation::{ACTORS, By, Forget, Holder, Op, Queue, Release, Session, Text};
use super::request::{Ask, Commit, Deferral, Worker};
use crate::stack::Stack;
use sql::{AGE_JOURNAL, AGE_REQUESTS, CANCEL, EXPIRE, HOLD, PRUNE, RETRY, STATUS, SWEEP, parameter};
pub use sql::{CONTENTS, CONVERSATION};
use worker::Actor;

/// One database in which sequences are played.
pub struct Driver {
    /// As the functions connect.
    api: Client,
    /// With all rights: looks at rows, and moves the time.
    root: Client,
    /// Prepared: it is asked after every operation, and planning it takes longer than running it.
    contents: Statement,
    answers: RefCell<BTreeMap<String, usize>>,
}

impl Driver {
    /// A driver of a database that is its own.
    pub async fn connect(stack: &Stack, database: &str) -> Self {
        let url = stack.server.api_url(stack.server.port(), database);
        let api = ops::database::connect(&url, Some(stack.server.ca_pem())).await.expect("a connection");
        let root = stack.server.superuser(database).await.expect("a connection");
        let contents = root.prepare_typed(CONTENTS, &[Type::UUID, Type::TEXT]).await.expect("a statement");
        Self { api, root, contents, answers: RefCell::default() }
    }

    /// How often each answer was given, by function.
    pub fn answers(&self) -> BTreeMap<String, usize> {
        self.answers.borrow().clone()
    }

    /// Plays a sequence for a new person.
    ///
    /// # Errors
    /// The first difference between the model and the database, with the operation it came with.
    pub async fn play(&self, operations: &[Op]) -> Result<(), String> {
        let mut case = Case::start(self).await?;
        for (number, operation) in operations.iter().enumerate() {
            let at = |difference| format!("operation {number}, {operation:?}:\n{difference}");
            case.play(operation).await.map_err(at)?;
            case.compare_contents().await.map_err(at)?;
        }
        Ok(())
    }

    /// Compares two answers of a function.
    fn compare(&self, function: &str, expected: &Value, actual: &Value) -> Result<(), String> {
        let outcome = actual["outcome"].as_str().unwrap_or("unnamed");
        *self.answers.borrow_mut().entry(format!("{function} {outcome}")).or_default() += 1;
        if expected["outcome"] != actual["outcome"] {
            return Err(format!("  {function}: expected {expected}\n  found {actual}"));
        }
        equal(function, expected, actual)
    }
}

/// One person, and the conversation with them.
struct Case<'a> {
    driver: &'a Driver,
    user: Uuid,
    session: Uuid,
    model: Model,
    actors: [Actor; ACTORS],
    newest: usize,
    counter: i32,
}

impl<'a> Case<'a> {
    async fn start(driver: &'a Driver) -> Result<Self, String> {
        let (user, session) = (Uuid::new_v4(), Uuid::new_v4());
        let sql = format!(
            "DELETE FROM navigator.users; \
             INSERT INTO navigator.users (id, email, password_hash, full_name) VALUES ('{user}', '{user}@example.org', '-', 'Ana'); \
             INSERT INTO navigator.sessions (id, user_id) VALUES ('{session}', '{user}')"
        );
        driver.root.batch_execute(&sql).await.map_err(|error| format!("a new person: {error:?}"))?;
        Ok(Self {
            driver,
            user,
            session,
            model: Model::default(),
            actors: std::array::from_fn(|_| Actor::new(Release::Current)),
            newest: 0,
            counter: 0,
        })
    }

    async fn play(&mut self, operation: &Op) -> Result<(), String> {
        match *operation {
            Op::Begin { actor, key, text, queue, holder, session } => {
                let name = format!("key-{key}");
                self.begin(actor, (&name, key), text, queue, holder, session).await
            }
            Op::Crowd(people) => {
                for _ in 0..people {
                    let name = format!("crowd-{}", self.next());
                    let holder = Holder::New(Release::Current);
                    self.begin(0, (&name, 0), Text::Same, Queue::Enqueue, holder, Session::Live).await?;
                    self.compare_contents().await?;
                }
                Ok(())
            }
            Op::Resume { actor, holder } => {
                let worker = self.actors[actor].asks(holder);
                let actual = self.driver.resume(self.user, &worker).await?;
                let expected = self.model.resume(&worker);
                self.granted(actor, &actual);
                self.driver.compare("turn_resume", &expected, &actual)
            }
            Op::Commit { by, ending, memory, flaw } => {
                let (actor, number) = (self.actor(by), self.next());
                let Some(commit) = self.actors[actor].commit(ending, memory, flaw, number) else { return Ok(()) };
                self.commit(actor, commit).await
            }
            Op::CommitAgain(by) => {
                let actor = self.actor(by);
                let Some(commit) = self.actors[actor].last_commit() else { return Ok(()) };
                self.commit(actor, commit).await
            }
            Op::Defer { by, keep, wait, reason, flaw } => {
                let actor = self.actor(by);
                let Some(deferral) = self.actors[actor].deferral(keep, wait, reason, flaw) else { return Ok(()) };
                self.defer(actor, deferral).await
            }
            Op::DeferAgain(by) => {
                let actor = self.actor(by);
                let Some(deferral) = self.actors[actor].last_deferral() else { return Ok(()) };
                self.defer(actor, deferral).await
            }
            Op::HandBack(by) => {
                let holder = self.actors[self.actor(by)].worker().holder;
                let actual = self.driver.release(self.user, holder).await?;
                let expected = json!({ "outcome": self.model.release(holder) });
                self.driver.compare("turn_release", &expected, &actual)
            }
            Op::Cancel(session) => self.cancel(session).await,
            Op::Expire => {
                self.model.expire();
                self.driver.root_does(EXPIRE, self.user).await
            }
            Op::Retry => {
                // Whether a run may be retried is the operator's command to say; the function trusts it.
                if !self.model.retry() {
                    return Ok(());
                }
                self.driver.root_does(RETRY, self.user).await
            }
            Op::Sweep(release, forget) => self.sweep(release, forget).await,
            Op::Status(session) => self.status(session).await,
        }
    }

    async fn begin(
        &mut self,
        actor: usize,
        (name, key): (&str, u8),
        text: Text,
        queue: Queue,
        holder: Holder,
        session: Session,
    ) -> Result<(), String> {
        let worker = self.actors[actor].asks(holder);
        let other = u8::from(text == Text::Other);
        let mut content = format!("question {name}, {other}");
        if key == 3 {
            content.push_str(&"é".repeat(2_000));
        }
        let ask = Ask {
            key: name.to_owned(),
            hash: vec![key, other, 0xff],
            run: Uuid::new_v4(),
            text: content,
            metadata: json!({ "of": [key, other], format!("k{key}"): other, "data": { "message": name } }),
            kind: self.actors[actor].release().route(key),
            may_wait: queue == Queue::Enqueue,
        };
        let mut actual = self.driver.begin(self.user, self.session(session), &ask, &worker).await?;
        if session == Session::Ended {
            return self.driver.compare(
                "turn_begin",
                &json!({ "outcome": "refused", "refusal": "session_ended" }),
                &actual,
            );
        }
        let expected = self.model.begin(&ask, &worker);
        if expected["response"].is_object() {
            let text = actual["response"].as_str().unwrap_or_default();
            actual["response"] = serde_json::from_str(text).unwrap_or_default();
        }
        self.granted(actor, &actual);
        self.driver.compare("turn_begin", &expected, &actual)
    }

    async fn commit(&mut self, actor: usize, commit: Commit) -> Result<(), String> {
        let actual = self.driver.commit(self.user, &commit).await?;
        let committed = self.model.commit(&commit);
        let has_next = committed.has_next.map_or(actual["has_next"].clone(), Value::from);
        let expected = json!({ "outcome": committed.outcome, "has_next": has_next });
        self.actors[actor].committed(commit, actual["outcome"].as_str().unwrap_or_default());
        self.driver.compare("step_commit", &expected, &actual)
    }

    async fn defer(&mut self, actor: usize, deferral: Deferral) -> Result<(), String> {
        let actual = self.driver.defer(self.user, &deferral).await?;
        let expected = json!({ "outcome": self.model.defer(&deferral) });
        self.actors[actor].deferred(deferral, actual["outcome"].as_str().unwrap_or_default());
        self.driver.compare("step_defer", &expected, &actual)
    }

    async fn cancel(&mut self, session: Session) -> Result<(), String> {
        let reply = agents::cancelled();
        let parts = reply.without_content().map_err(|error| error.to_string())?;
        let session_id = self.session(session);
        let parameters = [
            parameter(&self.user),
            parameter(&session_id),
            parameter(&CONVERSATION),
            parameter(&reply.content),
            parameter(&parts),
        ];
        let actual = sql::answer(&self.driver.api, CANCEL, &parameters).await?;
        let outcome = match session {
            Session::Live => self.model.cancel(&reply.content, &parts),
            Session::Ended => "refused",
        };
        self.compare_view("turn_cancel", outcome, outcome == "cancelled", actual)
    }

    async fn status(&mut self, session: Session) -> Result<(), String> {
        let session_id = self.session(session);
        let parameters = [parameter(&self.user), parameter(&session_id), parameter(&CONVERSATION)];
        let actual = sql::answer(&self.driver.api, STATUS, &parameters).await?;
        let outcome = match (session, self.model.view()) {
            (Session::Ended, _) => "refused",
            (Session::Live, None) => "not_found",
            (Session::Live, Some(_)) => "found",
        };
        self.compare_view("workflow_status", outcome, outcome == "found", actual)
    }

    fn compare_view(&self, function: &str, outcome: &str, has_view: bool, actual: Value) -> Result<(), String> {
        let mut expected = if has_view { self.model.view().unwrap_or_default() } else { json!({}) };
        expected["outcome"] = outcome.into();
        if outcome == "refused" {
            expected["refusal"] = "session_ended".into();
        }
        let actual = if has_view { without_times(actual)? } else { actual };
        self.driver.compare(function, &expected, &actual)
    }

    async fn sweep(&mut self, release: Release, forget: Forget) -> Result<(), String> {
        let known = release.known();
        let known_data = json!(known);
        let parameters = [parameter(&known_data), parameter(&20_i32), parameter(&0_i32), parameter(&0_i32)];
        let actual = sql::answer(&self.driver.api, SWEEP, &parameters).await?;
        // A claim lasts ten seconds, and this sequence may take longer.
        self.driver.root_does(HOLD, self.user).await?;
        let due = self.model.sweep(&known);
        let found =
            due.map(|give_up| json!({ "user_id": self.user, "conversation_id": CONVERSATION, "give_up": give_up }));
        // The mails, the end of the audit log and what other people left to be pruned are no business of the turns.
        let (mut expected, mut actual) = (json!({ "due": Vec::from_iter(found) }), json!({ "due": actual["due"] }));
        let outcome = Value::from(if due.is_some() { "due" } else { "none" });
        (expected["outcome"], actual["outcome"]) = (outcome.clone(), outcome);
        self.driver.compare("sweep", &expected, &actual)?;
        match forget {
            Forget::Nothing => Ok(()),
            Forget::Requests => {
                self.prune("requests", 0).await?;
                self.driver.root_does(AGE_REQUESTS, self.user).await?;
                let forgotten = self.model.forget_requests();
                self.prune("requests", forgotten).await
            }
            Forget::Journal => {
                self.prune("journal", 0).await?;
                self.driver.root_does(AGE_JOURNAL, self.user).await?;
                let forgotten = self.model.forget_journal();
                self.prune("journal", forgotten).await
            }
        }
    }

    /// However little is asked to be kept, what is young is.
    async fn prune(&self, kind: &str, expected: usize) -> Result<(), String> {
        let parameters = [parameter(&kind), parameter(&0_i32), parameter(&i32::MIN)];
        let actual = sql::answer(&self.driver.api, PRUNE, &parameters).await?;
        equal(&format!("pruned {kind}"), &json!(expected), &actual)
    }

    async fn compare_contents(&self) -> Result<(), String> {
        let row = self.driver.root.query_one(&self.driver.contents, &[&self.user, &CONVERSATION]).await;
        let actual: Value = row.map_err(|error| format!("  the rows: {error:?}"))?.get(0);
        equal("the rows", &self.model.contents(), &actual)
    }

    fn granted(&mut self, actor: usize, answer: &Value) {
        if self.actors[actor].granted(answer) {
            self.newest = actor;
        }
    }

    fn actor(&self, by: By) -> usize {
        match by {
            By::Newest => self.newest,
            By::Actor(actor) => actor,
        }
    }

    fn session(&self, session: Session) -> Uuid {
        match session {
            Session::Live => self.session,
            Session::Ended => Uuid::nil(),
        }
    }

    fn next(&mut self) -> i32 {
        self.counter += 1;
        self.counter
    }
}

impl Actor {
    fn asks(&mut self, holder: Holder) -> Worker {
        if let Holder::New(release) = holder {
            self.comes_anew(release);
        }
        self.worker()
    }
}

/// A run's view with "is there" in place of each time.
fn without_times(mut view: Value) -> Result<Value, String> {
    let object = view.as_object_mut().ok_or("the view is an object")?;
    if object.remove("updated_at").is_none_or(|time| !time.is_string()) {
        return Err(format!("a view without updated_at: {object:?}"));
    }
    for (time, is_there) in [("started_at", "is_started"), ("finished_at", "is_finished")] {
        let value = object.remove(time).ok_or_else(|| format!("a view without {time}"))?;
        object.insert(is_there.to_owned(), value.is_string().into());
    }
    for (list, time) in [("steps", "committed_at"), ("queue", "queued_at")] {
        for row in object.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let removed = row.as_object_mut().and_then(|row| row.remove(time));
            if removed.is_none_or(|value| !value.is_string()) {
                return Err(format!("a row of {list} without {time}"));
            }
        }
    }
    Ok(view)
}

fn equal(what: &str, expected: &Value, actual: &Value) -> Result<(), String> {
    let mut differences = Vec::new();
    compare(what, expected, actual, &mut differences);
    if differences.is_empty() { Ok(()) } else { Err(differences.join("\n")) }
}

fn compare(path: &str, expected: &Value, actual: &Value, differences: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(one), Value::Object(other)) => {
            let names: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for name in names {
                let value = |map: &serde_json::Map<String, Value>| map.get(name).cloned().unwrap_or("absent".into());
                compare(&format!("{path}.{name}"), &value(one), &value(other), differences);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                compare(&format!("{path}[{index}]"), one, other, differences);
            }
        }
        _ if expected == actual => {}
        _ => differences.push(format!("  {path}: expected {expected}, found {actual}")),
    }
}
