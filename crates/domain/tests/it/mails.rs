//! Delivering what is in the outbox, and looking at it.

use chrono::TimeDelta;
use secrecy::ExposeSecret;
use userhub_domain::{
    audit::{Actor, AuditEvent, EventKind, Origin},
    mail::{ClaimedMail, Delivery, Mail, MailFailure, MailId, MailKind, MailState},
    store::Store,
    users::{AdminChanges, Change, EmailAddress, ProfileChanges, User},
};
use userhub_testkit::{FaultPoint, SeededEntropy, UserBuilder, a_user};

use crate::{
    fixture::{OTHER_PASSWORD, World, code, operator, origin},
    forgot_password::forgot,
    reset_password::reset,
};

/// Puts a mail about a user into the outbox, as use cases do.
async fn put(world: &World, kind: MailKind, user: &User) -> Mail {
    let mail = Mail {
        id: MailId::generate(world.now(), &world.entropy).unwrap(),
        kind,
        user_id: Some(user.id),
        auth_version: None,
        to: user.email.clone().unwrap(),
        other_address: None,
        created_at: world.now(),
        origin: origin(),
    };
    let unit = world.store.begin().await.unwrap();
    unit.outbox().add(&mail).await.unwrap();
    unit.commit(&[]).await.unwrap();
    mail
}

/// Asks for a reset of the password of a new user.
pub(crate) async fn asked(world: &World) -> User {
    let user = world.add(a_user()).await;
    let address = user.email.as_ref().unwrap().as_str();
    forgot(world, address).await.unwrap();
    world.forget_events();
    user
}

pub(crate) async fn claim(world: &World, limit: u32) -> Vec<ClaimedMail> {
    world.services.mails.claim(limit).await.unwrap()
}

fn abandoned(world: &World, user: &User) -> AuditEvent {
    let by = Actor::Operator("mail".to_owned());
    let (entropy, origin) = (SeededEntropy::default(), Origin::default());
    let kind = EventKind::MailAbandoned;
    AuditEvent::new(world.now(), &entropy, kind, &by, &origin)
        .unwrap()
        .about(user.id)
}

pub(crate) fn why(text: &str) -> String {
    text.to_owned()
}

#[tokio::test]
async fn a_mail_with_a_token_is_for_the_account_as_it_is_now() {
    for case in [
        "same",
        "deleted",
        "suspended",
        "address",
        "spelling",
        "sessions",
        "purged",
    ] {
        let world = World::new();
        let mut user = asked(&world).await;
        let version = user.version;
        let administration = &world.services.administration;
        let mut changes = AdminChanges::default();
        match case {
            "deleted" | "purged" => administration
                .delete(&operator(), &origin(), user.id)
                .await
                .unwrap(),
            "suspended" => changes.is_active = Some(false),
            "address" => {
                changes.email = Change::Set(EmailAddress::parse("new@example.org").unwrap());
            }
            "spelling" => {
                let other = user.email.as_ref().unwrap().as_str().to_uppercase();
                changes.email = Change::Set(EmailAddress::parse(&other).unwrap());
            }
            "sessions" => administration
                .end_sessions(&operator(), &origin(), user.id)
                .await
                .unwrap(),
            _ => {}
        }
        if changes != AdminChanges::default() {
            user.apply(&ProfileChanges::default(), &changes, world.now())
                .unwrap();
            world.write(&user, version).await;
        }
        if case == "purged" {
            administration
                .purge(&operator(), &origin(), user.id)
                .await
                .unwrap();
            assert_eq!(world.outbox(), []);
            continue;
        }
        world.forget_events();
        let is_wanted = matches!(case, "same" | "spelling");
        let expected = if is_wanted {
            Delivery::Sent
        } else {
            Delivery::Discarded
        };
        assert_eq!(world.deliver().await, [expected], "{case}");
        assert_eq!(
            world.mailer.letters().len(),
            usize::from(is_wanted),
            "{case}"
        );
        assert_eq!(world.outbox(), []);
        world.assert_wrote([]);
    }
}

#[tokio::test]
async fn a_notice_goes_where_it_was_meant_to_unless_the_account_is_gone() {
    let world = World::new();
    let user = UserBuilder::new().email("old@example.org").suspended();
    let user = world.add(user.build()).await;
    put(&world, MailKind::EmailChanged, &user).await;
    let mut other = user.clone();
    other
        .change_email(EmailAddress::parse("new@example.org").unwrap(), world.now())
        .unwrap();
    world.write(&other, user.version).await;
    assert_eq!(world.deliver().await, [Delivery::Sent]);
    let letter = world.mailer.letters().remove(0);
    assert_eq!(letter.to.as_str(), "old@example.org");
    assert!(letter.token.is_none() && letter.expires_at.is_none());
    put(&world, MailKind::PasswordChanged, &user).await;
    let administration = &world.services.administration;
    administration
        .delete(&operator(), &origin(), user.id)
        .await
        .unwrap();
    assert_eq!(world.deliver().await, [Delivery::Discarded]);
}

#[tokio::test]
async fn a_letter_calls_its_reader_by_the_first_name_or_else_the_username() {
    let world = World::new();
    let ann = UserBuilder::new().username("ann").first_name("Ann");
    for (user, expected) in [
        (ann.build(), Some("Ann")),
        (UserBuilder::new().username("ben").build(), Some("ben")),
        (UserBuilder::new().no_username().build(), None),
    ] {
        let user = world.add(user).await;
        let mail = put(&world, MailKind::PasswordChanged, &user).await;
        world.deliver().await;
        let letter = world.mailer.letters().pop().unwrap();
        assert_eq!((letter.id, letter.name.as_deref()), (mail.id, expected));
        assert_eq!(letter.kind, MailKind::PasswordChanged);
        assert_eq!(
            (letter.happened_at, letter.origin),
            (mail.created_at, origin())
        );
    }
}

#[tokio::test]
async fn a_mail_that_was_not_sent_is_tried_again_with_another_token() {
    let world = World::new();
    let user = asked(&world).await;
    world.wait(TimeDelta::minutes(10));
    world.mailer.fail_next(MailFailure::NotSent(why("451")));
    let sent_at = world.now();
    assert_eq!(world.deliver().await, [Delivery::Postponed]);
    world.assert_wrote([]);
    let (mail, attempt) = world.store.mails().remove(0);
    assert_eq!(
        (attempt.state, attempt.tries, attempt.unknown),
        (MailState::Pending, 1, 0)
    );
    assert_eq!(attempt.last_error.as_deref(), Some("not sent: 451"));
    // Half its age, a fifth more or less.
    let pause = attempt.due_at - sent_at;
    assert!(
        pause >= TimeDelta::minutes(4) && pause <= TimeDelta::minutes(6),
        "{pause}"
    );
    world.wait(pause - TimeDelta::microseconds(1));
    assert_eq!(world.deliver().await, []);
    world.wait(TimeDelta::microseconds(1));
    // It arrives, but that is not known, so it comes again.
    world.mailer.fail_next(MailFailure::Unknown(why("silence")));
    assert_eq!(world.deliver().await, [Delivery::Postponed]);
    world.wait(TimeDelta::hours(2));
    assert_eq!(world.deliver().await, [Delivery::Sent]);
    assert_eq!(world.outbox(), []);
    let letters = world.mailer.letters();
    assert!(letters.len() == 2 && letters.iter().all(|one| one.id == mail.id));
    let tokens: Vec<_> = letters
        .iter()
        .map(|one| one.token.clone().unwrap())
        .collect();
    assert_ne!(tokens[0].hash(), tokens[1].hash());
    assert_eq!(
        letters[1].expires_at,
        Some(world.now() + TimeDelta::hours(1))
    );
    let first = reset(&world, &tokens[0].reveal(), OTHER_PASSWORD).await;
    assert_eq!(code(first), "token_invalid");
    reset(&world, &tokens[1].reveal(), OTHER_PASSWORD)
        .await
        .unwrap();
    world.try_sign_in(&user, OTHER_PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_refused_mail_is_given_up_with_an_event() {
    let world = World::new();
    let user = asked(&world).await;
    world.mailer.fail_next(MailFailure::Refused(why("550")));
    assert_eq!(world.deliver().await, [Delivery::Abandoned]);
    world.assert_wrote([abandoned(&world, &user)]);
    let (_, attempt) = world.store.mails().remove(0);
    assert_eq!((attempt.state, attempt.tries), (MailState::Abandoned, 1));
    assert_eq!(attempt.last_error.as_deref(), Some("refused: 550"));
    world.wait(TimeDelta::days(7));
    assert_eq!(world.deliver().await, []);
}

#[tokio::test]
async fn a_mail_that_may_have_arrived_twice_is_given_up() {
    let world = World::new();
    let user = asked(&world).await;
    for expected in [Delivery::Postponed, Delivery::Abandoned] {
        world.mailer.fail_next(MailFailure::Unknown(why("silence")));
        assert_eq!(world.deliver().await, [expected]);
        world.wait(TimeDelta::hours(2));
    }
    assert_eq!(world.deliver().await, []);
    assert_eq!(world.mailer.letters().len(), 2);
    assert_eq!(world.new_events().len(), 1);
    let (_, attempt) = world.store.mails().remove(0);
    assert_eq!((attempt.tries, attempt.unknown), (2, 2));
    assert_eq!(attempt.last_error.as_deref(), Some("perhaps sent: silence"));
    assert!(world.find(user.id).await.is_some());
}

#[tokio::test]
async fn processes_that_die_are_counted_and_the_third_claim_sends_nothing() {
    let world = World::new();
    let user = asked(&world).await;
    for tries in [1, 2] {
        let [claimed] = &claim(&world, 10).await[..] else {
            panic!("not claimed");
        };
        assert_eq!(
            (claimed.attempt.tries, claimed.attempt.unknown),
            (tries, tries)
        );
        world.wait(TimeDelta::minutes(2) - TimeDelta::microseconds(1));
        assert_eq!(claim(&world, 10).await, []);
        world.wait(TimeDelta::microseconds(1));
    }
    assert_eq!(world.deliver().await, [Delivery::Abandoned]);
    assert!(world.mailer.letters().is_empty());
    world.assert_wrote([abandoned(&world, &user)]);
    let (_, attempt) = world.store.mails().remove(0);
    assert_eq!((attempt.tries, attempt.unknown), (3, 3));
    let told = attempt.last_error.unwrap();
    assert!(told.starts_with("perhaps sent"), "{told}");
}

#[tokio::test]
async fn after_one_dead_process_it_is_sent_once_more() {
    let world = World::new();
    asked(&world).await;
    assert_eq!(claim(&world, 10).await.len(), 1);
    world.wait(TimeDelta::minutes(2));
    assert_eq!(world.deliver().await, [Delivery::Sent]);
    assert_eq!(world.outbox(), []);
}

#[tokio::test]
async fn a_claim_that_was_lost_settles_nothing() {
    let world = World::new();
    asked(&world).await;
    let late = claim(&world, 1).await.remove(0);
    world.wait(TimeDelta::minutes(2));
    let current = claim(&world, 1).await.remove(0);
    let before = world.snapshot().await;
    world.mailer.fail_next(MailFailure::Refused(why("550")));
    world.services.mails.deliver(late).await.unwrap();
    assert_eq!(world.snapshot().await, before);
    let sent = world.services.mails.deliver(current).await.unwrap();
    assert_eq!((sent, world.outbox()), (Delivery::Sent, vec![]));
}

#[tokio::test]
async fn no_token_is_there_before_the_delivery_and_none_in_the_outbox() {
    let world = World::new();
    asked(&world).await;
    world.wait(TimeDelta::hours(3));
    world.mailer.fail_next(MailFailure::Unknown(why("silence")));
    world.deliver().await;
    let token = world.mailer.last_token(MailKind::ResetPassword).unwrap();
    let kept = format!("{:?}", world.store.mails());
    assert!(!kept.contains("uhp_") && !kept.contains(token.expose_secret()));
    // What was sent late is not late already.
    reset(&world, &token, OTHER_PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_store_that_fails_leaves_the_claim_counted() {
    let world = World::new();
    asked(&world).await;
    let claimed = claim(&world, 1).await.remove(0);
    let before = world.snapshot().await;
    for point in [
        FaultPoint::Read,
        FaultPoint::Begin,
        FaultPoint::Write,
        FaultPoint::Commit,
    ] {
        world.store.fail_next(point);
        let refused = world.services.mails.deliver(claimed.clone()).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    assert!(world.mailer.letters().is_empty());
    assert_eq!(world.snapshot().await, before);
    let sent = world.services.mails.deliver(claimed).await.unwrap();
    assert_eq!(sent, Delivery::Sent);
}
