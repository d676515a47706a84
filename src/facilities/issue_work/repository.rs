//! The work on issues in the database.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, ResultExt};
use steward_facilities_schema::{issue_summaries, issues};
use steward_kernel::{Result, TenantId};

use super::model::{Credit, RatingInput};
use crate::issues::model::Standing;

/// Stores where an issue stands. A provider or a comment that is not given stays as it is.
pub async fn set_standing(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    standing: Standing,
    service_provider_id: Option<i64>,
    rejection_comment: Option<&str>,
) -> Result<()> {
    let Standing { status, held_from, since } = standing;
    diesel::update(issues::table)
        .filter(issues::tenant_id.eq(tenant.0))
        .filter(issues::id.eq(id))
        .set((
            issues::status.eq(status as i16),
            issues::held_from.eq(held_from.map(|status| status as i16)),
            issues::status_changed_at.eq(Instant(since)),
            service_provider_id.map(|provider| issues::service_provider_id.eq(provider)),
            rejection_comment.map(|comment| issues::rejection_comment.eq(comment)),
            issues::updated_at.eq(diesel::dsl::now),
        ))
        .execute(&mut connection)
        .await
        .or_internal()?;
    Ok(())
}

/// Who would be rated now: the manager and the service provider of an issue.
pub async fn rated(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
) -> Result<(Option<i64>, Option<i64>)> {
    issue_summaries::table
        .filter(issue_summaries::tenant_id.eq(tenant.0))
        .filter(issue_summaries::id.eq(id))
        .select((issue_summaries::issue_manager_id, issue_summaries::service_provider_id))
        .first(&mut connection)
        .await
        .or_internal()
}

/// The present rating of an issue.
pub async fn credit(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
) -> Result<Option<Credit>> {
    let (points, manager_id, provider_id): (Option<i16>, Option<i64>, Option<i64>) = issues::table
        .filter(issues::tenant_id.eq(tenant.0))
        .filter(issues::id.eq(id))
        .select((issues::rating, issues::rated_manager_id, issues::rated_provider_id))
        .first(&mut connection)
        .await
        .or_internal()?;
    Ok(points.map(|points| Credit { points, manager_id, provider_id }))
}

/// Stores the rating of an issue.
pub async fn set_rating(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    input: &RatingInput,
    kind: i16,
    credit: Credit,
) -> Result<()> {
    let RatingInput { rater_id, points, comment } = input;
    diesel::update(issues::table)
        .filter(issues::tenant_id.eq(tenant.0))
        .filter(issues::id.eq(id))
        .set((
            issues::rating.eq(points),
            issues::rating_comment.eq(comment),
            issues::rating_type.eq(kind),
            issues::rated_by.eq(rater_id),
            issues::rated_at.eq(diesel::dsl::now),
            issues::rated_manager_id.eq(credit.manager_id),
            issues::rated_provider_id.eq(credit.provider_id),
            issues::updated_at.eq(diesel::dsl::now),
        ))
        .execute(&mut connection)
        .await
        .or_internal()?;
    Ok(())
}
