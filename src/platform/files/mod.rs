//! Files: asked for, uploaded by a signed URL, bound to a record, downloaded by a signed URL.
//!
//! 1. [`ask`] writes down what will come and answers a URL (15 min) and a signed id (24 h).
//! 2. The client PUTs the bytes to the URL; nothing of them passes an RPC.
//! 3. [`bind`], in the transaction of a record, checks size and content, finds out how
//!    large a picture is and how many pages a PDF has, and counts the use. A
//!    record that lets go of a file takes it back by [`release`]; for a record that is deleted,
//!    by whatever way, the trigger `platform.release_file` on its table does.
//! 4. [`show`] signs URLs that show files for an hour.
//!
//! The bytes are in a folder and go through this server, or in a bucket of an S3-compatible
//! store, and then the URLs lead straight there.
//!
//! A file that the server makes itself comes by [`keep`], and a record uses it by [`hold`].
//!
//! What no record uses a day after it was announced is collected by a recurring job.

mod actions;
mod away;
mod bucket;
mod collect;
mod content;
mod facts;
mod model;
mod repository;
mod store;
#[cfg(test)]
mod tests;
mod web;

pub use actions::{ask, bind, contents, exchange, hold, keep, release, show, show_for};
pub use bucket::Bucket;
pub use collect::Collect;
pub use model::{Announced, Facts, File, LARGEST, Made, ShownFile, Upload};
pub use store::Files;
pub use web::router;

pub(crate) use actions::{DOWNLOAD_FOR, ask_within, link, read as linked};
pub(crate) use away::unreachable;
pub(crate) use web::{Sent, failed, gone, send};

/// PNG, JPEG, WebP and GIF.
pub const IMAGES: &[&str] = &["image/png", "image/jpeg", "image/webp", "image/gif"];

/// PDF, pictures, and the usual office and text formats.
pub const DOCUMENTS: &[&str] = &[
    "application/pdf",
    "image/png",
    "image/jpeg",
    "image/webp",
    "application/msword",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "text/plain",
    "text/csv",
    "application/x-ndjson",
];

/// A file that a record uses, for tests of those who use files.
#[cfg(test)]
pub(crate) async fn in_use(
    tx: &steward_database::Transaction,
    tenant: steward_kernel::TenantId,
    file: &Announced,
) -> steward_kernel::Result<i64> {
    let id = repository::insert(tx, tenant, file).await?;
    repository::count_use(tx, tenant, id, 1).await?;
    Ok(id)
}

#[cfg(test)]
pub(crate) use collect::collect as collect_unused;
