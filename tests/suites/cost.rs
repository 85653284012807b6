//! What a turn costs: round trips and bytes on the wire, WAL, updates in place; and that a product at rest sends nothing.

use std::time::Duration;

use tests::product::{Options, Product, product_on, product_with};
use tests::stack::stack_of_its_own;

/// About 200 bytes that take all six steps.
const MESSAGE: &str = "Medicare Advantage denied my MRI, letter dated 2026-10-02. The letter says that the scan was not \
                       medically necessary, but my doctor ordered it after six weeks of therapy. What can I do about it now?";
const TURNS: usize = 52;
const STEPS: usize = 6;
/// Beyond the payload: the message and the answer as the client gets it, each once.
const MOST_BYTES_UP: usize = 8 * 1_024;
const MOST_WAL_BYTES: usize = 15 * 1_024;

/// What one turn cost.
struct Cost {
    payload: usize,
    bytes_up: usize,
    wal_bytes: usize,
}

/// A product whose server is nobody else's, so that its WAL is the turns' own; without full-page images, which depend on
/// when the last checkpoint was and not on the turn.
async fn product_alone() -> Product {
    let settings = [
        ("full_page_writes", "off"),
        ("autovacuum", "off"),
        ("checkpoint_timeout", "1h"),
        // As on Supabase; an update is logged in full then (1.4 KiB of a turn).
        ("wal_level", "logical"),
    ];
    let stack = stack_of_its_own(&settings).await;
    let options = Options { is_tapped: true, ..Options::default() };
    product_on(stack, stack.database().await, options).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_of_six_steps_stays_within_its_bytes_and_costs_the_same_at_the_end_of_a_long_conversation() {
    let product = product_alone().await;
    let person = product.api.person().await;
    product.api.ask(&person, "warm", "hello").send().await.expect(200);
    let client = product.superuser().await;
    let written = async || {
        let sql = "SELECT (pg_current_wal_insert_lsn() - '0/0')::int8";
        let bytes: i64 = client.query_one(sql, &[]).await.expect("a position").get(0);
        usize::try_from(bytes).expect("a position")
    };
    let tap = product.tap.as_ref().expect("a tap");
    let mut costs = Vec::new();
    for turn in 1..=TURNS {
        tap.take();
        let before = written().await;
        let answer = product.api.ask(&person, "c", MESSAGE).send().await.expect(200);
        let (counts, wal_bytes) = (tap.take(), written().await - before);
        assert_eq!(answer.json["workflow"]["steps"].as_array().map(Vec::len), Some(STEPS));
        assert_eq!((counts.round_trips, counts.syncs), (STEPS + 1, STEPS + 1), "turn {turn}: {:?}", counts.statements);
        assert_eq!((counts.named, counts.simple), (0, 0), "turn {turn}");
        let beyond_text = counts.bytes_up - MESSAGE.len() - answer.content().len();
        // A conversation's first reply also has the source of the line on emergencies, which is a part of the response.
        assert!(
            turn == 1 || beyond_text <= MOST_BYTES_UP,
            "{beyond_text} bytes up beyond the message and the answer's text alone"
        );
        costs.push(Cost { payload: MESSAGE.len() + answer.text.len(), bytes_up: counts.bytes_up, wal_bytes });
    }
    for cost in &costs {
        let beyond = cost.bytes_up - cost.payload;
        assert!(beyond <= MOST_BYTES_UP, "{beyond} bytes up beyond the payload");
    }
    let wal = |turns: &[Cost]| median(turns.iter().map(|cost| cost.wal_bytes - cost.payload));
    let up = |turns: &[Cost]| median(turns.iter().map(|cost| cost.bytes_up - cost.payload));
    // A turn in which an index page is split writes more; the one in the middle of five is not it.
    let (tenth, fiftieth) = (&costs[7..12], &costs[47..52]);
    for (what, at_10, at_50, most) in [
        ("bytes up", up(tenth), up(fiftieth), MOST_BYTES_UP),
        ("bytes of WAL", wal(tenth), wal(fiftieth), MOST_WAL_BYTES),
    ] {
        println!("{what} beyond the payload: {at_10} at turn 10, {at_50} at turn 50, at most {most}");
        assert!(at_10.max(at_50) <= most, "{what}: {at_10}, {at_50}");
        assert!(at_10.abs_diff(at_50) * 20 <= at_10, "{what} of turn 50 is not that of turn 10: {at_50}, {at_10}");
    }
    let all: usize = costs.iter().map(|cost| cost.wal_bytes - cost.payload).sum();
    println!("bytes of WAL beyond the payload, page splits and all: {} in the mean", all / TURNS);
    assert!(all / TURNS <= MOST_WAL_BYTES, "{}", all / TURNS);
    updates_in_place(&product).await;
}

fn median(values: impl Iterator<Item = usize>) -> usize {
    let mut values: Vec<usize> = values.collect();
    values.sort_unstable();
    values[values.len() / 2]
}

/// The head row's updates stay on its page and touch no index.
async fn updates_in_place(product: &Product) {
    let updates = i64::try_from(TURNS * (STEPS + 1)).expect("few");
    let of_heads = "FROM pg_stat_user_tables WHERE relname = 'workflow_states'";
    // A backend reports what it did when it has been idle for a while.
    product.until(&format!("SELECT n_tup_upd >= {updates} {of_heads}")).await;
    let all = product.count(&format!("SELECT n_tup_upd {of_heads}")).await;
    let in_place = product.count(&format!("SELECT n_tup_hot_upd {of_heads}")).await;
    println!("updates of workflow_states in place: {in_place} of {all}");
    assert!(in_place * 100 >= all * 95, "{in_place} of {all}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_invocations_nothing_is_sent() {
    let product = product_with(Options { is_tapped: true, ..Options::default() }).await;
    let person = product.api.person().await;
    product.api.ask(&person, "c", "What is a copay?").send().await.expect(200);
    product.host.invoke("resume", serde_json::json!({})).await.expect("a report");
    let tap = product.tap.as_ref().expect("a tap");
    tap.take();
    // The two seconds are the requirement: there is no event to wait for.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(tap.take(), tests::tap::Counts::default());
    product.api.ask(&person, "c", "What is a copay?").send().await.expect(200);
    assert!(tap.take().round_trips > 0, "the tap does count");
}
