//! Owners.

use crate::booking_settings::BookingSettings;
use crate::money::Percent;
use crate::time::Zone;

/// What an owner says once and everything that is rented follows.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// The zone in which the owner reads the clock.
    pub zone: Zone,
    /// The owner's money, ISO 4217; it has two decimals.
    pub currency: String,
    /// The owner's country, ISO 3166-1 alpha-2.
    pub country: String,
    /// The owner's language, as the contract numbers it.
    pub language: i16,
    /// The tax in a price, unless an item says otherwise.
    pub default_tax_rate: Percent,
    /// How the owner rents.
    pub settings: BookingSettings,
}
