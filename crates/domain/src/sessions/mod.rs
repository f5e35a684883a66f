//! Being signed in.

mod access_token;
mod authenticate;
mod end;
mod list;
mod login;
mod logout;
mod refresh;
mod repository;
mod session;
mod token_pair;

use crate::{ports::Context, rules::Rules};

pub use access_token::{AccessClaims, AccessTokenId, AccessTokens, VerificationKey};
pub(crate) use login::Proved;
pub use login::{LoginCommand, LoginInput, MfaChallenge};
pub use repository::{Principal, RefreshLineage, SessionReader, SessionWriter};
pub use session::{AuthenticationMethods, Rotation, Session, SessionId, SpentToken};
pub use token_pair::TokenPair;

#[cfg(feature = "mocks")]
pub use {
    access_token::MockAccessTokens,
    repository::{MockSessionReader, MockSessionWriter},
};

/// Signing in and out, refreshing, and who is calling.
#[derive(Clone)]
pub struct Sessions {
    context: Context,
}

impl Sessions {
    pub(crate) fn new(context: Context) -> Self {
        Self { context }
    }

    /// What commands are parsed with.
    pub fn rules(&self) -> &Rules {
        &self.context.rules
    }
}
