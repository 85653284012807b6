//! A plan of action in words.

use super::dates;
use super::draft::{Draft, Medicare, Numbered};
use super::safety::Answers;
use super::topics;
use crate::agents::patient_navigator::PlanType;
use crate::agents::regulatory::claims::Claim;
use crate::agents::service_access_strategy::{Line, Obstacle, Opening, Plan, Slots, Strategy, windows};
use crate::agents::task_requirements::{Need, things};
use crate::agents::turn::{Facts, Language, PlanBasis};
use crate::agents::{Evidence, ResponseType, StepInput, Urgency};
use crate::knowledge::amounts::{Standing, stated, stated_for};
use crate::knowledge::deadlines::{Kind, Known, Rule, rule as rule_by_id};
use crate::knowledge::glossary::terms;

/// What stands in the gaps of the lines: never the person's own words.
pub(super) fn slots(facts: &Facts, language: Language) -> Slots {
    let known = facts.service.as_deref().and_then(things::named);
    let service = match (&facts.drug, known, language, facts.affected) {
        (Some(drug), ..) => drug.clone(),
        (None, Some(service), Language::En, None) => format!("your {}", service.en),
        (None, Some(service), Language::En, Some(_)) => format!("the {}", service.en),
        (None, Some(service), Language::Es, _) => format!("{} {}", your_es(service.es), service.es),
        (None, None, Language::En, _) => "this care".to_owned(),
        (None, None, Language::Es, _) => "esta atención".to_owned(),
    };
    let plan = match (facts.plan_type, language) {
        (Some(PlanType::OriginalMedicare), _) => "Medicare",
        (Some(PlanType::Medicaid), _) => "Medicaid",
        (_, Language::En) => "your plan",
        (_, Language::Es) => "su plan",
    };
    Slots { service, plan: plan.to_owned() }
}

/// “Su” or “sus”, by the name's first word: “sus lentes”, but “su silla de ruedas” and “su diálisis”.
fn your_es(name: &str) -> &'static str {
    let first = name.split(' ').next().unwrap_or_default();
    if first.ends_with('s') && !first.ends_with("is") { "sus" } else { "su" }
}

/// The reply for a plan of action.
pub(super) fn plan<'a>(input: &'a StepInput<'a>, strategy: &Strategy, language: Language) -> Draft<'a> {
    let plan = &strategy.plan;
    let mut draft = Draft::new(input, language);
    let slots = slots(&draft.facts, language);
    if plan.need.is_none_or(|need| need == Need::Unclear)
        && let Some(talk) = topics::reply(input, language)
    {
        return talk;
    }
    draft.reply.response_type = ResponseType::Guidance;
    draft.reply.urgency = match (plan.is_urgent, &strategy.deadline) {
        (true, _) => Urgency::Urgent,
        (false, Some(_)) => Urgency::Soon,
        (false, None) => Urgency::Routine,
    };
    topics::notices(&mut draft);
    let quotes = input.state.regulatory.as_ref().map(|findings| findings.quotes.as_slice()).unwrap_or_default();
    let opening = match plan.opening {
        Some(Opening::Coverage | Opening::CoverageMedicare | Opening::Costs) if !quotes.is_empty() => {
            Some(Opening::CoverageRead)
        }
        other => other,
    };
    // Care that ends: the call comes first, whatever is not known.
    let is_guess = matches!(plan.need, Some(Need::HumanHelp | Need::Privacy))
        && input.state.analysis.as_ref().is_some_and(|analysis| analysis.confidence_percent < SURE_PERCENT);
    // Nothing was given that could be read.
    let is_unread = plan.need == Some(Need::Document) && !draft.facts.has_document;
    if is_guess || is_unread || (plan.need != Some(Need::FastAppeal) && is_unsure(plan, opening)) {
        draft.answers = Answers::No;
    }
    draft.add(&slots.fill(opening.unwrap_or(Opening::Appeal).text(), language));
    quotes.iter().for_each(|quote| add_quote(&mut draft, quote));
    // "Medicare" and nothing else: the earlier day first.
    let is_alone = draft.facts.plan_basis == Some(PlanBasis::MedicareAlone);
    if is_alone {
        dates::earliest(&mut draft, plan.earliest.as_ref());
    }
    if dates::deadline(&mut draft, strategy).is_none() {
        plan.rule.as_deref().and_then(rule_by_id).into_iter().for_each(|rule| dates::rule(&mut draft, rule));
        if is_alone && plan.rule.is_some() && plan.need == Some(Need::Appeal) {
            dates::shorter(&mut draft);
        }
    }
    if !is_alone {
        dates::earliest(&mut draft, plan.earliest.as_ref());
    }
    amounts(&mut draft, strategy);
    for window in windows(&draft.facts.clone(), draft.today) {
        if plan.windows.iter().any(|(id, last_day)| *id == window.id && *last_day == window.last_day) {
            dates::window(&mut draft, &window);
        }
    }
    windows_in_general(&mut draft, strategy);
    steps(&mut draft, strategy, &slots);
    afterwards(&mut draft, strategy);
    let watch: Vec<String> = plan.obstacles.iter().map(|line| slots.fill(line.text(), language)).collect();
    draft.list(&draft.pick("Good to know:", "Bueno saber:"), &watch, Numbered::No);
    explain(&mut draft, strategy);
    let lines: Vec<&str> = plan.lines.iter().map(String::as_str).collect();
    draft.help(&lines, medicare(&draft.facts, plan.need));
    draft
}

/// With less than this, in percent, what a message is about was guessed.
const SURE_PERCENT: u8 = 90;

/// Whether a plan begins by saying that it does not know, or asks for a fact.
fn is_unsure(plan: &Plan, opening: Option<Opening>) -> bool {
    let begins_unsure = matches!(
        opening,
        Some(Opening::Unclear | Opening::Coverage | Opening::CoverageMedicare | Opening::Costs | Opening::FindProvider)
    );
    let asks = |obstacle: &Obstacle| {
        matches!(
            obstacle,
            Obstacle::NoPlanKind
                | Obstacle::NoNoticeDate
                | Obstacle::NoSituation
                | Obstacle::NoEventDate
                | Obstacle::NoState
                | Obstacle::NoService
        )
    };
    begins_unsure || plan.obstacles.iter().any(asks)
}

/// Medicare's help is of no use for a plan of another kind.
pub(super) fn medicare(facts: &Facts, need: Option<Need>) -> Medicare {
    match (facts.plan_type, need) {
        (_, Some(Need::Privacy)) => Medicare::No,
        (_, Some(Need::HumanHelp | Need::FinancialHelp | Need::Fraud | Need::Enrollment)) => Medicare::Yes,
        (Some(PlanType::Employer | PlanType::Marketplace | PlanType::Medicaid), _) => Medicare::No,
        _ => Medicare::Yes,
    }
}

/// A sentence of an official text, with its name.
pub(super) fn add_quote(draft: &mut Draft<'_>, quote: &Evidence) {
    let claim = Claim::of_passage(quote);
    let (title, sentence) = (claim.title(), quote.excerpt.trim());
    let text = match draft.language {
        Language::En => format!("{title}: “{sentence}”"),
        Language::Es => format!("{title} (en inglés): “{sentence}”"),
    };
    draft.paragraph(&text);
    draft.cite(claim);
}

fn amounts(draft: &mut Draft<'_>, strategy: &Strategy) {
    let plan = &strategy.plan;
    for key in &plan.amounts {
        let standing = match plan.year {
            Some(year) => stated_for(key, year, draft.today),
            None => stated(key, draft.today),
        };
        let Some(standing) = standing else { continue };
        let claim = match standing {
            Standing::Stated(amount) if draft.supports(&format!("fact:amount-{key}")) => Some(Claim::of_amount(amount)),
            Standing::Stated(_) => None,
            Standing::Withheld { .. } => Claim::of_pointer(key, &standing),
        };
        if let Some(claim) = claim {
            draft.paragraph(&draft.say(&standing.words()));
            draft.cite(claim);
        }
    }
}

fn windows_in_general(draft: &mut Draft<'_>, strategy: &Strategy) {
    for id in &strategy.plan.window_facts {
        if let Some(claim) = draft.claim(&format!("fact:window-{id}")) {
            draft.paragraph(&draft.say(&claim.words));
            draft.cite(claim);
        }
    }
}

fn steps(draft: &mut Draft<'_>, strategy: &Strategy, slots: &Slots) {
    let plan = &strategy.plan;
    let steps: Vec<String> = plan.actions.iter().map(|action| slots.fill(action.text(), draft.language)).collect();
    draft.list(&draft.pick("What to do:", "Qué hacer:"), &steps, Numbered::Yes);
    draft.reply.next_steps = steps;
    if let Some(script) = plan.script {
        let words = slots.fill(script.text(), draft.language);
        draft.paragraph(
            &draft.pick(&format!("On the phone, ask: {words}"), &format!("Por teléfono, pregunte: {words}")),
        );
    }
    let papers: Vec<String> = plan.papers.iter().map(|paper| slots.fill(paper.text(), draft.language)).collect();
    if !papers.is_empty() {
        let papers = papers.join("; ");
        draft.paragraph(&draft.pick(&format!("Have ready: {papers}."), &format!("Tenga a mano: {papers}.")));
    }
}

/// When the other side must answer, and what comes after another no.
fn afterwards(draft: &mut Draft<'_>, strategy: &Strategy) {
    let plan = &strategy.plan;
    let rules = |draft: &Draft<'_>, ids: &[String]| -> Vec<&'static Rule> {
        ids.iter().filter_map(|id| rule_by_id(id)).filter(|rule| draft.supports(&format!("fact:{}", rule.id))).collect()
    };
    let mut answers: Vec<String> = Vec::new();
    for rule in rules(draft, &plan.answers) {
        answers.push(draft.say(&rule.summary()));
        let track = strategy.plan_type.and_then(|plan| plan.track());
        if let Some(sent) = draft.facts.sent_date
            && let Ok(counted) = rule.count(&Known { event: Some(sent), track, ..Known::default() }, draft.today)
        {
            let (sent, due) = (dates::long(sent, draft.language), dates::long(counted.last_day, draft.language));
            answers.push(draft.pick(
                &format!("If they got it on {sent}, the answer is due by {due}."),
                &format!("Si lo recibieron el {sent}, deben responder a más tardar el {due}."),
            ));
            answers.push(draft.say(&counted.what_now));
            draft.cite(Claim::of_deadline(rule, &counted, track));
        } else {
            draft.cite(Claim::of_rule(rule, track));
        }
    }
    draft.list(&draft.pick("The answer:", "La respuesta:"), &answers, Numbered::No);
    let mut fallbacks: Vec<String> = Vec::new();
    for rule in rules(draft, &plan.fallbacks) {
        let notes = rule.notes.filter(|_| rule.kind == Kind::DecidedWithin);
        let words = notes.map_or_else(|| rule.summary(), |notes| rule.summary().and(&notes.into()));
        fallbacks.push(draft.say(&words));
        draft.cite(Claim::of_rule(rule, strategy.plan_type.and_then(|plan| plan.track())));
    }
    draft.list(&draft.pick("If the answer is no again:", "Si la respuesta es no otra vez:"), &fallbacks, Numbered::No);
}

fn explain(draft: &mut Draft<'_>, strategy: &Strategy) {
    let words = &strategy.plan.terms;
    for term in terms().iter().filter(|term| words.iter().any(|word| word == term.word)) {
        let claim = Claim::of_term(term);
        if draft.supports(&claim.id) {
            draft.paragraph(&draft.say(&claim.words));
            draft.cite(claim);
        }
    }
}
