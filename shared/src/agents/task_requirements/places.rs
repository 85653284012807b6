//! Where a person lives: a state by its name, its postal code, or a ZIP code.
//!
//! Invariant: a postal code counts only in capitals and where an address has it, because `in`, `or`, `me` and `ok` are
//! words; a ZIP code's state is by its first three digits (USPS Publication 65, three-digit prefixes).

use crate::agents::fold::fold;
use crate::knowledge::help;

/// First and last three-digit prefix, and the state.
const PREFIXES: [(u16, u16, &str); 66] = [
    (5, 5, "NY"),
    (6, 7, "PR"),
    (8, 8, "VI"),
    (9, 9, "PR"),
    (10, 27, "MA"),
    (28, 29, "RI"),
    (30, 38, "NH"),
    (39, 49, "ME"),
    (50, 54, "VT"),
    (55, 55, "MA"),
    (56, 59, "VT"),
    (60, 69, "CT"),
    (70, 89, "NJ"),
    (100, 149, "NY"),
    (150, 196, "PA"),
    (197, 199, "DE"),
    (200, 200, "DC"),
    (201, 201, "VA"),
    (202, 205, "DC"),
    (206, 219, "MD"),
    (220, 246, "VA"),
    (247, 268, "WV"),
    (270, 289, "NC"),
    (290, 299, "SC"),
    (300, 319, "GA"),
    (320, 339, "FL"),
    (341, 349, "FL"),
    (350, 369, "AL"),
    (370, 385, "TN"),
    (386, 397, "MS"),
    (398, 399, "GA"),
    (400, 427, "KY"),
    (430, 459, "OH"),
    (460, 479, "IN"),
    (480, 499, "MI"),
    (500, 528, "IA"),
    (530, 549, "WI"),
    (550, 567, "MN"),
    (570, 577, "SD"),
    (580, 588, "ND"),
    (590, 599, "MT"),
    (600, 629, "IL"),
    (630, 658, "MO"),
    (660, 679, "KS"),
    (680, 693, "NE"),
    (700, 714, "LA"),
    (716, 729, "AR"),
    (730, 732, "OK"),
    (733, 733, "TX"),
    (734, 749, "OK"),
    (750, 799, "TX"),
    (800, 816, "CO"),
    (820, 831, "WY"),
    (832, 838, "ID"),
    (840, 847, "UT"),
    (850, 865, "AZ"),
    (870, 884, "NM"),
    (885, 885, "TX"),
    (889, 898, "NV"),
    (900, 961, "CA"),
    (967, 968, "HI"),
    (969, 969, "GU"),
    (970, 979, "OR"),
    (980, 994, "WA"),
    (995, 999, "AK"),
    (340, 340, "FL"),
];

/// The postal code of the state, and the ZIP code, that a text names.
pub(super) fn find(text: &str) -> (Option<String>, Option<String>) {
    let zip = zip(text);
    let named = help::ship_in(&fold(text)).map(|ship| ship.state);
    let state = named.or_else(|| postal_code(text)).or_else(|| zip.and_then(of_zip));
    (state.map(ToOwned::to_owned), zip.map(ToOwned::to_owned))
}

fn postal_code(text: &str) -> Option<&'static str> {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.iter().enumerate().find_map(|(at, word)| {
        let code = word.trim_matches(|c: char| !c.is_alphanumeric());
        let before = at.checked_sub(1).and_then(|at| words.get(at)).copied().unwrap_or_default();
        let after = words.get(at + 1).map_or("", |word| word.trim_matches(|c: char| !c.is_ascii_digit()));
        let is_place = before.ends_with(',') || matches!(before, "in" | "from" | "en" | "de") || after.len() == 5;
        let is_code = code.len() == 2 && code.chars().all(|c| c.is_ascii_uppercase());
        (is_code && is_place).then(|| help::ship(code)).flatten().map(|ship| ship.state)
    })
}

/// Five digits where a place is named: alone, after a state, or after a word such as "near".
fn zip(text: &str) -> Option<&str> {
    let words: Vec<&str> =
        text.split_whitespace().map(|word| word.trim_end_matches(['.', ',', '?', '!', ';', ')'])).collect();
    words.iter().enumerate().find_map(|(at, word)| {
        let zip = word.split('-').next().filter(|zip| zip.len() == 5 && matches!(word.len(), 5 | 10))?;
        let before = at
            .checked_sub(1)
            .and_then(|at| words.get(at))
            .map_or(String::new(), |word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase());
        let is_place = words.len() == 1
            || before.len() == 2 && help::ship(&before).is_some()
            || ["near", "in", "zip", "code", "postal", "around", "cerca", "en", "by"].contains(&before.as_str());
        (is_place && zip.chars().all(|c| c.is_ascii_digit()) && of_zip(zip).is_some()).then_some(zip)
    })
}

fn of_zip(zip: &str) -> Option<&'static str> {
    let prefix: u16 = zip.get(..3)?.parse().ok()?;
    PREFIXES.iter().find(|(first, last, _)| (*first..=*last).contains(&prefix)).map(|(_, _, state)| *state)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(text: &str) -> Option<String> {
        find(text).0
    }

    #[test]
    fn a_state_is_found_by_name_code_and_zip() {
        for (text, code) in [
            ("I live in Texas", Some("TX")),
            ("Austin, TX 78701", Some("TX")),
            ("I'm in OR", Some("OR")),
            ("near 30076", Some("GA")),
            ("02139-1234", Some("MA")),
            ("help me or not, ok", None),
            ("IN the letter it says NO", None),
            ("I owe 12000 dollars", None),
        ] {
            assert_eq!(state(text).as_deref(), code, "{text}");
        }
    }

    #[test]
    fn every_state_of_the_prefixes_has_a_program() {
        for (first, last, state) in PREFIXES {
            assert!(first <= last && help::ship(state).is_some(), "{state}");
        }
    }
}
