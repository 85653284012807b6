//! Where the checkout and its build output are.

use std::path::{Path, PathBuf};

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

/// The functions that may ask a language model.
pub const MODEL_FEATURES: &str = "navigator/bedrock,resume/bedrock";

/// The functions whose steps a test may replace with a stand-in; they have every language model, as what is deployed.
pub const TESTING_FEATURES: &str =
    "navigator/testing,resume/testing,navigator/bedrock,resume/bedrock,history/aws,archive/aws,archive/s3,ops/aws";

/// What makes every package build OpenSSL itself.
pub fn vendored_features() -> String {
    let packages = FUNCTIONS.iter().chain(&["ops"]);
    packages.map(|package| format!("{package}/vendored")).collect::<Vec<_>>().join(",")
}
