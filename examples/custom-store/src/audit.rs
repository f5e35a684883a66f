//! Events: their row, and how they are read and written.

use async_trait::async_trait;
use redb::WriteTransaction;
use serde::{Deserialize, Serialize};
use userhub_domain::{
    Result,
    audit::{Actor, AuditEvent, AuditEventId, AuditQuery, AuditReader, EventKind, Origin},
    page::{Page, PageRequest, SortKey},
    sessions::SessionId,
    users::{Direction, UserId},
};

use crate::{
    RedbStore,
    readers::paged,
    rows::{micros, nonsense, time},
    tables,
};

#[derive(Serialize, Deserialize)]
struct EventRow {
    id: String,
    at: i64,
    kind: String,
    actor: Option<String>,
    subject: Option<String>,
    session_id: Option<String>,
    address: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
    fields: Vec<String>,
}

impl EventRow {
    fn new(event: &AuditEvent) -> Self {
        Self {
            id: event.id.to_string(),
            at: micros(event.at),
            kind: event.kind.as_str().to_owned(),
            actor: event.actor.to_text(),
            subject: event.subject.map(|id| id.to_string()),
            session_id: event.session_id.map(|id| id.to_string()),
            address: event.origin.address.map(|address| address.to_string()),
            user_agent: event.origin.user_agent.clone(),
            request_id: event.origin.request_id.clone(),
            fields: event.fields.clone(),
        }
    }

    fn event(&self) -> Result<AuditEvent> {
        Ok(AuditEvent {
            id: AuditEventId::parse(&self.id).ok_or_else(|| nonsense("event"))?,
            at: time(self.at)?,
            kind: EventKind::parse(&self.kind).map_err(|_| nonsense("kind"))?,
            actor: Actor::parse(self.actor.as_deref()).map_err(|_| nonsense("actor"))?,
            subject: self.subject.as_deref().and_then(UserId::parse),
            session_id: self.session_id.as_deref().and_then(SessionId::parse),
            origin: Origin {
                address: self.address.as_ref().and_then(|text| text.parse().ok()),
                user_agent: self.user_agent.clone(),
                request_id: self.request_id.clone(),
            },
            fields: self.fields.clone(),
        })
    }
}

#[async_trait]
impl AuditReader for RedbStore {
    async fn list(&self, query: &AuditQuery, page: &PageRequest) -> Result<Page<AuditEvent>> {
        let snapshot = self.snapshot()?;
        let rows: Vec<EventRow> = tables::rows(&tables::read(&snapshot, tables::EVENTS)?)?;
        let mut events = Vec::new();
        for row in rows {
            let event = row.event()?;
            if query.matches(&event) {
                let key = SortKey::Time(Some(event.at));
                events.push(((key, event.id.as_uuid().as_u128()), event));
            }
        }
        Ok(paged(events, Direction::Descending, page, |event| {
            query.cursor_after(event)
        }))
    }
}

/// Adds events to a unit of work that is being committed.
pub(crate) fn write(transaction: &WriteTransaction, events: &[AuditEvent]) -> Result<()> {
    let mut table = tables::write(transaction, tables::EVENTS)?;
    for event in events {
        let key = event.id.as_uuid();
        tables::put(&mut table, key.as_bytes(), &EventRow::new(event))?;
    }
    Ok(())
}

/// Blanks from where a user acted, and others on him.
pub(crate) fn forget(transaction: &WriteTransaction, user: UserId) -> Result<()> {
    let user = user.to_string();
    let is_theirs = |id: &Option<String>| id.as_deref() == Some(user.as_str());
    let mut table = tables::write(transaction, tables::EVENTS)?;
    for (key, mut row) in tables::entries::<EventRow>(&table)? {
        if is_theirs(&row.subject) || is_theirs(&row.actor) {
            row.address = None;
            row.user_agent = None;
            tables::put(&mut table, &key, &row)?;
        }
    }
    Ok(())
}
