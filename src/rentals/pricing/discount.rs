//! Discounts on the lines of a booking.

use crate::money::{Money, Percent};

/// A discount. Services, late fees, deposits and insurance are not discounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discount {
    /// So much of the lines' total.
    Percentage(Percent),
    /// This amount, as far as the lines' total goes; not negative.
    Amount(Money),
}

impl Discount {
    /// What it takes off a total, rounded; at most all of it.
    #[must_use]
    pub fn of(self, items_total: Money) -> Money {
        let base = items_total.or_zero();
        match self {
            Self::Percentage(percentage) => percentage.of(base),
            Self::Amount(amount) => amount.or_zero().min(base),
        }
    }
}

/// Who gave a discount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiscountSource {
    /// It is the customer's own.
    Customer,
    /// The owner gave it for this booking.
    Manual,
}

impl DiscountSource {
    /// The name in documents and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Manual => "manual",
        }
    }
}

/// A discount with who gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GivenDiscount {
    /// The discount.
    pub discount: Discount,
    /// Who gave it.
    pub source: DiscountSource,
}

impl GivenDiscount {
    /// The discount of a booking whose customer is set: theirs, unless the owner gave one.
    #[must_use]
    pub fn for_customer(current: Option<Self>, percentage: Option<Percent>) -> Option<Self> {
        match current {
            Some(given) if given.source == DiscountSource::Manual => Some(given),
            Some(_) | None => {
                percentage.filter(|percentage| *percentage > Percent::ZERO).map(|percentage| Self {
                    discount: Discount::Percentage(percentage),
                    source: DiscountSource::Customer,
                })
            }
        }
    }

    /// The discount that the owner gives.
    #[must_use]
    pub const fn manual(discount: Discount) -> Self {
        Self { discount, source: DiscountSource::Manual }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::tests::{money, percent};

    #[test]
    fn takes_off_at_most_everything() {
        assert_eq!(Discount::Amount(money("90")).of(money("60")), money("60"));
        assert_eq!(Discount::Percentage(percent("100")).of(money("60")), money("60"));
        assert_eq!(Discount::Percentage(percent("12.5")).of(money("0.20")), money("0.03"));
        assert_eq!(Discount::Amount(money("5")).of(Money::ZERO), Money::ZERO);
    }

    #[test]
    fn the_customers_discount_gives_way_to_the_owners() {
        let ten = GivenDiscount::for_customer(None, Some(percent("10"))).unwrap();
        assert_eq!(ten.source, DiscountSource::Customer);
        let other = GivenDiscount::for_customer(Some(ten), Some(percent("5"))).unwrap();
        assert_eq!(other.discount, Discount::Percentage(percent("5")));
        assert_eq!(GivenDiscount::for_customer(Some(ten), None), None);
        assert_eq!(GivenDiscount::for_customer(None, Some(Percent::ZERO)), None);
        let manual = GivenDiscount::manual(Discount::Amount(Money::ZERO));
        assert_eq!(GivenDiscount::for_customer(Some(manual), Some(percent("5"))), Some(manual));
    }
}
