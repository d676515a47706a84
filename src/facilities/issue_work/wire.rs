//! The work on issues between proto and model.

use steward_kernel::Result;
use steward_kernel::validate::Violations;

use super::model::{RatingInput, Step};
use crate::pb;
use crate::wire::NOTE;

pub fn assign(message: pb::AssignIssueRequest) -> Result<(i64, Step)> {
    let pb::AssignIssueRequest { issue_id, service_provider_id, etag: _ } = message;
    let mut violations = Violations::default();
    let service_provider_id = violations.required_id("service_provider_id", service_provider_id);
    violations.finish((issue_id, Step::Assign { service_provider_id }))
}

pub fn reject(message: pb::RejectIssueRequest) -> Result<(i64, Step)> {
    let pb::RejectIssueRequest { issue_id, comment, etag: _ } = message;
    let mut violations = Violations::default();
    let comment = violations.required_text("comment", comment, NOTE);
    violations.finish((issue_id, Step::Reject { comment }))
}

pub fn rating(message: pb::RateIssueRequest) -> Result<(i64, RatingInput)> {
    let pb::RateIssueRequest { issue_id, rater_id, rating, comment, etag: _ } = message;
    let mut violations = Violations::default();
    if rating == 0 {
        violations.required("rating");
    }
    let points = i16::try_from(rating).ok().filter(|points| (0..=5).contains(points));
    if points.is_none() {
        violations.rule("rating", "The rating is between 1 and 5.");
    }
    let input = RatingInput {
        rater_id: violations.required_id("rater_id", rater_id),
        points: points.unwrap_or_default(),
        comment: violations.text("comment", comment, NOTE),
    };
    violations.finish((issue_id, input))
}
