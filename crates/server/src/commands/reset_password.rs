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
    let expires_at = ticket.expires_at.format("%Y-%m-%d %H:%M UTC");
    match &settings.mail.links.reset_password {
        Some(template) => {
            say(template.replace("{token}", token.expose_secret()));
            say(format_args!("The link works once, until {expires_at}."));
        }
        None => {
            let base = settings.server.public_url.as_deref().unwrap_or_default();
            say(token.expose_secret());
            say(format_args!(
                "The token works once, until {expires_at}. Send it with the new password:"
            ));
            say(format_args!(
                "  POST {base}/api/v1/auth/password/reset {{\"token\": \"...\", \"new_password\": \"...\"}}"
            ));
        }
    }
    desk.close().await;
    Ok(())
}
