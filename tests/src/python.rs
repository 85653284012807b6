//! Virtual environments of Python with pinned packages, for what our code is compared with.

use std::path::{Path, PathBuf};

use launcher::install::{announce, has_program};
use launcher::process::run_quietly;
use launcher::workspace;

/// An installed environment.
#[derive(Clone, Debug)]
pub struct Python {
    program: PathBuf,
}

impl Python {
    /// Finds the environment of this name in the build folder, or makes it with the packages that `pins` lists.
    pub fn prepare(name: &str, pins: &Path) -> Self {
        assert!(has_program("python3"), "python3 (3.10 or later, with venv) is missing");
        let venv = workspace::target().join(name);
        let installed = venv.join("installed.txt");
        let wanted = std::fs::read(pins).expect("the pinned packages");
        if std::fs::read(&installed).ok().as_ref() != Some(&wanted) {
            announce("installing the pinned packages from PyPI into the build folder (once)");
            let mut make = std::process::Command::new("python3");
            run_quietly(make.args(["-m", "venv", "--clear"]).arg(&venv), "python3 -m venv").expect("an environment");
            let mut pip = std::process::Command::new(venv.join("bin/pip"));
            run_quietly(pip.args(["install", "-q", "-r"]).arg(pins), "pip install").expect("the packages");
            std::fs::write(&installed, wanted).expect("written");
        }
        Self { program: venv.join("bin/python") }
    }

    /// The interpreter.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The interpreter's version.
    pub fn version(&self) -> String {
        let mut python = std::process::Command::new(&self.program);
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
