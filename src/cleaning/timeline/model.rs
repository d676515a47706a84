//! Something that happened.

use steward_kernel::time::Timestamp;

/// Something that is to be written down.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// What sort of thing it is.
    pub kind: String,
    /// What happened.
    pub text: String,
    /// The client whom it is about.
    pub client_id: Option<i64>,
    /// The cleaner whom it is about.
    pub cleaner_id: Option<i64>,
}

/// What something is about beside people.
#[derive(Debug, Clone, Copy, Default)]
pub struct About {
    /// The booking.
    pub request_id: Option<i64>,
    /// The visit.
    pub event_id: Option<i64>,
}

impl About {
    /// A booking.
    #[must_use]
    pub const fn booking(id: i64) -> Self {
        Self { request_id: Some(id), event_id: None }
    }
}

/// Something that happened.
#[derive(Debug, Clone)]
pub struct TimelineEntry {
    /// Its id.
    pub id: i64,
    /// What is written.
    pub written: NewEntry,
    /// What it is about beside people.
    pub about: About,
    /// Whether the program wrote it.
    pub is_system: bool,
    /// Id of the user who wrote it, or did what it is about.
    pub author_user_id: Option<i64>,
    /// When it happened.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i32,
}
