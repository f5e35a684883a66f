//! Every operation of the API, as the document has it.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use userhub_api::document::Document;

use crate::test_app::Client;

/// The id of nobody.
pub(crate) const NOBODY: &str = "0190ffff-0000-7000-8000-000000000000";

/// The operations that only administrators have.
pub(crate) const FOR_ADMINS: [&str; 10] = [
    "createUser",
    "deleteUser",
    "listAuditEvents",
    "listUserSessions",
    "listUsers",
    "logoutUser",
    "purgeUser",
    "resetUserMfa",
    "restoreUser",
    "startPasswordReset",
];

pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: Method,
    /// The path with its placeholders.
    pub(crate) template: String,
    pub(crate) is_public: bool,
    /// The schema of its JSON body, resolved.
    pub(crate) body: Option<Value>,
    /// The names of its query parameters.
    pub(crate) query: Vec<String>,
}

impl Operation {
    /// The path of somebody of this id.
    pub(crate) fn path(&self, id: &str) -> String {
        self.template
            .replace("{id}", id)
            .replace("{username}", "somebody-else")
            .replace("{email}", "somebody@else.example")
    }

    pub(crate) fn is_for_admins(&self) -> bool {
        FOR_ADMINS.contains(&self.id.as_str())
    }

    /// A request with an empty object for a body, where it takes one.
    pub(crate) fn request(&self, client: &Client<'_>, id: &str) -> RequestBuilder {
        let request = client.request(self.method.clone(), &self.path(id));
        match &self.body {
            Some(_) => request.json(&json!({})),
            None => request,
        }
    }

    /// A request with this body.
    pub(crate) fn sending(
        &self,
        client: &Client<'_>,
        (id, content_type): (&str, &str),
        body: impl Into<reqwest::Body>,
    ) -> RequestBuilder {
        client
            .request(self.method.clone(), &self.path(id))
            .header("Content-Type", content_type)
            .body(body)
    }
}

/// All below `/api/`.
pub(crate) fn operations(document: &Document) -> Vec<Operation> {
    let document = document.value();
    let paths = document["paths"].as_object().expect("paths");
    let of_the_api = paths.iter().filter(|(path, _)| path.starts_with("/api/"));
    of_the_api
        .flat_map(|(path, item)| {
            let methods = item.as_object().expect("methods").iter();
            methods.map(|(method, operation)| read(document, path, method, operation))
        })
        .collect()
}

fn read(document: &Value, path: &str, method: &str, operation: &Value) -> Operation {
    let security = operation["security"].as_array().expect("security");
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    Operation {
        id: operation["operationId"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        method: method.to_uppercase().parse().expect("a method"),
        template: path.to_owned(),
        is_public: security.is_empty() || security.contains(&json!({})),
        body: schema.is_object().then(|| resolved(document, schema)),
        query: parameters
            .filter(|parameter| parameter["in"] == "query")
            .filter_map(|parameter| parameter["name"].as_str().map(str::to_owned))
            .collect(),
    }
}

/// A schema that is named by a reference, alone or beside null.
fn resolved(document: &Value, schema: &Value) -> Value {
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    let named = choices.chain([schema]).find_map(|one| one["$ref"].as_str());
    let pointer = named.expect("a named schema").trim_start_matches('#');
    document.pointer(pointer).expect("a schema").clone()
}
