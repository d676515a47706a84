//! What holds for schedules and for who is free, whatever is booked.

use std::time::Duration;

use jiff::ToSpan;
use proptest::prelude::*;
use steward_kernel::local::{Date, Span, TimeOfDay, Zone};
use steward_kernel::time::Timestamp;

use super::examples::{clock, date, new_york, utc};
use super::*;

/// A digest of python-dateutil and zoneinfo for each zone; tests/tools/recurrence.py makes them.
const DIGESTS: &str = include_str!("../../../tests/cleaning/recurrence.tsv");
const SERIES: u64 = 20_000;
const VISITS: usize = 12;

/// Random numbers that every language makes alike: splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// The visits of a series, as the script makes them.
fn visits(number: u64, zone: &Zone) -> Vec<VisitTime> {
    let mut random = Random(number);
    let anchor = date("2005-01-01") + i64::try_from(random.below(6000)).unwrap().days();
    let start = TimeOfDay::from_minutes(u16::try_from(5 * random.below(288)).unwrap()).unwrap();
    let minutes = u32::try_from(15 + 15 * random.below(40)).unwrap();
    let kind = random.below(8);
    let bits = 1 + random.below(127);
    let recurrence = match kind {
        0 => Recurrence::Once,
        1 => Recurrence::Weekly,
        2 => Recurrence::EveryTwoWeeks,
        3 => Recurrence::EveryThreeWeeks,
        4 => Recurrence::EveryFourWeeks,
        5 => Recurrence::NthWeekday,
        6 => Recurrence::DayOfMonth,
        _ => {
            let days: Vec<i16> = (0..7).filter(|day| bits >> day & 1 == 1).collect();
            Recurrence::SeveralWeekdays(Weekdays::new(&days).unwrap())
        }
    };
    let dates = recurrence.dates(anchor).take(VISITS);
    dates.map(|date| visit_time(date, start, minutes, zone)).collect()
}

/// FNV-1a over the eight bytes of a number, the lowest first.
fn digest(state: u64, number: i64) -> u64 {
    let bytes = number.to_le_bytes();
    bytes
        .iter()
        .fold(state, |state, byte| (state ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3))
}

#[test]
fn random_series_are_those_of_python_dateutil_and_zoneinfo() {
    let zones: Vec<(&str, &str)> =
        DIGESTS.lines().map(|line| line.split_once('\t').unwrap()).collect();
    assert_eq!(zones.len(), 40);
    for (index, (name, expected)) in (0..).zip(&zones) {
        let zone = Zone::named(name).unwrap();
        let numbers = (index..SERIES).step_by(zones.len());
        let state = numbers.flat_map(|number| visits(number, &zone)).fold(
            0xCBF2_9CE4_8422_2325,
            |state, visit| {
                let state = digest(state, visit.span.from.as_second());
                digest(state, visit.end.minutes().into())
            },
        );
        assert_eq!(format!("{state:016x}"), *expected, "{name}");
    }
}

fn recurrences() -> impl Strategy<Value = Recurrence> {
    let days = proptest::sample::subsequence((0..7).collect::<Vec<i16>>(), 1..=7);
    prop_oneof![
        Just(Recurrence::Once),
        Just(Recurrence::Weekly),
        Just(Recurrence::EveryTwoWeeks),
        Just(Recurrence::EveryThreeWeeks),
        Just(Recurrence::EveryFourWeeks),
        Just(Recurrence::NthWeekday),
        Just(Recurrence::DayOfMonth),
        days.prop_map(|days| Recurrence::SeveralWeekdays(Weekdays::new(&days).unwrap())),
    ]
}

fn days_from(start: &str, days: std::ops::Range<i64>) -> impl Strategy<Value = Date> {
    let start = date(start);
    days.prop_map(move |days| start + days.days())
}

fn segments() -> impl Strategy<Value = Segment> {
    let dates = (days_from("2026-01-01", 0..400), 0_i64..60);
    (dates, recurrences(), 0_u16..1440).prop_map(|((from, before), recurrence, minutes)| Segment {
        from,
        anchor: from - before.days(),
        recurrence,
        start: TimeOfDay::from_minutes(minutes).unwrap(),
    })
}

/// An instant of some days around a change of the clock, to the minute.
fn instants() -> impl Strategy<Value = Timestamp> {
    let start = utc("2026-10-30T00:00:00Z");
    (0_u64..5 * 1440).prop_map(move |minutes| start + Duration::from_secs(60 * minutes))
}

fn spans() -> impl Strategy<Value = Vec<Span>> {
    let span = (instants(), instants()).prop_map(|(from, till)| Span { from, till });
    proptest::collection::vec(span, 0..8)
}

fn holds(spans: &[Span], at: Timestamp) -> bool {
    spans.iter().any(|span| span.from <= at && at < span.till)
}

proptest! {
    #[test]
    fn dates_rise_and_lie_within_their_segments(
        segments in proptest::collection::vec(segments(), 1..4),
        end in proptest::option::of(days_from("2026-01-01", 0..800)),
    ) {
        let schedule = Schedule::new(segments, end);
        let found: Vec<Occurrence> = schedule.occurrences().take(50).collect();
        prop_assert!(found.windows(2).all(|two| two[0].date < two[1].date));
        for one in &found {
            let segments = schedule.segments();
            prop_assert!(segments[one.segment].from <= one.date);
            prop_assert!(segments.get(one.segment + 1).is_none_or(|next| one.date < next.from));
            prop_assert!(end.is_none_or(|end| one.date <= end));
            // Every date is one of the whole series of its segment, wherever that began.
            let segment = &segments[one.segment];
            let mut series = segment.recurrence.dates(segment.anchor);
            prop_assert!(series.find(|date| *date >= one.date) == Some(one.date));
        }
    }

    #[test]
    fn what_is_due_only_grows(segment in segments(), days in 0_i64..500, more in 0_i64..100) {
        let schedule = Schedule::new(vec![segment], None);
        let through = date("2026-01-01") + days.days();
        let due = schedule.due(through);
        let later = schedule.due(through + more.days());
        prop_assert_eq!(&later[..due.len()], &due[..]);
        prop_assert!(due.iter().skip(1).all(|one| one.date <= through));
        // A segment that begins after its only date has none.
        prop_assert_eq!(due.first().copied(), schedule.occurrences().next());
    }

    #[test]
    fn a_visit_lasts_as_long_as_it_was_booked(
        day in days_from("2026-01-01", 0..900),
        start in 0_u16..1440,
        minutes in 1_u32..960,
    ) {
        let zone = new_york();
        let start = TimeOfDay::from_minutes(start).unwrap();
        let visit = visit_time(day, start, minutes, &zone);
        prop_assert_eq!(visit.span.till.seconds_since(visit.span.from), i64::from(minutes) * 60);
        // Where the clock does not change it starts at the time that was said.
        let shown = TimeOfDay::of(zone.local(visit.span.from));
        prop_assert_eq!(shown == start, visit.adjusted != Adjusted::Gap);
        prop_assert!(visit.adjusted != Adjusted::Gap || shown.minutes() == start.minutes() + 60);
    }

    #[test]
    fn sets_of_time_hold_what_their_stretches_hold(one in spans(), other in spans(), at in instants()) {
        let (first, second): (Spans, Spans) =
            (one.iter().copied().collect(), other.iter().copied().collect());
        let in_set = |set: &Spans| set.iter().any(|span| span.from <= at && at < span.till);
        prop_assert_eq!(in_set(&first), holds(&one, at));
        prop_assert_eq!(in_set(&first.with(&second)), holds(&one, at) || holds(&other, at));
        prop_assert_eq!(in_set(&first.without(&second)), holds(&one, at) && !holds(&other, at));
        for set in [&first, &first.with(&second), &first.without(&second)] {
            let spans: Vec<Span> = set.iter().collect();
            prop_assert!(spans.windows(2).all(|two| two[0].till < two[1].from));
            prop_assert!(spans.iter().all(|span| !span.is_empty()));
        }
    }

    #[test]
    fn who_is_free_for_a_slot_has_no_conflict(
        visits in spans(),
        away in spans(),
        places in proptest::collection::vec(1_i64..4, 8),
        minutes in 15_u32..300,
        buffer_minutes in 0_u32..20,
    ) {
        let zone = new_york();
        let days = Days { first: date("2026-10-31"), last: date("2026-11-02") };
        let range = |from, to| WallRange { from: clock(from), to: clock(to) };
        let hours: UnavailableHours =
            (0..7).flat_map(|day| [(day, range("00:00", "01:45")), (day, range("20:00", "24:00"))]).collect();
        let travel = Travel { mode: TravelMode::Driving, least_minutes: 5, unknown_minutes: 15, buffer_minutes };
        let place = |location_id| Place { location_id, point: None };
        let visits: Vec<Visit> = visits
            .into_iter()
            .zip(&places)
            .filter(|(span, _)| !span.is_empty())
            .map(|(span, home)| Visit { event_id: None, span, place: Some(place(*home)) })
            .collect();
        let exceptions: Vec<Exception> = (1..)
            .zip(away)
            .map(|(id, span)| Exception { id, span, is_available: id % 3 == 0 })
            .collect();
        let free = availability(days, &hours, &exceptions, &visits, (Some(place(1)), &travel), &zone);
        let worker = Worker {
            is_active: true,
            serves_area: true,
            gross: &hours.gross(days, &zone),
            exceptions: &exceptions,
            visits: &visits,
            travel,
        };
        for slot in slots(&free.net, days, minutes, 15, Timestamp::MIN, &zone) {
            let span = Span { from: slot.start_at, till: slot.start_at }.widened(0, minutes);
            let found = conflicts(&worker, &[Candidate { span, place: place(1) }]);
            prop_assert_eq!(found, vec![]);
        }
    }
}
