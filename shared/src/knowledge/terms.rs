//! The words people meet in letters and bills, in plain language of our own.

/// One word and what it means.
#[derive(Clone, Copy, Debug)]
pub struct Term {
    /// The word, folded: lower case, no accents.
    pub word: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// The same in Spanish.
    pub meaning_es: &'static str,
}

/// The glossary.
pub const TERMS: [Term; 12] = [
    Term {
        word: "deductible",
        meaning: "A deductible is what you pay yourself before your plan starts to pay.",
        meaning_es: "El deducible es lo que usted paga antes de que su plan empiece a pagar.",
    },
    Term {
        word: "coinsurance",
        meaning: "Coinsurance is your share of a bill as a percent, for example 20 of every 100 dollars.",
        meaning_es: "El coseguro es su parte de una cuenta en porcentaje, por ejemplo 20 de cada 100 dólares.",
    },
    Term {
        word: "copay",
        meaning: "A copay is a fixed amount that you pay for a visit or a drug.",
        meaning_es: "El copago es una cantidad fija que usted paga por una visita o una medicina.",
    },
    Term {
        word: "premium",
        meaning: "A premium is what you pay each month to have the plan.",
        meaning_es: "La prima es lo que usted paga cada mes por tener el plan.",
    },
    Term {
        word: "eob",
        meaning: "An EOB (Explanation of Benefits) shows what was billed, what the plan paid and what you may owe. It is not a bill.",
        meaning_es: "La EOB (explicación de beneficios) muestra lo que cobraron, lo que pagó el plan y lo que usted puede deber. No es una factura.",
    },
    Term {
        word: "formulary",
        meaning: "A formulary is the list of drugs that a plan covers.",
        meaning_es: "El formulario es la lista de medicinas que el plan cubre.",
    },
    Term {
        word: "prior authorization",
        meaning: "Prior authorization means that the plan must say yes before you get the care. Your doctor's office asks for it.",
        meaning_es: "La autorización previa quiere decir que el plan debe decir que sí antes de la atención. La pide el consultorio de su médico.",
    },
    Term {
        word: "hmo",
        meaning: "An HMO is a plan that mostly pays for care by its own doctors. You often need a referral.",
        meaning_es: "Una HMO es un plan que paga sobre todo a sus propios médicos. Muchas veces se necesita una referencia.",
    },
    Term {
        word: "ppo",
        meaning: "A PPO is a plan that pays most for its own doctors, but also something for others. You rarely need a referral.",
        meaning_es: "Una PPO es un plan que paga más por sus propios médicos, pero también algo por otros. Casi nunca se necesita referencia.",
    },
    Term {
        word: "medigap",
        meaning: "Medigap is private insurance that pays part of what Original Medicare leaves to you.",
        meaning_es: "Medigap es un seguro privado que paga parte de lo que Medicare Original le deja a usted.",
    },
    Term {
        word: "appeal",
        meaning: "An appeal asks the plan, and later others, to look at a decision again. It is your right.",
        meaning_es: "Una apelación pide que el plan, y después otros, revisen una decisión. Es su derecho.",
    },
    Term {
        word: "network",
        meaning: "A network is the group of doctors and hospitals that a plan has contracts with.",
        meaning_es: "La red es el grupo de médicos y hospitales que tienen contrato con el plan.",
    },
];

/// The terms that a folded text asks about.
pub fn find(folded: &str) -> Vec<&'static Term> {
    TERMS.iter().filter(|term| folded.contains(&format!(" {} ", term.word))).take(2).collect()
}
