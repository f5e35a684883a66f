//! What the interface shows of the process.

use async_trait::async_trait;
use metrics_exporter_prometheus::PrometheusHandle;
use userhub_api::Probes;
use userhub_domain::Result;
use userhub_infrastructure::sql::SqlStore;

/// Readiness by the store, metrics by the recorder.
pub(crate) struct ProcessProbes {
    pub(crate) store: SqlStore,
    pub(crate) metrics: PrometheusHandle,
}

#[async_trait]
impl Probes for ProcessProbes {
    async fn ready(&self) -> Result<()> {
        self.store.ping().await
    }

    fn metrics(&self) -> Option<String> {
        Some(self.metrics.render())
    }
}
