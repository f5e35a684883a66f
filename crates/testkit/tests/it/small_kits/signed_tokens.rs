//! A signer to be broken: its tokens look like JSON Web Tokens. The published
//! key is made up, since nothing here computes with it.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use userhub_domain::{
    sessions::{AccessClaims, AccessTokenId, SessionId},
    users::{Role, UserId},
};
use uuid::Uuid;

/// `{"alg":"EdDSA","typ":"at+jwt","kid":"one"}`
pub(super) const HEADER: &str = "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCIsImtpZCI6Im9uZSJ9";
/// The same without the name of a key.
pub(super) const NAMELESS: &str = "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9";
/// The same with the name of another key.
pub(super) const STRANGE: &str = "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCIsImtpZCI6InR3byJ9";
/// The same with `none` as its algorithm.
pub(super) const UNSIGNED: &str = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0Iiwia2lkIjoib25lIn0";
/// In the order of their values.
pub(super) const LETTERS: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
pub(super) const SECRET: &[u8] = b"known to nobody else";

/// Signs a text.
pub(super) fn signature(secret: &[u8], text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(text.as_bytes());
    base64url(&mac.finalize().into_bytes())
}

/// RFC 4648, section 5, without padding.
fn base64url(bytes: &[u8]) -> String {
    let bits = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
    let bits: Vec<u8> = bits.collect();
    let letter = |group: &[u8]| {
        let bits = (0..6).map(|place| group.get(place).copied().unwrap_or_default());
        LETTERS[usize::from(bits.fold(0, |all, bit| all << 1 | bit))]
    };
    bits.chunks(6)
        .map(|group| char::from(letter(group)))
        .collect()
}

/// The claims as a part of a token.
pub(super) fn written(claims: &AccessClaims) -> String {
    let ids = [
        claims.id.as_uuid(),
        claims.user_id.as_uuid(),
        claims.session_id.as_uuid(),
    ];
    let [id, user, session] = ids.map(|id| id.simple().to_string());
    let [issued, expires] = [claims.issued_at, claims.expires_at].map(|at| at.timestamp());
    let role = claims.role.as_str();
    format!("{id}-{user}-{session}-{role}-{issued}-{expires}")
}

/// Nothing where a claim is missing.
pub(super) fn read(text: &str) -> Option<AccessClaims> {
    let all: Vec<&str> = text.split('-').collect();
    let [id, user, session, role, issued, expires] = all.try_into().ok()?;
    let time = |text: &str| DateTime::<Utc>::from_timestamp(text.parse().ok()?, 0);
    Some(AccessClaims {
        id: AccessTokenId::from_uuid(Uuid::parse_str(id).ok()?),
        user_id: UserId::from_uuid(Uuid::parse_str(user).ok()?),
        session_id: SessionId::from_uuid(Uuid::parse_str(session).ok()?),
        role: Role::parse(role).ok()?,
        issued_at: time(issued)?,
        expires_at: time(expires)?,
    })
}
