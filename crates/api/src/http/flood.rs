//! Floods of sign-ins and the like are turned away before they cost anything.
//!
//! What guessing is slowed down by is the domain's, durable and exact. This is
//! in front of it: per process, generous, and cheap.

use std::{
    collections::hash_map::RandomState, hash::BuildHasher, net::IpAddr, num::NonZeroU32,
    time::Duration,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, MonotonicClock},
    middleware::NoOpMiddleware,
    state::keyed::HashMapStateStore,
};
use userhub_domain::{Error, audit::Origin};

use super::{Answer, ApiError, RequestOrigin};
use crate::state::State;

/// How many requests that carry credentials one network may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FloodLimit {
    /// So many in the long run.
    pub per_second: NonZeroU32,
    /// So many at once after a while of silence.
    pub burst: NonZeroU32,
}

impl FloodLimit {
    /// Far more than people need, also behind one address; far less than this
    /// process can refuse.
    pub const DEFAULT: Self = Self {
        per_second: NonZeroU32::MIN.saturating_add(199),
        burst: NonZeroU32::MIN.saturating_add(999),
    };
}

/// What is counted for one network.
type Bucket = u16;
type Buckets = HashMapStateStore<Bucket>;

/// Counts requests by the network that they come from: an IPv4 address, or the
/// first 64 bits of an IPv6 one.
///
/// Networks share 65,536 buckets, so that its memory has an end whoever calls.
/// Which one is whose differs from process to process: nobody can choose
/// whose quota to use up.
pub(crate) struct FloodGate {
    buckets: RateLimiter<Bucket, Buckets, MonotonicClock, NoOpMiddleware<std::time::Instant>>,
    hasher: RandomState,
}

impl FloodGate {
    pub(crate) fn new(limit: FloodLimit) -> Self {
        let quota = Quota::per_second(limit.per_second).allow_burst(limit.burst);
        Self {
            buckets: RateLimiter::new(quota, Buckets::default(), MonotonicClock),
            hasher: RandomState::new(),
        }
    }

    /// How long to wait, where this network has used up its quota.
    fn admit(&self, address: IpAddr) -> Result<(), Duration> {
        self.buckets
            .check_key(&self.bucket(address))
            .map_err(|refused| refused.wait_time_from(MonotonicClock.now()))
    }

    fn bucket(&self, address: IpAddr) -> Bucket {
        let hash = self.hasher.hash_one(network(address));
        // The high bits are as random as the others.
        (hash >> (u64::BITS - Bucket::BITS)) as Bucket
    }
}

/// The part of an address that one client has.
fn network(address: IpAddr) -> (bool, u64) {
    match address.to_canonical() {
        IpAddr::V4(address) => (false, address.to_bits().into()),
        IpAddr::V6(address) => (true, (address.to_bits() >> 64) as u64),
    }
}

/// Where a request comes from that carries credentials: as [`RequestOrigin`],
/// and refused with `too_many_requests` where its network floods.
pub struct LimitedOrigin(pub Origin);

impl FromRequest for LimitedOrigin {
    type Error = ApiError;
    type Future = std::future::Ready<Answer<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let origin = RequestOrigin::from_request(request, payload).into_inner();
        std::future::ready(origin.and_then(|origin| admit(request, origin.0)))
    }
}

fn admit(request: &HttpRequest, origin: Origin) -> Answer<LimitedOrigin> {
    let gate = request
        .app_data::<State>()
        .and_then(|state| state.flood_gate.as_ref());
    match (gate, origin.address) {
        (Some(gate), Some(address)) => match gate.admit(address) {
            Ok(()) => Ok(LimitedOrigin(origin)),
            Err(retry_after) => Err(Error::TooMany { retry_after }.into()),
        },
        _ => Ok(LimitedOrigin(origin)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(burst: u32) -> FloodGate {
        FloodGate::new(FloodLimit {
            per_second: NonZeroU32::MIN,
            burst: NonZeroU32::new(burst).expect("not zero"),
        })
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_network_has_its_burst_and_then_waits() {
        let gate = gate(3);
        for own in ["2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2:3::4"] {
            assert_eq!(gate.admit(address(own)), Ok(()), "{own}");
        }
        let wait = gate
            .admit(address("2001:db8:1:2:ffff::"))
            .expect_err("too many");
        assert!(
            wait > Duration::ZERO && wait <= Duration::from_secs(1),
            "{wait:?}"
        );
    }

    #[test]
    fn an_address_in_either_notation_is_one_and_others_have_their_own() {
        let gate = gate(1);
        assert_eq!(gate.admit(address("192.0.2.1")), Ok(()));
        assert!(gate.admit(address("::ffff:192.0.2.1")).is_err());
        assert_ne!(network(address("192.0.2.1")), network(address("192.0.2.2")));
        assert_ne!(
            network(address("2001:db8:1:2::")),
            network(address("2001:db8:1:3::"))
        );
        assert_ne!(network(address("0.0.0.1")), network(address("0:0:0:1::")));
    }

    #[test]
    fn however_many_networks_call_there_is_an_end_to_what_is_kept() {
        let gate = gate(1_000_000);
        for number in 0..300_000_u128 {
            let address = IpAddr::V6((number << 64).into());
            assert_eq!(gate.admit(address), Ok(()));
        }
        assert!(gate.buckets.len() <= 1 << Bucket::BITS);
        assert!(
            gate.buckets.len() > 1 << (Bucket::BITS - 1),
            "they share too few"
        );
    }

    #[test]
    fn whose_bucket_is_whose_differs_from_process_to_process() {
        let (one, other) = (gate(1), gate(1));
        let addresses = (0..64_u32).map(|bits| IpAddr::V4(bits.into()));
        let differs = |address| one.bucket(address) != other.bucket(address);
        assert!(addresses.into_iter().any(differs));
    }
}
