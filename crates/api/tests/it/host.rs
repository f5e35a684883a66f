//! An application of somebody else's.

use std::net::SocketAddr;

use actix_web::{
    App, HttpServer,
    dev::ServerHandle,
    middleware::{Condition, NormalizePath, TrailingSlash},
    web::ServiceConfig,
};
use reqwest::{Method, Response};
use serde_json::Value;
use userhub_api::State;

use crate::test_app::TestApp;

pub(crate) struct Host {
    pub(crate) app: TestApp,
    pub(crate) address: SocketAddr,
    server: ServerHandle,
}

impl Host {
    /// One with these routes over the state of a test, and `NormalizePath`
    /// around it where it is asked for.
    pub(crate) async fn serving(
        app: TestApp,
        normalized: Option<TrailingSlash>,
        routes: impl Fn(&State, &mut ServiceConfig) + Clone + Send + 'static,
    ) -> Self {
        let state = app.state.clone();
        let server = HttpServer::new(move || {
            let how = NormalizePath::new(normalized.unwrap_or(TrailingSlash::MergeOnly));
            App::new()
                .app_data(state.clone())
                .configure(|config| routes(&state, config))
                .wrap(Condition::new(normalized.is_some(), how))
        })
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .expect("a free port");
        let address = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            app,
            address,
            server: handle,
        }
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Value,
    ) -> Response {
        let url = format!("http://{}{path}", self.address);
        let mut request = self.app.http.request(method, url);
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        request.send().await.expect("an answer")
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Response {
        self.send(Method::GET, path, token, Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Response {
        self.send(Method::POST, path, "", body).await
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

pub(crate) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value
        .map(|value| value.to_str().expect("text"))
        .unwrap_or_default()
}

pub(crate) async fn problem(response: Response, status: u16, code: &str) -> Value {
    assert_eq!(response.status().as_u16(), status);
    assert_eq!(
        header(&response, "content-type"),
        "application/problem+json"
    );
    let problem: Value = response.json().await.expect("JSON");
    assert_eq!(problem["code"], code, "{problem}");
    problem
}
