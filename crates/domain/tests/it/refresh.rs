//! Getting the next pair of tokens.

use chrono::TimeDelta;
use secrecy::ExposeSecret;
use userhub_domain::{sessions::TokenPair, store::Store};
use userhub_testkit::{FaultPoint, a_user};

use crate::fixture::{World, code, origin};

fn text(pair: &TokenPair) -> String {
    pair.refresh_token.reveal().expose_secret().to_owned()
}

#[tokio::test]
async fn a_refresh_token_gives_the_next_pair_of_the_same_session() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let first = world.sign_in(&user).await;
    let signed_in_at = world.now();
    world.wait(TimeDelta::hours(1));
    let second = world.refresh(&first).await.unwrap();
    assert_eq!(
        (second.session_id, second.user.id),
        (first.session_id, user.id)
    );
    assert_ne!(text(&first), text(&second));
    assert_eq!(second.expires_in, TimeDelta::minutes(15));
    assert_eq!(second.refresh_expires_in, TimeDelta::days(7));
    // Bookkeeping writes no event.
    world.assert_wrote([]);
    let caller = world.authenticate(&second).await.unwrap();
    let [session] = &world.services.sessions.list(&caller).await.unwrap()[..] else {
        panic!("not one session");
    };
    assert_eq!(
        (session.created_at, session.last_used_at),
        (signed_in_at, world.now())
    );
    assert_eq!(session.ends_at, signed_in_at + TimeDelta::days(30));
    world.refresh(&second).await.unwrap();
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let pair = world.sign_in(&user).await;
    let reset = world.reset_token(user.id).await;
    let mut changed = text(&pair);
    let last = if changed.pop() == Some('0') { '1' } else { '0' };
    changed.push(last);
    let access = pair.access_token.expose_secret();
    let before = world.snapshot().await;
    for bad in [
        "",
        "uhr_",
        access,
        reset.expose_secret(),
        &changed,
        &text(&pair).to_uppercase(),
    ] {
        let answer = world
            .services
            .sessions
            .refresh(&origin(), &(*bad).into())
            .await;
        assert_eq!(code(answer), "invalid_refresh_token", "{bad:?}");
    }
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn a_session_ends_a_week_after_its_last_refresh() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let pair = world.sign_in(&user).await;
    world.wait(TimeDelta::days(7) - TimeDelta::microseconds(1));
    let pair = world.refresh(&pair).await.unwrap();
    world.wait(TimeDelta::days(7));
    assert_eq!(code(world.refresh(&pair).await), "invalid_refresh_token");
    world.assert_wrote([]);
}

#[tokio::test]
async fn a_session_ends_after_thirty_days_however_often_it_is_refreshed() {
    let world = World::new();
    let mut pair = world.sign_in(&world.add(a_user()).await).await;
    for day in 1..30 {
        world.wait(TimeDelta::days(1));
        pair = world.refresh(&pair).await.unwrap();
        let left = TimeDelta::days(7).min(TimeDelta::days(30 - day));
        assert_eq!(pair.refresh_expires_in, left, "day {day}");
    }
    world.wait(TimeDelta::days(1) - TimeDelta::seconds(1));
    let last = world.refresh(&pair).await.unwrap();
    assert_eq!(last.refresh_expires_in, TimeDelta::seconds(1));
    world.wait(TimeDelta::seconds(1));
    // The access token of the last second would last longer; its session does not.
    assert_eq!(code(world.authenticate(&last).await), "invalid_token");
    assert_eq!(code(world.refresh(&last).await), "invalid_refresh_token");
    world.assert_wrote([]);
}

#[tokio::test]
async fn a_failure_spends_nothing() {
    let world = World::new();
    let pair = world.sign_in(&world.add(a_user()).await).await;
    let before = world.snapshot().await;
    for point in [
        FaultPoint::Read,
        FaultPoint::Begin,
        FaultPoint::Write,
        FaultPoint::Commit,
    ] {
        world.store.fail_next(point);
        assert_eq!(
            code(world.refresh(&pair).await),
            "storage_unavailable",
            "{point:?}"
        );
    }
    world.access_tokens.break_down(true);
    assert_eq!(code(world.refresh(&pair).await), "storage_unavailable");
    world.access_tokens.break_down(false);
    assert_eq!(world.snapshot().await, before);
    world.refresh(&pair).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_refreshes_at_once_give_one_lineage() {
    let world = World::new();
    let first = world.sign_in(&world.add(a_user()).await).await;
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (world, first) = (world.clone(), first.clone());
        running.spawn(async move { world.refresh(&first).await.unwrap() });
    }
    let answers = running.join_all().await;
    let successors: std::collections::BTreeSet<_> = answers.iter().map(text).collect();
    assert_eq!(successors.len(), 1);
    for pair in &answers {
        world.authenticate(pair).await.unwrap();
    }
    let sessions = world
        .store
        .sessions()
        .list_living(first.user.id, world.now())
        .await;
    assert_eq!(sessions.unwrap().len(), 1);
    world.assert_wrote([]);
    world.refresh(&answers[0]).await.unwrap();
}
