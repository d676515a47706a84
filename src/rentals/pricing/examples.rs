//! Worked examples of prices, and what holds for every booking.

use proptest::prelude::*;

use super::*;
use crate::money::tests::{money, percent};
use crate::money::{Money, Percent};
use crate::returns::Return;
use crate::time::test::{lisbon, local, period, utc};
use crate::time::{DayTimes, Edge, Period, local_time};

/// A table from `(up to, unit, price)`, all on one basis.
fn table(basis: Basis, rows: &[(u16, Unit, &str)], overtime: Overtime) -> PriceTable {
    let rows =
        rows.iter().map(|&(up_to, unit, price)| Row { up_to, unit, price: money(price), basis });
    PriceTable::new(rows.collect(), overtime).unwrap()
}

fn camera_with(overtime: Overtime) -> PriceTable {
    let rows = [(7, Unit::Day, "15"), (1, Unit::Day, "20"), (3, Unit::Day, "18")];
    table(Basis::PerUnit, &rows, overtime)
}

/// 20.00 a day for one day, 18.00 for up to 3, 15.00 for up to 7.
pub(crate) fn camera() -> PriceTable {
    camera_with(Overtime::MinimumInterval)
}

fn drill_with(overtime: Overtime) -> PriceTable {
    let rows = [(4, Unit::Hour, "15"), (1, Unit::Day, "25"), (2, Unit::Day, "40")];
    table(Basis::Flat, &rows, overtime)
}

/// 15.00 for up to 4 hours, 25.00 for a day, 40.00 for two.
fn drill() -> PriceTable {
    drill_with(Overtime::MinimumInterval)
}

fn light() -> PriceTable {
    table(Basis::PerUnit, &[(7, Unit::Day, "8")], Overtime::MinimumInterval)
}

fn days(days: u64) -> Length {
    Length::from_minutes(days * 1440)
}

fn hours(hours: u64) -> Length {
    Length::from_minutes(hours * 60)
}

fn price(table: &impl Priced, length: Length) -> Money {
    table.piece(length).unwrap().price
}

/// From 14 July 11:00.
fn until(end: &str) -> Period {
    period("2024-07-14T11:00:00", end, &lisbon())
}

fn line(total: &str, rate: &str) -> PricedLine {
    PricedLine {
        total: money(total),
        late_fee: Money::ZERO,
        deposit: Money::ZERO,
        taxed: TaxedAt::Rate(percent(rate)),
    }
}

#[test]
fn example_1_begun_days_count_whole_and_leeway_forgives() {
    let camera = camera();
    let cost = |end, leeway| price(&camera, Length::of(&until(end)).charged(leeway));
    assert_eq!(cost("2024-07-15T11:00:00", 0), money("20.00"));
    assert_eq!(cost("2024-07-15T11:01:00", 0), money("36.00"));
    assert_eq!(cost("2024-07-15T11:45:00", 60), money("20.00"));
    assert_eq!(cost("2024-07-15T12:01:00", 60), money("36.00"));

    let read = |text, edge| local_time(text, edge, DayTimes::default(), &lisbon()).unwrap();
    let (start, end) = (read("2024-07-14", Edge::Start), read("2024-07-15", Edge::End));
    let length = Length::of(&Period::new(start, end, &lisbon()).unwrap());
    assert_eq!((length.days(), length.hours(), length.minutes()), (2, 48, 2880));
    assert_eq!(price(&camera, length), money("36.00"));
}

#[test]
fn example_2_pieces_multiply() {
    let price = LinePrice::new(camera().piece(days(5)).unwrap(), 2).unwrap();
    assert_eq!(price.total, money("150.00"));
    assert_eq!((price.unit, price.units, price.unit_price), (Unit::Day, 5, money("15.00")));
}

#[test]
fn example_3_beyond_the_largest_row() {
    let line = LinePrice::new(camera().piece(days(10)).unwrap(), 1).unwrap();
    assert_eq!((line.total, line.unit_price), (money("165.00"), money("16.50")));

    let custom = camera_with(Overtime::Custom { unit: Unit::Day, price: money("12.00") });
    assert_eq!(price(&custom, days(10)), money("141.00"));

    let line = LinePrice::new(camera().piece(hours(242)).unwrap(), 1).unwrap();
    assert_eq!(line.total, money("185.00"));
    assert_eq!((line.units, line.unit_price), (11, money("16.82")));
}

#[test]
fn example_4_flat_rows() {
    let drill = drill();
    assert_eq!(price(&drill, hours(3)), money("15.00"));
    assert_eq!(price(&drill, Length::from_minutes(241)), money("25.00"));

    let beyond = LinePrice::new(drill.piece(hours(50)).unwrap(), 1).unwrap();
    assert_eq!(beyond.total, money("55.00"));
    assert_eq!((beyond.unit, beyond.units, beyond.unit_price), (Unit::Day, 3, money("18.33")));

    let custom = drill_with(Overtime::Custom { unit: Unit::Hour, price: money("2.50") });
    assert_eq!(price(&custom, hours(50)), money("45.00"));
}

#[test]
fn example_5_edited_totals_scale_exactly() {
    let by_table = LinePrice::new(camera().piece(days(7)).unwrap(), 1).unwrap();
    assert_eq!(by_table.total, money("105.00"));

    let edit = LineEdit::of_total(&by_table, 1, money("49.00"));
    assert_eq!(edit.price(Some(days(7)), 1).unwrap().unit_price, money("7.00"));
    assert_eq!(edit.price(Some(days(7)), 2).unwrap().total, money("98.00"));
    assert_eq!(edit.price(Some(days(10)), 1).unwrap().total, money("70.00"));

    assert_eq!(price(&camera(), days(10)), money("165.00"));
}

#[test]
fn example_6_taxes_after_the_discount() {
    let lines = [line("150.00", "23"), line("60.00", "6")];
    let transport = PricedService { price: money("30.00"), rate: percent("23") };
    let ten = Discount::Percentage(percent("10"));
    let totals = booking_totals(&lines, &[transport], Some(ten)).unwrap();
    assert_eq!(totals.discount_total, money("21.00"));
    let shares: Vec<_> = totals.lines.iter().map(|line| (line.discount, line.tax)).collect();
    assert_eq!(shares, [(money("15.00"), money("25.24")), (money("6.00"), money("3.06"))]);
    assert_eq!(tax_included(money("30.00"), percent("23")), money("5.61"));
    assert_eq!(totals.total, money("219.00"));
    assert_eq!(totals.tax_total, money("33.91"));
    assert_eq!(totals.net_total, money("185.09"));
    assert_eq!(
        totals.taxes,
        [
            TaxedAmount { rate: percent("6"), base: money("54.00"), tax: money("3.06") },
            TaxedAmount { rate: percent("23"), base: money("165.00"), tax: money("30.85") },
        ]
    );
}

#[test]
fn example_7_discounts_are_split_and_capped() {
    let lines = [line("20.00", "0"), line("20.00", "0"), line("20.00", "0")];
    let totals = |amount| booking_totals(&lines, &[], Some(Discount::Amount(money(amount))));
    let ten = totals("10.00").unwrap();
    let shares: Vec<_> = ten.lines.iter().map(|line| line.discount).collect();
    assert_eq!(shares, [money("3.34"), money("3.33"), money("3.33")]);

    let ninety = totals("90.00").unwrap();
    assert_eq!(ninety.discount_total, money("60.00"));
    assert_eq!(ninety.total, Money::ZERO);
}

#[test]
fn example_8_deposits() {
    let fixed = DepositRule::Fixed(money("100.00")).per_piece(None);
    assert_eq!(Deposit::new(fixed, 2).unwrap().total, money("200.00"));
    let part = DepositRule::Percentage(percent("20"));
    let piece = part.per_piece(Some(money("1250.00")));
    assert_eq!(Deposit::new(piece, 3).unwrap().total, money("750.00"));
    assert_eq!(part.per_piece(None), Money::ZERO);
    assert_eq!(DepositRule::None.per_piece(Some(money("1250.00"))), Money::ZERO);
    // How long a rental is does not come into it: nothing above takes a length.
}

#[test]
fn example_9_bundles() {
    let components = vec![
        Component { table: camera(), per_bundle: 1 },
        Component { table: light(), per_bundle: 2 },
    ];
    let bundle = |pricing| Bundle { pricing, components: components.clone() };
    let length = days(3);

    let whole = bundle(BundlePricing::Items { discount: Percent::ZERO });
    assert_eq!(whole.weights(length).unwrap(), [money("54.00"), money("48.00")]);
    assert_eq!(price(&whole, length), money("102.00"));

    let less = bundle(BundlePricing::Items { discount: percent("15") });
    let piece = less.piece(length).unwrap();
    assert_eq!(piece, PiecePrice { price: money("86.70"), unit: Unit::Day, units: 3 });
    let weights = less.weights(length).unwrap();
    assert_eq!(split(piece.price, &weights), [money("45.90"), money("40.80")]);

    let rows = table(Basis::PerUnit, &[(7, Unit::Day, "35")], Overtime::MinimumInterval);
    let own = bundle(BundlePricing::Own(rows));
    assert_eq!(price(&own, length), money("105.00"));
    assert_eq!(split(money("105.00"), &weights), [money("55.59"), money("49.41")]);
}

#[test]
fn bundles_are_taxed_as_their_components() {
    let rates = [("54.00", "23"), ("48.00", "6")]
        .map(|(weight, rate)| WeightedRate { weight: money(weight), rate: percent(rate) });
    let bundle = PricedLine {
        late_fee: money("10.20"),
        deposit: money("100.00"),
        taxed: TaxedAt::Components(rates.to_vec()),
        ..line("86.70", "0")
    };
    let ten = Discount::Amount(money("10.00"));
    let totals = booking_totals(&[bundle], &[], Some(ten)).unwrap();
    let [line] = &totals.lines[..] else { panic!("one line") };
    let share = |total, discount, tax| ComponentTotals {
        total: money(total),
        discount: money(discount),
        tax: money(tax),
    };
    // 40.61 at 23 % and 36.09 at 6 %.
    assert_eq!(line.components, [share("45.90", "5.29", "7.59"), share("40.80", "4.71", "2.04")]);
    assert_eq!(line.tax, money("9.63"));
    // 5.40 at 23 % and 4.80 at 6 %.
    assert_eq!(line.late_fee_tax, money("1.28"));
    assert_eq!(totals.total, money("86.90"));
    assert_eq!(totals.tax_total, money("10.91"));
    assert_eq!(totals.deposit_total, money("100.00"));
}

#[test]
fn a_component_is_not_discounted_below_nothing() {
    let rates = ["0.01", "0.03", "0.03"]
        .map(|weight| WeightedRate { weight: money(weight), rate: percent("23") });
    let bundle = PricedLine { taxed: TaxedAt::Components(rates.to_vec()), ..line("0.04", "23") };
    let three = Discount::Amount(money("0.03"));
    let totals = booking_totals(&[bundle], &[], Some(three)).unwrap();
    let components = &totals.lines[0].components;
    // By the table prices the first would have a cent of the discount, and nothing to take it
    // from.
    assert_eq!(components.iter().map(|part| part.total).collect::<Vec<_>>()[0], Money::ZERO);
    assert!(components.iter().all(|part| part.discount <= part.total));
}

#[test]
fn example_10_insurance_premiums() {
    let cover = |value, length| {
        Cover::new(InsuranceClass::PhotoVideo, Some(money(value)), Some(length)).unwrap()
    };
    assert_eq!(cover("1200.00", days(3)).premium(2), Ok(money("43.20")));
    assert_eq!(cover("1200.00", days(10)).premium(1), Ok(money("63.36")));
    assert_eq!(cover("90.00", days(3)).premium(1), Ok(money("3.00")));
}

#[test]
fn example_11_late_returns() {
    let booked = until("2024-07-19T11:00:00");
    // Six days and three hours after 11:00 in Lisbon, which is an hour ahead of UTC.
    let back = Return { pieces: 1, at: utc("2024-07-20T13:00:00Z") };
    assert_eq!(price(&camera(), Length::of(&booked)), money("75.00"));
    assert_eq!(lisbon().local(back.at), local("2024-07-20T14:00:00"));
    let late = late_return(&camera(), &booked, &[back], 0, &lisbon(), None).unwrap();
    assert_eq!(late, Late { minutes: 27 * 60, fee: money("30.00") });
}

fn any_line() -> impl Strategy<Value = PricedLine> {
    let rate = || (0_u16..=3_000).prop_map(|rate| Percent::from_hundredths(rate).unwrap());
    let amount = || (0_i128..1_000_000).prop_map(|cents| Money::from_cents(cents).unwrap());
    let component = (amount(), rate()).prop_map(|(weight, rate)| WeightedRate { weight, rate });
    let taxed = prop_oneof![
        rate().prop_map(TaxedAt::Rate),
        prop::collection::vec(component, 0..5).prop_map(TaxedAt::Components),
    ];
    (amount(), amount(), amount(), taxed).prop_map(|(total, late_fee, deposit, taxed)| PricedLine {
        total,
        late_fee,
        deposit,
        taxed,
    })
}

proptest! {
    #[test]
    fn tax_and_net_are_the_total_and_every_cent_has_a_rate(
        lines in prop::collection::vec(any_line(), 0..8),
        services in prop::collection::vec((0_i128..100_000, 0_u16..=3_000), 0..4),
        percentage in 0_u16..=10_000,
    ) {
        let services: Vec<_> = services
            .into_iter()
            .map(|(cents, rate)| PricedService {
                price: Money::from_cents(cents).unwrap(),
                rate: Percent::from_hundredths(rate).unwrap(),
            })
            .collect();
        let discount = Discount::Percentage(Percent::from_hundredths(percentage).unwrap());
        let totals = booking_totals(&lines, &services, Some(discount)).unwrap();
        let sum = |amounts: &mut dyn Iterator<Item = Money>| Money::sum(amounts).unwrap();

        prop_assert_eq!(Money::sum([totals.tax_total, totals.net_total]), Ok(totals.total));
        prop_assert!(!totals.total.is_negative() && !totals.net_total.is_negative());
        prop_assert_eq!(sum(&mut totals.taxes.iter().map(|taxed| taxed.base)), totals.total);
        prop_assert_eq!(sum(&mut totals.taxes.iter().map(|taxed| taxed.tax)), totals.tax_total);
        prop_assert!(totals.taxes.is_sorted_by(|one, other| one.rate < other.rate));

        let discounts = sum(&mut totals.lines.iter().map(|line| line.discount));
        // Without lines there is nobody to have a share, and nothing to discount.
        prop_assert_eq!(discounts, totals.discount_total);
        for (line, shares) in lines.iter().zip(&totals.lines) {
            prop_assert!(!shares.discount.is_negative() && shares.discount <= line.total);
            let components = &shares.components;
            if !components.is_empty() {
                prop_assert_eq!(sum(&mut components.iter().map(|part| part.total)), line.total);
                let discount = sum(&mut components.iter().map(|part| part.discount));
                prop_assert_eq!(discount, shares.discount);
                prop_assert!(components.iter().all(|part| part.discount <= part.total));
            }
        }
    }

    #[test]
    fn units_times_their_length_cover_the_rental(minutes in 1_u64..3_000_000) {
        for piece in [camera(), drill()].map(|table| table.piece(Length::from_minutes(minutes))) {
            let piece = piece.unwrap();
            let covered = u64::from(piece.units) * piece.unit.minutes();
            prop_assert!(covered >= minutes && covered - minutes < piece.unit.minutes());
        }
    }
}
