//! The only file that names the table of settings.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::{settings, tenants};
use steward_database::{Connection, Instant, Json, ResultExt};
use steward_kernel::{Result, TenantId};

use super::model::{Groups, TenantSettings};
use crate::tenants::not_found;

#[derive(Queryable, Selectable)]
#[diesel(table_name = settings, check_for_backend(diesel::pg::Pg))]
struct Row {
    tenant_id: i64,
    groups: Json<Groups>,
    created_at: Instant,
    updated_at: Instant,
}

/// Settings with the version of their company: what is shown of both has one etag.
impl From<(Row, i32)> for TenantSettings {
    fn from((row, version): (Row, i32)) -> Self {
        let Row { tenant_id, groups: Json(groups), created_at, updated_at } = row;
        let (created_at, updated_at) = (created_at.into(), updated_at.into());
        Self { id: TenantId(tenant_id), groups, created_at, updated_at, version }
    }
}

/// Records the settings of a tenant that was just made: nothing but defaults.
pub async fn insert(mut connection: &Connection, tenant: TenantId) -> Result<()> {
    diesel::insert_into(settings::table)
        .values(settings::tenant_id.eq(tenant.0))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// The settings of a company.
pub async fn find(mut connection: &Connection, tenant: TenantId) -> Result<TenantSettings> {
    let row: Option<(Row, i32)> = settings::table
        .inner_join(tenants::table.on(tenants::tenant_id.eq(settings::tenant_id)))
        .filter(settings::tenant_id.eq(tenant.0))
        .select((Row::as_select(), tenants::version))
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    row.map(TenantSettings::from).ok_or_else(|| not_found(tenant.0))
}

/// Replaces the settings of a company.
pub async fn update(
    mut connection: &Connection,
    tenant: TenantId,
    groups: &Groups,
) -> Result<TenantSettings> {
    diesel::update(settings::table.find(tenant.0))
        .set(settings::groups.eq(Json(groups.clone())))
        .execute(&mut connection)
        .await
        .or_internal()?;
    find(connection, tenant).await
}
