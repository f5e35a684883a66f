//! What stands for a right password until the code comes, and how it ends.

use chrono::TimeDelta;
use userhub_domain::mail::MailKind;
use userhub_testkit::a_user;

use crate::{
    confirm_totp::{shown, wrong},
    fixture::{OTHER_PASSWORD, PASSWORD, World, code, operator, origin},
    reset_password::reset,
    verify_mfa::{challenge, sign_in_with, text, verify, verify_with, with_app},
};

#[tokio::test]
async fn codes_are_slowed_down_after_five_and_no_new_challenge_helps() {
    let world = World::new();
    let (user, codes) = with_app(&world).await;
    let wrong = wrong(&world, &user).await;
    for _ in 0..5 {
        let refused = sign_in_with(&world, &user, &wrong).await;
        assert_eq!(code(refused), "invalid_credentials");
    }
    let challenge = challenge(&world, &user).await;
    world.forget_events();
    for right in [shown(&world, &user).await, text(&codes[0])] {
        let refused = verify(&world, &challenge, &right).await;
        assert_eq!(code(refused), "too_many_requests");
    }
    world.assert_wrote([]);
    world.wait(TimeDelta::seconds(15));
    verify(&world, &challenge, &shown(&world, &user).await)
        .await
        .unwrap();
    // It was worth a notice, and is forgotten.
    let kinds: Vec<_> = world.outbox().into_iter().map(|(kind, ..)| kind).collect();
    assert_eq!(kinds, [MailKind::SignInAfterFailures]);
    for _ in 0..5 {
        let refused = sign_in_with(&world, &user, &wrong).await;
        assert_eq!(code(refused), "invalid_credentials");
    }
}

#[tokio::test]
async fn codes_count_for_their_client_too() {
    let mut policy = userhub_domain::policy::Policy::default();
    policy.throttle.password_of_client.free = 3;
    let world = World::with(policy);
    let (user, _) = with_app(&world).await;
    let wrong = wrong(&world, &user).await;
    let challenge = challenge(&world, &user).await;
    for _ in 0..3 {
        let refused = verify(&world, &challenge, &wrong).await;
        assert_eq!(code(refused), "invalid_credentials");
    }
    let other = world.add(a_user()).await;
    let refused = world.try_sign_in(&other, PASSWORD).await;
    assert_eq!(code(refused), "too_many_requests");
}

#[tokio::test]
async fn a_challenge_ends_with_its_time_its_account_and_every_session() {
    let world = World::new();
    let administration = &world.services.administration;
    for case in ["time", "sessions", "deletion", "suspension", "password"] {
        let (user, _) = with_app(&world).await;
        let challenge = challenge(&world, &user).await;
        match case {
            "time" => world.wait(TimeDelta::minutes(5)),
            "sessions" => administration
                .end_sessions(&operator(), &origin(), user.id)
                .await
                .unwrap(),
            "deletion" => administration
                .delete(&operator(), &origin(), user.id)
                .await
                .unwrap(),
            "suspension" => {
                let boss = world.admin().await;
                let input = crate::update::input(|input| {
                    input.is_active = userhub_domain::users::Change::Set(false);
                });
                crate::update::update(&world, &boss, user.id, input)
                    .await
                    .unwrap();
            }
            _ => {
                let token = world.reset_token(user.id).await;
                reset(&world, &token, OTHER_PASSWORD).await.unwrap();
            }
        }
        world.forget_events();
        let before = world.snapshot().await;
        let refused = verify(&world, &challenge, &shown(&world, &user).await).await;
        assert_eq!(code(refused), "invalid_mfa_token", "{case}");
        assert_eq!(world.snapshot().await, before, "{case}");
    }
}

#[tokio::test]
async fn just_in_time_is_in_time() {
    let world = World::new();
    let (user, _) = with_app(&world).await;
    let challenge = challenge(&world, &user).await;
    world.wait(TimeDelta::minutes(5) - TimeDelta::microseconds(1));
    verify(&world, &challenge, &shown(&world, &user).await)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_suspension_alone_is_enough() {
    let world = World::new();
    let (user, _) = with_app(&world).await;
    let challenge = challenge(&world, &user).await;
    let mut other = world.user(user.id).await;
    let version = other.version;
    let changes = userhub_domain::users::AdminChanges {
        is_active: Some(false),
        ..Default::default()
    };
    other
        .apply(&Default::default(), &changes, world.now())
        .unwrap();
    // Without the end of sessions that comes with it.
    world.write(&other, version).await;
    let refused = verify(&world, &challenge, &shown(&world, &user).await).await;
    assert_eq!(code(refused), "invalid_mfa_token");
}

#[tokio::test]
async fn what_is_no_challenge_is_refused() {
    let world = World::new();
    let (user, _) = with_app(&world).await;
    let reset = world.reset_token(user.id).await;
    let unknown = format!("uhm_{}", "0".repeat(64)).into();
    for bad in ["".into(), reset, unknown] {
        let shown = shown(&world, &user).await;
        let refused = verify_with(&world.services, &bad, &shown).await;
        assert_eq!(code(refused), "invalid_mfa_token");
    }
    world.assert_wrote([]);
}

#[tokio::test]
async fn a_reset_of_the_password_leaves_the_factor() {
    let world = World::new();
    let (user, _) = with_app(&world).await;
    let token = world.reset_token(user.id).await;
    reset(&world, &token, OTHER_PASSWORD).await.unwrap();
    let refused = world.try_sign_in(&user, OTHER_PASSWORD).await;
    assert_eq!(code(refused), "mfa_required");
}

#[tokio::test]
async fn an_outdated_hash_is_replaced_before_the_second_step() {
    let world = World::new();
    let (user, _) = with_app(&world).await;
    let old = world.credentials(user.id).await;
    world.hasher.raise_parameters();
    challenge(&world, &user).await;
    let new = world.credentials(user.id).await;
    assert_ne!(new.password_hash, old.password_hash);
    assert_eq!(new.auth_version, old.auth_version);
}

#[tokio::test]
async fn a_right_password_makes_wrong_ones_forgotten_a_wrong_one_gives_no_challenge() {
    let world = World::new();
    let (user, _) = with_app(&world).await;
    for _ in 0..2 {
        for _ in 0..9 {
            let refused = world.try_sign_in(&user, "wrong").await;
            assert_eq!(code(refused), "invalid_credentials");
        }
        challenge(&world, &user).await;
    }
}

#[tokio::test]
async fn one_of_two_uses_of_a_challenge_at_once_is_refused() {
    let world = World::new();
    let (user, codes) = with_app(&world).await;
    let challenge = challenge(&world, &user).await;
    let (one, other) = (text(&codes[0]), text(&codes[1]));
    let both = tokio::join!(
        verify(&world, &challenge, &one),
        verify(&world, &challenge, &other)
    );
    let said = [both.0.map(drop), both.1.map(drop)]
        .map(|done| done.map_or_else(|error| error.code(), |()| "done"));
    assert!(said.contains(&"done"), "{said:?}");
    assert!(said.contains(&"invalid_mfa_token"), "{said:?}");
    // The code of the loser is unspent.
    let left = world.snapshot().await;
    let second_factor = &world.services.second_factor;
    let caller = userhub_domain::caller::SignedIn::trust(user);
    assert_eq!(
        second_factor
            .show(&caller)
            .await
            .unwrap()
            .recovery_codes_left,
        9
    );
    drop(left);
}
