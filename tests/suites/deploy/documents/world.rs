//! Where the documents' commands are typed: a folder with what they name, the shims and the real tools, and one shell.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use chrono::{Days, NaiveDate, Utc};
use launcher::install::has_program;
use launcher::process::{free_port, spawn_from_own_thread, supervised};
use launcher::workspace;
use tests::local_dev::Ground;
use tests::product::binary;
use tests::project::{PASSWORD, Project};
use tests::python::Python;
use tests::sam;
use tests::secrets_manager::SecretsManager;
use tests::walk::{commands, filled, placeholder};

use super::{Act, DOCUMENTS, LETTER, act, document};

/// What the shell finds: the shims, the project's files, and the values for the placeholders.
pub(super) struct World {
    ground: Ground,
    pub(super) project: Project,
    pub(super) manager: SecretsManager,
    tools: Vec<(&'static str, PathBuf)>,
    pub(super) letter: NaiveDate,
    port: u16,
}

impl World {
    pub(super) async fn new() -> Result<Self, String> {
        if !has_program("curl") {
            return Err("curl is not installed".to_owned());
        }
        let manager = SecretsManager::start().await?;
        let aws = Python::install("aws-venv", &workspace::root().join("tests/aws/requirements.txt"))?;
        let tools = vec![("aws", aws.script("aws")), ("sam", sam::tools()?.script("sam"))];
        let letter = Utc::now().date_naive().checked_sub_days(Days::new(10)).expect("a day");
        let port = free_port().map_err(|error| error.0)?;
        Ok(Self { ground: Ground::new(), project: Project::new().await, manager, tools, letter, port })
    }

    /// Placeholders, and what else is another's than the reader's; the longer ones first.
    fn values(&self) -> Vec<(String, String)> {
        let direct = format!("127.0.0.1:{}/{}", self.project.port(), self.project.database);
        let owner = "supabase_postgres";
        [
            ("db.<project-ref>.supabase.co:5432/postgres", direct.as_str()),
            ("aws-0-<region>.pooler.supabase.com", &format!("127.0.0.1:{}", self.project.pooler.port)),
            ("postgresql://postgres:", &format!("postgresql://{owner}:")),
            ("<database-password>", PASSWORD),
            ("<you@example.org>", "you@example.org"),
            ("<Your Name>", "Your Name"),
            ("<region>", "us-east-1"),
            ("http://127.0.0.1:8080", &format!("http://127.0.0.1:{}", self.port)),
            (LETTER, &self.letter.to_string()),
        ]
        .map(|(from, to)| (from.to_owned(), to.to_owned()))
        .into()
    }

    /// The folder in which the commands are typed: of the checkout what they name, and the CA that the project's page offers.
    fn lay_out(&self) {
        let (root, folder) = (workspace::root(), self.project.folder.path());
        for name in ["functions", "tests"] {
            symlink(root.join(name), folder.join(name)).expect("linked");
        }
        for name in ["template.yaml", "samconfig.toml"] {
            fs::copy(root.join(name), folder.join(name)).expect("copied");
        }
        fs::write(folder.join("prod-ca-2021.crt"), self.project.ca_pem()).expect("written");
        fs::create_dir(folder.join("bin")).expect("a folder");
        for (name, program) in &self.tools {
            symlink(program, folder.join("bin").join(name)).expect("linked");
        }
        let shim = folder.join("bin/cargo");
        fs::write(&shim, self.cargo()).expect("written");
        fs::set_permissions(&shim, fs::Permissions::from_mode(0o755)).expect("permissions");
    }

    fn cargo(&self) -> String {
        format!(
            r#"#!/bin/sh
# Runs what is built already, with the test's own data folder and ports.
ops={ops} folder={folder}
case "$*" in
    "run -p ops -- "*) shift 4; exec "$ops" "$@" ;;
    "dev --print-"*) shift; exec "$ops" dev --folder "$folder" "$@" ;;
    dev|"dev "*) shift
        # Loopback plays Docker's bridge where no engine answers.
        if [ "$*" = --docker ] && ! docker info > /dev/null 2>&1; then set -- --docker=127.0.0.1; fi
        exec "$ops" dev --folder "$folder" --database-port {database_port} --port {port} "$@" ;;
    "ask "*) shift; exec "$ops" ask --folder "$folder" "$@" ;;
    *) echo "the shim knows no cargo $*" >&2; exit 64 ;;
esac
"#,
            ops = binary("ops").display(),
            folder = self.ground.folder.display(),
            database_port = self.ground.database_port(),
            port = self.port,
        )
    }

    /// One script of all commands, each announced, and the names of those that it types.
    fn script(&self) -> (String, Vec<String>) {
        let (mut script, mut names, values) = (PROLOGUE.to_owned(), Vec::new(), self.values());
        for path in DOCUMENTS {
            for typed in commands(&document(path)) {
                let name = format!("{path}:{} {}", typed.line, typed.text.lines().next().unwrap_or_default());
                let text = filled(&typed.text, &values);
                assert_eq!(placeholder(&text), None, "{name}: no value for it");
                let line = match act(&typed).unwrap_or_else(|| panic!("{name}: nobody types it")) {
                    Act::Account => return (script, names),
                    Act::When(variable, why) if std::env::var_os(variable).is_none() => {
                        println!("not typed: {name} ({variable} is not set: {why})");
                        continue;
                    }
                    Act::Elsewhere(why) => {
                        println!("not typed: {name} ({why})");
                        continue;
                    }
                    Act::Serve => format!("serve {text}"),
                    Act::Type | Act::When(..) => text,
                };
                script.push_str(&format!("announce {}\n{line}\n", names.len()));
                names.push(name);
            }
        }
        panic!("the documents have no command that needs an account");
    }

    /// What each command printed, by its name.
    pub(super) fn type_all(&self) -> BTreeMap<String, String> {
        self.lay_out();
        let (script, names) = self.script();
        let folder = self.project.folder.path();
        fs::write(folder.join("script.sh"), script).expect("written");
        let log = fs::File::create(folder.join("said")).expect("a log");
        let mut command = supervised(Path::new("/bin/sh"), None, "TERM");
        command.arg("script.sh").current_dir(folder).env_clear().envs(self.manager.environment());
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", folder.join("bin").display())).env("HOME", folder);
        command.env("SAM_CLI_TELEMETRY", "0").env("AWS_EC2_METADATA_DISABLED", "true").env("AWS_PAGER", "");
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log);
        let shell = spawn_from_own_thread(command, "sh").expect("a shell");
        let until = Instant::now() + Duration::from_secs(900);
        while shell.is_alive() {
            assert!(Instant::now() < until, "it does not end: {}", self.said());
            std::thread::sleep(Duration::from_millis(100));
        }
        let said = self.said();
        let parts = said.split("\n@@ ").skip(1).map(|part| part.split_once('\n').expect("a number"));
        let done: Vec<(String, String)> = parts.map(|(number, text)| (number.to_owned(), text.to_owned())).collect();
        let ended = done.last().is_some_and(|(number, _)| number == "end");
        let at = done.len().checked_sub(1).and_then(|last| names.get(last));
        assert!(ended, "a command failed: {at:?}\n{said}");
        names.into_iter().zip(done.into_iter().map(|(_, text)| text)).collect()
    }

    fn said(&self) -> String {
        fs::read_to_string(self.project.folder.path().join("said")).unwrap_or_default()
    }
}

/// `serve` starts a server, waits until it serves, and ends the one before; whatever happens, the last one ends with the shell.
pub(super) const PROLOGUE: &str = r#"set -eu
server=
announce() { printf '\n@@ %s\n' "$1"; }
unserve() { if [ -n "$server" ]; then kill "$server" || true; wait "$server" || true; server=; fi; }
serve() {
    unserve
    "$@" > dev.log 2>&1 &
    server=$!
    until grep -q 'is serving at' dev.log; do
        kill -0 "$server" || { cat dev.log; exit 1; }
        sleep 0.2
    done
}
finish() { status=$?; unserve; if [ "$status" = 0 ]; then announce end; fi; }
trap finish EXIT
trap 'exit 143' TERM INT
"#;
