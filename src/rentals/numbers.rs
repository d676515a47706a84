//! The numbers by which people name things: from 1 for each business and kind.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use steward_database::{Connection, ResultExt};
use steward_kernel::Result;

/// What has numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbered {
    /// Customers.
    Customer,
    /// Items.
    Item,
    /// Bookings.
    Booking,
}

impl Numbered {
    const fn kind(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Item => "item",
            Self::Booking => "booking",
        }
    }
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Keeps others from taking a number of a kind until the change is done; answers the last that was
/// taken, 0 when none ever was.
pub(crate) async fn hold(mut connection: &Connection, kind: Numbered) -> Result<i64> {
    let taken: Taken = diesel::sql_query(
        "INSERT INTO rentals.counters AS c (tenant_id, kind, last)
         VALUES (platform.current_tenant(), $1, 0)
         ON CONFLICT ON CONSTRAINT counters_pkey DO UPDATE SET last = c.last
         RETURNING last AS number",
    )
    .bind::<Text, _>(kind.kind())
    .get_result(&mut connection)
    .await
    .or_internal()?;
    Ok(taken.number)
}

/// Takes the next number of a kind. Other creations of that kind wait until this one is done.
pub(crate) async fn take(mut connection: &Connection, kind: Numbered) -> Result<i64> {
    let taken: Taken = diesel::sql_query("SELECT rentals.take_number($1) AS number")
        .bind::<Text, _>(kind.kind())
        .get_result(&mut connection)
        .await
        .or_internal()?;
    Ok(taken.number)
}
