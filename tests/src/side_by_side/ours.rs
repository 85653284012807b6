//! This product as a contestant: the real function behind the local host, its connection to the pooler led through the
//! proxy.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::STEPS;
use super::contestant::{Contestant, Taken};
use super::observer::Observer;
use super::proxy::Proxy;
use super::text::message;
use crate::client::{Answer, Person};
use crate::product::{Options, Product, product_with};
use crate::stack::Stack;

/// The product at work.
pub(super) struct Ours {
    pub(super) product: Product,
    proxy: Proxy,
    observer: Observer,
    people: BTreeMap<String, Person>,
    latest: Option<Person>,
}

/// Conversations of one person: few enough for limits per person, enough for limits on registrations.
const CONVERSATIONS: usize = 10;

impl Ours {
    pub(super) async fn start(stack: &Stack) -> Self {
        let product = product_with(Options::default()).await;
        let mut environment = product.environment.clone();
        let proxy = Proxy::start(port(&environment["DATABASE_URL"]), &stack.server.certificates).await;
        environment.insert("DATABASE_URL".to_owned(), stack.server.api_url(proxy.port(), &product.database));
        product.host.set_environment("navigator", environment);
        product.host.restart("navigator").await.expect("the navigator");
        let observer = Observer::of(&stack.server, &product.database).await;
        Self { product, proxy, observer, people: BTreeMap::new(), latest: None }
    }

    /// Whose conversation it is.
    pub(super) fn person(&self, conversation: &str) -> &Person {
        &self.people[conversation]
    }

    /// Sends a turn's request; sent again it is the same request.
    pub(super) async fn ask(&self, conversation: &str, turn: usize) -> Answer {
        let message = message(conversation, turn);
        let call = self.product.api.ask(self.person(conversation), conversation, &message);
        call.key(&format!("turn-{turn}")).send_unjudged().await
    }

    /// Sends a turn's request until it is answered, when the replies say so; `None` when that takes longer than `patience`.
    pub(super) async fn ask_until_answered(
        &self,
        conversation: &str,
        turn: usize,
        patience: Duration,
    ) -> Option<Answer> {
        let until = Instant::now() + patience;
        while Instant::now() < until {
            let answer = self.ask(conversation, turn).await;
            if answer.status == 200 {
                return Some(answer);
            }
            let seconds = answer.headers.get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
            tokio::time::sleep(seconds.map_or(Duration::from_millis(50), Duration::from_secs)).await;
        }
        None
    }
}

/// Two processes at once over the pooler's few connections, started anew after each round; the first reply that is not an
/// answer ends it.
pub(super) async fn try_pooler(rounds: usize, turns: usize) -> Result<(), String> {
    let product = product_with(Options { processes: 2, ..Options::default() }).await;
    let (one, two) = (product.api.person().await, product.api.person().await);
    for round in 1..=rounds {
        let converse = async |person: &Person| {
            let conversation = format!("round-{round}");
            for turn in 1..=turns {
                let message = message(&conversation, turn);
                let answer = product.api.ask(person, &conversation, &message).send_unjudged().await;
                if answer.status != 200 {
                    return Err(format!("{} {}", answer.status, answer.code()));
                }
            }
            Ok(())
        };
        tokio::try_join!(converse(&one), converse(&two))?;
        product.host.restart("navigator").await.expect("the navigator");
    }
    product.host.shutdown().await;
    Ok(())
}

/// The port in a database URL.
fn port(url: &str) -> u16 {
    let host = url.rsplit_once('@').and_then(|(_, rest)| rest.split('/').next());
    host.and_then(|host| host.rsplit_once(':')?.1.parse().ok()).expect("a port")
}

impl Contestant for Ours {
    fn proxy(&self) -> &Proxy {
        &self.proxy
    }

    fn observer(&self) -> &Observer {
        &self.observer
    }

    async fn open(&mut self, conversation: &str) {
        let person = match self.latest.take() {
            Some(person) if !self.people.len().is_multiple_of(CONVERSATIONS) => person,
            _ => self.product.api.person().await,
        };
        self.people.insert(conversation.to_owned(), person.clone());
        self.latest = Some(person);
    }

    async fn take_turn(&mut self, conversation: &str, turn: usize) -> Taken {
        let begun = Instant::now();
        let answer = self.ask(conversation, turn).await.expect(200);
        let ms = begun.elapsed().as_secs_f64() * 1_000.0;
        let steps = answer.json["workflow"]["steps"].as_array().map_or(0, Vec::len);
        assert_eq!(steps, STEPS, "the message is to take the product's six steps: {}", answer.text);
        Taken { ms, answer: answer.content().to_owned() }
    }

    async fn rest(&mut self) {}

    async fn wake(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_of_a_database_url_is_found() {
        assert_eq!(port("postgresql://navigator_api:0123@127.0.0.1:6543/test_1?sslmode=verify-full"), 6_543);
    }
}
