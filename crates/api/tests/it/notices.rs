//! What the owner of an account is told by mail.

use serde_json::json;
use userhub_domain::{mail::MailKind, users::User};
use userhub_testkit::UserBuilder;

use crate::{
    backend::on_every_store,
    flows::NEXT,
    test_app::{PASSWORD, TestApp, path_of},
};

const ALICE: &str = "alice@example.org";

async fn alice(app: &TestApp) -> User {
    let user = UserBuilder::new()
        .first_name("Alice")
        .email(ALICE)
        .verified()
        .build();
    app.add(&user).await;
    user
}

async fn a_sign_in_after_several_failures(app: TestApp) {
    let user = alice(&app).await;
    for failures in [2, 3] {
        for _ in 0..failures {
            let answer = app.log_in(ALICE, NEXT).await;
            answer.refused(401, "invalid_credentials");
        }
        app.sign_in(&user).await;
    }
    let mails = app.mails().await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    let letter = &mails[0];
    assert_eq!(letter.kind, MailKind::SignInAfterFailures);
    assert_eq!(letter.to.as_str(), ALICE);
    assert_eq!(letter.name.as_deref(), Some("Alice"));
    assert!(letter.token.is_none() && letter.origin.address.is_some());
}

async fn another_password(app: TestApp) {
    let user = alice(&app).await;
    let client = app.as_user(&user).await;
    let change = "/api/v1/auth/password/change";
    let body = json!({"current_password": NEXT, "new_password": NEXT});
    let answer = client.post(change, body).await;
    answer.refused(403, "wrong_password");
    assert!(app.mails().await.is_empty());
    let body = json!({"current_password": PASSWORD, "new_password": NEXT});
    client.post(change, body).await.succeeded(204);
    assert_eq!(app.mails_to(ALICE).await, [MailKind::PasswordChanged]);
}

async fn another_address_whoever_gave_it(app: TestApp) {
    let admin = app.as_admin().await;
    for (number, by_admin) in [(0, false), (1, true)] {
        let old = format!("user{number}@example.org");
        let user = UserBuilder::new().email(&old).verified().build();
        app.add(&user).await;
        let new = format!("next{number}@example.org");
        if by_admin {
            let body = json!({ "email": new });
            admin.patch(&path_of(&user), body).await.succeeded(200);
        } else {
            let client = app.as_user(&user).await;
            let body = json!({"email": new, "password": PASSWORD});
            let changed = client.post("/api/v1/auth/email/change", body).await;
            changed.succeeded(200);
        }
        assert_eq!(app.mails_to(&old).await, [MailKind::EmailChanged]);
        assert!(app.mails_to(&new).await.is_empty());
    }
}

on_every_store!(
    a_sign_in_after_several_failures,
    another_password,
    another_address_whoever_gave_it,
);
