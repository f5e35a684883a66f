//! Changing members of a user, whoever does it: the events that a change is,
//! and the mails that it causes.

use crate::{
    accounts::UpdateUserCommand,
    audit::{Actor, AuditEvent, EventKind, Origin},
    caller::Admin,
    clock::Timestamp,
    error::Result,
    mail::{Mail, MailKind},
    policy::Verification,
    ports::Context,
    revision::{Outcome, Revision, Written},
    users::{
        AdminChanges, Change, Credentials, EmailAddress, ProfileChanges, SessionsAfter, User,
        UserId, Version,
    },
};

impl Context {
    /// Changes the user, with its events and mails; nothing is written where
    /// nothing changes. Who may is for the caller to ask.
    pub(crate) async fn change_user(
        &self,
        actor: &Actor,
        origin: &Origin,
        (id, expected): (UserId, Option<Version>),
        (profile, admin): (&ProfileChanges, &AdminChanges),
    ) -> Result<User> {
        let revision = Revision {
            context: self,
            actor,
            origin,
            id,
            expected,
        };
        revision
            .run(|user, now| {
                let before = user.clone();
                let changed = user.apply(profile, admin, now)?;
                if changed.is_empty() {
                    return Ok(Outcome::Nothing);
                }
                let events = change_events(&revision, user, &changed, now)?;
                let sessions = if user.suspended && !before.suspended {
                    SessionsAfter::End
                } else {
                    SessionsAfter::Keep
                };
                let mails = self.mails_of_change(&before, user, origin)?;
                Ok(Outcome::Write(
                    Written::new(sessions, events).mailing(mails),
                ))
            })
            .await
    }

    /// The same, as administrators change it: anybody's, and every member. A key
    /// does not change the address of its owner.
    pub(crate) async fn change_by_admin(
        &self,
        admin: &Admin,
        origin: &Origin,
        (id, expected): (UserId, Option<Version>),
        command: &UpdateUserCommand,
    ) -> Result<User> {
        if command.admin.email != Change::Keep {
            admin.require_person_for(id)?;
        }
        let changes = (&command.profile, &command.admin);
        self.change_user(admin.actor(), origin, (id, expected), changes)
            .await
    }

    /// What a change of the address is told: to the one before that it was
    /// replaced, to the new one that it must be confirmed, where it must.
    pub(crate) fn mails_of_change(
        &self,
        before: &User,
        after: &User,
        origin: &Origin,
    ) -> Result<Vec<Mail>> {
        let canonical = |user: &User| user.email.as_ref().map(EmailAddress::canonical);
        let mut mails = Vec::new();
        if canonical(before) == canonical(after) {
            return Ok(mails);
        }
        if let Some(mut notice) = self.mail_to(MailKind::EmailChanged, before, None, origin)? {
            notice.other_address = after.email.clone();
            mails.push(notice);
        }
        mails.extend(self.verification_mail(after, None, origin)?);
        Ok(mails)
    }

    /// Asks for the confirmation of an address, where it must be and is not yet.
    pub(crate) fn verification_mail(
        &self,
        user: &User,
        credentials: Option<&Credentials>,
        origin: &Origin,
    ) -> Result<Option<Mail>> {
        let required = self.rules.policy().registration.verification == Verification::Required;
        if !required || user.email_verified {
            return Ok(None);
        }
        self.mail_to(MailKind::VerifyEmail, user, credentials, origin)
    }
}

/// The events of a change: those that security looks at by their own kinds,
/// everything else as `user.updated`.
fn change_events(
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
