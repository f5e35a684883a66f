//! The use cases over fakes, assembled.

use std::sync::Arc;

use userhub_domain::{
    Result,
    audit::Origin,
    policy::Policy,
    ports::{Ports, Services},
    sessions::{LoginCommand, LoginInput, TokenPair},
    store::Store,
    users::User,
};

use crate::{
    FakeAccessTokens, FakeStrength, FixedClock, InstantHasher, MemoryStore, SeededEntropy,
};

/// The password of every user that [`TestServices::add`] stores.
pub const PASSWORD: &str = "correct horse battery";

/// Every use case over a memory store and fakes, each of which a test can
/// reach. Clones are the same services over the same content.
#[derive(Clone)]
pub struct TestServices {
    /// The use cases.
    pub services: Services,
    /// The adapters below, as services of one's own take them.
    pub ports: Ports,
    /// What is kept.
    pub store: MemoryStore,
    /// The time, which a test moves.
    pub clock: FixedClock,
    /// The hasher, which counts.
    pub hasher: InstantHasher,
    /// The signer.
    pub access_tokens: FakeAccessTokens,
    /// The source of ids and tokens.
    pub entropy: SeededEntropy,
}

impl TestServices {
    /// An empty store under the default policy.
    pub fn new() -> Self {
        Self::with(Policy::default())
    }

    /// An empty store under a policy.
    pub fn with(policy: Policy) -> Self {
        let (store, clock, hasher) = <(MemoryStore, FixedClock, InstantHasher)>::default();
        let (access_tokens, entropy) = <(FakeAccessTokens, SeededEntropy)>::default();
        let ports = Ports {
            store: Arc::new(store.clone()),
            hasher: Arc::new(hasher.clone()),
            strength: Arc::new(FakeStrength::default()),
            access_tokens: Arc::new(access_tokens.clone()),
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(entropy.clone()),
        };
        Self {
            services: Services::new(ports.clone(), policy),
            ports,
            store,
            clock,
            hasher,
            access_tokens,
            entropy,
        }
    }

    /// Stores a user whose password is [`PASSWORD`], without any event.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn add(&self, user: User) -> Result<User> {
        let unit = self.store.begin().await?;
        let hash = self.hasher.hash_of(PASSWORD);
        unit.users().insert(&user, &hash).await?;
        unit.commit(&[]).await?;
        Ok(user)
    }

    /// Signs in a user that was [added](Self::add).
    ///
    /// # Errors
    /// Those of [`login`](userhub_domain::sessions::Sessions::login).
    pub async fn sign_in(&self, user: &User) -> Result<TokenPair> {
        let name = user.username.as_ref().map(ToString::to_string);
        let address = user.email.as_ref().map(ToString::to_string);
        let command = LoginCommand::parse(LoginInput {
            identifier: name.or(address),
            password: Some(PASSWORD.into()),
        })?;
        let sessions = &self.services.sessions;
        sessions.login(&Origin::default(), command).await
    }
}

impl Default for TestServices {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::{UserBuilder, an_admin};

    #[tokio::test]
    async fn a_user_who_was_added_can_sign_in() {
        let test = TestServices::new();
        for user in [an_admin(), UserBuilder::new().no_username().build()] {
            let user = test.add(user).await.unwrap();
            let pair = test.sign_in(&user).await.unwrap();
            let token = pair.access_token.expose_secret();
            let caller = test.services.sessions.authenticate(token).await.unwrap();
            assert_eq!(caller.id(), user.id);
        }
    }
}
