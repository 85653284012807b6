//! The sentences about a rule and a counted deadline, in English and Spanish.

use chrono::NaiveDate;

use super::{Basis, Counted, Event, Kind, Known, Rule, Span, Track};
use crate::knowledge::amounts::{Amount, thresholds_of};
use crate::knowledge::holidays::is_closed;
use crate::knowledge::words::{Words, long_date_en, long_date_es, weekday_en, weekday_es};

impl Span {
    /// How long, or how much: `65 days`.
    pub fn words(self) -> Words {
        let count = |count: u32, one: [&str; 2], many: [&str; 2]| {
            let [en, es] = if count == 1 { one } else { many };
            Words::new(format!("{count} {en}"), format!("{count} {es}"))
        };
        match self {
            Self::CalendarDays(days) => count(days, ["day", "día"], ["days", "días"]),
            Self::BusinessDays(days) => count(days, ["business day", "día hábil"], ["business days", "días hábiles"]),
            Self::Months(months) => count(months, ["month", "mes"], ["months", "meses"]),
            Self::Hours(hours) => count(hours, ["hour", "hora"], ["hours", "horas"]),
            Self::SameDay => Words::new("the same day", "el mismo día"),
            Self::NoonTheDayBefore => Words::new("noon of the day before", "el mediodía del día anterior"),
            Self::Usd(usd) => {
                let dollars =
                    if usd >= 1000 { format!("${},{:03}", usd / 1000, usd % 1000) } else { format!("${usd}") };
                Words::new(dollars.clone(), dollars)
            }
        }
    }
}

impl Rule {
    /// The rule in a sentence; an estimate says so.
    pub fn summary(&self) -> Words {
        let (what, from, span) = (self.what, self.from_text, self.span.words());
        let rule = match (self.kind, self.span) {
            (Kind::MinimumUsd, _) => {
                // Each figure with its year, so that no sentence waits for the year to begin, or is wrong when it is over.
                let each = |say: fn(&Amount) -> String| thresholds_of(self.id).into_iter().map(say).collect::<Vec<_>>();
                let en = each(|amount| format!("{} in {}", amount.value.en, amount.plan_year)).join("; ");
                let es = each(|amount| format!("{} en {}", amount.value.es, amount.plan_year)).join("; ");
                Words::new(format!("{}: {en}.", what.en), format!("{}: {es}.", what.es))
            }
            (_, Span::SameDay) => Words::new(
                format!("{}: no later than {}.", what.en, from.en),
                format!("{}: a más tardar {}.", what.es, from.es),
            ),
            (_, Span::NoonTheDayBefore) => Words::new(
                format!("{}: no later than noon of the day before {}.", what.en, from.en),
                format!("{}: a más tardar al mediodía del día anterior a {}.", what.es, from.es),
            ),
            _ => Words::new(
                format!("{}: within {} from {}.", what.en, span.en, from.en),
                format!("{}: en {} desde {}.", what.es, span.es, from.es),
            ),
        };
        if self.is_estimate() { rule.and(&estimate()) } else { rule }
    }

    pub(super) fn how(&self, counted: &Counted, known: &Known) -> Words {
        let (from, span) = (self.from_text, self.span.words());
        let Some(start) = counted.start else {
            return Words::new(
                format!(
                    "The notice itself names {} as the last day, and that date counts.",
                    long_date_en(counted.last_day)
                ),
                format!(
                    "El aviso mismo nombra el {} como último día, y esa fecha vale.",
                    long_date_es(counted.last_day)
                ),
            );
        };
        let (start_en, start_es) = (long_date_en(start), long_date_es(start));
        let counting = self.counting(known);
        match counted.basis {
            Basis::PresumedReceived => {
                let days = self.presumed_receipt_days;
                Words::new(
                    format!("{} from {}. A notice is taken to arrive {days} days after its date, so on {start_en};", span.en, from.en),
                    format!("{} desde {}. Se supone que un aviso llega {days} días después de su fecha, o sea el {start_es};", span.es, from.es),
                )
                .and(&counting)
            }
            Basis::DatedForReceived => Words::new(
                format!("{} from {}. That day is not known to me, so this is counted from the date on the letter, {start_en}, to be safe;", span.en, from.en),
                format!("{} desde {}. No conozco ese día, así que se cuenta desde la fecha de la carta, {start_es}, para estar seguros;", span.es, from.es),
            )
            .and(&counting),
            Basis::ReceivedForDated => Words::new(
                format!("{} from {}. That date is not known to me; counted from the day you got the letter, {start_en}, this is later than the true last day.", span.en, from.en),
                format!("{} desde {}. No conozco esa fecha; contado desde el día en que recibió la carta, {start_es}, esto es más tarde que el verdadero último día.", span.es, from.es),
            ),
            Basis::Printed | Basis::Dated | Basis::Received | Basis::Event => match self.span {
                Span::SameDay => Words::new(
                    format!("The last day is {}, {start_en}.", from.en),
                    format!("El último día es {}, {start_es}.", from.es),
                ),
                Span::NoonTheDayBefore => Words::new(
                    format!("Noon of the day before {}, {start_en}.", from.en),
                    format!("El mediodía del día anterior a {}, {start_es}.", from.es),
                ),
                _ => Words::new(
                    format!("{} from {}, {start_en};", span.en, from.en),
                    format!("{} desde {}, {start_es};", span.es, from.es),
                )
                .and(&counting),
            },
        }
    }

    fn counting(&self, known: &Known) -> Words {
        match self.span {
            Span::CalendarDays(_) => Words::new("the day after is day 1.", "el día siguiente es el día 1."),
            Span::BusinessDays(_) => Words::new(
                "weekends and federal holidays are not counted.",
                "no se cuentan fines de semana ni feriados federales.",
            ),
            Span::Months(_) => Words::new(
                "the same day of the month, or its last day if the month is shorter.",
                "el mismo día del mes, o el último si el mes es más corto.",
            ),
            Span::Hours(_) if known.time.is_some() => Words::new("counted by the clock.", "contadas por reloj."),
            Span::Hours(_) => Words::new(
                "the time of day is not known to me, so the whole last day is counted.",
                "no conozco la hora, así que se cuenta todo el último día.",
            ),
            Span::SameDay | Span::NoonTheDayBefore | Span::Usd(_) => Words::default(),
        }
    }

    pub(super) fn caution(&self, counted: &Counted) -> Words {
        let mut caution = Words::default();
        if counted.is_estimate {
            caution = caution.and(&estimate());
        } else if self.kind == Kind::FileBy && counted.basis != Basis::Printed && self.from != Event::Occurrence {
            caution = caution.and(&Words::new(
                "If your notice prints another last day, use that one.",
                "Si su aviso imprime otro último día, use ese.",
            ));
        }
        if counted.basis == Basis::ReceivedForDated {
            caution = caution.and(&Words::new(
                "Look for the date printed on the notice, and do not wait.",
                "Busque la fecha impresa en el aviso y no espere.",
            ));
        }
        let (last, safe) = (counted.last_day, counted.safe_day);
        if safe < last {
            let (safe_en, safe_es) = (long_date_en(safe), long_date_es(safe));
            caution = caution.and(&if is_closed(last) {
                Words::new(
                    format!("{} is a weekend day or a holiday, and what I have read does not say that the time then runs on: act by {}, {safe_en}.", long_date_en(last), weekday_en(safe)),
                    format!("El {} es fin de semana o feriado, y lo que he leído no dice que el plazo se alargue: hágalo a más tardar el {}, {safe_es}.", long_date_es(last), weekday_es(safe)),
                )
            } else {
                Words::new(
                    format!("To be safe, act by {}, {safe_en}.", weekday_en(safe)),
                    format!("Para estar seguro, hágalo a más tardar el {}, {safe_es}.", weekday_es(safe)),
                )
            });
        }
        if let Some(extended) = counted.with_extension {
            caution = caution.and(&Words::new(
                format!("With the extra days that are sometimes allowed it can be {}.", long_date_en(extended)),
                format!("Con los días extra que a veces se permiten puede ser el {}.", long_date_es(extended)),
            ));
        }
        caution
    }

    pub(super) fn what_now(&self, counted: &Counted, today: NaiveDate) -> Words {
        match (self.kind, counted.has_passed) {
            (Kind::DecidedWithin, false) => Words::new(
                "Write down this day. If there is no answer by then, call and ask.",
                "Anote este día. Si para entonces no hay respuesta, llame y pregunte.",
            ),
            (Kind::DecidedWithin, true) if counted.with_extension.is_some_and(|extended| today <= extended) => {
                Words::new(
                    "The answer is overdue, unless you were told in writing that it takes the extra days: call and ask.",
                    "La respuesta está atrasada, a menos que le hayan avisado por escrito que toman los días extra: llame y pregunte.",
                )
            }
            (Kind::DecidedWithin, true) => {
                let overdue = Words::new(
                    "The answer is overdue: call and ask for it.",
                    "La respuesta está atrasada: llame y pídala.",
                );
                self.if_late.map_or(overdue.clone(), |late| overdue.and(&late.into()))
            }
            (_, false) if matches!(self.span, Span::SameDay | Span::NoonTheDayBefore) => Words::new(
                "Call the number on the notice now; do not wait for the last hour.",
                "Llame ahora al número del aviso; no espere a la última hora.",
            ),
            (_, false) => Words::new(
                "Send it in good time, and keep a copy and a proof of the day you sent it.",
                "Mándelo con tiempo y guarde una copia y una prueba del día en que lo mandó.",
            ),
            (_, true) => {
                let late = self.if_late.map_or_else(|| self.ask_anyway(), Words::from);
                if counted.basis == Basis::DatedForReceived { late.and(&perhaps_in_time()) } else { late }
            }
        }
    }

    /// For rules whose text does not say what happens after the last day.
    fn ask_anyway(&self) -> Words {
        if self.tracks.contains(&Track::Commercial) {
            return Words::new(
                "The time seems to be over, and what I have read does not say whether a late request is taken. Ask anyway, say why you are late, and call your state’s Consumer Assistance Program or insurance department.",
                "El plazo parece haber terminado, y lo que he leído no dice si se acepta una solicitud tardía. Pídalo de todos modos, diga por qué llega tarde y llame al Programa de Asistencia al Consumidor o al departamento de seguros de su estado.",
            );
        }
        Words::new(
            "The time seems to be over, and what I have read does not say whether a late request is taken. Ask anyway, say why you are late, and call 1-800-MEDICARE (1-800-633-4227) or your SHIP (shiphelp.org).",
            "El plazo parece haber terminado, y lo que he leído no dice si se acepta una solicitud tardía. Pídalo de todos modos, diga por qué llega tarde y llame al 1-800-MEDICARE (1-800-633-4227) o a su SHIP (shiphelp.org).",
        )
    }
}

/// Counted from the date on a letter whose day of arrival would count.
fn perhaps_in_time() -> Words {
    Words::new(
        "If the letter took some days to reach you, you may still be in time: the days count from the day you got it.",
        "Si la carta tardó unos días en llegar, quizá todavía esté a tiempo: los días cuentan desde que la recibió.",
    )
}

fn estimate() -> Words {
    Words::new(
        "This is an estimate; use the date printed on your notice.",
        "Es una estimación; use la fecha impresa en su aviso.",
    )
}
