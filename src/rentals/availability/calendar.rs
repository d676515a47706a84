//! Availability in whole days, their ends inclusive, as the old route answers it.

use jiff::ToSpan;
use jiff::civil::Time;

use super::Product;
use super::intervals::LONGEST_DAYS;
use crate::time::{Date, Period, PeriodError, Span, Zone};

/// Days in a row, the last one included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DayRun {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
}

impl DayRun {
    /// The days that a period touches.
    #[must_use]
    pub fn of(period: &Period) -> Self {
        let end = period.end();
        // What ends at midnight does not touch the day that begins then.
        let last = if end.time() == Time::midnight() {
            end.date().yesterday().unwrap_or(end.date())
        } else {
            end.date()
        };
        Self { first: period.start().date(), last }
    }

    /// As the old route writes it: the owner's days with a `Z`, to the last millisecond.
    #[must_use]
    pub fn printed(&self) -> [String; 2] {
        [format!("{}T00:00:00.000Z", self.first), format!("{}T23:59:59.999Z", self.last)]
    }
}

/// Pieces that somebody holds or wishes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldDays {
    /// On these days.
    pub days: DayRun,
    /// How many.
    pub quantity: u32,
}

/// A product day by day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayCalendar {
    /// The days asked for.
    pub days: DayRun,
    /// Whether all of them are available.
    pub available: bool,
    /// Where at every instant something is free.
    pub available_periods: Vec<DayRun>,
    /// Where at some instant of each day nothing is.
    pub unavailable_periods: Vec<DayRun>,
    /// Lines of reserved and ongoing bookings that touch the days, by start.
    pub confirmed_inquiries: Vec<HeldDays>,
    /// Open inquiries that touch the days, by start.
    pub requested_inquiries: Vec<HeldDays>,
}

impl DayCalendar {
    /// The days asked for, as the old route writes them: to the last second.
    #[must_use]
    pub fn printed_bounds(&self) -> [String; 2] {
        [format!("{}T00:00:00Z", self.days.first), format!("{}T23:59:59Z", self.days.last)]
    }
}

/// Reads a day as `2020/05/01` or `2020-05-01`.
#[must_use]
pub fn parse_day(text: &str) -> Option<Date> {
    let separator = if text.contains('/') { '/' } else { '-' };
    let parts: Vec<&str> = text.split(separator).collect();
    let [year, month, day] = parts[..] else { return None };
    let number = |digits: &str, length: usize| {
        let plain = digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<i16>().ok()).flatten()
    };
    let (month, day) = (i8::try_from(number(month, 2)?), i8::try_from(number(day, 2)?));
    Date::new(number(year, 4)?, month.ok()?, day.ok()?).ok()
}

/// A product on some days, the last one included.
///
/// `confirmed` are the lines of reserved and ongoing bookings with their pieces, `requested`
/// those of open inquiries.
///
/// # Errors
/// When the last day lies before the first, or they are more than 366.
pub fn day_calendar(
    product: &Product,
    days: DayRun,
    zone: &Zone,
    confirmed: impl IntoIterator<Item = (Period, u32)>,
    requested: impl IntoIterator<Item = (Period, u32)>,
) -> Result<DayCalendar, PeriodError> {
    let DayRun { first, last } = days;
    if last < first {
        return Err(PeriodError::NotAfterStart);
    }
    if first.duration_until(last).as_hours() / 24 >= i64::from(LONGEST_DAYS) {
        return Err(PeriodError::TooLong);
    }
    let mut available_periods = Vec::new();
    let mut unavailable_periods = Vec::new();
    for day in first.series(1.day()).take_while(|day| *day <= last) {
        let periods = if some_free(product, day, zone) {
            &mut available_periods
        } else {
            &mut unavailable_periods
        };
        prolong(periods, day);
    }
    Ok(DayCalendar {
        days,
        available: unavailable_periods.is_empty(),
        available_periods,
        unavailable_periods,
        confirmed_inquiries: touching(days, confirmed),
        requested_inquiries: touching(days, requested),
    })
}

/// Whether something is free at every instant of a day.
fn some_free(product: &Product, day: Date, zone: &Zone) -> bool {
    let next = day.tomorrow().unwrap_or(day);
    let span = Span { from: zone.day_start(day), till: zone.day_start(next) };
    product.least_available(span) != Some(0)
}

/// Adds a day to the last run, or begins one.
fn prolong(runs: &mut Vec<DayRun>, day: Date) {
    match runs.last_mut() {
        Some(run) if run.last.tomorrow().is_ok_and(|next| next == day) => run.last = day,
        Some(_) | None => runs.push(DayRun { first: day, last: day }),
    }
}

/// What of it touches some days.
fn touching(days: DayRun, held: impl IntoIterator<Item = (Period, u32)>) -> Vec<HeldDays> {
    let all =
        held.into_iter().map(|(period, quantity)| HeldDays { days: DayRun::of(&period), quantity });
    let mut touching: Vec<HeldDays> =
        all.filter(|held| held.days.first <= days.last && days.first <= held.days.last).collect();
    touching.sort_by_key(|held| held.days);
    touching
}
