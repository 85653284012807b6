//! A message as triage reads it: sentences, and the segments between commas and conjunctions in them.

use std::sync::LazyLock;

use super::words::SETS;
use crate::agents::fold::Text;
use crate::agents::fold::phrases::{Hit, Phrases};
use crate::agents::fold::text::Pause;

/// A message, folded.
#[cfg_attr(test, derive(Debug))]
pub(in crate::agents) struct Message {
    text: Text,
    source: String,
}

/// The sentences of a [`Message`].
#[cfg_attr(test, derive(Debug))]
pub(in crate::agents) struct View<'a> {
    /// In order.
    pub(in crate::agents) sentences: Vec<Sentence<'a>>,
    /// Whether the message speaks of bills, claims or denials.
    pub(super) is_retrospective: bool,
    /// The message as it came: a date in numbers is one only there.
    pub(super) source: &'a str,
}

/// One sentence.
#[cfg_attr(test, derive(Debug))]
pub(in crate::agents) struct Sentence<'a> {
    /// Its words.
    pub(in crate::agents) words: Vec<&'a str>,
    /// The segment that each word belongs to; the numbers rise.
    segments: Vec<u32>,
}

impl Message {
    /// Reads a message.
    pub(in crate::agents) fn new(message: &str) -> Self {
        Self { text: Text::new(message), source: message.to_owned() }
    }

    /// Its sentences.
    pub(in crate::agents) fn view(&self) -> View<'_> {
        let sentences: Vec<Sentence<'_>> = self.text.sentences().iter().map(|words| Sentence::new(words)).collect();
        let is_retrospective = sentences.iter().any(|sentence| RETROSPECTIVE.is_in(&sentence.words));
        View { sentences, is_retrospective, source: &self.source }
    }
}

impl<'a> Sentence<'a> {
    fn new(pieces: &[(&'a str, Pause)]) -> Self {
        let (mut words, mut segments, mut segment) = (Vec::new(), Vec::new(), 0);
        for (word, pause) in pieces {
            if *pause == Pause::Comma || is_conjunction(word) {
                segment += 1;
            }
            words.push(*word);
            segments.push(segment);
        }
        Self { words, segments }
    }

    /// The words of the segments that a hit lies in.
    pub(super) fn around<T>(&self, hit: &Hit<T>) -> &[&'a str] {
        let (Some(first), Some(last)) = (self.segments.get(hit.start), self.segments.get(hit.end - 1)) else {
            return &[];
        };
        let start = self.segments.partition_point(|segment| segment < first);
        let end = self.segments.partition_point(|segment| segment <= last);
        &self.words[start..end]
    }

    /// The words of the hit's own segment before it, at most `most`.
    pub(super) fn before<T>(&self, hit: &Hit<T>, most: usize) -> &[&'a str] {
        let Some(segment) = self.segments.get(hit.start) else { return &[] };
        let start = self.segments.partition_point(|other| other < segment).max(hit.start.saturating_sub(most));
        &self.words[start..hit.start]
    }

    /// The words after a hit, at most `most`, across segments.
    pub(super) fn after<T>(&self, hit: &Hit<T>, most: usize) -> &[&'a str] {
        &self.words[hit.end..self.words.len().min(hit.end + most)]
    }

    /// Whether a hit lies in the sentence's first segment.
    pub(super) fn is_in_first_segment<T>(&self, hit: &Hit<T>) -> bool {
        self.segments.get(hit.start).is_some_and(|segment| self.segments.first() == Some(segment))
    }

    /// Whether a hit begins a segment, or only one word or words of degree stand before it.
    pub(super) fn opens<T>(&self, hit: &Hit<T>) -> bool {
        let before = self.before(hit, 4);
        before.len() <= 1 || before.iter().all(is_degree)
    }
}

fn is_conjunction(word: &str) -> bool {
    matches!(word, "and" | "but" | "so" | "because" | "cause" | "since" | "then" | "pero" | "porque" | "y" | "entonces")
}

fn is_degree(word: &&str) -> bool {
    const DEGREES: [&str; 14] = [
        "sudden", "severe", "bad", "terrible", "crushing", "massive", "awful", "horrible", "intense", "very", "really",
        "sharp", "extreme", "my",
    ];
    DEGREES.contains(word)
}

/// Whether something lies weeks or years back, as the words say.
pub(super) fn is_long_ago(words: &[&str]) -> bool {
    PAST_TIME.is_in(words)
}

/// Whether something lies days back or more, as the words say.
pub(super) fn is_over(words: &[&str]) -> bool {
    is_long_ago(words) || DAYS_AGO.is_in(words)
}

/// Whether the words say that something happens at this moment.
pub(super) fn is_now(words: &[&str]) -> bool {
    NOW.is_in(words)
}

/// Whether the words only suppose something.
pub(super) fn is_supposed(words: &[&str]) -> bool {
    SUPPOSED.is_in(words)
}

/// Whether the last words before a sign take it back.
pub(super) fn is_negated(before: &[&str]) -> bool {
    let near = &before[before.len().saturating_sub(4)..];
    NEGATED.is_in(near)
}

static PAST_TIME: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "last week|month|year|summer|winter|spring|fall|autumn|time|christmas|january|february|march|april|may|june",
            "last july|august|september|october|november|december|@weekday",
            "back in|when",
            "years|months|weeks|year|month|week ago",
            "in|during|of 198*|199*|200*|201*|202*",
            "in january|february|march|april|june|july|august|september|october|november|december",
            "as a child|kid|teen|teenager",
            "used to",
            "years|months|weeks later|old",
            "when i was|were",
            "history of",
            "previously|formerly|originally|once",
            "in the past",
            "earlier this year|month",
            "during my|his|her|our|the stay|surgery|trip|visit|pregnancy|hospitalization",
            "ano|mes|semana|verano|invierno pasado|pasada",
            "hace # semanas|meses|anos",
            "hace un|una|dos|tres|cuatro|cinco|seis|varios|varias|algunos|unos|unas semanas|semana|meses|mes|anos|ano",
            "en enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|198*|199*|200*|201*|202*",
            "cuando era|tenia",
            "antes",
        ],
        SETS,
    )
});

static DAYS_AGO: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "yesterday",
            "# days ago",
            "few|couple|several|two|three|four|five|six|seven|ten days ago",
            "ayer|anoche",
            "hace # dias",
            "hace dos|tres|cuatro|cinco|seis|varios|algunos|unos dias",
        ],
        SETS,
    )
});

static NOW: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "right now",
            "now",
            "currently",
            "at the? moment",
            "as we speak",
            "as i type|write",
            "still",
            "again",
            "just",
            "today",
            "tonight",
            "this morning|afternoon|evening|minute|second|instant",
            "minutes|minute|hour|seconds ago",
            "# hours|min|mins ago",
            "@few hours ago",
            "all of a",
            "suddenly|sudden",
            "wont stop",
            "wont go away",
            "getting worse",
            "gotten worse",
            "help me|him|her|us $",
            "ahora|ahorita|actualmente|todavia|hoy|acaba|acabo|acaban",
            "esta noche|manana|tarde",
            "hace un|una|unos|# minutos|hora|horas|rato|minuto",
            "de repente|pronto",
            "en este momento",
        ],
        SETS,
    )
});

static SUPPOSED: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "if",
            "when|whenever i|you|someone|somebody|a|people|he|she|my|we|do|does|should|is",
            "in case",
            "unless",
            "suppose|supposing|imagine",
            "what counts",
            "what is|are",
            "whats",
            "how do|can i|you know|tell|recognize",
            "signs|symptoms|sign|symptom of",
            "every time",
            "sometimes|usually|often",
            "afraid|worried|scared of|about",
            "risk|chance|chances|danger of",
            "prevent|preventing|avoid|avoiding",
            "in the event",
            "patients|people|members|anyone|those|folks|others|adults|women|men with|who|having",
            "si",
            "cuando",
            "en caso",
            "que es|son|pasa",
            "a veces",
            "senales|sintomas|riesgo de",
        ],
        SETS,
    )
});

static NEGATED: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "@not",
            "no longer",
            "ruled|rules|ruling out",
            "instead of",
            "rather than",
            "stopped|quit|stop having|feeling|getting",
            "ya no",
            "en vez|lugar de",
            "free of|from",
            "negative for",
        ],
        SETS,
    )
});

static RETROSPECTIVE: LazyLock<Phrases<()>> = LazyLock::new(|| {
    Phrases::plain(
        &[
            "bill|bills|billed|billing|invoice|invoiced|charge|charged|charges|owe|owed|owes|statement|collections|debt",
            "claim|claims|denied|denial|denials|deny|denies|rejected|rejection|appeal|appealing|appealed|refused|reimburse*",
            "factura|facturas|cobraron|cobran|cobro|cuenta|cuentas|deuda|debemos|reclamo|reclamos|negaron|nego|negado|denegaron",
            "apelacion|apelar|rechazaron|reembols*",
        ],
        SETS,
    )
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_can_be_read() {
        for list in [&PAST_TIME, &DAYS_AGO, &NOW, &SUPPOSED, &NEGATED, &RETROSPECTIVE] {
            assert_eq!(list.rejected(), [""; 0]);
        }
    }

    #[test]
    fn a_sentence_falls_into_segments() {
        let read = Message::new("I was billed last year, and now my chest hurts");
        let view = read.view();
        let [sentence] = view.sentences.as_slice() else { panic!("one sentence") };
        let hit = Hit { tag: (), start: 8, end: 10 };
        assert_eq!(sentence.around(&hit), ["and", "now", "my", "chest", "hurts"]);
        assert_eq!(sentence.before(&hit, 2), ["now", "my"]);
        assert!(view.is_retrospective);
    }
}
