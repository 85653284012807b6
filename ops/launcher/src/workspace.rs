//! Where the checkout and its build output are, and what is built of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::install::OpenSsl;

/// The root of the checkout: this package lies two folders below it.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// The folder of the dev profile's binaries: where this very binary lies (tests lie one folder deeper).
pub fn binaries() -> PathBuf {
    let exe = std::env::current_exe().unwrap_or_default();
    let folder = exe.parent().map(Path::to_path_buf).unwrap_or_default();
    if folder.ends_with("deps") { folder.parent().map(Path::to_path_buf).unwrap_or(folder) } else { folder }
}

/// The build folder, in which temporary data may lie too.
pub fn target() -> PathBuf {
    binaries().parent().map(Path::to_path_buf).unwrap_or_else(|| root().join("target"))
}

/// Everything that is deployed, in the order of the main job.
pub const FUNCTIONS: [&str; 10] =
    ["register", "login", "navigator", "history", "health", "session", "workflow", "resume", "regulatory", "archive"];

/// What the local host serves: all but the last, `archive`, which has a login and a secret of its own.
pub const SERVED: &[&str] = FUNCTIONS.split_at(FUNCTIONS.len() - 1).0;

/// What `cargo dev` builds.
pub const LOCAL: [&str; 11] = [
    "ops",
    "register",
    "login",
    "navigator",
    "history",
    "health",
    "session",
    "workflow",
    "resume",
    "regulatory",
    "archive",
];

/// The functions that may ask a language model.
pub const MODEL_FEATURES: &str = "navigator/bedrock,resume/bedrock";

/// What switches on every feature of every package but `vendored`: all clients of AWS and of language models, as in what is
/// deployed, and the stand-ins by which a test may replace a step's work, which are in nothing that is deployed or served.
pub const EVERY_FEATURE: &str = "navigator/testing,resume/testing,navigator/bedrock,resume/bedrock,resume/ses,history/aws,archive/aws,archive/s3,ops/aws";

/// What makes these packages build OpenSSL themselves.
fn vendored_features(packages: &[&str]) -> String {
    packages.iter().map(|package| format!("{package}/vendored")).collect::<Vec<_>>().join(",")
}

/// The arguments that choose these packages without a feature of theirs. Packages that are built together share theirs.
pub fn alone(packages: &[&str], linking: OpenSsl) -> Vec<String> {
    let mut arguments = vec!["--no-default-features".to_owned()];
    arguments.extend(packages.iter().flat_map(|package| ["-p".to_owned(), (*package).to_owned()]));
    if linking == OpenSsl::Vendored {
        arguments.extend(["--features".to_owned(), vendored_features(packages)]);
    }
    arguments
}

/// The arguments that choose the whole workspace with every feature. Whatever lints, documents, builds or tests with these same
/// arguments shares what is compiled: with others, cargo unifies features otherwise and compiles a crate again.
pub fn whole(linking: OpenSsl) -> Vec<String> {
    let mut features = EVERY_FEATURE.to_owned();
    if linking == OpenSsl::Vendored {
        features = format!("{features},{}", vendored_features(&LOCAL));
    }
    ["--workspace", "--no-default-features", "--features"].map(str::to_owned).into_iter().chain([features]).collect()
}

/// Cargo, in the checkout, asking nothing.
pub fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).stdin(Stdio::null());
    cargo
}
