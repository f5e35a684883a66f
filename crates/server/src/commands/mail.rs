//! `mail`: the outbox, for whoever runs UserHub.

use userhub_domain::{
    caller::Admin,
    mail::{Attempt, Mail, MailId, MailQuery, MailState},
};
use userhub_infrastructure::{config::Settings, mail};

use super::OPERATOR;
use crate::{
    cli,
    failure::Failure,
    terminal::say,
    wire::{Desk, base_url},
};

pub(crate) async fn run(settings: &Settings, what: cli::Mail) -> Result<(), Failure> {
    match what {
        cli::Mail::List { abandoned, limit } => list(settings, abandoned, limit).await,
        cli::Mail::Retry(which) => retry(settings, which).await,
        cli::Mail::Preview { folder } => {
            let renderer = mail::renderer(settings, &base_url(settings, None))?;
            for path in renderer.preview(&folder)? {
                say(path.display());
            }
            Ok(())
        }
    }
}

async fn list(settings: &Settings, abandoned: bool, limit: u32) -> Result<(), Failure> {
    let desk = Desk::open(settings).await?;
    let admin = Admin::operator(OPERATOR);
    let query = MailQuery {
        state: abandoned.then_some(MailState::Abandoned),
        limit,
    };
    let administration = &desk.services.administration;
    for (mail, attempt) in administration.list_mails(&admin, &query).await? {
        say(line(&mail, &attempt));
    }
    desk.close().await;
    Ok(())
}

/// One mail on one line, its columns apart by tabs. The address is left out:
/// the user's id leads to it.
fn line(mail: &Mail, attempt: &Attempt) -> String {
    let user = mail.user_id.map(|id| id.to_string());
    let columns = [
        mail.id.to_string(),
        attempt.state.as_str().to_owned(),
        mail.kind.as_str().to_owned(),
        user.unwrap_or_else(|| "-".to_owned()),
        mail.created_at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        format!("tries={}", attempt.tries),
        attempt.last_error.clone().unwrap_or_default(),
    ];
    columns.join("\t").trim_end().to_owned()
}

async fn retry(settings: &Settings, which: cli::Retry) -> Result<(), Failure> {
    let id = match &which.id {
        None => None,
        Some(text) => Some(
            MailId::parse(text).ok_or_else(|| Failure::new("ID: must be one that `list` shows"))?,
        ),
    };
    let desk = Desk::open(settings).await?;
    let admin = Admin::operator(OPERATOR);
    let retried = desk.services.administration.retry_mails(&admin, id).await?;
    say(format_args!("{retried} to be sent again"));
    desk.close().await;
    Ok(())
}
