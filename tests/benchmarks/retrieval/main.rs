//! How fast official texts are imported and searched, at the size of the corpus and at ten times it; prints the tables of
//! RESULT.md. Run it with: cargo run --no-default-features -p tests --bin bench-retrieval
//!
//! Invariant: times are given as multiples of a `SELECT 1` of the same run and connection and as the server's processor time,
//! which the machine's other work does not change; counts (buffers) as they are.

#![allow(clippy::disallowed_methods, reason = "the rules of clippy.toml are for the functions")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;
use tests::stack::{Stack, stack};
use tests::texts::{Question, TODAY, evaluate, import_all, official, questions, table};
use tokio_postgres::Client;
use tokio_postgres::types::Type;

const EVIDENCE: &str = "SELECT navigator.regulatory_evidence($1, 5, $2)";
/// How often the corpus is repeated for the large size.
const COPIES: usize = 10;
const ROUNDS: usize = 3;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let files = match official() {
        Ok(files) => files,
        Err(reason) => return println!("SKIPPED bench-retrieval: {reason}"),
    };
    let asked: Vec<Question> =
        ["questions.jsonl", "questions_fresh.jsonl"].iter().flat_map(|file| questions(file)).collect();
    println!("{}\n", machine());
    println!(
        "| | passages | import | by the server's CPU | a second import | search ÷ `SELECT 1` | search, median | slowest | \
         server's CPU | buffers, median | most |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    let stack = stack().await;
    measure(stack, "the corpus", &files, &asked).await;
    measure(stack, "ten times the corpus", &[ten_times(&files)], &asked).await;
    let name = stack.database().await;
    let mut client = stack.server.superuser(&name).await.expect("a connection");
    for file in &files {
        import_all(&mut client, file).await;
    }
    for file in ["questions.jsonl", "questions_fresh.jsonl"] {
        println!("\n`{file}`\n\n{}", table(&evaluate(&client, &questions(file)).await.0));
    }
}

async fn measure(stack: &Stack, what: &str, files: &[PathBuf], asked: &[Question]) {
    let name = stack.database().await;
    let mut client = stack.server.superuser(&name).await.expect("a connection");
    let server = backend(&client).await;
    let before = cpu(server);
    let (first, passages) = import(&mut client, files).await;
    let import_cpu = cpu(server) - before;
    let (second, _) = import(&mut client, files).await;
    client.batch_execute("VACUUM ANALYZE").await.expect("vacuumed");
    client.batch_execute("SET ROLE navigator_api").await.expect("as the functions' role");
    let mut one = Vec::new();
    let mut searches = Vec::new();
    let mut search_cpu = Duration::ZERO;
    for round in 0..=ROUNDS {
        for question in asked {
            let begun = Instant::now();
            client.query_typed("SELECT 1", &[]).await.expect("a row");
            let simple = begun.elapsed();
            let before = cpu(server);
            let begun = Instant::now();
            let parameters: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 2] =
                [(&question.question, Type::TEXT), (&TODAY, Type::DATE)];
            client.query_typed(EVIDENCE, &parameters).await.expect("evidence");
            // The first round warms the plans and the cache.
            if round > 0 {
                one.push(simple);
                searches.push(begun.elapsed());
                search_cpu += cpu(server) - before;
            }
        }
    }
    let mut buffers = Vec::new();
    for question in asked {
        buffers.push(buffers_of(&client, &question.question).await);
    }
    let (one, search) = (median(&mut one), median(&mut searches));
    let (middle, most) = (median(&mut buffers), buffers.iter().max().copied().unwrap_or_default());
    println!(
        "| {what} | {passages} | {:.0} passages/s | {:.0} passages/s | {:.1} s | {:.0} | {:.1} ms | {:.1} ms | {:.1} ms | {middle} | {most} |",
        passages as f64 / first.as_secs_f64(),
        passages as f64 / import_cpu.as_secs_f64(),
        second.as_secs_f64(),
        search.as_secs_f64() / one.as_secs_f64(),
        search.as_secs_f64() * 1e3,
        searches.last().copied().unwrap_or_default().as_secs_f64() * 1e3,
        search_cpu.as_secs_f64() * 1e3 / searches.len() as f64,
    );
}

/// The process of the server that serves this connection.
async fn backend(client: &Client) -> i32 {
    client.query_one("SELECT pg_backend_pid()", &[]).await.expect("a process").get(0)
}

/// The processor time that a process has used: the machine's other work does not count in it.
fn cpu(process: i32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/schedstat")).expect("the process");
    let nanoseconds = stat.split_whitespace().next().and_then(|text| text.parse().ok()).expect("a number");
    Duration::from_nanos(nanoseconds)
}

async fn import(client: &mut Client, files: &[PathBuf]) -> (Duration, usize) {
    let (mut took, mut passages) = (Duration::ZERO, 0);
    for file in files {
        let report = import_all(client, file).await;
        took += report.took;
        passages += report.passages;
    }
    (took, passages)
}

/// The shared buffers that one search touches, by the server's own count.
async fn buffers_of(client: &Client, question: &str) -> u64 {
    let sql = format!(
        "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT navigator.regulatory_evidence('{}', 5, '{TODAY}')",
        question.replace('\'', "''")
    );
    let plan: Value = client.query_one(&sql, &[]).await.expect("a plan").get(0);
    let count = |name: &str| plan[0]["Plan"][name].as_u64().unwrap_or_default();
    count("Shared Hit Blocks") + count("Shared Read Blocks")
}

/// A file with every row ten times: each copy has an address of its own, and every ninth word of its text is changed, so
/// that texts and vocabulary differ.
fn ten_times(files: &[PathBuf]) -> PathBuf {
    let target = tests::stack::folder("bench").join("ten_times.jsonl");
    let mut writer = BufWriter::new(std::fs::File::create(&target).expect("a file"));
    for copy in 0..COPIES {
        for file in files {
            write_copy(&mut writer, file, copy);
        }
    }
    writer.flush().expect("written");
    target
}

fn write_copy(writer: &mut impl std::io::Write, file: &Path, copy: usize) {
    for line in BufReader::new(std::fs::File::open(file).expect("a file")).lines() {
        let mut row: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        let url = row["url"].as_str().expect("an address");
        let mark = if url.contains('?') { '&' } else { '?' };
        row["url"] = format!("{url}{mark}copy={copy}").into();
        let name = if row.get("definition").is_some() { "definition" } else { "text" };
        let text = row[name].as_str().expect("a text");
        let varied: Vec<String> = text
            .split(' ')
            .enumerate()
            .map(
                |(place, word)| {
                    if copy > 0 && place % 9 == 8 { format!("{word}{}", letters(copy)) } else { word.to_owned() }
                },
            )
            .collect();
        row[name] = varied.join(" ").into();
        writeln!(writer, "{row}").expect("written");
    }
}

fn letters(copy: usize) -> String {
    char::from(b'a' + u8::try_from(copy).expect("small")).to_string().repeat(2)
}

fn median<T: Ord + Copy>(values: &mut [T]) -> T {
    values.sort_unstable();
    values[values.len() / 2]
}

fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let model = read("/proc/cpuinfo")
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown processor".to_owned(), |rest| rest.trim_start_matches([' ', '\t', ':']).to_owned());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory_kib: u64 = read("/proc/meminfo")
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse().ok())
        .unwrap_or_default();
    format!(
        "{model}, {cores} cores, {} GiB; the tests' Postgres (fsync off, 256 MB of buffers), TLS on loopback",
        memory_kib >> 20
    )
}
