//! What a language model's client costs the navigator that never uses it and the one that does: the binary's size, and the
//! processor time and memory of a cold start, from `exec` to the first request for an event.
//!
//! Run it with: cargo run --no-default-features -p tests --bin bench-models -- NAME=BINARY[=PROVIDER] …
//!
//! Invariants: processor time, which the machine's other work changes little, and as a ratio to the first binary of the same
//! run; database and pooler are the tests' own.

#![allow(clippy::disallowed_methods, reason = "the rules of clippy.toml are for the functions")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::io::Read as _;
use std::net::TcpListener;
use std::process::{Command, Stdio};

use tests::llm_stub::environment;
use tests::product::product;

const STARTS: usize = 30;
/// Clock ticks of /proc in a second, on every Linux.
const TICKS: f64 = 100.0;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let product = product().await;
    let mut first = None;
    println!("| navigator | size | cold CPU, mean of {STARTS} | ÷ the first | peak memory |");
    println!("|---|--:|--:|--:|--:|");
    for argument in std::env::args().skip(1) {
        let parts: Vec<&str> = argument.split('=').collect();
        let [name, binary, more @ ..] = parts.as_slice() else { panic!("{argument} is not NAME=BINARY[=PROVIDER]") };
        let mut variables: Vec<(String, String)> = product.environment.clone().into_iter().collect();
        if let Some(provider) = more.first() {
            variables.extend(environment(provider, "http://127.0.0.1:9/v1", "no-model"));
        }
        let (mut cpu, mut memory) = (0.0, 0);
        for _ in 0..STARTS {
            let (ticks, kib) = start(binary, &variables);
            cpu += ticks / TICKS * 1_000.0 / STARTS as f64;
            memory = memory.max(kib);
        }
        let size = std::fs::metadata(binary).expect("the binary").len() as f64 / 1_048_576.0;
        let ratio = cpu / *first.get_or_insert(cpu);
        println!("| {name} | {size:.1} MiB | {cpu:.1} ms | {ratio:.2} | {:.1} MiB |", f64::from(memory) / 1_024.0);
    }
}

/// Ticks of processor time and the peak of memory (KiB) when the function asks for its first event.
fn start(binary: &str, variables: &[(String, String)]) -> (f64, u32) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let mut child = Command::new(binary)
        .env_clear()
        .envs(variables.iter().cloned())
        .env("AWS_LAMBDA_RUNTIME_API", listener.local_addr().expect("an address").to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "navigator")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("LOG_LEVEL", "off")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let (mut stream, _) = listener.accept().expect("a request");
    let read = stream.read(&mut [0_u8; 1_024]).expect("its head");
    assert!(read > 0, "the function asked for nothing");
    let of = |file: &str| std::fs::read_to_string(format!("/proc/{}/{file}", child.id())).expect("a process");
    let stat = of("stat");
    // Behind the name in parentheses: state is field 3, utime and stime are 14 and 15 (proc_pid_stat(5)).
    let fields: Vec<&str> = stat.rsplit(')').next().expect("fields").split_whitespace().collect();
    let ticks: f64 = [fields[11], fields[12]].iter().map(|text| text.parse::<f64>().expect("a number")).sum();
    let status = of("status");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    let kib = peak.split_whitespace().next().and_then(|text| text.parse().ok()).expect("a number");
    child.kill().expect("it ends");
    child.wait().expect("it ended");
    (ticks, kib)
}
