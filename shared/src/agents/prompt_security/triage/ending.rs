//! Care that a notice ends, and a stay in a hospital that is made one under observation: the review group (QIO) is called now.

use std::sync::LazyLock;

use chrono::NaiveDate;

use super::context::{Sentence, View, is_long_ago};
use super::deadline::{GENERAL_QUESTION, is_near, words};
use crate::agents::fold::phrases::Phrases;
use crate::knowledge::dates::{self, Role};

/// From so many days ago to so many ahead.
const NOTICED_DAYS: std::ops::RangeInclusive<i64> = -14..=60;

/// Whether care of a kind that a notice ends (a nursing facility, rehabilitation, home health, hospice) comes to its end, also
/// weeks ahead or days ago, or the notice itself came: the call is for now in any case.
pub(in crate::agents) fn ends_noticed_care(message: &View<'_>, today: NaiveDate) -> bool {
    if is_general(message) {
        return false;
    }
    let any = |test: &dyn Fn(&Sentence<'_>) -> bool| message.sentences.iter().any(test);
    let is_now = |sentence: &Sentence<'_>| !is_long_ago(&sentence.words);
    if any(&|sentence| NOTICE.is_in(&sentence.words) && is_now(sentence))
        && !any(&|sentence| BILLED.is_in(&sentence.words))
    {
        return true;
    }
    let has_date = || {
        let found = dates::find_all(message.source, today);
        let is_near = |date: NaiveDate| NOTICED_DAYS.contains(&(date - today).num_days());
        // No letter is dated in the future.
        let may_end = |found: &dates::Found| match found.role {
            Role::Birth => false,
            Role::Dated => found.date > today,
            _ => true,
        };
        found.iter().any(|found| may_end(found) && is_near(found.date))
    };
    let ends = |sentence: &Sentence<'_>| {
        CARE.is_in(&sentence.words)
            && ENDS.is_in(&sentence.words)
            && !NO_CARE.is_in(&sentence.words)
            && is_now(sentence)
    };
    // Without a day to count from (the route is chosen without one) the words alone decide.
    let has_notice = || any(&|sentence| A_NOTICE.is_in(&sentence.words));
    any(&ends) && (today == NaiveDate::MIN || has_notice() || has_date() || any(&|sentence| is_near(sentence, today)))
}

/// Whether somebody who lies in a hospital was made an outpatient under observation.
pub(in crate::agents) fn is_observed(message: &View<'_>) -> bool {
    let is_it = |sentence: &Sentence<'_>| OBSERVATION.is_in(&sentence.words) && !is_long_ago(&sentence.words);
    message.sentences.iter().any(is_it) && !is_general(message)
}

/// The same, while there is still time to ask for a review: nothing speaks of a bill or a stay that is over.
pub(in crate::agents) fn is_still_observed(message: &View<'_>) -> bool {
    let any = |patterns: &Phrases<()>| message.sentences.iter().any(|sentence| patterns.is_in(&sentence.words));
    is_observed(message) && any(&STILL_THERE) && !any(&BILLED)
}

fn is_general(message: &View<'_>) -> bool {
    message.sentences.iter().any(|sentence| GENERAL_QUESTION.is_in(&sentence.words))
        && !message.sentences.iter().any(|sentence| SOMEBODYS.is_in(&sentence.words))
}

/// Care of the kinds that a notice ends.
static CARE: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "skilled|snf|rehab|rehabilitation|hospice|corf|therapy|aide|aides",
        "nursing home|facility|care|center|services|place",
        "hospice services|care|benefit",
        "home health|care|nurse|nursing|visits",
        "nurse|nurses ~3 home|house",
        "hospicio|terapia|terapias|rehabilitacion|enfermeria|asilo|cuidados",
        "salud en el hogar",
        "enfermera|enfermeras ~5 casa|hogar",
        "agencia|ayudante|cuidadora ~8 casa|hogar",
    ])
});
static ENDS: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "end|ends|ending|ended|stop|stops|stopping|stopped|terminat*|discontinu*|cut|cuts|cutting",
        "drop|drops|dropping|dropped|discharg*|letting ~2 go",
        "last|final ~1 day",
        "done with|paying|covering",
        "no longer|more ~3 cover*|pay*|approv*|need*|qualif*",
        "wont|not|quit|quits ~2 pay|cover|paying|covering",
        "pay|pays|paying|cover|covers|covered ~3 until|till|thru|through|only",
        "out by|on|tomorrow|today",
        "termina|terminan|terminara|terminaran|termino|acaba|acaban|acabara|acabaran|cortan|cortar|suspenden|cancelan|vence",
        "ultimo dia",
        "ya no ~3 califica|cubre|cubren|paga|pagan|van",
        "paga|pagan|pagaran|cubre|cubren|cubriran ~3 hasta",
        "hasta el|aqui",
        "dejan|dejara|dejaran|deja de",
    ])
});
/// What ends without a notice, or what is no care.
static NO_CARE: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "last day|date to|for ~1 appeal|file|respond|enroll|sign",
        "job|coverage|insurance ~3 work|employer|cobra",
        "cobra",
    ])
});
/// The notice, by its names and number.
static NOTICE: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "nomnc",
        "notice of medicare non|noncoverage",
        "medicare notice of non|noncoverage",
        "notice of non coverage",
        "non coverage notice",
        "cms 10123|10124",
        "aviso ~3 no cobertura",
        "notificacion ~3 no cobertura",
    ])
});
/// A notice of any name.
static A_NOTICE: LazyLock<Phrases<()>> = LazyLock::new(|| words(&["notice|letter|paper|papers|aviso|carta|papel"]));
static BILLED: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "bill|bills|billed|eob|claim|claims|owe|charged|factura|cobran|cobraron|cuenta",
        "last year|month",
        "el ano|mes pasado",
    ])
});
static OBSERVATION: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "inpatient ~6 observation|outpatient",
        "chang*|switch*|moved|move|moving|downgrad*|reclassif*|convert*|put|placed|placing ~8 observation",
        "observation ~4 instead|rather ~3 inpatient|admitted",
        "not ~2 admitted|inpatient ~6 observation",
        "im|hes|shes|is|am|keeping|holding|are ~5 under|in|on|for|now observation",
        "says|said|say|saying ~6 observation",
        "change of status notice",
        "outpatient observation notice",
        "intern*|hospitaliz*|ingres*|paciente|admitid* ~8 observacion",
        "cambi*|pusieron|pasaron|tienen|movieron|dejaron ~8 observacion",
        "aviso ~2 cambio de estado|estatus",
    ])
});
static STILL_THERE: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "still|now|today|tonight|currently|just",
        "im|hes|shes|keeping|holding ~5 observation",
        "room|bed|upstairs",
        "sigue|siguen|hoy|ahora|todavia|cama|cuarto|esta",
    ])
});
/// Somebody's own case, whatever is asked about it.
static SOMEBODYS: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "my|our ~1 @kin|nurse|aide|therapy|notice|care|facility",
        "gave|handed|left|sent|mailed ~1 me|us|him|her|my",
        "i|we|he|she|they got|get|received|am|live",
        "mi|mis|nuestra|nuestro ~1 mama|papa|madre|padre|esposo|esposa|marido|abuel*|suegr*|herman*|ti*|hij*|terapia|enfermera",
        "me|nos|le|les dieron|dejaron|dio|entregaron|llego|mandaron",
    ])
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::prompt_security::triage::Message;

    fn ends(text: &str) -> bool {
        ends_noticed_care(&Message::new(text).view(), "2026-11-30".parse().expect("a date"))
    }

    #[test]
    fn every_pattern_can_be_read() {
        for list in [&CARE, &ENDS, &NO_CARE, &NOTICE, &A_NOTICE, &BILLED, &OBSERVATION, &STILL_THERE, &SOMEBODYS] {
            assert_eq!(list.rejected(), [""; 0]);
        }
    }

    #[test]
    fn care_that_a_notice_ends_is_found_in_other_words() {
        for text in [
            "I go to a CORF after my stroke. Medicare stops paying for my therapy on December 2, 2026.",
            "El hospicio dice que mi mamá ya no califica y que termina el jueves 3 de diciembre.",
            "mi suegra recibe terapia en la casa y el último día es el ocho de diciembre",
            "está en enfermería (SNF) y le pagan hasta el 9 de diciembre de 2026",
            "They left us a Notice of Medicare Non-Coverage",
        ] {
            assert!(ends(text), "{text}");
        }
        for text in [
            "What is a Notice of Medicare Non-Coverage?",
            "My COBRA ends December 31. Mom is in a nursing home.",
            "I got a bill for the nursing home after the notice of non coverage",
            "My Part D plan ends December 31",
        ] {
            assert!(!ends(text), "{text}");
        }
    }
}
