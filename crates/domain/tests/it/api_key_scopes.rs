//! What a key is good for, and what it never is.

use userhub_domain::{
    Result,
    accounts::{UpdateUserCommand, UpdateUserInput},
    api_keys::Scope,
    audit::{Actor, EventKind},
    caller::SignedIn,
    sessions::SessionId,
    users::{Change, User, UserId},
};
use userhub_testkit::{a_user, an_admin};
use uuid::Uuid;

use crate::{
    api_keys::{authenticate, create, input, with_key},
    fixture::{World, code, origin, violations},
};

#[tokio::test]
async fn a_key_proves_its_owner_within_its_scopes() {
    let world = World::new();
    let (own, created) = with_key(&world, an_admin(), &["read"]).await;
    let caller = authenticate(&world, &created).await.unwrap();
    assert_eq!(caller.id(), own.signed_in().id());
    assert_eq!(caller.api_key_id(), Some(created.key.id));
    assert_eq!(caller.session_id(), None);
    caller.require(Scope::Read).unwrap();
    assert_eq!(code(caller.require(Scope::Write)), "forbidden");
    caller.require_admin_reader().unwrap();
    assert_eq!(code(caller.require_admin()), "forbidden");
    assert_eq!(code(caller.require_session()), "session_required");
    assert_eq!(code(caller.require_person()), "session_required");

    let (_, created) = with_key(&world, an_admin(), &["write"]).await;
    let caller = authenticate(&world, &created).await.unwrap();
    caller.require_admin().unwrap();
    assert_eq!(code(caller.require_admin_reader()), "forbidden");

    let (_, created) = with_key(&world, a_user(), &["read", "write"]).await;
    let caller = authenticate(&world, &created).await.unwrap();
    assert_eq!(code(caller.require_admin()), "forbidden");
    assert_eq!(code(caller.require_admin_reader()), "forbidden");
}

#[tokio::test]
async fn what_a_key_may_not_do_of_itself_is_refused() {
    let world = World::new();
    let (_, created) = with_key(&world, a_user(), &["read", "write"]).await;
    let both = authenticate(&world, &created).await.unwrap();
    let services = &world.services;
    let (accounts, sessions) = (&services.accounts, &services.sessions);
    let before = world.snapshot().await;
    let refusals = [
        services.api_keys.list(&both).await.map(drop),
        services.second_factor.show(&both).await.map(drop),
        sessions.list(&both).await.map(drop),
        sessions.logout(&both, &origin()).await,
        sessions.logout_all(&both, &origin()).await,
        sessions
            .end(&both, &origin(), SessionId::from_uuid(Uuid::nil()))
            .await,
        accounts.close(&both, &origin()).await,
    ];
    for refused in refusals {
        assert_eq!(code(refused), "session_required");
    }
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn reading_and_writing_an_account_need_their_scopes() {
    let world = World::new();
    let (own, read) = with_key(&world, a_user(), &["read"]).await;
    let write = create(&world, &own, input(&["write"], None)).await.unwrap();
    world.forget_events();
    let read = authenticate(&world, &read).await.unwrap();
    let write = authenticate(&world, &write).await.unwrap();
    let key = userhub_domain::users::UserKey::Id(read.id());
    let accounts = &world.services.accounts;
    accounts.show(&read, &key).await.unwrap();
    assert_eq!(code(accounts.show(&write, &key).await), "forbidden");

    let change =
        || crate::update::input(|input| input.profile.first_name = Change::Set("Ann".to_owned()));
    let before = world.snapshot().await;
    let refused = crate::update::update(&world, &read, read.id(), change()).await;
    assert_eq!(code(refused), "forbidden");
    let rules = accounts.rules();
    let profile = |input: userhub_domain::accounts::UpdateUserInput| {
        userhub_domain::accounts::UpdateProfileCommand::parse(input.profile, rules).unwrap()
    };
    let command = profile(change());
    let refused = accounts
        .update_profile(&read, &origin(), &command, None)
        .await;
    assert_eq!(code(refused), "forbidden");
    assert_eq!(world.snapshot().await, before);
    accounts
        .update_profile(&write, &origin(), &command, None)
        .await
        .unwrap();
    let event = world.event(EventKind::UserUpdated, &Actor::User(write.id()));
    world.assert_wrote([event.about(write.id()).naming(["first_name"])]);
    crate::update::update(&world, &write, write.id(), change())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_reading_administrators_key_changes_nobody() {
    let world = World::new();
    let (_, created) = with_key(&world, an_admin(), &["read"]).await;
    let reader = authenticate(&world, &created).await.unwrap();
    let input = crate::update::input(|input| input.role = Change::Set("user".to_owned()));
    let accounts = &world.services.accounts;
    let command =
        userhub_domain::accounts::UpdateUserCommand::parse(input, accounts.rules(), &reader);
    assert_eq!(violations(command), ["role not_allowed"]);
}

#[tokio::test]
async fn an_administrators_key_does_not_touch_its_owners_credentials() {
    let world = World::new();
    let somebody = world.add(a_user()).await;
    let (own, created) = with_key(&world, an_admin(), &["read", "write"]).await;
    let id = own.signed_in().id();
    let key = authenticate(&world, &created).await.unwrap();
    let (admin, in_person) = (
        key.require_admin().unwrap(),
        own.signed_in().require_admin().unwrap(),
    );
    let administration = &world.services.administration;
    let (before, origin) = (world.snapshot().await, origin());
    let refused = [
        code(
            administration
                .start_password_reset(&admin, &origin, id)
                .await,
        ),
        code(administration.reset_mfa(&admin, &origin, id).await),
        code(administration.end_sessions(&admin, &origin, id).await),
        code(change_email(&world, &key, id).await),
    ];
    assert_eq!(refused, ["session_required"; 4]);
    assert_eq!(world.snapshot().await, before);

    let others = administration.start_password_reset(&admin, &origin, somebody.id);
    assert!(others.await.is_ok(), "somebody else's it does");
    assert!(change_email(&world, &key, somebody.id).await.is_ok());
    let own_ticket = administration.start_password_reset(&in_person, &origin, id);
    assert!(own_ticket.await.is_ok(), "in person it is one's own affair");
}

async fn change_email(world: &World, caller: &SignedIn, id: UserId) -> Result<User> {
    let accounts = &world.services.accounts;
    let input = UpdateUserInput {
        email: Change::Set(format!("other-{id}@example.org")),
        ..UpdateUserInput::default()
    };
    let command = UpdateUserCommand::parse(input, accounts.rules(), caller).unwrap();
    accounts
        .update(caller, &origin(), (id, None), &command)
        .await
}
