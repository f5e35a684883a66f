//! What the codes of problems mean, as pages and as documentation.

use std::fmt::Write;

use actix_web::{HttpRequest, HttpResponse, get, http::header};

use crate::http::{Answer, CATALOGUE, Entry, Refusal, find_code, placeholder};

/// Texts of our own only, so nothing may be loaded or run.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// What a code means, as a page.
#[utoipa::path(operation_id = "showProblem", tag = "System",
    params(("code" = String, Path, description = "The code", example = "validation_failed")),
    responses(
        (status = OK, description = "A page for people", body = String, content_type = "text/html"),
        (status = NOT_FOUND, description = "No such code"),
    ),
)]
#[get("/problems/{code}")]
pub(crate) async fn show_problem(request: HttpRequest) -> Answer<HttpResponse> {
    let entry = find_code(placeholder(&request, "code")).ok_or(Refusal::RouteNotFound)?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(page(entry)))
}

fn page(entry: &Entry) -> String {
    let Entry {
        code,
        status,
        title,
        explanation,
    } = entry;
    let explanation = marked_up(explanation);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;\
         padding:0 1rem;color-scheme:light dark}}</style></head>\n<body>\n<h1>{title}</h1>\n\
         <p><code>{code}</code>, status {status}</p>\n<p>{explanation}</p>\n</body>\n</html>\n"
    )
}

/// Markdown's backquotes as HTML, the rest as it stands.
fn marked_up(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    let parts = escaped.split('`').enumerate();
    parts
        .map(|(index, part)| match index % 2 {
            0 => part.to_owned(),
            _ => format!("<code>{part}</code>"),
        })
        .collect()
}

/// All codes as Markdown, for the documentation.
pub fn markdown() -> String {
    let mut text = String::from(
        "# Problems\n\nEvery error is an `application/problem+json` document (RFC 9457). Programs \
         go by its `code`; `type` leads to the explanation below.\n\n\
         | status | code | what happened | what it means |\n| --- | --- | --- | --- |\n",
    );
    for Entry {
        code,
        status,
        title,
        explanation,
    } in CATALOGUE
    {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {status} | `{code}` | {title} | {explanation} |");
    }
    text
}
