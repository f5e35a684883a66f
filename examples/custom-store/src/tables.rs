//! The tables, and how their rows are read and written.

use redb::{ReadTransaction, ReadableTable, Table, TableDefinition, WriteTransaction};
use serde::{Serialize, de::DeserializeOwned};
use userhub_domain::{Error, Result};

/// Bytes to bytes: the value is a row in JSON, or the key of another table.
pub(crate) type Definition = TableDefinition<'static, &'static [u8], &'static [u8]>;

/// Users, by id.
pub(crate) const USERS: Definition = Definition::new("users");
/// The id of the living user who has an identifier, by its kind and value.
pub(crate) const IDENTIFIERS: Definition = Definition::new("identifiers");
/// Sessions with their spent tokens, by id.
pub(crate) const SESSIONS: Definition = Definition::new("sessions");
/// The id of the session, by refresh token, spent or not.
pub(crate) const REFRESH_TOKENS: Definition = Definition::new("refresh_tokens");
/// Tokens that were handed out.
pub(crate) const TOKENS: Definition = Definition::new("tokens");
/// Audit events, by id.
pub(crate) const EVENTS: Definition = Definition::new("events");

pub(crate) const ALL: [Definition; 6] =
    [USERS, IDENTIFIERS, SESSIONS, REFRESH_TOKENS, TOKENS, EVENTS];

pub(crate) fn unavailable(error: impl Into<redb::Error>) -> Error {
    Error::storage_unavailable(error.into())
}

/// A table of either kind of transaction, to read from.
pub(crate) trait Readable: ReadableTable<&'static [u8], &'static [u8]> {}

impl<T: ReadableTable<&'static [u8], &'static [u8]>> Readable for T {}

pub(crate) fn read(transaction: &ReadTransaction, table: Definition) -> Result<impl Readable> {
    transaction.open_table(table).map_err(unavailable)
}

pub(crate) fn write<'a>(
    transaction: &'a WriteTransaction,
    table: Definition,
) -> Result<Table<'a, &'static [u8], &'static [u8]>> {
    transaction.open_table(table).map_err(unavailable)
}

pub(crate) fn bytes(table: &impl Readable, key: &[u8]) -> Result<Option<Vec<u8>>> {
    let found = table.get(key).map_err(unavailable)?;
    Ok(found.map(|value| value.value().to_vec()))
}

pub(crate) fn row<T: DeserializeOwned>(table: &impl Readable, key: &[u8]) -> Result<Option<T>> {
    let found = table.get(key).map_err(unavailable)?;
    found.map(|value| decoded(value.value())).transpose()
}

pub(crate) fn rows<T: DeserializeOwned>(table: &impl Readable) -> Result<Vec<T>> {
    let all = table.iter().map_err(unavailable)?;
    all.map(|entry| decoded(entry.map_err(unavailable)?.1.value()))
        .collect()
}

pub(crate) fn put(
    table: &mut Table<&'static [u8], &'static [u8]>,
    key: &[u8],
    row: &impl Serialize,
) -> Result<()> {
    let value = serde_json::to_vec(row).map_err(|error| Error::internal_from("a row", error))?;
    table.insert(key, value.as_slice()).map_err(unavailable)?;
    Ok(())
}

/// Whether there was such a row.
pub(crate) fn remove(table: &mut Table<&'static [u8], &'static [u8]>, key: &[u8]) -> Result<bool> {
    let removed = table.remove(key).map_err(unavailable)?;
    Ok(removed.is_some())
}

fn decoded<T: DeserializeOwned>(value: &[u8]) -> Result<T> {
    serde_json::from_slice(value).map_err(|error| Error::internal_from("a stored row", error))
}
