//! What is suggested for pieces that came back late.

use std::time::Duration;

use super::{Length, Priced};
use crate::money::{Money, TooLarge};
use crate::returns::Return;
use crate::time::{Period, Zone};

/// How late the pieces of a line came back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Late {
    /// Begun minutes from the end of the rental to the latest late return; 0 when none was late.
    pub minutes: u32,
    /// The fee that the prices suggest, tax included.
    pub fee: Money,
}

/// Judges the returns of a line: those after the end and the leeway are late.
///
/// For each, the fee is what the rental up to the return costs more by the prices than the one
/// that was booked. Where the owner wrote another total, `edited` is `(that total, the total by
/// the prices)` and the fee is in proportion, rounded; of a total that is nothing there is no
/// proportion, and the fee stays. A bundle is judged as a whole: all its pieces came back when
/// the last one did.
///
/// # Errors
/// When the fee is larger than an amount may be.
pub fn late_return(
    product: &impl Priced,
    booked: &Period,
    returns: &[Return],
    leeway_minutes: u32,
    zone: &Zone,
    edited: Option<(Money, Money)>,
) -> Result<Late, TooLarge> {
    let leeway = Duration::from_secs(60 * u64::from(leeway_minutes));
    let end = booked.span().till;
    let price = |length: Length| Ok(product.piece(length.charged(leeway_minutes))?.price);
    let paid = price(Length::of(booked))?;
    let mut late = Late::default();
    let mut fees = Vec::new();
    for back in returns.iter().filter(|back| back.pieces > 0 && back.at > end + leeway) {
        let minutes = u64::try_from(back.at.seconds_since(end)).unwrap_or(0).div_ceil(60);
        late.minutes = late.minutes.max(u32::try_from(minutes).unwrap_or(u32::MAX));
        let taken = price(Length::between(booked.start(), zone.local(back.at)))?;
        fees.push(taken.less(paid)?.or_zero().times(back.pieces)?);
    }
    let fee = Money::sum(fees)?;
    late.fee = match edited {
        Some((total, by_prices)) if by_prices > Money::ZERO => {
            fee.scaled(total.cents(), by_prices.cents())?
        }
        Some(_) | None => fee,
    };
    Ok(late)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::tests::money;
    use crate::pricing::examples::camera;
    use crate::pricing::{Basis, Overtime, PriceTable, Row, Unit};
    use crate::time::test::{lisbon, period, utc};

    fn back(pieces: u32, at: &str) -> Return {
        Return { pieces, at: utc(at) }
    }

    fn judged(returns: &[Return], leeway: u32, edited: Option<(&str, &str)>) -> Late {
        let booked = period("2024-07-14T11:00:00", "2024-07-19T11:00:00", &lisbon());
        let edited = edited.map(|(total, table)| (money(total), money(table)));
        late_return(&camera(), &booked, returns, leeway, &lisbon(), edited).unwrap()
    }

    #[test]
    fn returns_within_the_leeway_are_not_late() {
        // 11:00 in Lisbon is 10:00 UTC in July.
        assert_eq!(judged(&[back(1, "2024-07-19T10:00:00Z")], 0, None), Late::default());
        assert_eq!(judged(&[back(1, "2024-07-19T11:00:00Z")], 60, None), Late::default());
        let late = judged(&[back(1, "2024-07-19T11:01:00Z")], 60, None);
        assert_eq!(late, Late { minutes: 61, fee: money("15") });
    }

    #[test]
    fn both_prices_know_the_leeway() {
        let booked = period("2024-07-14T11:00:00", "2024-07-19T11:30:00", &lisbon());
        // Booked as 5 days, back after 6 days and an hour and a half, of which one is forgiven.
        let returns = [back(1, "2024-07-20T11:30:00Z")];
        let late = late_return(&camera(), &booked, &returns, 60, &lisbon(), None).unwrap();
        assert_eq!(late, Late { minutes: 1500, fee: money("30") });
    }

    #[test]
    fn each_return_counts_with_its_pieces() {
        let returns = [
            back(1, "2024-07-19T09:00:00Z"),
            back(2, "2024-07-20T10:00:00Z"),
            back(1, "2024-07-21T10:00:00Z"),
        ];
        // Two pieces a day late, one two days.
        assert_eq!(judged(&returns, 0, None), Late { minutes: 2880, fee: money("60") });
        // The owner gave the line away for two thirds.
        let edited = judged(&returns, 0, Some(("200", "300")));
        assert_eq!(edited.fee, money("40"));
        assert_eq!(judged(&returns, 0, Some(("0", "300"))).fee, Money::ZERO);
        assert_eq!(judged(&returns, 0, Some(("5", "0"))).fee, money("60"));
    }

    #[test]
    fn a_longer_rental_that_costs_less_is_no_credit() {
        // A week costs less than the three days that were booked, and nine days cost more.
        let row = |up_to, price| Row { up_to, unit: Unit::Day, price, basis: Basis::Flat };
        let rows = vec![row(3, money("54")), row(7, money("40"))];
        let table = PriceTable::new(rows, Overtime::default()).unwrap();
        let booked = period("2024-07-14T11:00:00", "2024-07-17T11:00:00", &lisbon());
        let judged = |at| late_return(&table, &booked, &[back(1, at)], 0, &lisbon(), None).unwrap();
        assert_eq!(judged("2024-07-18T10:00:00Z"), Late { minutes: 1440, fee: Money::ZERO });
        assert_eq!(judged("2024-07-23T10:00:00Z").fee, money("40"));
    }

    #[test]
    fn lateness_is_real_time_and_the_fee_is_by_the_clock() {
        // The clock goes back at 02:00, so 01:30 comes twice and the return is the second.
        let booked = period("2024-10-26T01:30:00", "2024-10-27T01:30:00", &lisbon());
        let returns = [back(1, "2024-10-27T01:30:00Z")];
        let late = late_return(&camera(), &booked, &returns, 0, &lisbon(), None).unwrap();
        assert_eq!(late, Late { minutes: 60, fee: Money::ZERO });
    }
}
