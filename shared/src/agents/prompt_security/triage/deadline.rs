//! What must be done within days: a discharge, care that is not approved yet, a medicine that runs out, a last day.

use std::sync::LazyLock;

use chrono::NaiveDate;

use super::UrgentDeadline;
use super::context::{Sentence, View, is_long_ago};
use super::ending::is_observed;
use super::words::SETS;
use crate::agents::fold::phrases::Phrases;
use crate::knowledge::dates::{self, Precision, Role};

/// A date within this many days is near.
const NEAR_DAYS: i64 = 8;

/// What must be done within days, the gravest first.
pub(super) fn find(message: &View<'_>, today: NaiveDate) -> Option<UrgentDeadline> {
    let sentences = &message.sentences;
    let any = |test: &dyn Fn(&Sentence<'_>) -> bool| sentences.iter().any(test);
    let near = |sentence: &Sentence<'_>| is_near(sentence, today);
    let is_unapproved = any(&|sentence| UNAPPROVED.is_in(&sentence.words));
    let is_question = any(&|sentence| GENERAL_QUESTION.is_in(&sentence.words));
    let is_past = |sentence: &Sentence<'_>| is_long_ago(&sentence.words);

    if ends_care(message, today) {
        return Some(UrgentDeadline::Discharge);
    }
    if is_observed(message) {
        return Some(UrgentDeadline::Observation);
    }
    let is_due = |sentence: &Sentence<'_>| TREATMENT.is_in(&sentence.words) || DUE.is_in(&sentence.words);
    if is_unapproved && any(&|sentence| is_due(sentence) && near(sentence) && !HAPPENED.is_in(&sentence.words)) {
        return Some(UrgentDeadline::Treatment);
    }
    let runs_out =
        any(&|sentence| RUNS_OUT.is_in(&sentence.words) && !is_past(sentence) && !SUPPOSED.is_in(&sentence.words));
    if runs_out && (is_unapproved || any(&near) || any(&|sentence| PHARMACY.is_in(&sentence.words))) {
        return Some(UrgentDeadline::Supply);
    }
    let cannot_wait = any(&|sentence| CANNOT_WAIT.is_in(&sentence.words) && !is_past(sentence));
    let waits_in_vain = any(&|sentence| I_CANNOT_WAIT.is_in(&sentence.words)) && is_unapproved;
    if (cannot_wait || waits_in_vain) && !is_question {
        return Some(UrgentDeadline::CannotWait);
    }
    let last_day = any(&|sentence| {
        (LAST_DAY.is_in(&sentence.words) && near(sentence) && !is_past(sentence)) || DAYS_LEFT.is_in(&sentence.words)
    });
    last_day.then_some(UrgentDeadline::LastDay)
}

/// Whether a hospital, a nursing home or a service sends the person away, or coverage of it ends, within days.
pub(in crate::agents) fn ends_care(message: &View<'_>, today: NaiveDate) -> bool {
    let sentences = &message.sentences;
    let any = |test: &dyn Fn(&Sentence<'_>) -> bool| sentences.iter().any(test);
    let is_question = any(&|sentence| GENERAL_QUESTION.is_in(&sentence.words));
    let near = any(&|sentence| is_near(sentence, today));
    let sends_away = any(&|sentence| SENDS_AWAY.is_in(&sentence.words) && !is_long_ago(&sentence.words));
    let is_unready = any(&|sentence| UNREADY.is_in(&sentence.words));
    let wants_out = any(&|sentence| WANTS_OUT.is_in(&sentence.words) && !is_long_ago(&sentence.words));
    let has_place = any(&|sentence| PLACE.is_in(&sentence.words));
    let ends = any(&|sentence| {
        COVERAGE_ENDS.is_in(&sentence.words) && is_near(sentence, today) && !is_long_ago(&sentence.words)
    });
    let has_notice = any(&|sentence| NOTICE.is_in(&sentence.words) && !is_long_ago(&sentence.words));
    (sends_away && (near || (is_unready && !is_question)))
        || (wants_out && has_place && (near || is_unready))
        || ends
        || has_notice
}

pub(super) fn is_near(sentence: &Sentence<'_>, today: NaiveDate) -> bool {
    let has_digit = sentence.words.iter().any(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let by_date = || {
        let found = dates::find_all(&sentence.words.join(" "), today);
        let is_dated = |found: &&dates::Found| found.precision != Precision::Relative && found.role != Role::Dated;
        found.iter().filter(is_dated).any(|found| (0..=NEAR_DAYS).contains(&(found.date - today).num_days()))
    };
    (NEAR.is_in(&sentence.words) && !NOT_NEAR.is_in(&sentence.words)) || (has_digit && by_date())
}

pub(super) fn words(patterns: &[&'static str]) -> Phrases<()> {
    Phrases::plain(patterns, SETS)
}

static NEAR: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "today|tonight|tomorrow|tomorrows|todays|tmrw|tmr|tomorow|tommorow|tommorrow",
        "in|within|next|only|just|have|last @few|# more? day|days|hours|hrs",
        "in|within 24|48|72|36|12 hours|hrs",
        "in less? than? a day|week",
        "@few|# days|hours from? now|left|away|until|remaining",
        "this|coming|on|by|until|till|before|effective|next|for @weekday",
        "this week|morning|afternoon|evening|weekend",
        "next week",
        "by noon|midnight|5|five|tonight|morning",
        "at|before noon|midnight",
        "day after tomorrow",
        "end of the? day|week",
        "right away",
        "@weekday $",
        "@weekday morning|afternoon",
        "home|out|leave|leaves|ends|end|ending|stops|stop|is|are|starts|start|scheduled|over|due|discharged|discharge|release|closes|expires @weekday",
        "hoy|pasado",
        "manana",
        "en @few|# dias|horas",
        "este|esta|el|proximo|proxima @weekday|semana|noche|tarde",
        "esta|la proxima semana",
        "semana que viene",
        "proxima semana",
        "fin de semana",
        "@few|# dias mas",
        "quedan ~2 dias|horas|dosis|pastillas",
    ])
});
/// What only looks near.
static NOT_NEAR: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "last|since|every|each|past @weekday|week",
        "@weekday last",
        "el @weekday|semana pasado|pasada",
        "la semana pasada",
        "todos|cada ~1 @weekday|manana|dia",
        "every|each day",
        "days|hours later|ago",
        "por|de la manana",
    ])
});
pub(super) static GENERAL_QUESTION: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "^ can|could|may|is|are|does|do|would the? ~1 hospital|hospitals|plan|plans|they|insurance|nursing|facility|rehab|medicare",
        "^ what|whats ~2 is|are|observation|happens|means|rights",
        "^ how long|many|do|does|fast|soon|quickly|quick",
        "^ when can|do|does|should|must",
        "^ que es|significa|pasa|son",
        "^ cuanto|cuantos|puede|pueden",
        "what happens|if",
        "que pasa si",
    ])
});
static HAPPENED: LazyLock<Phrases<()>> =
    LazyLock::new(|| words(&["was|were|had in|on|last|done", "after my|the|his|her"]));
static SUPPOSED: LazyLock<Phrases<()>> = LazyLock::new(|| words(&["if|when|what i|my|it|happens|she|he", "si se|me"]));

/// A place sends somebody home.
static SENDS_AWAY: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "@facility ~8 discharg*|release*|releasing",
        "discharg* ~6 me|him|her|mom|dad|mother|father|husband|wife|@kin|us|from",
        "being|getting|be discharg*|released",
        "discharge is|date",
        "send|sends|sending|sent ~5 home",
        "kick|kicks|kicking|throw|throwing|push|pushing|force|forcing|put|putting|rush|rushing ~6 out",
        "@facility|they|doctor|nurse|plan|medicare|humana|aetna ~8 leave|out|home",
        "have|has|must|need|needs to leave",
        "told|making|make|makes|made ~5 leave|out|home",
        "leave|leaving|vacate the hospital|rehab|facility|nursing|snf",
        "dar|dan|dando|dieron|daran|darle|darme ~3 alta",
        "sale|salgo|salimos|saldra|salir ~3 hospital|asilo|rehabilitacion|clinica",
        "hospital|asilo|clinica|rehabilitacion ~8 irse|irme|salir|casa|sacar*|fuera|alta",
        "mandar|mandan|mandando|mandarme|mandarla|mandarlo|enviar* ~4 casa",
        "sacar|sacan|sacando|echar|echan|echando ~5 hospital|asilo|rehabilitacion|centro",
    ])
});
static WANTS_OUT: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&["want|wants|need ~4 out|gone|home", "quieren|quiere ~4 fuera|casa|vaya|salga|irse", "have|has to go home"])
});
static PLACE: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "hospital|rehab|rehabilitation|snf|facility|hospice|asilo|inpatient",
        "nursing home|facility|care|stay",
        "skilled nursing",
        "home health",
    ])
});
static UNREADY: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "not|isnt|arent|dont|doesnt|wasnt|hardly|never ~3 ready|safe|stable|strong|well|able|recovered|healed|better",
        "too soon|early|sick|weak|ill|fast|quickly",
        "cant|cannot|couldnt|unable|barely ~4 walk|stand|sit|get|breathe|eat|swallow|move|dress|climb|care|bathe",
        "still ~6 fever|pain|sick|weak|iv|infection|oxygen|bleeding|walk|dizzy|confused|hurts|needs",
        "before i|shes|hes|im|she|he|mom|dad ~2 ready|better|strong|able|well|walk",
        "todavia|aun no",
        "no ~2 lista|listo|puede|puedo|camina|segur*|bien",
        "muy|demasiado pronto|debil|enferm*",
    ])
});
/// Coverage of a stay or a service comes to its end.
static COVERAGE_ENDS: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "end|ends|ending|stop|stops|stopping|terminat*|cut|cuts|cutting|discontinu*|cancel*|pulling ~8 @care",
        "@care ~8 end|ends|ending|stop|stops|stopping|stopped|terminat*|cut|cuts|discontinu*|expire|expires|over|done",
        "@care ~6 drop|drops|dropping|dropped|releasing",
        "@care ~8 last|final ~1 day",
        "last|final ~2 day ~6 @care",
        "wont|no|not|quit|quits ~2 cover|pay|paying|covering|longer ~8 @care",
        "stop|stops|stopping|stopped|quit|quits|quitting|done paying|covering",
        "picking|pick|taking|take ~3 up|back|away ~4 oxygen|tank|bed|wheelchair|walker|ventilator|pump|machine|cpap",
        "oxygen|tank|bed|wheelchair|ventilator|pump|machine ~6 taken|picked|removed",
        "termina|terminan|terminara|acaba|acaban|cortan|cortar|corta|deja|dejan|dejara|suspenden|cancelan ~8 @care|pagar|cubrir",
        "@care ~8 termina|terminan|acaba|acaban|vence",
        "deja|dejan|dejara|dejaran de pagar|cubrir",
    ])
});
static NOTICE: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "got|get|gave|given|received|handed|signed|sent|have|has|served|gives|gotten ~6 noncoverage|nomnc",
        "got|get|gave|given|received|handed|signed|sent|have|has|served|gives|gotten ~6 medicare non coverage",
        "recibi|recibimos|dieron|entregaron|llego|dio ~6 no cobertura",
    ])
});
static TREATMENT: LazyLock<Phrases<()>> = LazyLock::new(|| words(&["@treatment"]));
static DUE: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&["need|needs|scheduled|supposed|due|starts|start ~8 by|before|on|for|to|tomorrow|today|next|in|this"])
});
static UNAPPROVED: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "hasnt|havent|hasent|isnt|not|never|didnt|wont|nobody|no|without|yet|arent|wasnt ~6 approv*|authoriz*|approval|ok|okayed|cleared|decided|answer*|yes|greenlight*|signed|responded|cover*",
        "approval|authorization|authorisation|auth|request|review|preauthorization|approved ~5 pending|waiting|yet|delayed|stuck|still|hold",
        "still|yet ~5 approv*|authoriz*|approval|pending|waiting|review|reviewing|decid*|decision|yes",
        "pending|waiting|wait|awaiting ~6 approv*|approval|authoriz*|authorization|auth|decision|plan|insurance|insurer|answer",
        "needs|need|requires|require|requiring|says|said|wants|want ~3 prior|pre|preauthorization|authorization|authorisation|auth|approval|step",
        "plan|insurance|insurer|humana|aetna|they ~6 # days|weeks|hours",
        "deny|denied|denies|denial|refus*|reject*|turned|cancel*",
        "said no",
        "decide|decision|decides|deciding",
        "plan|insurance|insurer|still|its|it ~3 pending|review|reviewing|hold",
        "no ~4 aprob*|aprueb*|autoriz*|contest*|respond*|decid*",
        "aprobacion|autorizacion",
        "neg* ~3 la|el|mi|cubrir",
        "negaron|nego|rechazaron|pendiente",
    ])
});
static RUNS_OUT: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "@medicine ~4 run|runs|running|ran ~1 out|low",
        "run|runs|running|ran ~2 out|low ~1 of ~4 @medicine",
        "run|runs|running|ran out tomorrow|today|tonight|in|this",
        "out of|my ~4 @medicine",
        "im|were|hes|shes|be out tonight|today|tomorrow|by|on|in",
        "last|final ~2 dose|pill|pills|inhaler|vial|refill|pen|tablet|patch",
        "only|just|have ~4 @few|# ~2 dose|doses|pill|pills|days|tablets|vials|pens|inhaler ~6 left|remaining",
        "@few|# days ~5 left",
        "dose|doses|pill|pills|tablets ~6 left",
        "@medicine ~4 gone|finished|empty",
        "have|got none|nothing left",
        "no me queda|quedan",
        "no ~1 more|medicine|medication|insulin|pills ~2 left|insulin|medicine|pills|medication",
        "acab*|termina|terminan|queda|quedan ~4 @medicine",
        "@medicine ~4 acab*|termina|terminan",
        "sin @medicine",
    ])
});
static PHARMACY: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&["pharmacy|pharmacist|refill|farmacia|cvs|walgreens|walmart", "prior|step auth|therapy|authorization"])
});
static CANNOT_WAIT: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "doctor|doctors|dr|doc|surgeon|oncologist|cardiologist|neurologist|specialist|physician|nurse ~8 cant|cannot|shouldnt|not|dont wait|delay",
        "doctor|doctors|dr|doc|surgeon|oncologist|cardiologist|neurologist|specialist|physician ~8 urgent|urgently|asap|immediately|emergent|stat",
        "doctor|doctors|dr|doc|surgeon|oncologist|cardiologist|specialist ~8 right away",
        "waiting|delay|delays|delaying|wait|waits ~6 could|can|will|would|may|might ~6 lose|harm|worse|worsen|danger*|permanent*|kill|cost|spread|blind|die|jeopard*|damage",
        "doctor|doctors|dr|oncologist|surgeon|cardiologist|specialist|medico|doctora ~1 says|said|dice ~6 need|needs|necesito ~5 now|immediately|today|right|ya|ahora",
        "cant|cannot wait that|14|#|two|three|so|any|weeks|until|till|for|longer|another|a ~3 long|days|weeks|longer|week|month|months|decision|approval|appeal|review|hours",
        "need|needs|want|wants|request|requesting|ask|asking|file|filing ~4 expedited|fast|fasttrack|rapid|urgent|emergency appeal|decision|review|determination|reconsideration|exception|redetermination",
        "life threatening|or death",
        "doctor|medico|cirujano|oncologo|doctora ~8 no puedo|puede|debo|debe esperar",
        "doctor|medico|cirujano|oncologo|doctora ~8 urgente|inmediat*",
        "no puedo|puede|podemos esperar",
        "esperar ~8 perder|peligro*|dano|empeorar|morir|grave",
        "necesito|quiero|pido|pedir ~3 apelacion|decision|revision rapida|urgente|acelerada",
    ])
});
static I_CANNOT_WAIT: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&["i|he|she|we|mom|dad|who cant|cannot wait $", "cant|cannot wait ~1 that|any long|longer", "its|is urgent"])
});
static LAST_DAY: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "last|final day",
        "deadline|deadlines|due|cutoff|expires|expire|expiring",
        "window|period|enrollment|time|chance|election ~4 closes|close|ends|end|expires|over|up",
        "have|has|got until|till",
        "must|have|has|need|needs|supposed ~2 appeal|respond|file|reply|answer|enroll|send|submit|fax|mail|sign|return",
        "to|can appeal|respond|file|reply|enroll ~4 by|before|within",
        "appeal|hearing|response|paperwork|form|forms ~5 by|before|due|is|in",
        "ultimo dia",
        "plazo|fecha ~4 vence|termina|limite|es|acaba",
        "vence|vencen",
        "tengo|tenemos|debo ~3 hasta|antes",
    ])
});
static DAYS_LEFT: LazyLock<Phrases<()>> = LazyLock::new(|| {
    words(&[
        "only|just ~3 @few|# ~1 day|days|hours left|remaining ~2 to|for|on ~3 appeal|respond|file|enroll|fight|reply|send",
        "only|just have? ~2 @few|# more? day|days|hours to appeal|respond|file|enroll|fight|reply|send|ask|request|dispute|challenge",
        "have|got|with @few|# days|hours left to|for|on ~3 appeal|respond|file|enroll|fight|reply",
        "quedan ~3 dias|horas para apelar|responder|inscribir*",
    ])
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_can_be_read() {
        for list in [
            &NEAR,
            &NOT_NEAR,
            &GENERAL_QUESTION,
            &HAPPENED,
            &SUPPOSED,
            &SENDS_AWAY,
            &WANTS_OUT,
            &PLACE,
            &UNREADY,
            &COVERAGE_ENDS,
            &NOTICE,
            &TREATMENT,
            &DUE,
            &UNAPPROVED,
            &RUNS_OUT,
            &PHARMACY,
            &CANNOT_WAIT,
            &I_CANNOT_WAIT,
            &LAST_DAY,
            &DAYS_LEFT,
        ] {
            assert_eq!(list.rejected(), [""; 0]);
        }
    }
}
