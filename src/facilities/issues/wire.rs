//! Issues between proto and model.

use steward_database::Listed;
use steward_kernel::page::{ListQuery, Page, PageRequest};
use steward_kernel::time::Timestamp;
use steward_kernel::validate::Violations;
use steward_kernel::{Result, time};

use super::model::{
    Comment, CommentInput, CommentQuery, Issue, IssueChange, IssueInput, IssueQuery, IssueStatus,
    IssueSummary, Rating, Watched,
};
use crate::attachments::wire::attached;
use crate::pb;
use crate::property_unit_types::wire::property_unit_type as unit_type;
use crate::property_units::wire::unit_property;
use crate::wire::{NAME, NOTE, PageFacts, count, instant, page, stored_address, timestamp};

pub fn query(message: pb::ListIssuesRequest) -> Result<IssueQuery> {
    let pb::ListIssuesRequest {
        page_number,
        page_size,
        from_date_time,
        to_date_time,
        status,
        property_unit_id,
        service_provider_id,
        urgent,
        filter,
        order_by,
        read_mask: _,
    } = message;
    let mut violations = Violations::default();
    let page = PageRequest::read(page_number, page_size, &mut violations);
    let fields = IssueSummary::LIST.fields;
    let list = ListQuery::all(page).narrow(fields, filter, order_by, &mut violations);
    let from = required_instant(&mut violations, "from_date_time", from_date_time);
    let to = required_instant(&mut violations, "to_date_time", to_date_time);
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        violations.rule("to_date_time", "The period must not end before it starts.");
    }
    let wanted = status.map(stored_status);
    if wanted == Some(None) {
        violations.rule("status", "There is no such status.");
    }
    violations.finish(IssueQuery {
        list,
        from: from.unwrap_or_default(),
        to: to.unwrap_or_default(),
        status: wanted.flatten(),
        property_unit_id,
        service_provider_id,
        urgent,
    })
}

/// Reads what a client writes of an issue.
pub fn input(message: Option<pb::IssueInput>) -> Result<IssueInput> {
    let mut violations = Violations::below("issue");
    let pb::IssueInput {
        property_unit_id,
        reporter_id,
        name,
        description,
        category,
        issue_manager_id,
        urgent,
        property_users_involved,
        user_reference_id,
    } = violations.required_message(message);
    let input = IssueInput {
        property_unit_id: violations.required_id("property_unit_id", property_unit_id),
        reporter_id: violations.required_id("reporter_id", reporter_id),
        name: violations.required_text("name", name, NAME),
        description: violations.text("description", description, NOTE),
        category: violations.text("category", category, NAME),
        issue_manager_id,
        urgent: urgent.unwrap_or(false),
        property_users_involved: property_users_involved.unwrap_or(false),
        user_reference_id: violations.text("user_reference_id", user_reference_id, NAME),
    };
    violations.finish(input)
}

/// Reads what a client writes of a comment.
pub fn comment_input(message: Option<pb::IssueCommentInput>) -> Result<CommentInput> {
    let mut violations = Violations::below("comment");
    let pb::IssueCommentInput { author_id, text } = violations.required_message(message);
    let input = CommentInput {
        author_id: violations.required_id("author_id", author_id),
        text: violations.required_text("text", text, NOTE),
    };
    violations.finish(input)
}

pub fn comment_query(message: pb::ListIssueCommentsRequest) -> Result<CommentQuery> {
    let pb::ListIssueCommentsRequest {
        issue_id,
        page_number,
        page_size,
        filter,
        order_by,
        read_mask: _,
    } = message;
    let mut violations = Violations::default();
    let page = PageRequest::read(page_number, page_size, &mut violations);
    let fields = Comment::LIST.fields;
    let list = ListQuery::all(page).narrow(fields, filter, order_by, &mut violations);
    violations.finish(CommentQuery { issue_id, list })
}

pub fn comment(comment: Comment) -> pb::IssueComment {
    let Comment { id, issue_id: _, author_id, author_name, text, created_at } = comment;
    pb::IssueComment { id, author_id, author_name, text, created: Some(timestamp(created_at)) }
}

pub fn comments(comments: Page<Comment>) -> pb::ListIssueCommentsResponse {
    let (facts, items) = page(comments, comment);
    let PageFacts { number_of_pages, total_items, page_size, current_page } = facts;
    pb::ListIssueCommentsResponse { number_of_pages, total_items, page_size, current_page, items }
}

pub fn issue(issue: Issue) -> pb::Issue {
    let Issue {
        summary: summarized,
        issue_manager_id,
        service_provider_id,
        service_provider_name,
        comments,
        attachments,
    } = issue;
    let response_due = summarized.response_due();
    // The minutes that are left change by themselves, so they are no part of a resource with
    // an etag.
    let pb::IssueSummary {
        id,
        name,
        description,
        category,
        reporter_id,
        reporter_name,
        issue_manager_name,
        urgent,
        property_users_involved,
        status,
        created,
        modified,
        response_time_left: _,
        user_reference_id,
        rejection_comment,
        property_unit,
        overall_rating,
    } = summary(summarized, Timestamp::default());
    pb::Issue {
        id,
        name,
        description,
        category,
        reporter_id,
        reporter_name,
        issue_manager_id,
        issue_manager_name,
        service_provider_id,
        service_provider_name,
        urgent,
        property_users_involved,
        status,
        created,
        modified,
        response_due: response_due.map(timestamp),
        user_reference_id,
        rejection_comment,
        property_unit,
        overall_rating,
        number_of_comments: count(comments),
        etag: String::new(),
        attachments: attachments.into_iter().map(attached).collect(),
    }
}

fn required_instant(
    violations: &mut Violations,
    field: &str,
    value: Option<prost_types::Timestamp>,
) -> Option<Timestamp> {
    if value.is_none() {
        violations.required(field);
    }
    instant(violations, field, value)
}

pub fn list(issues: Page<IssueSummary>) -> pb::ListIssuesResponse {
    let now = time::now();
    let (facts, items) = page(issues, |issue| summary(issue, now));
    let PageFacts { number_of_pages, total_items, page_size, current_page } = facts;
    pb::ListIssuesResponse { number_of_pages, total_items, page_size, current_page, items }
}

fn summary(issue: IssueSummary, now: Timestamp) -> pb::IssueSummary {
    let response_time_left = issue.response_time_left(now);
    let IssueSummary {
        id,
        name,
        description,
        category,
        reporter_id,
        reporter_name,
        issue_manager_name,
        urgent,
        property_users_involved,
        status,
        created_at,
        updated_at,
        user_reference_id,
        rejection_comment,
        rating,
        property_unit_id,
        floor,
        address,
        property_unit_type,
        property,
        response_minutes: _,
    } = issue;
    pb::IssueSummary {
        id,
        name,
        description,
        category,
        reporter_id,
        reporter_name,
        issue_manager_name,
        urgent,
        property_users_involved,
        status: issue_status(status),
        created: Some(timestamp(created_at)),
        modified: Some(timestamp(updated_at)),
        response_time_left,
        user_reference_id,
        rejection_comment,
        property_unit: Some(pb::IssueUnit {
            id: property_unit_id,
            address: Some(stored_address(address)),
            floor,
            property_unit_type: property_unit_type.map(unit_type),
            property: Some(unit_property(property)),
        }),
        overall_rating: rating.map(issue_rating),
    }
}

fn issue_rating(rating: Rating) -> pb::IssueRating {
    let Rating { points, comment, kind, user, rated_at } = rating;
    pb::IssueRating {
        rating: points.into(),
        comment,
        r#type: kind.into(),
        user,
        last_rated_date: Some(timestamp(rated_at)),
    }
}

fn issue_status(status: IssueStatus) -> i32 {
    let status = match status {
        IssueStatus::Reported => pb::IssueStatus::Reported,
        IssueStatus::Assigned => pb::IssueStatus::Assigned,
        IssueStatus::InProgress => pb::IssueStatus::InProgress,
        IssueStatus::OnHold => pb::IssueStatus::OnHold,
        IssueStatus::Resolved => pb::IssueStatus::Resolved,
        IssueStatus::Closed => pb::IssueStatus::Closed,
        IssueStatus::Rejected => pb::IssueStatus::Rejected,
    };
    status.into()
}

pub fn watched(watched: Watched) -> pb::WatchIssuesResponse {
    let Watched { change, cursor } = watched;
    let change = change.map(|IssueChange { event_type, issue: changed }| pb::IssueChange {
        r#type: event_type,
        issue: Some(issue(changed)),
        sequence: cursor,
    });
    pb::WatchIssuesResponse { change, cursor }
}

/// The status a client names; nothing for one that is none.
fn stored_status(number: i32) -> Option<IssueStatus> {
    Some(match pb::IssueStatus::try_from(number).ok()? {
        pb::IssueStatus::Unspecified => return None,
        pb::IssueStatus::Reported => IssueStatus::Reported,
        pb::IssueStatus::Assigned => IssueStatus::Assigned,
        pb::IssueStatus::InProgress => IssueStatus::InProgress,
        pb::IssueStatus::OnHold => IssueStatus::OnHold,
        pb::IssueStatus::Resolved => IssueStatus::Resolved,
        pb::IssueStatus::Closed => IssueStatus::Closed,
        pb::IssueStatus::Rejected => IssueStatus::Rejected,
    })
}
