//! Properties in the database.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Json, List, Listed, Record, ResultExt};
use steward_facilities_schema::{properties, property_details, property_types};
use steward_kernel::list::{Field, count, joined};
use steward_kernel::{Error, Result, TenantId};

use super::actions::not_found;
use super::model::{Property, PropertyInput};
use crate::address::{self, Address, PostalAddress};
use crate::property_types::actions::not_found as property_type_not_found;
use crate::property_types::model::PropertyType;

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = properties, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Values<'a> {
    name: Option<&'a str>,
    custom_property_id: Option<&'a str>,
    property_type_id: Option<i64>,
    address: Json<&'a PostalAddress>,
}

impl<'a> From<&'a PropertyInput> for Values<'a> {
    fn from(input: &'a PropertyInput) -> Self {
        let PropertyInput { address, name, custom_property_id, property_type_id } = input;
        Self {
            name: name.as_deref(),
            custom_property_id: custom_property_id.as_deref(),
            property_type_id: *property_type_id,
            address: Json(address),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = property_details, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    name: Option<String>,
    custom_property_id: Option<String>,
    address: Json<Address>,
    is_active: bool,
    property_type: Option<Json<PropertyType>>,
}

impl From<Row> for Property {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            custom_property_id: row.custom_property_id,
            address: row.address.0,
            is_active: row.is_active,
            property_type: row.property_type.map(|property_type| property_type.0),
        }
    }
}

pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    input: &PropertyInput,
) -> Result<i64> {
    diesel::insert_into(properties::table)
        .values((properties::tenant_id.eq(tenant.0), Values::from(input)))
        .returning(properties::id)
        .get_result(&mut connection)
        .await
        .on_constraint("properties_property_type_fkey", || {
            property_type_not_found(input.property_type_id.unwrap_or_default())
        })
}

impl Record for Property {
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
    ) -> Result<Vec<Property>> {
        let rows: Vec<Row> = property_details::table
            .filter(property_details::tenant_id.eq(tenant.0))
            .filter(property_details::id.eq_any(ids))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Property::from).collect())
    }
}

impl Listed for Property {
    const LIST: List = List {
        table: "facilities.properties",
        key: "id",
        only: "",
        search: "r.search LIKE ?",
        counted: Some("facilities.properties"),
        fields: &FIELDS,
    };
}

const PARTS: &[&[Field]] = &[
    address::FIELDS,
    &[
        Field::integer("id", "r.id"),
        Field::text("name", "r.name"),
        Field::text("custom_property_id", "r.custom_property_id"),
        Field::boolean("is_active", "r.is_active"),
        Field::integer("property_type.id", "r.property_type_id"),
        Field::text(
            "property_type.name",
            "(SELECT t.name FROM facilities.property_types t
               WHERE t.tenant_id = r.tenant_id AND t.id = r.property_type_id)",
        ),
    ],
];

static FIELDS: [Field; count(PARTS)] = joined(PARTS);

pub async fn update(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    input: &PropertyInput,
) -> Result<bool> {
    let changed = diesel::update(properties::table)
        .filter(properties::tenant_id.eq(tenant.0))
        .filter(properties::id.eq(id))
        .set((Values::from(input), properties::updated_at.eq(diesel::dsl::now)))
        .execute(&mut connection)
        .await
        .on_constraint("properties_property_type_fkey", || {
            property_type_not_found(input.property_type_id.unwrap_or_default())
        })?;
    Ok(changed > 0)
}

pub async fn set_active(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    is_active: bool,
) -> Result<bool> {
    let changed = diesel::update(properties::table)
        .filter(properties::tenant_id.eq(tenant.0))
        .filter(properties::id.eq(id))
        .set((properties::is_active.eq(is_active), properties::updated_at.eq(diesel::dsl::now)))
        .execute(&mut connection)
        .await
        .or_internal()?;
    Ok(changed > 0)
}

pub async fn delete(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<bool> {
    let deleted = diesel::delete(properties::table)
        .filter(properties::tenant_id.eq(tenant.0))
        .filter(properties::id.eq(id))
        .execute(&mut connection)
        .await
        .on_constraint("property_units_property_fkey", || {
            Error::forbidden_action("The property has units and cannot be deleted.")
        })?;
    Ok(deleted > 0)
}

/// Whether a property type may be given to a property: it is in use, or the property has it
/// already. Nothing for an id that is no property type.
pub async fn may_have_type(
    mut connection: &Connection,
    tenant: TenantId,
    property: Option<i64>,
    property_type: i64,
) -> Result<Option<bool>> {
    let has_it = properties::table
        .filter(properties::tenant_id.eq(tenant.0))
        .filter(properties::id.eq(property.unwrap_or_default()))
        .filter(properties::property_type_id.eq(property_type))
        .select(properties::id);
    property_types::table
        .filter(property_types::tenant_id.eq(tenant.0))
        .filter(property_types::id.eq(property_type))
        .select(property_types::is_active.or(diesel::dsl::exists(has_it)))
        .first(&mut connection)
        .await
        .optional()
        .or_internal()
}
