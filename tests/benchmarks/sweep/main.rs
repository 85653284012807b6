//! What a sweep costs when the tables have grown: time, pages, and the plan of every statement in it.
//!
//! `cargo run --no-default-features -p tests --bin bench-sweep -- --requests 6000000 --steps 5000000 > tests/benchmarks/sweep/RESULT.md`
//! fills a server of its own (about 5 GB at this size; it is deleted at the end) and needs no built functions.

#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::unwrap_used, reason = "a benchmark")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use clap::Parser;
use serde_json::{Value, json};
use tests::growth::{Growth, fill};
use tests::plans::{Explaining, Node};
use tests::stack::stack_of_its_own;
use tokio_postgres::Client;

/// Times a sweep over grown tables.
#[derive(Debug, Parser)]
#[command(name = "bench-sweep")]
struct Arguments {
    /// Finished requests, of the last 7 days.
    #[arg(long, default_value_t = 60_000)]
    requests: u64,
    /// Journal rows, of the last two years.
    #[arg(long, default_value_t = 50_000)]
    steps: u64,
    /// Sessions, secrets, mails and counts of limits, of each.
    #[arg(long, default_value_t = 50_000)]
    others: u64,
    /// Sweeps that are timed.
    #[arg(long, default_value_t = 200)]
    rounds: usize,
    /// The most that the median sweep may take by the clock, milliseconds; more is exit code 1.
    #[arg(long, default_value_t = 5.0)]
    most_ms: f64,
}

const SWEEP: &str =
    "SELECT navigator.sweep('{\"strategy_request\": 1, \"navigator_only\": 1, \"state\": 1}', 16, 168, 2190)";

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> std::process::ExitCode {
    let arguments = Arguments::parse();
    let stack = stack_of_its_own(&[
        ("checkpoint_timeout", "1h"),
        ("max_wal_size", "2GB"),
        ("wal_level", "minimal"),
        ("max_wal_senders", "0"),
    ])
    .await;
    let database = stack.database().await;
    let client = stack.server.superuser(&database).await.expect("a connection");
    let filling = Instant::now();
    let growth = Growth { requests: arguments.requests, steps: arguments.steps, others: arguments.others };
    fill(&client, growth).await;
    let filled = filling.elapsed();
    let size = "SELECT pg_size_pretty(pg_database_size(current_database()))";
    let size: String = client.query_one(size, &[]).await.expect("a size").get(0);
    println!("# A sweep over grown tables\n");
    println!(
        "{} finished requests, {} journal rows (retention of six years), {} each of sessions, secrets, mails and counts: {size}, \
         filled in {} s. Nothing is due and nothing is old enough to be pruned. Postgres 15, fsync off, 256 MB of buffers.\n",
        arguments.requests,
        arguments.steps,
        arguments.others,
        filled.as_secs()
    );
    let before = processor(&client).await;
    let (first, mut times) = timed(&client, arguments.rounds).await;
    let of_each = (processor(&client).await - before) / (arguments.rounds + 1) as u32;
    times.sort();
    let of = |part: f64| milliseconds(times[((times.len() - 1) as f64 * part) as usize]);
    println!("| sweep | ms |\n|---|---|\n| the first | {:.2} |", milliseconds(first));
    println!(
        "| median of {} | {:.2} |\n| 95 % | {:.2} |\n| the longest | {:.2} |",
        times.len(),
        of(0.5),
        of(0.95),
        of(1.0)
    );
    println!("| of the processor, in the mean of all | {:.2} |\n", milliseconds(of_each));
    plans(&Explaining::connect(stack, &database).await).await;
    let is_in_time = of(0.5) <= arguments.most_ms;
    drop(client);
    stack.remove();
    std::process::ExitCode::from(u8::from(!is_in_time))
}

async fn timed(client: &Client, rounds: usize) -> (Duration, Vec<Duration>) {
    let mut times = Vec::new();
    for _ in 0..=rounds {
        let begun = Instant::now();
        let swept: Value = client.query_one(SWEEP, &[]).await.expect("swept").get(0);
        times.push(begun.elapsed());
        assert_eq!((&swept["due"], &swept["prunable"]), (&json!([]), &json!([])));
    }
    let first = times.remove(0);
    (first, times)
}

/// What this connection's server process has taken of the processor (proc(5): utime and stime, in hundredths of a second).
async fn processor(client: &Client) -> Duration {
    let pid: i32 = client.query_one("SELECT pg_backend_pid()", &[]).await.expect("a process").get(0);
    let line = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("this machine's server");
    let (_, fields) = line.rsplit_once(')').expect("a name in brackets");
    let ticks: u64 = fields.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().expect("ticks")).sum();
    Duration::from_millis(ticks * 10)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// EXPLAIN (ANALYZE, BUFFERS) of each statement in the sweep, once the server plans for every value.
async fn plans(explaining: &Explaining) {
    for _ in 0..8 {
        explaining.take();
        explaining.client.query_one(SWEEP, &[]).await.expect("swept");
    }
    let mut of_tables: BTreeMap<(String, String), (u64, f64)> = BTreeMap::new();
    for Node { kind, relation, index, removed, pages, .. } in explaining.take() {
        let Some(table) = relation.or_else(|| index.clone()) else { continue };
        let entry =
            of_tables.entry((table, index.map_or(kind.clone(), |index| format!("{kind}, {index}")))).or_default();
        entry.0 += pages;
        entry.1 += removed;
    }
    println!("| table | how | pages | rows thrown away |\n|---|---|---|---|");
    for ((table, how), (pages, removed)) in of_tables {
        println!("| {table} | {how} | {pages} | {removed} |");
    }
}
