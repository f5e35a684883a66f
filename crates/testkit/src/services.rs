//! The use cases over fakes, assembled.

use std::sync::Arc;

use userhub_domain::{
    Result,
    audit::Origin,
    clock::Clock,
    error::Conflict,
    mail::Delivery,
    policy::Policy,
    ports::{Ports, Services},
    sessions::{LoginCommand, LoginInput, TokenPair},
    store::Store,
    users::User,
};

use crate::{
    FakeAccessTokens, FakeStrength, FakeTotp, FixedClock, InstantHasher, MemoryStore,
    RecordingMailer, SeededEntropy,
};

/// How many mails are claimed at once.
const PORTION: u32 = 100;

/// The password of every user that [`TestServices::add`] stores.
pub const PASSWORD: &str = "correct horse battery";

/// Every use case over a memory store and fakes, each of which a test can
/// reach. Clones are the same services over the same content.
#[derive(Debug, Clone)]
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
    /// Makes and checks one-time codes.
    pub totp: FakeTotp,
    /// Keeps every letter.
    pub mailer: RecordingMailer,
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
        let (totp, mailer) = <(FakeTotp, RecordingMailer)>::default();
        let ports = Ports {
            store: Arc::new(store.clone()),
            hasher: Arc::new(hasher.clone()),
            strength: Arc::new(FakeStrength::default()),
            access_tokens: Arc::new(access_tokens.clone()),
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(entropy.clone()),
            totp: Arc::new(totp),
            mailer: Arc::new(mailer.clone()),
        };
        Self {
            services: Services::new(ports.clone(), policy),
            ports,
            store,
            clock,
            hasher,
            access_tokens,
            entropy,
            totp,
            mailer,
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

    /// Delivers what is in the outbox until nothing is due; says what became of
    /// each mail. The clock stands meanwhile, so what fails is tried again only
    /// after a test has moved it.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn deliver_mails(&self) -> Result<Vec<Delivery>> {
        let mails = &self.services.mails;
        let mut deliveries = Vec::new();
        loop {
            let claimed = mails.claim(PORTION).await?;
            if claimed.is_empty() {
                return Ok(deliveries);
            }
            for mail in claimed {
                deliveries.push(mails.deliver(mail).await?);
            }
        }
    }

    /// What the app of a user shows now. Each code is good once: a test moves
    /// the clock by 30 seconds for the next.
    ///
    /// # Errors
    /// `mfa_not_enabled` where no app was set up, confirmed or not; those of
    /// the store.
    pub async fn code(&self, user: &User) -> Result<String> {
        let factors = self.ports.store.second_factors();
        let factor = factors.find(user.id).await?;
        let factor = factor.ok_or(Conflict::MfaNotEnabled)?;
        self.totp.code_at(&factor.seed, self.clock.now())
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
    use userhub_domain::{
        mail::{Mail, MailFailure, MailId, MailKind, MailState},
        second_factor::{TotpCode, TotpFactor, TotpSeed},
        users::AuthVersion,
    };

    use super::*;
    use crate::{UserBuilder, a_user, an_admin};

    async fn put_into_outbox(test: &TestServices, kind: MailKind, user: &User) {
        let now = test.clock.now();
        let mail = Mail {
            id: MailId::generate(now, &test.entropy).unwrap(),
            kind,
            user_id: Some(user.id),
            auth_version: Some(AuthVersion::FIRST),
            to: user.email.clone().unwrap(),
            other_address: None,
            created_at: now,
            origin: Origin::default(),
        };
        let unit = test.store.begin().await.unwrap();
        unit.outbox().add(&mail).await.unwrap();
        unit.commit(&[]).await.unwrap();
    }

    #[tokio::test]
    async fn mails_are_delivered_until_nothing_is_due() {
        let test = TestServices::new();
        let user = test.add(a_user()).await.unwrap();
        put_into_outbox(&test, MailKind::ResetPassword, &user).await;
        put_into_outbox(&test, MailKind::PasswordChanged, &user).await;
        test.mailer.fail_next(MailFailure::Refused("550".into()));
        let delivered = test.deliver_mails().await.unwrap();
        assert_eq!(delivered, [Delivery::Abandoned, Delivery::Sent]);
        assert_eq!(test.mailer.kinds(), [MailKind::PasswordChanged]);
        let left = test.store.mails();
        assert_eq!((left.len(), left[0].1.state), (1, MailState::Abandoned));
        put_into_outbox(&test, MailKind::ResetPassword, &user).await;
        assert_eq!(test.deliver_mails().await.unwrap(), [Delivery::Sent]);
        assert!(test.mailer.last_token(MailKind::ResetPassword).is_some());
        assert_eq!(test.deliver_mails().await.unwrap(), []);
    }

    #[tokio::test]
    async fn the_code_of_a_user_is_the_one_that_is_right_now() {
        let test = TestServices::new();
        let user = test.add(a_user()).await.unwrap();
        let missing = test.code(&user).await.unwrap_err();
        assert_eq!(missing.code(), "mfa_not_enabled");
        let seed = TotpSeed::generate(&test.entropy).unwrap();
        let enrolment = test.ports.totp.enrol(user.id, &seed, "ann").unwrap();
        let (now, seed) = (test.clock.now(), enrolment.sealed);
        let factor = TotpFactor {
            user_id: user.id,
            seed: seed.clone(),
            created_at: now,
            confirmed_at: None,
            last_step: 0,
        };
        let unit = test.store.begin().await.unwrap();
        assert!(unit.second_factors().enrol(&factor).await.unwrap());
        unit.commit(&[]).await.unwrap();
        let code = TotpCode::parse(&test.code(&user).await.unwrap()).unwrap();
        let step = test.ports.totp.matching_step(user.id, &seed, &code, now);
        assert_eq!(step.unwrap(), Some(test.totp.step_at(now)));
    }

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
