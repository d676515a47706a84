//! Services of bookings between proto and model.

use prost_types::FieldMask;
use steward_kernel::Result;
use steward_kernel::validate::Violations;

use super::model::{Service, ServiceKind, ServicePatch};
use crate::bookings::read::{Given, money};
use crate::money::{Money, Percent};
use crate::pb;
use crate::wire::{choice, decimal, percentage, timestamp};

/// Reads a service to be added.
pub fn new(message: Option<pb::BookingService>) -> Result<ServicePatch> {
    let mut violations = Violations::below("booking_service");
    let message = violations.required_message(message);
    let patch = service(&mut violations, "", message, None);
    violations.finish(patch)
}

/// Reads what is given of a service.
pub fn changed(
    message: Option<pb::BookingService>,
    mask: Option<&FieldMask>,
) -> Result<ServicePatch> {
    let mut violations = Violations::below("booking_service");
    let mut message = violations.required_message(message);
    let given = Given(mask).value("kind", ServiceKind::of_number(message.kind));
    if message.kind == 0 {
        // The kind of a service is fixed, so nobody has to say it.
        message.kind = pb::BookingServiceKind::Other.into();
    }
    let patch = service(&mut violations, "", message, mask);
    violations.finish(ServicePatch { kind: given, ..patch })
}

/// Reads a service; refusals name its members behind `at`.
pub(crate) fn service(
    violations: &mut Violations,
    at: &str,
    message: pb::BookingService,
    mask: Option<&FieldMask>,
) -> ServicePatch {
    let given = Given(mask);
    let path = |field: &str| format!("{at}{field}");
    let pb::BookingService {
        id: _,
        kind,
        title,
        price,
        tax_rate,
        notes,
        estimated_price: _,
        created_at: _,
        updated_at: _,
        etag: _,
    } = message;
    let kind = match choice::<pb::BookingServiceKind>(violations, &path("kind"), kind) {
        Some(kind) => ServiceKind::of_number(kind.into()),
        None if kind == 0 => {
            violations.required(&path("kind"));
            None
        }
        None => None,
    };
    let price = price.and_then(|price| {
        let read = money(violations, &path("price"), &price)?;
        if read.is_negative() {
            violations.named(&path("price"), "OUT_OF_RANGE", "A price is not negative.");
        }
        Some(read)
    });
    let rate = percentage(violations, &path("tax_rate"), tax_rate);
    let rate = rate.and_then(|rate| Percent::try_from(rate).ok());
    let title = violations.tidy(&path("title"), title, 160);
    let notes = violations.tidy(&path("notes"), notes, 1000);
    ServicePatch {
        kind,
        title: given.or_null("title", title),
        price: given.or_null("price", price),
        tax_rate: given.or_null("tax_rate", rate),
        notes: given.or_null("notes", notes),
    }
}

/// Writes a service; `premium` is what the insurance would cost today.
pub fn message(service: &Service, currency: &str, premium: Option<Money>) -> pb::BookingService {
    let money = |amount: Money| crate::wire::money(amount.cents(), currency);
    let Service { id, kind, title, price, tax_rate, notes, created_at, updated_at } =
        service.clone();
    pb::BookingService {
        id,
        kind: kind as i32,
        title,
        price: Some(money(price)),
        tax_rate: Some(decimal(tax_rate.into())),
        notes,
        estimated_price: premium.filter(|_| kind == ServiceKind::Insurance).map(money),
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        etag: String::new(),
    }
}
