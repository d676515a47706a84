//! Bookings from proto.

use prost_types::FieldMask;
use rust_decimal::Decimal;
use steward_contracts::google::r#type::Money as MoneyMessage;
use steward_kernel::Result;
use steward_kernel::validate::Violations;

use super::actions::StepInput;
use super::discount::{DiscountKind, DiscountPatch};
use super::edit::{BookingPatch, CustomerPatch, DocumentPatch};
use super::line_edit::LinePatch;
use super::mails::{Message, Occasion};
use super::model::{BookingCustomer, PostalAddress};
use crate::addresses::wire::postal_code_in;
use crate::booking_services;
use crate::customers;
use crate::money::{Money, Percent};
use crate::pb;
use crate::wire::{names, percentage, phone, required_country, stated};

/// Most lines that a booking is made with.
const MOST_LINES: usize = 500;

/// What of a message is given: what its mask names and, without a mask, what has a value.
pub(crate) struct Given<'a>(pub(crate) Option<&'a FieldMask>);

impl Given<'_> {
    /// A member that may be cleared.
    pub(crate) fn or_null<T>(&self, field: &str, value: Option<T>) -> Option<Option<T>> {
        (names(self.0, field) || (self.0.is_none() && value.is_some())).then_some(value)
    }

    /// A member that always has a value.
    pub(crate) fn value<T>(&self, field: &str, value: Option<T>) -> Option<T> {
        value.filter(|_| self.0.is_none() || names(self.0, field))
    }
}

/// Reads what is given of a booking that is there. Its lines and services have RPCs of their own:
/// those that it was answered with may come back and say nothing.
pub fn changed_booking(
    message: Option<pb::Booking>,
    mask: Option<&FieldMask>,
) -> Result<BookingPatch> {
    let message = message.map(|mut message| {
        message.items.retain(|line| line.id == 0);
        message.services.retain(|service| service.id == 0);
        message
    });
    booking(message, mask)
}

/// Reads a booking, or what is given of one.
pub fn booking(message: Option<pb::Booking>, mask: Option<&FieldMask>) -> Result<BookingPatch> {
    let mut violations = Violations::below("booking");
    let message = violations.required_message(message);
    let given = Given(mask);
    let discount = discount(&mut violations, &message, &given);
    // One that has an id is the one that a booking was answered with.
    let customer = message.customer.filter(|customer| customer.id == 0);
    if customer.is_some() && message.customer_internal_id.is_some() {
        violations.rule("customer", "Either a customer or the number of one can be given.");
    }
    let customer = customer.map(|customer| {
        customers::wire::new(Some(customer)).map_err(|error| error.below("booking"))
    });
    let customer = violations.take(customer.transpose())?;
    if message.items.len() > MOST_LINES {
        violations.named("items", "TOO_LONG", "There are more than 500 items.");
    }
    let items = message
        .items
        .into_iter()
        .enumerate()
        .map(|(index, item)| new(&mut violations, &format!("items[{index}]."), item))
        .collect();
    if message.services.len() > MOST_LINES {
        violations.named("services", "TOO_LONG", "There are more than 500 services.");
    }
    let services = message
        .services
        .into_iter()
        .enumerate()
        .map(|(index, one)| {
            booking_services::wire::service(
                &mut violations,
                &format!("services[{index}]."),
                one,
                None,
            )
        })
        .collect();
    let mut text = |field: &str, value: Option<String>, max| {
        let value = violations.tidy(field, value, max);
        given.or_null(field, value)
    };
    Ok(BookingPatch {
        start_at: given.or_null("start_at", message.start_at),
        end_at: given.or_null("end_at", message.end_at),
        customer_internal_id: given.or_null("customer_internal_id", message.customer_internal_id),
        customer,
        title: text("title", message.title, 160),
        reference: text("reference", message.reference, 60),
        notes: text("notes", message.notes, 5000),
        customer_notes: text("customer_notes", message.customer_notes, 5000),
        discount,
        delivery_address: given.or_null(
            "delivery_address",
            message
                .delivery_address
                .map(|address| place(&mut violations, "delivery_address", address)),
        ),
        pickup_address_id: given.or_null("pickup_address_id", message.pickup_address_id),
        language: given.or_null("language", stated(message.language)),
        items,
        services,
        reserve: message.reserve.unwrap_or(false),
        notify: message.notify.unwrap_or(true),
        confirm_shortage: message.confirm_shortage,
        refused: violations,
    })
}

fn discount(
    violations: &mut Violations,
    message: &pb::Booking,
    given: &Given<'_>,
) -> Option<DiscountPatch> {
    let kind = given.or_null("discount_kind", stated(message.discount_kind));
    let value = given.or_null("discount_value", message.discount_value.clone());
    let kind = kind.map(|kind| {
        kind.map(|kind| match i32::from(kind) == pb::DiscountKind::Percentage as i32 {
            true => DiscountKind::Percentage,
            false => DiscountKind::Amount,
        })
    });
    let value = value.map(|value| {
        let value = value?;
        let read = Decimal::from_str_exact(&value.value).ok();
        if read.is_none() {
            violations.format("discount_value", "Discount value is not a number.");
        }
        read
    });
    match (kind, value) {
        (None, None) => None,
        (Some(None) | None, Some(None)) | (Some(None), None) => Some(DiscountPatch::Set(None)),
        (Some(None), Some(Some(_))) => {
            violations.required("discount_kind");
            None
        }
        (Some(Some(_)), Some(None)) => {
            if message.discount_value.is_none() {
                violations.required("discount_value");
            }
            None
        }
        (Some(Some(kind)), Some(Some(value))) => {
            let discount = DiscountPatch::checked(violations, kind, value);
            discount.map(|discount| DiscountPatch::Set(Some(discount)))
        }
        (Some(Some(kind)), None) => Some(DiscountPatch::Kind(kind)),
        (None, Some(Some(value))) => Some(DiscountPatch::Value(value)),
    }
}

/// Reads a place; refusals name its members below `field`.
fn place(violations: &mut Violations, field: &str, address: pb::PostalAddress) -> PostalAddress {
    let pb::PostalAddress { name, street, street2, postal_code, city, region, country } = address;
    let path = |member: &str| format!("{field}.{member}");
    let country = required_country(violations, &path("country"), country);
    PostalAddress {
        name: violations.tidy(&path("name"), name, 120),
        street: Some(violations.required_tidy(&path("street"), street, 200)),
        street2: violations.tidy(&path("street2"), street2, 200),
        postal_code: postal_code_in(&country, violations, &path("postal_code"), postal_code),
        city: Some(violations.required_tidy(&path("city"), city, 120)),
        region: violations.tidy(&path("region"), region, 120),
        country: Some(country),
    }
}

/// Reads a line to be added.
pub fn new_line(message: Option<pb::BookingItem>) -> LinePatch {
    let mut violations = Violations::below("booking_item");
    let message = violations.required_message(message);
    let patch = new(&mut violations, "", message);
    LinePatch { refused: violations, ..patch }
}

/// Reads what is given of a line.
pub fn changed_line(message: Option<pb::BookingItem>, mask: Option<&FieldMask>) -> LinePatch {
    let mut violations = Violations::below("booking_item");
    let message = violations.required_message(message);
    let patch = line(&mut violations, "", message, mask);
    LinePatch { refused: violations, ..patch }
}

fn new(violations: &mut Violations, at: &str, message: pb::BookingItem) -> LinePatch {
    if message.item_internal_id.is_none() {
        violations.required(&format!("{at}item_internal_id"));
    }
    line(violations, at, message, None)
}

fn line(
    violations: &mut Violations,
    at: &str,
    message: pb::BookingItem,
    mask: Option<&FieldMask>,
) -> LinePatch {
    let given = Given(mask);
    let path = |field: &str| format!("{at}{field}");
    let mut count = |field: &str, value: Option<i32>| {
        let value = given.value(field, value)?;
        if value < 0 {
            let text = "A count is not negative.";
            violations.named(&path(field), "OUT_OF_RANGE", text);
        }
        Some(value.unsigned_abs())
    };
    let quantity = count("quantity", message.quantity);
    let picked_up = count("picked_up_quantity", message.picked_up_quantity);
    let returned = count("returned_quantity", message.returned_quantity);
    let mut amount = |field: &str, value: Option<MoneyMessage>| {
        let value = given.value(field, value)?;
        money(violations, &path(field), &value)
    };
    let unit_price = amount("unit_price", message.unit_price);
    let total = amount("total", message.total);
    let deposit_per_item = amount("deposit_per_item", message.deposit_per_item);
    let deposit_total = amount("deposit_total", message.deposit_total);
    let late_fee = amount("late_fee", message.late_fee);
    let tax_rate = given
        .value("tax_rate", message.tax_rate)
        .and_then(|rate| percentage(violations, &path("tax_rate"), Some(rate)))
        .and_then(|rate| Percent::try_from(rate).ok());
    let notes = violations.tidy(&path("notes"), message.notes, 1000);
    LinePatch {
        item_internal_id: given.value("item_internal_id", message.item_internal_id),
        quantity,
        picked_up,
        returned,
        unit_price,
        total,
        price_edited: given.value("price_edited", message.price_edited),
        tax_rate,
        deposit_per_item,
        deposit_total,
        late_fee,
        notes: given.or_null("notes", notes),
        position: given.value("position", message.position),
        confirm_shortage: message.confirm_shortage,
        refused: Violations::default(),
    }
}

/// Reads an amount of at most two decimals.
pub(crate) fn money(
    violations: &mut Violations,
    field: &str,
    message: &MoneyMessage,
) -> Option<Money> {
    let nanos = i64::from(message.nanos);
    if nanos % 10_000_000 != 0 {
        violations.format(field, "An amount has at most two decimals.");
        return None;
    }
    let cents = i128::from(message.units) * 100 + i128::from(nanos / 10_000_000);
    match Money::from_cents(cents) {
        Ok(money) => Some(money),
        Err(error) => {
            violations.named(field, "OUT_OF_RANGE", format!("{error}."));
            None
        }
    }
}

/// Reads what is given of what is printed on documents.
pub fn document_settings(
    message: Option<pb::DocumentSettings>,
    mask: Option<&FieldMask>,
) -> Result<DocumentPatch> {
    let mut violations = Violations::below("document_settings");
    let pb::DocumentSettings { language, valid_until, signer_name, signer_email, terms, notes } =
        violations.required_message(message);
    if let Some(day) = &valid_until
        && day.parse::<jiff::civil::Date>().is_err()
    {
        violations.format("valid_until", "Valid until is not a day such as 2026-03-31.");
    }
    let signer_name = violations.tidy("signer_name", signer_name, 120);
    let signer_email = violations.email("signer_email", signer_email);
    let signer_email = signer_email.filter(|email| !email.is_empty());
    let terms = violations.tidy("terms", terms, 20_000);
    let notes = violations.tidy("notes", notes, 20_000);
    let given = Given(mask);
    violations.finish(DocumentPatch {
        language: given.or_null("language", stated(language)),
        valid_until: given.or_null("valid_until", valid_until),
        signer_name: given.or_null("signer_name", signer_name),
        signer_email: given.or_null("signer_email", signer_email),
        terms: given.or_null("terms", terms),
        notes: given.or_null("notes", notes),
    })
}

/// Reads what is given of the customer of a booking.
pub fn customer(message: Option<pb::BookingCustomer>, mask: Option<&FieldMask>) -> CustomerPatch {
    let mut violations = Violations::below("booking_customer");
    let pb::BookingCustomer {
        id: _,
        customer_internal_id,
        name,
        kind,
        email,
        phone_number,
        vat_number,
        fiscal_name,
        language,
        id_document_kind,
        id_document_number,
        id_verified,
        address,
        update_customer,
    } = violations.required_message(message);
    let given = Given(mask);
    let copy = BookingCustomer {
        id: None,
        internal_id: None,
        name: violations.tidy("name", name, 160),
        kind: stated(kind).unwrap_or(pb::CustomerKind::Individual as i16),
        email: violations.email("email", email).filter(|email| !email.is_empty()),
        phone_number: phone(&mut violations, "phone_number", phone_number),
        vat_number: violations.tidy("vat_number", vat_number, 20),
        fiscal_name: violations.tidy("fiscal_name", fiscal_name, 160),
        language: stated(language),
        id_document_kind: stated(id_document_kind),
        id_document_number: violations.tidy("id_document_number", id_document_number, 60),
        id_verified: id_verified.unwrap_or(false),
        address: address.map(|address| place(&mut violations, "address", address)),
    };
    let stated_members = [
        ("name", copy.name.is_some()),
        ("kind", kind != 0),
        ("email", copy.email.is_some()),
        ("phone_number", copy.phone_number.is_some()),
        ("vat_number", copy.vat_number.is_some()),
        ("fiscal_name", copy.fiscal_name.is_some()),
        ("language", copy.language.is_some()),
        ("id_document_kind", copy.id_document_kind.is_some()),
        ("id_document_number", copy.id_document_number.is_some()),
        ("id_verified", id_verified.is_some()),
        ("address", copy.address.is_some()),
    ];
    let names = stated_members
        .into_iter()
        .filter(|(name, has)| match mask {
            Some(_) => names(mask, name),
            None => *has,
        })
        .map(|(name, _)| name.to_owned())
        .collect();
    CustomerPatch {
        customer_internal_id: given.or_null("customer_internal_id", customer_internal_id),
        copy,
        given: names,
        update_customer: update_customer.unwrap_or(false),
        refused: violations,
    }
}

/// Reads what comes with a step.
pub fn step(
    notify: Option<bool>,
    reason: Option<String>,
    confirm_shortage: Option<bool>,
) -> Result<StepInput> {
    let mut violations = Violations::default();
    let reason = violations.tidy("reason", reason, 500);
    violations.finish(StepInput { notify: notify.unwrap_or(true), reason, confirm_shortage })
}

/// Reads a mail to be sent.
pub fn message(request: pb::SendEmailRequest) -> Result<Message> {
    let mut violations = Violations::default();
    let pb::SendEmailRequest { booking_internal_id: _, kind, subject, message, to, etag: _ } =
        request;
    let kind = violations.required_tidy("kind", kind, 20);
    let occasion = Occasion::named(&kind);
    if occasion.is_none() && kind != "custom" && !kind.is_empty() {
        let text = "Kind is quote, reservation, pick_up, completed, cancelled, reminder or custom.";
        violations.rule("kind", text);
    }
    let mut subject = violations.tidy("subject", subject, 200);
    let mut text = violations.tidy("message", message, 5000);
    if kind == "custom" {
        subject = Some(violations.required_tidy("subject", subject, 200));
        text = Some(violations.required_tidy("message", text, 5000));
    }
    let to = violations.email("to", to).filter(|to| !to.is_empty());
    violations.finish(Message { occasion, subject, text, to })
}
