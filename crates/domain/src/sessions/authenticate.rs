//! Who is calling: asked on every request.

use super::Sessions;
use crate::{
    caller::SignedIn,
    error::{Result, Unauthenticated},
    secret::{RawToken, TokenPurpose},
};

impl Sessions {
    /// Proves who sent a bearer token. An access token: checks the token itself,
    /// then session and user as they are now. An API key: key and owner as they
    /// are now; that it was used is noted about once a minute.
    ///
    /// Writes no event, whether it succeeds or not: it is asked with nearly
    /// every request.
    ///
    /// # Errors
    /// `invalid_token` for a token that is malformed, forged, expired or revoked,
    /// and for an account that is not active; those of store and signer.
    pub async fn authenticate(&self, access_token: &str) -> Result<SignedIn> {
        if let Some(key) = RawToken::parse(TokenPurpose::ApiKey, access_token) {
            return self.context.authenticate_key(&key).await;
        }
        let ports = &self.context.ports;
        let now = self.context.now();
        let claims = ports
            .access_tokens
            .verify(access_token)
            .await?
            .filter(|claims| claims.is_current(now))
            .ok_or(Unauthenticated::AccessToken)?;
        let principal = ports
            .store
            .sessions()
            .find_principal(claims.session_id)
            .await?
            .filter(|principal| principal.user.id == claims.user_id && principal.is_living(now))
            .ok_or(Unauthenticated::AccessToken)?;
        Ok(SignedIn::by_session(principal.user, principal.session.id))
    }
}
