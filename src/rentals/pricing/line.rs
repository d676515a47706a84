//! Lines: what the pieces of one product cost, and prices that the owner wrote over the table's.

use super::{Length, PiecePrice, Unit};
use crate::money::{Money, TooLarge};

/// The price of a line as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinePrice {
    /// In what the length is shown.
    pub unit: Unit,
    /// The length in begun units, at least 1.
    pub units: u32,
    /// The price of a unit and piece, rounded; tax included.
    pub unit_price: Money,
    /// The price of all pieces, tax included.
    pub total: Money,
}

impl LinePrice {
    /// So many pieces at the price of one.
    ///
    /// # Errors
    /// When the total is larger than an amount may be.
    pub fn new(piece: PiecePrice, quantity: u32) -> Result<Self, TooLarge> {
        let PiecePrice { price, unit, units } = piece;
        Ok(Self {
            unit,
            units,
            unit_price: price.each_of(u64::from(units)),
            total: price.times(quantity)?,
        })
    }

    /// A line of a booking that has no dates yet: nothing, for a day.
    #[must_use]
    pub const fn undated() -> Self {
        Self { unit: Unit::Day, units: 1, unit_price: Money::ZERO, total: Money::ZERO }
    }
}

/// A total that the owner wrote, and the size of the line it was written for.
///
/// It is kept as it was written for as long as the price is edited, because scaling it from
/// there is exact however often dates and quantity change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineEdit {
    /// The price of all pieces, tax included.
    pub total: Money,
    /// In what the units count.
    pub unit: Unit,
    /// The length it was written for, in begun units, at least 1.
    pub units: u32,
    /// The pieces it was written for, at least 1.
    pub quantity: u32,
}

impl LineEdit {
    /// The owner writes the total of a line.
    #[must_use]
    pub const fn of_total(line: &LinePrice, quantity: u32, total: Money) -> Self {
        Self { total, unit: line.unit, units: line.units, quantity }
    }

    /// The owner writes what a unit and piece of a line cost.
    ///
    /// # Errors
    /// When the total is larger than an amount may be.
    pub fn of_unit_price(
        line: &LinePrice,
        quantity: u32,
        unit_price: Money,
    ) -> Result<Self, TooLarge> {
        let total = unit_price.times(line.units)?.times(quantity)?;
        Ok(Self::of_total(line, quantity, total))
    }

    /// The price of the line at another size: as many times more as there are units and pieces
    /// more, the total and the price of a unit rounded. Without a length it stays what it was
    /// written for.
    ///
    /// # Errors
    /// When the total is larger than an amount may be.
    pub fn price(&self, length: Option<Length>, quantity: u32) -> Result<LinePrice, TooLarge> {
        let units = length.map_or(self.units, |length| length.units(self.unit));
        let size = |units: u32, quantity: u32| {
            i64::try_from(u64::from(units) * u64::from(quantity)).map_err(|_| TooLarge)
        };
        let total = self.total.scaled(size(units, quantity)?, size(self.units, self.quantity)?)?;
        let unit_price = total.each_of(u64::from(units) * u64::from(quantity));
        Ok(LinePrice { unit: self.unit, units, unit_price, total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::tests::money;
    use proptest::prelude::*;

    #[test]
    fn an_edit_does_not_drift() {
        let line = LinePrice { unit: Unit::Day, units: 3, ..LinePrice::undated() };
        let edit = LineEdit::of_total(&line, 1, money("10.00"));
        let day = |days: u64| Some(Length::from_minutes(days * 1440));
        assert_eq!(edit.price(day(1), 1).unwrap().total, money("3.33"));
        assert_eq!(edit.price(day(2), 1).unwrap().total, money("6.67"));
        assert_eq!(edit.price(day(3), 1).unwrap().total, money("10.00"));
        assert_eq!(edit.price(None, 2).unwrap().total, money("20.00"));
    }

    #[test]
    fn an_edit_keeps_its_unit() {
        let line = LinePrice { unit: Unit::Hour, units: 4, ..LinePrice::undated() };
        let edit = LineEdit::of_unit_price(&line, 2, money("2.50")).unwrap();
        assert_eq!(edit.total, money("20.00"));
        let price = edit.price(Some(Length::from_minutes(1440)), 1).unwrap();
        assert_eq!((price.unit, price.units, price.total), (Unit::Hour, 24, money("60.00")));
        assert_eq!(price.unit_price, money("2.50"));
    }

    proptest! {
        #[test]
        fn a_line_scaled_there_and_back_is_the_same(
            cents in 0_i128..10_000_000,
            (units, quantity) in (1_u32..400, 1_u32..50),
            (days, pieces) in (1_u64..400, 1_u32..50),
        ) {
            let line = LinePrice { unit: Unit::Day, units, ..LinePrice::undated() };
            let edit = LineEdit::of_total(&line, quantity, Money::from_cents(cents).unwrap());
            let there = edit.price(Some(Length::from_minutes(days * 1440)), pieces).unwrap();
            // The difference to the exact fraction is half a cent at most.
            let (old, new) = (i128::from(units * quantity), i128::from(days) * i128::from(pieces));
            let off = i128::from(there.total.cents()) * old - cents * new;
            prop_assert!(2 * off.abs() <= old);
            let back =
                edit.price(Some(Length::from_minutes(u64::from(units) * 1440)), quantity).unwrap();
            prop_assert_eq!(back.total, edit.total);
        }

        #[test]
        fn a_unit_price_is_shown_as_it_was_written(
            cents in 0_i128..100_000,
            units in 1_u32..400,
            (quantity, pieces) in (1_u32..50, 1_u32..50),
        ) {
            let line = LinePrice { unit: Unit::Hour, units, ..LinePrice::undated() };
            let unit_price = Money::from_cents(cents).unwrap();
            let edit = LineEdit::of_unit_price(&line, quantity, unit_price).unwrap();
            prop_assert_eq!(edit.price(None, pieces).unwrap().unit_price, unit_price);
        }
    }
}
