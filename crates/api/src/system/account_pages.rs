//! What the links in mails lead to, where no front end of one's own is
//! configured: three pages, whose button sends the token to the API.
//!
//! The token stands in the fragment, which no browser sends. So no log holds
//! it, and whatever opens a link beforehand, as scanners of mail do, uses
//! nothing up.

use actix_web::{
    HttpResponse,
    body::MessageBody,
    http::header,
    web::{self, ServiceConfig},
};

use crate::{
    http::{MountPoint, in_html},
    state::State,
};

/// Only what is served from here, nothing inline, and no form that a browser
/// would send by itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";

/// A file that is compiled in. Links in it are relative, so that it may be
/// served from anywhere.
#[derive(Debug, Clone, Copy)]
struct File {
    path: &'static str,
    content_type: &'static str,
    content: &'static str,
}

const FILES: [File; 5] = [
    File {
        path: "/verify-email",
        content_type: HTML,
        content: include_str!("account_pages/verify_email.html"),
    },
    File {
        path: "/confirm-email",
        content_type: HTML,
        content: include_str!("account_pages/confirm_email.html"),
    },
    File {
        path: RESET_PASSWORD,
        content_type: HTML,
        content: include_str!("account_pages/reset_password.html"),
    },
    File {
        path: "/assets/account.css",
        content_type: "text/css; charset=utf-8",
        content: include_str!("account_pages/account.css"),
    },
    File {
        path: "/assets/account.js",
        content_type: "text/javascript; charset=utf-8",
        content: include_str!("account_pages/account.js"),
    },
];

/// What the links in the pages begin with.
const LINKED: [&str; 2] = ["assets/", "api/"];

/// Where a new password is chosen.
pub(crate) const RESET_PASSWORD: &str = "/reset-password";

/// Where the files are: they are no part of the document.
pub(crate) fn paths() -> impl Iterator<Item = String> {
    let slashed = pages().map(|path| format!("{path}/"));
    FILES.iter().map(|file| file.path.to_owned()).chain(slashed)
}

/// Whether a path is one that a mail leads to.
pub(crate) fn is_page(path: &str) -> bool {
    pages().any(|page| page == path)
}

fn pages() -> impl Iterator<Item = &'static str> {
    FILES
        .iter()
        .filter(|file| file.content_type == HTML)
        .map(|file| file.path)
}

/// Registers them. A page is the same with a slash at its end, but for its links:
/// nothing is redirected, since whoever normalises paths in front of UserHub
/// would lead back, and since the browser may show another path than arrives.
pub(super) fn register(config: &mut ServiceConfig) {
    for file in FILES {
        let serve = move || async move { answer(file, file.content) };
        config.route(file.path, web::get().to(serve));
        if file.content_type == HTML {
            let serve = move |state: State, mount_point: MountPoint| async move {
                answer(file, linked_from_the_root(file, &state, &mount_point))
            };
            config.route(&format!("{}/", file.path), web::get().to(serve));
        }
    }
}

/// The page with links that are right wherever it is shown.
fn linked_from_the_root(file: File, state: &State, mount_point: &MountPoint) -> String {
    let root = in_html(&mount_point.outside_path(&state.settings));
    LINKED.iter().fold(file.content.to_owned(), |page, folder| {
        page.replace(&format!("=\"{folder}"), &format!("=\"{root}/{folder}"))
    })
}

fn answer(file: File, content: impl MessageBody + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(file.content_type)
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(content)
}
