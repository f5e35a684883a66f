//! UserHub in somebody else's application.

use actix_web::{
    middleware::from_fn,
    web::{self, ServiceConfig},
};

use crate::{http, routes, state::State, system};

/// Registers all of UserHub, for a scope of an application of one's own:
///
/// ```no_run
/// use actix_web::{App, web};
/// use userhub_api::{State, http::Caller};
/// use userhub_domain::caller::Admin;
///
/// async fn report(Caller(_admin): Caller<Admin>) -> &'static str {
///     "for administrators' eyes only"
/// }
///
/// # fn host(state: State) {
/// App::new()
///     .app_data(state.clone()) // what `Caller` asks, for routes of one's own
///     .service(web::scope("/accounts").configure(userhub_api::configure(&state)))
///     .route("/report", web::get().to(report));
/// # }
/// ```
///
/// The scope may have any path, placeholders and scopes around it among them.
/// Everything below it is UserHub's: request ids, problems, time-outs, limits,
/// metrics, CORS and the answer to paths that nobody knows. Nothing outside of
/// it is touched; wrap a scope of one's own in [`http::observe`] for the same
/// there. At the root of an application it goes last, since what is registered
/// after it is never reached.
///
/// Links, `Location` and the document that is served begin with the scope's
/// path, and [`public_url`](crate::ApiSettings::public_url) ends with it.
/// [`Document::mounted_at`](crate::document::Document::mounted_at) and
/// [`merge_into`](crate::document::Document::merge_into) are for a document of
/// one's own. The host's server should bound how long the head of a request
/// may take and how many connections there are; [`server`](crate::server) does
/// where UserHub serves itself.
pub fn configure(state: &State) -> impl FnOnce(&mut ServiceConfig) + Clone + use<> {
    let state = state.clone();
    move |config| {
        let scope = web::scope("")
            .app_data(state.clone())
            .configure(routes::configure)
            .configure(system::pages)
            .default_service(web::to(http::fallback))
            .wrap(http::cors(&state))
            .wrap(from_fn(http::observe))
            .wrap(from_fn(http::note_mount_point));
        config.service(scope);
    }
}
