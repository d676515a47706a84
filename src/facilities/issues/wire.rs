//! Issues between proto and model.

use steward_kernel::page::{Page, PageRequest};
use steward_kernel::time::Timestamp;
use steward_kernel::validate::Violations;
use steward_kernel::{Result, time};

use super::model::{IssueQuery, IssueStatus, IssueSummary, Rating};
use crate::pb;
use crate::property_unit_types::wire::property_unit_type as unit_type;
use crate::property_units::wire::unit_property;
use crate::wire::{PageFacts, instant, page, stored_address, timestamp};

pub fn query(message: pb::ListIssuesRequest) -> Result<IssueQuery> {
    let pb::ListIssuesRequest { page_number, page_size, from_date_time, to_date_time } = message;
    let mut violations = Violations::default();
    let page = PageRequest::read(page_number, page_size, &mut violations);
    let from = required_instant(&mut violations, "from_date_time", from_date_time);
    let to = required_instant(&mut violations, "to_date_time", to_date_time);
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        violations.rule("to_date_time", "The period must not end before it starts.");
    }
    let (from, to) = (from.unwrap_or_default(), to.unwrap_or_default());
    violations.finish(IssueQuery { page, from, to })
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
