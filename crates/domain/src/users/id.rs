//! The id of a user.

crate::id::id! {
    /// Names a user for good; it is never given to another.
    UserId
}
