//! A mount point whose placeholder is called like one of UserHub's own.

use std::collections::BTreeSet;

use actix_web::web;
use reqwest::Method;
use serde_json::Value;
use userhub_testkit::UserBuilder;

use crate::{
    host::{Host, header},
    test_app::{TestApp, path_of},
};

/// Every name that UserHub has for a placeholder.
fn names(app: &TestApp) -> BTreeSet<String> {
    let paths = app.state.document.value()["paths"].as_object();
    let paths = paths.expect("paths").keys().cloned();
    let pages = ["/docs/{file}".to_owned()];
    let mut names = BTreeSet::new();
    for path in paths.chain(pages) {
        let parts = path.split('{').skip(1);
        names.extend(parts.filter_map(|part| Some(part.split_once('}')?.0.to_owned())));
    }
    names
}

#[tokio::test]
async fn it_is_never_taken_for_ours() {
    let app = TestApp::new().await;
    let names = names(&app);
    assert!(names.contains("id") && names.contains("code") && names.contains("file"));
    let ann = UserBuilder::new().username("ann").build();
    let bob = UserBuilder::new().username("bob").build();
    app.add(&ann).await;
    app.add(&bob).await;
    let admin = app.as_admin().await.token.expect("a token");
    let scopes = names.clone();
    let host = Host::serving(app, None, move |state, config| {
        for name in &scopes {
            let path = format!("/under-{name}/{{{name}}}");
            config.service(web::scope(&path).configure(userhub_api::configure(state)));
        }
    })
    .await;
    for name in &names {
        // What each of ours could be mistaken for.
        for value in [&*bob.id.to_string(), "bob", "not_found", "index.css"] {
            let mount = format!("/under-{name}/{value}");
            let own = path_of(&ann);
            for path in [&*own, "/api/v1/users/by-username/ann"] {
                let shown = host.get(&format!("{mount}{path}"), &admin).await;
                let shown: Value = shown.json().await.expect("JSON");
                assert_eq!(shown["id"], ann.id.to_string(), "{mount}{path}");
            }
            let page = host.get(&format!("{mount}/problems/forbidden"), "").await;
            let page = page.text().await.expect("text");
            assert!(page.contains("<code>forbidden</code>"), "{mount}");
            for (file, kind) in [("swagger-ui.css", "text/css"), ("", "text/html")] {
                let file = host.get(&format!("{mount}/docs/{file}"), "").await;
                assert_eq!(file.status(), 200, "{mount}");
                assert!(header(&file, "content-type").starts_with(kind), "{mount}");
            }
        }
    }
    let path = format!("/under-id/{}{}", bob.id, path_of(&ann));
    let gone = host.send(Method::DELETE, &path, &admin, Value::Null).await;
    assert_eq!(gone.status(), 204);
    for (user, is_there) in [(&ann, false), (&bob, true)] {
        let stored = host.app.stored(user.id).await.expect("a row");
        assert_eq!(stored.deleted_at.is_none(), is_there, "{}", user.id);
    }
}
