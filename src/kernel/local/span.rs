//! Stretches of time between instants.

use std::time::Duration;

use crate::time::Timestamp;

/// The time from one instant up to another, which is no longer part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First instant.
    pub from: Timestamp,
    /// First instant after it; [`Timestamp::MAX`] when there is no end.
    pub till: Timestamp,
}

impl Span {
    /// All of time.
    pub const ALWAYS: Self = Self { from: Timestamp::MIN, till: Timestamp::MAX };

    /// From an instant on.
    #[must_use]
    pub const fn since(from: Timestamp) -> Self {
        Self { from, till: Timestamp::MAX }
    }

    /// The end, unless there is none.
    #[must_use]
    pub fn end(&self) -> Option<Timestamp> {
        (self.till < Timestamp::MAX).then_some(self.till)
    }

    /// Whether no instant lies in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.from >= self.till
    }

    /// Whether an instant lies in both.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.common(other).is_some()
    }

    /// What lies in both.
    #[must_use]
    pub fn common(&self, other: &Self) -> Option<Self> {
        let common = Self { from: self.from.max(other.from), till: self.till.min(other.till) };
        (!common.is_empty()).then_some(common)
    }

    /// With so many minutes more before and after. No end stays no end.
    #[must_use]
    pub fn widened(&self, before_minutes: u32, after_minutes: u32) -> Self {
        let minutes = |count: u32| Duration::from_secs(60 * u64::from(count));
        Self { from: self.from - minutes(before_minutes), till: self.till + minutes(after_minutes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::test::utc;

    #[test]
    fn spans_meet_where_they_share_an_instant() {
        let span = |from, till| Span { from: utc(from), till: utc(till) };
        let first = span("2024-06-01T00:00:00Z", "2024-06-02T00:00:00Z");
        let second = span("2024-06-02T00:00:00Z", "2024-06-03T00:00:00Z");
        assert!(!first.meets(&second));
        assert!(first.widened(0, 1).meets(&second));
        assert!(first.meets(&second.widened(1, 0)));
        assert_eq!(Span::since(first.from).widened(1, 1).end(), None);
        assert_eq!(Span::ALWAYS.common(&first), Some(first));
    }
}
