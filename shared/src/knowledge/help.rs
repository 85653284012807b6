//! Where people help, with the source of each number.

use super::Source;

/// A line that people can call or a place they can go.
#[derive(Clone, Copy, Debug)]
pub struct HelpLine {
    /// How the reply names it.
    pub text: &'static str,
    /// The same in Spanish.
    pub text_es: &'static str,
    /// Where it was read.
    pub source: Source,
}

/// Medicare's own line.
pub const MEDICARE: HelpLine = HelpLine {
    text: "Medicare: 1-800-MEDICARE (1-800-633-4227), day or night. TTY: 1-877-486-2048.",
    text_es: "Medicare: 1-800-MEDICARE (1-800-633-4227), de día o de noche. TTY: 1-877-486-2048.",
    source: Source {
        title: "Medicare Appeals (CMS 11525)",
        url: "https://www.medicare.gov/publications/11525-medicare-appeals.pdf",
        page: Some(9),
        verified: "2026-11-22",
    },
};

/// Free, unbiased counselling in every state.
pub const SHIP: HelpLine = HelpLine {
    text: "Free help near you: your State Health Insurance Assistance Program (SHIP). Find it at shiphelp.org.",
    text_es: "Ayuda gratis cerca de usted: el programa SHIP de su estado. Búsquelo en shiphelp.org.",
    source: Source {
        title: "Medicare & You 2026 (CMS 10050)",
        url: "https://www.medicare.gov/publications/10050-medicare-and-you.pdf",
        page: Some(14),
        verified: "2026-11-22",
    },
};

/// Emergencies and crises.
pub const CRISIS: HelpLine = HelpLine {
    text: "Call 911 in a medical emergency. Call or text 988 if you think about hurting yourself.",
    text_es: "Llame al 911 en una emergencia médica. Llame o escriba al 988 si piensa en hacerse daño.",
    source: Source {
        title: "Your Medicare Benefits (CMS 10116)",
        url: "https://www.medicare.gov/publications/10116-your-medicare-benefits.pdf",
        page: Some(35),
        verified: "2026-11-22",
    },
};
