//! The steps that tests of second factors and API keys share.

use chrono::TimeDelta;
use serde_json::{Value, json};
use userhub_domain::{
    clock::Clock,
    second_factor::TotpFactor,
    users::{User, UserId, UserKey},
};

use crate::test_app::{Answered, Client, PASSWORD, TestApp, text};

/// How long a code is shown.
pub(crate) const STEP: TimeDelta = TimeDelta::seconds(30);

pub(crate) const ENROL: &str = "/api/v1/auth/mfa/totp";
pub(crate) const CONFIRM: &str = "/api/v1/auth/mfa/totp/confirm";
pub(crate) const DISABLE: &str = "/api/v1/auth/mfa/totp/disable";
pub(crate) const RENEW: &str = "/api/v1/auth/mfa/recovery-codes";
pub(crate) const API_KEYS: &str = "/api/v1/auth/api-keys";

impl TestApp {
    async fn factor(&self, user: &User) -> TotpFactor {
        let found = self.store.second_factors().find(user.id).await;
        found.expect("a store that answers").expect("an app")
    }

    /// What the app of a user shows so many steps from now.
    pub(crate) async fn code_in(&self, user: &User, steps: i32) -> String {
        let factor = self.factor(user).await;
        let at = self.clock.now() + STEP * steps;
        self.totp.code_at(&factor.seed, at).expect("a code")
    }

    /// What the app of a user shows now.
    pub(crate) async fn code(&self, user: &User) -> String {
        self.code_in(user, 0).await
    }

    /// Six digits that no app shows around now.
    pub(crate) async fn wrong_code(&self, user: &User) -> String {
        let mut right = Vec::new();
        for steps in -1..=1 {
            right.push(self.code_in(user, steps).await);
        }
        let mut all = (0..10).map(|digit| digit.to_string().repeat(6));
        let wrong = all.find(|code| !right.contains(code));
        wrong.expect("a wrong code")
    }

    /// Adds somebody who has a second factor; gives the recovery codes.
    pub(crate) async fn add_with_factor(&self, user: &User) -> Vec<String> {
        self.add(user).await;
        self.add_factor(user).await
    }

    /// Sets up a second factor; gives the recovery codes. The code that it was
    /// set up with is over.
    pub(crate) async fn add_factor(&self, user: &User) -> Vec<String> {
        let client = self.as_user(user).await;
        let body = json!({ "password": PASSWORD });
        client.post(ENROL, body).await.succeeded(201);
        let body = json!({ "code": self.code(user).await });
        let confirmed = client.post(CONFIRM, body).await.succeeded(200);
        self.clock.advance(STEP);
        recovery_codes(&confirmed)
    }

    /// The first step of a sign-in.
    pub(crate) async fn first_step(&self, user: &User) -> Answered {
        let name = user.username.as_ref().expect("a name");
        self.log_in(name.as_str(), PASSWORD).await
    }

    /// What the first step gives somebody who has a second factor.
    pub(crate) async fn challenge(&self, user: &User) -> String {
        let answer = self.first_step(user).await;
        answer.refused(403, "mfa_required");
        text(&answer.json(), "mfa_token").to_owned()
    }

    /// The second step.
    pub(crate) async fn second_step(
        &self,
        challenge: impl Into<Value>,
        code: impl Into<Value>,
    ) -> Answered {
        let body = json!({ "mfa_token": challenge.into(), "code": code.into() });
        let anonymous = self.anonymous();
        anonymous.post("/api/v1/auth/mfa/verify", body).await
    }

    /// Both steps, with what the app shows.
    pub(crate) async fn both_steps(&self, user: &User) -> Value {
        let challenge = self.challenge(user).await;
        let code = self.code(user).await;
        self.second_step(challenge, code).await.succeeded(200)
    }

    /// The hash of somebody's password as it is stored now.
    pub(crate) async fn stored_hash(&self, user: UserId) -> String {
        let key = UserKey::Id(user);
        let found = self.store.users().find_with_credentials(&key).await;
        let (_, credentials) = found.expect("a store that answers").expect("a user");
        credentials.password_hash.expose().to_owned()
    }

    /// A client with a new key of somebody.
    pub(crate) async fn as_new_key(&self, user: &User, scopes: &[&str]) -> Client<'_> {
        let created = create_key(&self.as_user(user).await, scopes).await;
        self.with_token(text(&created, "key"))
    }
}

/// A key of the client's.
pub(crate) async fn create_key(client: &Client<'_>, scopes: &[&str]) -> Value {
    let body = json!({ "name": "nightly report", "scopes": scopes });
    client.post(API_KEYS, body).await.succeeded(201)
}

/// The codes of an answer.
pub(crate) fn recovery_codes(answer: &Value) -> Vec<String> {
    let codes = answer["recovery_codes"].as_array().expect("codes");
    let text = |code: &Value| code.as_str().expect("a text").to_owned();
    codes.iter().map(text).collect()
}

/// What codes are not.
pub(crate) fn hostile_codes() -> Vec<Value> {
    vec![
        json!(null),
        json!(""),
        json!("12345"),
        json!("1234567"),
        json!("１２３４５６"),
        json!("٠١٢٣٤٥"),
        json!("12345a"),
        json!("-12345"),
        json!("123456\0"),
        json!(123_456),
        json!(["123456"]),
        json!({"$ne": null}),
        json!(true),
        json!("1".repeat(10_000)),
        json!(" ".repeat(10_000)),
        json!("abcd-efgh-jkmn-pqr"),
    ]
}

/// The words that say how a session was authenticated.
pub(crate) async fn methods_of(app: &TestApp, pair: &Value) -> Vec<String> {
    let client = app.with_token(text(pair, "access_token"));
    let sessions = client.get("/api/v1/auth/sessions").await.succeeded(200);
    let all = sessions["items"].as_array().expect("sessions");
    let own = all.iter().find(|one| one["current"] == true);
    let words = own.expect("the own session")["authenticated_by"].as_array();
    let text = |word: &Value| word.as_str().expect("a word").to_owned();
    words.expect("words").iter().map(text).collect()
}
