//! What operators do on the command line.

use serde_json::json;

use crate::{
    database::Database,
    on_both_databases,
    process::{Finished, Instance, PASSWORD, run, run_with_input, userhub},
};

fn create_admin(database: &Database, identifiers: &[&str], password: &str) -> Finished {
    let words = [&["create-admin", "--password-stdin"], identifiers].concat();
    run_with_input(&mut userhub(database, &words), password)
}

on_both_databases! {
    async fn the_first_administrator_comes_from_the_command_line(database: Database) {
        // Before the first start: the command brings the schema.
        let made = create_admin(&database, &["--username", "admin"], &format!("{PASSWORD}\n"));
        let id = made.printed().to_owned();
        assert_eq!(id.len(), 36, "{made:?}");
        let instance = Instance::start_ready(&database).await;
        let token = instance.signed_in("admin").await;
        let list = instance.get("/users", &token).await;
        assert_eq!(list.status, 200, "{list:?}");
        assert_eq!(list.body["items"][0]["id"], id.as_str(), "{list:?}");
        assert_eq!(list.body["items"][0]["role"], "admin");
        instance.says("ready").await;
        assert!(!instance.banner().contains("create-admin"), "{}", instance.banner());
    }

    async fn roles_are_given_and_taken(database: Database) {
        let instance = Instance::start_ready(&database).await;
        let made = create_admin(&database, &["--email", "boss@example.org"], PASSWORD);
        let boss = made.printed().to_owned();
        assert_eq!(instance.register("alice").await.status, 201);
        let token = instance.signed_in("alice").await;
        assert_eq!(instance.get("/users", &token).await.status, 403);
        let given = run(&mut userhub(&database, &["set-role", "ALICE", "admin"]));
        assert!(given.printed().ends_with(" admin"), "{given:?}");
        // Another process's change is in force within a second.
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
        assert_eq!(instance.get("/users", &token).await.status, 200);
        let taken = run(&mut userhub(&database, &["set-role", "boss@example.org", "user"]));
        assert!(taken.printed().starts_with(&boss), "{taken:?}");
        let last = run(&mut userhub(&database, &["set-role", "alice", "user"]));
        assert!(last.complaint().contains("last administrator"), "{last:?}");
        let nobody = run(&mut userhub(&database, &["set-role", "mallory", "admin"]));
        assert!(nobody.complaint().contains("no such user"), "{nobody:?}");
        let king = run(&mut userhub(&database, &["set-role", "alice", "king"]));
        assert!(king.complaint().contains("role: must be user or admin"), "{king:?}");
    }

    async fn a_handed_out_token_sets_a_new_password_once(database: Database) {
        let instance = Instance::start_ready(&database).await;
        assert_eq!(instance.register("alice").await.status, 201);
        let printed = run(&mut userhub(&database, &["reset-password", "alice"]));
        let link = printed.printed().lines().next().unwrap();
        let (page, token) = link.split_once("#token=").unwrap();
        assert!(page.starts_with("http://") && page.ends_with("/reset-password"), "{link}");
        let reset = json!({ "token": token, "new_password": "seven-green-lanterns-at-dusk" });
        assert_eq!(instance.post("/auth/password/reset", reset.clone()).await.status, 204);
        assert_eq!(instance.login("alice", PASSWORD).await.status, 401);
        assert_eq!(instance.login("alice", "seven-green-lanterns-at-dusk").await.status, 200);
        assert_eq!(instance.post("/auth/password/reset", reset).await.status, 422);
    }
}

#[tokio::test]
async fn the_rules_hold_on_the_command_line_too() {
    let database = Database::sqlite();
    let weak = create_admin(&database, &["--username", "boss"], "password");
    assert!(
        weak.complaint().contains("password: is too easy to guess"),
        "{weak:?}"
    );
    assert!(weak.out.is_empty(), "{weak:?}");
    let empty = create_admin(&database, &["--username", "boss"], "");
    assert!(empty.complaint().contains("password: "), "{empty:?}");
    let both = create_admin(
        &database,
        &["--username", "me", "--email", "nonsense"],
        PASSWORD,
    );
    assert!(both.complaint().contains("username: "), "{both:?}");
    assert!(both.complaint().contains("email: "), "{both:?}");
    let reserved = create_admin(&database, &["--username", "by-email"], PASSWORD);
    assert!(reserved.complaint().contains("reserved"), "{reserved:?}");
    assert_eq!(
        create_admin(&database, &["--username", "root"], PASSWORD).code,
        Some(0)
    );
    let taken = create_admin(&database, &["--username", "ROOT"], PASSWORD);
    assert!(
        taken
            .complaint()
            .contains("username: belongs to another user"),
        "{taken:?}"
    );
}

#[tokio::test]
async fn members_that_people_must_give_do_not_keep_the_administrator_out() {
    let database = Database::sqlite();
    let words = ["create-admin", "--username", "boss", "--password-stdin"];
    let mut command = userhub(&database, &words);
    command.env("USERHUB__REGISTRATION__REQUIRED", "email,first_name");
    assert_eq!(run_with_input(&mut command, PASSWORD).code, Some(0));
}

#[tokio::test]
async fn without_a_terminal_the_password_is_not_asked_for() {
    let database = Database::sqlite();
    // A session of its own has no terminal, whoever runs the tests.
    let mut command = std::process::Command::new("setsid");
    command.args([
        "--wait",
        env!("CARGO_BIN_EXE_userhub"),
        "create-admin",
        "--username",
        "boss",
    ]);
    command
        .env("DATABASE_URL", database.url())
        .current_dir(database.folder());
    let finished = run(command.stdin(std::process::Stdio::null()));
    assert!(
        finished.complaint().contains("--password-stdin"),
        "{finished:?}"
    );
}

#[tokio::test]
async fn a_front_end_gets_a_link_instead_of_the_token() {
    let database = Database::sqlite();
    assert_eq!(
        create_admin(&database, &["--username", "boss"], PASSWORD).code,
        Some(0)
    );
    let mut command = userhub(&database, &["reset-password", "boss"]);
    let template = "https://app.example.org/reset?token={token}";
    let printed = run(command.env("USERHUB__MAIL__LINKS__RESET_PASSWORD", template));
    let link = printed.printed().lines().next().unwrap();
    assert!(
        link.starts_with("https://app.example.org/reset?token=uhp_"),
        "{printed:?}"
    );
}

#[test]
fn every_kind_of_mail_can_be_looked_at() {
    let database = Database::sqlite();
    let folder = database.folder().join("mails to look at");
    let preview = run(&mut userhub(
        &database,
        &["mail", "preview", folder.to_str().unwrap()],
    ));
    let printed = preview.printed();
    assert_eq!(
        printed.lines().count(),
        24,
        "twelve kinds, two forms: {printed}"
    );
    for line in printed.lines() {
        let text = std::fs::read_to_string(line).unwrap();
        assert!(text.contains("Hello"), "{line}: {text}");
    }
}

#[test]
fn a_template_that_is_wrong_is_named() {
    let database = Database::sqlite();
    let templates = database.folder().join("templates");
    std::fs::create_dir(&templates).unwrap();
    std::fs::write(templates.join("mfa_enabled.txt"), "Hello\n{{ nmae }}\n").unwrap();
    let mut command = userhub(&database, &["mail", "preview", "elsewhere"]);
    command.env("USERHUB__MAIL__TEMPLATES", &templates);
    let failed = run(&mut command);
    assert!(
        failed.complaint().contains("mfa_enabled.txt, line 2"),
        "{failed:?}"
    );
}

#[test]
fn the_cost_of_hashing_is_proposed_and_never_below_the_floor() {
    let database = Database::sqlite();
    let mut command = userhub(&database, &["hash", "calibrate", "--time", "1ms"]);
    let proposal = run(command.env("USERHUB__HASHING__SLOTS", "1"));
    let printed = proposal.printed();
    assert!(
        printed.contains("USERHUB__HASHING__MEMORY_KIB=19456"),
        "{printed}"
    );
    assert!(
        printed.contains("USERHUB__HASHING__ITERATIONS=2"),
        "{printed}"
    );
    let nonsense = run(&mut userhub(
        &database,
        &["hash", "calibrate", "--time", "soon"],
    ));
    assert!(nonsense.complaint().contains("--time"), "{nonsense:?}");
}
