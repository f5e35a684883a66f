//! The mail flows of the whole process, with a mail server.

use serde_json::json;

use crate::{
    database::Database,
    on_both_databases,
    process::{Instance, PASSWORD, userhub},
    smtp::{Manner, SmtpServer},
};

const OTHER_PASSWORD: &str = "harbour-walnut-quartz-3";

async fn start(database: &Database, smtp: &SmtpServer) -> Instance {
    let mut command = userhub(database, &[]);
    command
        .env("USERHUB__MAIL__SMTP_URL", smtp.url())
        .env("USERHUB__SERVER__PUBLIC_URL", "https://users.example.org")
        .env("USERHUB__REGISTRATION__VERIFICATION", "required");
    let instance = Instance::spawn(&mut command);
    instance
        .become_ready(std::time::Duration::from_secs(30))
        .await;
    instance
}

/// Registers with an address and confirms it.
async fn register(instance: &Instance, smtp: &SmtpServer, email: &str) {
    let body = json!({ "email": email, "password": PASSWORD });
    assert_eq!(instance.post("/auth/register", body).await.status, 202);
    let early = instance.login(email, PASSWORD).await;
    assert_eq!(early.body["code"], "email_not_verified");
    let mail = smtp
        .wait_for_subject(email, "Confirm your e-mail address")
        .await;
    let link = format!(
        "https://users.example.org/verify-email#token={}",
        mail.token()
    );
    assert!(mail.content.contains(&link), "{}", mail.content);
    let token = json!({ "token": mail.token() });
    assert_eq!(
        instance
            .post("/auth/email/verify", token.clone())
            .await
            .status,
        204
    );
    let again = instance.post("/auth/email/verify", token).await;
    assert_eq!(again.body["code"], "token_invalid");
}

on_both_databases! {
    async fn an_address_is_confirmed_and_a_forgotten_password_replaced(database: Database) {
        let smtp = SmtpServer::start(Manner::Takes).await;
        let instance = start(&database, &smtp).await;
        let email = "alice@example.org";
        register(&instance, &smtp, email).await;
        let access = instance.signed_in(email).await;

        let forgot = json!({ "email": "ALICE@example.org" });
        assert_eq!(instance.post("/auth/password/forgot", forgot).await.status, 202);
        let nobody = json!({ "email": "nobody@example.org" });
        assert_eq!(instance.post("/auth/password/forgot", nobody).await.status, 202);
        let mail = smtp.wait_for_subject(email, "Choose a new password").await;
        let body = json!({ "token": mail.token(), "new_password": OTHER_PASSWORD });
        assert_eq!(instance.post("/auth/password/reset", body.clone()).await.status, 204);
        assert_eq!(instance.post("/auth/password/reset", body).await.body["code"], "token_invalid");
        assert_eq!(instance.get("/auth/me", &access).await.status, 401);
        assert_eq!(instance.login(email, PASSWORD).await.status, 401);
        assert_eq!(instance.login(email, OTHER_PASSWORD).await.status, 200);
        smtp.wait_for_subject(email, "Your password was changed").await;

        // An address that is known is answered as any other, and its owner told.
        let body = json!({ "email": email, "password": PASSWORD });
        assert_eq!(instance.post("/auth/register", body).await.status, 202);
        smtp.wait_for_subject(email, "You have an account already").await;
        let to: Vec<_> = smtp.mails().into_iter().map(|mail| mail.to).collect();
        assert!(to.iter().all(|to| to == email), "{to:?}");
        let log = instance.log();
        for secret in [mail.token(), OTHER_PASSWORD, PASSWORD, email] {
            assert!(!log.contains(secret), "{log}");
        }
    }

    async fn a_new_address_is_confirmed_and_the_old_one_told(database: Database) {
        let smtp = SmtpServer::start(Manner::Takes).await;
        let instance = start(&database, &smtp).await;
        let (old, new) = ("alice@example.org", "alice@example.net");
        register(&instance, &smtp, old).await;
        let access = instance.signed_in(old).await;
        let url = format!("{}/api/v1/auth/email/change", instance.url);
        let change = instance.client().post(url).bearer_auth(&access);
        let change = change.json(&json!({ "email": new, "password": PASSWORD }));
        assert_eq!(change.send().await.unwrap().status(), 202);
        let request = smtp.wait_for_subject(new, "Confirm your new e-mail address").await;
        assert!(request.content.contains("https://users.example.org/confirm-email#token="));
        assert_eq!(instance.login(new, PASSWORD).await.status, 401);
        assert_eq!(instance.login(old, PASSWORD).await.status, 200);
        let token = json!({ "token": request.token() });
        assert_eq!(instance.post("/auth/email/verify", token).await.status, 204);
        assert_eq!(instance.login(new, PASSWORD).await.status, 200);
        assert_eq!(instance.login(old, PASSWORD).await.status, 401);
        let to_the_old: Vec<_> = smtp.wait_for(4).await;
        let notices = to_the_old.iter().filter(|mail| mail.to == old).count();
        assert_eq!(notices, 3, "the confirmation, the request, the change");
    }
}
