//! Customers between proto and model.

use steward_kernel::Result;
use steward_kernel::page::Page;
use steward_kernel::validate::Violations;

use super::model::{Customer, CustomerAnswer, CustomerInput, NewCustomer};
use crate::addresses::wire::{address, address_input};
use crate::pb;
use crate::wire::{decimal, money, page, percentage, phone, stated, tags, timestamp};

/// Most addresses a customer comes with.
const MOST_ADDRESSES: usize = 20;

/// Reads a customer to record.
pub fn new(message: Option<pb::Customer>) -> Result<NewCustomer> {
    let mut violations = Violations::below("customer");
    let mut message = violations.required_message(message);
    let given = std::mem::take(&mut message.addresses);
    let customer = read(&mut violations, message);
    if given.len() > MOST_ADDRESSES {
        violations.named("addresses", "TOO_LONG", "There are more than 20 addresses.");
    }
    let addresses = given
        .into_iter()
        .enumerate()
        .map(|(index, one)| address_input(&mut violations, &format!("addresses[{index}]."), one))
        .collect();
    violations.finish(NewCustomer { customer, addresses })
}

/// Reads what is to be written of a customer.
pub fn input(message: Option<pb::Customer>) -> Result<CustomerInput> {
    let mut violations = Violations::below("customer");
    let message = violations.required_message(message);
    let customer = read(&mut violations, message);
    violations.finish(customer)
}

fn read(violations: &mut Violations, message: pb::Customer) -> CustomerInput {
    let pb::Customer {
        id: _,
        internal_id: _,
        name,
        kind,
        email,
        phone_number,
        vat_number,
        fiscal_name,
        id_document_kind,
        id_document_number,
        id_verified,
        language,
        discount_percentage,
        notes,
        tags: labels,
        addresses: _,
        bookings_count: _,
        total_spent: _,
        last_booking_at: _,
        created_at: _,
        updated_at: _,
        deleted_at: _,
        etag: _,
    } = message;
    CustomerInput {
        name: violations.required_tidy("name", name, 160),
        kind: stated(kind).unwrap_or(pb::CustomerKind::Individual as i16),
        email: violations.email("email", email).filter(|email| !email.is_empty()),
        phone_number: phone(violations, "phone_number", phone_number),
        vat_number: violations.tidy("vat_number", vat_number, 20),
        fiscal_name: violations.tidy("fiscal_name", fiscal_name, 160),
        id_document_kind: stated(id_document_kind),
        id_document_number: violations.tidy("id_document_number", id_document_number, 60),
        id_verified: id_verified.unwrap_or(false),
        language: stated(language),
        discount_percentage: percentage(violations, "discount_percentage", discount_percentage),
        notes: violations.tidy("notes", notes, 5000),
        tags: tags(violations, "tags", labels),
    }
}

/// Writes a customer.
pub fn customer(answer: CustomerAnswer) -> pb::Customer {
    let CustomerAnswer { customer, addresses } = answer;
    let Customer {
        id,
        internal_id,
        written,
        bookings_count,
        total_spent,
        currency,
        last_booking_at,
        created_at,
        updated_at,
        deleted_at,
    } = customer;
    let CustomerInput {
        name,
        kind,
        email,
        phone_number,
        vat_number,
        fiscal_name,
        id_document_kind,
        id_document_number,
        id_verified,
        language,
        discount_percentage,
        notes,
        tags,
    } = written;
    pb::Customer {
        id,
        internal_id,
        name: Some(name),
        kind: kind.into(),
        email,
        phone_number,
        vat_number,
        fiscal_name,
        id_document_kind: id_document_kind.unwrap_or_default().into(),
        id_document_number,
        id_verified: Some(id_verified),
        language: language.unwrap_or_default().into(),
        discount_percentage: discount_percentage.map(decimal),
        notes,
        tags,
        addresses: addresses.unwrap_or_default().into_iter().map(address).collect(),
        bookings_count,
        total_spent: Some(money(total_spent, &currency)),
        last_booking_at: last_booking_at.map(timestamp),
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        deleted_at: deleted_at.map(timestamp),
        etag: String::new(),
    }
}

/// Writes a page of customers.
pub fn list(customers: Page<CustomerAnswer>) -> pb::ListCustomersResponse {
    let (page_info, customers) = page(customers, customer);
    pb::ListCustomersResponse { customers, page_info }
}
