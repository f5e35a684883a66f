//! A mount point as OpenAPI writes it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// The path of a scope: `/of/{tenant}` for what actix calls `/of/{tenant:[a-z]+}/`.
pub(super) struct Template {
    /// With one slash in front and none at its end; empty for the root.
    pub(super) path: String,
    parameters: Vec<Value>,
}

impl Template {
    /// `document` is the one that is mounted, whose own placeholders are taken.
    pub(super) fn of(mount_point: &str, document: &Value) -> Self {
        let paths = document.get("paths").and_then(Value::as_object);
        let paths = paths.into_iter().flatten();
        let taken: BTreeSet<_> = paths.flat_map(|(path, _)| names(path)).collect();
        let mut template = Self {
            path: String::new(),
            parameters: Vec::new(),
        };
        for part in split(mount_point.trim_matches('/')) {
            template.push(&part, &taken);
        }
        if !template.path.is_empty() {
            template.path.insert(0, '/');
        }
        template
    }

    fn push(&mut self, part: &Part<'_>, taken: &BTreeSet<&str>) {
        match *part {
            Part::Text(text) => self.path.push_str(text),
            Part::Placeholder(name) => {
                let prefix = if taken.contains(name) { "mount_" } else { "" };
                let name = format!("{prefix}{name}");
                self.path.push_str(&format!("{{{name}}}"));
                self.parameters.push(json!({
                    "name": name, "in": "path", "required": true,
                    "schema": { "type": "string" },
                }));
            }
        }
    }

    /// Adds the placeholders to what is said about one path.
    pub(super) fn declare(&self, mut item: Value) -> Value {
        if let (Some(item), false) = (item.as_object_mut(), self.parameters.is_empty()) {
            let all = item.entry("parameters").or_insert_with(|| json!([]));
            if let Some(all) = all.as_array_mut() {
                all.extend(self.parameters.iter().cloned());
            }
        }
        item
    }
}

enum Part<'a> {
    Text(&'a str),
    Placeholder(&'a str),
}

fn names(path: &str) -> impl Iterator<Item = &str> {
    split(path).into_iter().filter_map(|part| match part {
        Part::Placeholder(name) => Some(name),
        Part::Text(_) => None,
    })
}

/// A placeholder may have a pattern, and braces in that.
fn split(path: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = path;
    while let Some((text, opened)) = rest.split_once('{') {
        let Some((inside, after)) = opened.split_at_checked(closing(opened)) else {
            break;
        };
        let name = inside.split_once(':').map_or(inside, |(name, _)| name);
        parts.extend([Part::Text(text), Part::Placeholder(name)]);
        rest = after.strip_prefix('}').unwrap_or(after);
    }
    parts.push(Part::Text(rest));
    parts
}

/// Where the brace stands that closes what was opened before.
fn closing(opened: &str) -> usize {
    let mut depth = 1_u32;
    for (at, letter) in opened.char_indices() {
        match letter {
            '{' => depth = depth.saturating_add(1),
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    opened.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_point_has_one_form_and_its_placeholders_are_declared() {
        let document = json!({ "paths": { "/users/{id}": {} } });
        for (mount_point, path, declared) in [
            ("", "", &[][..]),
            ("/", "", &[]),
            ("accounts", "/accounts", &[]),
            ("/accounts/", "/accounts", &[]),
            ("/of/{tenant}/hub", "/of/{tenant}/hub", &["tenant"]),
            (r"/{shop:\d{3}}-{at}", "/{shop}-{at}", &["shop", "at"]),
            ("/shop/{id}", "/shop/{mount_id}", &["mount_id"]),
        ] {
            let template = Template::of(mount_point, &document);
            assert_eq!(template.path, path);
            let item = template.declare(json!({}));
            let all = item["parameters"].as_array().cloned().unwrap_or_default();
            let names: Vec<_> = all
                .iter()
                .map(|one| one["name"].as_str().unwrap())
                .collect();
            assert_eq!(names, declared, "{mount_point}");
        }
    }
}
