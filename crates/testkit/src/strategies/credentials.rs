//! What proves who is calling, in the clear and as it is stored.

use chrono::{SubsecRound, TimeDelta};
use proptest::prelude::*;
use userhub_domain::{
    secret::{RawToken, TokenHash},
    sessions::{AccessClaims, AccessTokenId, SpentToken},
    throttle::AttemptKey,
    users::{Credentials, NewPassword, PasswordAttempt, PasswordHash, PasswordRules, UserId},
};

use super::{LINE, auth_versions, ids, roles, session_ids, text, timestamps, token_purposes};
use crate::FakeStrength;

/// New passwords that keep the rules, as far as length goes.
pub fn new_passwords() -> impl Strategy<Value = NewPassword> {
    let rules = PasswordRules {
        min_length: 8,
        min_score: 0,
    };
    text(&format!("{LINE}{{8,100}}")).prop_filter_map("a password", move |text: String| {
        NewPassword::parse(&text.into(), &rules, &FakeStrength::refusing(&[]), &[]).ok()
    })
}

/// What somebody may say is their password.
pub fn password_attempts() -> impl Strategy<Value = PasswordAttempt> {
    "\\PC{0,100}".prop_filter_map("an attempt", |text: String| {
        PasswordAttempt::parse(&text.into()).ok()
    })
}

/// Hashes as they are stored, whoever made them: no password opens them.
pub fn password_hashes() -> impl Strategy<Value = PasswordHash> {
    let form = "\\$argon2id\\$v=19\\$m=19456,t=2,p=1\\$[A-Za-z0-9+/]{22}\\$[A-Za-z0-9+/]{43}";
    text(form).prop_map(PasswordHash::new)
}

/// What opens an account, as it is stored.
pub fn credentials() -> impl Strategy<Value = Credentials> {
    (password_hashes(), auth_versions()).prop_map(|(password_hash, auth_version)| Credentials {
        password_hash,
        auth_version,
    })
}

/// Tokens in the clear, of any purpose.
pub fn raw_tokens() -> impl Strategy<Value = RawToken> {
    (token_purposes(), "[0-9a-f]{64}").prop_filter_map("a token", |(purpose, digits)| {
        RawToken::parse(purpose, &format!("{}{digits}", purpose.prefix()))
    })
}

/// Digests of tokens.
pub fn token_hashes() -> impl Strategy<Value = TokenHash> {
    any::<[u8; 32]>().prop_filter_map("a digest", |bytes| TokenHash::parse_stored(&bytes))
}

/// Ids of access tokens.
pub fn access_token_ids() -> impl Strategy<Value = AccessTokenId> {
    ids(AccessTokenId::from_uuid)
}

/// What access tokens of a user say, in whole seconds, in force for up to a day.
pub fn access_claims_of(user: UserId) -> impl Strategy<Value = AccessClaims> {
    let times = (timestamps(), 1..=86_400_i64);
    (access_token_ids(), session_ids(), roles(), times).prop_map(
        move |(id, session_id, role, (issued_at, seconds))| {
            let issued_at = issued_at.trunc_subsecs(0);
            AccessClaims {
                id,
                user_id: user,
                session_id,
                role,
                issued_at,
                expires_at: issued_at + TimeDelta::seconds(seconds),
            }
        },
    )
}

/// Refresh tokens that were used.
pub fn spent_tokens() -> impl Strategy<Value = SpentToken> {
    (token_hashes(), any::<[u8; 32]>(), timestamps()).prop_map(|(hash, salt, spent_at)| {
        SpentToken {
            hash,
            salt,
            spent_at,
        }
    })
}

/// What attempts are counted under.
pub fn attempt_keys() -> impl Strategy<Value = AttemptKey> {
    "[a-z0-9@.]{1,40}".prop_map(|canonical| AttemptKey::new("strategy", &canonical))
}
