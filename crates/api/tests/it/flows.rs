//! The steps that tests of the mail flows share.

use serde_json::{Value, json};
use userhub_domain::policy::{Policy, Verification};

use crate::test_app::{Answered, TestApp};

/// Another password than everybody's.
pub(crate) const NEXT: &str = "walnut-harbour-quartz-3";

/// What tokens are not.
pub(crate) fn hostile_tokens() -> Vec<Value> {
    vec![
        json!(""),
        json!(null),
        json!([]),
        json!(["uhp_"]),
        json!("%"),
        json!("*"),
        json!("_"),
        json!("00000000-0000-0000-0000-000000000000"),
        json!({"$ne": null}),
        json!(0),
        json!(true),
        json!("uhp_"),
        json!("uhv_%"),
        json!(format!("uhp_{}", "0".repeat(64))),
        json!(format!("uhv_{}", "0".repeat(64))),
        json!(format!("uhe_{}", "0".repeat(64))),
    ]
}

/// Addresses must be verified.
pub(crate) fn verifying() -> Policy {
    let mut policy = Policy::default();
    policy.registration.verification = Verification::Required;
    policy
}

impl TestApp {
    pub(crate) async fn forget(&self, email: &str) -> Answered {
        let body = json!({ "email": email });
        self.anonymous()
            .post("/api/v1/auth/password/forgot", body)
            .await
    }

    pub(crate) async fn reset(&self, token: impl Into<Value>, password: &str) -> Answered {
        let body = json!({"token": token.into(), "new_password": password});
        self.anonymous()
            .post("/api/v1/auth/password/reset", body)
            .await
    }

    pub(crate) async fn ask_again(&self, email: &str) -> Answered {
        let body = json!({ "email": email });
        self.anonymous()
            .post("/api/v1/auth/email/verification", body)
            .await
    }

    pub(crate) async fn verify(&self, token: impl Into<Value>) -> Answered {
        let body = json!({ "token": token.into() });
        self.anonymous()
            .post("/api/v1/auth/email/verify", body)
            .await
    }

    pub(crate) async fn log_in(&self, identifier: &str, password: &str) -> Answered {
        let body = json!({"identifier": identifier, "password": password});
        self.anonymous().post("/api/v1/auth/login", body).await
    }
}

impl Answered {
    /// Everything that somebody could tell two answers apart by: status, body
    /// and headers, but for the id of the request and the time.
    pub(crate) fn told(&self) -> (u16, String, Vec<(String, String)>) {
        let mut headers: Vec<_> = self
            .headers
            .iter()
            .filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()))
            .map(|(name, value)| {
                let value = value.to_str().expect("text");
                (name.to_string(), value.to_owned())
            })
            .collect();
        headers.sort();
        (self.status.as_u16(), self.text.clone(), headers)
    }
}
