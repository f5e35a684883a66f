//! Mails that are to be sent.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QueryResult, QuerySelect, QueryTrait, Set, Statement, sea_query::Expr,
};
use userhub_domain::{
    Result,
    audit::Origin,
    clock::Timestamp,
    mail::{
        Attempt, ClaimedMail, Mail, MailCounts, MailId, MailKind, MailQuery, MailState,
        OutboxReader, OutboxWriter, Settlement,
    },
    users::{AuthVersion, EmailAddress, UserId},
};
use uuid::Uuid;

use super::{
    entity::outbox::{ActiveModel, Column, Entity},
    store::SqlStore,
    stored::{Place, row},
    unit_of_work::SqlUnitOfWork,
};

const TABLE: &str = "outbox";

#[derive(FromQueryResult)]
struct MailRow {
    id: Uuid,
    kind: String,
    user_id: Option<Uuid>,
    auth_version: Option<i64>,
    to_address: String,
    other_address: Option<String>,
    created_at: DateTime<Utc>,
    address: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
    state: String,
    tries: i64,
    unknown: i64,
    due_at: DateTime<Utc>,
    last_error: Option<String>,
}

impl MailRow {
    fn parse_stored(self) -> Result<(Mail, Attempt)> {
        let at = Place {
            table: TABLE,
            id: &self.id,
        };
        let number = |column, value: i64| u32::try_from(value).map_err(|_| at.nonsense(column));
        let attempt = Attempt {
            state: MailState::parse_stored(&self.state).ok_or_else(|| at.nonsense("state"))?,
            tries: number("tries", self.tries)?,
            unknown: number("unknown", self.unknown)?,
            due_at: self.due_at,
            last_error: self.last_error,
        };
        let mail = Mail {
            id: MailId::from_uuid(self.id),
            kind: at.parse("kind", &self.kind, MailKind::parse)?,
            user_id: self.user_id.map(UserId::from_uuid),
            auth_version: self.auth_version.map(AuthVersion),
            to: at.parse("to_address", &self.to_address, EmailAddress::parse)?,
            other_address: at.parse_optional(
                "other_address",
                self.other_address.as_ref(),
                EmailAddress::parse,
            )?,
            created_at: self.created_at,
            origin: Origin {
                address: at.parse_optional("address", self.address.as_ref(), str::parse)?,
                user_agent: self.user_agent,
                request_id: self.request_id,
            },
        };
        Ok((mail, attempt))
    }
}

fn mail(found: &QueryResult) -> Result<(Mail, Attempt)> {
    row::<MailRow>(TABLE, "", found)?.parse_stored()
}

/// What can be claimed at $1, and is of a kind that this binary knows: others
/// are a newer one's. The state is no parameter, so that the databases see
/// that the partial index will do.
fn due() -> String {
    let kinds: Vec<String> = MailKind::ALL
        .iter()
        .map(|kind| format!("'{}'", kind.as_str()))
        .collect();
    format!(
        "SELECT id FROM outbox WHERE state = 'pending' AND due_at <= $1 AND kind IN ({}) \
         ORDER BY due_at, id",
        kinds.join(", ")
    )
}

/// Claims $2 mails at most until $3. The list of them stands apart: within the
/// UPDATE Postgres might make it anew for every row, with other mails in it.
fn claim_sql(backend: DbBackend) -> String {
    let (due, mut others) = (due(), "");
    if backend == DbBackend::Postgres {
        others = " FOR UPDATE SKIP LOCKED";
    }
    format!(
        "WITH due AS ({due} LIMIT $2{others}) \
         UPDATE outbox SET tries = tries + 1, unknown = unknown + 1, due_at = $3 \
         WHERE id IN (SELECT id FROM due) RETURNING *"
    )
}

#[derive(FromQueryResult)]
struct CountRow {
    state: String,
    count: i64,
}

#[async_trait]
impl OutboxReader for SqlStore {
    async fn has_due(&self, now: Timestamp) -> Result<bool> {
        let sql = format!("{} LIMIT 1", due());
        let statement = Statement::from_sql_and_values(self.shared.backend, sql, [now.into()]);
        Ok(self.row(TABLE, statement).await?.is_some())
    }

    async fn list(&self, query: &MailQuery) -> Result<Vec<(Mail, Attempt)>> {
        let state = query.state.map(|state| Column::State.eq(state.as_str()));
        let statement = Entity::find()
            .filter(Condition::all().add_option(state))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::Id)
            .limit(u64::from(query.limit))
            .build(self.shared.backend);
        self.rows(TABLE, statement)
            .await?
            .iter()
            .map(mail)
            .collect()
    }

    async fn count(&self) -> Result<MailCounts> {
        let statement = Entity::find()
            .select_only()
            .column(Column::State)
            .column_as(Column::Id.count(), "count")
            .group_by(Column::State)
            .build(self.shared.backend);
        let mut counts = MailCounts::default();
        for found in self.rows(TABLE, statement).await? {
            let stored: CountRow = row(TABLE, "", &found)?;
            let count = u64::try_from(stored.count).unwrap_or_default();
            match MailState::parse_stored(&stored.state) {
                Some(MailState::Pending) => counts.pending = count,
                Some(MailState::Abandoned) => counts.abandoned = count,
                None => {}
            }
        }
        Ok(counts)
    }
}

/// The members of an attempt.
fn members(attempt: &Attempt) -> ActiveModel {
    ActiveModel {
        state: Set(attempt.state.as_str().to_owned()),
        tries: Set(attempt.tries.into()),
        unknown: Set(attempt.unknown.into()),
        due_at: Set(attempt.due_at),
        last_error: Set(attempt.last_error.clone()),
        ..ActiveModel::default()
    }
}

#[async_trait]
impl OutboxWriter for SqlUnitOfWork {
    async fn add(&self, mail: &Mail) -> Result<()> {
        let row = ActiveModel {
            id: Set(mail.id.as_uuid()),
            kind: Set(mail.kind.as_str().to_owned()),
            user_id: Set(mail.user_id.map(UserId::as_uuid)),
            auth_version: Set(mail.auth_version.map(|number| number.0)),
            to_address: Set(mail.to.as_str().to_owned()),
            other_address: Set(mail.other_address.as_ref().map(|it| it.as_str().to_owned())),
            created_at: Set(mail.created_at),
            address: Set(mail.origin.address.map(|it| it.to_string())),
            user_agent: Set(mail.origin.user_agent.clone()),
            request_id: Set(mail.origin.request_id.clone()),
            ..members(&Attempt::first(mail.created_at))
        };
        self.run(TABLE, Entity::insert(row).build(self.backend()))
            .await?;
        Ok(())
    }

    async fn claim(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<ClaimedMail>> {
        let statement = Statement::from_sql_and_values(
            self.backend(),
            claim_sql(self.backend()),
            [now.into(), i64::from(limit).into(), lease_until.into()],
        );
        let rows = self.rows(TABLE, statement).await?;
        let claimed: Result<Vec<ClaimedMail>> = rows
            .iter()
            .map(|found| mail(found).map(|(mail, attempt)| ClaimedMail { mail, attempt }))
            .collect();
        let mut claimed = match claimed {
            Ok(claimed) => claimed,
            Err(nonsense) => return Err(self.fail(nonsense).await),
        };
        // An UPDATE gives its rows in any order.
        claimed.sort_by_key(|one| (one.mail.created_at, one.mail.id));
        Ok(claimed)
    }

    async fn settle(&self, claimed: &ClaimedMail, settlement: &Settlement) -> Result<bool> {
        let this_claim = Condition::all()
            .add(Column::Id.eq(claimed.mail.id.as_uuid()))
            .add(Column::Tries.eq(i64::from(claimed.attempt.tries)))
            .add(Column::DueAt.eq(claimed.attempt.due_at));
        let statement = match settlement {
            Settlement::Remove => Entity::delete_many()
                .filter(this_claim)
                .build(self.backend()),
            Settlement::Keep(attempt) => Entity::update_many()
                .set(members(attempt))
                .filter(this_claim)
                .build(self.backend()),
        };
        Ok(self.run(TABLE, statement).await? > 0)
    }

    async fn retry(&self, id: Option<MailId>, due_at: Timestamp) -> Result<u64> {
        let wanted = id.map(|id| Column::Id.eq(id.as_uuid()));
        let statement = Entity::update_many()
            .col_expr(Column::State, Expr::value(MailState::Pending.as_str()))
            .col_expr(Column::Tries, Expr::value(0_i64))
            .col_expr(Column::Unknown, Expr::value(0_i64))
            .col_expr(Column::DueAt, Expr::value(due_at))
            .filter(Column::State.eq(MailState::Abandoned.as_str()))
            .filter(Condition::all().add_option(wanted))
            .build(self.backend());
        self.run(TABLE, statement).await
    }
}
