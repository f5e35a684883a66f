//! Roles and states.

/// What somebody may do; the one who may do more is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Role {
    /// An ordinary user: sees and changes their own account.
    #[default]
    User,
    /// An administrator: sees and changes everybody's.
    Admin,
}

/// Whether an account can be used. Derived from the suspension flag and the
/// time of deletion, see [`UserRecord::status`](super::UserRecord::status).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// In use.
    Active,
    /// Kept, but nobody can sign in.
    Suspended,
    /// Soft-deleted: its identifiers are free, an administrator can restore it.
    Deleted,
}

macro_rules! words {
    ($name:ident { $($case:ident = $word:literal),+ }, $hint:literal) => {
        impl $name {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$case),+];

            /// The word on the wire and in the database.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$case => $word),+ }
            }
        }

        crate::text_form::word!($name by as_str, $hint);
    };
}

words!(Role { User = "user", Admin = "admin" }, "must be user or admin");
words!(
    Status { Active = "active", Suspended = "suspended", Deleted = "deleted" },
    "must be active, suspended or deleted"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back_and_no_other_is() {
        for role in [Role::User, Role::Admin] {
            assert_eq!(Role::parse(role.as_str()), Ok(role));
        }
        for status in [Status::Active, Status::Suspended, Status::Deleted] {
            assert_eq!(Status::parse(status.as_ref()), Ok(status));
        }
        for bad in ["", "Admin", "admin ", "root"] {
            assert!(
                Role::parse(bad).is_err() && Status::parse(bad).is_err(),
                "{bad:?}"
            );
        }
    }
}
