//! The words that a password must not be made of although no list of common passwords has them: the product's words,
//! and those of the person who chooses it (NIST SP 800-63B-4, 3.1.1.2: "context-specific words").

/// What this product is about, and what it is called. People who need a long text at once take these.
pub(super) const PRODUCT: [&str; 40] = [
    "insurance",
    "navigator",
    "insurancenavigator",
    "medicare",
    "medicaid",
    "health",
    "healthcare",
    "healthplan",
    "denial",
    "denied",
    "appeal",
    "appeals",
    "claim",
    "claims",
    "coverage",
    "benefit",
    "benefits",
    "premium",
    "deductible",
    "copay",
    "coinsurance",
    "provider",
    "patient",
    "hospital",
    "doctor",
    "medical",
    "medicine",
    "prescription",
    "pharmacy",
    "policy",
    "member",
    "enrollment",
    "eligibility",
    "marketplace",
    "obamacare",
    "supabase",
    "regulatory",
    "seguro",
    "salud",
    "medico",
];

/// Shorter parts of a name are part of too many other words.
const MIN_CHARS: usize = 3;
/// The address or the name may be wrong and of any length: no more of it is read.
const MAX_CHARS: usize = 320;
const MAX_WORDS: usize = 32;

/// The person's own words: each text in lower case without accents, whole, without its separators, and in parts.
pub(super) fn personal(context: &[&str]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for text in context {
        let text = plain(&text.chars().take(MAX_CHARS).collect::<String>());
        let parts: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
        let local = text.split('@').next().unwrap_or_default();
        let wholes = [text.clone(), parts.concat(), local.to_owned(), letters_and_digits(local)];
        let letters = text.split(|c: char| !c.is_alphabetic()).map(str::to_owned);
        words.extend(wholes.into_iter().chain(parts.iter().map(|part| (*part).to_owned())).chain(letters));
    }
    words.retain(|word| word.chars().count() >= MIN_CHARS);
    words.sort();
    words.dedup();
    words.truncate(MAX_WORDS);
    words
}

/// Lower case, and without the accents of the languages that our users write: who is called Pérez types `perez` too.
pub(super) fn plain(text: &str) -> String {
    let plain = |c: char| match c {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        _ => c,
    };
    text.chars().flat_map(char::to_lowercase).map(plain).collect()
}

fn letters_and_digits(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_a_name_give_their_parts_in_plain_letters() {
        let words = personal(&["Ana.Pérez56@example.org", "Ana María Pérez"]);
        for word in ["ana", "perez", "perez56", "anaperez56", "ana.perez56", "example", "maria", "anamariaperez"] {
            assert!(words.iter().any(|known| known == word), "{word} is not in {words:?}");
        }
    }

    #[test]
    fn whatever_is_sent_as_a_name_gives_few_short_words() {
        let long = "ab cde ".repeat(100_000);
        let many: String = (0..200).map(|n| format!("w{n}x ")).collect();
        for text in ["", " ", "@", "a b", &long, &many] {
            let words = personal(&[text]);
            assert!(words.len() <= MAX_WORDS && words.iter().all(|word| word.chars().count() <= MAX_CHARS));
        }
    }
}
