//! The document is complete and consistent.

use std::collections::BTreeSet;

use serde_json::Value;
use userhub_api::{ApiSettings, document::Document};

fn document() -> Document {
    Document::collect(&ApiSettings::default()).expect("a document")
}

fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().expect("methods");
            methods
                .iter()
                .map(move |(method, operation)| (format!("{method} {path}"), operation))
        })
        .collect()
}

#[test]
fn every_operation_says_what_clients_need() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(document.value()) {
        let id = operation["operationId"].as_str().unwrap_or_default();
        assert!(
            !id.is_empty() && ids.insert(id.to_owned()),
            "{name}: id {id:?}"
        );
        assert_eq!(
            operation["tags"].as_array().map(Vec::len),
            Some(1),
            "{name}: one tag"
        );
        assert!(
            operation["summary"]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{name}"
        );
        assert!(operation["security"].is_array(), "{name}");
        for (status, response) in operation["responses"].as_object().expect("responses") {
            let text = response["description"].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{name} {status}: no description");
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut references = Vec::new();
    collect_references(document.value(), &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.trim_start_matches('#');
        assert!(document.value().pointer(pointer).is_some(), "{reference}");
    }
}

fn collect_references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                found.push(reference.clone());
            }
            members
                .values()
                .for_each(|member| collect_references(member, found));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect_references(item, found)),
        _ => {}
    }
}

#[test]
fn tags_are_declared() {
    let document = document();
    let declared: BTreeSet<_> = document.value()["tags"]
        .as_array()
        .expect("tags")
        .iter()
        .filter_map(|tag| tag["name"].as_str())
        .collect();
    for (name, operation) in operations(document.value()) {
        let tag = operation["tags"][0].as_str().unwrap_or_default();
        assert!(declared.contains(tag), "{name}: {tag:?}");
    }
}

/// The operations that the contract names, as far as they are built.
const CONTRACT: [(&str, &str); 44] = [
    ("changeEmail", "post /api/v1/auth/email/change"),
    ("changePassword", "post /api/v1/auth/password/change"),
    ("confirmTotp", "post /api/v1/auth/mfa/totp/confirm"),
    ("createApiKey", "post /api/v1/auth/api-keys"),
    ("createUser", "post /api/v1/users"),
    ("deleteMe", "delete /api/v1/users/me"),
    ("deleteUser", "delete /api/v1/users/{id}"),
    ("disableTotp", "post /api/v1/auth/mfa/totp/disable"),
    ("endSession", "delete /api/v1/auth/sessions/{id}"),
    ("enrolTotp", "post /api/v1/auth/mfa/totp"),
    ("forgotPassword", "post /api/v1/auth/password/forgot"),
    ("getMe", "get /api/v1/users/me"),
    ("getMfa", "get /api/v1/auth/mfa"),
    ("getSettings", "get /api/v1/auth/settings"),
    ("getUser", "get /api/v1/users/{id}"),
    ("getUserByEmail", "get /api/v1/users/by-email/{email}"),
    (
        "getUserByUsername",
        "get /api/v1/users/by-username/{username}",
    ),
    ("issueToken", "post /api/v1/auth/token"),
    ("listApiKeys", "get /api/v1/auth/api-keys"),
    ("listAuditEvents", "get /api/v1/audit-events"),
    ("listSessions", "get /api/v1/auth/sessions"),
    ("listUserSessions", "get /api/v1/users/{id}/sessions"),
    ("listUsers", "get /api/v1/users"),
    ("login", "post /api/v1/auth/login"),
    ("logout", "post /api/v1/auth/logout"),
    ("logoutAll", "post /api/v1/auth/logout-all"),
    ("logoutUser", "post /api/v1/users/{id}/logout"),
    ("me", "get /api/v1/auth/me"),
    ("purgeUser", "post /api/v1/users/{id}/purge"),
    ("refresh", "post /api/v1/auth/refresh"),
    ("register", "post /api/v1/auth/register"),
    ("renewRecoveryCodes", "post /api/v1/auth/mfa/recovery-codes"),
    ("replaceMe", "put /api/v1/users/me"),
    ("replaceUser", "put /api/v1/users/{id}"),
    (
        "requestVerification",
        "post /api/v1/auth/email/verification",
    ),
    ("resetPassword", "post /api/v1/auth/password/reset"),
    ("resetUserMfa", "delete /api/v1/users/{id}/mfa"),
    ("restoreUser", "post /api/v1/users/{id}/restore"),
    ("revokeApiKey", "delete /api/v1/auth/api-keys/{id}"),
    (
        "startPasswordReset",
        "post /api/v1/users/{id}/password-reset",
    ),
    ("updateMe", "patch /api/v1/users/me"),
    ("updateUser", "patch /api/v1/users/{id}"),
    ("verifyEmail", "post /api/v1/auth/email/verify"),
    ("verifyMfa", "post /api/v1/auth/mfa/verify"),
];

#[test]
fn the_api_has_the_operations_of_the_contract_and_no_others() {
    let document = document();
    let all = operations(document.value());
    let mut found: Vec<_> = all
        .iter()
        .filter(|(name, _)| name.contains(" /api/"))
        .map(|(name, operation)| {
            (
                operation["operationId"].as_str().unwrap_or_default(),
                &**name,
            )
        })
        .collect();
    found.sort_unstable();
    assert_eq!(found, CONTRACT);
}

/// Answers whose example is put together from those of their members.
const COMPOSED: [&str; 11] = [
    "ApiKeyList",
    "AuditEventPage",
    "FieldError",
    "Health",
    "PasswordReset",
    "PasswordSettings",
    "RegistrationSettings",
    "SessionList",
    "Settings",
    "TokenPair",
    "UserPage",
];

#[test]
fn every_schema_has_an_example_that_fits_it() {
    let document = document();
    let schemas = document.value()["components"]["schemas"]
        .as_object()
        .expect("schemas");
    let mut without = Vec::new();
    for (name, schema) in schemas
        .iter()
        .filter(|(_, schema)| schema["type"] == "object")
    {
        let Some(example) = schema.get("example") else {
            without.push(name.as_str());
            continue;
        };
        let mut root = schema.clone();
        root["components"] = document.value()["components"].clone();
        let validator = jsonschema::validator_for(&root).expect("a schema");
        let errors: Vec<_> = validator
            .iter_errors(example)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
    without.retain(|name| !COMPOSED.contains(name));
    assert!(without.is_empty(), "without an example: {without:?}");
}

#[test]
fn what_is_deprecated_says_so() {
    let document = document();
    for (name, operation) in operations(document.value()) {
        let is_put = name.starts_with("put ");
        assert_eq!(operation["deprecated"] == true, is_put, "{name}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let is_older = parameter["name"] == "skip";
            assert_eq!(
                parameter["deprecated"] == true,
                is_older,
                "{name} {parameter}"
            );
        }
    }
}
