//! What both ways of signing in do: the use case, counted by its outcome.

use userhub_domain::sessions::{LoginCommand, TokenPair};

use crate::{
    http::{Answer, RequestOrigin},
    state::State,
};

/// Signs in and counts it in `userhub_sign_ins_total`: as `started`, or by the
/// code of the error.
pub(super) async fn sign_in(
    state: &State,
    origin: &RequestOrigin,
    command: LoginCommand,
) -> Answer<TokenPair> {
    let result = state.services.sessions.login(&origin.0, command).await;
    let outcome = match &result {
        Ok(_) => "started",
        Err(error) => error.code(),
    };
    metrics::counter!("userhub_sign_ins_total", "outcome" => outcome).increment(1);
    Ok(result?)
}
