//! Finding people, and what happened to them.

use userhub_domain::{
    audit::{AuditQuery, EventKind},
    page::PageRequest,
    users::{Role, UserId, UserKey, UserQuery},
};
use userhub_testkit::{UserBuilder, a_user};
use uuid::Uuid;

use crate::fixture::{World, code, operator};

#[tokio::test]
async fn lists_hold_who_and_what_matches_and_count_on_demand() {
    let world = World::new();
    let admin = world.admin().await;
    let user = world.add(a_user()).await;
    world.add(UserBuilder::new().deleted().build()).await;
    world.sign_in(&user).await;
    let administration = &world.services.administration;
    let proof = admin.require_admin().unwrap();
    let request = PageRequest {
        count: true,
        ..PageRequest::default()
    };

    let all = administration
        .list(&proof, &UserQuery::default(), &request)
        .await
        .unwrap();
    assert_eq!((all.items.len(), all.total, all.next), (2, Some(2), None));
    let admins = UserQuery {
        role: Some(Role::Admin),
        ..UserQuery::default()
    };
    let admins = administration
        .list(&proof, &admins, &PageRequest::default())
        .await
        .unwrap();
    assert_eq!((admins.items.len(), admins.total), (1, None));
    assert_eq!(admins.items[0].id, admin.id());

    let query = AuditQuery {
        subject: Some(user.id),
        ..AuditQuery::default()
    };
    let events = administration
        .list_audit_events(&proof, &query, &request)
        .await
        .unwrap();
    let kinds: Vec<_> = events.items.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::SessionStarted]);
    // Looking leaves no trace.
    world.assert_wrote([]);
}

#[tokio::test]
async fn nobody_is_not_found() {
    let world = World::new();
    let nobody = UserKey::Id(UserId::from_uuid(Uuid::nil()));
    let refused = world
        .services
        .administration
        .get(&operator(), &nobody)
        .await;
    assert_eq!(code(refused), "user_not_found");
}
