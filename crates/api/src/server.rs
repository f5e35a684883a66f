//! Listening, with bounded patience.

use std::{net::TcpListener, time::Duration};

use actix_web::{HttpServer, dev::Server, web::ServiceConfig};

use crate::{app_with, state::State};

/// How the server treats connections.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// Threads that handle requests; nothing: one for each core.
    pub workers: Option<usize>,
    /// The most connections of one worker.
    pub max_connections: usize,
    /// How long the head of a request may take to arrive.
    pub head_timeout: Duration,
    /// How long an idle connection is kept.
    pub keep_alive: Duration,
    /// How long requests may take to finish when the server stops.
    pub shutdown_timeout: Duration,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            workers: None,
            max_connections: 10_000,
            head_timeout: Duration::from_secs(5),
            keep_alive: Duration::from_secs(30),
            shutdown_timeout: Duration::from_secs(10),
        }
    }
}

/// Serves on a listener until the returned server is stopped. Signals are the
/// caller's: stop it by its handle.
///
/// # Errors
/// Where the listener cannot be used.
pub fn serve(
    state: State,
    listener: TcpListener,
    options: &ServerOptions,
) -> std::io::Result<Server> {
    serve_with(state, listener, options, |_| {})
}

/// As [`serve`], with routes of an embedder's own beside it.
///
/// # Errors
/// Where the listener cannot be used.
pub fn serve_with(
    state: State,
    listener: TcpListener,
    options: &ServerOptions,
    more: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> std::io::Result<Server> {
    let mut server = HttpServer::new(move || app_with(&state, more.clone()))
        .client_request_timeout(options.head_timeout)
        .client_disconnect_timeout(Duration::from_secs(1))
        .keep_alive(options.keep_alive)
        .max_connections(options.max_connections)
        .shutdown_timeout(options.shutdown_timeout.as_secs())
        .disable_signals();
    if let Some(workers) = options.workers {
        server = server.workers(workers);
    }
    Ok(server.listen(listener)?.run())
}
