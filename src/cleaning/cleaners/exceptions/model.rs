//! A change to a cleaner's usual week.

use steward_kernel::local::LocalTime;
use steward_kernel::time::Timestamp;

/// What is written of a change.
#[derive(Debug, Clone)]
pub struct ExceptionInput {
    /// When it begins by the clock of the company.
    pub starts_at: LocalTime,
    /// First time after it; of whole days the midnight after the last.
    pub ends_at: LocalTime,
    /// Whether it is about whole days.
    pub is_all_day: bool,
    /// Whether the cleaner works then, instead of not.
    pub is_available: bool,
    /// Why.
    pub reason: Option<String>,
}

/// A change to a cleaner's usual week.
#[derive(Debug, Clone)]
pub struct ExceptionAvailability {
    /// Its id.
    pub id: i64,
    /// Whose week it changes.
    pub cleaner_id: i64,
    /// What is written.
    pub written: ExceptionInput,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i32,
}
