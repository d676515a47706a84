//! What it costs to insure a rental.

use super::Length;
use crate::money::{Money, TooLarge};

/// What kind of thing is insured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InsuranceClass {
    /// Computers, screens, sound.
    Electronics,
    /// Cameras, lenses, lights.
    PhotoVideo,
    /// Hand and power tools.
    Tools,
    /// Machines of a building site.
    Construction,
    /// Sports gear.
    Sports,
    /// Bicycles.
    Bikes,
    /// What a party or a fair needs.
    Events,
    /// What is driven.
    Vehicles,
    /// Everything else.
    Other,
    /// What cannot be insured.
    None,
}

/// The terms of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Of the value, for one day, in hundredths of a percent.
    pub daily_rate: u16,
    /// The least premium of a piece.
    pub minimum: Money,
    /// The largest value of a piece.
    pub largest_value: Money,
}

impl InsuranceClass {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Electronics,
        Self::PhotoVideo,
        Self::Tools,
        Self::Construction,
        Self::Sports,
        Self::Bikes,
        Self::Events,
        Self::Vehicles,
        Self::Other,
        Self::None,
    ];

    /// The name in documents and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Electronics => "electronics",
            Self::PhotoVideo => "photo_video",
            Self::Tools => "tools",
            Self::Construction => "construction",
            Self::Sports => "sports",
            Self::Bikes => "bikes",
            Self::Events => "events",
            Self::Vehicles => "vehicles",
            Self::Other => "other",
            Self::None => "none",
        }
    }

    /// The class of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == name)
    }

    /// The terms of the class, unless it cannot be insured.
    #[must_use]
    pub fn terms(self) -> Option<Terms> {
        // Rate in hundredths of a percent, least premium in cents, largest value in whole units.
        let (daily_rate, minimum, largest_value) = match self {
            Self::Electronics => (50, 200, 10_000),
            Self::PhotoVideo => (60, 300, 25_000),
            Self::Tools => (45, 200, 15_000),
            Self::Construction => (40, 500, 100_000),
            Self::Sports => (55, 150, 5_000),
            Self::Bikes => (70, 250, 6_000),
            Self::Events => (35, 200, 20_000),
            Self::Vehicles => (90, 1_000, 50_000),
            Self::Other => (75, 250, 5_000),
            Self::None => return None,
        };
        let minimum = Money::from_cents(minimum).ok()?;
        let largest_value = Money::from_cents(largest_value * 100).ok()?;
        Some(Terms { daily_rate, minimum, largest_value })
    }
}

/// Why something cannot be insured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uninsurable {
    /// Its class is not.
    ClassNotInsurable,
    /// It is not known what it is worth.
    ValueMissing,
    /// It is worth more than its class allows.
    ValueTooHigh,
    /// It is not known for how long.
    DatesMissing,
}

impl Uninsurable {
    /// The name in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClassNotInsurable => "class_not_insurable",
            Self::ValueMissing => "value_missing",
            Self::ValueTooHigh => "value_too_high",
            Self::DatesMissing => "dates_missing",
        }
    }
}

/// An insurance of equal pieces, as it is priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cover {
    /// For how long, in begun days.
    pub days: u32,
    /// For one piece.
    pub premium_per_unit: Money,
}

impl Cover {
    /// The cover of a piece of this class and value for a length that is charged
    /// ([`Length::charged`]).
    ///
    /// A piece costs the daily rate of its value for each equivalent day, rounded, and at least
    /// the minimum of its class. Days 1 to 7 count in full, 8 to 30 at 0.6, later ones at 0.4.
    ///
    /// # Errors
    /// The first reason why it cannot be insured.
    pub fn new(
        class: InsuranceClass,
        value: Option<Money>,
        length: Option<Length>,
    ) -> Result<Self, Uninsurable> {
        let terms = class.terms().ok_or(Uninsurable::ClassNotInsurable)?;
        let value = value.filter(|value| *value > Money::ZERO).ok_or(Uninsurable::ValueMissing)?;
        if value > terms.largest_value {
            return Err(Uninsurable::ValueTooHigh);
        }
        let length = length.ok_or(Uninsurable::DatesMissing)?;
        let days = u32::try_from(length.days().max(1)).unwrap_or(u32::MAX);
        let rate = i64::from(terms.daily_rate) * tenths_of_days(days);
        // Hundredths of a percent and tenths of a day: a value of 100,000 for as many days as a
        // number can hold stays an amount for any length that a booking may have.
        let premium = value.scaled(rate, 100_000).unwrap_or(Money::MAX);
        Ok(Self { days, premium_per_unit: premium.max(terms.minimum) })
    }

    /// The premium of so many pieces.
    ///
    /// # Errors
    /// When it is larger than an amount may be.
    pub fn premium(&self, quantity: u32) -> Result<Money, TooLarge> {
        self.premium_per_unit.times(quantity)
    }
}

/// How many days count in full, in tenths of a day.
fn tenths_of_days(days: u32) -> i64 {
    let days = i64::from(days);
    days.min(7) * 10 + (days.min(30) - 7).max(0) * 6 + (days - 30).max(0) * 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::tests::money;

    #[test]
    fn long_covers_cost_less_by_the_day() {
        let tenths = [1, 7, 8, 30, 31, 40].map(tenths_of_days);
        assert_eq!(tenths, [10, 70, 76, 208, 212, 248]);
    }

    #[test]
    fn names_are_read_back() {
        for class in InsuranceClass::ALL {
            assert_eq!(InsuranceClass::named(class.as_str()), Some(class));
            assert_eq!(class.terms().is_none(), class == InsuranceClass::None);
        }
        assert_eq!(InsuranceClass::named("boats"), None);
    }

    #[test]
    fn says_why_something_cannot_be_insured() {
        let day = Some(Length::from_minutes(1440));
        let cover = |class, value: Option<&str>, length| {
            Cover::new(class, value.map(money), length).map(|cover| cover.premium_per_unit)
        };
        let bikes = InsuranceClass::Bikes;
        assert_eq!(cover(bikes, Some("6000"), day), Ok(money("42")));
        assert_eq!(cover(bikes, Some("6000.01"), day), Err(Uninsurable::ValueTooHigh));
        assert_eq!(cover(bikes, None, day), Err(Uninsurable::ValueMissing));
        assert_eq!(cover(bikes, Some("0"), day), Err(Uninsurable::ValueMissing));
        assert_eq!(cover(bikes, Some("100"), None), Err(Uninsurable::DatesMissing));
        let none = InsuranceClass::None;
        assert_eq!(cover(none, None, None), Err(Uninsurable::ClassNotInsurable));
    }
}
