//! Attachments.

use std::sync::LazyLock;

use serde::Deserialize;
use steward_kernel::page::ListQuery;
use steward_kernel::time::Timestamp;
use steward_platform::files::{self, ShownFile};

/// Most attachments of one record.
pub const MOST: i64 = 100;

/// Media types that may be attached.
pub static ALLOWED: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| [files::IMAGES, files::DOCUMENTS].concat());

/// What a file is attached to, by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parent {
    /// A property unit.
    PropertyUnit(i64),
    /// A property.
    Property(i64),
    /// A service provider.
    ServiceProvider(i64),
    /// An issue.
    Issue(i64),
}

/// What a client writes of an attachment.
#[derive(Debug, Clone)]
pub struct AttachmentInput {
    /// What to attach to.
    pub parent: Parent,
    /// Names the uploaded file.
    pub signed_id: String,
    /// What it is, in a few words.
    pub title: Option<String>,
    /// What it is, in full.
    pub description: Option<String>,
}

/// Which attachments are asked for.
#[derive(Debug, Clone)]
pub struct AttachmentQuery {
    /// Which page, and what it is narrowed down to.
    pub list: ListQuery,
    /// What they are attached to.
    pub parent: Parent,
}

/// An attachment with all details.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// Id, unique within the tenant.
    pub id: i64,
    /// What it is attached to.
    pub parent: Parent,
    /// What it is, in a few words.
    pub title: Option<String>,
    /// What it is, in full.
    pub description: Option<String>,
    /// The file.
    pub file: ShownFile,
    /// When it was attached.
    pub created_at: Timestamp,
    /// Id of the API client that attached it.
    pub created_by: String,
}

/// An attachment as the record shows it that it is attached to.
#[derive(Debug, Clone, Deserialize)]
pub struct Attached {
    /// Id of the attachment.
    pub id: i64,
    /// What it is, in a few words.
    pub title: Option<String>,
    /// The file.
    pub file: ShownFile,
}

/// What shows files, whose URLs are signed anew for every answer.
pub trait ShowsFiles: Send {
    /// The files.
    fn files(&mut self) -> Vec<&mut ShownFile>;
}

impl ShowsFiles for Attachment {
    fn files(&mut self) -> Vec<&mut ShownFile> {
        vec![&mut self.file]
    }
}
