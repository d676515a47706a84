//! Payments of bookings in the database.

use diesel::dsl::now;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Deserialize;
use steward_database::{Connection, Instant, ResultExt};
use steward_kernel::{Error, Result, TenantId};
use steward_platform::files::ShownFile;
use steward_rentals_schema::booking_payments;

use super::model::BookingPayment;
use crate::bookings::line::{instant, money};
use crate::pricing::PaymentKind;

/// A payment as a statement about its booking shows it.
#[derive(Debug, Deserialize)]
pub(crate) struct Stored {
    id: i64,
    kind: String,
    amount: i64,
    method: i16,
    paid_at: i64,
    reference: Option<String>,
    notes: Option<String>,
    receipt: Option<ShownFile>,
    created_at: i64,
    updated_at: i64,
}

/// What it is made of, where `p` is the row.
pub(crate) const STORED: &str = "jsonb_build_object('id', p.id, 'kind', p.kind,
  'amount', p.amount, 'method', p.method, 'reference', p.reference, 'notes', p.notes,
  'paid_at', (extract(epoch FROM p.paid_at) * 1000000)::bigint,
  'receipt', (SELECT platform.shown_file(f)
    FROM platform.files f WHERE f.tenant_id = p.tenant_id AND f.id = p.file_id),
  'created_at', (extract(epoch FROM p.created_at) * 1000000)::bigint,
  'updated_at', (extract(epoch FROM p.updated_at) * 1000000)::bigint)";

impl TryFrom<Stored> for BookingPayment {
    type Error = Error;

    /// INTERNAL when what is stored is no payment.
    fn try_from(row: Stored) -> Result<Self> {
        let odd = || Error::internal("what is stored is no payment");
        Ok(Self {
            id: row.id,
            kind: PaymentKind::named(&row.kind).ok_or_else(odd)?,
            amount: money(row.amount),
            method: row.method,
            paid_at: instant(row.paid_at).ok_or_else(odd)?,
            reference: row.reference,
            notes: row.notes,
            receipt: row.receipt,
            created_at: instant(row.created_at).ok_or_else(odd)?,
            updated_at: instant(row.updated_at).ok_or_else(odd)?,
        })
    }
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = booking_payments, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Written<'a> {
    kind: &'a str,
    amount: i64,
    method: i16,
    paid_at: Instant,
    reference: Option<&'a str>,
    notes: Option<&'a str>,
    file_id: Option<i64>,
}

impl<'a> From<&'a BookingPayment> for Written<'a> {
    fn from(payment: &'a BookingPayment) -> Self {
        Self {
            kind: payment.kind.as_str(),
            amount: payment.amount.cents(),
            method: payment.method,
            paid_at: payment.paid_at.into(),
            reference: payment.reference.as_deref(),
            notes: payment.notes.as_deref(),
            file_id: payment.receipt_id(),
        }
    }
}

/// Writes what has changed of the payments of a booking; those that are new get their ids.
pub(crate) async fn write(
    mut connection: &Connection,
    tenant: TenantId,
    booking: i64,
    before: &[BookingPayment],
    after: &mut [BookingPayment],
) -> Result<()> {
    for payment in after.iter_mut() {
        if payment.id == 0 {
            payment.id = diesel::insert_into(booking_payments::table)
                .values((
                    booking_payments::tenant_id.eq(tenant.0),
                    booking_payments::booking_id.eq(booking),
                    Written::from(&*payment),
                ))
                .returning(booking_payments::id)
                .get_result(&mut connection)
                .await
                .or_internal()?;
        } else if before.iter().any(|one| one.id == payment.id && !one.is_as(payment)) {
            diesel::update(booking_payments::table)
                .filter(booking_payments::tenant_id.eq(tenant.0))
                .filter(booking_payments::id.eq(payment.id))
                .set((Written::from(&*payment), booking_payments::updated_at.eq(now)))
                .execute(&mut connection)
                .await
                .or_internal()?;
        }
    }
    let gone = before.iter().filter(|one| !after.iter().any(|kept| kept.id == one.id));
    let gone: Vec<i64> = gone.map(|payment| payment.id).collect();
    if gone.is_empty() {
        return Ok(());
    }
    diesel::update(booking_payments::table)
        .filter(booking_payments::tenant_id.eq(tenant.0))
        .filter(booking_payments::id.eq_any(gone))
        .set((booking_payments::deleted_at.eq(now), booking_payments::updated_at.eq(now)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}
