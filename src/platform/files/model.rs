//! A file, and what a client is told to upload one.

use serde::Deserialize;
use steward_kernel::time::Timestamp;

/// The largest file, in bytes.
pub const LARGEST: i64 = 10_485_760;

/// A file that a client announces.
#[derive(Debug, Clone)]
pub struct Announced {
    /// What it is called, with at most 255 letters.
    pub filename: String,
    /// Its media type, such as `image/png`.
    pub content_type: String,
    /// Its size in bytes.
    pub byte_size: i64,
}

/// A file that the server has made.
#[derive(Debug, Clone)]
pub struct Made<'a> {
    /// What it is called, with at most 255 letters.
    pub filename: &'a str,
    /// Its media type.
    pub content_type: &'a str,
    /// What is in it: 1 to [`LARGEST`] bytes.
    pub bytes: Vec<u8>,
}

/// How to upload an announced file.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Names the file when it is bound; good for 24 hours and any number of uses.
    pub signed_id: String,
    /// Where to PUT the bytes.
    pub url: String,
    /// Headers that have to be sent with them.
    pub headers: Vec<(&'static str, String)>,
    /// When the URL ends.
    pub expires_at: Timestamp,
}

/// A file as an answer shows it.
#[derive(Debug, Clone, Deserialize)]
pub struct ShownFile {
    /// The id, for the record that uses it.
    pub id: i64,
    /// What it is called.
    pub filename: String,
    /// Its media type.
    pub content_type: String,
    /// Its size in bytes.
    pub byte_size: i64,
    /// Where whoever has it may fetch the file for an hour; empty until [`show`](super::show)
    /// signs it.
    #[serde(skip)]
    pub url: String,
}

/// A file of a tenant.
#[derive(Debug, Clone)]
pub struct File {
    /// The id, for the record that uses it.
    pub id: i64,
    /// What it is called.
    pub filename: String,
    /// Its media type.
    pub content_type: String,
    /// Its size in bytes.
    pub byte_size: i64,
    pub(super) uses: i32,
}
