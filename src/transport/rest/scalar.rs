//! Plain values: from JSON numbers, and from the texts of paths, queries and forms, to wire
//! bytes; and decimals as JSON numbers.

use std::borrow::Cow;

use steward_kernel::money::{self, AmountError};

use super::dialect::Dialect;
use super::table::{Kind, Tables};
use super::wire::{LENGTH, close, open, put_bytes, put_tag, put_varint};

/// Longest text of a number that is read.
const MAX_NUMBER: usize = 64;

pub(super) const NOT_AN_INTEGER: &str = "must be an integer.";
pub(super) const NOT_A_NUMBER: &str = "must be a number.";
pub(super) const OUT_OF_RANGE: &str = "is out of range.";
pub(super) const NOT_A_DATE: &str = "must be a date and time such as 2021-12-16T10:41:51.018Z.";
pub(super) const NOT_A_BOOLEAN: &str = "must be true or false.";
pub(super) const NOT_BASE64: &str = "must be base64.";
pub(super) const NOT_A_VALUE: &str = "is not one of the allowed values.";
pub(super) const HOLDS_NUL: &str = "must not hold a NUL character.";
pub(super) const TOO_PRECISE: &str = "has too many decimals.";
pub(super) const TOO_LONG: &str = "has too many digits.";

/// Whether a problem says more than which type a value should have.
pub(super) fn says_more(problem: &str) -> bool {
    matches!(problem, OUT_OF_RANGE | TOO_LONG | TOO_PRECISE)
}

/// The integer a JSON number stands for: `1`, `1.0` and `1e2` are integers, `1.5` is not.
pub(super) fn integer(text: &str) -> Result<i128, &'static str> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let plain = digits.len() <= 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let value = if plain {
        digits.bytes().fold(0, |value, digit| value * 10 + i128::from(digit - b'0'))
    } else {
        scientific(digits)?
    };
    Ok(if negative { -value } else { value })
}

fn scientific(text: &str) -> Result<i128, &'static str> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        // An exponent too large for an i32 is as far out of range as its largest.
        Some((mantissa, exponent)) => {
            let far = if exponent.starts_with('-') { i32::MIN } else { i32::MAX };
            (mantissa, exponent.parse::<i32>().unwrap_or(far))
        }
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: String = [whole, fraction].concat();
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return Ok(0);
    }
    let dropped = digits.len() - significant.len();
    let shift = i64::from(exponent) - fraction.len() as i64 + dropped as i64;
    if shift < 0 {
        return Err(NOT_AN_INTEGER);
    }
    let significant = significant.trim_start_matches('0');
    if significant.len() as i64 + shift > 20 {
        return Err(OUT_OF_RANGE);
    }
    let value = significant.bytes().fold(0, |value, digit| value * 10 + i128::from(digit - b'0'));
    Ok(value * 10_i128.pow(u32::try_from(shift).unwrap_or(0)))
}

/// Appends the value of a JSON number, without tag.
pub(super) fn put_number(
    out: &mut Vec<u8>,
    kind: Kind,
    text: &str,
    tables: &Tables,
    dialect: &Dialect,
) -> Result<(), &'static str> {
    fn fit<T: TryFrom<i128>>(text: &str) -> Result<T, &'static str> {
        T::try_from(integer(text)?).map_err(|_| OUT_OF_RANGE)
    }
    match kind {
        Kind::Int32 => put_varint(out, i64::from(fit::<i32>(text)?).cast_unsigned()),
        Kind::Int64 | Kind::Id => put_varint(out, fit::<i64>(text)?.cast_unsigned()),
        Kind::Uint32 => put_varint(out, u64::from(fit::<u32>(text)?)),
        Kind::Uint64 => put_varint(out, fit::<u64>(text)?),
        Kind::Sint32 => put_varint(out, zigzag(i64::from(fit::<i32>(text)?))),
        Kind::Sint64 => put_varint(out, zigzag(fit::<i64>(text)?)),
        Kind::Fixed32 => out.extend_from_slice(&fit::<u32>(text)?.to_le_bytes()),
        Kind::Fixed64 => out.extend_from_slice(&fit::<u64>(text)?.to_le_bytes()),
        Kind::Sfixed32 => out.extend_from_slice(&fit::<i32>(text)?.to_le_bytes()),
        Kind::Sfixed64 => out.extend_from_slice(&fit::<i64>(text)?.to_le_bytes()),
        Kind::Float => {
            let value: f32 = text.parse().map_err(|_| NOT_A_NUMBER)?;
            if !value.is_finite() {
                return Err(OUT_OF_RANGE);
            }
            out.extend_from_slice(&value.to_le_bytes());
        }
        Kind::Double => {
            let value: f64 = text.parse().map_err(|_| NOT_A_NUMBER)?;
            if !value.is_finite() {
                return Err(OUT_OF_RANGE);
            }
            out.extend_from_slice(&value.to_le_bytes());
        }
        Kind::Decimal => {
            if text.len() > MAX_NUMBER {
                return Err(TOO_LONG);
            }
            let start = open(out);
            put_tag(out, 1, LENGTH);
            put_bytes(out, text.as_bytes());
            close(out, start);
        }
        Kind::Money => put_money(out, text)?,
        Kind::Enum(id) if dialect.numbers_of_enums => {
            let number = i32::try_from(integer(text)?).map_err(|_| NOT_A_VALUE)?;
            tables.enums[id].text(number).ok_or(NOT_A_VALUE)?;
            put_varint(out, i64::from(number).cast_unsigned());
        }
        // The text of a number is JSON.
        Kind::Json => put_bytes(out, text.as_bytes()),
        Kind::Bool
        | Kind::String
        | Kind::Bytes
        | Kind::Enum(_)
        | Kind::Message(_)
        | Kind::Time
        | Kind::Wrapper(_) => return Err("must not be a number."),
    }
    Ok(())
}

/// Appends the value a JSON string stands for, without tag.
pub(super) fn put_string(
    out: &mut Vec<u8>,
    kind: Kind,
    text: &str,
    tables: &Tables,
    dialect: &Dialect,
) -> Result<(), &'static str> {
    match kind {
        Kind::String => put_bytes(out, text.as_bytes()),
        Kind::Json => {
            let mut json = Vec::with_capacity(text.len() + 2);
            super::json::put_string(&mut json, text.as_bytes());
            put_bytes(out, &json);
        }
        Kind::Bytes => {
            use base64::Engine as _;
            let bytes = base64::engine::general_purpose::STANDARD.decode(text);
            put_bytes(out, &bytes.map_err(|_| NOT_BASE64)?);
        }
        Kind::Enum(id) => {
            let named = tables.enums[id].number(text);
            let number = match text.parse::<i32>() {
                Ok(number) if dialect.numbers_of_enums => {
                    tables.enums[id].text(number).map(|_| number)
                }
                _ => named,
            };
            put_varint(out, i64::from(number.ok_or(NOT_A_VALUE)?).cast_unsigned());
        }
        Kind::Time => {
            let time = (dialect.read_time)(text).ok_or(NOT_A_DATE)?;
            put_time(out, time);
        }
        Kind::Money => put_money(out, text)?,
        Kind::Bool if dialect.numbers_as_text => return put_text(out, kind, text, tables, dialect),
        Kind::Bool => return Err(NOT_A_BOOLEAN),
        Kind::Message(_) => return Err("must be an object."),
        Kind::Wrapper(_) => return Err("must be a list."),
        // Ids are texts where they are not numbers.
        Kind::Id => return put_text(out, kind, text, tables, dialect),
        kind if dialect.numbers_as_text => return put_text(out, kind, text, tables, dialect),
        Kind::Double | Kind::Float | Kind::Decimal => return Err(NOT_A_NUMBER),
        Kind::Int32
        | Kind::Int64
        | Kind::Uint32
        | Kind::Uint64
        | Kind::Sint32
        | Kind::Sint64
        | Kind::Fixed32
        | Kind::Fixed64
        | Kind::Sfixed32
        | Kind::Sfixed64 => return Err(NOT_AN_INTEGER),
    }
    Ok(())
}

/// A truth value as a text where numbers may be texts.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text {
        "1" => Some(true),
        "0" => Some(false),
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Appends the value of a text from a path, query or form, without tag.
pub(super) fn put_text(
    out: &mut Vec<u8>,
    kind: Kind,
    text: &str,
    tables: &Tables,
    dialect: &Dialect,
) -> Result<(), &'static str> {
    match kind {
        Kind::Bool if !dialect.numbers_as_text && matches!(text, "0" | "1") => {
            return Err(NOT_A_BOOLEAN);
        }
        Kind::Bool => put_varint(out, u64::from(truth(text).ok_or(NOT_A_BOOLEAN)?)),
        Kind::String if text.contains('\0') => return Err(HOLDS_NUL),
        // A query has no types, so what it gives is a string.
        Kind::String | Kind::Json | Kind::Bytes | Kind::Enum(_) | Kind::Time => {
            return put_string(out, kind, text, tables, dialect);
        }
        Kind::Double | Kind::Float | Kind::Decimal | Kind::Money => {
            if !is_json_number(text) {
                return Err(NOT_A_NUMBER);
            }
            return put_number(out, kind, text, tables, dialect);
        }
        Kind::Message(_) | Kind::Wrapper(_) => return Err("must be given by its members."),
        Kind::Int32
        | Kind::Id
        | Kind::Int64
        | Kind::Uint32
        | Kind::Uint64
        | Kind::Sint32
        | Kind::Sint64
        | Kind::Fixed32
        | Kind::Fixed64
        | Kind::Sfixed32
        | Kind::Sfixed64 => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(NOT_AN_INTEGER);
            }
            return put_number(out, kind, text, tables, dialect);
        }
    }
    Ok(())
}

/// Appends the `google.type.Money` of an amount, without its currency, which is the tenant's.
/// How many decimals the currency has is for the handler to check; here it is nine at most.
fn put_money(out: &mut Vec<u8>, text: &str) -> Result<(), &'static str> {
    if text.len() > MAX_NUMBER {
        return Err(TOO_LONG);
    }
    if !is_json_number(text) {
        return Err(NOT_A_NUMBER);
    }
    let (units, nanos) = money::units_and_nanos(text).map_err(|error| match error {
        // It is a number, so it is one of more digits than are kept of any.
        AmountError::NotANumber if text.contains("e-") || text.contains("E-") => TOO_PRECISE,
        AmountError::NotANumber => OUT_OF_RANGE,
        AmountError::Negative => NOT_A_NUMBER,
        AmountError::TooPrecise => TOO_PRECISE,
        AmountError::TooLarge => OUT_OF_RANGE,
    })?;
    let start = open(out);
    for (number, value) in [(2, units), (3, i64::from(nanos))] {
        if value != 0 {
            put_tag(out, number, super::wire::VARINT);
            put_varint(out, value.cast_unsigned());
        }
    }
    close(out, start);
    Ok(())
}

fn put_time(out: &mut Vec<u8>, time: steward_kernel::time::Timestamp) {
    let start = open(out);
    let (seconds, nanos) = (time.as_second(), time.subsec_nanosecond());
    if seconds != 0 {
        put_tag(out, 1, super::wire::VARINT);
        put_varint(out, seconds.cast_unsigned());
    }
    if nanos != 0 {
        put_tag(out, 2, super::wire::VARINT);
        put_varint(out, u64::from(nanos.unsigned_abs()));
    }
    close(out, start);
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

fn is_json_number(text: &str) -> bool {
    let mut tokens = super::json::Tokens::new(text);
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        && tokens.number().is_ok_and(|number| number.len() == text.len())
}

/// A decimal as a JSON number without superfluous zeros; none when it is not a decimal.
pub(super) fn normal_decimal(text: &str) -> Option<Cow<'_, str>> {
    if text.is_empty() {
        return Some(Cow::Borrowed("0"));
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    if !is_json_number(text) {
        return None;
    }
    if text.contains(['e', 'E']) || !text.contains('.') {
        return Some(Cow::Borrowed(if text == "-0" { "0" } else { text }));
    }
    let trimmed = text.trim_end_matches('0').trim_end_matches('.');
    Some(Cow::Borrowed(if trimmed == "-0" { "0" } else { trimmed }))
}
