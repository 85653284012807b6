//! The evaluation's bars, on the repository's own sets and on the development sets where a folder with them is named.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use launcher::workspace;
use tests::eval::{self, Kind, Section, Sources, table};
use tests::texts::official;

fn short_of_their_bar(sections: &[Section]) -> String {
    let short: Vec<Section> = sections.iter().filter(|section| !section.passed).cloned().collect();
    let misses: Vec<String> = short.iter().flat_map(|section| section.misses.clone()).collect();
    if short.is_empty() { String::new() } else { format!("{}{}", table::markdown(&short), misses.join("\n")) }
}

fn sources(given: BTreeMap<Kind, PathBuf>) -> Sources {
    Sources::new(&workspace::root(), given).unwrap_or_else(|error| panic!("{error}"))
}

/// Measured once: the search imports every text.
static SECTIONS: LazyLock<Vec<Section>> =
    LazyLock::new(|| eval::run(&sources(BTreeMap::new())).expect("the sets can be read"));

/// What every clone measures, and what a folder with development sets and official texts adds.
fn own_and_added() -> (Vec<Section>, Vec<Section>) {
    let is_added = |section: &Section| ["(dev)", "(official texts"].iter().any(|mark| section.name.contains(mark));
    SECTIONS.iter().cloned().partition(|section| !is_added(section))
}

#[test]
fn every_bar_is_met_on_the_repositorys_own_sets() {
    let (own, _) = own_and_added();
    assert_eq!(short_of_their_bar(&own), "");
    for (part, least) in [
        ("security: ", 5),
        ("triage: ", 5),
        ("intents ", 1),
        ("slots: ", 2),
        ("PII: ", 3),
        ("retrieval: ", 3),
        ("deadlines: ", 2),
        ("replies: ", 1),
        ("grade ", 2),
        ("citations: ", 1),
        ("Spanish: ", 2),
    ] {
        let measured = own.iter().filter(|section| section.name.starts_with(part) && section.n > 0).count();
        assert!(measured >= least, "{measured} rows of {part:?}, {least} are due");
    }
    let figures = own.iter().find(|section| section.name.starts_with("citations")).expect("the citations");
    assert!(figures.n >= 500, "{} figures", figures.n);
}

#[test]
fn the_development_sets_are_measured_where_they_are() {
    let (_, added) = own_and_added();
    if let Err(reason) = official() {
        assert!(added.is_empty(), "{added:?}");
        tests::skip("the_development_sets_are_measured_where_they_are", &reason);
        return;
    }
    assert_eq!(short_of_their_bar(&added), "");
    let count = |what: &str| added.iter().filter(|section| section.name.contains(what)).count();
    assert!(count("(dev)") >= 13, "{} rows of the development sets", count("(dev)"));
    let asked: usize = added.iter().filter(|section| section.name.contains("all, MRR")).map(|section| section.n).sum();
    assert!(asked >= 200, "{asked} questions");
}

#[test]
fn a_set_that_nobody_can_read_is_an_error_and_a_given_one_is_measured() {
    let given = |kind, path: &Path| sources(BTreeMap::from([(kind, path.to_path_buf())]));
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
