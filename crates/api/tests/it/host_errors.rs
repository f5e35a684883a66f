//! What a host's own routes answer where UserHub goes around them.

use actix_http::Request;
use actix_web::{
    App, Error, HttpResponse,
    body::{BoxBody, MessageBody, to_bytes},
    dev::{Service, ServiceRequest, ServiceResponse},
    error::{ErrorPaymentRequired, InternalError},
    http::{StatusCode, header::HeaderMap},
    middleware::{Next, from_fn},
    test,
    web::{self, ServiceConfig},
};
use serde_json::Value;
use userhub_api::{app_with, http::observe};

use crate::test_app::TestApp;

fn status(path: &web::Path<u16>) -> StatusCode {
    StatusCode::from_u16(**path).expect("a status")
}

async fn answers(path: web::Path<u16>) -> HttpResponse {
    HttpResponse::build(status(&path))
        .insert_header(("x-own", "1"))
        .content_type("text/plain")
        .body("mine")
}

async fn fails(path: web::Path<u16>) -> Result<HttpResponse, Error> {
    Err(InternalError::new("mine", status(&path)).into())
}

async fn is_empty(path: web::Path<u16>) -> HttpResponse {
    HttpResponse::build(status(&path)).finish()
}

async fn takes(_: web::Json<Value>) -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn locked(_: ServiceRequest, _: Next<BoxBody>) -> Result<ServiceResponse, Error> {
    Err(ErrorPaymentRequired("mine"))
}

fn routes(config: &mut ServiceConfig) {
    config
        .route("/mine/answers/{status}", web::get().to(answers))
        .route("/mine/fails/{status}", web::get().to(fails))
        .route("/mine/empty/{status}", web::get().to(is_empty))
        .route("/mine/takes", web::post().to(takes))
        .service(
            web::scope("/mine/locked")
                .wrap(from_fn(locked))
                .route("", web::get().to(HttpResponse::Ok)),
        );
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    text: String,
}

async fn ask(
    app: &impl Service<Request, Response = ServiceResponse<impl MessageBody + 'static>, Error = Error>,
    request: test::TestRequest,
) -> Answer {
    let response = match app.call(request.to_request()).await {
        Ok(response) => response.into_parts().1.map_into_boxed_body(),
        Err(error) => error.error_response(),
    };
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = to_bytes(response.into_body()).await.expect("a body");
    let text = String::from_utf8(body.to_vec()).expect("text");
    Answer {
        status,
        headers,
        text,
    }
}

const STATUSES: [u16; 15] = [
    400, 401, 402, 403, 404, 405, 409, 413, 418, 422, 429, 500, 501, 502, 503,
];

async fn keeps_what_is_the_hosts(
    app: &impl Service<Request, Response = ServiceResponse<impl MessageBody + 'static>, Error = Error>,
) {
    let get = |path: String| ask(app, test::TestRequest::with_uri(&path));
    for status in STATUSES {
        for (way, body) in [("answers", "mine"), ("fails", "mine"), ("empty", "")] {
            let answer = get(format!("/mine/{way}/{status}")).await;
            assert_eq!((answer.status, &*answer.text), (status, body), "{way}");
            assert_eq!(answer.headers.contains_key("x-own"), way == "answers");
            assert!(
                answer.headers.contains_key("x-request-id"),
                "{way} {status}"
            );
        }
    }
    let locked = get("/mine/locked".to_owned()).await;
    assert_eq!((locked.status, &*locked.text), (402, "mine"));
    assert!(locked.headers.contains_key("x-request-id"));

    let broken = test::TestRequest::post()
        .uri("/mine/takes")
        .set_payload("{");
    let broken = broken.insert_header(("content-type", "application/json"));
    for (answer, status, code) in [
        (ask(app, broken).await, 400, "bad_request"),
        (get("/mine/answers/none".to_owned()).await, 404, "not_found"),
        (get("/mine/nowhere".to_owned()).await, 404, "not_found"),
    ] {
        let problem: Value = serde_json::from_str(&answer.text).expect("a problem");
        assert_eq!((answer.status, &problem["code"]), (status, &code.into()));
        assert_ne!(problem["request_id"], "");
    }
}

#[tokio::test]
async fn beside_userhub_they_are_the_hosts() {
    let app = TestApp::new().await;
    keeps_what_is_the_hosts(&test::init_service(app_with(&app.state, routes)).await).await;
}

#[tokio::test]
async fn in_an_observed_scope_they_are_the_hosts() {
    let app = TestApp::new().await;
    let scope = web::scope("").configure(routes).wrap(from_fn(observe));
    let host = App::new().app_data(app.state.clone()).service(scope);
    keeps_what_is_the_hosts(&test::init_service(host).await).await;
}
