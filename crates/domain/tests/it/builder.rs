//! The builder: what it takes as given, and that every part can be swapped.

use std::sync::Arc;

use userhub_domain::{
    Result,
    accounts::{MailRequestCommand, RegisterCommand, RegisterInput},
    audit::Origin,
    clock::{Clock, Entropy},
    mail::Delivery,
    policy::Policy,
    ports::{CompleteBuilder, Services},
    second_factor::{TotpCode, TotpSeed},
    users::{ProfileInput, UserId},
    violation::ViolationCode,
};
use userhub_testkit::{
    FakeAccessTokens, FakeStrength, FakeTotp, FixedClock, InstantHasher, MemoryStore,
    RecordingMailer, SeededEntropy, TestServices,
};

fn register(services: &Services, password: &str) -> userhub_domain::Result<UserId> {
    let input = RegisterInput {
        profile: ProfileInput {
            username: Some("ann".to_owned()),
            ..ProfileInput::default()
        },
        password: Some(password.into()),
    };
    let command = RegisterCommand::parse(input, services.accounts.rules())?;
    let origin = Origin::default();
    pollster::block_on(services.accounts.register(&origin, command))
        .map(|made| made.into_user().expect("told").id)
}

fn minimal() -> CompleteBuilder {
    Services::builder(Arc::new(MemoryStore::new()))
        .hasher(Arc::new(InstantHasher::new()))
        .access_tokens(Arc::new(FakeAccessTokens::new()))
        .clock(Arc::new(FixedClock::new()))
        .entropy(Arc::new(SeededEntropy::default()))
}

#[test]
fn unless_told_otherwise_length_is_the_strength_and_the_policy_the_default() {
    let services = minimal().build();
    assert_eq!(services.accounts.rules().policy(), &Policy::default());
    let refused = register(&services, "plum 4 you").unwrap_err();
    let userhub_domain::Error::Invalid(userhub_domain::error::Invalid::Violations(all)) = refused
    else {
        panic!("not a violation: {refused:?}");
    };
    let told: Vec<_> = all.iter().map(|one| (&*one.field, one.code)).collect();
    assert_eq!(told, [("password", ViolationCode::WeakPassword)]);
    register(&services, "three plums in a bowl").unwrap();
}

#[test]
fn estimator_and_policy_can_be_given() {
    let mut policy = Policy::default();
    policy.registration.open = false;
    let services = minimal()
        .strength(Arc::new(FakeStrength::default()))
        .policy(policy)
        .build();
    let refused = register(&services, "plum 4 you").unwrap_err();
    assert_eq!(refused.code(), "registration_closed");
}

#[test]
fn services_made_from_others_keep_their_policy() {
    let mut policy = Policy::default();
    policy.registration.open = false;
    let closed = minimal().policy(policy.clone()).build();
    let again = closed.to_builder().clock(Arc::new(FixedClock::new()));
    assert_eq!(again.clone().into_parts().1, policy);
    let refused = register(&again.build(), "three plums in a bowl").unwrap_err();
    assert_eq!(refused.code(), "registration_closed");
}

#[test]
fn every_part_of_services_that_stand_can_be_swapped() {
    let test = TestServices::new();
    let (store, hasher) = (MemoryStore::new(), InstantHasher::new());
    let (clock, entropy) = (FixedClock::new(), SeededEntropy::new(7));
    let tokens = FakeAccessTokens::new();
    clock.advance(chrono::TimeDelta::days(1));
    let (ports, _) = test
        .services
        .to_builder()
        .store(Arc::new(store.clone()))
        .hasher(Arc::new(hasher.clone()))
        .access_tokens(Arc::new(tokens))
        .clock(Arc::new(clock.clone()))
        .entropy(Arc::new(entropy))
        .into_parts();
    assert_eq!(ports.clock.now(), clock.now());
    let services = CompleteBuilder::from((ports.clone(), Policy::default())).build();
    let id = register(&services, "three plums in a bowl").unwrap();
    assert_eq!(store.all_users().len(), 1);
    assert_eq!(test.store.all_users(), []);
    assert_eq!((hasher.hashes(), test.hasher.hashes()), (1, 0));
    assert_eq!(store.all_users()[0].created_at, clock.now());
    assert_eq!(store.all_users()[0].id, id);
    let ids = [SeededEntropy::new(7), SeededEntropy::default()]
        .map(|entropy| UserId::generate(clock.now(), &entropy as &dyn Entropy).unwrap());
    assert_eq!(ids.map(|other| other == id), [true, false]);
    assert!(Arc::strong_count(&ports.store) > 1);
}

/// Asks for a mail, and delivers it.
async fn mail(services: &Services, origin: &Origin) -> Result<Vec<Delivery>> {
    let command = MailRequestCommand::parse(Some("ann@example.org".to_owned()))?;
    services.accounts.forgot_password(origin, command).await?;
    let mut deliveries = Vec::new();
    for claimed in services.mails.claim(10).await? {
        deliveries.push(services.mails.deliver(claimed).await?);
    }
    Ok(deliveries)
}

#[tokio::test]
async fn without_a_mailer_every_mail_is_given_up_and_with_one_it_is_sent() {
    let test = TestServices::new();
    let ann = userhub_testkit::UserBuilder::new().email("ann@example.org");
    test.add(ann.build()).await.unwrap();
    let origin = Origin::default();
    let over = |builder: CompleteBuilder| builder.store(Arc::new(test.store.clone()));
    // Ids must not come again.
    let silent = over(minimal()).entropy(Arc::new(SeededEntropy::new(3)));
    let deliveries = mail(&silent.build(), &origin).await.unwrap();
    assert_eq!(deliveries, [Delivery::Abandoned]);
    let (_, attempt) = test.store.mails().remove(0);
    let told = attempt.last_error.unwrap();
    assert_eq!(told, "refused: no mailer is set up");
    let mailer = RecordingMailer::new();
    let loud = over(minimal()).mailer(Arc::new(mailer.clone()));
    let loud = loud.entropy(Arc::new(SeededEntropy::new(4))).build();
    assert_eq!(mail(&loud, &origin).await.unwrap(), [Delivery::Sent]);
    assert_eq!(mailer.letters().len(), 1);
}

#[test]
fn without_one_time_codes_there_is_no_second_factor_and_they_can_be_given() {
    let test = TestServices::new();
    let user = userhub_testkit::a_user();
    let seed = TotpSeed::generate(&test.entropy).unwrap();
    let (ports, _) = minimal().into_parts();
    let refused = ports.totp.enrol(user.id, &seed, "ann").unwrap_err();
    assert_eq!(refused.code(), "mfa_unavailable");
    let (given, _) = minimal().totp(Arc::new(FakeTotp::new())).into_parts();
    // Services that stand keep what they were given.
    let services = Services::new(given, Policy::default());
    let (again, _) = services.to_builder().into_parts();
    let enrolled = again.totp.enrol(user.id, &seed, "ann").unwrap();
    let code = test
        .totp
        .code_at(&enrolled.sealed, test.clock.now())
        .unwrap();
    let code = TotpCode::parse(&code).unwrap();
    let step = again
        .totp
        .matching_step(user.id, &enrolled.sealed, &code, test.clock.now());
    assert_eq!(step.unwrap(), Some(test.totp.step_at(test.clock.now())));
}
