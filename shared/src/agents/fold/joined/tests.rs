use proptest::prelude::*;

use super::*;

#[test]
fn a_word_broken_at_the_end_of_a_line_is_one_word() {
    for (text, expected) in [
        ("Medicare Advan-\ntage plan", "Medicare Advantage plan"),
        ("Medicare Advan\u{2010}\n  tage plan", "Medicare Advantage plan"),
        ("Medicare Ad-\r\nvantage", "Medicare Advantage"),
        ("plan de-\nnied my MRI", "plan denied my MRI"),
        ("my Market- place plan", "my Marketplace plan"),
        ("Novem-\nber 2, 2026", "November 2, 2026"),
        ("Novem\u{AD}ber 2", "November 2"),
        ("Novem\u{AD}\nber 2", "November 2"),
        ("Novem&shy;ber&nbsp;2,&#160;2026", "November 2, 2026"),
        ("my Ozem-\npic", "my Ozempic"),
        ("ADVAN-\nTAGE", "ADVANTAGE"),
        ("mi resonan-\ncia", "mi resonancia"),
        ("me nega-\nron la apela-\nción", "me negaron la apelación"),
        ("my in-\nsurance and my part-\nner", "my insurance and my partner"),
    ] {
        assert_eq!(joined(text), expected, "{text}");
    }
}

#[test]
fn a_real_hyphen_stays() {
    for (text, expected) in [
        ("out-of-\nnetwork", "out-of-network"),
        ("out-\nof-network", "out-of-network"),
        ("an in-\nnetwork doctor", "an in-network doctor"),
        ("long-\nterm care", "long-term care"),
        ("my Medi-\nCal", "my Medi-Cal"),
        ("short- and long-term", "short- and long-term"),
        ("Aetna- denied it", "Aetna- denied it"),
        ("my plan - they denied it", "my plan - they denied it"),
        ("pre- o posoperatorio", "pre- o posoperatorio"),
        ("- one\n- two", "- one\n- two"),
        ("out-of-pocket", "out-of-pocket"),
    ] {
        assert_eq!(joined(text), expected, "{text}");
    }
}

#[test]
fn dashes_slashes_and_spaces_are_the_plain_ones() {
    for text in [
        "2026\u{2013}11\u{2013}02",
        "2026\u{2011}11\u{2011}02",
        "2026\u{2212}11\u{2212}02",
        "2026\u{2014}11\u{2014}02",
        "2026&ndash;11&#8211;02",
        "2026 - 11 - 02",
    ] {
        assert_eq!(joined(text), "2026-11-02", "{text}");
    }
    assert_eq!(joined("11\u{2044}02\u{2044}2026, 11 / 02 / 2026"), "11/02/2026, 11/02/2026");
    assert_eq!(joined("no \u{2014} they said"), "no \u{2014} they said");
    assert_eq!(joined("5 - 7 visits, AT&T; Tom & Ann"), "5 - 7 visits, AT&T; Tom & Ann");
    assert_eq!(joined("speci\u{FB01}c"), "specific");
}

#[test]
fn a_wrapped_line_goes_on_and_a_list_stays_one() {
    let wrapped = "We have reviewed the request that your doctor sent us\nand we have denied it.";
    assert_eq!(joined(wrapped), wrapped.replace('\n', " "));
    assert_eq!(joined("dated November\n2, 2026"), "dated November 2, 2026");
    assert_eq!(joined("dated November 2,\n2026"), "dated November 2, 2026");
    assert_eq!(joined("my Medicare\nAdvantage plan"), "my Medicare Advantage plan");
    for text in ["chest pain\ncant breathe", "Dear member\nWe denied it", "a\n\nb", "I take:\n2 pills"] {
        assert_eq!(joined(text), text);
    }
}

proptest! {
    #[test]
    fn joining_again_changes_nothing(text in "([a-z]{1,5}|-|\\u{AD}|\\u{2013}|&nbsp;|&shy;|\n| |,|2026|11|/|Out|of|Medicare){0,24}") {
        let once = joined(&text).into_owned();
        prop_assert_eq!(joined(&once).into_owned(), once.clone(), "{}", text);
    }

    #[test]
    fn nothing_panics(text in "\\PC{0,80}|[-\n a-é&;#x0-9/]{0,80}") {
        let _ = joined(&text);
    }
}
