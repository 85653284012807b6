//! Everything that takes part, and what was seen.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::actor::{Actor, Sent};
use super::control::Control;
use super::director::Director;
use super::report::Report;
use super::schedule::{Order, Schedule};
use super::{Plan, judge, nemesis};
use crate::client::Api;
use crate::product::Product;

/// How often the schedule's function is invoked; in production once a minute.
const SCHEDULE: Duration = Duration::from_millis(700);

/// See the module.
pub struct World {
    product: Product,
    _control: Control,
    plan: Plan,
    director: Arc<Director>,
    schedule: Mutex<Schedule>,
    sent: Mutex<Vec<Sent>>,
    report: Mutex<Report>,
    is_over: AtomicBool,
}

impl World {
    pub(super) fn new(product: Product, control: Control, plan: Plan) -> Arc<Self> {
        let director = Arc::new(Director::default());
        control.obey(director.clone());
        let watching = director.clone();
        product.tap.as_ref().expect("a tap").watch(move |moment, call| watching.statement(moment, call));
        let schedule = Schedule::new(plan.kills, plan.freezes, plan.cuts, plan.seed);
        Arc::new(Self {
            product,
            _control: control,
            director,
            schedule: Mutex::new(schedule),
            sent: Mutex::default(),
            report: Mutex::new(Report::of(&plan)),
            is_over: AtomicBool::new(false),
            plan,
        })
    }

    pub(super) async fn run(self: Arc<Self>) -> Report {
        let begun = Instant::now();
        let mut people = Vec::new();
        for _ in 0..self.plan.actors.min(6) {
            people.push(self.api().person().await);
        }
        let schedule = tokio::spawn(keep_resuming(self.clone()));
        let nemesis = tokio::spawn(nemesis::rage(self.clone()));
        let forgetting = tokio::spawn(nemesis::forget(self.clone()));
        let actors = (0..self.plan.actors).map(|number| {
            let person = people[number % people.len()].clone();
            tokio::spawn(Actor::new(self.clone(), person, number, self.plan.seed).act())
        });
        for actor in actors.collect::<Vec<_>>() {
            actor.await.expect("an actor does not panic");
        }
        nemesis.abort();
        let _whether_it_storms = nemesis.await;
        self.is_over.store(true, Ordering::SeqCst);
        forgetting.await.expect("asking does not panic");
        self.does("DROP TRIGGER IF EXISTS refuse ON navigator.workflow_steps").await;
        schedule.await.expect("the schedule does not panic");
        self.product.tap.as_ref().expect("a tap").let_through();
        self.settle().await;
        let mut report = self.report.lock().expect("no panic while it is held").clone();
        let sent = self.sent.lock().expect("no panic while it is held").clone();
        judge::judge(&self.product, &self.director, &sent, &mut report).await;
        report.seconds = begun.elapsed().as_secs();
        report
    }

    /// A statement with all rights, repeated while the server is away or somebody is in the way.
    pub(super) async fn does(&self, statement: &str) {
        for _ in 0..100 {
            if let Ok(client) = self.product.try_superuser().await
                && client.batch_execute(statement).await.is_ok()
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        self.complain(format!("could not be done: {statement}"));
    }

    /// A statement with the rights of the functions, whatever comes of it.
    pub(super) async fn functions_do(&self, statement: &str) {
        let environment = &self.product.environment;
        let (url, ca) = (&environment["DATABASE_URL"], &environment["DATABASE_CA_PEM"]);
        if let Ok(client) = ops::database::connect(url, Some(ca)).await {
            let _whatever_comes_of_it = client.batch_execute(statement).await;
        }
    }

    /// After the last blow: the schedule alone finishes what is left.
    async fn settle(&self) {
        let end = Instant::now() + self.plan.patience;
        while self.product.count("SELECT count(*) FROM navigator.workflow_requests WHERE finished_at IS NULL").await > 0
            && Instant::now() < end
        {
            let _next_round = self.product.host.invoke("resume", serde_json::json!({})).await;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    pub(super) fn product(&self) -> &Product {
        &self.product
    }

    pub(super) fn api(&self) -> &Api {
        &self.product.api
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(super) fn director(&self) -> &Director {
        &self.director
    }

    pub(super) fn patience(&self) -> Duration {
        self.plan.patience
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }

    /// The next order; a mutant that was noticed needs no more of them.
    pub(super) fn next_order(&self) -> Option<Order> {
        if self.plan.stops_at_first_violation
            && !self.report.lock().expect("no panic while it is held").violations.is_empty()
        {
            return None;
        }
        self.schedule.lock().expect("no panic while it is held").take_next()
    }

    pub(super) fn put_back(&self, order: Order) {
        self.count(|report| report.put_back += 1);
        self.schedule.lock().expect("no panic while it is held").put_back(order);
    }

    /// 0 at the begin, 1 when every order was carried out.
    pub(super) fn progress(&self) -> f64 {
        let all = self.plan.kills + self.plan.freezes + self.plan.cuts;
        self.director.hits().len() as f64 / all.max(1) as f64
    }

    pub(super) fn record(&self, sent: Sent) {
        if sent.fate == super::actor::Fate::Never {
            self.complain(format!(
                "{} in {} was never answered: {}",
                sent.key,
                sent.conversation,
                sent.story.join(" ")
            ));
        }
        self.sent.lock().expect("no panic while it is held").push(sent);
    }

    pub(super) fn complain(&self, violation: String) {
        self.count(|report| report.violations.push(violation));
    }

    pub(super) fn count(&self, change: impl FnOnce(&mut Report)) {
        change(&mut self.report.lock().expect("no panic while it is held"));
    }

    /// Whether nothing of a message is left half done: it was never stored, or its request is finished.
    pub(super) async fn is_settled(&self, sent: &Sent) -> bool {
        let Ok(client) = self.product.try_superuser().await else { return false };
        let sql = "SELECT count(*) FROM navigator.workflow_requests \
                   WHERE user_id = $1 AND conversation_id = $2 AND request_key = $3 AND finished_at IS NULL";
        client
            .query_one(sql, &[&sent.user, &sent.conversation, &sent.key])
            .await
            .is_ok_and(|row| row.get::<_, i64>(0) == 0)
    }
}

async fn keep_resuming(world: Arc<World>) {
    while !world.is_over() {
        let _the_next_one_goes_on = world.product.host.invoke("resume", serde_json::json!({})).await;
        tokio::time::sleep(SCHEDULE).await;
    }
}
