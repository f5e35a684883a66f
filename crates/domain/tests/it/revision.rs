//! Changes of one user at the same time.

use std::sync::atomic::{AtomicU32, Ordering};

use userhub_domain::{
    Result,
    accounts::UpdateUserCommand,
    caller::SignedIn,
    ports::Services,
    store::Store,
    users::{Change, SessionsAfter, User, UserId, UserRecord, Version},
};
use userhub_testkit::{MemoryStore, a_user};

use crate::{
    fixture::{World, code, operator, origin},
    interruption::{Interruption, meanwhile},
    update::{input, set},
};

/// Somebody else gives the user another last name.
fn rename_meanwhile(store: &MemoryStore, id: UserId) -> Interruption {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let store = store.clone();
    meanwhile(move || {
        let store = store.clone();
        async move {
            let user = crate::fixture::stored(&store, id).await;
            let name = format!("Name {}", COUNT.fetch_add(1, Ordering::Relaxed));
            let next = User::from_record(UserRecord {
                last_name: userhub_domain::users::PersonName::parse(&name).ok(),
                version: user.version.next(),
                ..user.record().clone()
            });
            let unit = store.begin().await.unwrap();
            unit.users()
                .update(&next, user.version, SessionsAfter::Keep)
                .await
                .unwrap();
            unit.commit(&[]).await.unwrap();
        }
    })
}

async fn set_first_name(
    services: &Services,
    caller: &SignedIn,
    which: (UserId, Option<Version>),
) -> Result<User> {
    let accounts = &services.accounts;
    let sent = input(|input| input.profile.first_name = set("Ann"));
    let command = UpdateUserCommand::parse(sent, accounts.rules(), caller).unwrap();
    accounts.update(caller, &origin(), which, &command).await
}

#[tokio::test]
async fn who_is_overtaken_twice_reads_again_and_both_changes_stand() {
    let world = World::new();
    let admin = world.admin().await;
    let user = world.add(a_user()).await;
    let services = world.interrupted(2, rename_meanwhile(&world.store, user.id));
    let changed = set_first_name(&services, &admin, (user.id, None))
        .await
        .unwrap();
    assert_eq!(changed.first_name.as_ref().unwrap().as_str(), "Ann");
    assert!(changed.last_name.is_some());
    assert_eq!(changed.version.0, user.version.0 + 3);
    assert_eq!(world.user(user.id).await, changed);
    assert_eq!(world.new_events().len(), 1);
}

#[tokio::test]
async fn who_is_overtaken_three_times_gives_up() {
    let world = World::new();
    let admin = world.admin().await;
    let user = world.add(a_user()).await;
    let services = world.interrupted(3, rename_meanwhile(&world.store, user.id));
    let refused = set_first_name(&services, &admin, (user.id, None)).await;
    assert_eq!(code(refused), "edit_conflict");
    let stored = world.user(user.id).await;
    assert_eq!(
        (&stored.first_name, stored.version.0),
        (&None, user.version.0 + 3)
    );
    world.assert_wrote([]);
}

#[tokio::test]
async fn who_demands_a_version_is_told_when_overtaken() {
    let world = World::new();
    let admin = world.admin().await;
    let user = world.add(a_user()).await;
    let services = world.interrupted(1, rename_meanwhile(&world.store, user.id));
    let refused = set_first_name(&services, &admin, (user.id, Some(user.version))).await;
    assert_eq!(code(refused), "version_mismatch");
    assert_eq!(world.user(user.id).await.first_name, None);
    world.assert_wrote([]);
}

#[tokio::test]
async fn a_deletion_and_a_restoration_read_again_too() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let services = world.interrupted(2, rename_meanwhile(&world.store, user.id));
    let administration = &services.administration;
    administration
        .delete(&operator(), &origin(), user.id)
        .await
        .unwrap();
    let services = world.interrupted(2, rename_meanwhile(&world.store, user.id));
    services
        .administration
        .restore(&operator(), &origin(), user.id)
        .await
        .unwrap();
    let services = world.interrupted(3, rename_meanwhile(&world.store, user.id));
    let refused = services
        .administration
        .delete(&operator(), &origin(), user.id)
        .await;
    assert_eq!(code(refused), "edit_conflict");
}

#[tokio::test]
async fn who_reads_again_finds_what_was_deleted_meanwhile() {
    let world = World::new();
    let admin = world.admin().await;
    let user = world.add(a_user()).await.id;
    let other = world.clone();
    let services = world.interrupted(
        1,
        meanwhile(move || {
            let world = other.clone();
            async move {
                let administration = &world.services.administration;
                administration
                    .delete(&operator(), &origin(), user)
                    .await
                    .unwrap();
            }
        }),
    );
    let refused = set_first_name(&services, &admin, (user, None)).await;
    assert_eq!(code(refused), "user_deleted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn patches_of_different_keys_at_once_lose_nothing() {
    let world = World::new();
    let admin = world.admin().await;
    let user = world.add(a_user()).await.id;
    let mut running = tokio::task::JoinSet::new();
    for number in 0..8 {
        let (world, admin) = (world.clone(), admin.clone());
        running.spawn(async move {
            let patch = [(format!("key-{number}"), Some(String::new()))].into();
            let sent = input(|input| input.metadata = Change::Set(patch));
            crate::update::update(&world, &admin, user, sent).await
        });
    }
    let answers = running.join_all().await;
    let done = answers.iter().filter(|answer| answer.is_ok()).count();
    assert!(
        answers
            .into_iter()
            .filter_map(Result::err)
            .all(|error| error.is_stale())
    );
    let stored = world.user(user).await;
    assert_eq!(stored.metadata.entries().len(), done);
    assert_eq!(world.new_events().len(), done);
}
