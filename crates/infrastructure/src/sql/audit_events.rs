//! What happened: written by the unit of work's commit alone.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select, Set, Statement,
};
use userhub_domain::{
    Result,
    audit::{Actor, AuditEvent, AuditEventId, AuditQuery, AuditReader, EventKind, Origin},
    page::{Cursor, Page, PageRequest, PageStart, SortKey},
    sessions::SessionId,
    users::UserId,
};
use uuid::Uuid;

use super::{
    entity::audit_events::{ActiveModel, Column, Entity},
    store::SqlStore,
    stored::{Place, row},
};

const TABLE: &str = "audit_events";

#[derive(FromQueryResult)]
struct EventRow {
    id: Uuid,
    at: DateTime<Utc>,
    kind: String,
    actor: Option<String>,
    subject: Option<Uuid>,
    session_id: Option<Uuid>,
    address: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
    fields: String,
}

impl EventRow {
    fn parse_stored(self) -> Result<AuditEvent> {
        let place = Place {
            table: TABLE,
            id: &self.id,
        };
        Ok(AuditEvent {
            id: AuditEventId::from_uuid(self.id),
            at: self.at,
            kind: place.parse("kind", &self.kind, EventKind::parse)?,
            actor: Actor::parse(self.actor.as_deref()).map_err(|_| place.nonsense("actor"))?,
            subject: self.subject.map(UserId::from_uuid),
            session_id: self.session_id.map(SessionId::from_uuid),
            origin: Origin {
                address: place.parse_optional("address", self.address.as_ref(), str::parse)?,
                user_agent: self.user_agent,
                request_id: self.request_id,
            },
            fields: place.parse("fields", &self.fields, serde_json::from_str)?,
        })
    }
}

/// One INSERT for all of them; there must be one at least.
pub(super) fn insert(events: &[AuditEvent], backend: DbBackend) -> Statement {
    let rows = events.iter().map(|event| ActiveModel {
        id: Set(event.id.as_uuid()),
        at: Set(event.at),
        kind: Set(event.kind.as_str().to_owned()),
        actor: Set(event.actor.to_text()),
        subject: Set(event.subject.map(UserId::as_uuid)),
        session_id: Set(event.session_id.map(SessionId::as_uuid)),
        address: Set(event.origin.address.map(|it| it.to_string())),
        user_agent: Set(event.origin.user_agent.clone()),
        request_id: Set(event.origin.request_id.clone()),
        fields: Set(serde_json::Value::from(event.fields.clone()).to_string()),
    });
    Entity::insert_many(rows).build(backend)
}

/// As [`AuditQuery::matches`] has it.
fn filtered(query: &AuditQuery) -> Select<Entity> {
    let actor = query.actor.as_ref().map(|actor| match actor.to_text() {
        Some(text) => Column::Actor.eq(text),
        None => Column::Actor.is_null(),
    });
    let all = Condition::all()
        .add_option(actor)
        .add_option(query.subject.map(|id| Column::Subject.eq(id.as_uuid())))
        .add_option(query.kind.map(|kind| Column::Kind.eq(kind.as_str())))
        .add_option(query.from.map(|from| Column::At.gte(from)))
        .add_option(query.to.map(|to| Column::At.lt(to)));
    Entity::find().filter(all)
}

/// Newest first, one row more than the page holds.
fn paged(filtered: Select<Entity>, page: &PageRequest) -> Select<Entity> {
    let ordered = filtered
        .order_by_desc(Column::At)
        .order_by_desc(Column::Id)
        .limit(page.limit.get() as u64 + 1);
    match &page.start {
        PageStart::Offset(0) => ordered,
        PageStart::Offset(rows) => ordered.offset(u64::from(*rows)),
        PageStart::After(cursor) => ordered.filter(after(cursor)),
    }
}

fn after(cursor: &Cursor) -> Condition {
    let SortKey::Time(Some(at)) = cursor.key else {
        // A cursor of this list always has a time; nothing stands after others.
        return Condition::all().add(Column::At.is_null());
    };
    let older = Condition::any()
        .add(Column::At.lt(at))
        .add(Column::Id.lt(cursor.id));
    Condition::all().add(Column::At.lte(at)).add(older)
}

#[derive(FromQueryResult)]
struct CountRow {
    count: i64,
}

#[async_trait]
impl AuditReader for SqlStore {
    async fn list(&self, query: &AuditQuery, page: &PageRequest) -> Result<Page<AuditEvent>> {
        let filtered = filtered(query);
        let total = if page.count {
            let statement = filtered
                .clone()
                .select_only()
                .column_as(Column::Id.count(), "count")
                .build(self.shared.backend);
            let found = self.row(TABLE, statement).await?;
            let count = found
                .map(|found| row::<CountRow>(TABLE, "", &found))
                .transpose()?;
            count.and_then(|row| u64::try_from(row.count).ok())
        } else {
            None
        };
        let statement = paged(filtered, page).build(self.shared.backend);
        let rows = self.rows(TABLE, statement).await?;
        let events: Result<Vec<AuditEvent>> = rows
            .iter()
            .map(|found| row::<EventRow>(TABLE, "", found)?.parse_stored())
            .collect();
        Ok(Page::from_rows(events?, page, total, |last| {
            query.cursor_after(last)
        }))
    }
}
