//! Worked examples of availability.

use std::num::NonZeroU32;

use super::*;
use crate::returns::Return;
use crate::status::BookingStatus;
use crate::time::test::{lisbon, local, period, utc};
use crate::time::{Period, Span};

/// `10T12` is the 10th of June 2024 at 12:00 in Lisbon, `10T12:30` half an hour later.
fn june(text: &str) -> String {
    let minutes = if text.contains(':') { "" } else { ":00" };
    format!("2024-06-{text}{minutes}:00")
}

pub(super) fn days(start: &str, end: &str) -> Period {
    period(&june(start), &june(end), &lisbon())
}

fn instant(text: &str) -> steward_kernel::time::Timestamp {
    lisbon().instant(local(&june(text)))
}

pub(super) fn reserved(booking: i64, pieces: u32, period: Period, buffers: Buffers) -> LineState {
    LineState {
        booking_internal_id: booking,
        status: BookingStatus::Reserved,
        period,
        quantity: pieces,
        picked_up: 0,
        picked_up_at: None,
        returns: Vec::new(),
        buffers,
    }
}

/// An item with lines that hold it at an instant, with the usual 24 hours for what is overdue.
fn shelf_at(now: &str, stock: Stock, buffers: Buffers, lines: &[LineState]) -> Shelf {
    let holds = lines.iter().flat_map(|line| line.holds(instant(now), Some(24)));
    Shelf::new(1, true, stock, buffers, holds.collect())
}

/// As it is before June.
pub(super) fn shelf(stock: Stock, buffers: Buffers, lines: &[LineState]) -> Shelf {
    shelf_at("01T00", stock, buffers, lines)
}

pub(super) fn managed(pieces: u32) -> Stock {
    Stock::Managed { pieces, overbooking: Overbooking::No }
}

fn demand(item: i64, quantity: u32) -> Demand {
    Demand { item_internal_id: item, quantity, booking_item_ids: vec![1] }
}

/// The line A and B of the first two examples.
fn two_bookings(buffers: Buffers) -> [LineState; 2] {
    [
        reserved(1, 2, days("10T10", "12T10"), buffers),
        reserved(2, 1, days("11T14", "13T10"), buffers),
    ]
}

fn free(shelf: &Shelf, start: &str, end: &str) -> Option<u32> {
    Product::item(shelf).answer(days(start, end).span(), 1).available_quantity
}

#[test]
fn example_1_what_overlaps_is_added_up() {
    let lines = two_bookings(Buffers::default());
    let shelf = shelf(managed(5), Buffers::default(), &lines);
    assert_eq!(free(&shelf, "11T12", "12T09"), Some(2));
    assert_eq!(free(&shelf, "10T10", "11T10"), Some(3));
    assert_eq!(free(&shelf, "12T10", "13T09"), Some(4));

    let four_days = days("10T00", "14T00");
    let by_day = intervals(&Product::item(&shelf), &four_days, Every::Day, &lisbon());
    let shown: Vec<_> = by_day.iter().map(|day| (day.available_quantity, day.status)).collect();
    let partial = IntervalStatus::Partial;
    let expected = [3, 2, 2, 4].map(|quantity| (Some(quantity), partial));
    assert_eq!(shown, expected);
}

#[test]
fn example_2_buffers_of_both_sides_keep_rentals_apart() {
    let buffers = Buffers { before_minutes: 60, after_minutes: 60 };
    let shelf = shelf(managed(5), buffers, &two_bookings(buffers));
    assert_eq!(free(&shelf, "12T11:30", "13T08"), Some(2));
    assert_eq!(free(&shelf, "12T12", "13T08"), Some(4));
}

#[test]
fn example_3_bundles_and_loose_pieces_ask_together() {
    let item = |id, pieces| Shelf::new(id, true, managed(pieces), Buffers::default(), vec![]);
    let (cameras, lights) = (item(1, 3), item(2, 5));
    let part = |shelf, pieces| Part { shelf, per_product: NonZeroU32::new(pieces).unwrap() };
    let bundle = Product { parts: vec![part(&cameras, 1), part(&lights, 2)] };
    let asked = days("10T10", "12T10");
    let answer = bundle.answer(asked.span(), 2);
    assert!(answer.available);
    assert_eq!(answer.available_quantity, Some(2));
    assert_eq!(
        answer.limiting_items,
        [Limit { item_internal_id: 2, per_bundle: 2, available_quantity: 5 }]
    );
    assert!(!bundle.answer(asked.span(), 3).available);
    assert_eq!(bundle.free_now(asked.span().from), Some(2));

    // Of lights that are held three times too often two bundles are missing.
    let held = Downtime { pieces: 8, span: asked.span() };
    let taken = lights.clone().with_hold(held.hold());
    let without = Product { parts: vec![part(&cameras, 1), part(&taken, 2)] };
    let answer = without.answer(asked.span(), 1);
    assert_eq!((answer.available_quantity, answer.overbooked_quantity), (Some(0), 2));

    let wanted = |loose| {
        demands([(10, 1, 2), (11, 2, 4), (12, 2, loose)].map(
            |(booking_item_id, item_internal_id, pieces)| Wanted {
                booking_item_id,
                item_internal_id,
                pieces,
            },
        ))
    };
    let [of_cameras, of_lights] = &wanted(2)[..] else { panic!("two items") };
    assert_eq!((of_cameras.item_internal_id, of_cameras.quantity), (1, 2));
    assert_eq!(of_lights.booking_item_ids, [11, 12]);
    let findings = [
        check(of_cameras.clone(), &cameras, &asked, &lisbon()),
        check(of_lights.clone(), &lights, &asked, &lisbon()),
    ];
    let [camera, light] = &findings;
    assert_eq!(camera.reason, Reason::None);
    assert_eq!(light.reason, Reason::Blocking);
    assert_eq!(light.demand.quantity, 6);
    assert_eq!((light.available_quantity, light.missing_quantity), (Some(5), 1));
    // There never are six.
    assert_eq!(light.short.as_ref().unwrap().next_available_at, None);
    assert_eq!(decide(&findings, Some(true), false), Decision::Refused);

    let light = check(wanted(1).remove(1), &lights, &asked, &lisbon());
    assert_eq!((light.reason, light.demand.quantity), (Reason::None, 5));
}

#[test]
fn example_4_overbooking_up_to_a_limit() {
    let stock = Stock::Managed { pieces: 2, overbooking: Overbooking::UpTo(1) };
    let asked = days("10T10", "12T10");
    let mut lines = vec![reserved(1, 2, asked, Buffers::default())];
    let full = shelf(stock, Buffers::default(), &lines);
    let answer = Product::item(&full).answer(asked.span(), 1);
    assert_eq!((answer.available, answer.plannable_quantity), (false, Some(1)));
    assert_eq!((answer.available_quantity, answer.overbooked_quantity), (Some(0), 0));
    let warned = [check(demand(1, 1), &full, &asked, &lisbon())];
    assert_eq!(warned[0].reason, Reason::Warning);
    assert_eq!(warned[0].plannable_quantity, Some(1));
    assert_eq!(decide(&warned, None, false), Decision::Done);
    assert_eq!(decide(&warned, Some(false), false), Decision::ConfirmationRequired);
    assert_eq!(decide(&warned, None, true), Decision::ConfirmationRequired);
    assert_eq!(decide(&warned, Some(true), true), Decision::Done);

    lines.push(reserved(2, 1, asked, Buffers::default()));
    let over = shelf(stock, Buffers::default(), &lines);
    let answer = Product::item(&over).answer(asked.span(), 1);
    assert_eq!((answer.overbooked_quantity, answer.plannable_quantity), (1, Some(0)));
    let refused = [check(demand(1, 1), &over, &asked, &lisbon())];
    assert_eq!(refused[0].reason, Reason::Blocking);
    assert_eq!((refused[0].available_quantity, refused[0].missing_quantity), (Some(0), 2));
    assert_eq!(decide(&refused, Some(true), false), Decision::Refused);
}

#[test]
fn example_5_overdue_pieces_are_held_on() {
    let out = LineState {
        status: BookingStatus::Ongoing,
        picked_up: 1,
        picked_up_at: Some(instant("08T10")),
        ..reserved(1, 1, days("08T10", "10T10"), Buffers::default())
    };
    let now = "10T15";
    let overdue = shelf_at(now, managed(1), Buffers::default(), std::slice::from_ref(&out));
    assert_eq!(overdue.holds()[0].span.till, instant("11T15"));
    let reason =
        |shelf: &Shelf, start| check(demand(1, 1), shelf, &days(start, "13T00"), &lisbon()).reason;
    assert_eq!(reason(&overdue, "11T12"), Reason::Blocking);
    assert_eq!(reason(&overdue, "11T15"), Reason::None);
    let refused = check(demand(1, 1), &overdue, &days("11T12", "13T00"), &lisbon());
    let short = refused.short.unwrap();
    assert_eq!(short.next_available_at, Some(local(&june("11T15"))));
    assert_eq!(short.span, Span { from: instant("11T12"), till: instant("11T15") });
    assert_eq!(short.conflicts.len(), 1);

    let back = LineState {
        status: BookingStatus::Completed,
        returns: vec![Return { pieces: 1, at: instant("11T09") }],
        ..out
    };
    let returned = shelf_at("11T09", managed(1), Buffers::default(), &[back]);
    assert_eq!(reason(&returned, "11T09"), Reason::None);
    assert_eq!(reason(&returned, "11T08:59"), Reason::Blocking);
}

#[test]
fn example_6_returned_pieces_are_free_at_once() {
    let line = LineState {
        status: BookingStatus::Ongoing,
        picked_up: 4,
        picked_up_at: Some(instant("10T00")),
        returns: vec![Return { pieces: 3, at: instant("12T09") }],
        ..reserved(1, 4, days("10T00", "15T00"), Buffers::default())
    };
    let shelf = shelf_at("12T10", managed(4), Buffers::default(), &[line]);
    let held = |at| shelf.timeline().held_at(instant(at));
    assert_eq!(held("12T08:59"), 4);
    assert_eq!(held("12T09"), 1);
    assert_eq!(held("14T23:59"), 1);
    assert_eq!(held("15T00"), 0);
    assert_eq!(shelf.free_now(instant("13T00")), Some(3));
}

#[test]
fn a_shortage_says_who_holds_what_is_missing() {
    let lines = [
        reserved(4, 1, days("10T10", "12T10"), Buffers::default()),
        reserved(4, 1, days("10T10", "12T10"), Buffers::default()),
        reserved(3, 1, days("11T10", "13T10"), Buffers::default()),
        reserved(9, 1, days("20T10", "21T10"), Buffers::default()),
    ];
    let downtime = Downtime { pieces: 1, span: days("11T00", "14T00").span() };
    let shelf = shelf(managed(4), Buffers::default(), &lines).with_hold(downtime.hold());
    let finding = check(demand(1, 2), &shelf, &days("09T00", "14T00"), &lisbon());
    assert_eq!((finding.available_quantity, finding.missing_quantity), (Some(0), 2));
    let short = finding.short.unwrap();
    assert_eq!(short.stock, 4);
    assert_eq!(short.span, Span { from: instant("11T00"), till: instant("12T10") });
    let conflicts: Vec<_> =
        short.conflicts.iter().map(|c| (c.booking_internal_id, c.quantity)).collect();
    assert_eq!(conflicts, [(4, 2), (3, 1)]);
    assert_eq!(short.next_available_at, Some(local(&june("12T10:00"))));

    // The booking itself is not in its own way.
    let own = shelf.clone().without_booking(4);
    assert_eq!(check(demand(1, 2), &own, &days("09T00", "14T00"), &lisbon()).reason, Reason::None);

    let mut inactive = own;
    inactive.active = false;
    let finding = check(demand(1, 1), &inactive, &days("09T00", "14T00"), &lisbon());
    assert_eq!(finding.reason, Reason::ItemInactive);
    assert_eq!(decide(&[finding], Some(true), false), Decision::Inactive);
}

#[test]
fn unmanaged_stock_is_never_short() {
    let asked = days("10T10", "12T10");
    let lines = [reserved(1, 500, asked, Buffers::default())];
    let shelf = shelf(Stock::Unmanaged, Buffers::default(), &lines);
    let answer = Product::item(&shelf).answer(asked.span(), 100_000);
    assert_eq!(
        answer,
        Answer {
            available: true,
            available_quantity: None,
            plannable_quantity: None,
            overbooked_quantity: 0,
            limiting_items: vec![],
        }
    );
    let finding = check(demand(1, 100_000), &shelf, &asked, &lisbon());
    assert_eq!((finding.reason, finding.short), (Reason::None, None));
    let day = intervals(&Product::item(&shelf), &asked, Every::Day, &lisbon()).remove(0);
    assert_eq!((day.available_quantity, day.status), (None, IntervalStatus::Available));
    let any = Downtime { pieces: 9, span: asked.span() };
    assert_eq!(adding_downtime(&shelf, &any, instant("01T00")), None);
}

#[test]
fn stock_is_not_taken_from_what_is_held_later() {
    let lines = [
        reserved(1, 3, days("10T10", "12T10"), Buffers::default()),
        reserved(2, 1, days("11T10", "13T10"), Buffers::default()),
    ];
    let shelf = shelf(managed(5), Buffers::default(), &lines);
    let numbers = |below: Option<BelowCommitments>| -> Vec<i64> {
        let bookings = below.map(|below| below.bookings).unwrap_or_default();
        bookings.iter().map(|conflict| conflict.booking_internal_id).collect()
    };
    assert_eq!(lowering_stock(&shelf, 4, instant("01T00")), None);
    assert_eq!(numbers(lowering_stock(&shelf, 3, instant("01T00"))), [1, 2]);
    // What was is no matter.
    assert_eq!(lowering_stock(&shelf, 3, instant("12T10")), None);
    assert_eq!(numbers(lowering_stock(&shelf, 0, instant("12T10"))), [2]);

    let down = |pieces, start, end| Downtime { pieces, span: days(start, end).span() };
    let adding = |downtime, now| numbers(adding_downtime(&shelf, &downtime, instant(now)));
    assert_eq!(adding(down(1, "11T00", "12T00"), "01T00"), Vec::<i64>::new());
    assert_eq!(adding(down(2, "11T00", "12T00"), "01T00"), [1, 2]);
    assert_eq!(adding(down(2, "10T00", "11T10"), "01T00"), Vec::<i64>::new());
    assert_eq!(adding(down(2, "11T00", "12T20"), "12T10"), Vec::<i64>::new());
    let overbooked = shelf.with_hold(down(2, "11T00", "12T00").hold());
    let list = shortages(&overbooked, Span::ALWAYS);
    assert_eq!(list.len(), 1);
    assert_eq!(list[0].0, Span { from: instant("11T10"), till: instant("12T00") });
    assert_eq!(list[0].1.len(), 2);
}

#[test]
fn visitors_see_what_the_owner_shows() {
    let stock = Stock::Managed { pieces: 1, overbooking: Overbooking::UpTo(2) };
    let asked = days("10T10", "12T10");
    let shelf = shelf(stock, Buffers::default(), &[reserved(1, 1, asked, Buffers::default())]);
    let answer = Product::item(&shelf).answer(asked.span(), 2);
    let shy = StoreView { show_stock: false, show_unavailable: false };
    let open = StoreView { show_stock: true, show_unavailable: true };
    let seen = shy.answer(&answer, 2);
    assert_eq!(seen, StoreAnswer { available: true, available_quantity: None });
    assert_eq!(open.answer(&answer, 2).available_quantity, Some(0));
    assert!(shy.lists(&seen));
    let three = shy.answer(&answer, 3);
    assert!(!three.available && !shy.lists(&three) && open.lists(&three));
    let day = intervals(&Product::item(&shelf), &asked, Every::Day, &lisbon()).remove(0);
    assert_eq!(shy.interval(day).available_quantity, None);
    assert_eq!(open.interval(day), day);
}

#[test]
fn commitments_are_the_holds_that_meet_the_period() {
    let buffers = Buffers { before_minutes: 30, after_minutes: 0 };
    let shelf = shelf(managed(5), buffers, &two_bookings(buffers));
    let of = |start, end| -> Vec<_> {
        let holds = shelf.commitments(days(start, end).span());
        holds.iter().filter_map(|hold| hold.source.booking_internal_id()).collect()
    };
    assert_eq!(of("11T13", "11T13:30"), [1]);
    assert_eq!(of("11T13", "11T13:31"), [1, 2]);
    assert_eq!(of("12T10", "13T00"), [2]);
    assert_eq!(shelf.commitments(Span::since(utc("2024-06-13T09:00:00Z"))), []);
}
