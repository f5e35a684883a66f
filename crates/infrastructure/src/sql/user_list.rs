//! Lists users: filters, orders and pages.

use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, ExprTrait, FromQueryResult, Order, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select, Value,
    sea_query::{Expr, Func, NullOrdering},
};
use userhub_domain::{
    Result,
    page::{Cursor, Page, PageRequest, PageStart, SortKey},
    users::{Direction, Role, Status, User, UserQuery, UserSort},
};

use super::{
    entity::users::{Column, Entity},
    store::SqlStore,
    stored::row,
    users::{COLUMNS, TABLE, UserRow},
};

#[derive(FromQueryResult)]
struct CountRow {
    count: i64,
}

impl SqlStore {
    pub(super) async fn list_users(
        &self,
        query: &UserQuery,
        page: &PageRequest,
    ) -> Result<Page<User>> {
        let filtered = filtered(query, self.shared.backend);
        let total = match page.count {
            true => Some(self.count_users(filtered.clone()).await?),
            false => None,
        };
        let statement = paged(filtered, query, page).build(self.shared.backend);
        let mut users = Vec::new();
        for found in self.rows(TABLE, statement).await? {
            users.push(row::<UserRow>(TABLE, "", &found)?.parse_stored()?);
        }
        Ok(Page::from_rows(users, page, total, |last| {
            query.cursor_after(last)
        }))
    }

    async fn count_users(&self, filtered: Select<Entity>) -> Result<u64> {
        let statement = filtered
            .select_only()
            .column_as(Column::Id.count(), "count")
            .build(self.shared.backend);
        match self.row(TABLE, statement).await? {
            Some(found) => {
                let count = row::<CountRow>(TABLE, "", &found)?.count;
                Ok(u64::try_from(count).unwrap_or_default())
            }
            None => Ok(0),
        }
    }
}

/// As [`UserQuery::matches`] has it.
fn filtered(query: &UserQuery, backend: DbBackend) -> Select<Entity> {
    let status = match query.status {
        None => Condition::all().add(Column::DeletedAt.is_null()),
        Some(Status::Deleted) => Condition::all().add(Column::DeletedAt.is_not_null()),
        Some(Status::Active) => Condition::all()
            .add(Column::DeletedAt.is_null())
            .add(Column::Suspended.eq(false)),
        Some(Status::Suspended) => Condition::all()
            .add(Column::DeletedAt.is_null())
            .add(Column::Suspended.eq(true)),
    };
    let text = query.search.as_ref().map(|text| text.as_str());
    // An empty text is in every text.
    let search = text.filter(|text| !text.is_empty()).map(|text| {
        // Literal, unlike LIKE, and by byte.
        let position = match backend {
            DbBackend::Sqlite => "instr",
            _ => "strpos",
        };
        Expr::expr(
            Func::cust(position)
                .arg(Expr::col(Column::SearchText))
                .arg(text),
        )
        .gt(0)
    });
    let all = status
        .add_option(query.role.map(|role: Role| Column::Role.eq(role.as_str())))
        .add_option(query.email_verified.map(|it| Column::EmailVerified.eq(it)))
        .add_option(query.created_from.map(|from| Column::CreatedAt.gte(from)))
        .add_option(query.created_to.map(|to| Column::CreatedAt.lt(to)))
        .add_option(search);
    Entity::find().select_only().filter(all)
}

/// One row more than the page holds: it tells whether there is another page.
fn paged(filtered: Select<Entity>, query: &UserQuery, page: &PageRequest) -> Select<Entity> {
    let column = match query.sort {
        UserSort::CreatedAt => Column::CreatedAt,
        UserSort::UpdatedAt => Column::UpdatedAt,
        UserSort::LastLoginAt => Column::LastLoginAt,
        UserSort::Username => Column::UsernameCanonical,
        UserSort::Email => Column::EmailCanonical,
    };
    let (order, nulls) = match query.direction {
        Direction::Ascending => (Order::Asc, NullOrdering::First),
        Direction::Descending => (Order::Desc, NullOrdering::Last),
    };
    let selected = filtered.columns(COLUMNS);
    // Where there is no null, naming its place would only keep Postgres from
    // using the index.
    let sorted = match column {
        Column::CreatedAt | Column::UpdatedAt => selected.order_by(column, order.clone()),
        _ => selected.order_by_with_nulls(column, order.clone(), nulls),
    };
    let ordered = sorted
        .order_by(Column::Id, order)
        .limit(page.limit.get() as u64 + 1);
    match &page.start {
        PageStart::Offset(0) => ordered,
        PageStart::Offset(rows) => ordered.offset(u64::from(*rows)),
        PageStart::After(cursor) => ordered.filter(after(column, query.direction, cursor)),
    }
}

/// What stands after a cursor. Null is the smallest value in both directions.
fn after(column: Column, direction: Direction, cursor: &Cursor) -> Condition {
    let id = cursor.id;
    let key: Option<Value> = match &cursor.key {
        SortKey::Time(at) => at.map(Value::from),
        SortKey::Text(text) => text.clone().map(Value::from),
    };
    match (direction, key) {
        // The first half is what an index can start from.
        (Direction::Ascending, Some(key)) => Condition::all()
            .add(column.gte(key.clone()))
            .add(Condition::any().add(column.gt(key)).add(Column::Id.gt(id))),
        (Direction::Ascending, None) => Condition::any()
            .add(column.is_not_null())
            .add(Column::Id.gt(id)),
        (Direction::Descending, Some(key)) => {
            let smaller = Condition::all()
                .add(column.lte(key.clone()))
                .add(Condition::any().add(column.lt(key)).add(Column::Id.lt(id)));
            match column {
                Column::CreatedAt | Column::UpdatedAt => smaller,
                _ => Condition::any().add(smaller).add(column.is_null()),
            }
        }
        (Direction::Descending, None) => Condition::all()
            .add(column.is_null())
            .add(Column::Id.lt(id)),
    }
}
