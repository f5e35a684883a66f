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
            methods.iter().map(move |(method, operation)| (format!("{method} {path}"), operation))
        })
        .collect()
}

#[test]
fn every_operation_says_what_clients_need() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(document.value()) {
        let id = operation["operationId"].as_str().unwrap_or_default();
        assert!(!id.is_empty() && ids.insert(id.to_owned()), "{name}: id {id:?}");
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{name}: one tag");
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{name}");
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
            members.values().for_each(|member| collect_references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, found)),
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
