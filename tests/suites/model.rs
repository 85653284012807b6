//! The workflow's SQL functions against a model in memory: random interleavings of three workers, a person, an operator and
//! the schedule, with every answer and every row compared after each operation; and mutants that have to be noticed.

use proptest::collection::vec;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use tests::model::driver::Driver;
use tests::model::operation::{By, Ending, Flaw, Forget, Holder, Memory, Op, Queue, Release, Session, Text};
use tests::stack::stack;
use tokio::runtime::Runtime;
use tokio_postgres::Client;

/// The longest sequence.
const OPERATIONS: usize = 30;
/// How many sequences are played; PROPTEST_CASES asks for another number.
const CASES: u32 = 300;

/// What the sequences have to reach, else the property says little.
const ANSWERS: [&str; 29] = [
    "turn_begin started",
    "turn_begin resumed",
    "turn_begin drain",
    "turn_begin replay",
    "turn_begin in_progress",
    "turn_begin queued",
    "turn_begin busy",
    "turn_begin mismatch",
    "turn_begin not_mine",
    "turn_begin refused",
    "turn_resume resumed",
    "turn_resume drain",
    "turn_resume busy",
    "turn_resume idle",
    "step_commit committed",
    "step_commit already",
    "step_commit fenced",
    "step_commit cancelled",
    "step_defer deferred",
    "step_defer fenced",
    "step_defer cancelled",
    "turn_release released",
    "turn_release excused",
    "turn_release nothing",
    "turn_cancel cancelled",
    "turn_cancel finished",
    "sweep due",
    "sweep none",
    "workflow_status found",
];

/// Function, what stands in it, and what a careless hand makes of it.
const MUTANTS: [(&str, &str, &str); 22] = [
    ("step_commit", " AND s.fence = p_fence", ""),
    ("step_commit", " AND s.step_no = p_step_no AND s.status", " AND s.status"),
    ("turn_take_over", "fence = s.fence + 1", "fence = s.fence"),
    ("step_commit", " AND s.status = 'running'", ""),
    ("step_commit", "w.commit_id = p_commit", "true"),
    ("step_commit", "state_data = s.state_data || p_output", "state_data = p_output"),
    ("step_commit", "step_attempt = 1, wasted = '[]'", "step_attempt = 1"),
    ("step_defer", " AND s.step_attempt = p_attempt", ""),
    ("step_refused", "q.status = 'cancelled'", "q.status <> 'running'"),
    ("turn_open", "v_request.request_hash <> p_hash", "false"),
    ("turn_open", "v_head.status = 'running' AND v_head.holder = p_holder", "false"),
    ("turn_take_over", "IF p_head.status = 'running' THEN", "IF false THEN"),
    ("turn_start", "v_carried IS NULL THEN '{}'", "v_carried IS NULL THEN s.state_data"),
    ("turn_start_queued", "ORDER BY q.created_at, q.run_id", "ORDER BY q.run_id"),
    ("turn_wait", "v_queued >= 10", "v_queued >= 11"),
    ("is_known", "(p_known ->> 'state')::int >= p_state_version", "true"),
    ("run_end", "lease_until = NULL, wake_at = NULL, takeovers", "takeovers"),
    ("sweep_claim", "s.wake_at <= p_now", "false"),
    ("sweep_claim", "(s.claimed_until <= p_now) IS NOT FALSE", "true"),
    ("turn_release", " AND s.holder = p_holder AND", " AND"),
    ("turn_release", "a.attempt @> v_lost", "true"),
    ("retention", "least(greatest(coalesce(p_wanted, 168), 24), 8760)", "coalesce(p_wanted, 168)"),
];

/// A runtime of this thread alone: each round trip is one wake-up.
fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// A driver in a database of its own, and a connection with all rights beside it.
async fn driver() -> (Driver, Client) {
    let stack = stack().await;
    let database = stack.database().await;
    (Driver::connect(stack, &database).await, stack.server.superuser(&database).await.expect("a connection"))
}

/// Plays random sequences. A failure is the shortest sequence that was found, and what differed.
fn check(runtime: &Runtime, driver: &Driver, mut runner: TestRunner) -> Result<(), (Vec<Op>, String)> {
    let outcome = runner.run(&vec(Op::any(), 1..=OPERATIONS), |operations| {
        runtime.block_on(driver.play(&operations)).map_err(TestCaseError::fail)
    });
    match outcome {
        Ok(()) => Ok(()),
        Err(TestError::Fail(reason, operations)) => Err((operations, reason.to_string())),
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}

#[test]
fn every_interleaving_answers_and_stores_what_the_model_does() {
    let runtime = runtime();
    let (driver, _) = runtime.block_on(driver());
    // What is rare at random: a worker that was overtaken says that it lived.
    let begin = Op::Begin {
        actor: 0,
        key: 0,
        text: Text::Same,
        queue: Queue::Reject,
        holder: Holder::New(Release::Current),
        session: Session::Live,
    };
    let taken_up = Op::Resume { actor: 1, holder: Holder::New(Release::Current) };
    let overtaken = [begin, Op::Expire, taken_up, Op::HandBack(By::Actor(0)), Op::HandBack(By::Actor(1))];
    runtime.block_on(driver.play(&overtaken)).unwrap_or_else(|difference| panic!("{difference}"));
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { Config::default().cases } else { CASES };
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 4_000, ..Config::default() };
    if let Err((operations, difference)) = check(&runtime, &driver, TestRunner::new(config)) {
        let lines: String = operations.iter().map(|operation| format!("    {operation:?},\n")).collect();
        panic!("{difference}\nthe shortest sequence, to be kept in this file:\n[\n{lines}]");
    }
    let answers = driver.answers();
    let missing: Vec<&str> = ANSWERS.into_iter().filter(|answer| !answers.contains_key(*answer)).collect();
    assert!(cases < CASES || missing.is_empty(), "never answered: {missing:?} of {answers:?}");
}

#[test]
fn sequences_that_were_answered_wrongly_once_are_answered_as_the_model_does() {
    use {
        Ending::Completed, Queue::Enqueue, Queue::Reject, Release::Current, Release::Next, Session::Live, Text::Same,
    };
    let begin = |key, queue, release| Op::Begin {
        actor: 0,
        key,
        text: Same,
        queue,
        holder: Holder::New(release),
        session: Live,
    };
    let done = || Op::Commit { by: By::Newest, ending: Completed, memory: Memory::None, flaw: Flaw::None };
    let sequences = [
        // A conversation in which several messages waited was found several times.
        vec![Op::Crowd(3), done(), Op::Sweep(Current, Forget::Nothing)],
        // A message that a newer version had queued made an older one fail on a constraint.
        vec![begin(2, Reject, Current), begin(1, Enqueue, Next), done(), begin(0, Reject, Current)],
        vec![
            begin(2, Reject, Current),
            begin(1, Enqueue, Next),
            done(),
            Op::Resume { actor: 1, holder: Holder::New(Current) },
            Op::Sweep(Current, Forget::Nothing),
            Op::Sweep(Next, Forget::Nothing),
            Op::Resume { actor: 1, holder: Holder::New(Next) },
        ],
    ];
    let runtime = runtime();
    let (driver, _) = runtime.block_on(driver());
    for sequence in sequences {
        runtime.block_on(driver.play(&sequence)).unwrap_or_else(|difference| panic!("{difference}"));
    }
}

/// Replaces a function's text; the definition to put back.
async fn mutate(client: &Client, function: &str, from: &str, to: &str) -> String {
    let sql = format!("SELECT pg_get_functiondef('navigator.{function}'::regproc)");
    let original: String = client.query_one(&sql, &[]).await.expect("a definition").get(0);
    assert_eq!(original.matches(from).count(), 1, "{from} stands once in {function}:\n{original}");
    client.batch_execute(&original.replace(from, to)).await.expect("replaced");
    original
}

#[test]
fn every_mutant_of_the_functions_is_noticed() {
    let runtime = runtime();
    let (driver, client) = runtime.block_on(driver());
    let runner = |shrinks| {
        let config = Config { cases: 2_000, failure_persistence: None, max_shrink_iters: shrinks, ..Config::default() };
        // Always the same sequences: whether a mutant is noticed does not depend on the day.
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
    };
    for (number, (function, from, to)) in MUTANTS.into_iter().enumerate() {
        let original = runtime.block_on(mutate(&client, function, from, to));
        let failed = check(&runtime, &driver, runner(if number == 0 { 4_000 } else { 0 }));
        let (operations, difference) = failed.expect_err(&format!("{function} with {to:?} for {from:?} passed"));
        if number == 0 {
            assert!(operations.len() <= 6, "shrunk: {operations:?}: {difference}");
        }
        runtime.block_on(client.batch_execute(&original)).expect("restored");
    }
    let unchanged = runtime.block_on(driver.play(&[Op::Crowd(2), Op::Cancel(Session::Live)]));
    unchanged.unwrap_or_else(|difference| panic!("the functions are whole again: {difference}"));
}
