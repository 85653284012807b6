//! Dates of birth and postal addresses.

use super::tokens::{Token, Tokens};
use super::{Kind, Span};

const MONTHS: &str = "january february march april may june july august september october november december jan feb mar apr jun jul \
     aug sep sept oct nov dec enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre \
     diciembre";

/// Dates that are said to be of birth.
pub(super) fn births(tokens: &Tokens<'_>) -> Vec<Span> {
    (0..tokens.len())
        .filter(|at| is_birth(tokens, *at))
        .filter_map(|at| (at + 1..(at + 7).min(tokens.len())).find_map(|start| date(tokens, start)))
        .collect()
}

fn is_birth(tokens: &Tokens<'_>, at: usize) -> bool {
    matches!(
        tokens.lower(at),
        "dob"
            | "d.o.b"
            | "born"
            | "birth"
            | "birthday"
            | "birthdate"
            | "birthdate's"
            | "nacido"
            | "nacida"
            | "nací"
            | "naci"
            | "nació"
            | "nacio"
            | "nacimiento"
            | "cumpleaños"
    )
}

/// The date that begins at a token.
fn date(tokens: &Tokens<'_>, at: usize) -> Option<Span> {
    let first = tokens.get(at)?;
    let whole = |last: &Token<'_>| Some(Span { kind: Kind::DateOfBirth, range: first.range.start..last.range.end });
    if is_numeric_date(first.text) {
        return whole(first);
    }
    if is_month(&first.lower) {
        let (day, year) = (tokens.get(at + 1)?, tokens.get(at + 2)?);
        return (is_day(&day.lower) && is_year(year.text)).then(|| whole(year)).flatten();
    }
    if is_day(&first.lower) {
        let mut next = at + 1;
        let mut skip = |words: &[&str]| {
            if words.contains(&tokens.lower(next)) {
                next += 1;
            }
            next
        };
        let month = skip(&["de", "of"]);
        if !is_month(tokens.lower(month)) {
            return None;
        }
        next = month + 1;
        if matches!(tokens.lower(next), "de" | "del") {
            next += 1;
        }
        let year = tokens.get(next)?;
        return is_year(year.text).then(|| whole(year)).flatten();
    }
    None
}

fn is_numeric_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['/', '-', '.']).collect();
    let [a, b, c] = parts.as_slice() else { return false };
    let are_digits = parts.iter().all(|part| part.bytes().all(|c| c.is_ascii_digit()));
    let lengths = (a.len(), b.len(), c.len());
    are_digits && matches!(lengths, (1..=2, 1..=2, 2 | 4) | (4, 1..=2, 1..=2))
}

fn is_month(word: &str) -> bool {
    MONTHS.split(' ').any(|other| other == word)
}

fn is_day(word: &str) -> bool {
    let number = word.trim_end_matches("st").trim_end_matches("nd").trim_end_matches("rd").trim_end_matches("th");
    number.parse::<u8>().is_ok_and(|day| (1..=31).contains(&day))
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && (text.starts_with("19") || text.starts_with("20")) && text.bytes().all(|c| c.is_ascii_digit())
}

/// Street addresses and post-office boxes, with the town behind them.
pub(super) fn addresses(tokens: &Tokens<'_>) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match street(tokens, at).or_else(|| post_box(tokens, at)) {
            Some(last) => {
                let last = town(tokens, last + 1).unwrap_or(last);
                if let (Some(first), Some(last_token)) = (tokens.get(at), tokens.get(last)) {
                    spans.push(Span { kind: Kind::Address, range: first.range.start..last_token.range.end });
                }
                at = last + 1;
            }
            None => at += 1,
        }
    }
    spans
}

/// House number, one to five words in capitals, the kind of street, a unit: the last token's number.
fn street(tokens: &Tokens<'_>, at: usize) -> Option<usize> {
    let number = tokens.get(at)?;
    let is_house = (1..=6).contains(&number.text.len())
        && number.text.starts_with(|c: char| c.is_ascii_digit())
        && number.digits() + 1 >= number.text.len()
        && !number.text.contains(['.', '/']);
    if !is_house || matches!(tokens.touches_before(at), Some('$' | '#' | '-' | '/')) || !number.is_joined() {
        return None;
    }
    let kind = (at + 1..(at + 7).min(tokens.len()))
        .find(|next| is_street(tokens.lower(*next)) && (*next > at + 1 || tokens.lower(*next) == "broadway"))?;
    let is_name = |next: usize| {
        tokens.get(next).is_some_and(|token| {
            let starts = token.text.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
            starts && (next == kind || token.after.trim().is_empty() || token.after.trim() == ".")
        })
    };
    if !(at + 1..=kind).all(is_name) {
        return None;
    }
    Some(unit(tokens, kind).unwrap_or(kind))
}

fn is_street(word: &str) -> bool {
    const STREETS: &str = "st street ave avenue av rd road ln lane dr drive ct court blvd boulevard way pl place ter terrace cir \
         circle hwy highway pkwy parkway broadway trail trl square sq loop alley row run path";
    STREETS.split(' ').any(|other| other == word)
}

/// "Apt 4", "Unit 2B", "# 5" behind a street.
fn unit(tokens: &Tokens<'_>, at: usize) -> Option<usize> {
    let is_unit = matches!(
        tokens.lower(at + 1),
        "apt" | "apartment" | "unit" | "suite" | "ste" | "lot" | "rm" | "room" | "bldg" | "floor"
    );
    let by_sign = tokens.get(at).is_some_and(|token| token.after.trim_end().ends_with('#') && token.after.len() <= 4);
    let number = if by_sign { at + 1 } else { at + 2 };
    let fits =
        tokens.get(number).is_some_and(|token| token.text.len() <= 5 && (token.digits() > 0 || token.text.len() == 1));
    ((is_unit || by_sign) && fits).then_some(number)
}

fn post_box(tokens: &Tokens<'_>, at: usize) -> Option<usize> {
    let word = match (tokens.lower(at), tokens.lower(at + 1), tokens.lower(at + 2)) {
        ("po" | "p.o", "box", _) => at + 2,
        ("p", "o", "box") => at + 3,
        _ => return None,
    };
    tokens.get(word).filter(|token| token.digits() > 0 && token.digits() == token.text.len()).map(|_| word)
}

/// "Dayton, OH 45402" or "Austin, TX": the last token's number.
fn town(tokens: &Tokens<'_>, at: usize) -> Option<usize> {
    let mut next = at;
    let is_capital = |number: usize| tokens.get(number).is_some_and(|token| token.text.starts_with(char::is_uppercase));
    while next < at + 4 && is_capital(next) {
        let token = tokens.get(next)?;
        next += 1;
        if token.after.contains(',') {
            break;
        }
        if token.after.contains(['.', ';', '\n', '?', '!']) {
            return None;
        }
    }
    let state = tokens.get(next).filter(|_| next > at)?;
    let is_state = state.text.len() == 2 && state.text.bytes().all(|c| c.is_ascii_uppercase());
    if !is_state {
        return None;
    }
    let is_zip = tokens.get(next + 1).is_some_and(|zip| {
        let five = zip.text.split('-').next().unwrap_or_default();
        five.len() == 5 && five.bytes().all(|c| c.is_ascii_digit())
    });
    Some(if is_zip && state.after.trim().is_empty() { next + 1 } else { next })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        addresses(&Tokens::new(text)).into_iter().map(|span| &text[span.range]).collect()
    }

    #[test]
    fn an_address_goes_from_the_house_to_the_zip_code() {
        assert_eq!(found("at 9260 Oak St, Dayton, OH 45402."), ["9260 Oak St, Dayton, OH 45402"]);
        assert_eq!(found("6236 Main Street Apt 4, Austin, TX 78701"), ["6236 Main Street Apt 4, Austin, TX 78701"]);
        assert_eq!(found("PO Box 4417, Tucson, AZ 85717"), ["PO Box 4417, Tucson, AZ 85717"]);
        assert_eq!(found("my address is 77 Cedar Court"), ["77 Cedar Court"]);
        for wrong in
            ["2 Main reasons", "500 people on the street", "20 Percent of 3 Dr visits", "I saw 3 doctors, Dr. Lee"]
        {
            assert_eq!(found(wrong), [""; 0], "{wrong}");
        }
    }

    #[test]
    fn a_date_of_birth_is_named_so() {
        let found = |text: &'static str| {
            births(&Tokens::new(text)).into_iter().map(|span| &text[span.range]).collect::<Vec<_>>()
        };
        assert_eq!(found("DOB October 21, 1953"), ["October 21, 1953"]);
        assert_eq!(found("nací el 4 de julio de 1950"), ["4 de julio de 1950"]);
        assert_eq!(found("born 07/22/1967"), ["07/22/1967"]);
        assert_eq!(found("the letter of October 21, 2026"), [""; 0]);
    }
}
