use chrono::TimeDelta;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn user() -> User {
    User::from_record(UserRecord {
        id: UserId::from_uuid(Uuid::from_u128(1)),
        username: Username::parse("ann").ok(),
        email: EmailAddress::parse("ann@example.org").ok(),
        email_verified: true,
        first_name: None,
        last_name: None,
        phone_number: None,
        role: Role::User,
        suspended: false,
        mfa_enabled: false,
        external_id: None,
        metadata: Metadata::default(),
        version: Version::FIRST,
        created_at: at(0),
        updated_at: at(0),
        last_login_at: None,
        deleted_at: None,
    })
}

fn apply(user: &mut User, admin: &AdminChanges) -> Result<ChangedFields> {
    user.apply(&ProfileChanges::default(), admin, at(9))
}

fn email(text: &str) -> Change<EmailAddress> {
    Change::Set(EmailAddress::parse(text).expect("valid"))
}

#[test]
fn a_change_moves_version_and_time_once_and_names_its_members() {
    let mut user = user();
    let profile = ProfileChanges {
        first_name: Change::Set(PersonName::parse("Ann").expect("valid")),
        phone_number: Change::Clear,
        ..ProfileChanges::default()
    };
    let admin = AdminChanges {
        role: Some(Role::Admin),
        is_active: Some(false),
        ..AdminChanges::default()
    };
    let changed = user.apply(&profile, &admin, at(9)).expect("applied");
    assert_eq!(changed, ["first_name", "role", "is_active"]);
    assert_eq!((user.version, user.updated_at), (Version(2), at(9)));
    assert_eq!((user.role, user.status()), (Role::Admin, Status::Suspended));
    // The same again is no change.
    let again = user.apply(&profile, &admin, at(10)).expect("applied");
    assert!(again.is_empty());
    assert_eq!((user.version, user.updated_at), (Version(2), at(9)));
}

#[test]
fn a_new_address_is_unverified_unless_it_is_said_to_be() {
    let changes = |email, email_verified| AdminChanges {
        email,
        email_verified,
        ..AdminChanges::default()
    };
    for (change, verified, fields) in [
        (
            changes(email("new@example.org"), None),
            false,
            vec!["email", "email_verified"],
        ),
        (
            changes(email("new@example.org"), Some(true)),
            true,
            vec!["email"],
        ),
        (changes(email("Ann@Example.org"), None), true, vec!["email"]),
        (
            changes(Change::Clear, Some(true)),
            false,
            vec!["email", "email_verified"],
        ),
        (
            changes(Change::Keep, Some(false)),
            false,
            vec!["email_verified"],
        ),
    ] {
        let mut user = user();
        assert_eq!(
            apply(&mut user, &change).expect("applied"),
            fields,
            "{change:?}"
        );
        assert_eq!(user.email_verified, verified, "{change:?}");
    }
}

#[test]
fn a_change_of_address_says_whether_it_is_one() {
    let mut user = user();
    let same = EmailAddress::parse("ann@example.org").expect("valid");
    assert!(!user.change_email(same, at(9)).expect("living"));
    let other = EmailAddress::parse("other@example.org").expect("valid");
    assert!(user.change_email(other, at(9)).expect("living"));
    assert_eq!((user.version, user.email_verified), (Version(2), false));
}

#[test]
fn a_refused_change_leaves_everything() {
    let before = user();
    let mut user = before.clone();
    let profile = ProfileChanges {
        username: Change::Clear,
        ..ProfileChanges::default()
    };
    let admin = AdminChanges {
        email: Change::Clear,
        ..AdminChanges::default()
    };
    let refused = user.apply(&profile, &admin, at(9)).expect_err("nameless");
    assert_eq!(refused.code(), "validation_failed");
    let large = AdminChanges {
        role: Some(Role::Admin),
        metadata: Change::Set([("k".repeat(41), Some(String::new()))].into()),
        ..AdminChanges::default()
    };
    assert_eq!(
        apply(&mut user, &large).expect_err("large").code(),
        "validation_failed"
    );
    assert_eq!(user, before);
}

#[test]
fn metadata_is_patched_and_cleared() {
    let patch = |metadata| AdminChanges {
        metadata,
        ..AdminChanges::default()
    };
    let mut user = user();
    let set = patch(Change::Set(
        [("team".to_owned(), Some("blue".to_owned()))].into(),
    ));
    assert_eq!(apply(&mut user, &set).expect("applied"), ["metadata"]);
    assert!(apply(&mut user, &set).expect("applied").is_empty());
    assert_eq!(
        apply(&mut user, &patch(Change::Clear)).expect("applied"),
        ["metadata"]
    );
    assert_eq!(user.metadata, Metadata::default());
}

#[test]
fn deleted_wins_over_suspended_and_is_left_alone() {
    let mut user = user();
    apply(
        &mut user,
        &AdminChanges {
            is_active: Some(false),
            ..AdminChanges::default()
        },
    )
    .expect("applied");
    assert!(user.delete(at(20)));
    assert_eq!(
        (user.status(), user.deleted_at, user.updated_at),
        (Status::Deleted, Some(at(20)), at(20))
    );
    let deleted = user.clone();
    assert!(!user.delete(at(21)));
    assert_eq!(
        user.require_living().expect_err("deleted").code(),
        "user_deleted"
    );
    let change = AdminChanges {
        role: Some(Role::Admin),
        ..AdminChanges::default()
    };
    assert_eq!(
        apply(&mut user, &change).expect_err("deleted").code(),
        "user_deleted"
    );
    assert_eq!(user, deleted);
    user.restore(at(22)).expect("deleted");
    assert_eq!((user.status(), user.deleted_at), (Status::Suspended, None));
    assert_eq!(
        (user.version, user.updated_at),
        (deleted.version.next(), at(22))
    );
    assert_eq!(
        user.restore(at(23)).expect_err("living").code(),
        "not_deleted"
    );
}

#[test]
fn only_an_active_administrator_works() {
    let record = UserRecord {
        role: Role::Admin,
        ..user().record().clone()
    };
    assert!(record.is_working_admin());
    assert!(
        !UserRecord {
            suspended: true,
            mfa_enabled: false,
            ..record.clone()
        }
        .is_working_admin()
    );
    assert!(
        !UserRecord {
            deleted_at: Some(at(1)),
            ..record
        }
        .is_working_admin()
    );
    assert!(!user().is_working_admin());
}

#[test]
fn own_words_and_searched_text_hold_every_name() {
    let record = UserRecord {
        first_name: PersonName::parse("Zo\u{eb}").ok(),
        last_name: PersonName::parse("Lee").ok(),
        ..user().record().clone()
    };
    assert_eq!(
        record.own_words(),
        ["ann", "ann@example.org", "ann", "Zo\u{eb}", "Lee"]
    );
    assert_eq!(
        record.search_text(),
        "ann\u{1f}ann@example.org\u{1f}zo\u{eb}\u{1f}lee"
    );
}

fn a_change() -> impl Strategy<Value = AdminChanges> {
    let address = prop_oneof![
        Just(Change::Keep),
        Just(Change::Clear),
        Just(email("ann@example.org")),
        Just(email("ANN@example.org")),
        Just(email("other@example.org")),
    ];
    let role = prop_oneof![Just(None), Just(Some(Role::User)), Just(Some(Role::Admin))];
    (address, any::<Option<bool>>(), role, any::<Option<bool>>()).prop_map(
        |(email, email_verified, role, is_active)| AdminChanges {
            email,
            email_verified,
            role,
            is_active,
            ..AdminChanges::default()
        },
    )
}

proptest! {
    #[test]
    fn whatever_is_changed_the_invariants_hold(changes in proptest::collection::vec(a_change(), 1..8)) {
        let mut user = user();
        for change in &changes {
            let before = user.clone();
            let changed = apply(&mut user, change).expect("the name stays");
            let differs = user.record() != before.record();
            prop_assert_eq!(differs, !changed.is_empty());
            prop_assert_eq!(user.version.0 - before.version.0, i64::from(differs));
            prop_assert!(!user.email_verified || user.email.is_some());
            // Once more is no change.
            prop_assert!(apply(&mut user, change).expect("the name stays").is_empty());
        }
    }
}
