//! The way back in for people without e-mail.

use super::Administration;
use crate::{
    audit::{EventKind, Origin},
    caller::Admin,
    clock::Timestamp,
    error::{Conflict, NotFound, Result},
    handed_out::HandedOutToken,
    secret::{RawToken, TokenPurpose},
    users::{UserId, UserKey},
};

/// A token that lets somebody choose a new password, to be handed over once.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PasswordResetTicket {
    /// For [`Accounts::reset_password`](crate::accounts::Accounts::reset_password).
    pub token: RawToken,
    /// From then on it is worthless.
    pub expires_at: Timestamp,
}

impl Administration {
    /// Makes a token that sets a new password once; an earlier one of the same
    /// user dies.
    ///
    /// Writes `password.reset_requested`. Sends no mail: the token is for whoever
    /// calls this to hand over.
    ///
    /// # Errors
    /// `session_required` for a key of this very user; `user_not_found`;
    /// `user_deleted`; `edit_conflict` where another one is being made; those of
    /// the store.
    pub async fn start_password_reset(
        &self,
        admin: &Admin,
        origin: &Origin,
        id: UserId,
    ) -> Result<PasswordResetTicket> {
        admin.require_person_for(id)?;
        let context = &self.context;
        let users = context.ports.store.users();
        let (user, credentials) = users
            .find_with_credentials(&UserKey::Id(id))
            .await?
            .ok_or(NotFound::User)?;
        user.require_living()?;
        let now = context.now();
        let raw = RawToken::generate(TokenPurpose::PasswordReset, context.ports.entropy.as_ref())?;
        let token = HandedOutToken {
            hash: raw.hash(),
            purpose: TokenPurpose::PasswordReset,
            user_id: id,
            auth_version: credentials.auth_version,
            // Handed over in person, it follows the account and not an address.
            address: None,
            new_address: None,
            created_at: now,
            expires_at: now + context.rules.policy().lifetimes.password_reset,
        };
        let event = context
            .event(
                now,
                EventKind::PasswordResetRequested,
                admin.actor(),
                origin,
            )?
            .about(id);
        let unit = context.ports.store.begin().await?;
        if !unit.handed_out_tokens().replace(&token).await? {
            return Err(Conflict::Stale.into());
        }
        unit.commit(&[event]).await?;
        Ok(PasswordResetTicket {
            token: raw,
            expires_at: token.expires_at,
        })
    }
}
