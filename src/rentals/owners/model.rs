//! Owners.

use rust_decimal::Decimal;
use steward_kernel::TenantId;
use steward_kernel::list::Field;
use steward_kernel::time::{self, Timestamp};
use steward_kernel::validate::Violations;
use steward_platform::files::ShownFile;

use crate::addresses::model::Address;
use crate::booking_settings::BookingSettings;
use crate::booking_settings::model::SettingsAnswer;
use crate::money::Percent;
use crate::time::{DayTimes, Edge, LocalTime, Zone, local_time};

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

impl Terms {
    /// The time that a field says, by the owner's clock. What is none is refused.
    pub fn read_time(
        &self,
        violations: &mut Violations,
        field: &str,
        text: &str,
        edge: Edge,
    ) -> Option<LocalTime> {
        let read = local_time(text, edge, self.settings.day_times(), &self.zone);
        if read.is_none() {
            violations.format(field, format!("{field} is not a time such as 2026-03-31T12:00:00."));
        }
        read
    }

    /// The instant that is meant by a time of the owner's clock which a list is asked for by, or
    /// by one with a zone.
    pub fn instant(&self, field: &Field, text: &str) -> Option<Timestamp> {
        let edge = if field.path == "end_at" { Edge::End } else { Edge::Start };
        let times = match field.path {
            "start_at" | "end_at" => self.settings.day_times(),
            _ => DayTimes::default(),
        };
        // A bare day is one of the owner's.
        let exact = if text.len() > 10 { time::parse(text) } else { None };
        let local = || local_time(text, edge, times, &self.zone);
        exact.or_else(|| Some(self.zone.instant(local()?)))
    }
}

/// What is written of an owner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnerInput {
    /// Name of the person who runs the business.
    pub name: String,
    /// Name of the business.
    pub company_name: Option<String>,
    /// Telephone number, E.164.
    pub phone_number: Option<String>,
    /// The language the owner reads, as the contract numbers it.
    pub language: i16,
    /// The zone in which the owner reads the clock, as IANA writes its name.
    pub time_zone: String,
    /// Country, ISO 3166-1 alpha-2.
    pub country: String,
    /// Currency, ISO 4217; it has two decimals.
    pub currency: String,
    /// Id of the kind of business.
    pub business_category_id: Option<i64>,
    /// Web site, by http or https.
    pub website: Option<String>,
    /// Id of the file of the picture of the business.
    pub avatar_id: Option<i64>,
}

/// An owner. One who has said nothing has the defaults, and the name of the tenant.
#[derive(Debug, Clone)]
pub struct Owner {
    /// The tenant that the owner is.
    pub id: TenantId,
    /// What the owner wrote.
    pub written: OwnerInput,
    /// Whether the telephone number was verified.
    pub phone_verified: bool,
    /// The picture of the business.
    pub avatar: Option<ShownFile>,
    /// Name of the store in web addresses.
    pub store_slug: Option<String>,
    /// When the owner had said what is needed to start.
    pub onboarded_at: Option<Timestamp>,
    /// When the owner said something first.
    pub created_at: Option<Timestamp>,
    /// When the owner was changed last.
    pub updated_at: Option<Timestamp>,
}

/// An owner with what else was asked for.
#[derive(Debug, Clone)]
pub struct OwnerAnswer {
    /// The owner.
    pub owner: Owner,
    /// E-mail address of who is calling, else of the first of the tenant's owners.
    pub email: Option<String>,
    /// How the owner rents.
    pub settings: Option<SettingsAnswer>,
    /// The addresses of the business, the main one first.
    pub addresses: Option<Vec<Address>>,
    /// Whether the kind of business is answered whole.
    pub with_category: bool,
}

/// What is answered along with an owner.
#[derive(Debug, Clone, Copy, Default)]
pub struct Include {
    /// How the owner rents.
    pub settings: bool,
    /// The addresses of the business.
    pub addresses: bool,
    /// The kind of business.
    pub category: bool,
}

/// The tax of a country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tax {
    /// What it is called there.
    pub name: &'static str,
    /// The usual rate in percent; none is assumed where it is not known.
    pub rate: Decimal,
}

impl Tax {
    /// The tax of a country, ISO 3166-1 alpha-2.
    #[must_use]
    pub fn of(country: &str) -> Self {
        let name = if matches!(country, "PT" | "ES" | "IT") { "IVA" } else { "VAT" };
        let rate = if country == "PT" { Decimal::from(23) } else { Decimal::ZERO };
        Self { name, rate }
    }
}

/// The currencies of ISO 4217 that are in use as money and have two decimals, in order.
const CURRENCIES: [&str; 132] = [
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BMD",
    "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CNY", "COP",
    "CRC", "CUP", "CVE", "CZK", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP",
    "GBP", "GEL", "GHS", "GIP", "GMD", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS",
    "INR", "IRR", "JMD", "KES", "KGS", "KHR", "KPW", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD",
    "LSL", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN",
    "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "PAB", "PEN", "PGK", "PHP", "PKR",
    "PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE",
    "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TOP", "TRY", "TTD",
    "TWD", "TZS", "UAH", "USD", "UYU", "UZS", "VED", "VES", "WST", "XCD", "XCG", "YER", "ZAR",
    "ZMW", "ZWG",
];

/// Whether amounts can be in a currency, ISO 4217.
#[must_use]
pub fn is_currency(code: &str) -> bool {
    CURRENCIES.binary_search(&code).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_currencies_with_cents() {
        assert!(CURRENCIES.is_sorted());
        for code in ["EUR", "USD", "GBP", "BRL", "CHF", "AED", "ZMW"] {
            assert!(is_currency(code), "{code}");
        }
        // Without decimals, with three, for funds, for metals, withdrawn, and no currency at all.
        for code in ["JPY", "KRW", "TND", "KWD", "CHE", "XAU", "DEM", "XXX", "eur", "", "EURO"] {
            assert!(!is_currency(code), "{code}");
        }
    }

    #[test]
    fn taxes_follow_the_country() {
        assert_eq!(Tax::of("PT"), Tax { name: "IVA", rate: Decimal::from(23) });
        assert_eq!(Tax::of("ES"), Tax { name: "IVA", rate: Decimal::ZERO });
        assert_eq!(Tax::of("DE"), Tax { name: "VAT", rate: Decimal::ZERO });
    }
}
