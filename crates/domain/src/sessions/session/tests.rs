use std::sync::atomic::{AtomicU8, Ordering};

use super::*;

/// Different bytes at every call.
#[derive(Default)]
struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
        Ok(())
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn start(lifetimes: &Lifetimes) -> (Session, RawToken, Counting) {
    let entropy = Counting::default();
    let user = UserId::from_uuid(uuid::Uuid::from_u128(1));
    let made = (at(0), &entropy as &dyn Entropy);
    let (session, token) = Session::start(
        user,
        AuthVersion::FIRST,
        &Origin::default(),
        lifetimes,
        made,
    )
    .expect("started");
    (session, token, entropy)
}

/// The session as a store has it after a rotation.
fn after(session: &Session, rotation: &Rotation) -> Session {
    Session {
        refresh_hash: rotation.next_hash,
        last_used_at: rotation.spent.spent_at,
        expires_at: rotation.expires_at,
        ..session.clone()
    }
}

#[test]
fn a_session_starts_with_the_digest_of_its_token_and_both_limits() {
    let lifetimes = Lifetimes::default();
    let (session, token, _) = start(&lifetimes);
    assert_eq!(session.refresh_hash, token.hash());
    assert_eq!(session.expires_at, at(0) + lifetimes.refresh);
    assert_eq!(session.ends_at, at(0) + lifetimes.session);
    let short = Lifetimes {
        session: TimeDelta::hours(1),
        ..lifetimes
    };
    let (session, ..) = start(&short);
    assert_eq!((session.expires_at, session.ends_at), (at(3600), at(3600)));
    assert!(!session.is_expired(at(3599)));
    assert!(session.is_expired(at(3600)));
}

#[test]
fn methods_have_words_of_the_standard_and_words_of_the_store() {
    let all = AuthenticationMethods::ALL.map(|one| (one.as_str(), one.words()));
    let expected: [(_, &[&str]); 3] = [
        ("password", &["pwd"]),
        ("password_totp", &["pwd", "otp", "mfa"]),
        ("password_recovery_code", &["pwd", "rcv", "mfa"]),
    ];
    assert_eq!(all, expected);
    for one in AuthenticationMethods::ALL {
        let read = AuthenticationMethods::parse_stored(one.as_str());
        assert_eq!(read, Some(one));
    }
    assert_eq!(AuthenticationMethods::parse_stored("pwd"), None);
    let (session, ..) = start(&Lifetimes::default());
    assert_eq!(session.methods, AuthenticationMethods::default());
    let methods = AuthenticationMethods::PasswordAndTotp;
    assert_eq!(session.authenticated_by(methods).methods, methods);
}

#[test]
fn a_rotation_spends_the_token_and_never_outlives_the_session() {
    let lifetimes = Lifetimes::default();
    let (session, token, entropy) = start(&lifetimes);
    let day = 24 * 3600;
    let (rotation, next) = session
        .rotate(&token, &lifetimes, at(day), &entropy)
        .expect("rotated");
    assert_eq!(
        (rotation.session_id, rotation.user_id),
        (session.id, session.user_id)
    );
    assert_eq!(rotation.spent.hash, token.hash());
    assert_eq!(rotation.spent.spent_at, at(day));
    assert_eq!(rotation.next_hash, next.hash());
    assert_ne!(next.hash(), token.hash());
    assert_eq!(rotation.expires_at, at(day) + lifetimes.refresh);
    let (late, _) = session
        .rotate(&token, &lifetimes, at(29 * day), &entropy)
        .expect("rotated");
    assert_eq!(late.expires_at, session.ends_at);
}

#[test]
fn two_rotations_of_one_token_have_different_successors() {
    let lifetimes = Lifetimes::default();
    let (session, token, entropy) = start(&lifetimes);
    let rotate = || {
        session
            .rotate(&token, &lifetimes, at(1), &entropy)
            .expect("rotated")
    };
    assert_ne!(rotate().1.hash(), rotate().1.hash());
}

#[test]
fn a_repetition_in_time_gets_the_same_successor_while_it_is_unspent() {
    let lifetimes = Lifetimes::default();
    let (session, first, entropy) = start(&lifetimes);
    let (rotation, second) = session
        .rotate(&first, &lifetimes, at(1), &entropy)
        .expect("rotated");
    let session = after(&session, &rotation);
    let grace = TimeDelta::seconds(10);
    let again = |session: &Session, seconds| {
        session
            .successor_again(&first, &rotation.spent, grace, at(seconds))
            .expect("derived")
            .map(|token| token.hash())
    };
    assert_eq!(again(&session, 1), Some(second.hash()));
    assert_eq!(again(&session, 10), Some(second.hash()));
    assert_eq!(again(&session, 11), None);
    let (next, _) = session
        .rotate(&second, &lifetimes, at(2), &entropy)
        .expect("rotated");
    assert_eq!(again(&after(&session, &next), 2), None);
}

#[test]
fn the_successor_needs_both_the_token_and_the_stored_bytes() {
    let token = |byte| RawToken::from_bytes(TokenPurpose::Refresh, [byte; 32]);
    let hash = |byte, salt: [u8; 32]| successor(&token(byte), &salt).expect("derived").hash();
    assert_eq!(hash(1, [1; 32]), hash(1, [1; 32]));
    assert_ne!(hash(1, [1; 32]), hash(2, [1; 32]));
    assert_ne!(hash(1, [1; 32]), hash(1, [2; 32]));
}

#[test]
fn a_spent_token_prints_nothing_of_itself() {
    let lifetimes = Lifetimes::default();
    let (session, token, entropy) = start(&lifetimes);
    let (rotation, _) = session
        .rotate(&token, &lifetimes, at(1), &entropy)
        .expect("rotated");
    let printed = format!("{:?}", rotation.spent);
    assert_eq!(printed, "SpentToken(spent at 1970-01-01 00:00:01 UTC)");
}
