//! Reading what clients write for a local time.

use jiff::fmt::temporal::Pieces;
use jiff::{Timestamp, Zoned};

use super::{LocalTime, TimeOfDay, Zone};

/// The years that are read: earlier ones are slips of the keyboard, and after the last one there
/// is no day more to count.
const YEARS: std::ops::RangeInclusive<i16> = 1001..=9998;

/// The times that an owner means by a bare date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayTimes {
    /// When a rental starts on its first day.
    pub start: TimeOfDay,
    /// When a rental ends on its last day.
    pub end: TimeOfDay,
}

/// The whole day, until the owner says otherwise.
impl Default for DayTimes {
    fn default() -> Self {
        Self { start: TimeOfDay::MIDNIGHT, end: TimeOfDay::DAY_END }
    }
}

/// Which end of a rental a text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// Its start.
    Start,
    /// Its end.
    End,
}

/// Reads a local time: with seconds or without, as a bare date with the owner's usual time of
/// that edge, or with a zone and then converted to the owner's.
///
/// Fractions of a second are cut off. What the clock skips is answered as what is meant
/// instead, so that a local time that was read once exists. Answers nothing for any other text
/// and for years outside of 1001 to 9998.
#[must_use]
pub fn local_time(text: &str, edge: Edge, times: DayTimes, zone: &Zone) -> Option<LocalTime> {
    // ISO 8601 has more forms than the documented ones, and this excludes them.
    let bytes = text.as_bytes();
    if text.len() > 64 || bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    if text.len() > 10 && bytes.get(13) != Some(&b':') {
        return None;
    }
    let pieces = Pieces::parse(text).ok()?;
    let written = pieces.time().map(|time| pieces.date().to_datetime(time));
    let local = match (written, pieces.to_numeric_offset(), pieces.time_zone_annotation()) {
        (None, None, None) => match edge {
            Edge::Start => Some(times.start.on(pieces.date())),
            Edge::End => Some(times.end.on(pieces.date())),
        },
        (Some(local), None, None) => Some(local),
        (Some(_), Some(_), None) => shown(zone, text.parse().ok()?),
        // The name decides, and the library refuses an offset that it does not have then.
        (Some(_), _, Some(_)) => shown(zone, text.parse::<Zoned>().ok()?.timestamp()),
        (None, ..) => None,
    }?;
    let local = local.with().subsec_nanosecond(0).build().ok()?;
    YEARS.contains(&local.year()).then(|| zone.settled(local))
}

/// What the owner's clock shows at an instant.
fn shown(zone: &Zone, instant: Timestamp) -> Option<LocalTime> {
    let instant = steward_kernel::time::Timestamp::from_microsecond(instant.as_microsecond());
    Some(zone.local(instant.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::test::{lisbon, local, new_york};

    fn start(text: &str) -> Option<LocalTime> {
        local_time(text, Edge::Start, DayTimes::default(), &lisbon())
    }

    #[test]
    fn reads_the_documented_forms() {
        for (text, expected) in [
            ("2024-08-23T12:00:00", "2024-08-23T12:00:00"),
            ("2024-08-23T12:00", "2024-08-23T12:00:00"),
            ("2024-08-23 12:00", "2024-08-23T12:00:00"),
            ("2024-08-23T12:00:59.999", "2024-08-23T12:00:59"),
            ("2024-08-23", "2024-08-23T00:00:00"),
            // Lisbon is an hour ahead of UTC in summer, and with it in winter.
            ("2024-08-23T12:00:00Z", "2024-08-23T13:00:00"),
            ("2024-02-23T12:00:00.000Z", "2024-02-23T12:00:00"),
            ("2024-08-23T23:30-04:00", "2024-08-24T04:30:00"),
            ("2024-08-23T12:00:00[Europe/Madrid]", "2024-08-23T11:00:00"),
            ("2024-08-23T12:00:00+02:00[Europe/Madrid]", "2024-08-23T11:00:00"),
        ] {
            assert_eq!(start(text), Some(local(expected)), "{text}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "tomorrow",
            "2024-08",
            "20240823",
            "20240823T1200",
            "2024-08-23T12",
            "2024-08-23Z",
            "2024-08-23[Europe/Lisbon]",
            "2024-02-30",
            "2024-08-23T25:00",
            "2024-08-23T24:00",
            "2024-08-23T12:00+99:00",
            "2024-08-23T12:00:00+05:00[Europe/Madrid]",
            "0024-08-23T12:00",
            "9999-12-31",
            "9999-12-31T23:00:00-12:00",
            "2024-08-23T12:00 and more",
        ] {
            assert_eq!(start(text), None, "{text}");
        }
    }

    #[test]
    fn bare_dates_take_the_usual_times() {
        let usual = DayTimes {
            start: TimeOfDay::parse("09:30").unwrap(),
            end: TimeOfDay::parse("18:00").unwrap(),
        };
        let read = |edge, times| local_time("2024-12-31", edge, times, &lisbon());
        assert_eq!(read(Edge::Start, usual), Some(local("2024-12-31T09:30:00")));
        assert_eq!(read(Edge::End, usual), Some(local("2024-12-31T18:00:00")));
        assert_eq!(read(Edge::End, DayTimes::default()), Some(local("2025-01-01T00:00:00")));
    }

    #[test]
    fn skipped_times_are_read_as_what_is_meant() {
        assert_eq!(start("2024-03-31T01:15"), Some(local("2024-03-31T02:15:00")));
        let times = DayTimes { start: TimeOfDay::parse("02:30").unwrap(), ..DayTimes::default() };
        let read = local_time("2024-03-10", Edge::Start, times, &new_york());
        assert_eq!(read, Some(local("2024-03-10T03:30:00")));
    }

    proptest::proptest! {
        #[test]
        fn never_panics_and_answers_times_that_exist(text in "[-0-9T:Z+.\\[\\]/A-Za-z ]{0,40}|20[0-9]{2}-(03|10|11)-[0-3][0-9](T[0-2][0-9]:[0-5][0-9])?(Z|[+-]0[0-9]:00)?") {
            if let Some(read) = local_time(&text, Edge::End, DayTimes::default(), &new_york()) {
                proptest::prop_assert!(new_york().shows(read));
            }
        }
    }
}
