//! The second step of signing in.

use chrono::TimeDelta;
use secrecy::SecretString;
use userhub_domain::{
    Error, Result,
    audit::{Actor, EventKind},
    error::Forbidden,
    mail::MailKind,
    ports::Services,
    second_factor::{RecoveryCode, VerifyMfaCommand},
    sessions::{AuthenticationMethods, MfaChallenge, Session, TokenPair},
    users::User,
};
use userhub_testkit::{FaultPoint, UserBuilder, a_user};

use crate::{
    confirm_totp::{set_up, shown},
    disable_totp::{disable, renew},
    fixture::{PASSWORD, World, code, operator, origin, unthrottled, violations},
    interruption::meanwhile,
};

/// The first step.
pub(crate) async fn challenge(world: &World, user: &User) -> MfaChallenge {
    match world.try_sign_in(user, PASSWORD).await {
        Err(Error::Forbidden(Forbidden::MfaRequired(challenge))) => *challenge,
        other => panic!("no challenge: {other:?}"),
    }
}

pub(crate) async fn verify(
    world: &World,
    challenge: &MfaChallenge,
    code: &str,
) -> Result<TokenPair> {
    verify_with(&world.services, &challenge.token.reveal(), code).await
}

pub(crate) async fn verify_with(
    services: &Services,
    token: &SecretString,
    code: &str,
) -> Result<TokenPair> {
    let command = VerifyMfaCommand::parse(Some(token.clone()), Some(code.into())).unwrap();
    services.second_factor.verify(&origin(), command).await
}

/// Both steps.
pub(crate) async fn sign_in_with(world: &World, user: &User, code: &str) -> Result<TokenPair> {
    let challenge = challenge(world, user).await;
    verify(world, &challenge, code).await
}

/// A user with an app whose next code is unspent.
pub(crate) async fn with_app(world: &World) -> (User, Vec<RecoveryCode>) {
    let user = world.add(a_user()).await;
    let (_, codes) = set_up(world, &user).await;
    world.wait(TimeDelta::seconds(30));
    (user, codes)
}

pub(crate) fn text(code: &RecoveryCode) -> String {
    use secrecy::ExposeSecret;
    code.reveal().expose_secret().to_owned()
}

async fn session(world: &World, pair: &TokenPair) -> Session {
    let store: &dyn userhub_domain::store::Store = &world.store;
    let found = store.sessions().find_principal(pair.session_id).await;
    found.unwrap().expect("a session").session
}

#[tokio::test]
async fn password_and_code_start_a_session() {
    let world = World::new();
    let (user, _) = with_app(&world).await;
    let before = world.snapshot().await;
    let challenge = challenge(&world, &user).await;
    assert_eq!(challenge.expires_in, TimeDelta::minutes(5));
    // Nothing has begun yet.
    world.assert_wrote([]);
    assert_eq!(world.snapshot().await, before);
    let pair = verify(&world, &challenge, &shown(&world, &user).await)
        .await
        .unwrap();
    let started = world.event(EventKind::SessionStarted, &Actor::User(user.id));
    world.assert_wrote([started.about(user.id).in_session(pair.session_id)]);
    let stored = world.user(user.id).await;
    assert_eq!(stored.last_login_at, Some(world.now()));
    assert_eq!(
        (pair.user.id, pair.user.last_login_at),
        (user.id, Some(world.now()))
    );
    world.authenticate(&pair).await.unwrap();
    world.refresh(&pair).await.unwrap();
    let methods = session(&world, &pair).await.methods;
    assert_eq!(methods, AuthenticationMethods::PasswordAndTotp);
    assert_eq!(world.outbox(), []);
    // One that signs in without says so.
    let other = world.add(a_user()).await;
    let pair = world.sign_in(&other).await;
    let methods = session(&world, &pair).await.methods;
    assert_eq!(methods, AuthenticationMethods::Password);
}

#[tokio::test]
async fn challenge_and_code_are_good_once() {
    let world = World::new();
    let (user, _) = with_app(&world).await;
    let (first, second) = (
        challenge(&world, &user).await,
        challenge(&world, &user).await,
    );
    let code_of_app = shown(&world, &user).await;
    verify(&world, &first, &code_of_app).await.unwrap();
    world.forget_events();
    let before = world.snapshot().await;
    let refused = verify(&world, &second, &code_of_app).await;
    assert_eq!(code(refused), "invalid_credentials");
    let failed = world.event(EventKind::SessionFailed, &Actor::Anonymous);
    world.assert_wrote([failed.about(user.id)]);
    world.wait(TimeDelta::seconds(30));
    let next = shown(&world, &user).await;
    let refused = verify(&world, &first, &next).await;
    assert_eq!(code(refused), "invalid_mfa_token");
    let mut after = world.snapshot().await;
    after.forget_last_event();
    assert_eq!(after, before);
    // Challenges stand side by side, and a wrong code spends none.
    verify(&world, &second, &next).await.unwrap();
}

#[tokio::test]
async fn a_code_is_good_a_step_earlier_and_later_and_none_before_a_spent_one() {
    let world = World::new();
    let (user, _) = with_app(&world).await;
    let early = shown(&world, &user).await;
    world.wait(TimeDelta::seconds(30));
    sign_in_with(&world, &user, &early).await.unwrap();
    let late = shown(&world, &user).await;
    sign_in_with(&world, &user, &late).await.unwrap();
    let refused = sign_in_with(&world, &user, &early).await;
    assert_eq!(code(refused), "invalid_credentials");
}

#[tokio::test]
async fn a_recovery_code_is_good_once_and_is_told() {
    let world = World::new();
    let (user, codes) = with_app(&world).await;
    let one = text(&codes[3]).to_uppercase().replace('-', " ");
    let pair = sign_in_with(&world, &user, &one).await.unwrap();
    let actor = Actor::User(user.id);
    let started = world.event(EventKind::SessionStarted, &actor);
    let used = world.event(EventKind::MfaRecoveryUsed, &actor);
    world.assert_wrote([started, used].map(|one| one.about(user.id).in_session(pair.session_id)));
    let address = user.email.as_ref().unwrap().to_string();
    let mail = (MailKind::RecoveryCodeUsed, Some(user.id), address);
    assert_eq!(world.outbox(), [mail]);
    let methods = session(&world, &pair).await.methods;
    assert_eq!(methods, AuthenticationMethods::PasswordAndRecoveryCode);
    let caller = world.authenticate(&pair).await.unwrap();
    let second_factor = &world.services.second_factor;
    let status = second_factor.show(&caller).await.unwrap();
    assert_eq!(status.recovery_codes_left, 9);

    let challenge = challenge(&world, &user).await;
    let before = world.snapshot().await;
    let refused = verify(&world, &challenge, &one).await;
    assert_eq!(code(refused), "invalid_credentials");
    let failed = world.event(EventKind::SessionFailed, &Actor::Anonymous);
    world.assert_wrote([failed.about(user.id)]);
    let mut after = world.snapshot().await;
    after.forget_last_event();
    assert_eq!(after, before);
    verify(&world, &challenge, &text(&codes[0])).await.unwrap();
}

#[tokio::test]
async fn a_recovery_code_of_somebody_else_is_wrong() {
    let world = World::new();
    let (_, codes) = with_app(&world).await;
    let (user, _) = with_app(&world).await;
    let refused = sign_in_with(&world, &user, &text(&codes[0])).await;
    assert_eq!(code(refused), "invalid_credentials");
}

#[tokio::test]
async fn a_factor_that_is_gone_meanwhile_lets_nobody_in() {
    let world = World::new();
    let (user, codes) = with_app(&world).await;
    let challenge = challenge(&world, &user).await;
    let administration = &world.services.administration;
    administration
        .reset_mfa(&operator(), &origin(), user.id)
        .await
        .unwrap();
    for gone in ["123456", &text(&codes[0])] {
        let refused = verify(&world, &challenge, gone).await;
        assert_eq!(code(refused), "invalid_credentials");
    }
    // Nor does an app that was not confirmed.
    let caller = world.own_session(&user).await;
    crate::enrol_totp::enrol(&world, &caller, PASSWORD)
        .await
        .unwrap();
    let refused = verify(&world, &challenge, &shown(&world, &user).await).await;
    assert_eq!(code(refused), "invalid_credentials");
}

#[tokio::test]
async fn what_is_spent_meanwhile_is_refused() {
    let world = World::new();
    for is_recovery in [false, true] {
        let (user, codes) = with_app(&world).await;
        let (first, second) = (
            challenge(&world, &user).await,
            challenge(&world, &user).await,
        );
        let right = if is_recovery {
            text(&codes[0])
        } else {
            shown(&world, &user).await
        };
        // The same challenge, or the same code.
        for (mine, theirs, expected) in [
            (&first, &second, "invalid_credentials"),
            (&first, &first, "invalid_mfa_token"),
        ] {
            let (other, sent, code_sent) = (world.clone(), theirs.clone(), right.clone());
            let services = world.interrupted(
                1,
                meanwhile(move || {
                    let (world, sent, right) = (other.clone(), sent.clone(), code_sent.clone());
                    async move {
                        drop(verify(&world, &sent, &right).await);
                        world.forget_events();
                    }
                }),
            );
            let refused = verify_with(&services, &mine.token.reveal(), &right).await;
            assert_eq!(code(refused), expected);
            let failures = world.new_events();
            let said: Vec<_> = failures.iter().map(|event| event.kind).collect();
            if expected == "invalid_credentials" {
                assert_eq!(said, [EventKind::SessionFailed]);
                world.wait(TimeDelta::seconds(30));
            } else {
                assert_eq!(said, []);
            }
            if is_recovery || expected == "invalid_credentials" {
                break;
            }
        }
    }
}

#[test]
fn both_members_must_be_there() {
    let missing = VerifyMfaCommand::parse(None, None);
    assert_eq!(violations(missing), ["code required", "mfa_token required"]);
    let wrong = VerifyMfaCommand::parse(Some("x".into()), Some("12345".into()));
    assert_eq!(violations(wrong), ["code invalid_format"]);
    let missing = VerifyMfaCommand::parse(None, Some("123456".into()));
    assert_eq!(violations(missing), ["mfa_token required"]);
}

#[tokio::test]
async fn a_failure_spends_nothing() {
    let world = World::with(unthrottled());
    let (user, codes) = with_app(&world).await;
    let challenge = challenge(&world, &user).await;
    let before = world.snapshot().await;
    for right in [shown(&world, &user).await, text(&codes[0])] {
        for point in [
            FaultPoint::Read,
            FaultPoint::Begin,
            FaultPoint::Write,
            FaultPoint::Commit,
        ] {
            world.store.fail_next(point);
            let refused = verify(&world, &challenge, &right).await;
            assert_eq!(code(refused), "storage_unavailable", "{point:?}");
        }
        world.access_tokens.break_down(true);
        let refused = verify(&world, &challenge, &right).await;
        assert_eq!(code(refused), "storage_unavailable");
        world.access_tokens.break_down(false);
    }
    assert_eq!(world.snapshot().await, before);
    verify(&world, &challenge, &text(&codes[0])).await.unwrap();
    for point in [
        FaultPoint::Read,
        FaultPoint::Begin,
        FaultPoint::Write,
        FaultPoint::Commit,
    ] {
        world.store.fail_next(point);
        let refused = world.try_sign_in(&user, PASSWORD).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
}

#[tokio::test]
async fn without_an_address_the_use_of_a_recovery_code_is_told_to_nobody() {
    let world = World::new();
    let user = world.add(UserBuilder::new().no_email().build()).await;
    let (caller, codes) = set_up(&world, &user).await;
    sign_in_with(&world, &user, &text(&codes[0])).await.unwrap();
    world.wait(TimeDelta::seconds(30));
    renew(&world, &caller, (PASSWORD, &text(&codes[1])))
        .await
        .unwrap();
    let code_of_app = shown(&world, &user).await;
    disable(&world, &caller, (PASSWORD, &code_of_app))
        .await
        .unwrap();
    assert_eq!(world.outbox(), []);
}
