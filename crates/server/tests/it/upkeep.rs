//! What happens by itself while it runs.

use std::time::Duration;

use crate::{
    database::Database,
    on_both_databases,
    process::{Instance, userhub},
};

on_both_databases! {
    async fn what_is_over_is_removed_and_who_was_deleted_long_ago_is_purged(database: Database) {
        let mut command = userhub(&database, &["serve"]);
        command
            .env("USERHUB__TOKENS__ACCESS_TTL", "1s")
            .env("USERHUB__TOKENS__REFRESH_TTL", "1s")
            .env("USERHUB__RETENTION__PURGE_DELETED_AFTER", "1s");
        let instance = Instance::spawn(&mut command);
        instance.become_ready(Duration::from_secs(20)).await;
        assert_eq!(instance.register("alice").await.status, 201);
        assert_eq!(instance.register("bob").await.status, 201);
        instance.signed_in("alice").await;
        let token = instance.signed_in("bob").await;
        let me = format!("{}/api/v1/users/me", instance.url);
        let closed = instance.client().delete(me).bearer_auth(token).send().await.unwrap();
        assert_eq!(closed.status(), 204);
        drop(instance);
        tokio::time::sleep(Duration::from_millis(1200)).await;
        assert_eq!(database.count("SELECT count(*) AS n FROM users").await, 2);

        // The first round comes with the start; two instances do it at once.
        let instances = [Instance::spawn(&mut command), Instance::spawn(&mut command)];
        for query in [
            "SELECT count(*) AS n FROM users WHERE username = 'bob'",
            "SELECT count(*) AS n FROM sessions",
        ] {
            for _ in 0..200 {
                if database.count(query).await == 0 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            assert_eq!(database.count(query).await, 0, "{}", instances[0].log());
        }
        assert_eq!(database.count("SELECT count(*) AS n FROM users").await, 1);
        let purged = "SELECT count(*) AS n FROM audit_events \
                      WHERE kind = 'user.purged' AND actor = 'operator:upkeep'";
        assert_eq!(database.count(purged).await, 1, "once, by either");
        let metrics = instances[0].client().get(format!("{}/metrics", instances[0].url));
        let metrics = metrics.send().await.unwrap().text().await.unwrap();
        assert!(metrics.contains("userhub_database_connections{state=\"open\"}"), "{metrics}");
    }
}
