//! What was done with a booking, told from how it was and how it is.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};
use steward_kernel::Result;

use super::line::{Line, too_large};
use super::model::{Booking, Dates};
use super::price;
use crate::booking_payments::model::BookingPayment;
use crate::booking_services::model::Service;
use crate::owners::Terms;
use crate::pricing::{Discount, GivenDiscount, Length};
use crate::status::BookingStatus;
use crate::time::{LocalTime, Zone};

/// An activity to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Number of the kind.
    pub kind: i16,
    /// `attrs` and `params`.
    pub properties: Value,
}

/// The kinds of activities, by their numbers.
pub mod kind {
    /// A booking was made.
    pub const BOOKING_CREATED: i16 = 0;
    /// Its dates were changed.
    pub const BOOKING_CHANGED_DATES: i16 = 10;
    /// It got a customer.
    pub const BOOKING_CUSTOMER_SET: i16 = 20;
    /// It got a line.
    pub const BOOKING_ITEM_CREATED: i16 = 30;
    /// A line was changed.
    pub const BOOKING_ITEM_CHANGED: i16 = 31;
    /// A line was removed.
    pub const BOOKING_ITEM_REMOVED: i16 = 32;
    /// It got a service.
    pub const BOOKING_SERVICE_CREATED: i16 = 40;
    /// A service was changed.
    pub const BOOKING_SERVICE_CHANGED: i16 = 41;
    /// A service was removed.
    pub const BOOKING_SERVICE_REMOVED: i16 = 42;
    /// It moved to another state.
    pub const BOOKING_STATUS_CHANGED: i16 = 50;
    /// Pieces were picked up.
    pub const BOOKING_ITEM_PICKED_UP: i16 = 60;
    /// Pieces came back.
    pub const BOOKING_ITEM_RETURNED: i16 = 70;
    /// Something was paid or given back.
    pub const BOOKING_PAYMENT_CREATED: i16 = 90;
    /// A payment was changed.
    pub const BOOKING_PAYMENT_CHANGED: i16 = 91;
    /// A payment was removed.
    pub const BOOKING_PAYMENT_REMOVED: i16 = 92;
    /// A mail was sent.
    pub const BOOKING_EMAIL_SENT: i16 = 110;
    /// The discount was changed.
    pub const BOOKING_DISCOUNT_CHANGED: i16 = 120;
    /// Somebody wrote a comment.
    pub const COMMENT: i16 = 130;
}

fn recorded(kind: i16, attrs: &[&str], params: Value) -> Recorded {
    Recorded { kind, properties: json!({"attrs": attrs, "params": params}) }
}

/// What was done in one request, in the order in which it is recorded: the making, customer,
/// dates, lines, services, discount and state; after each state the pieces whose moves caused it,
/// and payments. A booking that is made has its id by now, and its new lines have none yet.
///
/// # Errors
/// INVALID_ARGUMENT when a price is larger than an amount may be.
pub fn told(before: Option<&Booking>, after: &Booking, terms: &Terms) -> Result<Vec<Recorded>> {
    let mut told = Vec::new();
    if before.is_none() {
        let params = json!({"booking_id": after.id});
        told.push(recorded(kind::BOOKING_CREATED, &["created_at"], params));
    }
    let customer =
        |booking: &Booking| booking.customer.as_ref().and_then(|customer| customer.internal_id);
    let (old, new) = (before.and_then(customer), customer(after));
    if old != new {
        let params = json!({"customer_internal_id": new});
        told.push(recorded(kind::BOOKING_CUSTOMER_SET, &["customer_id"], params));
    }
    told.extend(dates(before.and_then(|booking| booking.dates), after.dates, &terms.zone));
    let none = Vec::new();
    let lines = before.map_or(&none, |booking| &booking.lines);
    told.extend(items(lines, &after.lines, price::length(after, terms))?);
    told.extend(services(
        before.map(|booking| booking.services.as_slice()).unwrap_or_default(),
        &after.services,
    ));
    let (old, new) = (before.and_then(|booking| booking.discount), after.discount);
    if before.is_some() && old != new {
        let params = json!({"new": discount(new), "old": discount(old)});
        told.push(recorded(kind::BOOKING_DISCOUNT_CHANGED, &["discount_value"], params));
    }
    told.extend(states(before.map(|booking| booking.status), after.status, lines, &after.lines));
    told.extend(payments(
        before.map(|booking| booking.payments.as_slice()).unwrap_or_default(),
        &after.payments,
    ));
    Ok(told)
}

/// The states that a booking passed, each before the moves of pieces that caused it.
fn states(
    old: Option<BookingStatus>,
    new: BookingStatus,
    before: &[Line],
    after: &[Line],
) -> Vec<Recorded> {
    let old = old.unwrap_or(BookingStatus::Drafting);
    let step = |old: BookingStatus, new: BookingStatus| {
        let params = json!({"new": new.as_str(), "old": old.as_str()});
        (old != new).then(|| recorded(kind::BOOKING_STATUS_CHANGED, &["status"], params))
    };
    // What is over has been under way, though it begins and ends with one request.
    let between = match (old, new) {
        (BookingStatus::Reserved, BookingStatus::Completed) => BookingStatus::Ongoing,
        (old, BookingStatus::Completed) => old,
        (_, new) => new,
    };
    let mut told: Vec<Recorded> = step(old, between).into_iter().collect();
    let picked = kind::BOOKING_ITEM_PICKED_UP;
    told.extend(moves(picked, "picked_up_quantity", before, after, |line| line.picked_up));
    told.extend(step(between, new));
    let returned = kind::BOOKING_ITEM_RETURNED;
    told.extend(moves(returned, "returned_quantity", before, after, Line::returned));
    told
}

fn dates(old: Option<Dates>, new: Option<Dates>, zone: &Zone) -> Option<Recorded> {
    if old == new {
        return None;
    }
    let start = |dates: Option<Dates>| instant(dates.map(|dates| dates.start), zone);
    let end = |dates: Option<Dates>| instant(dates.map(|dates| dates.end), zone);
    let params = json!({
        "new_end_at": end(new),
        "old_end_at": end(old),
        "new_start_at": start(new),
        "old_start_at": start(old),
    });
    Some(recorded(kind::BOOKING_CHANGED_DATES, &["start_at", "end_at"], params))
}

/// An instant as activities show it: UTC, to the millisecond.
fn instant(local: Option<LocalTime>, zone: &Zone) -> Option<String> {
    Some(steward_kernel::time::format_millis(zone.instant(local?)))
}

fn discount(given: Option<GivenDiscount>) -> Value {
    match given.map(|given| given.discount) {
        None => Value::Null,
        Some(Discount::Percentage(percent)) => {
            json!({"percentage": number(percent)})
        }
        Some(Discount::Amount(money)) => json!({"amount": number(money)}),
    }
}

/// Lines that came, changed and went, in a booking of a length. The length is the same before and
/// after: that other dates cost something else is told of the dates.
fn items(old: &[Line], new: &[Line], length: Option<Length>) -> Result<Vec<Recorded>> {
    let mut told = Vec::new();
    for line in new {
        let Some(before) = old.iter().find(|before| before.id == line.id && line.id != 0) else {
            let params = json!({"item_title": line.title});
            told.push(recorded(kind::BOOKING_ITEM_CREATED, &["created_at"], params));
            continue;
        };
        if before == line {
            continue;
        }
        let (names, was, is) = differing(shown(before, length)?, shown(line, length)?);
        if !names.is_empty() {
            let params = json!({"item_title": line.title, "new": is, "old": was});
            told.push(recorded(kind::BOOKING_ITEM_CHANGED, &names, params));
        }
    }
    for before in old.iter().filter(|before| !new.iter().any(|line| line.id == before.id)) {
        let params = json!({"item_title": before.title});
        told.push(recorded(kind::BOOKING_ITEM_REMOVED, &["deleted_at"], params));
    }
    Ok(told)
}

/// The attributes of a line that the owner changes, as they are shown.
fn shown(line: &Line, length: Option<Length>) -> Result<[(&'static str, Value); 10]> {
    let price = price::line_price(line, length)?;
    let deposit = line.deposit().map_err(too_large)?;
    Ok([
        ("quantity", json!(line.quantity)),
        ("unit_price", number(price.unit_price)),
        ("total", number(price.total)),
        ("price_edited", json!(line.edit.is_some())),
        ("tax_rate", number(line.tax_rate)),
        ("deposit_per_item", number(deposit.per_item)),
        ("deposit_total", number(deposit.total)),
        ("late_fee", number(line.late_fee)),
        ("notes", json!(line.notes)),
        ("position", json!(line.position)),
    ])
}

/// The names of facts that differ, with their old and new values.
fn differing<const COUNT: usize>(
    before: [(&'static str, Value); COUNT],
    after: [(&'static str, Value); COUNT],
) -> (Vec<&'static str>, Value, Value) {
    let (mut names, mut was, mut is) = (Vec::new(), json!({}), json!({}));
    for ((name, old), (_, new)) in before.into_iter().zip(after) {
        if old != new {
            names.push(name);
            was[name] = old;
            is[name] = new;
        }
    }
    (names, was, is)
}

/// Services that came, changed and went.
fn services(old: &[Service], new: &[Service]) -> Vec<Recorded> {
    let facts = |service: &Service| {
        [
            ("title", json!(service.title)),
            ("price", number(service.price)),
            ("tax_rate", number(service.tax_rate)),
            ("notes", json!(service.notes)),
        ]
    };
    let mut told = Vec::new();
    for service in new {
        let name = service.kind.as_str();
        let Some(before) = old.iter().find(|one| one.id == service.id && one.id != 0) else {
            let params = json!({"service_kind": name});
            told.push(recorded(kind::BOOKING_SERVICE_CREATED, &["created_at"], params));
            continue;
        };
        let (names, was, is) = differing(facts(before), facts(service));
        if !names.is_empty() {
            let params = json!({"service_kind": name, "new": is, "old": was});
            told.push(recorded(kind::BOOKING_SERVICE_CHANGED, &names, params));
        }
    }
    for before in old.iter().filter(|one| !new.iter().any(|kept| kept.id == one.id)) {
        let params = json!({"service_kind": before.kind.as_str()});
        told.push(recorded(kind::BOOKING_SERVICE_REMOVED, &["deleted_at"], params));
    }
    told
}

/// Payments that came, changed and went.
fn payments(old: &[BookingPayment], new: &[BookingPayment]) -> Vec<Recorded> {
    let told = |kind, payment: &BookingPayment| {
        let amount = number(payment.amount);
        let params = json!({"payment_kind": payment.kind.as_str(), "amount": amount});
        recorded(kind, &["amount"], params)
    };
    let came_or_changed = new.iter().filter_map(|payment| {
        match old.iter().find(|one| one.id == payment.id && one.id != 0) {
            None => Some(told(kind::BOOKING_PAYMENT_CREATED, payment)),
            Some(before) if before.is_as(payment) => None,
            Some(_) => Some(told(kind::BOOKING_PAYMENT_CHANGED, payment)),
        }
    });
    let gone = old.iter().filter(|one| !new.iter().any(|kept| kept.id == one.id));
    came_or_changed
        .chain(gone.map(|payment| told(kind::BOOKING_PAYMENT_REMOVED, payment)))
        .collect()
}

/// Pieces that were picked up or came back: lines of which another number is.
fn moves(
    kind: i16,
    name: &'static str,
    old: &[Line],
    new: &[Line],
    count: fn(&Line) -> u32,
) -> Vec<Recorded> {
    let of_line = |line: &Line| {
        let before = old.iter().find(|before| before.id == line.id).map_or(0, count);
        let params = json!({"new": count(line), "old": before});
        (count(line) != before).then(|| recorded(kind, &[name], params))
    };
    new.iter().filter_map(of_line).collect()
}

/// An amount or a percentage as a number. None is so large that two would become the same.
fn number(value: impl Into<Decimal>) -> Value {
    let value: Decimal = value.into();
    json!(value.to_f64())
}
