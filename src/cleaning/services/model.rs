//! Services, their rates and extras.

use rust_decimal::Decimal;
use steward_kernel::Error;
use steward_kernel::time::Timestamp;

use crate::reason;

/// What an admin writes of a service.
#[derive(Debug, Clone)]
pub struct ServiceInput {
    /// Name.
    pub name: String,
    /// What there is to say of it.
    pub description: Option<String>,
    /// 1 by the hour, 2 by the visit.
    pub kind: i16,
    /// Shortest visit in hours.
    pub min_hours: Decimal,
    /// Longest visit in hours.
    pub max_hours: Decimal,
    /// Hours between two lengths that are offered.
    pub step_hours: Decimal,
    /// Whether new bookings are taken.
    pub is_active: bool,
    /// Place among the services.
    pub sort_order: i32,
    /// Extras to change and to add.
    pub extra_rates: Vec<ExtraRateInput>,
}

/// What an admin writes of an extra.
#[derive(Debug, Clone)]
pub struct ExtraRateInput {
    /// Id of the one to change; none when it is to be added.
    pub id: Option<i64>,
    /// Name.
    pub name: String,
    /// Price in smallest units.
    pub amount: i64,
    /// 1 once a visit, 2 for each unit, 3 by the hour.
    pub price_kind: i16,
    /// Minutes that it takes.
    pub extra_minutes: i32,
    /// Whether new bookings may have it.
    pub is_active: bool,
}

/// What a company offers in an area.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its id.
    pub id: i64,
    /// Id of the area.
    pub tenant_location_id: i64,
    /// Name.
    pub name: String,
    /// What there is to say of it.
    pub description: Option<String>,
    /// 1 by the hour, 2 by the visit.
    pub kind: i16,
    /// Shortest visit in hours.
    pub min_hours: Decimal,
    /// Longest visit in hours.
    pub max_hours: Decimal,
    /// Hours between two lengths that are offered.
    pub step_hours: Decimal,
    /// Whether new bookings are taken.
    pub is_active: bool,
    /// Place among the services.
    pub sort_order: i32,
    /// What can be had with it.
    pub extra_rates: Vec<ExtraRate>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i32,
}

/// Something that can be had with a service.
#[derive(Debug, Clone)]
pub struct ExtraRate {
    /// Its id.
    pub id: i64,
    /// Id of the service.
    pub service_id: i64,
    /// Name.
    pub name: String,
    /// Price in smallest units.
    pub amount: i64,
    /// Currency of the price.
    pub currency: String,
    /// 1 once a visit, 2 for each unit, 3 by the hour.
    pub price_kind: i16,
    /// Minutes that it takes.
    pub extra_minutes: i32,
    /// Whether new bookings may have it.
    pub is_active: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i32,
}

/// What an admin writes of a rate.
#[derive(Debug, Clone, Copy)]
pub struct RateInput {
    /// Price in smallest units.
    pub amount: i64,
    /// Whether new bookings are taken at it.
    pub is_active: bool,
}

/// What a service costs when it is booked at a frequency.
#[derive(Debug, Clone)]
pub struct Rate {
    /// Its id.
    pub id: i64,
    /// Id of the service.
    pub service_id: i64,
    /// How often the home is cleaned, as the contract numbers it.
    pub frequency: i16,
    /// Price in smallest units.
    pub amount: i64,
    /// Currency of the price.
    pub currency: String,
    /// Whether new bookings are taken at it.
    pub is_active: bool,
    /// Grows with every new amount.
    pub revision: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i32,
}

/// The error for a name that another service of the area has.
pub fn name_taken() -> Error {
    reason::duplicate("Another service of the area has this name.")
}

/// The error for a name that another extra of the service has.
pub fn extra_name_taken() -> Error {
    reason::duplicate("Another extra of the service has this name.")
}

/// The error for a second active rate.
pub fn frequency_taken() -> Error {
    reason::duplicate("The service has an active rate for this frequency.")
}
