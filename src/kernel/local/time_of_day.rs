//! Times of the day.

use std::fmt;

use jiff::ToSpan;
use jiff::civil::Time;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Date, LocalTime};

/// A time of the day to the minute, 00:00 to 24:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay {
    minutes: u16,
}

impl TimeOfDay {
    /// The start of the day.
    pub const MIDNIGHT: Self = Self { minutes: 0 };
    /// 24:00, the start of the next day.
    pub const DAY_END: Self = Self { minutes: 1440 };

    /// Reads `HH:MM`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = text.split_once(':')?;
        let number = |digits: &str| {
            let two = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
            two.then(|| digits.parse::<u16>().ok()).flatten()
        };
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        (minutes < 60).then_some(Self::from_minutes(hours * 60 + minutes)).flatten()
    }

    /// The time so many minutes after midnight by the clock, 0 to 1,440.
    #[must_use]
    pub const fn from_minutes(minutes: u16) -> Option<Self> {
        if minutes <= Self::DAY_END.minutes { Some(Self { minutes }) } else { None }
    }

    /// Minutes after midnight by the clock.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.minutes
    }

    /// The time of the day of a local time, seconds cut off.
    #[must_use]
    pub fn of(local: LocalTime) -> Self {
        let [hour, minute] =
            [local.hour(), local.minute()].map(|part| u16::from(part.unsigned_abs()));
        Self { minutes: hour * 60 + minute }
    }

    /// This time on a day; 24:00 is the midnight after.
    #[must_use]
    pub fn on(self, day: Date) -> LocalTime {
        day.to_datetime(Time::midnight()).saturating_add(i64::from(self.minutes).minutes())
    }
}

/// `HH:MM`.
impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("is no time of the day"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_day_go_to_the_end_of_it() {
        for text in ["00:00", "09:05", "23:59", "24:00"] {
            assert_eq!(TimeOfDay::parse(text).unwrap().to_string(), text);
        }
        let day: Date = "2024-02-28".parse().unwrap();
        assert_eq!(TimeOfDay::DAY_END.on(day), TimeOfDay::MIDNIGHT.on(day.tomorrow().unwrap()));
        let time = TimeOfDay::parse("09:05").unwrap();
        assert_eq!(TimeOfDay::of(time.on(day)), time);
        let json = serde_json::to_string(&time).unwrap();
        assert_eq!(json, "\"09:05\"");
        assert_eq!(serde_json::from_str::<TimeOfDay>(&json).unwrap(), time);
        for text in ["24:01", "12:60", "9:00", "0900", "", "+9:00", "09:00:00", "25:00"] {
            assert_eq!(TimeOfDay::parse(text), None, "{text}");
        }
    }
}
