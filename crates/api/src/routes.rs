//! The whole URL map. What is registered here is documented by that.

use utoipa_actix_web::{scope::scope, service_config::ServiceConfig};

use crate::{accounts, sessions, system};

/// Registers every endpoint. Literal paths such as `me` stand before `{id}`.
pub fn configure(config: &mut ServiceConfig) {
    config.service(scope("/api/v1").configure(api));
    config
        .service(system::health::health)
        .service(system::health::live)
        .service(system::health::ready)
        .service(system::metrics::get_metrics)
        .service(system::keys::get_keys)
        .service(system::document::get_document)
        .service(system::problems::show_problem);
}

fn api(config: &mut ServiceConfig) {
    config
        .service(accounts::settings::settings)
        .service(sessions::me::me);
}
