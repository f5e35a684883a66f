//! Audit events: what is kept of them, and their list.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use chrono::TimeDelta;
use userhub_domain::{
    audit::{Actor, AuditEvent, AuditEventId, AuditQuery, EventKind, Origin},
    page::{PageRequest, PageStart},
    sessions::SessionId,
    users::UserId,
};
use uuid::Uuid;

use super::{
    StoreFactory,
    steps::{Bench, an_event, an_origin, first, later, start},
};
use crate::{SeededEntropy, a_user};

fn user_id(number: u64) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number.into()))
}

async fn walk(store: &Bench, query: &AuditQuery, limit: i64) -> Vec<AuditEvent> {
    let mut request = first(limit);
    let mut all = Vec::new();
    loop {
        let page = store.audit().list(query, &request).await.unwrap();
        all.extend(page.items);
        assert!(all.len() <= 1000, "the cursors lead in a circle");
        let Some(next) = page.next else { return all };
        let next = query.parse_cursor(&next.encode()).unwrap();
        request.start = PageStart::After(next);
    }
}

fn newest_first(events: &[AuditEvent], query: &AuditQuery) -> Vec<AuditEvent> {
    let mut wanted: Vec<_> = events
        .iter()
        .filter(|one| query.matches(one))
        .cloned()
        .collect();
    wanted.sort_by_key(|event| std::cmp::Reverse((event.at, event.id)));
    wanted
}

/// Events whose times repeat, by few actors, about few users.
fn many_events() -> Vec<AuditEvent> {
    let chance = SeededEntropy::new(3);
    let actors = [
        Actor::Anonymous,
        Actor::User(user_id(1)),
        Actor::User(user_id(2)),
        Actor::Operator("nightly import".to_owned()),
        Actor::Operator("cli".to_owned()),
    ];
    let index = |end| usize::try_from(chance.below(end)).unwrap();
    (0..150)
        .map(|_| AuditEvent {
            id: AuditEventId::from_uuid(Uuid::from_u128(u128::from(chance.below(u64::MAX)) << 64)),
            at: later(i64::try_from(chance.below(10)).unwrap())
                + TimeDelta::microseconds([0, 500_000, 123_456][index(3)]),
            kind: EventKind::ALL[index(4)],
            actor: actors[index(5)].clone(),
            subject: [None, Some(user_id(1)), Some(user_id(2))][index(3)],
            session_id: None,
            origin: Origin::default(),
            fields: Vec::new(),
        })
        .collect()
}

pub async fn every_kind_of_event_survives_a_round_trip(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let entropy = SeededEntropy::new(1);
    let user = a_user();
    store.insert([&user]).await;
    let events: Vec<AuditEvent> = EventKind::ALL
        .iter()
        .zip(0..)
        .map(|(kind, seconds)| AuditEvent {
            kind: *kind,
            ..an_event(&entropy, user.id, later(-seconds))
        })
        .collect();
    store.record(&events).await;
    assert_eq!(store.events().await, events);
}

pub async fn every_member_of_an_event_survives_a_round_trip(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let entropy = SeededEntropy::new(1);
    let full = AuditEvent {
        at: later(9) + TimeDelta::microseconds(123_456),
        actor: Actor::Operator("Nachtlauf 2: 'ü' \"\u{1f980}\"".to_owned()),
        session_id: Some(SessionId::from_uuid(Uuid::from_u128(5))),
        origin: Origin {
            address: "2001:db8::1".parse().ok(),
            user_agent: Some("\u{1f980}".repeat(255)),
            request_id: Some("0190-abc".to_owned()),
        },
        fields: ["email", "metadata", "is_active"]
            .map(str::to_owned)
            .to_vec(),
        ..an_event(&entropy, user_id(404), start())
    };
    let bare = AuditEvent {
        actor: Actor::Anonymous,
        subject: None,
        origin: Origin::default(),
        fields: Vec::new(),
        ..an_event(&entropy, user_id(404), start())
    };
    store.record(&[full.clone(), bare.clone()]).await;
    assert_eq!(store.events().await, [full, bare]);
}

pub async fn events_are_listed_newest_first(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let events = many_events();
    store.record(&events).await;
    let query = AuditQuery::default();
    let wanted = newest_first(&events, &query);
    for limit in [7, 100] {
        assert_eq!(walk(&store, &query, limit).await, wanted);
    }
    let request = PageRequest {
        start: PageStart::Offset(145),
        count: true,
        ..first(10)
    };
    let page = store.audit().list(&query, &request).await.unwrap();
    assert_eq!(page.items, wanted[145..]);
    assert_eq!((page.next, page.total), (None, Some(150)));
}

pub async fn every_filter_of_events_agrees_with_the_domain(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let events = many_events();
    store.record(&events).await;
    let any = AuditQuery::default;
    for query in [
        AuditQuery {
            actor: Some(Actor::Anonymous),
            ..any()
        },
        AuditQuery {
            actor: Some(Actor::User(user_id(1))),
            ..any()
        },
        AuditQuery {
            actor: Some(Actor::Operator("cli".to_owned())),
            ..any()
        },
        AuditQuery {
            subject: Some(user_id(2)),
            ..any()
        },
        AuditQuery {
            kind: Some(EventKind::ALL[2]),
            ..any()
        },
        AuditQuery {
            from: Some(later(5)),
            ..any()
        },
        AuditQuery {
            to: Some(later(5)),
            ..any()
        },
        AuditQuery {
            actor: Some(Actor::User(user_id(1))),
            subject: Some(user_id(1)),
            from: Some(later(2)),
            to: Some(later(9)),
            ..any()
        },
    ] {
        let wanted = newest_first(&events, &query);
        assert!(!wanted.is_empty(), "{query:?}");
        assert_eq!(walk(&store, &query, 9).await, wanted, "{query:?}");
        let counting = PageRequest {
            count: true,
            ..first(1)
        };
        let page = store.audit().list(&query, &counting).await.unwrap();
        assert_eq!(page.total, u64::try_from(wanted.len()).ok());
    }
    let nobody = AuditQuery {
        subject: Some(user_id(9)),
        ..any()
    };
    assert_eq!(walk(&store, &nobody, 10).await, []);
}

pub async fn cursors_of_events_hold_while_events_come(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let entropy = SeededEntropy::new(1);
    let at = |seconds| AuditEvent {
        origin: an_origin(),
        ..an_event(&entropy, user_id(1), later(seconds))
    };
    let [old, mid, new] = [at(1), at(2), at(3)];
    store.record(&[old.clone(), mid.clone(), new.clone()]).await;
    let query = AuditQuery::default();
    let page = store.audit().list(&query, &first(2)).await.unwrap();
    assert_eq!(page.items, [new, mid]);
    store.record(&[at(4)]).await;
    let request = PageRequest {
        start: PageStart::After(page.next.unwrap()),
        ..first(2)
    };
    let page = store.audit().list(&query, &request).await.unwrap();
    assert_eq!(page.items, [old]);
}
