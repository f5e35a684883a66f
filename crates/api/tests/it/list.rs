//! `GET /api/v1/users`

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};
use userhub_domain::clock::Clock;
use userhub_testkit::{FixedClock, UserBuilder, a_user};

use crate::{
    backend::on_every_store,
    test_app::{Client, PASSWORD, TestApp, path_of, text},
};

const USERS: &str = "/api/v1/users";

/// The names of a page, in order; of who has none, the address.
fn names(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("a list").iter();
    items
        .map(|item| {
            item["username"]
                .as_str()
                .unwrap_or_else(|| text(item, "email"))
                .to_owned()
        })
        .collect()
}

async fn found(admin: &Client<'_>, query: &str) -> Vec<String> {
    names(&admin.get(&format!("{USERS}?{query}")).await.succeeded(200))
}

/// Some people, and alice among them signed in: she is their administrator.
async fn people(app: &TestApp) -> Client<'_> {
    let start = FixedClock::new().now();
    for (place, user) in [
        UserBuilder::new()
            .username("carol")
            .email("carol@a.example")
            .first_name("Zoë"),
        UserBuilder::new()
            .username("alice")
            .email("Alice@b.example")
            .verified()
            .admin(),
        UserBuilder::new()
            .username("Bob")
            .no_email()
            .last_name("50%_off"),
        UserBuilder::new()
            .no_username()
            .email("dave@a.example")
            .suspended(),
        UserBuilder::new()
            .username("eve")
            .email("eve@a.example")
            .deleted(),
    ]
    .into_iter()
    .enumerate()
    {
        let days = TimeDelta::days(i64::try_from(place).expect("small"));
        app.add(&user.with(|record| record.created_at = start + days).build())
            .await;
    }
    let body = json!({"username": "alice", "password": PASSWORD});
    let pair = app
        .anonymous()
        .post("/api/v1/auth/login", body)
        .await
        .succeeded(200);
    app.with_token(text(&pair, "access_token"))
}

async fn filters_narrow_the_list(app: TestApp) {
    let admin = people(&app).await;
    for (query, expected) in [
        ("", &["carol", "alice", "Bob", "dave@a.example"][..]),
        ("q=ALICE", &["alice"]),
        ("q=a.example", &["carol", "dave@a.example"]),
        ("q=ZOE%CC%88", &["carol"]),
        ("q=nobody", &[]),
        ("q=", &["carol", "alice", "Bob", "dave@a.example"]),
        ("role=admin", &["alice"]),
        ("role=user&status=active", &["carol", "Bob"]),
        ("status=suspended", &["dave@a.example"]),
        ("status=deleted", &["eve"]),
        ("email_verified=true", &["alice"]),
        ("email_verified=false", &["carol", "Bob", "dave@a.example"]),
        (
            "created_from=2026-01-02T00:00:00Z&created_to=2026-01-04T00:00:00Z",
            &["alice", "Bob"],
        ),
        (
            "created_from=2026-01-03T01:00:00%2B01:00",
            &["Bob", "dave@a.example"],
        ),
        ("created_to=2026-01-01T00:00:00Z", &[]),
        (
            "unknown=1&unknown=2",
            &["carol", "alice", "Bob", "dave@a.example"],
        ),
    ] {
        assert_eq!(found(&admin, query).await, expected, "{query}");
    }
}

async fn search_text_is_literal(app: TestApp) {
    let admin = people(&app).await;
    for (query, expected) in [
        ("q=%25", &["Bob"][..]),
        ("q=_", &["Bob"]),
        ("q=50%25_", &["Bob"]),
        ("q=c_rol", &[]),
        ("q=%5C", &[]),
        ("q=*", &[]),
        ("q=%27%20OR%20%271%27=%271", &[]),
        ("q=alicealice", &[]),
    ] {
        assert_eq!(found(&admin, query).await, expected, "{query}");
    }
}

async fn every_order_is_total_and_null_is_smallest(app: TestApp) {
    let admin = people(&app).await;
    for (sort, expected) in [
        ("created_at", ["carol", "alice", "Bob", "dave@a.example"]),
        ("-created_at", ["dave@a.example", "Bob", "alice", "carol"]),
        ("username", ["dave@a.example", "alice", "Bob", "carol"]),
        ("-username", ["carol", "Bob", "alice", "dave@a.example"]),
        ("email", ["Bob", "alice", "carol", "dave@a.example"]),
        ("-email", ["dave@a.example", "carol", "alice", "Bob"]),
    ] {
        assert_eq!(
            found(&admin, &format!("sort={sort}")).await,
            expected,
            "{sort}"
        );
        let mut paged = Vec::new();
        let mut next = String::new();
        for _ in 0..4 {
            let page = admin
                .get(&format!("{USERS}?sort={sort}&limit=1{next}"))
                .await
                .succeeded(200);
            paged.extend(names(&page));
            next = match page["next_cursor"].as_str() {
                Some(cursor) => format!("&cursor={cursor}"),
                None => break,
            };
        }
        assert_eq!(paged, expected, "{sort} by cursor");
    }
    let last = found(&admin, "sort=-last_login_at&limit=1").await;
    assert_eq!(last, ["alice"], "who has never signed in comes last");
}

async fn pages_are_counted_and_bounded(app: TestApp) {
    for _ in 0..24 {
        app.add(&a_user()).await;
    }
    let admin = app.as_admin().await;
    let page = admin.get(USERS).await.succeeded(200);
    assert_eq!((names(&page).len(), &page["total"]), (20, &json!(null)));
    assert!(page["next_cursor"].is_string());
    let path = format!("{USERS}?cursor={}&count=true", text(&page, "next_cursor"));
    let rest = admin.get(&path).await.succeeded(200);
    assert_eq!((names(&rest).len(), &rest["total"]), (5, &json!(25)));
    assert_eq!(rest["next_cursor"], json!(null));
    assert_eq!(found(&admin, "limit=100").await.len(), 25);
    for (query, count) in [
        ("offset=20", 5),
        ("skip=24", 1),
        ("offset=25", 0),
        ("skip=4294967295", 0),
    ] {
        assert_eq!(found(&admin, query).await.len(), count, "{query}");
    }
    let empty = admin
        .get(&format!("{USERS}?q=nobody&count=true"))
        .await
        .succeeded(200);
    assert_eq!(empty, json!({"items": [], "next_cursor": null, "total": 0}));
}

async fn paging_neither_repeats_nor_misses_while_rows_come_and_go(app: TestApp) {
    let users: Vec<_> = (0..10).map(|_| a_user()).collect();
    for user in &users {
        app.add(user).await;
    }
    let admin = app.as_admin().await;
    let mut seen = Vec::new();
    let mut next = String::new();
    for round in 0..20 {
        let page = admin
            .get(&format!("{USERS}?limit=3{next}"))
            .await
            .succeeded(200);
        seen.extend(names(&page));
        if round == 0 {
            // One that was shown goes, one that sorts before all others comes.
            admin.delete(&path_of(&users[0])).await.succeeded(204);
            let early = UserBuilder::new().username("early");
            let first = FixedClock::new().now() - TimeDelta::days(1);
            app.add(&early.created_at(first).build()).await;
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 11, "{seen:?}");
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 11);
}

async fn every_bad_parameter_is_named_at_once(app: TestApp) {
    let admin = app.as_admin().await;
    let long = "x".repeat(201);
    let query = format!(
        "q={long}&role=root&status=gone&email_verified=maybe&created_from=yesterday\
         &created_to=2026-13-01T00:00:00Z&sort=password_hash&limit=0&offset=-1&count=2&cursor=zz"
    );
    admin.get(&format!("{USERS}?{query}")).await.violates(&[
        ("count", "invalid_format"),
        ("created_from", "invalid_format"),
        ("created_to", "invalid_format"),
        ("cursor", "invalid_format"),
        ("email_verified", "invalid_format"),
        ("limit", "too_short"),
        ("offset", "invalid_format"),
        ("q", "too_long"),
        ("role", "invalid_format"),
        ("sort", "invalid_format"),
        ("status", "invalid_format"),
    ]);
    for (query, field) in [
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=1e9", "limit"),
        ("limit=", "limit"),
        ("limit=18446744073709551616", "limit"),
        ("limit=5&limit=6", "limit"),
        ("limit=%00", "limit"),
        ("offset=4294967296", "offset"),
        ("skip=x", "skip"),
        ("offset=1&skip=1", "skip"),
        ("sort=id;DROP%20TABLE%20users", "sort"),
        ("sort=--created_at", "sort"),
        ("sort=", "sort"),
        ("q=a%00b", "q"),
        ("q=a%E2%80%AEb", "q"),
        ("role=Admin", "role"),
        ("status=", "status"),
        ("cursor=", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=00", "cursor"),
        ("created_from=0000-01-01T00:00:00Z", "created_from"),
        ("email_verified=TRUE", "email_verified"),
        ("count=1", "count"),
        ("q=%FF%FE&limit=x", "limit"),
    ] {
        let answer = admin.get(&format!("{USERS}?{query}")).await;
        answer.refused(422, "validation_failed");
        let errors = answer.errors();
        assert!(
            errors.iter().any(|(name, _)| name == field),
            "{query}: {errors:?}"
        );
    }
}

async fn a_cursor_belongs_to_its_list(app: TestApp) {
    for _ in 0..3 {
        app.add(&a_user()).await;
    }
    let admin = app.as_admin().await;
    let page = admin
        .get(&format!("{USERS}?limit=1&role=user"))
        .await
        .succeeded(200);
    let cursor = text(&page, "next_cursor");
    let used = format!("{USERS}?limit=2&role=user&cursor={cursor}");
    assert_eq!(names(&admin.get(&used).await.succeeded(200)).len(), 2);
    let upper = cursor.to_uppercase();
    for query in [
        format!("cursor={cursor}"),
        format!("role=user&sort=-created_at&cursor={cursor}"),
        format!("role=user&sort=username&cursor={cursor}"),
        format!("role=user&q=x&cursor={cursor}"),
        format!("role=user&cursor={}", &cursor[..cursor.len() - 2]),
        format!("role=user&cursor={cursor}00"),
        format!("role=user&cursor={upper}"),
    ] {
        admin
            .get(&format!("{USERS}?{query}"))
            .await
            .violates(&[("cursor", "invalid_format")]);
    }
    let both = admin
        .get(&format!("{USERS}?role=user&offset=1&cursor={cursor}"))
        .await;
    both.violates(&[("cursor", "not_allowed")]);
    let events = admin
        .get(&format!("/api/v1/audit-events?cursor={cursor}"))
        .await;
    events.violates(&[("cursor", "invalid_format")]);
}

on_every_store!(
    filters_narrow_the_list,
    search_text_is_literal,
    every_order_is_total_and_null_is_smallest,
    pages_are_counted_and_bounded,
    paging_neither_repeats_nor_misses_while_rows_come_and_go,
    every_bad_parameter_is_named_at_once,
    a_cursor_belongs_to_its_list,
);
