//! Which users a list holds, and in which order.

use super::{EmailAddress, Role, Status, User, Username};
use crate::{
    clock::Timestamp,
    page::{Cursor, ListFingerprint, SortKey},
    text::{folded, is_invisible},
    violation::{Broken, ViolationCode},
};

const MAX_SEARCH: usize = 200;

/// A literal text that is looked for; never a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SearchText(String);

impl SearchText {
    /// From what a person typed.
    ///
    /// # Errors
    /// `too_long` above 200 characters, `invalid_format` for control
    /// characters; an empty text finds everybody.
    pub fn parse(text: &str) -> Result<Self, Broken> {
        if text.len() > MAX_SEARCH.saturating_mul(4) || text.chars().count() > MAX_SEARCH {
            return Err(crate::text::too_long(MAX_SEARCH));
        }
        if text.chars().any(is_invisible) {
            return Err(Broken::new(
                ViolationCode::InvalidFormat,
                "must not hold control or invisible characters",
            ));
        }
        Ok(Self(folded(text)))
    }

    /// The folded text; a user matches whose
    /// [`search_text`](super::UserRecord::search_text) holds it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for SearchText {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// There is no way back to a text: what was folded may be longer than what may
/// be typed.
impl std::str::FromStr for SearchText {
    type Err = Broken;

    fn from_str(text: &str) -> Result<Self, Broken> {
        Self::parse(text)
    }
}

/// What a list of users is sorted by. `id` breaks ties; null is the smallest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum UserSort {
    /// `created_at`
    #[default]
    CreatedAt,
    /// `updated_at`
    UpdatedAt,
    /// `last_login_at`
    LastLoginAt,
    /// The canonical username.
    Username,
    /// The canonical e-mail address.
    Email,
}

impl UserSort {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::CreatedAt,
        Self::UpdatedAt,
        Self::LastLoginAt,
        Self::Username,
        Self::Email,
    ];

    /// The member's name on the wire.
    pub fn field(self) -> &'static str {
        match self {
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
            Self::LastLoginAt => "last_login_at",
            Self::Username => "username",
            Self::Email => "email",
        }
    }
}

crate::text_form::word!(UserSort by field, "must be a member that users are sorted by");

/// Upwards or downwards; ties by `id` turn with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest first.
    #[default]
    Ascending,
    /// Largest first.
    Descending,
}

/// Filters and order of a list of users. The default finds all the living.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserQuery {
    /// Literal text in username, e-mail or names, whatever its case.
    pub search: Option<SearchText>,
    /// Only this role.
    pub role: Option<Role>,
    /// Only this status. `None`: active and suspended.
    pub status: Option<Status>,
    /// Only verified, or only unverified addresses.
    pub email_verified: Option<bool>,
    /// Only users made at this moment or later.
    pub created_from: Option<Timestamp>,
    /// Only users made before this moment.
    pub created_to: Option<Timestamp>,
    /// The order.
    pub sort: UserSort,
    /// Its direction.
    pub direction: Direction,
}

impl UserQuery {
    /// Binds cursors to this very list.
    pub fn fingerprint(&self) -> ListFingerprint {
        ListFingerprint::of(self)
    }

    /// The sort key of a user under this order.
    pub fn sort_key(&self, user: &User) -> SortKey {
        match self.sort {
            UserSort::CreatedAt => SortKey::Time(Some(user.created_at)),
            UserSort::UpdatedAt => SortKey::Time(Some(user.updated_at)),
            UserSort::LastLoginAt => SortKey::Time(user.last_login_at),
            UserSort::Username => SortKey::Text(user.username.as_ref().map(Username::canonical)),
            UserSort::Email => SortKey::Text(user.email.as_ref().map(EmailAddress::canonical)),
        }
    }

    /// The place after a user in this list.
    pub fn cursor_after(&self, user: &User) -> Cursor {
        Cursor::after(self.fingerprint(), self.sort_key(user), user.id.as_uuid())
    }

    /// Reads a cursor of this very list.
    ///
    /// # Errors
    /// `invalid_format` for one of another list, or of another kind of key.
    pub fn parse_cursor(&self, text: &str) -> Result<Cursor, Broken> {
        let cursor = Cursor::parse(text, self.fingerprint())?;
        let is_text = matches!(self.sort, UserSort::Username | UserSort::Email);
        if is_text == matches!(cursor.key, SortKey::Text(_)) {
            Ok(cursor)
        } else {
            Err(Broken::new(
                ViolationCode::InvalidFormat,
                "must be the next_cursor of a page",
            ))
        }
    }

    /// Whether a user belongs into this list: what every store must agree with.
    pub fn matches(&self, user: &User) -> bool {
        let status = user.status();
        self.status
            .map_or(status != Status::Deleted, |wanted| wanted == status)
            && self.role.is_none_or(|role| role == user.role)
            && self
                .email_verified
                .is_none_or(|verified| verified == user.email_verified)
            && self.created_from.is_none_or(|from| user.created_at >= from)
            && self.created_to.is_none_or(|to| user.created_at < to)
            && self
                .search
                .as_ref()
                .is_none_or(|text| user.search_text().contains(text.as_str()))
    }
}

#[cfg(test)]
mod tests;
