//! The id of a request.

use std::rc::Rc;

use actix_web::http::header::{HeaderMap, HeaderName};

use crate::state::AppState;

/// Its header.
pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request: what the client or a proxy sent, where it is sane.
#[derive(Clone)]
pub(in crate::http) struct RequestId(Rc<str>);

impl RequestId {
    pub(super) fn of(headers: &HeaderMap, state: &AppState) -> Self {
        let mut sent = headers.get_all(X_REQUEST_ID);
        match (
            sent.next().and_then(|value| value.to_str().ok()),
            sent.next(),
        ) {
            (Some(id), None) if is_sane(id) => Self(id.into()),
            _ => Self(state.next_request_id().into()),
        }
    }

    pub(in crate::http) fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_sane(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_plain_ids_are_taken() {
        for good in ["a", "0193-a.b_C", &"x".repeat(64)] {
            assert!(is_sane(good), "{good}");
        }
        for bad in ["", "a b", "a\"", "é", "<script>", &"x".repeat(65)] {
            assert!(!is_sane(bad), "{bad}");
        }
    }
}
