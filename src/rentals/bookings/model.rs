//! Bookings: what is rented to whom, when, and for how much.

use serde::{Deserialize, Serialize};
use steward_kernel::time::Timestamp;

use super::line::Line;
use crate::booking_payments::model::BookingPayment;
use crate::booking_services::model::Service;
use crate::money::Money;
use crate::pricing::{
    BookingTotals, DepositStatus, Discount, DiscountSource, GivenDiscount, PaymentStatus,
};
use crate::status::BookingStatus;
use crate::time::{LocalTime, Period, Zone};

/// The customer as copied onto a booking.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BookingCustomer {
    /// Id of the customer, absent for one that is only copied.
    #[serde(skip)]
    pub id: Option<i64>,
    /// The customer's number.
    pub internal_id: Option<i64>,
    /// Name.
    pub name: Option<String>,
    /// 1 individual, 2 company.
    pub kind: i16,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number.
    pub phone_number: Option<String>,
    /// VAT number.
    pub vat_number: Option<String>,
    /// Name on invoices.
    pub fiscal_name: Option<String>,
    /// The language the customer reads, as the contract numbers it.
    pub language: Option<i16>,
    /// What the identity was proved with, as the contract numbers it.
    pub id_document_kind: Option<i16>,
    /// Number of that document.
    pub id_document_number: Option<String>,
    /// Whether somebody looked at it.
    pub id_verified: bool,
    /// Where the customer lives.
    pub address: Option<PostalAddress>,
}

/// A place, as printed on documents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PostalAddress {
    /// Who is there.
    pub name: Option<String>,
    /// Street and number.
    pub street: Option<String>,
    /// Floor, door and the like.
    pub street2: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Region or state.
    pub region: Option<String>,
    /// Country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
}

/// What is printed on the documents of a booking.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DocumentSettings {
    /// Language, as the contract numbers it.
    pub language: Option<i16>,
    /// Day until which a quote is good, `2026-03-31`.
    pub valid_until: Option<String>,
    /// Who signs.
    pub signer_name: Option<String>,
    /// Where a document is sent to be signed.
    pub signer_email: Option<String>,
    /// Terms of the business.
    pub terms: Option<String>,
    /// Notes.
    pub notes: Option<String>,
}

/// When which state was reached.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// Microseconds since 1970, as all of these.
    pub reserved_at: Option<i64>,
    /// The first piece was picked up.
    pub picked_up_at: Option<i64>,
    /// The last piece came back.
    pub completed_at: Option<i64>,
    /// The booking was called off.
    pub cancelled_at: Option<i64>,
    /// Why.
    pub cancellation_reason: Option<String>,
    /// What the request that completed the booking brought back: line and pieces.
    pub last_returns: Vec<(i64, u32)>,
    /// The end after which it was told that pieces are out.
    pub overdue_since: Option<i64>,
    /// By how many pieces it lowered lines, in the same form.
    pub last_reductions: Vec<(i64, u32)>,
}

/// What a booking may be dated with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dates {
    /// Start, by the owner's clock.
    pub start: LocalTime,
    /// End, by the owner's clock.
    pub end: LocalTime,
}

/// Where a booking came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The owner made it.
    Owner = 1,
    /// An inquiry was approved.
    Inquiry = 2,
    /// It is a copy of another.
    Duplicate = 3,
    /// It was imported.
    Import = 4,
}

impl Source {
    /// The source with a stored number.
    #[must_use]
    pub const fn of_number(number: i16) -> Self {
        match number {
            2 => Self::Inquiry,
            3 => Self::Duplicate,
            4 => Self::Import,
            _ => Self::Owner,
        }
    }
}

/// The members an owner writes freely.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wording {
    /// Own wording.
    pub title: Option<String>,
    /// The customer's order number.
    pub reference: Option<String>,
    /// Notes that the customer does not see.
    pub notes: Option<String>,
    /// Notes that print on documents.
    pub customer_notes: Option<String>,
}

/// A booking with its lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Booking {
    /// Id; 0 before it is recorded.
    pub id: i64,
    /// Number, by which people and paths name it.
    pub internal_id: i64,
    /// Where it stands.
    pub status: BookingStatus,
    /// Where it stood before.
    pub previous_status: Option<BookingStatus>,
    /// When it is.
    pub dates: Option<Dates>,
    /// Who rents.
    pub customer: Option<BookingCustomer>,
    /// What the owner writes freely.
    pub wording: Wording,
    /// What is taken off.
    pub discount: Option<GivenDiscount>,
    /// Where things are delivered.
    pub delivery_address: Option<PostalAddress>,
    /// Id of the owner's address where things are picked up.
    pub pickup_address_id: Option<i64>,
    /// What is printed on documents.
    pub document_settings: DocumentSettings,
    /// Language of mails and documents, as the contract numbers it.
    pub language: i16,
    /// ISO 4217.
    pub currency: String,
    /// When which state was reached.
    pub progress: Progress,
    /// Where it came from.
    pub source: Source,
    /// The lines by position.
    pub lines: Vec<Line>,
    /// What is charged beside them.
    pub services: Vec<Service>,
    /// What was paid.
    pub payments: Vec<BookingPayment>,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

impl Booking {
    /// When it is, as a period of the owner's zone.
    #[must_use]
    pub fn period(&self, zone: &Zone) -> Option<Period> {
        let Dates { start, end } = self.dates?;
        Period::new(start, end, zone).ok()
    }

    /// Whether its lines hold stock.
    #[must_use]
    pub fn holds(&self) -> bool {
        matches!(self.status, BookingStatus::Reserved | BookingStatus::Ongoing)
    }

    /// Whether every piece of every line came back.
    #[must_use]
    pub fn all_returned(&self) -> bool {
        !self.lines.is_empty() && self.lines.iter().all(|line| line.returned() == line.quantity)
    }

    /// Moves to another state.
    pub fn go_to(&mut self, status: BookingStatus) {
        self.previous_status = Some(self.status);
        self.status = status;
    }

    /// Whether pieces are out after the end.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp, zone: &Zone) -> bool {
        self.status == BookingStatus::Ongoing
            && self.period(zone).is_some_and(|period| period.span().till < now)
    }
}

/// What of a booking is derived from the rest.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The totals and the shares of the lines.
    pub totals: BookingTotals,
    /// What was paid and not given back.
    pub paid: Money,
    /// What is still to be paid; negative when more was.
    pub balance: Money,
    /// What is held as a deposit.
    pub deposit_held: Money,
    /// Whether it is paid.
    pub payment_status: PaymentStatus,
    /// Whether its deposits are there.
    pub deposit_status: DepositStatus,
}

/// A discount as stored.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct StoredDiscount {
    percentage: Option<u16>,
    amount: Option<i64>,
    manual: bool,
}

impl From<GivenDiscount> for StoredDiscount {
    fn from(given: GivenDiscount) -> Self {
        let (percentage, amount) = match given.discount {
            Discount::Percentage(percent) => (Some(percent.hundredths()), None),
            Discount::Amount(money) => (None, Some(money.cents())),
        };
        Self { percentage, amount, manual: given.source == DiscountSource::Manual }
    }
}

impl StoredDiscount {
    /// The discount that was stored.
    #[must_use]
    pub fn given(self) -> Option<GivenDiscount> {
        use crate::money::Percent;
        let discount = match (self.percentage, self.amount) {
            (Some(hundredths), _) => Discount::Percentage(Percent::from_hundredths(hundredths)?),
            (None, Some(cents)) => Discount::Amount(Money::from_cents(cents.into()).ok()?),
            (None, None) => return None,
        };
        let source = if self.manual { DiscountSource::Manual } else { DiscountSource::Customer };
        Some(GivenDiscount { discount, source })
    }
}
