//! Bookings when their business moves to another zone: they keep what the clock shows.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Timestamptz};
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, ResultExt};
use steward_kernel::{Error, Result, TenantId};
use steward_rentals_schema::bookings;

use super::repository::{dates, status};
use crate::status::BookingStatus;
use crate::time::{LocalTime, Period, Zone};

/// A booking with dates.
pub(crate) struct Dated {
    id: i64,
    internal_id: i64,
    start: LocalTime,
    end: LocalTime,
    /// Whether it is reserved or ongoing.
    pub(crate) holds: bool,
}

/// All bookings with dates, deleted ones too, locked until the change is done.
pub(crate) async fn lock_dated(
    mut connection: &Connection,
    tenant: TenantId,
) -> Result<Vec<Dated>> {
    type Found = (i64, i64, String, Option<Instant>, Option<String>, Option<String>);
    let rows: Vec<Found> = bookings::table
        .filter(bookings::tenant_id.eq(tenant.0))
        .filter(bookings::start_local.is_not_null())
        .order(bookings::id)
        .select((
            bookings::id,
            bookings::internal_id,
            bookings::status,
            bookings::deleted_at,
            bookings::start_local,
            bookings::end_local,
        ))
        .for_update()
        .load(&mut connection)
        .await
        .or_internal()?;
    let dated = |(id, internal_id, standing, deleted, start, end): Found| {
        let dates = dates(start.as_deref(), end.as_deref())?;
        let standing = status(&standing);
        let holds = matches!(standing, BookingStatus::Reserved | BookingStatus::Ongoing);
        let holds = holds && deleted.is_none();
        Some(Dated { id, internal_id, start: dates.start, end: dates.end, holds })
    };
    Ok(rows.into_iter().filter_map(dated).collect())
}

/// Most bookings that one statement writes.
const AT_ONCE: usize = 5000;

/// Has bookings mean the same times by the clock of another zone, and so other instants.
///
/// # Errors
/// INVALID_ARGUMENT when one would end before it starts, because that clock skips its start.
pub(crate) async fn move_to_zone(
    mut connection: &Connection,
    tenant: TenantId,
    dated: Vec<Dated>,
    zone: &Zone,
) -> Result<()> {
    for some in dated.chunks(AT_ONCE) {
        let (mut ids, mut starts, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        for booking in some {
            let period = Period::new(booking.start, booking.end, zone).map_err(|_| {
                let number = booking.internal_id;
                let message =
                    format!("Booking {number} would end before it starts by the clock there.");
                Error::rule("user.time_zone", message)
            })?;
            ids.push(booking.id);
            starts.push(Instant(period.span().from));
            ends.push(Instant(period.span().till));
        }
        // A line is looked for from when it may hold on: never later than before.
        diesel::sql_query(
            "UPDATE rentals.booking_items l
             SET hold_from = LEAST(l.hold_from, l.hold_from + (w.starts - b.start_at))
             FROM unnest($2, $3) AS w (id, starts)
             JOIN rentals.bookings b ON b.tenant_id = $1 AND b.id = w.id
             WHERE l.tenant_id = $1 AND l.booking_id = w.id AND l.hold_from IS NOT NULL",
        )
        .bind::<BigInt, _>(tenant.0)
        .bind::<Array<BigInt>, _>(&ids)
        .bind::<Array<Timestamptz>, _>(&starts)
        .execute(&mut connection)
        .await
        .or_internal()?;
        diesel::sql_query(
            "UPDATE rentals.bookings b SET start_at = w.starts, end_at = w.ends
             FROM unnest($2, $3, $4) AS w (id, starts, ends)
             WHERE b.tenant_id = $1 AND b.id = w.id",
        )
        .bind::<BigInt, _>(tenant.0)
        .bind::<Array<BigInt>, _>(&ids)
        .bind::<Array<Timestamptz>, _>(&starts)
        .bind::<Array<Timestamptz>, _>(&ends)
        .execute(&mut connection)
        .await
        .or_internal()?;
    }
    Ok(())
}
