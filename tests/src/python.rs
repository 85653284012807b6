//! Virtual environments of Python with pinned packages, for what our code is compared with.

use std::path::{Path, PathBuf};
use std::process::Command;

use launcher::install::{announce, has_program};
use launcher::process::run_quietly;
use launcher::workspace;

/// What pip says when the package index cannot be reached.
const NO_INDEX: [&str; 5] =
    ["NewConnectionError", "ConnectTimeoutError", "ProxyError", "NameResolutionError", "ReadTimeoutError"];

/// An installed environment.
#[derive(Clone, Debug)]
pub struct Python {
    program: PathBuf,
}

impl Python {
    /// Finds the environment of this name in the build folder, or makes it with the packages that `pins` lists.
    ///
    /// # Errors
    /// A reason to skip: python3 or its venv is missing, or the package index cannot be reached.
    pub fn install(name: &str, pins: &Path) -> Result<Self, String> {
        if !has_program("python3") {
            return Err("python3 is not installed (apt install python3 python3-venv)".to_owned());
        }
        let venv = workspace::target().join(name);
        let installed = venv.join("installed.txt");
        let wanted = std::fs::read(pins).expect("the pinned packages");
        if std::fs::read(&installed).ok().as_ref() != Some(&wanted) {
            announce("installing pinned packages from PyPI into the build folder (once)");
            let made = Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv).output();
            if !made.is_ok_and(|made| made.status.success()) {
                return Err("python3 has no venv (apt install python3-venv)".to_owned());
            }
            let mut pip = Command::new(venv.join("bin/pip"));
            pip.args(["install", "-q", "--disable-pip-version-check", "--only-binary", ":all:", "-r"]).arg(pins);
            let pip = pip.output().expect("pip runs");
            let said = String::from_utf8_lossy(&pip.stderr);
            if !pip.status.success() && NO_INDEX.iter().any(|sign| said.contains(sign)) {
                return Err("the package index of Python cannot be reached".to_owned());
            }
            assert!(pip.status.success(), "{} cannot be installed: {said}", pins.display());
            std::fs::write(&installed, wanted).expect("written");
        }
        Ok(Self { program: venv.join("bin/python") })
    }

    /// `install`, for what cannot go on without.
    pub fn prepare(name: &str, pins: &Path) -> Self {
        Self::install(name, pins).unwrap_or_else(|reason| panic!("{reason}"))
    }

    /// A program that came with a package.
    pub fn script(&self, name: &str) -> PathBuf {
        self.program.with_file_name(name)
    }

    /// The interpreter.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The interpreter's version.
    pub fn version(&self) -> String {
        let mut python = Command::new(&self.program);
        let said = run_quietly(python.arg("--version"), "python --version").expect("a version");
        said.trim().trim_start_matches("Python ").to_owned()
    }
}

/// The pinned version of a package.
pub fn pinned(pins: &Path, package: &str) -> String {
    let text = std::fs::read_to_string(pins).expect("the pinned packages");
    let pin = text.lines().find_map(|line| line.strip_prefix(package)?.strip_prefix("=="));
    pin.unwrap_or_else(|| panic!("{package} is not pinned")).to_owned()
}
