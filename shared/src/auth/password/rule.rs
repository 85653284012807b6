//! The rule for new passwords: NIST SP 800-63B-4, section 3.1.1.2, and OWASP ASVS 5.0, 6.2.1 to 6.2.12.

use secrecy::{ExposeSecret as _, SecretString};

use super::strength::{self, Weakness};

/// NIST SP 800-63B-4, section 3.1.1.2: 15 characters where the password is the only factor.
pub const MIN_CHARS: usize = 15;
/// Longer inputs would only cost time.
pub const MAX_BYTES: usize = 1_024;

/// A password that satisfies the rule for new passwords.
#[derive(Clone)]
pub struct NewPassword(SecretString);

/// Why a new password is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRuleError {
    /// Fewer characters than [`MIN_CHARS`].
    #[error("must have at least {MIN_CHARS} characters; a passphrase of four or five unrelated words works well")]
    TooShort,
    /// More bytes than [`MAX_BYTES`].
    #[error("must have at most {MAX_BYTES} bytes")]
    TooLong,
    /// U+0000 in it: most programs that take passwords cut the text there.
    #[error("must not contain U+0000")]
    Nul,
    /// A common password, or one stretched: repeated, reversed, in leet, with digits, a keyboard walk.
    #[error(
        "is easy to guess: common passwords and words stay so when repeated, reversed or followed by digits; \
         a passphrase of four or five unrelated words works well"
    )]
    Common,
    /// Made of the person's own words or the product's.
    #[error(
        "is easy to guess: it is made of your name, your e-mail address or this service's words; \
         a passphrase of four or five unrelated words works well"
    )]
    Contextual,
}

impl NewPassword {
    /// Checks a new password. `context` is what others know about the person: the e-mail address and the name, also
    /// when these are not valid.
    ///
    /// # Errors
    /// [`PasswordRuleError`], whose text is for the person and never has the password in it.
    pub fn parse(text: SecretString, context: &[&str]) -> Result<Self, PasswordRuleError> {
        let exposed = text.expose_secret();
        if exposed.len() > MAX_BYTES {
            return Err(PasswordRuleError::TooLong);
        }
        if exposed.contains('\0') {
            return Err(PasswordRuleError::Nul);
        }
        if exposed.chars().count() < MIN_CHARS {
            return Err(PasswordRuleError::TooShort);
        }
        match strength::weakness(exposed, context) {
            Some(Weakness::Common) => Err(PasswordRuleError::Common),
            Some(Weakness::Contextual) => Err(PasswordRuleError::Contextual),
            None => Ok(Self(text)),
        }
    }

    pub(super) fn into_secret(self) -> SecretString {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CONTEXT: [&str; 2] = ["ana.perez@example.org", "Ana María Pérez Wolframby"];

    fn verdict(text: &str) -> Option<PasswordRuleError> {
        NewPassword::parse(SecretString::from(text), &CONTEXT).err()
    }

    #[test]
    fn a_new_password_has_15_characters_at_least_and_1024_bytes_at_most() {
        assert_eq!(verdict("fourteen chars"), Some(PasswordRuleError::TooShort));
        assert_eq!(verdict("ñandú río azul!"), None);
        assert_eq!(verdict(&"ab-c".repeat(257)), Some(PasswordRuleError::TooLong));
        assert_eq!(verdict("correct horse\0battery"), Some(PasswordRuleError::Nul));
    }

    #[test]
    fn common_passwords_and_what_is_made_of_them_are_refused() {
        for text in [
            "aaaaaaaaaaaaaaaaaa",
            "abababababababab",
            "1234123412341234",
            "passwordpassword",
            "PasswordPassword",
            "drowssapdrowssap",
            "passworddrowssap",
            "password-password",
            "P@ssw0rd12345678",
            "P4$$w0rdP4$$w0rd",
            "qwertyuiopasdfgh",
            "1qaz2wsx3edc4rfv",
            "a1b2c3d4e5f6g7h8",
            "abcdefghijklmnop",
            "iloveyou123456789",
            "monkeydragon2024!",
            "jennifermonkey2019",
            "2024!!!!!!monkey",
            "strawman380131449",
            "Summer2024Summer2024",
            "Password-Monkey-Dragon-Letmein",
            "one two three four five",
            "xzibitxzibitxzibit2019!",
        ] {
            assert_eq!(verdict(text), Some(PasswordRuleError::Common), "{text}");
        }
    }

    #[test]
    fn the_persons_words_and_the_products_are_refused() {
        for text in [
            "insurance-navigator-2026",
            "InsuranceNavigator!!",
            "healthcare-appeal-2026",
            "ana.perez.1956.ana",
            "ana.perez@example.org",
            "wolframby.perez.2026!",
            "P3r3zWolfr@mby77",
            "ybmarflowzerep77",
        ] {
            let why = verdict(text);
            assert!(matches!(why, Some(PasswordRuleError::Contextual | PasswordRuleError::Common)), "{text}: {why:?}");
        }
        assert_eq!(verdict("wolframby.perez.2026!"), Some(PasswordRuleError::Contextual));
        assert!(NewPassword::parse(SecretString::from("wolframby.perez.2026!"), &[]).is_ok(), "without its owner");
    }

    #[test]
    fn phrases_sentences_and_generated_texts_are_accepted() {
        for text in [
            "correct horse battery staple",
            "Correct-Horse-Battery-Staple",
            "CorrectHorseBatteryStaple",
            "my cat sleeps on the red sofa",
            "mi gato duerme en el sofá rojo",
            "xK9#mQ2$vL7!pRw",
            "tR4yLq8ZbN2wXc6",
            "9f86d081884c7d65",
            "3b241101-e2bb-4255-8caf-4136c566a962",
        ] {
            assert_eq!(verdict(text), None, "{text}");
        }
    }

    #[test]
    fn no_error_has_the_password_in_it() {
        for text in ["hunter2", "insurance-navigator-2026", "passwordpassword", "ana.perez.1956.ana"] {
            let error = verdict(text).expect("refused");
            assert!(!format!("{error} {error:?}").contains(text), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gets_a_verdict(text in "\\PC{0,120}", context in "\\PC{0,60}") {
            let first = NewPassword::parse(SecretString::from(text.as_str()), &[&context]).err();
            let second = NewPassword::parse(SecretString::from(text), &[&context]).err();
            prop_assert_eq!(first, second);
        }
    }
}
