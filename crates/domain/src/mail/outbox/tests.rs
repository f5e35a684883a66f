use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn claimed(tries: u32, unknown: u32) -> ClaimedMail {
    let mail = Mail {
        id: MailId::from_uuid(uuid::Uuid::from_u128(1)),
        kind: MailKind::PasswordChanged,
        user_id: None,
        auth_version: None,
        to: EmailAddress::parse("ann@example.org").expect("an address"),
        other_address: None,
        created_at: at(0),
        origin: Origin::default(),
    };
    let attempt = Attempt {
        tries,
        unknown,
        ..Attempt::first(at(0))
    };
    ClaimedMail { mail, attempt }
}

#[test]
fn pauses_grow_with_age_from_a_second_to_an_hour_and_are_spread() {
    let failure = MailFailure::NotSent("451".to_owned());
    let pause = |now: i64, spread| {
        let next = claimed(1, 1).after(&failure, at(now), spread);
        assert_eq!(next.state, MailState::Pending);
        next.due_at - at(now)
    };
    assert_eq!(pause(0, 255), TimeDelta::milliseconds(1200));
    assert_eq!(pause(0, 0), TimeDelta::milliseconds(800));
    assert_eq!(pause(600, 255), TimeDelta::seconds(360));
    assert_eq!(pause(600, 0), TimeDelta::seconds(240));
    assert_eq!(pause(80_000, 255), TimeDelta::minutes(72));
    assert_eq!(pause(600, 128), TimeDelta::seconds(300));
    let told = claimed(1, 1).after(&failure, at(9), 9);
    assert_eq!(told.last_error.as_deref(), Some("not sent: 451"));
    assert_eq!((told.tries, told.unknown), (1, 0));
}

#[test]
fn a_refusal_or_the_last_try_is_the_end() {
    let state = |tries, unknown, failure: MailFailure| {
        claimed(tries, unknown).after(&failure, at(9), 9).state
    };
    let why = "why".to_owned();
    let refused = MailFailure::Refused(why.clone());
    assert_eq!(state(1, 1, refused), MailState::Abandoned);
    let not_sent = MailFailure::NotSent(why);
    assert_eq!(state(39, 1, not_sent.clone()), MailState::Pending);
    assert_eq!(state(40, 1, not_sent), MailState::Abandoned);
}

#[test]
fn what_may_have_gone_out_twice_is_not_tried_again() {
    let unknown = MailFailure::Unknown("no answer".to_owned());
    let first = claimed(1, 1).after(&unknown, at(9), 9);
    assert_eq!((first.state, first.unknown), (MailState::Pending, 1));
    let second = claimed(2, 2).after(&unknown, at(9), 9);
    assert_eq!((second.state, second.unknown), (MailState::Abandoned, 2));
    let not_sent = MailFailure::NotSent("451".to_owned());
    let certain = claimed(2, 2).after(&not_sent, at(9), 9);
    assert_eq!((certain.state, certain.unknown), (MailState::Pending, 1));
    // A count that is off does not turn over.
    assert_eq!(claimed(1, 0).after(&not_sent, at(9), 9).unknown, 0);
    assert_eq!(ClaimedMail::lease_until(at(0)), at(120));
    assert!(!claimed(2, 2).is_exhausted());
    assert!(claimed(3, 3).is_exhausted());
}

#[test]
fn what_is_kept_of_a_failure_is_one_line_that_every_store_can_keep() {
    let said = format!("451\r\n\0{}", "é".repeat(400));
    let next = claimed(1, 1).after(&MailFailure::NotSent(said), at(9), 9);
    let kept = next.last_error.expect("a reason");
    assert!(kept.starts_with("not sent: 451é"), "{kept}");
    assert_eq!(kept.chars().count(), LONGEST_ERROR);
}

#[test]
fn states_are_read_back_from_their_words() {
    for state in [MailState::Pending, MailState::Abandoned] {
        assert_eq!(MailState::parse_stored(state.as_str()), Some(state));
    }
    assert_eq!(MailState::parse_stored("sent"), None);
}
