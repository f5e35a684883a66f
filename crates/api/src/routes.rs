//! The whole URL map. What is registered here is documented by that.

use actix_web::web;
use utoipa_actix_web::{scope::scope, service_config::ServiceConfig};

use crate::{accounts, admin, http::fallback, sessions, system};

/// Registers every endpoint. Literal paths such as `me` stand before `{id}`.
pub fn configure(config: &mut ServiceConfig) {
    // A scope does not inherit what answers for unknown paths from one around it.
    let api = scope("/api/v1")
        .configure(api)
        .default_service(web::to(fallback));
    config.service(api);
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
        .service(accounts::reset_password::reset_password)
        .service(accounts::change_email::change_email);
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
        .service(admin::audit_events::list_audit_events);
}
