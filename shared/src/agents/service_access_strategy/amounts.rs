//! Which amounts of the year a question is about.

use std::sync::LazyLock;

use crate::agents::fold::Text;
use crate::agents::fold::phrases::{Phrases, WordSet};

type Keys = &'static [&'static str];

const SETS: &[WordSet] = &[
    ("b", "b"),
    ("much", "much cost costs price premium deductible pay amount high cuanto cuesta costo prima deducible pago"),
    ("day", "day days dia dias daily"),
];

const PATTERNS: &[(Keys, &str)] = &[
    (&["part_b_premium"], "part b premium|premiums|cost|costs|monthly|month"),
    (&["part_b_premium"], "premium|cost|pay|much ~4 part b"),
    (&["part_b_premium"], "prima|cuesta|pago ~5 parte b"),
    (&["part_b_deductible"], "part b ~2 deductible"),
    (&["part_b_deductible"], "deductible ~3 part b"),
    (&["part_b_deductible"], "deducible ~4 parte b"),
    (&["part_b_premium", "part_b_deductible"], "medicare cost|costs|premium|premiums"),
    (&["part_b_premium", "part_b_deductible"], "much ~3 medicare cost|costs"),
    (&["part_b_premium", "part_b_deductible"], "cuanto ~2 cuesta medicare"),
    (&["part_b_premium", "part_b_deductible"], "prima ~2 medicare"),
    (&["part_a_deductible"], "part a ~2 deductible"),
    (&["part_a_deductible"], "deductible ~3 part a"),
    (&["part_a_deductible"], "hospital deductible"),
    (&["part_a_deductible"], "deducible ~4 parte a"),
    (&["part_a_deductible"], "deducible ~3 hospital"),
    (&["part_a_premium_full", "part_a_premium_reduced"], "part a premium"),
    (&["part_a_premium_full", "part_a_premium_reduced"], "prima ~4 parte a"),
    (&["part_a_deductible", "hospital_days_61_90", "hospital_reserve_days"], "hospital ~6 @day"),
    (&["part_a_deductible", "hospital_days_61_90", "hospital_reserve_days"], "@day ~6 hospital"),
    (&["hospital_reserve_days"], "lifetime reserve"),
    (&["hospital_reserve_days"], "reserva de por vida"),
    (&["snf_days_21_100"], "@much ~8 nursing"),
    (&["snf_days_21_100"], "nursing ~6 @much"),
    (&["snf_days_21_100"], "cuanto ~6 enfermeria|asilo"),
    (&["part_d_cap"], "most ~6 drugs|prescriptions|medicines|pocket"),
    (&["part_d_cap"], "cap|limit|maximum ~5 drug|drugs|part|prescription"),
    (&["part_d_cap"], "drug|part d ~3 cap|limit|maximum"),
    (&["part_d_cap"], "donut hole"),
    (&["part_d_cap"], "catastrophic"),
    (&["part_d_cap"], "limite|maximo|tope ~5 medicinas|medicamentos|parte"),
    (&["part_d_cap"], "agujero de la dona"),
    (&["part_d_max_deductible"], "part d ~2 deductible"),
    (&["part_d_max_deductible"], "drug plan ~5 deductible"),
    (&["part_d_max_deductible"], "deductible ~4 drug|part plan|d"),
    (&["part_d_max_deductible"], "deducible ~4 medicinas"),
    (&["part_d_base_premium"], "national base"),
    (&["part_d_base_premium"], "part d ~2 penalty"),
    (&["part_d_base_premium"], "late enrollment penalty"),
    (&["part_b_premium"], "penalty ~6 part b"),
    (&["part_b_premium"], "multa ~6 parte b"),
    (&["part_d_base_premium"], "multa ~6 parte d"),
    (&["insulin_cap"], "insulin ~6 month|cost|costs|pay|price|cap|limit|really"),
    (&["insulin_cap"], "much|cost|pay|price|cap|limit ~5 insulin"),
    (&["insulin_cap"], "cuanto|cuesta|precio|limite ~4 insulina"),
    (&["irmaa_single", "irmaa_joint"], "irmaa"),
    (&["irmaa_single", "irmaa_joint"], "income ~6 premium|premiums|part"),
    (&["irmaa_single", "irmaa_joint"], "high|higher income"),
    (&["irmaa_single", "irmaa_joint"], "ingresos altos"),
    (&["extra_help_income_single", "extra_help_income_couple"], "income ~5 extra help"),
    (&["extra_help_income_single", "extra_help_income_couple"], "extra help ~3 income|limit|limits|qualify"),
    (&["extra_help_income_single", "extra_help_income_couple"], "ingreso* ~4 ayuda adicional"),
    (&["extra_help_generic", "extra_help_brand"], "extra help ~3 copay|copays|cost|costs|pay"),
    (&["medigap_high_deductible"], "high deductible medigap|plan|f|g"),
    (&["medigap_k_limit", "medigap_l_limit"], "medigap plan k|l"),
    (&["immuno_premium"], "immunosuppressive|transplant drug|drugs"),
    (&["glp1_bridge"], "glp|wegovy|zepbound bridge"),
    (&["glp1_bridge"], "glp 1"),
    (&["hearing_minimum"], "amount ~3 hearing"),
    (&["court_minimum"], "amount ~4 court"),
    (&["marketplace_oop_individual", "marketplace_oop_family"], "marketplace|obamacare ~5 out|maximum|limit"),
    (&["marketplace_oop_individual", "marketplace_oop_family"], "out of pocket ~6 marketplace|obamacare"),
];

static ASKED: LazyLock<Phrases<u16>> = LazyLock::new(|| {
    let numbered: Vec<(u16, &'static str)> =
        PATTERNS.iter().zip(0..).map(|((_, pattern), number)| (number, *pattern)).collect();
    Phrases::new(&numbered, SETS)
});

/// At most so many amounts are answered at once.
const MOST: usize = 4;

/// The keys of the amounts that a message asks about, in the table's order.
pub fn asked(message: &str) -> Vec<&'static str> {
    let text = Text::new(message);
    let mut hits: Vec<u16> = Vec::new();
    for sentence in text.sentences() {
        let words: Vec<&str> = sentence.iter().map(|(word, _)| *word).collect();
        hits.extend(ASKED.find(&words).into_iter().map(|hit| hit.tag));
    }
    hits.sort_unstable();
    let mut keys: Vec<&'static str> = Vec::new();
    for key in hits.into_iter().filter_map(|hit| PATTERNS.get(usize::from(hit))).flat_map(|(keys, _)| keys.iter()) {
        if !keys.contains(key) && keys.len() < MOST {
            keys.push(key);
        }
    }
    keys
}

fn has(message: &str, phrases: &[&str]) -> bool {
    crate::agents::fold::has_any(&crate::agents::fold::fold(message), phrases)
}

/// The words to explain beside the amounts.
pub(super) fn terms(message: &str) -> &'static [&'static str] {
    if has(message, &["donut hole", "agujero de la dona"]) {
        return &["donut hole"];
    }
    if has(message, &["penalty", "multa"]) { &["late enrollment penalty"] } else { &[] }
}

/// How a penalty is counted.
pub(super) fn penalty_facts(message: &str) -> &'static [&'static str] {
    if !has(message, &["penalty", "multa"]) {
        return &[];
    }
    if has(message, &["part d", "parte d", "drug*", "medicinas"]) { &["part-d-penalty"] } else { &["part-b-penalty"] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::amounts::amounts;

    #[test]
    fn every_key_is_that_of_an_amount() {
        assert_eq!(ASKED.rejected(), [""; 0]);
        for key in PATTERNS.iter().flat_map(|(keys, _)| keys.iter()) {
            assert!(amounts().iter().any(|amount| amount.key == *key), "{key}");
        }
    }

    #[test]
    fn the_amount_that_is_asked_about() {
        for (text, keys) in [
            ("What is the Part B premium in 2026?", &["part_b_premium"][..]),
            ("How much is the Part A deductible?", &["part_a_deductible"]),
            (
                "what do I pay for a hospital stay longer than 60 days on Medicare",
                &["part_a_deductible", "hospital_days_61_90", "hospital_reserve_days"],
            ),
            ("What is the most I can pay for drugs in 2026?", &["part_d_cap"]),
            ("Is insulin really $35 a month?", &["insulin_cap"]),
            ("¿Cuánto cuesta la prima de la Parte B?", &["part_b_premium"]),
            ("what's my copay", &[]),
            ("How much will I have to pay?", &[]),
        ] {
            assert_eq!(asked(text), keys, "{text}");
        }
    }
}
