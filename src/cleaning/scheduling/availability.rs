//! When a cleaner is free.

use jiff::ToSpan;
use jiff::civil::Time;
use steward_kernel::local::{Date, Span, TimeOfDay, Zone};
use steward_kernel::time::Timestamp;

use super::{Days, Place, Spans, Travel, UnavailableHours};

/// A change to a cleaner's usual week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exception {
    /// Its id.
    pub id: i64,
    /// When.
    pub span: Span,
    /// Whether the cleaner works then, or does not.
    pub is_available: bool,
}

/// A visit that occupies a cleaner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Visit {
    /// Its id; none of a time that is only held.
    pub event_id: Option<i64>,
    /// When it is.
    pub span: Span,
    /// The home; none of a time that is held for nobody in particular.
    pub place: Option<Place>,
}

impl Visit {
    /// Minutes from one visit to the next. Of homes that are not known nothing is.
    pub(super) fn minutes_to(&self, next: &Self, travel: &Travel) -> u32 {
        match (&self.place, &next.place) {
            (Some(from), Some(to)) => travel.minutes(from, to),
            (None, _) | (_, None) => 0,
        }
    }
}

/// When a cleaner is free on some days, and why not at other times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Availability {
    /// What the usual week leaves.
    pub gross: Spans,
    /// What changes to it leave.
    pub working: Spans,
    /// What visits take, with the ways to and from them.
    pub busy: Spans,
    /// What is left.
    pub net: Spans,
}

/// When a cleaner is free on some days.
///
/// With `place`, ways between it and the visits are taken too, as they would be by a visit there.
/// Ways may lie outside of working hours. `visits` are those that the cleaner must attend, also
/// of the days around where they reach into the days asked for.
#[must_use]
pub fn availability(
    days: Days,
    hours: &UnavailableHours,
    exceptions: &[Exception],
    visits: &[Visit],
    (place, travel): (Option<Place>, &Travel),
    zone: &Zone,
) -> Availability {
    let gross = hours.gross(days, zone);
    let working = working(&gross, exceptions).within(Span {
        from: Days::span(days.first, zone).from,
        till: Days::span(days.last, zone).till,
    });
    let busy: Spans = visits.iter().map(|visit| taken(visit, place, travel)).collect();
    let net = working.without(&busy);
    Availability { gross, working, busy, net }
}

/// What changes leave of a usual week: what they take goes before what they add.
pub(super) fn working(gross: &Spans, exceptions: &[Exception]) -> Spans {
    let of = |is_available: bool| {
        let those = exceptions.iter().filter(|one| one.is_available == is_available);
        those.map(|one| one.span).collect::<Spans>()
    };
    gross.with(&of(true)).without(&of(false))
}

/// What a visit takes from a cleaner who might be asked to a place.
fn taken(visit: &Visit, place: Option<Place>, travel: &Travel) -> Span {
    let asked = Visit { event_id: None, span: visit.span, place };
    let before = asked.minutes_to(visit, travel) + travel.buffer_minutes;
    let after = visit.minutes_to(&asked, travel) + travel.buffer_minutes;
    visit.span.widened(before, after)
}

/// A time at which a visit could start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Its date.
    pub date: Date,
    /// What the clock on the wall shows.
    pub start: TimeOfDay,
    /// The instant.
    pub start_at: Timestamp,
}

/// The starts of visits of so many minutes that fit into what is free: every `every_minutes` by
/// the clock on the wall, and not before `now`. Times that the clock skips are none.
#[must_use]
pub fn slots(
    net: &Spans,
    days: Days,
    minutes: u32,
    every_minutes: u16,
    now: Timestamp,
    zone: &Zone,
) -> Vec<Slot> {
    let every = i64::from(every_minutes.max(1)).minutes();
    let starts = days.iter().flat_map(|date| {
        let midnight = date.to_datetime(Time::midnight());
        midnight.series(every).take_while(move |start| start.date() == date)
    });
    let shown = starts.filter(|start| zone.shows(*start));
    let slots = shown.map(|start| Slot {
        date: start.date(),
        start: TimeOfDay::of(start),
        start_at: zone.instant(start),
    });
    let fits = |slot: &Slot| {
        let span = Span { from: slot.start_at, till: slot.start_at }.widened(0, minutes);
        slot.start_at >= now && net.covers(span)
    };
    slots.filter(fits).collect()
}
