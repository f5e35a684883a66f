//! Broken rules, collected: a caller learns of all of them at once.

use std::{borrow::Cow, fmt};

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
    /// Every code.
    pub const ALL: &[Self] = &[
        Self::Required,
        Self::UnknownMember,
        Self::TooShort,
        Self::TooLong,
        Self::InvalidFormat,
        Self::Reserved,
        Self::WeakPassword,
        Self::NotAllowed,
    ];

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

crate::text_form::word!(ViolationCode by as_str, "must be the code of a violation");

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

/// A member that breaks a rule. Its text names member and rule, never the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {detail} ({code})")]
pub struct Violation {
    /// The member's or parameter's name on the wire, dotted where nested.
    pub field: Cow<'static, str>,
    /// Which rule.
    pub code: ViolationCode,
    /// A sentence for people; never holds the value.
    pub detail: Cow<'static, str>,
}

/// All broken rules of one input, at most one for each member. Their text names
/// members and rules, never the values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, violation) in self.iter().enumerate() {
            let between = if number == 0 { "" } else { "; " };
            write!(f, "{between}{violation}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Violations {}

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
        self.extend(other);
    }

    /// The value where it could be parsed; otherwise notes the violation and
    /// gives `None`.
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
    /// `None` where it is not there, which is no violation, and where it could
    /// not be parsed, which is noted.
    pub fn take_optional<I, T>(
        &mut self,
        field: &'static str,
        input: Option<I>,
        parse: impl FnOnce(I) -> Result<T, Broken>,
    ) -> Option<T> {
        input.and_then(|input| self.take(field, parse(input)))
    }

    /// The value of a member that must be there. `None` where it is not, noted
    /// as [`ViolationCode::Required`], and where it could not be parsed, noted as
    /// `parse` says.
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

/// As by [`Violations::push`]: the first of a member stays.
impl Extend<Violation> for Violations {
    fn extend<I: IntoIterator<Item = Violation>>(&mut self, others: I) {
        for violation in others {
            self.push(violation);
        }
    }
}

/// As by [`Violations::push`]: the first of a member stays.
impl FromIterator<Violation> for Violations {
    fn from_iter<I: IntoIterator<Item = Violation>>(all: I) -> Self {
        let mut violations = Self::new();
        violations.extend(all);
        violations
    }
}

impl IntoIterator for Violations {
    type Item = Violation;
    type IntoIter = std::vec::IntoIter<Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
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
mod tests;
