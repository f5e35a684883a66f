//! The document as a part of somebody else's.

use serde_json::{Map, Value};
use userhub_domain::{Error, Result};

use super::Document;

impl Document {
    /// The document of UserHub [mounted](crate::configure) at a path such as
    /// `/accounts`.
    pub fn mounted_at(&self, mount_point: &str) -> Value {
        let mut document = self.value().clone();
        let paths = document.get_mut("paths").and_then(Value::as_object_mut);
        if let Some(paths) = paths {
            *paths = std::mem::take(paths)
                .into_iter()
                .map(|(path, item)| (format!("{mount_point}{path}"), item))
                .collect();
        }
        let flow = "/components/securitySchemes/oauth2/flows/password";
        for url in ["tokenUrl", "refreshUrl"] {
            if let Some(url) = document.pointer_mut(&format!("{flow}/{url}"))
                && let Some(path) = url.as_str()
            {
                *url = format!("{mount_point}{path}").into();
            }
        }
        document
    }

    /// Adds UserHub, mounted at a path such as `/accounts`, to a document of
    /// one's own: its paths, components and tags. An OpenAPI 3.1 document as
    /// JSON; one of utoipa's is written as such by `serde_json::to_value`.
    ///
    /// # Errors
    /// Internal where the host has a path or a component of the same name with
    /// another content; names it, and leaves the document as it was.
    pub fn merge_into(&self, host: &mut Value, mount_point: &str) -> Result<()> {
        let mut merged = host.clone();
        let root = object(&mut merged)?;
        let mut ours = self.mounted_at(mount_point);
        let mut take = |member: &str| ours.get_mut(member).map(Value::take).unwrap_or_default();
        let (paths, components, tags) = (take("paths"), take("components"), take("tags"));
        add(member(root, "paths")?, paths)?;
        let kinds = member(root, "components")?;
        for (kind, named) in into_entries(components) {
            add(member(kinds, &kind)?, named)?;
        }
        if let (Value::Array(tags), Value::Array(all)) = (
            tags,
            root.entry("tags")
                .or_insert_with(|| Value::Array(Vec::new())),
        ) {
            all.extend(tags);
        }
        *host = merged;
        Ok(())
    }
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

fn into_entries(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(entries) => entries,
        _ => Map::new(),
    }
}

fn member<'a>(root: &'a mut Map<String, Value>, name: &str) -> Result<&'a mut Map<String, Value>> {
    object(
        root.entry(name)
            .or_insert_with(|| Value::Object(Map::new())),
    )
}

fn object(value: &mut Value) -> Result<&mut Map<String, Value>> {
    value
        .as_object_mut()
        .ok_or_else(|| Error::internal("this is no OpenAPI document"))
}
