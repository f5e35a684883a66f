//! Tokens as they are handed out: the only answers that hold secrets.

use secrecy::ExposeSecret;
use serde::Serialize;
use userhub_domain::{admin::PasswordResetTicket, sessions::TokenPair};
use utoipa::ToSchema;

use super::{Time, UserView};
use crate::http::SecretText;

/// An access token, and what gets the next one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TokenPair)]
pub struct TokenPairView {
    /// Sent as `Authorization: Bearer …`.
    #[schema(value_type = String)]
    pub access_token: SecretText,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// How long the access token lasts, in seconds.
    #[schema(example = 900)]
    pub expires_in: i64,
    /// Gets the next pair, once.
    #[schema(value_type = String)]
    pub refresh_token: SecretText,
    /// How long the refresh token lasts unless it is used, in seconds.
    #[schema(example = 604_800)]
    pub refresh_expires_in: i64,
    /// Whose they are.
    pub user: UserView,
}

impl From<TokenPair> for TokenPairView {
    fn from(pair: TokenPair) -> Self {
        Self {
            access_token: pair.access_token.into(),
            token_type: "Bearer",
            expires_in: pair.expires_in.num_seconds(),
            refresh_token: pair.refresh_token.reveal().into(),
            refresh_expires_in: pair.refresh_expires_in.num_seconds(),
            user: UserView::from(&pair.user),
        }
    }
}

/// What gets somebody back in, shown once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PasswordReset)]
pub struct PasswordResetView {
    /// For `POST /auth/password/reset`.
    #[schema(value_type = String)]
    pub token: SecretText,
    /// From then on it is worthless.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub expires_at: Time,
    /// A link to hand over; null where neither a page nor the public URL is configured.
    #[schema(value_type = Option<String>, required)]
    pub url: Option<SecretText>,
}

impl PasswordResetView {
    /// The ticket, and the link to a page that uses it. `template` holds
    /// `{token}` where the token belongs.
    pub fn new(ticket: &PasswordResetTicket, template: Option<&str>) -> Self {
        let token = ticket.token.reveal();
        let link = |template: &str| template.replace("{token}", token.expose_secret());
        Self {
            url: template.map(|template| SecretText::from_text(link(template))),
            expires_at: ticket.expires_at.into(),
            token: token.into(),
        }
    }
}
