//! The settings for issues in the database.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, ResultExt};
use steward_facilities_schema::issue_settings;
use steward_kernel::{Result, TenantId};

use super::model::ResponseTargets;

pub async fn find(mut connection: &Connection, tenant: TenantId) -> Result<ResponseTargets> {
    let row: Option<(Option<i32>, Option<i32>)> = issue_settings::table
        .filter(issue_settings::tenant_id.eq(tenant.0))
        .select((issue_settings::urgent_response_minutes, issue_settings::response_minutes))
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    let (urgent_minutes, minutes) = row.unwrap_or_default();
    Ok(ResponseTargets { urgent_minutes, minutes })
}

pub async fn set(
    mut connection: &Connection,
    tenant: TenantId,
    targets: ResponseTargets,
) -> Result<()> {
    let values = (
        issue_settings::urgent_response_minutes.eq(targets.urgent_minutes),
        issue_settings::response_minutes.eq(targets.minutes),
        issue_settings::updated_at.eq(diesel::dsl::now),
    );
    diesel::insert_into(issue_settings::table)
        .values((issue_settings::tenant_id.eq(tenant.0), values))
        .on_conflict(issue_settings::tenant_id)
        .do_update()
        .set(values)
        .execute(&mut connection)
        .await
        .or_internal()?;
    Ok(())
}
