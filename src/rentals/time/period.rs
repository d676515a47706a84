//! Periods by the clock on the wall.

use jiff::ToSpan;

use super::{LocalTime, Span, Zone};

/// The longest rental, in years.
const LONGEST_YEARS: i64 = 5;

/// Why two local times are no period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// The end is the start or lies before it.
    #[error("the end is not after the start")]
    NotAfterStart,
    /// It lasts longer than it may.
    #[error("the period is too long")]
    TooLong,
}

/// When a rental is: local times, the end after the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    start: LocalTime,
    end: LocalTime,
    span: Span,
}

impl Period {
    /// The period between two local times of a zone. Times that the clock skips become what is
    /// meant instead.
    ///
    /// # Errors
    /// When the end is not after the start.
    pub fn new(start: LocalTime, end: LocalTime, zone: &Zone) -> Result<Self, PeriodError> {
        let (start, end) = (zone.settled(start), zone.settled(end));
        let span = Span { from: zone.instant(start), till: zone.instant(end) };
        // Of times that exist and mean their first instant, the later one is also later on
        // the clock.
        if span.is_empty() {
            Err(PeriodError::NotAfterStart)
        } else {
            Ok(Self { start, end, span })
        }
    }

    /// The period of a booking: as [`Period::new`], of at most 5 years.
    ///
    /// # Errors
    /// When the end is not after the start, or it lasts longer than 5 years.
    pub fn of_booking(start: LocalTime, end: LocalTime, zone: &Zone) -> Result<Self, PeriodError> {
        Self::new(start, end, zone)?.at_most(LONGEST_YEARS.years())
    }

    /// The same period, when it is no longer than so many days by the clock.
    ///
    /// # Errors
    /// When it lasts longer.
    pub fn at_most_days(self, days: u16) -> Result<Self, PeriodError> {
        self.at_most(i64::from(days).days())
    }

    fn at_most(self, longest: jiff::Span) -> Result<Self, PeriodError> {
        match self.start.checked_add(longest) {
            Ok(last) if self.end > last => Err(PeriodError::TooLong),
            // Past the last year that can be written nothing is too long.
            Ok(_) | Err(_) => Ok(self),
        }
    }

    /// Its start by the owner's clock.
    #[must_use]
    pub const fn start(&self) -> LocalTime {
        self.start
    }

    /// Its end by the owner's clock; no longer part of it.
    #[must_use]
    pub const fn end(&self) -> LocalTime {
        self.end
    }

    /// The instants that lie in it.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.span
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::test::{lisbon, local, utc};

    fn period(start: &str, end: &str) -> Result<Period, PeriodError> {
        Period::of_booking(local(start), local(end), &lisbon())
    }

    #[test]
    fn ends_after_it_starts_and_within_five_years() {
        let noon = "2024-02-29T12:00:00";
        assert_eq!(period(noon, noon), Err(PeriodError::NotAfterStart));
        assert_eq!(period(noon, "2024-02-29T11:59:59"), Err(PeriodError::NotAfterStart));
        assert!(period(noon, "2029-02-28T12:00:00").is_ok());
        assert_eq!(period(noon, "2029-02-28T12:00:01"), Err(PeriodError::TooLong));
        let year = period(noon, "2025-03-01T12:00:00").unwrap();
        assert_eq!(year.at_most_days(366), Ok(year));
        assert_eq!(year.at_most_days(365), Err(PeriodError::TooLong));
    }

    #[test]
    fn skipped_times_are_judged_by_what_they_mean() {
        // 01:30 means 02:30, which is after 02:15.
        let skipped = period("2024-03-31T01:30:00", "2024-03-31T02:15:00");
        assert_eq!(skipped, Err(PeriodError::NotAfterStart));
        let night = period("2024-03-31T00:30:00", "2024-03-31T01:30:00").unwrap();
        assert_eq!(night.end(), local("2024-03-31T02:30:00"));
        assert_eq!(night.span().till, utc("2024-03-31T01:30:00Z"));
    }
}
