//! `openapi`: the document, as it is committed and served.

use userhub_api::{ApiSettings, document::Document};

use crate::{failure::Failure, terminal::say};

pub(crate) fn run() -> Result<(), Failure> {
    let document = Document::collect(&ApiSettings::default())?;
    let text = serde_json::to_string_pretty(document.value())
        .map_err(|error| Failure::new(format!("the document cannot be written: {error}")))?;
    say(text);
    Ok(())
}
