//! The key and its scopes.

use std::{fmt, str::FromStr};

use crate::{
    clock::Timestamp,
    secret::TokenHash,
    text::line,
    users::UserId,
    violation::{Broken, ViolationCode},
};

crate::id::id! {
    /// Names an API key.
    ApiKeyId
}

/// What its owner calls a key: 1 to 100 characters on one line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiKeyName(String);

impl ApiKeyName {
    /// Checks the text; blanks around it are cut.
    ///
    /// # Errors
    /// `too_short`, `too_long`, `invalid_format`.
    pub fn parse(text: &str) -> Result<Self, Broken> {
        line(text, 100).map(Self)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

crate::text_form::owned_text!(ApiKeyName);

/// What a key may do; never more than its owner's role allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Reading.
    Read,
    /// Changing everything but credentials.
    Write,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 2] = [Self::Read, Self::Write];

    /// The word on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

crate::text_form::word!(Scope by as_str, "must be read or write");

/// A set of scopes that is not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scopes {
    read: bool,
    write: bool,
}

impl Scopes {
    /// From words, in any order, none twice.
    ///
    /// # Errors
    /// `required` where there is no word; `invalid_format` for an unknown word and
    /// for one that stands there twice.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, Broken> {
        let mut scopes = Self {
            read: false,
            write: false,
        };
        for word in words {
            let member = match Scope::parse(word)? {
                Scope::Read => &mut scopes.read,
                Scope::Write => &mut scopes.write,
            };
            if std::mem::replace(member, true) {
                return Err(Broken::new(
                    ViolationCode::InvalidFormat,
                    "must not name a scope twice",
                ));
            }
        }
        if scopes.iter().next().is_none() {
            return Err(Broken::new(
                ViolationCode::Required,
                "must name at least one scope",
            ));
        }
        Ok(scopes)
    }

    /// Whether this scope is among them.
    pub fn contains(self, scope: Scope) -> bool {
        match scope {
            Scope::Read => self.read,
            Scope::Write => self.write,
        }
    }

    /// The scopes, in the order of [`Scope::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        self.into_iter()
    }

    /// The text in the database: words with a blank between.
    pub fn to_text(self) -> String {
        self.iter().map(Scope::as_str).collect::<Vec<_>>().join(" ")
    }

    /// From the text in the database.
    pub fn parse_stored(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// As [`Scopes::to_text`].
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_text())
    }
}

/// Words with a blank between.
impl FromStr for Scopes {
    type Err = Broken;

    fn from_str(text: &str) -> Result<Self, Broken> {
        Self::parse(text.split(' '))
    }
}

crate::text_form::text_form!(Scopes);

/// This one alone. There is no `FromIterator`: a set of none is no set.
impl From<Scope> for Scopes {
    fn from(scope: Scope) -> Self {
        Self {
            read: scope == Scope::Read,
            write: scope == Scope::Write,
        }
    }
}

/// In the order of [`Scope::ALL`].
impl IntoIterator for Scopes {
    type Item = Scope;
    type IntoIter = std::iter::Flatten<std::array::IntoIter<Option<Scope>, 2>>;

    fn into_iter(self) -> Self::IntoIter {
        let among = |one| self.contains(one).then_some(one);
        Scope::ALL.map(among).into_iter().flatten()
    }
}

/// A key, without its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Names the key.
    pub id: ApiKeyId,
    /// Whose it is.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: ApiKeyName,
    /// The first characters of its token, to tell keys apart.
    pub prefix: String,
    /// The digest of its token.
    pub hash: TokenHash,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// From then on it is worthless. `None`: it does not expire.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute or so.
    pub last_used_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether it is over by time.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| now >= end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_a_set_that_is_not_empty() {
        let both = Scopes::parse(["write", "read"]).expect("both");
        assert_eq!(both.to_text(), "read write");
        assert_eq!(Scopes::parse_stored("read write"), Some(both));
        let read = Scopes::parse(["read"]).expect("one");
        assert!(read.contains(Scope::Read) && !read.contains(Scope::Write));
        let code = |words: &[&str]| Scopes::parse(words.iter().copied()).unwrap_err().code;
        assert_eq!(code(&[]), ViolationCode::Required);
        assert_eq!(code(&["read", "read"]), ViolationCode::InvalidFormat);
        assert_eq!(code(&["admin"]), ViolationCode::InvalidFormat);
        assert_eq!(Scopes::parse_stored(""), None);
    }

    #[test]
    fn a_scope_is_read_back_from_its_word() {
        let words = Scope::ALL.map(|one| (one.as_str(), Scope::parse(one.as_str())));
        let expected = [("read", Ok(Scope::Read)), ("write", Ok(Scope::Write))];
        assert_eq!(words, expected);
        let write = Scopes::parse(["write"]).expect("one");
        assert!(write.contains(Scope::Write) && !write.contains(Scope::Read));
        assert_eq!(write.to_text(), "write");
        assert_eq!(Scopes::parse_stored("read  write"), None);
    }

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(ApiKeyName::parse(" ci ").expect("a name").as_str(), "ci");
        for bad in ["", " ", "a\nb", &"a".repeat(101)] {
            assert!(ApiKeyName::parse(bad).is_err(), "{bad:?}");
        }
    }
}
