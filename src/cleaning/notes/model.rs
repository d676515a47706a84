//! A note.

use steward_kernel::time::Timestamp;

/// Whom a note is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The client with this id.
    Client(i64),
    /// The cleaner with this id.
    Cleaner(i64),
}

/// Something to be noted.
#[derive(Debug, Clone)]
pub struct NewNote {
    /// Whom it is about.
    pub about: About,
    /// What is noted.
    pub text: String,
    /// Whether it comes before the others.
    pub is_pinned: bool,
}

/// Something that was noted.
#[derive(Debug, Clone)]
pub struct Note {
    /// Its id.
    pub id: i64,
    /// The client whom it is about.
    pub client_id: Option<i64>,
    /// The cleaner whom it is about.
    pub cleaner_id: Option<i64>,
    /// What was noted.
    pub text: String,
    /// Whether it comes before the others.
    pub is_pinned: bool,
    /// Id of the user who wrote it.
    pub author_user_id: Option<i64>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i32,
}
