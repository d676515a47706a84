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

/// Something that happened.
#[derive(Debug, Clone)]
pub struct TimelineEntry {
    /// Its id.
    pub id: i64,
    /// What is written.
    pub written: NewEntry,
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
