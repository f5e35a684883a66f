//! Listening, with bounded patience.

use std::{cell::RefCell, net::TcpListener, rc::Rc, time::Duration};

use actix_http::{HttpService, Protocol};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::{
    Error,
    dev::{AppConfig, Server},
    rt::net::TcpStream,
    web::ServiceConfig,
};

use crate::{
    app_with,
    connection::{Connection, Patience, Requests},
    state::State,
};

/// How much later than the protocol layer a connection is given up, so that
/// it can answer where it knows better.
const SLACK: Duration = Duration::from_secs(1);

/// How long an idle connection is kept when the server stops.
const FAREWELL: Duration = Duration::from_millis(500);

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
    /// How long a client may take to fetch some more of an answer.
    pub fetch_timeout: Duration,
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
            fetch_timeout: Duration::from_secs(20),
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
    let address = listener.local_addr()?;
    let patience = Patience {
        head: options.head_timeout + SLACK,
        idle: options.keep_alive + SLACK,
        fetch: options.fetch_timeout,
    };
    let (head_timeout, keep_alive) = (options.head_timeout, options.keep_alive);
    let mut server = Server::build()
        .max_concurrent_connections(options.max_connections)
        .shutdown_timeout(options.shutdown_timeout.as_secs())
        .disable_signals();
    if let Some(workers) = options.workers {
        server = server.workers(workers);
    }
    let stopping = server.graceful_shutdown_signal();
    let server = server.listen("userhub", listener, move || {
        let stopping = stopping.clone();
        let app = app_with(&state, more.clone())
            .into_factory()
            .map_err(|error: Error| error.error_response());
        // The connection that was made last, for the signal that is made next.
        let latest = Rc::new(RefCell::new(Requests::default()));
        let made = Rc::clone(&latest);
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let (stopping, requests) = (stopping.clone(), latest.borrow().clone());
                async move {
                    stopping.notified().await;
                    requests.next(FAREWELL).await;
                }
            })
            .keep_alive(keep_alive)
            .client_request_timeout(head_timeout)
            .client_disconnect_timeout(Duration::from_secs(1))
            .local_addr(address)
            .on_connect_ext(|connection: &Connection, data| {
                data.insert(connection.requests());
            })
            .finish(map_config(app, |()| AppConfig::default()));
        fn_service(move |stream: TcpStream| {
            let made = Rc::clone(&made);
            async move {
                // Answers are written whole: waiting for more would only delay them.
                let _ = stream.set_nodelay(true);
                let peer = stream.peer_addr().ok();
                let connection = Connection::new(stream, patience);
                // Nothing is awaited from here to where the signal is made.
                made.replace(connection.requests());
                Ok((connection, Protocol::Http1, peer))
            }
        })
        .and_then(http)
    })?;
    Ok(server.run())
}
