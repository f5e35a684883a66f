//! What is secret prints nothing of itself.

use secrecy::ExposeSecret;
use userhub_domain::{
    accounts::{
        ChangeEmailCommand, ChangeEmailInput, ChangePasswordCommand, ChangePasswordInput,
        RegisterCommand, RegisterInput, ResetPasswordCommand, ResetPasswordInput,
    },
    admin::{CreateUserCommand, CreateUserInput},
    sessions::{LoginCommand, LoginInput},
    users::ProfileInput,
};
use userhub_testkit::a_user;

use crate::fixture::{OTHER_PASSWORD, PASSWORD, World, operator, origin};

#[track_caller]
fn assert_silent(printed: &str) {
    for secret in [
        PASSWORD,
        OTHER_PASSWORD,
        "fake-access-token",
        "uhr_",
        "uhp_",
        "$instant",
    ] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

#[tokio::test]
async fn inputs_and_commands_show_no_password_and_no_token() {
    let world = World::new();
    let rules = world.services.accounts.rules();
    let user = world.add(a_user()).await;
    let session = world.own_session(&user).await;
    let profile = ProfileInput {
        username: Some("ann".to_owned()),
        ..ProfileInput::default()
    };

    let login = LoginInput {
        identifier: Some("ann".to_owned()),
        password: Some(PASSWORD.into()),
    };
    assert_silent(&format!("{login:?}"));
    assert_silent(&format!("{:?}", LoginCommand::parse(login).unwrap()));

    let register = RegisterInput {
        profile: profile.clone(),
        password: Some(PASSWORD.into()),
    };
    assert_silent(&format!("{register:?}"));
    let command = RegisterCommand::parse(register, rules).unwrap();
    assert_silent(&format!("{command:?}"));

    let create = CreateUserInput {
        profile,
        password: Some(PASSWORD.into()),
        ..CreateUserInput::default()
    };
    assert_silent(&format!("{create:?}"));
    let command = CreateUserCommand::parse(create, rules).unwrap();
    assert_silent(&format!("{command:?}"));

    let change = ChangePasswordInput {
        current_password: Some(PASSWORD.into()),
        new_password: Some(OTHER_PASSWORD.into()),
    };
    assert_silent(&format!("{change:?}"));
    let command = ChangePasswordCommand::parse(change, rules, &session).unwrap();
    assert_silent(&format!("{command:?}"));

    let email = ChangeEmailInput {
        email: Some("ann@example.org".to_owned()),
        password: Some(PASSWORD.into()),
    };
    assert_silent(&format!("{email:?}"));
    assert_silent(&format!("{:?}", ChangeEmailCommand::parse(email).unwrap()));

    let reset = ResetPasswordInput {
        token: Some(world.reset_token(user.id).await),
        new_password: Some(OTHER_PASSWORD.into()),
    };
    assert_silent(&format!("{reset:?}"));
    let command = ResetPasswordCommand::parse(reset).unwrap();
    assert_silent(&format!("{command:?}"));
}

#[tokio::test]
async fn answers_and_what_is_stored_show_no_password_and_no_token() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let pair = world.sign_in(&user).await;
    assert_silent(&format!("{pair:?}"));
    let administration = &world.services.administration;
    let ticket = administration
        .start_password_reset(&operator(), &origin(), user.id)
        .await
        .unwrap();
    assert_silent(&format!("{ticket:?}"));
    assert_silent(&format!("{:?}", world.snapshot().await));
    // The test itself looks for the right thing.
    assert!(ticket.token.reveal().expose_secret().starts_with("uhp_"));
    assert!(
        world
            .credentials(user.id)
            .await
            .password_hash
            .expose()
            .starts_with("$instant")
    );
}
