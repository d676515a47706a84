//! A comment.

use steward_kernel::time::Timestamp;

/// Something that is said of a user.
#[derive(Debug, Clone)]
pub struct Comment {
    /// Its id.
    pub id: i64,
    /// Id of the user whom it is about.
    pub user_id: i64,
    /// Id of the user who wrote it.
    pub author_user_id: Option<i64>,
    /// What is said.
    pub text: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i32,
}
