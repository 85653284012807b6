//! Whoever knows an old password, or holds an old session or code, is out at once, also when both happen at the same moment.

use tests::eviction::rounds::{self, Race};
use tests::eviction::{Act, MUTANTS, interleaved};
use tests::stack::stack;

use super::*;

/// A tenth; NAVIGATOR_ROUNDS=1000 plays them all, and tests/benchmarks/eviction/RESULT.md has what came of that.
const ROUNDS: usize = 100;
const SEED: u64 = 20_261_130;

fn setting<T: std::str::FromStr>(name: &str, usual: T) -> T {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
}

/// Plays a race and prints what came of it.
async fn play(races: &[Race]) {
    let (rounds, seed) = (setting("NAVIGATOR_ROUNDS", ROUNDS), setting("NAVIGATOR_SEED", SEED));
    let stack = stack().await;
    let product = rounds::product(stack, stack.database().await).await;
    for race in races {
        let report = rounds::play(&product, *race, rounds, seed, false).await;
        println!("{report}");
        assert_eq!(report.violations, [""; 0], "{report}");
        assert_eq!(report.rounds, rounds);
        // Otherwise the two sides never met: everything came before, or nothing did.
        assert!(report.let_in > 0 && report.statuses.len() > 1, "{report}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_old_password_opens_nothing_whatever_evicts_at_the_same_moment() {
    play(&Act::ALL.map(Race::LogIn)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_token_outlives_nothing_that_evicts_at_the_same_moment() {
    play(&Act::ALL.map(Race::Refresh)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_resets_at_once_one_is_done_and_a_question_during_a_deletion_is_answered_or_401() {
    play(&[Race::TwoResets, Race::Ask(Act::Delete)]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_functions_that_wait_for_one_person_leave_what_one_after_the_other_leaves() {
    let stack = stack().await;
    let found = interleaved::violations(stack, &stack.database().await, false).await;
    println!("{} cases in both orders", interleaved::count());
    assert!(interleaved::count() >= 64);
    assert_eq!(found, [""; 0], "{}", found.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_mistake_about_credentials_is_noticed() {
    let stack = stack().await;
    for mutant in MUTANTS {
        let database = stack.database().await;
        mutant.apply(&stack.server.superuser(&database).await.expect("a connection")).await;
        let found = interleaved::violations(stack, &database, true).await;
        println!("mutant {}: {}", mutant.name, found.first().map_or("NOT noticed", String::as_str));
        assert!(!found.is_empty(), "{} was not noticed", mutant.name);
    }
    // The most important one from outside too, as an attacker would notice it.
    let database = stack.database().await;
    let not_compared = MUTANTS.first().expect("a mutant");
    assert_eq!(not_compared.name, "credential_version_is_not_compared");
    not_compared.apply(&stack.server.superuser(&database).await.expect("a connection")).await;
    let product = rounds::product(stack, database).await;
    for race in [Race::LogIn(Act::Change), Race::Refresh(Act::Reset)] {
        let report = rounds::play(&product, race, ROUNDS, SEED, true).await;
        println!("mutant {}: {report}", not_compared.name);
        assert!(!report.violations.is_empty(), "{report}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_that_was_accepted_is_finished_and_stored_whatever_ends_its_session() {
    let gate = tests::gate::Gate::start().await;
    let environment = gate.environment(json!({}));
    let product = product_with(Options { environment, ..Options::default() }).await;
    let client = product.superuser().await;
    for act in Act::ALL {
        let person = product.api.person().await;
        let other = log_in(&product.api, &person.email, PASSWORD).await.expect(200);
        gate.hold(|arrival| arrival.step_no == 1);
        let (answer, ()) = tokio::join!(product.api.ask(&person, "c", "What is a copay?").send(), async {
            let held = gate.held().await;
            evict(&product, &client, &person, text(&other, "access_token"), act).await;
            gate.open();
            drop(held);
        });
        let stored = format!("SELECT count(*) FROM navigator.conversation_messages WHERE user_id = '{}'", person.id);
        let (status, messages) = if act == Act::Delete { (401, 0) } else { (200, 2) };
        assert_eq!((answer.status, product.count(&stored).await), (status, messages), "{act:?}: {}", answer.text);
        if act == Act::Delete {
            assert_eq!(answer.code(), "session_ended");
        }
        let next = product.api.ask(&person, "c", "What is a premium?").send().await.expect(401);
        assert_eq!(next.code(), "session_ended", "{act:?}");
        assert_eq!(product.count(&stored).await, messages, "{act:?}");
    }
}

/// Evicts whoever holds the person's first session; `token` is another of the owner's.
async fn evict(product: &Product, client: &tokio_postgres::Client, person: &Person, token: &str, act: Act) {
    let sql = match act {
        Act::Change => {
            let body = json!({ "current_password": PASSWORD, "new_password": OTHER_PASSWORD });
            product.api.post("/me/password", &body).token(token).send().await.expect(204);
            return;
        }
        Act::Delete => {
            let body = json!({ "password": PASSWORD }).to_string().into_bytes();
            let deletion = product.api.call("DELETE", "/me").token(token).raw("application/json", body);
            deletion.send().await.expect(204);
            return;
        }
        Act::Reset => format!(
            "INSERT INTO navigator.one_time_secrets (id, user_id, purpose, secret_hash, expires_at)
                 VALUES ('{id}', '{id}', 'reset', sha256('{id}'), clock_timestamp() + interval '1 hour');
             SELECT outcome FROM navigator.reset_finish(sha256('{id}'), 'another', gen_random_uuid(), 'test')",
            id = person.id
        ),
        Act::Disable => format!("SELECT outcome FROM navigator.user_set_disabled('{}', true)", person.id),
    };
    client.batch_execute(&sql).await.expect("evicted");
}
