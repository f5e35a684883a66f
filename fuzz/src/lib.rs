//! What the targets of the HTTP interface share.

use std::sync::Arc;

use userhub_api::{ApiSettings, AppState, Probes, State};
use userhub_domain::{Result, policy::Policy};
use userhub_testkit::TestServices;

struct NoProbes;

#[async_trait::async_trait]
impl Probes for NoProbes {
    async fn ready(&self) -> Result<()> {
        Ok(())
    }

    fn metrics(&self) -> Option<String> {
        None
    }
}

/// The state that handlers reach, over an empty store in memory.
pub fn state(settings: ApiSettings) -> State {
    let ports = TestServices::new().ports;
    AppState::new(ports, Policy::default(), settings, Arc::new(NoProbes)).expect("a state")
}
