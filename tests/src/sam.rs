//! SAM's command line and its linter (PyPI), installed once into the build folder.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use launcher::workspace;

use crate::python::Python;

/// Where the packages are pinned.
pub fn pins() -> PathBuf {
    workspace::root().join("tests/sam/requirements.txt")
}

/// The environment with `sam` and `cfn-lint`.
///
/// # Errors
/// A reason to skip: python3 or its venv is missing, or the package index cannot be reached.
pub fn tools() -> Result<Python, String> {
    static TOOLS: OnceLock<Result<Python, String>> = OnceLock::new();
    TOOLS.get_or_init(|| Python::install("sam-venv", &pins())).clone()
}

/// A command of theirs, in the root, asking nobody and telling nobody.
pub fn command(tools: &Python, name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(tools.script(name));
    command
        .args(arguments)
        .current_dir(workspace::root())
        .env("SAM_CLI_TELEMETRY", "0")
        .env("__SAM_CLI_APP_DIR", workspace::target().join("sam-cli"))
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::null());
    command
}

/// What it said, both ways.
pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
