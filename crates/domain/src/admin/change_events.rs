//! Which events a change of members is.

use crate::{
    audit::{AuditEvent, EventKind},
    clock::Timestamp,
    error::Result,
    revision::Revision,
    users::User,
};

/// The events of a change: those that security looks at by their own kinds,
/// everything else as `user.updated`.
pub(crate) fn user_change_events(
    revision: &Revision<'_>,
    user: &User,
    changed: &[&'static str],
    now: Timestamp,
) -> Result<Vec<AuditEvent>> {
    let mut kinds = Vec::new();
    let mut updated = Vec::new();
    for field in changed.iter().copied() {
        match field {
            "role" => kinds.push((EventKind::UserRoleChanged, vec![field])),
            "is_active" if user.suspended => kinds.push((EventKind::UserSuspended, vec![field])),
            "is_active" => kinds.push((EventKind::UserReinstated, vec![field])),
            "email" => kinds.push((EventKind::EmailChanged, vec![field])),
            "email_verified" if user.email_verified => {
                kinds.push((EventKind::EmailVerified, vec![field]));
            }
            _ => updated.push(field),
        }
    }
    if !updated.is_empty() {
        kinds.push((EventKind::UserUpdated, updated));
    }
    kinds
        .into_iter()
        .map(|(kind, fields)| {
            let event = revision
                .context
                .event(now, kind, revision.actor, revision.origin)?;
            Ok(event.about(user.id).naming(fields))
        })
        .collect()
}
