//! `reset-password`: prints what lets somebody set a new password, once.

use secrecy::ExposeSecret as _;
use userhub_domain::{audit::Origin, caller::Admin};
use userhub_infrastructure::config::Settings;

use super::{OPERATOR, somebody};
use crate::{cli::Somebody, failure::Failure, terminal::say, wire::Desk};

pub(crate) async fn run(settings: &Settings, whose: &Somebody) -> Result<(), Failure> {
    let desk = Desk::open(settings).await?;
    let admin = Admin::operator(OPERATOR);
    let administration = &desk.services.administration;
    let user = somebody::find(administration, &admin, &whose.identifier).await?;
    let ticket = administration
        .start_password_reset(&admin, &Origin::default(), user.id)
        .await?;
    let token = ticket.token.reveal();
    say(token.expose_secret());
    say(format_args!(
        "It works once, until {}. Send it with the new password:",
        ticket.expires_at.format("%Y-%m-%d %H:%M UTC"),
    ));
    say(format_args!(
        "  POST {}/api/v1/auth/password/reset {{\"token\": \"...\", \"new_password\": \"...\"}}",
        settings.server.public_url.as_deref().unwrap_or_default(),
    ));
    desk.close().await;
    Ok(())
}
