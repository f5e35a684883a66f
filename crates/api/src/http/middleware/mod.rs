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
use crate::{
    connection::Requests,
    state::{State, state_of},
    system::account_pages,
};

pub(super) use request_id::RequestId;

/// What is remembered of a request while it is on its way.
struct Passage {
    state: State,
    id: RequestId,
    method: &'static str,
    mount_point: MountPoint,
    /// Below the mount point, decoded as actix matches it.
    path: String,
    /// Where the request came from, if such pages may read the answer.
    allowed_origin: Option<header::HeaderValue>,
    started: Instant,
}

/// Goes around everything else: gives each request an id, a line in the log,
/// bounded time and metrics, and each error the form of a problem: every
/// [`ApiError`], what nobody answers, and what extractors of actix such as
/// `web::Json` refuse with 400 or 404, or fail with. What a handler or a
/// middleware of the host's answers, or fails with, keeps its status, headers
/// and body.
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
        Ok(Ok(Err(error))) => Err(passage.pass_on(error, &span)),
        Ok(Err(_panic)) => Err(passage.stray(&Refusal::Failed.into(), &span)),
        Err(_elapsed) => Err(passage.stray(&Refusal::TimedOut.into(), &span)),
    }
}

impl Passage {
    fn start(request: &mut ServiceRequest) -> Result<Self, ApiError> {
        let state = state_of(request.request())?.clone();
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
            path: mount_point.within(request.match_info().as_str()).to_owned(),
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
/// `/docs/`, and behind the pages that mails lead to, which have others then.
fn trim_slash(request: &mut ServiceRequest, mount_point: &MountPoint) {
    let path = mount_point.within(request.match_info().as_str());
    if !path.ends_with('/') || path == "/" || path.starts_with("/docs/") {
        return;
    }
    let trimmed = path.trim_end_matches('/');
    if account_pages::is_page(trimmed) {
        return;
    }
    // The slashes that were sent are those that were matched: no other is decoded.
    let surplus = path.len().saturating_sub(trimmed.len().max(1));
    let sent = request.path();
    let kept = sent.get(..sent.len().saturating_sub(surplus));
    let text = match (kept.unwrap_or(sent), request.query_string()) {
        (kept, "") => kept.to_owned(),
        (kept, query) => format!("{kept}?{query}"),
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
