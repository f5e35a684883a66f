//! What UserHub's `/health/ready` asks.

use async_trait::async_trait;
use userhub_api::Probes;
use userhub_domain::Result;
use userhub_infrastructure::sql::SqlStore;

/// Ready while the database answers; without metrics of its own.
pub struct Ready(pub SqlStore);

#[async_trait]
impl Probes for Ready {
    async fn ready(&self) -> Result<()> {
        self.0.ping().await
    }

    fn metrics(&self) -> Option<String> {
        None
    }
}
