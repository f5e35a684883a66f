//! Lists users, wrongly.

use std::cmp::Ordering;

use userhub_domain::{
    page::{Page, PageRequest, PageStart, SortKey},
    users::{Direction, Status, User, UserQuery, UserSort},
};

use super::{BrokenStore, Defect};

/// Where a user stands in an order.
type Place = (SortKey, uuid::Uuid);

impl BrokenStore {
    /// Whether this store lists users otherwise than a memory store.
    pub(super) fn lists_by_itself(&self) -> bool {
        matches!(
            self.defect,
            Defect::NullsLargest
                | Defect::OrderByCase
                | Defect::TiesDoNotTurn
                | Defect::CreatedToInclusive
                | Defect::StatusWithoutSuspended
                | Defect::SearchIsPattern
                | Defect::SearchFoldsAscii
                | Defect::SearchWithoutAddress
                | Defect::CursorNeedsItsRow
                | Defect::CursorRepeats
                | Defect::CursorIsOffset
                | Defect::OffsetIgnored
                | Defect::TotalCountsPage
        )
    }

    pub(super) fn list_users(&self, query: &UserQuery, page: &PageRequest) -> Page<User> {
        let state = self.committed();
        let users = state.users.values().map(|one| &one.user);
        let rows = users.filter(|user| self.matches(query, user));
        let mut keyed: Vec<(Place, User)> = rows
            .map(|user| ((self.key(query, user), user.id.as_uuid()), user.clone()))
            .collect();
        keyed.sort_by(|(one, _), (other, _)| self.compare(query, one, other));
        let total = keyed.len();
        let skipped = match &page.start {
            PageStart::Offset(_) if self.is(Defect::OffsetIgnored) => 0,
            PageStart::Offset(offset) => usize::try_from(*offset).unwrap(),
            PageStart::After(cursor) => {
                let at = keyed.iter().position(|((_, id), _)| *id == cursor.id);
                let place = (cursor.key.clone(), cursor.id);
                let before = |(row, _): &(Place, User)| match self.compare(query, row, &place) {
                    Ordering::Less => true,
                    Ordering::Equal => !self.is(Defect::CursorRepeats),
                    Ordering::Greater => false,
                };
                match self.defect {
                    Defect::CursorNeedsItsRow => at.map_or(total, |at| at + 1),
                    // It knows the row's old place, before others came and went.
                    Defect::CursorIsOffset => page.limit.get().max(at.map_or(0, |at| at + 1)),
                    _ => keyed.partition_point(before),
                }
            }
        };
        let rest = keyed.into_iter().skip(skipped).map(|(_, user)| user);
        let rest: Vec<User> = rest.collect();
        let total = match self.defect {
            Defect::TotalCountsPage => rest.len().min(page.limit.get()),
            _ => total,
        };
        let total = page.count.then(|| u64::try_from(total).unwrap());
        Page::from_rows(rest, page, total, |user| query.cursor_after(user))
    }

    fn key(&self, query: &UserQuery, user: &User) -> SortKey {
        match query.sort {
            UserSort::Username if self.is(Defect::OrderByCase) => {
                SortKey::Text(user.username.as_ref().map(ToString::to_string))
            }
            _ => query.sort_key(user),
        }
    }

    fn compare(&self, query: &UserQuery, one: &Place, other: &Place) -> Ordering {
        let mut by_key = one.0.cmp(&other.0);
        if self.is(Defect::NullsLargest) && is_null(&one.0) != is_null(&other.0) {
            by_key = by_key.reverse();
        }
        let by_id = one.1.cmp(&other.1);
        match query.direction {
            Direction::Ascending => by_key.then(by_id),
            Direction::Descending if self.is(Defect::TiesDoNotTurn) => by_key.reverse().then(by_id),
            Direction::Descending => by_key.then(by_id).reverse(),
        }
    }

    fn matches(&self, query: &UserQuery, user: &User) -> bool {
        let mut query = query.clone();
        match self.defect {
            Defect::CreatedToInclusive => {
                query.created_to = query
                    .created_to
                    .map(|to| to + chrono::TimeDelta::microseconds(1));
            }
            Defect::StatusWithoutSuspended => {
                query.status = query.status.or(Some(Status::Active));
            }
            Defect::SearchIsPattern | Defect::SearchFoldsAscii | Defect::SearchWithoutAddress => {
                let text = query.search.take();
                return query.matches(user)
                    && text.is_none_or(|text| self.finds(text.as_str(), user));
            }
            _ => {}
        }
        query.matches(user)
    }

    fn finds(&self, text: &str, user: &User) -> bool {
        let all = user.search_text();
        match self.defect {
            Defect::SearchIsPattern => {
                let pattern: Vec<char> = format!("%{text}%").chars().collect();
                is_like(&all.chars().collect::<Vec<_>>(), &pattern)
            }
            // The text was folded already, which a store cannot undo.
            Defect::SearchFoldsAscii => {
                let names = [&user.first_name, &user.last_name];
                let names = names.map(|name| name.as_ref().map_or("", |name| name.as_str()));
                let other = [
                    user.username.as_ref().map_or("", |name| name.as_str()),
                    user.email.as_ref().map_or("", |address| address.as_str()),
                ];
                let mut members = names.iter().chain(&other);
                members.any(|member| member.to_ascii_lowercase().contains(text))
            }
            _ => {
                let mut record = user.record().clone();
                record.email = None;
                record.search_text().contains(text)
            }
        }
    }
}

fn is_null(key: &SortKey) -> bool {
    matches!(key, SortKey::Time(None) | SortKey::Text(None))
}

/// LIKE without an escape character.
fn is_like(text: &[char], pattern: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('%', rest)) => (0..=text.len()).any(|from| is_like(&text[from..], rest)),
        Some(('_', rest)) => !text.is_empty() && is_like(&text[1..], rest),
        Some((wanted, rest)) => text.first() == Some(wanted) && is_like(&text[1..], rest),
    }
}
