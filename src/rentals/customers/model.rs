//! Customers.

use rust_decimal::Decimal;
use steward_kernel::time::Timestamp;

use crate::addresses::model::{Address, AddressInput};

/// What an owner writes of a customer.
#[derive(Debug, Clone, Default)]
pub struct CustomerInput {
    /// Name of the person or company.
    pub name: String,
    /// 1 individual, 2 company.
    pub kind: i16,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number, E.164.
    pub phone_number: Option<String>,
    /// VAT number.
    pub vat_number: Option<String>,
    /// Name on invoices.
    pub fiscal_name: Option<String>,
    /// What the identity was proved with, as the contract numbers it.
    pub id_document_kind: Option<i16>,
    /// Number of that document.
    pub id_document_number: Option<String>,
    /// Whether somebody looked at it.
    pub id_verified: bool,
    /// The language the customer reads, as the contract numbers it.
    pub language: Option<i16>,
    /// Discount that every new booking gets, in percent.
    pub discount_percentage: Option<Decimal>,
    /// Notes that the customer does not see.
    pub notes: Option<String>,
    /// Labels.
    pub tags: Vec<String>,
}

/// A customer to record.
#[derive(Debug, Clone, Default)]
pub struct NewCustomer {
    /// The customer.
    pub customer: CustomerInput,
    /// The customer's addresses.
    pub addresses: Vec<AddressInput>,
}

/// A customer.
#[derive(Debug, Clone)]
pub struct Customer {
    /// Id, which other records refer to.
    pub id: i64,
    /// Number, by which people and paths name the customer.
    pub internal_id: i64,
    /// What the owner wrote.
    pub written: CustomerInput,
    /// How many bookings there are that are not deleted.
    pub bookings_count: i32,
    /// The totals of the completed ones, in cents.
    pub total_spent: i64,
    /// The money of the business, ISO 4217.
    pub currency: String,
    /// When the latest booking was made.
    pub last_booking_at: Option<Timestamp>,
    /// When the customer was recorded.
    pub created_at: Timestamp,
    /// When the customer was changed last.
    pub updated_at: Timestamp,
    /// When the customer was deleted.
    pub deleted_at: Option<Timestamp>,
}

/// A customer with the addresses, where they were asked for.
#[derive(Debug, Clone)]
pub struct CustomerAnswer {
    /// The customer.
    pub customer: Customer,
    /// The addresses, the main one first.
    pub addresses: Option<Vec<Address>>,
}
