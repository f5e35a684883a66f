//! What a PATCH does to one member.

/// A member of a merge patch (RFC 7396): absent, null or a value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
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
    /// Changes an optional member; says whether its value changed.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_null_and_a_value_are_three_things() {
        assert_eq!(Change::<u8>::from(None), Change::Keep);
        assert_eq!(Change::<u8>::from(Some(None)), Change::Clear);
        assert_eq!(Change::from(Some(Some(1))), Change::Set(1));
        assert!(!Change::<u8>::Keep.is_given());
        assert!(Change::<u8>::Clear.is_given() && Change::Set(1).is_given());
    }

    #[test]
    fn only_a_value_is_parsed() {
        let parse = |text: &str| text.parse::<u8>();
        assert_eq!(Change::Keep.try_map(parse), Ok(Change::Keep));
        assert_eq!(Change::Clear.try_map(parse), Ok(Change::Clear));
        assert_eq!(Change::Set("7").try_map(parse), Ok(Change::Set(7)));
        assert!(Change::Set("seven").try_map(parse).is_err());
    }

    #[test]
    fn applying_says_whether_the_member_is_another_one() {
        for (change, before, after, differs) in [
            (Change::Keep, Some(1), Some(1), false),
            (Change::Clear, Some(1), None, true),
            (Change::Clear, None, None, false),
            (Change::Set(1), Some(1), Some(1), false),
            (Change::Set(2), Some(1), Some(2), true),
            (Change::Set(2), None, Some(2), true),
        ] {
            let mut member = before;
            assert_eq!(
                change.apply(&mut member),
                differs,
                "{change:?} of {before:?}"
            );
            assert_eq!(member, after, "{change:?} of {before:?}");
        }
    }
}
