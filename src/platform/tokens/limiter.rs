//! Stops guessing of client secrets.
//!
//! Counts failures alone: a rate limiter of the usual kind spends its budget before the
//! outcome is known, so that a busy client with the right secret would be refused as well.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use quick_cache::sync::Cache;

/// Failures allowed within [`WINDOW`].
const FAILURES: usize = 10;

/// The time over which failures are counted.
const WINDOW: Duration = Duration::from_secs(60);

/// Most client ids remembered. Beyond that the least used are forgotten, so that made-up ids
/// cannot fill the memory.
const REMEMBERED: usize = 10_000;

/// Remembers the latest failures of each client id, in this process.
pub(super) struct Limiter {
    failures: Cache<String, Arc<Mutex<VecDeque<Instant>>>>,
}

impl Limiter {
    pub(super) fn new() -> Self {
        Self { failures: Cache::new(REMEMBERED) }
    }

    /// How long the client must wait, if it failed too often.
    pub(super) fn blocked(&self, client_id: &str, now: Instant) -> Option<Duration> {
        let failures = self.failures.get(client_id)?;
        let failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() < FAILURES {
            return None;
        }
        let until = *failures.front()? + WINDOW;
        (until > now).then(|| until - now)
    }

    /// Counts a failure.
    pub(super) fn record(&self, client_id: &str, now: Instant) {
        let made: Result<_, std::convert::Infallible> =
            self.failures.get_or_insert_with(client_id, || Ok(Arc::default()));
        let Ok(failures) = made;
        let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() == FAILURES {
            failures.pop_front();
        }
        failures.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_after_ten_failures_until_the_first_is_a_minute_old() {
        let limiter = Limiter::new();
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        for second in 0..10 {
            assert_eq!(limiter.blocked("a", at(second)), None);
            limiter.record("a", at(second));
        }
        assert_eq!(limiter.blocked("a", at(10)), Some(Duration::from_secs(50)));
        assert_eq!(limiter.blocked("a", at(59)), Some(Duration::from_secs(1)));
        assert_eq!(limiter.blocked("a", at(60)), None);
        // The window slides: the next failure blocks until the second one is a minute old.
        limiter.record("a", at(60));
        assert_eq!(limiter.blocked("a", at(60)), Some(Duration::from_secs(1)));
        assert_eq!(limiter.blocked("b", at(60)), None);
    }

    #[test]
    fn remembers_a_bounded_number_of_ids() {
        let limiter = Limiter::new();
        let now = Instant::now();
        for id in 0..3 * REMEMBERED {
            limiter.record(&id.to_string(), now);
        }
        assert!(limiter.failures.len() <= REMEMBERED);
    }
}
