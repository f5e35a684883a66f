//! What happens around every request: its id, its span, its metrics, bounded
//! time, no panic that gets out, and one form for every error.

mod finish;
mod metrics;
mod request_id;
mod stray;

use std::{panic::AssertUnwindSafe, time::Instant};

use actix_web::{
    Error, HttpMessage,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, Uri, header, uri::PathAndQuery},
    middleware::Next,
};
use futures_util::FutureExt;
use tracing::Instrument;

use super::{ApiError, MountPoint, Problem, Refusal};
use crate::{connection::Requests, state::State, system::account_pages};

pub(super) use request_id::RequestId;

/// What is remembered of a request while it is on its way.
struct Passage {
    state: State,
    id: RequestId,
    method: &'static str,
    mount_point: MountPoint,
    /// Below the mount point.
    path: String,
    /// Where the request came from, if such pages may read the answer.
    allowed_origin: Option<header::HeaderValue>,
    started: Instant,
}

/// Goes around everything else: gives each request an id, a line in the log,
/// bounded time and metrics, and each error the form of a problem.
///
/// [`app`](crate::app) and [`configure`](crate::configure) have it already. It
/// is public for scopes of one's own: `.wrap(from_fn(http::observe))`, where
/// the state is application data. It must not go around the scope that UserHub
/// itself is mounted in.
///
/// # Errors
/// A problem for requests that panicked or took too long.
pub async fn observe<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let _under_way = request.conn_data::<Requests>().map(Requests::begin);
    let passage = Passage::start(&mut request)?;
    let span = tracing::info_span!(
        "request",
        request_id = passage.id.as_str(),
        method = passage.method,
        route = tracing::field::Empty,
    );
    let patience = passage.state.settings.request_timeout;
    let work = AssertUnwindSafe(next.call(request)).catch_unwind();
    let outcome = tokio::time::timeout(patience, work)
        .instrument(span.clone())
        .await;
    let _entered = span.enter();
    match outcome {
        Ok(Ok(Ok(response))) => Ok(passage.finish(response, &span)),
        Ok(Ok(Err(error))) => Err(passage.stray(finish::api_error(&error), &span)),
        Ok(Err(_panic)) => Err(passage.stray(Refusal::Failed.into(), &span)),
        Err(_elapsed) => Err(passage.stray(Refusal::TimedOut.into(), &span)),
    }
}

impl Passage {
    fn start(request: &mut ServiceRequest) -> Result<Self, ApiError> {
        let state = request.app_data::<State>().ok_or(Refusal::Failed)?.clone();
        let id = RequestId::of(request.headers(), &state);
        request.extensions_mut().insert(id.clone());
        let method = metrics::method_label(request.method());
        // HEAD is GET without the body, which the protocol layer leaves out.
        if request.method() == Method::HEAD {
            request.head_mut().method = Method::GET;
        }
        let mount_point = MountPoint::of(request);
        trim_slash(request, &mount_point);
        let allowed_origin = request
            .headers()
            .get(header::ORIGIN)
            .filter(|origin| {
                origin
                    .to_str()
                    .is_ok_and(|origin| state.settings.allows_origin(origin))
            })
            .cloned();
        Ok(Self {
            id,
            method,
            path: mount_point.within(request.path()).to_owned(),
            mount_point,
            allowed_origin,
            started: Instant::now(),
            state,
        })
    }

    /// What an error looks like where it leaves.
    fn problem(&self, error: &ApiError) -> Problem {
        let mut problem = error.to_problem(self.id.as_str());
        problem.kind.insert_str(0, self.mount_point.as_str());
        problem
    }

    /// Notes the end: once in the log, once in the metrics.
    fn end(&self, route: &str, status: u16, span: &tracing::Span) {
        let seconds = self.started.elapsed().as_secs_f64();
        span.record("route", route);
        let milliseconds = seconds * 1000.0;
        if status >= 500 {
            tracing::warn!(status, milliseconds, "answered");
        } else {
            tracing::info!(status, milliseconds, "answered");
        }
        metrics::record(self.method, route, status, seconds);
    }
}

/// A slash at the end means nothing, but where links are relative: below
/// `/docs/`, and behind the pages that mails lead to, which redirect by it.
fn trim_slash(request: &mut ServiceRequest, mount_point: &MountPoint) {
    let path = mount_point.within(request.path());
    if !path.ends_with('/') || path == "/" || path.starts_with("/docs/") {
        return;
    }
    let trimmed = match path.trim_end_matches('/') {
        "" => "/",
        rest => rest,
    };
    if account_pages::is_page(trimmed) {
        return;
    }
    let before = mount_point.as_str();
    let text = match request.query_string() {
        "" => format!("{before}{trimmed}"),
        query => format!("{before}{trimmed}?{query}"),
    };
    let Ok(path_and_query) = PathAndQuery::try_from(text) else {
        return;
    };
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = Some(path_and_query);
    if let Ok(uri) = Uri::from_parts(parts) {
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
}
