//! A UserHub in this process: real tokens, a real socket, everything else fake.

use std::{
    net::{SocketAddr, TcpListener},
    pin::Pin,
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use userhub_api::{
    ApiSettings, AppState, Probes,
    server::{ServerOptions, serve},
};
use userhub_domain::{
    Result,
    policy::Policy,
    ports::{Ports, Services},
    sessions::{AccessClaims, AccessTokens, VerificationKey},
};
use userhub_infrastructure::{
    clock::{SystemClock, SystemEntropy},
    crypto::jwt::{JwtTokens, MemoryKeyDirectory, SigningMethod, TokenOptions},
};
use userhub_testkit::{TestServices, UserBuilder};

pub(crate) struct UserHub {
    address: SocketAddr,
    test: TestServices,
    signer: Arc<Signer>,
    stop: Box<dyn Fn() -> Pin<Box<dyn Future<Output = ()>>>>,
}

impl UserHub {
    /// Issues as `hub` for `shop`.
    pub(crate) async fn start() -> Self {
        let signer = Arc::new(Signer::new());
        let test = TestServices::new();
        let ports = Ports {
            access_tokens: signer.clone(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            ..test.ports.clone()
        };
        let test = TestServices {
            services: Services::new(ports.clone(), Policy::default()),
            ports: ports.clone(),
            ..test
        };
        let settings = ApiSettings::default();
        let state = AppState::new(ports, Policy::default(), settings, Arc::new(Ready));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let options = ServerOptions {
            workers: Some(1),
            ..ServerOptions::default()
        };
        let server = serve(state.expect("a state"), listener, &options).expect("a server");
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            address,
            test,
            signer,
            stop: Box::new(move || Box::pin(handle.stop(false))),
        }
    }

    pub(crate) fn key_set(&self) -> String {
        format!("http://{}/.well-known/jwks.json", self.address)
    }

    /// The access token of somebody new.
    pub(crate) async fn sign_in(&self, name: &str) -> String {
        let user = UserBuilder::new().username(name).build();
        let user = self.test.add(user).await.expect("added");
        let pair = self.test.sign_in(&user).await.expect("signed in");
        pair.access_token.expose_secret().to_owned()
    }

    /// Signs with another key from now on, as after a restart.
    pub(crate) fn new_key(&self) {
        self.signer.renew();
    }

    /// How often the key set was asked for.
    pub(crate) fn fetches(&self) -> usize {
        self.signer.asked.load(Relaxed)
    }

    /// Leaves whoever asks for the key set without an answer from now on.
    pub(crate) fn hang(&self) {
        self.signer.hangs.store(true, Relaxed);
    }

    pub(crate) async fn stop(&self) {
        (self.stop)().await;
    }
}

impl Drop for UserHub {
    fn drop(&mut self) {
        drop((self.stop)());
    }
}

/// UserHub's own signer, which can be replaced and counts who asks for its keys.
struct Signer {
    directory: Arc<MemoryKeyDirectory>,
    current: RwLock<Arc<JwtTokens>>,
    asked: AtomicUsize,
    hangs: AtomicBool,
}

impl Signer {
    fn new() -> Self {
        let directory = Arc::new(MemoryKeyDirectory::default());
        Self {
            current: RwLock::new(tokens(&directory)),
            directory,
            asked: AtomicUsize::new(0),
            hangs: AtomicBool::new(false),
        }
    }

    fn renew(&self) {
        *self.current.write().expect("no panic") = tokens(&self.directory);
    }

    fn current(&self) -> Arc<JwtTokens> {
        self.current.read().expect("no panic").clone()
    }
}

/// With a new key of its own.
fn tokens(directory: &Arc<MemoryKeyDirectory>) -> Arc<JwtTokens> {
    let options = TokenOptions {
        signing: SigningMethod::EdDsa { key: None },
        issuer: "hub".to_owned(),
        audience: "shop".to_owned(),
        access_ttl: Duration::from_secs(15 * 60),
    };
    let tokens = JwtTokens::new(options, directory.clone(), Arc::new(SystemClock));
    Arc::new(tokens.expect("a key"))
}

#[async_trait]
impl AccessTokens for Signer {
    async fn sign(&self, claims: &AccessClaims) -> Result<SecretString> {
        self.current().sign(claims).await
    }

    async fn verify(&self, token: &str) -> Result<Option<AccessClaims>> {
        self.current().verify(token).await
    }

    async fn verification_keys(&self) -> Result<Vec<VerificationKey>> {
        self.asked.fetch_add(1, Relaxed);
        if self.hangs.load(Relaxed) {
            std::future::pending::<()>().await;
        }
        self.current().verification_keys().await
    }
}

struct Ready;

#[async_trait]
impl Probes for Ready {
    async fn ready(&self) -> Result<()> {
        Ok(())
    }

    fn metrics(&self) -> Option<String> {
        None
    }
}
