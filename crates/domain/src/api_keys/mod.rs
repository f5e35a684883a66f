//! API keys: what a person's programs sign in with.

mod api_key;
mod authenticate;
mod create;
mod list;
mod repository;
mod revoke;

use crate::{ports::Context, rules::Rules};

pub use api_key::{ApiKey, ApiKeyId, ApiKeyName, Scope, Scopes};
pub use create::{CreateApiKeyCommand, CreateApiKeyInput, CreatedApiKey};
pub use repository::{ApiKeyReader, ApiKeyWriter, KeyHolder};

#[cfg(feature = "mocks")]
pub use repository::{MockApiKeyReader, MockApiKeyWriter};

/// What people do with their API keys.
#[derive(Clone)]
pub struct ApiKeys {
    context: Context,
}

impl ApiKeys {
    pub(crate) fn new(context: Context) -> Self {
        Self { context }
    }

    /// What commands are parsed with.
    pub fn rules(&self) -> &Rules {
        &self.context.rules
    }
}
