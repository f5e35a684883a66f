//! Writes tokens that are handed out, wrongly.

use async_trait::async_trait;
use chrono::TimeDelta;
use userhub_domain::{
    Error, Result,
    clock::Timestamp,
    handed_out::{HandedOutToken, HandedOutTokenWriter},
    secret::{TokenHash, TokenPurpose},
    users::{AuthVersion, UserId},
};

use super::{BrokenUnitOfWork, Defect, readers::milliseconds};

#[async_trait]
impl HandedOutTokenWriter for BrokenUnitOfWork {
    async fn replace(&self, token: &HandedOutToken) -> Result<bool> {
        let mut token = token.clone();
        match self.store.defect {
            Defect::TokenForgetsNumber => token.auth_version = AuthVersion::FIRST,
            Defect::TokenForgetsNewAddress => token.new_address = None,
            Defect::TimesCutToMilliseconds => {
                token.created_at = milliseconds(token.created_at);
                token.expires_at = milliseconds(token.expires_at);
            }
            _ => {}
        }
        let earlier = self.meddle(|state| state.tokens.clone());
        if self.is(Defect::LateTokenWins) {
            self.meddle(|state| {
                let tokens = state.tokens.values_mut();
                tokens.for_each(|one| one.created_at = one.created_at.min(token.created_at));
            });
        }
        let done = self.inner().replace(&token).await;
        if done.is_ok() && self.is(Defect::ReplaceKeepsEarlier) {
            self.meddle(|state| state.tokens.extend(earlier));
        }
        if done.is_ok() && self.is(Defect::ReplaceIgnoresPurpose) {
            let is_other = |one: &HandedOutToken| one.user_id != token.user_id;
            self.meddle(|state| {
                let tokens = &mut state.tokens;
                tokens.retain(|hash, one| *hash == token.hash || is_other(one));
            });
        }
        self.done(done)
    }

    async fn void_mailed(&self, user: UserId) -> Result<()> {
        let done = match self.store.defect {
            Defect::VoidKeepsMailed => Ok(()),
            Defect::VoidTakesAll => self.inner().write(|state| {
                state.tokens.retain(|_, one| one.user_id != user);
                Ok(())
            }),
            Defect::VoidTakesChallenges => self.inner().write(|state| {
                let is_theirs = |one: &HandedOutToken| {
                    one.address.is_some() || one.purpose == TokenPurpose::MfaChallenge
                };
                let tokens = &mut state.tokens;
                tokens.retain(|_, one| one.user_id != user || !is_theirs(one));
                Ok(())
            }),
            _ => self.inner().void_mailed(user).await,
        };
        self.done(done)
    }

    async fn add_challenge(&self, token: &HandedOutToken) -> Result<()> {
        let done = match self.store.defect {
            Defect::ChallengesReplaceEachOther => self.inner().replace(token).await.map(drop),
            Defect::ChallengesOfAnyPurpose => self.inner().write(|state| {
                state.tokens.insert(token.hash, token.clone());
                Ok(())
            }),
            Defect::GoesOnAfterRefusedChallenge if token.purpose != TokenPurpose::MfaChallenge => {
                Err(Error::internal("a challenge of another purpose"))
            }
            _ => self.inner().add_challenge(token).await,
        };
        self.done(done)
    }

    async fn consume(&self, hash: TokenHash) -> Result<bool> {
        let token = self.meddle(|state| state.tokens.get(&hash).cloned());
        let mut done = self.inner().consume(hash).await;
        if self.is(Defect::TokenBeforeItsTurn) && self.before.tokens.contains_key(&hash) {
            done = done.map(|_| true);
        }
        if let (Some(token), true) = (token, self.is(Defect::ConsumeTwice)) {
            self.meddle(|state| state.tokens.insert(hash, token));
        }
        self.done(done)
    }

    async fn remove_expired(&self, before: Timestamp, limit: u32) -> Result<u64> {
        let (before, limit) = match self.store.defect {
            Defect::RemovalWithoutLimit => (before, u32::MAX),
            Defect::TokensNeverRemoved => (before, 0),
            Defect::TokensOfTheMomentRemoved => (before + TimeDelta::microseconds(1), limit),
            _ => (before, limit),
        };
        if self.is(Defect::VoidTokensRemoved) {
            self.meddle(|state| {
                let users = &state.users;
                state.tokens.retain(|_, one| {
                    let owner = users.get(&one.user_id);
                    owner.is_some_and(|owner| owner.auth_version == one.auth_version)
                });
            });
        }
        let done = HandedOutTokenWriter::remove_expired(self.inner(), before, limit).await;
        self.done(done)
    }
}
