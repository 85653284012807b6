//! What the build and the servers need from the system: found, or installed after saying so, or asked for in one line.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::{is_root, run_quietly};
use crate::{LauncherError, Result};

/// How OpenSSL gets into the binaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenSsl {
    /// The system's headers and library.
    System,
    /// Built from source: slower, but needs only perl and make.
    Vendored,
}

/// Says what is being done, on standard error: standard output may be redirected into a file.
pub fn announce(line: &str) {
    eprintln!("· {line}");
}

/// Whether a program is on the PATH.
pub fn has_program(name: &str) -> bool {
    find_program(name).is_some()
}

/// Where a program is, on the PATH or where Debian puts servers.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// Installs Debian packages after announcing them, when this process may.
///
/// # Errors
/// One line with the command to run, when it may not or apt fails (no network, for example).
pub fn apt_install(packages: &[&str], why: &str) -> Result<()> {
    let command = format!("apt-get install -y {}", packages.join(" "));
    if !is_root() || !has_program("apt-get") {
        return Err(LauncherError::new(format!("{why} is missing; install it with: sudo {command}")));
    }
    announce(&format!("{why} is missing: running `{command}` (once)"));
    let apt = |arguments: &[&str]| {
        let mut apt = Command::new("apt-get");
        apt.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
        run_quietly(&mut apt, &format!("apt-get {}", arguments.join(" ")))
    };
    apt(&["update", "-q"])
        .and_then(|_| apt(&[&["install", "-y", "-q", "--no-install-recommends"], packages].concat()))
        .map_err(|error| {
            LauncherError::new(format!(
                "{why} could not be installed ({error}); check the network, then run: {command}"
            ))
        })?;
    Ok(())
}

/// Decides how OpenSSL is linked; installs the headers when that is possible and cheaper than building.
///
/// # Errors
/// One line with what to install.
pub fn openssl() -> Result<OpenSsl> {
    if !has_program("cc") {
        apt_install(&["gcc", "libc6-dev"], "a C compiler")?;
    }
    if has_openssl_headers() {
        return Ok(OpenSsl::System);
    }
    if is_root() && has_program("apt-get") && apt_install(&["libssl-dev", "pkg-config"], "OpenSSL's headers").is_ok() {
        return Ok(OpenSsl::System);
    }
    if has_program("perl") && has_program("make") {
        announce("OpenSSL's headers are missing: building OpenSSL from source (some minutes, once)");
        return Ok(OpenSsl::Vendored);
    }
    Err(LauncherError::new(
        "OpenSSL is missing; install its headers with: sudo apt-get install -y libssl-dev pkg-config",
    ))
}

fn has_openssl_headers() -> bool {
    let by_pkg_config =
        Command::new("pkg-config").args(["--exists", "openssl"]).status().is_ok_and(|status| status.success());
    by_pkg_config || (Path::new("/usr/include/openssl/ssl.h").is_file() && has_program("pkg-config"))
}

/// PgBouncer, found or installed.
///
/// # Errors
/// One line with what to install.
pub fn pgbouncer() -> Result<PathBuf> {
    if find_program("pgbouncer").is_none() {
        apt_install(&["pgbouncer"], "PgBouncer (the stand-in for Supabase's pooler)")?;
    }
    find_program("pgbouncer").ok_or_else(|| LauncherError::new("pgbouncer was installed but is not on the PATH"))
}
