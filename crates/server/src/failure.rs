//! Why a command failed, in sentences for the person who typed it.

use userhub_domain::{
    Error,
    error::{Conflict, Invalid},
};
use userhub_infrastructure::{
    config::SettingsErrors, crypto::EncryptionKeyError, mail::MailSetupError,
};

/// One sentence or more; never holds a secret.
#[derive(Debug)]
pub(crate) struct Failure(Vec<String>);

impl Failure {
    /// One sentence.
    pub(crate) fn new(line: impl Into<String>) -> Self {
        Self(vec![line.into()])
    }

    /// The sentences, one for each line.
    pub(crate) fn lines(&self) -> &[String] {
        &self.0
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match &error {
            Error::Invalid(Invalid::Violations(all)) => {
                let line = |one: &userhub_domain::violation::Violation| {
                    format!("{}: {}", one.field, one.detail)
                };
                Self(all.iter().map(line).collect())
            }
            Error::Conflict(Conflict::Taken(taken)) => {
                let line = |one: &userhub_domain::error::Identifier| {
                    format!("{}: belongs to another user", one.field())
                };
                Self(taken.iter().map(line).collect())
            }
            _ => match error.source_for_log() {
                Some(source) => Self::new(format!("{error}: {source}")),
                None => Self::new(error.to_string()),
            },
        }
    }
}

macro_rules! in_its_own_words {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new(error.to_string())
            }
        }
    )+};
}

in_its_own_words!(EncryptionKeyError, MailSetupError, std::io::Error);

impl From<SettingsErrors> for Failure {
    fn from(errors: SettingsErrors) -> Self {
        Self(errors.lines().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use userhub_domain::error::{Identifier, NotFound};

    use super::*;

    #[test]
    fn every_reason_has_a_line() {
        let taken = Error::from(Conflict::Taken(vec![
            Identifier::Username,
            Identifier::Email,
        ]));
        assert_eq!(
            Failure::from(taken).lines(),
            [
                "username: belongs to another user",
                "email: belongs to another user"
            ]
        );
        assert_eq!(
            Failure::from(Error::from(NotFound::User)).lines(),
            ["no such user"]
        );
        let down = Error::storage_unavailable("connection refused");
        assert_eq!(
            Failure::from(down).lines(),
            ["the storage is not available: connection refused"]
        );
    }
}
