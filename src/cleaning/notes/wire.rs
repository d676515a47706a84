//! Notes between proto and model.

use steward_kernel::Result;
use steward_kernel::list::Order;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::validate::Violations;

use super::model::{About, NewNote, Note};
use super::repository::{NEWEST, PINNED};
use crate::pb;
use crate::wire::{array, timestamp, whole};

/// Reads what is to be noted.
pub fn new(request: pb::AddNoteRequest) -> Result<NewNote> {
    let pb::AddNoteRequest { cleaner_id, client_id, text, is_pinned } = request;
    let mut violations = Violations::below("");
    let about = match (client_id, cleaner_id) {
        (Some(id), None) => About::Client(id),
        (None, Some(id)) => About::Cleaner(id),
        (None, None) => {
            violations.required("cleaner_id");
            About::Cleaner(0)
        }
        (Some(_), Some(id)) => {
            violations.rule("cleaner_id", "A note is about a cleaner or about a client.");
            About::Cleaner(id)
        }
    };
    let text = violations.required_tidy("text", Some(text), 4000);
    violations.finish(NewNote { about, text, is_pinned: is_pinned.unwrap_or(false) })
}

/// Reads what a list is asked for.
pub fn query(number: Option<i32>, size: Option<i32>) -> Result<ListQuery> {
    let mut violations = Violations::below("");
    let mut query = whole(&mut violations, number, size, &[]);
    query.order = [PINNED, NEWEST].map(|field| Order { field, descending: true }).to_vec();
    violations.finish(query)
}

/// Writes a note.
pub fn note(note: Note) -> pb::Note {
    let Note {
        id,
        client_id,
        cleaner_id,
        text,
        is_pinned,
        author_user_id,
        created_at,
        updated_at,
        version,
    } = note;
    pb::Note {
        id,
        cleaner_id,
        client_id,
        text,
        is_pinned,
        author_user_id,
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        version,
    }
}

/// Writes notes.
pub fn list(page: Page<Note>) -> pb::ListNotesResponse {
    let (items, total_count, page_number, page_size) = array(page, note);
    pb::ListNotesResponse { items, total_count, page_number, page_size }
}
