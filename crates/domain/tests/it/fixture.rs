//! The use cases over fakes, with eyes on everything that is kept.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use secrecy::{ExposeSecret, SecretString};
use userhub_domain::{
    Result,
    api_keys::ApiKey,
    audit::{Actor, AuditEvent, EventKind, Origin},
    caller::{Admin, OwnSession, SignedIn},
    clock::{Clock, Timestamp},
    mail::{Attempt, Delivery, Mail, MailKind},
    policy::{Policy, Verification},
    ports::{Ports, Services},
    second_factor::TotpFactor,
    sessions::{LoginCommand, LoginInput, Session, TokenPair},
    store::Store,
    users::{Credentials, SessionsAfter, User, UserId, UserKey, Version},
    violation::Violations,
};
use userhub_testkit::{
    FakeAccessTokens, FakeStrength, FakeTotp, FixedClock, InstantHasher, MemoryStore,
    RecordingMailer, SeededEntropy,
};

use crate::interruption::{InterruptedStore, Interruption};

/// The password of every user that a [`World`] was given.
pub(crate) const PASSWORD: &str = "correct horse battery";
/// Another good one.
pub(crate) const OTHER_PASSWORD: &str = "staple of a new kind";

/// Everything behind the use cases, and the use cases.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) store: MemoryStore,
    pub(crate) clock: FixedClock,
    pub(crate) hasher: InstantHasher,
    pub(crate) access_tokens: FakeAccessTokens,
    pub(crate) totp: FakeTotp,
    pub(crate) mailer: RecordingMailer,
    pub(crate) services: Services,
    pub(crate) entropy: SeededEntropy,
    policy: Policy,
    seen: Arc<Mutex<usize>>,
}

/// All that is kept of the users, at one moment; but for counts of attempts,
/// which are kept whatever becomes of an attempt.
#[derive(Debug, PartialEq)]
pub(crate) struct Snapshot {
    users: Vec<(User, Credentials, Vec<Session>)>,
    factors: Vec<(Option<TotpFactor>, u32)>,
    keys: Vec<Vec<ApiKey>>,
    mails: Vec<(Mail, Attempt)>,
    events: Vec<AuditEvent>,
}

impl Snapshot {
    /// For refusals that are remembered and change nothing else.
    pub(crate) fn forget_last_event(&mut self) {
        self.events.pop();
    }
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Policy::default())
    }

    pub(crate) fn with(policy: Policy) -> Self {
        let (store, clock, hasher) = <(MemoryStore, FixedClock, InstantHasher)>::default();
        let (access_tokens, entropy) = <(FakeAccessTokens, SeededEntropy)>::default();
        let (totp, mailer) = <(FakeTotp, RecordingMailer)>::default();
        let ports = Ports {
            store: Arc::new(store.clone()),
            hasher: Arc::new(hasher.clone()),
            strength: Arc::new(FakeStrength::default()),
            access_tokens: Arc::new(access_tokens.clone()),
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(entropy.clone()),
            totp: Arc::new(totp),
            mailer: Arc::new(mailer.clone()),
        };
        Self {
            store,
            clock,
            hasher,
            access_tokens,
            totp,
            mailer,
            services: Services::new(ports, policy.clone()),
            entropy,
            policy,
            seen: Arc::default(),
        }
    }

    /// The same use cases, with something happening between their reads and
    /// their writes, each of the first `times` times. They count no attempts,
    /// which would be writes, too.
    pub(crate) fn interrupted(&self, times: usize, by: Interruption) -> Services {
        let store = InterruptedStore::new(self.store.clone(), times, by);
        let mut policy = self.policy.clone();
        policy.throttle.enabled = false;
        Services::new(self.ports_over(Arc::new(store)), policy)
    }

    /// The adapters, over another store.
    pub(crate) fn ports_over(&self, store: Arc<dyn Store>) -> Ports {
        Ports {
            store,
            hasher: Arc::new(self.hasher.clone()),
            strength: Arc::new(FakeStrength::default()),
            access_tokens: Arc::new(self.access_tokens.clone()),
            clock: Arc::new(self.clock.clone()),
            entropy: Arc::new(self.entropy.clone()),
            totp: Arc::new(self.totp),
            mailer: Arc::new(self.mailer.clone()),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn wait(&self, time: TimeDelta) {
        self.clock.advance(time);
    }

    /// Stores a user whose password is [`PASSWORD`], without any event.
    pub(crate) async fn add(&self, user: User) -> User {
        let unit = self.store.begin().await.unwrap();
        let hash = self.hasher.hash_of(PASSWORD);
        unit.users().insert(&user, &hash).await.unwrap();
        unit.commit(&[]).await.unwrap();
        user
    }

    /// Writes a user that was changed beside all use cases.
    pub(crate) async fn write(&self, user: &User, before: Version) {
        let unit = self.store.begin().await.unwrap();
        let keep = SessionsAfter::Keep;
        unit.users().update(user, before, keep).await.unwrap();
        unit.commit(&[]).await.unwrap();
    }

    /// The user as it is stored now.
    pub(crate) async fn user(&self, id: UserId) -> User {
        stored(&self.store, id).await
    }

    pub(crate) async fn find(&self, id: UserId) -> Option<User> {
        self.store.users().find(&UserKey::Id(id)).await.unwrap()
    }

    pub(crate) async fn credentials(&self, id: UserId) -> Credentials {
        let key = UserKey::Id(id);
        let found = self.store.users().find_with_credentials(&key).await;
        found.unwrap().expect("stored").1
    }

    /// Signs in; the events of it count as seen.
    pub(crate) async fn sign_in(&self, user: &User) -> TokenPair {
        let pair = self.try_sign_in(user, PASSWORD).await.unwrap();
        self.forget_events();
        pair
    }

    pub(crate) async fn try_sign_in(&self, user: &User, password: &str) -> Result<TokenPair> {
        let name = user.username.as_ref().expect("a name").as_str();
        let command = login_command(name, password);
        self.services.sessions.login(&origin(), command).await
    }

    /// Signs in and proves it.
    pub(crate) async fn caller(&self, user: &User) -> SignedIn {
        let pair = self.sign_in(user).await;
        self.authenticate(&pair).await.unwrap()
    }

    pub(crate) async fn own_session(&self, user: &User) -> OwnSession {
        self.caller(user).await.require_session().unwrap()
    }

    /// Adds an administrator and signs in.
    pub(crate) async fn admin(&self) -> SignedIn {
        let admin = self.add(userhub_testkit::an_admin()).await;
        self.caller(&admin).await
    }

    pub(crate) async fn authenticate(&self, pair: &TokenPair) -> Result<SignedIn> {
        let token = pair.access_token.expose_secret();
        self.services.sessions.authenticate(token).await
    }

    pub(crate) async fn refresh(&self, pair: &TokenPair) -> Result<TokenPair> {
        let token = pair.refresh_token.reveal();
        self.services.sessions.refresh(&origin(), &token).await
    }

    /// A token that resets a password; its event counts as seen.
    pub(crate) async fn reset_token(&self, id: UserId) -> SecretString {
        let ticket = self
            .services
            .administration
            .start_password_reset(&operator(), &origin(), id)
            .await
            .unwrap();
        self.forget_events();
        ticket.token.reveal()
    }

    /// The app of a user.
    pub(crate) async fn factor(&self, id: UserId) -> Option<TotpFactor> {
        self.store.second_factors().find(id).await.unwrap()
    }

    /// The API keys of a user.
    pub(crate) async fn store_keys(&self, id: UserId) -> Vec<ApiKey> {
        self.store.api_keys().list(id).await.unwrap()
    }

    /// What each mail of the outbox is about and whose it is, sorted.
    pub(crate) fn outbox(&self) -> Vec<(MailKind, Option<UserId>, String)> {
        let mails = self.store.mails().into_iter();
        let mut mails: Vec<_> = mails
            .map(|(mail, _)| (mail.kind, mail.user_id, mail.to.to_string()))
            .collect();
        mails.sort();
        mails
    }

    /// Delivers what is due now; says what became of it.
    pub(crate) async fn deliver(&self) -> Vec<Delivery> {
        let mails = &self.services.mails;
        let mut deliveries = Vec::new();
        for claimed in mails.claim(100).await.unwrap() {
            deliveries.push(mails.deliver(claimed).await.unwrap());
        }
        deliveries
    }

    /// Delivers, and gives the token that came with the last letter of a kind.
    pub(crate) async fn mailed(&self, kind: MailKind) -> SecretString {
        self.deliver().await;
        self.mailer.last_token(kind).expect("a letter with a token")
    }

    pub(crate) async fn snapshot(&self) -> Snapshot {
        let (mut users, mut factors, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        for user in self.store.all_users() {
            let credentials = self.credentials(user.id).await;
            let living = self.store.sessions().list_living(user.id, self.now()).await;
            let id = user.id;
            users.push((user, credentials, living.unwrap()));
            let codes = self.store.second_factors().count_recovery_codes(id).await;
            factors.push((self.factor(id).await, codes.unwrap()));
            keys.push(self.store_keys(id).await);
        }
        Snapshot {
            users,
            factors,
            keys,
            mails: self.store.mails(),
            events: self.store.events(),
        }
    }

    /// What an event that is written now, from [`origin`], looks like.
    pub(crate) fn event(&self, kind: EventKind, actor: &Actor) -> AuditEvent {
        AuditEvent::new(self.now(), &self.entropy, kind, actor, &origin()).unwrap()
    }

    /// Demands that exactly these events were written since the last look,
    /// alike in everything but their ids.
    #[track_caller]
    pub(crate) fn assert_wrote<const N: usize>(&self, mut expected: [AuditEvent; N]) {
        let written = self.new_events();
        for (one, actual) in expected.iter_mut().zip(&written) {
            one.id = actual.id;
        }
        assert_eq!(written, expected);
    }

    pub(crate) fn new_events(&self) -> Vec<AuditEvent> {
        let events = self.store.events();
        let mut seen = self.seen.lock().unwrap();
        let new = events[*seen..].to_vec();
        *seen = events.len();
        new
    }

    pub(crate) fn forget_events(&self) {
        self.new_events();
    }
}

/// The user as this store has it now.
pub(crate) async fn stored(store: &MemoryStore, id: UserId) -> User {
    let found = store.users().find(&UserKey::Id(id)).await;
    found.unwrap().expect("stored")
}

/// Attempts are not counted: whatever fails, fails in the use case itself.
pub(crate) fn unthrottled() -> Policy {
    let mut policy = Policy::default();
    policy.throttle.enabled = false;
    policy
}

/// Addresses must be verified, which hides who has an account.
pub(crate) fn verifying() -> Policy {
    let mut policy = Policy::default();
    policy.registration.verification = Verification::Required;
    policy
}

/// From where every command of these tests comes.
pub(crate) fn origin() -> Origin {
    Origin {
        address: Some("192.0.2.7".parse().unwrap()),
        user_agent: Some("tests".to_owned()),
        request_id: Some("request-1".to_owned()),
    }
}

pub(crate) fn operator() -> Admin {
    Admin::operator("tests")
}

pub(crate) fn login_command(identifier: &str, password: &str) -> LoginCommand {
    let input = LoginInput {
        identifier: Some(identifier.to_owned()),
        password: Some(password.into()),
    };
    LoginCommand::parse(input).unwrap()
}

/// The code of the refusal.
#[track_caller]
pub(crate) fn code<T>(result: Result<T>) -> &'static str {
    match result {
        Ok(_) => panic!("should have been refused"),
        Err(error) => error.code(),
    }
}

/// The refused members with the code of each, sorted.
#[track_caller]
pub(crate) fn violations<T>(result: Result<T, Violations>) -> Vec<String> {
    let Err(violations) = result else {
        panic!("should have been refused");
    };
    let mut all: Vec<_> = violations
        .iter()
        .map(|one| format!("{} {}", one.field, one.code.as_str()))
        .collect();
    all.sort();
    all
}
