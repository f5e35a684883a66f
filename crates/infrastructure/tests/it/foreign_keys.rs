//! Tables of an embedder's own that refer to UserHub's users.

use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, Statement};
use userhub_domain::{
    Error,
    clock::{Clock, Timestamp},
    handed_out::HandedOutToken,
    secret::{TokenHash, TokenPurpose},
    store::{Store, UnitOfWork},
    users::{AuthVersion, PasswordHash, User, UserKey},
};
use userhub_infrastructure::{
    clock::SystemClock,
    sql::{SqlStore, SqlUnitOfWork},
};
use userhub_testkit::{UserBuilder, a_user};

use crate::database::TestDatabase;

/// A database with vouchers, each for a user of UserHub's.
struct Bakery {
    store: SqlStore,
    own: DatabaseConnection,
    _database: TestDatabase,
}

impl Bakery {
    /// `rule` follows the foreign key. The type of the key is the one that the
    /// guide names.
    async fn over(database: TestDatabase, rule: &str) -> Self {
        let store = database.prepared().await;
        let own = database.connection().await;
        let id = match own.get_database_backend() {
            DbBackend::Postgres => "uuid",
            _ => "blob",
        };
        let table = format!("CREATE TABLE vouchers (owner {id} REFERENCES users (id) {rule})");
        own.execute_unprepared(&table).await.expect("a table");
        Self {
            store,
            own,
            _database: database,
        }
    }

    async fn begin(&self) -> DatabaseTransaction {
        self.store.begin_transaction().await.expect("begun")
    }

    fn unit(&self, transaction: DatabaseTransaction) -> Box<SqlUnitOfWork> {
        Box::new(SqlUnitOfWork::from_transaction(&self.store, transaction))
    }

    fn voucher_of(&self, user: &User) -> Statement {
        let sql = "INSERT INTO vouchers (owner) VALUES ($1)";
        let backend = self.own.get_database_backend();
        Statement::from_sql_and_values(backend, sql, [user.id.as_uuid().into()])
    }

    /// A deleted user with a voucher.
    async fn with_a_voucher(&self) -> User {
        let user = UserBuilder::new().deleted_at(now()).build();
        let unit = self.unit(self.begin().await);
        unit.users().insert(&user, &hash()).await.expect("inserted");
        let written = unit.execute("vouchers", self.voucher_of(&user)).await;
        assert_eq!(written.expect("a voucher"), 1);
        unit.commit(&[]).await.expect("committed");
        user
    }

    /// The owners of all vouchers, as they are read back.
    async fn owners(&self) -> Vec<uuid::Uuid> {
        let sql = "SELECT owner FROM vouchers";
        let all = Statement::from_string(self.own.get_database_backend(), sql);
        let rows = self.own.query_all_raw(all).await.expect("read");
        let owner = |row: &sea_orm::QueryResult| row.try_get("", "owner").expect("an id");
        rows.iter().map(owner).collect()
    }

    async fn is_there(&self, user: &User) -> bool {
        let found = self.store.users().find(&UserKey::Id(user.id)).await;
        found.expect("read").is_some()
    }
}

fn now() -> Timestamp {
    SystemClock.now()
}

fn hash() -> PasswordHash {
    PasswordHash::new("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA")
}

/// Demands an internal error whose cause, for the log, is a foreign key; gives
/// its own text.
fn for_the_log(error: &Error) -> String {
    assert_eq!(error.code(), "internal");
    let cause = error.source_for_log().expect("a cause").to_string();
    assert!(cause.to_lowercase().contains("foreign key"), "{cause}");
    error.to_string()
}

async fn a_row_of_ones_own_without_its_user_is_internal(database: TestDatabase) {
    let bakery = Bakery::over(database, "").await;
    let unit = bakery.unit(bakery.begin().await);
    let nobody = bakery.voucher_of(&a_user());
    let error = unit.execute("vouchers", nobody).await.expect_err("refused");
    assert!(for_the_log(&error).contains("vouchers"), "{error}");
}

async fn a_text_never_fits_the_id(database: TestDatabase) {
    let bakery = Bakery::over(database, "").await;
    let user = bakery.with_a_voucher().await;
    let table = "CREATE TABLE orders (owner varchar(36) REFERENCES users (id))";
    let made = bakery.own.execute_unprepared(table).await;
    if bakery.own.get_database_backend() == DbBackend::Postgres {
        made.expect_err("another type");
        return;
    }
    made.expect("SQLite has no types to compare");
    let order = Statement::from_sql_and_values(
        DbBackend::Sqlite,
        "INSERT INTO orders (owner) VALUES ($1)",
        [user.id.to_string().into()],
    );
    let unit = bakery.unit(bakery.begin().await);
    let error = unit.execute("orders", order).await.expect_err("refused");
    for_the_log(&error);
}

async fn a_row_of_userhub_s_without_its_user_is_stale(database: TestDatabase) {
    let bakery = Bakery::over(database, "").await;
    let unit = bakery.store.begin().await.expect("begun");
    let token = HandedOutToken {
        hash: TokenHash::parse_stored(&[7; 32]).expect("32 bytes"),
        purpose: TokenPurpose::PasswordReset,
        user_id: a_user().id,
        auth_version: AuthVersion::FIRST,
        address: None,
        new_address: None,
        created_at: now(),
        expires_at: now(),
    };
    let written = unit.handed_out_tokens().replace(&token).await;
    let error = written.expect_err("refused");
    assert_eq!(error.code(), "edit_conflict");
}

async fn a_purge_that_a_foreign_key_refuses_says_so(database: TestDatabase) {
    let bakery = Bakery::over(database, "").await;
    refused(&bakery).await;
}

async fn a_purge_that_a_restriction_refuses_says_so(database: TestDatabase) {
    let bakery = Bakery::over(database, "ON DELETE RESTRICT").await;
    refused(&bakery).await;
}

async fn refused(bakery: &Bakery) {
    let user = bakery.with_a_voucher().await;
    let unit = bakery.store.begin().await.expect("begun");
    let error = unit.users().purge(user.id).await.expect_err("refused");
    let text = for_the_log(&error);
    assert!(text.contains("not UserHub's"), "{text}");
    drop(unit);
    assert!(bakery.is_there(&user).await);
    assert_eq!(bakery.owners().await, [user.id.as_uuid()]);
}

/// The way that the guide recommends where there has to be a foreign key.
async fn with_cascade_the_rows_go_with_their_user(database: TestDatabase) {
    let bakery = Bakery::over(database, "ON DELETE CASCADE").await;
    let (user, other) = (bakery.with_a_voucher().await, bakery.with_a_voucher().await);
    let unit = bakery.store.begin().await.expect("begun");
    assert!(unit.users().purge(user.id).await.expect("purged"));
    unit.commit(&[]).await.expect("committed");
    assert!(!bakery.is_there(&user).await);
    assert_eq!(bakery.owners().await, [other.id.as_uuid()]);
}

async fn a_constraint_that_waits_for_the_commit_is_internal(database: TestDatabase) {
    let bakery = Bakery::over(database, "DEFERRABLE INITIALLY DEFERRED").await;
    let user = bakery.with_a_voucher().await;
    let unit = bakery.store.begin().await.expect("begun");
    assert!(unit.users().purge(user.id).await.expect("not yet"));
    let error = unit.commit(&[]).await.expect_err("refused");
    for_the_log(&error);
    assert!(bakery.is_there(&user).await);
    // The connection is as good as before.
    bakery.with_a_voucher().await;
}

crate::database::on_both!(
    a_row_of_ones_own_without_its_user_is_internal,
    a_row_of_userhub_s_without_its_user_is_stale,
    a_text_never_fits_the_id,
    a_purge_that_a_foreign_key_refuses_says_so,
    a_purge_that_a_restriction_refuses_says_so,
    with_cascade_the_rows_go_with_their_user,
    a_constraint_that_waits_for_the_commit_is_internal,
);
