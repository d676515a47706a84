//! What can be done with the services of a booking.

use steward_kernel::{Context, Result};
use steward_platform::App;

use super::model::{ServiceKind, ServicePatch, not_found, premium};
use super::wire;
use crate::bookings::actions::get;
use crate::bookings::change::{Answer, Caution, Needs, change, with_classes};
use crate::bookings::rules::{Part, editable};
use crate::pb;

/// The services of a booking, the first one first, with the premium of today where one is an
/// insurance.
pub async fn list(app: &App, context: &Context, answer: Answer) -> Result<Vec<pb::BookingService>> {
    let insured =
        answer.booking.services.iter().any(|service| service.kind == ServiceKind::Insurance);
    let premium = if insured {
        let tx = app.read(context).await?;
        let facts = with_classes(&tx, context.tenant()?, &answer).await?;
        Some(premium(&answer.booking, &facts)?)
    } else {
        None
    };
    let currency = &answer.booking.currency;
    let services = answer.booking.services.iter();
    Ok(services.map(|service| wire::message(service, currency, premium)).collect())
}

/// The services of the booking with a number.
pub async fn of(app: &App, context: &Context, number: i64) -> Result<Vec<pb::BookingService>> {
    let answer = get(app, context, number).await?;
    list(app, context, answer).await
}

/// One of the services of a booking.
pub fn one(services: Vec<pb::BookingService>, id: i64) -> Result<pb::BookingService> {
    services.into_iter().find(|service| service.id == id).ok_or_else(|| not_found(id))
}

/// Adds a service to a booking; answers it.
pub async fn add(
    app: &App,
    context: &Context,
    number: i64,
    patch: &ServicePatch,
) -> Result<pb::BookingService> {
    let needs = Needs { classes: patch.asks_for_premium(), ..Needs::default() };
    let caution = Caution::Refuse(None);
    let answer =
        change(app, context, number, &needs, caution, |booking, facts| patch.add(booking, facts))
            .await?;
    let newest = answer.booking.services.iter().map(|service| service.id).max();
    one(list(app, context, answer).await?, newest.unwrap_or_default())
}

/// Changes a service of a booking; answers it.
pub async fn update(
    app: &App,
    context: &Context,
    number: i64,
    id: i64,
    patch: &ServicePatch,
) -> Result<pb::BookingService> {
    let needs = Needs { classes: patch.asks_for_premium(), ..Needs::default() };
    let caution = Caution::Refuse(None);
    let answer = change(app, context, number, &needs, caution, |booking, facts| {
        patch.apply(booking, id, facts)
    })
    .await?;
    one(list(app, context, answer).await?, id)
}

/// Removes a service from a booking.
pub async fn delete(app: &App, context: &Context, number: i64, id: i64) -> Result<()> {
    let caution = Caution::Refuse(None);
    change(app, context, number, &Needs::default(), caution, |booking, _| {
        if !booking.services.iter().any(|service| service.id == id) {
            return Err(not_found(id));
        }
        editable(booking, Part::Services)?;
        booking.services.retain(|service| service.id != id);
        Ok(())
    })
    .await
    .map(drop)
}
