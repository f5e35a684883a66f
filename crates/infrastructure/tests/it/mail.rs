//! Mails over a real SMTP exchange, and into files.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use secrecy::ExposeSecret as _;
use userhub_domain::{
    audit::Origin,
    clock::Clock as _,
    mail::{Letter, MailFailure, MailId, MailKind, Mailer},
    secret::{RawToken, TokenPurpose},
    users::EmailAddress,
};
use userhub_infrastructure::{
    config::MailLinks,
    mail::{FileMailer, LinkTemplates, Patience, Renderer, Sender, SmtpMailer, SmtpServer},
};
use userhub_testkit::{
    FixedClock, SeededEntropy,
    conformance::mailer::{ArrivedMail, MailerFactory},
};

use crate::{
    mime::{arrived, header},
    smtp_server::{Fault, Phase, TestSmtpServer, Tls},
};

const IMPATIENT: Duration = Duration::from_millis(400);

fn renderer() -> Renderer {
    let links = LinkTemplates::new(&MailLinks::default(), "https://users.example.org");
    Renderer::new(None, links, "Example Shop").expect("templates fit")
}

fn sender() -> Sender {
    Sender::parse("Example Shop <no-reply@shop.example>").expect("a sender")
}

fn letter() -> Letter {
    let entropy = SeededEntropy::new(7);
    let now = FixedClock::new().now();
    let token = RawToken::generate(TokenPurpose::PasswordReset, &entropy);
    Letter {
        id: MailId::generate(now, &entropy).expect("an id"),
        kind: MailKind::ResetPassword,
        to: EmailAddress::parse("Ann@Example.org").expect("an address"),
        name: Some("Zoë".to_owned()),
        token: Some(token.expect("a token")),
        expires_at: Some(now + chrono::TimeDelta::hours(1)),
        other_address: None,
        happened_at: now,
        origin: Origin::default(),
    }
}

fn token_of(letter: &Letter) -> String {
    let token = letter.token.as_ref().expect("a token").reveal();
    token.expose_secret().to_owned()
}

fn mailer_to(url: &str) -> SmtpMailer {
    let server = SmtpServer::parse(url).expect("a server");
    let clock = Arc::new(FixedClock::new());
    let mailer = SmtpMailer::new(server, renderer(), sender(), clock).expect("a mailer");
    mailer.with_patience(Patience {
        preparing: IMPATIENT,
        handing_over: IMPATIENT,
    })
}

fn plain(server: &TestSmtpServer) -> SmtpMailer {
    mailer_to(&format!("smtp://ann:hunter2@{}", server.address))
}

/// What comes of a letter where something goes wrong; says how long it took.
async fn failure(phase: Phase, fault: Fault) -> (MailFailure, TestSmtpServer) {
    let server = TestSmtpServer::start(Tls::None, Some((phase, fault))).await;
    let started = Instant::now();
    let sent = plain(&server).send(&letter()).await;
    assert!(started.elapsed() < Duration::from_secs(5));
    let failure = sent.expect_err("it failed");
    let shown = format!("{failure} {failure:?}");
    assert!(
        !shown.contains("uhp_") && !shown.contains("hunter2"),
        "{shown}"
    );
    assert!(!shown.contains(['\r', '\n']), "{shown}");
    (failure, server)
}

fn is_not_sent(failure: &MailFailure) -> bool {
    matches!(failure, MailFailure::NotSent(_))
}

#[tokio::test]
async fn a_mail_is_handed_over_with_envelope_headers_and_both_bodies() {
    let server = TestSmtpServer::good().await;
    plain(&server).send(&letter()).await.expect("sent");
    let all = server.received();
    assert_eq!(all.len(), 1);
    let mail = &all[0];
    assert_eq!(mail.from, "no-reply@shop.example");
    assert_eq!(mail.recipients, ["Ann@Example.org"]);
    assert_eq!(mail.auth.as_deref(), Some("AUTH PLAIN AGFubgBodW50ZXIy"));
    assert!(mail.content.is_ascii());
    let content = mail.content.replace("\r\n", "\n");
    let header = |name| header(content.split("\n\n").next().unwrap_or_default(), name);
    let id = format!("<{}@shop.example>", letter().id);
    assert_eq!(header("Message-ID"), Some(id));
    assert_eq!(header("Auto-Submitted").as_deref(), Some("auto-generated"));
    let text = arrived(Vec::new(), &mail.content).text;
    assert_eq!(text.matches("Hello Zoë,").count(), 2);
    let link = format!(
        "https://users.example.org/reset-password#token={}",
        token_of(&letter())
    );
    assert_eq!(text.matches(&link).count(), 4);
    assert!(server.commands().ends_with(&["QUIT".to_owned()]));
}

#[tokio::test]
async fn a_temporary_answer_means_not_sent_whenever_it_comes() {
    for phase in Phase::ALL {
        let (failure, server) = failure(phase, Fault::Answer("451 4.3.0 later")).await;
        assert!(is_not_sent(&failure), "{phase:?}: {failure}");
        assert_eq!(server.received().len(), 0);
        let is_told = phase == Phase::Hello || failure.to_string().contains("451");
        assert!(is_told, "{phase:?}: {failure}");
    }
}

#[tokio::test]
async fn a_permanent_answer_about_the_mail_refuses_it() {
    for phase in Phase::ALL {
        let (failure, server) = failure(phase, Fault::Answer("550 5.1.1 nobody here")).await;
        let is_about_the_mail =
            matches!(phase, Phase::Mail | Phase::Rcpt | Phase::Data | Phase::Body);
        let is_refused = matches!(failure, MailFailure::Refused(_));
        assert_eq!(is_refused, is_about_the_mail, "{phase:?}: {failure}");
        assert!(is_refused || is_not_sent(&failure));
        assert_eq!(server.received().len(), 0);
    }
    // Not the mail's fault: a setting can mend it.
    let (failure, _) = failure(Phase::Mail, Fault::Answer("530 5.7.0 sign in first")).await;
    assert!(is_not_sent(&failure), "{failure}");
}

#[tokio::test]
async fn who_hears_nothing_knows_whether_the_mail_was_over() {
    for fault in [Fault::Hang, Fault::Drop] {
        for phase in Phase::ALL {
            let (failure, server) = failure(phase, fault).await;
            if phase == Phase::Body {
                let is_unknown = matches!(failure, MailFailure::Unknown(_));
                assert!(is_unknown, "{fault:?}: {failure}");
                assert_eq!(server.received().len(), 1);
            } else {
                assert!(is_not_sent(&failure), "{phase:?} {fault:?}: {failure}");
                assert_eq!(server.received().len(), 0);
            }
        }
    }
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_no_promise() {
    for answer in ["354 go on", "what?", "250-and so on"] {
        let (failure, _) = failure(Phase::Body, Fault::Answer(answer)).await;
        assert!(
            matches!(failure, MailFailure::Unknown(_)),
            "{answer}: {failure}"
        );
    }
    for answer in ["250 ok", "what?"] {
        let (failure, _) = failure(Phase::Data, Fault::Answer(answer)).await;
        assert!(is_not_sent(&failure), "{answer}: {failure}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_gets_nothing() {
    let gone = TestSmtpServer::good().await.address;
    // Dropping the server frees the port once its task has ended.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let failure = mailer_to(&format!("smtp://{gone}")).send(&letter()).await;
    assert!(is_not_sent(&failure.expect_err("nobody there")));
}

/// A mailer that trusts the certificate of a server.
fn trusting(server: &TestSmtpServer, url: &str) -> SmtpMailer {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("own.pem");
    std::fs::write(&file, &server.certificate).expect("written");
    mailer_to(url).trusting(&file).expect("a certificate")
}

#[tokio::test]
async fn an_encrypted_connection_carries_credentials_and_mail() {
    for (tls, url) in [
        (Tls::Offered, "smtp://ann:hunter2@ADDRESS"),
        (Tls::Offered, "smtp://ann:hunter2@ADDRESS?tls=required"),
        (Tls::Implicit, "smtps://ann:hunter2@ADDRESS"),
    ] {
        let server = TestSmtpServer::start(tls, None).await;
        let url = url.replace("ADDRESS", &server.address.to_string());
        trusting(&server, &url).send(&letter()).await.expect("sent");
        let mail = server.received().remove(0);
        assert!(mail.encrypted && mail.auth.is_some(), "{url}");
        // Nobody vouches for the certificate: nothing is sent, not even in the clear.
        let failure = mailer_to(&url).send(&letter()).await.expect_err("unknown");
        assert!(is_not_sent(&failure), "{url}: {failure}");
        assert_eq!(server.received().len(), 1);
    }
}

#[tokio::test]
async fn encryption_that_is_required_and_missing_ends_the_talk() {
    let server = TestSmtpServer::good().await;
    let url = format!("smtp://ann:hunter2@{}?tls=required", server.address);
    let failure = mailer_to(&url)
        .send(&letter())
        .await
        .expect_err("in the clear");
    assert!(is_not_sent(&failure), "{failure}");
    assert_eq!(server.commands(), ["EHLO"]);
}

#[tokio::test]
async fn answers_that_were_smuggled_in_before_the_encryption_are_found() {
    let server = TestSmtpServer::start(Tls::Smuggled, None).await;
    let url = format!("smtp://{}?tls=required", server.address);
    let sent = trusting(&server, &url).send(&letter()).await;
    let found = MailFailure::NotSent("DATA: answer 250 out of turn".to_owned());
    assert_eq!(sent, Err(found));
    assert_eq!(server.received().len(), 0);
}

fn file_mailer(folder: PathBuf) -> FileMailer {
    FileMailer::new(folder, renderer(), sender(), Arc::new(FixedClock::new()))
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

#[tokio::test]
async fn a_file_is_for_its_owner_and_one_for_each_mail() {
    let folder = tempfile::tempdir().expect("a folder");
    let inside = folder.path().join("data/mails");
    let mailer = file_mailer(inside.clone());
    for _ in 0..2 {
        mailer.send(&letter()).await.expect("written");
    }
    let files = files_in(&inside);
    assert_eq!(files.len(), 1, "{files:?}");
    let name = files[0].to_string_lossy();
    assert!(name.ends_with(&format!("-reset_password-{}.eml", letter().id)));
    assert!(!name.contains(&token_of(&letter())));
    let content = std::fs::read_to_string(&files[0]).expect("read");
    assert!(content.contains("Zoë") && content.contains(&token_of(&letter())));
    #[cfg(unix)]
    for (path, expected) in [(&inside, 0o700), (&files[0], 0o600)] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, expected, "{}", path.display());
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_a_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mails");
    std::fs::write(&file, "in the way").expect("written");
    let failure = file_mailer(file)
        .send(&letter())
        .await
        .expect_err("no folder");
    assert!(is_not_sent(&failure), "{failure}");
}

struct Files(tempfile::TempDir);

#[async_trait]
impl MailerFactory for Files {
    async fn mailer(&self) -> Arc<dyn Mailer> {
        Arc::new(file_mailer(self.0.path().join("mails")))
    }

    async fn arrived(&self) -> Vec<ArrivedMail> {
        let files = files_in(&self.0.path().join("mails"));
        let read = |path: &PathBuf| {
            let content = std::fs::read_to_string(path).expect("read");
            let to = header(&content.replace("\r\n", "\n"), "To").expect("a recipient");
            arrived(vec![to], &content)
        };
        files.iter().map(read).collect()
    }
}

#[async_trait]
impl MailerFactory for TestSmtpServer {
    async fn mailer(&self) -> Arc<dyn Mailer> {
        let patience = Patience::default();
        Arc::new(mailer_to(&format!("smtp://{}", self.address)).with_patience(patience))
    }

    async fn arrived(&self) -> Vec<ArrivedMail> {
        let all = self.received().into_iter();
        all.map(|mail| arrived(mail.recipients, &mail.content))
            .collect()
    }
}

mod files {
    userhub_testkit::mailer_conformance!(super::Files(tempfile::tempdir().expect("a folder")));
}

mod smtp {
    userhub_testkit::mailer_conformance!(super::TestSmtpServer::good().await);
}
