//! `reset-password`: prints what lets somebody set a new password, once.

use secrecy::ExposeSecret as _;
use userhub_domain::{audit::Origin, caller::Admin};
use userhub_infrastructure::{config::Settings, mail::LinkTemplates};

use super::{OPERATOR, somebody};
use crate::{
    cli::Somebody,
    failure::Failure,
    terminal::say,
    wire::{Desk, base_url},
};

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
    let links = LinkTemplates::new(&settings.mail.links, &base_url(settings, None));
    say(links
        .reset_password
        .replace("{token}", token.expose_secret()));
    say(format_args!("The link works once, until {expires_at}."));
    desk.close().await;
    Ok(())
}
