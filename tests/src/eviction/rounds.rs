//! The same over HTTP, many times: an attacker's clients and what evicts them start together, a little apart, in an order and
//! at a share of the attack's time that a seed decides. After each round nobody holds a session that should have ended, and nothing was a 500.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::auth::opaque::{RefreshToken, ResetToken};
use tokio_postgres::Client;

use super::Act;
use super::people::{Target, people};
use crate::client::{Answer, Api, Call, PASSWORD};
use crate::product::{Options, Product, product_on};
use crate::stack::Stack;
use crate::torture::schedule::Dice;

/// The passwords that a change or a reset sets.
const NEW_PASSWORDS: [&str; 2] = ["quite another sentence 4 it", "a third sentence for it 7"];
/// Rounds at once: more than the machine has processors, so that they meet in the middle.
const AT_ONCE: usize = 6;
/// How far apart the two sides start at most, in thousandths of the time that the attack takes alone: some come before, some after,
/// and some in the middle, however fast the machine is.
const MOST_APART: usize = 1_500;

/// What happens at the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Race {
    /// Two log-ins with the old password.
    LogIn(Act),
    /// A refresh token is used, and its successor, and so on.
    Refresh(Act),
    /// A new conversation is begun by the owner's other window.
    Ask(Act),
    /// Two resets, with two codes or with one.
    TwoResets,
}

impl Race {
    /// Every race.
    pub fn all() -> Vec<Self> {
        let mut all: Vec<Self> = Act::ALL.into_iter().map(Self::LogIn).collect();
        all.extend(Act::ALL.into_iter().map(Self::Refresh));
        all.extend([Self::Ask(Act::Delete), Self::TwoResets]);
        all
    }
}

/// What came of the rounds of one race.
#[derive(Clone, Debug)]
pub struct Report {
    /// Which race.
    pub race: Race,
    /// How many rounds were played.
    pub rounds: usize,
    /// What decided their orders.
    pub seed: u64,
    /// The attacker's answers by status.
    pub statuses: BTreeMap<u16, usize>,
    /// Answers that opened or refreshed a session, or were given, all of them of before the eviction.
    pub let_in: usize,
    /// Sessions that were tried afterwards.
    pub tried: usize,
    /// 503, asked again.
    pub busy: usize,
    /// What should not be, one line each.
    pub violations: Vec<String>,
}

impl Display for Report {
    fn fmt(&self, out: &mut Formatter<'_>) -> std::fmt::Result {
        let Self { race, rounds, seed, statuses, let_in, tried, busy, violations } = self;
        write!(
            out,
            "{race:?}: {rounds} rounds, seed {seed}, {statuses:?}, {let_in} let in before, {tried} tokens tried after, {busy} busy, \
             {} violations {violations:?}",
            violations.len()
        )
    }
}

/// A product for races, over a database of this stack.
pub async fn product(stack: &'static Stack, database: String) -> Product {
    product_on(stack, database, Options { processes: 4, pool_size: 12, ..Options::default() }).await
}

/// Plays `rounds` rounds; with `stops`, until the first violation.
pub async fn play(product: &Product, race: Race, rounds: usize, seed: u64, stops: bool) -> Report {
    let client = product.superuser().await;
    let mut people = people(product, &client, rounds + AT_ONCE).await;
    let round = |person, number, unit| {
        let dice = Dice::new(seed.wrapping_add(number));
        Round { product, client: &client, person, dice, unit, statuses: Vec::new(), busy: 0 }
    };
    let alone = people.split_off(rounds).into_iter().map(|person| round(person, 0, Duration::ZERO).alone(race));
    let unit = join_all(alone).await.iter().sum::<Duration>() / u32::try_from(AT_ONCE).expect("few");
    let (statuses, violations) = (BTreeMap::new(), Vec::new());
    let mut report = Report { race, rounds: 0, seed, statuses, let_in: 0, tried: 0, busy: 0, violations };
    let played = people.into_iter().zip(0..).map(|(person, number)| round(person, number, unit).play(race));
    let mut played = futures_util::stream::iter(played).buffer_unordered(AT_ONCE);
    while let Some(outcome) = played.next().await {
        report.rounds += 1;
        report.tried += outcome.tried;
        report.busy += outcome.busy;
        report.let_in += outcome.statuses.iter().filter(|status| **status < 300).count();
        for status in outcome.statuses {
            *report.statuses.entry(status).or_default() += 1;
        }
        let number = report.rounds;
        report
            .violations
            .extend(outcome.violations.into_iter().map(|violation| format!("round {number}: {violation}")));
        if stops && !report.violations.is_empty() {
            return report;
        }
    }
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    let deadlocks = product.count(deadlocks).await;
    if deadlocks > 0 {
        report.violations.push(format!("{deadlocks} deadlocks so far"));
    }
    report
}

struct Round<'a> {
    product: &'a Product,
    client: &'a Client,
    person: Target,
    dice: Dice,
    unit: Duration,
    statuses: Vec<u16>,
    busy: usize,
}

struct Outcome {
    statuses: Vec<u16>,
    tried: usize,
    busy: usize,
    violations: Vec<String>,
}

impl Round<'_> {
    async fn play(mut self, race: Race) -> Outcome {
        let mut violations = Vec::new();
        let tried = match race {
            Race::TwoResets => self.two_resets(&mut violations).await,
            Race::LogIn(act) | Race::Refresh(act) | Race::Ask(act) => self.evict(race, act, &mut violations).await,
        };
        for status in &self.statuses {
            let allowed: &[u16] = match race {
                Race::LogIn(Act::Disable) => &[200, 401, 403],
                Race::TwoResets => &[204, 422],
                _ => &[200, 401],
            };
            if !allowed.contains(status) {
                violations.push(format!("answered {status}"));
            }
        }
        Outcome { statuses: self.statuses, tried, busy: self.busy, violations }
    }

    async fn evict(&mut self, race: Race, act: Act, violations: &mut Vec<String>) -> usize {
        let owner = self.refreshed(self.person.owner.clone()).await;
        let owner = text(&owner, "access_token");
        let [attack_after, act_after] = self.apart();
        let (answers, acted) = {
            let this = &*self;
            let attack = async {
                tokio::time::sleep(attack_after).await;
                this.attack(race, &owner).await
            };
            let act = async {
                tokio::time::sleep(act_after).await;
                this.act(act, &owner).await
            };
            tokio::join!(attack, act)
        };
        let (acted, busy) = acted;
        self.busy += busy + answers.iter().filter(|answer| answer.status == 503).count();
        self.statuses.extend(answers.iter().map(|answer| answer.status).filter(|status| *status != 503));
        if acted != 204 {
            violations.push(format!("{act:?} itself answered {acted}"));
        }
        let mut tried = 0;
        for answer in answers.iter().filter(|answer| answer.status == 200) {
            if matches!(race, Race::Ask(_)) {
                tried += 1;
                continue;
            }
            tried += 2;
            violations.extend(self.gets_in(&text(answer, "access_token"), &text(answer, "refresh_token")).await);
        }
        if act == Act::Change {
            let (me, _) = insist(|| self.product.api.get("/me").token(&owner)).await;
            if me.status != 200 {
                violations.push(format!("the owner's own session answers {}", me.status));
            }
        }
        if matches!(race, Race::Ask(Act::Delete)) {
            let left = format!("SELECT count(*) FROM navigator.conversations WHERE user_id = '{}'", self.person.id);
            let left: i64 = self.client.query_one(&left, &[]).await.expect("a count").get(0);
            if left > 0 {
                violations.push(format!("{left} conversations of a deleted account"));
            }
        }
        tried
    }

    /// How long the attack takes when nobody is in its way.
    async fn alone(mut self, race: Race) -> Duration {
        let owner = self.refreshed(self.person.owner.clone()).await;
        let since = Instant::now();
        let race = if race == Race::TwoResets { Race::LogIn(Act::Reset) } else { race };
        self.attack(race, &text(&owner, "access_token")).await;
        since.elapsed()
    }

    /// When each of two sides starts: one at once, and which is the dice's to say.
    fn apart(&mut self) -> [Duration; 2] {
        let apart = self.unit * u32::try_from(self.dice.below(MOST_APART)).expect("small") / 1_000;
        if self.dice.below(2) == 0 { [Duration::ZERO, apart] } else { [apart, Duration::ZERO] }
    }

    async fn attack(&self, race: Race, owner: &str) -> Vec<Answer> {
        let api = &self.product.api;
        match race {
            Race::LogIn(_) => join_all((0..2).map(|_| self.log_in(PASSWORD).send_unjudged())).await,
            Race::Refresh(_) => {
                let mut answers = vec![refresh(api, self.person.attacker.expose()).send_unjudged().await];
                while answers.len() < 4 {
                    let Some(next) = answers.last().filter(|answer| answer.status == 200) else { break };
                    answers.push(refresh(api, &text(next, "refresh_token")).send_unjudged().await);
                }
                answers
            }
            _ => {
                let body = json!({ "message": "What is a copay?", "conversation_id": "c" });
                vec![api.post("/chat/navigator", &body).token(owner).send_unjudged().await]
            }
        }
    }

    fn log_in(&self, password: &str) -> Call {
        let body = json!({ "email": self.person.email, "password": password });
        self.product.api.post("/login", &body)
    }

    /// Evicts: the status, and how often the machine had too much to do.
    async fn act(&self, act: Act, owner: &str) -> (u16, usize) {
        let api = &self.product.api;
        let [new, _] = NEW_PASSWORDS;
        let request = || match act {
            Act::Change => {
                let body = json!({ "current_password": PASSWORD, "new_password": new });
                api.post("/me/password", &body).token(owner)
            }
            Act::Delete => {
                let body = json!({ "password": PASSWORD }).to_string().into_bytes();
                api.call("DELETE", "/me").token(owner).raw("application/json", body)
            }
            _ => reset(api, &self.person.codes[0], new),
        };
        if act == Act::Disable {
            // What `ops user disable` calls; starting a program would take longer than the race.
            let sql = format!("SELECT outcome FROM navigator.user_set_disabled('{}', true)", self.person.id);
            let outcome: String = self.client.query_one(&sql, &[]).await.expect("an outcome").get(0);
            assert_eq!(outcome, "changed");
            return (204, 0);
        }
        let (answer, busy) = insist(request).await;
        (answer.status, busy)
    }

    /// Two resets of one account: exactly one is done, its password is the account's, and nobody's session lives.
    async fn two_resets(&mut self, violations: &mut Vec<String>) -> usize {
        let before = self.refreshed(self.person.attacker.clone()).await;
        let apart = self.apart();
        let second = self.dice.below(2);
        let answers = {
            let this = &*self;
            let resets = [0, second].into_iter().enumerate().map(|(place, code)| async move {
                tokio::time::sleep(apart[place]).await;
                insist(|| reset(&this.product.api, &this.person.codes[code], NEW_PASSWORDS[place])).await
            });
            join_all(resets).await
        };
        self.busy += answers.iter().map(|(_, busy)| busy).sum::<usize>();
        let answers: Vec<u16> = answers.into_iter().map(|(answer, _)| answer.status).collect();
        self.statuses.extend(&answers);
        let done: Vec<bool> = answers.iter().map(|status| *status == 204).collect();
        if done[0] == done[1] {
            violations.push(format!("of two resets {answers:?}"));
        }
        for (password, is_right) in NEW_PASSWORDS.into_iter().zip(done).chain([(PASSWORD, false)]) {
            let (answer, busy) = insist(|| self.log_in(password)).await;
            let status = answer.status;
            self.busy += busy;
            if status != if is_right { 200 } else { 401 } {
                violations.push(format!("a log-in answers {status}, and its password is right: {is_right}"));
            }
        }
        violations.extend(self.gets_in(&text(&before, "access_token"), &text(&before, "refresh_token")).await);
        2
    }

    /// Refreshes with a token that is good.
    async fn refreshed(&mut self, token: RefreshToken) -> Answer {
        let (answer, busy) = insist(|| refresh(&self.product.api, token.expose())).await;
        self.busy += busy;
        answer.expect(200)
    }

    /// What an evicted session still gets in with.
    async fn gets_in(&self, access: &str, token: &str) -> Vec<String> {
        let mut found = Vec::new();
        let api = &self.product.api;
        let (me, _) = insist(|| api.get("/me").token(access)).await;
        if me.status != 401 {
            found.push(format!("an evicted session answers {}", me.status));
        }
        let (refreshed, _) = insist(|| refresh(api, token)).await;
        if refreshed.status != 401 {
            found.push(format!("an evicted session is refreshed with {}", refreshed.status));
        }
        found
    }
}

/// Sends a request again for as long as the machine has too much to do, and says how often that was.
async fn insist(request: impl Fn() -> Call) -> (Answer, usize) {
    let mut busy = 0;
    loop {
        let answer = request().send_unjudged().await;
        if answer.status != 503 || busy == 20 {
            return (answer, busy);
        }
        busy += 1;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn refresh(api: &Api, token: &str) -> Call {
    api.post("/token/refresh", &json!({ "refresh_token": token }))
}

fn reset(api: &Api, code: &ResetToken, new: &str) -> Call {
    api.post("/password-reset/confirm", &json!({ "token": code.expose(), "new_password": new }))
}

fn text(answer: &Answer, name: &str) -> String {
    answer.json.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}
