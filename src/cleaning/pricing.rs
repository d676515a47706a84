//! What a visit costs: functions without a statement or a clock.
//!
//! Amounts are whole numbers of the smallest unit of the currency. Every line is rounded, half
//! away from zero, when it is made; sums are sums of rounded lines.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::hours::Hours;
use crate::scheduling::Recurrence;

#[cfg(test)]
mod tests;

/// What is paid for a visit itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Rate {
    /// So much for every hour of every cleaner.
    Hourly(i64),
    /// So much for the visit.
    Flat(i64),
}

impl Rate {
    /// The amount.
    #[must_use]
    pub const fn amount(self) -> i64 {
        match self {
            Self::Hourly(amount) | Self::Flat(amount) => amount,
        }
    }
}

/// How an extra is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Per {
    /// Once a visit.
    Visit,
    /// For each unit.
    Unit,
    /// For each hour of the visit.
    Hour,
}

/// An extra that is booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extra {
    /// Id of the extra of the service.
    pub extra_rate_id: i64,
    /// Its name.
    pub name: String,
    /// How it is paid.
    pub per: Per,
    /// Its price.
    pub amount: i64,
    /// How often it is had.
    pub quantity: u16,
    /// Minutes by which one makes the visit longer.
    pub extra_minutes: u32,
}

/// Rooms of a kind that are booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Id of the room.
    pub room_id: i64,
    /// Its name.
    pub name: String,
    /// What one costs where visits have a flat price.
    pub price: i64,
    /// How many there are.
    pub quantity: u16,
    /// Minutes that one takes.
    pub minutes: u32,
}

/// How much less is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discount {
    /// So many percent.
    Percent(Decimal),
    /// An amount, at most what there is to pay.
    Amount(i64),
}

/// What a booking was agreed at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// What is paid for a visit itself.
    pub rate: Rate,
    /// Rooms.
    pub rooms: Vec<Room>,
    /// Extras.
    pub extras: Vec<Extra>,
    /// Tax in percent.
    pub tax_percent: Decimal,
}

/// What a line of a price is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// The visit itself.
    Base,
    /// A room.
    Room,
    /// An extra.
    Extra,
}

/// A line of a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is for.
    pub kind: LineKind,
    /// The name of it; none for the visit itself.
    pub name: Option<String>,
    /// How much of it.
    pub quantity: Decimal,
    /// Price of one.
    pub unit_amount: i64,
    /// Price of all.
    pub amount: i64,
}

/// What a visit costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// What it is made of.
    pub lines: Vec<Line>,
    /// All lines together.
    pub subtotal: i64,
    /// How much less is paid.
    pub discount: i64,
    /// Tax on what is left.
    pub tax: i64,
    /// What is paid.
    pub total: i64,
}

impl Price {
    /// The lines of a kind together.
    #[must_use]
    pub fn sum(&self, kind: LineKind) -> i64 {
        self.lines.iter().filter(|line| line.kind == kind).map(|line| line.amount).sum()
    }
}

impl Terms {
    /// The price of a visit of so many hours by so many cleaners, with discounts in their order,
    /// each on what the one before left.
    #[must_use]
    pub fn price(&self, hours: Hours, cleaners: u16, discounts: &[Discount]) -> Price {
        let base = std::iter::once(self.base(hours, cleaners));
        let lines: Vec<Line> = base.chain(self.rooms()).chain(self.extras(hours)).collect();
        let subtotal: i64 = lines.iter().map(|line| line.amount).sum();
        let left = discounts.iter().fold(subtotal, |left, discount| left - discount.of(left));
        let tax = percent(left, self.tax_percent);
        Price { lines, subtotal, discount: subtotal - left, tax, total: left + tax }
    }

    /// Minutes that extras add to every visit.
    #[must_use]
    pub fn extra_minutes(&self) -> u32 {
        let extra = |extra: &Extra| extra.extra_minutes * u32::from(extra.quantity);
        self.extras.iter().map(extra).sum()
    }

    /// Minutes of a visit of so many hours.
    #[must_use]
    pub fn duration_minutes(&self, hours: Hours) -> u32 {
        hours.minutes() + self.extra_minutes()
    }

    /// The hours that the rooms are likely to take, as the service counts them.
    #[must_use]
    pub fn estimated_hours(&self, least: Hours, most: Hours, step: Hours) -> Hours {
        let minutes = self.rooms.iter().map(|room| room.minutes * u32::from(room.quantity)).sum();
        Hours::holding(minutes, step).max(least).min(most)
    }

    fn base(&self, hours: Hours, cleaners: u16) -> Line {
        let quantity = match self.rate {
            Rate::Hourly(_) => hours.decimal() * Decimal::from(cleaners),
            Rate::Flat(_) => Decimal::ONE,
        };
        Line::new(LineKind::Base, None, quantity, self.rate.amount())
    }

    fn rooms(&self) -> impl Iterator<Item = Line> {
        let rooms = match self.rate {
            Rate::Hourly(_) => &[][..],
            Rate::Flat(_) => &self.rooms,
        };
        rooms.iter().map(|room| {
            Line::new(LineKind::Room, Some(&room.name), room.quantity.into(), room.price)
        })
    }

    fn extras(&self, hours: Hours) -> impl Iterator<Item = Line> {
        self.extras.iter().map(move |extra| {
            let quantity = match extra.per {
                Per::Visit => Decimal::ONE,
                Per::Unit => extra.quantity.into(),
                Per::Hour => hours.decimal(),
            };
            Line::new(LineKind::Extra, Some(&extra.name), quantity, extra.amount)
        })
    }
}

impl Line {
    fn new(kind: LineKind, name: Option<&String>, quantity: Decimal, unit_amount: i64) -> Self {
        let amount = rounded(quantity * Decimal::from(unit_amount));
        Self { kind, name: name.cloned(), quantity, unit_amount, amount }
    }
}

impl Discount {
    /// How much less is paid of an amount: never more than all of it.
    fn of(self, amount: i64) -> i64 {
        match self {
            Self::Percent(share) => percent(amount, share),
            Self::Amount(less) => less,
        }
        .clamp(0, amount)
    }
}

/// What visits of one price bring in a month, on average.
#[must_use]
pub fn monthly_value(total: i64, recurrence: Recurrence) -> i64 {
    let (visits, months) = match recurrence {
        Recurrence::Once => (0, 1),
        Recurrence::Weekly => (52, 12),
        Recurrence::EveryTwoWeeks => (26, 12),
        Recurrence::EveryThreeWeeks => (52, 36),
        Recurrence::EveryFourWeeks => (13, 12),
        Recurrence::NthWeekday | Recurrence::DayOfMonth => (1, 1),
        Recurrence::SeveralWeekdays(days) => (52 * days.count(), 12),
    };
    rounded(Decimal::from(total) * Decimal::from(visits) / Decimal::from(months))
}

fn percent(amount: i64, percent: Decimal) -> i64 {
    rounded(Decimal::from(amount) * percent / Decimal::ONE_HUNDRED)
}

/// An amount in whole smallest units, half of one away from zero.
fn rounded(amount: Decimal) -> i64 {
    let whole = amount.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    // Prices and quantities are bounded where they are read, far below what does not fit.
    whole.to_i64().unwrap_or(i64::MAX)
}
