//! Everything that the use cases reach the world through, in one place.

use std::sync::Arc;

use crate::{
    accounts::Accounts,
    admin::Administration,
    api_keys::ApiKeys,
    audit::{Actor, AuditEvent, EventKind, Origin},
    clock::{Clock, Entropy, Timestamp},
    error::Result,
    mail::{Mailer, Mails},
    policy::Policy,
    rules::Rules,
    second_factor::{SecondFactor, Totp},
    sessions::{AccessTokens, Sessions},
    store::Store,
    users::{PasswordHasher, PasswordStrength},
};

pub use crate::builder::{CompleteBuilder, Missing, ServicesBuilder};

/// The adapters that the use cases work with, every part named.
/// [`Services::builder`] makes the same with defaults.
#[derive(Clone)]
pub struct Ports {
    /// Everything that is kept.
    pub store: Arc<dyn Store>,
    /// Makes and checks password hashes.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Estimates new passwords.
    pub strength: Arc<dyn PasswordStrength>,
    /// Signs and verifies access tokens.
    pub access_tokens: Arc<dyn AccessTokens>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Makes and checks one-time codes.
    pub totp: Arc<dyn Totp>,
    /// Carries mail.
    pub mailer: Arc<dyn Mailer>,
}

/// The use cases, ready to be called.
#[derive(Clone)]
pub struct Services {
    /// What people do with their own account.
    pub accounts: Accounts,
    /// Signing in and out, refreshing, and who is calling.
    pub sessions: Sessions,
    /// What administrators do to others.
    pub administration: Administration,
    /// What people do with their second factor.
    pub second_factor: SecondFactor,
    /// What people do with their API keys.
    pub api_keys: ApiKeys,
    /// Delivering mail.
    pub mails: Mails,
}

impl Services {
    /// A builder that has a store so far; see [`ServicesBuilder`] for what else is
    /// needed.
    pub fn builder(store: Arc<dyn Store>) -> ServicesBuilder {
        ServicesBuilder::new(store)
    }

    /// All use cases over the same adapters and rules. No time of the policy
    /// counts for more than [`Policy::LONGEST`].
    pub fn new(ports: Ports, policy: Policy) -> Self {
        let (strength, hasher) = (ports.strength.clone(), ports.hasher.clone());
        let rules = Rules::new(Arc::new(policy.bounded()), strength, hasher);
        let context = Context { ports, rules };
        Self {
            accounts: Accounts::new(context.clone()),
            sessions: Sessions::new(context.clone()),
            administration: Administration::new(context.clone()),
            second_factor: SecondFactor::new(context.clone()),
            api_keys: ApiKeys::new(context.clone()),
            mails: Mails::new(context),
        }
    }

    /// The same parts and policy in a builder, to make services that differ in
    /// one of them.
    pub fn to_builder(&self) -> CompleteBuilder {
        let Context { ports, rules } = self.mails.context();
        (ports.clone(), rules.policy().clone()).into()
    }
}

/// What each service holds.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) ports: Ports,
    pub(crate) rules: Rules,
}

impl Context {
    pub(crate) fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// An event that happens now.
    pub(crate) fn event(
        &self,
        now: Timestamp,
        kind: EventKind,
        actor: &Actor,
        origin: &Origin,
    ) -> Result<AuditEvent> {
        AuditEvent::new(now, self.ports.entropy.as_ref(), kind, actor, origin)
    }
}
