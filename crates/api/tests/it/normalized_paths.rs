//! Where the host changes slashes before UserHub sees the path.

use actix_web::{middleware::TrailingSlash, web};
use reqwest::Url;

use crate::{
    account_pages::{PAGES, values},
    host::{Host, header},
    test_app::TestApp,
};

const WAYS: [Option<TrailingSlash>; 4] = [
    None,
    Some(TrailingSlash::Trim),
    Some(TrailingSlash::Always),
    Some(TrailingSlash::MergeOnly),
];

async fn mounted(normalized: Option<TrailingSlash>) -> Host {
    Host::serving(TestApp::new().await, normalized, |state, config| {
        config.service(web::scope("/accounts").configure(userhub_api::configure(state)));
    })
    .await
}

/// Opens a page and everything that it links to, as a browser would.
async fn opens(host: &Host, path: &str) -> usize {
    let page = host.get(path, "").await;
    assert_eq!(page.status(), 200, "{path}");
    let shown = Url::parse(&format!("http://{}{path}", host.address)).expect("a URL");
    let page = page.text().await.expect("text");
    let mut links = values(&page, "href");
    links.extend(values(&page, "src"));
    for link in &links {
        let leads_to = shown.join(link).expect("a link");
        let answer = host.get(leads_to.path(), "").await;
        assert_eq!(answer.status(), 200, "{path}: {link}");
    }
    for operation in values(&page, "data-operation") {
        let leads_to = shown.join(operation).expect("a link");
        let known = host.get(leads_to.path(), "").await;
        assert_eq!(known.status(), 405, "{path}: {operation}");
    }
    links.len()
}

#[tokio::test]
async fn the_pages_of_mails_work_with_a_slash_and_without() {
    for normalized in WAYS {
        let host = mounted(normalized).await;
        for page in PAGES {
            assert_eq!(opens(&host, &format!("/accounts{page}")).await, 2);
        }
    }
    for normalized in [None, Some(TrailingSlash::Always)] {
        let host = mounted(normalized).await;
        for page in PAGES {
            assert_eq!(opens(&host, &format!("/accounts{page}/")).await, 2);
        }
    }
}

#[tokio::test]
async fn the_documentation_works_with_a_slash_and_without() {
    for normalized in WAYS {
        let host = mounted(normalized).await;
        for path in ["", "/"] {
            let redirect = host.get(&format!("/accounts{path}"), "").await;
            assert_eq!(redirect.status(), 302, "{normalized:?} {path}");
            assert_eq!(header(&redirect, "location"), "/accounts/docs/");
        }
        for path in ["/docs", "/docs/", "/docs/index.html"] {
            assert_eq!(opens(&host, &format!("/accounts{path}")).await, 7, "{path}");
        }
    }
}
