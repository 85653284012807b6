//! The checkout stands alone: nothing in it looks outside, and what uses the evaluation material also runs without it.

use std::path::Path;
use std::process::Command;

use launcher::verify::READ_REFERENCE;
use launcher::workspace::root;

/// The one file that may look beside the checkout.
const MAY_LOOK: &str = ".ci/run";

/// Path and text of every file that is, or would be, committed; none where git cannot say.
fn tracked() -> Option<Vec<(String, String)>> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    let listed = listed.ok().filter(|output| output.status.success())?;
    let paths = String::from_utf8(listed.stdout).expect("paths in UTF-8");
    // A file that is not text holds no path that anything follows; one that was deleted holds nothing.
    let read = |path: &str| std::fs::read_to_string(root().join(path)).ok().map(|text| (path.to_owned(), text));
    Some(paths.split('\0').filter(|path| !path.is_empty()).filter_map(read).collect())
}

/// Why a file's text leads out of the checkout, line by line.
fn ways_out(path: &str, text: &str) -> Vec<String> {
    let up = concat!("..", "/");
    let beside = format!("{up}shared");
    let depth = Path::new(path).components().count() - 1;
    let out_of_it = up.repeat(depth + 1);
    let leads_out = |line: &&str| (path != MAY_LOOK && line.contains(&beside)) || line.contains(&out_of_it);
    text.lines().filter(leads_out).map(|line| format!("{path}: {}", line.trim())).collect()
}

#[test]
fn nothing_looks_outside_of_the_checkout() {
    let Some(files) = tracked() else {
        return tests::skip("nothing_looks_outside_of_the_checkout", "git does not know this folder");
    };
    assert!(files.iter().any(|(path, text)| path == MAY_LOOK && text.contains(launcher::reference::REFERENCE)));
    let out: Vec<String> = files.iter().flat_map(|(path, text)| ways_out(path, text)).collect();
    assert_eq!(out, Vec::<String>::new());
    // The search finds both kinds.
    let up = concat!("..", "/");
    assert_eq!(ways_out("shared/src/knowledge/tests.rs", &format!("a(\"{up}{up}shared/knowledge\")")).len(), 1);
    assert_eq!(ways_out("tests/src/eval/sets.rs", &format!("a(\"{}elsewhere\")", up.repeat(4))).len(), 1);
    assert_eq!(ways_out("ops/src/host/routes.rs", &format!("a(\"{}Cargo.toml\")", up.repeat(3))).len(), 0);
}

/// The module of a test file, as the names of its tests begin; `None` for what holds no tests of `--lib` and the suites.
fn module(path: &str) -> Option<String> {
    let inner = path.strip_prefix("tests/suites/").or_else(|| path.split_once("/src/").map(|(_, rest)| rest))?;
    Some(format!("{}::", inner.strip_suffix(".rs")?.replace('/', "::")))
}

#[test]
fn what_reads_the_evaluation_material_also_runs_without_it() {
    let Some(files) = tracked() else {
        return tests::skip("what_reads_the_evaluation_material_also_runs_without_it", "git does not know this folder");
    };
    let variable = launcher::reference::REFERENCE;
    let reads_variable =
        |(path, text): &&(String, String)| path.ends_with(".rs") && text.contains(&format!("\"{variable}"));
    let readers: Vec<&str> = files.iter().filter(reads_variable).map(|(path, _)| path.as_str()).collect();
    assert_eq!(readers, ["ops/launcher/src/reference.rs"], "the variable is read in one place");
    let (mut users, mut missing) = (0, Vec::new());
    for (path, text) in &files {
        let asks = ["reference()", "official()", "Sources::new("].iter().any(|call| text.contains(call));
        let is_test =
            path != "tests/suites/checkout.rs" && ["#[test]", "#[tokio::test"].iter().any(|mark| text.contains(mark));
        let is_harness = path.starts_with("ops/launcher/");
        if let (true, true, false, Some(module)) = (asks, is_test, is_harness, module(path)) {
            users += 1;
            if !READ_REFERENCE.iter().any(|filter| filter.starts_with(&module)) {
                missing.push(module);
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new(), "launcher::verify::READ_REFERENCE does not name them");
    assert_eq!(users, READ_REFERENCE.len(), "READ_REFERENCE names a suite that does not read it");
}
