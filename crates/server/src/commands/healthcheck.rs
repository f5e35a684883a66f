//! `healthcheck`: whether the instance on this machine is ready, for
//! containers that have no other program to ask with.

use std::{
    io::{Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpStream, ToSocketAddrs as _},
    time::Duration,
};

use userhub_infrastructure::config::Settings;

use crate::{failure::Failure, terminal::say};

/// Orchestrators give a check a few seconds; this leaves room for the start
/// of the process.
const PATIENCE: Duration = Duration::from_secs(2);

pub(crate) fn run(settings: &Settings) -> Result<(), Failure> {
    let server = &settings.server;
    if server.port == 0 {
        return Err(Failure::new(
            "healthcheck needs the port: the settings say 0, which is any free one",
        ));
    }
    let host = reachable(&server.host);
    let status = ask(&host, server.port).map_err(|error| {
        Failure::new(format!(
            "{host} port {} does not answer: {error}",
            server.port
        ))
    })?;
    if status == "200" {
        say("ready");
        return Ok(());
    }
    Err(Failure::new(format!(
        "not ready: /health/ready answered {status}"
    )))
}

/// Where a server that listens on all addresses can be reached.
fn reachable(host: &str) -> String {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) if address.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
        Ok(IpAddr::V6(address)) if address.is_unspecified() => Ipv6Addr::LOCALHOST.to_string(),
        _ => host.to_owned(),
    }
}

/// The status of the answer, as it was sent.
fn ask(host: &str, port: u16) -> std::io::Result<String> {
    let address = (host, port).to_socket_addrs()?.next();
    let address = address.ok_or_else(|| std::io::Error::other("the host has no address"))?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream
        .write_all(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    // `HTTP/1.1 200`
    let mut start = [0; 12];
    stream.read_exact(&mut start)?;
    let start = String::from_utf8_lossy(&start).into_owned();
    match start.strip_prefix("HTTP/1.1 ") {
        Some(status) => Ok(status.to_owned()),
        None => Err(std::io::Error::other("the answer is not HTTP")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_all_addresses_is_asked_on_this_machine() {
        assert_eq!(reachable("0.0.0.0"), "127.0.0.1");
        assert_eq!(reachable("::"), "::1");
        assert_eq!(reachable("127.0.0.2"), "127.0.0.2");
        assert_eq!(reachable("localhost"), "localhost");
    }
}
