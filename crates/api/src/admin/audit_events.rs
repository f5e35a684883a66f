//! `GET /audit-events`

use actix_web::{HttpResponse, get};
use serde::Deserialize;
use userhub_domain::{
    audit::{Actor, AuditQuery, EventKind},
    caller::AdminReader,
    users::UserId,
    violation::{Broken, ViolationCode, Violations},
};
use utoipa::IntoParams;

use crate::{
    http::{Answer, Caller, Query},
    paging::{PageMembers, moment},
    state::State,
    views::AuditEventPage,
};

/// Filters and page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListAuditEventsQuery {
    /// Only by this actor: a user's id, or `operator:NAME`.
    #[param(nullable = false)]
    actor: Option<String>,
    /// Only to this user.
    #[param(value_type = Option<Uuid>, nullable = false)]
    subject: Option<String>,
    /// Only of this kind.
    #[param(nullable = false, example = "session.started")]
    kind: Option<String>,
    /// Then or later.
    #[param(value_type = Option<DateTime<Utc>>, nullable = false)]
    from: Option<String>,
    /// Before then.
    #[param(value_type = Option<DateTime<Utc>>, nullable = false)]
    to: Option<String>,
    /// The most items.
    #[param(nullable = false, minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// The `next_cursor` of the page before, with the same filters.
    #[param(nullable = false)]
    cursor: Option<String>,
}

impl ListAuditEventsQuery {
    fn filters(&self, violations: &mut Violations) -> AuditQuery {
        AuditQuery {
            actor: violations.take_optional("actor", self.actor.as_deref(), |text| {
                Actor::parse(Some(text))
            }),
            subject: violations.take_optional("subject", self.subject.as_deref(), |text| {
                UserId::parse(text)
                    .ok_or_else(|| Broken::new(ViolationCode::InvalidFormat, "must be a UUID"))
            }),
            kind: violations.take_optional("kind", self.kind.as_deref(), EventKind::parse),
            from: violations.take_optional("from", self.from.as_deref(), moment),
            to: violations.take_optional("to", self.to.as_deref(), moment),
        }
    }
}

/// List what happened, the newest first
#[utoipa::path(
    tag = "Administration",
    operation_id = "listAuditEvents",
    params(ListAuditEventsQuery),
    responses(
        (status = 200, description = "A page of the events that match", body = AuditEventPage),
        (status = 403, description = "Only administrators"),
    ),
)]
#[get("/audit-events")]
pub(crate) async fn list_audit_events(
    admin: Caller<AdminReader>,
    state: State,
    query: Query<ListAuditEventsQuery>,
) -> Answer<HttpResponse> {
    let (query, mut violations) = query.read();
    let filters = query.filters(&mut violations);
    let members = PageMembers {
        limit: query.limit,
        cursor: query.cursor.as_deref(),
        ..PageMembers::default()
    };
    let page = members.parse(&mut violations, |text| filters.parse_cursor(text));
    violations.into_result()?;
    let administration = &state.services.administration;
    let found = administration
        .list_audit_events(&admin.0, &filters, &page)
        .await?;
    Ok(HttpResponse::Ok().json(AuditEventPage::from(&found)))
}
