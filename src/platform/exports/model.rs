//! An export, and how far it has come.

use serde::{Deserialize, Serialize};
use steward_kernel::time::Timestamp;

/// How long the file of an export is kept.
pub(super) const KEPT: std::time::Duration = std::time::Duration::from_secs(7 * 24 * 3600);

/// Most exports of a tenant that are not finished.
pub(super) const MOST_OPEN: i64 = 5;

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

    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Ndjson => "application/x-ndjson",
        }
    }
}

/// How far an export has come. Stored by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Queued,
    Running,
    Done,
    Failed,
    Expired,
}

impl State {
    pub(super) const fn stored(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }

    /// The column is checked, so another text is as good as none.
    pub(super) fn from_stored(text: &str) -> Self {
        match text {
            "running" => Self::Running,
            "done" => Self::Done,
            "failed" => Self::Failed,
            "expired" => Self::Expired,
            _ => Self::Queued,
        }
    }
}

/// What a client asks for.
#[derive(Debug, Clone)]
pub(super) struct NewExport {
    pub(super) resource: &'static str,
    pub(super) format: Format,
    /// As it was sent, and found readable; empty for all records.
    pub(super) filter: String,
}

/// An export.
#[derive(Debug, Clone)]
pub(super) struct Export {
    pub(super) id: i64,
    pub(super) resource: String,
    pub(super) format: Format,
    pub(super) filter: String,
    pub(super) state: State,
    pub(super) row_count: i64,
    pub(super) byte_size: i64,
    pub(super) created_at: Timestamp,
    pub(super) finished_at: Option<Timestamp>,
}

impl Export {
    /// What its file is called.
    pub(super) fn filename(&self) -> String {
        format!("{}-{}.{}", self.resource, self.id, self.format.stored())
    }

    /// Until when its file is there.
    pub(super) fn expires_at(&self) -> Option<Timestamp> {
        let finished_at = self.finished_at.filter(|_| self.state == State::Done)?;
        Some(finished_at + KEPT)
    }
}

/// What the job is queued with.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Payload {
    pub(super) export: i64,
}
