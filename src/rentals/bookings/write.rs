//! Bookings to proto.

use std::collections::HashMap;

use serde::Serialize;
use steward_contracts::google::r#type::{Decimal as DecimalMessage, Money as MoneyMessage};
use steward_kernel::page::Page;
use steward_kernel::{Error, Result};

use super::change::Answer;
use super::line::{Line, instant, too_large};
use super::model::{BookingCustomer, DocumentSettings, PostalAddress, Source};
use super::price;
use crate::money::{Money, Percent};
use crate::pb;
use crate::pricing::{
    DepositStatus, Discount, DiscountSource, Length, LineTotals, PaymentStatus, Unit,
};
use crate::status::BookingStatus;
use crate::wire::{page, timestamp};
use crate::{booking_payments, booking_services};

/// Related resources that were asked for.
#[derive(Default)]
pub struct Included {
    /// The customers by their numbers.
    pub customers: Option<HashMap<i64, pb::Customer>>,
    /// Whether the lines come whole.
    pub lines: bool,
    /// Whether the services come whole.
    pub services: bool,
    /// Whether the payments come whole.
    pub payments: bool,
    /// The items by their numbers.
    pub items: Option<HashMap<i64, pb::Item>>,
    /// Where the first photos of the items are, by the item's id, where lines come whole.
    pub photos: HashMap<i64, String>,
}

/// Writes an amount.
fn money(amount: Money, currency: &str) -> Option<MoneyMessage> {
    Some(crate::wire::money(amount.cents(), currency))
}

fn percent(percent: Percent) -> Option<DecimalMessage> {
    Some(crate::wire::decimal(percent.into()))
}

const fn status(status: BookingStatus) -> pb::BookingStatus {
    match status {
        BookingStatus::Drafting => pb::BookingStatus::Drafting,
        BookingStatus::Negotiating => pb::BookingStatus::Negotiating,
        BookingStatus::Reserved => pb::BookingStatus::Reserved,
        BookingStatus::Ongoing => pb::BookingStatus::Ongoing,
        BookingStatus::Completed => pb::BookingStatus::Completed,
        BookingStatus::Cancelled => pb::BookingStatus::Cancelled,
    }
}

const fn payment_status(status: PaymentStatus) -> pb::PaymentStatus {
    match status {
        PaymentStatus::NotRequired => pb::PaymentStatus::NotRequired,
        PaymentStatus::Unpaid => pb::PaymentStatus::Unpaid,
        PaymentStatus::PartiallyPaid => pb::PaymentStatus::PartiallyPaid,
        PaymentStatus::Paid => pb::PaymentStatus::Paid,
        PaymentStatus::Overpaid => pb::PaymentStatus::Overpaid,
        PaymentStatus::Refunded => pb::PaymentStatus::Refunded,
    }
}

const fn deposit_status(status: DepositStatus) -> pb::DepositStatus {
    match status {
        DepositStatus::NotRequired => pb::DepositStatus::NotRequired,
        DepositStatus::Pending => pb::DepositStatus::Pending,
        DepositStatus::PartiallyCollected => pb::DepositStatus::PartiallyCollected,
        DepositStatus::Collected => pb::DepositStatus::Collected,
        DepositStatus::PartiallyReturned => pb::DepositStatus::PartiallyReturned,
        DepositStatus::Returned => pb::DepositStatus::Returned,
        DepositStatus::Captured => pb::DepositStatus::Captured,
    }
}

const fn source(source: Source) -> pb::BookingSource {
    match source {
        Source::Owner => pb::BookingSource::Owner,
        Source::Inquiry => pb::BookingSource::Inquiry,
        Source::Duplicate => pb::BookingSource::Duplicate,
        Source::Import => pb::BookingSource::Import,
    }
}

fn place(address: PostalAddress) -> pb::PostalAddress {
    let PostalAddress { name, street, street2, postal_code, city, region, country } = address;
    pb::PostalAddress { name, street, street2, postal_code, city, region, country }
}

/// Writes a booking.
pub fn booking(answer: Answer, included: &Included) -> Result<pb::Booking> {
    let Answer { booking, summary, terms, now, shortage, warnings, was: _ } = answer;
    let (number, currency) = (booking.internal_id, booking.currency.clone());
    let period = booking.period(&terms.zone);
    let length = price::length(&booking, &terms);
    let overdue = booking.is_overdue(now, &terms.zone);
    let (discount_kind, discount_value) = match booking.discount.map(|given| given.discount) {
        None => (0, None),
        Some(Discount::Percentage(value)) => (pb::DiscountKind::Percentage as i32, percent(value)),
        Some(Discount::Amount(amount)) => {
            let value = crate::wire::decimal(amount.into());
            (pb::DiscountKind::Amount as i32, Some(value))
        }
    };
    let discount_source = match booking.discount.map(|given| given.source) {
        None => 0,
        Some(DiscountSource::Customer) => pb::DiscountSource::Customer as i32,
        Some(DiscountSource::Manual) => pb::DiscountSource::Manual as i32,
    };
    let customer = booking.customer.as_ref().and_then(|customer| customer.internal_id);
    let linked = booking.customer.as_ref().and_then(|customer| customer.id).map(|id| {
        let whole = customer.and_then(|number| included.customers.as_ref()?.get(&number));
        whole.cloned().unwrap_or_else(|| pb::Customer { id, ..pb::Customer::default() })
    });
    let items = booking
        .lines
        .iter()
        .zip(&summary.totals.lines)
        .map(|(line, shares)| {
            if included.lines {
                self::line(line, shares, length, (number, &*currency), included)
            } else {
                Ok(pb::BookingItem { id: line.id, ..pb::BookingItem::default() })
            }
        })
        .collect::<Result<Vec<_>>>()?;
    let services = booking.services.iter().map(|service| match included.services {
        true => booking_services::wire::message(service, &currency, None),
        false => pb::BookingService { id: service.id, ..pb::BookingService::default() },
    });
    let services = services.collect();
    let payments = booking.payments.iter().map(|payment| match included.payments {
        true => booking_payments::wire::message(payment.clone(), number, &currency),
        false => pb::BookingPayment { id: payment.id, ..pb::BookingPayment::default() },
    });
    let payments = payments.collect();
    let at = |micros: Option<i64>| micros.and_then(instant).map(timestamp);
    let totals = &summary.totals;
    let taxes = totals
        .taxes
        .iter()
        .map(|tax| pb::TaxAmount {
            rate: percent(tax.rate),
            base: money(tax.base, &currency),
            tax: money(tax.tax, &currency),
        })
        .collect();
    let progress = &booking.progress;
    Ok(pb::Booking {
        id: booking.id,
        internal_id: number,
        status: status(booking.status).into(),
        previous_status: booking.previous_status.map_or(0, |before| status(before).into()),
        start_at: booking.dates.map(|dates| dates.start.to_string()),
        end_at: booking.dates.map(|dates| dates.end.to_string()),
        duration: period.as_ref().map(|period| {
            let length = Length::of(period);
            let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
            pb::Duration {
                days: whole(length.days()),
                hours: whole(length.hours()),
                minutes: whole(length.minutes()),
            }
        }),
        customer_internal_id: customer,
        customer: linked,
        items,
        services,
        payments,
        reserve: None,
        notify: None,
        confirm_shortage: None,
        title: booking.wording.title,
        reference: booking.wording.reference,
        notes: booking.wording.notes,
        customer_notes: booking.wording.customer_notes,
        discount_kind,
        discount_value,
        discount_source,
        delivery_address: booking.delivery_address.map(place),
        pickup_address_id: booking.pickup_address_id,
        language: booking.language.into(),
        items_total: money(totals.items_total, &currency),
        discount_total: money(totals.discount_total, &currency),
        services_total: money(totals.services_total, &currency),
        late_fees_total: money(totals.late_fees_total, &currency),
        total: money(totals.total, &currency),
        tax_total: money(totals.tax_total, &currency),
        net_total: money(totals.net_total, &currency),
        taxes,
        deposit_total: money(totals.deposit_total, &currency),
        paid_total: money(summary.paid, &currency),
        balance: money(summary.balance, &currency),
        deposit_held: money(summary.deposit_held, &currency),
        payment_status: payment_status(summary.payment_status).into(),
        deposit_status: deposit_status(summary.deposit_status).into(),
        overdue,
        shortage,
        source: source(booking.source).into(),
        reserved_at: at(progress.reserved_at),
        picked_up_at: at(progress.picked_up_at),
        completed_at: at(progress.completed_at),
        cancelled_at: at(progress.cancelled_at),
        cancellation_reason: booking.progress.cancellation_reason.clone(),
        document_settings: Some(document_settings(booking.document_settings)),
        currency: Some(currency),
        created_at: Some(timestamp(booking.created_at)),
        updated_at: Some(timestamp(booking.updated_at)),
        deleted_at: booking.deleted_at.map(timestamp),
        warnings: warned(&warnings)?,
        // What is insured can be estimated, and not bought yet.
        insurance_status: pb::InsuranceState::None.into(),
        // Bookings have no links, and nobody can inquire, yet.
        link_id: None,
        link_url: None,
        inquiry_internal_id: None,
        etag: String::new(),
    })
}

/// Warnings as JSON; nothing when there are none.
///
/// # Errors
/// INTERNAL when one has no JSON.
pub fn warned(warnings: &[impl Serialize]) -> Result<String> {
    if warnings.is_empty() {
        return Ok(String::new());
    }
    serde_json::to_string(warnings).map_err(Error::internal)
}

fn document_settings(settings: DocumentSettings) -> pb::DocumentSettings {
    let DocumentSettings { language, valid_until, signer_name, signer_email, terms, notes } =
        settings;
    pb::DocumentSettings {
        language: language.unwrap_or_default().into(),
        valid_until,
        signer_name,
        signer_email,
        terms,
        notes,
    }
}

/// Writes a page of bookings.
pub fn list(
    answers: Page<Answer>,
    included: &Included,
    stats: Option<String>,
) -> Result<pb::ListBookingsResponse> {
    let (page_info, bookings) = page(answers, |answer| booking(answer, included));
    let bookings = bookings.into_iter().collect::<Result<_>>()?;
    Ok(pb::ListBookingsResponse { bookings, page_info, stats: stats.unwrap_or_default() })
}

/// Writes a line of the booking with a number, with its shares of the totals.
pub fn line(
    line: &Line,
    shares: &LineTotals,
    length: Option<Length>,
    (booking, currency): (i64, &str),
    included: &Included,
) -> Result<pb::BookingItem> {
    let price = price::line_price(line, length)?;
    let by_table = line.table_price(length).map_err(too_large)?;
    let deposit = line.deposit().map_err(too_large)?;
    let pieces = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let whole = included.items.as_ref().and_then(|items| items.get(&line.item_internal_id));
    let item = match whole {
        Some(item) => item.clone(),
        None => pb::Item { id: line.item_id, ..pb::Item::default() },
    };
    Ok(pb::BookingItem {
        id: line.id,
        booking_internal_id: Some(booking),
        item_internal_id: Some(line.item_internal_id),
        item: Some(item),
        kind: pb::BookingItemKind::Item.into(),
        title: Some(line.title.clone()),
        quantity: Some(pieces(line.quantity)),
        picked_up_quantity: Some(pieces(line.picked_up)),
        returned_quantity: Some(pieces(line.returned())),
        unit: match price.unit {
            Unit::Day => pb::PriceUnit::Day.into(),
            Unit::Hour => pb::PriceUnit::Hour.into(),
        },
        units: pieces(price.units),
        unit_price: money(price.unit_price, currency),
        total: money(price.total, currency),
        price_edited: Some(line.edit.is_some()),
        table_total: money(by_table.total, currency),
        tax_rate: percent(line.tax_rate),
        tax_total: money(shares.tax, currency),
        discount_total: money(shares.discount, currency),
        deposit_per_item: money(deposit.per_item, currency),
        deposit_total: money(deposit.total, currency),
        late_minutes: pieces(line.late.minutes),
        late_fee_suggested: money(line.late.fee, currency),
        late_fee: money(line.late_fee, currency),
        item_value: line.item_value.and_then(|value| money(value, currency)),
        picked_up_at: line.picked_up_at.map(timestamp),
        returned_at: line.returned_at().map(timestamp),
        notes: line.notes.clone(),
        position: Some(line.position),
        confirm_shortage: None,
        created_at: Some(timestamp(line.created_at)),
        updated_at: Some(timestamp(line.updated_at)),
        warnings: String::new(),
        photo_url: included.photos.get(&line.item_id).cloned(),
        // What is insured can be estimated, and not bought yet.
        insured: false,
        // All lines are of items: there are no bundles yet.
        bundle_internal_id: None,
        parent_id: None,
        etag: String::new(),
    })
}

/// Writes the lines of a booking.
pub fn lines(answer: &Answer, included: &Included) -> Result<Vec<pb::BookingItem>> {
    let length = price::length(&answer.booking, &answer.terms);
    let (number, currency) = (answer.booking.internal_id, &*answer.booking.currency);
    answer
        .booking
        .lines
        .iter()
        .zip(&answer.summary.totals.lines)
        .map(|(one, shares)| line(one, shares, length, (number, currency), included))
        .collect()
}

/// Writes the customer of a booking.
pub fn customer(answer: &Answer) -> pb::BookingCustomerAnswer {
    let customer = answer.booking.customer.clone().map(|customer| {
        let BookingCustomer {
            id: _,
            internal_id,
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
        } = customer;
        pb::BookingCustomer {
            id: answer.booking.id,
            customer_internal_id: internal_id,
            name,
            kind: kind.into(),
            email,
            phone_number,
            vat_number,
            fiscal_name,
            language: language.unwrap_or_default().into(),
            id_document_kind: id_document_kind.unwrap_or_default().into(),
            id_document_number,
            id_verified: Some(id_verified),
            address: address.map(place),
            update_customer: None,
        }
    });
    pb::BookingCustomerAnswer { booking_customer: customer, etag: String::new() }
}
