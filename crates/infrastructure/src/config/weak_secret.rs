//! Tells secrets that somebody made up or copied from those that are random.
//!
//! An HS256 key must have as many bytes as the hash (RFC 7518, section 3.2) and must not be a text that
//! people choose (RFC 8725, section 3.5).

const MINIMUM_BYTES: usize = 32;
const MINIMUM_DISTINCT_BYTES: usize = 8;

/// Words of sample values, compared without case and punctuation. Long enough not to turn up in random text.
const SAMPLE_WORDS: [&str; 25] = [
    "changeme",
    "changethis",
    "changeit",
    "pleasechange",
    "replaceme",
    "replacethis",
    "inproduction",
    "yoursecret",
    "supersecret",
    "mysecret",
    "topsecret",
    "verysecret",
    "secretkey",
    "secrethere",
    "jwtsecret",
    "notasecret",
    "insecure",
    "placeholder",
    "password",
    "keyboardcat",
    "256bit",
    "atleast32",
    "atleast256",
    "example",
    "development",
];

/// Random-looking keys that stand in widely read tutorials.
const PUBLISHED: [&str; 1] = ["09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7"];

/// Why a secret must not be used, in words that do not repeat it.
pub(super) fn weakness(secret: &str) -> Option<&'static str> {
    let bytes = secret.as_bytes();
    let plain: String = secret
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    if bytes.len() < MINIMUM_BYTES {
        return Some("must have 32 bytes or more, for example from `openssl rand -base64 48`");
    }
    let is_sample =
        SAMPLE_WORDS.iter().any(|word| plain.contains(word)) || PUBLISHED.contains(&plain.as_str());
    if is_sample {
        return Some("is a sample value that others know; make one with `openssl rand -base64 48`");
    }
    if distinct(bytes) < MINIMUM_DISTINCT_BYTES || repeats(bytes) || counts_up(bytes) {
        return Some(
            "follows a pattern and can be guessed; make one with `openssl rand -base64 48`",
        );
    }
    None
}

fn distinct(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .collect::<std::collections::BTreeSet<_>>()
        .len()
}

/// Whether the bytes are one shorter piece, again and again.
fn repeats(bytes: &[u8]) -> bool {
    (1..=bytes.len() / 2).any(|period| {
        bytes
            .iter()
            .zip(bytes.iter().skip(period))
            .all(|(one, other)| one == other)
    })
}

/// Whether most bytes are the alphabet or the digits in order.
fn counts_up(bytes: &[u8]) -> bool {
    let steps = bytes
        .iter()
        .zip(bytes.iter().skip(1))
        .filter(|(one, other)| one.abs_diff(**other) == 1)
        .count();
    steps * 2 > bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_templates_ship_is_refused() {
        for secret in [
            "",
            "secret",
            "changeme",
            "0123456789012345678901234567890",
            "your-256-bit-secret-your-256-bit-secret",
            "a-string-secret-at-least-256-bits-long",
            "your_super_secret_key_change_this_in_production",
            "CHANGE-ME-CHANGE-ME-CHANGE-ME-CHANGE-ME",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "abcdabcdabcdabcdabcdabcdabcdabcdabcd",
            "abcdefghijklmnopqrstuvwxyz0123456789",
            "0123456789abcdef0123456789abcdef",
            "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
            "dev-secret-key-not-for-use-anywhere-else",
        ] {
            assert!(weakness(secret).is_some(), "{secret}");
        }
    }

    #[test]
    fn random_secrets_pass() {
        for secret in [
            "q5sT1dVb0JmXy7hGz2LrC8nWk4UfP9aE",
            "4f9c1e7ab03d586279ce41f80ad6b3e5",
            "m3Zr0yQmQ0h1mJ3b4tJwz8nq2l5v9sXoT7cK6uE1aYpR+dGfHiWjVxBkNlOzSgUe",
        ] {
            assert_eq!(weakness(secret), None, "{secret}");
        }
    }

    #[test]
    fn thirty_one_bytes_are_too_few_and_thirty_two_enough() {
        let secret = "q5sT1dVb0JmXy7hGz2LrC8nWk4UfP9aE";
        assert!(weakness(&secret[..31]).is_some());
        assert_eq!(weakness(secret), None);
    }
}
