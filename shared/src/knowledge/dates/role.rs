//! What a date is the date of, by the words around it in the same sentence.
//!
//! Invariant: a window of a few words before the date and fewer behind it, never past another date, so that the whole
//! stays linear.

use std::ops::Range;

use super::Role;
use super::tokens::Token;

const WORDS_BEFORE: usize = 9;
const WORDS_AFTER: usize = 5;

/// Words that may stand between a date and what it belongs to.
const FILLERS: [&str; 11] = ["the", "on", "el", "la", "en", "dia", "day", "a", "as", "noon", "midnight"];
const LETTERS: [&str; 13] = [
    "letter",
    "notice",
    "denial",
    "msn",
    "eob",
    "determination",
    "decision",
    "carta",
    "aviso",
    "negacion",
    "notificacion",
    "denegacion",
    "summary",
];

/// The role of the date at `date`; `before` is where an earlier date ends, `after` where the next begins.
pub(super) fn of(tokens: &[Token], before: usize, date: &Range<usize>, after: usize) -> Role {
    let first = sentence_start(tokens, before.max(date.start.saturating_sub(WORDS_BEFORE)), date.start);
    let last = sentence_end(tokens, date.end, after.min(date.end + WORDS_AFTER));
    adjacent(tokens, first, date.start)
        .or_else(|| (first..date.start).rev().find_map(|at| keyword(tokens, at)))
        .or_else(|| behind(tokens, date.end, last, after))
        .or_else(|| (first..date.start).any(|at| is_letter(tokens, at)).then_some(Role::Dated))
        .unwrap_or(Role::Unstated)
}

fn sentence_start(tokens: &[Token], from: usize, to: usize) -> usize {
    (from..=to).rev().find(|at| tokens.get(*at).is_some_and(|token| token.begins_sentence)).unwrap_or(from).max(from)
}

fn sentence_end(tokens: &[Token], from: usize, to: usize) -> usize {
    (from..to).find(|at| tokens.get(*at).is_some_and(|token| token.begins_sentence)).unwrap_or(to)
}

fn word(tokens: &[Token], at: usize) -> &str {
    tokens.get(at).map_or("", |token| token.word.as_str())
}

fn is_letter(tokens: &[Token], at: usize) -> bool {
    LETTERS.contains(&word(tokens, at))
}

/// "by October 2", "the letter of October 2", "la carta del 2 de octubre".
fn adjacent(tokens: &[Token], first: usize, date: usize) -> Option<Role> {
    let at = (first..date).rev().find(|at| !FILLERS.contains(&word(tokens, *at)))?;
    match word(tokens, at) {
        "by" | "before" | "until" | "till" | "than" | "hasta" | "tardar" => Some(Role::Deadline),
        "antes" => Some(Role::Deadline),
        "through" | "thru" if is_paid(tokens, first, at) => Some(Role::Deadline),
        "after" | "despues" if is_paid(tokens, first, at) => Some(Role::Ends),
        "of" | "from" | "de" | "del" => {
            let noun = (first..at).rev().find(|at| !matches!(word(tokens, *at), "is" | "es" | "era" | "was"))?;
            match word(tokens, noun) {
                "antes" | "mediodia" | "medianoche" => Some(Role::Deadline),
                "despues" if is_paid(tokens, first, noun) => Some(Role::Ends),
                _ => is_letter(tokens, noun).then_some(Role::Dated),
            }
        }
        _ => None,
    }
}

/// Whether the words before speak of paying or covering: "will not pay after December 3".
fn is_paid(tokens: &[Token], first: usize, at: usize) -> bool {
    const PAYS: [&str; 16] = [
        "pay",
        "pays",
        "paying",
        "cover",
        "covers",
        "covered",
        "coverage",
        "insurance",
        "benefits",
        "runs",
        "paga",
        "pagan",
        "pagar",
        "cubre",
        "cubren",
        "seguro",
    ];
    (first..at).any(|at| PAYS.contains(&word(tokens, at)))
}

/// What a single word says, in the light of its neighbours.
fn keyword(tokens: &[Token], at: usize) -> Option<Role> {
    let previous = at.checked_sub(1).map_or("", |at| word(tokens, at));
    let next = word(tokens, at + 1);
    match word(tokens, at) {
        "date" | "fecha" => match (previous, next) {
            ("due" | "final" | "last" | "cutoff", _) | (_, "limite" | "tope") => Some(Role::Deadline),
            ("end" | "ending" | "termination" | "discharge", _) => Some(Role::Ends),
            ("birth", _) => Some(Role::Birth),
            ("service" | "start" | "effective" | "appointment", _) => Some(Role::Unstated),
            (_, "of" | "de" | "del") if matches!(word(tokens, at + 2), "service" | "servicio") => Some(Role::Unstated),
            _ => Some(Role::Dated),
        },
        "dated" | "issued" | "fechada" | "fechado" | "emitida" | "emitido" => Some(Role::Dated),
        "day" if previous == "last" => Some(Role::Deadline),
        "dia" if previous == "ultimo" => Some(Role::Deadline),
        "due" if next != "to" => Some(Role::Deadline),
        "deadline" | "plazo" | "limite" | "vence" | "vencimiento" | "expires" | "expira" => Some(Role::Deadline),
        "got" | "get" if GOT_SOMETHING_ELSE.contains(&next) => None,
        "received" | "receive" | "got" | "get" | "gotten" | "arrived" | "came" | "delivered" | "recibi" | "recibio"
        | "recibida" | "recibido" | "recibimos" | "llego" | "obtuve" => Some(Role::Received),
        "sent" | "mailed" | "filed" | "faxed" | "submitted" | "requested" | "asked" | "appealed" => {
            let is_own = (at.saturating_sub(3)..at).any(|at| matches!(word(tokens, at), "i" | "we" | "ive" | "weve"));
            match (is_own, word(tokens, at)) {
                (true, _) => Some(Role::Sent),
                (false, "sent" | "mailed") => Some(Role::Dated),
                (false, _) => None,
            }
        }
        "envie" | "mande" | "presente" | "solicite" | "pedi" | "apele" | "enviamos" | "mandamos" => Some(Role::Sent),
        "enviaron" | "mandaron" | "enviada" => Some(Role::Dated),
        "born" | "birth" | "nacio" | "nacimiento" if is_of_child(tokens, at) => Some(Role::Unstated),
        "born" | "birthday" | "birth" | "birthdate" | "dob" | "naci" | "nacio" | "nacida" | "nacido" | "nacimiento"
        | "cumpleanos" => Some(Role::Birth),
        "be" | "hit" | "hits" | "reach" if word(tokens, at + 1) == "65" => Some(Role::Turning65),
        "turn" | "turns" | "turning" | "turned" | "cumplo" | "cumple" | "cumpli" if is_turning_65(tokens, at) => {
            Some(Role::Turning65)
        }
        "discharge" | "discharged" | "discharging" | "released" | "ends" | "ended" | "end" | "ending"
        | "terminates" | "terminated" | "termination" | "terminate" | "stops" | "stopped" | "stop" | "stopping"
        | "lost" | "lose" | "losing" | "loses" | "retire" | "retired" | "retiring" | "quit" | "alta" | "termina"
        | "termino" | "terminan" | "terminara" | "terminaran" | "acaba" | "acabo" | "acaban" | "acabara"
        | "acabaran" | "perdi" | "pierdo" | "pierde" | "jubilo" | "jubile" => Some(Role::Ends),
        _ => None,
    }
}

/// Whether a sentence speaks of a day as over or as to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tense {
    Past,
    Ahead,
}

const PAST: [&str; 31] = [
    "was",
    "were",
    "had",
    "did",
    "ended",
    "stopped",
    "terminated",
    "lost",
    "expired",
    "passed",
    "missed",
    "retired",
    "quit",
    "closed",
    "discharged",
    "released",
    "turned",
    "already",
    "fue",
    "era",
    "termino",
    "terminaron",
    "acabo",
    "perdi",
    "perdio",
    "perdimos",
    "vencio",
    "paso",
    "jubile",
    "cumpli",
    "despidieron",
];
const AHEAD: [&str; 42] = [
    "will",
    "wont",
    "going",
    "gonna",
    "must",
    "ends",
    "ending",
    "end",
    "stops",
    "stopping",
    "stop",
    "expires",
    "terminates",
    "closes",
    "be",
    "being",
    "losing",
    "lose",
    "loses",
    "retire",
    "retires",
    "retiring",
    "turn",
    "turns",
    "turning",
    "scheduled",
    "upcoming",
    "va",
    "van",
    "voy",
    "sera",
    "seran",
    "termina",
    "terminan",
    "terminara",
    "acaba",
    "vence",
    "pierdo",
    "pierde",
    "jubilo",
    "debo",
    "cumplo",
];
/// What says so only of a last day or an end.
const WEAKLY_AHEAD: [&str; 9] = ["is", "are", "have", "has", "need", "es", "son", "tengo", "tenemos"];
/// "Will be discharged", "is being stopped": not over.
const NOT_YET: [&str; 9] = ["be", "being", "get", "gets", "getting", "will", "going", "to", "ser"];

/// The tense of the words nearest to a date in its sentence: those before it first, then those behind.
pub(super) fn tense(tokens: &[Token], before: usize, date: &Range<usize>, after: usize, is_end: bool) -> Option<Tense> {
    let first = sentence_start(tokens, before.max(date.start.saturating_sub(WORDS_BEFORE)), date.start);
    let last = sentence_end(tokens, date.end, after.min(date.end + WORDS_AFTER));
    let of = |at: usize| {
        let found = word(tokens, at);
        let is_not_yet = || (at.saturating_sub(2)..at).any(|at| NOT_YET.contains(&word(tokens, at)));
        if PAST.contains(&found) {
            return Some(if is_not_yet() { Tense::Ahead } else { Tense::Past });
        }
        (AHEAD.contains(&found) || (is_end && WEAKLY_AHEAD.contains(&found))).then_some(Tense::Ahead)
    };
    (first..date.start).rev().find_map(of).or_else(|| (date.end..last).find_map(of))
}

/// Whether the birth is one that just was: "our baby was born on October 3".
fn is_of_child(tokens: &[Token], at: usize) -> bool {
    const CHILD: [&str; 16] = [
        "girl",
        "boy",
        "nino",
        "nina",
        "hijo",
        "hija",
        "baby",
        "newborn",
        "twins",
        "grandson",
        "granddaughter",
        "bebe",
        "bebita",
        "bebito",
        "gemelos",
        "nieto",
    ];
    (at.saturating_sub(6)..at + 5).any(|at| CHILD.contains(&word(tokens, at)))
}

/// Whether somebody goes away on the date: "they want him out tomorrow", "she goes home Wednesday".
pub(super) fn goes_away(tokens: &[Token], before: usize, date: &Range<usize>) -> bool {
    const AWAY: [&str; 14] = [
        "out", "home", "leave", "leaves", "leaving", "go", "goes", "going", "casa", "fuera", "salir", "sale", "irse",
        "alta",
    ];
    const NOT_AWAY: [&str; 7] = ["found", "ran", "run", "running", "turned", "figured", "came"];
    let first = sentence_start(tokens, before.max(date.start.saturating_sub(AWAY_WORDS)), date.start);
    let is_away = |at: usize| {
        let previous = at.checked_sub(1).map_or("", |at| word(tokens, at));
        AWAY.contains(&word(tokens, at)) && !NOT_AWAY.contains(&previous)
    };
    (first..date.start).any(is_away)
}

const AWAY_WORDS: usize = 4;

const GOT_SOMETHING_ELSE: [&str; 10] =
    ["denied", "rejected", "turned", "declined", "refused", "laid", "fired", "sick", "hurt", "married"];

fn is_turning_65(tokens: &[Token], at: usize) -> bool {
    (at + 1..at + 4).any(|at| word(tokens, at) == "65")
}

/// "October 2 is the deadline", "on October 5 I received", "the October 2 letter".
fn behind(tokens: &[Token], first: usize, last: usize, next_date: usize) -> Option<Role> {
    let begins_clause = tokens.get(first).is_some_and(|token| token.begins_clause);
    if first < last && is_letter(tokens, first) && !begins_clause {
        return Some(Role::Dated);
    }
    // A word just before the next date belongs to that one.
    let belongs_to_next = |at: usize| next_date < tokens.len() && at + 2 >= next_date;
    (first..last).filter(|at| !belongs_to_next(*at)).find_map(|at| keyword(tokens, at))
}
