//! What an answer's time tells about an address: log-in and reset for known and for unknown addresses, in turn, over the real
//! functions. Writes RESULT.md beside this file.
//!
//! `cargo run -p tests --bin bench-timing`, after `cargo verify` has built the functions.

#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::time::{Duration, Instant};

use launcher::workspace;
use serde_json::{Value, json};
use tests::product::{Options, product_with};

const SAMPLES: usize = 500;

/// Medians, milliseconds.
struct Gap {
    known: f64,
    unknown: f64,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let cost = [("ARGON2_MEMORY_KIB", "19456"), ("ARGON2_ITERATIONS", "2")];
    let environment = cost.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let product = product_with(Options { environment, ..Options::default() }).await;
    let mut people = Vec::new();
    for _ in 0..20 {
        people.push(product.api.person().await.email);
    }
    let send = async |path: &str, body: Value, status: u16| -> Duration {
        let call = product.api.post(path, &body);
        let begun = Instant::now();
        let answer = call.send_unjudged().await;
        let time = begun.elapsed();
        assert_eq!(answer.status, status, "{}", answer.text);
        time
    };
    let measure = async |path: &str, status: u16, body: &dyn Fn(&str) -> Value| -> Gap {
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for sample in 0..SAMPLES + 20 {
            let address = &people[sample % people.len()];
            let nobody = format!("nobody-{}@example.org", uuid::Uuid::new_v4());
            // Which comes first changes, so that neither always follows the other.
            let (mut first, mut second) = ((address.as_str(), &mut known), (nobody.as_str(), &mut unknown));
            if sample % 2 == 1 {
                std::mem::swap(&mut first, &mut second);
            }
            for (email, times) in [first, second] {
                times.push(send(path, body(email), status).await);
            }
        }
        Gap { known: median(&known[20..]), unknown: median(&unknown[20..]) }
    };
    let login = measure("/login", 401, &|email| json!({ "email": email, "password": "not the password at all" })).await;
    let reset = measure("/password-reset", 202, &|email| json!({ "email": email })).await;
    let mut text = format!(
        "# Known and unknown addresses\n\nMedians of {SAMPLES} requests each, in turn, through the local host (argon2id m=19456 t=2 p=1, \
         dev profile with optimised hashes). Aim: a gap below 2 ms. Made by `cargo run -p tests --bin bench-timing`.\n\n\
         | operation | known | unknown | gap |\n|---|---:|---:|---:|\n"
    );
    for (name, gap) in [("log-in, wrong password", login), ("asking for a reset", reset)] {
        let difference = (gap.known - gap.unknown).abs();
        println!("{name}: known {:.2} ms, unknown {:.2} ms, gap {difference:.2} ms", gap.known, gap.unknown);
        text.push_str(&format!("| {name} | {:.2} ms | {:.2} ms | {difference:.2} ms |\n", gap.known, gap.unknown));
    }
    let path = workspace::root().join("tests/benchmarks/timing/RESULT.md");
    std::fs::write(path, text).expect("RESULT.md");
}

fn median(times: &[Duration]) -> f64 {
    let mut times = times.to_vec();
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1_000.0
}
