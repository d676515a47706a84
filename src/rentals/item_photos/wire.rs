//! Photos of items between proto and model.

use steward_kernel::Result;
use steward_kernel::validate::Violations;
use steward_platform::files::{Facts, ShownFile};

use super::model::{ItemPhoto, MOST, PhotoInput};
use crate::pb;
use crate::wire::{timestamp, within};

/// Reads a photo to be added.
pub fn input(message: Option<pb::ItemPhoto>) -> Result<PhotoInput> {
    let mut violations = Violations::below("item_photo");
    let message = violations.required_message(message);
    let last = i32::try_from(MOST).unwrap_or(i32::MAX) - 1;
    let input = PhotoInput {
        attachment_id: violations.required_tidy("attachment_id", message.attachment_id, 500),
        position: within(&mut violations, "position", message.position, 0..=last),
        alt: violations.tidy("alt", message.alt, 160),
    };
    violations.finish(input)
}

/// Writes a photo.
pub fn photo(photo: ItemPhoto) -> pb::ItemPhoto {
    let ItemPhoto { id, item_id: _, position, alt, file, created_at, updated_at } = photo;
    let (metadata, preview) = (file.metadata().to_string(), file.preview());
    let ShownFile { id: _, filename, content_type, byte_size: _, facts, url } = file;
    let Facts { width, height, pages: _ } = facts;
    pb::ItemPhoto {
        id,
        attachment_id: None,
        position: Some(position),
        alt,
        url: Some(url),
        filename: Some(filename),
        content_type: Some(content_type),
        metadata: Some(metadata),
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        etag: String::new(),
        preview: Some(preview),
        width,
        height,
    }
}
