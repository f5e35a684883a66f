//! What both ways of signing in do: the use case, counted by its outcome.

use userhub_domain::{
    Result,
    audit::Origin,
    sessions::{LoginCommand, TokenPair},
};
use utoipa::ToSchema;

use crate::{
    http::{Answer, Problem},
    state::State,
};

/// A problem; where its code is `mfa_required`, with what the second step of
/// the sign-in takes.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it only describes the answer")]
pub(super) struct SignInProblem {
    #[serde(flatten)]
    problem: Problem,
    /// For `POST /api/v1/auth/mfa/verify`.
    #[schema(required = false, nullable = false, value_type = String, format = Password)]
    mfa_token: Option<String>,
    /// What is taken for a `code`.
    #[schema(required = false, nullable = false, value_type = Vec<MfaMethod>)]
    mfa_methods: Option<Vec<MfaMethod>>,
    /// How long `mfa_token` lasts, in seconds.
    #[schema(required = false, nullable = false, value_type = i64, example = 300)]
    expires_in: Option<i64>,
}

/// What is taken for a second factor.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it only describes the answer")]
pub(super) enum MfaMethod {
    /// A code of the app.
    Totp,
    /// One of the recovery codes, in its place.
    RecoveryCode,
}

/// Signs in and counts it in `userhub_sign_ins_total`: as `started`, or by the
/// code of the error.
pub(super) async fn sign_in(
    state: &State,
    origin: &Origin,
    command: LoginCommand,
) -> Answer<TokenPair> {
    let _turn = state.turns.take(command.name()).await;
    let result = state.services.sessions.login(origin, command).await;
    count(&result);
    Ok(result?)
}

/// Counts a step of a sign-in by its outcome.
pub(crate) fn count(result: &Result<TokenPair>) {
    let outcome = match result {
        Ok(_) => "started",
        Err(error) => error.code(),
    };
    metrics::counter!("userhub_sign_ins_total", "outcome" => outcome).increment(1);
}
