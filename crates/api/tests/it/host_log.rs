//! What the log says about faults on a host's own routes.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use actix_web::{
    App, FromRequest, HttpRequest, HttpResponse,
    middleware::from_fn,
    test::{self, TestRequest},
    web::{self, Data, ServiceConfig},
};
use userhub_api::http::{Answer, Body, Caller, InPerson, observe};
use userhub_domain::Error;

use crate::test_app::TestApp;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Of this thread, until the guard is dropped.
    fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || log.clone());
        tracing::subscriber::set_default(subscriber.finish())
    }

    /// What was written since it was asked the last time.
    fn lines(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap());
        let text = String::from_utf8(bytes).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

async fn fails() -> Answer<HttpResponse> {
    Err(Error::internal_from("the table of orders", "the disk is full").into())
}

async fn who(Caller(caller): Caller<InPerson>) -> String {
    caller.id().to_string()
}

/// Reads nothing, but asks how much it may.
async fn reads(request: HttpRequest, payload: web::Payload) -> Answer<HttpResponse> {
    let body = Body::<Empty>::from_request(&request, &mut payload.into_inner()).await?;
    body.read().await?;
    Ok(HttpResponse::Ok().finish())
}

#[derive(serde::Deserialize, garde::Validate)]
struct Empty {}

fn routes(config: &mut ServiceConfig) {
    config
        .route("/fails", web::get().to(fails))
        .route("/who", web::get().to(who))
        .route("/reads", web::post().to(reads))
        .service(
            web::scope("/observed")
                .wrap(from_fn(observe))
                .route("/fails", web::get().to(fails))
                .route("/who", web::get().to(who)),
        );
}

/// The answer's body.
macro_rules! ask {
    ($app:expr, $request:expr) => {{
        let request = $request.insert_header(("authorization", "Bearer x"));
        let request = request.insert_header(("content-type", "application/json"));
        let response = match test::try_call_service(&$app, request.to_request()).await {
            Ok(response) => response.into_parts().1.map_into_boxed_body(),
            Err(error) => error.error_response(),
        };
        assert_eq!(response.status(), 500);
        let body = actix_web::body::to_bytes(response.into_body())
            .await
            .unwrap();
        serde_json::from_slice::<serde_json::Value>(&body).unwrap()
    }};
}

#[tokio::test]
async fn a_fault_is_logged_once_and_its_answer_promises_no_more() {
    let app = TestApp::new().await;
    let host = App::new().app_data(app.state.clone()).configure(routes);
    let host = test::init_service(host).await;
    let log = Log::default();
    let _guard = log.listen();
    for (path, is_observed) in [("/fails", false), ("/observed/fails", true)] {
        let problem = ask!(host, TestRequest::with_uri(path));
        let lines = log.lines();
        let faults: Vec<_> = lines.iter().filter(|line| line.contains("disk")).collect();
        assert_eq!(faults.len(), 1, "{path}: {lines:?}");
        let id = problem["request_id"].as_str().unwrap();
        assert_eq!(!id.is_empty(), is_observed, "{path}");
        let detail = problem["detail"].as_str().unwrap();
        assert_eq!(
            detail.contains("id of this request"),
            is_observed,
            "{detail}"
        );
        assert!(
            detail.contains("logged") && faults[0].contains(id),
            "{lines:?}"
        );
    }
}

#[tokio::test]
async fn a_forgotten_state_is_named_in_the_log() {
    let app = TestApp::new().await;
    let forgotten = test::init_service(App::new().configure(routes)).await;
    let wrapped = App::new().app_data(Data::new(app.state.clone()));
    let wrapped = test::init_service(wrapped.configure(routes)).await;
    let log = Log::default();
    let _guard = log.listen();
    for (what_to_do, host) in [
        (".app_data(state.clone())", forgotten),
        ("not `Data::new(state)`", wrapped),
    ] {
        for request in [
            TestRequest::with_uri("/who"),
            TestRequest::with_uri("/observed/who"),
            TestRequest::with_uri("/reads").method(actix_web::http::Method::POST),
        ] {
            let problem = ask!(host, request);
            assert_eq!(problem["code"], "internal");
            assert!(!problem.to_string().contains("AppState"), "{problem}");
            let lines = log.lines();
            assert_eq!(lines.len(), 1, "{lines:?}");
            assert!(lines[0].contains("Data<AppState>"), "{lines:?}");
            assert!(lines[0].contains(what_to_do), "{lines:?}");
        }
    }
}
