//! Broken rules, collected: a caller learns of all of them at once.

use std::borrow::Cow;

/// Which rule a member breaks. On the wire these are stable codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ViolationCode {
    /// The member must be there.
    Required,
    /// The member is not known here.
    UnknownMember,
    /// Shorter, or smaller, than allowed.
    TooShort,
    /// Longer, or larger, than allowed.
    TooLong,
    /// Not of the form that is asked for.
    InvalidFormat,
    /// The word is kept for other uses.
    Reserved,
    /// The password is too easy to guess.
    WeakPassword,
    /// The member cannot be set here.
    NotAllowed,
}

impl ViolationCode {
    /// The stable code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::UnknownMember => "unknown_member",
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::InvalidFormat => "invalid_format",
            Self::Reserved => "reserved",
            Self::WeakPassword => "weak_password",
            Self::NotAllowed => "not_allowed",
        }
    }
}

/// A broken rule without the member that breaks it: what the `parse` of a
/// value type returns.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Broken {
    /// Which rule.
    pub code: ViolationCode,
    /// A sentence for people; never holds the value.
    pub detail: Cow<'static, str>,
}

impl Broken {
    /// A broken rule and its sentence.
    pub fn new(code: ViolationCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }

    /// Names the member that breaks the rule.
    pub fn at(self, field: impl Into<Cow<'static, str>>) -> Violation {
        Violation {
            field: field.into(),
            code: self.code,
            detail: self.detail,
        }
    }
}

/// A member that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The member's or parameter's name on the wire, dotted where nested.
    pub field: Cow<'static, str>,
    /// Which rule.
    pub code: ViolationCode,
    /// A sentence for people; never holds the value.
    pub detail: Cow<'static, str>,
}

/// All broken rules of one input, at most one for each member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one; the first of a member stays.
    pub fn push(&mut self, violation: Violation) {
        if !self.names(&violation.field) {
            self.0.push(violation);
        }
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: Self) {
        for violation in other.0 {
            self.push(violation);
        }
    }

    /// The value where it could be parsed; otherwise notes why not.
    pub fn take<T>(&mut self, field: &'static str, parsed: Result<T, Broken>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(broken) => {
                self.push(broken.at(field));
                None
            }
        }
    }

    /// The value of an optional member where it is there and could be parsed.
    pub fn take_optional<I, T>(
        &mut self,
        field: &'static str,
        input: Option<I>,
        parse: impl FnOnce(I) -> Result<T, Broken>,
    ) -> Option<T> {
        input.and_then(|input| self.take(field, parse(input)))
    }

    /// The value of a member that must be there.
    pub fn take_required<I, T>(
        &mut self,
        field: &'static str,
        input: Option<I>,
        parse: impl FnOnce(I) -> Result<T, Broken>,
    ) -> Option<T> {
        if input.is_none() {
            self.push(Broken::new(ViolationCode::Required, "must be given").at(field));
        }
        self.take_optional(field, input, parse)
    }

    /// Whether a member has a violation already.
    pub fn names(&self, field: &str) -> bool {
        self.0.iter().any(|violation| violation.field == field)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// In the order in which they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.0.iter()
    }

    /// `Ok` where there are none.
    ///
    /// # Errors
    /// The violations themselves.
    pub fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl From<Violation> for Violations {
    fn from(violation: Violation) -> Self {
        Self(vec![violation])
    }
}

impl<'a> IntoIterator for &'a Violations {
    type Item = &'a Violation;
    type IntoIter = std::slice::Iter<'a, Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(code: ViolationCode) -> Broken {
        Broken::new(code, "must be otherwise")
    }

    #[test]
    fn all_are_collected_in_order_and_the_first_of_a_member_stays() {
        let mut all = Violations::new();
        assert_eq!(all.take("a", Ok::<_, Broken>(1)), Some(1));
        assert_eq!(all.take_required::<u8, u8>("b", None, Ok), None);
        assert_eq!(all.take_optional::<u8, u8>("c", None, Ok), None);
        assert_eq!(
            all.take::<u8>("d", Err(broken(ViolationCode::TooLong))),
            None
        );
        let mut more = Violations::from(broken(ViolationCode::Reserved).at("d"));
        more.push(broken(ViolationCode::Reserved).at("e"));
        all.merge(more);
        let told: Vec<_> = all
            .iter()
            .map(|one| (one.field.as_ref(), one.code))
            .collect();
        assert_eq!(
            told,
            [
                ("b", ViolationCode::Required),
                ("d", ViolationCode::TooLong),
                ("e", ViolationCode::Reserved),
            ]
        );
        assert!(all.names("d") && !all.names("a"));
        assert_eq!((&all).into_iter().count(), all.len());
        assert_eq!(all.clone().into_result(), Err(all));
        assert_eq!(Violations::new().into_result(), Ok(()));
    }
}
