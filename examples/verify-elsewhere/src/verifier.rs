//! Whether a token is one of UserHub's, for us, and still good (RFC 9068).

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;

use crate::key_set::{KeySet, NoKeys};

/// What a token says. It was true when it was signed: who is suspended since
/// then keeps it until `exp`, some minutes. Where that is too long, ask UserHub.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Claims {
    /// The user's id.
    pub sub: String,
    /// The session's id.
    pub sid: String,
    /// `user` or `admin`.
    pub role: String,
    /// When it ends, in seconds since 1970.
    pub exp: u64,
}

/// Why nobody is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// There is no token, or not one of UserHub's for us, or it is over.
    Token,
    /// The keys cannot be had: nothing can be said about any token.
    NoKeys,
}

impl From<NoKeys> for Refused {
    fn from(_: NoKeys) -> Self {
        Self::NoKeys
    }
}

/// Accepts tokens of one issuer for one audience.
pub struct Verifier {
    keys: KeySet,
    issuer: String,
    audience: String,
}

impl Verifier {
    /// `issuer` and `audience` are UserHub's settings `tokens.issuer` and
    /// `tokens.audience`.
    pub fn new(keys: KeySet, issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            keys,
            issuer: issuer.into(),
            audience: audience.into(),
        }
    }

    /// What the token says.
    ///
    /// # Errors
    /// Where it is not to be believed, or the keys cannot be had.
    pub async fn verify(&self, token: &str) -> Result<Claims, Refused> {
        let header = decode_header(token).map_err(|_| Refused::Token)?;
        // Never a symmetric algorithm: the public key is no secret.
        let is_public = matches!(header.alg, Algorithm::EdDSA | Algorithm::ES256);
        let (true, Some("at+jwt"), Some(id)) = (is_public, header.typ.as_deref(), header.kid)
        else {
            return Err(Refused::Token);
        };
        let key = self.keys.find(&id).await?.ok_or(Refused::Token)?;
        let key = DecodingKey::from_jwk(&key).map_err(|_| Refused::Token)?;
        // Refuses a key of another kind than the algorithm's.
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = 5;
        let token = decode::<Claims>(token, &key, &validation);
        Ok(token.map_err(|_| Refused::Token)?.claims)
    }
}
