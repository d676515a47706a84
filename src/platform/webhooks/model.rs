//! Endpoints and deliveries.

use std::time::Duration;

use steward_kernel::time::Timestamp;

use super::signature::Keys;
use crate::events::Types;
use crate::mail::Language;

/// Most endpoints of a tenant.
pub(super) const MOST_ENDPOINTS: i64 = 50;

/// Kind of the job that delivers; the database queues it by this name too.
pub(crate) const JOB: &str = "webhook.deliver";

/// Type of a test message.
pub(super) const TEST: &str = "webhook.test";

/// The pauses between attempts; one attempt more than there are pauses.
pub(super) const PAUSES: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3600),
    Duration::from_secs(5 * 3600),
    Duration::from_secs(10 * 3600),
    Duration::from_secs(14 * 3600),
    Duration::from_secs(20 * 3600),
    Duration::from_secs(24 * 3600),
];

/// How long an endpoint may fail before it is turned off.
pub(super) const PATIENCE: Duration = Duration::from_secs(5 * 24 * 3600);

/// Where events are sent.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    pub(super) id: i64,
    pub(super) url: String,
    pub(super) types: Vec<String>,
    pub(super) thin: bool,
    pub(super) active: bool,
    pub(super) disabled_reason: Option<String>,
    pub(super) created_at: Timestamp,
    pub(super) contact: Contact,
    /// Absent while it has its first secret.
    pub(super) secret_changed_at: Option<Timestamp>,
}

/// Who is told when the server turns an endpoint off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Contact {
    pub(super) email: Option<String>,
    pub(super) language: Language,
}

/// What a client says of an endpoint.
#[derive(Debug, Clone)]
pub(super) struct NewEndpoint {
    pub(super) url: String,
    pub(super) types: Vec<String>,
    pub(super) patterns: Types,
    pub(super) thin: bool,
    pub(super) active: bool,
    pub(super) contact: Contact,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Pending,
    Delivered,
    Failed,
}

impl State {
    pub(super) fn stored(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    pub(super) fn from_stored(text: &str) -> Self {
        match text {
            "delivered" => Self::Delivered,
            "failed" => Self::Failed,
            _ => Self::Pending,
        }
    }
}

/// A message that was or will be sent.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) id: i64,
    pub(super) endpoint_id: i64,
    pub(super) sequence: Option<i64>,
    pub(super) event_type: String,
    pub(super) state: State,
    pub(super) attempts: i32,
    pub(super) status: Option<i32>,
    pub(super) error: Option<String>,
    pub(super) created_at: Timestamp,
    pub(super) attempted_at: Option<Timestamp>,
}

/// What a message is signed with and where it goes.
pub(super) struct Target {
    pub(super) endpoint: Endpoint,
    pub(super) keys: Keys,
    /// Those before the last rotation, while they sign too.
    pub(super) previous: Option<Keys>,
    pub(super) failing_since: Option<Timestamp>,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attempt {
    pub(super) status: Option<u16>,
    pub(super) error: Option<String>,
    /// How long the endpoint wants to be left alone, by `Retry-After`; at most the longest pause.
    pub(super) retry_after: Option<Duration>,
}

impl Attempt {
    pub(super) fn failed(error: String) -> Self {
        Self { status: None, error: Some(error), retry_after: None }
    }

    pub(super) fn succeeded(&self) -> bool {
        self.error.is_none()
    }
}
