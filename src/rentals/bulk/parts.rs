//! Lines and payments of all bookings. What they come to follows from their bookings, which are
//! read with them.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::sql_types::{Array, BigInt};
use diesel_async::RunQueryDsl;
use steward_database::{Connection, List, ResultExt, in_order};
use steward_kernel::list::Field;
use steward_kernel::{Result, TenantId};
use steward_platform::exports::{Encoded, Resource, encoded};

use crate::bookings::change::Answer;
use crate::bookings::model::Booking;
use crate::bookings::of_bookings;
use crate::bookings::write::{self, Included};
use crate::{booking_payments, owners};

/// The lines of bookings.
pub(super) const LINES: Resource = Resource::new(
    "booking_items",
    "steward.rentals.v1.BookingItem",
    List {
        table: of_bookings!("rentals.booking_items", " AND p.deleted_at IS NULL"),
        key: "id",
        only: "",
        search: "",
        counted: None,
        fields: &LINE_FIELDS,
    },
    read_lines,
);

static LINE_FIELDS: [Field; 11] = [
    Field::integer("id", "r.id"),
    Field::integer("booking_internal_id", "r.booking_internal_id"),
    Field::text("title", "r.title"),
    Field::integer("quantity", "r.quantity"),
    Field::integer("picked_up_quantity", "r.picked_up_quantity"),
    Field::integer("returned_quantity", "r.returned_quantity"),
    Field::decimal("total", "(r.total / 100.0)"),
    Field::boolean("price_edited", "r.price_edited"),
    Field::text("notes", "r.notes"),
    Field::local("created_at", "r.created_at"),
    Field::local("updated_at", "r.updated_at"),
];

/// The payments of bookings.
pub(super) const PAYMENTS: Resource = Resource::new(
    "payments",
    "steward.rentals.v1.BookingPayment",
    List {
        table: of_bookings!("rentals.booking_payments", " AND p.deleted_at IS NULL"),
        key: "id",
        only: "",
        search: "",
        counted: None,
        fields: &PAYMENT_FIELDS,
    },
    read_payments,
);

static PAYMENT_FIELDS: [Field; 10] = [
    Field::integer("id", "r.id"),
    Field::integer("booking_internal_id", "r.booking_internal_id"),
    Field::text("kind", "r.kind"),
    Field::decimal("amount", "(r.amount / 100.0)"),
    Field::choice(
        "method",
        "r.method",
        &[
            ("cash", 1),
            ("card", 2),
            ("bank_transfer", 3),
            ("mbway", 4),
            ("multibanco", 5),
            ("paypal", 6),
            ("check", 7),
            ("other", 8),
        ],
    ),
    Field::local("paid_at", "r.paid_at"),
    Field::text("reference", "r.reference"),
    Field::text("notes", "r.notes"),
    Field::local("created_at", "r.created_at"),
    Field::local("updated_at", "r.updated_at"),
];

fn read_lines<'a>(connection: &'a Connection, tenant: TenantId, ids: &'a [i64]) -> Encoded<'a> {
    Box::pin(async move {
        let terms = Arc::new(owners::terms(connection, tenant).await?);
        let mut found = HashMap::new();
        for booking in holders(connection, tenant, "rentals.booking_items", ids).await? {
            let lines = write::lines(&Answer::shown(booking, &terms)?, &Included::default())?;
            found.extend(lines.into_iter().map(|line| (line.id, encoded(&line))));
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    })
}

fn read_payments<'a>(connection: &'a Connection, tenant: TenantId, ids: &'a [i64]) -> Encoded<'a> {
    Box::pin(async move {
        let mut found = HashMap::new();
        for booking in holders(connection, tenant, "rentals.booking_payments", ids).await? {
            for payment in booking.payments {
                let (id, number) = (payment.id, booking.internal_id);
                let message = booking_payments::wire::message(payment, number, &booking.currency);
                found.insert(id, encoded(&message));
            }
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    })
}

#[derive(diesel::QueryableByName)]
struct Holder {
    #[diesel(sql_type = BigInt)]
    internal_id: i64,
}

/// The bookings that the rows of a table with these ids are parts of.
async fn holders(
    mut connection: &Connection,
    tenant: TenantId,
    table: &'static str,
    ids: &[i64],
) -> Result<Vec<Booking>> {
    let rows: Vec<Holder> = diesel::sql_query(format!(
        "SELECT DISTINCT b.internal_id FROM {table} p
         JOIN rentals.bookings b ON b.tenant_id = p.tenant_id AND b.id = p.booking_id
         WHERE p.tenant_id = $1 AND p.id = ANY ($2)"
    ))
    .bind::<BigInt, _>(tenant.0)
    .bind::<Array<BigInt>, _>(ids)
    .load(&mut connection)
    .await
    .or_internal()?;
    let numbers: Vec<i64> = rows.into_iter().map(|row| row.internal_id).collect();
    in_order(connection, tenant, &numbers).await
}
