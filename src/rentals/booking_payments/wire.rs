//! Payments of bookings between proto and model.

use prost_types::FieldMask;
use serde_json::{Map, Value, json};
use steward_kernel::validate::Violations;
use steward_kernel::{Error, Result};

use super::model::{BookingPayment, PaymentPatch};
use crate::bookings::read::{Given, money};
use crate::money::Money;
use crate::pb;
use crate::pricing::PaymentKind;
use crate::wire::{FileMembers, choice, timestamp};

const fn kind(kind: pb::BookingPaymentKind) -> Option<PaymentKind> {
    Some(match kind {
        pb::BookingPaymentKind::Unspecified => return None,
        pb::BookingPaymentKind::Payment => PaymentKind::Payment,
        pb::BookingPaymentKind::Deposit => PaymentKind::Deposit,
        pb::BookingPaymentKind::PaymentRefund => PaymentKind::PaymentRefund,
        pb::BookingPaymentKind::DepositRefund => PaymentKind::DepositRefund,
        pb::BookingPaymentKind::DepositCapture => PaymentKind::DepositCapture,
    })
}

const fn kind_message(kind: PaymentKind) -> pb::BookingPaymentKind {
    match kind {
        PaymentKind::Payment => pb::BookingPaymentKind::Payment,
        PaymentKind::Deposit => pb::BookingPaymentKind::Deposit,
        PaymentKind::PaymentRefund => pb::BookingPaymentKind::PaymentRefund,
        PaymentKind::DepositRefund => pb::BookingPaymentKind::DepositRefund,
        PaymentKind::DepositCapture => pb::BookingPaymentKind::DepositCapture,
    }
}

/// Reads a payment to be recorded, or with `is_new` false what is given of one.
pub fn payment(
    message: Option<pb::BookingPayment>,
    mask: Option<&FieldMask>,
    is_new: bool,
) -> Result<PaymentPatch> {
    let mut violations = Violations::below("booking_payment");
    let given = Given(mask);
    let pb::BookingPayment {
        id: _,
        booking_internal_id: _,
        kind: number,
        amount,
        method,
        paid_at,
        reference,
        notes,
        receipt_id,
        receipt_url: _,
        receipt_preview: _,
        receipt_filename: _,
        receipt_content_type: _,
        receipt_metadata: _,
        created_at: _,
        updated_at: _,
        etag: _,
    } = violations.required_message(message);
    if number == 0 && is_new {
        violations.required("kind");
    }
    let amount = amount.and_then(|amount| {
        let read = money(&mut violations, "amount", &amount)?;
        if read <= Money::ZERO {
            violations.named("amount", "OUT_OF_RANGE", "An amount is above nothing.");
        }
        Some(read)
    });
    let paid_at = paid_at.and_then(|at| violations.instant("paid_at", at.seconds, at.nanos));
    let method = choice::<pb::PaymentMethod>(&mut violations, "method", method);
    let method = method.and_then(|method| i16::try_from(i32::from(method)).ok());
    let reference = violations.tidy("reference", reference, 100);
    let notes = violations.tidy("notes", notes, 1000);
    let receipt_id = violations.tidy("receipt_id", receipt_id, 500);
    let read_kind = choice(&mut violations, "kind", number).and_then(kind);
    let patch = PaymentPatch {
        kind: given.value("kind", read_kind),
        amount: given.or_null("amount", amount),
        method: given.or_null("method", method),
        paid_at: given.or_null("paid_at", paid_at),
        reference: given.or_null("reference", reference),
        notes: given.or_null("notes", notes),
        receipt_id: given.or_null("receipt_id", receipt_id),
    };
    violations.finish(patch)
}

/// Writes a payment of the booking with a number.
pub fn message(payment: BookingPayment, booking: i64, currency: &str) -> pb::BookingPayment {
    let BookingPayment {
        id,
        kind,
        amount,
        method,
        paid_at,
        reference,
        notes,
        receipt,
        created_at,
        updated_at,
    } = payment;
    let FileMembers { url, preview, filename, content_type, metadata } = receipt.into();
    pb::BookingPayment {
        id,
        booking_internal_id: Some(booking),
        kind: kind_message(kind).into(),
        amount: Some(crate::wire::money(amount.cents(), currency)),
        method: method.into(),
        paid_at: Some(timestamp(paid_at)),
        reference,
        notes,
        receipt_id: None,
        receipt_url: url,
        receipt_preview: preview,
        receipt_filename: filename,
        receipt_content_type: content_type,
        receipt_metadata: metadata,
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        etag: String::new(),
    }
}

/// Results over all amounts: `{"amount": {"sum": 12.5}}`; nothing when none are asked for.
///
/// # Errors
/// INVALID_ARGUMENT for what cannot be asked for.
pub fn stats(asked: &[String], payments: &[BookingPayment]) -> Result<Option<String>> {
    if asked.is_empty() {
        return Ok(None);
    }
    let cents: Vec<i64> = payments.iter().map(|payment| payment.amount.cents()).collect();
    let sum: i64 = cents.iter().sum();
    let amount = |cents: i64| {
        let decimal = rust_decimal::Decimal::new(cents, 2);
        serde_json::from_str(&decimal.to_string()).unwrap_or(Value::Null)
    };
    let mut found = Map::new();
    for text in asked {
        let count = i64::try_from(cents.len()).unwrap_or(i64::MAX);
        let value = match text.strip_prefix("amount.") {
            Some("sum") => amount(sum),
            Some("count") => count.into(),
            Some("average") if count == 0 => Value::Null,
            // Half up, as every amount is rounded.
            Some("average") => amount((2 * sum + count).div_euclid(2 * count)),
            Some("minimum") => cents.iter().min().map_or(Value::Null, |least| amount(*least)),
            Some("maximum") => cents.iter().max().map_or(Value::Null, |most| amount(*most)),
            _ => return Err(Error::rule("stats", format!("{text} cannot be asked for here."))),
        };
        found.insert(text.trim_start_matches("amount.").to_owned(), value);
    }
    Ok(Some(json!({ "amount": found }).to_string()))
}
