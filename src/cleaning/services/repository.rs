//! The only file that names the table of services.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use rust_decimal::Decimal;
use steward_cleaning_schema::services;
use steward_database::{Connection, Instant, List, Listed, Record, ResultExt};
use steward_kernel::list::Field;
use steward_kernel::{Error, Result, TenantId};

use super::extra_rates;
use super::model::{ExtraRate, Service, ServiceInput, name_taken};

#[derive(Queryable, Selectable)]
#[diesel(table_name = services, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    tenant_location_id: i64,
    name: String,
    description: Option<String>,
    kind: i16,
    min_hours: Decimal,
    max_hours: Decimal,
    step_hours: Decimal,
    is_active: bool,
    sort_order: i32,
    created_at: Instant,
    updated_at: Instant,
    version: i32,
}

impl Row {
    fn with(self, extra_rates: Vec<ExtraRate>) -> Service {
        Service {
            id: self.id,
            tenant_location_id: self.tenant_location_id,
            name: self.name,
            description: self.description,
            kind: self.kind,
            min_hours: self.min_hours,
            max_hours: self.max_hours,
            step_hours: self.step_hours,
            is_active: self.is_active,
            sort_order: self.sort_order,
            extra_rates,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
            version: self.version,
        }
    }
}

/// The columns that an admin writes.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = services, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Written<'a> {
    name: &'a str,
    description: Option<&'a str>,
    kind: i16,
    min_hours: Decimal,
    max_hours: Decimal,
    step_hours: Decimal,
    is_active: bool,
    sort_order: i32,
}

impl<'a> From<&'a ServiceInput> for Written<'a> {
    fn from(input: &'a ServiceInput) -> Self {
        let ServiceInput {
            name,
            description,
            kind,
            min_hours,
            max_hours,
            step_hours,
            is_active,
            sort_order,
            extra_rates: _,
        } = input;
        Self {
            name,
            description: description.as_deref(),
            kind: *kind,
            min_hours: *min_hours,
            max_hours: *max_hours,
            step_hours: *step_hours,
            is_active: *is_active,
            sort_order: *sort_order,
        }
    }
}

/// Records a service of an area, without extras; answers its id.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    tenant_location_id: i64,
    input: &ServiceInput,
) -> Result<i64> {
    diesel::insert_into(services::table)
        .values((
            services::tenant_id.eq(tenant.0),
            services::tenant_location_id.eq(tenant_location_id),
            Written::from(input),
        ))
        .returning(services::id)
        .get_result(&mut connection)
        .await
        .on_constraint("services_name_key", name_taken)
}

/// Replaces what is written of a service, save its extras.
pub async fn update(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    input: &ServiceInput,
) -> Result<()> {
    let updated = diesel::update(services::table.find((tenant.0, id)))
        .set(Written::from(input))
        .execute(&mut connection)
        .await
        .on_constraint("services_name_key", name_taken)?;
    if updated == 0 { Err(Service::not_found(id)) } else { Ok(()) }
}

impl Record for Service {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("Service", id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<Service>> {
        let rows: Vec<Row> = services::table
            .filter(services::tenant_id.eq(tenant.0))
            .filter(services::id.eq_any(ids))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        let mut extras = extra_rates::of_services(connection, tenant, ids).await?;
        let with = |row: Row| {
            let extras = extras.remove(&row.id).unwrap_or_default();
            row.with(extras)
        };
        Ok(rows.into_iter().map(with).collect())
    }
}

impl Listed for Service {
    const LIST: List = List {
        table: "cleaning.services",
        key: "id",
        only: "",
        search: "",
        counted: None,
        fields: &FIELDS,
    };
}

pub static IS_ACTIVE: &Field = &FIELDS[0];
pub static TENANT_LOCATION_ID: &Field = &FIELDS[1];
pub static BY_PLACE: &[&Field] = &[&FIELDS[2]];

static FIELDS: [Field; 3] = [
    Field::boolean("is_active", "r.is_active"),
    Field::integer("tenant_location_id", "r.tenant_location_id"),
    Field::integer("sort_order", "r.sort_order"),
];
