//! API keys: making, using, listing and revoking them.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret;
use userhub_domain::{
    Result,
    api_keys::{ApiKeyId, CreateApiKeyCommand, CreateApiKeyInput, CreatedApiKey},
    audit::{Actor, EventKind},
    caller::{OwnSession, SignedIn},
    users::{Change, User},
};
use userhub_testkit::{FaultPoint, UserBuilder, a_user, an_admin};
use uuid::Uuid;

use crate::{
    fixture::{OTHER_PASSWORD, World, code, operator, origin, violations},
    interruption::meanwhile,
    reset_password::reset,
};

pub(crate) fn input(scopes: &[&str], expires_at: Option<DateTime<Utc>>) -> CreateApiKeyInput {
    CreateApiKeyInput {
        name: Some(" backup ".to_owned()),
        scopes: Some(scopes.iter().map(|word| (*word).to_owned()).collect()),
        expires_at,
    }
}

pub(crate) async fn create(
    world: &World,
    caller: &OwnSession,
    input: CreateApiKeyInput,
) -> Result<CreatedApiKey> {
    let command = CreateApiKeyCommand::parse(input).unwrap();
    let api_keys = &world.services.api_keys;
    api_keys.create(caller, &origin(), command).await
}

pub(crate) async fn authenticate(world: &World, created: &CreatedApiKey) -> Result<SignedIn> {
    let sent = created.token.reveal();
    let sessions = &world.services.sessions;
    sessions.authenticate(sent.expose_secret()).await
}

/// A user, and a key of his.
pub(crate) async fn with_key(
    world: &World,
    user: User,
    scopes: &[&str],
) -> (OwnSession, CreatedApiKey) {
    let user = world.add(user).await;
    let caller = world.own_session(&user).await;
    let created = create(world, &caller, input(scopes, None)).await.unwrap();
    world.forget_events();
    (caller, created)
}

#[tokio::test]
async fn a_key_is_shown_once_and_stored_as_a_digest_and_a_beginning() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    let end = world.now() + TimeDelta::microseconds(1) + TimeDelta::nanoseconds(900);
    let CreatedApiKey { key, token, .. } =
        create(&world, &caller, input(&["write", "read"], Some(end)))
            .await
            .unwrap();
    let event = world.event(EventKind::ApiKeyCreated, &Actor::User(user.id));
    world.assert_wrote([event.about(user.id).in_session(caller.session_id())]);
    let sent = token.reveal();
    let sent = sent.expose_secret();
    assert!(sent.starts_with("uhk_") && sent.len() == 68, "its form");
    assert_eq!((key.prefix.as_str(), key.prefix.len()), (&sent[..12], 12));
    assert_eq!((key.hash, key.user_id), (token.hash(), user.id));
    assert_eq!(
        (key.name.as_str(), key.scopes.to_text()),
        ("backup", "read write".to_owned())
    );
    assert_eq!((key.created_at, key.last_used_at), (world.now(), None));
    // Cut to what every store keeps.
    assert_eq!(
        key.expires_at,
        Some(world.now() + TimeDelta::microseconds(1))
    );
    let listed = world.services.api_keys.list(caller.signed_in()).await;
    assert_eq!(listed.unwrap(), [key]);
    assert_eq!(world.outbox(), []);
}

#[tokio::test]
async fn a_key_ends_with_its_time() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    let end = world.now() + TimeDelta::hours(1);
    let created = create(&world, &caller, input(&["read"], Some(end)))
        .await
        .unwrap();
    world.wait(TimeDelta::hours(1) - TimeDelta::microseconds(1));
    authenticate(&world, &created).await.unwrap();
    world.wait(TimeDelta::microseconds(1));
    assert_eq!(code(authenticate(&world, &created).await), "invalid_token");
    // It is listed until it is revoked.
    let listed = world.services.api_keys.list(caller.signed_in()).await;
    assert_eq!(listed.unwrap().len(), 1);
    for over in [world.now(), world.now() - TimeDelta::days(1)] {
        let before = world.snapshot().await;
        let command = CreateApiKeyCommand::parse(input(&["read"], Some(over))).unwrap();
        let api_keys = &world.services.api_keys;
        let refused = api_keys.create(&caller, &origin(), command).await;
        assert_eq!(refused_member(refused), "expires_at invalid_format");
        assert_eq!(world.snapshot().await, before);
    }
}

/// The one member that a use case itself refused.
fn refused_member<T: std::fmt::Debug>(refused: Result<T>) -> String {
    let Err(userhub_domain::Error::Invalid(userhub_domain::error::Invalid::Violations(all))) =
        refused
    else {
        panic!("not a violation");
    };
    violations::<()>(Err(all)).join(", ")
}

#[tokio::test]
async fn nobody_has_more_than_a_hundred() {
    let world = World::new();
    let (caller, _) = with_key(&world, a_user(), &["read"]).await;
    with_key(&world, a_user(), &["read"]).await;
    for _ in 1..100 {
        create(&world, &caller, input(&["read"], None))
            .await
            .unwrap();
    }
    let before = world.snapshot().await;
    let refused = create(&world, &caller, input(&["read"], None)).await;
    assert_eq!(refused_member(refused), "name not_allowed");
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn the_last_use_is_noted_once_a_minute() {
    let world = World::new();
    let (_, created) = with_key(&world, a_user(), &["read"]).await;
    let last = async |world: &World| {
        let caller = authenticate(world, &created).await.unwrap();
        let keys = world.store_keys(caller.id()).await;
        keys[0].last_used_at
    };
    let first = world.now();
    assert_eq!(last(&world).await, Some(first));
    world.wait(TimeDelta::seconds(60) - TimeDelta::microseconds(1));
    assert_eq!(last(&world).await, Some(first));
    world.wait(TimeDelta::microseconds(1));
    assert_eq!(last(&world).await, Some(world.now()));
    world.assert_wrote([]);
    // A key is good where that cannot be noted.
    world.wait(TimeDelta::hours(1));
    let noted = world.now() - TimeDelta::hours(1);
    for point in [FaultPoint::Begin, FaultPoint::Write, FaultPoint::Commit] {
        world.store.fail_next(point);
        assert_eq!(last(&world).await, Some(noted), "{point:?}");
    }
    world.store.fail_next(FaultPoint::Read);
    let refused = authenticate(&world, &created).await;
    assert_eq!(code(refused), "storage_unavailable");
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_once() {
    let world = World::new();
    let (caller, created) = with_key(&world, a_user(), &["read"]).await;
    let other = create(&world, &caller, input(&["read"], None))
        .await
        .unwrap();
    world.forget_events();
    let api_keys = &world.services.api_keys;
    api_keys
        .revoke(&caller, &origin(), created.key.id)
        .await
        .unwrap();
    let user = caller.signed_in().id();
    let event = world.event(EventKind::ApiKeyRevoked, &Actor::User(user));
    world.assert_wrote([event.about(user).in_session(caller.session_id())]);
    assert_eq!(code(authenticate(&world, &created).await), "invalid_token");
    authenticate(&world, &other).await.unwrap();
}

#[tokio::test]
async fn nobody_revokes_somebody_elses_key_or_one_that_is_not_there() {
    let world = World::new();
    let (_, created) = with_key(&world, a_user(), &["read"]).await;
    let (stranger, _) = with_key(&world, an_admin(), &["read"]).await;
    let before = world.snapshot().await;
    for id in [created.key.id, ApiKeyId::from_uuid(Uuid::nil())] {
        let api_keys = &world.services.api_keys;
        let refused = api_keys.revoke(&stranger, &origin(), id).await;
        assert_eq!(code(refused), "api_key_not_found");
    }
    assert_eq!(world.snapshot().await, before);
    authenticate(&world, &created).await.unwrap();
}

#[tokio::test]
async fn a_key_sleeps_with_a_suspension_and_ends_with_deletion_closing_and_reset() {
    let world = World::new();
    let administration = &world.services.administration;
    let boss = world.admin().await;
    for case in ["suspension", "deletion", "closing", "reset", "sign-out"] {
        let (own, created) = with_key(&world, a_user(), &["read"]).await;
        let (caller, id) = (own.signed_in(), own.signed_in().id());
        let suspend = |active| crate::update::input(|input| input.is_active = Change::Set(active));
        match case {
            "suspension" => {
                crate::update::update(&world, &boss, id, suspend(false))
                    .await
                    .unwrap();
                let refused = authenticate(&world, &created).await;
                assert_eq!(code(refused), "invalid_token");
                crate::update::update(&world, &boss, id, suspend(true))
                    .await
                    .unwrap();
            }
            "deletion" => {
                administration
                    .delete(&operator(), &origin(), id)
                    .await
                    .unwrap();
                administration
                    .restore(&operator(), &origin(), id)
                    .await
                    .unwrap();
            }
            "closing" => {
                let accounts = &world.services.accounts;
                accounts.close(caller, &origin()).await.unwrap();
                administration
                    .restore(&operator(), &origin(), id)
                    .await
                    .unwrap();
            }
            "reset" => {
                let token = world.reset_token(id).await;
                reset(&world, &token, OTHER_PASSWORD).await.unwrap();
            }
            _ => {
                let sessions = &world.services.sessions;
                sessions.logout_all(caller, &origin()).await.unwrap();
            }
        }
        let lives = matches!(case, "suspension" | "sign-out");
        assert_eq!(
            world.store_keys(id).await.len(),
            usize::from(lives),
            "{case}"
        );
        assert_eq!(
            authenticate(&world, &created).await.is_ok(),
            lives,
            "{case}"
        );
    }
    // Nobody else's key went.
    let (_, created) = with_key(&world, a_user(), &["read"]).await;
    let other = world.add(a_user()).await;
    administration
        .delete(&operator(), &origin(), other.id)
        .await
        .unwrap();
    authenticate(&world, &created).await.unwrap();
}

#[tokio::test]
async fn what_is_no_key_is_no_token_either() {
    let world = World::new();
    let (_, created) = with_key(&world, UserBuilder::new().build(), &["read"]).await;
    let sent = created.token.reveal().expose_secret().to_owned();
    let unknown = format!("uhk_{}", "0".repeat(64));
    let other = sent.replace("uhk_", "uhr_");
    for bad in [&sent[..67], &sent.to_uppercase(), &unknown, &other, "uhk_"] {
        let sessions = &world.services.sessions;
        let refused = sessions.authenticate(bad).await;
        assert_eq!(code(refused), "invalid_token", "{bad}");
    }
}

#[test]
fn all_violations_are_told_at_once() {
    let parse = CreateApiKeyCommand::parse;
    let missing = parse(CreateApiKeyInput::default());
    assert_eq!(violations(missing), ["name required", "scopes required"]);
    let wrong = parse(CreateApiKeyInput {
        name: Some("x".repeat(101)),
        ..input(&["admin"], None)
    });
    assert_eq!(
        violations(wrong),
        ["name too_long", "scopes invalid_format"]
    );
    let twice = parse(input(&["read", "read"], None));
    assert_eq!(violations(twice), ["scopes invalid_format"]);
    assert_eq!(violations(parse(input(&[], None))), ["scopes required"]);
}

#[tokio::test]
async fn a_failure_makes_and_revokes_nothing() {
    let world = World::new();
    let (caller, created) = with_key(&world, a_user(), &["read"]).await;
    let before = world.snapshot().await;
    for point in [FaultPoint::Begin, FaultPoint::Write, FaultPoint::Commit] {
        world.store.fail_next(point);
        let refused = create(&world, &caller, input(&["read"], None)).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
        world.store.fail_next(point);
        let api_keys = &world.services.api_keys;
        let refused = api_keys.revoke(&caller, &origin(), created.key.id).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    world.store.fail_next(FaultPoint::Read);
    let refused = create(&world, &caller, input(&["read"], None)).await;
    assert_eq!(code(refused), "storage_unavailable");
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn a_session_that_a_reset_ended_makes_no_key_not_even_at_the_same_moment() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    let (other, token) = (world.clone(), world.reset_token(user.id).await);
    let services = world.interrupted(
        1,
        meanwhile(move || {
            let (world, token) = (other.clone(), token.clone());
            async move { reset(&world, &token, OTHER_PASSWORD).await.unwrap() }
        }),
    );
    let command = CreateApiKeyCommand::parse(input(&["read"], None)).unwrap();
    let refused = services.api_keys.create(&caller, &origin(), command).await;
    assert_eq!(code(refused), "invalid_token");
    assert_eq!(world.store_keys(user.id).await, []);
    world.forget_events();
    // The proof is from before, as a cache may still give it for a second.
    let refused = create(&world, &caller, input(&["read"], None)).await;
    assert_eq!(code(refused), "invalid_token");
    assert_eq!(world.store_keys(user.id).await, []);
    world.assert_wrote([]);
}
