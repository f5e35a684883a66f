//! Removing what has expired.

use std::sync::Arc;

use chrono::TimeDelta;
use userhub_domain::{
    Error,
    admin::Removed,
    audit::{Actor, AuditEvent, EventKind, Origin},
    policy::Policy,
    ports::Services,
    users::User,
};
use userhub_testkit::{
    FaultPoint, SeededEntropy, UserBuilder, a_user,
    mocks::{MockStore, MockUnitOfWork},
};

use crate::fixture::{World, code, operator, origin};

/// Sessions, tokens and counts.
fn numbers(removed: Removed) -> (u64, u64, u64) {
    (removed.sessions, removed.tokens, removed.attempts)
}

#[tokio::test]
async fn what_is_over_goes_and_nothing_else_and_no_event_tells_it() {
    let world = World::new();
    let (user, other) = (world.add(a_user()).await, world.add(a_user()).await);
    world.sign_in(&user).await;
    world.reset_token(user.id).await;
    world.wait(TimeDelta::days(7) + TimeDelta::seconds(1));
    let pair = world.sign_in(&user).await;
    let void = world.caller(&other).await;
    world
        .services
        .sessions
        .logout_all(&void, &origin())
        .await
        .unwrap();
    let token = world.reset_token(user.id).await;
    world.reset_token(other.id).await;
    world.wait(TimeDelta::minutes(30));

    let administration = &world.services.administration;
    let before = world.snapshot().await;
    // The expired token of `user` went when the second took its place.
    let removed = administration.remove_expired(&operator()).await.unwrap();
    assert_eq!(numbers(removed), (2, 0, 0));
    assert_eq!(world.snapshot().await, before);
    world.refresh(&pair).await.unwrap();
    crate::reset_password::reset(&world, &token, crate::fixture::OTHER_PASSWORD)
        .await
        .unwrap();
    world.forget_events();

    world.wait(TimeDelta::hours(1));
    let removed = administration.remove_expired(&operator()).await.unwrap();
    // The session was made void by the reset, the other token has expired.
    assert_eq!(numbers(removed), (1, 1, 0));
    assert_eq!(
        administration.remove_expired(&operator()).await.unwrap(),
        Removed::default()
    );
    world.assert_wrote([]);
}

#[tokio::test]
async fn a_failure_removes_nothing() {
    let world = World::new();
    world.sign_in(&world.add(a_user()).await).await;
    world.wait(TimeDelta::days(8));
    let administration = &world.services.administration;
    for point in [FaultPoint::Begin, FaultPoint::Write, FaultPoint::Commit] {
        world.store.fail_next(point);
        let refused = administration.remove_expired(&operator()).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    let removed = administration.remove_expired(&operator()).await.unwrap();
    assert_eq!(removed.sessions, 1);
}

fn purged(world: &World, user: &User) -> AuditEvent {
    let by = Actor::Operator("tests".to_owned());
    let (entropy, origin) = (SeededEntropy::default(), Origin::default());
    AuditEvent::new(world.now(), &entropy, EventKind::UserPurged, &by, &origin)
        .unwrap()
        .about(user.id)
}

#[tokio::test]
async fn users_that_were_deleted_long_ago_are_purged_oldest_first() {
    let world = World::new();
    let now = world.now();
    let deleted = |days| {
        UserBuilder::new()
            .deleted_at(now - TimeDelta::days(days))
            .build()
    };
    let living = world.add(a_user()).await;
    let recent = world.add(deleted(29)).await;
    let exact = world.add(deleted(30)).await;
    let old = world.add(deleted(31)).await;
    let oldest = world.add(deleted(90)).await;
    let administration = &world.services.administration;
    let limit = now - TimeDelta::days(30);
    let count = administration
        .purge_deleted_before(&operator(), limit)
        .await;
    assert_eq!(count.unwrap(), 2);
    world.assert_wrote([purged(&world, &oldest), purged(&world, &old)]);
    let mut left: Vec<_> = world.store.all_users().iter().map(|user| user.id).collect();
    left.sort();
    assert_eq!(left, [living.id, recent.id, exact.id]);
    let count = administration
        .purge_deleted_before(&operator(), limit)
        .await;
    assert_eq!(count.unwrap(), 0);
    world.assert_wrote([]);
}

/// Purges users of whom the store says `answers`, one after the other; gives
/// what it said itself, and how many it purged.
async fn purging(answers: Vec<Result<bool, Error>>) -> (Result<u64, Error>, usize) {
    let mut store = MockStore::new();
    let ids: Vec<_> = answers.iter().map(|_| a_user().id).collect();
    let listed = store.users.expect_list_deleted_before();
    listed.return_once(move |_, _| Ok(ids));
    let mut commits = Vec::new();
    for answer in answers {
        let mut unit = MockUnitOfWork::new();
        unit.users.expect_purge().return_once(move |_| answer);
        commits.push(unit.commits());
        store.will_begin(unit);
    }
    let world = World::new();
    let ports = world.ports_over(Arc::new(store));
    let services = Services::new(ports, Policy::default());
    let said = services
        .administration
        .purge_deleted_before(&operator(), world.now())
        .await;
    let purged = commits.iter().map(|of_one| of_one.all().len()).sum();
    (said, purged)
}

#[tokio::test]
async fn one_who_cannot_be_purged_does_not_keep_the_others_from_it() {
    let refused = || Err(Error::internal("a foreign key"));
    let (said, purged) = purging(vec![Ok(true), refused(), Ok(true), refused(), Ok(true)]).await;
    assert_eq!(purged, 3);
    let said = said.expect_err("two were refused").to_string();
    assert!(
        said.contains("purging the user") && said.contains("a foreign key"),
        "{said}"
    );
    // However many there are, and whatever their error.
    let mut answers: Vec<_> = (0..20).map(|_| refused()).collect();
    answers.extend((0..4).map(|_| Err(Error::storage_unavailable("locked"))));
    answers.push(Ok(true));
    let (said, purged) = purging(answers).await;
    assert_eq!((code(said), purged), ("internal", 1));
}

#[tokio::test]
async fn a_store_that_is_down_is_not_asked_for_everybody() {
    let down = || Err(Error::storage_unavailable("down"));
    let mut answers: Vec<_> = (0..5).map(|_| down()).collect();
    answers.push(Ok(true));
    let (said, purged) = purging(answers).await;
    assert_eq!((code(said), purged), ("storage_unavailable", 0));
}
