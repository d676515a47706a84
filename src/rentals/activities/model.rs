//! Activities.

use std::sync::LazyLock;

use serde_json::Value;
use steward_kernel::time::Timestamp;
use steward_platform::files::{self, ShownFile};

/// What was done with a booking, or a comment on it.
#[derive(Debug, Clone)]
pub struct Activity {
    /// Its id.
    pub id: i64,
    /// The number of the booking.
    pub booking_internal_id: i64,
    /// The number of its kind.
    pub kind: i16,
    /// What there is to say of it.
    pub properties: Value,
    /// The file that a comment brings.
    pub file: Option<ShownFile>,
    /// Who wrote a comment.
    pub author_name: Option<String>,
    /// When it happened.
    pub created_at: Timestamp,
    /// When a comment was changed last.
    pub updated_at: Timestamp,
}

/// What is written of a comment.
#[derive(Debug, Clone, Default)]
pub struct CommentInput {
    /// The text; may be empty beside a file.
    pub comment: Option<String>,
    /// The signed id of a file: another one, none, or what there is.
    pub attachment_id: Option<Option<String>>,
}

/// What a comment may bring.
pub static ALLOWED: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| [files::IMAGES, files::DOCUMENTS].concat());
