//! What stands in a request besides: form and JSON bodies, queries, paths,
//! `If-Match` and `Authorization`. Whatever comes is read the same way twice,
//! or refused as the client's mistake.
//!
//! The first byte chooses the part, the rest is what is sent.
#![no_main]

use std::{collections::BTreeMap, fmt::Debug, sync::LazyLock};

use actix_web::{
    FromRequest, ResponseError,
    dev::Payload,
    http::{
        Uri,
        header::{self, HeaderValue},
    },
    test::TestRequest,
};
use garde::Validate;
use libfuzzer_sys::fuzz_target;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use userhub_api::{
    ApiSettings, State,
    http::{Answer, Body, FormBody, IfMatch, OptionalCaller, PathText, Query, etag},
};

/// Members of all kinds that bodies have.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
struct Members {
    #[garde(inner(length(max = 64)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[garde(inner(range(min = 1, max = 100)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<i64>,
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<bool>,
}

#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
struct Nested {
    #[garde(skip)]
    metadata: Option<BTreeMap<String, Option<String>>>,
    #[garde(inner(length(max = 2)))]
    scopes: Option<Vec<String>>,
    #[garde(dive)]
    members: Option<Members>,
}

static STATE: LazyLock<State> = LazyLock::new(|| userhub_fuzz::state(ApiSettings::default()));

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, rest)) = bytes.split_first() else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    runtime.expect("a runtime").block_on(async {
        match choice % 6 {
            0 => form(rest).await,
            1 => json(rest).await,
            2 => query(rest),
            3 => path(rest),
            4 => if_match(rest),
            _ => authorization(rest).await,
        }
    });
});

fn request() -> TestRequest {
    TestRequest::default().app_data(STATE.clone())
}

/// The value, or a problem that is the client's.
fn accepted<T>(answer: Answer<T>) -> Option<T> {
    answer
        .map_err(|error| assert!(error.status_code().is_client_error(), "{error}"))
        .ok()
}

async fn read_form(bytes: &[u8]) -> Option<Members> {
    let kind = (header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let (request, mut payload) = sent(kind, bytes);
    let form = accepted(FormBody::<Members>::from_request(&request, &mut payload).await)?;
    accepted(accepted(form.read().await)?.into_command(Ok))
}

async fn read_json<T: DeserializeOwned + Validate<Context = ()>>(bytes: &[u8]) -> Option<T> {
    let (request, mut payload) = sent((header::CONTENT_TYPE, "application/json"), bytes);
    let body = accepted(Body::<T>::from_request(&request, &mut payload).await)?;
    accepted(accepted(body.read().await)?.into_command(Ok))
}

fn sent(kind: (header::HeaderName, &str), bytes: &[u8]) -> (actix_web::HttpRequest, Payload) {
    let request = request().insert_header(kind).set_payload(bytes.to_vec());
    request.to_http_parts()
}

async fn form(bytes: &[u8]) {
    let Some(members) = read_form(bytes).await else {
        return;
    };
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(bytes).expect("pairs");
    let only = |name: &str| {
        let mut values = pairs
            .iter()
            .filter(|(other, _)| other == name)
            .map(|(_, value)| value);
        let value = values.next();
        assert!(
            values.next().is_none(),
            "a name that stands twice is refused"
        );
        value
    };
    assert_eq!(only("username"), members.username.as_ref());
    assert_eq!(
        only("limit").map(|text| text.parse()),
        members.limit.map(Ok)
    );
    assert_eq!(
        only("count").map(|text| text.parse()),
        members.count.map(Ok)
    );
    let again = serde_urlencoded::to_string(&members).expect("a form");
    assert_eq!(read_form(again.as_bytes()).await, Some(members));
}

async fn json(bytes: &[u8]) {
    is_read_again::<Members>(bytes).await;
    is_read_again::<Nested>(bytes).await;
}

async fn is_read_again<T>(bytes: &[u8])
where
    T: DeserializeOwned + Serialize + Validate<Context = ()> + Default + PartialEq + Debug,
{
    let Some(value) = read_json::<T>(bytes).await else {
        return;
    };
    let plain: T = serde_json::from_slice(bytes).expect("every reader takes it");
    assert_eq!(plain, value);
    let again = serde_json::to_vec(&value).expect("JSON");
    assert_eq!(read_json(&again).await, Some(value));
}

fn query(bytes: &[u8]) {
    let Ok(uri) = Uri::try_from([b"/?", bytes].concat()) else {
        return;
    };
    let read = |uri: &Uri| {
        let request = request().uri(&uri.to_string()).to_http_request();
        let query = accepted(Query::<Members>::extract(&request).into_inner());
        query.expect("judged later").read()
    };
    let (members, violations) = read(&uri);
    assert!(violations.iter().count() <= 3, "of names that are known");
    let again = serde_urlencoded::to_string(&members).expect("a query");
    let (same, none) = read(&Uri::try_from(format!("/?{again}")).expect("a query"));
    assert!(same == members && none.is_empty());
}

fn path(bytes: &[u8]) {
    let read = |segment: &[u8]| {
        let uri = Uri::try_from([b"/users/by-username/", segment].concat()).ok()?;
        let request = request().uri(&uri.to_string()).to_http_request();
        let text = accepted(PathText::extract(&request).into_inner())?;
        accepted(text.read().map(str::to_owned))
    };
    if let Some(text) = read(bytes) {
        let encoded = utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
        assert_eq!(read(encoded.as_bytes()), Some(text));
    }
}

fn if_match(bytes: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(bytes) else {
        return;
    };
    let request = request().insert_header((header::IF_MATCH, value.clone()));
    let header = accepted(IfMatch::extract(&request.to_http_request()).into_inner());
    match accepted(header.expect("judged later").read()) {
        Some(Some(version)) => {
            let (_, tag) = etag(version);
            assert!(version.0 >= 1 && value.to_str().is_ok_and(|sent| sent.contains(&tag)));
        }
        Some(None) => assert_eq!(value.to_str().map(str::trim).ok(), Some("*")),
        None => {}
    }
}

async fn authorization(bytes: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(bytes) else {
        return;
    };
    let request = request().insert_header((header::AUTHORIZATION, value.clone()));
    match accepted(OptionalCaller::extract(&request.to_http_request()).await) {
        Some(OptionalCaller(Some(_))) => panic!("nobody has signed in"),
        Some(OptionalCaller(None)) => {
            let scheme = value.to_str().expect("readable").split(' ').next();
            assert!(!scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer")));
        }
        None => {}
    }
}
