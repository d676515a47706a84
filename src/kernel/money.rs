//! Exact amounts.

use rust_decimal::Decimal;

/// Why an amount was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not a decimal number.
    #[error("is not a decimal number.")]
    NotANumber,
    /// Below zero.
    #[error("must not be negative.")]
    Negative,
    /// More than two decimals.
    #[error("has more than two decimals.")]
    TooPrecise,
    /// More digits than are stored.
    #[error("is larger than 999999999999.99.")]
    TooLarge,
}

/// Reads an amount: not negative, at most two decimals, at most twelve digits before them.
///
/// # Errors
/// Says which of these it is not.
pub fn amount(text: &str) -> Result<Decimal, AmountError> {
    // An exponent is legal in JSON and in google.type.Decimal, so `1e3` is a thousand. The
    // length is bounded first, because reading is linear in it.
    if text.is_empty() || text.len() > 64 {
        return Err(AmountError::NotANumber);
    }
    let parsed = if text.contains(['e', 'E']) {
        Decimal::from_scientific(text)
    } else {
        Decimal::from_str_exact(text)
    };
    let value = parsed.map_err(|_| AmountError::NotANumber)?.normalize();
    if value.is_sign_negative() && !value.is_zero() {
        return Err(AmountError::Negative);
    }
    if value.scale() > 2 {
        return Err(AmountError::TooPrecise);
    }
    if value >= Decimal::from(1_000_000_000_000_i64) {
        return Err(AmountError::TooLarge);
    }
    Ok(value.abs())
}

/// Takes a decimal number apart as `google.type.Money` does: whole units, and billionths that
/// have the same sign.
///
/// # Errors
/// Says why the text is no such number: no number at all, more than nine decimals, or too large.
pub fn units_and_nanos(text: &str) -> Result<(i64, i32), AmountError> {
    let parsed = if text.contains(['e', 'E']) {
        Decimal::from_scientific(text)
    } else {
        Decimal::from_str_exact(text)
    };
    let amount = parsed.map_err(|_| AmountError::NotANumber)?.normalize();
    if amount.scale() > 9 {
        return Err(AmountError::TooPrecise);
    }
    let units = amount.trunc();
    let nanos = (amount - units) * Decimal::from(1_000_000_000);
    let units = units.try_into().map_err(|_| AmountError::TooLarge)?;
    let nanos = nanos.try_into().map_err(|_| AmountError::TooLarge)?;
    Ok((units, nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_amounts() {
        for (text, expected) in [
            ("650.50", "650.5"),
            ("1000", "1000"),
            ("0", "0"),
            ("1e3", "1000"),
            ("-0", "0"),
            ("999999999999.99", "999999999999.99"),
        ] {
            assert_eq!(amount(text).map(|value| value.to_string()), Ok(expected.to_owned()));
        }
        for (text, expected) in [
            ("", AmountError::NotANumber),
            ("ten", AmountError::NotANumber),
            ("NaN", AmountError::NotANumber),
            ("-1", AmountError::Negative),
            ("0.001", AmountError::TooPrecise),
            ("1000000000000", AmountError::TooLarge),
        ] {
            assert_eq!(amount(text), Err(expected), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn keeps_every_cent(cents in 0_i64..100_000_000_000_000) {
            let text = format!("{}.{:02}", cents / 100, cents % 100);
            proptest::prop_assert_eq!(amount(&text), Ok(Decimal::new(cents, 2).normalize()));
            let scientific = format!("{cents}e-2");
            proptest::prop_assert_eq!(amount(&scientific), amount(&text));
        }

        #[test]
        fn never_panics_and_never_answers_outside_the_range(text in "[-+0-9.eE]{0,40}|\\PC{0,70}") {
            if let Ok(value) = amount(&text) {
                proptest::prop_assert!(!value.is_sign_negative() || value.is_zero());
                proptest::prop_assert!(value.scale() <= 2);
                proptest::prop_assert!(value < Decimal::from(1_000_000_000_000_i64));
            }
        }
    }
}
