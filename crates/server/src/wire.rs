//! The composition root: settings become adapters, adapters become ports,
//! ports become use cases.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use chrono::TimeDelta;
use metrics_exporter_prometheus::PrometheusHandle;
use userhub_api::{ApiSettings, http::FloodLimit};
use userhub_domain::{
    admin::Administration,
    mail::{Mailer, NoMailer},
    policy::{Lifetimes, Policy, RegistrationPolicy, RequiredMember, Verification},
    ports::{Ports, Services},
    second_factor::{NoTotp, Totp},
    throttle::ThrottlePolicy,
    users::PasswordRules,
};
use userhub_infrastructure::{
    clock::{SystemClock, SystemEntropy},
    config::{
        Environment, RegistrationMode, RequiredMember as SetMember, Settings,
        Verification as SetVerification,
    },
    crypto::{
        Argon2Hasher, EncryptionKey, HashingOptions, SealingTotp, ZxcvbnStrength,
        jwt::{JwtTokens, TokenOptions},
    },
    mail,
    sql::{DatabaseOptions, SqlStore},
    worker::Worker,
};

use crate::{failure::Failure, terminal::complain};

/// The adapters of a process.
pub(crate) struct Adapters {
    pub(crate) store: SqlStore,
    pub(crate) entropy: Arc<SystemEntropy>,
    clock: Arc<SystemClock>,
    hasher: Arc<Argon2Hasher>,
    tokens: Arc<JwtTokens>,
    totp: Arc<dyn Totp>,
    mailer: Arc<dyn Mailer>,
}

impl Adapters {
    /// Makes them, for a process that people sign in to and that sends mail;
    /// connects to nothing yet. `base` is where its own pages are reached.
    ///
    /// # Errors
    /// Where the settings do not fit an adapter.
    pub(crate) fn for_serving(settings: &Settings, base: &str) -> Result<Self, Failure> {
        let adapters = Self::for_commands(settings)?;
        let entropy = adapters.entropy.clone();
        let key = EncryptionKey::from_settings(settings, entropy.as_ref())?;
        let totp: Arc<dyn Totp> = match key {
            Some(key) => {
                let issuer = settings.mail.from.display_name();
                Arc::new(SealingTotp::new(&key, entropy, issuer)?)
            }
            None => Arc::new(NoTotp),
        };
        let mailer = mail::mailer(settings, base, adapters.clock.clone())?;
        Ok(Self {
            totp,
            mailer,
            ..adapters
        })
    }

    /// Makes them, for a command that neither signs anybody in nor sends mail;
    /// connects to nothing yet.
    ///
    /// # Errors
    /// Where the settings do not fit an adapter.
    pub(crate) fn for_commands(settings: &Settings) -> Result<Self, Failure> {
        let store = store(settings)?;
        let entropy = Arc::new(SystemEntropy);
        let clock = Arc::new(SystemClock);
        let hasher = Argon2Hasher::new(hashing(settings), entropy.clone())?;
        let directory = Arc::new(store.clone());
        let tokens = JwtTokens::new(
            TokenOptions::from(&settings.tokens),
            directory,
            clock.clone(),
        )
        .map_err(|error| Failure::new(error.to_string()))?;
        Ok(Self {
            store,
            entropy,
            clock,
            hasher: Arc::new(hasher),
            tokens: Arc::new(tokens),
            totp: Arc::new(NoTotp),
            mailer: Arc::new(NoMailer),
        })
    }

    /// What the use cases work with.
    pub(crate) fn ports(&self) -> Ports {
        Ports {
            store: Arc::new(self.store.clone()),
            hasher: self.hasher.clone(),
            strength: Arc::new(ZxcvbnStrength),
            access_tokens: self.tokens.clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            totp: self.totp.clone(),
            mailer: self.mailer.clone(),
        }
    }

    /// What keeps the process in order.
    ///
    /// # Errors
    /// Where a duration is beyond reason.
    pub(crate) fn worker(
        &self,
        settings: &Settings,
        administration: Administration,
        metrics: PrometheusHandle,
    ) -> Result<Worker, Failure> {
        Ok(Worker {
            administration,
            store: self.store.clone(),
            tokens: self.tokens.clone(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
            purge_deleted_after: settings
                .retention
                .purge_deleted_after
                .map(delta)
                .transpose()?,
            metrics: Some(metrics),
        })
    }
}

/// What a command works with: the use cases over a database that is there and
/// up to date.
pub(crate) struct Desk {
    pub(crate) services: Services,
    store: SqlStore,
}

impl Desk {
    /// Connects, and brings the schema up to date where the settings allow it.
    ///
    /// # Errors
    /// Where the database does not answer or has another schema.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, Failure> {
        let adapters = Adapters::for_commands(settings)?;
        let report = adapters
            .store
            .prepare(settings.database.auto_migrate)
            .await?;
        for name in report.newer {
            complain(format_args!(
                "warning: the schema has a change of a newer version: {name}"
            ));
        }
        Ok(Self {
            services: Services::new(adapters.ports(), policy(settings)?),
            store: adapters.store,
        })
    }

    /// Closes the connections.
    pub(crate) async fn close(self) {
        self.store.close().await;
    }
}

/// Where UserHub's own pages are reached: as it is set, or else at the address
/// that it listens on. Nothing of a request ever gets in here.
pub(crate) fn base_url(settings: &Settings, listening: Option<SocketAddr>) -> String {
    if let Some(url) = &settings.server.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    match listening {
        Some(address) => format!("http://{}", crate::banner::visitable(address)),
        None => format!("http://{}:{}", settings.server.host, settings.server.port),
    }
}

/// The store of the settings; connects to nothing yet.
///
/// # Errors
/// Where the URL cannot be used.
pub(crate) fn store(settings: &Settings) -> Result<SqlStore, Failure> {
    let database = &settings.database;
    let store = SqlStore::connect(&DatabaseOptions {
        url: database.url.clone(),
        max_connections: database.max_connections,
        statement_timeout: database.statement_timeout,
    })?;
    Ok(store)
}

fn hashing(settings: &Settings) -> HashingOptions {
    let hashing = &settings.hashing;
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    HashingOptions {
        memory_kib: hashing.memory_kib,
        iterations: hashing.iterations,
        parallelism: hashing.parallelism,
        slots: hashing.slots.unwrap_or_else(cores),
        max_wait: hashing.max_wait,
    }
}

/// The rules that the deployment chose.
///
/// # Errors
/// Where a duration is beyond reason.
pub(crate) fn policy(settings: &Settings) -> Result<Policy, Failure> {
    let registration = &settings.registration;
    let tokens = &settings.tokens;
    Ok(Policy {
        registration: RegistrationPolicy {
            open: registration.mode == RegistrationMode::Open,
            verification: match registration.verification {
                SetVerification::Off => Verification::Off,
                SetVerification::Required => Verification::Required,
            },
            hide_existence: registration.hide_existence,
            required: registration
                .required
                .iter()
                .copied()
                .map(required)
                .collect(),
        },
        passwords: PasswordRules {
            min_length: settings.passwords.min_length,
            min_score: settings.passwords.min_score,
        },
        lifetimes: Lifetimes {
            access: delta(tokens.access_ttl)?,
            refresh: delta(tokens.refresh_ttl)?,
            session: delta(tokens.session_ttl)?,
            refresh_grace: delta(tokens.refresh_grace)?,
            ..Lifetimes::default()
        },
        throttle: ThrottlePolicy {
            enabled: settings.throttle.enabled,
            ..ThrottlePolicy::default()
        },
        ..Policy::default()
    })
}

/// What the deployment chose about the HTTP interface.
pub(crate) fn api_settings(settings: &Settings) -> ApiSettings {
    let server = &settings.server;
    let defaults = ApiSettings::default();
    // A request that waits for a slot or a statement gets their answer, not the clock's.
    let patience = settings
        .hashing
        .max_wait
        .max(settings.database.statement_timeout);
    ApiSettings {
        public_url: server.public_url.clone(),
        reset_password_link: settings.mail.links.reset_password.clone(),
        cors_origins: server.cors_origins.clone(),
        development: settings.environment == Environment::Development,
        trusted_proxies: server.trusted_proxies.clone(),
        flood_limit: settings.throttle.enabled.then_some(FloodLimit::DEFAULT),
        request_timeout: defaults
            .request_timeout
            .max(patience.saturating_add(Duration::from_millis(300))),
        hsts: settings.environment == Environment::Production,
        ..defaults
    }
}

fn required(member: SetMember) -> RequiredMember {
    match member {
        SetMember::Username => RequiredMember::Username,
        SetMember::Email => RequiredMember::Email,
        SetMember::FirstName => RequiredMember::FirstName,
        SetMember::LastName => RequiredMember::LastName,
        SetMember::PhoneNumber => RequiredMember::PhoneNumber,
    }
}

fn delta(duration: Duration) -> Result<TimeDelta, Failure> {
    TimeDelta::from_std(duration)
        .map_err(|_| Failure::new("a duration in the settings is beyond reason"))
}
