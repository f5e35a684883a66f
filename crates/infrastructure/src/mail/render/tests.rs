use std::path::PathBuf;

use userhub_domain::mail::MailKind;

use super::*;
use crate::config::MailLinks;

fn links() -> LinkTemplates {
    LinkTemplates::new(&MailLinks::default(), "https://users.example.org")
}

fn renderer() -> Renderer {
    let renderer = Renderer::new(None, links(), "Example Shop").expect("nothing is read");
    renderer.try_all().expect("built-in templates fit");
    renderer
}

fn with_file(name: &str, text: &str) -> Result<Renderer, TemplateError> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), text).unwrap();
    Renderer::new(Some(folder.path()), links(), "Example Shop")
}

fn letter(kind: MailKind) -> Letter {
    let all = sample::letters();
    all.into_iter().find(|one| one.kind == kind).unwrap()
}

/// What each mail looks like is kept beside the tests, so that a change of
/// words is seen. UPDATE_DOCUMENTS=1 writes them anew.
#[test]
fn every_kind_of_mail_reads_as_it_is_kept() {
    let kept = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/mails");
    let folder = tempfile::tempdir().unwrap();
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        renderer().preview(&kept).unwrap();
    }
    let files = renderer().preview(folder.path()).unwrap();
    assert_eq!(files.len(), 2 * MailKind::ALL.len());
    for path in files {
        let kept = kept.join(path.file_name().unwrap());
        let (now, before) = (fs::read_to_string(&path), fs::read_to_string(&kept));
        assert_eq!(
            now.unwrap(),
            before.unwrap_or_default(),
            "{} is out of date: UPDATE_DOCUMENTS=1 writes it",
            kept.display()
        );
    }
}

#[test]
fn text_is_narrow_and_the_page_asks_for_nothing_from_elsewhere() {
    for letter in sample::letters().iter().chain(&sample::bare_letters()) {
        let mail = renderer().render(letter).unwrap();
        for line in mail.text.lines() {
            assert!(line.len() <= 72 || line.starts_with("https://"), "{line}");
        }
        for foreign in ["<img", "<script", "<link", "url(", "src=", "@import"] {
            assert!(!mail.html.contains(foreign), "{foreign}");
        }
        let links = mail.html.matches("href=").count();
        assert_eq!(links, if letter.token.is_some() { 2 } else { 0 });
        assert!(!mail.subject.contains(['\r', '\n']) && mail.subject.len() < 60);
    }
}

#[test]
fn what_people_chose_is_escaped_or_left_out() {
    let mut letter = letter(MailKind::VerifyEmail);
    letter.name = Some("<b>Ann & \"co\"</b>".to_owned());
    let mail = renderer().render(&letter).unwrap();
    assert!(
        mail.html
            .contains("Hello &lt;b&gt;Ann &amp; &quot;co&quot;")
    );
    assert!(mail.text.contains("Hello <b>Ann & \"co\"</b>,"));
    letter.name = Some("win at https://evil.example".to_owned());
    let mail = renderer().render(&letter).unwrap();
    assert!(!mail.html.contains("evil") && !mail.text.contains("evil"));
    assert!(mail.text.starts_with("Hello,\n"), "{}", mail.text);
}

#[test]
fn a_file_stands_in_for_a_template() {
    let text = "{% block subject %}Welcome\nto {{ service }}{% endblock %} {{ link }}";
    let renderer = with_file("verify_email.txt", text).unwrap();
    let mail = renderer.render(&letter(MailKind::VerifyEmail)).unwrap();
    assert_eq!(mail.subject, "Welcome to Example Shop");
    let other = renderer.render(&letter(MailKind::MfaEnabled)).unwrap();
    assert_eq!(other.subject, "Your second factor is switched on");
}

#[test]
fn a_template_that_does_not_fit_is_named_with_its_line() {
    for (name, text, expected) in [
        (
            "verify_email.html",
            "<p>\n{{ nmae }}</p>",
            "mail template verify_email.html, line 2: undefined value",
        ),
        (
            "layout.html",
            "\n\n{% if %}",
            "mail template layout.html, line 3: syntax error",
        ),
        (
            "mfa_enabled.txt",
            "{% extends 'layuot.txt' %}",
            "mail template mfa_enabled.txt, line 1: template not found",
        ),
        (
            "mfa_enabled.txt",
            "Hello",
            "mail template mfa_enabled.txt: unknown block",
        ),
    ] {
        let error = with_file(name, text).expect_err(name).to_string();
        assert_eq!(error, expected);
    }
    let missing = Renderer::new(Some(Path::new("/nonexistent")), links(), "x");
    assert!(matches!(missing, Err(TemplateError::Unreadable { .. })));
}

#[test]
fn a_letter_without_its_token_is_refused_and_nothing_shows_one() {
    let mut letter = letter(MailKind::ResetPassword);
    assert_eq!(
        format!("{:?}", renderer().render(&letter).unwrap()),
        "Rendered(..)"
    );
    letter.token = None;
    let failure = renderer().render(&letter).expect_err("no token");
    assert_eq!(
        failure,
        MailFailure::Refused("the letter has no token".to_owned())
    );
}
