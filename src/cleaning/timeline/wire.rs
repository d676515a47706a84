//! The timeline between proto and model.

use steward_kernel::Result;
use steward_kernel::list::Order;
use steward_kernel::local::Date;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::validate::Violations;

use super::model::{About, NewEntry, TimelineEntry};
use super::repository::NEWEST;
use crate::pb;
use crate::wire::{array, day, paged, timestamp};

/// What a list is narrowed to.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The client whom it is about.
    pub client_id: Option<i64>,
    /// The cleaner whom it is about.
    pub cleaner_id: Option<i64>,
    /// The visit that it is about.
    pub event_id: Option<i64>,
    /// What sort of thing it is.
    pub kind: Option<String>,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
}

/// Reads what a list is asked for.
pub fn query(request: pb::ListTimelineRequest) -> Result<(Asked, ListQuery)> {
    let pb::ListTimelineRequest {
        client_id,
        cleaner_id,
        kind,
        from,
        to,
        page_number,
        page_size,
        event_id,
    } = request;
    let mut violations = Violations::below("");
    let asked = Asked {
        client_id,
        cleaner_id,
        event_id,
        kind: violations.tidy("kind", kind, 40),
        from: day(&mut violations, "from", from),
        to: day(&mut violations, "to", to),
    };
    let mut query = paged(&mut violations, page_number, page_size, &[]);
    query.order.push(Order { field: NEWEST, descending: true });
    violations.finish((asked, query))
}

/// Reads what is to be written down.
pub fn new(request: pb::AddTimelineEntryRequest) -> Result<(NewEntry, About)> {
    let pb::AddTimelineEntryRequest { client_id, cleaner_id, text, kind, request_id, event_id } =
        request;
    let mut violations = Violations::below("");
    if [client_id, cleaner_id, request_id, event_id].iter().all(Option::is_none) {
        violations.required("client_id");
    }
    let kind = violations.tidy("kind", kind, 40).unwrap_or_else(|| "note".to_owned());
    let text = violations.required_tidy("text", Some(text), 1000);
    let about = About { request_id, event_id };
    violations.finish((NewEntry { kind, text, client_id, cleaner_id }, about))
}

/// Writes an entry.
pub fn entry(entry: TimelineEntry) -> pb::TimelineEntry {
    let TimelineEntry {
        id,
        written,
        about,
        is_system,
        author_user_id,
        created_at,
        updated_at,
        version,
    } = entry;
    let About { request_id, event_id } = about;
    let NewEntry { kind, text, client_id, cleaner_id } = written;
    pb::TimelineEntry {
        id,
        kind,
        text,
        client_id,
        cleaner_id,
        request_id,
        event_id,
        is_system,
        author_user_id,
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        version,
    }
}

/// Writes a page of entries.
pub fn list(page: Page<TimelineEntry>) -> pb::ListTimelineResponse {
    let total_pages = page.pages();
    let (items, total_count, page_number, page_size) = array(page, entry);
    pb::ListTimelineResponse {
        items,
        page_number,
        page_size,
        total_count,
        total_pages,
        has_previous_page: page_number > 1,
        has_next_page: page_number < total_pages,
    }
}
