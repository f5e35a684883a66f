//! `set-role`: makes somebody an administrator, or an ordinary user again.

use userhub_domain::{
    audit::Origin,
    caller::Admin,
    users::Role,
    violation::{Broken, Violations},
};
use userhub_infrastructure::config::Settings;

use super::{OPERATOR, somebody};
use crate::{cli::SetRole, failure::Failure, terminal::say, wire::Desk};

pub(crate) async fn run(settings: &Settings, wanted: &SetRole) -> Result<(), Failure> {
    let role = Role::parse(&wanted.role).map_err(|broken: Broken| {
        Failure::from(userhub_domain::Error::from(Violations::from(
            broken.at("role"),
        )))
    })?;
    let desk = Desk::open(settings).await?;
    let admin = Admin::operator(OPERATOR);
    let administration = &desk.services.administration;
    let user = somebody::find(administration, &admin, &wanted.somebody.identifier).await?;
    let user = administration
        .change_role(&admin, &Origin::default(), user.id, role)
        .await?;
    say(format_args!("{} {}", user.id, user.role));
    desk.close().await;
    Ok(())
}
