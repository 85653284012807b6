//! One cold start: from `exec` to the first request for an event.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::time::{ClockId, clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

use crate::parts::resident;

/// What it took until the function asked for its first event.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    /// Processor time, all threads.
    pub(crate) cpu: Duration,
    /// The peak of memory, KiB.
    pub(crate) peak_kib: u32,
    /// Resident memory by what is mapped, KiB.
    pub(crate) resident: BTreeMap<&'static str, u32>,
}

/// Starts `program` and ends it when it asks.
pub(crate) fn start(name: &str, program: &Path, environment: &BTreeMap<String, String>) -> Start {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let mut child = Command::new(program)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .envs(environment)
        .env("AWS_LAMBDA_RUNTIME_API", listener.local_addr().expect("an address").to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", name)
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("LAMBDA_TASK_ROOT", program.parent().expect("a folder"))
        .env("LOG_LEVEL", "error")
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("it starts");
    let (mut stream, _) = listener.accept().expect("a request");
    let read = stream.read(&mut [0_u8; 1_024]).expect("its head");
    assert!(read > 0, "{name} asked for nothing");
    let cpu = cpu_of(child.id());
    let start = Start { cpu, peak_kib: peak_of(child.id()), resident: resident(child.id(), program) };
    child.kill().expect("it ends");
    child.wait().expect("it ended");
    start
}

/// The processor time of a process so far, its ended threads included.
pub(crate) fn cpu_of(pid: u32) -> Duration {
    let pid = Pid::from_raw(i32::try_from(pid).expect("a process id"));
    let clock: ClockId = clock_getcpuclockid(pid).expect("a living process");
    clock_gettime(clock).expect("a time").into()
}

fn peak_of(pid: u32) -> u32 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    peak.split_whitespace().next().and_then(|text| text.parse().ok()).expect("a number")
}
