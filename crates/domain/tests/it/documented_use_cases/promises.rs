//! What has to be said of a piece of code, as far as it can be seen in it.

use userhub_domain::{audit::EventKind, mail::MailKind};

use crate::documentation::read;

/// Steps that use cases share, and what whoever takes one has to say of it.
const SHARED_STEPS: [(&str, &[&str]); 27] = [
    ("authenticate_key(", &["invalid_token"]),
    ("change_user(", &["user_not_found", "user_deleted"]),
    ("change_user(", &["validation_failed", "version_mismatch"]),
    ("change_user(", &["…_taken", "edit_conflict"]),
    ("check_code(", &["mfa_unavailable"]),
    ("confirm_password(", &["wrong_password", "session.failed"]),
    ("confirm_password(", &["invalid_token", "overloaded"]),
    ("context.count_", &["too_many_requests"]),
    ("create_user(", &["…_taken", "overloaded", "VerifyEmail"]),
    ("end_all_sessions(", &["session.all_ended"]),
    ("end_session(", &["session.ended"]),
    ("fail_sign_in(", &["session.failed"]),
    ("hasher.", &["overloaded"]),
    ("mails_of_change(", &["EmailChanged"]),
    ("new_password(&command", &["validation_failed"]),
    ("notice_after_failures(", &["SignInAfterFailures"]),
    ("remember_failure(", &["session.failed"]),
    ("request_mail(", &["too_many_requests"]),
    ("require(Scope", &["forbidden"]),
    ("require_living()", &["user_deleted"]),
    ("require_living_session(", &["invalid_token"]),
    ("require_person", &["session_required"]),
    ("require_visible(", &["user_not_found"]),
    ("self.get(", &["user_not_found"]),
    ("user.delete(now)", &["last_admin"]),
    (".totp", &["mfa_unavailable"]),
    ("Revision {", &["user_not_found", "edit_conflict"]),
];

/// What asks the signer or the hasher, for "those of …".
const ADAPTERS: [(&str, &str); 6] = [
    ("access_tokens", "signer"),
    ("new_session(", "signer"),
    ("token_pair(", "signer"),
    ("hasher.", "hasher"),
    ("confirm_password(", "hasher"),
    ("create_user(", "hasher"),
];

/// Every step of the tables.
pub(super) fn steps() -> impl Iterator<Item = &'static str> {
    let shared = SHARED_STEPS.iter().map(|(step, _)| *step);
    shared.chain(ADAPTERS.map(|(step, _)| step))
}

/// What has to be said of a piece of code, as far as it can be seen in it: an
/// event, a mail or a case of an error that stands there, or a step that is
/// shared with others. Each word with its reason.
pub(super) fn promised(code: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (case, word) in cases() {
        all.push((format!("`{word}`"), case));
    }
    for kind in EventKind::ALL {
        all.push((
            format!("`{}`", kind.as_str()),
            format!("EventKind::{kind:?}"),
        ));
    }
    for kind in MailKind::ALL {
        all.push((format!("`{kind:?}`"), format!("MailKind::{kind:?}")));
    }
    all.retain(|(_, case)| has(code, case));
    for (step, words) in SHARED_STEPS.iter().filter(|(step, _)| code.contains(step)) {
        all.extend(
            words
                .iter()
                .map(|word| (format!("`{word}`"), (*step).to_owned())),
        );
    }
    for (step, adapter) in ADAPTERS.iter().filter(|(step, _)| code.contains(step)) {
        all.push(((*adapter).to_owned(), (*step).to_owned()));
    }
    all
}

/// Each case of an error with its code, as the code of the crate has them.
pub(super) fn cases() -> Vec<(String, String)> {
    let text = read("src/error.rs");
    let (_, code) = text.split_once("pub fn code(&self)").unwrap();
    let code = code.split("\n    }\n").next().unwrap();
    let mut cases = Vec::new();
    for line in code.lines() {
        let Some((case, word)) = line.split_once(" => \"") else {
            continue;
        };
        let case = case.trim().trim_start_matches("Self::");
        let case = case.rsplit_once("::").map_or(case, |(kind, name)| {
            let kind = kind.rsplit('(').next().unwrap().len();
            &case[case.len() - name.len() - 2 - kind..]
        });
        let case = case.split(['(', ')', ' ']).next().unwrap();
        cases.push((case.to_owned(), word.split('"').next().unwrap().to_owned()));
    }
    cases
}

/// Whether a case stands in the code, and not one that only begins so.
fn has(code: &str, case: &str) -> bool {
    code.match_indices(case).any(|(at, _)| {
        let after = code[at + case.len()..].chars().next();
        !after.is_some_and(char::is_alphanumeric)
    })
}
