//! Areas and zip codes.

use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Kind};

use crate::reason;

/// An area to add.
#[derive(Debug, Clone)]
pub struct NewTenantLocation {
    /// Name.
    pub name: String,
    /// What there is to say of it.
    pub description: Option<String>,
    /// Whether new bookings are taken there.
    pub is_active: bool,
    /// Zip codes that belong to it, each once.
    pub zip_codes: Vec<String>,
}

/// An area that a company works in.
#[derive(Debug, Clone)]
pub struct TenantLocation {
    /// Its id.
    pub id: i64,
    /// Name.
    pub name: String,
    /// What there is to say of it.
    pub description: Option<String>,
    /// Whether new bookings are taken there.
    pub is_active: bool,
    /// How many zip codes belong to it.
    pub zip_code_count: i64,
    /// How many services are offered there.
    pub service_count: i64,
    /// How many active cleaners work there.
    pub cleaner_count: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i32,
}

/// A zip code that belongs to an area.
#[derive(Debug, Clone)]
pub struct ZipCode {
    /// Its id.
    pub id: i64,
    /// Id of the area.
    pub tenant_location_id: i64,
    /// The code.
    pub zip: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i32,
}

/// The error for a name that another area has.
pub fn name_taken() -> Error {
    reason::duplicate("Another area has this name.")
}

/// The error for a zip code of another area, which it names.
pub fn zip_taken(tenant_location_id: i64) -> Error {
    let message = "The zip code belongs to another area.";
    Error::new(Kind::AlreadyExists, "ZIP_TAKEN", message)
        .with_metadata("tenantLocationId", tenant_location_id.to_string())
}

/// The error for a zip code of no area.
pub fn no_coverage() -> Error {
    Error::new(Kind::NotFound, "NO_COVERAGE", "Nobody works at this zip code.")
}
