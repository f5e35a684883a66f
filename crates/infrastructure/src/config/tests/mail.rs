//! Settings of mail, and of the key that encrypts seeds.

use super::*;
use crate::mail::Encryption;

const PRODUCTION: (&str, &str) = ("USERHUB__ENVIRONMENT", "production");

#[test]
fn mail_is_set_up_by_a_handful_of_settings() {
    let settings = load(&[
        ("USERHUB__REGISTRATION__VERIFICATION", "required"),
        ("USERHUB__MAIL__SMTP_URL", "smtp://u:hunter2@127.0.0.1:2525"),
        ("USERHUB__MAIL__CA_FILE", "/etc/ssl/own.pem"),
        ("USERHUB__MAIL__FROM", "Example Shop <shop@example.org>"),
        ("USERHUB__MAIL__TEMPLATES", "mails"),
        (
            "USERHUB__MAIL__LINKS__RESET_PASSWORD",
            "https://app.example/reset?t={token}",
        ),
    ]);
    assert!(settings.registration.hides_existence());
    assert!(settings.warnings().is_empty(), "{:?}", settings.warnings());
    let mail = &settings.mail;
    let server = mail.server().expect("set").expect("valid");
    assert_eq!(
        (server.port, server.encryption),
        (2525, Encryption::Offered)
    );
    assert_eq!(mail.from.display_name(), "Example Shop");
    assert_eq!(mail.ca_file, Some(PathBuf::from("/etc/ssl/own.pem")));
    assert_eq!(mail.templates, Some(PathBuf::from("mails")));
    assert_eq!(
        mail.links.reset_password.as_deref(),
        Some("https://app.example/reset?t={token}")
    );
}

#[test]
fn what_cannot_work_is_refused_without_being_shown() {
    for (name, value) in [
        ("USERHUB__MAIL__FROM", "hunter2"),
        ("USERHUB__MAIL__FROM", ""),
        ("USERHUB__MAIL__SMTP_URL", "http://u:hunter2@mail.example"),
        (
            "USERHUB__MAIL__SMTP_URL",
            "smtp://u:hunter2@mail.example?tls=off",
        ),
        ("USERHUB__MAIL__SMTP_URL", "smtp://hunter2@mail.example"),
        (
            "USERHUB__MAIL__LINKS__VERIFY_EMAIL",
            "https://app.example/hunter2",
        ),
        (
            "USERHUB__MAIL__LINKS__CONFIRM_EMAIL",
            "ftp://app.example/{token}",
        ),
        ("USERHUB__MAIL__LINKS__RESET_PASSWORD", "/reset/{token}"),
    ] {
        refused(name, &[(name, value)]);
        let lines = errors(&[(name, value)]).join(" ");
        assert!(!lines.contains("hunter2"), "{lines}");
    }
}

#[test]
fn production_is_told_what_does_not_work_without_a_setting() {
    let settings = load(&[PRODUCTION]);
    let names: Vec<_> = settings
        .warnings()
        .iter()
        .filter_map(|line| line.split(':').next())
        .collect();
    assert_eq!(
        names,
        [
            "USERHUB__SECRETS__ENCRYPTION_KEY",
            "USERHUB__MAIL__SMTP_URL"
        ]
    );
    let complete = [
        PRODUCTION,
        ("USERHUB__MAIL__SMTP_URL", "smtps://u:p@mail.example"),
        (
            "USERHUB__SECRETS__ENCRYPTION_KEY",
            "3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs=",
        ),
        ("USERHUB__SERVER__PUBLIC_URL", "https://users.example"),
    ];
    let settings = load(&complete);
    assert!(settings.warnings().is_empty(), "{:?}", settings.warnings());
    let settings = load(&complete[..3]);
    assert_eq!(
        settings.warnings(),
        ["USERHUB__SERVER__PUBLIC_URL: is not set; links in mails lead to this machine"]
    );
}
