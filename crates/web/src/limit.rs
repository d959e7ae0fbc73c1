use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::DefaultClock;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

/// How often one address may knock: a burst, then so many a minute. The account's own rest (`access.toml`) holds whatever
/// the address.
pub(crate) struct Limiter(RateLimiter<IpAddr, DefaultKeyedStateStore<IpAddr>, DefaultClock>);

impl Limiter {
    /// `burst` at once, then `a_minute`.
    pub(crate) fn new(a_minute: u32, burst: u32) -> Self {
        let at_least_one = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_minute(at_least_one(a_minute)).allow_burst(at_least_one(burst));
        Self(RateLimiter::keyed(quota))
    }

    /// Whether an address may try now.
    pub(crate) fn allows(&self, address: IpAddr) -> bool {
        self.0.retain_recent();
        self.0.check_key(&address).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_no_more() {
        let limiter = Limiter::new(1, 3);
        let tries: Vec<bool> = (0..5).map(|_| limiter.allows([10, 0, 0, 1].into())).collect();
        assert_eq!(tries, [true, true, true, false, false]);
        assert!(limiter.allows([10, 0, 0, 2].into()));
    }
}
