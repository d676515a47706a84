//! A file, and what a client is told to upload one.

use serde::Deserialize;
use serde_json::Value;
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
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ShownFile {
    /// The id, for the record that uses it.
    pub id: i64,
    /// What it is called.
    pub filename: String,
    /// Its media type.
    pub content_type: String,
    /// Its size in bytes.
    pub byte_size: i64,
    /// What is known of what is in it.
    #[serde(flatten)]
    pub facts: Facts,
    /// Where whoever has it may fetch the file for an hour; empty until [`show`](super::show)
    /// signs it.
    #[serde(skip)]
    pub url: String,
}

impl ShownFile {
    /// What is known of it, as an object: `byte_size`, and `width` and `height` in points of a
    /// picture or `pages` of a PDF.
    #[must_use]
    pub fn metadata(&self) -> Value {
        let Facts { width, height, pages } = self.facts;
        let known = [("width", width), ("height", height), ("pages", pages)];
        let known = known.into_iter().filter_map(|(name, value)| Some((name, value?.into())));
        [("byte_size", self.byte_size.into())]
            .into_iter()
            .chain(known)
            .map(|(name, value): (&str, Value)| (name.to_owned(), value))
            .collect()
    }

    /// Where a picture of it is: pictures are their own. Empty for other files.
    #[must_use]
    pub fn preview(&self) -> String {
        if self.content_type.starts_with("image/") { self.url.clone() } else { String::new() }
    }
}

impl From<File> for ShownFile {
    fn from(file: File) -> Self {
        let File { id, filename, content_type, byte_size, facts, uses: _ } = file;
        Self { id, filename, content_type, byte_size, facts, url: String::new() }
    }
}

/// What is known of what is in a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct Facts {
    /// Width of a picture in points.
    pub width: Option<i32>,
    /// Height of a picture in points.
    pub height: Option<i32>,
    /// Pages of a PDF.
    pub pages: Option<i32>,
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
    /// What is known of what is in it, since it was used first.
    pub facts: Facts,
    pub(super) uses: i32,
}
