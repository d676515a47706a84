//! What is charged beside the items of bookings, and what was paid.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Jsonb};
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Json, ResultExt};
use steward_kernel::{Result, TenantId};

use crate::booking_payments::model::BookingPayment;
use crate::booking_payments::repository as payments;
use crate::booking_services::model::Service;
use crate::booking_services::repository as services;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Jsonb)]
    services: Json<Vec<services::Stored>>,
    #[diesel(sql_type = Jsonb)]
    payments: Json<Vec<payments::Stored>>,
}

/// Services and payments of some bookings by the booking's id, each as they were recorded. One
/// statement.
pub(super) async fn of(
    mut connection: &Connection,
    tenant: TenantId,
    ids: &[i64],
) -> Result<HashMap<i64, (Vec<Service>, Vec<BookingPayment>)>> {
    let (service, payment) = (services::STORED, payments::STORED);
    let rows: Vec<Row> = diesel::sql_query(format!(
        "SELECT b.id,
           (SELECT COALESCE(jsonb_agg({service} ORDER BY s.id), '[]')
            FROM rentals.booking_services s
            WHERE s.tenant_id = $1 AND s.booking_id = b.id AND s.deleted_at IS NULL) AS services,
           (SELECT COALESCE(jsonb_agg({payment} ORDER BY p.id), '[]')
            FROM rentals.booking_payments p
            WHERE p.tenant_id = $1 AND p.booking_id = b.id AND p.deleted_at IS NULL) AS payments
         FROM unnest($2) AS b (id)"
    ))
    .bind::<BigInt, _>(tenant.0)
    .bind::<Array<BigInt>, _>(ids)
    .load(&mut connection)
    .await
    .or_internal()?;
    let read = |row: Row| {
        let services = row.services.0.into_iter().map(Service::try_from);
        let payments = row.payments.0.into_iter().map(BookingPayment::try_from);
        Ok((row.id, (services.collect::<Result<_>>()?, payments.collect::<Result<_>>()?)))
    };
    rows.into_iter().map(read).collect()
}
