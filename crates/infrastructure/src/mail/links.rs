//! Where the links in mails lead.

use secrecy::ExposeSecret as _;
use userhub_domain::{mail::MailKind, secret::RawToken};

use crate::config::MailLinks;

const TOKEN: &str = "{token}";

/// One address for each kind of mail that brings a token; `{token}` stands for
/// it. Nothing of a request ever gets in here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkTemplates {
    /// Confirms the address given at registration.
    pub verify_email: String,
    /// Confirms a changed address.
    pub confirm_email: String,
    /// Sets a new password.
    pub reset_password: String,
}

impl LinkTemplates {
    /// Those that are configured; else UserHub's own pages below `base`, which
    /// has no slash at its end. There the token stands in the fragment, which
    /// no browser sends and no proxy logs.
    #[must_use]
    pub fn new(configured: &MailLinks, base: &str) -> Self {
        let or_own = |configured: &Option<String>, page: &str| {
            let own = || format!("{base}/{page}#token={TOKEN}");
            configured.clone().unwrap_or_else(own)
        };
        Self {
            verify_email: or_own(&configured.verify_email, "verify-email"),
            confirm_email: or_own(&configured.confirm_email, "confirm-email"),
            reset_password: or_own(&configured.reset_password, "reset-password"),
        }
    }

    /// The link of a mail; nothing for the kinds that bring no token.
    pub(super) fn link(&self, kind: MailKind, token: &RawToken) -> Option<String> {
        let template = match kind {
            MailKind::VerifyEmail => &self.verify_email,
            MailKind::ConfirmEmailChange => &self.confirm_email,
            MailKind::ResetPassword => &self.reset_password,
            _ => return None,
        };
        Some(template.replace(TOKEN, token.reveal().expose_secret()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::sample::letters;

    #[test]
    fn links_lead_to_the_front_end_or_to_our_own_pages() {
        let configured = MailLinks {
            reset_password: Some("https://app.example.org/r?t={token}&x=1".to_owned()),
            ..MailLinks::default()
        };
        let links = LinkTemplates::new(&configured, "https://users.example.org/hub");
        let own = "https://users.example.org/hub";
        let hex = "0123456789abcdef".repeat(4);
        for (kind, expected) in [
            (
                MailKind::VerifyEmail,
                format!("{own}/verify-email#token=uhv_{hex}"),
            ),
            (
                MailKind::ConfirmEmailChange,
                format!("{own}/confirm-email#token=uhe_{hex}"),
            ),
            (
                MailKind::ResetPassword,
                format!("https://app.example.org/r?t=uhp_{hex}&x=1"),
            ),
        ] {
            let letter = letters().into_iter().find(|letter| letter.kind == kind);
            let token = letter.unwrap().token.unwrap();
            assert_eq!(links.link(kind, &token), Some(expected));
            assert_eq!(links.link(MailKind::PasswordChanged, &token), None);
        }
    }
}
