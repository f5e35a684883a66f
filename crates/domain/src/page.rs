//! Pages of lists: limits, offsets and cursors.

use chrono::Datelike;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    clock::Timestamp,
    text::{from_hex, to_hex},
    violation::{Broken, ViolationCode},
};

/// How many items a page may hold: 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PageLimit(u8);

impl PageLimit {
    /// The largest.
    pub const MAX: u8 = 100;

    /// From a number.
    ///
    /// # Errors
    /// `too_short` below 1, `too_long` above 100.
    pub fn parse(number: i64) -> Result<Self, Broken> {
        match u8::try_from(number) {
            Ok(limit @ 1..=Self::MAX) => Ok(Self(limit)),
            _ => Err(Broken::new(
                if number < 1 {
                    ViolationCode::TooShort
                } else {
                    ViolationCode::TooLong
                },
                format!("must be from 1 to {}", Self::MAX),
            )),
        }
    }

    /// The number.
    pub fn get(self) -> usize {
        self.0.into()
    }
}

impl Default for PageLimit {
    fn default() -> Self {
        Self(20)
    }
}

impl TryFrom<i64> for PageLimit {
    type Error = Broken;

    fn try_from(number: i64) -> Result<Self, Broken> {
        Self::parse(number)
    }
}

impl std::fmt::Display for PageLimit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a page starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageStart {
    /// After this many items. Rows that come and go meanwhile move the others.
    Offset(u32),
    /// After the place that the cursor names, whatever comes and goes meanwhile.
    After(Cursor),
}

/// Which page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// The most items.
    pub limit: PageLimit,
    /// Where it starts.
    pub start: PageStart,
    /// Whether all matching items are to be counted.
    pub count: bool,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self {
            limit: PageLimit::default(),
            start: PageStart::Offset(0),
            count: false,
        }
    }
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in order.
    pub items: Vec<T>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<Cursor>,
    /// How many items match in all, where it was asked for.
    pub total: Option<u64>,
}

impl<T> Page<T> {
    /// From the rows of a store that asked for one more than the limit, which
    /// is how it knows whether there is a next page.
    pub fn from_rows(
        mut rows: Vec<T>,
        request: &PageRequest,
        total: Option<u64>,
        cursor: impl FnOnce(&T) -> Cursor,
    ) -> Self {
        let more = rows.len() > request.limit.get();
        rows.truncate(request.limit.get());
        let next = rows.last().filter(|_| more).map(cursor);
        Self {
            items: rows,
            next,
            total,
        }
    }
}

/// What a list is sorted by, of one item. Null is the smallest; text is
/// compared by byte.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortKey {
    /// A moment, where the item has one.
    Time(Option<Timestamp>),
    /// A canonical text, where the item has one.
    Text(Option<String>),
}

/// Names a place in a list, bound to its filters and order. Opaque outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    list: ListFingerprint,
    /// The sort key of the item before.
    pub key: SortKey,
    /// The id of the item before, which breaks ties.
    pub id: Uuid,
}

/// A digest of a list's filters and order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListFingerprint([u8; 8]);

impl ListFingerprint {
    /// Of a query whose `Debug` prints all filters and the order.
    pub fn of(query: &impl std::fmt::Debug) -> Self {
        let digest: [u8; 32] = Sha256::digest(format!("{query:?}")).into();
        let [a, b, c, d, e, f, g, h, ..] = digest;
        Self([a, b, c, d, e, f, g, h])
    }
}

impl Cursor {
    /// The place after an item.
    pub fn after(list: ListFingerprint, key: SortKey, id: Uuid) -> Self {
        Self { list, key, id }
    }

    /// The text that a client sends back.
    pub fn encode(&self) -> String {
        let mut bytes = self.list.0.to_vec();
        bytes.extend(self.id.as_bytes());
        match &self.key {
            SortKey::Time(None) => bytes.push(b'n'),
            SortKey::Time(Some(at)) => {
                bytes.push(b't');
                bytes.extend(at.timestamp_micros().to_be_bytes());
            }
            SortKey::Text(None) => bytes.push(b'N'),
            SortKey::Text(Some(text)) => {
                bytes.push(b's');
                bytes.extend(text.as_bytes());
            }
        }
        to_hex(&bytes)
    }

    /// From what a client sent.
    ///
    /// # Errors
    /// `invalid_format` for anything that was not made for this very list.
    pub fn parse(text: &str, list: ListFingerprint) -> Result<Self, Broken> {
        Self::decode(text)
            .filter(|cursor| cursor.list == list)
            .ok_or_else(|| {
                Broken::new(
                    ViolationCode::InvalidFormat,
                    "must be the next_cursor of a page with the same filters and order",
                )
            })
    }

    fn decode(text: &str) -> Option<Self> {
        // Longer than any text that is sorted by.
        if text.len() > 1024 {
            return None;
        }
        let bytes = from_hex(text)?;
        let (list, rest) = bytes.split_first_chunk::<8>()?;
        let (id, rest) = rest.split_first_chunk::<16>()?;
        let (tag, value) = rest.split_first()?;
        let key = match tag {
            b'n' if value.is_empty() => SortKey::Time(None),
            b't' => {
                let micros = i64::from_be_bytes(value.try_into().ok()?);
                let at = Timestamp::from_timestamp_micros(micros)?;
                // Beyond these years not every store has times.
                if !(1..=9999).contains(&at.year()) {
                    return None;
                }
                SortKey::Time(Some(at))
            }
            b'N' if value.is_empty() => SortKey::Text(None),
            b's' => {
                let text = std::str::from_utf8(value).ok()?;
                if text.contains('\0') {
                    return None;
                }
                SortKey::Text(Some(text.to_owned()))
            }
            _ => return None,
        };
        Some(Self {
            list: ListFingerprint(*list),
            key,
            id: Uuid::from_bytes(*id),
        })
    }
}

#[cfg(test)]
mod tests;
