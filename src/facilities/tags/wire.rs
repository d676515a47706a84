//! Tags between proto and model.

use steward_kernel::Result;
use steward_kernel::page::Page;
use steward_kernel::validate::Violations;

use super::model::Tag;
use crate::pb;
use crate::wire::{NAME, PageFacts, page};

pub fn input(message: Option<pb::TagInput>) -> Result<String> {
    let mut violations = Violations::below("tag");
    let pb::TagInput { name } = violations.required_message(message);
    let name = violations.required_text("name", name, NAME);
    violations.finish(name)
}

pub fn tag(tag: Tag) -> pb::Tag {
    let Tag { id, name } = tag;
    pb::Tag { id, name, etag: String::new() }
}

pub fn list(tags: Page<Tag>) -> pb::ListTagsResponse {
    let (facts, items) = page(tags, tag);
    let PageFacts { number_of_pages, total_items, page_size, current_page } = facts;
    pb::ListTagsResponse { number_of_pages, total_items, page_size, current_page, items }
}
