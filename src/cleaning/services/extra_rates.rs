//! The only file that names the table of extras.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::{extra_rates, priced_extra_rates};
use steward_database::{Connection, Instant, Record, ResultExt};
use steward_kernel::{Error, Result, TenantId, time};

use super::model::{ExtraRate, ExtraRateInput, extra_name_taken};

#[derive(Queryable, Selectable)]
#[diesel(table_name = priced_extra_rates, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    service_id: i64,
    name: String,
    amount: i64,
    currency: String,
    price_kind: i16,
    extra_minutes: i32,
    is_active: bool,
    created_at: Instant,
    updated_at: Instant,
    version: i32,
}

impl From<Row> for ExtraRate {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            service_id: row.service_id,
            name: row.name,
            amount: row.amount,
            currency: row.currency,
            price_kind: row.price_kind,
            extra_minutes: row.extra_minutes,
            is_active: row.is_active,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
        }
    }
}

/// Records an extra of a service, or replaces the one that has its id.
pub async fn put(
    mut connection: &Connection,
    tenant: TenantId,
    service_id: i64,
    input: &ExtraRateInput,
) -> Result<()> {
    let ExtraRateInput { id, name, amount, price_kind, extra_minutes, is_active } = input;
    let values = (
        extra_rates::name.eq(name),
        extra_rates::amount.eq(amount),
        extra_rates::price_kind.eq(price_kind),
        extra_rates::extra_minutes.eq(extra_minutes),
        extra_rates::is_active.eq(is_active),
    );
    let written = match *id {
        Some(id) => {
            let updated = diesel::update(extra_rates::table.find((tenant.0, id)))
                .filter(extra_rates::service_id.eq(service_id))
                .filter(extra_rates::deleted_at.is_null())
                .set(values)
                .execute(&mut connection)
                .await;
            if matches!(updated, Ok(0)) {
                return Err(ExtraRate::not_found(id));
            }
            updated
        }
        None => {
            let of = (
                extra_rates::tenant_id.eq(tenant.0),
                extra_rates::service_id.eq(service_id),
                values,
            );
            diesel::insert_into(extra_rates::table).values(of).execute(&mut connection).await
        }
    };
    written.on_constraint("extra_rates_name_key", extra_name_taken).map(drop)
}

/// Marks an extra as deleted.
pub async fn delete(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<()> {
    let deleted = diesel::update(extra_rates::table.find((tenant.0, id)))
        .filter(extra_rates::deleted_at.is_null())
        .set(extra_rates::deleted_at.eq(Instant(time::now())))
        .execute(&mut connection)
        .await
        .or_internal()?;
    if deleted == 0 { Err(ExtraRate::not_found(id)) } else { Ok(()) }
}

/// The extras of some services, by the services' ids.
pub async fn of_services(
    mut connection: &Connection,
    tenant: TenantId,
    ids: &[i64],
) -> Result<HashMap<i64, Vec<ExtraRate>>> {
    let rows: Vec<Row> = priced_extra_rates::table
        .filter(priced_extra_rates::tenant_id.eq(tenant.0))
        .filter(priced_extra_rates::service_id.eq_any(ids))
        .filter(priced_extra_rates::deleted_at.is_null())
        .order(priced_extra_rates::id)
        .select(Row::as_select())
        .load(&mut connection)
        .await
        .or_internal()?;
    let mut extras: HashMap<i64, Vec<ExtraRate>> = HashMap::new();
    for row in rows {
        extras.entry(row.service_id).or_default().push(row.into());
    }
    Ok(extras)
}

impl Record for ExtraRate {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("ExtraRate", id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<ExtraRate>> {
        let rows: Vec<Row> = priced_extra_rates::table
            .filter(priced_extra_rates::tenant_id.eq(tenant.0))
            .filter(priced_extra_rates::id.eq_any(ids))
            .filter(priced_extra_rates::deleted_at.is_null())
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(ExtraRate::from).collect())
    }
}
