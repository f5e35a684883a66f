//! `serve`: alive at once, ready when the database is.

use std::{net::TcpListener, sync::Arc, time::Duration};

use actix_web::dev::ServerHandle;
use userhub_api::{
    AppState,
    server::{ServerOptions, serve},
};
use userhub_domain::{caller::Admin, ports::Services};
use userhub_infrastructure::{
    config::Settings,
    mail_worker::MailWorker,
    telemetry::{self, LogFormat},
    worker::Worker,
};

use crate::{
    banner, boot,
    failure::Failure,
    probes::ProcessProbes,
    shutdown::StopSignals,
    wire::{self, Adapters},
};

/// Who is recorded in audit events for what happens by itself.
const OPERATOR: &str = "upkeep";
/// How long mails that are being sent may take when the process stops.
const MAIL_PATIENCE: Duration = Duration::from_secs(3);
/// How long closing the database's connections may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) async fn run(settings: Settings) -> Result<(), Failure> {
    start_telemetry(&settings)?;
    let metrics = telemetry::install_metrics().map_err(|error| Failure::new(error.to_string()))?;
    let mut signals = StopSignals::listen()?;
    let listener = listen(&settings)?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::new(error.to_string()))?;
    let base = wire::base_url(&settings, Some(address));
    let adapters = Adapters::for_serving(&settings, &base)?;
    let probes = ProcessProbes {
        store: adapters.store.clone(),
        metrics: metrics.clone(),
    };
    let state = AppState::new(
        adapters.ports(),
        wire::policy(&settings)?,
        wire::api_settings(&settings),
        Arc::new(probes),
    )?;
    let services = state.services.clone();
    let worker = adapters.worker(&settings, services.administration.clone(), metrics)?;
    let mail_worker = MailWorker::new(services.mails.clone(), services.administration.clone());

    let server = serve(state, listener, &options())
        .map_err(|error| Failure::new(format!("cannot serve on {address}: {error}")))?;
    banner::show_address(address, &settings.database);
    let handle = server.handle();
    let serving = actix_web::rt::spawn(server);

    let outcome = tokio::select! {
        signal = signals.wait() => {
            tracing::info!(signal, "stopping: what is being served is finished first");
            Ok(())
        }
        failure = live(&settings, &adapters, &services, (worker, mail_worker.clone())) => Err(failure),
        ended = serving => Err(Failure::new(format!("the server ended by itself: {ended:?}"))),
    };
    stop(&handle, outcome.is_ok(), &mut signals).await;
    mail_worker.finish(MAIL_PATIENCE).await;
    close(&adapters).await;
    outcome
}

/// Takes no more connections; `gracefully` waits for requests that are being
/// served, unless a second signal says not to.
async fn stop(handle: &ServerHandle, gracefully: bool, signals: &mut StopSignals) {
    tokio::select! {
        () = handle.stop(gracefully) => {}
        _ = signals.wait() => handle.stop(false).await,
    }
}

async fn close(adapters: &Adapters) {
    let closed = tokio::time::timeout(CLOSE_TIMEOUT, adapters.store.close()).await;
    if closed.is_err() {
        tracing::warn!("the database's connections did not close in time");
    }
    tracing::info!("stopped");
}

fn listen(settings: &Settings) -> Result<TcpListener, Failure> {
    let (host, port) = (settings.server.host.as_str(), settings.server.port);
    TcpListener::bind((host, port))
        .map_err(|error| Failure::new(format!("cannot listen on {host} port {port}: {error}")))
}

fn options() -> ServerOptions {
    ServerOptions {
        // Longer than reverse proxies usually keep theirs (60 s): so it is they
        // who close it, and no request meets a connection that just went.
        keep_alive: Duration::from_secs(75),
        ..ServerOptions::default()
    }
}

fn start_telemetry(settings: &Settings) -> Result<(), Failure> {
    let format = settings
        .log
        .format
        .unwrap_or_else(LogFormat::for_standard_error);
    telemetry::init(format, settings.log.filter.as_deref())
        .map_err(|error| Failure::new(error.to_string()))?;
    for warning in settings.warnings() {
        tracing::warn!("{warning}");
    }
    Ok(())
}

/// Everything that happens besides answering requests. Ends only where the
/// process cannot go on.
async fn live(
    settings: &Settings,
    adapters: &Adapters,
    services: &Services,
    (worker, mail_worker): (Worker, MailWorker),
) -> Failure {
    let auto_migrate = settings.database.auto_migrate;
    let prepared = boot::prepare(&adapters.store, auto_migrate, adapters.entropy.as_ref()).await;
    if let Err(error) = prepared {
        return error.into();
    }
    let operator = Admin::operator(OPERATOR);
    if let Err(error) = banner::show_ready(&services.administration, &operator).await {
        tracing::warn!(%error, "whether there is an administrator is not known");
    }
    tokio::join!(worker.run(&operator), mail_worker.run(&operator));
    Failure::new("the upkeep ended by itself")
}
