//! The only file that names the table of tenants.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, ResultExt};
use steward_kernel::{Result, TenantId};

use super::model::Tenant;
use crate::schema::tenants;

#[derive(Queryable, Selectable)]
#[diesel(table_name = tenants, check_for_backend(diesel::pg::Pg))]
struct TenantRow {
    id: i64,
    name: String,
}

impl From<TenantRow> for Tenant {
    fn from(TenantRow { id, name }: TenantRow) -> Self {
        Self { id: TenantId(id), name }
    }
}

pub(super) async fn insert(mut connection: &Connection, name: &str) -> Result<Tenant> {
    diesel::insert_into(tenants::table)
        .values(tenants::name.eq(name))
        .returning(TenantRow::as_returning())
        .get_result(&mut connection)
        .await
        .or_internal()
        .map(Tenant::from)
}

pub(super) async fn list(mut connection: &Connection) -> Result<Vec<Tenant>> {
    let rows: Vec<TenantRow> = tenants::table
        .order(tenants::id)
        .select(TenantRow::as_select())
        .load(&mut connection)
        .await
        .or_internal()?;
    Ok(rows.into_iter().map(Tenant::from).collect())
}

pub(super) async fn name(mut connection: &Connection, tenant: TenantId) -> Result<String> {
    tenants::table.find(tenant.0).select(tenants::name).first(&mut connection).await.or_internal()
}
