//! Where UserHub listens, what its address is outside, and who may call it from a browser.

use ipnet::IpNet;
use std::net::IpAddr;
use url::{Host, Url};

use super::Environment;
use super::reader::Reader;

const ORIGINS: &str = "server.cors_origins";
const PROXIES: &str = "server.trusted_proxies";

/// Settings of the HTTP server.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// Address or host name to listen on.
    pub host: String,
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// Base of links, without a slash at its end.
    pub public_url: Option<String>,
    /// Origins of browsers that may call, as browsers send them.
    pub cors_origins: Vec<String>,
    /// Networks of reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
}

impl ServerSettings {
    pub(super) fn read(reader: &mut Reader, environment: Environment) -> Self {
        Self {
            host: read_host(reader),
            port: reader.number("server.port", &(0..=u16::MAX)),
            public_url: read_public_url(reader, environment),
            cors_origins: read_origins(reader, environment),
            trusted_proxies: read_proxies(reader, environment),
        }
    }
}

fn read_host(reader: &mut Reader) -> String {
    let host = reader.text("server.host");
    let bare = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    let is_name = bare
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-');
    if reader.sound(&["server.host"]) && bare.parse::<IpAddr>().is_err() && !is_name {
        reader.fail(
            "server.host",
            "must be an address or a host name, without a port",
        );
    }
    bare
}

fn read_public_url(reader: &mut Reader, environment: Environment) -> Option<String> {
    const KEY: &str = "server.public_url";
    let written = reader.optional_text(KEY)?;
    let Some(url) = parse_web_url(&written) else {
        reader.fail(
            KEY,
            "must be an http or https URL without user, parameters and fragment",
        );
        return None;
    };
    if url.query().is_some() || url.fragment().is_some() {
        reader.fail(
            KEY,
            "must be an http or https URL without user, parameters and fragment",
        );
    } else if environment == Environment::Production && url.scheme() != "https" {
        reader.fail(KEY, "must begin with https:// in production");
    }
    Some(url.as_str().trim_end_matches('/').to_owned())
}

/// An `http` or `https` URL with a host and without user and password.
pub(super) fn parse_web_url(written: &str) -> Option<Url> {
    let url = Url::parse(written).ok()?;
    let fits = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none();
    fits.then_some(url)
}

fn read_origins(reader: &mut Reader, environment: Environment) -> Vec<String> {
    let mut origins = reader.list(ORIGINS);
    for origin in &origins {
        if let Err(rule) = check_origin(origin, environment) {
            reader.fail(ORIGINS, rule);
        }
    }
    origins.dedup();
    origins
}

fn check_origin(origin: &str, environment: Environment) -> Result<(), String> {
    if origin.contains('*') || origin == "null" {
        return Err(
            "`*` and `null` would let pages call that nobody named; name each origin".to_owned(),
        );
    }
    let url = parse_web_url(origin)
        .ok_or("each origin must have the form https://host or https://host:port")?;
    let exact = url.origin().ascii_serialization();
    if exact != origin {
        return Err(format!(
            "origins are compared exactly as browsers send them; write {exact}"
        ));
    }
    if environment == Environment::Production && (url.scheme() != "https" || is_local(&url)) {
        return Err(format!(
            "{exact} is not allowed in production: it must be https and not this machine"
        ));
    }
    Ok(())
}

fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(Host::Ipv6(address)) => address.is_loopback() || address.is_unspecified(),
        None => false,
    }
}

fn read_proxies(reader: &mut Reader, environment: Environment) -> Vec<IpNet> {
    let mut networks = Vec::new();
    for written in reader.list(PROXIES) {
        let network = written
            .parse::<IpNet>()
            .or_else(|_| written.parse::<IpAddr>().map(IpNet::from));
        match network {
            Ok(network) if network.prefix_len() == 0 && environment == Environment::Production => {
                reader.fail(
                    PROXIES,
                    "a network of all addresses lets every client name its own address",
                );
            }
            Ok(network) => networks.push(network.trunc()),
            Err(_) => reader.fail(
                PROXIES,
                "each must be an address or a network such as 10.0.0.0/8",
            ),
        }
    }
    if networks.iter().any(|network| network.prefix_len() == 0) {
        reader.warn(
            PROXIES,
            "a network of all addresses lets every client name its own address",
        );
    }
    networks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_exact() {
        for origin in [
            "https://app.example.org",
            "http://localhost:5173",
            "https://app.example.org:8443",
            "http://[::1]:3000",
        ] {
            assert_eq!(
                check_origin(origin, Environment::Development),
                Ok(()),
                "{origin}"
            );
        }
        for origin in [
            "*",
            "null",
            "app.example.org",
            "https://*.example.org",
            "https://app.example.org/",
            "HTTPS://app.example.org",
            "https://app.example.org:443",
            "https://u@app.example.org",
            "file:///tmp",
            "https://",
        ] {
            assert!(
                check_origin(origin, Environment::Development).is_err(),
                "{origin}"
            );
        }
    }

    #[test]
    fn production_wants_public_encrypted_origins() {
        for origin in [
            "http://app.example.org",
            "https://localhost",
            "http://localhost:3000",
            "https://127.0.0.1",
            "https://[::1]",
        ] {
            assert!(
                check_origin(origin, Environment::Production).is_err(),
                "{origin}"
            );
        }
        assert_eq!(
            check_origin("https://app.example.org", Environment::Production),
            Ok(())
        );
    }
}
