//! Proving who is calling.

use chrono::TimeDelta;
use secrecy::ExposeSecret;
use userhub_domain::{
    sessions::{AccessClaims, AccessTokens, SessionId},
    users::{Role, UserId},
};
use userhub_testkit::{FaultPoint, a_user, an_admin};
use uuid::Uuid;

use crate::fixture::{World, code, operator, origin};

async fn authenticate(world: &World, token: &str) -> userhub_domain::Result<()> {
    world.services.sessions.authenticate(token).await.map(drop)
}

#[tokio::test]
async fn a_token_proves_its_user_and_session_and_writes_nothing() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let pair = world.sign_in(&user).await;
    let caller = world.authenticate(&pair).await.unwrap();
    assert_eq!(
        (caller.id(), caller.session_id()),
        (user.id, Some(pair.session_id))
    );
    assert_eq!(caller.user(), &world.user(user.id).await);
    world.assert_wrote([]);
}

#[tokio::test]
async fn what_is_no_access_token_is_refused() {
    let world = World::new();
    let pair = world.sign_in(&world.add(a_user()).await).await;
    let refresh = pair.refresh_token.reveal();
    let longer = format!("{} ", pair.access_token.expose_secret());
    for bad in ["", "x", refresh.expose_secret(), &longer] {
        assert_eq!(
            code(authenticate(&world, bad).await),
            "invalid_token",
            "{bad:?}"
        );
    }
}

#[tokio::test]
async fn a_token_expires_without_any_leeway() {
    let world = World::new();
    let pair = world.sign_in(&world.add(a_user()).await).await;
    world.wait(TimeDelta::minutes(15) - TimeDelta::microseconds(1));
    world.authenticate(&pair).await.unwrap();
    world.wait(TimeDelta::microseconds(1));
    assert_eq!(code(world.authenticate(&pair).await), "invalid_token");
}

#[tokio::test]
async fn a_token_may_come_from_a_clock_that_is_a_minute_ahead_and_no_more() {
    let world = World::new();
    let pair = world.sign_in(&world.add(a_user()).await).await;
    world.wait(TimeDelta::seconds(-60));
    world.authenticate(&pair).await.unwrap();
    world.wait(TimeDelta::microseconds(-1));
    assert_eq!(code(world.authenticate(&pair).await), "invalid_token");
}

#[tokio::test]
async fn an_ended_session_is_refused_though_the_token_lasts() {
    let world = World::new();
    let pair = world.sign_in(&world.add(a_user()).await).await;
    let caller = world.authenticate(&pair).await.unwrap();
    world
        .services
        .sessions
        .logout(&caller, &origin())
        .await
        .unwrap();
    assert_eq!(code(world.authenticate(&pair).await), "invalid_token");
}

#[tokio::test]
async fn a_session_of_somebody_else_or_of_nobody_is_refused() {
    let world = World::new();
    let pair = world.sign_in(&world.add(a_user()).await).await;
    let good = world.access_tokens.issued().remove(0);
    let nobody = Uuid::from_u128(1);
    for claims in [
        AccessClaims {
            user_id: UserId::from_uuid(nobody),
            ..good.clone()
        },
        AccessClaims {
            session_id: SessionId::from_uuid(nobody),
            ..good
        },
    ] {
        let token = world.access_tokens.sign(&claims).await.unwrap();
        assert_eq!(
            code(authenticate(&world, token.expose_secret()).await),
            "invalid_token"
        );
    }
    world.authenticate(&pair).await.unwrap();
}

#[tokio::test]
async fn a_deleted_user_is_refused_at_once() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let pair = world.sign_in(&user).await;
    let administration = &world.services.administration;
    administration
        .delete(&operator(), &origin(), user.id)
        .await
        .unwrap();
    assert_eq!(code(world.authenticate(&pair).await), "invalid_token");
    assert_eq!(code(world.refresh(&pair).await), "invalid_refresh_token");
}

#[tokio::test]
async fn the_role_is_the_one_of_now_and_not_of_the_token() {
    let world = World::new();
    let boss = world.admin().await;
    let user = world.add(an_admin()).await;
    let pair = world.sign_in(&user).await;
    world
        .authenticate(&pair)
        .await
        .unwrap()
        .require_admin()
        .unwrap();
    let change = crate::update::input(|input| {
        input.role = userhub_domain::users::Change::Set("user".to_owned());
    });
    crate::update::update(&world, &boss, user.id, change)
        .await
        .unwrap();
    let caller = world.authenticate(&pair).await.unwrap();
    assert_eq!(caller.user().role, Role::User);
    assert_eq!(code(caller.require_admin()), "forbidden");
}

#[tokio::test]
async fn a_store_or_key_store_that_does_not_answer_is_no_refusal() {
    let world = World::new();
    let pair = world.sign_in(&world.add(a_user()).await).await;
    world.store.fail_next(FaultPoint::Read);
    assert_eq!(code(world.authenticate(&pair).await), "storage_unavailable");
    world.access_tokens.break_down(true);
    assert_eq!(code(world.authenticate(&pair).await), "storage_unavailable");
}
