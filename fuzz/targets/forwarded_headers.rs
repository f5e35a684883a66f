//! The client's address: only what trusted proxies wrote counts, and nothing
//! that a client claims left of it changes whose request it is.
//!
//! The first byte chooses the peer; the lines after it are headers, one each.
#![no_main]

use std::{
    net::{IpAddr, SocketAddr},
    sync::LazyLock,
};

use actix_web::{FromRequest, http::header::HeaderValue, test::TestRequest};
use libfuzzer_sys::fuzz_target;
use userhub_api::{ApiSettings, State, http::RequestOrigin};
use userhub_domain::audit::Origin;

const PEERS: [&str; 6] = [
    "10.0.0.1:4711",
    "[::ffff:10.0.0.1]:4711",
    "[2001:db8::1]:4711",
    "192.0.2.1:4711",
    "[::ffff:192.0.2.1]:4711",
    "[2001:db8:1::1]:4711",
];

static STATE: LazyLock<State> = LazyLock::new(|| {
    let networks = ["10.0.0.0/8", "2001:db8::/64"];
    let settings = ApiSettings {
        trusted_proxies: networks.map(|net| net.parse().expect("a network")).to_vec(),
        ..ApiSettings::default()
    };
    userhub_fuzz::state(settings)
});

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, rest)) = bytes.split_first() else {
        return;
    };
    let place = usize::from(*choice) % PEERS.len();
    let peer: SocketAddr = PEERS[place].parse().expect("an address");
    // What HTTP itself refuses never arrives.
    let lines: Vec<_> = rest
        .split(|byte| *byte == b'\n')
        .filter_map(|line| HeaderValue::from_bytes(line).ok())
        .collect();
    let seen = origin(peer, &lines);
    shows_what_it_keeps(&seen);
    let client = seen.address.expect("there was a peer");
    assert_eq!(client, client.to_canonical());
    if place >= 3 {
        assert_eq!(client, peer.ip().to_canonical(), "nobody else is believed");
        return;
    }
    claims_change_nothing(peer, &lines, client);
    one_more_proxy_changes_nothing(peer, &lines, client);
});

fn origin(peer: SocketAddr, lines: &[HeaderValue]) -> Origin {
    let mut request = TestRequest::default()
        .app_data(STATE.clone())
        .peer_addr(peer);
    if let Some(first) = lines.first() {
        request = request.append_header(("user-agent", first.clone()));
    }
    for line in lines {
        request = request.append_header(("x-forwarded-for", line.clone()));
    }
    let origin = RequestOrigin::extract(&request.to_http_request()).into_inner();
    origin
        .unwrap_or_else(|_| panic!("there is always an origin"))
        .0
}

fn shows_what_it_keeps(origin: &Origin) {
    if let Some(shown) = &origin.user_agent {
        assert!(shown.chars().count() <= 255 && !shown.chars().any(char::is_control));
    }
}

fn is_trusted(address: IpAddr) -> bool {
    STATE
        .settings
        .trusted_proxies
        .iter()
        .any(|net| net.contains(&address))
}

/// Once the client is found, what stands further left is its own invention.
fn claims_change_nothing(peer: SocketAddr, lines: &[HeaderValue], client: IpAddr) {
    if is_trusted(client) {
        return;
    }
    let claim = HeaderValue::from_static("198.51.100.7, 10.0.0.9");
    let before: Vec<_> = std::iter::once(claim.clone())
        .chain(lines.iter().cloned())
        .collect();
    assert_eq!(origin(peer, &before).address, Some(client));
    let within: Vec<_> = lines
        .iter()
        .filter_map(|line| {
            let joined = [claim.as_bytes(), b",", line.as_bytes()].concat();
            line.to_str()
                .ok()
                .and_then(|_| HeaderValue::from_bytes(&joined).ok())
        })
        .take(1)
        .chain(
            lines
                .iter()
                .filter(|line| line.to_str().is_ok())
                .skip(1)
                .cloned(),
        )
        .collect();
    assert_eq!(origin(peer, &within).address, Some(client));
}

/// A proxy of ours in front of the chain is passed over, as the peer was.
fn one_more_proxy_changes_nothing(peer: SocketAddr, lines: &[HeaderValue], client: IpAddr) {
    let proxy: IpAddr = "10.0.0.9".parse().expect("an address");
    let mut behind = lines.to_vec();
    behind.push(HeaderValue::from_static("[::ffff:10.0.0.9]:80"));
    let found = origin(peer, &behind).address;
    let is_alone = client == peer.ip().to_canonical() && found == Some(proxy);
    assert!(found == Some(client) || is_alone, "{found:?} {client}");
}
