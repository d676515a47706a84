//! Payments of bookings.

use std::sync::LazyLock;

use steward_kernel::time::Timestamp;
use steward_kernel::validate::Violations;
use steward_kernel::{Error, Kind, Result};
use steward_platform::files::{self, ShownFile};

use crate::bookings::edit::Facts;
use crate::bookings::line::too_large;
use crate::bookings::model::Booking;
use crate::bookings::price;
use crate::bookings::rules::closed;
use crate::money::Money;
use crate::pricing::{Payment, PaymentKind, Payments};
use crate::status::BookingStatus;

/// What a receipt may be.
pub static RECEIPTS: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| [files::IMAGES, files::DOCUMENTS].concat());

/// How something is paid unless somebody says otherwise: in cash, as the contract numbers it.
const CASH: i16 = 1;

/// A payment of a booking.
#[derive(Debug, Clone, PartialEq)]
pub struct BookingPayment {
    /// Id; 0 before it is recorded.
    pub id: i64,
    /// What it is.
    pub kind: PaymentKind,
    /// How much, above nothing.
    pub amount: Money,
    /// How it was paid, as the contract numbers it.
    pub method: i16,
    /// When it was paid.
    pub paid_at: Timestamp,
    /// Number on a statement of account and the like.
    pub reference: Option<String>,
    /// Notes.
    pub notes: Option<String>,
    /// The receipt.
    pub receipt: Option<ShownFile>,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

impl BookingPayment {
    /// Id of the file of the receipt.
    #[must_use]
    pub fn receipt_id(&self) -> Option<i64> {
        self.receipt.as_ref().map(|file| file.id)
    }

    /// Whether nothing of it differs that is written.
    #[must_use]
    pub fn is_as(&self, other: &Self) -> bool {
        let facts = |one: &Self| (one.amount, one.method, one.paid_at, one.receipt_id());
        facts(self) == facts(other)
            && self.reference == other.reference
            && self.notes == other.notes
    }
}

/// What is given of a payment; what is not given stays, and null stands for the usual.
#[derive(Debug, Clone, Default)]
pub struct PaymentPatch {
    /// What it is.
    pub kind: Option<PaymentKind>,
    /// How much.
    pub amount: Option<Option<Money>>,
    /// How it was paid, as the contract numbers it.
    pub method: Option<Option<i16>>,
    /// When it was paid.
    pub paid_at: Option<Option<Timestamp>>,
    /// Number on a statement of account and the like.
    pub reference: Option<Option<String>>,
    /// Notes.
    pub notes: Option<Option<String>>,
    /// Signed id of a receipt.
    pub receipt_id: Option<Option<String>>,
}

/// The error for an id that is no payment of the booking.
pub fn not_found(id: i64) -> Error {
    Error::not_found("Booking payment", id)
}

/// The payments of a booking, added up.
///
/// # Errors
/// INVALID_ARGUMENT when a sum is larger than an amount may be.
pub fn sums(booking: &Booking) -> Result<Payments> {
    let rows = booking.payments.iter();
    Payments::of(rows.map(|row| Payment { kind: row.kind, amount: row.amount })).map_err(too_large)
}

fn refused(name: &'static str, message: &str) -> Error {
    Error::named("booking_payment.amount", name, message)
}

const EXCEEDED: &str = "More would be given back or kept than there is.";

impl PaymentPatch {
    /// Adds a new payment to a booking; `receipt` is the file that it names.
    ///
    /// # Errors
    /// INVALID_ARGUMENT when nothing is open (`OUT_OF_RANGE`) or more would be given back than
    /// there is (`REFUND_EXCEEDS_PAID`), FAILED_PRECONDITION (`BOOKING_CLOSED`) for a payment or
    /// deposit of a cancelled booking.
    pub fn add(
        &self,
        booking: &mut Booking,
        receipt: Option<&ShownFile>,
        facts: &Facts,
    ) -> Result<()> {
        // Without a kind the request is refused before.
        let kind = self.kind.unwrap_or(PaymentKind::Payment);
        if booking.status == BookingStatus::Cancelled && !kind.after_cancellation() {
            return Err(closed(booking));
        }
        booking.payments.push(BookingPayment {
            id: 0,
            kind,
            amount: match self.amount.flatten() {
                Some(amount) => amount,
                None => open(booking, kind, facts)?,
            },
            method: self.method.flatten().unwrap_or(CASH),
            paid_at: self.paid_at.flatten().unwrap_or(facts.now),
            reference: self.reference.clone().flatten(),
            notes: self.notes.clone().flatten(),
            receipt: receipt.cloned(),
            created_at: facts.now,
            updated_at: facts.now,
        });
        within(booking)
    }

    /// Applies what is given to a payment of a booking; `receipt` is the file that it names, where
    /// it names one or none.
    ///
    /// # Errors
    /// NOT_FOUND when there is no such payment, INVALID_ARGUMENT for another kind and as
    /// [`PaymentPatch::add`].
    pub fn apply(
        &self,
        booking: &mut Booking,
        id: i64,
        receipt: Option<Option<&ShownFile>>,
        facts: &Facts,
    ) -> Result<()> {
        let place = booking.payments.iter().position(|payment| payment.id == id);
        let place = place.ok_or_else(|| not_found(id))?;
        let mut payment = booking.payments.remove(place);
        if self.kind.is_some_and(|given| given != payment.kind) {
            let mut violations = Violations::below("booking_payment");
            violations.rule("kind", "The kind of a payment is fixed.");
            return violations.finish(());
        }
        if let Some(amount) = self.amount {
            // The payment itself is not there, so what is open is what it may be.
            payment.amount = match amount {
                Some(amount) => amount,
                None => open(booking, payment.kind, facts)?,
            };
        }
        if let Some(method) = self.method {
            payment.method = method.unwrap_or(CASH);
        }
        if let Some(paid_at) = self.paid_at {
            payment.paid_at = paid_at.unwrap_or(facts.now);
        }
        if let Some(reference) = &self.reference {
            payment.reference.clone_from(reference);
        }
        if let Some(notes) = &self.notes {
            payment.notes.clone_from(notes);
        }
        if let Some(receipt) = receipt {
            payment.receipt = receipt.cloned();
        }
        booking.payments.insert(place, payment);
        within(booking)
    }
}

/// Removes a payment from a booking.
///
/// # Errors
/// NOT_FOUND when there is no such payment, INVALID_ARGUMENT (`REFUND_EXCEEDS_PAID`) when what was
/// given back is more than is left.
pub fn remove(booking: &mut Booking, id: i64) -> Result<()> {
    let place = booking.payments.iter().position(|payment| payment.id == id);
    booking.payments.remove(place.ok_or_else(|| not_found(id))?);
    if sums(booking)?.exceeded() {
        return Err(Error::new(Kind::InvalidArgument, "REFUND_EXCEEDS_PAID", EXCEEDED));
    }
    Ok(())
}

/// What is open for a kind of payment.
fn open(booking: &Booking, kind: PaymentKind, facts: &Facts) -> Result<Money> {
    let totals = price::summary(booking, &facts.terms)?.totals;
    let open = sums(booking)?.open(kind, totals.total, totals.deposit_total);
    open.map_err(too_large)?.ok_or_else(|| refused("OUT_OF_RANGE", "Nothing is open for this."))
}

fn within(booking: &Booking) -> Result<()> {
    if sums(booking)?.exceeded() { Err(refused("REFUND_EXCEEDS_PAID", EXCEEDED)) } else { Ok(()) }
}
