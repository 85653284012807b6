//! Numbers that tell who somebody is, and e-mail addresses.

use super::tokens::{Token, Tokens};
use super::{Kind, Span};

/// The e-mail addresses of a text.
pub(super) fn emails(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let is_local = |c: &u8| c.is_ascii_alphanumeric() || b"._%+-".contains(c);
    let is_domain = |c: &u8| c.is_ascii_alphanumeric() || b".-".contains(c);
    let mut spans: Vec<Span> = Vec::new();
    for (at, _) in text.match_indices('@') {
        let start = at - bytes[..at].iter().rev().take_while(|c| is_local(c)).count();
        let mut end = at + 1 + bytes[at + 1..].iter().take_while(|c| is_domain(c)).count();
        while end > at + 1 && matches!(bytes[end - 1], b'.' | b'-') {
            end -= 1;
        }
        let local = text[start..at].trim_start_matches('.');
        let start = at - local.len();
        let top = text[at + 1..end].rsplit_once('.').map(|(_, top)| top);
        if !local.is_empty() && top.is_some_and(|top| top.len() >= 2 && top.bytes().all(|c| c.is_ascii_alphabetic())) {
            spans.push(Span { kind: Kind::Email, range: start..end });
        }
    }
    spans
}

/// The numbers.
pub(super) fn find(tokens: &Tokens<'_>) -> Vec<Span> {
    (0..tokens.len())
        .filter_map(|at| {
            mbi(tokens, at)
                .or_else(|| ssn(tokens, at))
                .or_else(|| phone(tokens, at))
                .or_else(|| group(tokens, at))
                .or_else(|| member(tokens, at))
        })
        .collect()
}

fn span(kind: Kind, first: &Token<'_>, last: &Token<'_>) -> Span {
    Span { kind, range: first.range.start..last.range.end }
}

/// What makes a number somebody else's business.
const OF_SOMETHING_ELSE: &[&str] = &[
    "claim",
    "case",
    "reference",
    "ref",
    "order",
    "tracking",
    "confirmation",
    "invoice",
    "contract",
    "npi",
    "cpt",
    "hcpcs",
    "icd",
    "ndc",
    "bin",
    "pcn",
    "ein",
    "tax",
    "serial",
    "model",
    "auth",
    "authorization",
    "code",
    "check",
    "receipt",
    "ticket",
    "record",
    "prescription",
    "rx",
    "reclamo",
    "referencia",
    "caso",
    "provider",
    "account",
];

/// An MBI as CMS defines it: eleven places, dashes or blanks after the fourth and the seventh for display only.
fn mbi(tokens: &Tokens<'_>, at: usize) -> Option<Span> {
    let first = tokens.get(at)?;
    if matches!(tokens.touches_before(at), Some('-' | '/' | '_' | '#' | '@'))
        && !tokens.text[..first.range.start].ends_with('#')
    {
        return None;
    }
    let is_mbi = |text: &str| {
        let bytes = text.as_bytes();
        let plain: Vec<u8> = bytes.iter().filter(|c| **c != b'-').map(u8::to_ascii_uppercase).collect();
        let has_usual_dashes = plain.len() == bytes.len()
            || (bytes.len() == 13 && bytes.get(4) == Some(&b'-') && bytes.get(8) == Some(&b'-'));
        let letter = |c: u8| c.is_ascii_uppercase() && !b"SLOIBZ".contains(&c);
        let fits = |(place, c): (usize, &u8)| match place {
            0 => (b'1'..=b'9').contains(c),
            1 | 4 | 7 | 8 => letter(*c),
            2 | 5 => letter(*c) || c.is_ascii_digit(),
            _ => c.is_ascii_digit(),
        };
        has_usual_dashes && plain.len() == 11 && plain.iter().enumerate().all(fits)
    };
    if is_mbi(first.text) {
        return Some(span(Kind::Mbi, first, first));
    }
    let (second, third) = (tokens.get(at + 1)?, tokens.get(at + 2)?);
    let lengths = (first.text.len(), second.text.len(), third.text.len());
    let spaced = lengths == (4, 3, 4) && first.is_joined() && second.is_joined();
    (spaced && is_mbi(&format!("{}-{}-{}", first.text, second.text, third.text))).then(|| span(Kind::Mbi, first, third))
}

/// A Social Security number by the rules of its parts, or with a Medicare code behind it (HICN). Nine digits without
/// dashes need a word that says what they are.
fn ssn(tokens: &Tokens<'_>, at: usize) -> Option<Span> {
    const CONTEXT: &[&str] = &["ssn", "social", "ss", "ss#"];
    const CONTEXT_HICN: &[&str] = &["hicn", "medicare", "card", "old", "before", "tarjeta"];
    let first = tokens.get(at)?;
    if matches!(tokens.touches_before(at), Some('-' | '/' | '$' | '_')) {
        return None;
    }
    let parts: Vec<&str> = first.text.split('-').collect();
    let of_social = tokens.has_before(at, 6, CONTEXT);
    match *parts.as_slice() {
        [area, group, serial] if is_ssn(area, group, serial) => Some(span(Kind::Ssn, first, first)),
        [area, group, serial] => {
            let (digits, code) = serial.split_at_checked(4)?;
            (is_ssn(area, group, digits) && is_code(code)).then(|| span(Kind::Hicn, first, first))
        }
        [area, group, serial, code] if is_ssn(area, group, serial) && is_code(code) => {
            Some(span(Kind::Hicn, first, first))
        }
        [nine] if nine.len() >= 9 && nine.is_ascii() => {
            let (digits, code) = nine.split_at(9);
            let fits = is_ssn(digits.get(..3)?, digits.get(3..5)?, digits.get(5..)?);
            if code.is_empty() {
                return (fits && of_social).then(|| span(Kind::Ssn, first, first));
            }
            let of_medicare = tokens.has_before(at, 6, CONTEXT_HICN) || of_social;
            (fits && is_code(code) && of_medicare).then(|| span(Kind::Hicn, first, first))
        }
        [area] if area.len() == 3 && of_social => {
            let (second, third) = (tokens.get(at + 1)?, tokens.get(at + 2)?);
            let fits = first.is_joined() && second.is_joined() && is_ssn(area, second.text, third.text);
            fits.then(|| span(Kind::Ssn, first, third))
        }
        _ => None,
    }
}

fn is_ssn(area: &str, group: &str, serial: &str) -> bool {
    let are_digits = [area, group, serial].iter().all(|part| part.bytes().all(|c| c.is_ascii_digit()));
    are_digits
        && (area.len(), group.len(), serial.len()) == (3, 2, 4)
        && !(area == "000" || area == "666" || area.starts_with('9'))
        && group != "00"
        && serial != "0000"
}

/// A beneficiary identification code: one to three places, a letter first.
fn is_code(code: &str) -> bool {
    (1..=3).contains(&code.len())
        && code.starts_with(|c: char| c.is_ascii_alphabetic())
        && code.bytes().all(|c| c.is_ascii_alphanumeric())
}

/// A phone number in a usual form; ten digits in a row need a word that says what they are. Toll-free lines are public.
fn phone(tokens: &Tokens<'_>, at: usize) -> Option<Span> {
    const CONTEXT: &[&str] = &[
        "phone",
        "cell",
        "call",
        "text",
        "mobile",
        "reach",
        "telephone",
        "tel",
        "teléfono",
        "telefono",
        "celular",
        "llame",
        "llámeme",
        "number",
        "number's",
        "número",
        "fax",
        "contact",
    ];
    const TOLL_FREE: [&str; 9] = ["800", "833", "844", "855", "866", "877", "888", "822", "900"];
    let first = tokens.get(at)?;
    if matches!(tokens.touches_before(at), Some('-' | '/' | '$' | '.' | '_')) {
        return None;
    }
    // The pieces between separators, over at most four tokens.
    let mut pieces: Vec<(&str, usize)> = Vec::new();
    for number in at..(at + 4).min(tokens.len()) {
        let token = tokens.get(number)?;
        if number > at {
            let between = tokens.get(number - 1)?.after;
            if between.len() > 3 || !between.chars().all(|c| matches!(c, ' ' | '(' | ')' | '-' | '.' | '\u{A0}')) {
                break;
            }
        }
        if !token.text.bytes().all(|c| c.is_ascii_digit() || matches!(c, b'-' | b'.')) {
            break;
        }
        pieces.extend(token.text.split(['-', '.']).map(|piece| (piece, number)));
    }
    let lengths: Vec<usize> = pieces.iter().map(|(piece, _)| piece.len()).collect();
    let country = usize::from(pieces.first().is_some_and(|(piece, _)| *piece == "1"));
    let context = || tokens.has_before(at, 5, CONTEXT) && !tokens.has_before(at, 3, OF_SOMETHING_ELSE);
    let (digits, last) = match lengths.get(country..)? {
        [3, 3, 4, ..] => {
            (pieces[country..country + 3].iter().map(|(piece, _)| *piece).collect::<String>(), country + 2)
        }
        [10, ..] if context() => (pieces[country].0.to_owned(), country),
        [3, 4, ..] if context() => (format!("000{}{}", pieces[country].0, pieces[country + 1].0), country + 1),
        _ => return None,
    };
    if tokens.has_before(at, 2, OF_SOMETHING_ELSE) {
        return None;
    }
    let is_public = TOLL_FREE.iter().any(|code| digits.starts_with(code));
    let is_area = digits.starts_with("000") || digits.starts_with(|c: char| ('2'..='9').contains(&c));
    // A token that goes on behind the number is something else.
    let ends = pieces.get(last + 1).is_none_or(|(_, token)| *token != pieces[last].1);
    let last = tokens.get(pieces[last].1)?;
    let before = &tokens.text[..first.range.start];
    let start = match before.strip_suffix('(').or_else(|| before.strip_suffix('+')) {
        Some(shorter) => shorter.len(),
        None => first.range.start,
    };
    (is_area && !is_public && ends).then_some(Span { kind: Kind::Phone, range: start..last.range.end })
}

/// A group's number: "group" and at least five places, most of them digits.
fn group(tokens: &Tokens<'_>, at: usize) -> Option<Span> {
    let token = tokens.get(at)?;
    let named = (1..=7).find(|back| at >= *back && matches!(tokens.lower(at - back), "group" | "grp" | "grupo"))?;
    let between =
        (at - named + 1..at).all(|between| is_filler(tokens.lower(between)) || is_between(tokens.lower(between)));
    let touches = (at - named..at).all(|number| {
        tokens
            .get(number)
            .is_some_and(|token| !token.ends_sentence() || token.after.contains('.') && token.lower == "no")
    });
    let is_number = token.text.len() >= 5
        && token.text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
        && token.digits() >= 4;
    (between && touches && is_number).then(|| span(Kind::GroupNumber, token, token))
}

fn is_between(word: &str) -> bool {
    matches!(word, "on" | "my" | "the" | "card")
}

/// A member's number: words that say so, then at least six places with five digits.
fn member(tokens: &Tokens<'_>, at: usize) -> Option<Span> {
    let token = tokens.get(at)?;
    let is_number = (6..=20).contains(&token.text.len())
        && token.text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
        && token.digits() >= 5
        && !token.text.contains("--");
    if !is_number {
        return None;
    }
    // Back over "is", "number", "#" to the word that names it.
    let mut back = at;
    while back > 0 && is_filler(tokens.lower(back - 1)) && at - back < 6 {
        back -= 1;
        if tokens.get(back).is_some_and(|token| token.after.contains(['.', '!', '?', '\n']) && token.lower != "no") {
            return None;
        }
    }
    let named = back.checked_sub(1).map_or("", |start| tokens.lower(start));
    let has_id = (back..at).any(|number| matches!(tokens.lower(number), "id" | "identificación" | "identificacion"));
    let has_number =
        (back..at).any(|number| matches!(tokens.lower(number), "number" | "no" | "número" | "numero" | "num" | "id"));
    let names_member = matches!(
        named,
        "member"
            | "subscriber"
            | "members"
            | "enrollee"
            | "insured"
            | "membership"
            | "miembro"
            | "afiliado"
            | "suscriptor"
            | "socio"
    );
    let names_policy = matches!(named, "policy" | "póliza" | "poliza" | "certificate") && has_number;
    let is_else = OF_SOMETHING_ELSE.contains(&named) || tokens.has_before(at, 4, OF_SOMETHING_ELSE);
    let is_own_id = has_id && !matches!(named, "plan" | "employer" | "doctor" | "hospital" | "group" | "device");
    ((names_member || names_policy || is_own_id) && !is_else).then(|| span(Kind::MemberId, token, token))
}

/// What stands between the word that names a number and the number.
fn is_filler(word: &str) -> bool {
    matches!(
        word,
        "id" | "number"
            | "no"
            | "num"
            | "is"
            | "it's"
            | "es"
            | "número"
            | "numero"
            | "identificación"
            | "identificacion"
            | "de"
            | "del"
            | "the"
            | "member's"
            | "nr"
            | "ids"
            | "reads"
            | "was"
            | "on"
            | "my"
            | "card"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(Kind, &str)> {
        find(&Tokens::new(text)).into_iter().map(|span| (span.kind, &text[span.range])).collect()
    }

    #[test]
    fn a_medicare_number_has_its_letters_and_digits_at_their_places() {
        assert_eq!(found("1eg4te5mk73"), [(Kind::Mbi, "1eg4te5mk73")]);
        assert_eq!(found("x 1EG4-TE5-MK73."), [(Kind::Mbi, "1EG4-TE5-MK73")]);
        assert_eq!(found("1EG4 TE5 MK73"), [(Kind::Mbi, "1EG4 TE5 MK73")]);
        for wrong in
            ["0EG4TE5MK73", "1SG4TE5MK73", "1EG4TE5MK7", "1EG4TE5MK733", "1EG-4TE5-MK73", "11G4TE5MK73", "1EG4TE5MKA3"]
        {
            assert_eq!(found(wrong), [], "{wrong}");
        }
    }

    #[test]
    fn a_social_security_number_follows_its_rules() {
        assert_eq!(found("219-09-9999"), [(Kind::Ssn, "219-09-9999")]);
        assert_eq!(found("social 219099999"), [(Kind::Ssn, "219099999")]);
        assert_eq!(found("219-09-9999A"), [(Kind::Hicn, "219-09-9999A")]);
        for wrong in
            ["912-09-9999", "000-09-9999", "666-09-9999", "219-00-9999", "219-09-0000", "219099999", "claim 219099999"]
        {
            assert_eq!(found(wrong), [], "{wrong}");
        }
    }

    #[test]
    fn a_number_is_a_members_when_it_is_said_to_be() {
        assert_eq!(found("Member ID W435240824, group 008427").len(), 2);
        assert_eq!(found("my id number is H562386922"), [(Kind::MemberId, "H562386922")]);
        for wrong in
            ["Claim 4251354278498", "NPI 1831727882", "Case no. 654145868", "contract R5348", "a support group 4 times"]
        {
            assert_eq!(found(wrong), [], "{wrong}");
        }
    }

    #[test]
    fn addresses_of_mail_end_where_they_end() {
        let found = |text: &'static str| emails(text).into_iter().map(|span| &text[span.range]).collect::<Vec<_>>();
        assert_eq!(found("<k@sub.example.co.uk>, .a@b.com."), ["k@sub.example.co.uk", "a@b.com"]);
        assert_eq!(found("@medicaregov 5 @ $20 a@b é@"), [""; 0]);
    }
}
