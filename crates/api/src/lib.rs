//! UserHub's REST interface: thin handlers over the use cases of
//! `userhub-domain`, documented by OpenAPI 3.1.
//!
//! - [`routes`] is the whole URL map.
//! - [`app`] is everything put together; [`server::serve`] listens with it.
//! - [`configure`] is the same for a scope of an application of one's own, whose
//!   routes [`http::Caller`] guards.
//! - [`http`] is what endpoints are built from; [`views`] is what they answer.

mod accounts;
mod admin;
mod api_keys;
mod connection;
pub mod document;
pub mod http;
mod mount;
mod paging;
pub mod routes;
mod second_factor;
pub mod server;
mod sessions;
pub mod settings;
pub mod state;
mod system;
pub mod views;

use actix_web::{
    App, Error,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::from_fn,
    web::{self, ServiceConfig},
};

pub use mount::configure;
pub use settings::ApiSettings;
pub use state::{AppState, Probes, State};
pub use system::problems_markdown;

/// The application: every route, and everything around them.
pub fn app(
    state: &State,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    app_with(state, |_| {})
}

/// The application with routes of an embedder's own beside it. They get the
/// same headers, log and metrics; what they answer themselves stays as it is
/// ([`http::observe`]).
pub fn app_with<F: FnOnce(&mut ServiceConfig)>(
    state: &State,
    more: F,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<F>>,
        Error = Error,
        InitError = (),
    > + use<F>,
> {
    App::new()
        .app_data(state.clone())
        .configure(routes::configure)
        .configure(system::pages)
        .configure(more)
        .default_service(web::to(http::fallback))
        .wrap(http::cors(state))
        .wrap(from_fn(http::observe))
}
