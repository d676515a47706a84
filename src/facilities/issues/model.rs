//! Issues.

use std::time::Duration;

use steward_kernel::page::PageRequest;
use steward_kernel::time::Timestamp;

use crate::address::Address;
use crate::properties::model::PropertyReference;
use crate::property_unit_types::model::PropertyUnitType;

/// Where an issue stands. The numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i16)]
pub enum IssueStatus {
    /// Reported, not yet looked at.
    Reported = 1,
    /// Assigned to a service provider.
    Assigned = 2,
    /// Work has begun.
    InProgress = 3,
    /// Work waits for something.
    OnHold = 4,
    /// Work is done.
    Resolved = 5,
    /// Finished and accepted.
    Closed = 6,
    /// Refused.
    Rejected = 7,
}

impl IssueStatus {
    /// Reads the stored number. The column is checked, so another number is as good as new.
    #[must_use]
    pub const fn from_stored(number: i16) -> Self {
        match number {
            2 => Self::Assigned,
            3 => Self::InProgress,
            4 => Self::OnHold,
            5 => Self::Resolved,
            6 => Self::Closed,
            7 => Self::Rejected,
            _ => Self::Reported,
        }
    }
}

/// Which issues are asked for.
#[derive(Debug, Clone, Copy)]
pub struct IssueQuery {
    /// Which page.
    pub page: PageRequest,
    /// Created at this instant or later.
    pub from: Timestamp,
    /// Created at this instant or earlier.
    pub to: Timestamp,
}

/// An issue to record.
#[derive(Debug, Clone)]
pub struct NewIssue {
    /// Id of the unit.
    pub property_unit_id: i64,
    /// Id of who reports it.
    pub reporter_id: i64,
    /// Id of who carries out the work.
    pub service_provider_id: Option<i64>,
    /// What is wrong, in a few words.
    pub name: String,
    /// Trade the issue belongs to.
    pub category: String,
    /// Whether the issue cannot wait.
    pub urgent: bool,
    /// Where it stands.
    pub status: IssueStatus,
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
}

/// Hours within which an urgent issue should be answered.
const URGENT_TARGET: Duration = Duration::from_secs(4 * 3600);
/// Hours within which any other issue should be answered.
const TARGET: Duration = Duration::from_secs(48 * 3600);

impl IssueSummary {
    /// Whole minutes until the response target, 0 once answered or past.
    #[must_use]
    pub fn response_time_left(&self, now: Timestamp) -> i32 {
        if self.status != IssueStatus::Reported {
            return 0;
        }
        let target = if self.urgent { URGENT_TARGET } else { TARGET };
        let minutes = (self.created_at + target).seconds_since(now) / 60;
        i32::try_from(minutes.max(0)).unwrap_or(i32::MAX)
    }
}
