//! What the account flows store, all of it together.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use chrono::TimeDelta;
use userhub_domain::{
    mail::{Attempt, Settlement},
    throttle::{AttemptKey, AttemptRule, Counted},
    users::{SessionsAfter, User},
};

use super::{
    StoreFactory,
    flow_steps::{a_challenge, a_code, a_factor, a_key, a_mail},
    steps::{Bench, later, token_hash},
};
use crate::a_user;

pub async fn a_dropped_unit_of_work_leaves_nothing_of_the_account_flows(
    factory: &dyn StoreFactory,
) {
    let store = Bench::open(factory).await;
    let [user, newcomer] = [a_user(), a_user()];
    store.insert([&user, &newcomer]).await;
    store.set_up_factor(&user, &[1, 2].map(a_code)).await;
    store.insert_key(&a_key(&user, 1)).await;
    store.add_mail(&a_mail(Some(&user), 1)).await;
    let before = (store.user(user.id).await, store.factor(user.id).await);
    let unit = store.unit().await;
    let email = newcomer.email.clone().unwrap();
    let verified = unit.users().verify_email(newcomer.id, &email, later(60));
    assert!(verified.await.unwrap());
    let challenge = a_challenge(&user, 2);
    let added = unit.handed_out_tokens().add_challenge(&challenge).await;
    added.unwrap();
    let factors = unit.second_factors();
    let factor = a_factor(&newcomer, 3);
    assert!(factors.enrol(&factor).await.unwrap());
    let confirmed = factors.confirm(newcomer.id, &factor.seed, 5, later(60));
    assert!(confirmed.await.unwrap());
    assert!(factors.spend_step(user.id, 500).await.unwrap());
    assert!(
        factors
            .use_recovery_code(user.id, &a_code(1))
            .await
            .unwrap()
    );
    let keys = unit.api_keys();
    keys.insert(&a_key(&user, 4)).await.unwrap();
    assert!(keys.revoke(a_key(&user, 1).id, user.id).await.unwrap());
    let outbox = unit.outbox();
    outbox.add(&a_mail(Some(&user), 5)).await.unwrap();
    let claimed = outbox.claim(later(60), later(160), 9).await.unwrap();
    assert_eq!(claimed.len(), 2, "verbs see each other");
    drop(unit);
    assert_eq!(store.user(newcomer.id).await, newcomer);
    assert_eq!(store.factor(newcomer.id).await, None);
    assert_eq!(store.find_challenge(2).await, None);
    let after = (store.user(user.id).await, store.factor(user.id).await);
    assert_eq!(after, before);
    assert_eq!(store.count_codes(user.id).await, 2);
    assert_eq!(store.keys(user.id).await, [a_key(&user, 1)]);
    assert!(store.holder(token_hash(1)).await.is_some());
    assert_eq!(store.holder(token_hash(4)).await, None);
    let mail = a_mail(Some(&user), 1);
    let first = Attempt::first(mail.created_at);
    assert_eq!(store.mails().await, [(mail, first)]);
    no_attempt_is_counted_by_a_dropped_unit_of_work(&store).await;
}

async fn no_attempt_is_counted_by_a_dropped_unit_of_work(store: &Bench) {
    let rule = AttemptRule {
        free: 2,
        first_delay: TimeDelta::seconds(10),
        longest_delay: TimeDelta::seconds(60),
        forgotten_after: TimeDelta::seconds(300),
    };
    let key = AttemptKey::new("password", "ann");
    for expected in [1, 2] {
        let unit = store.unit().await;
        let counted = unit.attempts().count(key, &rule, later(0)).await;
        assert_eq!(counted.unwrap(), Counted::Allowed(expected));
        drop(unit);
        let counted = store.count_attempt(key, &rule, later(0)).await;
        assert_eq!(counted, Counted::Allowed(expected));
    }
    let unit = store.unit().await;
    unit.attempts().forget(key).await.unwrap();
    drop(unit);
    let blocked = store.count_attempt(key, &rule, later(0)).await;
    assert_eq!(blocked, Counted::Blocked(later(10)));
}

/// Everything that the account flows can have of a user, by number.
async fn fill(store: &Bench, user: &User, number: u8) {
    let codes = [number, number + 1].map(a_code);
    store.set_up_factor(user, &codes).await;
    let first = u64::from(number);
    for number in [first, first + 1] {
        store.insert_key(&a_key(user, number)).await;
        store.add_mail(&a_mail(Some(user), number)).await;
    }
    store.add_challenge(&a_challenge(user, first)).await;
    store.add_challenge(&a_challenge(user, first + 1)).await;
}

pub async fn a_purge_takes_everything_else_along(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let [gone, other] = [a_user(), a_user()];
    store.insert([&gone, &other]).await;
    fill(&store, &gone, 10).await;
    fill(&store, &other, 20).await;
    store.add_mail(&a_mail(None, 30)).await;
    // One of those that go was given up.
    let claimed = store.claim(10, 1).await;
    let abandoned = Attempt {
        state: userhub_domain::mail::MailState::Abandoned,
        ..claimed[0].attempt.clone()
    };
    let kept = Settlement::Keep(abandoned);
    assert!(store.settle(&claimed[0], &kept).await);
    let mut deleted = store.user(gone.id).await;
    let version = deleted.version;
    deleted.delete(later(60));
    let done = store.update(&deleted, version, SessionsAfter::End).await;
    done.unwrap();
    assert!(store.purge(gone.id).await);
    assert_eq!(store.factor(gone.id).await, None);
    assert_eq!(store.count_codes(gone.id).await, 0);
    assert!(!store.use_code(gone.id, &a_code(10)).await);
    assert_eq!(store.keys(gone.id).await, []);
    for number in [10, 11] {
        assert_eq!(store.holder(token_hash(number)).await, None);
        assert_eq!(store.find_challenge(number).await, None);
    }
    let left: Vec<_> = store.mails().await.into_iter().map(|one| one.0).collect();
    let [first, second] = [20, 21].map(|number| a_mail(Some(&other), number));
    assert_eq!(left, [first, second, a_mail(None, 30)]);
    assert!(store.factor(other.id).await.is_some());
    assert_eq!(store.count_codes(other.id).await, 2);
    assert_eq!(store.keys(other.id).await.len(), 2);
    for number in [20, 21] {
        assert!(store.holder(token_hash(number)).await.is_some());
        assert!(store.find_challenge(number).await.is_some());
    }
}
