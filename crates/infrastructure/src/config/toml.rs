//! A file of settings, flattened to keys and values.

use config::{File, FileFormat, Source as _, Value, ValueKind};

/// The values of a file by key; what is wrong with it is added to `errors`, without its content.
pub(super) fn parse_toml(
    text: &str,
    shown: &str,
    errors: &mut Vec<String>,
) -> Vec<(String, Written)> {
    let mut flat = Vec::new();
    match File::from_str(text, FileFormat::Toml).collect() {
        Ok(map) => {
            for (name, value) in map {
                flatten(name, value, shown, &mut flat, errors);
            }
        }
        // Only the first line of the message, which gives the place: the rest quotes the file.
        Err(error) => {
            let message = error.to_string();
            let place = message.lines().next().unwrap_or_default();
            let place = if place.starts_with("TOML parse error") {
                place
            } else {
                "not valid TOML"
            };
            errors.push(format!("{shown}: {place}"));
        }
    }
    flat
}

fn flatten(
    key: String,
    value: Value,
    shown: &str,
    flat: &mut Vec<(String, Written)>,
    errors: &mut Vec<String>,
) {
    match value.kind {
        ValueKind::Table(table) => {
            for (name, value) in table {
                flatten(format!("{key}.{name}"), value, shown, flat, errors);
            }
        }
        ValueKind::Array(items) => {
            let texts: Result<Vec<String>, _> = items.into_iter().map(Value::into_string).collect();
            match texts {
                Ok(texts) => flat.push((key, Written::List(texts))),
                Err(_) => errors.push(format!("{key} in {shown}: must be a list of texts")),
            }
        }
        other => match Value::new(None, other).into_string() {
            Ok(text) => flat.push((key, Written::Text(text))),
            Err(_) => errors.push(format!(
                "{key} in {shown}: must be a text, a number, true or false"
            )),
        },
    }
}

/// A value as it was written.
pub(super) enum Written {
    Text(String),
    List(Vec<String>),
}

impl Written {
    /// Lists in the form they have in the environment.
    pub(super) fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::List(items) => items.join(","),
        }
    }
}
