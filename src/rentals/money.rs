//! Amounts of money and percentages.
//!
//! Whole cents rather than decimals: splitting an amount and rounding a fraction are then
//! exact divisions of integers, and no intermediate result has a last digit to lose.

use std::fmt;

use rust_decimal::Decimal;

/// More money than an amount may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the amount is larger than 999999999.99")]
pub struct TooLarge;

/// Why a decimal number is no amount or no percentage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// More than two decimals.
    #[error("has more than two decimals.")]
    TooPrecise,
    /// Outside of what may be said.
    #[error("lies outside of the range.")]
    OutOfRange,
}

/// An amount in the owner's currency, to the cent, of at most 999,999,999.99 either way.
///
/// Adding amounts can leave that range, so what adds or multiplies says so in its result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money {
    cents: i64,
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self { cents: 0 };
    /// The largest amount.
    pub const MAX: Self = Self { cents: 99_999_999_999 };

    /// The amount of so many cents.
    ///
    /// # Errors
    /// When it is larger than an amount may be.
    pub fn from_cents(cents: i128) -> Result<Self, TooLarge> {
        match i64::try_from(cents) {
            Ok(cents) if cents.abs() <= Self::MAX.cents => Ok(Self { cents }),
            Ok(_) | Err(_) => Err(TooLarge),
        }
    }

    /// The amount in cents.
    #[must_use]
    pub const fn cents(self) -> i64 {
        self.cents
    }

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.cents == 0
    }

    /// Whether it is below nothing.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.cents < 0
    }

    /// The amount, or nothing where it is below.
    #[must_use]
    pub fn or_zero(self) -> Self {
        self.max(Self::ZERO)
    }

    /// All of them together.
    ///
    /// # Errors
    /// When the sum is larger than an amount may be.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, TooLarge> {
        Self::from_cents(amounts.into_iter().map(|amount| i128::from(amount.cents)).sum())
    }

    /// What is left after `other`; negative when that is more.
    ///
    /// # Errors
    /// When the difference is larger than an amount may be.
    pub fn less(self, other: Self) -> Result<Self, TooLarge> {
        Self::from_cents(i128::from(self.cents) - i128::from(other.cents))
    }

    /// So many times the amount.
    ///
    /// # Errors
    /// When that is larger than an amount may be.
    pub fn times(self, count: u32) -> Result<Self, TooLarge> {
        Self::from_cents(i128::from(self.cents) * i128::from(count))
    }

    /// `numerator / denominator` of the amount, rounded half away from zero to the cent.
    ///
    /// # Errors
    /// When the result is larger than an amount may be, as it also is over a denominator that
    /// is not above zero.
    pub fn scaled(self, numerator: i64, denominator: i64) -> Result<Self, TooLarge> {
        if denominator <= 0 {
            return Err(TooLarge);
        }
        let product = i128::from(self.cents) * i128::from(numerator);
        Self::from_cents(divided(product, i128::from(denominator)))
    }

    /// The amount divided by a count, rounded half away from zero to the cent. Of none there is
    /// the whole amount.
    #[must_use]
    pub fn each_of(self, count: u64) -> Self {
        let cents = divided(i128::from(self.cents), i128::from(count.max(1)));
        // A part is not larger than the whole.
        i64::try_from(cents).map_or(self, |cents| Self { cents })
    }
}

impl TryFrom<Decimal> for Money {
    type Error = NumberError;

    fn try_from(value: Decimal) -> Result<Self, NumberError> {
        Self::from_cents(hundredths(value)?).map_err(|TooLarge| NumberError::OutOfRange)
    }
}

impl From<Money> for Decimal {
    fn from(amount: Money) -> Self {
        Self::new(amount.cents, 2)
    }
}

/// With exactly two decimals: `49.00`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.cents < 0 { "-" } else { "" };
        let cents = self.cents.unsigned_abs();
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

/// 0 to 100 percent, to the hundredth of a percent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent {
    hundredths: u16,
}

impl Percent {
    /// Nothing.
    pub const ZERO: Self = Self { hundredths: 0 };
    /// The whole.
    pub const WHOLE: Self = Self { hundredths: 10_000 };

    /// So many hundredths of a percent, 0 to 10,000.
    #[must_use]
    pub const fn from_hundredths(hundredths: u16) -> Option<Self> {
        if hundredths <= Self::WHOLE.hundredths { Some(Self { hundredths }) } else { None }
    }

    /// The percentage in hundredths of a percent: 23 % is 2,300.
    #[must_use]
    pub const fn hundredths(self) -> u16 {
        self.hundredths
    }

    /// What is left of the whole: 85 % of 15 %.
    #[must_use]
    pub const fn rest(self) -> Self {
        Self { hundredths: Self::WHOLE.hundredths - self.hundredths }
    }

    /// So much of an amount, rounded half away from zero to the cent.
    #[must_use]
    pub fn of(self, amount: Money) -> Money {
        // At most the amount itself, so it is one.
        amount.scaled(i64::from(self.hundredths), 10_000).unwrap_or(amount)
    }
}

impl TryFrom<Decimal> for Percent {
    type Error = NumberError;

    fn try_from(value: Decimal) -> Result<Self, NumberError> {
        let hundredths = u16::try_from(hundredths(value)?);
        hundredths.ok().and_then(Self::from_hundredths).ok_or(NumberError::OutOfRange)
    }
}

impl From<Percent> for Decimal {
    fn from(percent: Percent) -> Self {
        Self::new(i64::from(percent.hundredths), 2)
    }
}

/// A decimal number of at most two decimals, in hundredths.
fn hundredths(value: Decimal) -> Result<i128, NumberError> {
    let value = value.normalize();
    let missing = 2_u32.checked_sub(value.scale()).ok_or(NumberError::TooPrecise)?;
    // 96 bits and two digits more fit.
    Ok(value.mantissa() * 10_i128.pow(missing))
}

/// A quotient rounded half away from zero; the denominator is above zero.
fn divided(numerator: i128, denominator: i128) -> i128 {
    let (whole, rest) = (numerator / denominator, numerator % denominator);
    if 2 * rest.abs() >= denominator { whole + rest.signum() } else { whole }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An amount as the examples write it.
    pub(crate) fn money(text: &str) -> Money {
        Money::try_from(text.parse::<Decimal>().unwrap()).unwrap()
    }

    /// A percentage as the examples write it.
    pub(crate) fn percent(text: &str) -> Percent {
        Percent::try_from(text.parse::<Decimal>().unwrap()).unwrap()
    }

    #[test]
    fn rounds_half_away_from_zero() {
        for (numerator, denominator, expected) in
            [(5, 10, 1), (-5, 10, -1), (4, 10, 0), (-4, 10, 0), (15, 10, 2), (7, 3, 2), (8, 3, 3)]
        {
            assert_eq!(divided(numerator, denominator), expected, "{numerator}/{denominator}");
        }
        assert_eq!(percent("50").of(money("0.01")), money("0.01"));
        assert_eq!(percent("50").of(money("-0.01")), money("-0.01"));
        assert_eq!(money("185").each_of(11), money("16.82"));
    }

    #[test]
    fn reads_and_writes_decimals() {
        for text in ["0.00", "49.00", "-0.05", "999999999.99", "-999999999.99"] {
            assert_eq!(money(text).to_string(), text);
            assert_eq!(Decimal::from(money(text)).to_string(), text);
        }
        let read = |text: &str| Money::try_from(text.parse::<Decimal>().unwrap());
        assert_eq!(read("1.500"), Ok(money("1.50")));
        assert_eq!(read("0.001"), Err(NumberError::TooPrecise));
        assert_eq!(read("1000000000"), Err(NumberError::OutOfRange));
        assert_eq!(read("79228162514264337593543950335"), Err(NumberError::OutOfRange));
    }

    #[test]
    fn percentages_lie_between_none_and_the_whole() {
        let read = |text: &str| Percent::try_from(text.parse::<Decimal>().unwrap());
        assert_eq!(read("23"), Ok(percent("23.00")));
        assert_eq!(read("100").map(Percent::rest), Ok(Percent::ZERO));
        assert_eq!(read("100.01"), Err(NumberError::OutOfRange));
        assert_eq!(read("-1"), Err(NumberError::OutOfRange));
        assert_eq!(read("0.125"), Err(NumberError::TooPrecise));
    }

    #[test]
    fn says_when_it_is_too_much() {
        assert_eq!(Money::MAX.times(1), Ok(Money::MAX));
        assert_eq!(Money::MAX.times(2), Err(TooLarge));
        assert_eq!(Money::sum([Money::MAX, money("0.01")]), Err(TooLarge));
        assert_eq!(money("-0.01").less(Money::MAX), Err(TooLarge));
        assert_eq!(Money::MAX.scaled(i64::MAX, 1), Err(TooLarge));
        assert_eq!(Money::ZERO.scaled(1, 0), Err(TooLarge));
    }
}
