//! The last administrator who can sign in stays one.

use userhub_domain::{accounts::UpdateUserInput, caller::SignedIn, users::UserId};
use userhub_testkit::{UserBuilder, a_user, an_admin};

use crate::{
    fixture::{World, code, operator, origin},
    interruption::meanwhile,
    update::{input, set, suspend, update},
};

fn demote() -> UpdateUserInput {
    input(|input| input.role = set("user"))
}

/// An administrator who is the only one that can sign in.
async fn lonely(world: &World) -> SignedIn {
    world.add(a_user()).await;
    world
        .add(UserBuilder::new().admin().suspended().build())
        .await;
    world
        .add(UserBuilder::new().admin().deleted().build())
        .await;
    world.admin().await
}

#[tokio::test]
async fn the_last_one_cannot_be_taken_away_in_any_way() {
    let world = World::new();
    let admin = lonely(&world).await;
    let (administration, accounts) = (&world.services.administration, &world.services.accounts);
    let before = world.snapshot().await;
    for change in [demote(), suspend()] {
        assert_eq!(
            code(update(&world, &admin, admin.id(), change).await),
            "last_admin"
        );
    }
    let deleted = administration
        .delete(&operator(), &origin(), admin.id())
        .await;
    assert_eq!(code(deleted), "last_admin");
    assert_eq!(code(accounts.close(&admin, &origin()).await), "last_admin");
    // Only who is deleted can be purged, and the last one cannot be deleted.
    let purged = administration
        .purge(&operator(), &origin(), admin.id())
        .await;
    assert_eq!(code(purged), "not_deleted");
    assert_eq!(world.snapshot().await, before);
}

#[tokio::test]
async fn one_of_two_can_go_in_any_way() {
    for way in 0..4 {
        let world = World::new();
        let admin = lonely(&world).await;
        let other = world.add(an_admin()).await;
        let (administration, accounts) = (&world.services.administration, &world.services.accounts);
        match way {
            0 => drop(update(&world, &admin, other.id, demote()).await.unwrap()),
            1 => drop(update(&world, &admin, other.id, suspend()).await.unwrap()),
            2 => administration
                .delete(&operator(), &origin(), other.id)
                .await
                .unwrap(),
            _ => accounts
                .close(&world.caller(&other).await, &origin())
                .await
                .unwrap(),
        }
        let left = administration
            .delete(&operator(), &origin(), admin.id())
            .await;
        assert_eq!(code(left), "last_admin", "{way}");
    }
}

#[tokio::test]
async fn other_changes_of_the_last_one_are_free() {
    let world = World::new();
    let admin = lonely(&world).await;
    let change = input(|input| input.profile.first_name = set("Ann"));
    update(&world, &admin, admin.id(), change).await.unwrap();
}

async fn delete(world: &World, id: UserId) -> userhub_domain::Result<()> {
    let administration = &world.services.administration;
    administration.delete(&operator(), &origin(), id).await
}

#[tokio::test]
async fn two_who_delete_each_other_leave_one() {
    let world = World::new();
    let (one, other) = (
        world.add(an_admin()).await.id,
        world.add(an_admin()).await.id,
    );
    let meddler = world.clone();
    // Both have read that there are two when the first one writes.
    let services = world.interrupted(
        1,
        meanwhile(move || {
            let world = meddler.clone();
            async move { delete(&world, one).await.unwrap() }
        }),
    );
    let refused = services
        .administration
        .delete(&operator(), &origin(), other)
        .await;
    assert_eq!(code(refused), "last_admin");
    assert!(world.user(other).await.is_working_admin());
    assert_eq!(world.new_events().len(), 1);
}
