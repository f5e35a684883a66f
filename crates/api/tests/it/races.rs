//! Many requests at the same moment.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::{Value, json};
use userhub_domain::users::{Role, UserQuery};
use userhub_testkit::{a_user, an_admin};

use crate::{
    backend::on_every_store,
    test_app::{Answered, PASSWORD, TestApp, path_of, text},
};

const NEXT: &str = "walnut-harbour-quartz-3";

fn by_status(answers: &[Answered]) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    for answer in answers {
        *counts.entry(answer.status.as_u16()).or_default() += 1;
    }
    counts
}

async fn one_address_registers_once(app: TestApp) {
    let client = app.anonymous();
    let answers = join_all((0..64).map(|number| {
        let email = if number % 2 == 0 {
            "alice@example.org"
        } else {
            "ALICE@Example.ORG"
        };
        client.post(
            "/api/v1/auth/register",
            json!({"email": email, "password": PASSWORD}),
        )
    }))
    .await;
    assert_eq!(by_status(&answers), BTreeMap::from([(201, 1), (409, 63)]));
    for answer in answers.iter().filter(|answer| answer.status == 409) {
        answer.names(409, "email_taken", &[("email", "email_taken")]);
    }
    let admin = app.as_admin().await;
    let list = admin
        .get("/api/v1/users?q=alice&count=true")
        .await
        .succeeded(200);
    assert_eq!(list["total"], 1);
}

async fn one_refresh_token_has_one_successor(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let client = app.anonymous();
    let mut pair = app.sign_in(&user).await;
    for _ in 0..3 {
        let body = json!({"refresh_token": pair["refresh_token"]});
        let answers =
            join_all((0..20).map(|_| client.post("/api/v1/auth/refresh", body.clone()))).await;
        assert_eq!(by_status(&answers), BTreeMap::from([(200, 20)]));
        let next: BTreeSet<_> = answers
            .iter()
            .map(|answer| text(&answer.json(), "refresh_token").to_owned())
            .collect();
        assert_eq!(next.len(), 1, "one lineage");
        pair = answers[0].json();
        for answer in &answers {
            let client = app.with_token(text(&answer.json(), "access_token"));
            client.get("/api/v1/auth/me").await.succeeded(200);
        }
    }
    let client = app.with_token(text(&pair, "access_token"));
    let sessions = client.get("/api/v1/auth/sessions").await.succeeded(200);
    assert_eq!(sessions["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(app.kinds_about(user.id).await, ["session.started"]);
}

async fn two_administrators_do_not_remove_each_other(app: TestApp) {
    let (one, other) = (an_admin(), an_admin());
    app.add(&one).await;
    app.add(&other).await;
    for round in 0..20 {
        let (first, second) = (app.as_user(&one).await, app.as_user(&other).await);
        let (at_one, at_other) = (path_of(&one), path_of(&other));
        let answers = if round % 2 == 0 {
            let body = json!({"role": "user"});
            tokio::join!(
                first.patch(&at_other, body.clone()),
                second.patch(&at_one, body)
            )
        } else {
            tokio::join!(first.delete(&at_other), second.delete(&at_one))
        };
        for answer in [&answers.0, &answers.1] {
            // The slower one is refused: as the last, or as nobody any more.
            let status = answer.status.as_u16();
            assert!(
                [200, 204, 401, 403, 404, 409].contains(&status),
                "{}",
                answer.text
            );
        }
        let admins = working_admins(&app).await;
        assert_eq!(
            admins.len(),
            1,
            "round {round}: {:?}",
            (answers.0.status, answers.1.status)
        );
        // The one who is left brings the other back.
        let (winner, loser) = if admins[0] == one.id.to_string() {
            (&one, &other)
        } else {
            (&other, &one)
        };
        let client = app.as_user(winner).await;
        if round % 2 == 0 {
            client
                .patch(&path_of(loser), json!({"role": "admin"}))
                .await
                .succeeded(200);
        } else {
            client
                .post_nothing(&format!("{}/restore", path_of(loser)))
                .await
                .succeeded(200);
        }
    }
}

async fn working_admins(app: &TestApp) -> Vec<String> {
    let query = UserQuery {
        role: Some(Role::Admin),
        ..UserQuery::default()
    };
    let page = app
        .store
        .users()
        .list(&query, &Default::default())
        .await
        .expect("a page");
    let working = page.items.iter().filter(|user| user.is_working_admin());
    working.map(|user| user.id.to_string()).collect()
}

async fn a_sign_in_that_races_a_reset_does_not_outlive_it(app: TestApp) {
    let admin = app.as_admin().await;
    for _ in 0..10 {
        let user = a_user();
        app.add(&user).await;
        let ticket = admin
            .post_nothing(&format!("{}/password-reset", path_of(&user)))
            .await;
        let token = text(&ticket.succeeded(201), "token").to_owned();
        let client = app.anonymous();
        let name = user.username.as_ref().expect("a name").as_str();
        let login = json!({"username": name, "password": PASSWORD});
        let reset = json!({"token": token, "new_password": NEXT});
        let sign_ins = join_all((0..8).map(|_| client.post("/api/v1/auth/login", login.clone())));
        let resetting = client.post("/api/v1/auth/password/reset", reset);
        let (answers, done) = tokio::join!(sign_ins, resetting);
        done.succeeded(204);
        for answer in answers {
            if answer.status != 200 {
                answer.refused(401, "invalid_credentials");
                continue;
            }
            let pair: Value = answer.json();
            let old = app.with_token(text(&pair, "access_token"));
            old.get("/api/v1/auth/me")
                .await
                .refused(401, "invalid_token");
            let body = json!({"refresh_token": pair["refresh_token"]});
            let refreshed = client.post("/api/v1/auth/refresh", body).await;
            refreshed.refused(401, "invalid_refresh_token");
        }
        let path = format!("{}/sessions", path_of(&user));
        assert_eq!(admin.get(&path).await.succeeded(200), json!({"items": []}));
    }
}

async fn one_reset_token_sets_one_password(app: TestApp) {
    let user = a_user();
    app.add(&user).await;
    let admin = app.as_admin().await;
    let ticket = admin
        .post_nothing(&format!("{}/password-reset", path_of(&user)))
        .await;
    let token = text(&ticket.succeeded(201), "token").to_owned();
    let client = app.anonymous();
    let answers = join_all((0..16).map(|number| {
        let body = json!({"token": token, "new_password": format!("{NEXT}-{number}")});
        client.post("/api/v1/auth/password/reset", body)
    }))
    .await;
    assert_eq!(by_status(&answers), BTreeMap::from([(204, 1), (422, 15)]));
    assert_eq!(
        app.kinds_about(user.id).await,
        ["password.reset", "password.reset_requested"]
    );
}

on_every_store!(
    one_address_registers_once,
    one_refresh_token_has_one_successor,
    two_administrators_do_not_remove_each_other,
    a_sign_in_that_races_a_reset_does_not_outlive_it,
    one_reset_token_sets_one_password,
);
