use chrono::TimeDelta;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        bytes.fill(0);
        Ok(())
    }
}

fn event() -> AuditEvent {
    let at = Timestamp::UNIX_EPOCH;
    let kind = EventKind::UserUpdated;
    AuditEvent::new(at, &Zeros, kind, &Actor::Anonymous, &Origin::default()).expect("made")
}

#[test]
fn every_kind_is_read_back_from_its_own_word() {
    let words: std::collections::BTreeSet<_> =
        EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(words.len(), EventKind::ALL.len());
    for kind in EventKind::ALL {
        assert_eq!(EventKind::parse(kind.as_str()), Ok(*kind));
    }
    for bad in ["", "user", "User.Updated", "user.updated ", "user.exploded"] {
        assert!(EventKind::parse(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn every_actor_is_read_back_from_its_text() {
    let id = UserId::from_uuid(Uuid::from_u128(1));
    for actor in [
        Actor::Anonymous,
        Actor::User(id),
        Actor::operator("nightly-import"),
        Actor::operator("two words"),
    ] {
        assert_eq!(Actor::parse(actor.to_text().as_deref()), Ok(actor));
    }
    for bad in ["", "operator:", "operator: ", "operator:a\0b", "alice"] {
        assert!(Actor::parse(Some(bad)).is_err(), "{bad:?}");
    }
}

proptest! {
    #[test]
    fn whatever_an_operator_is_called_is_read_back(name in any::<String>()) {
        let actor = Actor::operator(&name);
        prop_assert_eq!(Actor::parse(actor.to_text().as_deref()), Ok(actor));
    }
}

#[test]
fn a_long_name_of_an_operator_is_cut() {
    let Actor::Operator(name) = Actor::operator(&format!("{} x", "\u{e9}".repeat(99))) else {
        panic!("not an operator");
    };
    assert_eq!(name, "\u{e9}".repeat(99));
}

#[test]
fn a_user_agent_is_kept_short_and_visible() {
    assert_eq!(Origin::user_agent("curl/8\0\n").as_deref(), Some("curl/8"));
    assert_eq!(Origin::user_agent("\u{202e}"), None);
    let long = Origin::user_agent(&"x".repeat(1000)).expect("kept");
    assert_eq!(long.len(), 255);
}

#[test]
fn an_event_names_members_subject_and_session() {
    let (user, session) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let event = event()
        .about(UserId::from_uuid(user))
        .in_session(SessionId::from_uuid(session))
        .naming(["email", "role"]);
    assert_eq!(event.subject.map(UserId::as_uuid), Some(user));
    assert_eq!(event.session_id.map(SessionId::as_uuid), Some(session));
    assert_eq!(event.fields, ["email", "role"]);
}

#[test]
fn a_query_finds_what_matches_in_every_respect() {
    let event = event().about(UserId::from_uuid(Uuid::from_u128(1)));
    let later = event.at + TimeDelta::microseconds(1);
    let all = AuditQuery::default();
    let finding = [
        all.clone(),
        AuditQuery {
            actor: Some(Actor::Anonymous),
            ..all.clone()
        },
        AuditQuery {
            subject: event.subject,
            ..all.clone()
        },
        AuditQuery {
            kind: Some(event.kind),
            ..all.clone()
        },
        AuditQuery {
            from: Some(event.at),
            to: Some(later),
            ..all.clone()
        },
    ];
    let missing = [
        AuditQuery {
            actor: Some(Actor::operator("x")),
            ..all.clone()
        },
        AuditQuery {
            subject: Some(UserId::from_uuid(Uuid::nil())),
            ..all.clone()
        },
        AuditQuery {
            kind: Some(EventKind::UserPurged),
            ..all.clone()
        },
        AuditQuery {
            from: Some(later),
            ..all.clone()
        },
        AuditQuery {
            to: Some(event.at),
            ..all.clone()
        },
    ];
    assert!(finding.iter().all(|query| query.matches(&event)));
    assert!(!missing.iter().any(|query| query.matches(&event)));
}

#[test]
fn a_cursor_is_read_back_by_its_own_list_alone() {
    let query = AuditQuery {
        kind: Some(EventKind::UserPurged),
        ..AuditQuery::default()
    };
    let cursor = query.cursor_after(&event());
    assert_eq!(query.parse_cursor(&cursor.encode()), Ok(cursor.clone()));
    assert!(
        AuditQuery::default()
            .parse_cursor(&cursor.encode())
            .is_err()
    );
    // A key of another kind, under this very fingerprint.
    let key = SortKey::Text(Some("x".to_owned()));
    let forged = Cursor::after(query.fingerprint(), key, cursor.id);
    assert!(query.parse_cursor(&forged.encode()).is_err());
}
