//! Categories of items between proto and model.

use prost_types::FieldMask;
use steward_kernel::Result;
use steward_kernel::list::Order;
use steward_kernel::page::ListQuery;
use steward_kernel::validate::Violations;

use super::model::{Include, ItemCategory, ItemCategoryAnswer, ItemCategoryInput, Reassign};
use super::repository::PLACE;
use super::tree::Place;
use crate::bookings::read::Given;
use crate::pb;
use crate::wire::{FileMembers, count, include, timestamp, whole_page};

/// Reads what is to be written of a category.
pub fn input(message: Option<pb::ItemCategory>, mask: Option<&FieldMask>) -> ItemCategoryInput {
    let mut violations = Violations::below("item_category");
    let message = violations.required_message(message);
    let pb::ItemCategory {
        id: _,
        name,
        description,
        parent_id,
        position,
        depth: _,
        path: _,
        items_count: _,
        show_in_store,
        parent: _,
        children: _,
        created_at: _,
        updated_at: _,
        photo_id,
        photo_url: _,
        photo_preview: _,
        photo_filename: _,
        photo_content_type: _,
        photo_metadata: _,
        etag: _,
    } = message;
    let photo_id = violations.tidy("photo_id", photo_id, 500);
    ItemCategoryInput {
        name: violations.required_tidy("name", name, 80),
        description: violations.tidy("description", description, 2000),
        parent_id,
        position: read_position(&mut violations, position),
        show_in_store: show_in_store.unwrap_or(true),
        photo_id: Given(mask).or_null("photo_id", photo_id),
        refused: violations,
    }
}

fn read_position(violations: &mut Violations, position: Option<i32>) -> Option<usize> {
    let position = position?;
    let read = usize::try_from(position).ok();
    if read.is_none() {
        violations.named("position", "OUT_OF_RANGE", "The position starts at 0.");
    }
    read
}

/// Reads where a category is to go, and which field says so.
pub fn place(
    message: Option<pb::ItemCategoryPlace>,
    mask: Option<FieldMask>,
) -> Result<(Place, &'static str)> {
    let mut violations = Violations::below("place");
    let message = violations.required_message(message);
    let pb::ItemCategoryPlace { parent_id, position, before_id, after_id } = message;
    let at = read_position(&mut violations, position);
    let names_parent =
        mask.is_none_or(|mask| mask.paths.iter().any(|path| path == "parent_id" || path == "*"));
    let elsewhere = parent_id.is_some() || position.is_some();
    let place = match (before_id, after_id) {
        (Some(_), Some(_)) => {
            violations.rule("after_id", "After and before cannot be given together.");
            (Place::Among(None), "")
        }
        (Some(_), None) | (None, Some(_)) if elsewhere => {
            let field = if before_id.is_some() { "before_id" } else { "after_id" };
            violations.rule(field, "A neighbour is given instead of parent and position.");
            (Place::Among(None), "")
        }
        (Some(before), None) => (Place::Before(before), "place.before_id"),
        (None, Some(after)) => (Place::After(after), "place.after_id"),
        (None, None) if names_parent => (Place::Below(parent_id, at), "place.parent_id"),
        (None, None) => (Place::Among(at), "place.position"),
    };
    violations.finish(place)
}

/// Reads what becomes of what is in a category that is deleted.
pub fn reassign(given: Option<&str>) -> Result<Reassign> {
    let mut violations = Violations::default();
    let read = match given {
        None => Reassign::Refuse,
        Some("none") => Reassign::Rise,
        Some(id) => id.parse().map(Reassign::To).unwrap_or_else(|_| {
            violations.format("reassign_to", "It is neither the id of a category nor none.");
            Reassign::Refuse
        }),
    };
    violations.finish(read)
}

/// Reads what is to be answered beside a category.
pub fn included(given: Option<&str>) -> Result<Include> {
    let asked = include(given, &["parent", "children"])?;
    Ok(Include { parent: asked.contains(&"parent"), children: asked.contains(&"children") })
}

/// Reads which categories are asked for; they come in the order of the tree.
pub fn query(request: pb::ListItemCategoriesRequest) -> Result<ListQuery> {
    use steward_database::Listed;
    let pb::ListItemCategoriesRequest { page_number, page_size, filter } = request;
    let page = whole_page(page_number, page_size)?;
    let mut violations = Violations::default();
    let fields = ItemCategory::LIST.fields;
    let mut query = ListQuery::all(page).narrow(fields, filter, None, &mut violations);
    query.order = vec![Order { field: &PLACE, descending: false }];
    violations.finish(query)
}

/// Writes a category of which no more than the id is told.
pub fn bare(id: i64) -> pb::ItemCategory {
    pb::ItemCategory { id, ..pb::ItemCategory::default() }
}

/// Writes a category.
pub fn category(answer: impl Into<ItemCategoryAnswer>) -> pb::ItemCategory {
    let ItemCategoryAnswer { category: written, parent, children } = answer.into();
    let ItemCategory {
        id,
        parent_id,
        name,
        description,
        show_in_store,
        position,
        depth,
        path,
        items_count,
        created_at,
        updated_at,
        photo,
    } = written;
    let FileMembers { url, preview, filename, content_type, metadata } = photo.into();
    pb::ItemCategory {
        id,
        name: Some(name),
        description,
        parent_id,
        position: Some(position),
        depth,
        path,
        items_count: count(items_count),
        show_in_store: Some(show_in_store),
        parent: parent.map(|parent| Box::new(category(parent))),
        children: children.into_iter().map(category).collect(),
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        photo_id: None,
        photo_url: url,
        photo_preview: preview,
        photo_filename: filename,
        photo_content_type: content_type,
        photo_metadata: metadata,
        etag: String::new(),
    }
}
