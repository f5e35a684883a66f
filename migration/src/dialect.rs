//! What the two databases call the same thing.

use sea_orm_migration::{
    SchemaManager,
    sea_orm::{ConnectionTrait, DbBackend, DbErr},
};

/// Runs statements in which `{uuid}`, `{time}`, `{bytes}`, `{bytewise}` and
/// `{nulls_first}` stand for what the database at hand calls them.
///
/// - `{time}`: a moment in UTC. SQLite keeps RFC 3339 text of one offset, which
///   sorts as the moments do.
/// - `{bytewise}`: follows a text type whose values are compared by byte.
///   SQLite does that anyway.
/// - `{nulls_first}`: follows a column of an index in which null is the
///   smallest value. SQLite does that anyway, too.
pub(crate) async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let words = match manager.get_database_backend() {
        DbBackend::Postgres => [
            ("{uuid}", "uuid"),
            ("{time}", "timestamptz"),
            ("{bytes}", "bytea"),
            (" {bytewise}", " COLLATE \"C\""),
            (" {nulls_first}", " NULLS FIRST"),
        ],
        _ => [
            ("{uuid}", "blob"),
            ("{time}", "text"),
            ("{bytes}", "blob"),
            (" {bytewise}", ""),
            (" {nulls_first}", ""),
        ],
    };
    for statement in statements {
        let sql = words
            .iter()
            .fold((*statement).to_owned(), |sql, (word, name)| {
                sql.replace(word, name)
            });
        manager.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// A change that runs statements; see [`run`] for the words in braces.
macro_rules! change {
    (up: [$($up:literal),+ $(,)?], down: [$($down:literal),+ $(,)?] $(,)?) => {
        #[derive(sea_orm_migration::sea_orm::DeriveMigrationName)]
        pub(crate) struct Migration;

        #[async_trait::async_trait]
        impl sea_orm_migration::MigrationTrait for Migration {
            async fn up(
                &self,
                manager: &sea_orm_migration::SchemaManager,
            ) -> Result<(), sea_orm_migration::DbErr> {
                crate::dialect::run(manager, &[$($up),+]).await
            }

            async fn down(
                &self,
                manager: &sea_orm_migration::SchemaManager,
            ) -> Result<(), sea_orm_migration::DbErr> {
                crate::dialect::run(manager, &[$($down),+]).await
            }
        }
    };
}

pub(crate) use change;
