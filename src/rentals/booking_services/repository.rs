//! Services of bookings in the database.

use diesel::dsl::now;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Deserialize;
use steward_database::{Connection, ResultExt};
use steward_kernel::{Error, Result, TenantId};
use steward_rentals_schema::booking_services;

use super::model::{Service, ServiceKind};
use crate::bookings::line::{instant, money};
use crate::money::Percent;

/// A service as a statement about its booking shows it.
#[derive(Debug, Deserialize)]
pub(crate) struct Stored {
    id: i64,
    kind: i32,
    title: Option<String>,
    price: i64,
    tax_rate: u16,
    notes: Option<String>,
    created_at: i64,
    updated_at: i64,
}

/// What it is made of, where `s` is the row.
pub(crate) const STORED: &str = "jsonb_build_object('id', s.id, 'kind', s.kind, 'title', s.title,
  'price', s.price, 'tax_rate', s.tax_rate, 'notes', s.notes,
  'created_at', (extract(epoch FROM s.created_at) * 1000000)::bigint,
  'updated_at', (extract(epoch FROM s.updated_at) * 1000000)::bigint)";

impl TryFrom<Stored> for Service {
    type Error = Error;

    /// INTERNAL when what is stored is no service.
    fn try_from(row: Stored) -> Result<Self> {
        let odd = || Error::internal("what is stored is no service");
        Ok(Self {
            id: row.id,
            kind: ServiceKind::of_number(row.kind).ok_or_else(odd)?,
            title: row.title,
            price: money(row.price),
            tax_rate: Percent::from_hundredths(row.tax_rate).ok_or_else(odd)?,
            notes: row.notes,
            created_at: instant(row.created_at).ok_or_else(odd)?,
            updated_at: instant(row.updated_at).ok_or_else(odd)?,
        })
    }
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = booking_services, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Written<'a> {
    kind: i16,
    title: Option<&'a str>,
    price: i64,
    tax_rate: i16,
    notes: Option<&'a str>,
}

impl<'a> From<&'a Service> for Written<'a> {
    fn from(service: &'a Service) -> Self {
        Self {
            kind: service.kind as i16,
            title: service.title.as_deref(),
            price: service.price.cents(),
            // At most 10,000.
            tax_rate: i16::try_from(service.tax_rate.hundredths()).unwrap_or_default(),
            notes: service.notes.as_deref(),
        }
    }
}

/// Writes what has changed of the services of a booking; those that are new get their ids.
pub(crate) async fn write(
    mut connection: &Connection,
    tenant: TenantId,
    booking: i64,
    before: &[Service],
    after: &mut [Service],
) -> Result<()> {
    for service in after.iter_mut() {
        if service.id == 0 {
            service.id = diesel::insert_into(booking_services::table)
                .values((
                    booking_services::tenant_id.eq(tenant.0),
                    booking_services::booking_id.eq(booking),
                    Written::from(&*service),
                ))
                .returning(booking_services::id)
                .get_result(&mut connection)
                .await
                .or_internal()?;
        } else if before.iter().any(|one| one.id == service.id && one != service) {
            diesel::update(booking_services::table)
                .filter(booking_services::tenant_id.eq(tenant.0))
                .filter(booking_services::id.eq(service.id))
                .set((Written::from(&*service), booking_services::updated_at.eq(now)))
                .execute(&mut connection)
                .await
                .or_internal()?;
        }
    }
    let gone = before.iter().filter(|one| !after.iter().any(|kept| kept.id == one.id));
    let gone: Vec<i64> = gone.map(|service| service.id).collect();
    if gone.is_empty() {
        return Ok(());
    }
    diesel::update(booking_services::table)
        .filter(booking_services::tenant_id.eq(tenant.0))
        .filter(booking_services::id.eq_any(gone))
        .set((booking_services::deleted_at.eq(now), booking_services::updated_at.eq(now)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}
