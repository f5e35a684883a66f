//! The OpenAPI document: collected from the routes, completed by rule.

mod mount;
mod rules;
mod template;

use std::{sync::OnceLock, thread};

use actix_web::{App, dev::ResourceDef, web::Bytes};
use serde_json::Value;
use userhub_domain::{Error, Result};
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;

use crate::{
    admin::list::UserOrder,
    http::{FieldError, Problem},
    routes,
    settings::ApiSettings,
    system::account_pages,
};

/// What no route says about itself.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "UserHub",
        description = "User accounts, sign-in and administration over REST. Every error is a \
            problem document (RFC 9457) with a stable `code`; every answer holds every member of \
            its schema, null where it is empty.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "Signing in", description = "Registering, tokens and sessions"),
        (name = "Account", description = "One's own account"),
        (name = "Users", description = "Users, for administrators and for oneself"),
        (name = "Administration", description = "What only administrators do"),
        (name = "System", description = "Health, metrics, keys and documentation"),
    ),
    components(schemas(Problem, FieldError, UserOrder)),
)]
struct Base;

/// Pages beside the API that are no part of the document.
const PAGES: [&str; 3] = ["/", "/docs", "/docs/{file}*"];

/// The document and what is looked up in it.
pub struct Document {
    value: OnceLock<Value>,
    json: Bytes,
    routes: Vec<DocumentedRoute>,
}

/// A path and the methods that it knows.
pub struct DocumentedRoute {
    definition: ResourceDef,
    /// The path with its placeholders.
    pub template: String,
    /// The value of the header `Allow`.
    pub allow: String,
}

impl Document {
    /// Collects it from the routes.
    ///
    /// # Errors
    /// Where it cannot be written as JSON.
    pub fn collect(settings: &ApiSettings) -> Result<Self> {
        // On a thread of its own, so that the memory it takes for a moment is
        // not lost to this one for good.
        thread::scope(|scope| scope.spawn(|| Self::assemble(settings)).join())
            .unwrap_or_else(|_| Err(Error::internal("collecting the OpenAPI document")))
    }

    fn assemble(settings: &ApiSettings) -> Result<Self> {
        let (_, collected) = App::new()
            .into_utoipa_app()
            .openapi(Base::openapi())
            .configure(routes::document)
            .split_for_parts();
        let failed = |error| Error::internal_from("writing the OpenAPI document", error);
        let mut value = serde_json::to_value(collected).map_err(failed)?;
        rules::complete(&mut value, settings);
        let json = serde_json::to_vec(&value).map_err(failed)?;
        Ok(Self {
            routes: routes_of(&value),
            value: OnceLock::new(),
            json: json.into(),
        })
    }

    /// As it is served.
    pub fn json(&self) -> Bytes {
        self.json.clone()
    }

    /// As a value: for tests, for printing, and for a document of one's own.
    #[expect(
        clippy::expect_used,
        reason = "the text was written from such a value when the document was collected"
    )]
    pub fn value(&self) -> &Value {
        // Kept as text until it is asked for: as a value it takes a megabyte and a half.
        self.value
            .get_or_init(|| serde_json::from_slice(&self.json).expect("the document is JSON"))
    }

    /// The route that a path belongs to, whatever the method.
    pub fn route(&self, path: &str) -> Option<&DocumentedRoute> {
        self.routes
            .iter()
            .find(|route| route.definition.is_match(path))
    }
}

fn routes_of(document: &Value) -> Vec<DocumentedRoute> {
    let paths = document.get("paths").and_then(Value::as_object);
    let pages = PAGES.map(str::to_owned).into_iter();
    let pages = pages.chain(account_pages::paths());
    let mut routes: Vec<_> = paths
        .into_iter()
        .flatten()
        .map(|(template, item)| {
            let methods = item
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, _)| name.as_str());
            DocumentedRoute::new(template, methods)
        })
        .chain(pages.map(|page| DocumentedRoute::new(&page, ["get"])))
        .collect();
    // Literal paths such as `me` come before placeholders.
    routes.sort_by_key(|route| route.template.matches('{').count());
    routes
}

impl DocumentedRoute {
    fn new<'a>(template: &str, methods: impl IntoIterator<Item = &'a str>) -> Self {
        let mut allowed: Vec<String> = methods.into_iter().map(str::to_ascii_uppercase).collect();
        if allowed.iter().any(|method| method == "GET") {
            allowed.push("HEAD".to_owned());
        }
        allowed.push("OPTIONS".to_owned());
        Self {
            definition: ResourceDef::new(template),
            template: template.to_owned(),
            allow: allowed.join(", "),
        }
    }
}
