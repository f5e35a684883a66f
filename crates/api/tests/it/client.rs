//! Clients that check every answer against the OpenAPI document.

use reqwest::{Method, RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::Value;

use crate::{contract, test_app::TestApp};

/// Sends requests as somebody.
#[derive(Clone)]
pub(crate) struct Client<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) token: Option<String>,
}

impl Client<'_> {
    pub(crate) async fn get(&self, path: &str) -> Answered {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answered {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answered {
        self.send(self.request(Method::POST, path).json(&body))
            .await
    }

    /// A POST without a body.
    pub(crate) async fn post_nothing(&self, path: &str) -> Answered {
        self.send(self.request(Method::POST, path)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answered {
        self.send(self.request(Method::PATCH, path).json(&body))
            .await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answered {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    /// A request to change further before it is [sent](Self::send).
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("http://{}{path}", self.app.address);
        let request = self.app.http.request(method, url);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends, and checks the answer against the document.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Answered {
        let request = request.build().expect("a request");
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let response = self.app.http.execute(request).await.expect("an answer");
        let answered = Answered {
            status: response.status(),
            headers: response.headers().clone(),
            text: response.text().await.expect("a body"),
        };
        contract::check(&self.app.state.document, &method, &path, &answered);
        answered
    }
}

/// An answer that agrees with the document.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answered {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("JSON")
    }

    /// The stable code of a problem.
    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The fields of a problem's violations with their codes.
    pub(crate) fn errors(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let all = self.json()["errors"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let mut all: Vec<_> = all
            .iter()
            .map(|one| (text(&one["field"]), text(&one["code"])))
            .collect();
        all.sort();
        all
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The body of a success with this status; null where it has none.
    #[track_caller]
    pub(crate) fn succeeded(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// Demands a problem.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) {
        let found = (self.status.as_u16(), self.code());
        assert_eq!(found, (status, code.to_owned()), "{}", self.text);
    }

    /// Demands a problem that names exactly these fields, in alphabetical order.
    #[track_caller]
    pub(crate) fn names(&self, status: u16, code: &str, errors: &[(&str, &str)]) {
        self.refused(status, code);
        let found = self.errors();
        let found: Vec<_> = found
            .iter()
            .map(|(field, code)| (&**field, &**code))
            .collect();
        assert_eq!(found, errors, "{}", self.text);
    }

    /// Demands violations of exactly these fields, in alphabetical order.
    #[track_caller]
    pub(crate) fn violates(&self, errors: &[(&str, &str)]) {
        self.names(422, "validation_failed", errors);
    }
}
