//! A running UserHub over the in-memory store, and clients that check every
//! answer against the OpenAPI document.

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use actix_web::{HttpResponse, dev::ServerHandle, web};
use reqwest::{Method, StatusCode, header::HeaderMap};
use secrecy::ExposeSecret;
use serde_json::Value;
use userhub_api::{
    ApiSettings, AppState, Probes, State,
    server::{ServerOptions, serve_with},
};
use userhub_domain::{
    Error, Result,
    audit::Origin,
    policy::Policy,
    ports::Ports,
    sessions::{LoginCommand, LoginInput},
    store::Store,
    users::User,
};
use userhub_testkit::{
    FakeAccessTokens, FakeStrength, FixedClock, InstantHasher, MemoryStore, SeededEntropy,
    an_admin,
};

use crate::contract;

/// The password of everybody that a test adds.
pub(crate) const PASSWORD: &str = "plum-orchard-velvet-7";

pub(crate) struct TestApp {
    pub(crate) address: SocketAddr,
    pub(crate) store: MemoryStore,
    pub(crate) clock: FixedClock,
    pub(crate) hasher: InstantHasher,
    pub(crate) access_tokens: FakeAccessTokens,
    pub(crate) state: State,
    http: reqwest::Client,
    server: ServerHandle,
}

struct TestProbes(MemoryStore);

#[async_trait::async_trait]
impl Probes for TestProbes {
    async fn ready(&self) -> Result<()> {
        self.0.begin().await.map(drop)
    }

    fn metrics(&self) -> Option<String> {
        Some("userhub_up 1\n".to_owned())
    }
}

impl TestApp {
    pub(crate) async fn new() -> Self {
        Self::with(ApiSettings::default(), Policy::default()).await
    }

    pub(crate) async fn with(settings: ApiSettings, policy: Policy) -> Self {
        let store = MemoryStore::new();
        let clock = FixedClock::new();
        let hasher = InstantHasher::new();
        let access_tokens = FakeAccessTokens::new();
        let ports = Ports {
            store: Arc::new(store.clone()),
            hasher: Arc::new(hasher.clone()),
            strength: Arc::new(FakeStrength::default()),
            access_tokens: Arc::new(access_tokens.clone()),
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(SeededEntropy::new(1)),
        };
        let probes = Arc::new(TestProbes(store.clone()));
        let state = AppState::new(ports, policy, settings, probes).expect("a state");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let options = ServerOptions {
            workers: Some(1),
            head_timeout: Duration::from_secs(1),
            ..ServerOptions::default()
        };
        let server = serve_with(state.clone(), listener, &options, faults).expect("a server");
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            address,
            store,
            clock,
            hasher,
            access_tokens,
            state,
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .build()
                .expect("a client"),
            server: handle,
        }
    }

    /// Stores a user whose password is [`PASSWORD`].
    pub(crate) async fn add(&self, user: &User) {
        let unit = self.store.begin().await.expect("begins");
        let hash = self.hasher.hash_of(PASSWORD);
        unit.users().insert(user, &hash).await.expect("inserts");
        unit.commit(&[]).await.expect("commits");
    }

    pub(crate) fn anonymous(&self) -> Client<'_> {
        Client { app: self, token: None }
    }

    /// A client of somebody who was [added](Self::add).
    pub(crate) async fn as_user(&self, user: &User) -> Client<'_> {
        let name = user.username.as_ref().map(|name| name.as_str().to_owned());
        let email = user.email.as_ref().map(|email| email.as_str().to_owned());
        let command = LoginCommand::parse(LoginInput {
            identifier: name.or(email),
            password: Some(PASSWORD.to_owned().into()),
        });
        let origin = Origin::default();
        let sessions = &self.state.services.sessions;
        let pair = sessions
            .login(&origin, command.expect("valid"))
            .await
            .expect("signs in");
        self.with_token(pair.access_token.expose_secret())
    }

    /// A client of a new administrator.
    pub(crate) async fn as_admin(&self) -> Client<'_> {
        let admin = an_admin();
        self.add(&admin).await;
        self.as_user(&admin).await
    }

    pub(crate) fn with_token(&self, token: &str) -> Client<'_> {
        Client { app: self, token: Some(token.to_owned()) }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

/// Routes that fail in ways that no real one should.
fn faults(config: &mut web::ServiceConfig) {
    config
        .route("/test/panic", web::get().to(panics))
        .route("/test/slow", web::get().to(slow))
        .route("/test/internal", web::get().to(internal));
}

async fn panics() -> HttpResponse {
    panic!("the test wanted it, secret-panic-text")
}

async fn slow() -> HttpResponse {
    tokio::time::sleep(Duration::from_secs(30)).await;
    HttpResponse::Ok().finish()
}

async fn internal() -> userhub_api::http::Answer<HttpResponse> {
    Err(Error::internal_from("secret-context", "secret-source").into())
}

/// Sends requests as somebody.
pub(crate) struct Client<'a> {
    app: &'a TestApp,
    pub(crate) token: Option<String>,
}

/// An answer that agrees with the document.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answered {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("JSON")
    }

    /// The stable code of a problem.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The fields of a problem's violations with their codes.
    pub(crate) fn errors(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let all = self.json()["errors"].as_array().cloned().unwrap_or_default();
        let mut all: Vec<_> = all
            .iter()
            .map(|one| (text(&one["field"]), text(&one["code"])))
            .collect();
        all.sort();
        all
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Client<'_> {
    pub(crate) async fn get(&self, path: &str) -> Answered {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answered {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answered {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answered {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    /// A request to change further before it is [sent](Self::send).
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("http://{}{path}", self.app.address);
        let request = self.app.http.request(method, url);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends, and checks the answer against the document.
    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answered {
        let request = request.build().expect("a request");
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let response = self.app.http.execute(request).await.expect("an answer");
        let answered = Answered {
            status: response.status(),
            headers: response.headers().clone(),
            text: response.text().await.expect("a body"),
        };
        contract::check(&self.app.state.document, &method, &path, &answered);
        answered
    }
}
