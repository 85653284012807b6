//! Strings that break programs: tests/naughty/strings.json and what is made here from the code points themselves.

use std::collections::{BTreeMap, HashSet};

/// Every string, each once; U+0000 and half characters are not among them, for no text can hold them.
pub fn strings() -> Vec<String> {
    let written: BTreeMap<String, Vec<String>> =
        serde_json::from_str(include_str!("../naughty/strings.json")).expect("groups of strings");
    let mut seen = HashSet::new();
    let all = written.into_values().flatten().chain(code_points()).chain(blanks()).chain(lengths());
    all.filter(|text| seen.insert(text.clone())).collect()
}

/// The ends of every plane, the control characters, the noncharacters, private use.
fn code_points() -> impl Iterator<Item = String> {
    let ends = (0..=16_u32).flat_map(|plane| [0, 1, 0x7fff, 0xfffd, 0xfffe, 0xffff].map(|low| (plane << 16) + low));
    let controls = (1..0x20_u32).chain(0x7f..0xa0);
    let further = (0xfdd0..=0xfdef_u32).chain([0xd7ff, 0xe000, 0xf8ff]);
    ends.filter(|code| *code != 0).chain(controls).chain(further).filter_map(char::from_u32).map(|c| format!("a{c}b"))
}

fn blanks() -> impl Iterator<Item = String> {
    ["", " ", "    ", "\t", "\r\n", "\u{85}", "\u{a0}", "\u{2003}\u{3000}", "\u{2028}"]
        .into_iter()
        .map(ToOwned::to_owned)
}

/// Words around the limits of fields, in characters of one byte and of more.
fn lengths() -> impl Iterator<Item = String> {
    let limits = [100, 120, 128, 200, 254, 255, 300, 500, 1_000, 2_000, 4_000, 16_384];
    let words = limits.into_iter().flat_map(|limit| [limit, limit + 1].map(|length| "w".repeat(length)));
    let wide = [128, 200, 201, 300, 301, 500, 501].map(|length| "é".repeat(length));
    let wider = [50, 200, 201].map(|length| "🙂".repeat(length));
    words.chain(wide).chain(wider).chain(["word ".repeat(400), "w".repeat(17_000)])
}
