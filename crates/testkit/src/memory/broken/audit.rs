//! Lists events, wrongly.

use async_trait::async_trait;
use userhub_domain::{
    Result,
    audit::{AuditEvent, AuditQuery, AuditReader},
    page::{Page, PageRequest, PageStart},
};

use super::{BrokenStore, Defect};

#[async_trait]
impl AuditReader for BrokenStore {
    async fn list(&self, query: &AuditQuery, page: &PageRequest) -> Result<Page<AuditEvent>> {
        if !matches!(
            self.defect,
            Defect::EventsOldestFirst | Defect::EventActorIgnored | Defect::EventCursorIsOffset
        ) {
            return AuditReader::list(&self.inner, query, page).await;
        }
        let state = self.committed();
        let mut filter = query.clone();
        if self.is(Defect::EventActorIgnored) {
            filter.actor = None;
        }
        let mut rows: Vec<&AuditEvent> = state
            .events
            .iter()
            .filter(|one| filter.matches(one))
            .collect();
        rows.sort_by_key(|event| (event.at, event.id));
        if !self.is(Defect::EventsOldestFirst) {
            rows.reverse();
        }
        let total = u64::try_from(rows.len()).unwrap();
        let skipped = match &page.start {
            PageStart::Offset(offset) => usize::try_from(*offset).unwrap(),
            // The page is as long as the one before, so this is where it began.
            PageStart::After(_) if self.is(Defect::EventCursorIsOffset) => page.limit.get(),
            PageStart::After(cursor) => {
                let at = rows
                    .iter()
                    .position(|event| event.id.as_uuid() == cursor.id);
                at.map_or(0, |at| at + 1)
            }
        };
        let rest = rows.into_iter().skip(skipped).cloned().collect();
        let total = page.count.then_some(total);
        Ok(Page::from_rows(rest, page, total, |event| {
            query.cursor_after(event)
        }))
    }
}
