//! What the person who started the server reads, on standard output; logs go
//! to standard error.

use std::net::SocketAddr;

use userhub_domain::{
    Result,
    admin::Administration,
    caller::Admin,
    page::{PageLimit, PageRequest},
    users::{Role, Status, UserQuery},
};
use userhub_infrastructure::config::DatabaseSettings;

use crate::terminal::say;

/// Where it listens, before the database is there.
pub(crate) fn show_address(address: SocketAddr, database: &DatabaseSettings) {
    say(format_args!("UserHub {}", env!("CARGO_PKG_VERSION")));
    say(format_args!("  listening on   http://{address}"));
    say(format_args!(
        "  documentation  http://{}/docs",
        visitable(address)
    ));
    say(format_args!("  database       {}", database.display_url()));
}

/// That it serves now, and what is to be done first.
///
/// # Errors
/// Those of the store.
pub(crate) async fn show_ready(administration: &Administration, operator: &Admin) -> Result<()> {
    say("  ready");
    if !has_admin(administration, operator).await? {
        say("There is no administrator yet. This makes one:");
        say(format_args!(
            "  {} create-admin --username NAME",
            invoked_as()
        ));
    }
    Ok(())
}

/// What was typed to start this, so that the line can be pasted.
fn invoked_as() -> String {
    std::env::args()
        .next()
        .unwrap_or_else(|| env!("CARGO_PKG_NAME").to_owned())
}

async fn has_admin(administration: &Administration, operator: &Admin) -> Result<bool> {
    let query = UserQuery {
        role: Some(Role::Admin),
        status: Some(Status::Active),
        ..UserQuery::default()
    };
    let page = PageRequest {
        limit: PageLimit::parse(1).unwrap_or_default(),
        ..PageRequest::default()
    };
    let admins = administration.list(operator, &query, &page).await?;
    Ok(!admins.items.is_empty())
}

/// An address that a browser on this machine can open.
pub(crate) fn visitable(address: SocketAddr) -> SocketAddr {
    let mut address = address;
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_not_sent_to_all_addresses() {
        for (listening, visited) in [
            ("0.0.0.0:8000", "127.0.0.1:8000"),
            ("[::]:8000", "[::1]:8000"),
            ("10.0.0.7:80", "10.0.0.7:80"),
        ] {
            assert_eq!(visitable(listening.parse().unwrap()).to_string(), visited);
        }
    }
}
