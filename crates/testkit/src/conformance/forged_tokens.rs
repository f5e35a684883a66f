//! What a signer owes whose tokens are JSON Web Tokens (RFC 7515): those of
//! another make pass. Known forgeries are tried on it.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use userhub_domain::sessions::AccessTokens;

use super::access_tokens::{claims, sign, verify};

const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// RFC 4648, section 5, without padding.
fn encoded(bytes: &[u8]) -> String {
    let groups = bytes.chunks(3).map(|group| {
        let number = (0..3).fold(0_u32, |all, place| {
            all << 8 | u32::from(group.get(place).copied().unwrap_or_default())
        });
        let letters = [18, 12, 6, 0].map(|shift| BASE64URL[number as usize >> shift & 63]);
        letters.map(char::from)[..=group.len()].to_vec()
    });
    groups.flatten().collect()
}

/// Nothing where it is something else.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for group in text.as_bytes().chunks(4) {
        let mut number = 0_usize;
        for place in 0..4 {
            let letter = group.get(place).copied().unwrap_or(b'A');
            number = number << 6 | BASE64URL.iter().position(|known| *known == letter)?;
        }
        let whole = [number >> 16, number >> 8, number].map(|byte| (byte & 0xff) as u8);
        bytes.extend(&whole[..group.len() - 1]);
    }
    Some(bytes)
}

/// A JSON Web Token.
struct Parts {
    /// Decoded, without blanks.
    header: String,
    claims: String,
    signature: String,
}

fn parts(token: &str) -> Option<Parts> {
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>().try_into().ok()?;
    let header = String::from_utf8(decoded(header)?).ok()?;
    header.starts_with('{').then(|| Parts {
        header: header.replace(char::is_whitespace, ""),
        claims: claims.to_owned(),
        signature: signature.to_owned(),
    })
}

impl Parts {
    fn algorithm(&self) -> &str {
        let (_, value) = self.header.split_once("\"alg\":\"").expect("an algorithm");
        value.split('"').next().unwrap_or_default()
    }

    /// What is signed, where the header says so.
    fn under(&self, algorithm: &str) -> String {
        let own = format!("\"alg\":\"{}\"", self.algorithm());
        let other = format!("\"alg\":\"{algorithm}\"");
        let header = self.header.replace(&own, &other);
        format!("{}.{}", encoded(header.as_bytes()), self.claims)
    }
}

pub async fn an_unsigned_token_is_nothing(tokens: &dyn AccessTokens) {
    let Some(parts) = parts(&sign(tokens, &claims(1)).await) else {
        return;
    };
    for algorithm in ["none", "None", "NONE", "nOnE", "", parts.algorithm()] {
        let unsigned = parts.under(algorithm);
        let mut forged = vec![unsigned.clone(), format!("{unsigned}.")];
        if algorithm != parts.algorithm() {
            forged.push(format!("{unsigned}.{}", parts.signature));
        }
        for token in forged {
            assert_eq!(verify(tokens, &token).await, None, "{algorithm:?}");
        }
    }
}

/// Whoever believes the header takes the public key for the secret of an HMAC.
pub async fn what_is_published_signs_nothing(tokens: &dyn AccessTokens) {
    let Some(parts) = parts(&sign(tokens, &claims(1)).await) else {
        return;
    };
    let mut secrets = vec![Vec::new()];
    for key in tokens.verification_keys().await.unwrap() {
        secrets.push(key.id.into_bytes());
        for (_, value) in key.parameters {
            secrets.extend(decoded(&value));
            secrets.push(value.into_bytes());
        }
    }
    for secret in secrets {
        for algorithm in ["HS256", parts.algorithm()] {
            let signed = parts.under(algorithm);
            let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
            mac.update(signed.as_bytes());
            let signature = encoded(&mac.finalize().into_bytes());
            let token = format!("{signed}.{signature}");
            assert_eq!(verify(tokens, &token).await, None, "{algorithm}");
        }
    }
}

/// By its id and its algorithm; that this key verifies it is another matter.
pub async fn a_token_names_a_published_key(tokens: &dyn AccessTokens) {
    let Some(parts) = parts(&sign(tokens, &claims(1)).await) else {
        return;
    };
    let keys = tokens.verification_keys().await.unwrap();
    let is_named = keys.iter().any(|key| {
        let id = format!("\"kid\":\"{}\"", key.id);
        parts.header.contains(&id) && parts.algorithm() == key.algorithm
    });
    assert!(is_named || keys.is_empty(), "{}", parts.header);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515, appendix C, and RFC 4648, section 10.
    #[test]
    fn what_is_encoded_is_that_of_the_standard() {
        for (bytes, text) in [
            (&[3, 236, 255, 224, 193][..], "A-z_4ME"),
            (b"", ""),
            (b"f", "Zg"),
            (b"fo", "Zm8"),
            (b"foo", "Zm9v"),
            (b"foob", "Zm9vYg"),
        ] {
            assert_eq!(encoded(bytes), text);
            assert_eq!(decoded(text).as_deref(), Some(bytes));
        }
        assert_eq!(decoded("no+url"), None);
    }

    #[test]
    fn a_header_is_found_and_changed() {
        let header = encoded(br#"{"typ":"at+jwt", "alg":"EdDSA"}"#);
        let parts = parts(&format!("{header}.claims.signature")).unwrap();
        assert_eq!(parts.algorithm(), "EdDSA");
        let unsigned = encoded(br#"{"typ":"at+jwt","alg":"none"}"#);
        assert_eq!(parts.under("none"), format!("{unsigned}.claims"));
    }
}
