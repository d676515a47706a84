//! What bookings keep an owner from changing.

use steward_database::Connection;
use steward_kernel::{Error, Kind, Result, TenantId};

use super::model::OwnerInput;
use crate::bookings::zones as repository;
use crate::numbers::{self, Numbered};
use crate::time::Zone;

/// How far the bookings of an owner have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Booked {
    /// There is no booking, and never was one.
    Never,
    /// There are bookings, and none of them is reserved or ongoing.
    Once,
    /// A booking is reserved or ongoing.
    Now,
}

/// Refuses what bookings keep an owner from changing: the currency once there is a booking, and
/// the zone while one is reserved or ongoing. In another zone, bookings keep the times that the
/// clock shows. Until the change is done nobody makes a booking, and none becomes reserved.
///
/// # Errors
/// FAILED_PRECONDITION, as CURRENCY_LOCKED or IN_USE.
pub(super) async fn follow(
    connection: &Connection,
    tenant: TenantId,
    present: &OwnerInput,
    input: &OwnerInput,
) -> Result<()> {
    let currency = input.currency != present.currency;
    let zone = input.time_zone != present.time_zone;
    if !currency && !zone {
        return Ok(());
    }
    let last = numbers::hold(connection, Numbered::Booking).await?;
    // Those who change a booking at the same time are waited for, so it is looked at afterwards.
    let dated = if zone { repository::lock_dated(connection, tenant).await? } else { Vec::new() };
    let booked = if last == 0 {
        Booked::Never
    } else if dated.iter().any(|booking| booking.holds) {
        Booked::Now
    } else {
        Booked::Once
    };
    allowed(currency, zone, booked)?;
    match Zone::named(&input.time_zone) {
        Some(to) if zone => repository::move_to_zone(connection, tenant, dated, &to).await,
        Some(_) | None => Ok(()),
    }
}

fn allowed(currency: bool, zone: bool, booked: Booked) -> Result<()> {
    if currency && booked >= Booked::Once {
        let message = "The currency is fixed, because there are bookings in it.";
        return Err(Error::new(Kind::FailedPrecondition, "CURRENCY_LOCKED", message)
            .with_metadata("pointer", "/data/attributes/currency"));
    }
    if zone && booked == Booked::Now {
        let message = "The time zone is in use by a booking that is reserved or ongoing.";
        return Err(Error::new(Kind::FailedPrecondition, "IN_USE", message)
            .with_metadata("pointer", "/data/attributes/time_zone"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bookings_fix_the_currency_and_for_their_time_the_zone() {
        let reason = |currency, zone, booked| {
            allowed(currency, zone, booked).err().map(|error| error.reason())
        };
        assert_eq!(reason(true, true, Booked::Never), None);
        assert_eq!(reason(true, false, Booked::Once), Some("CURRENCY_LOCKED"));
        assert_eq!(reason(false, true, Booked::Once), None);
        assert_eq!(reason(false, true, Booked::Now), Some("IN_USE"));
        assert_eq!(reason(false, false, Booked::Now), None);
    }
}
