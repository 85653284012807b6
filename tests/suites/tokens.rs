//! Signed texts: the public vectors, where they are at hand.

use std::path::PathBuf;

use tests::wycheproof::{FILE, Report};

#[test]
fn the_public_vectors_are_decided_as_the_standard_says() {
    let Some(file) = std::env::var_os(FILE) else {
        let reason = format!("{FILE} does not name Wycheproof's json_web_signature_test.json");
        tests::skip("the_public_vectors_are_decided_as_the_standard_says", &reason);
        return;
    };
    let report = Report::of(&PathBuf::from(file)).expect("the file of the vectors");
    assert!(report.deviations.is_empty(), "{report}");
}
