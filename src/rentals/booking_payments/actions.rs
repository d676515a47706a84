//! What can be done with the payments of a booking.

use steward_database::Transaction;
use steward_kernel::{Context, Result, TenantId};
use steward_platform::App;
use steward_platform::files::{self, ShownFile};

use super::model::{BookingPayment, PaymentPatch, RECEIPTS, not_found, remove};
use crate::bookings::actions::get;
use crate::bookings::change::{Answer, Caution, Needs, change};
use crate::bookings::lock;

/// The payments of a booking by when they were made, and the money they are in.
pub async fn list(
    app: &App,
    context: &Context,
    number: i64,
) -> Result<(Vec<BookingPayment>, String)> {
    let answer = get(app, context, number).await?;
    let mut payments = answer.booking.payments;
    payments.sort_by_key(|payment| (payment.paid_at, payment.id));
    let shown = payments.iter_mut().filter_map(|payment| payment.receipt.as_mut()).collect();
    files::show(app, context.tenant()?, shown).await?;
    Ok((payments, answer.booking.currency))
}

/// The payment with an id, and the money it is in.
pub async fn one(
    app: &App,
    context: &Context,
    number: i64,
    id: i64,
) -> Result<(BookingPayment, String)> {
    let (payments, currency) = list(app, context, number).await?;
    let payment = payments.into_iter().find(|payment| payment.id == id);
    Ok((payment.ok_or_else(|| not_found(id))?, currency))
}

/// The receipt that is named.
async fn receipt(
    app: &App,
    tx: &Transaction,
    tenant: TenantId,
    signed_id: Option<&str>,
) -> Result<Option<ShownFile>> {
    let Some(signed_id) = signed_id else { return Ok(None) };
    let field = "booking_payment.receipt_id";
    Ok(Some(files::bind(app, tx, tenant, field, signed_id, &RECEIPTS).await?.into()))
}

/// Records a payment of a booking.
pub async fn add(
    app: &App,
    context: &Context,
    number: i64,
    patch: &PaymentPatch,
) -> Result<(BookingPayment, String)> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        // Before the booking is locked: the store may be slow.
        let signed_id = patch.receipt_id.as_ref().and_then(Option::as_deref);
        let receipt = receipt(app, &tx, tenant, signed_id).await?;
        let (needs, caution) = (Needs::default(), Caution::Refuse(None));
        let answer = change(app, context, number, &needs, caution, |booking, facts| {
            patch.add(booking, receipt.as_ref(), facts)
        })
        .await?;
        let newest = answer.booking.payments.iter().map(|payment| payment.id).max();
        shown(app, tenant, answer, newest.unwrap_or_default()).await
    })
    .await
}

/// One of the payments of a booking as it is answered.
async fn shown(
    app: &App,
    tenant: TenantId,
    answer: Answer,
    id: i64,
) -> Result<(BookingPayment, String)> {
    let currency = answer.booking.currency;
    let payment = answer.booking.payments.into_iter().find(|payment| payment.id == id);
    let mut payment = payment.ok_or_else(|| not_found(id))?;
    files::show(app, tenant, payment.receipt.as_mut().into_iter().collect()).await?;
    Ok((payment, currency))
}

/// Changes a payment of a booking.
pub async fn update(
    app: &App,
    context: &Context,
    number: i64,
    id: i64,
    patch: &PaymentPatch,
) -> Result<(BookingPayment, String)> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let named = match &patch.receipt_id {
            None => None,
            Some(signed_id) => Some(receipt(app, &tx, tenant, signed_id.as_deref()).await?),
        };
        let had = lock(&tx, tenant, number).await?.payments.into_iter();
        let had = had.filter(|payment| payment.id == id).find_map(|payment| payment.receipt_id());
        let (needs, caution) = (Needs::default(), Caution::Refuse(None));
        let answer = change(app, context, number, &needs, caution, |booking, facts| {
            patch.apply(booking, id, named.as_ref().map(Option::as_ref), facts)
        })
        .await?;
        if let Some(had) = had
            && named.is_some()
        {
            files::release(&tx, tenant, had).await?;
        }
        shown(app, tenant, answer, id).await
    })
    .await
}

/// Removes a payment from a booking. Its receipt stays with it.
pub async fn delete(app: &App, context: &Context, number: i64, id: i64) -> Result<()> {
    let (needs, caution) = (Needs::default(), Caution::Refuse(None));
    change(app, context, number, &needs, caution, |booking, _| remove(booking, id)).await.map(drop)
}
