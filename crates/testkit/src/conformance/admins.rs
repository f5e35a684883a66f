//! The last administrator cannot be taken away.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use userhub_domain::users::{AuthVersion, Role, SessionsAfter, User};

use super::{
    StoreFactory,
    outcome::{Outcome, code},
    steps::{Bench, changed, later},
};
use crate::{UserBuilder, a_user, an_admin};

fn demoted(user: &User) -> User {
    changed(user, |record| record.role = Role::User)
}

pub async fn the_last_administrator_stays(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let last = an_admin();
    let suspended = UserBuilder::new().admin().suspended().build();
    let deleted = UserBuilder::new().admin().deleted().build();
    store.insert([&last, &suspended, &deleted, &a_user()]).await;
    let mut gone = last.clone();
    gone.delete(later(60));
    let away = changed(&last, |record| record.suspended = true);
    for without in [demoted(&last), gone, away] {
        let refused = store.update_keeping_an_admin(&without).await;
        assert_eq!(code(refused), "last_admin");
    }
    assert_eq!(store.user(last.id).await, last);
    assert_eq!(
        store.credentials(last.id).await.auth_version,
        AuthVersion::FIRST
    );
}

pub async fn one_of_two_administrators_can_go(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let [first, second] = [an_admin(), an_admin()];
    store.insert([&first, &second]).await;
    let without = demoted(&first);
    store.update_keeping_an_admin(&without).await.unwrap();
    assert_eq!(store.user(first.id).await, without);
    assert_eq!(
        store.credentials(first.id).await.auth_version,
        AuthVersion(2)
    );
    let refused = store.update_keeping_an_admin(&demoted(&second)).await;
    assert_eq!(code(refused), "last_admin");
}

pub async fn taking_an_administrator_away_needs_the_current_version(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let [first, second] = [an_admin(), an_admin()];
    store.insert([&first, &second]).await;
    let after = changed(&first, |record| record.email_verified = true);
    store
        .update(&after, first.version, SessionsAfter::Keep)
        .await
        .unwrap();
    let refused = store.update_keeping_an_admin(&demoted(&first)).await;
    assert_eq!(code(refused), "edit_conflict");
    assert_eq!(store.user(first.id).await, after);
    // Also of the last one: whoever is overtaken has to look again.
    let without = demoted(&second);
    store.update_keeping_an_admin(&without).await.unwrap();
    let refused = store.update_keeping_an_admin(&demoted(&first)).await;
    assert_eq!(code(refused), "edit_conflict");
}

pub async fn after_the_last_administrator_a_unit_of_work_is_finished(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let last = an_admin();
    let user = a_user();
    store.insert([&last, &user]).await;
    let unit = store.unit().await;
    unit.users().record_login(user.id, later(60)).await.unwrap();
    let refused = unit
        .users()
        .update_keeping_an_admin(&demoted(&last), last.version, SessionsAfter::End)
        .await;
    assert_eq!(code(refused), "last_admin");
    assert!(unit.users().end_all_sessions(user.id).await.is_err());
    assert!(unit.commit(&[]).await.is_err());
    assert_eq!(store.user(user.id).await, user);
    assert_eq!(store.user(last.id).await, last);
}

pub async fn two_administrators_cannot_demote_each_other(factory: &dyn StoreFactory) {
    let [one, other] = Bench::open_two(factory).await;
    let mut admins = [an_admin(), an_admin()];
    one.insert(&admins).await;
    for round in 0..10 {
        let without = admins.each_ref().map(demoted);
        let running = [
            in_background(&one, &without[1]),
            in_background(&other, &without[0]),
        ];
        let mut codes = Vec::new();
        for change in running {
            codes.push(change.await.unwrap());
        }
        codes.sort_unstable_by_key(Outcome::code);
        assert_eq!(codes, ["done", "last_admin"], "round {round}");
        for admin in &mut admins {
            *admin = one.user(admin.id).await;
        }
        let left = admins.iter().filter(|user| user.is_working_admin()).count();
        assert_eq!(left, 1, "round {round}");
        for admin in &mut admins {
            let again = changed(admin, |record| record.role = Role::Admin);
            one.update(&again, admin.version, SessionsAfter::Keep)
                .await
                .unwrap();
            *admin = again;
        }
    }
}

fn in_background(store: &Bench, user: &User) -> tokio::task::JoinHandle<Outcome> {
    let (store, user) = (store.clone(), user.clone());
    tokio::spawn(async move { code(store.update_keeping_an_admin(&user).await) })
}
