//! Personal data in a text: found, replaced by placeholders before the text leaves for a provider, and put back.
//!
//! What is found: Social Security numbers, Medicare numbers (MBI) and their predecessor (HICN), member and group numbers,
//! phone numbers, e-mail addresses, names, dates of birth, postal addresses (45 CFR 164.514(b)(2) names more; ages and
//! dates of care stay, because the answer needs them). Public numbers stay: toll-free lines, 911, 988, NPIs, contract
//! numbers, claim numbers, codes.
//!
//! Invariants: plain scans, linear in the text; spans lie on character boundaries and do not overlap; a type that holds a
//! value has no Debug and no Display.

mod names;
mod numbers;
mod places;
mod tokens;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use self::tokens::Tokens;

/// A kind of personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// An e-mail address.
    Email,
    /// A Medicare Beneficiary Identifier (CMS: Understanding the MBI Format).
    Mbi,
    /// The Medicare number before 2020: a Social Security number and a code.
    Hicn,
    /// A Social Security number.
    Ssn,
    /// A phone number that is not a public line.
    Phone,
    /// A member's number with a plan.
    MemberId,
    /// A group's number with a plan.
    GroupNumber,
    /// A date of birth.
    DateOfBirth,
    /// A postal address.
    Address,
    /// A person's name.
    Person,
}

impl Kind {
    /// The label of the evaluation sets, and the placeholder's name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Mbi => "MBI",
            Self::Hicn => "HICN",
            Self::Ssn => "SSN",
            Self::Phone => "PHONE",
            Self::MemberId => "MEMBER_ID",
            Self::GroupNumber => "GROUP_NUMBER",
            Self::DateOfBirth => "DATE_OF_BIRTH",
            Self::Address => "ADDRESS",
            Self::Person => "PERSON",
        }
    }
}

/// Where personal data stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// What it is.
    pub kind: Kind,
    /// Where it is (bytes).
    pub range: Range<usize>,
}

/// A text without the personal data that was found in it, and what stood there.
pub struct Redacted {
    /// The text, with placeholders like `[SSN_1]`.
    pub text: String,
    /// What each placeholder stands for.
    pub map: Map,
}

/// What placeholders stand for.
#[derive(Default)]
pub struct Map(HashMap<String, String>);

impl Map {
    /// A text (an answer to the redacted one) with the placeholders replaced by what they stand for.
    pub fn restore(&self, text: &str) -> String {
        let mut restored = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(begin) = rest.find('[') {
            restored.push_str(&rest[..begin]);
            rest = &rest[begin..];
            let end = rest.bytes().take(LONGEST_PLACEHOLDER).position(|c| c == b']');
            let placeholder = end.map(|end| &rest[..=end]);
            match placeholder.and_then(|found| self.0.get(found).map(|value| (found, value))) {
                Some((found, value)) => {
                    restored.push_str(value);
                    rest = &rest[found.len()..];
                }
                None => {
                    restored.push('[');
                    rest = &rest[1..];
                }
            }
        }
        restored.push_str(rest);
        restored
    }

    /// How many different values were replaced.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was replaced.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

const LONGEST_PLACEHOLDER: usize = 32;

/// The personal data in a text, in order.
pub fn find(text: &str) -> Vec<Span> {
    let tokens = Tokens::new(text);
    let mut found = numbers::emails(text);
    found.extend(numbers::find(&tokens));
    found.extend(places::births(&tokens));
    found.extend(places::addresses(&tokens));
    found.extend(names::find(&tokens));
    // Of two that overlap the surer kind stays; the kinds are in that order.
    found.sort_by_key(|span| (span.range.start, span.kind));
    let mut spans: Vec<Span> = Vec::with_capacity(found.len());
    for span in found {
        match spans.last_mut() {
            Some(last) if span.range.start < last.range.end => {
                if span.kind < last.kind {
                    *last = span;
                }
            }
            _ => spans.push(span),
        }
    }
    spans
}

/// The text with each piece of personal data replaced by a placeholder; the same value has the same one.
pub fn redact(text: &str) -> Redacted {
    let mut redacted = String::with_capacity(text.len());
    let mut placeholders: HashMap<(Kind, &str), String> = HashMap::new();
    let mut counts: HashMap<Kind, usize> = HashMap::new();
    let written = placeholders_in(text);
    let mut at = 0;
    for Span { kind, range } in find(text) {
        let value = &text[range.clone()];
        let placeholder = placeholders.entry((kind, value)).or_insert_with(|| {
            let count = counts.entry(kind).or_default();
            loop {
                *count += 1;
                let placeholder = format!("[{}_{count}]", kind.label());
                if !written.contains(placeholder.as_str()) {
                    return placeholder;
                }
            }
        });
        redacted.push_str(&text[at..range.start]);
        redacted.push_str(placeholder);
        at = range.end;
    }
    redacted.push_str(&text[at..]);
    let map = placeholders.into_iter().map(|((_, value), placeholder)| (placeholder, value.to_owned())).collect();
    Redacted { text: redacted, map: Map(map) }
}

/// What the person wrote in the form of placeholders; it must not be taken for ours.
fn placeholders_in(text: &str) -> HashSet<&str> {
    text.match_indices('[')
        .filter_map(|(begin, _)| {
            let inside = text[begin..].bytes().take(LONGEST_PLACEHOLDER).position(|c| c == b']')?;
            Some(&text[begin..=begin + inside])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_redacted_text_is_restored() {
        let text = "I am Maria Lopez, SSN 219-09-9999, again 219-09-9999; call me at (404) 555-0142 🙂 [SSN_1]";
        let redacted = redact(text);
        assert_eq!(redacted.text, "I am [PERSON_1], SSN [SSN_2], again [SSN_2]; call me at [PHONE_1] 🙂 [SSN_1]");
        assert_eq!(redacted.map.len(), 3);
        assert_eq!(redacted.map.restore(&redacted.text), text);
        assert_eq!(redacted.map.restore("[SSN_9] [PERSON_1"), "[SSN_9] [PERSON_1");
    }

    #[test]
    fn public_numbers_stay() {
        for text in [
            "Call 1-800-633-4227 or 911 or 988",
            "NPI 1679576722, contract H1036, claim 4251354278498",
            "CPT 99213, ICD M17.11, CO-50",
            "Is Dr. Lee in my network?",
        ] {
            assert_eq!(find(text), [], "{text}");
        }
    }

    proptest! {
        #[test]
        fn spans_lie_on_boundaries_in_order_and_everything_comes_back(text in "\\PC{0,200}") {
            let mut end = 0;
            for span in find(&text) {
                prop_assert!(span.range.start >= end && text.get(span.range.clone()).is_some());
                end = span.range.end;
            }
            let redacted = redact(&text);
            prop_assert_eq!(redacted.map.restore(&redacted.text), text);
        }

        #[test]
        fn near_misses_do_not_panic(text in "[0-9A-Za-z @.,()#'é🙂\\-]{0,120}") {
            let redacted = redact(&text);
            prop_assert_eq!(redacted.map.restore(&redacted.text), text);
        }
    }
}
