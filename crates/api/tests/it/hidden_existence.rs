//! Whether registering tells which addresses have an account: a setting of its
//! own, on where addresses must be verified.

use serde_json::{Value, json};
use userhub_api::ApiSettings;
use userhub_domain::{
    mail::MailKind,
    policy::{Policy, Verification},
};
use userhub_testkit::UserBuilder;

use crate::{
    flows::NEXT,
    test_app::{Answered, PASSWORD, TestApp},
};

const OLIVIA: &str = "olivia@example.org";

/// An application in which olivia has an account.
async fn app(verification: Verification, hide_existence: Option<bool>) -> TestApp {
    let mut policy = Policy::default();
    policy.registration.verification = verification;
    policy.registration.hide_existence = hide_existence;
    let app = TestApp::with(ApiSettings::default(), policy).await;
    let olivia = UserBuilder::new().email(OLIVIA).verified().build();
    app.add(&olivia).await;
    app
}

async fn register(app: &TestApp, body: Value) -> Answered {
    app.anonymous().post("/api/v1/auth/register", body).await
}

fn with(email: &str) -> Value {
    json!({"email": email, "password": NEXT})
}

#[tokio::test]
async fn it_is_told_where_addresses_need_not_be_verified() {
    let app = app(Verification::Off, None).await;
    let answer = register(&app, with(OLIVIA)).await;
    answer.names(409, "email_taken", &[("email", "email_taken")]);
    register(&app, with("new@example.org")).await.succeeded(201);
    assert!(app.mails().await.is_empty());
}

#[tokio::test]
async fn it_can_be_told_although_addresses_must_be_verified() {
    let app = app(Verification::Required, Some(false)).await;
    let answer = register(&app, with(OLIVIA)).await;
    answer.names(409, "email_taken", &[("email", "email_taken")]);
    register(&app, with("new@example.org")).await.succeeded(201);
    let kinds = app.mails_to("new@example.org").await;
    assert_eq!(kinds, [MailKind::VerifyEmail]);
    let olivia = app.log_in(OLIVIA, PASSWORD).await.succeeded(200);
    let client = app.with_token(olivia["access_token"].as_str().expect("a token"));
    let body = json!({"email": "new@example.org", "password": PASSWORD});
    let answer = client.post("/api/v1/auth/email/change", body).await;
    answer.names(409, "email_taken", &[("email", "email_taken")]);
}

#[tokio::test]
async fn it_can_be_hidden_although_addresses_need_not_be_verified() {
    let app = app(Verification::Off, Some(true)).await;
    let known = register(&app, with(OLIVIA)).await;
    let new = register(&app, with("new@example.org")).await;
    new.succeeded(202);
    assert_eq!(known.told(), new.told());
    assert_eq!(app.mails_to(OLIVIA).await, [MailKind::AccountExists]);
    app.log_in("new@example.org", NEXT).await.succeeded(200);
    app.log_in(OLIVIA, PASSWORD).await.succeeded(200);
    // Without an address there is nothing to hide.
    let body = json!({"username": "bob", "password": NEXT});
    register(&app, body).await.succeeded(201);
}

#[tokio::test]
async fn the_owner_of_an_address_is_not_flooded_with_notices() {
    let app = app(Verification::Required, None).await;
    for _ in 0..20 {
        register(&app, with(OLIVIA)).await.succeeded(202);
    }
    assert_eq!(app.mails_to(OLIVIA).await, [MailKind::AccountExists; 4]);
}
