//! What stands in a token (RFC 9068), member by member.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::DateTime;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use userhub_domain::{
    clock::Timestamp,
    sessions::{AccessClaims, AccessTokenId, SessionId},
    users::{Role, UserId},
};

/// `typ` of an access token.
pub(super) const TYPE: &str = "at+jwt";
/// `client_id`: UserHub signs in for itself.
const CLIENT: &str = "userhub";

/// The header, of exactly these members. Others would say where to fetch a key
/// or what must be understood beyond this; a token of ours has none of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    typ: String,
    pub(super) alg: String,
    pub(super) kid: Option<String>,
}

impl Header {
    /// Reads the header of a token of ours, without believing it.
    pub(super) fn read(token: &str) -> Option<Self> {
        let (encoded, _) = token.split_once('.')?;
        let bytes = URL_SAFE_NO_PAD.decode(encoded).ok()?;
        let header: Self = serde_json::from_slice(&bytes).ok()?;
        (header.typ == TYPE).then_some(header)
    }
}

/// The claims. All but `nbf` are required, and of these types.
#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    jti: String,
    client_id: String,
    iat: i64,
    exp: i64,
    /// Never written, but kept to where it stands (RFC 7519, section 4.1.5).
    #[serde(skip_serializing, default = "always")]
    nbf: i64,
    role: String,
}

fn always() -> i64 {
    i64::MIN
}

/// Who issues tokens, and for whom.
#[derive(Debug, Clone)]
pub(super) struct Parties {
    pub(super) issuer: String,
    pub(super) audience: String,
}

impl Parties {
    /// The claims as they are signed.
    pub(super) fn write(&self, claims: &AccessClaims) -> impl Serialize {
        Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: claims.user_id.to_string(),
            sid: claims.session_id.to_string(),
            jti: claims.id.to_string(),
            client_id: CLIENT.to_owned(),
            iat: claims.issued_at.timestamp(),
            exp: claims.expires_at.timestamp(),
            nbf: always(),
            role: claims.role.as_str().to_owned(),
        }
    }

    /// What a token says, where it is signed by the key and made for us.
    pub(super) fn read(
        &self,
        token: &str,
        algorithm: Algorithm,
        key: &DecodingKey,
    ) -> Option<AccessClaims> {
        let claims: Claims = jsonwebtoken::decode(token, key, &signature_alone(algorithm))
            .ok()?
            .claims;
        let ours =
            claims.iss == self.issuer && claims.aud == self.audience && claims.client_id == CLIENT;
        if !ours {
            return None;
        }
        Some(AccessClaims {
            id: AccessTokenId::parse(&claims.jti)?,
            user_id: UserId::parse(&claims.sub)?,
            session_id: SessionId::parse(&claims.sid)?,
            role: Role::parse(&claims.role).ok()?,
            issued_at: moment(claims.iat.max(claims.nbf))?,
            expires_at: moment(claims.exp)?,
        })
    }
}

fn moment(seconds: i64) -> Option<Timestamp> {
    DateTime::from_timestamp(seconds, 0)
}

/// The library's checks of claims are off: it reads the system's clock, grants
/// leeway and takes `aud` as a list. Time is the domain's, the rest ours.
fn signature_alone(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}
