//! What holds for availability whatever is booked, and when the clock changes.

use std::num::NonZeroU32;

use jiff::ToSpan;
use proptest::prelude::*;
use steward_kernel::time::Timestamp;

use super::examples::{managed, reserved, shelf};
use super::*;
use crate::time::test::{lisbon, local, new_york, period, utc, zone};
use crate::time::{LocalTime, Period, PeriodError, Span, Zone};

fn shown(intervals: &[Interval], zone: &Zone) -> Vec<String> {
    let starts = intervals.iter().map(|interval| zone.local(interval.span.from));
    starts.map(|start| start.strftime("%d %H:%M").to_string()).collect()
}

fn hours_long(interval: &Interval) -> i64 {
    interval.span.till.seconds_since(interval.span.from) / 3600
}

#[test]
fn days_of_23_and_25_hours_are_days() {
    let shelf = shelf(managed(1), Buffers::default(), &[]);
    for (zone, start, end, lengths) in [
        (lisbon(), "2024-03-30T12:00:00", "2024-04-01T12:00:00", [12, 23, 12]),
        (lisbon(), "2024-10-26T12:00:00", "2024-10-28T12:00:00", [12, 25, 12]),
        (new_york(), "2024-03-09T12:00:00", "2024-03-11T12:00:00", [12, 23, 12]),
        (new_york(), "2024-11-02T12:00:00", "2024-11-04T12:00:00", [12, 25, 12]),
        // Midnight is skipped, so the day begins at 01:00.
        (zone("America/Sao_Paulo"), "2018-11-03T12:00:00", "2018-11-05T12:00:00", [12, 23, 12]),
    ] {
        let asked = period(start, end, &zone);
        let days = intervals(&Product::item(&shelf), &asked, Every::Day, &zone);
        assert_eq!(days.iter().map(hours_long).collect::<Vec<_>>(), lengths, "{start}");
    }
}

#[test]
fn a_day_that_the_zone_left_out_is_no_interval() {
    let samoa = zone("Pacific/Apia");
    let asked = period("2011-12-29T12:00:00", "2011-12-31T12:00:00", &samoa);
    let shelf = shelf(managed(1), Buffers::default(), &[]);
    let days = intervals(&Product::item(&shelf), &asked, Every::Day, &samoa);
    assert_eq!(shown(&days, &samoa), ["29 12:00", "31 00:00"]);
}

#[test]
fn hours_are_those_that_the_clock_shows() {
    let shelf = shelf(managed(1), Buffers::default(), &[]);
    let hours = |start, end| {
        let asked = period(start, end, &lisbon());
        let hours = intervals(&Product::item(&shelf), &asked, Every::Hour, &lisbon());
        (shown(&hours, &lisbon()), hours.iter().map(hours_long).collect::<Vec<_>>())
    };
    // 01:00 to 02:00 is skipped.
    let spring = hours("2024-03-31T00:00:00", "2024-03-31T04:00:00");
    assert_eq!(spring.0, ["31 00:00", "31 02:00", "31 03:00"]);
    assert_eq!(spring.1, [1, 1, 1]);
    // 01:00 to 02:00 comes twice.
    let autumn = hours("2024-10-27T00:00:00", "2024-10-27T03:00:00");
    assert_eq!(autumn.0, ["27 00:00", "27 01:00", "27 02:00"]);
    assert_eq!(autumn.1, [1, 2, 1]);
    let begun = hours("2024-06-10T09:40:00", "2024-06-10T11:20:00");
    assert_eq!(begun.0, ["10 09:40", "10 10:00", "10 11:00"]);
}

#[test]
fn long_periods_are_not_answered_for() {
    let asked = |end| period("2024-01-01T00:00:00", end, &lisbon());
    assert!(checked(asked("2025-01-01T00:00:00"), Some(Every::Day)).is_ok());
    let longer = asked("2025-01-01T00:01:00");
    assert_eq!(checked(longer, None), Err(PeriodError::TooLong));
    assert!(checked(asked("2024-01-15T00:00:00"), Some(Every::Hour)).is_ok());
    let longer = asked("2024-01-15T00:01:00");
    assert_eq!(checked(longer, Some(Every::Hour)), Err(PeriodError::TooLong));
}

#[test]
fn an_early_start_in_the_repeated_hour_is_not_promised() {
    // Held until the second 01:20; 01:30 means the first, so 02:00 is the next to be had.
    let till = utc("2024-10-27T01:20:00Z");
    let span = Span { from: utc("2024-10-26T00:00:00Z"), till };
    let held = Downtime { pieces: 1, span };
    let shelf = Shelf::new(1, true, managed(1), Buffers::default(), vec![held.hold()]);
    let asked = period("2024-10-26T12:00:00", "2024-10-26T14:00:00", &lisbon());
    assert_eq!(next_start(&shelf, 1, &asked, &lisbon()), Some(local("2024-10-27T02:00:00")));
}

/// When a rental fits next where the only piece is held for a while.
fn next_free(
    start: &str,
    length_minutes: i64,
    held: &[(&str, &str)],
    before_minutes: u32,
) -> String {
    let start = local(start);
    let end = start.checked_add(length_minutes.minutes()).unwrap();
    let asked = Period::new(start, end, &lisbon()).unwrap();
    let spans = held.iter().map(|(from, till)| Span { from: utc(from), till: utc(till) });
    let buffers = Buffers { before_minutes, after_minutes: 0 };
    let holds = spans.map(|span| Downtime { pieces: 1, span }.hold()).collect();
    let shelf = Shelf::new(1, true, managed(1), buffers, holds);
    next_start(&shelf, 1, &asked, &lisbon()).unwrap().to_string()
}

#[test]
fn next_start_goes_by_the_clock_when_it_is_set_forward() {
    // 01:00 to 02:00 is skipped, so no rental starts then.
    let held = [("2024-03-30T00:00:00Z", "2024-03-31T00:50:00Z")];
    assert_eq!(next_free("2024-03-31T00:00:00", 60, &held, 0), "2024-03-31T02:00:00");
    // Ends at 01:30 and 01:45 mean 02:30 and 02:45, when the piece is taken again; that at 02:00
    // is earlier than both.
    let held = [
        ("2024-03-30T00:00:00Z", "2024-03-30T23:30:00Z"),
        ("2024-03-31T01:15:00Z", "2024-04-05T00:00:00Z"),
    ];
    assert_eq!(next_free("2024-03-30T20:00:00", 120, &held, 0), "2024-03-31T00:00:00");
}

#[test]
fn next_start_keeps_its_buffer_from_what_ended_before() {
    let held = [("2024-01-09T00:00:00Z", "2024-01-10T09:50:00Z")];
    assert_eq!(next_free("2024-01-10T10:00:00", 60, &held, 60), "2024-01-10T11:00:00");
}

#[test]
fn next_start_looks_90_days_ahead() {
    let asked = period("2024-06-01T10:00:00", "2024-06-01T11:00:00", &lisbon());
    let held_till = |till| {
        let held =
            Downtime { pieces: 1, span: period("2024-05-01T00:00:00", till, &lisbon()).span() };
        let shelf = Shelf::new(1, true, managed(1), Buffers::default(), vec![held.hold()]);
        next_start(&shelf, 1, &asked, &lisbon())
    };
    assert_eq!(held_till("2024-08-30T10:00:00"), Some(local("2024-08-30T10:00:00")));
    assert_eq!(held_till("2024-08-30T10:01:00"), None);

    let buffers = Buffers { before_minutes: 60, after_minutes: 30 };
    let last = period("2024-08-30T10:00:00", "2024-08-30T11:00:00", &lisbon());
    let span = reach(&asked, buffers);
    assert_eq!(span.from, utc("2024-06-01T08:00:00Z"));
    assert!(span.till >= buffers.around(last.span()).till);
}

#[test]
fn bundles_without_items_cannot_be_rented() {
    let nothing = Product { parts: vec![] };
    let asked = period("2024-06-01T10:00:00", "2024-06-01T11:00:00", &lisbon());
    let answer = nothing.answer(asked.span(), 1);
    assert_eq!((answer.available, answer.available_quantity), (false, Some(0)));
    assert_eq!(nothing.periods(asked.span(), 1).unavailable, [asked.span()]);
    let interval = intervals(&nothing, &asked, Every::Day, &lisbon()).remove(0);
    assert_eq!(interval.status, IntervalStatus::Unavailable);
}

#[test]
fn the_old_route_counts_days() {
    let stay = |start, end| period(start, end, &lisbon());
    let lines = [
        reserved(1, 1, stay("2020-05-04T10:00:00", "2020-05-06T00:00:00"), Buffers::default()),
        reserved(2, 1, stay("2020-05-20T23:30:00", "2020-05-21T00:30:00"), Buffers::default()),
    ];
    let shelf = shelf(managed(1), Buffers::default(), &lines);
    // `shelf` is as it is in 2024, which is no matter for what is reserved.
    let run = |first: &str, last: &str| DayRun {
        first: parse_day(first).unwrap(),
        last: parse_day(last).unwrap(),
    };
    let asked = run("2020/05/01", "2020-05-30");
    let inquiry = (stay("2020-04-30T10:00:00", "2020-05-01T12:00:00"), 3);
    let other = (stay("2020-06-01T00:00:00", "2020-06-02T00:00:00"), 3);
    let confirmed = lines.iter().map(|line| (line.period, line.quantity));
    let product = Product::item(&shelf);
    let calendar = day_calendar(&product, asked, &lisbon(), confirmed, [other, inquiry]).unwrap();
    assert!(!calendar.available);
    let taken = [run("2020-05-04", "2020-05-05"), run("2020-05-20", "2020-05-21")];
    assert_eq!(calendar.unavailable_periods, taken);
    assert_eq!(
        calendar.available_periods,
        [
            run("2020-05-01", "2020-05-03"),
            run("2020-05-06", "2020-05-19"),
            run("2020-05-22", "2020-05-30"),
        ]
    );
    let held = taken.map(|days| HeldDays { days, quantity: 1 });
    assert_eq!(calendar.confirmed_inquiries, held);
    let wished = HeldDays { days: run("2020-04-30", "2020-05-01"), quantity: 3 };
    assert_eq!(calendar.requested_inquiries, [wished]);
    assert_eq!(calendar.printed_bounds(), ["2020-05-01T00:00:00Z", "2020-05-30T23:59:59Z"]);
    assert_eq!(
        calendar.unavailable_periods[0].printed(),
        ["2020-05-04T00:00:00.000Z", "2020-05-05T23:59:59.999Z"]
    );

    let none = || std::iter::empty();
    let backwards = run("2020-05-02", "2020-05-01");
    let answer = day_calendar(&product, backwards, &lisbon(), none(), none());
    assert_eq!(answer, Err(PeriodError::NotAfterStart));
    let year = |last| day_calendar(&product, run("2020-01-01", last), &lisbon(), none(), none());
    assert!(year("2020-12-31").is_ok());
    assert_eq!(year("2021-01-01"), Err(PeriodError::TooLong));
    for text in ["2020/05", "2020/5/1", "2020/13/01", "2020-02-30", "01/05/2020", "2020/05-01"] {
        assert_eq!(parse_day(text), None, "{text}");
    }
}

/// Quarters of an hour from the evening before the clock goes back in Lisbon.
fn quarter(count: i64) -> Timestamp {
    Timestamp::new(utc("2024-10-26T20:00:00Z").as_second() + count * 900, 0).unwrap()
}

fn any_holds() -> impl Strategy<Value = Vec<Hold>> {
    let hold = (1_u32..4, 0_i64..200, 1_i64..60).prop_map(|(pieces, from, length)| {
        Downtime { pieces, span: Span { from: quarter(from), till: quarter(from + length) } }.hold()
    });
    prop::collection::vec(hold, 0..12)
}

fn any_shelf() -> impl Strategy<Value = Shelf> {
    let stock = prop_oneof![
        (0_u32..6).prop_map(managed),
        (0_u32..6, 0_u32..3).prop_map(|(pieces, limit)| Stock::Managed {
            pieces,
            overbooking: Overbooking::UpTo(limit)
        }),
        Just(Stock::Unmanaged),
    ];
    let buffers = (0_u32..100, 0_u32..100)
        .prop_map(|(before_minutes, after_minutes)| Buffers { before_minutes, after_minutes });
    (stock, buffers, any_holds())
        .prop_map(|(stock, buffers, holds)| Shelf::new(1, true, stock, buffers, holds))
}

/// Whether so many pieces are free at every instant of a rental with its buffers: added up
/// minute by minute.
fn fits_minute_by_minute(shelf: &Shelf, rental: Span, wanted: u32) -> bool {
    let Some(stock) = shelf.stock.pieces() else { return true };
    let window = shelf.buffers.around(rental);
    (window.from.as_second()..window.till.as_second()).step_by(60).all(|second| {
        let at = Timestamp::new(second, 0).unwrap();
        let there = shelf.holds().iter().filter(|h| h.span.from <= at && at < h.span.till);
        let held: u32 = there.map(|hold| hold.pieces).sum();
        held + wanted <= stock
    })
}

proptest! {
    #[test]
    fn whoever_asks_for_less_gets_it_too(
        shelves in prop::collection::vec((any_shelf(), 1_u32..4), 1..4),
        (from, length) in (0_i64..200, 1_i64..60),
    ) {
        let part = |(shelf, pieces)| Part { shelf, per_product: NonZeroU32::new(pieces).unwrap() };
        let product =
            Product { parts: shelves.iter().map(|(shelf, pieces)| part((shelf, *pieces))).collect() };
        let span = Span { from: quarter(from), till: quarter(from + length) };
        let mut more: Option<(Answer, Periods)> = None;
        for quantity in (1..8).rev() {
            let answer = product.answer(span, quantity);
            let periods = product.periods(span, quantity);
            prop_assert_eq!(
                answer.available,
                answer.available_quantity.is_none_or(|available| quantity <= available)
            );
            let ordered = match (answer.available_quantity, answer.plannable_quantity) {
                (_, None) => true,
                (Some(available), Some(plannable)) => available <= plannable,
                (None, Some(_)) => false,
            };
            prop_assert!(ordered, "more is free than may be planned with");
            let mut all: Vec<Span> =
                periods.available.iter().chain(&periods.unavailable).copied().collect();
            all.sort_unstable();
            prop_assert_eq!(all.first().map(|first| first.from), Some(span.from));
            prop_assert_eq!(all.last().map(|last| last.till), Some(span.till));
            prop_assert!(all.windows(2).all(|two| two[0].till == two[1].from));
            // Without buffers there is a short stretch just when the quantity does not fit.
            let least = product.least_available(span);
            let fits = least.is_none_or(|least| quantity <= least);
            prop_assert_eq!(periods.unavailable.is_empty(), fits);
            if let Some((more, longer)) = &more {
                prop_assert!(answer.available || !more.available);
                let inside = periods.unavailable.iter().all(|part| {
                    longer.unavailable.iter().any(|other| other.common(part) == Some(*part))
                });
                prop_assert!(inside, "something is not free for less and free for more");
            }
            more = Some((answer, periods));
        }
    }

    #[test]
    fn an_answer_is_what_adding_up_every_minute_gives(
        shelf in any_shelf(),
        (from, length) in (0_i64..200, 1_i64..20),
        wanted in 1_u32..5,
    ) {
        let span = Span { from: quarter(from), till: quarter(from + length) };
        let answer = Product::item(&shelf).answer(span, wanted);
        prop_assert_eq!(answer.available, fits_minute_by_minute(&shelf, span, wanted));
    }

    #[test]
    fn a_finding_agrees_with_the_answer(
        shelf in any_shelf(),
        (from, length) in (0_i64..200, 1_i64..20),
        wanted in 1_u32..5,
    ) {
        let zone = lisbon();
        let local = |count| zone.local(quarter(count));
        let Ok(asked) = Period::new(local(from), local(from + length), &zone) else {
            return Ok(());
        };
        let answer = Product::item(&shelf).answer(asked.span(), wanted);
        let demand = Demand { item_internal_id: 1, quantity: wanted, booking_item_ids: vec![] };
        let finding = check(demand, &shelf, &asked, &zone);
        prop_assert_eq!(finding.reason == Reason::None, answer.available);
        prop_assert_eq!(finding.available_quantity, answer.available_quantity);
        prop_assert_eq!(finding.plannable_quantity, answer.plannable_quantity);
        let plannable = answer.plannable_quantity.is_none_or(|plannable| wanted <= plannable);
        prop_assert_eq!(finding.reason != Reason::Blocking, plannable || answer.available);
        prop_assert_eq!(finding.short.is_some(), finding.missing_quantity > 0);
        if let Some(short) = finding.short {
            let window = shelf.buffers.around(asked.span());
            prop_assert_eq!(window.common(&short.span), Some(short.span));
        }
    }

    #[test]
    fn the_next_start_is_the_first_of_all_that_fit(
        shelf in any_shelf(),
        (from, length) in (0_i64..100, 1_i64..30),
        wanted in 1_u32..5,
        spring in any::<bool>(),
    ) {
        // The same holds, around the change of the clock in spring or in autumn.
        let zone = if spring { zone("Australia/Lord_Howe") } else { lisbon() };
        let move_by = if spring { utc("2024-10-05T05:00:00Z").seconds_since(quarter(0)) } else { 0 };
        let moved = |at: Timestamp| Timestamp::new(at.as_second() + move_by, 0).unwrap();
        let holds = shelf.holds().iter().map(|hold| {
            let span = Span { from: moved(hold.span.from), till: moved(hold.span.till) };
            Hold { span, ..*hold }
        });
        let shelf = Shelf::new(1, true, shelf.stock, shelf.buffers, holds.collect());
        let start = zone.local(moved(quarter(from)));
        let end = start.checked_add((length * 15).minutes()).unwrap();
        let Ok(asked) = Period::new(start, end, &zone) else { return Ok(()) };
        let length = asked.start().duration_until(asked.end());
        let at = |step: i64| -> LocalTime {
            asked.start().checked_add((step * 15).minutes()).unwrap()
        };
        let expected = (1..400).map(at).find(|start| {
            let Ok(end) = start.checked_add(length) else { return false };
            let rental = Span { from: zone.instant(*start), till: zone.instant(end) };
            zone.shows(*start) && fits_minute_by_minute(&shelf, rental, wanted)
        });
        prop_assert_eq!(next_start(&shelf, wanted, &asked, &zone), expected);
    }
}
