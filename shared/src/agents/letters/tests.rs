use super::*;
use crate::agents::turn::Reason;

fn facts() -> Facts {
    Facts {
        plan_type: Some(PlanType::MedicareAdvantage),
        notice_date: "2026-10-02".parse().ok(),
        service: Some("wheelchair".into()),
        reason: Some(Reason::NotNecessary),
        ..Facts::default()
    }
}

#[test]
fn a_request_for_a_letter_is_one_and_a_letter_is_none() {
    let appeal = Some(Need::Appeal);
    for (text, last, kind) in [
        ("write me the letter", appeal, Some(LetterKind::Appeal)),
        ("Can you draft the appeal letter for me?", None, Some(LetterKind::Appeal)),
        ("escríbame la carta", appeal, Some(LetterKind::Appeal)),
        ("hágame un borrador de la carta, por favor", None, Some(LetterKind::Appeal)),
        ("write a letter to ask for my claim file", appeal, Some(LetterKind::Records)),
        ("draft a prior authorization request", None, Some(LetterKind::PriorAuthorization)),
        ("please write the letter", Some(Need::PriorAuthorization), Some(LetterKind::PriorAuthorization)),
        ("I got a letter that says no", appeal, None),
        ("me escribieron una carta", appeal, None),
        ("What does the letter mean?", appeal, None),
    ] {
        assert_eq!(requested(text, last), kind, "{text}");
    }
}

#[test]
fn a_pasted_notice_that_says_to_write_is_no_request() {
    let notice = "We have denied your request. You may write a letter to appeal. ".repeat(12);
    assert_eq!(requested(&notice, None), None);
    let asked = format!("{notice} Can you write the letter for me?");
    assert_eq!(requested(&asked, None), Some(LetterKind::Appeal));
}

#[test]
fn the_facts_are_filled_in_and_nothing_is_invented() {
    let letter = draft(LetterKind::Appeal, &facts(), Language::En);
    for text in [
        "DRAFT",
        "October 2, 2026",
        "wheelchair",
        "not medically necessary",
        "[YOUR FULL NAME]",
        "[PLAN NAME], Appeals",
    ] {
        assert!(letter.contains(text), "{text}\n{letter}");
    }
    assert!(!letter.contains("fast"), "nothing was said of urgency");
    let spanish = draft(LetterKind::Appeal, &facts(), Language::Es);
    for text in ["BORRADOR", "2 de octubre de 2026", "silla de ruedas", "[SU NOMBRE COMPLETO]"] {
        assert!(spanish.contains(text), "{text}\n{spanish}");
    }
    let empty = draft(LetterKind::Appeal, &Facts::default(), Language::En);
    assert!(empty.contains("[DATE ON THE LETTER]") && empty.contains("[COPY THE REASON FROM THE LETTER]"));
}

#[test]
fn the_letter_goes_to_whom_decides() {
    let to = |facts: Facts| {
        let letter = draft(LetterKind::Appeal, &facts, Language::En);
        letter.lines().find(|line| line.starts_with("To: ")).expect("an addressee").to_owned()
    };
    let of = |plan| Facts { plan_type: Some(plan), ..facts() };
    assert!(to(of(PlanType::OriginalMedicare)).contains("MAC"));
    assert!(to(of(PlanType::PartD)).contains("DRUG PLAN"));
    assert!(to(of(PlanType::Employer)).contains("INSURANCE COMPANY"));
    assert!(to(of(PlanType::Medicaid)).contains("MEDICAID"));
    assert!(to(Facts { level: Some(Level::Second), ..of(PlanType::Employer) }).contains("EXTERNAL REVIEWER"));
    assert!(to(Facts { level: Some(Level::Second), ..of(PlanType::OriginalMedicare) }).contains("QIC"));
    assert!(to(Facts { subject: Some(Subject::Marketplace), ..facts() }).contains("Marketplace Appeals Center"));
}

#[test]
fn an_urgent_letter_says_so_and_one_for_a_mother_too() {
    let facts = Facts { is_urgent: Some(true), affected: Some(Affected::Mother), ..facts() };
    let letter = draft(LetterKind::Appeal, &facts, Language::En);
    assert!(letter.contains("expedited") && letter.contains("I write for my mother."), "{letter}");
}

#[test]
fn every_kind_is_marked_as_a_draft_in_both_languages() {
    for kind in [LetterKind::Appeal, LetterKind::PriorAuthorization, LetterKind::Records] {
        assert!(draft(kind, &facts(), Language::En).starts_with("DRAFT."));
        assert!(draft(kind, &facts(), Language::Es).starts_with("BORRADOR."));
    }
}
