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
/// Tokens that were handed out, by digest.
pub(crate) const TOKENS: Definition = Definition::new("tokens");
/// Apps and recovery codes, by the id of their user.
pub(crate) const SECOND_FACTORS: Definition = Definition::new("second_factors");
/// API keys, by digest: that is what every request looks up.
pub(crate) const API_KEYS: Definition = Definition::new("api_keys");
/// Mails that are to be sent, by id.
pub(crate) const OUTBOX: Definition = Definition::new("outbox");
/// How many attempts were made, by their key.
pub(crate) const ATTEMPTS: Definition = Definition::new("attempts");
/// Audit events, by id.
pub(crate) const EVENTS: Definition = Definition::new("events");

pub(crate) const ALL: [Definition; 10] = [
    USERS,
    IDENTIFIERS,
    SESSIONS,
    REFRESH_TOKENS,
    TOKENS,
    SECOND_FACTORS,
    API_KEYS,
    OUTBOX,
    ATTEMPTS,
    EVENTS,
];

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

/// The rows with their keys.
pub(crate) fn entries<T: DeserializeOwned>(table: &impl Readable) -> Result<Vec<(Vec<u8>, T)>> {
    let all = table.iter().map_err(unavailable)?;
    all.map(|entry| {
        let (key, value) = entry.map_err(unavailable)?;
        Ok((key.value().to_vec(), decoded(value.value())?))
    })
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

/// Stores a row under a key that is new.
pub(crate) fn insert(
    table: &mut Table<&'static [u8], &'static [u8]>,
    key: &[u8],
    row: &impl Serialize,
) -> Result<()> {
    if bytes(table, key)?.is_some() {
        return Err(Error::internal("the key of a new row is not new"));
    }
    put(table, key, row)
}

/// Whether there was such a row.
pub(crate) fn remove(table: &mut Table<&'static [u8], &'static [u8]>, key: &[u8]) -> Result<bool> {
    let removed = table.remove(key).map_err(unavailable)?;
    Ok(removed.is_some())
}

/// Removes at most `limit` of the rows that are meant; says how many.
pub(crate) fn remove_where<T: DeserializeOwned>(
    transaction: &WriteTransaction,
    table: Definition,
    limit: u32,
    is_meant: impl Fn(&T) -> bool,
) -> Result<u64> {
    let mut table = write(transaction, table)?;
    let mut removed = 0;
    for (key, row) in entries::<T>(&table)? {
        if removed < u64::from(limit) && is_meant(&row) {
            remove(&mut table, &key)?;
            removed += 1;
        }
    }
    Ok(removed)
}

fn decoded<T: DeserializeOwned>(value: &[u8]) -> Result<T> {
    serde_json::from_slice(value).map_err(|error| Error::internal_from("a stored row", error))
}
