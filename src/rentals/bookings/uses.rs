//! What bookings use: it stays as long as they do.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Jsonb, Nullable, Text};
use diesel_async::RunQueryDsl;
use serde::Serialize;
use steward_database::{Connection, Json, ResultExt};
use steward_kernel::{Result, TenantId};
use steward_rentals_schema::{booking_items, bookings};

use super::edit;
use crate::customers::model::Customer;
use crate::status::BookingStatus::{self, Negotiating, Ongoing, Reserved};

/// Something that bookings use, by its id.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Used {
    /// An item of a line.
    Item(i64),
    /// A customer, whom an offer binds too.
    Customer(i64),
    /// An address of the business where things are picked up.
    Address(i64),
}

/// Whether a booking that is reserved or ongoing uses something.
pub(crate) async fn uses(
    mut connection: &Connection,
    tenant: TenantId,
    used: Used,
) -> Result<bool> {
    let bookings = bookings::table
        .filter(bookings::tenant_id.eq(tenant.0))
        .filter(bookings::deleted_at.is_null())
        .select(bookings::id)
        .into_boxed();
    let among = |states: &[BookingStatus]| {
        let names: Vec<&str> = states.iter().map(|status| status.as_str()).collect();
        bookings::status.eq_any(names)
    };
    let bookings = match used {
        Used::Item(id) => {
            let lines = booking_items::table
                .filter(booking_items::tenant_id.eq(tenant.0))
                .filter(booking_items::item_id.eq(id))
                .filter(booking_items::deleted_at.is_null())
                .select(booking_items::booking_id);
            bookings.filter(among(&[Reserved, Ongoing])).filter(bookings::id.eq_any(lines))
        }
        Used::Customer(id) => bookings
            .filter(among(&[Negotiating, Reserved, Ongoing]))
            .filter(bookings::customer_id.eq(id)),
        Used::Address(id) => {
            bookings.filter(among(&[Reserved, Ongoing])).filter(bookings::pickup_address_id.eq(id))
        }
    };
    let found: Option<i64> = bookings.first(&mut connection).await.optional().or_internal()?;
    Ok(found.is_some())
}

/// A booking that is reserved for a time to come.
#[derive(Debug, Serialize, QueryableByName)]
pub(crate) struct Reservation {
    #[diesel(sql_type = BigInt)]
    booking_internal_id: i64,
    /// Pieces of the item.
    #[diesel(sql_type = BigInt)]
    quantity: i64,
    #[diesel(sql_type = Nullable<Text>)]
    start_at: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    end_at: Option<String>,
}

/// The bookings that are reserved, not over yet, and have an item: the 1,000 earliest, in their
/// order.
pub(crate) async fn reservations(
    mut connection: &Connection,
    tenant: TenantId,
    item: i64,
) -> Result<Vec<Reservation>> {
    diesel::sql_query(
        "SELECT b.internal_id AS booking_internal_id, sum(l.quantity)::bigint AS quantity,
           b.start_local AS start_at, b.end_local AS end_at
         FROM rentals.bookings b
         JOIN rentals.booking_items l ON l.tenant_id = b.tenant_id AND l.booking_id = b.id
         WHERE b.tenant_id = $1 AND l.item_id = $2 AND l.deleted_at IS NULL
           AND b.status = 'reserved' AND b.deleted_at IS NULL AND b.end_at > now()
         GROUP BY b.internal_id, b.start_at, b.start_local, b.end_local
         ORDER BY b.start_at, b.internal_id LIMIT 1000",
    )
    .bind::<BigInt, _>(tenant.0)
    .bind::<BigInt, _>(item)
    .load(&mut connection)
    .await
    .or_internal()
}

/// Copies a customer anew onto the bookings that are being drafted. The address on them stays: it
/// is not a part of what is written of a customer.
pub(crate) async fn refresh_drafts(
    mut connection: &Connection,
    tenant: TenantId,
    customer: &Customer,
) -> Result<()> {
    let copy = edit::copy(customer, None);
    diesel::sql_query(
        "UPDATE rentals.bookings b SET
           customer = $3 || jsonb_build_object('address', b.customer -> 'address'),
           search = platform.fold_text(concat_ws(E'\\n', b.internal_id, b.title, b.reference,
             $3 ->> 'name', (SELECT string_agg(l.title, E'\\n' ORDER BY l.position, l.id)
               FROM rentals.booking_items l WHERE l.tenant_id = b.tenant_id
                 AND l.booking_id = b.id AND l.deleted_at IS NULL))),
           updated_at = now()
         WHERE b.tenant_id = $1 AND b.customer_id = $2 AND b.status = 'drafting'
           AND b.deleted_at IS NULL",
    )
    .bind::<BigInt, _>(tenant.0)
    .bind::<BigInt, _>(customer.id)
    .bind::<Jsonb, _>(Json(&copy))
    .execute(&mut connection)
    .await
    .or_internal()
    .map(drop)
}
