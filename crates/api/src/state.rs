//! What every handler can reach.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use actix_web::{HttpRequest, web};
use async_trait::async_trait;
use userhub_domain::{
    Result,
    policy::Policy,
    ports::{Ports, Services},
    sessions::AccessTokens,
};

use crate::{
    document::Document,
    http::{FloodGate, Refusal},
    sessions::Turns,
    settings::ApiSettings,
};

/// How handlers take the state.
pub type State = web::Data<AppState>;

/// The state of the application that a request came to.
///
/// # Errors
/// [`Refusal::StateMissing`], with what is to be done about it.
pub(crate) fn state_of(request: &HttpRequest) -> std::result::Result<&State, Refusal> {
    request.app_data::<State>().ok_or_else(|| {
        Refusal::StateMissing(match request.app_data::<web::Data<State>>() {
            Some(_) => "it is wrapped twice: give `.app_data(state)`, not `Data::new(state)`",
            None => "give the application `.app_data(state.clone())`",
        })
    })
}

/// What the composition root knows of the process and the interface shows.
#[async_trait]
pub trait Probes: Send + Sync {
    /// Whether requests can be served, the database among others.
    ///
    /// # Errors
    /// What is missing.
    async fn ready(&self) -> Result<()>;

    /// Every metric in Prometheus's text format; `None` where none are collected.
    fn metrics(&self) -> Option<String>;
}

/// Everything that handlers need.
pub struct AppState {
    /// The use cases.
    pub services: Services,
    /// What the deployment chose.
    pub settings: ApiSettings,
    /// Whose keys `/.well-known/jwks.json` shows.
    pub access_tokens: Arc<dyn AccessTokens>,
    /// Readiness and metrics.
    pub probes: Arc<dyn Probes>,
    /// The OpenAPI document.
    pub document: Document,
    pub(crate) flood_gate: Option<FloodGate>,
    pub(crate) turns: Turns,
    request_prefix: String,
    request_count: AtomicU64,
}

impl AppState {
    /// Builds the use cases and the document.
    ///
    /// # Errors
    /// Where the entropy source fails or the document cannot be written.
    pub fn new(
        ports: Ports,
        policy: Policy,
        settings: ApiSettings,
        probes: Arc<dyn Probes>,
    ) -> Result<State> {
        let mut random = [0; 8];
        ports.entropy.fill(&mut random)?;
        Ok(web::Data::new(Self {
            access_tokens: Arc::clone(&ports.access_tokens),
            services: Services::new(ports, policy),
            document: Document::collect(&settings)?,
            flood_gate: settings.flood_limit.map(FloodGate::new),
            turns: Turns::new(),
            settings,
            probes,
            request_prefix: format!("{:016x}", u64::from_be_bytes(random)),
            request_count: AtomicU64::new(0),
        }))
    }

    /// An id for a request that brought none: unique by the process's random
    /// prefix and a counter.
    pub(crate) fn next_request_id(&self) -> String {
        let count = self.request_count.fetch_add(1, Ordering::Relaxed);
        format!("{}-{count:x}", self.request_prefix)
    }
}
