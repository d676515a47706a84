//! The only file that names the table of rates.

use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::{priced_rates, rates};
use steward_database::{Connection, Instant, List, Listed, Record, ResultExt};
use steward_kernel::list::Field;
use steward_kernel::{Error, Result, TenantId};

use super::model::{Rate, RateInput, frequency_taken};

#[derive(Queryable, Selectable)]
#[diesel(table_name = priced_rates, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    service_id: i64,
    frequency: i16,
    amount: i64,
    currency: String,
    is_active: bool,
    revision: i32,
    created_at: Instant,
    updated_at: Instant,
    version: i32,
}

impl From<Row> for Rate {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            service_id: row.service_id,
            frequency: row.frequency,
            amount: row.amount,
            currency: row.currency,
            is_active: row.is_active,
            revision: row.revision,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
        }
    }
}

/// Records a rate of a service; answers its id.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    service_id: i64,
    frequency: i16,
    input: RateInput,
) -> Result<i64> {
    diesel::insert_into(rates::table)
        .values((
            rates::tenant_id.eq(tenant.0),
            rates::service_id.eq(service_id),
            rates::frequency.eq(frequency),
            rates::amount.eq(input.amount),
            rates::is_active.eq(input.is_active),
        ))
        .returning(rates::id)
        .get_result(&mut connection)
        .await
        .on_constraint("rates_frequency_key", frequency_taken)
}

/// Replaces a rate. A new amount makes a new revision.
pub async fn update(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    input: RateInput,
) -> Result<()> {
    let revision =
        case_when(rates::amount.ne(input.amount), rates::revision + 1).otherwise(rates::revision);
    let updated = diesel::update(rates::table.find((tenant.0, id)))
        .set((
            rates::amount.eq(input.amount),
            rates::is_active.eq(input.is_active),
            rates::revision.eq(revision),
        ))
        .execute(&mut connection)
        .await
        .on_constraint("rates_frequency_key", frequency_taken)?;
    if updated == 0 { Err(Rate::not_found(id)) } else { Ok(()) }
}

/// What a service costs when it is booked at a frequency; nothing when it cannot be.
pub async fn active(
    mut connection: &Connection,
    tenant: TenantId,
    service_id: i64,
    frequency: i16,
) -> Result<Option<i64>> {
    rates::table
        .filter(rates::tenant_id.eq(tenant.0))
        .filter(rates::service_id.eq(service_id))
        .filter(rates::frequency.eq(frequency))
        .filter(rates::is_active)
        .select(rates::amount)
        .first(&mut connection)
        .await
        .optional()
        .or_internal()
}

impl Record for Rate {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("Rate", id)
    }

    async fn many(mut connection: &Connection, tenant: TenantId, ids: &[i64]) -> Result<Vec<Rate>> {
        let rows: Vec<Row> = priced_rates::table
            .filter(priced_rates::tenant_id.eq(tenant.0))
            .filter(priced_rates::id.eq_any(ids))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Rate::from).collect())
    }
}

impl Listed for Rate {
    const LIST: List = List {
        table: "cleaning.rates",
        key: "id",
        only: "",
        search: "",
        counted: None,
        fields: &FIELDS,
    };
}

pub static IS_ACTIVE: &Field = &FIELDS[0];
pub static SERVICE_ID: &Field = &FIELDS[1];

static FIELDS: [Field; 2] =
    [Field::boolean("is_active", "r.is_active"), Field::integer("service_id", "r.service_id")];
