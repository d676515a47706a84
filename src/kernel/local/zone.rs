//! Zones: which instant a local time is.

use super::{Date, LocalTime};
use crate::time::Timestamp;
use crate::{Error, Result};
use jiff::ToSpan;
use jiff::tz::{AmbiguousOffset, TimeZone};

/// The zone in which a business reads the clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    zone: TimeZone,
}

impl Zone {
    /// The zone of an IANA name in any case: `Europe/Lisbon`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let zone = TimeZone::get(name).ok()?;
        // `Etc/Unknown` is a name too, and says that there is none.
        (zone.iana_name().is_some() && !zone.is_unknown()).then_some(Self { zone })
    }

    /// The zone of a name that was kept, and so was one when it was.
    ///
    /// # Errors
    /// INTERNAL when it is none here: it was kept by a later version.
    pub fn stored(name: &str) -> Result<Self> {
        Self::named(name).ok_or_else(|| Error::internal(format!("no zone: {name}")))
    }

    /// The name, as IANA writes it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The instant that a local time means. One that a clock change skips moves forward by the
    /// gap; of one that is there twice the first is meant.
    #[must_use]
    pub fn instant(&self, local: LocalTime) -> Timestamp {
        let instant = self.zone.to_ambiguous_timestamp(local).compatible();
        // Fails only in the last days of the years that can be written at all.
        let bound = if local.year() > 0 { Timestamp::MAX } else { Timestamp::MIN };
        instant.map_or(bound, |instant| kernel(instant, bound))
    }

    /// As [`Self::instant`], but of a local time that is there twice the second is meant.
    #[must_use]
    pub fn last_instant(&self, local: LocalTime) -> Timestamp {
        let instant = self.zone.to_ambiguous_timestamp(local).later();
        let bound = if local.year() > 0 { Timestamp::MAX } else { Timestamp::MIN };
        instant.map_or(bound, |instant| kernel(instant, bound))
    }

    /// What the clock on the wall shows at an instant, in whole seconds. Unlike the other way
    /// round this is never in doubt.
    #[must_use]
    pub fn local(&self, instant: Timestamp) -> LocalTime {
        let micros = instant.as_second().saturating_mul(1_000_000);
        // What lies past the last instant of the library is the end of time for everybody.
        let instant = jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::MAX);
        let local = self.zone.to_datetime(instant);
        local.with().subsec_nanosecond(0).build().unwrap_or(local)
    }

    /// Minutes by which the clock on the wall is ahead of UTC at an instant, rounded toward zero.
    #[must_use]
    pub fn minutes_ahead(&self, instant: Timestamp) -> i32 {
        let micros = instant.as_second().saturating_mul(1_000_000);
        let instant = jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::MAX);
        self.zone.to_offset(instant).seconds() / 60
    }

    /// Whether the clock on the wall ever shows this time.
    #[must_use]
    pub fn shows(&self, local: LocalTime) -> bool {
        !matches!(self.zone.to_ambiguous_timestamp(local).offset(), AmbiguousOffset::Gap { .. })
    }

    /// The time itself, or where the clock skips it, the time that is meant instead.
    #[must_use]
    pub fn settled(&self, local: LocalTime) -> LocalTime {
        if self.shows(local) { local } else { self.local(self.instant(local)) }
    }

    /// The first instant of a day. Midnight itself is skipped in some zones, and a whole day
    /// was in a few; then it is the first instant that comes after.
    #[must_use]
    pub fn day_start(&self, day: Date) -> Timestamp {
        let midnight = day.at(0, 0, 0, 0);
        if self.shows(midnight) {
            return self.instant(midnight);
        }
        // The clock jumps from before midnight to after it, so the day starts with the jump: at
        // the instant that the skipped midnight means, or shortly before.
        let later = self.zone.to_ambiguous_timestamp(midnight).later();
        later
            .and_then(|later| later.checked_add(1.second()))
            .ok()
            .and_then(|later| self.zone.preceding(later).next())
            .map_or(self.instant(midnight), |jump| kernel(jump.timestamp(), Timestamp::MAX))
    }
}

/// An instant in the type of the house; `bound` where its years end.
fn kernel(instant: jiff::Timestamp, bound: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(bound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::test::{lisbon, local, new_york, utc, zone};

    #[test]
    fn finds_zones_by_name() {
        assert_eq!(Zone::named("europe/lisbon").unwrap().name(), "Europe/Lisbon");
        assert_eq!(Zone::named("UTC").unwrap().name(), "UTC");
        for name in ["", "Europe/Atlantis", "Etc/Unknown", "+01:00", "../etc/passwd"] {
            assert_eq!(Zone::named(name), None, "{name}");
        }
    }

    #[test]
    fn skipped_times_move_forward_and_repeated_ones_mean_the_first() {
        for (zone, text, instant, settled) in [
            (lisbon(), "2024-03-31T01:30:00", "2024-03-31T01:30:00Z", "2024-03-31T02:30:00"),
            (lisbon(), "2024-10-27T01:30:00", "2024-10-27T00:30:00Z", "2024-10-27T01:30:00"),
            (lisbon(), "2024-10-27T02:00:00", "2024-10-27T02:00:00Z", "2024-10-27T02:00:00"),
            (new_york(), "2024-03-10T02:00:00", "2024-03-10T07:00:00Z", "2024-03-10T03:00:00"),
            (new_york(), "2024-11-03T01:59:59", "2024-11-03T05:59:59Z", "2024-11-03T01:59:59"),
            (new_york(), "2024-11-03T02:00:00", "2024-11-03T07:00:00Z", "2024-11-03T02:00:00"),
        ] {
            assert_eq!(zone.instant(local(text)), utc(instant), "{text}");
            assert_eq!(zone.settled(local(text)), local(settled), "{text}");
        }
        assert_eq!(lisbon().local(utc("2024-10-27T01:30:00.9Z")), local("2024-10-27T01:30:00"));
        assert_eq!(new_york().minutes_ahead(utc("2024-07-01T00:00:00Z")), -240);
        for (text, instant) in [
            ("2024-03-31T01:30:00", "2024-03-31T01:30:00Z"),
            ("2024-10-27T01:30:00", "2024-10-27T01:30:00Z"),
            ("2024-06-01T01:30:00", "2024-06-01T00:30:00Z"),
        ] {
            assert_eq!(lisbon().last_instant(local(text)), utc(instant), "{text}");
        }
    }

    #[test]
    fn days_start_when_the_clock_lets_them() {
        for (zone, day, instant) in [
            (lisbon(), "2024-07-14", "2024-07-13T23:00:00Z"),
            (lisbon(), "2024-03-31", "2024-03-31T00:00:00Z"),
            // Midnight is skipped: the clock goes from 23:59 to 01:00.
            (zone("America/Sao_Paulo"), "2018-11-04", "2018-11-04T03:00:00Z"),
            // The clock goes back at midnight, so the last hour of the day before is repeated.
            (zone("America/Sao_Paulo"), "2018-02-18", "2018-02-18T03:00:00Z"),
            // The clock goes back at 01:00, so midnight itself is.
            (zone("America/Havana"), "2024-11-03", "2024-11-03T04:00:00Z"),
            // Samoa left out this day to be with its neighbours.
            (zone("Pacific/Apia"), "2011-12-30", "2011-12-30T10:00:00Z"),
        ] {
            assert_eq!(zone.day_start(day.parse().unwrap()), utc(instant), "{day}");
        }
    }

    #[test]
    fn the_ends_of_time_are_bounds_and_no_failure() {
        let zone = zone("Pacific/Kiritimati");
        assert_eq!(zone.local(Timestamp::MAX).year(), 9999);
        // By the sun, which was the clock then, the island is ten hours behind Greenwich.
        assert_eq!(zone.local(Timestamp::MIN).year(), 0);
        assert_eq!(zone.instant(LocalTime::MIN), Timestamp::MIN);
        assert_eq!(new_york().instant(LocalTime::MAX), Timestamp::MAX);
    }
}
