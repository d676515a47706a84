//! The tax that prices include.

use std::collections::BTreeMap;

use crate::money::{Money, Percent, TooLarge};

/// The rate of a product: none if it is not taxable, otherwise its own, otherwise the account's.
#[must_use]
pub fn rate_of(taxable: bool, own: Option<Percent>, account: Percent) -> Percent {
    if taxable { own.unwrap_or(account) } else { Percent::ZERO }
}

/// The tax in an amount that includes it: G - G / (1 + r / 100), rounded.
#[must_use]
pub fn tax_included(gross: Money, rate: Percent) -> Money {
    let rate = i64::from(rate.hundredths());
    // The same fraction over one denominator, and so exact. It is at most half of the amount.
    gross.scaled(rate, 10_000 + rate).unwrap_or(Money::ZERO)
}

/// What of a booking is taxed at one rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaxedAmount {
    /// The rate.
    pub rate: Percent,
    /// The amount after discount, tax included.
    pub base: Money,
    /// The tax in it.
    pub tax: Money,
}

/// Gathers taxed amounts by their rate. The tax of each amount is rounded before it is added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taxes {
    /// Base and tax in cents; sums of amounts may leave their range until they are asked for.
    by_rate: BTreeMap<Percent, (i128, i128)>,
}

impl Taxes {
    /// Adds an amount that includes its tax, and answers the tax.
    pub fn add(&mut self, gross: Money, rate: Percent) -> Money {
        let tax = tax_included(gross, rate);
        let (base, taxes) = self.by_rate.entry(rate).or_default();
        *base += i128::from(gross.cents());
        *taxes += i128::from(tax.cents());
        tax
    }

    /// The taxes by rising rate, without rates of which there is nothing.
    ///
    /// # Errors
    /// When a sum is larger than an amount may be.
    pub fn by_rate(&self) -> Result<Vec<TaxedAmount>, TooLarge> {
        let there = self.by_rate.iter().filter(|(_, (base, _))| *base != 0);
        there
            .map(|(&rate, &(base, tax))| {
                Ok(TaxedAmount {
                    rate,
                    base: Money::from_cents(base)?,
                    tax: Money::from_cents(tax)?,
                })
            })
            .collect()
    }

    /// All taxes together.
    ///
    /// # Errors
    /// When the sum is larger than an amount may be.
    pub fn total(&self) -> Result<Money, TooLarge> {
        Money::from_cents(self.by_rate.values().map(|(_, tax)| tax).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::tests::{money, percent};
    use proptest::prelude::*;
    use rust_decimal::{Decimal, RoundingStrategy};

    #[test]
    fn rates_come_from_the_item_then_the_account() {
        let (six, account) = (percent("6"), percent("23"));
        assert_eq!(rate_of(true, Some(six), account), six);
        assert_eq!(rate_of(true, Some(Percent::ZERO), account), Percent::ZERO);
        assert_eq!(rate_of(true, None, account), account);
        assert_eq!(rate_of(false, Some(six), account), Percent::ZERO);
    }

    #[test]
    fn rates_of_which_there_is_nothing_are_left_out() {
        let mut taxes = Taxes::default();
        taxes.add(money("1.06"), percent("6"));
        taxes.add(Money::ZERO, Percent::ZERO);
        let six = TaxedAmount { rate: percent("6"), base: money("1.06"), tax: money("0.06") };
        assert_eq!(taxes.by_rate(), Ok(vec![six]));
        taxes.add(money("3"), Percent::ZERO);
        let rates: Vec<_> = taxes.by_rate().unwrap().iter().map(|taxed| taxed.rate).collect();
        assert_eq!(rates, [Percent::ZERO, percent("6")]);
    }

    proptest! {
        #[test]
        fn is_the_written_formula(cents in 0_i128..1_000_000_000, hundredths in 0_u16..=10_000) {
            let gross = Money::from_cents(cents).unwrap();
            let rate = Percent::from_hundredths(hundredths).unwrap();
            let amount = Decimal::from(gross);
            let tax = amount - amount / (Decimal::ONE + Decimal::from(rate) / Decimal::from(100));
            // A quotient of 28 digits can lie to one side of a half that it is exactly.
            let written = tax
                .round_dp(12)
                .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
            prop_assert_eq!(Decimal::from(tax_included(gross, rate)), written);
        }
    }
}
