//! Instants: reading the documented texts, and writing them with three decimals.

pub use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The first year that is read. Earlier ones are slips of the keyboard, such as `0021`.
const FIRST_YEAR: i16 = 1001;

/// The present instant, to the microsecond the database keeps.
///
/// The only place of the house that asks the clock.
#[expect(clippy::disallowed_methods, reason = "the one clock")]
#[must_use]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

/// Reads RFC 3339 with an offset (`2021-12-16T10:41:51.018Z`), or a bare date as
/// `2021-12-16` or `16.12.2021`, which means midnight UTC. Answers nothing for a date that
/// does not exist, a year below 1001 or any other text.
#[must_use]
pub fn parse(text: &str) -> Option<Timestamp> {
    let timestamp = match text.len() {
        10 => midnight(date(text)?)?,
        20..=40 => instant(text)?,
        _ => return None,
    };
    in_range(timestamp).then_some(timestamp)
}

/// Whether an instant lies in the years that are stored: 1001 to 9999.
#[must_use]
pub fn in_range(timestamp: Timestamp) -> bool {
    let year = timestamp.to_zoned(TimeZone::UTC).year();
    (FIRST_YEAR..=9999).contains(&year)
}

fn instant(text: &str) -> Option<Timestamp> {
    // jiff also reads ISO 8601 forms that RFC 3339 lacks, so the frame is checked first.
    let bytes = text.as_bytes();
    let framed = bytes[4] == b'-'
        && bytes[7] == b'-'
        && matches!(bytes[10], b'T' | b't' | b' ')
        && bytes[13] == b':'
        && bytes[16] == b':'
        && bytes[..4].iter().all(u8::is_ascii_digit);
    if !framed || text.contains(['[', ',']) {
        return None;
    }
    text.parse::<Timestamp>().ok()
}

fn date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let number = |range: std::ops::Range<usize>| -> Option<i16> {
        let digits = bytes.get(range)?;
        digits
            .iter()
            .all(u8::is_ascii_digit)
            .then(|| digits.iter().fold(0, |sum, digit| sum * 10 + i16::from(digit - b'0')))
    };
    let (year, month, day) = match (bytes.get(4), bytes.get(7), bytes.get(2), bytes.get(5)) {
        (Some(b'-'), Some(b'-'), ..) => (number(0..4)?, number(5..7)?, number(8..10)?),
        (_, _, Some(b'.'), Some(b'.')) => (number(6..10)?, number(3..5)?, number(0..2)?),
        _ => return None,
    };
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn midnight(date: Date) -> Option<Timestamp> {
    date.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// Writes `yyyy-MM-ddTHH:mm:ss.fffZ`.
#[must_use]
pub fn format_millis(timestamp: Timestamp) -> String {
    // jiff's printer with a fixed precision truncates, which is what a clock does.
    format!("{timestamp:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        parse(text).map(format_millis)
    }

    #[test]
    fn reads_the_documented_texts() {
        for (text, expected) in [
            ("2021-12-16T10:41:51.018Z", "2021-12-16T10:41:51.018Z"),
            ("2021-12-16T10:41:51Z", "2021-12-16T10:41:51.000Z"),
            ("2021-12-16T12:41:51.0189+02:00", "2021-12-16T10:41:51.018Z"),
            ("2021-01-01", "2021-01-01T00:00:00.000Z"),
            ("01.02.2021", "2021-02-01T00:00:00.000Z"),
            ("2024-02-29", "2024-02-29T00:00:00.000Z"),
            ("1001-01-01", "1001-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn refuses_the_rest() {
        for text in [
            "",
            "2021",
            "2021-02-30",
            "2023-02-29",
            "31.04.2021",
            "1000-12-31",
            "0021-01-01",
            "2021-12-16T10:41:51",
            "2021-12-16T25:00:00Z",
            "2021-12-16T10:41:51.018Z[UTC]",
            "1.1.2021",
            "01/01/2021",
            "2021-13-01",
            "tomorrow!!",
            "20211216T104151Z____",
            "２０２１-01-01",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
