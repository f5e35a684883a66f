//! A running UserHub over a store of the test's own.

use std::{
    net::{SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use actix_web::{HttpResponse, dev::ServerHandle, web};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use userhub_api::{
    ApiSettings, AppState, Probes, State,
    server::{ServerOptions, serve_with},
};
use userhub_domain::{
    Error, Result,
    audit::{AuditEvent, AuditQuery, EventKind, Origin},
    page::{PageLimit, PageRequest, PageStart},
    policy::Policy,
    ports::Ports,
    sessions::{LoginCommand, LoginInput},
    store::Store,
    users::{User, UserId, UserKey},
};
use userhub_testkit::{
    FakeAccessTokens, FakeStrength, FakeTotp, FixedClock, InstantHasher, MemoryStore,
    RecordingMailer, SeededEntropy, an_admin,
};

use crate::backend::{Backend, Storage};
pub(crate) use crate::client::{Answered, Client};

/// The password of everybody that a test adds.
pub(crate) const PASSWORD: &str = "plum-orchard-velvet-7";

pub(crate) struct TestApp {
    pub(crate) address: SocketAddr,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: FixedClock,
    pub(crate) hasher: InstantHasher,
    pub(crate) access_tokens: FakeAccessTokens,
    pub(crate) totp: FakeTotp,
    pub(crate) mailer: RecordingMailer,
    pub(crate) state: State,
    pub(crate) http: reqwest::Client,
    server: ServerHandle,
    parts: Parts,
}

/// What instances over one database share in a test.
#[derive(Clone)]
struct Parts {
    storage: Arc<Storage>,
    clock: FixedClock,
    hasher: InstantHasher,
    access_tokens: FakeAccessTokens,
    mailer: RecordingMailer,
    /// How many instances there were: each has randomness of its own.
    instances: Arc<AtomicU64>,
    settings: ApiSettings,
    policy: Policy,
    head_timeout: Duration,
}

struct TestProbes(Arc<dyn Store>);

#[async_trait::async_trait]
impl Probes for TestProbes {
    async fn ready(&self) -> Result<()> {
        self.0.begin().await.map(drop)
    }

    fn metrics(&self) -> Option<String> {
        Some("userhub_up 1\n".to_owned())
    }
}

impl Parts {
    async fn new(backend: Backend, (settings, policy): (ApiSettings, Policy)) -> Self {
        Self {
            storage: Arc::new(Storage::new(backend).await),
            clock: FixedClock::new(),
            hasher: InstantHasher::new(),
            access_tokens: FakeAccessTokens::new(),
            mailer: RecordingMailer::new(),
            instances: Arc::new(AtomicU64::new(1)),
            settings,
            policy,
            // Machines that run tests can be busy.
            head_timeout: Duration::from_secs(60),
        }
    }
}

impl TestApp {
    /// Over the store in memory, for what does not depend on the store.
    pub(crate) async fn new() -> Self {
        Self::under(Backend::Memory, Policy::default()).await
    }

    pub(crate) async fn with(settings: ApiSettings, policy: Policy) -> Self {
        Self::start(Backend::Memory, settings, policy).await
    }

    /// Drops whoever takes more than a second to send the head of a request.
    pub(crate) async fn impatient() -> Self {
        let chosen = (ApiSettings::default(), Policy::default());
        let mut parts = Parts::new(Backend::Memory, chosen).await;
        parts.head_timeout = Duration::from_secs(1);
        Self::listen(parts).await
    }

    /// Under a policy of the test's own.
    pub(crate) async fn under(backend: Backend, policy: Policy) -> Self {
        Self::start(backend, ApiSettings::default(), policy).await
    }

    /// Another instance over the same database, with a store and caches of its
    /// own: what a restart is, too.
    pub(crate) async fn another(&self) -> Self {
        Self::listen(self.parts.clone()).await
    }

    async fn start(backend: Backend, settings: ApiSettings, policy: Policy) -> Self {
        Self::listen(Parts::new(backend, (settings, policy)).await).await
    }

    async fn listen(parts: Parts) -> Self {
        let store = parts.storage.store().await;
        let totp = FakeTotp::new();
        let seed = parts.instances.fetch_add(1, Ordering::Relaxed);
        let ports = Ports {
            store: Arc::clone(&store),
            hasher: Arc::new(parts.hasher.clone()),
            strength: Arc::new(FakeStrength::default()),
            access_tokens: Arc::new(parts.access_tokens.clone()),
            clock: Arc::new(parts.clock.clone()),
            entropy: Arc::new(SeededEntropy::new(seed)),
            totp: Arc::new(totp),
            mailer: Arc::new(parts.mailer.clone()),
        };
        let probes = Arc::new(TestProbes(Arc::clone(&store)));
        let (settings, policy) = (parts.settings.clone(), parts.policy.clone());
        let state = AppState::new(ports, policy, settings, probes).expect("a state");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let options = ServerOptions {
            workers: Some(2),
            head_timeout: parts.head_timeout,
            ..ServerOptions::default()
        };
        let server = serve_with(state.clone(), listener, &options, faults).expect("a server");
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            address,
            store,
            clock: parts.clock.clone(),
            hasher: parts.hasher.clone(),
            access_tokens: parts.access_tokens.clone(),
            totp,
            mailer: parts.mailer.clone(),
            state,
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .build()
                .expect("a client"),
            server: handle,
            parts,
        }
    }

    /// The store of a test that runs in memory only.
    pub(crate) fn memory(&self) -> &MemoryStore {
        match &*self.parts.storage {
            Storage::Memory(store) => store,
            _ => panic!("this test is for the store in memory"),
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
        Client {
            app: self,
            token: None,
        }
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

    /// The pair of tokens of a sign-in over HTTP.
    pub(crate) async fn sign_in(&self, user: &User) -> Value {
        let email = user.email.as_ref().map(|email| email.as_str());
        let name = user.username.as_ref().map(|name| name.as_str());
        let body = json!({"identifier": name.or(email), "password": PASSWORD});
        let answer = self.anonymous().post("/api/v1/auth/login", body).await;
        answer.succeeded(200)
    }

    /// A user as it is stored now.
    pub(crate) async fn stored(&self, id: UserId) -> Option<User> {
        let found = self.store.users().find(&UserKey::Id(id)).await;
        found.expect("a store that answers")
    }

    /// What happened to a user, the oldest first.
    pub(crate) async fn events_about(&self, id: UserId) -> Vec<AuditEvent> {
        let query = AuditQuery {
            subject: Some(id),
            ..AuditQuery::default()
        };
        self.events(&query).await
    }

    /// The kinds of what happened to a user, in alphabetical order: the clock
    /// of tests stands still.
    pub(crate) async fn kinds_about(&self, id: UserId) -> Vec<&'static str> {
        let events = self.events_about(id).await;
        let mut kinds: Vec<_> = events.iter().map(|event| event.kind.as_str()).collect();
        kinds.sort_unstable();
        kinds
    }

    /// The only event of a kind about a user.
    pub(crate) async fn event(&self, id: UserId, kind: EventKind) -> AuditEvent {
        let mut events = self.events_about(id).await;
        events.retain(|event| event.kind == kind);
        assert_eq!(events.len(), 1, "{kind:?}: {events:?}");
        events.remove(0)
    }

    /// What happened, the oldest first.
    pub(crate) async fn events(&self, query: &AuditQuery) -> Vec<AuditEvent> {
        let page = PageRequest {
            limit: PageLimit::parse(100).expect("a limit"),
            start: PageStart::Offset(0),
            count: false,
        };
        let found = self.store.audit().list(query, &page).await.expect("a page");
        found.items.into_iter().rev().collect()
    }

    pub(crate) fn with_token(&self, token: &str) -> Client<'_> {
        Client {
            app: self,
            token: Some(token.to_owned()),
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

/// Where a user is.
pub(crate) fn path_of(user: &User) -> String {
    format!("/api/v1/users/{}", user.id)
}

/// The id of a user that was answered.
pub(crate) fn id_of(user: &Value) -> UserId {
    let text = user["id"].as_str().expect("an id");
    UserId::parse(text).expect("a UUID")
}

/// A member that is a text.
pub(crate) fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().expect("a text")
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
