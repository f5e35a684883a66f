//! What a PATCH does to one member.

/// A member of a merge patch (RFC 7396): absent, null or a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// Absent: it stays as it is.
    #[default]
    Keep,
    /// Null: it goes.
    Clear,
    /// A value: it is set.
    Set(T),
}

impl<T> Change<T> {
    /// Parses the value, if there is one.
    ///
    /// # Errors
    /// Those of `parse`.
    pub fn try_map<U, E>(self, parse: impl FnOnce(T) -> Result<U, E>) -> Result<Change<U>, E> {
        Ok(match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::Set(value) => Change::Set(parse(value)?),
        })
    }

    /// Whether the member stands in the patch.
    pub fn is_given(&self) -> bool {
        !matches!(self, Self::Keep)
    }
}

impl<T: Clone + PartialEq> Change<T> {
    /// Changes an optional member; says whether it is another one now.
    pub(crate) fn apply(&self, member: &mut Option<T>) -> bool {
        let next = match self {
            Self::Keep => return false,
            Self::Clear => None,
            Self::Set(value) => Some(value.clone()),
        };
        let differs = *member != next;
        *member = next;
        differs
    }
}

impl<T> From<Option<Option<T>>> for Change<T> {
    fn from(member: Option<Option<T>>) -> Self {
        match member {
            None => Self::Keep,
            Some(None) => Self::Clear,
            Some(Some(value)) => Self::Set(value),
        }
    }
}
