//! The schema: brought up to date, taken back, newer than the binary.

use crate::{
    database::Database,
    on_both_databases,
    process::{Instance, run, userhub},
};

on_both_databases! {
    async fn changes_are_made_taken_back_and_shown(database: Database) {
        let status = || run(&mut userhub(&database, &["migrate", "status"]));
        assert!(status().printed().lines().all(|line| line.starts_with("pending")), "{:?}", status());
        let up = run(&mut userhub(&database, &["migrate", "up"]));
        assert!(up.printed().contains("create_users"), "{up:?}");
        assert!(status().printed().lines().all(|line| line.starts_with("made")), "{:?}", status());
        let again = run(&mut userhub(&database, &["migrate", "up"]));
        assert_eq!(again.printed(), "nothing to do");
        let down = run(&mut userhub(&database, &["migrate", "down"]));
        assert_eq!(down.printed().lines().count(), 1, "{down:?}");
        assert!(status().printed().lines().any(|line| line.starts_with("pending")), "{:?}", status());
        let all = run(&mut userhub(&database, &["migrate", "down", "--steps", "99"]));
        assert_eq!(all.code, Some(0), "{all:?}");
        assert!(status().printed().lines().all(|line| line.starts_with("pending")), "{:?}", status());
    }

    async fn a_newer_schema_is_a_warning(database: Database) {
        assert_eq!(run(&mut userhub(&database, &["migrate", "up"])).code, Some(0));
        let name = "m20990101_000001_add_something";
        database.execute(&format!("INSERT INTO userhub_migrations (version, applied_at) VALUES ('{name}', 0)")).await;
        let instance = Instance::start_ready(&database).await;
        assert!(instance.log().contains(name), "{}", instance.log());
        assert_eq!(instance.register("alice").await.status, 201);
        let status = run(&mut userhub(&database, &["migrate", "status"]));
        assert!(status.printed().contains(&format!("newer {name}")), "{status:?}");
    }

    async fn a_newer_schema_that_breaks_this_binary_ends_the_start(database: Database) {
        assert_eq!(run(&mut userhub(&database, &["migrate", "up"])).code, Some(0));
        let name = "m20990101_000001_drop_something_breaking";
        database.execute(&format!("INSERT INTO userhub_migrations (version, applied_at) VALUES ('{name}', 0)")).await;
        let mut instance = Instance::start(&database);
        assert_eq!(instance.ended().await.code(), Some(1), "{}", instance.log());
        assert!(instance.log().contains(name), "{}", instance.log());
        let command = run(&mut userhub(&database, &["reset-password", "alice"]));
        assert!(command.complaint().contains(name), "{command:?}");
    }
}
