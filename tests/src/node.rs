//! Tools of Node.js with a committed lock file, for what our contract is held against.

use std::path::{Path, PathBuf};
use std::process::Command;

use launcher::install::{announce, has_program};
use launcher::workspace;

/// What npm says when the package index cannot be reached.
const NO_INDEX: [&str; 6] = ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH"];
/// The oldest Node.js that the tools run on.
const OLDEST: (u32, u32) = (20, 19);

/// Installed packages.
#[derive(Clone, Debug)]
pub struct Node {
    folder: PathBuf,
}

impl Node {
    /// Finds the packages of this name in the build folder, or installs those that the lock file in `manifests` lists.
    ///
    /// # Errors
    /// A reason to skip: node or npm is missing or too old, or the package index cannot be reached.
    pub fn install(name: &str, manifests: &Path) -> Result<Self, String> {
        if !has_program("node") || !has_program("npm") {
            return Err("node and npm are not installed (apt install nodejs npm)".to_owned());
        }
        let version = version()?;
        if version < OLDEST {
            let ((major, minor), (least, of)) = (version, OLDEST);
            return Err(format!("node {major}.{minor} is too old; {least}.{of} or later is needed"));
        }
        let folder = workspace::target().join(name);
        let installed = folder.join("installed.json");
        let lock = manifests.join("package-lock.json");
        let wanted = std::fs::read(&lock).expect("the lock file");
        if std::fs::read(&installed).ok().as_ref() != Some(&wanted) {
            announce("installing pinned packages from npm into the build folder (once)");
            std::fs::create_dir_all(&folder).expect("a folder");
            for file in ["package.json", "package-lock.json"] {
                std::fs::copy(manifests.join(file), folder.join(file)).expect("copied");
            }
            let mut npm = Command::new("npm");
            npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]);
            let npm = npm.current_dir(&folder).output().expect("npm runs");
            let said = String::from_utf8_lossy(&npm.stderr);
            if !npm.status.success() && NO_INDEX.iter().any(|sign| said.contains(sign)) {
                return Err("npm's package index cannot be reached".to_owned());
            }
            assert!(npm.status.success(), "{} cannot be installed: {said}", lock.display());
            std::fs::write(&installed, wanted).expect("written");
        }
        Ok(Self { folder })
    }

    /// A program that came with a package; it asks nobody, and tells nobody.
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.modules().join(".bin").join(name));
        command.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
        command.stdin(std::process::Stdio::null());
        command
    }

    /// The folder in which packages are found.
    pub fn modules(&self) -> PathBuf {
        self.folder.join("node_modules")
    }
}

fn version() -> Result<(u32, u32), String> {
    let said = Command::new("node").arg("--version").output().map_err(|error| format!("node does not run: {error}"))?;
    let said = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    let mut numbers = said.trim_start_matches('v').split('.').map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => Ok((major, minor)),
        _ => Err(format!("node says of its version: {said:?}")),
    }
}
