//! What is true of every operation, added by rule, so that endpoints only say
//! what is special about them.

use serde_json::{Map, Value, json};

use crate::{
    http::{PROBLEM_JSON, find_code},
    settings::ApiSettings,
};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The operations of the API that nobody has to sign in for.
pub(crate) const PUBLIC: [&str; 11] = [
    "forgotPassword",
    "getSettings",
    "issueToken",
    "login",
    "logout",
    "refresh",
    "register",
    "requestVerification",
    "resetPassword",
    "verifyEmail",
    "verifyMfa",
];

/// The older name of a parameter, still understood.
const DEPRECATED_PARAMETER: &str = "skip";

/// Completes the collected document.
pub(super) fn complete(document: &mut Value, settings: &ApiSettings) {
    if let Some(info) = document.get_mut("info").and_then(Value::as_object_mut) {
        info.insert("version".to_owned(), settings.version.clone().into());
    }
    if let Some(root) = document.as_object_mut() {
        let url = settings.public_url.as_deref().unwrap_or("/");
        root.insert("servers".to_owned(), json!([{ "url": url }]));
    }
    if let Some(components) = document
        .get_mut("components")
        .and_then(Value::as_object_mut)
    {
        components.insert("headers".to_owned(), headers());
        components.insert("securitySchemes".to_owned(), security_schemes());
    }
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, item) in paths.into_iter().flatten() {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) {
                complete_operation(path, operation);
            }
        }
    }
}

fn complete_operation(path: &str, operation: &mut Map<String, Value>) {
    let is_api = path.starts_with("/api/");
    let id = operation
        .get("operationId")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let is_public = !is_api || id.as_deref().is_some_and(|id| PUBLIC.contains(&id));
    let security = match id.as_deref() {
        // Its access token or, instead, the refresh token in the body.
        Some("logout") => json!([{}, { "bearer": [] }, { "oauth2": [] }]),
        _ if is_public => json!([]),
        _ => json!([{ "bearer": [] }, { "oauth2": [] }]),
    };
    operation.insert("security".to_owned(), security);
    mark_deprecated(operation);
    if id.as_deref() == Some("logout")
        && let Some(body) = operation
            .get_mut("requestBody")
            .and_then(Value::as_object_mut)
    {
        // An access token alone is enough.
        body.insert("required".to_owned(), false.into());
    }
    let mut codes = Vec::new();
    if operation.contains_key("requestBody") {
        codes.extend([
            "malformed_body",
            "body_timeout",
            "body_too_large",
            "unsupported_media_type",
        ]);
    }
    // RFC 6749 has 400 for whatever is wrong with a request for tokens.
    let has_body = operation.contains_key("requestBody") && id.as_deref() != Some("issueToken");
    if has_body || has_query(operation) {
        codes.push("validation_failed");
    }
    // Whoever has not signed in yet sends credentials to be tried.
    if is_api
        && is_public
        && operation.contains_key("requestBody")
        && id.as_deref() != Some("logout")
    {
        codes.push("too_many_requests");
    }
    if is_api && !is_public {
        codes.push("invalid_token");
    }
    if is_api {
        codes.push("overloaded");
    }
    let Some(responses) = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    for entry in codes.into_iter().filter_map(find_code) {
        responses
            .entry(entry.status.to_string())
            .or_insert_with(|| json!({ "description": entry.title }));
    }
    for (status, response) in responses.iter_mut() {
        complete_response(status, response);
    }
}

/// An operation is deprecated where its answers say so.
fn mark_deprecated(operation: &mut Map<String, Value>) {
    let says_so = operation
        .get("responses")
        .and_then(Value::as_object)
        .is_some_and(|all| {
            all.values()
                .any(|one| one.pointer("/headers/Deprecation").is_some())
        });
    if says_so {
        operation.insert("deprecated".to_owned(), true.into());
    }
    let parameters = operation
        .get_mut("parameters")
        .and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        let is_old = parameter.get("name").and_then(Value::as_str) == Some(DEPRECATED_PARAMETER);
        if let Some(parameter) = parameter.as_object_mut().filter(|_| is_old) {
            parameter.insert("deprecated".to_owned(), true.into());
        }
    }
}

fn has_query(operation: &Map<String, Value>) -> bool {
    operation
        .get("parameters")
        .and_then(Value::as_array)
        .is_some_and(|all| all.iter().any(|one| one.get("in") == Some(&json!("query"))))
}

fn complete_response(status: &str, response: &mut Value) {
    let Some(response) = response.as_object_mut() else {
        return;
    };
    if status.starts_with(['4', '5']) && !response.contains_key("content") {
        let schema = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
        response.insert("content".to_owned(), json!({ PROBLEM_JSON: schema }));
    }
    let mut names = vec!["X-Request-Id"];
    match status {
        "401" => names.push("WWW-Authenticate"),
        "429" | "503" => names.push("Retry-After"),
        _ => {}
    }
    let headers = response.entry("headers").or_insert_with(|| json!({}));
    for name in names {
        if let Some(headers) = headers.as_object_mut() {
            let reference = json!({ "$ref": format!("#/components/headers/{name}") });
            headers.entry(name).or_insert(reference);
        }
    }
}

fn headers() -> Value {
    let text =
        |description: &str| json!({ "description": description, "schema": { "type": "string" } });
    json!({
        "X-Request-Id": text("The id of the request: the one that was sent, or a new one."),
        "WWW-Authenticate": text("How to authenticate (RFC 6750)."),
        "Retry-After": {
            "description": "After how many seconds to try again.",
            "schema": { "type": "integer", "minimum": 1 },
        },
    })
}

fn security_schemes() -> Value {
    json!({
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token, from `login`, `refresh` or `issueToken`; or an \
                API key (`uhk_…`), from `createApiKey`. A key with the scope `read` sees and one \
                with `write` changes what its owner may see and change, apart from sessions, \
                keys, the second factor, the password and closing the account: those answer \
                403 `session_required`. What its scopes do not cover is 403 `forbidden`.",
        },
        "oauth2": {
            "type": "oauth2",
            "description": "Signs in with username or e-mail address and password; leave the client's fields as they are.",
            "flows": { "password": {
                "tokenUrl": "/api/v1/auth/token",
                "refreshUrl": "/api/v1/auth/token",
                "scopes": {},
            } },
        },
    })
}
