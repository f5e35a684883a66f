//! Races that have one winner.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use std::future::Future;

use userhub_domain::{
    error::Identifier,
    users::{AuthVersion, SessionsAfter, User, Version},
};

use super::{
    StoreFactory,
    outcome::{code, taken, the_winner},
    steps::{Bench, a_reset_token, a_rotation, a_session, changed, hash, token_hash},
};
use crate::{UserBuilder, a_user};

/// Runs so many callers at once, by turns on two stores of one database.
pub(super) async fn race<T, F>(
    stores: &[Bench; 2],
    callers: usize,
    call: impl Fn(Bench, u64) -> F,
) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let running: Vec<_> = stores
        .iter()
        .cycle()
        .take(callers)
        .zip(0..)
        .map(|(store, number)| tokio::spawn(call(store.clone(), number)))
        .collect();
    let mut results = Vec::new();
    for caller in running {
        match caller.await {
            Ok(result) => results.push(result),
            // It has said why.
            Err(stopped) => std::panic::resume_unwind(stopped.into_panic()),
        }
    }
    results
}

fn count<T: PartialEq>(all: &[T], wanted: &T) -> usize {
    all.iter().filter(|one| *one == wanted).count()
}

pub async fn one_address_is_given_to_one_of_many(factory: &dyn StoreFactory) {
    let stores = Bench::open_two(factory).await;
    let results = race(&stores, 16, |store, _| async move {
        let user = UserBuilder::new().email("Wanted@example.org").build();
        store.try_insert(&user).await
    })
    .await;
    let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    for refused in lost {
        assert_eq!(taken(refused), [Identifier::Email]);
    }
    assert_eq!(won.len(), 1);
}

pub async fn a_name_goes_to_an_insert_or_to_an_update(factory: &dyn StoreFactory) {
    let stores = Bench::open_two(factory).await;
    let renamed: Vec<User> = (0..8).map(|_| a_user()).collect();
    stores[0].insert(&renamed).await;
    let results = race(&stores, 16, |store, number| {
        let wanted = UserBuilder::new().username("Wanted").build();
        let before = renamed.get(usize::try_from(number).unwrap()).cloned();
        async move {
            let Some(before) = before else {
                return store.try_insert(&wanted).await;
            };
            let after = changed(&before, |record| {
                record.username.clone_from(&wanted.username)
            });
            store
                .update(&after, before.version, SessionsAfter::Keep)
                .await
        }
    })
    .await;
    let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    for refused in lost {
        assert_eq!(taken(refused), [Identifier::Username]);
    }
    assert_eq!(won.len(), 1);
}

pub async fn one_of_many_updates_of_a_version_wins(factory: &dyn StoreFactory) {
    let stores = Bench::open_two(factory).await;
    let user = a_user();
    stores[0].insert([&user]).await;
    let results = race(&stores, 16, |store, _| {
        let after = changed(&user, |record| record.email_verified = true);
        async move {
            store
                .update(&after, Version::FIRST, SessionsAfter::Keep)
                .await
        }
    })
    .await;
    the_winner(results, "edit_conflict");
    assert_eq!(stores[1].user(user.id).await.version, Version(2));
}

pub async fn no_update_is_lost(factory: &dyn StoreFactory) {
    let stores = Bench::open_two(factory).await;
    let user = a_user();
    stores[0].insert([&user]).await;
    let id = user.id;
    let results = race(&stores, 8, |store, _| async move {
        for _ in 0..100 {
            let before = store.user(id).await;
            let after: User = changed(&before, |_| ());
            let updated = store.update(&after, before.version, SessionsAfter::End);
            match updated.await {
                Err(error) if error.is_stale() => {}
                done_or_failed => return done_or_failed,
            }
        }
        panic!("lost a hundred races");
    })
    .await;
    for result in results {
        assert_eq!(code(result), "done");
    }
    assert_eq!(stores[1].user(id).await.version, Version(9));
    assert_eq!(stores[1].credentials(id).await.auth_version, AuthVersion(9));
}

pub async fn one_of_many_new_passwords_wins(factory: &dyn StoreFactory) {
    let stores = Bench::open_two(factory).await;
    let user = a_user();
    stores[0].insert([&user]).await;
    let id = user.id;
    let word = |number| format!("of caller {number}");
    let results = race(&stores, 12, |store, number| async move {
        store
            .set_password(id, &word(number), AuthVersion::FIRST)
            .await
    })
    .await;
    let winner = the_winner(results, "edit_conflict");
    let found = stores[1].credentials(id).await;
    assert_eq!(
        found.password_hash,
        hash(&word(u64::try_from(winner).unwrap()))
    );
    assert_eq!(found.auth_version, AuthVersion(2));
}

pub async fn one_of_many_rotations_wins(factory: &dyn StoreFactory) {
    let stores = Bench::open_two(factory).await;
    let user = a_user();
    stores[0].insert([&user]).await;
    let session = a_session(&user, 1);
    stores[0].insert_sessions([&session]).await;
    let results = race(&stores, 20, |store, number| {
        let rotation = a_rotation(&session, 100 + number);
        async move { store.rotate(&rotation).await }
    })
    .await;
    assert_eq!(count(&results, &true), 1);
    let winner = results.iter().position(|won| *won).unwrap();
    let next = token_hash(100 + u64::try_from(winner).unwrap());
    let found = stores[1]
        .sessions()
        .find_by_refresh_token(token_hash(1))
        .await;
    let found = found.unwrap().unwrap();
    assert_eq!(found.principal.session.refresh_hash, next);
    assert!(found.spent.is_some());
}

pub async fn one_of_many_consumes_a_token(factory: &dyn StoreFactory) {
    let stores = Bench::open_two(factory).await;
    let user = a_user();
    stores[0].insert([&user]).await;
    stores[0].replace_token(&a_reset_token(&user, 1)).await;
    let results = race(&stores, 20, |store, _| async move {
        let unit = store.unit().await;
        let won = unit
            .handed_out_tokens()
            .consume(token_hash(1))
            .await
            .unwrap();
        unit.commit(&[]).await.unwrap();
        won
    })
    .await;
    assert_eq!(count(&results, &true), 1);
}

pub async fn one_of_many_purges_counts(factory: &dyn StoreFactory) {
    let stores = Bench::open_two(factory).await;
    let user = UserBuilder::new().deleted().build();
    stores[0].insert([&user]).await;
    let id = user.id;
    let results = race(&stores, 8, |store, _| async move { store.purge(id).await }).await;
    assert_eq!(count(&results, &true), 1);
    assert_eq!(stores[1].find(id).await, None);
}
