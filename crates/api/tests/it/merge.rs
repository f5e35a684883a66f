//! UserHub's document below a mount point and within somebody else's.

use serde_json::{Value, json};
use userhub_api::ApiSettings;
use userhub_domain::policy::Policy;

use crate::test_app::TestApp;

async fn with_url(public_url: Option<&str>) -> TestApp {
    let settings = ApiSettings {
        public_url: public_url.map(str::to_owned),
        ..ApiSettings::default()
    };
    TestApp::with(settings, Policy::default()).await
}

#[tokio::test]
async fn the_server_is_the_public_url_without_the_mount_path() {
    for (public_url, mount_point, server) in [
        (None, "/accounts", Some("/")),
        (Some("https://h"), "", Some("https://h")),
        (Some("https://h/hub"), "", Some("https://h/hub")),
        (Some("https://h/accounts"), "/accounts/", Some("https://h")),
        (
            Some("https://h/shop/accounts"),
            "/accounts",
            Some("https://h/shop"),
        ),
        (Some("https://h/b\u{e4}r"), "/b%C3%A4r", Some("https://h")),
        (Some("https://accounts"), "/accounts", None),
        (Some("https://h/other"), "/accounts", None),
    ] {
        let app = with_url(public_url).await;
        let document = app.state.document.mounted_at(mount_point);
        let servers = server.map_or(Value::Null, |url| json!([{ "url": url }]));
        assert_eq!(document["servers"], servers, "{public_url:?} {mount_point}");
    }
}

#[tokio::test]
async fn merging_again_changes_nothing_and_a_hosts_own_tag_stays() {
    let app = TestApp::new().await;
    let own = json!({ "name": "Users", "description": "Ours" });
    for tags in [json!([own]), Value::Null] {
        let mut host = json!({ "openapi": "3.1.0", "tags": tags, "components": null });
        let document = &app.state.document;
        document.merge_into(&mut host, "/accounts").expect("merged");
        let once = host.clone();
        for same in ["/accounts", "accounts", "/accounts/"] {
            document.merge_into(&mut host, same).expect("merged");
            assert!(host == once, "{same}");
        }
        let all = host["tags"].as_array().expect("tags");
        let users: Vec<_> = all.iter().filter(|tag| tag["name"] == "Users").collect();
        assert_eq!(users.len(), 1);
        assert_eq!(users[0] == &own, tags.is_array());
        assert_eq!(all.len(), 5);
        let mut paths = host["paths"].as_object().expect("paths").keys();
        assert!(paths.all(|path| path.starts_with("/accounts/") && !path.contains("//")));
    }
}

#[tokio::test]
async fn what_cannot_be_one_document_is_refused_and_named() {
    let app = TestApp::new().await;
    let document = &app.state.document;
    let mut mounted = json!({ "openapi": "3.1.0" });
    document.merge_into(&mut mounted, "/a").expect("merged");
    let login = json!({ "post": { "operationId": "login" } });
    for (mut host, name) in [
        (json!({ "openapi": "3.0.3" }), "3.0.3"),
        (
            json!({ "openapi": "3.1.1", "paths": { "/in": login } }),
            "id login",
        ),
        (
            json!({ "openapi": "3.1.0", "tags": {} }),
            "no OpenAPI document",
        ),
        (mounted, "mounted at '/a'"),
    ] {
        let before = host.clone();
        let error = document.merge_into(&mut host, "/b").expect_err(name);
        assert!(error.to_string().contains(name), "{error}");
        assert_eq!(host, before);
    }
}

#[tokio::test]
async fn placeholders_of_a_mount_point_are_parameters() {
    let app = TestApp::new().await;
    let mut host = json!({ "openapi": "3.1.0" });
    let document = &app.state.document;
    document
        .merge_into(&mut host, "/of/{tenant:[a-z]+}/{id}")
        .expect("merged");
    for (path, item) in host["paths"].as_object().expect("paths") {
        assert!(path.starts_with("/of/{tenant}/{mount_id}/"), "{path}");
        let parameters = item["parameters"].as_array().expect("parameters");
        let names: Vec<_> = parameters.iter().map(|one| &one["name"]).collect();
        assert_eq!(names, ["tenant", "mount_id"]);
        for parameter in parameters {
            assert_eq!(parameter["in"], "path");
            assert_eq!(parameter["required"], true);
            assert_eq!(parameter["schema"], json!({ "type": "string" }));
        }
    }
}

#[tokio::test]
async fn the_link_to_a_reset_begins_with_the_public_url() {
    let app = with_url(Some("https://h/accounts")).await;
    let link = app.state.settings.reset_password_template();
    let expected = "https://h/accounts/reset-password#token={token}";
    assert_eq!(link.as_deref(), Some(expected));
}
