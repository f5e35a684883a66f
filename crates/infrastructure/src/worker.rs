//! What happens by itself: removing what is over, publishing the signing key,
//! measuring the pools.
//!
//! Any number of instances may do it at once. What fails is logged and tried
//! again in the next round. Dropping the future stops it; a transaction that
//! was open is rolled back.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use metrics_exporter_prometheus::PrometheusHandle;
use userhub_domain::{
    Error, Result,
    admin::Administration,
    caller::Admin,
    clock::{Clock, Entropy},
};

use crate::{
    crypto::jwt::{JwtTokens, PUBLISH_EVERY},
    sql::SqlStore,
};

/// Between two rounds of removing, and two tries to publish; a fifth more or
/// less, so that instances that were started together come one after the other.
const ROUND: Duration = Duration::from_secs(60);
/// Between two measurements.
const MEASURING: Duration = Duration::from_secs(5);
/// Batches of one round at most: a backlog is worked off in bounded steps.
const BATCHES: u32 = 20;

/// Keeps a running instance in order.
pub struct Worker {
    /// Removes what is over.
    pub administration: Administration,
    /// Where the keys of all instances stand, and whose pools are measured.
    pub store: SqlStore,
    /// Publishes its key.
    pub tokens: Arc<JwtTokens>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Spreads the rounds of several instances.
    pub entropy: Arc<dyn Entropy>,
    /// Deleted users are purged after this time; nothing: never.
    pub purge_deleted_after: Option<TimeDelta>,
    /// Kept up as its library demands.
    pub metrics: Option<PrometheusHandle>,
}

impl Worker {
    /// Works until the future is dropped. `operator` is recorded in the audit
    /// events of what is purged.
    pub async fn run(&self, operator: &Admin) {
        tokio::join!(
            self.publish_on_and_on(),
            self.clear_on_and_on(operator),
            self.measure_on_and_on(),
        );
    }

    /// One round of everything that is removed. A step that fails does not keep
    /// the others from being done; the failures are logged.
    pub async fn clear(&self, operator: &Admin) {
        let steps = [
            (
                "removing what has expired",
                self.remove_expired(operator).await,
            ),
            (
                "removing expired signing keys",
                self.remove_expired_keys().await,
            ),
            ("purging deleted users", self.purge(operator).await),
        ];
        for (step, result) in steps {
            if let Err(error) = result {
                log(step, &error);
            }
        }
    }

    async fn publish_on_and_on(&self) {
        loop {
            let pause = match self.tokens.publish(self.clock.now()).await {
                Ok(()) => PUBLISH_EVERY,
                Err(error) => {
                    log("publishing the signing key", &error);
                    ROUND
                }
            };
            tokio::time::sleep(self.about(pause)).await;
        }
    }

    async fn clear_on_and_on(&self, operator: &Admin) {
        loop {
            self.clear(operator).await;
            tokio::time::sleep(self.about(ROUND)).await;
        }
    }

    async fn measure_on_and_on(&self) {
        loop {
            let pool = self.store.pool_state();
            metrics::gauge!("userhub_database_connections", "state" => "open").set(pool.open);
            metrics::gauge!("userhub_database_connections", "state" => "idle").set(pool.idle);
            metrics::gauge!("userhub_database_connections_max").set(pool.max);
            if let Some(metrics) = &self.metrics {
                metrics.run_upkeep();
            }
            tokio::time::sleep(MEASURING).await;
        }
    }

    async fn remove_expired(&self, operator: &Admin) -> Result<()> {
        for _ in 0..BATCHES {
            let removed = self.administration.remove_expired(operator).await?;
            if removed.is_nothing() {
                break;
            }
            tracing::debug!(
                sessions = removed.sessions,
                tokens = removed.tokens,
                attempts = removed.attempts,
                "removed what has expired"
            );
        }
        Ok(())
    }

    async fn remove_expired_keys(&self) -> Result<()> {
        self.store.remove_expired_keys(self.clock.now()).await?;
        Ok(())
    }

    async fn purge(&self, operator: &Admin) -> Result<()> {
        let Some(age) = self.purge_deleted_after else {
            return Ok(());
        };
        let Some(before) = self.clock.now().checked_sub_signed(age) else {
            return Ok(());
        };
        for _ in 0..BATCHES {
            let purged = self
                .administration
                .purge_deleted_before(operator, before)
                .await?;
            if purged == 0 {
                break;
            }
            tracing::info!(users = purged, "purged users that were deleted long ago");
        }
        Ok(())
    }

    /// A fifth less to a fifth more; without randomness the instances go in
    /// step, no more.
    fn about(&self, pause: Duration) -> Duration {
        let mut byte = [127];
        if let Err(error) = self.entropy.fill(&mut byte) {
            log("spreading the rounds", &error);
        }
        let [byte] = byte;
        pause.mul_f64(0.8 + 0.4 * f64::from(byte) / 255.0)
    }
}

fn log(step: &'static str, error: &Error) {
    let cause = error
        .source_for_log()
        .map(ToString::to_string)
        .unwrap_or_default();
    tracing::warn!(step, %error, cause, "upkeep failed and is tried again in the next round");
}
