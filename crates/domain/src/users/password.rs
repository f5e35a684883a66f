//! Passwords: what is accepted, how they are compared, who hashes them.

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;

use crate::{
    error::Result,
    violation::{Broken, ViolationCode},
};

/// The longest password in bytes, before and after normalisation.
pub const MAX_BYTES: usize = 1024;
/// What a password must have besides the account's own words, in code points.
const OWN_BESIDES: usize = 4;

/// What a new password must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordRules {
    /// The fewest characters (code points); 8 by default, and less than 8 counts
    /// as 8.
    pub min_length: usize,
    /// The lowest [`Strength::score`] that is accepted, 0 to 4; 3 by default.
    /// With 0 only the length and the account's own words are checked.
    pub min_score: u8,
}

impl Default for PasswordRules {
    fn default() -> Self {
        Self {
            min_length: 8,
            min_score: 3,
        }
    }
}

/// A password that somebody chose and that keeps the rules. Zeroized when
/// dropped; cannot be cloned or printed.
pub struct NewPassword(SecretString);

impl NewPassword {
    /// Checks a password against the rules. `own_words` are the account's own
    /// names, which make a password easy to guess.
    ///
    /// # Errors
    /// `too_long` above 1024 bytes, `too_short`, or `weak_password` with hints.
    pub fn parse(
        text: &SecretString,
        rules: &PasswordRules,
        strength: &dyn PasswordStrength,
        own_words: &[&str],
    ) -> Result<Self, Broken> {
        let normalised = normalise(text)?;
        let plain = normalised.expose_secret();
        let length = plain.chars().count();
        if length < rules.min_length.max(8) {
            return Err(Broken::new(
                ViolationCode::TooShort,
                format!(
                    "must be at least {} characters long",
                    rules.min_length.max(8)
                ),
            ));
        }
        if is_made_of(plain, own_words) {
            return Err(weak("must not be made of your own name or address"));
        }
        if rules.min_score > 0 {
            let estimate = strength.estimate(plain, own_words);
            if estimate.score < rules.min_score {
                return Err(weak(&estimate.hints.join(" ")));
            }
        }
        Ok(Self(normalised))
    }

    /// The normalised text, for the hasher.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword(..)")
    }
}

/// A password that somebody says is theirs: only the maximum is checked, so
/// that old short ones go on working. Zeroized when dropped; cannot be cloned
/// or printed.
pub struct PasswordAttempt {
    normalised: SecretString,
    /// Where it is another text than the normalised one.
    as_sent: Option<SecretString>,
}

impl PasswordAttempt {
    /// Normalises as [`NewPassword`] does, and keeps what was sent.
    ///
    /// # Errors
    /// `too_long` above 1024 bytes.
    pub fn parse(text: &SecretString) -> Result<Self, Broken> {
        let normalised = normalise(text)?;
        let is_other = normalised.expose_secret() != text.expose_secret();
        Ok(Self {
            normalised,
            as_sent: is_other.then(|| text.clone()),
        })
    }

    /// The normalised text, for the hasher.
    pub fn expose(&self) -> &str {
        self.normalised.expose_secret()
    }

    /// The text as it was sent, where that is another: the second try with a
    /// hash that another system made, which may not have normalised.
    pub fn expose_as_sent(&self) -> Option<&str> {
        self.as_sent.as_ref().map(ExposeSecret::expose_secret)
    }
}

impl std::fmt::Debug for PasswordAttempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordAttempt(..)")
    }
}

/// The stored form of a password: a PHC string, salt and parameters inside.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// What a hasher made, or what a store kept; only a hasher judges it.
    pub fn new(phc: impl Into<String>) -> Self {
        Self(phc.into())
    }

    /// The PHC string, for hashers and stores.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// What comparing a password with a stored hash found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    /// Another password.
    Wrong,
    /// The password.
    Right,
    /// The password, stored under parameters weaker than today's or in the form
    /// of another system: this is what to store instead.
    Outdated(PasswordHash),
}

/// Makes and checks password hashes, slowly on purpose.
///
/// An implementation bounds how much it does at once and how long a caller
/// waits, and refuses a stored hash whose cost is beyond reason.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes a new password under the current parameters and a fresh salt.
    ///
    /// # Obligations
    /// - [`verify`](Self::verify) finds the password right under this hash and
    ///   every other wrong: `the_password_is_right_and_every_other_is_wrong`,
    ///   `every_byte_of_a_long_password_counts`,
    ///   `any_character_is_part_of_a_password`,
    ///   `a_password_is_the_same_in_either_form_of_unicode`.
    /// - The same password gives another hash each time:
    ///   `two_hashes_of_one_password_differ`.
    /// - The hash says by itself how it was made (a PHC string) and does not
    ///   hold the password: `a_hash_is_a_line_that_does_not_hold_the_password`.
    /// - It is slow enough to make guessing expensive: no check can see this.
    ///
    /// # Errors
    /// `overloaded` where no slot came free in time.
    async fn hash(&self, password: NewPassword) -> Result<PasswordHash>;

    /// Compares a password with a stored hash. A hash that cannot be read, or
    /// would cost too much, is [`Verification::Wrong`] after the time of a real
    /// check; the adapter logs it.
    ///
    /// # Obligations
    /// - [`Verification::Outdated`] brings a hash of the same password under the
    ///   current parameters: `what_is_recognised_can_be_verified`. It does so only
    ///   where the stored ones are weaker, and never for a new hash:
    ///   `the_password_is_right_and_every_other_is_wrong`.
    /// - The hash of another system is compared with what was sent too
    ///   ([`PasswordAttempt::expose_as_sent`]):
    ///   `a_foreign_hash_is_compared_with_what_was_sent`.
    /// - The time it takes does not depend on where they differ: no check can see
    ///   this. A hash that cannot be used takes as long as one that can:
    ///   `a_hash_that_cannot_be_read_takes_the_time_of_a_check`.
    /// - Whatever stands in the hash, it neither fails nor panics nor takes
    ///   more memory or time than a bound that the adapter names:
    ///   `what_is_no_hash_is_wrong_and_no_error`,
    ///   `a_hash_that_costs_too_much_is_not_computed`.
    /// - It does not block the thread that polls it:
    ///   `a_check_does_not_block_the_thread_that_polls_it`.
    /// - Many at once are answered or refused in time:
    ///   `many_at_once_are_answered_or_refused`.
    ///
    /// # Errors
    /// `overloaded` where no slot came free in time.
    async fn verify(&self, attempt: PasswordAttempt, hash: PasswordHash) -> Result<Verification>;

    /// A hash that another system made, as it is to be stored: one of a form
    /// that [`verify`](Self::verify) can check, at a cost within its bounds.
    ///
    /// # Obligations
    /// - What is accepted here, [`verify`](Self::verify) can check, its own
    ///   hashes among it: `what_is_recognised_can_be_verified`,
    ///   `a_foreign_hash_that_costs_too_much_is_refused`.
    /// - Whatever the text, it neither panics nor takes long, and nothing of it
    ///   stands in the error but the name of its form:
    ///   `what_is_not_recognised_is_not_repeated`.
    ///
    /// # Errors
    /// `invalid_format`, naming the form where it is known by sight;
    /// `not_allowed` where checking it would cost too much.
    fn recognise(&self, foreign: &SecretString) -> Result<PasswordHash, Broken>;

    /// Spends the time of a check on nothing, so that an unknown account
    /// answers like a known one.
    ///
    /// # Obligations
    /// - It costs what a check of a hash under the current parameters costs:
    ///   `a_decoy_takes_the_time_of_a_check`.
    /// - It waits in the same queue: no check can see this.
    ///
    /// # Errors
    /// `overloaded` where no slot came free in time.
    async fn verify_decoy(&self, attempt: PasswordAttempt) -> Result<()>;
}

/// How hard a password is to guess.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strength {
    /// From 0 (guessed at once) to 4 (not in years).
    pub score: u8,
    /// Sentences that help to choose a better one; never hold the password.
    pub hints: Vec<String>,
}

/// Estimates how hard a password is to guess.
pub trait PasswordStrength: Send + Sync {
    /// Estimates; `own_words` count as the first guesses. Never fails, and is
    /// bounded in time for texts of up to 1024 bytes.
    ///
    /// # Obligations
    /// - A score of 0 to 4, the same for the same arguments: no check can see
    ///   this.
    /// - Hints never repeat the password or a part of it: no check can see this.
    fn estimate(&self, password: &str, own_words: &[&str]) -> Strength;
}

// As `automock` makes the others, which refuses a slice of texts unless their
// lifetime has a name.
#[cfg(feature = "mocks")]
mockall::mock! {
    /// Mock of [`PasswordStrength`].
    pub PasswordStrength {}

    impl PasswordStrength for PasswordStrength {
        fn estimate<'words>(&self, password: &str, own_words: &[&'words str]) -> Strength;
    }
}

/// NFC and every blank as U+0020 (RFC 8265, section 4.2.2), nothing else.
fn normalise(text: &SecretString) -> Result<SecretString, Broken> {
    let plain = text.expose_secret();
    if plain.len() > MAX_BYTES {
        return Err(too_long());
    }
    let normalised: String = plain
        .chars()
        .map(|c| if is_blank(c) { ' ' } else { c })
        .nfc()
        .collect();
    if normalised.len() > MAX_BYTES {
        return Err(too_long());
    }
    Ok(normalised.into())
}

/// The separators of Unicode's category Zs.
fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

fn too_long() -> Broken {
    Broken::new(
        ViolationCode::TooLong,
        format!("must be at most {MAX_BYTES} bytes long"),
    )
}

fn weak(why: &str) -> Broken {
    let detail = if why.is_empty() {
        "is too easy to guess".to_owned()
    } else {
        format!("is too easy to guess: {why}")
    };
    Broken::new(ViolationCode::WeakPassword, detail)
}

/// Whether little is left of a password without the account's own words.
fn is_made_of(password: &str, own_words: &[&str]) -> bool {
    let mut rest = crate::text::folded(password);
    let mut found = false;
    for word in own_words.iter().filter(|word| word.len() >= 3) {
        let word = crate::text::folded(word);
        found |= rest.contains(&word);
        rest = rest.replace(&word, "");
    }
    found && rest.chars().count() < OWN_BESIDES
}

#[cfg(test)]
mod tests;
