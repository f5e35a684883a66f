//! How access tokens are signed and how long a sign-in lasts.

use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::reader::Reader;
use super::weak_secret::weakness;

const SIGNING_KEY: &str = "tokens.signing_key";
const SECRET: &str = "tokens.secret";
const DAY: Duration = Duration::from_secs(86_400);

/// The algorithm that signs access tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// Ed25519.
    EdDsa,
    /// ECDSA over P-256 with SHA-256.
    Es256,
    /// HMAC with SHA-256: everybody who verifies can also sign.
    Hs256,
}

impl SigningAlgorithm {
    /// The name of the algorithm in a token's header.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Hs256 => "HS256",
        }
    }
}

/// Settings of access and refresh tokens.
#[derive(Debug, Clone)]
pub struct TokenSettings {
    /// What signs access tokens.
    pub algorithm: SigningAlgorithm,
    /// Private key in PEM (PKCS#8), never with HS256; nothing: a key of the process's own.
    pub signing_key: Option<SecretString>,
    /// The bytes of the HMAC key; there with HS256, and only then.
    pub secret: Option<SecretString>,
    /// `iss` of access tokens.
    pub issuer: String,
    /// `aud` of access tokens.
    pub audience: String,
    /// Life of an access token.
    pub access_ttl: Duration,
    /// A session that is not refreshed for this long ends.
    pub refresh_ttl: Duration,
    /// A session ends after this long in any case.
    pub session_ttl: Duration,
    /// A repeated refresh within this time gets the same successor.
    pub refresh_grace: Duration,
}

impl TokenSettings {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let algorithm = reader.choice(
            "tokens.algorithm",
            SigningAlgorithm::EdDsa,
            &[
                ("EdDSA", SigningAlgorithm::EdDsa),
                ("ES256", SigningAlgorithm::Es256),
                ("HS256", SigningAlgorithm::Hs256),
            ],
        );
        let signing_key = read_signing_key(reader, algorithm);
        let secret = read_secret(reader, algorithm);
        let settings = Self {
            algorithm,
            signing_key,
            secret,
            issuer: reader.text("tokens.issuer"),
            audience: reader.text("tokens.audience"),
            access_ttl: reader.duration("tokens.access_ttl", &(Duration::from_secs(1)..=DAY)),
            refresh_ttl: reader
                .duration("tokens.refresh_ttl", &(Duration::from_secs(1)..=366 * DAY)),
            session_ttl: reader
                .duration("tokens.session_ttl", &(Duration::from_secs(1)..=366 * DAY)),
            refresh_grace: reader.duration(
                "tokens.refresh_grace",
                &(Duration::ZERO..=Duration::from_secs(60)),
            ),
        };
        settings.compare_lives(reader);
        settings
    }

    fn compare_lives(&self, reader: &mut Reader) {
        let in_order = [
            (
                "tokens.access_ttl",
                self.access_ttl,
                "tokens.refresh_ttl",
                self.refresh_ttl,
            ),
            (
                "tokens.refresh_ttl",
                self.refresh_ttl,
                "tokens.session_ttl",
                self.session_ttl,
            ),
        ];
        for (shorter, short, longer, long) in in_order {
            if short > long && reader.sound(&[shorter, longer]) {
                let longer = reader.label(longer);
                reader.fail(shorter, format_args!("must not be longer than {longer}"));
            }
        }
    }
}

fn read_signing_key(reader: &mut Reader, algorithm: SigningAlgorithm) -> Option<SecretString> {
    let written = reader.secret(SIGNING_KEY)?;
    if !reader.sound(&["tokens.algorithm"]) {
        return None;
    }
    // Many platforms have no way to put a line break into a variable.
    let pem = SecretString::from(
        written
            .expose_secret()
            .replace("\\n", "\n")
            .trim()
            .to_owned(),
    );
    let der = pkcs8(pem.expose_secret());
    if algorithm == SigningAlgorithm::Hs256 {
        let algorithm = reader.label("tokens.algorithm");
        reader.fail(
            SIGNING_KEY,
            format_args!("contradicts {algorithm}, which says HS256 and wants a secret instead"),
        );
    } else if der.is_none() {
        reader.fail(
            SIGNING_KEY,
            "must be an unencrypted private key in PEM (PKCS#8), beginning with -----BEGIN PRIVATE KEY-----; \
             `openssl pkcs8 -topk8 -nocrypt` makes one of other forms",
        );
    } else if !der.is_some_and(|der| key_fits(&der, algorithm)) {
        let kind = if algorithm == SigningAlgorithm::EdDsa {
            "an Ed25519"
        } else {
            "a P-256"
        };
        reader.fail(
            SIGNING_KEY,
            format_args!(
                "must be {kind} key, since the algorithm is {}",
                algorithm.as_str()
            ),
        );
    }
    Some(pem)
}

fn key_fits(der: &[u8], algorithm: SigningAlgorithm) -> bool {
    match algorithm {
        SigningAlgorithm::EdDsa => Ed25519KeyPair::from_pkcs8(der).is_ok(),
        SigningAlgorithm::Es256 => {
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).is_ok()
        }
        SigningAlgorithm::Hs256 => false,
    }
}

/// The bytes within the PEM frame of an unencrypted PKCS#8 key.
fn pkcs8(pem: &str) -> Option<Zeroizing<Vec<u8>>> {
    let body = pem
        .strip_prefix("-----BEGIN PRIVATE KEY-----")?
        .strip_suffix("-----END PRIVATE KEY-----")?;
    let body: Zeroizing<String> = Zeroizing::new(body.split_ascii_whitespace().collect());
    STANDARD.decode(body.as_str()).ok().map(Zeroizing::new)
}

fn read_secret(reader: &mut Reader, algorithm: SigningAlgorithm) -> Option<SecretString> {
    let secret = reader.secret(SECRET);
    if !reader.sound(&["tokens.algorithm"]) {
        return secret;
    }
    match (&secret, algorithm) {
        (None, SigningAlgorithm::Hs256) => reader.fail(
            SECRET,
            "must be set when the algorithm is HS256: 32 random bytes or more, for example from `openssl rand -base64 48`",
        ),
        (Some(value), SigningAlgorithm::Hs256) => {
            if let Some(reason) = weakness(value.expose_secret()) {
                reader.fail(SECRET, reason);
            }
        }
        (Some(_), other) => reader.fail(
            SECRET,
            format_args!("contradicts the algorithm {}; a secret is for HS256 only", other.as_str()),
        ),
        (None, _) => {}
    }
    secret
}
