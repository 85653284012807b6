//! Where people help, with the source of each number.
//!
//! Invariant: the lines for emergencies, for Medicare and for free counseling are compiled in, so that they are there
//! whatever else fails; the others, and the state table, are data.

use std::sync::LazyLock;

use serde::Deserialize;

use super::data::{Source, rows};
use super::words::{Text, Words};

/// A line that people can call or a place they can go.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct HelpLine {
    /// Its stable id.
    pub id: &'static str,
    /// How the reply names it.
    pub text: &'static str,
    /// The same in Spanish.
    pub text_es: &'static str,
    /// The number to call.
    pub phone: Option<&'static str>,
    /// The number for people who are hard of hearing.
    pub tty: Option<&'static str>,
    /// The web address, as people type it.
    pub web: Option<&'static str>,
    /// Where it was read.
    #[serde(flatten)]
    pub source: Source,
}

/// Medicare's own line.
pub const MEDICARE: HelpLine = HelpLine {
    id: "medicare",
    text: "Medicare: 1-800-MEDICARE (1-800-633-4227), day or night. TTY: 1-877-486-2048.",
    text_es: "Medicare: 1-800-MEDICARE (1-800-633-4227), de día o de noche. TTY: 1-877-486-2048.",
    phone: Some("1-800-633-4227"),
    tty: Some("1-877-486-2048"),
    web: Some("Medicare.gov"),
    source: Source {
        title: "Medicare & You 2026 (CMS 10050)",
        url: "https://www.medicare.gov/publications/10050-medicare-and-you.pdf",
        page: Some(107),
        verified: "2026-11-22",
    },
};

/// Free, unbiased counseling in every state.
pub const SHIP: HelpLine = HelpLine {
    id: "ship",
    text: "Free help near you: your State Health Insurance Assistance Program (SHIP). Find it at shiphelp.org.",
    text_es: "Ayuda gratis cerca de usted: el programa SHIP de su estado. Búsquelo en shiphelp.org.",
    phone: None,
    tty: None,
    web: Some("shiphelp.org"),
    source: Source {
        title: "Medicare & You 2026 (CMS 10050)",
        url: "https://www.medicare.gov/publications/10050-medicare-and-you.pdf",
        page: Some(14),
        verified: "2026-11-22",
    },
};

/// Emergencies and crises.
pub const CRISIS: HelpLine = HelpLine {
    id: "crisis",
    text: "Call 911 in a medical emergency. Call or text 988 if you think about hurting yourself.",
    text_es: "Llame al 911 en una emergencia médica. Llame o escriba al 988 si piensa en hacerse daño.",
    phone: Some("988"),
    tty: None,
    web: Some("988lifeline.org"),
    source: Source {
        title: "Your Medicare Benefits (CMS 10116)",
        url: "https://www.medicare.gov/publications/10116-your-medicare-benefits.pdf",
        page: Some(35),
        verified: "2026-11-22",
    },
};

/// A state's or territory's free counseling program.
#[derive(Debug, Deserialize)]
pub struct StateShip {
    /// The postal code, such as `TX`.
    pub state: &'static str,
    /// The state's name.
    pub name: &'static str,
    /// The same in Spanish.
    pub name_es: &'static str,
    /// The program's own name.
    pub program: &'static str,
    /// Its number.
    pub phone: &'static str,
    /// The number for people who are hard of hearing.
    pub tty: Option<&'static str>,
    /// A remark about the number.
    pub note: Option<Text>,
    /// Where it was read.
    #[serde(flatten)]
    pub source: Source,
}

impl StateShip {
    /// The line for the reply.
    pub fn words(&self) -> Words {
        let tty = self.tty.map(|tty| format!(" TTY: {tty}.")).unwrap_or_default();
        let words = Words::new(
            format!("Free Medicare help in {}, from {}: {}.{tty}", self.name, self.program, self.phone),
            format!("Ayuda gratis con Medicare en {}, de {}: {}.{tty}", self.name_es, self.program, self.phone),
        );
        self.note.map_or(words.clone(), |note| words.and(&note.into()))
    }
}

static LINES: LazyLock<Vec<HelpLine>> = LazyLock::new(|| {
    let mut lines = vec![CRISIS, MEDICARE, SHIP];
    lines.extend(rows::<HelpLine>(include_str!("data/help_lines.json")));
    lines
});

static STATES: LazyLock<Vec<StateShip>> = LazyLock::new(|| rows(include_str!("data/ship.json")));

/// Every line.
pub fn lines() -> &'static [HelpLine] {
    &LINES
}

/// The line with this id.
pub fn line(id: &str) -> Option<&'static HelpLine> {
    lines().iter().find(|line| line.id == id)
}

/// Every state's counseling program.
pub fn ships() -> &'static [StateShip] {
    &STATES
}

/// The counseling program of a state by its postal code or its name in English or Spanish, in any case.
pub fn ship(state: &str) -> Option<&'static StateShip> {
    let wanted = state.trim().to_lowercase();
    ships().iter().find(|ship| [ship.state, ship.name, ship.name_es].iter().any(|name| name.to_lowercase() == wanted))
}

/// The counseling program of the state that a folded text (between spaces) names; the longest name counts. Postal codes
/// are not looked for: `in`, `or`, `me` and `ok` are words.
pub fn ship_in(folded: &str) -> Option<&'static StateShip> {
    let named = |ship: &&StateShip| {
        let length = |name: &str| {
            let name = fold_name(name);
            folded.contains(&format!(" {name} ")).then_some(name.len())
        };
        length(ship.name).max(length(ship.name_es))
    };
    ships().iter().filter(|ship| named(ship).is_some()).max_by_key(|ship| named(ship))
}

/// The few accents and the point of the table, so that this module needs no Unicode tables.
fn fold_name(name: &str) -> String {
    let plain = name.to_lowercase().replace('á', "a").replace('é', "e").replace('í', "i").replace('ó', "o");
    plain.replace('.', " ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::fold::fold;

    #[test]
    fn the_table_has_every_state_of_the_handbook_once() {
        let mut codes: Vec<&str> = ships().iter().map(|ship| ship.state).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), 54, "50 states, D.C., Guam, Puerto Rico, Virgin Islands");
    }

    #[test]
    fn a_state_is_found_by_code_name_and_spanish_name() {
        for name in ["TX", "tx", " Texas", "texas"] {
            assert_eq!(ship(name).map(|ship| ship.phone), Some("1-800-252-9240"), "{name}");
        }
        assert_eq!(ship("Nueva York").map(|ship| ship.state), Some("NY"));
        assert!(ship("Atlantis").is_none());
    }

    #[test]
    fn a_state_is_found_in_a_sentence() {
        for (text, state) in [
            ("I live in West Virginia", Some("WV")),
            ("my mother in Virginia", Some("VA")),
            ("I'm in Arkansas", Some("AR")),
            ("We are in Washington, D.C.", Some("DC")),
            ("Washington state", Some("WA")),
            ("vivo en Pensilvania", Some("PA")),
            ("vivo en Nuevo México", Some("NM")),
            ("help me or not, ok", None),
        ] {
            assert_eq!(ship_in(&fold(text)).map(|ship| ship.state), state, "{text}");
        }
        for ship in ships() {
            for name in [ship.name, ship.name_es] {
                assert_eq!(ship_in(&fold(name)).map(|found| found.state), Some(ship.state), "{name}");
            }
        }
    }

    #[test]
    fn every_number_of_a_line_stands_in_its_words() {
        for line in lines() {
            for number in [line.phone, line.tty].into_iter().flatten().filter(|number| *number != "1-877-486-2048") {
                assert!(line.text.contains(number) && line.text_es.contains(number), "{}", line.id);
            }
        }
        assert_eq!(line("marketplace").and_then(|line| line.phone), Some("1-800-318-2596"));
        assert!(line("nobody").is_none());
    }

    #[test]
    fn a_note_about_a_number_is_said() {
        let said = ship("OK").expect("Oklahoma").words();
        assert!(said.en.ends_with("from others call 405-521-6628."), "{}", said.en);
    }
}
