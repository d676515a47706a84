//! An import, and how far it has come.

use std::net::IpAddr;

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

/// Refused rows whose faults an import shows by itself.
pub(super) const SHOWN_ROWS: i64 = 100;

/// The types of the files.
pub(super) const TYPES: &[&str] = &["text/csv", NDJSON];

const NDJSON: &str = "application/x-ndjson";

/// What becomes of a row whose record is there already. Stored by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// It is refused, as the creating RPC refuses it.
    Create,
    /// It changes the record.
    Upsert,
}

impl Mode {
    pub(super) const fn stored(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Upsert => "upsert",
        }
    }

    /// The column is checked, so another text is as good as the default.
    pub(super) fn from_stored(text: &str) -> Self {
        if text == "upsert" { Self::Upsert } else { Self::Create }
    }
}

/// How a file is written. Stored by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Csv,
    Ndjson,
}

impl Format {
    pub(super) const fn stored(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }

    /// The column is checked, so another text is as good as the default.
    pub(super) fn from_stored(text: &str) -> Self {
        if text == "ndjson" { Self::Ndjson } else { Self::Csv }
    }

    /// How a file of a media type is written.
    pub(super) fn of(content_type: &str) -> Self {
        if content_type == NDJSON { Self::Ndjson } else { Self::Csv }
    }
}

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
    pub(super) mode: Mode,
    pub(super) all_or_nothing: bool,
    /// Absent when the type of the file says it.
    pub(super) format: Option<Format>,
}

/// An import.
#[derive(Debug, Clone)]
pub(super) struct Import {
    pub(super) id: i64,
    pub(super) resource: String,
    pub(super) dry_run: bool,
    pub(super) mode: Mode,
    pub(super) all_or_nothing: bool,
    pub(super) format: Format,
    /// Absent when the file was collected, long after the import has ended.
    pub(super) file_id: Option<i64>,
    pub(super) client_id: String,
    pub(super) scopes: Vec<String>,
    /// From where it was asked for.
    pub(super) address: Option<IpAddr>,
    pub(super) state: State,
    pub(super) failure: String,
    pub(super) progress: Progress,
    /// Columns of the file that cannot be written.
    pub(super) ignored_columns: Vec<String>,
    pub(super) created_at: Timestamp,
    pub(super) finished_at: Option<Timestamp>,
}

/// How many rows there are, are done, changed a record that was there, and were refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) rows: i64,
    pub(super) processed: i64,
    pub(super) updated: i64,
    pub(super) failed: i64,
}

impl Progress {
    /// How many rows became new records.
    pub(super) fn created(self) -> i64 {
        self.processed - self.updated - self.failed
    }
}

/// Something wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) row: i64,
    /// Empty for the row as a whole.
    pub(super) column: String,
    pub(super) message: String,
    /// Stable code: `required`.
    pub(super) code: String,
    /// Where the creating route's body has the column (RFC 6901); empty for the body itself.
    pub(super) pointer: String,
}

/// What the job is queued with.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Payload {
    pub(super) import: i64,
}
