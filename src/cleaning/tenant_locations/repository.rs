//! The only file that names the table of areas.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::{counted_tenant_locations, tenant_locations, zip_codes};
use steward_database::{Connection, Instant, List, Listed, Record, ResultExt};
use steward_kernel::list::Field;
use steward_kernel::{Error, Result, TenantId, time};

use super::model::{NewTenantLocation, TenantLocation, name_taken};

#[derive(Queryable, Selectable)]
#[diesel(table_name = counted_tenant_locations, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    name: String,
    description: Option<String>,
    is_active: bool,
    zip_code_count: i64,
    service_count: i64,
    cleaner_count: i64,
    created_at: Instant,
    updated_at: Instant,
    version: i32,
}

impl From<Row> for TenantLocation {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            is_active: row.is_active,
            zip_code_count: row.zip_code_count,
            service_count: row.service_count,
            cleaner_count: row.cleaner_count,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
        }
    }
}

/// Records an area; answers its id.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    new: &NewTenantLocation,
) -> Result<i64> {
    let NewTenantLocation { name, description, is_active, zip_codes: _ } = new;
    diesel::insert_into(tenant_locations::table)
        .values((
            tenant_locations::tenant_id.eq(tenant.0),
            tenant_locations::name.eq(name),
            tenant_locations::description.eq(description),
            tenant_locations::is_active.eq(is_active),
        ))
        .returning(tenant_locations::id)
        .get_result(&mut connection)
        .await
        .on_constraint("tenant_locations_name_key", name_taken)
}

/// Marks an area as deleted, and sets its zip codes free.
pub async fn delete(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<()> {
    let now = Instant(time::now());
    let deleted = diesel::update(tenant_locations::table.find((tenant.0, id)))
        .filter(tenant_locations::deleted_at.is_null())
        .set(tenant_locations::deleted_at.eq(now))
        .execute(&mut connection)
        .await
        .or_internal()?;
    if deleted == 0 {
        return Err(TenantLocation::not_found(id));
    }
    diesel::update(zip_codes::table)
        .filter(zip_codes::tenant_id.eq(tenant.0))
        .filter(zip_codes::tenant_location_id.eq(id))
        .filter(zip_codes::deleted_at.is_null())
        .set(zip_codes::deleted_at.eq(now))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// The active area that a zip code belongs to.
pub async fn of_zip(
    mut connection: &Connection,
    tenant: TenantId,
    zip: &str,
) -> Result<Option<TenantLocation>> {
    let of = zip_codes::table
        .filter(zip_codes::tenant_id.eq(tenant.0))
        .filter(zip_codes::zip.eq(zip))
        .filter(zip_codes::deleted_at.is_null())
        .select(zip_codes::tenant_location_id);
    let row: Option<Row> = counted_tenant_locations::table
        .filter(counted_tenant_locations::tenant_id.eq(tenant.0))
        .filter(counted_tenant_locations::id.eq_any(of))
        .filter(counted_tenant_locations::is_active)
        .filter(counted_tenant_locations::deleted_at.is_null())
        .select(Row::as_select())
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    Ok(row.map(TenantLocation::from))
}

impl Record for TenantLocation {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("TenantLocation", id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<TenantLocation>> {
        let rows: Vec<Row> = counted_tenant_locations::table
            .filter(counted_tenant_locations::tenant_id.eq(tenant.0))
            .filter(counted_tenant_locations::id.eq_any(ids))
            .filter(counted_tenant_locations::deleted_at.is_null())
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(TenantLocation::from).collect())
    }
}

impl Listed for TenantLocation {
    const LIST: List = List {
        table: "cleaning.tenant_locations",
        key: "id",
        only: "r.deleted_at IS NULL",
        search: "",
        counted: None,
        fields: &FIELDS,
    };
}

pub static IS_ACTIVE: &Field = &FIELDS[0];

pub static CLEANERS: &Field = &FIELDS[1];

static FIELDS: [Field; 2] = [
    Field::boolean("is_active", "r.is_active"),
    Field::texts(
        "cleaner_ids",
        "ARRAY(SELECT a.cleaner_id::text FROM cleaning.cleaner_areas a \
         WHERE a.tenant_id = r.tenant_id AND a.tenant_location_id = r.id)",
    ),
];
