//! The pages that mailed links lead to.

use userhub_api::ApiSettings;
use userhub_domain::policy::Policy;
use userhub_testkit::a_user;

use crate::test_app::{TestApp, path_of, text};

pub(crate) const PAGES: [&str; 3] = ["/verify-email", "/confirm-email", "/reset-password"];
const ASSETS: [(&str, &str); 2] = [
    ("/assets/account.css", "text/css; charset=utf-8"),
    ("/assets/account.js", "text/javascript; charset=utf-8"),
];

/// The values of an attribute in a page.
pub(crate) fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    let rest = page.split(&*start).skip(1);
    rest.filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test]
async fn they_may_load_what_is_served_from_here_and_nothing_else() {
    let app = TestApp::new().await;
    let pages = PAGES.map(|page| (page, "text/html; charset=utf-8"));
    for (path, content_type) in pages.into_iter().chain(ASSETS) {
        let answer = app.anonymous().get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        let expected = [
            ("content-type", content_type),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            (
                "content-security-policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                 form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
            ),
        ];
        for (name, value) in expected {
            assert_eq!(answer.header(name), value, "{path} {name}");
        }
        assert_eq!(answer.header("set-cookie"), "");
        assert!(!answer.text.contains("://"), "{path} names another site");
    }
}

#[tokio::test]
async fn nothing_in_them_is_inline_and_every_link_leads_somewhere() {
    let app = TestApp::new().await;
    let document = app.state.document.value();
    for path in PAGES {
        let page = app.anonymous().get(path).await.text;
        assert!(
            !page.contains("<style") && !page.contains(" style="),
            "{path}"
        );
        assert_eq!(page.matches("<script").count(), 1, "{path}");
        assert!(page.contains("></script>"), "{path}: a script of its own");
        for handler in ["onclick", "onload", "onsubmit", "javascript:"] {
            assert!(!page.contains(handler), "{path} {handler}");
        }
        let mut links = values(&page, "href");
        links.extend(values(&page, "src"));
        assert_eq!(links.len(), 2, "{path}: {links:?}");
        for link in links {
            // Relative, so that they lead there from below any mount point.
            assert!(!link.starts_with('/'), "{path} {link}");
            let answer = app.anonymous().get(&format!("/{link}")).await;
            assert_eq!(answer.status, 200, "{path} {link}");
        }
        let operation = values(&page, "data-operation").join(" ");
        let operation = &document["paths"][format!("/{operation}")]["post"];
        let expected = match path {
            "/reset-password" => "resetPassword",
            _ => "verifyEmail",
        };
        assert_eq!(operation["operationId"], expected, "{path}");
    }
}

#[tokio::test]
async fn with_a_slash_too_much_their_links_begin_at_the_root() {
    for (public_url, root) in [(None, ""), (Some("https://example.org/hub"), "/hub")] {
        let settings = ApiSettings {
            public_url: public_url.map(str::to_owned),
            ..ApiSettings::default()
        };
        let app = TestApp::with(settings, Policy::default()).await;
        for path in PAGES {
            let page = app.anonymous().get(&format!("{path}/")).await;
            // No redirect: where the host normalises paths it would come back.
            assert_eq!(page.status, 200, "{path}/");
            let same = app.anonymous().get(path).await.text;
            for attribute in ["href", "src", "data-operation"] {
                let links = values(&same, attribute);
                let expected: Vec<_> = links.iter().map(|link| format!("{root}/{link}")).collect();
                assert_eq!(values(&page.text, attribute), expected, "{path}/");
            }
        }
    }
}

#[tokio::test]
async fn people_who_do_not_see_or_have_no_scripts_are_told_what_to_do() {
    let app = TestApp::new().await;
    for path in PAGES {
        let page = app.anonymous().get(path).await.text;
        assert!(page.contains("<html lang=\"en\">"), "{path}");
        assert!(page.contains("name=\"viewport\"") && page.contains("<noscript>"));
        assert!(page.contains("role=\"status\""), "{path}");
        for id in values(&page, "for")
            .into_iter()
            .chain(values(&page, "aria-describedby"))
        {
            assert!(values(&page, "id").contains(&id), "{path}: {id}");
        }
        assert_eq!(
            page.matches("<input").count(),
            values(&page, "for").len(),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_reset_is_handed_over_as_a_link_to_its_page_where_the_public_url_is_known() {
    let settings = ApiSettings {
        public_url: Some("https://users.example.org/hub".to_owned()),
        ..ApiSettings::default()
    };
    let app = TestApp::with(settings, Policy::default()).await;
    let user = a_user();
    app.add(&user).await;
    let admin = app.as_admin().await;
    let path = format!("{}/password-reset", path_of(&user));
    let ticket = admin.post_nothing(&path).await.succeeded(201);
    let token = text(&ticket, "token");
    let link = format!("https://users.example.org/hub/reset-password#token={token}");
    assert_eq!(ticket["url"], link);
}
