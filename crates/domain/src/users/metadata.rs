//! What an application keeps beside a user.

use std::collections::BTreeMap;

use crate::{
    text::is_invisible,
    violation::{Broken, ViolationCode},
};

const MAX_KEYS: usize = 50;
const MAX_KEY: usize = 40;
const MAX_VALUE: usize = 500;

/// A small object of strings that administrators write and UserHub only
/// keeps: at most 50 keys of 1 to 40 characters, values of up to 500.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Metadata(BTreeMap<String, String>);

/// A merge patch of metadata (RFC 7396): `None` removes the key.
pub type MetadataPatch = BTreeMap<String, Option<String>>;

impl Metadata {
    /// From an object of strings.
    ///
    /// # Errors
    /// `too_long` (also for too many keys), `too_short` for an empty key, or
    /// `invalid_format`.
    pub fn parse(entries: BTreeMap<String, String>) -> Result<Self, Broken> {
        if entries.len() > MAX_KEYS {
            return Err(Broken::new(
                ViolationCode::TooLong,
                format!("must have at most {MAX_KEYS} keys"),
            ));
        }
        for (key, value) in &entries {
            check(key, MAX_KEY, "keys")?;
            check(value, MAX_VALUE, "values")?;
            if key.is_empty() {
                return Err(Broken::new(
                    ViolationCode::TooShort,
                    "keys must not be empty",
                ));
            }
        }
        Ok(Self(entries))
    }

    /// What it is after a patch.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn patched(&self, patch: MetadataPatch) -> Result<Self, Broken> {
        let mut entries = self.0.clone();
        for (key, value) in patch {
            match value {
                Some(value) => entries.insert(key, value),
                None => entries.remove(&key),
            };
        }
        Self::parse(entries)
    }

    /// The entries.
    pub fn entries(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

impl TryFrom<BTreeMap<String, String>> for Metadata {
    type Error = Broken;

    fn try_from(entries: BTreeMap<String, String>) -> Result<Self, Broken> {
        Self::parse(entries)
    }
}

impl From<Metadata> for BTreeMap<String, String> {
    fn from(metadata: Metadata) -> Self {
        metadata.0
    }
}

#[cfg(feature = "serde")]
impl serde_core::Serialize for Metadata {
    fn serialize<S: serde_core::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        serde_core::Serialize::serialize(&self.0, to)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde_core::Deserialize<'de> for Metadata {
    fn deserialize<D: serde_core::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let entries = <BTreeMap<String, String> as serde_core::Deserialize>::deserialize(from)?;
        Self::parse(entries).map_err(serde_core::de::Error::custom)
    }
}

fn check(text: &str, max: usize, what: &str) -> Result<(), Broken> {
    if text.chars().count() > max {
        return Err(Broken::new(
            ViolationCode::TooLong,
            format!("{what} must be at most {max} characters long"),
        ));
    }
    // Line breaks are fine in a value that somebody typed into a form.
    if text
        .chars()
        .any(|c| is_invisible(c) && !matches!(c, '\n' | '\r' | '\t'))
    {
        return Err(Broken::new(
            ViolationCode::InvalidFormat,
            format!("{what} must not hold control or invisible characters"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(key: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(key.to_owned(), value.to_owned())])
    }

    #[test]
    fn a_patch_sets_and_removes_single_keys() {
        let before = Metadata::parse(BTreeMap::from([
            ("keep".to_owned(), "1".to_owned()),
            ("drop".to_owned(), "2".to_owned()),
        ]))
        .expect("valid");
        let patch = MetadataPatch::from([
            ("drop".to_owned(), None),
            ("new".to_owned(), Some("3".to_owned())),
        ]);
        let after = before.patched(patch).expect("valid");
        let keys: Vec<_> = after.entries().keys().map(String::as_str).collect();
        assert_eq!(keys, ["keep", "new"]);
    }

    #[test]
    fn fifty_keys_and_line_breaks_are_fine() {
        let most: BTreeMap<_, _> = (0..50).map(|n| (n.to_string(), String::new())).collect();
        assert!(Metadata::parse(most).is_ok());
        assert!(Metadata::parse(one("k", "a\r\n\tb")).is_ok());
        let code = |entries| Metadata::parse(entries).map_err(|broken| broken.code);
        assert_eq!(code(one("", "v")), Err(ViolationCode::TooShort));
        assert_eq!(
            code(one("k", "\u{200b}")),
            Err(ViolationCode::InvalidFormat)
        );
    }

    #[test]
    fn size_and_text_are_bounded() {
        assert!(Metadata::parse(one(&"k".repeat(40), &"v".repeat(500))).is_ok());
        for bad in [
            one(&"k".repeat(41), ""),
            one("k", &"v".repeat(501)),
            one("", "v"),
            one("k", "a\0b"),
            (0..51).map(|n| (n.to_string(), String::new())).collect(),
        ] {
            assert!(Metadata::parse(bad).is_err());
        }
    }
}
