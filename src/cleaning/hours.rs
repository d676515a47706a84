//! Lengths of visits.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

/// Hours in whole quarters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Decimal", into = "Decimal")]
pub struct Hours {
    quarters: u16,
}

impl Hours {
    /// So many hours; nothing when they are not a multiple of 0.25, below 0, or more than any
    /// visit could have.
    #[must_use]
    pub fn new(hours: Decimal) -> Option<Self> {
        let quarters = hours.checked_mul(Decimal::from(4))?;
        if !quarters.is_integer() {
            return None;
        }
        Some(Self { quarters: quarters.to_u16()? })
    }

    /// The number of hours.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        Decimal::new(i64::from(self.quarters) * 25, 2).normalize()
    }

    /// The minutes.
    #[must_use]
    pub fn minutes(self) -> u32 {
        u32::from(self.quarters) * 15
    }

    /// The fewest hours that hold so many minutes, in steps of `step`; without a step in quarters.
    #[must_use]
    pub fn holding(minutes: u32, step: Self) -> Self {
        let step = u32::from(step.quarters.max(1));
        let quarters = minutes.div_ceil(15).div_ceil(step).saturating_mul(step);
        Self { quarters: u16::try_from(quarters).unwrap_or(u16::MAX) }
    }
}

impl From<Hours> for Decimal {
    fn from(hours: Hours) -> Self {
        hours.decimal()
    }
}

impl TryFrom<Decimal> for Hours {
    type Error = &'static str;

    fn try_from(hours: Decimal) -> Result<Self, Self::Error> {
        Self::new(hours).ok_or("the hours are no whole quarters")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_whole_quarters() {
        for (text, minutes) in [("3", 180), ("2.5", 150), ("0.25", 15), ("3.00", 180), ("0", 0)] {
            let hours = Hours::new(text.parse().unwrap()).unwrap();
            assert_eq!((hours.minutes(), hours.decimal()), (minutes, text.parse().unwrap()));
        }
        for refused in ["2.6", "0.1", "-1", "99999999", "79228162514264337593543950335"] {
            assert_eq!(Hours::new(refused.parse().unwrap()), None, "{refused}");
        }
    }
}
