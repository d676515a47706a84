//! The lists between proto and model.

use steward_kernel::Result;
use steward_kernel::page::ListQuery;
use steward_kernel::validate::Violations;

use super::model::{Choice, ChurnReason, LeadSource};
use crate::pb;
use crate::wire::{timestamp, whole};

/// Reads what a list is asked for.
pub fn query(number: Option<i32>, size: Option<i32>) -> Result<ListQuery> {
    let mut violations = Violations::below("");
    let query = whole(&mut violations, number, size, &[]);
    violations.finish(query)
}

/// Writes from where somebody comes.
pub fn lead_source(LeadSource(choice): LeadSource) -> pb::LeadSource {
    let Choice { id, kind, name, is_active, is_system, created_at, updated_at, version } = choice;
    let (created_at, updated_at) = (Some(timestamp(created_at)), Some(timestamp(updated_at)));
    pb::LeadSource { id, name, is_active, is_system, created_at, updated_at, version, kind }
}

/// Writes why somebody leaves.
pub fn churn_reason(ChurnReason(choice): ChurnReason) -> pb::ChurnReason {
    let Choice { id, kind, name, is_active, is_system, created_at, updated_at, version } = choice;
    let (created_at, updated_at) = (Some(timestamp(created_at)), Some(timestamp(updated_at)));
    pb::ChurnReason { id, name, is_active, is_system, created_at, updated_at, version, kind }
}
