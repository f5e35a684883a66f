//! Whether an answer is one that the document promises.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use jsonschema::Validator;
use reqwest::Method;
use serde_json::{Value, json};
use userhub_api::{document::Document, http::PROBLEM_JSON};

use crate::test_app::Answered;

/// Panics where it is not.
pub(crate) fn check(document: &Document, method: &Method, path: &str, answered: &Answered) {
    let status = answered.status.as_u16();
    let content_type = answered
        .header("content-type")
        .split(';')
        .next()
        .unwrap_or_default();
    assert!(
        !answered.header("x-request-id").is_empty(),
        "{path}: no request id"
    );
    assert_eq!(
        answered.header("x-content-type-options"),
        "nosniff",
        "{path}"
    );
    for secret in [
        "$argon2",
        "$instant-fake",
        "password_hash\":",
        "auth_version",
        "refresh_hash",
    ] {
        assert!(
            !answered.text.contains(secret),
            "{path}: {secret} in {}",
            answered.text
        );
    }
    if status >= 400 && *method != Method::HEAD {
        assert_eq!(content_type, PROBLEM_JSON, "{path} {status}");
        check_problem(document, answered);
    }
    let Some(operation) = operation(document, method, path) else {
        return;
    };
    let response = &operation["responses"][status.to_string()];
    assert!(
        response.is_object(),
        "{method} {path}: {status} is not documented: {}",
        answered.text
    );
    for name in response["headers"]
        .as_object()
        .into_iter()
        .flat_map(|all| all.keys())
    {
        assert!(
            !answered.header(name).is_empty(),
            "{method} {path} {status}: {name} is missing"
        );
    }
    match response["content"].as_object() {
        None => assert!(answered.text.is_empty(), "{method} {path} {status}: a body"),
        Some(content) => {
            let documented = &content[content_type]["schema"];
            if content_type.ends_with("json") {
                validate(document, documented, answered);
            }
        }
    }
}

fn operation<'a>(document: &'a Document, method: &Method, path: &str) -> Option<&'a Value> {
    let path = match path.trim_end_matches('/') {
        "" => "/",
        trimmed => trimmed,
    };
    let template = &document.route(path)?.template;
    let operation = &document.value()["paths"][template][method.as_str().to_lowercase()];
    operation.is_object().then_some(operation)
}

fn check_problem(document: &Document, answered: &Answered) {
    let schema = json!({ "$ref": "#/components/schemas/Problem" });
    validate(document, &schema, answered);
    let problem = answered.json();
    assert_eq!(problem["status"], answered.status.as_u16());
    assert_eq!(problem["request_id"], answered.header("x-request-id"));
    assert_eq!(problem["type"], format!("/problems/{}", answered.code()));
    assert_eq!(answered.header("cache-control"), "no-store");
}

fn validate(document: &Document, schema: &Value, answered: &Answered) {
    let validator = validator(document, schema);
    let instance = answered.json();
    let errors: Vec<_> = validator
        .iter_errors(&instance)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?} in {instance}");
}

/// Building a validator takes longer than a request, and the components are
/// the same whatever the settings are.
fn validator(document: &Document, schema: &Value) -> Arc<Validator> {
    static BUILT: LazyLock<Mutex<BTreeMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let build = || {
        let mut root = schema.clone();
        root["components"] = document.value()["components"].clone();
        Arc::new(jsonschema::validator_for(&root).expect("a schema"))
    };
    Arc::clone(built.entry(schema.to_string()).or_insert_with(build))
}
