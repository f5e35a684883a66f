//! Rows of an embedder's own, written together with UserHub's.

use std::sync::Arc;

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};
use userhub_domain::{
    Result,
    admin::{CreateUserCommand, CreateUserInput},
    api_keys::{ApiKeyReader, ApiKeyWriter},
    audit::{AuditEvent, AuditReader, EventKind, Origin},
    caller::Admin,
    handed_out::{HandedOutTokenReader, HandedOutTokenWriter},
    mail::{OutboxReader, OutboxWriter},
    ports::{Ports, Services},
    second_factor::{SecondFactorReader, SecondFactorWriter},
    sessions::{SessionReader, SessionWriter},
    store::{Store, UnitOfWork},
    throttle::AttemptWriter,
    users::{PasswordHash, ProfileInput, User, UserKey, UserReader, UserWriter},
};
use userhub_infrastructure::sql::{SqlStore, SqlUnitOfWork};
use userhub_testkit::{PASSWORD, TestServices, a_user};

use crate::database::TestDatabase;

/// A database with a table of the embedder's own beside UserHub's.
struct Shop {
    store: SqlStore,
    own: DatabaseConnection,
    _database: TestDatabase,
}

impl Shop {
    async fn over(database: TestDatabase) -> Self {
        let store = database.prepared().await;
        let own = database.connection().await;
        let table = "CREATE TABLE baskets (owner varchar(36) PRIMARY KEY, items integer NOT NULL)";
        own.execute_unprepared(table).await.expect("a table");
        Self {
            store,
            own,
            _database: database,
        }
    }

    async fn baskets(&self) -> usize {
        let sql = "SELECT owner FROM baskets".to_owned();
        let all = Statement::from_string(self.own.get_database_backend(), sql);
        self.own.query_all_raw(all).await.expect("read").len()
    }

    async fn is_there(&self, user: &User) -> bool {
        let found = self.store.users().find(&UserKey::Id(user.id)).await;
        found.expect("read").is_some()
    }
}

fn hash() -> PasswordHash {
    PasswordHash::new("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA")
}

fn basket_of(owner: impl ToString, backend: sea_orm::DbBackend) -> Statement {
    let sql = "INSERT INTO baskets VALUES ($1, 0)";
    Statement::from_sql_and_values(backend, sql, [owner.to_string().into()])
}

async fn committed_together(database: TestDatabase) {
    let shop = Shop::over(database).await;
    let user = a_user();
    let transaction = shop.store.begin_transaction().await.expect("begun");
    let basket = basket_of(user.id, transaction.get_database_backend());
    transaction.execute_raw(basket).await.expect("a basket");
    let unit = Box::new(SqlUnitOfWork::from_transaction(&shop.store, transaction));
    unit.users().insert(&user, &hash()).await.expect("inserted");
    assert_eq!(
        (shop.baskets().await, shop.is_there(&user).await),
        (0, false)
    );
    unit.commit(&[]).await.expect("committed");
    assert_eq!(
        (shop.baskets().await, shop.is_there(&user).await),
        (1, true)
    );
}

async fn dropped_together(database: TestDatabase) {
    let shop = Shop::over(database).await;
    let user = a_user();
    let transaction = shop.store.begin_transaction().await.expect("begun");
    let backend = transaction.get_database_backend();
    let unit = SqlUnitOfWork::from_transaction(&shop.store, transaction);
    unit.users().insert(&user, &hash()).await.expect("inserted");
    let basket = basket_of(user.id, backend);
    assert_eq!(unit.execute("baskets", basket).await.expect("written"), 1);
    drop(unit);
    // The next writer's turn comes when everything is taken back.
    let next = shop.store.begin().await.expect("begun");
    next.commit(&[]).await.expect("committed");
    assert_eq!(
        (shop.baskets().await, shop.is_there(&user).await),
        (0, false)
    );
}

async fn failed_together(database: TestDatabase) {
    let shop = Shop::over(database).await;
    let (user, twin) = (a_user(), a_user());
    let begin = async || {
        let transaction = shop.store.begin_transaction().await.expect("begun");
        let basket = basket_of(user.id, transaction.get_database_backend());
        (
            SqlUnitOfWork::from_transaction(&shop.store, transaction),
            basket,
        )
    };
    // An error of UserHub's takes the embedder's row back …
    let (unit, basket) = begin().await;
    unit.execute("baskets", basket.clone()).await.expect("one");
    unit.users().insert(&user, &hash()).await.expect("one");
    let error = unit.users().insert(&user, &hash()).await;
    assert!(error.is_err());
    let error = Box::new(unit).commit(&[]).await.expect_err("finished");
    assert_eq!(error.code(), "internal");
    assert_eq!(
        (shop.baskets().await, shop.is_there(&user).await),
        (0, false)
    );
    // … and an error of the embedder's takes UserHub's row back.
    let (unit, basket) = begin().await;
    unit.users().insert(&twin, &hash()).await.expect("one");
    unit.execute("baskets", basket.clone()).await.expect("one");
    assert!(unit.execute("baskets", basket).await.is_err());
    assert!(Box::new(unit).commit(&[]).await.is_err());
    assert_eq!(
        (shop.baskets().await, shop.is_there(&twin).await),
        (0, false)
    );
}

/// The transaction of a connection that is no business of the store's.
async fn begun_elsewhere(database: TestDatabase) {
    let shop = Shop::over(database).await;
    let user = a_user();
    let immediate = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = shop.own.begin_with_options(immediate).await.expect("begun");
    let basket = basket_of(user.id, transaction.get_database_backend());
    transaction.execute_raw(basket).await.expect("a basket");
    let unit = Box::new(SqlUnitOfWork::from_transaction(&shop.store, transaction));
    unit.users().insert(&user, &hash()).await.expect("inserted");
    unit.commit(&[]).await.expect("committed");
    assert_eq!(
        (shop.baskets().await, shop.is_there(&user).await),
        (1, true)
    );
}

/// A store that gives everybody who is made a basket, in the same transaction.
struct WithBaskets(SqlStore);

struct Unit(SqlUnitOfWork, sea_orm::DbBackend);

#[async_trait]
impl Store for WithBaskets {
    fn users(&self) -> &dyn UserReader {
        self.0.users()
    }

    fn sessions(&self) -> &dyn SessionReader {
        self.0.sessions()
    }

    fn handed_out_tokens(&self) -> &dyn HandedOutTokenReader {
        self.0.handed_out_tokens()
    }

    fn second_factors(&self) -> &dyn SecondFactorReader {
        self.0.second_factors()
    }

    fn api_keys(&self) -> &dyn ApiKeyReader {
        self.0.api_keys()
    }

    fn outbox(&self) -> &dyn OutboxReader {
        self.0.outbox()
    }

    fn audit(&self) -> &dyn AuditReader {
        self.0.audit()
    }

    async fn begin(&self) -> Result<Box<dyn UnitOfWork>> {
        let transaction = self.0.begin_transaction().await?;
        let backend = transaction.get_database_backend();
        let unit = SqlUnitOfWork::from_transaction(&self.0, transaction);
        Ok(Box::new(Unit(unit, backend)))
    }
}

#[async_trait]
impl UnitOfWork for Unit {
    fn users(&self) -> &dyn UserWriter {
        self.0.users()
    }

    fn sessions(&self) -> &dyn SessionWriter {
        self.0.sessions()
    }

    fn handed_out_tokens(&self) -> &dyn HandedOutTokenWriter {
        self.0.handed_out_tokens()
    }

    fn second_factors(&self) -> &dyn SecondFactorWriter {
        self.0.second_factors()
    }

    fn api_keys(&self) -> &dyn ApiKeyWriter {
        self.0.api_keys()
    }

    fn outbox(&self) -> &dyn OutboxWriter {
        self.0.outbox()
    }

    fn attempts(&self) -> &dyn AttemptWriter {
        self.0.attempts()
    }

    async fn commit(self: Box<Self>, events: &[AuditEvent]) -> Result<()> {
        let made = events
            .iter()
            .filter(|event| event.kind == EventKind::UserCreated);
        for user in made.filter_map(|event| event.subject) {
            self.0.execute("baskets", basket_of(user, self.1)).await?;
        }
        Box::new(self.0).commit(events).await
    }
}

async fn written_by_a_use_case(database: TestDatabase) {
    let shop = Shop::over(database).await;
    let ports = Ports {
        store: Arc::new(WithBaskets(shop.store.clone())),
        ..TestServices::new().ports
    };
    let administration = Services::new(ports, Default::default()).administration;
    let create = async |name: &str| {
        let input = CreateUserInput {
            profile: ProfileInput {
                username: Some(name.to_owned()),
                ..ProfileInput::default()
            },
            password: Some(PASSWORD.into()),
            ..CreateUserInput::default()
        };
        let command = CreateUserCommand::parse(input, administration.rules()).expect("valid");
        let admin = Admin::operator("import");
        administration
            .create(&admin, &Origin::default(), command)
            .await
    };
    let user = create("ann").await.expect("made");
    assert_eq!(
        (shop.baskets().await, shop.is_there(&user).await),
        (1, true)
    );
    assert_eq!(
        create("Ann").await.expect_err("taken").code(),
        "username_taken"
    );
    assert_eq!(shop.baskets().await, 1);
    // Without the table nobody is made.
    let gone = shop.own.execute_unprepared("DROP TABLE baskets").await;
    gone.expect("dropped");
    assert!(create("bob").await.is_err());
    let name = userhub_domain::users::Username::parse("bob").expect("valid");
    let found = shop.store.users().find(&UserKey::Username(name)).await;
    assert!(found.expect("read").is_none());
}

crate::database::on_both!(
    committed_together,
    dropped_together,
    failed_together,
    begun_elsewhere,
    written_by_a_use_case,
);
