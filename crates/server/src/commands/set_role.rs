//! `set-role`: makes somebody an administrator, or an ordinary user again.

use userhub_domain::{
    Error,
    accounts::{UpdateUserCommand, UpdateUserInput},
    audit::Origin,
    caller::Admin,
    users::Change,
};
use userhub_infrastructure::config::Settings;

use super::{OPERATOR, somebody};
use crate::{cli::SetRole, failure::Failure, terminal::say, wire::Desk};

pub(crate) async fn run(settings: &Settings, wanted: &SetRole) -> Result<(), Failure> {
    let desk = Desk::open(settings).await?;
    let admin = Admin::operator(OPERATOR);
    let administration = &desk.services.administration;
    let input = UpdateUserInput {
        role: Change::Set(wanted.role.clone()),
        ..UpdateUserInput::default()
    };
    let command =
        UpdateUserCommand::parse_for_admin(input, administration.rules()).map_err(Error::from)?;
    let user = somebody::find(administration, &admin, &wanted.somebody.identifier).await?;
    let user = administration
        .update(&admin, &Origin::default(), (user.id, None), &command)
        .await?;
    say(format_args!("{} {}", user.id, user.role));
    desk.close().await;
    Ok(())
}
