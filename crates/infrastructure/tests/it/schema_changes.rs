//! Changes of the schema keep the rows, and leave older binaries working.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, Value};
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use userhub_domain::{
    handed_out::HandedOutToken,
    secret::{TokenHash, TokenPurpose},
    sessions::{AuthenticationMethods, SessionId},
    store::Store,
    users::{AuthVersion, UserId},
};
use userhub_infrastructure::sql::SqlStore;
use userhub_migration::Migrator;
use uuid::Uuid;

use crate::database::TestDatabase;

/// The first version, and the changes that it knew.
struct FirstVersion;

const KNOWN_TO_IT: usize = 7;

impl MigratorTrait for FirstVersion {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let all = Migrator::migrations().into_iter();
        all.take(KNOWN_TO_IT).collect()
    }
}

const ID: Uuid = Uuid::from_u128(7);

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).expect("a moment")
}

async fn execute(db: &DatabaseConnection, sql: &str, values: impl IntoIterator<Item = Value>) {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.execute_raw(statement).await.expect(sql);
}

/// A user, as the first version writes one.
async fn write_user(db: &DatabaseConnection) {
    let sql = "INSERT INTO users (id, username, username_canonical, email_verified, role, \
               suspended, metadata, search_text, password_hash, auth_version, version, \
               created_at, updated_at) \
               VALUES ($1, 'ann', 'ann', false, 'user', false, '{}', 'ann', 'x', 1, 1, $2, $2)";
    execute(db, sql, [ID.into(), now().into()]).await;
}

/// A session, as the first version writes one.
async fn write_session(db: &DatabaseConnection) {
    let sql = "INSERT INTO sessions (id, user_id, auth_version, refresh_hash, created_at, \
               last_used_at, expires_at, ends_at) VALUES ($1, $1, 1, $2, $3, $3, $3, $3)";
    execute(db, sql, [ID.into(), vec![9_u8; 32].into(), now().into()]).await;
}

/// A token in place of the one before, as the first version writes one.
async fn write_token(db: &DatabaseConnection, hash: u8) {
    let sql = "INSERT INTO handed_out_tokens \
               (hash, purpose, user_id, auth_version, created_at, expires_at) \
               VALUES ($1, 'password_reset', $2, 1, $3, $3) \
               ON CONFLICT (user_id, purpose) DO UPDATE SET hash = excluded.hash";
    let hash = vec![hash; 32];
    execute(db, sql, [hash.into(), ID.into(), now().into()]).await;
}

fn token(purpose: TokenPurpose, hash: u8) -> HandedOutToken {
    HandedOutToken {
        hash: TokenHash::parse_stored(&[hash; 32]).expect("32 bytes"),
        purpose,
        user_id: UserId::from_uuid(ID),
        auth_version: AuthVersion(1),
        address: None,
        new_address: None,
        created_at: now(),
        expires_at: now(),
    }
}

async fn is_there(store: &SqlStore, token: &HandedOutToken) -> bool {
    let tokens = store.handed_out_tokens();
    let found = tokens.find(token.hash, token.purpose).await.expect("read");
    assert!(found.is_none() || found.as_ref() == Some(token));
    found.is_some()
}

async fn rows_stay_when_the_schema_changes(database: TestDatabase) {
    let db = database.connection().await;
    let up = userhub_migration::up::<FirstVersion>(&db).await;
    assert_eq!(up.expect("up").len(), KNOWN_TO_IT);
    write_user(&db).await;
    write_session(&db).await;
    write_token(&db, 1).await;

    let store = database.prepared().await;
    let reset = token(TokenPurpose::PasswordReset, 1);
    assert!(is_there(&store, &reset).await);
    let session = store.sessions().find_principal(SessionId::from_uuid(ID));
    let principal = session.await.expect("read").expect("there");
    assert!(!principal.user.mfa_enabled);
    let methods = principal.session.methods;
    assert_eq!(methods, AuthenticationMethods::Password);
    let unit = store.begin().await.expect("begun");
    let challenge = token(TokenPurpose::MfaChallenge, 2);
    let verification = token(TokenPurpose::EmailVerification, 3);
    let tokens = unit.handed_out_tokens();
    tokens.add_challenge(&challenge).await.expect("written");
    tokens.replace(&verification).await.expect("written");
    unit.commit(&[]).await.expect("committed");

    let newer = Migrator::migrations().len() - KNOWN_TO_IT;
    store.migrate_down(newer).await.expect("down");
    store.prepare(true).await.expect("up again");
    assert!(is_there(&store, &reset).await);
    // The first version knows neither, so they went.
    assert!(!is_there(&store, &challenge).await);
    assert!(!is_there(&store, &verification).await);
}

async fn the_first_version_writes_to_the_new_schema(database: TestDatabase) {
    let store = database.prepared().await;
    let db = database.connection().await;
    write_user(&db).await;
    write_session(&db).await;
    let unit = store.begin().await.expect("begun");
    for hash in [5, 6] {
        let challenge = token(TokenPurpose::MfaChallenge, hash);
        let tokens = unit.handed_out_tokens();
        tokens.add_challenge(&challenge).await.expect("written");
    }
    unit.commit(&[]).await.expect("committed");
    write_token(&db, 1).await;
    write_token(&db, 2).await;
    let reset = |hash| token(TokenPurpose::PasswordReset, hash);
    assert!(!is_there(&store, &reset(1)).await);
    assert!(is_there(&store, &reset(2)).await);
    for hash in [5, 6] {
        assert!(is_there(&store, &token(TokenPurpose::MfaChallenge, hash)).await);
    }
}

async fn a_mail_of_an_unknown_kind_is_left_to_others(database: TestDatabase) {
    let store = database.prepared().await;
    let db = database.connection().await;
    let sql = "INSERT INTO outbox (id, kind, to_address, created_at, state, tries, unknown, due_at) \
               VALUES ($1, 'of_tomorrow', 'ann@example.org', $2, 'pending', 0, 0, $2)";
    execute(&db, sql, [ID.into(), now().into()]).await;
    assert!(!store.outbox().has_due(now()).await.expect("read"));
    let unit = store.begin().await.expect("begun");
    let until = now() + TimeDelta::minutes(1);
    let claimed = unit.outbox().claim(now(), until, 9).await.expect("claimed");
    assert!(claimed.is_empty());
    assert_eq!(store.outbox().count().await.expect("read").pending, 1);
}

crate::database::on_both!(
    rows_stay_when_the_schema_changes,
    the_first_version_writes_to_the_new_schema,
    a_mail_of_an_unknown_kind_is_left_to_others,
);
