//! The building stones of a plan of action, each a name with its words in both languages.
//!
//! Invariants: the names are stored, the words are not; a line states no figure, no phone number, no coverage and no
//! promise, so that it needs no source (a test holds every line against the output check). `{service}` stands for what it
//! is about, `{plan}` for who decides.

mod actions;
mod others;

pub use actions::Action;
pub use others::{Obstacle, Opening, Paper, Script};

use crate::agents::Language;
use crate::knowledge::Text;

macro_rules! lines {
    ($(#[$doc:meta])* $name:ident { $($variant:ident: $en:literal, $es:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $(#[doc = $en] $variant,)* }

        impl super::Line for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)*];

            fn text(self) -> crate::knowledge::Text {
                match self { $(Self::$variant => crate::knowledge::Text { en: $en, es: $es },)* }
            }
        }
    };
}
use lines;

/// A line of a plan of action.
pub trait Line: Copy + 'static {
    /// Every line of this kind.
    const ALL: &'static [Self];

    /// Its words.
    fn text(self) -> Text;
}

/// What stands in the gaps of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slots {
    /// What it is about: `your MRI`, `this care`.
    pub service: String,
    /// Who decides: `your plan`, `Medicare`.
    pub plan: String,
}

impl Slots {
    /// The line's words, with the gaps filled.
    pub fn fill(&self, text: Text, language: Language) -> String {
        let filled = language.pick(text.en, text.es).replace("{service}", &self.service);
        filled.replace("{plan}", &self.plan)
    }
}
