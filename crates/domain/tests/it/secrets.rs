//! What is secret prints nothing of itself.

use secrecy::ExposeSecret;
use userhub_domain::{
    accounts::{
        ChangeEmailCommand, ChangeEmailInput, ChangePasswordCommand, ChangePasswordInput,
        MailRequestCommand, RegisterCommand, RegisterInput, ResetPasswordCommand,
        ResetPasswordInput, VerifyEmailCommand,
    },
    admin::{CreateUserCommand, CreateUserInput},
    api_keys::{CreateApiKeyCommand, CreateApiKeyInput},
    mail::MailKind,
    second_factor::{
        ConfirmTotpCommand, ConfirmedChangeCommand, EnrolTotpCommand, SecondFactorCode, TotpSeed,
        VerifyMfaCommand,
    },
    secret::{RawToken, TokenPurpose},
    sessions::{LoginCommand, LoginInput},
    users::ProfileInput,
};
use userhub_testkit::{UserBuilder, a_user};

use crate::{
    confirm_totp::{set_up, shown},
    enrol_totp::enrol,
    fixture::{OTHER_PASSWORD, PASSWORD, World, operator, origin, verifying},
};

#[track_caller]
fn assert_silent(printed: &str) {
    for secret in [
        PASSWORD,
        OTHER_PASSWORD,
        "fake-access-token",
        "uhr_",
        "uhp_",
        "uhv_",
        "uhe_",
        "uhm_",
        "$instant",
        "foreign$",
        "otpauth",
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

/// Of this printed form, none of these is a part.
#[track_caller]
fn assert_hides(printed: &str, secrets: &[&str]) {
    assert_silent(printed);
    for secret in secrets {
        assert!(!secret.is_empty() && !printed.contains(secret), "{printed}");
    }
}

#[tokio::test]
async fn a_foreign_hash_and_a_mailed_token_show_nothing_in_inputs_and_commands() {
    let world = World::new();
    let foreign = world.hasher.foreign_hash_of(PASSWORD);
    let create = CreateUserInput {
        profile: ProfileInput {
            username: Some("ann".to_owned()),
            ..ProfileInput::default()
        },
        password_hash: Some(foreign),
        ..CreateUserInput::default()
    };
    assert_silent(&format!("{create:?}"));
    let rules = world.services.administration.rules();
    let command = CreateUserCommand::parse(create, rules).unwrap();
    assert_silent(&format!("{command:?}"));

    for purpose in TokenPurpose::ALL {
        let token = RawToken::generate(purpose, &world.entropy).unwrap();
        let sent = token.reveal();
        let (text, digits) = (sent.expose_secret(), &sent.expose_secret()[4..12]);
        assert_hides(&format!("{token:?} {:?}", token.hash()), &[text, digits]);
        let verify = VerifyEmailCommand::parse(Some(sent.clone())).unwrap();
        let code = Some("123456".into());
        let mfa = VerifyMfaCommand::parse(Some(sent.clone()), code).unwrap();
        assert_hides(&format!("{verify:?} {mfa:?}"), &[text, digits, "123456"]);
    }
    let command = MailRequestCommand::parse(Some("ann@example.org".to_owned()));
    assert_silent(&format!("{command:?}"));
}

#[tokio::test]
async fn letters_and_the_outbox_show_no_token() {
    let world = World::with(verifying());
    let user = world.add(UserBuilder::new().verified().build()).await;
    let address = user.email.as_ref().unwrap().as_str();
    crate::forgot_password::forgot(&world, address)
        .await
        .unwrap();
    let claimed = world.services.mails.claim(1).await.unwrap();
    assert_silent(&format!("{claimed:?}"));
    for mail in claimed {
        world.services.mails.deliver(mail).await.unwrap();
    }
    let token = world.mailer.last_token(MailKind::ResetPassword).unwrap();
    let printed = format!("{:?}", world.mailer.letters());
    assert!(printed.contains("ResetPassword"));
    assert_hides(&printed, &[&token.expose_secret()[4..]]);
}

#[tokio::test]
async fn what_belongs_to_a_second_factor_shows_nothing() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let seed = TotpSeed::generate(&world.entropy).unwrap();
    assert_eq!(format!("{seed:?}"), "TotpSeed(..)");
    let caller = world.own_session(&user).await;
    let enrolled = enrol(&world, &caller, PASSWORD).await.unwrap();
    let secret = enrolled.secret.expose_secret();
    assert_hides(&format!("{enrolled:?}"), &[secret, "<svg"]);
    assert_eq!(format!("{:?}", enrolled.sealed), "SealedSeed(..)");
    let (_, codes) = set_up(&world, &user).await;
    let code = shown(&world, &user).await;
    let recovery = codes[0].reveal();
    let recovery = recovery.expose_secret();
    let parse = |text: &str| SecondFactorCode::parse(&text.into()).unwrap();
    let printed = [
        format!("{codes:?} {:?}", codes[0].hash(user.id)),
        format!("{:?} {:?}", parse(&code), parse(recovery)),
        format!(
            "{:?}",
            EnrolTotpCommand::parse(Some(PASSWORD.into())).unwrap()
        ),
        format!(
            "{:?}",
            ConfirmTotpCommand::parse(Some(code.as_str().into())).unwrap()
        ),
        format!(
            "{:?}",
            ConfirmedChangeCommand::parse(Some(PASSWORD.into()), Some(recovery.into())).unwrap()
        ),
        format!("{:?}", world.factor(user.id).await),
        format!(
            "{:?}",
            world.try_sign_in(&user, PASSWORD).await.unwrap_err()
        ),
    ];
    for printed in &printed {
        assert_hides(
            printed,
            &[&code, recovery, &recovery.replace('-', ""), secret],
        );
    }
    assert!(printed[6].contains("MfaRequired"), "{}", printed[6]);
}

#[tokio::test]
async fn of_a_key_only_its_beginning_is_shown() {
    let world = World::new();
    let (caller, created) = crate::api_keys::with_key(&world, a_user(), &["read"]).await;
    let sent = created.token.reveal();
    let (text, rest) = (sent.expose_secret(), &sent.expose_secret()[12..20]);
    let listed = world.services.api_keys.list(caller.signed_in()).await;
    let signed_in = world.services.sessions.authenticate(text).await;
    for printed in [
        format!("{created:?}"),
        format!("{listed:?}"),
        format!("{signed_in:?}"),
    ] {
        assert_hides(&printed, &[text, rest]);
    }
    let input = CreateApiKeyInput {
        name: Some("ci".to_owned()),
        scopes: Some(vec!["read".to_owned()]),
        expires_at: None,
    };
    assert_silent(&format!("{input:?}"));
    assert_silent(&format!("{:?}", CreateApiKeyCommand::parse(input)));
}
