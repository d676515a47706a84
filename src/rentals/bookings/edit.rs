//! What a request asks to be changed of a booking, applied to the booking as it is.

use std::collections::HashMap;

use steward_kernel::time::Timestamp;
use steward_kernel::validate::Violations;
use steward_kernel::{Error, Result};

use super::discount::DiscountPatch;
use super::line_edit::LinePatch;
use super::model::{Booking, BookingCustomer, Dates, DocumentSettings, PostalAddress};
use super::rules::{Part, editable};
use crate::addresses::model::Address;
use crate::booking_services::model::ServicePatch;
use crate::customers::model::{Customer, NewCustomer};
use crate::items::Offered;
use crate::money::Percent;
use crate::owners::Terms;
use crate::pricing::{GivenDiscount, InsuranceClass};
use crate::status::BookingStatus;
use crate::time::{Edge, LocalTime, Period};

/// What is given of a booking; what is not given stays.
#[derive(Debug, Clone, Default)]
pub struct BookingPatch {
    /// Start, as written.
    pub start_at: Option<Option<String>>,
    /// End, as written.
    pub end_at: Option<Option<String>>,
    /// Number of the customer.
    pub customer_internal_id: Option<Option<i64>>,
    /// A customer to be recorded.
    pub customer: Option<NewCustomer>,
    /// Own wording.
    pub title: Option<Option<String>>,
    /// The customer's order number.
    pub reference: Option<Option<String>>,
    /// Notes that the customer does not see.
    pub notes: Option<Option<String>>,
    /// Notes that print on documents.
    pub customer_notes: Option<Option<String>>,
    /// What is taken off; the owner gives it.
    pub discount: Option<DiscountPatch>,
    /// Where things are delivered.
    pub delivery_address: Option<Option<PostalAddress>>,
    /// Id of the owner's address where things are picked up.
    pub pickup_address_id: Option<Option<i64>>,
    /// Language, as the contract numbers it.
    pub language: Option<Option<i16>>,
    /// Lines, when the booking is made.
    pub items: Vec<LinePatch>,
    /// Services, when the booking is made.
    pub services: Vec<ServicePatch>,
    /// Whether to reserve at once.
    pub reserve: bool,
    /// Whether the customer is told.
    pub notify: bool,
    /// What the caller says about shortages.
    pub confirm_shortage: Option<bool>,
    /// What of it cannot be, which is told along with what else is refused.
    pub refused: Violations,
}

/// What is given of the customer of a booking; what is not given stays.
#[derive(Debug, Clone, Default)]
pub struct CustomerPatch {
    /// Number of another customer, or none.
    pub customer_internal_id: Option<Option<i64>>,
    /// The copy as it is to be, for the members that are given.
    pub copy: BookingCustomer,
    /// Proto names of the members of the copy that are given.
    pub given: Vec<String>,
    /// Whether the values are written back to the customer.
    pub update_customer: bool,
    /// What of it cannot be, which is told along with what else is refused.
    pub refused: Violations,
}

/// What is known beside the booking.
pub struct Facts {
    /// The owner's terms.
    pub terms: Terms,
    /// The present instant.
    pub now: Timestamp,
    /// The customer that is to be set, with the main address.
    pub customer: Option<(Customer, Option<Address>)>,
    /// The items of new lines, and of the line that goes back to its table.
    pub items: Vec<Offered>,
    /// What of the request was refused already: only where that is nothing can it be said what
    /// the booking lacks.
    pub refused: Violations,
    /// How the items of the booking are insured, by the item's id, where somebody asks.
    pub classes: HashMap<i64, InsuranceClass>,
}

impl BookingPatch {
    /// Applies what is given.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for what cannot be, FAILED_PRECONDITION (`BOOKING_CLOSED`) for what may
    /// not be changed where the booking stands.
    pub fn apply(&self, booking: &mut Booking, facts: &Facts) -> Result<()> {
        let mut refused = Violations::default();
        refused.take(self.set_dates(booking, &facts.terms))?;
        if let Some(number) = self.customer_internal_id
            && number != booking.customer.as_ref().and_then(|customer| customer.internal_id)
        {
            editable(booking, Part::Anything)?;
            set_customer(booking, facts.customer.as_ref());
        } else if self.customer.is_some() {
            editable(booking, Part::Anything)?;
            set_customer(booking, facts.customer.as_ref());
        }
        let wording = [
            (&self.title, &mut booking.wording.title, Part::Anything),
            (&self.reference, &mut booking.wording.reference, Part::Notes),
            (&self.notes, &mut booking.wording.notes, Part::Notes),
            (&self.customer_notes, &mut booking.wording.customer_notes, Part::Notes),
        ];
        let mut parts = Vec::new();
        for (given, present, part) in wording {
            if let Some(given) = given
                && given != present
            {
                parts.push(part);
                present.clone_from(given);
            }
        }
        for part in parts {
            editable(booking, part)?;
        }
        if let Some(discount) = self.discount {
            let present = booking.discount.map(|given| given.discount);
            let discount = refused.take(discount.on(present))?;
            if discount != present {
                editable(booking, Part::Extent)?;
                booking.discount = discount.map(GivenDiscount::manual);
            }
        }
        if let Some(address) = &self.delivery_address
            && *address != booking.delivery_address
        {
            editable(booking, Part::Anything)?;
            booking.delivery_address.clone_from(address);
        }
        if let Some(address) = self.pickup_address_id
            && address != booking.pickup_address_id
        {
            editable(booking, Part::Anything)?;
            booking.pickup_address_id = address;
        }
        if let Some(language) = self.language {
            let language = language.unwrap_or(facts.terms.language);
            if language != booking.language {
                editable(booking, Part::Anything)?;
                booking.language = language;
            }
        }
        for (index, line) in self.items.iter().enumerate() {
            let at = format!("booking.items[{index}]");
            refused.take(line.add(booking, facts).map_err(|error| error.below(&at)))?;
            self.refuse_later(&mut refused, booking, &at, "item_internal_id");
        }
        for (index, service) in self.services.iter().enumerate() {
            let at = format!("booking.services[{index}]");
            refused.take(service.add(booking, facts).map_err(|error| error.below(&at)))?;
            self.refuse_later(&mut refused, booking, &at, "kind");
        }
        refused.finish(())
    }

    /// Refuses a line or a service `at` a place that is new in a booking which is there: they are
    /// added by RPCs of their own, which can say what became of them.
    fn refuse_later(&self, refused: &mut Violations, booking: &Booking, at: &str, field: &str) {
        if booking.id != 0 && !self.refused.refuses(at) && !refused.refuses(at) {
            let message = "It is given when a booking is made, and added by itself later.";
            refused.rule(&format!("{at}.{field}"), message);
        }
    }

    fn set_dates(&self, booking: &mut Booking, terms: &Terms) -> Result<()> {
        if self.start_at.is_none() && self.end_at.is_none() {
            return Ok(());
        }
        let mut violations = Violations::below("booking");
        let present = booking.dates;
        let mut read =
            |given: &Option<Option<String>>, field, edge, kept: Option<LocalTime>| match given {
                None => kept,
                Some(None) => None,
                Some(Some(text)) => terms.read_time(&mut violations, field, text, edge),
            };
        let start = read(&self.start_at, "start_at", Edge::Start, present.map(|dates| dates.start));
        let end = read(&self.end_at, "end_at", Edge::End, present.map(|dates| dates.end));
        violations.finish(())?;
        let dates = match (start, end) {
            (Some(start), Some(end)) => Some(Dates { start, end }),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => {
                return Err(invalid_period("Start and end are given together, or neither is."));
            }
        };
        if let Some(Dates { start, end }) = dates {
            Period::of_booking(start, end, &terms.zone)
                .map_err(|error| invalid_period(&error.to_string()))?;
        }
        if dates == present {
            return Ok(());
        }
        let starts_elsewhere = dates.map(|dates| dates.start) != present.map(|dates| dates.start);
        editable(booking, if starts_elsewhere { Part::Anything } else { Part::Extent })?;
        if dates.is_none() && booking.status != BookingStatus::Drafting {
            return Err(invalid_period("A booking needs dates unless it is being drafted."));
        }
        booking.dates = dates;
        Ok(())
    }
}

/// A period that is none.
fn invalid_period(message: &str) -> Error {
    Error::named("booking.end_at", "INVALID_PERIOD", message)
}

/// Copies a customer onto a booking, with the discount that the customer gets.
pub fn set_customer(booking: &mut Booking, customer: Option<&(Customer, Option<Address>)>) {
    booking.customer = customer.map(|(customer, address)| copy(customer, address.as_ref()));
    let percentage = customer
        .and_then(|(customer, _)| customer.written.discount_percentage)
        .and_then(|percentage| Percent::try_from(percentage).ok());
    booking.discount = GivenDiscount::for_customer(booking.discount, percentage);
    if let Some(language) = customer.and_then(|(customer, _)| customer.written.language) {
        booking.language = language;
    }
}

/// A customer as copied onto a booking.
pub fn copy(customer: &Customer, address: Option<&Address>) -> BookingCustomer {
    let written = customer.written.clone();
    BookingCustomer {
        id: Some(customer.id),
        internal_id: Some(customer.internal_id),
        name: Some(written.name),
        kind: written.kind,
        email: written.email,
        phone_number: written.phone_number,
        vat_number: written.vat_number,
        fiscal_name: written.fiscal_name,
        language: written.language,
        id_document_kind: written.id_document_kind,
        id_document_number: written.id_document_number,
        id_verified: written.id_verified,
        address: address.map(|address| {
            let written = address.written.clone();
            PostalAddress {
                name: written.name,
                street: Some(written.street),
                street2: written.street2,
                postal_code: written.postal_code,
                city: Some(written.city),
                region: written.region,
                country: Some(written.country),
            }
        }),
    }
}

impl CustomerPatch {
    /// Applies what is given.
    ///
    /// # Errors
    /// FAILED_PRECONDITION (`BOOKING_CLOSED`) where the booking stands.
    pub fn apply(&self, booking: &mut Booking, facts: &Facts) -> Result<()> {
        editable(booking, Part::Anything)?;
        if let Some(number) = self.customer_internal_id
            && number != booking.customer.as_ref().and_then(|customer| customer.internal_id)
        {
            if number.is_none() && booking.status != BookingStatus::Drafting {
                let message = "A booking needs a customer unless it is being drafted.";
                let field = "booking_customer.customer_internal_id";
                return Err(Error::named(field, "BOOKING_INCOMPLETE", message));
            }
            set_customer(booking, facts.customer.as_ref());
        }
        if self.given.is_empty() {
            return Ok(());
        }
        let present = booking.customer.get_or_insert_default();
        let copy = &self.copy;
        for name in &self.given {
            match name.as_str() {
                "name" => present.name.clone_from(&copy.name),
                "kind" => present.kind = copy.kind,
                "email" => present.email.clone_from(&copy.email),
                "phone_number" => present.phone_number.clone_from(&copy.phone_number),
                "vat_number" => present.vat_number.clone_from(&copy.vat_number),
                "fiscal_name" => present.fiscal_name.clone_from(&copy.fiscal_name),
                "language" => present.language = copy.language,
                "id_document_kind" => present.id_document_kind = copy.id_document_kind,
                "id_document_number" => {
                    present.id_document_number.clone_from(&copy.id_document_number);
                }
                "id_verified" => present.id_verified = copy.id_verified,
                "address" => present.address.clone_from(&copy.address),
                _ => {}
            }
        }
        Ok(())
    }
}

/// What is given of what is printed on the documents of a booking; what is not given stays.
#[derive(Debug, Clone, Default)]
pub struct DocumentPatch {
    /// Language, as the contract numbers it.
    pub language: Option<Option<i16>>,
    /// Day until which a quote is good.
    pub valid_until: Option<Option<String>>,
    /// Who signs.
    pub signer_name: Option<Option<String>>,
    /// Where a document is sent to be signed.
    pub signer_email: Option<Option<String>>,
    /// Terms of the business.
    pub terms: Option<Option<String>>,
    /// Notes.
    pub notes: Option<Option<String>>,
}

impl DocumentPatch {
    /// Applies what is given.
    pub fn apply(&self, settings: &mut DocumentSettings) {
        settings.language = self.language.unwrap_or(settings.language);
        for (given, present) in [
            (&self.valid_until, &mut settings.valid_until),
            (&self.signer_name, &mut settings.signer_name),
            (&self.signer_email, &mut settings.signer_email),
            (&self.terms, &mut settings.terms),
            (&self.notes, &mut settings.notes),
        ] {
            if let Some(given) = given {
                present.clone_from(given);
            }
        }
    }
}
