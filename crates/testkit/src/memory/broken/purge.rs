//! Removes users for good, wrongly.

use userhub_domain::{
    Result,
    users::{UserId, UserWriter},
};

use super::{BrokenUnitOfWork, Defect};
use crate::memory::state::State;

impl BrokenUnitOfWork {
    pub(super) async fn purge_wrongly(&self, id: UserId) -> Result<bool> {
        let before = self.meddle(|state| state.clone());
        let was_deleted = |state: &State| {
            let user = state.users.get(&id).map(|one| &one.user);
            user.is_some_and(|user| user.deleted_at.is_some())
        };
        let mut done = self.inner().purge(id).await;
        if self.is(Defect::PurgesTheLiving) && before.users.contains_key(&id) {
            self.meddle(|state| state.remove_user(id));
            done = Ok(true);
        }
        if self.is(Defect::PurgeAlwaysTrue)
            || self.is(Defect::PurgeBeforeItsTurn) && was_deleted(&self.before)
        {
            done = done.map(|_| true);
        }
        if matches!(done, Ok(true)) {
            let defect = self.store.defect;
            self.meddle(|state| leave_behind(state, &before, id, defect));
        }
        self.done(done)
    }
}

/// What a purge with a defect leaves, or takes too much of.
fn leave_behind(state: &mut State, before: &State, id: UserId, defect: Defect) {
    match defect {
        // Nobody owns them any more, so they are somebody's whom no one can name.
        Defect::PurgeLeavesSessions => {
            state
                .users
                .extend(before.users.get(&id).map(|one| (id, one.clone())));
            state.sessions.clone_from(&before.sessions);
        }
        Defect::PurgeLeavesTokens => state.tokens.clone_from(&before.tokens),
        Defect::PurgeLeavesFactor => state.factors.clone_from(&before.factors),
        Defect::PurgeLeavesCodes => state.recovery_codes.clone_from(&before.recovery_codes),
        Defect::PurgeLeavesKeys => state.api_keys.clone_from(&before.api_keys),
        Defect::PurgeLeavesMails => state.outbox.clone_from(&before.outbox),
        Defect::PurgeTakesMailsOfNobody => {
            state.outbox.retain(|_, (mail, _)| mail.user_id.is_some())
        }
        Defect::PurgeLeavesPersonalData => state.events.clone_from(&before.events),
        Defect::PurgeForgetsTheActor => {
            for (event, was) in state.events.iter_mut().zip(&before.events) {
                if event.subject != Some(id) {
                    event.clone_from(was);
                }
            }
        }
        Defect::PurgeRemovesEvents => state.events.retain(|event| event.subject != Some(id)),
        _ => {}
    }
}
