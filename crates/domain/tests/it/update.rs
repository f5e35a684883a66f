//! Changing members of an account, as an administrator or of one's own.

use userhub_domain::{
    Error, Result,
    accounts::{UpdateUserCommand, UpdateUserInput},
    audit::{Actor, EventKind},
    caller::SignedIn,
    error::{Conflict, Identifier},
    policy::{Policy, RequiredMember},
    users::{Change, Status, User, UserId, Version},
};
use userhub_testkit::{FaultPoint, UserBuilder, a_user};

use crate::fixture::{OTHER_PASSWORD, PASSWORD, World, code, operator, origin, violations};

pub(crate) fn input(change: impl FnOnce(&mut UpdateUserInput)) -> UpdateUserInput {
    let mut input = UpdateUserInput::default();
    change(&mut input);
    input
}

pub(crate) fn set(text: &str) -> Change<String> {
    Change::Set(text.to_owned())
}

pub(crate) fn suspend() -> UpdateUserInput {
    input(|input| input.is_active = Change::Set(false))
}

pub(crate) async fn update(
    world: &World,
    caller: &SignedIn,
    id: UserId,
    input: UpdateUserInput,
) -> Result<User> {
    update_version(world, caller, (id, None), input).await
}

async fn update_version(
    world: &World,
    caller: &SignedIn,
    which: (UserId, Option<Version>),
    input: UpdateUserInput,
) -> Result<User> {
    let accounts = &world.services.accounts;
    let command = UpdateUserCommand::parse(input, accounts.rules(), caller).unwrap();
    accounts.update(caller, &origin(), which, &command).await
}

#[tokio::test]
async fn everything_can_be_changed_at_once_and_each_change_has_its_event() {
    let world = World::new();
    let admin = world.admin().await;
    let user = world.add(a_user()).await;
    let change = input(|input| {
        input.profile.username = set("Admin");
        input.profile.first_name = set("Ann");
        input.profile.last_name = set("Lee");
        input.profile.phone_number = set("+1 555 123 4567");
        input.email = set("ann@example.org");
        input.email_verified = Change::Set(true);
        input.role = set("admin");
        input.is_active = Change::Set(false);
        input.external_id = set("42");
        input.metadata = Change::Set([("team".to_owned(), Some("blue".to_owned()))].into());
    });
    let changed = update(&world, &admin, user.id, change).await.unwrap();
    assert_eq!(world.user(user.id).await, changed);
    assert_eq!(changed.username.as_ref().unwrap().as_str(), "Admin");
    assert_eq!(
        (changed.version, changed.updated_at),
        (user.version.next(), world.now())
    );
    assert_eq!(
        (changed.status(), changed.email_verified),
        (Status::Suspended, true)
    );
    assert_eq!(changed.metadata.entries()["team"], "blue");
    let by = Actor::User(admin.id());
    let event = |kind| world.event(kind, &by).about(user.id);
    let others = [
        "username",
        "first_name",
        "last_name",
        "phone_number",
        "external_id",
        "metadata",
    ];
    world.assert_wrote([
        event(EventKind::EmailChanged).naming(["email"]),
        event(EventKind::EmailVerified).naming(["email_verified"]),
        event(EventKind::UserRoleChanged).naming(["role"]),
        event(EventKind::UserSuspended).naming(["is_active"]),
        event(EventKind::UserUpdated).naming(others),
    ]);
}

#[tokio::test]
async fn a_new_address_takes_the_verification_away() {
    let world = World::new();
    let admin = world.admin().await;
    let user = world.add(UserBuilder::new().verified().build()).await;
    let change = input(|input| input.email = set("new@example.org"));
    assert!(
        !update(&world, &admin, user.id, change)
            .await
            .unwrap()
            .email_verified
    );
    let by = Actor::User(admin.id());
    let event = |kind| world.event(kind, &by).about(user.id);
    world.assert_wrote([
        event(EventKind::EmailChanged).naming(["email"]),
        event(EventKind::UserUpdated).naming(["email_verified"]),
    ]);
}

#[tokio::test]
async fn what_is_the_same_already_is_no_change() {
    let world = World::new();
    let admin = world.admin().await;
    let user = world
        .add(UserBuilder::new().username("ann").first_name("Ann").build())
        .await;
    let before = world.snapshot().await;
    let same = input(|input| {
        input.profile.username = set("ann");
        input.profile.first_name = set(" Ann ");
        input.profile.last_name = Change::Clear;
        input.is_active = Change::Set(true);
        input.role = set("user");
        input.metadata = Change::Set([("gone".to_owned(), None)].into());
    });
    assert_eq!(update(&world, &admin, user.id, same).await.unwrap(), user);
    assert_eq!(
        update(&world, &admin, user.id, input(|_| ()))
            .await
            .unwrap(),
        user
    );
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn a_suspension_ends_everything_and_reinstating_revives_nothing() {
    let world = World::new();
    let admin = world.admin().await;
    let user = world.add(a_user()).await;
    let pair = world.sign_in(&user).await;
    let token = world.reset_token(user.id).await;
    update(&world, &admin, user.id, suspend()).await.unwrap();
    let by = Actor::User(admin.id());
    let event = |kind| world.event(kind, &by).about(user.id).naming(["is_active"]);
    world.assert_wrote([event(EventKind::UserSuspended)]);
    assert_eq!(code(world.authenticate(&pair).await), "invalid_token");
    assert_eq!(
        code(world.try_sign_in(&user, PASSWORD).await),
        "invalid_credentials"
    );
    world.forget_events();

    let reinstate = input(|input| input.is_active = Change::Set(true));
    update(&world, &admin, user.id, reinstate).await.unwrap();
    world.assert_wrote([event(EventKind::UserReinstated)]);
    assert_eq!(code(world.authenticate(&pair).await), "invalid_token");
    assert_eq!(code(world.refresh(&pair).await), "invalid_refresh_token");
    let used = crate::reset_password::reset(&world, &token, OTHER_PASSWORD).await;
    assert_eq!(code(used), "token_invalid");
    world.sign_in(&user).await;
}

#[tokio::test]
async fn other_changes_leave_sessions_alone() {
    let world = World::new();
    let admin = world.admin().await;
    let user = world.add(a_user()).await;
    let pair = world.sign_in(&user).await;
    let change = input(|input| {
        input.role = set("admin");
        input.profile.username = set("renamed");
    });
    update(&world, &admin, user.id, change).await.unwrap();
    let caller = world.authenticate(&pair).await.unwrap();
    caller.require_admin().unwrap();
    // A sign-in is noted beside the change, never undone by it.
    assert!(caller.user().last_login_at.is_some());
}

#[tokio::test]
async fn a_version_that_is_demanded_must_be_the_current_one() {
    let world = World::new();
    let admin = world.admin().await;
    let user = world.add(a_user()).await;
    let rename = |name: &str| input(|input| input.profile.username = set(name));
    let which = (user.id, Some(user.version));
    let changed = update_version(&world, &admin, which, rename("first"))
        .await
        .unwrap();
    let before = world.snapshot().await;
    for input in [rename("second"), input(|_| ())] {
        let refused = update_version(&world, &admin, which, input).await;
        assert_eq!(code(refused), "version_mismatch");
    }
    assert_eq!(world.snapshot().await, before);
    let which = (user.id, Some(changed.version));
    update_version(&world, &admin, which, rename("second"))
        .await
        .unwrap();
}

#[tokio::test]
async fn every_taken_identifier_is_named() {
    let world = World::new();
    let admin = world.admin().await;
    world
        .add(UserBuilder::new().username("ann").external_id("42").build())
        .await;
    let user = world.add(a_user()).await;
    let before = world.snapshot().await;
    let change = input(|input| {
        input.profile.username = set("ANN");
        input.external_id = set("42");
    });
    let refused = update(&world, &admin, user.id, change).await;
    let Err(Error::Conflict(Conflict::Taken(taken))) = refused else {
        panic!("not refused");
    };
    assert_eq!(taken, [Identifier::Username, Identifier::ExternalId]);
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn nobody_and_the_deleted_cannot_be_changed() {
    let world = World::new();
    let admin = world.admin().await;
    let user = world.add(a_user()).await;
    let administration = &world.services.administration;
    administration
        .delete(&operator(), &origin(), user.id)
        .await
        .unwrap();
    let before = world.snapshot().await;
    let refused = update(&world, &admin, user.id, suspend()).await;
    assert_eq!(code(refused), "user_deleted");
    let nobody = UserId::from_uuid(uuid::Uuid::nil());
    assert_eq!(
        code(update(&world, &admin, nobody, suspend()).await),
        "user_not_found"
    );
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn a_user_changes_the_own_profile_and_nobody_elses() {
    let world = World::new();
    let (user, other) = (world.add(a_user()).await, world.add(a_user()).await);
    let caller = world.caller(&user).await;
    let change = || input(|input| input.profile.first_name = set("Ann"));
    update(&world, &caller, user.id, change()).await.unwrap();
    let event = world.event(EventKind::UserUpdated, &Actor::User(user.id));
    world.assert_wrote([event.about(user.id).naming(["first_name"])]);
    let before = world.snapshot().await;
    let refused = update(&world, &caller, other.id, change()).await;
    assert_eq!(code(refused), "user_not_found");
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn members_of_administrators_are_refused_from_others_all_at_once() {
    let world = World::new();
    let caller = world.caller(&world.add(a_user()).await).await;
    let rules = world.services.accounts.rules();
    let sent = input(|input| {
        input.profile.username = set("admin");
        input.email = Change::Clear;
        input.email_verified = Change::Set(true);
        input.role = set("emperor");
        input.is_active = Change::Set(true);
        input.external_id = set("42");
        input.metadata = Change::Clear;
    });
    assert_eq!(
        violations(UpdateUserCommand::parse(sent, rules, &caller)),
        [
            "email not_allowed",
            "email_verified not_allowed",
            "external_id not_allowed",
            "is_active not_allowed",
            "metadata not_allowed",
            "role not_allowed",
            "username reserved",
        ]
    );
}

#[tokio::test]
async fn all_violations_of_an_administrator_are_told_at_once() {
    let world = World::new();
    let admin = world.admin().await;
    let rules = world.services.accounts.rules();
    let sent = input(|input| {
        input.profile.username = set("by-email");
        input.email = set("nobody");
        input.email_verified = Change::Clear;
        input.role = set("emperor");
        input.is_active = Change::Clear;
        input.external_id = set("");
    });
    assert_eq!(
        violations(UpdateUserCommand::parse(sent, rules, &admin)),
        [
            "email invalid_format",
            "email_verified required",
            "external_id too_short",
            "is_active required",
            "role invalid_format",
            "username reserved",
        ]
    );
}

#[tokio::test]
async fn rules_that_need_the_account_change_nothing_either() {
    let world = World::new();
    let admin = world.admin().await;
    let user = world.add(a_user()).await;
    let before = world.snapshot().await;
    let nameless = input(|input| {
        input.profile.username = Change::Clear;
        input.email = Change::Clear;
    });
    assert_eq!(
        code(update(&world, &admin, user.id, nameless).await),
        "validation_failed"
    );
    let large = input(|input| {
        input.metadata = Change::Set([("k".repeat(41), Some(String::new()))].into());
    });
    assert_eq!(
        code(update(&world, &admin, user.id, large).await),
        "validation_failed"
    );
    for point in [
        FaultPoint::Read,
        FaultPoint::Begin,
        FaultPoint::Write,
        FaultPoint::Commit,
    ] {
        world.store.fail_next(point);
        let refused = update(&world, &admin, user.id, suspend()).await;
        assert_eq!(code(refused), "storage_unavailable", "{point:?}");
    }
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn what_a_deployment_demands_cannot_be_cleared_and_only_that() {
    let mut policy = Policy::default();
    policy.registration.required = [RequiredMember::Email, RequiredMember::FirstName].into();
    let world = World::with(policy);
    let admin = world.admin().await;
    let parse = |change: fn(&mut UpdateUserInput)| {
        let rules = world.services.accounts.rules();
        UpdateUserCommand::parse(input(change), rules, &admin)
    };
    let refused = |change| violations(parse(change));
    assert!(parse(|input| input.role = set("user")).is_ok());
    let email = refused(|input| input.email = Change::Clear);
    assert_eq!(email, ["email required"]);
    let both = refused(|input| {
        input.email = Change::Clear;
        input.profile.first_name = Change::Clear;
        input.profile.last_name = Change::Clear;
    });
    assert_eq!(both, ["email required", "first_name required"]);
}

/// What it was parsed for goes with the command: it is no way to become an
/// administrator, nor to have what only they may give.
#[tokio::test]
async fn a_change_that_was_judged_for_an_administrator_is_made_by_nobody_else() {
    let world = World::new();
    let admin = world.admin().await;
    let ann = world.caller(&world.add(a_user()).await).await;
    let accounts = &world.services.accounts;
    let before = world.snapshot().await;
    let role = input(|input| input.role = set("admin"));
    let reserved = input(|input| input.profile.username = set("Admin"));
    for change in [role, reserved] {
        let command = UpdateUserCommand::parse(change, accounts.rules(), &admin).unwrap();
        let refused = accounts
            .update(&ann, &origin(), (ann.id(), None), &command)
            .await;
        assert_eq!(code(refused), "forbidden");
    }
    assert_eq!(world.snapshot().await, before);
}
