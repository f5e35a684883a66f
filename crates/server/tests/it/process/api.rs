//! The calls that these tests make.

use std::time::Duration;

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use super::Instance;

/// Strong enough for the default rules.
pub(crate) const PASSWORD: &str = "umbrella-kettle-42-violin";

impl Instance {
    /// A client that opens a connection for each call, so that none outlives
    /// what is done to the server.
    pub(crate) fn client(&self) -> Client {
        Client::builder()
            .timeout(Duration::from_secs(20))
            .pool_max_idle_per_host(0)
            .no_proxy()
            .build()
            .unwrap()
    }

    pub(crate) async fn try_post(&self, path: &str, body: &Value) -> reqwest::Result<Response> {
        let url = format!("{}/api/v1{path}", self.url);
        self.client().post(url).json(body).send().await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::read(self.try_post(path, &body).await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str, access_token: &str) -> Answer {
        let url = format!("{}/api/v1{path}", self.url);
        Answer::read(
            self.client()
                .get(url)
                .bearer_auth(access_token)
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    pub(crate) async fn register(&self, username: &str) -> Answer {
        self.post(
            "/auth/register",
            json!({ "username": username, "password": PASSWORD }),
        )
        .await
    }

    pub(crate) async fn login(&self, identifier: &str, password: &str) -> Answer {
        self.post(
            "/auth/login",
            json!({ "identifier": identifier, "password": password }),
        )
        .await
    }

    /// An access token.
    pub(crate) async fn signed_in(&self, identifier: &str) -> String {
        let answer = self.login(identifier, PASSWORD).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["access_token"].as_str().unwrap().to_owned()
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) async fn read(response: Response) -> Self {
        let header = response.headers().get("retry-after");
        let retry_after = header.map(|value| value.to_str().unwrap().to_owned());
        let status = response.status();
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self {
            status,
            retry_after,
            body,
        }
    }
}
