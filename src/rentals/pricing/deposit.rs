//! Deposits: money held while pieces are out. They are no part of a total, not taxed, and do not
//! depend on how long a rental is.

use crate::money::{Money, Percent, TooLarge};

/// What an item asks as a deposit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DepositRule {
    /// Nothing.
    None,
    /// An amount for each piece.
    Fixed(Money),
    /// So much of what a piece is worth.
    Percentage(Percent),
}

impl DepositRule {
    /// The deposit of one piece of this value, rounded; nothing of a piece without a value.
    #[must_use]
    pub fn per_piece(self, value: Option<Money>) -> Money {
        match self {
            Self::None => Money::ZERO,
            Self::Fixed(amount) => amount,
            Self::Percentage(percentage) => percentage.of(value.unwrap_or_default()),
        }
    }
}

/// The deposit of one bundle that asks the sum of its items': `(deposit of a piece, pieces in
/// one bundle)` of each.
///
/// # Errors
/// When the sum is larger than an amount may be.
pub fn bundle_deposit(items: impl IntoIterator<Item = (Money, u32)>) -> Result<Money, TooLarge> {
    let each = items.into_iter().map(|(deposit, pieces)| deposit.times(pieces));
    Money::sum(each.collect::<Result<Vec<_>, _>>()?)
}

/// The deposit of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deposit {
    /// For one piece; rounded where the owner wrote the total.
    pub per_item: Money,
    /// For all pieces.
    pub total: Money,
}

impl Deposit {
    /// The deposit of so many pieces.
    ///
    /// # Errors
    /// When the total is larger than an amount may be.
    pub fn new(per_item: Money, quantity: u32) -> Result<Self, TooLarge> {
        Ok(Self { per_item, total: per_item.times(quantity)? })
    }
}

/// A deposit that the owner wrote, and the pieces it was written for. Kept as it was written, so
/// that scaling it is exact however often the quantity changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DepositEdit {
    /// For all pieces.
    pub total: Money,
    /// The pieces, at least 1.
    pub quantity: u32,
}

impl DepositEdit {
    /// The owner writes the deposit of one piece.
    #[must_use]
    pub const fn of_piece(per_item: Money) -> Self {
        Self { total: per_item, quantity: 1 }
    }

    /// The deposit of so many pieces, at least 1: as many times more as there are pieces more,
    /// rounded.
    ///
    /// # Errors
    /// When the total is larger than an amount may be.
    pub fn deposit(&self, quantity: u32) -> Result<Deposit, TooLarge> {
        let total = self.total.scaled(i64::from(quantity), i64::from(self.quantity.max(1)))?;
        Ok(Deposit { per_item: total.each_of(u64::from(quantity)), total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::tests::money;

    #[test]
    fn an_edited_total_is_scaled_from_what_was_written() {
        let edit = DepositEdit { total: money("100"), quantity: 3 };
        let deposit = |quantity| edit.deposit(quantity).unwrap();
        assert_eq!(deposit(3), Deposit { per_item: money("33.33"), total: money("100") });
        assert_eq!(deposit(1).total, money("33.33"));
        assert_eq!(deposit(2).total, money("66.67"));
        assert_eq!(deposit(6).total, money("200"));
    }

    #[test]
    fn an_edited_piece_counts_for_each() {
        let deposit = DepositEdit::of_piece(money("12.34")).deposit(3).unwrap();
        assert_eq!(deposit, Deposit { per_item: money("12.34"), total: money("37.02") });
    }

    #[test]
    fn a_bundle_asks_the_sum_of_its_items() {
        assert_eq!(bundle_deposit([(money("100"), 1), (money("20"), 2)]), Ok(money("140")));
        assert_eq!(bundle_deposit([]), Ok(Money::ZERO));
        assert_eq!(bundle_deposit([(Money::MAX, 2)]), Err(TooLarge));
    }
}
