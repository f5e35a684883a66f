//! Mail when something goes wrong: nothing is lost, nothing goes out more than
//! twice, and no request waits for a mail server.

use std::{
    collections::BTreeMap,
    process::Command,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    database::Database,
    on_both_databases,
    process::{Instance, PASSWORD, run, userhub},
    smtp::{Manner, SmtpServer},
};

/// A mail for each registration, and nothing that counts them.
fn command(database: &Database, smtp: &SmtpServer) -> Command {
    let mut command = userhub(database, &[]);
    command
        .env("USERHUB__MAIL__SMTP_URL", smtp.url())
        .env("USERHUB__THROTTLE__ENABLED", "false")
        .env("USERHUB__REGISTRATION__VERIFICATION", "required");
    command
}

async fn start(database: &Database, smtp: &SmtpServer) -> Instance {
    let instance = Instance::spawn(&mut command(database, smtp));
    instance.become_ready(Duration::from_secs(30)).await;
    instance
}

/// Registers somebody; asks again where too many others were writing, as a
/// client does.
async fn register(instance: &Instance, name: &str) {
    let email = format!("{name}@example.org");
    let body = json!({ "email": email, "password": PASSWORD });
    let start = Instant::now();
    loop {
        let answer = instance.post("/auth/register", body.clone()).await;
        if answer.status == 202 {
            return;
        }
        let is_busy = answer.status == 503 && start.elapsed() < Duration::from_secs(60);
        assert!(is_busy, "{answer:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Waits until the outbox holds so many mails of a state.
async fn outbox_holds(database: &Database, number: i64, state: &str) {
    let query = format!("SELECT count(*) AS n FROM outbox WHERE state = '{state}'");
    let start = Instant::now();
    loop {
        let now = database.count(&query).await;
        if now == number {
            return;
        }
        assert!(
            start.elapsed() < Duration::from_secs(90),
            "{now} are {state}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// As if the time of every claim and every pause were over.
async fn time_passes(database: &Database) {
    let past = "UPDATE outbox SET due_at = created_at WHERE state = 'pending'";
    database.execute(past).await;
}

/// Waits until every claim of a living process is settled: what is held stays
/// the same then. A claim is known by the end of its lease, so no time may pass
/// in the midst of one.
async fn nobody_is_sending(database: &Database) {
    let held = "SELECT count(*) AS n FROM outbox WHERE unknown > 0";
    let start = Instant::now();
    let (mut last, mut since) = (database.count(held).await, Instant::now());
    while since.elapsed() < Duration::from_secs(3) {
        assert!(
            start.elapsed() < Duration::from_secs(120),
            "{last} are held"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = database.count(held).await;
        if now != last {
            (last, since) = (now, Instant::now());
        }
    }
}

on_both_databases! {
    async fn mails_wait_for_a_server_that_is_gone_busy_or_hangs(database: Database) {
        for manner in [Manner::Busy, Manner::Hangs] {
            let smtp = SmtpServer::start(manner).await;
            let instance = start(&database, &smtp).await;
            for number in 0..10 {
                register(&instance, &format!("{manner:?}-{number}")).await;
            }
            tokio::time::sleep(Duration::from_millis(700)).await;
            assert_eq!(smtp.mails().len(), 0);
            outbox_holds(&database, 10, "pending").await;
            smtp.becomes(Manner::Takes);
            smtp.wait_for(10).await;
            outbox_holds(&database, 0, "pending").await;
            assert_eq!(smtp.mails().len(), 10, "each once: it was certain");
        }
        let gone = SmtpServer::start(Manner::Takes).await;
        let mut command = command(&database, &gone);
        drop(gone);
        let instance = Instance::spawn(&mut command);
        instance.become_ready(Duration::from_secs(30)).await;
        register(&instance, "nobody-there").await;
        let tried = "SELECT count(*) AS n FROM outbox WHERE tries > 0 AND last_error IS NOT NULL";
        while database.count(tried).await == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        drop(instance);
        let back = SmtpServer::start(Manner::Takes).await;
        let _instance = start(&database, &back).await;
        back.wait_for(1).await;
    }

    async fn a_process_that_dies_while_it_sends_sends_no_third_time(database: Database) {
        let smtp = SmtpServer::start(Manner::TakesInSilence).await;
        let instance = start(&database, &smtp).await;
        register(&instance, "alice").await;
        smtp.wait_for(1).await;
        instance.kill();
        time_passes(&database).await;

        let instance = start(&database, &smtp).await;
        smtp.wait_for(2).await;
        instance.kill();
        time_passes(&database).await;

        // It may have arrived twice by now: a person decides.
        smtp.becomes(Manner::Takes);
        let _instance = start(&database, &smtp).await;
        outbox_holds(&database, 1, "abandoned").await;
        assert_eq!(smtp.mails().len(), 2);
        let abandoned = "SELECT count(*) AS n FROM audit_events WHERE kind = 'mail.abandoned'";
        assert_eq!(database.count(abandoned).await, 1);

        let list = run(&mut userhub(&database, &["mail", "list", "--abandoned"]));
        let line = list.printed();
        assert!(line.contains("verify_email") && line.contains("perhaps sent"), "{line}");
        let id = line.split('\t').next().unwrap();
        let retry = run(&mut userhub(&database, &["mail", "retry", id]));
        assert_eq!(retry.printed(), "1 to be sent again");
        smtp.wait_for(3).await;
        outbox_holds(&database, 0, "pending").await;
        let retry = run(&mut userhub(&database, &["mail", "retry", id]));
        assert!(retry.complaint().contains("no such mail"));
    }

    async fn a_process_that_stops_finishes_what_it_sends(database: Database) {
        let smtp = SmtpServer::start(Manner::Takes).await;
        let mut instance = start(&database, &smtp).await;
        for number in 0..20 {
            register(&instance, &format!("user-{number}")).await;
        }
        instance.terminate();
        assert!(instance.ended().await.success(), "{}", instance.log());
        let claimed = "SELECT count(*) AS n FROM outbox WHERE unknown > 0";
        assert_eq!(database.count(claimed).await, 0, "{}", instance.log());
        let _instance = start(&database, &smtp).await;
        outbox_holds(&database, 0, "pending").await;
        assert_eq!(smtp.mails().len(), 20);
    }

    async fn three_instances_send_500_mails_though_one_is_killed(database: Database) {
        let smtp = SmtpServer::start(Manner::Busy).await;
        let instances = [
            start(&database, &smtp).await,
            start(&database, &smtp).await,
            start(&database, &smtp).await,
        ];
        for part in 0..20 {
            let calls = (0..25).map(|number| {
                let instance = &instances[number % 3];
                async move { register(instance, &format!("user-{part}-{number}")).await }
            });
            futures_util::future::join_all(calls).await;
        }
        nobody_is_sending(&database).await;
        smtp.becomes(Manner::Takes);
        time_passes(&database).await;
        smtp.wait_for(50).await;
        let [first, _second, _third] = instances;
        first.kill();
        let start = Instant::now();
        while smtp.mails().len() < 480 && start.elapsed() < Duration::from_secs(60) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        nobody_is_sending(&database).await;
        // What the dead one had claimed is anybody's when its claim ends.
        time_passes(&database).await;
        outbox_holds(&database, 0, "pending").await;

        let mut arrived = BTreeMap::new();
        for mail in smtp.mails() {
            *arrived.entry(mail.to).or_insert(0) += 1;
        }
        assert_eq!(arrived.len(), 500);
        assert!(arrived.values().all(|times| *times <= 2), "{arrived:?}");
        let abandoned = "SELECT count(*) AS n FROM outbox";
        assert_eq!(database.count(abandoned).await, 0);
    }
}
