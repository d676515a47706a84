//! An import, and how far it has come.

use serde::{Deserialize, Serialize};
use steward_kernel::time::Timestamp;

/// Most imports of a tenant that are not finished.
pub(super) const MOST_OPEN: i64 = 5;

/// Most rows of a file.
pub(super) const MOST_ROWS: usize = 50_000;

/// Most characters that are kept of why a file was refused.
pub(super) const LONGEST_FAILURE: usize = 500;

/// Refused rows whose faults are kept.
pub(super) const MOST_REFUSED: i64 = 1000;

/// The type of the files.
pub(super) const CSV: &[&str] = &["text/csv"];

/// How far an import has come. Stored by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Queued,
    Running,
    Done,
    Failed,
}

impl State {
    pub(super) const fn stored(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// The column is checked, so another text is as good as none.
    pub(super) fn from_stored(text: &str) -> Self {
        match text {
            "running" => Self::Running,
            "done" => Self::Done,
            "failed" => Self::Failed,
            _ => Self::Queued,
        }
    }
}

/// What a client asks for.
#[derive(Debug, Clone)]
pub(super) struct NewImport {
    pub(super) resource: &'static str,
    /// Signed id of the uploaded file.
    pub(super) file: String,
    pub(super) dry_run: bool,
}

/// An import.
#[derive(Debug, Clone)]
pub(super) struct Import {
    pub(super) id: i64,
    pub(super) resource: String,
    pub(super) dry_run: bool,
    /// Absent when the file was collected, long after the import has ended.
    pub(super) file_id: Option<i64>,
    pub(super) client_id: String,
    pub(super) scopes: Vec<String>,
    pub(super) state: State,
    pub(super) failure: String,
    pub(super) progress: Progress,
    pub(super) created_at: Timestamp,
    pub(super) finished_at: Option<Timestamp>,
}

/// How many rows there are, are done, and were refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) rows: i64,
    pub(super) processed: i64,
    pub(super) failed: i64,
}

/// Something wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) row: i64,
    /// Empty for the row as a whole.
    pub(super) column: String,
    pub(super) message: String,
}

/// What the job is queued with.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Payload {
    pub(super) import: i64,
}
