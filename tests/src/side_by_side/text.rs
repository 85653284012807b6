//! The texts of a turn, the same for every contestant: as varied as language, so that nothing is made small by compression
//! that would not be in use.

/// Bytes of a user's message.
pub(super) const MESSAGE_BYTES: usize = 200;
/// A request that takes the product's six steps, whatever stands after it.
const REQUEST: &str = "Medicare Advantage denied my MRI, letter dated 2026-10-02.";
/// Words that mean nothing to any step.
const WORDS: [&str; 16] = [
    "paper", "window", "garden", "kitchen", "river", "yellow", "bicycle", "wooden", "summer", "basket", "mountain",
    "quiet", "orange", "village", "pencil", "harbour",
];

/// The user's message of a turn; no two are equal.
pub(super) fn message(conversation: &str, turn: usize) -> String {
    let mut text = format!("{REQUEST} ({conversation}-{turn})");
    let mut random = Random(conversation.bytes().fold(turn as u64, |sum, byte| sum * 31 + u64::from(byte)));
    while text.len() < MESSAGE_BYTES {
        text.push(' ');
        text.push_str(WORDS[random.below(WORDS.len())]);
    }
    text.truncate(MESSAGE_BYTES - 1);
    text.push('.');
    text
}

/// Knuth's linear congruential generator: the same texts in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn messages_have_the_agreed_size_and_differ() {
        let turns = (1..=46).flat_map(|turn| ["a", "b", "k59"].map(|conversation| message(conversation, turn)));
        let all: Vec<String> = turns.collect();
        assert!(all.iter().all(|message| message.len() == MESSAGE_BYTES && message.starts_with(REQUEST)));
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }
}
