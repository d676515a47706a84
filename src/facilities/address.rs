//! Addresses: part of the record they belong to, never shared.

use serde::{Deserialize, Serialize};
use steward_kernel::list::Field;

/// The fields of lists whose rows have an address.
pub const FIELDS: &[Field] = &[
    Field::text("address.street", "r.address->>'street'"),
    Field::text("address.street_number", "r.address->>'street_number'"),
    Field::text("address.post_code", "r.address->>'post_code'"),
    Field::text("address.city", "r.address->>'city'"),
    Field::text("address.country", "r.address->>'country'"),
];

/// Where something is; any subset of the members may be set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostalAddress {
    /// Street name.
    pub street: Option<String>,
    /// House number, with its suffix.
    pub street_number: Option<String>,
    /// Postal code.
    pub post_code: Option<String>,
    /// City or town.
    pub city: Option<String>,
    /// Country, as the client names it.
    pub country: Option<String>,
    /// Place id of the Google Maps Platform.
    pub google_place_id: Option<String>,
}

/// A stored address. The database numbers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Id, kept while the record keeps an address.
    pub id: i64,
    /// Where it is.
    #[serde(flatten)]
    pub postal: PostalAddress,
}
