//! The only file that writes zip codes.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::zip_codes;
use steward_database::{Connection, Instant, List, Listed, Record, ResultExt};
use steward_kernel::list::Field;
use steward_kernel::{Error, Result, TenantId, time};

use super::model::ZipCode;

#[derive(Queryable, Selectable)]
#[diesel(table_name = zip_codes, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    tenant_location_id: i64,
    zip: String,
    created_at: Instant,
    updated_at: Instant,
    version: i32,
}

impl From<Row> for ZipCode {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            tenant_location_id: row.tenant_location_id,
            zip: row.zip,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
        }
    }
}

/// Records zip codes of an area, save those that belong to any area already. Answers how many
/// were recorded.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    tenant_location_id: i64,
    codes: &[String],
) -> Result<usize> {
    let rows: Vec<_> = codes
        .iter()
        .map(|zip| {
            (
                zip_codes::tenant_id.eq(tenant.0),
                zip_codes::tenant_location_id.eq(tenant_location_id),
                zip_codes::zip.eq(zip),
            )
        })
        .collect();
    diesel::insert_into(zip_codes::table)
        .values(rows)
        .on_conflict_do_nothing()
        .execute(&mut connection)
        .await
        .or_internal()
}

/// Those of some codes that belong to an area.
pub async fn of_codes(
    mut connection: &Connection,
    tenant: TenantId,
    codes: &[String],
) -> Result<Vec<ZipCode>> {
    let rows: Vec<Row> = zip_codes::table
        .filter(zip_codes::tenant_id.eq(tenant.0))
        .filter(zip_codes::zip.eq_any(codes))
        .filter(zip_codes::deleted_at.is_null())
        .order(zip_codes::id)
        .select(Row::as_select())
        .load(&mut connection)
        .await
        .or_internal()?;
    Ok(rows.into_iter().map(ZipCode::from).collect())
}

/// Marks a zip code of an area as removed.
pub async fn delete(
    mut connection: &Connection,
    tenant: TenantId,
    tenant_location_id: i64,
    id: i64,
) -> Result<()> {
    let deleted = diesel::update(zip_codes::table.find((tenant.0, id)))
        .filter(zip_codes::tenant_location_id.eq(tenant_location_id))
        .filter(zip_codes::deleted_at.is_null())
        .set(zip_codes::deleted_at.eq(Instant(time::now())))
        .execute(&mut connection)
        .await
        .or_internal()?;
    if deleted == 0 { Err(ZipCode::not_found(id)) } else { Ok(()) }
}

impl Record for ZipCode {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("ZipCode", id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<ZipCode>> {
        let rows: Vec<Row> = zip_codes::table
            .filter(zip_codes::tenant_id.eq(tenant.0))
            .filter(zip_codes::id.eq_any(ids))
            .filter(zip_codes::deleted_at.is_null())
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(ZipCode::from).collect())
    }
}

impl Listed for ZipCode {
    const LIST: List = List {
        table: "cleaning.zip_codes",
        key: "id",
        only: "r.deleted_at IS NULL",
        search: "platform.fold_text(r.zip) LIKE ?",
        counted: None,
        fields: &FIELDS,
    };
}

pub static TENANT_LOCATION_ID: &Field = &FIELDS[0];
pub static BY_ZIP: &[&Field] = &[&FIELDS[1]];

static FIELDS: [Field; 2] =
    [Field::integer("tenant_location_id", "r.tenant_location_id"), Field::text("zip", "r.zip")];
