//! Worked examples of prices by their number, and what holds for all of them.

use proptest::prelude::*;

use super::*;
use crate::scheduling::Weekdays;

fn hours(text: &str) -> Hours {
    Hours::new(text.parse().unwrap()).unwrap()
}

fn terms(rate: Rate) -> Terms {
    Terms { rate, rooms: Vec::new(), extras: Vec::new(), tax_percent: Decimal::ZERO }
}

fn oven() -> Extra {
    Extra {
        extra_rate_id: 1,
        name: "Oven".to_owned(),
        per: Per::Visit,
        amount: 2500,
        quantity: 1,
        extra_minutes: 30,
    }
}

#[test]
fn example_m1_an_hourly_price_with_an_extra_and_a_first_visit_for_less() {
    let terms = Terms { extras: vec![oven()], ..terms(Rate::Hourly(4000)) };
    let three = hours("3");
    let later = terms.price(three, 1, &[]);
    assert_eq!((later.sum(LineKind::Base), later.sum(LineKind::Extra)), (12_000, 2500));
    assert_eq!((later.subtotal, later.discount, later.total), (14_500, 0, 14_500));
    assert_eq!(terms.duration_minutes(three), 210);
    let first = terms.price(three, 1, &[Discount::Percent(20.into())]);
    assert_eq!((first.discount, first.total), (2900, 11_600));
    assert_eq!(monthly_value(later.total, Recurrence::Weekly), 62_833);
}

#[test]
fn example_m2_two_cleaners_and_tax() {
    let terms = Terms { tax_percent: "8.875".parse().unwrap(), ..terms(Rate::Hourly(3750)) };
    let price = terms.price(hours("2.5"), 2, &[]);
    assert_eq!(price.lines.len(), 1);
    assert_eq!((price.lines[0].quantity, price.lines[0].unit_amount), (5.into(), 3750));
    assert_eq!((price.subtotal, price.tax, price.total), (18_750, 1664, 20_414));
}

#[test]
fn rooms_are_paid_where_the_visit_has_a_flat_price() {
    let room = Room { room_id: 1, name: "Bath".to_owned(), price: 1500, quantity: 3, minutes: 40 };
    let flat = Terms { rooms: vec![room], ..terms(Rate::Flat(9900)) };
    let price = flat.price(hours("4"), 2, &[]);
    assert_eq!((price.sum(LineKind::Base), price.sum(LineKind::Room)), (9900, 4500));
    let hourly = Terms { rate: Rate::Hourly(1000), ..flat.clone() };
    assert_eq!(hourly.price(hours("4"), 2, &[]).subtotal, 8000);

    let estimate = |least, most, step| {
        flat.estimated_hours(hours(least), hours(most), hours(step)).decimal().to_string()
    };
    assert_eq!(estimate("1", "8", "0.5"), "2");
    assert_eq!(estimate("1", "8", "1.5"), "3");
    assert_eq!(estimate("3", "8", "0.5"), "3");
    assert_eq!(estimate("1", "1.5", "0.5"), "1.5");
}

#[test]
fn extras_are_paid_by_visit_unit_and_hour() {
    let extra = |per, quantity| Extra { per, quantity, ..oven() };
    let extras = vec![extra(Per::Visit, 1), extra(Per::Unit, 3), extra(Per::Hour, 2)];
    let terms = Terms { extras, ..terms(Rate::Flat(0)) };
    let price = terms.price(hours("2.5"), 1, &[]);
    let amounts: Vec<i64> = price.lines.iter().map(|line| line.amount).collect();
    assert_eq!(amounts, [0, 2500, 7500, 6250]);
    assert_eq!(terms.duration_minutes(hours("2.5")), 150 + 6 * 30);
}

#[test]
fn discounts_come_one_after_the_other_and_stop_at_nothing() {
    let terms = terms(Rate::Flat(10_000));
    let total = |discounts: &[Discount]| terms.price(hours("1"), 1, discounts).total;
    let (fifth, sixty) = (Discount::Percent(20.into()), Discount::Amount(6000));
    assert_eq!(total(&[fifth, sixty]), 2000);
    assert_eq!(total(&[sixty, fifth]), 3200);
    assert_eq!(total(&[sixty, sixty]), 0);
}

#[test]
fn a_month_has_as_many_visits_as_it_has_on_average() {
    let days = Weekdays::new(&[1, 3, 5]).unwrap();
    for (recurrence, expected) in [
        (Recurrence::Once, 0),
        (Recurrence::Weekly, 43_333),
        (Recurrence::EveryTwoWeeks, 21_667),
        (Recurrence::EveryThreeWeeks, 14_444),
        (Recurrence::EveryFourWeeks, 10_833),
        (Recurrence::NthWeekday, 10_000),
        (Recurrence::DayOfMonth, 10_000),
        (Recurrence::SeveralWeekdays(days), 130_000),
    ] {
        assert_eq!(monthly_value(10_000, recurrence), expected, "{recurrence:?}");
    }
}

proptest! {
    #[test]
    fn a_price_adds_up(
        rate in 0_i64..1_000_000_000_000,
        quarters in 1_i64..=64,
        cleaners in 1_u16..=10,
        quantity in 1_u16..=100,
        share in 0_i64..=100_000,
        less in 0_i64..1_000_000_000_000,
        tax in 0_i64..=100_000,
    ) {
        let extra = Extra { per: Per::Unit, quantity, ..oven() };
        let tax_percent = Decimal::new(tax, 3);
        let terms = Terms { extras: vec![extra], tax_percent, ..terms(Rate::Hourly(rate)) };
        let length = Hours::new(Decimal::new(quarters * 25, 2)).unwrap();
        let discounts = [Discount::Percent(Decimal::new(share, 3)), Discount::Amount(less)];
        let price = terms.price(length, cleaners, &discounts);
        prop_assert_eq!(price.subtotal, price.sum(LineKind::Base) + price.sum(LineKind::Extra));
        prop_assert!((0..=price.subtotal).contains(&price.discount));
        let left = price.subtotal - price.discount;
        prop_assert_eq!(price.total, left + price.tax);
        // Tax is exact to half of the smallest unit.
        let exact = i128::from(left) * i128::from(tax);
        prop_assert!((i128::from(price.tax) * 100_000 - exact).abs() <= 50_000);
        let base = i128::from(rate) * i128::from(quarters) * i128::from(cleaners);
        prop_assert!((i128::from(price.sum(LineKind::Base)) * 4 - base).abs() <= 2);
    }
}
