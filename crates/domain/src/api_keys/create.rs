//! Somebody makes a key.

use chrono::{DateTime, Utc};

use super::{ApiKey, ApiKeyId, ApiKeyName, ApiKeys, Scopes};
use crate::{
    audit::{EventKind, Origin},
    caller::OwnSession,
    clock::{Timestamp, microseconds},
    error::{Error, Result},
    secret::{RawToken, TokenPurpose},
    violation::{Broken, ViolationCode, Violations},
};

/// How many keys somebody can have.
const MOST_KEYS: usize = 100;
/// How many characters of a key are shown to tell it by: the prefix and 32
/// bits, which leaves 224 to guess.
const SHOWN: usize = 12;

/// A key as it was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateApiKeyInput {
    /// `name`
    pub name: Option<String>,
    /// `scopes`
    pub scopes: Option<Vec<String>>,
    /// `expires_at`
    pub expires_at: Option<DateTime<Utc>>,
}

/// A key that keeps the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateApiKeyCommand {
    name: ApiKeyName,
    scopes: Scopes,
    expires_at: Option<Timestamp>,
}

impl CreateApiKeyCommand {
    /// Checks everything.
    ///
    /// # Errors
    /// Every violation at once.
    pub fn parse(input: CreateApiKeyInput) -> Result<Self, Violations> {
        let mut violations = Violations::new();
        let name = violations.take_required("name", input.name, |text| ApiKeyName::parse(&text));
        let scopes = violations.take_required("scopes", input.scopes, |words| {
            Scopes::parse(words.iter().map(String::as_str))
        });
        match (name, scopes) {
            (Some(name), Some(scopes)) => Ok(Self {
                name,
                scopes,
                expires_at: input.expires_at.map(microseconds),
            }),
            _ => Err(violations),
        }
    }
}

/// A key and its token, which is shown this once.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CreatedApiKey {
    /// The key.
    pub key: ApiKey,
    /// What is sent as a bearer token.
    pub token: RawToken,
}

impl ApiKeys {
    /// Makes a key of the caller.
    ///
    /// Writes `api_key.created`; and `api_key.revoked` where the session ended at
    /// the same moment, so that no key outlives a reset. Sends no mail.
    ///
    /// # Errors
    /// `validation_failed` for `expires_at` where that is over, or for `name`
    /// where there are 100 keys already; `invalid_token` where the account or the
    /// session is gone by now; those of the store.
    pub async fn create(
        &self,
        caller: &OwnSession,
        origin: &Origin,
        command: CreateApiKeyCommand,
    ) -> Result<CreatedApiKey> {
        let context = &self.context;
        let (store, now) = (&context.ports.store, context.now());
        let user_id = caller.signed_in().id();
        context.require_living_session(caller).await?;
        if command.expires_at.is_some_and(|end| end <= now) {
            let broken = Broken::new(ViolationCode::InvalidFormat, "must be in the future");
            return Err(Violations::from(broken.at("expires_at")).into());
        }
        if store.api_keys().list(user_id).await?.len() >= MOST_KEYS {
            let broken = Broken::new(
                ViolationCode::NotAllowed,
                format!("there are {MOST_KEYS} keys already: revoke one first"),
            );
            return Err(Violations::from(broken.at("name")).into());
        }
        let entropy = context.ports.entropy.as_ref();
        let token = RawToken::generate(TokenPurpose::ApiKey, entropy)?;
        let key = ApiKey {
            id: ApiKeyId::generate(now, entropy)?,
            user_id,
            name: command.name,
            prefix: token.shown(SHOWN),
            hash: token.hash(),
            scopes: command.scopes,
            created_at: now,
            expires_at: command.expires_at,
            last_used_at: None,
        };
        let actor = caller.signed_in().actor();
        let event = context
            .event(now, EventKind::ApiKeyCreated, &actor, origin)?
            .about(user_id)
            .in_session(caller.session_id());
        let unit = store.begin().await?;
        unit.api_keys().insert(&key).await?;
        unit.commit(&[event]).await?;
        self.take_back_if_over(caller, origin, key.id).await?;
        Ok(CreatedApiKey { key, token })
    }

    /// A reset revokes the keys that it finds. One that is stored after it, by
    /// a session that it has ended, goes as well and is shown to nobody.
    async fn take_back_if_over(
        &self,
        caller: &OwnSession,
        origin: &Origin,
        id: ApiKeyId,
    ) -> Result<()> {
        let Err(over) = self.context.require_living_session(caller).await else {
            return Ok(());
        };
        match self.revoke(caller, origin, id).await {
            Ok(()) | Err(Error::NotFound(_)) => Err(over),
            Err(error) => Err(error),
        }
    }
}
