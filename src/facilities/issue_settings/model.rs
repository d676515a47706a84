//! How a tenant works on issues.

/// Minutes within which issues are to be answered, where the tenant has set them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ResponseTargets {
    /// For an urgent issue.
    pub urgent_minutes: Option<i32>,
    /// For any other issue.
    pub minutes: Option<i32>,
}

impl ResponseTargets {
    /// For an urgent issue, when the tenant has not set it: 4 hours.
    pub const URGENT_DEFAULT: i32 = 4 * 60;
    /// For any other issue, when the tenant has not set it: 48 hours.
    pub const DEFAULT: i32 = 48 * 60;
    /// The longest that can be set: a year.
    pub const MOST: i32 = 365 * 24 * 60;

    /// The target of an issue, given what the tenant has set for its kind.
    #[must_use]
    pub fn or_default(urgent: bool, set: Option<i32>) -> i32 {
        set.unwrap_or(if urgent { Self::URGENT_DEFAULT } else { Self::DEFAULT })
    }
}
