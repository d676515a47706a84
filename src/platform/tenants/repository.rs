//! The only file that names the table of tenants.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, ResultExt};
use steward_kernel::{Error, Family, Result, TenantId, time};

use super::model::Tenant;
use crate::schema::tenants;

#[derive(Queryable, Selectable)]
#[diesel(table_name = tenants, check_for_backend(diesel::pg::Pg))]
struct TenantRow {
    id: i64,
    family: String,
    name: String,
    suspended_at: Option<Instant>,
}

impl TryFrom<TenantRow> for Tenant {
    type Error = Error;

    fn try_from(row: TenantRow) -> Result<Self> {
        let TenantRow { id, family: stored, name, suspended_at } = row;
        let is_suspended = suspended_at.is_some();
        Ok(Self { id: TenantId(id), family: family(&stored)?, name, is_suspended })
    }
}

/// The family that is stored by its name.
pub(crate) fn family(stored: &str) -> Result<Family> {
    Family::of_name(stored).ok_or_else(|| Error::internal("a family of a later version"))
}

pub(super) async fn insert(
    mut connection: &Connection,
    family: Family,
    name: &str,
) -> Result<Tenant> {
    diesel::insert_into(tenants::table)
        .values((tenants::family.eq(family.name()), tenants::name.eq(name)))
        .returning(TenantRow::as_returning())
        .get_result(&mut connection)
        .await
        .or_internal()
        .and_then(Tenant::try_from)
}

/// The tenant with an id.
pub(super) async fn find(mut connection: &Connection, id: TenantId) -> Result<Option<Tenant>> {
    tenants::table
        .find(id.0)
        .select(TenantRow::as_select())
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?
        .map(Tenant::try_from)
        .transpose()
}

pub(super) async fn list(mut connection: &Connection) -> Result<Vec<Tenant>> {
    let rows: Vec<TenantRow> = tenants::table
        .order(tenants::id)
        .select(TenantRow::as_select())
        .load(&mut connection)
        .await
        .or_internal()?;
    rows.into_iter().map(Tenant::try_from).collect()
}

/// Suspends a tenant, or lets it go on; nothing for an unknown one.
pub(super) async fn suspend(
    mut connection: &Connection,
    tenant: TenantId,
    suspended: bool,
) -> Result<Option<Tenant>> {
    let now = suspended.then(|| Instant(time::now()));
    diesel::update(tenants::table.find(tenant.0))
        .set(tenants::suspended_at.eq(now))
        .returning(TenantRow::as_returning())
        .get_result(&mut connection)
        .await
        .optional()
        .or_internal()?
        .map(Tenant::try_from)
        .transpose()
}

/// The ids of the tenants that are suspended.
pub(super) async fn suspended(mut connection: &Connection) -> Result<Vec<i64>> {
    tenants::table
        .filter(tenants::suspended_at.is_not_null())
        .select(tenants::id)
        .load(&mut connection)
        .await
        .or_internal()
}

/// Gives a tenant another name.
pub(super) async fn rename(
    mut connection: &Connection,
    tenant: TenantId,
    name: &str,
) -> Result<()> {
    diesel::update(tenants::table.find(tenant.0))
        .set(tenants::name.eq(name))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

pub(super) async fn name(mut connection: &Connection, tenant: TenantId) -> Result<String> {
    tenants::table.find(tenant.0).select(tenants::name).first(&mut connection).await.or_internal()
}
