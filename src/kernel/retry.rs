//! Doing a change again that a concurrent one got in the way of.

use std::time::Duration;

/// The longest pause before the try after `attempt`, which is counted from 1. The other change
/// needs a moment to finish; at once, both would meet again. Callers draw a time from its upper
/// half, so that two who met do not meet again.
#[must_use]
pub fn longest_pause(attempt: u32) -> Duration {
    Duration::from_millis(10) * 2_u32.saturating_pow(attempt.min(10))
}
