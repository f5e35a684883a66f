//! Values that are one of a few.

use proptest::{prelude::*, sample};
use userhub_domain::{
    api_keys::Scope,
    audit::EventKind,
    error::Identifier,
    mail::{Delivery, MailKind, MailState},
    policy::RequiredMember,
    secret::TokenPurpose,
    sessions::AuthenticationMethods,
    users::{Direction, Role, SessionsAfter, Status, UserSort},
    violation::ViolationCode,
};

/// Roles.
pub fn roles() -> impl Strategy<Value = Role> {
    sample::select(Role::ALL)
}

/// States of an account.
pub fn statuses() -> impl Strategy<Value = Status> {
    sample::select(Status::ALL)
}

/// Members of a user that are unique.
pub fn identifiers() -> impl Strategy<Value = Identifier> {
    sample::select(Identifier::ALL.to_vec())
}

/// Members of a user that a deployment can require.
pub fn required_members() -> impl Strategy<Value = RequiredMember> {
    sample::select(RequiredMember::ALL.to_vec())
}

/// What lists of users are sorted by.
pub fn user_sorts() -> impl Strategy<Value = UserSort> {
    sample::select(UserSort::ALL.to_vec())
}

/// Upwards and downwards.
pub fn directions() -> impl Strategy<Value = Direction> {
    sample::select(vec![Direction::Ascending, Direction::Descending])
}

/// What an update may do to sessions.
pub fn sessions_after() -> impl Strategy<Value = SessionsAfter> {
    sample::select(vec![SessionsAfter::Keep, SessionsAfter::End])
}

/// What tokens are for.
pub fn token_purposes() -> impl Strategy<Value = TokenPurpose> {
    sample::select(TokenPurpose::ALL.to_vec())
}

/// How somebody may have been authenticated.
pub fn authentication_methods() -> impl Strategy<Value = AuthenticationMethods> {
    sample::select(AuthenticationMethods::ALL.to_vec())
}

/// Scopes of a key, one by one; sets of them are [`scopes`](super::scopes).
pub fn single_scopes() -> impl Strategy<Value = Scope> {
    sample::select(Scope::ALL.to_vec())
}

/// Kinds of events.
pub fn event_kinds() -> impl Strategy<Value = EventKind> {
    sample::select(EventKind::ALL)
}

/// What a mail may be about.
pub fn mail_kinds() -> impl Strategy<Value = MailKind> {
    sample::select(MailKind::ALL)
}

/// How far the delivery of a mail may have come.
pub fn mail_states() -> impl Strategy<Value = MailState> {
    sample::select(MailState::ALL.to_vec())
}

/// What may become of a mail.
pub fn deliveries() -> impl Strategy<Value = Delivery> {
    sample::select(Delivery::ALL.to_vec())
}

/// Which rule may be broken.
pub fn violation_codes() -> impl Strategy<Value = ViolationCode> {
    sample::select(ViolationCode::ALL)
}
