//! `cargo dev`, `cargo ask`, `cargo verify`, `cargo torture`: the aliases of `.cargo/config.toml` start here.

#![allow(clippy::disallowed_methods, reason = "the rules of clippy.toml are for the functions")]

use std::process::{Command, ExitCode, Stdio};

use launcher::install::{OpenSsl, announce, openssl};
use launcher::postgres::{Cluster, ClusterOptions, PostgresBinaries, default_folder};
use launcher::{LauncherError, Result, process, verify, workspace};

const USAGE: &str = "usage: cargo dev [--reset] [--port N] [--docker] [--print-env] [--print-sam-env] | cargo ask \"your question\" | cargo verify [TEST…] | \
                     cargo torture [--kills N] [--seed S]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        Some(("dev", rest)) => dev(rest),
        Some(("ask", rest)) => ask(rest),
        Some(("verify", filters)) => verify::run(filters).map(|()| 0),
        Some(("torture", rest)) => torture(rest),
        _ => Err(LauncherError::new(USAGE)),
    };
    match result {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Starts Postgres while the functions compile, then hands over to `ops dev`.
fn dev(arguments: &[String]) -> Result<i32> {
    eprintln!("Insurance Navigator: starting everything that is missing");
    if arguments.iter().any(|argument| matches!(argument.as_str(), "--print-env" | "--print-sam-env")) {
        build(openssl()?)?;
        return ops("dev", &[], arguments);
    }
    let folder = default_folder();
    if arguments.iter().any(|argument| argument == "--reset") && folder.exists() {
        announce("clearing the data of earlier runs");
        std::fs::remove_dir_all(&folder)
            .map_err(|error| LauncherError::io(&format!("{} cannot be cleared", folder.display()), &error))?;
    }
    let linking = openssl()?;
    let binaries = PostgresBinaries::find_or_install()?;
    announce("starting Postgres while the functions compile");
    let server =
        std::thread::spawn(move || Cluster::start(&binaries, &ClusterOptions { folder, ..ClusterOptions::default() }));
    let built = build(linking);
    let cluster = server.join().map_err(|_| LauncherError::new("Postgres could not be started"))??;
    built?;
    let port = cluster.port().to_string();
    let code = ops("dev", &["--database-port", &port], arguments);
    cluster.stop();
    code
}

fn ask(arguments: &[String]) -> Result<i32> {
    if arguments.is_empty() {
        return Err(LauncherError::new("usage: cargo ask \"my plan denied my MRI\""));
    }
    build(openssl()?)?;
    ops("ask", &[], arguments)
}

/// Builds the functions with their stand-in, as `cargo verify` does, and runs the kill test.
fn torture(arguments: &[String]) -> Result<i32> {
    verify::prerequisites()?;
    let build = ["build", "--bins"].map(str::to_owned).into_iter().chain(workspace::whole(openssl()?));
    cargo(&build.collect::<Vec<_>>())?;
    let mut torture = Command::new(workspace::binaries().join("torture"));
    torture.args(arguments).current_dir(workspace::root()).stdin(Stdio::null());
    let mut child = torture.spawn().map_err(|error| LauncherError::io("the kill test cannot be run", &error))?;
    Ok(process::exit_code(&mut child))
}

/// Builds the functions and `ops`, always together: built apart, each would want `shared` with other features.
fn build(linking: OpenSsl) -> Result<()> {
    // The clients of language models are built when one is named: they would double a newcomer's wait.
    let asks_a_model = std::env::var("LLM_PROVIDER").is_ok_and(|provider| provider != "rules");
    cargo(&functions_build(linking, asks_a_model.then_some(workspace::MODEL_FEATURES)))
}

fn functions_build(linking: OpenSsl, more: Option<&str>) -> Vec<String> {
    let mut arguments = vec!["build".to_owned()];
    arguments.extend(workspace::alone(&workspace::LOCAL, linking));
    arguments.extend(more.into_iter().flat_map(|features| ["--features".to_owned(), features.to_owned()]));
    arguments
}

fn cargo(arguments: &[String]) -> Result<()> {
    let status = workspace::cargo()
        .args(arguments)
        .status()
        .map_err(|error| LauncherError::io("cargo cannot be run", &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(LauncherError::new("the build failed; see the compiler's messages above"))
    }
}

/// Runs `ops` in the foreground; it ends with this process.
fn ops(command: &str, own: &[&str], passed_on: &[String]) -> Result<i32> {
    let mut ops = process::supervised(&workspace::binaries().join("ops"), None, "TERM");
    ops.arg(command).arg("--folder").arg(default_folder()).args(own).args(passed_on);
    let mut child = ops.spawn().map_err(|error| LauncherError::io("ops cannot be run", &error))?;
    Ok(process::exit_code(&mut child))
}
