//! The evaluation's bars, on the repository's own sets and on the development sets when they are there.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use launcher::workspace;
use tests::eval::{self, Kind, Section, Sources, table};
use tests::texts::official;

fn short_of_their_bar(sections: &[Section]) -> String {
    let short: Vec<Section> = sections.iter().filter(|section| !section.passed).cloned().collect();
    let misses: Vec<String> = short.iter().flat_map(|section| section.misses.clone()).collect();
    if short.is_empty() { String::new() } else { format!("{}{}", table::markdown(&short), misses.join("\n")) }
}

/// Measured once: the search imports every text.
static SECTIONS: LazyLock<Vec<Section>> =
    LazyLock::new(|| eval::run(&Sources::new(&workspace::root(), BTreeMap::new())).expect("the sets can be read"));

#[test]
fn every_bar_is_met_on_the_repositorys_own_sets() {
    assert!(SECTIONS.len() >= 30, "something was not measured");
    assert_eq!(short_of_their_bar(&SECTIONS), "");
    let figures = SECTIONS.iter().find(|section| section.name.starts_with("citations")).expect("the citations");
    assert!(figures.n >= 500, "{} figures", figures.n);
}

#[test]
fn the_development_sets_are_measured_where_they_are() {
    let sources = Sources::new(&workspace::root(), BTreeMap::new());
    let mut missing: Vec<&str> = [Kind::Injection, Kind::Triage, Kind::Intents, Kind::Pii]
        .into_iter()
        .filter(|kind| sources.development(*kind).is_none())
        .map(Kind::name)
        .collect();
    missing.extend(official().is_none().then_some("retrieval"));
    if !missing.is_empty() {
        let reason = format!("nothing beside the repository for {}", missing.join(", "));
        tests::skip("the_development_sets_are_measured_where_they_are", &reason);
        return;
    }
    let count = |what: &str| SECTIONS.iter().filter(|section| section.name.contains(what)).count();
    assert!(count("(dev)") >= 13, "{} rows of the development sets", count("(dev)"));
    let asked: usize =
        SECTIONS.iter().filter(|section| section.name.contains("all, MRR")).map(|section| section.n).sum();
    assert!(asked >= 200, "{asked} questions");
}

#[test]
fn a_set_that_nobody_can_read_is_an_error_and_a_given_one_is_measured() {
    let given = |kind, path: &Path| Sources::new(&workspace::root(), BTreeMap::from([(kind, path.to_path_buf())]));
    let error = eval::pii::sections(&given(Kind::Pii, Path::new("no-such-file.jsonl"))).expect_err("no file");
    assert!(error.to_string().contains("no-such-file.jsonl"), "{error}");
    let file = tests::stack::folder("set").join("deadlines.jsonl");
    let wrong = "{\"rule\": \"ma-l1-file\", \"from\": \"2026-10-02\", \"last_day\": \"2026-12-07\"}\n";
    std::fs::write(&file, wrong).expect("a file");
    let sections = eval::deadlines::sections(&given(Kind::Deadlines, &file)).expect("measured");
    assert!(sections.iter().any(|section| section.name.contains("(given)") && !section.passed), "{sections:?}");
    std::fs::write(&file, "{}\n").expect("a file");
    let error = eval::deadlines::sections(&given(Kind::Deadlines, &file)).expect_err("no fields");
    assert!(error.to_string().contains("line 1"), "{error}");
}
