//! README.md's and docs/deploy.md's commands, typed in their order by one shell, to the point where an account is needed: `cargo dev`, the
//! walk over HTTP, a Supabase-like project with its pooler, moto in place of AWS.
//!
//! What is not as at the reader's: `cargo` is a shim that runs the programs that are built already (`cargo run -p ops --`, `cargo dev`,
//! `cargo ask`) with a data folder and a port of the test; `aws` and `sam` are the real ones (PyPI); the placeholders are filled in from
//! the table below. A command or a placeholder that is in no table fails the test.

mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use chrono::{Days, NaiveDate};
use launcher::workspace;
use serde_json::Value;
use tests::walk::{Typed, commands};
use world::{PROLOGUE, World};

/// What is done with a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// It is typed.
    Type,
    /// It is typed, serves in the background, and replaces what served before.
    Serve,
    /// It is typed when this variable is set; else it is said why not.
    When(&'static str, &'static str),
    /// It is typed elsewhere, or cannot be: why.
    Elsewhere(&'static str),
    /// It needs an account: it and what follows is not typed.
    Account,
}

/// Every command of the documents by how it begins; the first that fits counts.
const KNOWN: [(&str, Act); 29] = [
    ("cargo dev --print-env > .env.dev", Act::Type),
    ("cargo dev --print-sam-env > env.json", Act::Type),
    ("cargo dev --docker", Act::Serve),
    ("cargo dev", Act::Serve),
    ("cargo ask ", Act::Type),
    ("cargo lambda watch ", Act::Elsewhere("the suite `watch` runs the functions under it")),
    ("sam build", Act::When("NAVIGATOR_SAM_BUILD", "it compiles every function as a release, which takes long")),
    ("sam local invoke ", Act::Elsewhere("`deploy::local` types it where a Docker engine answers")),
    ("sam validate ", Act::Type),
    ("sam deploy ", Act::Account),
    ("URL=http://", Act::Type),
    ("URL=$(aws cloudformation ", Act::Account),
    ("JSON=", Act::Type),
    ("TOKEN=$(curl ", Act::Type),
    ("curl -s ", Act::Type),
    ("curl -si ", Act::Account),
    ("umask ", Act::Type),
    ("cat > .env <<", Act::Type),
    ("export MIGRATION_DATABASE_URL=", Act::Type),
    ("export OPERATOR_DATABASE_URL=", Act::Type),
    ("export DATABASE_CA_PEM=", Act::Type),
    ("export AWS_REGION=", Act::Type),
    ("ARN=$(aws secretsmanager create-secret ", Act::Type),
    ("sed -i ", Act::Type),
    ("cargo run -p ops -- setup ", Act::Type),
    ("cargo run -p ops -- doctor", Act::Type),
    ("cargo run -p ops -- user create-admin ", Act::Type),
    ("cargo run -p ops -- migrate ", Act::Type),
    ("cargo run -p ops -- ", Act::Type),
];

fn act(typed: &Typed) -> Option<Act> {
    KNOWN.iter().find(|(begin, _)| typed.text.starts_with(begin)).map(|(_, act)| *act)
}

fn document(path: &str) -> String {
    fs::read_to_string(workspace::root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The walk.
const DOCUMENTS: [&str; 2] = ["README.md", "docs/deploy.md"];

/// The letter's date in README.md; the answer there is of that date, and the test asks with a newer one.
const LETTER: &str = "2026-11-17";
/// The days that a plan's member has to appeal.
const DAYS: u64 = 65;

fn spelled(day: NaiveDate) -> String {
    day.format("%B %-d, %Y").to_string()
}

#[test]
fn every_command_of_the_documents_is_known_and_every_example_checks_the_certificate() {
    for path in ["README.md", "docs/deploy.md", "docs/operate.md"] {
        let text = document(path);
        for typed in commands(&text) {
            assert!(act(&typed).is_some(), "{path}:{}: nobody types {}", typed.line, typed.text);
        }
    }
    let unknown = Typed { line: 1, text: "make deploy".to_owned() };
    assert_eq!(act(&unknown), None);
    for entry in ["README.md", "RUNBOOK.md", "SECURITY.md", ".env.example", "migrations/README.md"] {
        checks_certificates(entry, &document(entry));
    }
    let in_folder = |folder: &str| fs::read_dir(workspace::root().join(folder)).expect("a folder").flatten();
    let files = in_folder("docs").chain(in_folder("docs/decisions")).map(|entry| entry.path());
    for path in files.filter(|path| path.is_file()) {
        checks_certificates(&path.display().to_string(), &fs::read_to_string(&path).expect("text"));
    }
}

/// No URL of a document leaves the certificate unchecked.
fn checks_certificates(path: &str, text: &str) {
    for (number, line) in text.lines().enumerate() {
        for (at, _) in line.match_indices("postgresql://") {
            let url = line[at..].split([' ', '\'', '"', '`', ',']).next().unwrap_or_default();
            let is_whole = url.contains('@') && !url.contains('…');
            assert!(!is_whole || url.contains("sslmode=verify-full"), "{path}:{}: {url}", number + 1);
        }
        let is_example = line.contains("sslmode=require") && !line.contains("refused");
        assert!(!is_example, "{path}:{}: {line}", number + 1);
    }
}

#[test]
fn the_readme_is_short_shows_an_answer_and_says_what_is_not_known() {
    let text = document("README.md");
    assert!(text.lines().count() <= 120, "{} lines", text.lines().count());
    assert!(text.contains("Nobody has run it on AWS or on hosted Supabase yet"));
    for path in ["README.md", "docs/api.md", "docs/deploy.md", "docs/evidence.md", "docs/operate.md", "RUNBOOK.md"] {
        let text = document(path).to_lowercase();
        for words in ["the guide", "the earlier system", "the design says"] {
            assert!(!text.contains(words), "{path} speaks of {words:?} and introduces it nowhere");
        }
        links_lead_somewhere(path, &text);
    }
    let (command, answer) = shown(&text);
    let asked: Vec<Typed> = commands(&text).into_iter().filter(|typed| typed.text.starts_with("cargo ask")).collect();
    assert_eq!(asked.iter().map(|typed| typed.text.as_str()).collect::<Vec<_>>(), [command.as_str()]);
    has_what_is_promised(&answer, LETTER.parse().expect("a day"));
}

fn links_lead_somewhere(path: &str, text: &str) {
    let from = workspace::root().join(path);
    for (at, _) in text.match_indices("](") {
        let target = text[at + 2..].split(')').next().unwrap_or_default();
        let file = target.split('#').next().unwrap_or_default();
        if file.is_empty() || file.starts_with("http") {
            continue;
        }
        let folder = from.parent().expect("a folder");
        let names = fs::read_dir(folder.join(file).parent().expect("a folder")).expect("a folder");
        let wanted = Path::new(file).file_name().expect("a name").to_string_lossy().to_lowercase();
        let is_there = names.flatten().any(|entry| entry.file_name().to_string_lossy().to_lowercase() == wanted);
        assert!(is_there, "{path}: {target} leads nowhere");
    }
}

/// The command and the answer that README.md shows.
fn shown(text: &str) -> (String, String) {
    let block = text.split("```text\n$ ").nth(1).and_then(|rest| rest.split("```").next()).expect("a shown answer");
    let (command, answer) = block.split_once('\n').expect("an answer below the command");
    (command.to_owned(), answer.to_owned())
}

/// An answer to the README's question names the last day, whom to call, and its official sources.
fn has_what_is_promised(answer: &str, letter: NaiveDate) {
    let last = spelled(letter.checked_add_days(Days::new(DAYS)).expect("a day"));
    assert!(answer.contains(&last), "the last day, {last}, is not in: {answer}");
    assert!(!sources(answer).is_empty(), "no source in: {answer}");
    assert!(answer.contains("1-800-") || answer.contains("877"), "nobody to call in: {answer}");
}

fn sources(answer: &str) -> BTreeSet<&str> {
    let lines = answer.lines().filter(|line| line.trim_start().starts_with("source: "));
    lines.filter_map(|line| line.split_whitespace().find(|word| word.starts_with("https://"))).collect()
}

/// What the command that has this in its first line printed; of several the shortest.
fn of<'a>(said: &'a BTreeMap<String, String>, part: &str) -> &'a str {
    let found = said.iter().filter(|(name, _)| name.contains(part)).min_by_key(|(name, _)| name.len());
    found.unwrap_or_else(|| panic!("no command {part} was typed")).1
}

fn json(text: &str) -> Value {
    serde_json::from_str(text.trim()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_documents_commands_lead_in_their_order_to_the_point_where_an_account_is_needed() {
    const NAME: &str = "the_documents_commands_lead_in_their_order_to_the_point_where_an_account_is_needed";
    let world = match World::new().await {
        Ok(world) => world,
        Err(reason) => return tests::skip(NAME, &reason),
    };
    let said = tokio::task::block_in_place(|| world.type_all());
    // README.md: the answer has the structure of the one that is shown.
    let answer = of(&said, "cargo ask");
    println!("{answer}");
    has_what_is_promised(answer, world.letter);
    let (_, shown) = shown(&document("README.md"));
    assert_eq!(sources(answer), sources(&shown), "README.md shows an answer with other sources");
    assert!(json(of(&said, "curl -s $URL/register"))["access_token"].is_string());
    let chat = json(of(&said, "curl -s $URL/chat/navigator"));
    let last = world.letter.checked_add_days(Days::new(DAYS)).expect("a day");
    assert!(chat["deadlines"].to_string().contains(&last.to_string()), "{chat}");
    let history = json(of(&said, "curl -s $URL/conversations/first/history"));
    assert_eq!(history["messages"].as_array().map(Vec::len), Some(2), "{history}");
    let counted = json(of(&said, "curl -s \"$URL/regulatory/deadlines/"));
    assert!(counted.to_string().contains(&last.to_string()), "{counted}");
    // docs/deploy.md: the environment for SAM, the project, the secret, the stage.
    let folder = world.project.folder.path();
    let environment = json(&fs::read_to_string(folder.join("env.json")).expect("env.json"));
    assert!(environment["RegisterFunction"]["DATABASE_URL"].as_str().is_some_and(|url| url.ends_with("verify-full")));
    for command in ["setup --ca prod-ca-2021.crt", "setup --ca prod-ca-2021.crt --secret", "doctor --secret"] {
        let report = of(&said, command);
        assert!(report.contains('✓') && !report.contains('✗'), "{command}: {report}");
    }
    assert!(of(&said, "setup --ca prod-ca-2021.crt --secret").contains("taken over from .env.runtime"));
    let kept = world.project.written();
    let config: toml::Table = fs::read_to_string(folder.join("samconfig.toml")).expect("text").parse().expect("TOML");
    let overrides = config["staging"]["deploy"]["parameters"]["parameter_overrides"].as_array().expect("a list");
    let arn = overrides.iter().filter_map(|line| line.as_str()?.strip_prefix("SecretArn=")).next().expect("the secret");
    let bundle = world.manager.bundle(arn).await;
    for name in ["DATABASE_URL", "JWT_SECRET_KEY", "DATABASE_CA_PEM"] {
        assert_eq!(bundle[name], Value::from(kept[name].clone()), "{name}");
    }
    assert!(overrides.len() > 1 && config["production"].to_string().matches("SecretArn").count() == 0, "{overrides:?}");
    let admins = "SELECT count(*) FROM navigator.user_roles WHERE role_name = 'admin'";
    let count: i64 = world.project.root().await.query_one(admins, &[]).await.expect("a count").get(0);
    assert_eq!(count, 1, "the administrator");
    println!("{} commands were typed", said.len());
}

/// The shell's own part of the test can fail: a command that fails stops the walk.
#[test]
fn a_command_that_fails_stops_the_walk() {
    let folder = tests::stack::folder("walk");
    let script = format!("{PROLOGUE}announce 0\nfalse\nannounce 1\n");
    fs::write(folder.join("script.sh"), script).expect("written");
    let output = Command::new("sh").arg("script.sh").current_dir(&folder).output().expect("sh");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        !output.status.success() && said.contains("@@ 0") && !said.contains("@@ 1") && !said.contains("@@ end"),
        "{said}"
    );
}
