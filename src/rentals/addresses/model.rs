//! Addresses.

use steward_kernel::time::Timestamp;

/// Whose an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The business itself.
    Owner,
    /// The customer with this id.
    Customer(i64),
}

/// What is written of an address.
#[derive(Debug, Clone, Default)]
pub struct AddressInput {
    /// What it is for, as the contract numbers it.
    pub kind: i16,
    /// What the owner calls it.
    pub label: Option<String>,
    /// Who is there.
    pub name: Option<String>,
    /// Street and number.
    pub street: String,
    /// Floor, door and the like.
    pub street2: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// City.
    pub city: String,
    /// Region or state.
    pub region: Option<String>,
    /// Country, ISO 3166-1 alpha-2.
    pub country: String,
    /// Telephone number there, E.164.
    pub phone_number: Option<String>,
    /// How to find it.
    pub notes: Option<String>,
    /// Latitude in degrees.
    pub latitude: Option<f64>,
    /// Longitude in degrees.
    pub longitude: Option<f64>,
    /// Whether it becomes the main one.
    pub main: bool,
}

/// An address.
#[derive(Debug, Clone)]
pub struct Address {
    /// Its id.
    pub id: i64,
    /// What is written of it; `main` says whether it is the main one.
    pub written: AddressInput,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}
