//! Seeing an account.

use userhub_domain::users::{EmailAddress, UserId, UserKey, Username};
use userhub_testkit::{UserBuilder, a_user};
use uuid::Uuid;

use crate::fixture::{World, code};

fn keys(id: UserId, name: &str, address: &str) -> [UserKey; 3] {
    [
        UserKey::Id(id),
        UserKey::Username(Username::parse(name).unwrap()),
        UserKey::Email(EmailAddress::parse(address).unwrap()),
    ]
}

#[tokio::test]
async fn people_see_themselves_by_every_key_and_spelling() {
    let world = World::new();
    let user = UserBuilder::new()
        .username("Ann")
        .email("ann@example.org")
        .build();
    let user = world.add(user).await;
    let caller = world.caller(&user).await;
    for key in keys(user.id, "aNN", "Ann@Example.Org") {
        let shown = world.services.accounts.show(&caller, &key).await.unwrap();
        assert_eq!(shown, world.user(user.id).await);
    }
    world.assert_wrote([]);
}

#[tokio::test]
async fn somebody_else_cannot_be_told_from_nobody() {
    let world = World::new();
    let other = UserBuilder::new()
        .username("ann")
        .email("ann@example.org")
        .build();
    let other = world.add(other).await;
    let caller = world.caller(&world.add(a_user()).await).await;
    let nobody = UserId::from_uuid(Uuid::nil());
    for key in keys(other.id, "ann", "ann@example.org")
        .into_iter()
        .chain(keys(nobody, "nobody", "nobody@example.org"))
    {
        let refused = world.services.accounts.show(&caller, &key).await;
        assert_eq!(code(refused), "user_not_found", "{key:?}");
    }
}

#[tokio::test]
async fn administrators_see_the_living_by_every_key_and_the_deleted_by_id() {
    let world = World::new();
    let admin = world.admin().await;
    let user = UserBuilder::new()
        .username("ann")
        .email("ann@example.org")
        .build();
    let user = world.add(user).await;
    let gone = UserBuilder::new()
        .username("bob")
        .email("bob@example.org")
        .deleted()
        .build();
    let gone = world.add(gone).await;
    let accounts = &world.services.accounts;
    for key in keys(user.id, "ann", "ann@example.org") {
        assert_eq!(accounts.show(&admin, &key).await.unwrap(), user);
    }
    let [id, name, address] = keys(gone.id, "bob", "bob@example.org");
    assert_eq!(accounts.show(&admin, &id).await.unwrap(), gone);
    for key in [name, address] {
        assert_eq!(code(accounts.show(&admin, &key).await), "user_not_found");
    }
}
