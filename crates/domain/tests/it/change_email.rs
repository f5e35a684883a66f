//! Changing an address.

use userhub_domain::{
    Result,
    accounts::{ChangeEmailCommand, ChangeEmailInput, EmailChange},
    audit::{Actor, EventKind},
    caller::OwnSession,
    mail::{Delivery, MailKind},
    users::User,
};
use userhub_testkit::{FaultPoint, UserBuilder, a_user};

use crate::fixture::{PASSWORD, World, code, operator, origin, unthrottled, verifying, violations};

/// Where addresses must be verified.
pub(crate) async fn request(world: &World, caller: &OwnSession, email: &str) -> Result<()> {
    let command = ChangeEmailCommand::parse(ChangeEmailInput {
        email: Some(email.to_owned()),
        password: Some(PASSWORD.into()),
    });
    let accounts = &world.services.accounts;
    let change = accounts
        .change_email(caller, &origin(), command.unwrap())
        .await?;
    assert_eq!(change, EmailChange::Requested);
    Ok(())
}

async fn change(
    world: &World,
    caller: &OwnSession,
    (email, password): (&str, &str),
) -> Result<User> {
    let command = ChangeEmailCommand::parse(ChangeEmailInput {
        email: Some(email.to_owned()),
        password: Some(password.into()),
    });
    let accounts = &world.services.accounts;
    let change = accounts
        .change_email(caller, &origin(), command.unwrap())
        .await?;
    Ok(change.into_user().expect("changed at once"))
}

#[tokio::test]
async fn the_address_is_replaced_and_unverified_and_sessions_go_on() {
    let world = World::new();
    let user = world.add(UserBuilder::new().verified().build()).await;
    let pair = world.sign_in(&user).await;
    let caller = world
        .authenticate(&pair)
        .await
        .unwrap()
        .require_session()
        .unwrap();
    let changed = change(&world, &caller, ("New@Example.org", PASSWORD))
        .await
        .unwrap();
    assert_eq!(changed.email.as_ref().unwrap().as_str(), "New@Example.org");
    assert!(!changed.email_verified);
    assert_eq!(changed.version, user.version.next());
    assert_eq!(world.user(user.id).await, changed);
    let event = world.event(EventKind::EmailChanged, &Actor::User(user.id));
    world.assert_wrote([event.about(user.id).naming(["email"])]);
    world.authenticate(&pair).await.unwrap();
    // The address before is told, the new one is not asked.
    let address = user.email.as_ref().unwrap().to_string();
    let notice = (MailKind::EmailChanged, Some(user.id), address);
    assert_eq!(world.outbox(), [notice]);
    let (mail, _) = &world.store.mails()[0];
    assert_eq!(mail.other_address, changed.email);
    assert_eq!((mail.auth_version, &mail.origin), (None, &origin()));
}

#[tokio::test]
async fn a_first_address_is_told_to_nobody() {
    let world = World::new();
    let user = world.add(UserBuilder::new().no_email().build()).await;
    let caller = world.own_session(&user).await;
    let changed = change(&world, &caller, ("new@example.org", PASSWORD)).await;
    assert!(changed.unwrap().email.is_some());
    assert_eq!(world.outbox(), []);
}

#[tokio::test]
async fn another_spelling_stays_verified_and_the_same_one_is_no_change() {
    let world = World::new();
    let user = UserBuilder::new()
        .email("ann@example.org")
        .verified()
        .build();
    let user = world.add(user).await;
    let caller = world.own_session(&user).await;
    let same = change(&world, &caller, ("ann@example.org", PASSWORD))
        .await
        .unwrap();
    assert_eq!(same.version, user.version);
    world.assert_wrote([]);
    let other = change(&world, &caller, ("Ann@Example.org", PASSWORD))
        .await
        .unwrap();
    assert!(other.email_verified);
    assert_eq!(world.outbox(), []);
    let event = world.event(EventKind::EmailChanged, &Actor::User(user.id));
    world.assert_wrote([event.about(user.id).naming(["email"])]);
}

#[tokio::test]
async fn a_wrong_password_is_remembered_and_changes_nothing() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    let stored = world.user(user.id).await;
    let refused = change(&world, &caller, ("new@example.org", "wrong")).await;
    assert_eq!(code(refused), "wrong_password");
    assert_eq!(world.user(user.id).await, stored);
    let failed = world.event(EventKind::SessionFailed, &Actor::User(user.id));
    world.assert_wrote([failed.about(user.id).in_session(caller.session_id())]);
}

#[tokio::test]
async fn somebody_elses_address_is_taken() {
    let world = World::new();
    world
        .add(UserBuilder::new().email("taken@example.org").build())
        .await;
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    let before = world.snapshot().await;
    let refused = change(&world, &caller, ("TAKEN@example.org", PASSWORD)).await;
    assert_eq!(code(refused), "email_taken");
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn an_ended_session_changes_nothing() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    let sessions = &world.services.sessions;
    sessions
        .logout_all(caller.signed_in(), &origin())
        .await
        .unwrap();
    let before = world.snapshot().await;
    let refused = change(&world, &caller, ("new@example.org", PASSWORD)).await;
    assert_eq!(code(refused), "invalid_token");
    assert_eq!(world.snapshot().await, before);
}

#[test]
fn all_violations_are_told_at_once() {
    let missing = ChangeEmailCommand::parse(ChangeEmailInput::default());
    assert_eq!(violations(missing), ["email required", "password required"]);
    let wrong = ChangeEmailCommand::parse(ChangeEmailInput {
        email: Some("nobody".to_owned()),
        password: Some("x".repeat(1025).into()),
    });
    assert_eq!(
        violations(wrong),
        ["email invalid_format", "password too_long"]
    );
}

#[tokio::test]
async fn a_failure_changes_nothing() {
    let world = World::with(unthrottled());
    let user = world.add(a_user()).await;
    let caller = world.own_session(&user).await;
    let before = world.snapshot().await;
    for point in [FaultPoint::Begin, FaultPoint::Write, FaultPoint::Commit] {
        world.store.fail_next(point);
        let refused = change(&world, &caller, ("new@example.org", PASSWORD)).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn a_new_address_that_must_be_verified_is_asked_and_the_old_one_told() {
    let world = World::with(verifying());
    let user = UserBuilder::new().email("old@example.org").verified();
    let user = world.add(user.build()).await;
    let caller = world.own_session(&user).await;
    let stored = world.user(user.id).await;
    request(&world, &caller, "New@example.org").await.unwrap();
    let event = world.event(EventKind::EmailChangeRequested, &Actor::User(user.id));
    world.assert_wrote([event.about(user.id).in_session(caller.session_id())]);
    assert_eq!(world.user(user.id).await, stored);
    let (new, old) = ("New@example.org".to_owned(), "old@example.org".to_owned());
    let expected = [
        (MailKind::ConfirmEmailChange, Some(user.id), new.clone()),
        (MailKind::EmailChangeRequested, Some(user.id), old.clone()),
    ];
    assert_eq!(world.outbox(), expected);
    assert_eq!(world.deliver().await, [Delivery::Sent, Delivery::Sent]);
    let mut letters = world.mailer.letters();
    letters.sort_by_key(|letter| letter.kind);
    let [asked, told] = &letters[..] else {
        panic!("not two letters");
    };
    let other = |letter: &userhub_domain::mail::Letter| letter.other_address.clone().unwrap();
    assert_eq!((asked.to.as_str(), other(asked).as_str()), (&*new, &*old));
    assert_eq!((told.to.as_str(), other(told).as_str()), (&*old, &*new));
    assert_eq!((asked.token.is_some(), told.token.is_some()), (true, false));
    assert_eq!((told.expires_at, &told.origin), (None, &origin()));
    let day = chrono::TimeDelta::hours(24);
    assert_eq!(asked.expires_at, Some(world.now() + day));
}

#[tokio::test]
async fn a_first_address_can_be_confirmed_too() {
    let world = World::with(verifying());
    let user = world.add(UserBuilder::new().no_email().build()).await;
    let caller = world.own_session(&user).await;
    request(&world, &caller, "new@example.org").await.unwrap();
    assert_eq!(world.outbox().len(), 1);
    let token = world.mailed(MailKind::ConfirmEmailChange).await;
    crate::verify_email::verify(&world, &token).await.unwrap();
    let changed = world.user(user.id).await;
    assert_eq!(changed.email.as_ref().unwrap().as_str(), "new@example.org");
    assert!(changed.email_verified);
    assert_eq!(world.outbox(), []);
}

#[tokio::test]
async fn whether_a_new_address_is_taken_is_told_only_where_that_is_no_secret() {
    for hides in [None, Some(true), Some(false)] {
        let mut policy = verifying();
        policy.registration.hide_existence = hides;
        let world = World::with(policy);
        let taken = UserBuilder::new().email("taken@example.org").build();
        world.add(taken).await;
        let user = world.add(UserBuilder::new().verified().build()).await;
        let caller = world.own_session(&user).await;
        let before = world.snapshot().await;
        let done = request(&world, &caller, "TAKEN@example.org").await;
        if hides == Some(false) {
            assert_eq!(code(done), "email_taken");
            assert_eq!(world.snapshot().await, before);
            continue;
        }
        done.unwrap();
        let mails: Vec<_> = world.outbox().into_iter().map(|(kind, ..)| kind).collect();
        assert_eq!(mails, [MailKind::EmailChangeRequested]);
        assert_eq!(world.new_events().len(), 1);
    }
}

#[tokio::test]
async fn a_new_address_is_not_flooded() {
    let world = World::with(verifying());
    let user = world.add(UserBuilder::new().verified().build()).await;
    let caller = world.own_session(&user).await;
    for _ in 0..6 {
        request(&world, &caller, "new@example.org").await.unwrap();
    }
    let of_kind = |kind| world.outbox().iter().filter(|mail| mail.0 == kind).count();
    assert_eq!(of_kind(MailKind::ConfirmEmailChange), 4);
    assert_eq!(of_kind(MailKind::EmailChangeRequested), 6);
}

#[tokio::test]
async fn nobody_has_mail_sent_to_any_number_of_strangers() {
    let mut policy = verifying();
    policy.throttle.mail_of_client.free = 2;
    let world = World::with(policy);
    let user = world.add(UserBuilder::new().verified().build()).await;
    let caller = world.own_session(&user).await;
    for stranger in ["a@example.org", "b@example.org"] {
        request(&world, &caller, stranger).await.unwrap();
    }
    let before = world.snapshot().await;
    let refused = request(&world, &caller, "c@example.org").await;
    assert_eq!(code(refused), "too_many_requests");
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn a_change_that_was_asked_for_dies_when_every_session_ends() {
    let world = World::with(verifying());
    let user = world.add(UserBuilder::new().verified().build()).await;
    let caller = world.own_session(&user).await;
    request(&world, &caller, "new@example.org").await.unwrap();
    let administration = &world.services.administration;
    administration
        .end_sessions(&operator(), &origin(), user.id)
        .await
        .unwrap();
    // Even before its token was made.
    let mut delivered = world.deliver().await;
    delivered.sort_by_key(|one| *one == Delivery::Sent);
    assert_eq!(delivered, [Delivery::Discarded, Delivery::Sent]);
    assert_eq!(world.mailer.kinds(), [MailKind::EmailChangeRequested]);
}

#[tokio::test]
async fn a_request_that_fails_leaves_nothing() {
    let mut policy = verifying();
    policy.throttle.enabled = false;
    let world = World::with(policy);
    let user = world.add(UserBuilder::new().verified().build()).await;
    let caller = world.own_session(&user).await;
    let before = world.snapshot().await;
    for point in [
        FaultPoint::Read,
        FaultPoint::Begin,
        FaultPoint::Write,
        FaultPoint::Commit,
    ] {
        world.store.fail_next(point);
        let refused = request(&world, &caller, "new@example.org").await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    assert_eq!(world.snapshot().await, before);
}
