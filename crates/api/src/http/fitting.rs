//! Fitting parsed input into a type, noting everything that does not fit.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;
use serde_path_to_error::{Path, Segment};
use userhub_domain::{
    users::Change,
    violation::{Broken, Violation, ViolationCode, Violations},
};

/// More violations than anybody reads; what is beyond them counts as unfit too.
const MOST_ROUNDS: usize = 32;

/// Fits a JSON object into `T`, taking out what does not fit. `None` where
/// nothing is left to go on with.
pub(super) fn fit<T: DeserializeOwned>(mut value: Value) -> (Option<T>, Violations) {
    let mut violations = Violations::new();
    if !value.is_object() {
        violations.push(broken("must be a JSON object").at(""));
        return (None, violations);
    }
    for _ in 0..MOST_ROUNDS {
        match serde_path_to_error::deserialize::<_, T>(&value) {
            Ok(fitted) => return (Some(fitted), violations),
            Err(error) => {
                let names = names(error.path());
                violations.push(violation(&names.join("."), &error.inner().to_string()));
                if !remove(&mut value, &names) {
                    return (None, violations);
                }
            }
        }
    }
    (None, violations)
}

/// What is wrong with a member. Serde's own text may hold values, so only its
/// kind is read from it.
pub(super) fn violation(field: &str, kind: &str) -> Violation {
    let (code, detail) = if kind.starts_with("unknown field") {
        (ViolationCode::UnknownMember, "is not known here")
    } else if kind.starts_with("missing field") {
        (ViolationCode::Required, "must be given")
    } else {
        (
            ViolationCode::InvalidFormat,
            "is not of the type that is asked for",
        )
    };
    Broken::new(code, detail).at(shortened(field))
}

/// A name as a client sent it, cut so that an answer stays small.
fn shortened(field: &str) -> String {
    field.chars().take(100).collect()
}

fn broken(detail: &'static str) -> Broken {
    Broken::new(ViolationCode::InvalidFormat, detail)
}

fn names(path: &Path) -> Vec<String> {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Map { key } => Some(key.clone()),
            Segment::Seq { index } => Some(index.to_string()),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// Takes out the member that a path leads to; of a list, the whole list.
fn remove(value: &mut Value, names: &[String]) -> bool {
    let Some((last, parents)) = names.split_last() else {
        return false;
    };
    let mut place = value;
    for name in parents {
        let Value::Object(members) = place else {
            return false;
        };
        if members.get(name).is_some_and(Value::is_array) {
            return members.remove(name).is_some();
        }
        match members.get_mut(name) {
            Some(next) => place = next,
            None => return false,
        }
    }
    place
        .as_object_mut()
        .is_some_and(|members| members.remove(last).is_some())
}

/// Reads a member of a merge patch: absent, null or a value. For
/// `#[serde(default, deserialize_with = "three_state")]`.
///
/// # Errors
/// Those of the value.
pub fn three_state<'de, T, D>(deserializer: D) -> Result<Change<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(|value| Change::from(Some(value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeMap;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Body {
        name: Option<String>,
        count: Option<u8>,
        tags: Option<BTreeMap<String, String>>,
        list: Option<Vec<u8>>,
        #[serde(deserialize_with = "three_state")]
        change: Change<String>,
    }

    fn found(value: Value) -> Vec<(String, &'static str)> {
        let (_, violations) = fit::<Body>(value);
        let mut all: Vec<_> = violations
            .iter()
            .map(|one| (one.field.clone().into_owned(), one.code.as_str()))
            .collect();
        all.sort();
        all
    }

    #[test]
    fn everything_that_does_not_fit_is_noted_at_once() {
        let all = found(json!({
            "name": 1, "count": 300, "tags": {"a": 1, "b": "ok"}, "list": [1, "x"],
            "more": true, "other": null,
        }));
        let expected = [
            ("count", "invalid_format"),
            ("list.1", "invalid_format"),
            ("more", "unknown_member"),
            ("name", "invalid_format"),
            ("other", "unknown_member"),
            ("tags.a", "invalid_format"),
        ];
        assert_eq!(all, expected.map(|(field, code)| (field.to_owned(), code)));
    }

    #[test]
    fn what_is_no_object_does_not_fit() {
        for scalar in [json!(null), json!(1), json!("x"), json!([]), json!([{}])] {
            assert_eq!(found(scalar), [(String::new(), "invalid_format")]);
        }
    }

    #[test]
    fn details_hold_nothing_of_the_input() {
        let (_, violations) = fit::<Body>(json!({"count": "sesame-open"}));
        assert!(violations.iter().all(|one| !one.detail.contains("sesame")));
    }

    #[test]
    fn a_flood_of_unknown_members_ends() {
        let flood: serde_json::Map<_, _> = (0..1000).map(|n| (format!("m{n}"), json!(1))).collect();
        assert_eq!(found(Value::Object(flood)).len(), MOST_ROUNDS);
    }

    #[test]
    fn a_patch_knows_absent_null_and_value() {
        let change = |value| fit::<Body>(value).0.map(|body| body.change);
        assert_eq!(change(json!({})), Some(Change::Keep));
        assert_eq!(change(json!({"change": null})), Some(Change::Clear));
        assert_eq!(
            change(json!({"change": "x"})),
            Some(Change::Set("x".to_owned()))
        );
    }
}
