//! Values of mail, the second factor and API keys.

use proptest::{collection, option, prelude::*, sample};
use userhub_domain::{
    api_keys::{ApiKey, ApiKeyId, ApiKeyName, Scope, Scopes},
    handed_out::HandedOutToken,
    mail::{Attempt, Letter, Mail, MailId},
    policy::Lifetimes,
    second_factor::{
        RecoveryCode, RecoveryCodeHash, SealedSeed, SecondFactorCode, TotpCode, TotpFactor,
        TotpSeed,
    },
    secret::RawToken,
    users::UserId,
};

use super::{
    auth_versions, email_addresses, ids, line, mail_kinds, mail_states, origins, timestamps,
    token_hashes, token_purposes,
};
use crate::SeededEntropy;

/// Ids of mails.
pub fn mail_ids() -> impl Strategy<Value = MailId> {
    ids(MailId::from_uuid)
}

/// Ids of API keys.
pub fn api_key_ids() -> impl Strategy<Value = ApiKeyId> {
    ids(ApiKeyId::from_uuid)
}

/// Names of API keys.
pub fn api_key_names() -> impl Strategy<Value = ApiKeyName> {
    line(100).prop_filter_map("a name", |text| ApiKeyName::parse(&text).ok())
}

/// Sets of scopes.
pub fn scopes() -> impl Strategy<Value = Scopes> {
    sample::subsequence(Scope::ALL.to_vec(), 1..=Scope::ALL.len())
        .prop_filter_map("a set that is not empty", |scopes| {
            Scopes::parse(scopes.into_iter().map(Scope::as_str)).ok()
        })
}

/// API keys of a user, of any age.
pub fn api_keys_of(user: UserId) -> impl Strategy<Value = ApiKey> {
    let times = (
        timestamps(),
        option::of(timestamps()),
        option::of(timestamps()),
    );
    let named = (api_key_ids(), api_key_names(), "uhk_[0-9a-f]{8}");
    (named, token_hashes(), scopes(), times).prop_map(
        move |((id, name, prefix), hash, scopes, (created_at, expires_at, last_used_at))| ApiKey {
            id,
            user_id: user,
            name,
            prefix,
            hash,
            scopes,
            created_at,
            expires_at,
            last_used_at,
        },
    )
}

/// Mails about an account, or about nobody's.
pub fn mails_about(user: Option<UserId>) -> impl Strategy<Value = Mail> {
    let addresses = (email_addresses(), option::of(email_addresses()));
    (
        mail_ids(),
        mail_kinds(),
        option::of(auth_versions()),
        addresses,
        timestamps(),
        origins(),
    )
        .prop_map(
            move |(id, kind, auth_version, (to, other_address), created_at, origin)| Mail {
                id,
                kind,
                user_id: user,
                auth_version: user.and(auth_version),
                to,
                other_address,
                created_at,
                origin,
            },
        )
}

/// How far the delivery of a mail may have come.
pub fn mail_attempts() -> impl Strategy<Value = Attempt> {
    let counts = (0..1000_u32).prop_flat_map(|tries| (Just(tries), 0..=tries));
    (mail_states(), counts, timestamps(), option::of(line(200))).prop_map(
        |(state, (tries, unknown), due_at, last_error)| Attempt {
            state,
            tries,
            unknown,
            due_at,
            last_error,
        },
    )
}

/// Letters with everything that their kind brings.
pub fn letters() -> impl Strategy<Value = Letter> {
    let reader = (email_addresses(), option::of(line(100)));
    let times = (timestamps(), timestamps());
    (
        (mail_ids(), mail_kinds(), any::<u64>()),
        reader,
        option::of(email_addresses()),
        times,
        origins(),
    )
        .prop_map(
            |((id, kind, seed), (to, name), other_address, (one, other), origin)| {
                let purpose = kind
                    .token(&Lifetimes::default())
                    .map(|(purpose, _)| purpose);
                let entropy = SeededEntropy::new(seed);
                let token = purpose.and_then(|one| RawToken::generate(one, &entropy).ok());
                Letter {
                    id,
                    kind,
                    to,
                    name,
                    expires_at: token.is_some().then_some(one.max(other)),
                    token,
                    other_address,
                    happened_at: one.min(other),
                    origin,
                }
            },
        )
}

/// Tokens of a user that were handed out or mailed.
pub fn handed_out_tokens_of(user: UserId) -> impl Strategy<Value = HandedOutToken> {
    let addresses = (option::of(email_addresses()), option::of(email_addresses()));
    (
        token_hashes(),
        token_purposes(),
        auth_versions(),
        addresses,
        (timestamps(), timestamps()),
    )
        .prop_map(
            move |(hash, purpose, auth_version, (address, new_address), (one, other))| {
                HandedOutToken {
                    hash,
                    purpose,
                    user_id: user,
                    auth_version,
                    address,
                    new_address,
                    created_at: one.min(other),
                    expires_at: one.max(other),
                }
            },
        )
}

/// Codes of an app.
pub fn totp_codes() -> impl Strategy<Value = TotpCode> {
    "[0-9]{6}".prop_filter_map("a code", |text| TotpCode::parse(&text).ok())
}

/// Codes of an app, and recovery codes in their place.
pub fn second_factor_codes() -> impl Strategy<Value = SecondFactorCode> {
    prop_oneof![
        totp_codes().prop_map(SecondFactorCode::Totp),
        recovery_codes().prop_map(SecondFactorCode::Recovery),
    ]
}

/// Recovery codes in the clear.
pub fn recovery_codes() -> impl Strategy<Value = RecoveryCode> {
    "[0-9a-hjkmnp-tv-z]{16}".prop_filter_map("a code", |text| RecoveryCode::parse(&text))
}

/// Digests of recovery codes.
pub fn recovery_code_hashes() -> impl Strategy<Value = RecoveryCodeHash> {
    any::<[u8; 32]>().prop_filter_map("a digest", |bytes| RecoveryCodeHash::parse_stored(&bytes))
}

/// Seeds in the clear.
pub fn totp_seeds() -> impl Strategy<Value = TotpSeed> {
    any::<u64>().prop_filter_map("a seed", |seed| {
        TotpSeed::generate(&SeededEntropy::new(seed)).ok()
    })
}

/// Seeds as they are stored, whoever sealed them: no key opens them.
pub fn sealed_seeds() -> impl Strategy<Value = SealedSeed> {
    collection::vec(any::<u8>(), 1..200).prop_map(SealedSeed::new)
}

/// Apps of a user, confirmed or not.
pub fn factors_of(user: UserId) -> impl Strategy<Value = TotpFactor> {
    let times = (timestamps(), option::of(timestamps()));
    (sealed_seeds(), times, 0..i64::MAX).prop_map(
        move |(seed, (created_at, confirmed_at), last_step)| TotpFactor {
            user_id: user,
            seed,
            created_at,
            confirmed_at,
            last_step,
        },
    )
}

#[cfg(test)]
mod tests {
    use userhub_domain::{
        Result,
        mail::{MailKind, MailState},
        store::Store,
    };

    use super::*;
    use crate::{MemoryStore, UserBuilder, a_user};

    /// A store with one user, who has all of this.
    async fn stored(mail: &Mail, key: &ApiKey, factor: &TotpFactor) -> Result<MemoryStore> {
        let user = UserBuilder::new().id(factor.user_id).build();
        let store = MemoryStore::new();
        let unit = store.begin().await?;
        let hash = crate::InstantHasher::new().hash_of("open sesame");
        unit.users().insert(&user, &hash).await?;
        unit.second_factors().enrol(factor).await?;
        unit.api_keys().insert(key).await?;
        unit.outbox().add(mail).await?;
        unit.commit(&[]).await?;
        Ok(store)
    }

    fn all_of_one() -> impl Strategy<Value = (Mail, ApiKey, TotpFactor)> {
        let user = a_user().id;
        (mails_about(Some(user)), api_keys_of(user), factors_of(user))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_is_stored_is_found((mail, key, factor) in all_of_one()) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let store = stored(&mail, &key, &factor).await.unwrap();
                let found = Store::second_factors(&store).find(factor.user_id).await.unwrap();
                prop_assert_eq!(found, Some(factor));
                let holder = store.api_keys().find_holder(key.hash).await.unwrap().unwrap();
                prop_assert_eq!(holder.key, key);
                prop_assert_eq!(&store.mails()[0].0, &mail);
                Ok(())
            })?;
        }

        #[test]
        fn words_are_read_back(scopes in scopes(), kind in mail_kinds(), attempt in mail_attempts()) {
            prop_assert_eq!(Scopes::parse_stored(&scopes.to_text()), Some(scopes));
            prop_assert_eq!(MailKind::parse(kind.as_str()), Ok(kind));
            prop_assert_eq!(MailState::parse_stored(attempt.state.as_str()), Some(attempt.state));
        }

        #[test]
        fn secrets_are_of_their_kind(
            totp in totp_codes(),
            recovery in recovery_codes(),
            hash in recovery_code_hashes(),
            token in handed_out_tokens_of(a_user().id),
        ) {
            prop_assert_eq!(totp.expose().len(), 6);
            prop_assert_ne!(recovery.hash(a_user().id), hash);
            prop_assert!(token.created_at <= token.expires_at);
        }
    }
}
