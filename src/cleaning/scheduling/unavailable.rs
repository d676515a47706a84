//! The hours of a week in which a cleaner never works.

use std::collections::BTreeMap;

use jiff::ToSpan;
use steward_kernel::local::{Date, Span, TimeOfDay, Zone};

use super::Spans;

/// Days in a row, the last one included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
}

impl Days {
    /// Each of the days.
    pub fn iter(self) -> impl Iterator<Item = Date> {
        self.first.series(1.day()).take_while(move |day| *day <= self.last)
    }

    /// The instants of a day.
    pub(super) fn span(day: Date, zone: &Zone) -> Span {
        let next = day.tomorrow().unwrap_or(day);
        Span { from: zone.day_start(day), till: zone.day_start(next) }
    }
}

/// From one time of the day up to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WallRange {
    /// First time.
    pub from: TimeOfDay,
    /// First time after it, up to 24:00.
    pub to: TimeOfDay,
}

/// The hours of a week in which a cleaner never works, by the number of the weekday, 0 Sunday to
/// 6 Saturday.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnavailableHours {
    by_weekday: BTreeMap<i8, Vec<WallRange>>,
}

impl FromIterator<(i8, WallRange)> for UnavailableHours {
    fn from_iter<T: IntoIterator<Item = (i8, WallRange)>>(ranges: T) -> Self {
        let mut by_weekday: BTreeMap<i8, Vec<WallRange>> = BTreeMap::new();
        for (weekday, range) in ranges {
            by_weekday.entry(weekday).or_default().push(range);
        }
        Self { by_weekday }
    }
}

impl UnavailableHours {
    /// The time that is left of some days.
    #[must_use]
    pub fn gross(&self, days: Days, zone: &Zone) -> Spans {
        let whole: Spans = days.iter().map(|day| Days::span(day, zone)).collect();
        let taken: Spans = days.iter().flat_map(|day| self.taken(day, zone)).collect();
        whole.without(&taken)
    }

    /// What is taken of a day. When the clock shows an end twice, the second is meant: whoever
    /// is away until two is away until the last two.
    fn taken(&self, day: Date, zone: &Zone) -> Vec<Span> {
        let weekday = day.weekday().to_sunday_zero_offset();
        let ranges = self.by_weekday.get(&weekday).into_iter().flatten();
        let spans = ranges.map(|range| Span {
            from: zone.instant(range.from.on(day)),
            till: zone.last_instant(range.to.on(day)),
        });
        spans.filter_map(|span| span.common(&Days::span(day, zone))).collect()
    }
}
