//! `GET /users`

use actix_web::{HttpResponse, get};
use serde::Deserialize;
use userhub_domain::{
    caller::AdminReader,
    users::{Direction, Role, SearchText, Status, UserQuery, UserSort},
    violation::{Broken, ViolationCode, Violations},
};
use utoipa::{IntoParams, ToSchema};

use crate::{
    http::{Answer, Caller, Query},
    paging::{PageMembers, moment},
    state::State,
    views::{RoleName, StatusName, UserPage},
};

/// Filters, order and page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListUsersQuery {
    /// Literal text in username, e-mail or names, whatever its case.
    #[param(nullable = false, max_length = 200)]
    q: Option<String>,
    /// Only this role.
    #[param(value_type = Option<RoleName>, nullable = false)]
    role: Option<String>,
    /// Only this status; without it active and suspended users.
    #[param(value_type = Option<StatusName>, nullable = false)]
    status: Option<String>,
    /// Only verified, or only unverified addresses.
    #[param(nullable = false)]
    email_verified: Option<bool>,
    /// Made then or later.
    #[param(value_type = Option<DateTime<Utc>>, nullable = false)]
    created_from: Option<String>,
    /// Made before then.
    #[param(value_type = Option<DateTime<Utc>>, nullable = false)]
    created_to: Option<String>,
    /// The order; `-` in front turns it. Null is the smallest value.
    #[param(value_type = Option<UserOrder>, nullable = false, default = "created_at")]
    sort: Option<String>,
    /// The most items.
    #[param(nullable = false, minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// Skip so many items.
    #[param(
        nullable = false,
        minimum = 0,
        maximum = 4_294_967_295_i64,
        default = 0
    )]
    offset: Option<i64>,
    /// The older name of `offset`.
    #[param(nullable = false, minimum = 0, maximum = 4_294_967_295_i64)]
    skip: Option<i64>,
    /// The `next_cursor` of the page before, with the same filters and order.
    #[param(nullable = false)]
    cursor: Option<String>,
    /// Whether to count all that match.
    #[param(nullable = false, default = false)]
    count: Option<bool>,
}

/// What a list of users is sorted by.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it only describes the parameter")]
pub(crate) enum UserOrder {
    CreatedAt,
    #[schema(rename = "-created_at")]
    CreatedAtDescending,
    UpdatedAt,
    #[schema(rename = "-updated_at")]
    UpdatedAtDescending,
    LastLoginAt,
    #[schema(rename = "-last_login_at")]
    LastLoginAtDescending,
    Username,
    #[schema(rename = "-username")]
    UsernameDescending,
    Email,
    #[schema(rename = "-email")]
    EmailDescending,
}

impl ListUsersQuery {
    fn filters(&self, violations: &mut Violations) -> UserQuery {
        let (sort, direction) = violations
            .take_optional("sort", self.sort.as_deref(), order)
            .unwrap_or_default();
        UserQuery {
            search: violations.take_optional("q", self.q.as_deref(), SearchText::parse),
            role: violations.take_optional("role", self.role.as_deref(), Role::parse),
            status: violations.take_optional("status", self.status.as_deref(), Status::parse),
            email_verified: self.email_verified,
            created_from: violations.take_optional(
                "created_from",
                self.created_from.as_deref(),
                moment,
            ),
            created_to: violations.take_optional("created_to", self.created_to.as_deref(), moment),
            sort,
            direction,
        }
    }

    fn page_members(&self) -> PageMembers<'_> {
        PageMembers {
            limit: self.limit,
            offset: self.offset,
            skip: self.skip,
            cursor: self.cursor.as_deref(),
            count: self.count,
        }
    }
}

fn order(text: &str) -> Result<(UserSort, Direction), Broken> {
    let (name, direction) = match text.strip_prefix('-') {
        Some(name) => (name, Direction::Descending),
        None => (text, Direction::Ascending),
    };
    let sort = UserSort::parse(name).map_err(|_| {
        Broken::new(
            ViolationCode::InvalidFormat,
            "must be created_at, updated_at, last_login_at, username or email, or one of \
             them with - in front",
        )
    })?;
    Ok((sort, direction))
}

/// Find users
#[utoipa::path(
    tag = "Users",
    operation_id = "listUsers",
    params(ListUsersQuery),
    responses(
        (status = 200, description = "A page of the users that match", body = UserPage),
        (status = 403, description = "Only administrators"),
    ),
)]
#[get("/users")]
pub(crate) async fn list_users(
    admin: Caller<AdminReader>,
    state: State,
    query: Query<ListUsersQuery>,
) -> Answer<HttpResponse> {
    let (query, mut violations) = query.read();
    let filters = query.filters(&mut violations);
    let page = query
        .page_members()
        .parse(&mut violations, |text| filters.parse_cursor(text));
    violations.into_result()?;
    let administration = &state.services.administration;
    let found = administration.list(&admin.0, &filters, &page).await?;
    Ok(HttpResponse::Ok().json(UserPage::from(&found)))
}
