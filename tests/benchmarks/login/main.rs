//! What verifying a password at log-in costs, as a multiple of argon2-cffi with the same parameters; writes RESULT.md.
//! Run it with: cargo run --release --no-default-features -p tests --bin bench-login
//!
//! Invariant: both are measured as processor time of their own process, in rounds that alternate, so that the machine's
//! other work changes both alike.

#![allow(clippy::disallowed_methods, reason = "the rules of clippy.toml are for the functions")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use launcher::workspace;
use nix::time::{ClockId, clock_gettime};
use secrecy::SecretString;
use shared::auth::password::{Passwords, Verdict};
use shared::config::PasswordCost;
use tests::python::{Python, pinned};

const PASSWORD: &str = "correct horse battery staple";
const ROUNDS: usize = 20;
const VERIFICATIONS: u32 = 10;
/// What the multiple is to be at most.
const AIM: f64 = 0.75;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = workspace::root().join("tests/benchmarks/login");
    let pins = folder.join("requirements.txt");
    let python = Python::prepare("login-venv", &pins);
    let mut child = Command::new(python.program())
        .arg(folder.join("argon2_cffi.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    let mut theirs = Theirs {
        commands: child.stdin.take().expect("piped"),
        times: BufReader::new(child.stdout.take().expect("piped")),
    };
    let passwords = Passwords::new(PasswordCost::default()).expect("costs");
    let stored = passwords.hash_again(SecretString::from(PASSWORD)).await.expect("hashed");
    theirs.verify(1);
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        times.push((ours(&passwords, &stored).await, theirs.verify(VERIFICATIONS)));
    }
    drop(theirs);
    child.wait().expect("python ends");

    let mut ratios: Vec<f64> = times.iter().map(|(ours, theirs)| ours / theirs).collect();
    ratios.sort_by(f64::total_cmp);
    let ratio = median(ratios.iter().copied());
    let text = format!(
        "# What verifying a password costs\n\n\
         `cargo run --release --no-default-features -p tests --bin bench-login`: argon2id, m=19456, t=2, p=1; processor time, \
         {ROUNDS} alternating rounds of {VERIFICATIONS} verifications.\n\n{}\n\n\
         | | median of a verification |\n|---|--:|\n\
         | `Passwords::verify` (kept memory) | {:.1} ms |\n\
         | argon2-cffi {}, Python {} | {:.1} ms |\n\n\
         The median multiple is **{ratio:.2}** (rounds from {:.2} to {:.2}); the aim is at most {AIM}: {}.\n",
        machine(),
        median(times.iter().map(|(ours, _)| *ours)) * 1e3,
        pinned(&pins, "argon2-cffi"),
        python.version(),
        median(times.iter().map(|(_, theirs)| *theirs)) * 1e3,
        ratios.first().expect("rounds"),
        ratios.last().expect("rounds"),
        if ratio <= AIM { "met" } else { "missed" },
    );
    print!("{text}");
    std::fs::write(folder.join("RESULT.md"), text).expect("RESULT.md can be written");
}

/// Seconds of processor time for one verification.
async fn ours(passwords: &Passwords, stored: &str) -> f64 {
    let before = processor();
    for _ in 0..VERIFICATIONS {
        let verdict = passwords.verify(SecretString::from(PASSWORD), Some(stored.to_owned())).await.expect("ran");
        assert_eq!(verdict, Verdict::Match { is_outdated: false });
    }
    (processor() - before).as_secs_f64() / f64::from(VERIFICATIONS)
}

struct Theirs {
    commands: ChildStdin,
    times: BufReader<ChildStdout>,
}

impl Theirs {
    fn verify(&mut self, times: u32) -> f64 {
        writeln!(self.commands, "{times}").expect("python reads");
        let mut line = String::new();
        self.times.read_line(&mut line).expect("python answers");
        line.trim().parse::<f64>().expect("seconds") / f64::from(times)
    }
}

fn processor() -> Duration {
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).expect("a clock").into()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{}, {cores} cores, shared with other work.", model.map_or("unknown processor", |(_, name)| name))
}
