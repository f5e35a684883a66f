//! The use cases need no runtime: the same life of an account under a bare
//! `block_on`, under smol and under tokio.

use std::sync::Arc;

use secrecy::ExposeSecret;
use userhub_domain::{
    Result,
    accounts::{ChangePasswordCommand, ChangePasswordInput, RegisterCommand, RegisterInput},
    audit::Origin,
    caller::Admin,
    ports::Services,
    sessions::{LoginCommand, LoginInput},
    users::{ProfileInput, UserKey},
};
use userhub_testkit::{FakeAccessTokens, FixedClock, InstantHasher, MemoryStore, SeededEntropy};

const FIRST: &str = "three plums in a bowl";
const SECOND: &str = "seven geese on a roof";

fn login(password: &str) -> LoginCommand {
    LoginCommand::parse(LoginInput {
        identifier: Some("Ann".to_owned()),
        password: Some(password.into()),
    })
    .unwrap()
}

async fn live_through_an_account() -> Result<()> {
    let services = Services::builder(Arc::new(MemoryStore::new()))
        .hasher(Arc::new(InstantHasher::new()))
        .access_tokens(Arc::new(FakeAccessTokens::new()))
        .clock(Arc::new(FixedClock::new()))
        .entropy(Arc::new(SeededEntropy::default()))
        .build();
    let Services {
        accounts,
        sessions,
        administration,
        ..
    } = &services;
    let origin = Origin::default();
    let profile = ProfileInput {
        username: Some("ann".to_owned()),
        ..ProfileInput::default()
    };
    let input = RegisterInput {
        profile,
        password: Some(FIRST.into()),
    };
    let command = RegisterCommand::parse(input, accounts.rules())?;
    let user = accounts.register(&origin, command).await?;
    let user = user.into_user().expect("told");

    let pair = sessions.login(&origin, login(FIRST)).await?;
    let pair = sessions
        .refresh(&origin, &pair.refresh_token.reveal())
        .await?;
    let token = pair.access_token.expose_secret();
    let caller = sessions.authenticate(token).await?;
    let own = caller.require_session()?;
    let input = ChangePasswordInput {
        current_password: Some(FIRST.into()),
        new_password: Some(SECOND.into()),
    };
    let command = ChangePasswordCommand::parse(input, accounts.rules(), &own)?;
    accounts.change_password(&own, &origin, command).await?;
    assert!(sessions.login(&origin, login(FIRST)).await.is_err());
    sessions.login(&origin, login(SECOND)).await?;

    let nightly = Admin::operator("nightly");
    administration.delete(&nightly, &origin, user.id).await?;
    administration.purge(&nightly, &origin, user.id).await?;
    let gone = administration.get(&nightly, &UserKey::Id(user.id)).await;
    assert_eq!(gone.unwrap_err().code(), "user_not_found");
    Ok(())
}

#[test]
fn under_a_bare_block_on() {
    pollster::block_on(live_through_an_account()).unwrap();
}

#[test]
fn under_smol_on_several_threads() {
    let tasks: Vec<_> = (0..4)
        .map(|_| smol::spawn(live_through_an_account()))
        .collect();
    smol::block_on(async {
        for task in tasks {
            task.await.unwrap();
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn under_tokio() {
    tokio::spawn(live_through_an_account())
        .await
        .unwrap()
        .unwrap();
}
