//! The document as a part of somebody else's.

use serde_json::{Map, Value, json};
use userhub_domain::{Error, Result};

use super::{Document, template::Template};
use crate::{http::percent_encoded, settings::split_url};

const TOKEN_URL: &str = "/components/securitySchemes/oauth2/flows/password/tokenUrl";
const REFRESH_URL: &str = "/components/securitySchemes/oauth2/flows/password/refreshUrl";

impl Document {
    /// The document of UserHub [mounted](crate::configure) at a path such as
    /// `/accounts`. A placeholder of it, `/of/{tenant}`, becomes a parameter of
    /// every path, named `mount_…` where UserHub has one of that name itself.
    ///
    /// Its server is `public_url` without the mount path, and the one that the
    /// document comes from where `public_url` does not end with that.
    pub fn mounted_at(&self, mount_point: &str) -> Value {
        let mut document = self.value().clone();
        let template = Template::of(mount_point, &document);
        let before = template.path.as_str();
        let paths = document.get_mut("paths").and_then(Value::as_object_mut);
        if let Some(paths) = paths {
            *paths = std::mem::take(paths)
                .into_iter()
                .map(|(path, item)| (format!("{before}{path}"), template.declare(item)))
                .collect();
        }
        for pointer in [TOKEN_URL, REFRESH_URL] {
            if let Some(url) = document.pointer_mut(pointer)
                && let Some(path) = url.as_str()
            {
                *url = format!("{before}{path}").into();
            }
        }
        move_server(&mut document, before);
        document
    }

    /// Adds UserHub, mounted at a path such as `/accounts`, to a document of
    /// one's own: its paths, components and tags. An OpenAPI 3.1 document as
    /// JSON; one of utoipa's is written as such by `serde_json::to_value`. Doing
    /// it again changes nothing; a tag of the host's own stays as it is.
    ///
    /// # Errors
    /// Internal where the host's is not OpenAPI 3.1, where it has a path, a
    /// component or an operation id of the same name with another content, or
    /// holds another mount of UserHub already; names it, and leaves the document
    /// as it was.
    pub fn merge_into(&self, host: &mut Value, mount_point: &str) -> Result<()> {
        refuse_other_versions(host)?;
        let mut merged = host.clone();
        let mut ours = self.mounted_at(mount_point);
        refuse_another_mount(host, &ours)?;
        refuse_operation_ids(host, &ours)?;
        let root = object(&mut merged)?;
        let mut take = |member: &str| ours.get_mut(member).map(Value::take).unwrap_or_default();
        let (paths, components, tags) = (take("paths"), take("components"), take("tags"));
        add(member(root, "paths")?, paths)?;
        let kinds = member(root, "components")?;
        for (kind, named) in into_entries(components) {
            add(member(kinds, &kind)?, named)?;
        }
        add_tags(root, tags)?;
        *host = merged;
        Ok(())
    }
}

/// Paths begin with the mount point already, so the server must not end with it.
fn move_server(document: &mut Value, mount_point: &str) {
    let Some(Value::String(url)) = document.pointer_mut("/servers/0/url") else {
        return;
    };
    let (origin, path) = split_url(url);
    if origin.is_empty() && path.is_empty() {
        return;
    }
    match percent_encoded(path).strip_suffix(mount_point) {
        Some(rest) => *url = format!("{origin}{rest}"),
        None => {
            document.as_object_mut().map(|root| root.remove("servers"));
        }
    }
}

fn refuse_other_versions(host: &Value) -> Result<()> {
    match host.get("openapi").and_then(Value::as_str) {
        Some(version) if !version.starts_with("3.1.") => Err(Error::internal(format!(
            "UserHub's is an OpenAPI 3.1 document, it cannot become a part of one of {version}"
        ))),
        _ => Ok(()),
    }
}

fn refuse_another_mount(host: &Value, ours: &Value) -> Result<()> {
    let url = |document: &Value| Some(document.pointer(TOKEN_URL)?.as_str()?.to_owned());
    let own = "/api/v1/auth/token";
    match (url(host), url(ours)) {
        (Some(there), Some(here)) if there != here && there.ends_with(own) => {
            Err(Error::internal(format!(
                "UserHub is in this document already, mounted at '{}': of another mount the security \
                 scheme oauth2 would have another token URL, and the operation ids would be there twice",
                there.trim_end_matches(own)
            )))
        }
        _ => Ok(()),
    }
}

/// Operation ids are unique in a document.
fn refuse_operation_ids(host: &Value, ours: &Value) -> Result<()> {
    let theirs: Vec<_> = operation_ids(host).collect();
    for (id, place) in operation_ids(ours) {
        if theirs
            .iter()
            .any(|(known, at)| *known == id && *at != place)
        {
            return Err(Error::internal(format!(
                "two operations of the OpenAPI documents have the id {id}"
            )));
        }
    }
    Ok(())
}

/// Every id with the path and the method that it belongs to.
fn operation_ids(document: &Value) -> impl Iterator<Item = (&str, (&str, &str))> {
    let paths = document.get("paths").and_then(Value::as_object);
    paths.into_iter().flatten().flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.filter_map(move |(method, operation)| {
            let id = operation.get("operationId")?.as_str()?;
            Some((id, (path.as_str(), method.as_str())))
        })
    })
}

fn add(all: &mut Map<String, Value>, more: Value) -> Result<()> {
    for (name, value) in into_entries(more) {
        if all.get(&name).is_some_and(|there| *there != value) {
            return Err(Error::internal(format!(
                "two OpenAPI documents differ in what {name} is"
            )));
        }
        all.insert(name, value);
    }
    Ok(())
}

fn add_tags(root: &mut Map<String, Value>, tags: Value) -> Result<()> {
    let all = root.entry("tags").or_insert(Value::Null);
    if all.is_null() {
        *all = json!([]);
    }
    let all = all.as_array_mut().ok_or_else(no_document)?;
    for tag in tags.as_array().into_iter().flatten() {
        if !all.iter().any(|there| there.get("name") == tag.get("name")) {
            all.push(tag.clone());
        }
    }
    Ok(())
}

fn into_entries(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(entries) => entries,
        _ => Map::new(),
    }
}

/// A member that is an object; one where there is none, or null.
fn member<'a>(root: &'a mut Map<String, Value>, name: &str) -> Result<&'a mut Map<String, Value>> {
    let member = root.entry(name).or_insert(Value::Null);
    if member.is_null() {
        *member = json!({});
    }
    object(member)
}

fn object(value: &mut Value) -> Result<&mut Map<String, Value>> {
    value.as_object_mut().ok_or_else(no_document)
}

fn no_document() -> Error {
    Error::internal("this is no OpenAPI document")
}
