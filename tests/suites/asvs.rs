//! ASVS.md and SECURITY.md say what is so: every requirement has its row, every test that a row names exists, and what no
//! other suite can show from outside is read from the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use launcher::workspace::root;
use serde_json::json;
use shared::config::PasswordCost;
use tests::client::Answer;
use tests::product::{Product, product};

/// OWASP ASVS 5.0.0, level 1, as far as it applies to an API without cookies, uploads, XML and single sign-on.
const LEVEL_1: &str = "\
    1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.3.2 2.1.1 2.2.1 2.2.2 2.3.1 3.2.1 3.4.1 3.4.2 3.5.2 3.5.3 4.1.1 5.2.1 5.2.2 \
    5.3.1 5.3.2 6.1.1 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.8 6.3.1 6.3.2 6.4.1 6.4.2 7.2.1 7.2.2 7.2.3 7.2.4 7.4.1 \
    7.4.2 8.1.1 8.2.1 8.2.2 8.3.1 9.1.1 9.1.2 9.1.3 9.2.1 11.3.1 11.3.2 11.4.1 12.1.1 12.2.1 12.2.2 13.4.1 14.2.1 \
    15.1.1 15.2.1 15.3.1";

/// Level 2, likewise.
const LEVEL_2: &str = "\
    1.1.1 1.1.2 1.2.9 1.3.3 1.3.5 1.3.6 1.3.7 1.3.10 1.3.11 1.4.2 1.5.2 2.1.2 2.1.3 2.2.3 2.3.2 2.3.3 2.3.4 2.4.1 \
    3.4.3 3.4.4 3.4.5 3.4.6 4.1.2 4.1.3 4.2.1 5.1.1 5.2.3 5.4.1 5.4.2 5.4.3 6.1.2 6.1.3 6.2.9 6.2.10 6.2.11 6.2.12 \
    6.3.3 6.3.4 6.4.3 6.4.4 6.5.1 6.5.2 6.5.3 6.5.4 6.5.5 6.6.2 6.6.3 7.1.1 7.1.2 7.3.1 7.3.2 7.4.3 7.4.5 7.5.1 \
    7.5.2 8.1.2 8.2.3 8.4.1 9.2.2 9.2.3 9.2.4 11.1.1 11.1.2 11.2.1 11.2.2 11.2.3 11.3.3 11.4.2 11.4.3 11.4.4 11.5.1 \
    12.1.2 12.3.1 12.3.2 13.1.1 13.2.1 13.2.2 13.2.3 13.2.4 13.2.5 13.3.1 13.3.2 13.4.2 13.4.4 13.4.5 14.1.1 14.1.2 \
    14.2.2 14.2.3 14.2.4 14.3.2 15.1.2 15.1.3 15.2.2 15.2.3 15.3.2 15.3.3 15.3.4 15.3.5 15.3.7 16.1.1 16.2.1 16.2.2 \
    16.2.3 16.2.4 16.2.5 16.3.1 16.3.2 16.3.3 16.3.4 16.4.1 16.4.2 16.4.3 16.5.1 16.5.2 16.5.3";

#[test]
fn every_requirement_has_its_row_and_every_named_test_exists() {
    assert_eq!(LEVEL_1.split_whitespace().collect::<BTreeSet<_>>().len(), 56);
    assert_eq!(LEVEL_2.split_whitespace().collect::<BTreeSet<_>>().len(), 116);
    let objections = objections(&read("ASVS.md"), &every_test());
    assert!(objections.is_empty(), "ASVS.md:\n{}", objections.join("\n"));
}

#[test]
fn an_invented_test_a_missing_row_and_a_row_without_a_test_are_named() {
    let tests = every_test();
    let this = "asvs::an_invented_test_a_missing_row_and_a_row_without_a_test_are_named";
    assert!(tests.contains(this), "{tests:?}");
    assert!(tests.contains("shared json::tests::markup_is_escaped_and_means_the_same"));
    let whole = read("ASVS.md");
    let row = whole.lines().find(|line| line.starts_with("| 9.1.1 |")).expect("the row of 9.1.1");
    let with = |other: &str| objections(&whole.replace(row, other), &tests);
    let objects = |other: &str, words: &str| {
        let found = with(other);
        assert!(
            found.iter().any(|objection| objection.starts_with("9.1.1") && objection.contains(words)),
            "{other}: {found:?}"
        );
    };
    objects("| 9.1.1 | a | b | `asvs::nobody_wrote_this` |", "does not exist");
    objects(&format!("| 9.1.1 | a | b | `elsewhere::{}` |", &this[6..]), this);
    objects("| 9.1.1 | a | b | - |", "names no test");
    objects("| 9.1.1 | a | | `asvs::x` |", "empty");
    objects("", "has no row");
    objects(&format!("{row}\n{row}"), "twice");
    let found = with(&format!("| 9.1.1 | a | b | `{this}` |"));
    assert!(!found.iter().any(|objection| objection.starts_with("9.1.1")), "{found:?}");
}

#[test]
fn what_is_no_test_is_not_taken_for_one() {
    let source = [
        "fn helper() {}",
        "#[test]",
        "#[ignore = \"slow\"]",
        "fn ignored() {}",
        "#[cfg(test)]",
        "mod tests {",
        "    #[tokio::test]",
        "    #[allow(dead_code)]",
        "    async fn inner() {}",
        "    fn other() {}",
        "}",
        "#[test]",
        "fn outer() {}",
    ];
    assert_eq!(tests_of(&source.join("\n"), "a"), ["a::tests::inner", "a::outer"]);
    assert_eq!(tests_of("#[test]\nfn root() {}\n", ""), ["root"]);
}

#[test]
fn the_limits_of_security_md_are_those_of_the_schema() {
    let (document, migration) = (read("SECURITY.md"), read("migrations/005_sessions.sql"));
    let (_, rows) =
        migration.split_once("INSERT INTO navigator.rate_policies (name, hits, seconds) VALUES").expect("the limits");
    let rows = rows.split_once(';').map_or(rows, |(rows, _)| rows);
    let mut limits = 0;
    for row in rows.lines().filter_map(|line| line.trim().strip_prefix('(')?.split(')').next()) {
        let [name, hits, seconds] = row.split(", ").collect::<Vec<_>>()[..] else { panic!("{row}") };
        let line = format!("| `{}` | {hits} | {seconds} |", name.trim_matches('\''));
        assert!(document.contains(&line), "SECURITY.md does not have: {line}");
        limits += 1;
    }
    assert!(limits >= 12, "only {limits} limits were read");
}

#[test]
fn updates_have_their_time_frames_and_no_advisory_is_passed_over() {
    let document = read("SECURITY.md");
    for words in ["within 3 working days", "within 7 days", "within 30 days", "within 90 days"] {
        assert!(document.contains(words), "SECURITY.md does not say: {words}");
    }
    let deny: toml::Table = read("deny.toml").parse().expect("TOML");
    assert!(deny["advisories"].get("ignore").is_none(), "an advisory is passed over");
    assert_eq!(deny["advisories"]["yanked"].as_str(), Some("deny"));
    assert_eq!(deny["sources"]["unknown-registry"].as_str(), Some("deny"));
    assert_eq!(deny["sources"]["unknown-git"].as_str(), Some("deny"));
    assert!(root().join("Cargo.lock").is_file());
}

#[test]
fn no_function_starts_a_process_or_opens_a_file() {
    let mut found = BTreeSet::new();
    for (path, source) in sources("functions", "rs").into_iter().chain(sources("shared/src", "rs")) {
        let is_test = path.file_stem().is_some_and(|name| name.to_string_lossy().ends_with("tests"));
        let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        if !is_test
            && ["process::Command", "std::fs", "tokio::fs", "fs::read", "fs::write", "File::"]
                .iter()
                .any(|word| code.contains(word))
        {
            found.insert(path.to_string_lossy().into_owned());
        }
    }
    // Mails and archives as files, whose names are made here: where MAIL_FOLDER or ARCHIVE_FOLDER is set, and for an operator. The
    // stand-in reads a test's amounts, and nothing that is deployed is built with it (feature `testing`).
    let allowed = [
        "shared/src/accounts/mail/folder.rs",
        "shared/src/archive/place.rs",
        "shared/src/private_file.rs",
        "shared/src/workflow/stand_in.rs",
    ]
    .map(ToOwned::to_owned);
    assert_eq!(found, BTreeSet::from(allowed));
}

#[test]
fn no_sql_function_runs_text_as_sql() {
    let mut files = 0;
    for (path, source) in sources("migrations", "sql") {
        let mut code: String =
            source.lines().map(|line| line.split("--").next().unwrap_or_default().to_owned() + "\n").collect();
        // What a migration itself does while it runs takes its words from lists that stand there.
        while let Some((before, rest)) = code.split_once("DO $$") {
            let after = rest.split_once("$$").map_or("", |(_, after)| after);
            code = format!("{before}{after}");
        }
        for (place, word) in code.match_indices("EXECUTE") {
            let next = code[place + word.len()..].trim_start();
            let is_grant = next.starts_with("ON ") || next.starts_with("FUNCTION ");
            assert!(is_grant, "{}: EXECUTE {}", path.display(), next.lines().next().unwrap_or_default());
        }
        files += 1;
    }
    assert!(files > 14, "only {files} files were read");
}

#[test]
fn no_weak_hash_and_no_cipher_of_our_own() {
    let foreign =
        ["aes", "aes-gcm", "blowfish", "cbc", "chacha20", "des", "ecb", "md-5", "md4", "md5", "rc4", "sha-1", "sha1"];
    let mut manifests = 0;
    for (path, source) in sources("functions", "toml").into_iter().chain(sources("shared", "toml")) {
        let manifest: toml::Table = source.parse().expect("TOML");
        let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table).expect("dependencies");
        let named: Vec<&String> = dependencies.keys().filter(|name| foreign.contains(&name.as_str())).collect();
        assert!(named.is_empty(), "{}: {named:?}", path.display());
        manifests += 1;
    }
    assert!(manifests > 9, "only {manifests} manifests were read");
    for (path, source) in sources("migrations", "sql") {
        for word in ["md5(", "'md5'", "'sha1'", "crypt(", "pgp_sym"] {
            assert!(!source.contains(word), "{}: {word}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_reply_carries_the_headers_that_browsers_obey() {
    let product = product().await;
    let person = product.api.person().await;
    let foreign = ("origin", "https://elsewhere.example");
    let answers = [
        product.api.get("/health").header(foreign.0, foreign.1).send().await.expect(200),
        product.api.get("/me").token(&person.token).header(foreign.0, foreign.1).send().await.expect(200),
        product.api.get("/me").send().await.expect(401),
        product.api.get("/nowhere").send().await.expect(404),
        product.api.post("/login", &json!({ "email": 7 })).header(foreign.0, foreign.1).send().await.expect(422),
        product.api.post("/password-reset", &json!({ "email": person.email })).send().await.expect(202),
        product.api.call("POST", "/logout").token(&product.api.person().await.token).send().await.expect(204),
        limited(&product, &person.token).await.expect(429),
    ];
    for answer in answers {
        let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert!(header("content-security-policy").contains("default-src 'none'"), "{:?}", answer.headers);
        assert!(header("content-security-policy").contains("base-uri 'none'"), "{:?}", answer.headers);
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"), "{:?}", answer.headers);
        assert_eq!(header("strict-transport-security"), "max-age=63072000; includeSubDomains");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("cache-control"), "no-store");
        assert!(answer.status == 204 || header("content-type").starts_with("application/"), "{:?}", answer.headers);
        // A page that the operator did not list is told nothing.
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{:?}", answer.headers);
    }
}

/// What somebody gets who asks too often.
async fn limited(product: &Product, token: &str) -> Answer {
    let client = product.superuser().await;
    client.batch_execute("UPDATE navigator.rate_policies SET hits = 1 WHERE name = 'account'").await.expect("changed");
    product.api.get("/me").token(token).send().await
}

#[test]
fn the_usual_cost_of_a_hash_and_the_least_tls_are_as_written() {
    let usual = PasswordCost::default();
    // OWASP Password Storage Cheat Sheet: 19 MiB and 2 passes, or a costlier pair.
    assert_eq!((usual.memory_kib, usual.iterations), (19 * 1024, 2));
    assert!(read("ASVS.md").contains("argon2id, 19 MiB, 2 passes"));
    assert!(read("shared/src/db/tls.rs").contains("min_protocol_version(Some(native_tls::Protocol::Tlsv12))"));
}

/// A requirement's row.
struct Row<'a> {
    asks: &'a str,
    control: &'a str,
    tests: Vec<&'a str>,
}

/// What is wrong with a document of rows, when `tests` are all there are.
fn objections(document: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let (mut found, mut rows) = (Vec::new(), BTreeMap::new());
    for (id, row) in document.lines().filter_map(row) {
        if row.asks.is_empty() || row.control.is_empty() {
            found.push(format!("{id} has an empty cell"));
        }
        for name in row.tests.iter().filter(|name| !tests.contains(**name)) {
            let like: Vec<&String> =
                tests.iter().filter(|test| test.rsplit("::").next() == name.rsplit("::").next()).collect();
            found.push(format!("{id} names {name}, which does not exist; of this name there are: {like:?}"));
        }
        if rows.insert(id, row).is_some() {
            found.push(format!("{id} is there twice"));
        }
    }
    for id in LEVEL_1.split_whitespace().chain(LEVEL_2.split_whitespace()).filter(|id| !rows.contains_key(id)) {
        found.push(format!("{id} has no row of four cells"));
    }
    for (id, _) in
        rows.iter().filter(|(id, row)| row.tests.is_empty() && LEVEL_1.split_whitespace().any(|one| one == **id))
    {
        found.push(format!("{id} names no test"));
    }
    found
}

/// The requirement of a line, when it is a table's row of one.
fn row(line: &str) -> Option<(&str, Row<'_>)> {
    let cells: Vec<&str> = line.trim_end().strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim).collect();
    let [id, asks, control, tests] = cells[..] else { return None };
    let is_id = id.split('.').count() == 3 && id.split('.').all(|part| part.parse::<u8>().is_ok());
    is_id.then(|| (id, Row { asks, control, tests: tests.split('`').skip(1).step_by(2).collect() }))
}

/// Every test by its suite and name, as cargo prints them: `isolation::…`; those in a crate's sources behind the crate's
/// name: `shared json::…`.
fn every_test() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (folder, crate_name) in [("tests/suites", ""), ("shared/src", "shared "), ("ops/src", "ops ")] {
        for (path, source) in sources(folder, "rs") {
            let module = path.strip_prefix(folder).expect("in the folder").with_extension("");
            let module = module.to_string_lossy().replace(['/', '\\'], "::");
            let module = if ["main", "lib"].contains(&module.as_str()) { "" } else { module.as_str() };
            all.extend(tests_of(&source, module).into_iter().map(|test| format!("{crate_name}{test}")));
        }
    }
    all
}

/// The tests of a source file that run: the functions behind `#[test]` or `#[tokio::test…]` that no `#[ignore]` leaves out.
fn tests_of(source: &str, module: &str) -> Vec<String> {
    let (mut found, mut inner, mut attributes) = (Vec::new(), Vec::<(usize, &str)>::new(), Vec::new());
    for line in source.lines() {
        let code = line.trim_start();
        let indent = line.len() - code.len();
        if code.starts_with("#[") {
            attributes.push(code);
            continue;
        }
        if code.starts_with("//") {
            continue;
        }
        if code == "}" {
            inner.retain(|(depth, _)| *depth < indent);
        }
        let code = code.trim_start_matches("pub ").trim_start_matches("async ");
        if let Some(name) = code.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(" {")) {
            inner.push((indent, name));
        }
        if let Some(rest) = code.strip_prefix("fn ") {
            let is_test =
                attributes.iter().any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"));
            if is_test && !attributes.iter().any(|line| line.starts_with("#[ignore")) {
                let name = rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
                let path =
                    [module].into_iter().filter(|module| !module.is_empty()).chain(inner.iter().map(|(_, name)| *name));
                found.push(path.chain([name]).collect::<Vec<_>>().join("::"));
            }
        }
        attributes.clear();
    }
    found
}

/// Every file below a folder of the workspace whose name ends so, with its path in the workspace.
fn sources(folder: &str, extension: &str) -> Vec<(PathBuf, String)> {
    let (mut found, mut folders) = (Vec::new(), vec![root().join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|name| name == extension) {
                let within = path.strip_prefix(root()).expect("in the workspace").to_owned();
                found.push((within, std::fs::read_to_string(&path).expect("a text")));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has no .{extension}");
    found
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(root().join(path.as_ref()))
        .unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}
