//! The outbox: what is to be sent, and who is sending it.

#![expect(missing_docs, reason = "the name of a check says what it checks")]

use std::collections::BTreeSet;

use chrono::TimeDelta;
use userhub_domain::{
    audit::Origin,
    mail::{Attempt, ClaimedMail, Mail, MailCounts, MailId, MailKind, MailState, Settlement},
    users::{AuthVersion, SessionsAfter},
};

use super::{
    StoreFactory,
    concurrency::race,
    flow_steps::{a_mail, address},
    outcome::code,
    steps::{Bench, hash, later, start},
};
use crate::a_user;

/// Mails without a user, each a second younger than the one before.
async fn add_mails(store: &Bench, number: u64) -> Vec<Mail> {
    let mails: Vec<Mail> = (0..number).map(|number| a_mail(None, number)).collect();
    for mail in &mails {
        store.add_mail(mail).await;
    }
    mails
}

fn ids(claimed: &[ClaimedMail]) -> BTreeSet<MailId> {
    claimed.iter().map(|one| one.mail.id).collect()
}

/// Claims one mail and settles it so.
async fn claim_and_keep(store: &Bench, seconds: i64, attempt: Attempt) -> MailId {
    let claimed = store.claim(seconds, 1).await;
    let id = claimed[0].mail.id;
    let kept = Settlement::Keep(attempt);
    assert!(store.settle(&claimed[0], &kept).await);
    id
}

fn abandoned() -> Attempt {
    Attempt {
        state: MailState::Abandoned,
        tries: 40,
        unknown: 1,
        due_at: start(),
        last_error: Some("refused: 550 \u{1f980} 'no'".to_owned()),
    }
}

fn due(seconds: i64) -> Attempt {
    Attempt {
        tries: 1,
        ..Attempt::first(later(seconds))
    }
}

pub async fn a_mail_survives_a_round_trip(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let user = a_user();
    store.insert([&user]).await;
    let mut mails = Vec::new();
    for (number, kind) in (0..).zip(MailKind::ALL) {
        let full = Mail {
            kind: *kind,
            auth_version: Some(AuthVersion(i64::MAX)),
            other_address: Some(address("O'ther%_@EXAMPLE.org")),
            created_at: later(number) + TimeDelta::microseconds(123_457),
            ..a_mail(Some(&user), 2 * u64::try_from(number).unwrap())
        };
        let bare = Mail {
            kind: *kind,
            created_at: later(number) + TimeDelta::microseconds(999_999),
            origin: Origin::default(),
            ..a_mail(None, 2 * u64::try_from(number).unwrap() + 1)
        };
        mails.extend([full, bare]);
    }
    for mail in &mails {
        store.add_mail(mail).await;
    }
    let first = |mail: &Mail| (mail.clone(), Attempt::first(mail.created_at));
    let expected: Vec<_> = mails.iter().map(first).collect();
    assert_eq!(store.mails().await, expected);
    let mut claimed = store.claim(3600, 100).await;
    claimed.sort_by_key(|one| one.mail.id);
    let found: Vec<Mail> = claimed.iter().map(|one| one.mail.clone()).collect();
    assert_eq!(found, mails);
    let attempt = Attempt {
        due_at: later(5) + TimeDelta::microseconds(1),
        unknown: 2,
        ..abandoned()
    };
    let kept = Settlement::Keep(attempt.clone());
    assert!(store.settle(&claimed[0], &kept).await);
    let found = store.list_mails(Some(MailState::Abandoned), 100).await;
    assert_eq!(found, [(mails[0].clone(), attempt)]);
}

pub async fn a_mail_is_stored_with_the_write_that_causes_it(factory: &dyn StoreFactory) {
    let [store, other] = Bench::open_two(factory).await;
    let [user, nobody, late] = [a_user(), a_user(), a_user()];
    let mail = a_mail(Some(&user), 1);
    let unit = store.unit().await;
    unit.users().insert(&user, &hash("first")).await.unwrap();
    unit.outbox().add(&mail).await.unwrap();
    for reader in [&store, &other] {
        assert_eq!(reader.mails().await, []);
        assert!(!reader.has_due(60).await);
    }
    unit.commit(&[]).await.unwrap();
    for reader in [&store, &other] {
        assert_eq!(reader.mails().await.len(), 1);
        assert!(reader.has_due(60).await);
    }
    let unit = store.unit().await;
    unit.users().insert(&nobody, &hash("first")).await.unwrap();
    let lost = a_mail(Some(&nobody), 2);
    unit.outbox().add(&lost).await.unwrap();
    drop(unit);
    let unit = store.unit().await;
    unit.outbox().add(&a_mail(None, 3)).await.unwrap();
    let refused = unit
        .users()
        .update(&late, late.version, SessionsAfter::Keep)
        .await;
    assert_eq!(code(refused), "edit_conflict");
    assert!(unit.outbox().add(&a_mail(None, 4)).await.is_err());
    assert!(unit.commit(&[]).await.is_err());
    assert_eq!(store.mails().await.len(), 1);
}

pub async fn mails_are_listed_oldest_first(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let at = |number: u64, seconds| Mail {
        created_at: later(seconds),
        ..a_mail(None, number)
    };
    // The last two are of one moment: the id breaks the tie.
    let [third, first, fourth, second] = [at(2, 9), at(5, 1), at(3, 9), at(1, 5)];
    for mail in [&third, &first, &fourth, &second] {
        store.add_mail(mail).await;
    }
    let list = async |state, limit| {
        let mails = store.list_mails(state, limit).await.into_iter();
        mails.map(|(mail, _)| mail.id).collect::<Vec<_>>()
    };
    let [first, second, third, fourth] = [first.id, second.id, third.id, fourth.id];
    assert_eq!(list(None, 100).await, [first, second, third, fourth]);
    assert_eq!(list(None, 3).await, [first, second, third]);
    assert_eq!(claim_and_keep(&store, 1, abandoned()).await, first);
    assert_eq!(claim_and_keep(&store, 5, abandoned()).await, second);
    let only = MailState::Abandoned;
    assert_eq!(list(Some(only), 100).await, [first, second]);
    assert_eq!(list(Some(only), 1).await, [first]);
    assert_eq!(list(Some(MailState::Pending), 9).await, [third, fourth]);
    assert_eq!(list(None, 100).await, [first, second, third, fourth]);
}

pub async fn mails_are_counted_by_state(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    assert_eq!(store.count_mails().await, MailCounts::default());
    add_mails(&store, 5).await;
    for _ in 0..2 {
        claim_and_keep(&store, 60, abandoned()).await;
    }
    // One is claimed: it is still to be sent.
    store.claim(60, 1).await;
    let expected = MailCounts {
        pending: 3,
        abandoned: 2,
    };
    assert_eq!(store.count_mails().await, expected);
}

pub async fn a_mail_is_due_when_it_can_be_claimed(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    assert!(!store.has_due(60).await);
    let mails = add_mails(&store, 1).await;
    let is_due = async |seconds, expected: bool| {
        assert_eq!(store.has_due(seconds).await, expected, "at {seconds}");
        if !expected {
            assert_eq!(store.claim(seconds, 9).await, [], "at {seconds}");
        }
    };
    is_due(-1, false).await;
    is_due(0, true).await;
    assert_eq!(claim_and_keep(&store, 0, due(500)).await, mails[0].id);
    is_due(499, false).await;
    is_due(500, true).await;
    // A claim makes it due again where it ends.
    assert_eq!(store.claim(500, 9).await.len(), 1);
    is_due(500, false).await;
    is_due(599, false).await;
    is_due(600, true).await;
    claim_and_keep(&store, 600, abandoned()).await;
    is_due(100_000, false).await;
}

pub async fn those_that_wait_longest_are_claimed_first(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let mails = add_mails(&store, 5).await;
    let [last, first, second, third, fourth] = [0, 1, 2, 3, 4].map(|place: usize| mails[place].id);
    // The oldest one was tried before, and is the last in the queue.
    assert_eq!(claim_and_keep(&store, 0, due(50)).await, last);
    let claimed = store.claim(100, 2).await;
    assert_eq!(ids(&claimed), BTreeSet::from([first, second]));
    let claimed = store.claim(100, 2).await;
    assert_eq!(ids(&claimed), BTreeSet::from([third, fourth]));
    let claimed = store.claim(100, 2).await;
    assert_eq!(ids(&claimed), BTreeSet::from([last]));
}

pub async fn a_claim_holds_until_its_lease_is_over(factory: &dyn StoreFactory) {
    let [store, other] = Bench::open_two(factory).await;
    let mails = add_mails(&store, 1).await;
    let claimed = |tries, seconds| ClaimedMail {
        mail: mails[0].clone(),
        attempt: Attempt {
            tries,
            unknown: tries,
            ..Attempt::first(later(seconds))
        },
    };
    assert_eq!(store.claim(0, 9).await, [claimed(1, 100)]);
    // It counts although nobody has settled it, and for everybody.
    for reader in [&store, &other] {
        assert_eq!(
            reader.attempt(mails[0].id).await,
            claimed(1, 100).attempt,
            "a claim counts while it is under way"
        );
        assert_eq!(reader.claim(99, 9).await, []);
    }
    assert_eq!(other.claim(100, 9).await, [claimed(2, 200)]);
    assert_eq!(store.claim(150, 9).await, []);
    assert_eq!(store.claim(201, 9).await, [claimed(3, 301)]);
}

pub async fn a_claim_is_settled_as_told(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let mails = add_mails(&store, 3).await;
    let mut claimed = store.claim(60, 9).await;
    assert_eq!(claimed.len(), 3);
    claimed.sort_by_key(|one| one.mail.id);
    let [failed, waiting] = [1, 2].map(|place: usize| mails[place].id);
    assert!(store.settle(&claimed[0], &Settlement::Remove).await);
    assert!(!store.settle(&claimed[0], &Settlement::Remove).await);
    let next = Attempt {
        last_error: Some("not sent: 451".to_owned()),
        ..due(500)
    };
    let kept = Settlement::Keep(next.clone());
    assert!(store.settle(&claimed[1], &kept).await);
    let left: Vec<_> = store.mails().await;
    assert_eq!(left[0], (mails[1].clone(), next.clone()));
    assert_eq!((left.len(), left[1].0.id), (2, waiting));
    let untouched = Attempt {
        tries: 1,
        unknown: 1,
        ..Attempt::first(later(160))
    };
    assert_eq!(left[1].1, untouched);
    let claimed = store.claim(500, 9).await;
    assert_eq!(ids(&claimed), BTreeSet::from([failed, waiting]));
    // Why the last try failed is known while the next is under way.
    let under_way = Attempt {
        tries: next.tries + 1,
        unknown: next.unknown + 1,
        due_at: later(600),
        ..next
    };
    let found = claimed.into_iter().find(|one| one.mail.id == failed);
    assert_eq!(found.unwrap().attempt, under_way);
    assert_eq!(store.attempt(failed).await, under_way);
}

pub async fn a_lost_claim_settles_nothing(factory: &dyn StoreFactory) {
    let [slow, other] = Bench::open_two(factory).await;
    let id = add_mails(&slow, 1).await[0].id;
    let [lost, held] = [slow.claim(0, 1).await, other.claim(200, 1).await];
    assert_eq!([lost[0].attempt.tries, held[0].attempt.tries], [1, 2]);
    let theirs = slow.attempt(id).await;
    let mut nobodys = held[0].clone();
    nobodys.attempt.tries = 3;
    for late in [Settlement::Remove, Settlement::Keep(abandoned())] {
        assert!(!slow.settle(&lost[0], &late).await);
        assert!(!slow.settle(&nobodys, &late).await);
        assert_eq!(slow.attempt(id).await, theirs);
    }
    assert!(other.settle(&held[0], &Settlement::Remove).await);
    assert!(!slow.settle(&lost[0], &Settlement::Keep(due(300))).await);
    assert_eq!(slow.mails().await, []);
}

pub async fn a_claim_of_before_a_retry_settles_nothing(factory: &dyn StoreFactory) {
    let [slow, other] = Bench::open_two(factory).await;
    let id = add_mails(&slow, 1).await[0].id;
    // Whoever hangs in the first try comes back in the first one after the retry.
    let lost = slow.claim(0, 1).await;
    assert_eq!(claim_and_keep(&other, 100, abandoned()).await, id);
    assert_eq!(other.retry(Some(id), later(150)).await, 1);
    let held = other.claim(150, 1).await;
    assert_eq!([lost[0].attempt.tries, held[0].attempt.tries], [1, 1]);
    for late in [Settlement::Remove, Settlement::Keep(due(160))] {
        assert!(!slow.settle(&lost[0], &late).await);
        assert_eq!(slow.attempt(id).await, held[0].attempt);
    }
    assert!(other.settle(&held[0], &Settlement::Remove).await);
    assert_eq!(slow.mails().await, []);
}

pub async fn an_abandoned_mail_can_be_tried_again(factory: &dyn StoreFactory) {
    let store = Bench::open(factory).await;
    let mails = add_mails(&store, 4).await;
    let [first, second, third, waiting] = [0, 1, 2, 3].map(|place: usize| mails[place].id);
    for id in [first, second, third] {
        assert_eq!(claim_and_keep(&store, 60, abandoned()).await, id);
    }
    claim_and_keep(&store, 60, due(5000)).await;
    let nobody = a_mail(None, 99).id;
    for id in [waiting, nobody] {
        assert_eq!(store.retry(Some(id), later(100)).await, 0);
    }
    assert_eq!(store.attempt(waiting).await, due(5000));
    assert_eq!(store.retry(Some(first), later(100)).await, 1);
    let is_anew = |attempt: Attempt, seconds| {
        let last_error = attempt.last_error.clone();
        let expected = Attempt {
            last_error,
            ..Attempt::first(later(seconds))
        };
        assert_eq!(attempt, expected);
    };
    is_anew(store.attempt(first).await, 100);
    assert_eq!(store.attempt(second).await, abandoned());
    assert_eq!(store.retry(None, later(200)).await, 2);
    assert_eq!(store.retry(None, later(300)).await, 0);
    is_anew(store.attempt(first).await, 100);
    is_anew(store.attempt(second).await, 200);
    is_anew(store.attempt(third).await, 200);
    assert_eq!(store.attempt(waiting).await, due(5000));
    assert_eq!(store.claim(200, 9).await.len(), 3);
}

pub async fn no_two_claims_get_the_same_mail(factory: &dyn StoreFactory) {
    let stores = Bench::open_two(factory).await;
    let mails = add_mails(&stores[0], 60).await;
    let results = race(&stores, 6, |store, _| async move {
        let mut mine = Vec::new();
        for _ in 0..60 {
            let claimed = store.claim(100, 3).await;
            assert!(claimed.len() <= 3, "{} at once", claimed.len());
            if claimed.is_empty() {
                break;
            }
            mine.extend(claimed);
        }
        mine
    })
    .await;
    let all = results.concat();
    assert!(all.iter().all(|one| one.attempt.tries == 1));
    assert_eq!((all.len(), ids(&all).len()), (mails.len(), mails.len()));
}
