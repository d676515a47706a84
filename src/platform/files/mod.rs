//! Files: asked for, uploaded by a signed URL, bound to a record, downloaded by a signed URL.
//!
//! 1. [`ask`] writes down what will come and answers a URL (15 min) and a signed id (24 h).
//! 2. The client PUTs the bytes to the URL; nothing of them passes an RPC.
//! 3. [`bind`], in the transaction of a record, checks size and content and counts the use;
//!    [`release`] takes it back.
//! 4. [`url()`] answers a URL that shows the file for an hour.
//!
//! What no record uses a day after it was announced is collected by a recurring job.

mod actions;
mod collect;
mod content;
mod model;
mod repository;
mod store;
#[cfg(test)]
mod tests;
mod web;

pub use actions::{ask, bind, release, url};
pub use collect::Collect;
pub use model::{Announced, File, LARGEST, Upload};
pub use store::Files;
pub use web::router;

pub(crate) use actions::{read as linked, unreachable};
pub(crate) use store::key;
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
];
