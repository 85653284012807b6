//! The evaluation's bars, on the repository's own sets and on the development sets when they are there.

use std::collections::BTreeMap;

use launcher::workspace;
use tests::eval::{self, Kind, Section, Sources, table};

fn short_of_their_bar(sections: &[Section]) -> String {
    let short: Vec<Section> = sections.iter().filter(|section| !section.passed).cloned().collect();
    let misses: Vec<String> = short.iter().flat_map(|section| section.misses.clone()).collect();
    if short.is_empty() { String::new() } else { format!("{}{}", table::markdown(&short), misses.join("\n")) }
}

#[test]
fn every_bar_is_met_on_the_repositorys_own_sets() {
    let sources = Sources::new(&workspace::root(), BTreeMap::new());
    let sections = eval::run(&sources).expect("the sets can be read");
    assert!(sections.len() >= 15, "something was not measured");
    assert_eq!(short_of_their_bar(&sections), "");
}

#[test]
fn the_development_sets_are_measured_where_they_are() {
    let sources = Sources::new(&workspace::root(), BTreeMap::new());
    let missing: Vec<&str> = [Kind::Injection, Kind::Triage, Kind::Intents, Kind::Pii]
        .into_iter()
        .filter(|kind| sources.development(*kind).is_none())
        .map(Kind::name)
        .collect();
    if !missing.is_empty() {
        let reason = format!("no development set beside the repository for {}", missing.join(", "));
        tests::skip("the_development_sets_are_measured_where_they_are", &reason);
        return;
    }
    let sections = eval::run(&sources).expect("the sets can be read");
    let count = sections.iter().filter(|section| section.name.contains("(dev)")).count();
    assert!(count >= 13, "{count} rows of the development sets");
    assert_eq!(short_of_their_bar(&sections), "");
}

#[test]
fn a_set_that_nothing_measures_or_nobody_can_read_is_an_error() {
    let given = |kind, path: &str| Sources::new(&workspace::root(), BTreeMap::from([(kind, path.into())]));
    assert!(eval::run(&given(Kind::Questions, "x.jsonl")).is_err());
    assert!(eval::run(&given(Kind::Pii, "no-such-file.jsonl")).is_err());
}
