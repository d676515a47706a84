//! When a booking is: versions of its series, one after another.

use serde::{Deserialize, Serialize};
use steward_kernel::local::{Date, TimeOfDay};

use super::Recurrence;

/// How a booking goes on from a date, until the next segment begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The first date that it speaks of.
    pub from: Date,
    /// The date that its series is counted from, which may lie before.
    pub anchor: Date,
    /// How the series goes on.
    pub recurrence: Recurrence,
    /// When visits start by the clock on the wall.
    pub start: TimeOfDay,
}

/// A date of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    /// The date.
    pub date: Date,
    /// Which segment it is of, counted from 0.
    pub segment: usize,
}

/// When a booking is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    segments: Vec<Segment>,
    end: Option<Date>,
}

impl Schedule {
    /// A schedule of segments, with its last date if it has one. Of two segments that begin on
    /// one date the later one is meant.
    #[must_use]
    pub fn new(mut segments: Vec<Segment>, end: Option<Date>) -> Self {
        segments.sort_by_key(|segment| segment.from);
        Self { segments, end }
    }

    /// The segments, in order.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// All dates, rising.
    pub fn occurrences(&self) -> impl Iterator<Item = Occurrence> {
        let untils = self.segments.iter().skip(1).map(|next| Some(next.from));
        let untils = untils.chain([None]);
        let segments = self.segments.iter().zip(untils).enumerate();
        let dates = segments.flat_map(|(index, (segment, until))| {
            let dates = segment.recurrence.dates(segment.anchor);
            let inside = dates
                .skip_while(|date| *date < segment.from)
                .take_while(move |date| until.is_none_or(|until| *date < until));
            inside.map(move |date| Occurrence { date, segment: index })
        });
        dates.take_while(|occurrence| self.end.is_none_or(|end| occurrence.date <= end))
    }

    /// The dates for which visits are there: those up to `through`, and always the first.
    #[must_use]
    pub fn due(&self, through: Date) -> Vec<Occurrence> {
        let first = self.occurrences().take(1);
        first.chain(self.occurrences().skip(1).take_while(|one| one.date <= through)).collect()
    }

    /// Lets the booking go on otherwise from a date: later segments fall away.
    pub fn change_from(&mut self, segment: Segment) {
        self.segments.retain(|present| present.from < segment.from);
        self.segments.push(segment);
    }
}
