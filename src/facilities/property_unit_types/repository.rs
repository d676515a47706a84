//! Property unit types in the database.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, List, Listed, Record, ResultExt};
use steward_facilities_schema::{property_unit_type_details, property_unit_types};
use steward_kernel::list::Field;
use steward_kernel::{Error, Result, TenantId};

use super::actions::not_found;
use super::model::PropertyUnitType;

#[derive(Queryable, Selectable)]
#[diesel(table_name = property_unit_type_details, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    name: String,
    is_used: bool,
}

impl From<Row> for PropertyUnitType {
    fn from(row: Row) -> Self {
        Self { id: row.id, name: row.name, is_used: row.is_used }
    }
}

fn name_taken() -> Error {
    Error::rule("property_unit_type.name", "A property unit type with this name already exists.")
}

pub async fn insert(mut connection: &Connection, tenant: TenantId, name: &str) -> Result<i64> {
    diesel::insert_into(property_unit_types::table)
        .values((property_unit_types::tenant_id.eq(tenant.0), property_unit_types::name.eq(name)))
        .returning(property_unit_types::id)
        .get_result(&mut connection)
        .await
        .on_constraint("property_unit_types_tenant_name_key", name_taken)
}

impl Record for PropertyUnitType {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        not_found(id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<PropertyUnitType>> {
        let rows: Vec<Row> = property_unit_type_details::table
            .filter(property_unit_type_details::tenant_id.eq(tenant.0))
            .filter(property_unit_type_details::id.eq_any(ids))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(PropertyUnitType::from).collect())
    }
}

impl Listed for PropertyUnitType {
    const LIST: List = List {
        table: "facilities.property_unit_type_details",
        key: "id",
        only: "",
        search: "",
        counted: None,
        fields: &[
            Field::integer("id", "r.id"),
            Field::text("name", "r.name"),
            Field::boolean("is_used", "r.is_used"),
            Field::boolean("can_delete", "NOT r.is_used"),
        ],
    };
}

pub async fn rename(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    name: &str,
) -> Result<bool> {
    let changed = diesel::update(property_unit_types::table)
        .filter(property_unit_types::tenant_id.eq(tenant.0))
        .filter(property_unit_types::id.eq(id))
        .set((
            property_unit_types::name.eq(name),
            property_unit_types::updated_at.eq(diesel::dsl::now),
        ))
        .execute(&mut connection)
        .await
        .on_constraint("property_unit_types_tenant_name_key", name_taken)?;
    Ok(changed > 0)
}

pub async fn delete(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<bool> {
    let deleted = diesel::delete(property_unit_types::table)
        .filter(property_unit_types::tenant_id.eq(tenant.0))
        .filter(property_unit_types::id.eq(id))
        .execute(&mut connection)
        .await
        .on_constraint("property_units_type_fkey", || {
            Error::forbidden_action("The property unit type is in use and cannot be deleted.")
        })?;
    Ok(deleted > 0)
}
