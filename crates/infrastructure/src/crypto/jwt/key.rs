//! Keys: made or read, and how the public half is written.

use std::collections::BTreeMap;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use userhub_domain::sessions::VerificationKey;
use zeroize::Zeroizing;

use super::directory::PublishedKey;

/// The fewest bytes of a shared secret (RFC 7518, section 3.2).
const SECRET_BYTES: usize = 32;

/// Why a key cannot sign. Names the setting, never its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{setting} {reason}")]
pub struct SigningKeyError {
    /// The setting that is wrong.
    pub setting: &'static str,
    reason: &'static str,
}

impl SigningKeyError {
    const fn key(reason: &'static str) -> Self {
        Self {
            setting: "tokens.signing_key",
            reason,
        }
    }
}

/// The curves that are used, each with one algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Curve {
    Ed25519,
    P256,
}

impl Curve {
    pub(super) fn algorithm(self) -> Algorithm {
        match self {
            Self::Ed25519 => Algorithm::EdDSA,
            Self::P256 => Algorithm::ES256,
        }
    }

    /// `alg` of its signatures.
    pub(super) fn algorithm_name(self) -> &'static str {
        match self {
            Self::Ed25519 => "EdDSA",
            Self::P256 => "ES256",
        }
    }
}

/// A private key with its public half.
pub(super) struct KeyPair {
    pub(super) signing: EncodingKey,
    pub(super) public: PublicKey,
}

impl KeyPair {
    /// A new one from the operating system's generator.
    pub(super) fn generate(curve: Curve) -> Result<Self, SigningKeyError> {
        let failed = |_| SigningKeyError::key("is not set, and no key could be made");
        let signing = match curve {
            Curve::Ed25519 => {
                let document = Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1());
                EncodingKey::from_ed_der(document.map_err(failed)?.as_ref())
            }
            Curve::P256 => {
                let document = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
                    .and_then(|pair| pair.to_pkcs8v1());
                EncodingKey::from_ec_der(document.map_err(failed)?.as_ref())
            }
        };
        Self::from_signing(curve, signing)
    }

    /// From a private key in PEM (PKCS#8).
    pub(super) fn from_pem(curve: Curve, pem: &SecretString) -> Result<Self, SigningKeyError> {
        let der = pkcs8(pem.expose_secret()).ok_or_else(|| unsuitable(curve))?;
        let signing = match curve {
            Curve::Ed25519 => EncodingKey::from_ed_der(&der),
            Curve::P256 => EncodingKey::from_ec_der(&der),
        };
        Self::from_signing(curve, signing)
    }

    fn from_signing(curve: Curve, signing: EncodingKey) -> Result<Self, SigningKeyError> {
        let refused = |_| unsuitable(curve);
        let public = match curve {
            Curve::Ed25519 => {
                let pair = Ed25519KeyPair::from_pkcs8(signing.as_bytes()).map_err(refused)?;
                PublicKey::ed25519(URL_SAFE_NO_PAD.encode(pair.public_key()))
            }
            Curve::P256 => {
                let pair =
                    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, signing.as_bytes())
                        .map_err(refused)?;
                // Uncompressed: 4, x, y.
                let (x, y) = match pair.public_key().as_ref() {
                    [4, both @ ..] => both.split_at(both.len() / 2),
                    _ => return Err(unsuitable(curve)),
                };
                PublicKey::p256(URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y))
            }
        };
        let public = public.ok_or_else(|| unsuitable(curve))?;
        Ok(Self { signing, public })
    }
}

/// The bytes in the frame of an unencrypted private key (RFC 7468, section 10).
fn pkcs8(pem: &str) -> Option<Zeroizing<Vec<u8>>> {
    let framed = pem.trim().strip_prefix("-----BEGIN PRIVATE KEY-----")?;
    let body = framed.strip_suffix("-----END PRIVATE KEY-----")?;
    let base64 = Zeroizing::new(body.split_ascii_whitespace().collect::<String>());
    STANDARD.decode(base64.as_bytes()).ok().map(Zeroizing::new)
}

fn unsuitable(curve: Curve) -> SigningKeyError {
    SigningKeyError::key(match curve {
        Curve::Ed25519 => {
            "must be an Ed25519 private key in PEM (PKCS#8), since the algorithm is EdDSA"
        }
        Curve::P256 => "must be a P-256 private key in PEM (PKCS#8), since the algorithm is ES256",
    })
}

/// The two sides of a shared secret.
pub(super) fn shared(secret: &SecretString) -> Result<(EncodingKey, DecodingKey), SigningKeyError> {
    let bytes = secret.expose_secret().as_bytes();
    if bytes.len() < SECRET_BYTES {
        return Err(SigningKeyError {
            setting: "tokens.secret",
            reason: "must have 32 bytes or more, since the algorithm is HS256",
        });
    }
    Ok((
        EncodingKey::from_secret(bytes),
        DecodingKey::from_secret(bytes),
    ))
}

/// What signatures are verified with.
#[derive(Clone)]
pub(super) struct PublicKey {
    /// RFC 7638 thumbprint, the `kid`.
    pub(super) id: String,
    pub(super) curve: Curve,
    pub(super) verifying: DecodingKey,
    /// The members that the thumbprint is made of, in the order of their
    /// names: all that is public and nothing else.
    parameters: Vec<(&'static str, String)>,
}

impl PublicKey {
    fn ed25519(x: String) -> Option<Self> {
        let verifying = is_number(&x)
            .then(|| DecodingKey::from_ed_components(&x).ok())
            .flatten()?;
        let parameters = vec![
            ("crv", "Ed25519".to_owned()),
            ("kty", "OKP".to_owned()),
            ("x", x),
        ];
        Self::new(Curve::Ed25519, verifying, parameters)
    }

    fn p256(x: String, y: String) -> Option<Self> {
        let sound = is_number(&x) && is_number(&y);
        let verifying = sound
            .then(|| DecodingKey::from_ec_components(&x, &y).ok())
            .flatten()?;
        let parameters = vec![
            ("crv", "P-256".to_owned()),
            ("kty", "EC".to_owned()),
            ("x", x),
            ("y", y),
        ];
        Self::new(Curve::P256, verifying, parameters)
    }

    fn new(
        curve: Curve,
        verifying: DecodingKey,
        parameters: Vec<(&'static str, String)>,
    ) -> Option<Self> {
        let id = URL_SAFE_NO_PAD.encode(Sha256::digest(json(&parameters)?));
        Some(Self {
            id,
            curve,
            verifying,
            parameters,
        })
    }

    /// From the directory; `None` where the row contradicts itself.
    pub(super) fn from_published(row: &PublishedKey) -> Option<Self> {
        let mut members: BTreeMap<String, String> = serde_json::from_str(&row.jwk).ok()?;
        let mut member = |name: &str| members.remove(name);
        let public = match (member("kty")?.as_str(), member("crv")?.as_str()) {
            ("OKP", "Ed25519") => Self::ed25519(member("x")?),
            ("EC", "P-256") => Self::p256(member("x")?, member("y")?),
            _ => None,
        }?;
        (public.id == row.kid && public.curve.algorithm_name() == row.algorithm).then_some(public)
    }

    /// As a JSON object. Its members are ordered and without blanks, so that
    /// its digest is the thumbprint.
    pub(super) fn to_json(&self) -> Option<String> {
        json(&self.parameters)
    }

    /// For the key set.
    pub(super) fn to_verification_key(&self) -> VerificationKey {
        let parameters = self
            .parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        VerificationKey {
            id: self.id.clone(),
            algorithm: self.curve.algorithm_name().to_owned(),
            parameters: parameters.collect(),
        }
    }
}

fn json(parameters: &[(&'static str, String)]) -> Option<String> {
    let ordered: BTreeMap<_, _> = parameters
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    serde_json::to_string(&ordered).ok()
}

/// 32 bytes in base64url.
fn is_number(text: &str) -> bool {
    URL_SAFE_NO_PAD
        .decode(text)
        .is_ok_and(|bytes| bytes.len() == 32)
}
