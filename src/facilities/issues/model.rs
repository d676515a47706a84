//! Issues.

use std::time::Duration;

use steward_kernel::page::ListQuery;
use steward_kernel::time::Timestamp;
use steward_platform::files::ShownFile;

use crate::address::Address;
use crate::attachments::model::{Attached, ShowsFiles};
use crate::properties::model::PropertyReference;
use crate::property_unit_types::model::PropertyUnitType;

pub use super::status::{IssueStatus, Standing, Verb};

/// Which issues are asked for.
#[derive(Debug, Clone)]
pub struct IssueQuery {
    /// Which page, and what it is narrowed down to.
    pub list: ListQuery,
    /// Created at this instant or later.
    pub from: Timestamp,
    /// Created at this instant or earlier.
    pub to: Timestamp,
    /// Standing here.
    pub status: Option<IssueStatus>,
    /// Of this unit.
    pub property_unit_id: Option<i64>,
    /// Assigned to this service provider.
    pub service_provider_id: Option<i64>,
    /// Urgent, or not.
    pub urgent: Option<bool>,
}

/// What a client writes of an issue.
#[derive(Debug, Clone)]
pub struct IssueInput {
    /// Id of the unit.
    pub property_unit_id: i64,
    /// Id of who reports it.
    pub reporter_id: i64,
    /// What is wrong, in a few words.
    pub name: String,
    /// What is wrong, in full.
    pub description: Option<String>,
    /// Trade the issue belongs to.
    pub category: Option<String>,
    /// Id of the manager who looks after it, when that is not the unit's.
    pub issue_manager_id: Option<i64>,
    /// Whether the issue cannot wait.
    pub urgent: bool,
    /// Whether property users of the unit take part.
    pub property_users_involved: bool,
    /// The reporter's own reference.
    pub user_reference_id: Option<String>,
}

/// A rating of the work on an issue.
#[derive(Debug, Clone)]
pub struct Rating {
    /// Points, 1 to 5.
    pub points: i16,
    /// Remark of the rater.
    pub comment: Option<String>,
    /// 1 manager, 2 property user, 3 owner.
    pub kind: i16,
    /// Name of the rater.
    pub user: String,
    /// When the rating was given or changed.
    pub rated_at: Timestamp,
}

/// An issue as a list shows one.
#[derive(Debug, Clone)]
pub struct IssueSummary {
    /// Id, unique within the tenant.
    pub id: i64,
    /// What is wrong, in a few words.
    pub name: String,
    /// What is wrong, in full.
    pub description: Option<String>,
    /// Trade the issue belongs to.
    pub category: Option<String>,
    /// Id of the reporter.
    pub reporter_id: i64,
    /// Name of the reporter.
    pub reporter_name: String,
    /// Name of who looks after the issue.
    pub issue_manager_name: Option<String>,
    /// Whether the issue cannot wait.
    pub urgent: bool,
    /// Whether property users of the unit take part.
    pub property_users_involved: bool,
    /// Where the issue stands.
    pub status: IssueStatus,
    /// When it was reported.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// The reporter's own reference.
    pub user_reference_id: Option<String>,
    /// Why it was rejected.
    pub rejection_comment: Option<String>,
    /// The latest rating.
    pub rating: Option<Rating>,
    /// Id of the unit.
    pub property_unit_id: i64,
    /// Floor of the unit.
    pub floor: Option<i32>,
    /// Where the unit is.
    pub address: Address,
    /// Type of the unit.
    pub property_unit_type: Option<PropertyUnitType>,
    /// The property the unit belongs to.
    pub property: PropertyReference,
    /// Minutes within which the tenant wants the issue answered.
    pub response_minutes: i32,
}

impl IssueSummary {
    /// Until when the tenant wants the issue answered; nothing once it is.
    #[must_use]
    pub fn response_due(&self) -> Option<Timestamp> {
        let target = Duration::from_secs(60 * u64::from(self.response_minutes.unsigned_abs()));
        (self.status == IssueStatus::Reported).then(|| self.created_at + target)
    }

    /// Whole minutes until the response target, 0 once answered or past.
    #[must_use]
    pub fn response_time_left(&self, now: Timestamp) -> i32 {
        let left = self.response_due().map_or(0, |due| due.seconds_since(now) / 60);
        i32::try_from(left.max(0)).unwrap_or(i32::MAX)
    }
}

/// An issue with all details.
#[derive(Debug, Clone)]
pub struct Issue {
    /// What a list shows of it.
    pub summary: IssueSummary,
    /// Id of who looks after the issue.
    pub issue_manager_id: Option<i64>,
    /// Id of who carries out the work.
    pub service_provider_id: Option<i64>,
    /// Name of who carries out the work.
    pub service_provider_name: Option<String>,
    /// How many comments there are.
    pub comments: i64,
    /// Attached files, ordered by id; the pictures are the photos of the issue.
    pub attachments: Vec<Attached>,
}

impl ShowsFiles for Issue {
    fn files(&mut self) -> Vec<&mut ShownFile> {
        self.attachments.iter_mut().map(|attached| &mut attached.file).collect()
    }
}

/// What a client writes of a comment.
#[derive(Debug, Clone)]
pub struct CommentInput {
    /// Id of who writes it.
    pub author_id: i64,
    /// What is written.
    pub text: String,
}

/// Which comments are asked for.
#[derive(Debug, Clone)]
pub struct CommentQuery {
    /// Id of the issue.
    pub issue_id: i64,
    /// Which page, and what it is narrowed down to.
    pub list: ListQuery,
}

/// A comment on an issue.
#[derive(Debug, Clone)]
pub struct Comment {
    /// Id, unique within the tenant.
    pub id: i64,
    /// The issue it is on.
    pub issue_id: i64,
    /// Id of who wrote it.
    pub author_id: i64,
    /// Name of who wrote it.
    pub author_name: String,
    /// What was written.
    pub text: String,
    /// When it was written.
    pub created_at: Timestamp,
}

/// What happened to an issue.
#[derive(Debug, Clone)]
pub struct IssueChange {
    /// `facilities.issue.assigned`
    pub event_type: String,
    /// The issue as it stands now.
    pub issue: Issue,
}

/// What a watch sends.
#[derive(Debug, Clone)]
pub struct Watched {
    /// Absent in a heartbeat.
    pub change: Option<IssueChange>,
    /// The cursor to resume with.
    pub cursor: i64,
}
