//! From a listening process to one that is ready: the database may come later.

use std::time::Duration;

use userhub_domain::{Error, Result, clock::Entropy};
use userhub_infrastructure::sql::{PrepareReport, SqlStore};

/// The first pause between two tries; each is twice as long as the last.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Prepares the store, and tries again for as long as the database does not
/// answer.
///
/// # Errors
/// What waiting does not help against: the schema is not one that this binary
/// can work with.
pub(crate) async fn prepare(
    store: &SqlStore,
    auto_migrate: bool,
    entropy: &dyn Entropy,
) -> Result<PrepareReport> {
    let mut pause = FIRST_PAUSE;
    loop {
        match store.prepare(auto_migrate).await {
            Err(error @ Error::Unavailable(_)) => {
                let source = error.source_for_log().map(ToString::to_string);
                tracing::warn!(
                    cause = source.unwrap_or_default(),
                    next_try_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
                    "the database does not answer",
                );
            }
            result => {
                return result.inspect(report);
            }
        }
        tokio::time::sleep(pause.mul_f64(0.75 + fraction(entropy)? / 2.0)).await;
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}

fn report(report: &PrepareReport) {
    for name in &report.applied {
        tracing::info!(migration = %name, "schema changed");
    }
    for name in &report.newer {
        tracing::warn!(migration = %name, "the schema has a change of a newer version");
    }
}

/// From 0 to 1: so that instances that were started together do not knock
/// together.
fn fraction(entropy: &dyn Entropy) -> Result<f64> {
    let mut byte = [0];
    entropy.fill(&mut byte)?;
    let [byte] = byte;
    Ok(f64::from(byte) / 255.0)
}
