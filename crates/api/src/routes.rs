//! The whole URL map. What is registered here is documented by that.

use actix_web::{
    dev::HttpServiceFactory,
    web::{self, ServiceConfig},
};
use utoipa_actix_web::{
    OpenApiFactory, scope::scope, service_config::ServiceConfig as DocumentedConfig,
};

use crate::{accounts, admin, api_keys, http::fallback, second_factor, sessions, system};

/// Where endpoints are registered: to be served, or to be documented.
trait Registry {
    fn service(
        &mut self,
        endpoint: impl HttpServiceFactory + OpenApiFactory + 'static,
    ) -> &mut Self;
}

impl Registry for ServiceConfig {
    fn service(
        &mut self,
        endpoint: impl HttpServiceFactory + OpenApiFactory + 'static,
    ) -> &mut Self {
        Self::service(self, endpoint)
    }
}

impl Registry for DocumentedConfig<'_> {
    fn service(
        &mut self,
        endpoint: impl HttpServiceFactory + OpenApiFactory + 'static,
    ) -> &mut Self {
        Self::service(self, endpoint)
    }
}

/// Registers every endpoint to be served. Each worker does, so nothing is
/// documented here: that would cost each of them over a megabyte.
pub fn configure(config: &mut ServiceConfig) {
    // A scope does not inherit what answers for unknown paths from one around it.
    let api = web::scope("/api/v1")
        .configure(api)
        .default_service(web::to(fallback));
    config.service(api);
    beside(config);
}

/// Registers every endpoint and collects what it says about itself.
pub(crate) fn document(config: &mut DocumentedConfig) {
    config.service(scope("/api/v1").configure(|config| api(config)));
    beside(config);
}

fn beside(config: &mut impl Registry) {
    config
        .service(system::health::health)
        .service(system::health::live)
        .service(system::health::ready)
        .service(system::metrics::get_metrics)
        .service(system::keys::get_keys)
        .service(system::document::get_document)
        .service(system::problems::show_problem);
}

/// Literal paths such as `me` stand before `{id}`.
fn api(config: &mut impl Registry) {
    config
        .service(accounts::register::register)
        .service(sessions::login::login)
        .service(sessions::token::issue_token)
        .service(sessions::refresh::refresh)
        .service(sessions::logout::logout)
        .service(sessions::logout::logout_all)
        .service(sessions::me::me)
        .service(accounts::settings::get_settings)
        .service(sessions::list::list_sessions)
        .service(sessions::list::end_session)
        .service(accounts::change_password::change_password)
        .service(accounts::forgot_password::forgot_password)
        .service(accounts::reset_password::reset_password)
        .service(accounts::request_verification::request_verification)
        .service(accounts::verify_email::verify_email)
        .service(accounts::change_email::change_email);
    config
        .service(second_factor::show::get_mfa)
        .service(second_factor::enrol::enrol_totp)
        .service(second_factor::confirm::confirm_totp)
        .service(second_factor::disable::disable_totp)
        .service(second_factor::disable::renew_recovery_codes)
        .service(second_factor::verify::verify_mfa)
        .service(api_keys::list::list_api_keys)
        .service(api_keys::create::create_api_key)
        .service(api_keys::revoke::revoke_api_key);
    config
        .service(accounts::show::get_me)
        .service(accounts::update_profile::update_me)
        .service(accounts::update_profile::replace_me)
        .service(accounts::close::delete_me)
        .service(accounts::show::get_user_by_username)
        .service(accounts::show::get_user_by_email)
        .service(accounts::show::get_user)
        .service(accounts::update::update_user)
        .service(accounts::update::replace_user);
    config
        .service(admin::list::list_users)
        .service(admin::create::create_user)
        .service(admin::delete::delete_user)
        .service(admin::delete::restore_user)
        .service(admin::delete::purge_user)
        .service(admin::start_password_reset::start_password_reset)
        .service(admin::sessions::list_user_sessions)
        .service(admin::sessions::logout_user)
        .service(admin::reset_mfa::reset_user_mfa)
        .service(admin::audit_events::list_audit_events);
}
