//! Accounts in an axum service: the use cases of `userhub-domain` behind
//! paths, words and JSON shapes of its own.

mod caller;
mod failure;
mod request;

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use userhub_domain::{
    accounts::{RegisterCommand, RegisterInput, Registration},
    ports::Services,
    sessions::{LoginCommand, LoginInput, TokenPair},
    users::{ProfileInput, User},
};

pub use caller::Caller;
pub use failure::Failure;
pub use request::{Sender, Sent};

/// The service, to be served by `into_make_service_with_connect_info`: whose
/// guesses are slowed down is told by the peer's address.
pub fn app(services: Services) -> Router {
    Router::new()
        .route("/join", post(join))
        .route("/enter", post(enter))
        .route("/renew", post(renew))
        .route("/me", get(me))
        .with_state(services)
}

/// What people send to join and to enter. What is missing is the domain's to say.
#[derive(Deserialize)]
struct Key {
    handle: Option<String>,
    passphrase: Option<String>,
}

/// What is shown of a user.
#[derive(Serialize)]
struct Member {
    id: String,
    handle: Option<String>,
    joined: i64,
}

impl From<&User> for Member {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.to_string(),
            handle: user.username.as_ref().map(ToString::to_string),
            joined: user.created_at.timestamp(),
        }
    }
}

/// What opens the door, and what gets the next one.
#[derive(Serialize)]
struct Ticket {
    token: String,
    seconds: i64,
    renewal: String,
}

impl From<TokenPair> for Ticket {
    fn from(tokens: TokenPair) -> Self {
        Self {
            token: tokens.access_token.expose_secret().to_owned(),
            seconds: tokens.expires_in.num_seconds(),
            renewal: tokens.refresh_token.reveal().expose_secret().to_owned(),
        }
    }
}

#[derive(Deserialize)]
struct Renewal {
    renewal: String,
}

async fn join(
    State(services): State<Services>,
    Sender(origin): Sender,
    Sent(key): Sent<Key>,
) -> Result<(StatusCode, Json<Option<Member>>), Failure> {
    let profile = ProfileInput {
        username: key.handle,
        ..ProfileInput::default()
    };
    let input = RegisterInput {
        profile,
        password: key.passphrase.map(SecretString::from),
    };
    let command = RegisterCommand::parse(input, services.accounts.rules())?;
    Ok(match services.accounts.register(&origin, command).await? {
        Registration::Created(user) => (StatusCode::CREATED, Json(Some(Member::from(&*user)))),
        // Under a policy that does not tell who has an account.
        Registration::Accepted => (StatusCode::ACCEPTED, Json(None)),
    })
}

async fn enter(
    State(services): State<Services>,
    Sender(origin): Sender,
    Sent(key): Sent<Key>,
) -> Result<Json<Ticket>, Failure> {
    let command = LoginCommand::parse(LoginInput {
        identifier: key.handle,
        password: key.passphrase.map(SecretString::from),
    })?;
    let tokens = services.sessions.login(&origin, command).await?;
    Ok(Json(tokens.into()))
}

/// Each renewal is good once; one that was used before ends the session.
async fn renew(
    State(services): State<Services>,
    Sender(origin): Sender,
    Sent(sent): Sent<Renewal>,
) -> Result<Json<Ticket>, Failure> {
    let renewal = SecretString::from(sent.renewal);
    let tokens = services.sessions.refresh(&origin, &renewal).await?;
    Ok(Json(tokens.into()))
}

async fn me(Caller(caller): Caller) -> Json<Member> {
    Json(Member::from(caller.user()))
}
