//! Looking at the outbox: what waits, what was given up, and trying again.

use chrono::TimeDelta;
use userhub_domain::mail::{Delivery, MailCounts, MailFailure, MailId, MailQuery, MailState};
use userhub_testkit::FaultPoint;
use uuid::Uuid;

use crate::{
    fixture::{World, code, operator},
    mails::{asked, claim, why},
};

#[tokio::test]
async fn mails_are_claimed_in_portions_and_each_by_one() {
    let world = World::new();
    for _ in 0..3 {
        asked(&world).await;
        world.wait(TimeDelta::seconds(1));
    }
    let (two, one) = (claim(&world, 2).await, claim(&world, 2).await);
    assert_eq!((two.len(), one.len()), (2, 1));
    assert!(two[0].mail.created_at < two[1].mail.created_at);
    assert_eq!(two[0].attempt.due_at, world.now() + TimeDelta::minutes(2));
    // Where nothing is due, nothing is begun.
    world.store.fail_next(FaultPoint::Begin);
    assert_eq!(claim(&world, 2).await, []);
    world.assert_wrote([]);
}

#[tokio::test]
async fn a_claim_that_fails_claims_nothing() {
    let world = World::new();
    asked(&world).await;
    let before = world.snapshot().await;
    for point in [
        FaultPoint::Read,
        FaultPoint::Begin,
        FaultPoint::Write,
        FaultPoint::Commit,
    ] {
        world.store.fail_next(point);
        let refused = world.services.mails.claim(5).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn operators_see_and_count_what_is_in_the_outbox() {
    let world = World::new();
    let administration = &world.services.administration;
    let count = async || administration.count_mails(&operator()).await.unwrap();
    assert_eq!(count().await, MailCounts::default());
    asked(&world).await;
    world.mailer.fail_next(MailFailure::Refused(why("550")));
    world.deliver().await;
    world.wait(TimeDelta::seconds(1));
    asked(&world).await;
    let expected = MailCounts {
        pending: 1,
        abandoned: 1,
    };
    assert_eq!(count().await, expected);
    let query = |state, limit| MailQuery { state, limit };
    let list = async |query| {
        administration
            .list_mails(&operator(), &query)
            .await
            .unwrap()
    };
    assert_eq!(list(query(None, 10)).await, world.store.mails());
    assert_eq!(list(MailQuery::default()).await, world.store.mails());
    assert_eq!(list(query(None, 1)).await.len(), 1);
    let given_up = list(query(Some(MailState::Abandoned), 10)).await;
    assert_eq!(given_up, world.store.mails()[..1]);
}

#[tokio::test]
async fn an_abandoned_mail_can_be_tried_again() {
    let world = World::new();
    let administration = &world.services.administration;
    for _ in 0..3 {
        asked(&world).await;
        world.mailer.fail_next(MailFailure::Refused(why("550")));
    }
    world.deliver().await;
    world.forget_events();
    let id = world.store.mails()[1].0.id;
    let retry = async |id| administration.retry_mails(&operator(), id).await;
    assert_eq!(retry(Some(id)).await.unwrap(), 1);
    let before = world.snapshot().await;
    // A second time it is not abandoned, and another was never there.
    for id in [id, MailId::from_uuid(Uuid::nil())] {
        assert_eq!(code(retry(Some(id)).await), "mail_not_found");
    }
    assert_eq!(world.snapshot().await, before);
    let (_, attempt) = &world.store.mails()[1];
    assert_eq!(
        (attempt.tries, attempt.unknown, attempt.due_at),
        (0, 0, world.now())
    );
    assert_eq!(world.deliver().await, [Delivery::Sent]);
    assert_eq!(retry(None).await.unwrap(), 2);
    assert_eq!(retry(None).await.unwrap(), 0);
    assert_eq!(world.deliver().await.len(), 2);
    world.assert_wrote([]);
    for point in [FaultPoint::Begin, FaultPoint::Write, FaultPoint::Commit] {
        world.store.fail_next(point);
        assert_eq!(code(retry(None).await), "storage_unavailable", "{point:?}");
    }
}
