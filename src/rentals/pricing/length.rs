//! For how long is charged.

use super::Unit;
use crate::time::{LocalTime, Period};

/// Minutes of a day that is charged.
const DAY: u64 = 1440;

/// How long a rental lasts by the clock on the wall, in begun minutes. From 11:00 to 11:00 is a
/// day, also when the clock changes in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Length {
    minutes: u64,
}

impl Length {
    /// The length between two local times; nothing when the second is not later.
    #[must_use]
    pub fn between(start: LocalTime, end: LocalTime) -> Self {
        let seconds = start.duration_until(end).as_secs();
        Self { minutes: u64::try_from(seconds).unwrap_or(0).div_ceil(60) }
    }

    /// The length of a period.
    #[must_use]
    pub fn of(period: &Period) -> Self {
        Self::between(period.start(), period.end())
    }

    /// A length of so many minutes.
    #[must_use]
    pub const fn from_minutes(minutes: u64) -> Self {
        Self { minutes }
    }

    /// What is charged when so many minutes more than whole days are forgiven. A rental of a
    /// day or less is charged as it is, and none falls below a day for it.
    #[must_use]
    pub fn charged(self, leeway_minutes: u32) -> Self {
        if self.minutes <= DAY {
            return self;
        }
        Self { minutes: self.minutes.saturating_sub(u64::from(leeway_minutes)).max(DAY) }
    }

    /// Begun minutes.
    #[must_use]
    pub const fn minutes(self) -> u64 {
        self.minutes
    }

    /// Begun hours.
    #[must_use]
    pub const fn hours(self) -> u64 {
        self.minutes.div_ceil(60)
    }

    /// Begun days of 24 hours.
    #[must_use]
    pub const fn days(self) -> u64 {
        self.minutes.div_ceil(DAY)
    }

    /// Begun units, of which there is at least one.
    #[must_use]
    pub fn units(self, unit: Unit) -> u32 {
        let units = self.minutes.div_ceil(unit.minutes()).max(1);
        u32::try_from(units).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::test::{lisbon, local, new_york, period};

    #[test]
    fn counts_by_the_clock_on_the_wall() {
        for (zone, start, end, minutes) in [
            (lisbon(), "2024-07-14T11:00:00", "2024-07-15T11:00:00", 1440),
            // 23 and 25 hours have passed.
            (lisbon(), "2024-03-30T11:00:00", "2024-03-31T11:00:00", 1440),
            (lisbon(), "2024-10-26T11:00:00", "2024-10-27T11:00:00", 1440),
            (new_york(), "2024-03-09T11:00:00", "2024-03-10T11:00:00", 1440),
            (new_york(), "2024-11-02T11:00:00", "2024-11-03T11:00:00", 1440),
            // From the hour before the jump to the hour after it is one hour for those who wait.
            (new_york(), "2024-03-10T01:00:00", "2024-03-10T03:00:00", 120),
            (new_york(), "2024-11-03T00:30:00", "2024-11-03T02:30:00", 120),
            // 02:30 is skipped and means 03:30.
            (new_york(), "2024-03-10T01:30:00", "2024-03-10T02:30:00", 120),
        ] {
            let length = Length::of(&period(start, end, &zone));
            assert_eq!(length.minutes(), minutes, "{start} {end}");
        }
    }

    #[test]
    fn begun_minutes_hours_and_days_count() {
        let length = Length::between(local("2024-07-14T11:00:00"), local("2024-07-16T11:00:01"));
        assert_eq!((length.minutes(), length.hours(), length.days()), (2881, 49, 3));
        assert_eq!(length.units(Unit::Hour), 49);
        assert_eq!(length.units(Unit::Day), 3);
        let backwards = Length::between(local("2024-07-16T11:00:00"), local("2024-07-14T11:00:00"));
        assert_eq!(backwards.minutes(), 0);
    }

    #[test]
    fn leeway_never_makes_less_than_a_day() {
        let charged = |minutes| Length::from_minutes(minutes).charged(60).minutes();
        assert_eq!(charged(30), 30);
        assert_eq!(charged(1440), 1440);
        assert_eq!(charged(1441), 1440);
        assert_eq!(charged(1500), 1440);
        assert_eq!(charged(1501), 1441);
        assert_eq!(charged(2880), 2820);
    }
}
