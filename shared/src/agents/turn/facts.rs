//! What a person has said of their situation.
//!
//! Invariants: every field is optional and new ones have a default, so that a stored state stays readable; what is said
//! later wins over what was said before; facts of one case (a denial, a bill) never count for another one.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::agents::patient_navigator::{Place, PlanType, Situation};
use crate::agents::task_requirements::things::is_exact;
use crate::knowledge::deadlines::Level;

/// What a case is about, where it decides which rules hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Care or its payment.
    Care,
    /// A medicine from a pharmacy.
    Drug,
    /// A medicine given by a doctor (Part B).
    PartBDrug,
    /// A hospital sends the person home.
    Discharge,
    /// An inpatient of a hospital was made an outpatient under observation.
    Observation,
    /// A nursing home, home health, rehabilitation or hospice service ends.
    CareEnds,
    /// The penalty for joining a drug plan late.
    Penalty,
    /// Extra Help.
    ExtraHelp,
    /// A decision of the Marketplace itself.
    Marketplace,
}

/// Why a plan said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Not medically necessary.
    NotNecessary,
    /// The provider is not in the network.
    OutOfNetwork,
    /// No prior authorization.
    NoApproval,
    /// Not a benefit of the plan.
    NotABenefit,
    /// Experimental.
    Experimental,
    /// Another drug comes first.
    StepTherapy,
    /// Not on the list of drugs.
    NotOnList,
    /// Papers are missing.
    PapersMissing,
}

/// Whether the care was given already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Care {
    /// It is still to come.
    Ahead,
    /// It was given; it is about paying.
    Had,
}

/// For whom the person asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Affected {
    /// The mother or grandmother.
    Mother,
    /// The father or grandfather.
    Father,
    /// Husband, wife, partner.
    Spouse,
    /// A child.
    Child,
    /// Somebody else.
    Other,
}

/// Which window to sign up, join or change somebody may have: finer than the navigator's situation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// The 65th birthday.
    Turning65,
    /// A job, or the coverage of one, ended or ends.
    LostJobCoverage,
    /// Other coverage ended or ends.
    LostCoverage,
    /// The time to choose COBRA, or to pay for it.
    Cobra,
    /// A child was born or adopted.
    Birth,
    /// Own coverage ended, and the spouse's job has a plan.
    SpousePlan,
    /// Medicaid ended or ends.
    LostMedicaid,
    /// A child gets too old for the parents' plan.
    Turning26,
    /// A move.
    Moved,
    /// The yearly time to change Medicare plans.
    OpenEnrollment,
    /// The yearly time to change Marketplace plans.
    MarketplaceEnrollment,
    /// In a Medicare Advantage plan, and wants out or another one.
    LeaveAdvantage,
    /// The first time was missed.
    Late,
    /// A Medigap policy.
    Medigap,
    /// Works on past 65.
    StillWorking,
    /// Has Medicaid or Extra Help.
    LowIncome,
}

/// What a kind of plan rests on, where the person did not name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanBasis {
    /// The need implies it, such as signing up at 65.
    Implied,
    /// "Medicare" was said and nothing else: Original Medicare, if no company's name is on the letter.
    MedicareAlone,
}

/// Facts of a person's situation.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Debug))]
#[serde(default)]
pub struct Facts {
    /// The kind of plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan_type: Option<PlanType>,
    /// What that rests on, when the person did not name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan_basis: Option<PlanBasis>,
    /// Where the person is.
    #[serde(skip_serializing_if = "Place::is_empty")]
    pub place: Place,
    /// The kind of doctor or place looked for, in words of our own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub specialty: Option<String>,
    /// What has changed in the person's life or coverage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub situation: Option<Situation>,
    /// The birth date; the second of the month when only the month is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// Whose coverage it is, when not the person's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affected: Option<Affected>,
    /// Why the person wants to sign up or change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occasion: Option<Occasion>,
    /// The day of that; where a job and its coverage end on two days, the coverage's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_date: Option<NaiveDate>,
    /// The day the job itself ended, where that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_end_date: Option<NaiveDate>,
    /// The date on the letter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice_date: Option<NaiveDate>,
    /// The day it arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_date: Option<NaiveDate>,
    /// The last day that it prints.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub printed_last_day: Option<NaiveDate>,
    /// The day the person sent the request or appeal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_date: Option<NaiveDate>,
    /// The day of the discharge, or the last day of the care.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date: Option<NaiveDate>,
    /// What it is about, in English if it is a word we know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The medicine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drug: Option<String>,
    /// What the case is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// Why the plan said no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// How far the case has come, beyond the first denial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Whether the care was given already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub care: Option<Care>,
    /// Whether waiting does harm, as the person or the doctor says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_urgent: Option<bool>,
    /// Whether the text of a letter or bill was given.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub has_document: bool,
}

impl Facts {
    /// These facts, completed by older ones: those of the person, and those of the case if it is the same.
    #[must_use]
    pub fn or(self, older: &Self) -> Self {
        if self.is_about_somebody_else(older) {
            return self;
        }
        let same_case = if self.is_another_case(older) { &Self::default() } else { older };
        let is_same_occasion = self.occasion.is_none_or(|now| older.occasion == Some(now));
        let plan_basis = if self.plan_type.is_some() { self.plan_basis } else { older.plan_basis };
        Self {
            plan_type: self.plan_type.or(older.plan_type),
            plan_basis,
            place: self.place.or(&older.place),
            specialty: self.specialty.or_else(|| older.specialty.clone()),
            situation: self.situation.or(older.situation),
            birth_date: self.birth_date.or(older.birth_date),
            affected: self.affected.or(older.affected),
            occasion: self.occasion.or(older.occasion),
            event_date: self.event_date.or(older.event_date.filter(|_| is_same_occasion)),
            job_end_date: self.job_end_date.or(older.job_end_date.filter(|_| is_same_occasion)),
            notice_date: self.notice_date.or(same_case.notice_date),
            received_date: self.received_date.or(same_case.received_date),
            printed_last_day: self.printed_last_day.or(same_case.printed_last_day),
            sent_date: self.sent_date.or(same_case.sent_date),
            end_date: self.end_date.or(same_case.end_date),
            service: more_exact(self.service, same_case.service.as_ref()),
            drug: self.drug.or_else(|| same_case.drug.clone()),
            subject: self.subject.or(same_case.subject),
            reason: self.reason.or(same_case.reason),
            level: self.level.or(same_case.level),
            care: self.care.or(same_case.care),
            is_urgent: self.is_urgent.or(same_case.is_urgent),
            has_document: self.has_document || same_case.has_document,
        }
    }

    /// Whether something was said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether they hold something that a question may have been about.
    pub fn answers_question(&self) -> bool {
        !self.is_empty()
    }

    /// What the case is about, as the person named it.
    pub fn thing(&self) -> Option<&str> {
        self.drug.as_deref().or(self.service.as_deref())
    }

    fn is_about_somebody_else(&self, older: &Self) -> bool {
        matches!((self.affected, older.affected), (Some(now), Some(before)) if now != before)
    }

    /// Another thing was named than before. A date alone corrects the date of the same case.
    fn is_another_case(&self, older: &Self) -> bool {
        let exact =
            |facts: &Self| facts.thing().filter(|thing| facts.drug.is_some() || is_exact(thing)).map(str::to_owned);
        matches!((exact(self), exact(older)), (Some(now), Some(before)) if now != before)
    }
}

/// "Claim" and "treatment" say less than "MRI".
fn more_exact(own: Option<String>, older: Option<&String>) -> Option<String> {
    match (own, older) {
        (Some(own), Some(older)) if !is_exact(&own) && is_exact(older) => Some(older.clone()),
        (own, older) => own.or_else(|| older.cloned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mri() -> Facts {
        Facts {
            plan_type: Some(PlanType::MedicareAdvantage),
            place: Place { state: Some("TX".into()), ..Place::default() },
            service: Some("MRI".into()),
            notice_date: "2026-10-02".parse().ok(),
            ..Facts::default()
        }
    }

    #[test]
    fn what_is_said_later_wins_and_the_rest_stays() {
        let corrected = Facts { notice_date: "2026-10-12".parse().ok(), ..Facts::default() }.or(&mri());
        assert_eq!(corrected, Facts { notice_date: "2026-10-12".parse().ok(), ..mri() });
    }

    #[test]
    fn the_date_of_one_letter_never_counts_for_another_denial() {
        let other = Facts { service: Some("wheelchair".into()), ..Facts::default() }.or(&mri());
        assert_eq!((other.notice_date, other.plan_type), (None, Some(PlanType::MedicareAdvantage)));
        assert_eq!(other.place.state.as_deref(), Some("TX"));
    }

    #[test]
    fn a_vague_word_is_the_same_case_and_an_exact_one_makes_it_clear() {
        let vague = Facts { service: Some("treatment".into()), ..Facts::default() }.or(&mri());
        assert_eq!((vague.service.as_deref(), vague.notice_date), (Some("MRI"), mri().notice_date));
        let claim = Facts { service: Some("claim".into()), ..mri() };
        let exact = Facts { service: Some("CT scan".into()), ..Facts::default() }.or(&claim);
        assert_eq!((exact.service.as_deref(), exact.notice_date), (Some("CT scan"), mri().notice_date));
    }

    #[test]
    fn facts_of_one_person_never_count_for_another() {
        let mine = Facts { affected: Some(Affected::Mother), ..mri() };
        let his = Facts { affected: Some(Affected::Spouse), ..Facts::default() }.or(&mine);
        assert_eq!(his.plan_type, None);
    }

    #[test]
    fn nothing_said_takes_no_room() {
        assert_eq!(serde_json::to_value(Facts::default()).expect("JSON"), serde_json::json!({}));
    }
}
