//! Instants: the clock, reading the documented texts, and writing them with three decimals.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The first year that is read. Earlier ones are slips of the keyboard, such as `0021`.
const FIRST_YEAR: i64 = 1001;
/// The last year that four digits can say.
const LAST_YEAR: i64 = 9999;
const MICROS: i64 = 1_000_000;
const DAY: i64 = 86_400;

/// An instant to the microsecond, which is what the database keeps.
///
/// A type of our own, because "for ever" is written 9999-12-31 by many systems, and the last
/// instants of that day are past what the time libraries hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    micros: i64,
}

/// A number of seconds that no year up to 9999 has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the instant lies outside of the years 1 to 9999")]
pub struct OutOfRange;

impl Timestamp {
    /// The last instant that can be written: the end of the year 9999.
    pub const MAX: Self = Self { micros: 253_402_300_799_999_999 };
    /// The first instant that can be written: the start of the year 1.
    pub const MIN: Self = Self { micros: -62_135_596_800_000_000 };

    /// The instant so many seconds and nanoseconds after 1970, cut to microseconds. Nanoseconds
    /// count forward, also before 1970.
    ///
    /// # Errors
    /// When it lies outside of the years 1 to 9999, or the nanoseconds make a second or more.
    pub fn new(seconds: i64, nanos: i32) -> Result<Self, OutOfRange> {
        if !(0..=999_999_999).contains(&nanos) {
            return Err(OutOfRange);
        }
        seconds
            .checked_mul(MICROS)
            .and_then(|micros| micros.checked_add(i64::from(nanos) / 1000))
            .ok_or(OutOfRange)
            .and_then(Self::from_microsecond)
    }

    /// The instant so many microseconds after 1970.
    ///
    /// # Errors
    /// When it lies outside of the years 1 to 9999.
    pub fn from_microsecond(micros: i64) -> Result<Self, OutOfRange> {
        let timestamp = Self { micros };
        if timestamp < Self::MIN || timestamp > Self::MAX { Err(OutOfRange) } else { Ok(timestamp) }
    }

    /// Microseconds after 1970.
    #[must_use]
    pub const fn as_microsecond(self) -> i64 {
        self.micros
    }

    /// Whole seconds after 1970, rounded down.
    #[must_use]
    pub const fn as_second(self) -> i64 {
        self.micros.div_euclid(MICROS)
    }

    /// Nanoseconds after the whole second.
    #[must_use]
    pub const fn subsec_nanosecond(self) -> i32 {
        // Below a thousand million, so it fits.
        (self.micros.rem_euclid(MICROS) * 1000) as i32
    }

    /// The instant `duration` later.
    ///
    /// # Errors
    /// When it lies after the year 9999.
    pub fn checked_add(self, duration: std::time::Duration) -> Result<Self, OutOfRange> {
        let micros = i64::try_from(duration.as_micros()).map_err(|_| OutOfRange)?;
        self.micros.checked_add(micros).ok_or(OutOfRange).and_then(Self::from_microsecond)
    }

    /// Seconds from `earlier` to here, rounded down; negative when it is later.
    #[must_use]
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        (self.micros - earlier.micros).div_euclid(MICROS)
    }

    fn year(self) -> i64 {
        civil(self.micros.div_euclid(MICROS * DAY)).0
    }
}

/// Stays inside of the range instead of failing, for deadlines and ages.
impl Add<std::time::Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: std::time::Duration) -> Self {
        self.checked_add(duration).unwrap_or(Self::MAX)
    }
}

/// Stays inside of the range instead of failing, for deadlines and ages.
impl Sub<std::time::Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: std::time::Duration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self { micros: self.micros.saturating_sub(micros).max(Self::MIN.micros) }
    }
}

/// RFC 3339 in UTC with six decimals.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.micros.div_euclid(MICROS * DAY));
        let micros = self.micros.rem_euclid(MICROS * DAY);
        let (seconds, micros) = (micros / MICROS, micros % MICROS);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        instant(&text).ok_or_else(|| de::Error::custom("not a date and time"))
    }
}

/// The present instant.
///
/// The only place of the house that asks the clock.
#[expect(clippy::disallowed_methods, reason = "the one clock")]
#[must_use]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::default() + since
}

/// Reads RFC 3339 with an offset (`2021-12-16T10:41:51.018Z`), or a bare date as
/// `2021-12-16` or `16.12.2021`, which means midnight UTC. Answers nothing for a date that
/// does not exist, a year below 1001 or any other text.
#[must_use]
pub fn parse(text: &str) -> Option<Timestamp> {
    let timestamp = match text.len() {
        10 => Timestamp { micros: date(text.as_bytes())? * DAY * MICROS },
        20..=40 => instant(text)?,
        _ => return None,
    };
    in_range(timestamp).then_some(timestamp)
}

/// Whether an instant lies in the years that are stored: 1001 to 9999.
#[must_use]
pub fn in_range(timestamp: Timestamp) -> bool {
    (FIRST_YEAR..=LAST_YEAR).contains(&timestamp.year())
}

/// RFC 3339: `yyyy-MM-ddTHH:mm:ss[.f...](Z|+HH:mm)`. Decimals past the sixth are cut off; a
/// leap second is the second before it.
fn instant(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let framed = matches!(bytes.get(10), Some(b'T' | b't' | b' '))
        && bytes.get(13) == Some(&b':')
        && bytes.get(16) == Some(&b':');
    if !framed || bytes.get(4) != Some(&b'-') {
        return None;
    }
    let days = date(&bytes[..10])?;
    let (hour, minute, second) =
        (number(bytes, 11, 2)?, number(bytes, 14, 2)?, number(bytes, 17, 2)?);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut rest = &bytes[19..];
    let mut micros = 0;
    if let [b'.', decimals @ ..] = rest {
        let length = decimals.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length == 0 {
            return None;
        }
        let places = decimals[..length].iter().chain(std::iter::repeat(&b'0')).take(6);
        micros = places.fold(0, |micros, digit| micros * 10 + i64::from(digit - b'0'));
        rest = &decimals[length..];
    }
    let offset = match rest {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), offset @ ..] if offset.len() == 5 && offset[2] == b':' => {
            let (hours, minutes) = (number(offset, 0, 2)?, number(offset, 3, 2)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = hours * 3600 + minutes * 60;
            if *sign == b'+' { seconds } else { -seconds }
        }
        _ => return None,
    };
    let seconds = days * DAY + hour * 3600 + minute * 60 + second.min(59) - offset;
    Timestamp::from_microsecond(seconds * MICROS + micros).ok()
}

/// Days from 1970 to `yyyy-MM-dd` or `dd.MM.yyyy`.
fn date(bytes: &[u8]) -> Option<i64> {
    let (year, month, day) = match (bytes.get(4), bytes.get(7), bytes.get(2), bytes.get(5)) {
        (Some(b'-'), Some(b'-'), ..) => {
            (number(bytes, 0, 4)?, number(bytes, 5, 2)?, number(bytes, 8, 2)?)
        }
        (_, _, Some(b'.'), Some(b'.')) => {
            (number(bytes, 6, 4)?, number(bytes, 3, 2)?, number(bytes, 0, 2)?)
        }
        _ => return None,
    };
    if !(1..=12).contains(&month) || year == 0 {
        return None;
    }
    let days = days(year, month, day);
    // A day that the month lacks falls into the next one.
    (day >= 1 && civil(days) == (year, month, day)).then_some(days)
}

/// So many digits from `at`, as a number.
fn number(bytes: &[u8], at: usize, digits: usize) -> Option<i64> {
    bytes
        .get(at..at + digits)?
        .iter()
        .try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
}

/// Days from 1970 to a date of the Gregorian calendar. Years are counted from March, so that
/// the leap day comes last.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The date so many days after 1970; undoes [`days`].
const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// Writes `yyyy-MM-ddTHH:mm:ss.fffZ`. Further decimals are cut off, as a clock does.
#[must_use]
pub fn format_millis(timestamp: Timestamp) -> String {
    let mut text = timestamp.to_string();
    text.truncate(23);
    text.push('Z');
    text
}

/// Writes `yyyy-MM-ddTHH:mm:ssZ`. Decimals are cut off.
#[must_use]
pub fn format_seconds(timestamp: Timestamp) -> String {
    let mut text = timestamp.to_string();
    text.truncate(19);
    text.push('Z');
    text
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
            ("9999-12-31", "9999-12-31T00:00:00.000Z"),
            ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.000Z"),
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

    #[test]
    fn a_year_past_the_last_is_refused() {
        assert_eq!(parse("9999-12-31T23:59:59-01:00"), None);
        for (seconds, nanos) in [(i64::MAX, 0), (1, -5), (1, 1_000_000_000)] {
            assert_eq!(Timestamp::new(seconds, nanos), Err(OutOfRange));
        }
    }

    #[test]
    fn keeps_what_json_holds_of_it() {
        let instant = parse("2021-12-16T10:41:51.018027+02:00").expect("a time");
        let json = serde_json::to_string(&instant).expect("JSON");
        assert_eq!(json, "\"2021-12-16T08:41:51.018027Z\"");
        assert_eq!(serde_json::from_str::<Timestamp>(&json).expect("a time"), instant);
    }

    proptest::proptest! {
        #[test]
        fn agrees_with_a_library(micros in -30_578_688_000_000_000_i64..253_402_207_200_000_000) {
            let ours = Timestamp::from_microsecond(micros).expect("in range");
            let theirs = jiff::Timestamp::from_microsecond(micros).expect("in range");
            proptest::prop_assert_eq!(ours.to_string(), format!("{theirs:.6}"));
            proptest::prop_assert_eq!(instant(&theirs.to_string()), Some(ours));
            proptest::prop_assert_eq!(ours.as_second() * 1_000_000 + i64::from(ours.subsec_nanosecond()) / 1000, micros);
        }

        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            let _ = parse(&text);
        }

        #[test]
        fn reads_dates_as_a_library_does(year in 1001_i16..=9999, month in 0_i8..=13, day in 0_i8..=32) {
            let exists = jiff::civil::Date::new(year, month, day).is_ok();
            let iso = format!("{year:04}-{month:02}-{day:02}");
            proptest::prop_assert_eq!(parse(&iso).is_some(), exists);
            let dotted = format!("{day:02}.{month:02}.{year:04}");
            proptest::prop_assert_eq!(parse(&dotted), parse(&iso));
        }
    }
}
