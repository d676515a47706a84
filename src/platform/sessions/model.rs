//! A session.

use std::time::Duration;

use steward_kernel::time::Timestamp;

/// How long a session lasts, however often it is refreshed.
pub const LIFETIME: Duration = Duration::from_secs(90 * 24 * 3600);

/// What a user signed in to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: i64,
    /// No token is made in it from here on.
    pub expires_at: Timestamp,
}
