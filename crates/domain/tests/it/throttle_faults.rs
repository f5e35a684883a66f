//! What is not held against anybody: attempts that came to no check, and right
//! passwords.

use userhub_testkit::{UserBuilder, a_user};

use crate::fixture::{PASSWORD, World, code, login_command, origin, verifying};

/// More than are free.
const MANY: usize = 15;

#[tokio::test]
async fn attempts_that_came_to_no_check_do_not_count() {
    let world = World::new();
    let user = world.add(a_user()).await;
    let (sessions, origin) = (&world.services.sessions, origin());
    for name in [user.username.as_ref().unwrap().as_str(), "nobody"] {
        world.hasher.overload(true);
        for _ in 0..MANY {
            let refused = sessions.login(&origin, login_command(name, PASSWORD));
            assert_eq!(code(refused.await), "overloaded", "{name}");
        }
        world.hasher.overload(false);
        let wrong = sessions.login(&origin, login_command(name, "wrong"));
        assert_eq!(code(wrong.await), "invalid_credentials", "{name}");
    }
    world.sign_in(&user).await;
}

#[tokio::test]
async fn waiting_for_the_mail_is_no_failure() {
    let world = World::with(verifying());
    let user = world
        .add(UserBuilder::new().email("ann@example.org").build())
        .await;
    for _ in 0..MANY {
        let refused = world.try_sign_in(&user, PASSWORD).await;
        assert_eq!(code(refused), "email_not_verified");
    }
}
