//! How a series goes on from its anchor.

use jiff::ToSpan;
use jiff::civil::Weekday;
use serde::{Deserialize, Serialize};
use steward_kernel::local::Date;

/// Days of the week, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<i16>", into = "Vec<i16>")]
pub struct Weekdays {
    /// The bit of each day, Sunday the lowest.
    bits: u8,
}

impl Weekdays {
    /// The days of these numbers, 0 Sunday to 6 Saturday. Nothing when there is no number, one
    /// twice, or one that is no day.
    #[must_use]
    pub fn new(numbers: &[i16]) -> Option<Self> {
        let mut bits = 0;
        for number in numbers {
            let bit =
                u8::try_from(*number).ok().filter(|number| *number < 7).map(|day| 1 << day)?;
            if bits & bit != 0 {
                return None;
            }
            bits |= bit;
        }
        (bits != 0).then_some(Self { bits })
    }

    /// Whether a day is one of them.
    #[must_use]
    pub fn contains(self, weekday: Weekday) -> bool {
        self.bits >> weekday.to_sunday_zero_offset() & 1 == 1
    }

    /// How many there are, 1 to 7.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.bits.count_ones()
    }

    /// Their numbers, rising.
    #[must_use]
    pub fn numbers(self) -> Vec<i16> {
        (0..7).filter(|day| self.bits >> day & 1 == 1).collect()
    }
}

impl From<Weekdays> for Vec<i16> {
    fn from(days: Weekdays) -> Self {
        days.numbers()
    }
}

impl TryFrom<Vec<i16>> for Weekdays {
    type Error = &'static str;

    fn try_from(numbers: Vec<i16>) -> Result<Self, Self::Error> {
        Self::new(&numbers).ok_or("these are no days of the week")
    }
}

/// How a series goes on from its anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Recurrence {
    /// Not at all: the anchor is the only date.
    Once,
    /// Every week, on the weekday of the anchor.
    Weekly,
    /// Every second week.
    EveryTwoWeeks,
    /// Every third week.
    EveryThreeWeeks,
    /// Every fourth week.
    EveryFourWeeks,
    /// Every month, on the weekday of the anchor that is the same one of its month; for a fifth
    /// one the last.
    NthWeekday,
    /// Every month, on the day of the anchor; the last day of months that are too short.
    DayOfMonth,
    /// On several days of every week.
    SeveralWeekdays(Weekdays),
}

impl Recurrence {
    /// How often that is, as the contract numbers it: 1 once to 7 several weekdays.
    #[must_use]
    pub const fn frequency(self) -> i16 {
        match self {
            Self::Once => 1,
            Self::Weekly => 2,
            Self::EveryTwoWeeks => 3,
            Self::EveryThreeWeeks => 4,
            Self::EveryFourWeeks => 5,
            Self::NthWeekday | Self::DayOfMonth => 6,
            Self::SeveralWeekdays(_) => 7,
        }
    }

    /// The dates of the series from its anchor on, rising, to the end of the calendar. The anchor
    /// is the first of them, save where it is none of several weekdays.
    pub fn dates(self, anchor: Date) -> Box<dyn Iterator<Item = Date>> {
        let weeks = |every: i64| Box::new(anchor.series(every.weeks()));
        match self {
            Self::Once => Box::new(std::iter::once(anchor)),
            Self::Weekly => weeks(1),
            Self::EveryTwoWeeks => weeks(2),
            Self::EveryThreeWeeks => weeks(3),
            Self::EveryFourWeeks => weeks(4),
            Self::NthWeekday => {
                let nth = match (anchor.day() - 1) / 7 + 1 {
                    5 => -1,
                    nth => nth,
                };
                let weekday = anchor.weekday();
                let months = anchor.first_of_month().series(1.month());
                Box::new(
                    months.filter_map(move |month| month.nth_weekday_of_month(nth, weekday).ok()),
                )
            }
            // Each date is counted from the anchor, so a short month shortens no later one.
            Self::DayOfMonth => Box::new(anchor.series(1.month())),
            Self::SeveralWeekdays(days) => {
                Box::new(anchor.series(1.day()).filter(move |date| days.contains(date.weekday())))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekdays_are_each_there_once() {
        let days = Weekdays::new(&[5, 0, 3]).unwrap();
        assert_eq!((days.numbers(), days.count()), (vec![0, 3, 5], 3));
        assert!(days.contains(Weekday::Sunday) && !days.contains(Weekday::Saturday));
        for refused in [&[][..], &[1, 1], &[7], &[-1]] {
            assert_eq!(Weekdays::new(refused), None, "{refused:?}");
        }
    }

    #[test]
    fn a_series_ends_with_the_calendar() {
        let last = Date::new(9999, 12, 1).unwrap();
        assert_eq!(Recurrence::Weekly.dates(last).count(), 5);
        assert_eq!(Recurrence::NthWeekday.dates(last).count(), 1);
        assert_eq!(Recurrence::DayOfMonth.dates(last).count(), 1);
    }
}
