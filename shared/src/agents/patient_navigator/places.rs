//! Where a person is: ZIP code, state, city.

use serde::{Deserialize, Serialize};

/// A place in the United States, as far as a message names it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(default)]
pub struct Place {
    /// Five digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zip: Option<String>,
    /// Two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// As it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
}

/// The longest name of a city that is kept.
const LONGEST_CITY: usize = 40;

impl Place {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// This place, completed by an older one.
    #[must_use]
    pub fn or(self, older: &Self) -> Self {
        Self {
            zip: self.zip.or_else(|| older.zip.clone()),
            state: self.state.or_else(|| older.state.clone()),
            city: self.city.or_else(|| older.city.clone()),
        }
    }
}

/// A word of the message as it was written, without the marks around it, and whether a comma or any mark follows it.
struct Word<'a> {
    text: &'a str,
    has_comma: bool,
    ends: bool,
}

/// The place that a message names.
pub fn find(message: &str) -> Place {
    let words: Vec<Word<'_>> = message
        .split_whitespace()
        .map(|word| {
            let text = word.trim_matches(|c: char| !c.is_alphanumeric());
            let bare = word.trim_end_matches(['\"', '\'', ')']);
            Word { text, has_comma: bare.ends_with(','), ends: bare.ends_with([',', '.', '?', '!', ';', ':']) }
        })
        .filter(|word| !word.text.is_empty())
        .collect();
    let zip = words.iter().enumerate().find_map(|(at, word)| zip(&words, at, word));
    let (state, state_at) = state(&words).map_or((None, None), |(code, at)| (Some(code.to_owned()), Some(at)));
    Place { zip, state, city: city(&words, state_at) }
}

/// Five digits that follow a word of place, or end the message's address; a claim's number is none.
fn zip(words: &[Word<'_>], at: usize, word: &Word<'_>) -> Option<String> {
    let digits = word.text.split('-').next().unwrap_or_default();
    let is_five = digits.len() == 5 && digits.bytes().all(|c| c.is_ascii_digit());
    let before = |back: usize| at.checked_sub(back).and_then(|at| words.get(at)).map(|word| word.text.to_lowercase());
    let is_place = |word: &str| {
        matches!(
            word,
            "near" | "in" | "zip" | "around" | "code" | "at" | "postal" | "en" | "cerca" | "de" | "live" | "to" | "is"
        ) || code_of(word).is_some()
    };
    let is_named = [before(1), before(2)].iter().flatten().any(|word| is_place(word));
    let is_code = before(1)
        .is_some_and(|word| matches!(word.as_str(), "cpt" | "code" | "claim" | "hcpcs" | "group" | "number"))
        && before(2).is_none_or(|word| word != "zip" && word != "postal");
    (is_five && is_named && !is_code).then(|| digits.to_owned())
}

/// The first state, with the number of its first word. A two-letter code counts in capitals only, and not where it is a
/// common word or abbreviation of its own.
fn state<'a>(words: &[Word<'a>]) -> Option<(&'static str, usize)> {
    (0..words.len()).find_map(|at| {
        let word = words[at].text;
        let two =
            words.get(at + 1).filter(|_| !words[at].ends).map(|next| format!("{} {}", word, next.text).to_lowercase());
        let by_name = two
            .as_deref()
            .and_then(|two| STATES.iter().find(|(name, _)| *name == two))
            .or_else(|| STATES.iter().find(|(name, _)| *name == word.to_lowercase()));
        if let Some((name, code)) = by_name {
            // "washington" the state, and a person's name like "Virginia" after "Dr.", cannot be told from the place.
            let is_name = at > 0 && matches!(words[at - 1].text.to_lowercase().as_str(), "dr" | "mrs" | "ms" | "mr");
            let is_written_as_name =
                word.starts_with(char::is_uppercase) || !matches!(*name, "maine" | "oregon" | "georgia");
            return (!is_name && is_written_as_name).then_some((*code, at));
        }
        let after_comma = at > 0 && words[at - 1].has_comma;
        let follows_place = at > 0 && matches!(words[at - 1].text.to_lowercase().as_str(), "in" | "from" | "en");
        let is_code = word.len() == 2 && word.bytes().all(|c| c.is_ascii_uppercase());
        let is_word = matches!(
            word,
            "OK" | "IN" | "OR" | "ME" | "HI" | "PA" | "MD" | "ID" | "MA" | "CT" | "DE" | "LA" | "AL" | "CO"
        );
        let found = code_of(&word.to_lowercase()).filter(|_| is_code && (after_comma || follows_place || !is_word));
        found.map(|code| (code, at))
    })
}

fn code_of(lower: &str) -> Option<&'static str> {
    STATES.iter().map(|(_, code)| *code).find(|code| code.len() == lower.len() && code.eq_ignore_ascii_case(lower))
}

/// Capitalised words after a word of place, or before a state.
fn city(words: &[Word<'_>], state_at: Option<usize>) -> Option<String> {
    let is_capital = |word: &Word<'_>| {
        word.text.starts_with(char::is_uppercase)
            && word.text.chars().any(char::is_lowercase)
            && word.text.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '.' | '-'))
    };
    let is_other = |word: &Word<'_>| NOT_CITIES.split(' ').any(|other| other == word.text.to_lowercase());
    let after = |at: usize| {
        let mut end = at;
        while end < words.len()
            && end < at + 3
            && Some(end) != state_at
            && is_capital(&words[end])
            && !is_other(&words[end])
        {
            end += 1;
            if words[end - 1].ends {
                break;
            }
        }
        (end > at).then(|| words[at..end].iter().map(|word| word.text).collect::<Vec<_>>().join(" "))
    };
    let by_word = (0..words.len()).find_map(|at| {
        let lower = words[at].text.to_lowercase();
        let is_place = matches!(lower.as_str(), "in" | "near" | "around" | "en" | "outside" | "cerca")
            || (lower == "de" && at > 0 && words[at - 1].text.eq_ignore_ascii_case("cerca"));
        if is_place && !words[at].ends { after(at + 1) } else { None }
    });
    let before_state = || {
        let at = state_at?.checked_sub(1)?;
        (words[at].ends && is_capital(&words[at]) && !is_other(&words[at])).then(|| words[at].text.to_owned())
    };
    by_word.or_else(before_state).filter(|name| name.chars().count() <= LONGEST_CITY)
}

const NOT_CITIES: &str = "medicare medicaid part humana aetna cigna kaiser blue cross united unitedhealthcare hmo ppo january february \
     march april may june july august september october november december monday tuesday wednesday thursday \
     friday saturday sunday i my the spanish english network español inglés enero febrero marzo abril mayo junio \
     julio agosto septiembre octubre noviembre diciembre marketplace obamacare er mri eob dr medigap cobra mi \
     lunes";

/// The states, the District of Columbia and Puerto Rico.
const STATES: [(&str, &str); 52] = [
    ("alabama", "AL"),
    ("alaska", "AK"),
    ("arizona", "AZ"),
    ("arkansas", "AR"),
    ("california", "CA"),
    ("colorado", "CO"),
    ("connecticut", "CT"),
    ("delaware", "DE"),
    ("florida", "FL"),
    ("georgia", "GA"),
    ("hawaii", "HI"),
    ("idaho", "ID"),
    ("illinois", "IL"),
    ("indiana", "IN"),
    ("iowa", "IA"),
    ("kansas", "KS"),
    ("kentucky", "KY"),
    ("louisiana", "LA"),
    ("maine", "ME"),
    ("maryland", "MD"),
    ("massachusetts", "MA"),
    ("michigan", "MI"),
    ("minnesota", "MN"),
    ("mississippi", "MS"),
    ("missouri", "MO"),
    ("montana", "MT"),
    ("nebraska", "NE"),
    ("nevada", "NV"),
    ("new hampshire", "NH"),
    ("new jersey", "NJ"),
    ("new mexico", "NM"),
    ("new york", "NY"),
    ("north carolina", "NC"),
    ("north dakota", "ND"),
    ("ohio", "OH"),
    ("oklahoma", "OK"),
    ("oregon", "OR"),
    ("pennsylvania", "PA"),
    ("rhode island", "RI"),
    ("south carolina", "SC"),
    ("south dakota", "SD"),
    ("tennessee", "TN"),
    ("texas", "TX"),
    ("utah", "UT"),
    ("vermont", "VT"),
    ("virginia", "VA"),
    ("washington", "WA"),
    ("west virginia", "WV"),
    ("wisconsin", "WI"),
    ("wyoming", "WY"),
    ("puerto rico", "PR"),
    ("district of columbia", "DC"),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(zip: &str, state: &str, city: &str) -> Place {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Place { zip: some(zip), state: some(state), city: some(city) }
    }

    #[test]
    fn places_are_found_and_what_is_none_is_not() {
        for (text, expected) in [
            ("Which dermatologists near 30076 take my insurance?", place("30076", "", "")),
            ("a podiatrist in Tampa, Florida that takes Humana", place("", "FL", "Tampa")),
            ("Any therapists in Columbus, Ohio?", place("", "OH", "Columbus")),
            ("busco un pediatra en Dallas que acepte Medicaid", place("", "", "Dallas")),
            ("I live in West Virginia", place("", "WV", "")),
            ("Austin, TX 78701", place("78701", "TX", "Austin")),
            ("complain about my insurer in Ohio", place("", "OH", "")),
            ("Is it covered in March? OK thanks, MRI in Medicare", Place::default()),
            ("CPT 14207 and claim 62720", Place::default()),
            ("thank you IN ADVANCE", Place::default()),
        ] {
            assert_eq!(find(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,200}") {
            let _ = find(&text);
        }
    }
}
