//! Being signed in.

mod access_token;
mod repository;
mod session;

pub use access_token::{AccessClaims, AccessTokenId, AccessTokens, VerificationKey};
pub use repository::{Principal, RefreshLineage, SessionReader, SessionWriter};
pub use session::{Rotation, Session, SessionId, SpentToken};

#[cfg(feature = "mocks")]
pub use {
    access_token::MockAccessTokens,
    repository::{MockSessionReader, MockSessionWriter},
};
