//! The use cases from their parts.

use std::sync::Arc;

use crate::{
    clock::{Clock, Entropy},
    mail::{Mailer, NoMailer},
    policy::Policy,
    ports::{Ports, Services},
    second_factor::{NoTotp, Totp},
    sessions::AccessTokens,
    store::Store,
    users::{LengthStrength, PasswordHasher, PasswordStrength},
};

/// Stands for a part that has yet to be given: `build` is not there before all
/// of them are.
#[derive(Debug, Clone, Copy)]
pub struct Missing;

/// Puts the use cases together from their parts.
///
/// Store, hasher, signer, clock and entropy have to be given, and the compiler
/// says so: `build` exists only when they are there. None of them could have
/// an honest default in a crate without storage, cryptography or environment.
/// The estimator of passwords is [`LengthStrength`], the policy
/// [`Policy::default`], the mailer [`NoMailer`] and the second factor
/// [`NoTotp`] unless they are given.
///
/// ```
/// # use std::sync::Arc;
/// # use userhub_testkit::{FakeAccessTokens, FixedClock, InstantHasher};
/// # use userhub_testkit::{MemoryStore, SeededEntropy};
/// use userhub_domain::ports::Services;
///
/// let services = Services::builder(Arc::new(MemoryStore::new()))
///     .hasher(Arc::new(InstantHasher::new()))
///     .access_tokens(Arc::new(FakeAccessTokens::new()))
///     .clock(Arc::new(FixedClock::new()))
///     .entropy(Arc::new(SeededEntropy::default()))
///     .build();
/// # let _ = services;
/// ```
///
/// What is missing does not compile:
///
/// ```compile_fail,E0599
/// # use std::sync::Arc;
/// # use userhub_testkit::{InstantHasher, MemoryStore};
/// use userhub_domain::ports::Services;
///
/// let services = Services::builder(Arc::new(MemoryStore::new()))
///     .hasher(Arc::new(InstantHasher::new()))
///     .build();
/// ```
///
/// Services that differ from others in one part are made by
/// [`Services::to_builder`]: `services.to_builder().clock(other).build()`.
#[derive(Clone)]
#[must_use]
pub struct ServicesBuilder<H = Missing, A = Missing, C = Missing, E = Missing> {
    store: Arc<dyn Store>,
    hasher: H,
    access_tokens: A,
    clock: C,
    entropy: E,
    optional: Optional,
}

/// The parts that have a default.
#[derive(Clone)]
struct Optional {
    strength: Arc<dyn PasswordStrength>,
    totp: Arc<dyn Totp>,
    mailer: Arc<dyn Mailer>,
    policy: Policy,
}

/// A builder that lacks nothing.
pub type CompleteBuilder = ServicesBuilder<
    Arc<dyn PasswordHasher>,
    Arc<dyn AccessTokens>,
    Arc<dyn Clock>,
    Arc<dyn Entropy>,
>;

impl ServicesBuilder {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            hasher: Missing,
            access_tokens: Missing,
            clock: Missing,
            entropy: Missing,
            optional: Optional {
                strength: Arc::new(LengthStrength),
                totp: Arc::new(NoTotp),
                mailer: Arc::new(NoMailer),
                policy: Policy::default(),
            },
        }
    }
}

impl<H, A, C, E> ServicesBuilder<H, A, C, E> {
    /// Makes and checks password hashes. Required.
    pub fn hasher(
        self,
        hasher: Arc<dyn PasswordHasher>,
    ) -> ServicesBuilder<Arc<dyn PasswordHasher>, A, C, E> {
        ServicesBuilder {
            store: self.store,
            hasher,
            access_tokens: self.access_tokens,
            clock: self.clock,
            entropy: self.entropy,
            optional: self.optional,
        }
    }

    /// Signs and verifies access tokens. Required.
    pub fn access_tokens(
        self,
        access_tokens: Arc<dyn AccessTokens>,
    ) -> ServicesBuilder<H, Arc<dyn AccessTokens>, C, E> {
        ServicesBuilder {
            store: self.store,
            hasher: self.hasher,
            access_tokens,
            clock: self.clock,
            entropy: self.entropy,
            optional: self.optional,
        }
    }

    /// The time. Required.
    pub fn clock(self, clock: Arc<dyn Clock>) -> ServicesBuilder<H, A, Arc<dyn Clock>, E> {
        ServicesBuilder {
            store: self.store,
            hasher: self.hasher,
            access_tokens: self.access_tokens,
            clock,
            entropy: self.entropy,
            optional: self.optional,
        }
    }

    /// Randomness. Required.
    pub fn entropy(self, entropy: Arc<dyn Entropy>) -> ServicesBuilder<H, A, C, Arc<dyn Entropy>> {
        ServicesBuilder {
            store: self.store,
            hasher: self.hasher,
            access_tokens: self.access_tokens,
            clock: self.clock,
            entropy,
            optional: self.optional,
        }
    }

    /// Everything that is kept, instead of the store that the builder began with.
    pub fn store(self, store: Arc<dyn Store>) -> Self {
        Self { store, ..self }
    }

    /// Estimates new passwords, instead of [`LengthStrength`].
    pub fn strength(mut self, strength: Arc<dyn PasswordStrength>) -> Self {
        self.optional.strength = strength;
        self
    }

    /// One-time codes, instead of [`NoTotp`].
    pub fn totp(mut self, totp: Arc<dyn Totp>) -> Self {
        self.optional.totp = totp;
        self
    }

    /// Carries mail, instead of [`NoMailer`].
    pub fn mailer(mut self, mailer: Arc<dyn Mailer>) -> Self {
        self.optional.mailer = mailer;
        self
    }

    /// What the deployment chooses, instead of [`Policy::default`].
    pub fn policy(mut self, policy: Policy) -> Self {
        self.optional.policy = policy;
        self
    }
}

impl CompleteBuilder {
    /// The parts, for whoever makes services of their own from them.
    pub fn into_parts(self) -> (Ports, Policy) {
        let ports = Ports {
            store: self.store,
            hasher: self.hasher,
            strength: self.optional.strength,
            access_tokens: self.access_tokens,
            clock: self.clock,
            entropy: self.entropy,
            totp: self.optional.totp,
            mailer: self.optional.mailer,
        };
        (ports, self.optional.policy)
    }

    /// The use cases, ready to be called.
    #[must_use]
    pub fn build(self) -> Services {
        let (ports, policy) = self.into_parts();
        Services::new(ports, policy)
    }
}

/// The reverse of [`CompleteBuilder::into_parts`].
impl From<(Ports, Policy)> for CompleteBuilder {
    fn from((ports, policy): (Ports, Policy)) -> Self {
        Self {
            store: ports.store,
            hasher: ports.hasher,
            access_tokens: ports.access_tokens,
            clock: ports.clock,
            entropy: ports.entropy,
            optional: Optional {
                strength: ports.strength,
                totp: ports.totp,
                mailer: ports.mailer,
                policy,
            },
        }
    }
}
