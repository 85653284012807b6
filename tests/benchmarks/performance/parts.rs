//! What a cold start consists of: the same one with less to do, and what its memory holds.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::start::start;
use crate::{STARTS, median};

/// The parts of a function's cold start.
pub(crate) struct Parts {
    /// Processor time, milliseconds: everything, and what the system's CAs would add.
    pub(crate) program: f64,
    pub(crate) database: f64,
    pub(crate) secret: f64,
    pub(crate) system_cas: f64,
    /// Resident memory by what is mapped, KiB.
    pub(crate) memory: BTreeMap<&'static str, u32>,
}

/// Starts `program` without a secret and a database, without a secret, and with both, in turn. `bundle` is what the secret holds, with the
/// database at a port.
pub(crate) fn measure(
    name: &str,
    program: &Path,
    environment: &BTreeMap<String, String>,
    bundle: impl Fn(u16) -> Value,
    port: u16,
) -> Parts {
    let direct = |port: u16| {
        let mut environment = environment.clone();
        environment.remove("APP_SECRET_ARN");
        for (variable, value) in bundle(port).as_object().expect("variables") {
            environment.insert(variable.clone(), value.as_str().expect("text").to_owned());
        }
        environment
    };
    // Nothing listens at port 1: one refused connection is the database's part that stays.
    let (alone, with_database) = (direct(1), direct(port));
    let mut with_system_cas = with_database.clone();
    with_system_cas.remove("SSL_CERT_FILE");
    let environments = [&alone, &with_database, environment, &with_system_cas];
    let mut times = [const { Vec::new() }; 4];
    let mut memory = BTreeMap::new();
    for _ in 0..STARTS {
        for (times, environment) in times.iter_mut().zip(environments) {
            let start = start(name, program, environment);
            times.push(start.cpu.as_secs_f64() * 1e3);
            if std::ptr::eq(environment, environments[2]) {
                memory = start.resident;
            }
        }
    }
    let [alone, with_database, everything, with_system_cas] = times.map(|times| median(times.into_iter()));
    Parts {
        program: alone,
        database: with_database - alone,
        secret: everything - with_database,
        system_cas: with_system_cas - with_database,
        memory,
    }
}

/// The resident memory of a process by what is mapped, KiB.
pub(crate) fn resident(pid: u32, program: &Path) -> BTreeMap<&'static str, u32> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps")).expect("a process");
    let mut kinds = BTreeMap::new();
    let mut kind = "other";
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["Rss:", kib, _] => *kinds.entry(kind).or_default() += kib.parse::<u32>().expect("KiB"),
            [range, _, _, _, _, path @ ..] if range.contains('-') => {
                kind = match path.first() {
                    Some(path) if Path::new(path) == program => "program",
                    Some(path) if path.starts_with('/') => "libraries",
                    _ => "heap and stacks",
                };
            }
            _ => {}
        }
    }
    kinds
}
