//! How ids are made: UUIDv7 from [`Clock`](crate::clock::Clock) and
//! [`Entropy`], read back as any UUID.

use uuid::Uuid;

use crate::{
    clock::{Entropy, Timestamp},
    error::Result,
};

/// A new UUIDv7 (RFC 9562, section 5.7).
///
/// # Errors
/// Where the entropy source fails.
pub(crate) fn uuid_v7(now: Timestamp, entropy: &dyn Entropy) -> Result<Uuid> {
    let mut random = [0; 10];
    entropy.fill(&mut random)?;
    let milliseconds = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    Ok(uuid::Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid())
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// A new one, UUIDv7.
            ///
            /// # Errors
            /// Where the entropy source fails.
            pub fn generate(
                now: $crate::clock::Timestamp,
                entropy: &dyn $crate::clock::Entropy,
            ) -> $crate::Result<Self> {
                $crate::id::uuid_v7(now, entropy).map(Self)
            }

            /// One that is known already; any UUID will do.
            pub fn from_uuid(uuid: uuid::Uuid) -> Self {
                Self(uuid)
            }

            /// From its hyphenated text, in either case; `None` for anything else.
            pub fn parse(text: &str) -> Option<Self> {
                (text.len() == 36)
                    .then(|| uuid::Uuid::try_parse(text).ok())
                    .flatten()
                    .map(Self)
            }

            /// As a plain UUID.
            pub fn as_uuid(self) -> uuid::Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::violation::Broken;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text).ok_or_else(|| {
                    $crate::violation::Broken::new(
                        $crate::violation::ViolationCode::InvalidFormat,
                        "must be a UUID with hyphens",
                    )
                })
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(uuid: uuid::Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for uuid::Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        $crate::text_form::text_form!($name);
    };
}

pub(crate) use id;
