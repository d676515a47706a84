//! A home of a client.

use rust_decimal::Decimal;
use steward_kernel::Error;
use steward_kernel::time::Timestamp;

use crate::reason;
use crate::wire::Address;

/// What is written of a home.
#[derive(Debug, Clone)]
pub struct LocationInput {
    /// What the client calls it.
    pub nickname: String,
    /// Where it is.
    pub address: Address,
    /// Floor space in square feet.
    pub square_feet: Option<i32>,
    /// How many bedrooms there are.
    pub bedrooms: Option<i32>,
    /// How many bathrooms there are, in halves.
    pub bathrooms: Option<Decimal>,
    /// Whether animals live there.
    pub has_pets: bool,
    /// What there is to know of them.
    pub pet_notes: Option<String>,
    /// How to get in.
    pub access_notes: Option<String>,
    /// Where to park.
    pub parking_notes: Option<String>,
    /// Whether it is to be the one that is meant when none is named; absent to stay as it is.
    pub is_default: Option<bool>,
}

/// A home of a client.
#[derive(Debug, Clone)]
pub struct Location {
    /// Its id.
    pub id: i64,
    /// Whose home it is.
    pub client_id: i64,
    /// What is written; always says whether it is the default.
    pub written: LocationInput,
    /// The area that its zip code belongs to.
    pub tenant_location_id: Option<i64>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i32,
}

/// What a list of homes is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Narrowed {
    /// The client whose homes they are.
    pub client_id: Option<i64>,
    /// The zip code.
    pub zip: Option<String>,
}

impl Location {
    /// Whether it is meant when none is named.
    pub fn is_default(&self) -> bool {
        self.written.is_default == Some(true)
    }
}

/// The error for a nickname that another home of the client has.
pub fn nickname_taken() -> Error {
    reason::duplicate("Another home of the client has this nickname.")
}
