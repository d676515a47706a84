//! A period day by day or hour by hour.

use jiff::ToSpan;
use steward_kernel::time::Timestamp;

use super::Product;
use crate::time::{LocalTime, Period, PeriodError, Span, Zone};

/// How a period is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// At the owner's midnights.
    Day,
    /// At the full hours of the owner's clock.
    Hour,
}

impl Every {
    /// The longest period that is cut, in days.
    const fn longest_days(self) -> u16 {
        match self {
            Self::Day => LONGEST_DAYS,
            Self::Hour => 14,
        }
    }
}

/// The longest period that is answered for, in days.
pub(super) const LONGEST_DAYS: u16 = 366;

/// How much of a product is there in an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntervalStatus {
    /// Nothing is held.
    Available,
    /// Some is held and some is free.
    Partial,
    /// At some instant nothing is free.
    Unavailable,
}

impl IntervalStatus {
    /// The name in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Partial => "partial",
            Self::Unavailable => "unavailable",
        }
    }
}

/// A part of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    /// When.
    pub span: Span,
    /// Products that are free throughout; nothing for any number.
    pub available_quantity: Option<u32>,
    /// How much is there.
    pub status: IntervalStatus,
}

/// The same period when availability may be asked for it: 366 days, and 14 by the hour.
///
/// # Errors
/// When it is longer.
pub fn checked(period: Period, every: Option<Every>) -> Result<Period, PeriodError> {
    period.at_most_days(every.map_or(LONGEST_DAYS, Every::longest_days))
}

/// Cuts a period, without gaps, and says how much of a product is there in each part, whoever
/// asks: without buffers.
#[must_use]
pub fn intervals(product: &Product, period: &Period, every: Every, zone: &Zone) -> Vec<Interval> {
    let mut cuts = match every {
        Every::Day => days(period, zone),
        Every::Hour => hours(period, zone),
    };
    cuts.push(period.span().till);
    let mut from = period.span().from;
    let spans =
        cuts.into_iter().map(|till| Span { from: std::mem::replace(&mut from, till), till });
    spans.map(|span| interval(product, span)).collect()
}

fn interval(product: &Product, span: Span) -> Interval {
    let available_quantity = product.least_available(span);
    // Where pieces are not counted, what is held takes nothing away.
    let counted = product.parts.iter().filter(|part| part.shelf.stock.pieces().is_some());
    let held = counted.map(|part| part.shelf.timeline().most_held(span)).max().unwrap_or(0);
    let status = match available_quantity {
        Some(0) => IntervalStatus::Unavailable,
        Some(_) if held > 0 => IntervalStatus::Partial,
        Some(_) | None => IntervalStatus::Available,
    };
    Interval { span, available_quantity, status }
}

/// The starts of the days inside of a period.
fn days(period: &Period, zone: &Zone) -> Vec<Timestamp> {
    let span = period.span();
    let later = period.start().date().series(1.day()).skip(1);
    let mut starts: Vec<_> =
        later.map(|day| zone.day_start(day)).take_while(|start| *start < span.till).collect();
    // A day that the zone left out starts with the next one.
    starts.dedup();
    starts
}

/// The full hours inside of a period that the clock shows. One that it skips is no hour, and one
/// that it shows twice is one long hour, because a local time means its first instant.
fn hours(period: &Period, zone: &Zone) -> Vec<Timestamp> {
    let start = period.start();
    let hour: LocalTime = start.date().at(start.hour(), 0, 0, 0);
    let later = hour.series(1.hour()).skip(1).take_while(|hour| *hour < period.end());
    later.filter(|hour| zone.shows(*hour)).map(|hour| zone.instant(hour)).collect()
}
