//! The shop over a socket, as an administrator, as a customer and as nobody.
#![cfg(test)]

use std::{sync::Arc, time::Duration};

use actix_guards::{Points, Ready, ShopStore, shop};
use actix_web::{App, HttpServer, dev::ServerHandle};
use reqwest::{Method, Response};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use serde_json::{Value, json};
use tempfile::TempDir;
use userhub_api::{ApiSettings, AppState, State};
use userhub_domain::{
    admin::{CreateUserCommand, CreateUserInput},
    audit::Origin,
    caller::Admin,
    policy::Policy,
    ports::Ports,
    users::ProfileInput,
};
use userhub_infrastructure::sql::{DatabaseOptions, SqlStore};
use userhub_testkit::{PASSWORD, TestServices};

struct TestShop {
    base: String,
    state: State,
    store: SqlStore,
    own: DatabaseConnection,
    http: reqwest::Client,
    server: ServerHandle,
    _folder: TempDir,
}

impl TestShop {
    /// On SQLite, with fakes that cost no time for everything else.
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}/shop.db", folder.path().display());
        let store = SqlStore::connect(&DatabaseOptions::new(url.clone())).expect("a URL");
        store.prepare(true).await.expect("a schema");
        let mut options = ConnectOptions::new(url);
        options.map_sqlx_sqlite_opts(|options| options.busy_timeout(Duration::from_millis(100)));
        let own = Database::connect(options).await.expect("connected");
        let points = Points::prepare(own.clone()).await.expect("a table");
        let ports = Ports {
            store: Arc::new(ShopStore(store.clone())),
            ..TestServices::new().ports
        };
        let ready = Arc::new(Ready(store.clone()));
        let state = AppState::new(ports, Policy::default(), ApiSettings::default(), ready);
        let state = state.expect("a state");
        let app = state.clone();
        let server = HttpServer::new(move || App::new().configure(shop(&app, &points)))
            .workers(1)
            .disable_signals()
            .bind("127.0.0.1:0")
            .expect("a free port");
        let base = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            base,
            state,
            store,
            own,
            http: reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("a client"),
            server: handle,
            _folder: folder,
        }
    }

    async fn send(&self, method: Method, path: &str, token: &str, body: Value) -> Response {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        request.send().await.expect("an answer")
    }

    async fn get(&self, path: &str, token: &str) -> (u16, Value) {
        answered(self.send(Method::GET, path, token, Value::Null).await).await
    }

    async fn post(&self, path: &str, token: &str, body: Value) -> (u16, Value) {
        answered(self.send(Method::POST, path, token, body).await).await
    }

    async fn register(&self, name: &str) -> (u16, Value) {
        let body = json!({ "username": name, "email": format!("{name}@example.org"), "password": PASSWORD });
        self.post("/accounts/api/v1/auth/register", "", body).await
    }

    async fn sign_in(&self, name: &str) -> String {
        let body = json!({ "identifier": name, "password": PASSWORD });
        let (status, pair) = self.post("/accounts/api/v1/auth/login", "", body).await;
        assert_eq!(status, 200, "{pair}");
        pair["access_token"].as_str().expect("a token").to_owned()
    }

    /// Made as `create-admin` on the command line makes one.
    async fn admin(&self) -> String {
        let administration = &self.state.services.administration;
        let profile = ProfileInput {
            username: Some("olivia".to_owned()),
            ..ProfileInput::default()
        };
        let input = CreateUserInput {
            profile,
            password: Some(PASSWORD.into()),
            role: Some("admin".to_owned()),
            ..CreateUserInput::default()
        };
        let command = CreateUserCommand::parse(input, administration.rules()).expect("valid");
        let operator = Admin::operator("test");
        let made = administration
            .create(&operator, &Origin::default(), command)
            .await;
        made.expect("made");
        self.sign_in("olivia").await
    }
}

impl Drop for TestShop {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

async fn answered(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.expect("a body");
    (status, serde_json::from_str(&text).unwrap_or_default())
}

#[tokio::test]
async fn the_guards_let_through_whom_they_should() {
    let shop = TestShop::open().await;
    assert_eq!(shop.register("ann").await.0, 201);
    let (ann, admin) = (shop.sign_in("ann").await, shop.admin().await);
    for (path, nobody, user, administrator) in
        [("/points", 401, 200, 200), ("/admin/points", 401, 403, 200)]
    {
        assert_eq!(shop.get(path, "").await.0, nobody, "{path}");
        assert_eq!(shop.get(path, "forged").await.0, 401, "{path}");
        assert_eq!(shop.get(path, &ann).await.0, user, "{path}");
        assert_eq!(shop.get(path, &admin).await.0, administrator, "{path}");
    }
    // Who may not come in is told as UserHub tells it.
    assert_eq!(shop.get("/points", "").await.1["code"], "not_authenticated");
    assert_eq!(shop.get("/admin/points", &ann).await.1["code"], "forbidden");
}

#[tokio::test]
async fn whoever_registers_has_points_from_the_first_moment() {
    let shop = TestShop::open().await;
    let (_, user) = shop.register("ann").await;
    let ann = shop.sign_in("ann").await;
    let balance = json!({ "user": user["id"], "points": 10 });
    assert_eq!(shop.get("/points", &ann).await, (200, balance));

    let admin = shop.admin().await;
    let gift = format!("/admin/points/{}/5", user["id"].as_str().expect("an id"));
    assert_eq!(shop.post(&gift, &ann, Value::Null).await.0, 403);
    assert_eq!(shop.post(&gift, &admin, Value::Null).await.1["points"], 15);
    let nobody = "/admin/points/00000000-0000-7000-8000-000000000000/5";
    assert_eq!(shop.post(nobody, &admin, Value::Null).await.0, 404);
}

#[tokio::test]
async fn there_are_no_points_without_a_user_and_no_user_without_points() {
    let shop = TestShop::open().await;
    assert_eq!(shop.register("ann").await.0, 201);
    assert_eq!(shop.register("Ann").await.0, 409);
    let admin = shop.admin().await;
    let (_, all) = shop.get("/admin/points", &admin).await;
    assert_eq!(all.as_array().expect("a list").len(), 2, "{all}");

    let gone = shop.own.execute_unprepared("DROP TABLE points").await;
    gone.expect("dropped");
    assert!(shop.register("bob").await.0 >= 500);
    let path = "/accounts/api/v1/users/by-username/bob";
    assert_eq!(shop.get(path, &admin).await.0, 404);
}

#[tokio::test]
async fn whoever_is_purged_has_no_points_left() {
    let shop = TestShop::open().await;
    let (_, user) = shop.register("ann").await;
    let admin = shop.admin().await;
    let count = async || {
        let (_, all) = shop.get("/admin/points", &admin).await;
        all.as_array().expect("a list").len()
    };
    let path = format!(
        "/accounts/api/v1/users/{}",
        user["id"].as_str().expect("an id")
    );
    let deleted = shop.send(Method::DELETE, &path, &admin, Value::Null).await;
    assert_eq!((deleted.status().as_u16(), count().await), (204, 2));
    let purge = format!("{path}/purge");
    assert_eq!(shop.post(&purge, &admin, Value::Null).await.0, 204);
    assert_eq!(count().await, 1);
}

#[tokio::test]
async fn a_database_that_is_busy_is_to_be_asked_again() {
    let shop = TestShop::open().await;
    let (_, user) = shop.register("ann").await;
    let admin = shop.admin().await;
    let gift = format!("/admin/points/{}/5", user["id"].as_str().expect("an id"));
    let busy = shop.store.begin_transaction().await.expect("begun");
    let (status, problem) = shop.post(&gift, &admin, Value::Null).await;
    assert_eq!(
        (status, &problem["code"]),
        (503, &json!("storage_unavailable"))
    );
    drop(busy);
    assert_eq!(shop.post(&gift, &admin, Value::Null).await.0, 200);
}
