//! The traits that every value with a text has, in one place: its `parse` is
//! the only way in, whichever of them is used.
//!
//! There is no `Borrow<str>`: two addresses can be the same account's without
//! being the same text.

/// `FromStr` by way of `parse`.
macro_rules! parsed {
    ($($name:ty),+ $(,)?) => {$(
        impl std::str::FromStr for $name {
            type Err = $crate::violation::Broken;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        $crate::text_form::text_form!($name);
    )+};
}

/// `TryFrom<&str>` and `TryFrom<String>` by way of `FromStr`; with the feature
/// `serde` a string in both directions.
macro_rules! text_form {
    ($($name:ty),+ $(,)?) => {$(
        impl TryFrom<&str> for $name {
            type Error = $crate::violation::Broken;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::violation::Broken;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        #[cfg(feature = "serde")]
        impl serde_core::Serialize for $name {
            fn serialize<S: serde_core::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde_core::Deserialize<'de> for $name {
            fn deserialize<D: serde_core::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <String as serde_core::Deserialize>::deserialize(from)?;
                text.parse().map_err(serde_core::de::Error::custom)
            }
        }
    )+};
}

/// What values that are a text inside have besides.
macro_rules! owned_text {
    ($($name:ty),+ $(,)?) => {$(
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        $crate::text_form::parsed!($name);
    )+};
}

/// What values that are one of a few words have besides: `ALL` lists them, and
/// the method that is named gives the word of each.
macro_rules! word {
    ($name:ident by $word:ident, $hint:literal) => {
        impl $name {
            /// From its word.
            ///
            /// # Errors
            /// `invalid_format` for any other word.
            pub fn parse(word: &str) -> Result<Self, $crate::violation::Broken> {
                let mut all = Self::ALL.iter().copied();
                all.find(|one| one.$word() == word).ok_or_else(|| {
                    let code = $crate::violation::ViolationCode::InvalidFormat;
                    $crate::violation::Broken::new(code, $hint)
                })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.$word())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.$word()
            }
        }

        $crate::text_form::parsed!($name);
    };
}

/// A number that counts; with the feature `serde` a number in both directions.
macro_rules! counter {
    ($($name:ident),+ $(,)?) => {$(
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<i64> for $name {
            fn from(number: i64) -> Self {
                Self(number)
            }
        }

        impl From<$name> for i64 {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::violation::Broken;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self).map_err(|_| {
                    $crate::violation::Broken::new(
                        $crate::violation::ViolationCode::InvalidFormat,
                        "must be a whole number",
                    )
                })
            }
        }

        #[cfg(feature = "serde")]
        impl serde_core::Serialize for $name {
            fn serialize<S: serde_core::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_i64(self.0)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde_core::Deserialize<'de> for $name {
            fn deserialize<D: serde_core::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                <i64 as serde_core::Deserialize>::deserialize(from).map(Self)
            }
        }
    )+};
}

pub(crate) use {counter, owned_text, parsed, text_form, word};
