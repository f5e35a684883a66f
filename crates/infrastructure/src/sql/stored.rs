//! Reads rows: nonsense in a column is an internal error that names table,
//! column and id, never a panic.

use std::fmt::Display;

use sea_orm::{FromQueryResult, QueryResult};
use userhub_domain::{Error, Result};

use super::error::storage;

/// One row of a query on `table`; `prefix` stands before the columns' names.
pub(super) fn row<T: FromQueryResult>(
    table: &'static str,
    prefix: &str,
    row: &QueryResult,
) -> Result<T> {
    T::from_query_result(row, prefix).map_err(|error| storage(table, &error))
}

/// A column that does not hold what it should.
pub(super) fn nonsense(table: &str, column: &str, id: impl Display) -> Error {
    Error::internal(format!(
        "{table}.{column} of {id} does not hold what it should"
    ))
}

/// Where a row stands, to name it when a column is nonsense.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) table: &'static str,
    pub(super) id: &'a dyn Display,
}

impl Place<'_> {
    /// A column by its `parse`.
    pub(super) fn parse<'t, T, E>(
        self,
        column: &str,
        text: &'t str,
        parse: impl FnOnce(&'t str) -> Result<T, E>,
    ) -> Result<T> {
        parse(text).map_err(|_| self.nonsense(column))
    }

    /// A column that may be null, by its `parse`.
    pub(super) fn parse_optional<T, E>(
        self,
        column: &str,
        text: Option<&String>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>> {
        text.map(|text| parse(text).map_err(|_| self.nonsense(column)))
            .transpose()
    }

    pub(super) fn nonsense(self, column: &str) -> Error {
        nonsense(self.table, column, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use userhub_domain::users::Role;

    #[test]
    fn nonsense_names_table_column_and_id() {
        let place = Place {
            table: "users",
            id: &7,
        };
        let error = place
            .parse("role", "king", Role::parse)
            .expect_err("nonsense");
        assert_eq!(
            error.to_string(),
            "internal error: users.role of 7 does not hold what it should"
        );
    }
}
