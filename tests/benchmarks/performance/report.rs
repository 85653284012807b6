//! The table, and the budgets that it is held against.

use std::fmt::Write as _;
use std::path::Path;

use tests::python::{Python, pinned};

use crate::history::Page;
use crate::parts::Parts;
use crate::warm::Warm;
use crate::{Cold, STARTS};

/// What a budget says, what was measured, and whether it is met.
fn row(text: &mut String, what: &str, budget: &str, measured: &str, is_met: bool) {
    let met = if is_met { "met" } else { "**missed**" };
    writeln!(text, "| {what} | {budget} | {measured} | {met} |").expect("a string");
}

pub(crate) fn text(cold: &[Cold], parts: &Parts, warm: &Warm, pages: &[Page], python: &Python, pins: &Path) -> String {
    let hello = cold.iter().find(|one| one.name == "hello").expect("hello");
    let fastapi = cold.iter().find(|one| one.name == "fastapi").expect("fastapi");
    let functions = || cold.iter().filter(|one| one.name != "hello" && one.name != "fastapi");
    let mib = |bytes: u64| bytes as f64 / 1_048_576.0;
    let mut text = format!(
        "# Performance\n\n\
         `cargo run --no-default-features -p tests --bin bench-performance`: each function as it is deployed, with OpenSSL built in\n\
         (`cargo build --release -p NAME --features vendored`), on\n\
         {}. Multiples of `hello`, the least function of lambda_http ({:.2} ms of processor time from `exec` to its first request for\n\
         an event), in the same run. Before its first request for an event a function has fetched its secret (TLS, one CA file) and connected\n\
         to the database (TLS, certificate checked). Python is {} with FastAPI {}, Mangum {}, asyncpg {}, boto3 {}, AWS's runtime client {}.\n\n\
         ## Cold starts\n\nMedians of {STARTS} starts, in turn.\n\n\
         | function | binary | cold CPU | ÷ hello | peak memory |\n|---|--:|--:|--:|--:|\n",
        machine(),
        hello.cpu_ms,
        python.version(),
        pinned(pins, "fastapi"),
        pinned(pins, "mangum"),
        pinned(pins, "asyncpg"),
        pinned(pins, "boto3"),
        pinned(pins, "awslambdaric"),
    );
    for one in cold {
        let size = one.binary_bytes.map_or("-".to_owned(), |bytes| format!("{:.1} MiB", mib(bytes)));
        let (ratio, peak) = (one.cpu_ms / hello.cpu_ms, f64::from(one.peak_kib) / 1_024.0);
        writeln!(text, "| {} | {size} | {:.1} ms | {ratio:.1} | {peak:.1} MiB |", one.name, one.cpu_ms)
            .expect("a string");
    }
    write_parts(&mut text, parts, hello);
    let us = |name: &str| warm.cpu_us[name];
    write!(
        text,
        "\n## Warm requests\n\nA page of fifty messages, processor time of one request: hello {:.0} µs, history {:.0} µs, FastAPI {:.0} µs.\n\
         With the database 20 ms away, medians: `SELECT 1` {:.2} ms; history {:.2} ms in the function, of which its statement takes {:.2} ms;\n\
         through the local host {:.2} ms, where `hello` takes {:.2} ms.\n\n\
         ## History among 1,000,000 messages\n\nBuffers of the whole call of fifty messages: session, limit, page, audit row.\n\n\
         | page | buffers |\n|---|--:|\n",
        us("hello"),
        us("history"),
        us("fastapi"),
        warm.select_ms,
        warm.duration_ms,
        warm.statement_ms,
        warm.history_ms,
        warm.hello_ms
    )
    .expect("a string");
    for page in pages {
        writeln!(text, "| {} | {} |", page.what, page.buffers).expect("a string");
    }
    text.push_str("\n## Budgets\n\n| what | budget | measured | |\n|---|---|---|---|\n");
    let worst = functions().map(|one| one.cpu_ms / hello.cpu_ms).fold(0.0, f64::max);
    let best = functions().map(|one| one.cpu_ms / hello.cpu_ms).fold(f64::INFINITY, f64::min);
    row(
        &mut text,
        "cold CPU ÷ hello, secret and database over TLS",
        "≤ 8",
        &format!("{best:.1} to {worst:.1} (FastAPI {:.0})", fastapi.cpu_ms / hello.cpu_ms),
        worst <= 8.0,
    );
    let hashing = ["login", "register", "session"];
    let peak = functions()
        .filter(|one| !hashing.contains(&one.name.as_str()))
        .map(|one| one.peak_kib)
        .max()
        .unwrap_or_default();
    let peak = f64::from(peak) / 1_024.0;
    row(
        &mut text,
        "peak memory",
        "≤ 12 MiB",
        &format!("{peak:.1} MiB (FastAPI {:.0})", f64::from(fastapi.peak_kib) / 1_024.0),
        peak <= 12.0,
    );
    for (group, most, names) in [
        // 14 MB, and 4 MB more.
        (
            "binary, with OpenSSL",
            13.4,
            &["register", "login", "session", "history", "workflow", "regulatory", "health"][..],
        ),
        ("binary with agents and clients of models, with OpenSSL", 17.2, &["navigator", "resume"][..]),
    ] {
        let largest =
            functions().filter(|one| names.contains(&one.name.as_str())).filter_map(|one| one.binary_bytes).max();
        let largest = mib(largest.unwrap_or_default());
        row(&mut text, group, &format!("≤ {most} MiB"), &format!("{largest:.1} MiB at the most"), largest <= most);
    }
    let ratio = us("history") / us("hello");
    row(&mut text, "warm CPU of history ÷ hello", "≤ 5", &format!("{ratio:.1}"), ratio <= 5.0);
    let share = us("fastapi") / us("history");
    row(&mut text, "warm CPU of FastAPI ÷ history", "≥ 20", &format!("{share:.1}"), share >= 20.0);
    let beyond = warm.duration_ms - warm.select_ms;
    row(
        &mut text,
        "history above `SELECT 1` at 20 ms, median, in the function",
        "≤ 1.5 ms",
        &format!("{beyond:.2} ms (with the local host {:.2})", warm.history_ms - warm.select_ms),
        beyond <= 1.5,
    );
    let most = pages.iter().map(|page| page.buffers).max().unwrap_or_default();
    let least = pages.iter().map(|page| page.buffers).min().unwrap_or_default();
    row(&mut text, "buffers of any page; deep = first, hot = cold", "≤ 60", &format!("{least} to {most}"), most <= 60);
    text.push_str(NOTES);
    text
}

/// What a cold start consists of.
fn write_parts(text: &mut String, parts: &Parts, hello: &Cold) {
    let of_hello = |ms: f64| ms / hello.cpu_ms;
    let memory = |kind: &str| f64::from(parts.memory.get(kind).copied().unwrap_or_default()) / 1_024.0;
    write!(
        text,
        "\n### What one consists of\n\nThe function `history`, started with less to do, in multiples of `hello`:\n\n\
         | part | ÷ hello |\n|---|--:|\n\
         | the program: loading it, OpenSSL, configuration, the runtime's client | {:.1} |\n\
         | the database: TCP, TLS, SCRAM, the check of the role | {:.1} |\n\
         | the secret: the AWS client, TLS, one request | {:.1} |\n\
         | not in it: the system's CAs, without the one small file of template.yaml | {:.1} |\n\n\
         Its memory when it asks for the first event: {:.1} MiB of the program's file, {:.1} MiB of libraries' files, {:.1} MiB of heap and stacks.\n",
        of_hello(parts.program),
        of_hello(parts.database),
        of_hello(parts.secret),
        of_hello(parts.system_cas),
        memory("program"),
        memory("libraries"),
        memory("heap and stacks"),
    )
    .expect("a string");
}

/// What was measured by hand, and what counts are asserted elsewhere.
const NOTES: &str = "\nRound trips, Syncs, bytes and WAL are counts that tests assert: suites `wire` and `cost`.

## What the figures consist of

Looked at by hand on the same machine, with OpenSSL as the system's library so that its parts have names: `perf` (120 starts of
`history`, 25,000 samples a second) and `callgrind` (instructions until the database is asked for).

- **Cold starts.** Samples: the kernel 33 % (page faults, `exec`, sockets), OpenSSL 22 %, the loader 11 % (gone with OpenSSL built in), the C
  library 10 %, SCRAM's 4,096 rounds 9 %, P-256 and X25519 of the AWS client's own TLS library 4 %, the rest of the program 11 %.
  Instructions, 21.6 million: the TLS connector 10.1 (the library's tables 5.4, CA files 3.1, the database's CA 1.2), OpenSSL's start and the
  first certificate 7.3, the loader 3.8; configuration, runtime and client 0.4. What is left is others' code: the rounds are what
  the server stored, the second TLS library is the AWS client's. aws-lc at opt-level 3 takes 4 % off and adds 1.4 MiB: not done.
- **Memory.** Nine tenths are pages of files that the kernel maps around each fault, and that it can take back; heap and
  stacks are about 1 MiB.
- **Binaries.** `register` and `session` hold zxcvbn: 1.1 MiB of word lists, 1.2 MiB of regular expressions and hashes optimised for speed.
  Without OpenSSL built in: history, health, workflow 7.2 MiB, login and regulatory 7.4, register 9.9, session 10.1, resume 10.3,
  navigator 10.8 (budgets 8.5 and 12.5).
- **FastAPI ÷ history.** `hello`, which does nothing, is already a twelfth of FastAPI: a twentieth is out of reach behind this runtime.
";

fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{}, {cores} cores", model.map_or("unknown processor", |(_, name)| name))
}
