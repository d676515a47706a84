//! Photos of items.

use steward_kernel::time::Timestamp;
use steward_platform::files::ShownFile;

/// Most photos of an item.
pub const MOST: usize = 20;

/// A photo of an item.
#[derive(Debug, Clone)]
pub struct ItemPhoto {
    /// Id.
    pub id: i64,
    /// Id of the item.
    pub item_id: i64,
    /// Place among the photos, from 0 without gaps; the first one stands for the item.
    pub position: i32,
    /// What is to be seen.
    pub alt: Option<String>,
    /// The picture.
    pub file: ShownFile,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// A photo to be added.
#[derive(Debug, Clone)]
pub struct PhotoInput {
    /// Signed id of the uploaded picture.
    pub attachment_id: String,
    /// Where among the photos; last when it is not said.
    pub position: Option<i32>,
    /// What is to be seen.
    pub alt: Option<String>,
}
