//! Last days and windows in words, with the paths of their calendar files.

use chrono::NaiveDate;
use serde_json::Value;

use super::draft::Draft;
use crate::agents::DatedDeadline;
use crate::agents::regulatory::claims::Claim;
use crate::agents::service_access_strategy::{Deadline, Strategy, counted, known as known_around, known_of};
use crate::agents::turn::{Language, PlanBasis};
use crate::knowledge::deadlines::{Counted, Known, Rule, Track, rule as rule_by_id};
use crate::knowledge::windows::{Window, WindowState, fact};
use crate::knowledge::{long_date_en, long_date_es};

/// `October 2, 2026`, `2 de octubre de 2026`.
pub(super) fn long(date: NaiveDate, language: Language) -> String {
    match language {
        Language::En => long_date_en(date),
        Language::Es => long_date_es(date),
    }
}

/// The path of the calendar file for a day counted from these dates.
fn calendar(id: &str, known: &Known, language: Language) -> String {
    let dates = [
        ("dated", known.dated),
        ("received", known.received),
        ("event", known.event),
        ("printed", known.printed_last_day),
    ];
    let mut path = format!("/regulatory/deadlines/{id}/calendar?lang={}", language.pick("en", "es"));
    for (name, date) in dates {
        if let Some(date) = date {
            path.push_str(&format!("&{name}={date}"));
        }
    }
    if let Some(Value::String(plan)) = known.track.and_then(|track| serde_json::to_value(track).ok()) {
        path.push_str(&format!("&plan={plan}"));
    }
    path
}

/// The deadline of a plan, in a paragraph. The last day, how it was counted, what to be careful about, what to do.
pub(super) fn deadline(draft: &mut Draft<'_>, strategy: &Strategy) -> Option<Counted> {
    let deadline = strategy.deadline.as_ref()?;
    if !draft.supports(&format!("fact:{}", deadline.rule)) {
        return None;
    }
    let (rule, counted) = counted(deadline, &draft.facts, strategy.plan_type, draft.today)?;
    let day = long(counted.last_day, draft.language);
    let is_alone = strategy.plan.earliest.is_some() && draft.facts.plan_basis == Some(PlanBasis::MedicareAlone);
    let mut opening = if is_alone && !counted.has_passed {
        draft.pick(
            &format!("Only if Original Medicare itself decided, with no company's name on the letter, do you have until {day}."),
            &format!("Solo si decidió Medicare Original, sin nombre de compañía en la carta, tiene hasta el {day}."),
        )
    } else if counted.has_passed {
        draft.pick(
            &format!("The last day seems to have been {day}."),
            &format!("El último día parece haber sido el {day}."),
        )
    } else {
        draft.pick(&format!("Your last day: {day}."), &format!("Su último día: {day}."))
    };
    if counted.until.is_some() && counted.days_left == 0 {
        opening = draft.pick(
            &format!("Call by noon today, {day}, or at once if noon is over."),
            &format!("Llame antes del mediodía de hoy, {day}, o ya mismo si ya pasó."),
        );
    } else if counted.until.is_some() {
        opening = draft.pick(&format!("Call by noon on {day}."), &format!("Llame antes del mediodía del {day}."));
    }
    let how = draft.say(&counted.how);
    let parts = [
        draft.say(&rule.what.into()) + ".",
        draft.pick(&format!("How it is counted: {how}"), &format!("Cómo se cuenta: {how}")),
        draft.say(&counted.caution),
        draft.say(&counted.what_now),
    ];
    draft.paragraph(&opening);
    parts.iter().for_each(|part| draft.add(part));
    draft.cite(Claim::of_deadline(rule, &counted, strategy.plan_type.and_then(|plan| plan.track())));
    let known = known_of(deadline, &draft.facts, strategy.plan_type);
    dated(draft, rule, &counted, &known);
    Some(counted)
}

/// A counted last day, as clients show it; with a calendar file while it lies ahead.
fn dated(draft: &mut Draft<'_>, rule: &Rule, counted: &Counted, known: &Known) {
    let calendar = (!counted.has_passed).then(|| calendar(rule.id, known, draft.language));
    let how = draft.say(&counted.how);
    draft.deadline(DatedDeadline {
        rule: rule.id.to_owned(),
        source: format!("fact:{}", rule.id),
        last_day: counted.last_day,
        how,
        calendar,
    });
}

/// The earliest of the last days that are possible while the kind of plan is not sure.
pub(super) fn earliest(draft: &mut Draft<'_>, deadline: Option<&Deadline>) -> Option<()> {
    let deadline = deadline?;
    let rule = rule_by_id(&deadline.rule)?;
    let known = known_around(&draft.facts, rule.tracks.first().copied());
    let counted = rule.count(&known, draft.today).ok().filter(|counted| counted.last_day == deadline.last_day)?;
    let day = long(counted.last_day, draft.language);
    let is_alone = draft.facts.plan_basis == Some(PlanBasis::MedicareAlone);
    draft.paragraph(&match (is_alone, counted.has_passed) {
        (true, false) => draft.pick(
            &format!("To be safe, act by {day}. Is a company's name on the letter or on your card? Then a plan decided, and that is your last day."),
            &format!("Para estar seguro, hágalo a más tardar el {day}. ¿Está el nombre de una compañía en la carta o en su tarjeta? Entonces decidió un plan, y ese es su último día."),
        ),
        (true, true) => draft.pick(
            &format!("Is a company's name on the letter or on your card? Then a plan decided, and the last day seems to have been {day}. Ask anyway, today, and say why you are late."),
            &format!("¿Está el nombre de una compañía en la carta o en su tarjeta? Entonces decidió un plan, y el último día parece haber sido el {day}. Pídalo de todos modos, hoy, y diga por qué llega tarde."),
        ),
        (false, false) => draft.pick(
            &format!("Until the kind of plan is clear, act by {day}. That is the earliest last day I know of for these plans. If the letter prints an earlier date, use that one."),
            &format!("Mientras no esté claro el tipo de plan, hágalo a más tardar el {day}. Es el primer último día que conozco para estos planes. Si la carta imprime una fecha anterior, use esa."),
        ),
        (false, true) => draft.pick(
            &format!("For some kinds of plan the last day seems to have been {day}. Others give more time. Act today, and look at the kind of plan on your card."),
            &format!("Para algunos tipos de plan el último día parece haber sido el {day}. Otros dan más tiempo. Hágalo hoy, y mire el tipo de plan en su tarjeta."),
        ),
    });
    if counted.safe_day < counted.last_day && !counted.has_passed {
        draft.add(&draft.say(&counted.caution));
    }
    draft.cite(Claim::of_deadline(rule, &counted, rule.tracks.first().copied()));
    dated(draft, rule, &counted, &known);
    Some(())
}

/// The last day in a sentence, while something else is asked for.
pub(super) fn known(draft: &mut Draft<'_>, deadline: &Deadline) {
    let plan = draft.facts.plan_type;
    let Some((rule, counted)) = counted(deadline, &draft.facts, plan, draft.today) else { return };
    let day = long(counted.last_day, draft.language);
    draft.paragraph(&match counted.has_passed {
        false => draft.pick(&format!("Your last day to appeal: {day}."), &format!("Su último día para apelar: {day}.")),
        true => draft.pick(
            &format!("The last day to appeal seems to have been {day}. Ask anyway, and say why you are late."),
            &format!("El último día para apelar parece haber sido el {day}. Pídalo de todos modos y diga por qué llega tarde."),
        ),
    });
    let how = draft.say(&counted.how);
    draft.add(&how);
    draft.cite(Claim::of_deadline(rule, &counted, plan.and_then(|plan| plan.track())));
    let known = known_of(deadline, &draft.facts, plan);
    dated(draft, rule, &counted, &known);
}

/// Without a date: the kind of plan with fewer days, beside Original Medicare.
pub(super) fn shorter(draft: &mut Draft<'_>) {
    let Some(rule) = Rule::first_appeal(Track::MedicareAdvantage) else { return };
    let span = draft.say(&rule.span.words());
    draft.paragraph(&draft.pick(
        &format!("Is it Original Medicare, or is a company's name on the letter or on your card? With a company's plan you have {span} from the date on the letter; with Original Medicare more."),
        &format!("¿Es Medicare Original, o está el nombre de una compañía en la carta o en su tarjeta? Con el plan de una compañía tiene {span} desde la fecha de la carta; con Medicare Original, más."),
    ));
    draft.cite(Claim::of_rule(rule, Some(Track::MedicareAdvantage)));
}

/// A rule whose day is not known.
pub(super) fn rule(draft: &mut Draft<'_>, rule: &Rule) {
    if !draft.supports(&format!("fact:{}", rule.id)) {
        return;
    }
    draft.paragraph(&draft.say(&rule.summary()));
    draft.add(
        &draft.pick("If your notice prints a last day, use that one.", "Si su aviso imprime un último día, use ese."),
    );
    draft.cite(Claim::of_rule(rule, None));
}

/// A window that was counted, in a paragraph.
pub(super) fn window(draft: &mut Draft<'_>, window: &Window) {
    let (Some(fact), Some(claim)) = (fact(&window.id), Claim::of_window(window)) else { return };
    if !draft.supports(&claim.id) {
        return;
    }
    let (first, last) = (long(window.first_day, draft.language), long(window.last_day, draft.language));
    let what = draft.say(&fact.what.into());
    draft.paragraph(
        &draft.pick(&format!("{what}. From {first} to {last}."), &format!("{what}. Del {first} al {last}.")),
    );
    draft.add(&match window.state(draft.today) {
        WindowState::Upcoming { .. } => draft.pick("It has not begun yet.", "Todavía no empieza."),
        WindowState::Open { .. } => draft.pick("It is open now.", "Está abierto ahora."),
        WindowState::Closed { .. } => draft.pick(
            "It is over. Ask Medicare or the Marketplace if another time is open for you.",
            "Ya terminó. Pregunte a Medicare o al Mercado si tiene otro período.",
        ),
    });
    draft.add(&draft.say(&window.how));
    draft.add(&draft.say(&window.caution));
    let known = Known { printed_last_day: Some(window.last_day), ..Known::default() };
    let calendar = (window.last_day >= draft.today).then(|| calendar(&window.id, &known, draft.language));
    draft.deadline(DatedDeadline {
        rule: window.id.clone(),
        source: claim.id.clone(),
        last_day: window.last_day,
        how: draft.say(&window.how),
        calendar,
    });
    draft.cite(claim);
}
