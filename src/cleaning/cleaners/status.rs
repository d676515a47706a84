//! Where a cleaner stands, and where a cleaner may go from there.

use steward_kernel::{Error, Kind, Result};

/// Where a cleaner stands. The numbers are those of the contract and of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Has applied.
    Applied = 1,
    /// Was checked.
    Checked,
    /// Was interviewed.
    Interviewed,
    /// Works.
    Active,
    /// Works no more.
    Stopped,
    /// Was not taken.
    Rejected,
}

impl Status {
    const ALL: [Self; 6] = [
        Self::Applied,
        Self::Checked,
        Self::Interviewed,
        Self::Active,
        Self::Stopped,
        Self::Rejected,
    ];

    /// The status with a number.
    pub fn of_number(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.number() == number)
    }

    /// Its number.
    pub const fn number(self) -> i16 {
        self as i16
    }

    /// Whether the cleaner may sign in.
    pub fn signs_in(self) -> bool {
        !matches!(self, Self::Stopped | Self::Rejected)
    }

    /// Whether a cleaner may go from here to there.
    ///
    /// # Errors
    /// FAILED_PRECONDITION (`ILLEGAL_TRANSITION`).
    pub fn to(self, next: Self) -> Result<()> {
        let is_fine = match next {
            Self::Applied => self == Self::Rejected,
            Self::Checked | Self::Interviewed => self < next,
            Self::Active => self < next || self == Self::Stopped,
            Self::Stopped => self == Self::Active,
            Self::Rejected => self < Self::Active,
        };
        if is_fine {
            return Ok(());
        }
        let message = format!("A cleaner cannot go from {self:?} to {next:?}.");
        Err(Error::new(Kind::FailedPrecondition, "ILLEGAL_TRANSITION", message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaners_go_where_the_contract_says() {
        let fine = [
            (1, 2),
            (1, 3),
            (1, 4),
            (2, 3),
            (2, 4),
            (3, 4),
            (1, 6),
            (2, 6),
            (3, 6),
            (6, 1),
            (4, 5),
            (5, 4),
        ];
        for from in Status::ALL {
            for to in Status::ALL.into_iter().filter(|to| *to != from) {
                let expected = fine.contains(&(from.number(), to.number()));
                assert_eq!(from.to(to).is_ok(), expected, "{from:?} to {to:?}");
            }
        }
        assert_eq!(Status::of_number(4), Some(Status::Active));
        assert_eq!((Status::of_number(0), Status::of_number(7)), (None, None));
    }
}
