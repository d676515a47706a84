//! Comments between proto and model.

use steward_kernel::Result;
use steward_kernel::list::Order;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::validate::Violations;

use super::model::Comment;
use super::repository::NEWEST;
use crate::pb;
use crate::wire::{array, timestamp, whole};

/// Reads what is to be said of a user, and the user's id.
pub fn new(request: pb::AddCommentRequest) -> Result<(i64, String)> {
    let pb::AddCommentRequest { user_id, text } = request;
    let mut violations = Violations::below("");
    let user_id = violations.required_id("user_id", user_id);
    let text = violations.required_tidy("text", Some(text), 2000);
    violations.finish((user_id, text))
}

/// Reads what a list is asked for.
pub fn query(number: Option<i32>, size: Option<i32>) -> Result<ListQuery> {
    let mut violations = Violations::below("");
    let mut query = whole(&mut violations, number, size, &[]);
    query.order.push(Order { field: NEWEST, descending: true });
    violations.finish(query)
}

/// Writes a comment.
pub fn comment(comment: Comment) -> pb::Comment {
    let Comment { id, user_id, author_user_id, text, created_at, updated_at, version } = comment;
    let (created_at, updated_at) = (Some(timestamp(created_at)), Some(timestamp(updated_at)));
    pb::Comment { id, user_id, author_user_id, text, created_at, updated_at, version }
}

/// Writes comments.
pub fn list(page: Page<Comment>) -> pb::ListCommentsResponse {
    let (items, total_count, page_number, page_size) = array(page, comment);
    pb::ListCommentsResponse { items, total_count, page_number, page_size }
}
