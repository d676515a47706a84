//! Worked examples of schedules and of who is free, by their number. The clock of New York goes
//! back on 2026-11-01 and forward on 2027-03-14.

use steward_kernel::local::{Date, Span, TimeOfDay, Zone};
use steward_kernel::time::{self, Timestamp};

use super::*;

pub(super) fn new_york() -> Zone {
    Zone::named("America/New_York").unwrap()
}

pub(super) fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub(super) fn clock(text: &str) -> TimeOfDay {
    TimeOfDay::parse(text).unwrap()
}

pub(super) fn utc(text: &str) -> Timestamp {
    time::parse(text).unwrap()
}

pub(super) fn span(from: &str, till: &str) -> Span {
    Span { from: utc(from), till: utc(till) }
}

fn segment(from: &str, recurrence: Recurrence, start: &str) -> Segment {
    Segment { from: date(from), anchor: date(from), recurrence, start: clock(start) }
}

/// The first visits of a schedule: `2026-10-21T13:00Z-16:00Z 12:00`, the last the end by the clock.
fn visits(schedule: &Schedule, minutes: u32, count: usize) -> Vec<String> {
    let occurrences = schedule.occurrences().take(count);
    let visits = occurrences.map(|one| {
        let start = schedule.segments()[one.segment].start;
        let visit = visit_time(one.date, start, minutes, &new_york());
        let [from, till] = [visit.span.from, visit.span.till].map(|at| at.to_string());
        format!("{}Z-{}Z {}", &from[..16], &till[11..16], visit.end)
    });
    visits.collect()
}

fn series(from: &str, recurrence: Recurrence, start: &str) -> Schedule {
    Schedule::new(vec![segment(from, recurrence, start)], None)
}

fn dates(from: &str, recurrence: Recurrence, count: usize) -> Vec<String> {
    let schedule = series(from, recurrence, "10:00");
    schedule.occurrences().take(count).map(|one| one.date.to_string()).collect()
}

#[test]
fn example_s1_a_visit_stays_at_nine_when_the_clock_changes() {
    let weekly = series("2026-10-21", Recurrence::Weekly, "09:00");
    assert_eq!(
        visits(&weekly, 180, 4),
        [
            "2026-10-21T13:00Z-16:00Z 12:00",
            "2026-10-28T13:00Z-16:00Z 12:00",
            "2026-11-04T14:00Z-17:00Z 12:00",
            "2026-11-11T14:00Z-17:00Z 12:00",
        ]
    );
}

#[test]
fn example_s2_times_that_are_skipped_or_come_twice() {
    let gap = series("2027-02-28", Recurrence::EveryTwoWeeks, "02:30");
    assert_eq!(
        visits(&gap, 60, 3),
        [
            "2027-02-28T07:30Z-08:30Z 03:30",
            "2027-03-14T07:30Z-08:30Z 04:30",
            "2027-03-28T06:30Z-07:30Z 03:30",
        ]
    );
    let adjusted = |day, start| visit_time(date(day), clock(start), 60, &new_york()).adjusted;
    assert_eq!(adjusted("2027-03-14", "02:30"), Adjusted::Gap);
    assert_eq!(adjusted("2027-03-28", "02:30"), Adjusted::None);
    assert_eq!(adjusted("2026-11-01", "01:30"), Adjusted::Fold);

    let fold = series("2026-10-25", Recurrence::Weekly, "01:30");
    assert_eq!(
        visits(&fold, 60, 3),
        [
            "2026-10-25T05:30Z-06:30Z 02:30",
            "2026-11-01T05:30Z-06:30Z 01:30",
            "2026-11-08T06:30Z-07:30Z 02:30",
        ]
    );
    let through = series("2026-11-01", Recurrence::Once, "00:30");
    assert_eq!(visits(&through, 180, 2), ["2026-11-01T04:30Z-07:30Z 02:30"]);
}

#[test]
fn example_s3_months() {
    assert_eq!(
        dates("2026-01-29", Recurrence::NthWeekday, 5),
        ["2026-01-29", "2026-02-26", "2026-03-26", "2026-04-30", "2026-05-28"]
    );
    assert_eq!(
        dates("2026-01-31", Recurrence::DayOfMonth, 5),
        ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]
    );
    let second_tuesday = series("2026-10-13", Recurrence::NthWeekday, "10:00");
    assert_eq!(
        visits(&second_tuesday, 60, 4),
        [
            "2026-10-13T14:00Z-15:00Z 11:00",
            "2026-11-10T15:00Z-16:00Z 11:00",
            "2026-12-08T15:00Z-16:00Z 11:00",
            "2027-01-12T15:00Z-16:00Z 11:00",
        ]
    );
}

#[test]
fn example_s4_several_weekdays() {
    let days = Recurrence::SeveralWeekdays(Weekdays::new(&[1, 3, 5]).unwrap());
    let series = series("2026-11-03", days, "08:30");
    let shown: Vec<String> =
        visits(&series, 60, 5).iter().map(|one| one[..17].to_owned()).collect();
    assert_eq!(
        shown,
        [
            "2026-11-04T13:30Z",
            "2026-11-06T13:30Z",
            "2026-11-09T13:30Z",
            "2026-11-11T13:30Z",
            "2026-11-13T13:30Z",
        ]
    );
}

/// What is shown of stretches by the clock of New York.
fn shown(spans: &Spans) -> Vec<String> {
    let time = |at| TimeOfDay::of(new_york().local(at));
    spans.iter().map(|span| format!("{}-{}", time(span.from), time(span.till))).collect()
}

fn hours(ranges: &[(i8, &str, &str)]) -> UnavailableHours {
    let range = |from, to| WallRange { from: clock(from), to: clock(to) };
    ranges.iter().map(|(weekday, from, to)| (*weekday, range(from, to))).collect()
}

#[test]
fn example_s5_what_is_left_of_a_day() {
    let monday = Days { first: date("2026-11-09"), last: date("2026-11-09") };
    let hours = hours(&[(0, "00:00", "08:00"), (1, "00:00", "08:00"), (1, "17:00", "24:00")]);
    let away = Exception {
        id: 1,
        span: span("2026-11-09T19:00:00Z", "2026-11-09T20:00:00Z"),
        is_available: false,
    };
    let place = |location_id, lat, lng| Place { location_id, point: Some(Point { lat, lng }) };
    let visit = Visit {
        event_id: Some(7),
        span: span("2026-11-09T14:00:00Z", "2026-11-09T16:00:00Z"),
        place: Some(place(1, 40.7484, -73.9857)),
    };
    let travel = Travel {
        mode: TravelMode::Driving,
        least_minutes: 5,
        unknown_minutes: 15,
        buffer_minutes: 0,
    };
    let asked = place(2, 40.7061, -73.9969);
    let free = availability(monday, &hours, &[away], &[visit], (Some(asked), &travel), &new_york());
    assert_eq!(shown(&free.busy), ["08:49-11:11"]);
    assert_eq!(shown(&free.net), ["08:00-08:49", "11:11-14:00", "15:00-17:00"]);
    let starts = |now| {
        let slots = slots(&free.net, monday, 120, 30, utc(now), &new_york());
        slots.iter().map(|slot| slot.start.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(starts("2026-11-09T00:00:00Z"), ["11:30", "12:00", "15:00"]);
    assert_eq!(starts("2026-11-09T16:30:01Z"), ["12:00", "15:00"]);

    let sunday = Days { first: date("2026-11-01"), last: date("2026-11-01") };
    let gross = hours.gross(sunday, &new_york());
    let expected = span("2026-11-01T13:00:00Z", "2026-11-02T05:00:00Z");
    assert_eq!(gross.iter().collect::<Vec<_>>(), [expected]);
    // Whoever is away from the first half past one until the second is away for 75 minutes.
    let night = [(0, "01:30", "01:45")];
    let gross = self::hours(&night).gross(sunday, &new_york());
    let expected = [
        span("2026-11-01T04:00:00Z", "2026-11-01T05:30:00Z"),
        span("2026-11-01T06:45:00Z", "2026-11-02T05:00:00Z"),
    ];
    assert_eq!(gross.iter().collect::<Vec<_>>(), expected);
}

#[test]
fn example_s6_the_dates_that_are_skipped_and_paused() {
    let weekly = series("2026-12-03", Recurrence::Weekly, "13:00");
    let shown: Vec<String> =
        weekly.due(date("2027-01-07")).iter().map(|one| one.date.to_string()).collect();
    assert_eq!(
        shown,
        ["2026-12-03", "2026-12-10", "2026-12-17", "2026-12-24", "2026-12-31", "2027-01-07"]
    );
}

#[test]
fn example_s7_another_time_keeps_the_phase() {
    let mut schedule = series("2026-11-10", Recurrence::EveryTwoWeeks, "09:00");
    let later = Segment {
        anchor: date("2026-11-10"),
        ..segment("2026-12-08", Recurrence::EveryTwoWeeks, "10:30")
    };
    schedule.change_from(later);
    assert_eq!(
        visits(&schedule, 60, 5),
        [
            "2026-11-10T14:00Z-15:00Z 10:00",
            "2026-11-24T14:00Z-15:00Z 10:00",
            "2026-12-08T15:30Z-16:30Z 11:30",
            "2026-12-22T15:30Z-16:30Z 11:30",
            "2027-01-05T15:30Z-16:30Z 11:30",
        ]
    );
    assert_eq!(schedule.segments().len(), 2);
    // Changed once more, the change before falls away.
    schedule.change_from(segment("2026-11-24", Recurrence::Weekly, "08:00"));
    let froms: Vec<Date> = schedule.segments().iter().map(|one| one.from).collect();
    assert_eq!(froms, [date("2026-11-10"), date("2026-11-24")]);
}

#[test]
fn example_s8_added_hours_reach_into_the_evening() {
    let with_added_hours = visit_time(date("2026-12-10"), clock("13:00"), 360, &new_york());
    assert_eq!(with_added_hours.end, clock("19:00"));
}

fn worker<'a>(gross: &'a Spans, exceptions: &'a [Exception], visits: &'a [Visit]) -> Worker<'a> {
    let travel = Travel {
        mode: TravelMode::Driving,
        least_minutes: 5,
        unknown_minutes: 15,
        buffer_minutes: 0,
    };
    Worker { is_active: true, serves_area: true, gross, exceptions, visits, travel }
}

#[test]
fn conflicts_say_what_is_in_the_way() {
    let week = [(1, "00:00", "08:00")];
    let day = Days { first: date("2026-11-09"), last: date("2026-11-09") };
    let gross = hours(&week).gross(day, &new_york());
    let here = Place { location_id: 1, point: None };
    let there = Place { location_id: 2, point: None };
    let at =
        |from, till| span(&format!("2026-11-09T{from}:00Z"), &format!("2026-11-09T{till}:00Z"));
    let visit = Visit { event_id: Some(7), span: at("14:00", "16:00"), place: Some(here) };
    let away = Exception { id: 3, span: at("18:00", "19:00"), is_available: false };
    let (visits, exceptions) = ([visit], [away]);
    let worker = worker(&gross, &exceptions, &visits);
    let said = |from, till, place| {
        let found = conflicts(&worker, &[Candidate { span: at(from, till), place }]);
        found.iter().map(|one| (one.kind, one.minutes_short)).collect::<Vec<_>>()
    };
    assert_eq!(said("15:59", "17:00", here), [(ConflictKind::Overlap, None)]);
    assert_eq!(said("16:00", "17:00", here), []);
    assert_eq!(said("16:00", "17:00", there), [(ConflictKind::Travel, Some(15))]);
    assert_eq!(said("16:14", "17:00", there), [(ConflictKind::Travel, Some(1))]);
    assert_eq!(said("16:15", "17:00", there), []);
    assert_eq!(said("13:00", "13:50", there), [(ConflictKind::Travel, Some(5))]);
    assert_eq!(said("13:00", "13:45", there), []);
    assert_eq!(said("12:30", "13:30", here), [(ConflictKind::Unavailable, None)]);

    let both = conflicts(&worker, &[Candidate { span: at("18:30", "20:00"), place: here }]);
    assert_eq!(both[0].exception_id, Some(3));
    assert!(!both[0].kind.is_hard() && ConflictKind::Overlap.is_hard());

    let gone = Worker { is_active: false, serves_area: false, ..worker };
    let candidates = [at("09:00", "10:00"), at("20:00", "21:00"), at("21:00", "22:00")]
        .map(|span| Candidate { span, place: here });
    let kinds: Vec<_> = conflicts(&gone, &candidates).iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [ConflictKind::Inactive, ConflictKind::Area, ConflictKind::Unavailable]);
    assert_eq!(conflicts(&gone, &[]), []);
}
