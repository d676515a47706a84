//! Amounts of money, in the smallest unit of the tenant's currency.

use steward_contracts::google::r#type::Money;
use steward_kernel::text;
use steward_kernel::validate::Violations;

/// Billionths of a unit, as `google.type.Money` counts.
const BILLION: i64 = 1_000_000_000;

/// Largest amount in units: what fits into the numbers of every client.
const LARGEST: i64 = 1_000_000_000;

/// Currencies without a smaller unit (ISO 4217).
const WHOLE: &[&str] = &[
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
    "VUV", "XAF", "XOF", "XPF",
];

/// Currencies whose smaller unit is a thousandth.
const THOUSANDTHS: &[&str] = &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// Currencies whose smaller unit is a hundredth.
const HUNDREDTHS: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN \
    BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL \
    GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR \
    LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB \
    PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP \
    SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG";

/// Whether there is such a currency.
pub fn is_currency(code: &str) -> bool {
    WHOLE.contains(&code)
        || THOUSANDTHS.contains(&code)
        || HUNDREDTHS.split_ascii_whitespace().any(|known| known == code)
}

/// How many smallest units make one unit.
pub fn minor(currency: &str) -> i64 {
    if WHOLE.contains(&currency) {
        1
    } else if THOUSANDTHS.contains(&currency) {
        1000
    } else {
        100
    }
}

/// Writes an amount in smallest units.
pub fn write(amount: i64, currency: &str) -> Money {
    let minor = minor(currency);
    let nanos = amount % minor * (BILLION / minor);
    Money {
        currency_code: currency.to_owned(),
        units: amount / minor,
        nanos: i32::try_from(nanos).unwrap_or_default(),
    }
}

/// Ten units.
pub fn ten(currency: &str) -> Money {
    write(10 * minor(currency), currency)
}

/// Reads an amount that is not negative, in smallest units. The currency may be left out.
pub fn read(violations: &mut Violations, field: &str, money: &Money, currency: &str) -> i64 {
    let name = text::sentence(field);
    if !money.currency_code.is_empty() && money.currency_code != currency {
        violations.rule(field, format!("{name} is not in {currency}."));
        return 0;
    }
    let nanos = i64::from(money.nanos);
    if money.units < 0 || nanos < 0 {
        violations.rule(field, format!("{name} must not be negative."));
        return 0;
    }
    if money.units > LARGEST || nanos >= BILLION {
        violations.rule(field, format!("{name} is larger than {LARGEST}."));
        return 0;
    }
    let minor = minor(currency);
    if nanos % (BILLION / minor) != 0 {
        violations.rule(field, format!("{name} has more decimals than {currency} has."));
        return 0;
    }
    money.units * minor + nanos / (BILLION / minor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(units: i64, nanos: i32, currency: &str) -> Option<i64> {
        let mut violations = Violations::below("");
        let money = Money { currency_code: String::new(), units, nanos };
        let read = read(&mut violations, "amount", &money, currency);
        violations.finish(read).ok()
    }

    #[test]
    fn amounts_are_kept_in_the_smallest_unit() {
        for (units, nanos, currency, expected) in [
            (120, 500_000_000, "USD", Some(12_050)),
            (120, 0, "JPY", Some(120)),
            (1, 1_000_000, "KWD", Some(1001)),
            (0, 0, "EUR", Some(0)),
            (1, 500_000_000, "JPY", None),
            (1, 5_000_000, "USD", None),
            (-1, 0, "USD", None),
            (0, -10_000_000, "USD", None),
            (LARGEST + 1, 0, "USD", None),
        ] {
            let read = amount(units, nanos, currency);
            assert_eq!(read, expected, "{units} {nanos} {currency}");
            if let Some(minor) = read {
                let written = write(minor, currency);
                assert_eq!((written.units, written.nanos), (units, nanos), "{currency}");
            }
        }
    }

    #[test]
    fn another_currency_is_refused() {
        let mut violations = Violations::below("");
        let money = Money { currency_code: "EUR".to_owned(), units: 1, nanos: 0 };
        read(&mut violations, "amount", &money, "USD");
        assert!(violations.finish(()).is_err());
        assert!(is_currency("USD") && is_currency("JPY") && is_currency("KWD"));
        assert!(!is_currency("usd") && !is_currency("XXX") && !is_currency(""));
    }
}
