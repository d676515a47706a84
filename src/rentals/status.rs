//! Where a booking stands.

/// Where a booking stands. No status changes by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BookingStatus {
    /// Being put together; holds nothing.
    Drafting,
    /// Offered to the customer; holds nothing.
    Negotiating,
    /// Agreed; every line holds its pieces.
    Reserved,
    /// At least one piece is or was out.
    Ongoing,
    /// Everything that went out is back.
    Completed,
    /// Called off; holds nothing.
    Cancelled,
}

impl BookingStatus {
    /// All of them, in the order of a booking's life.
    pub const ALL: [Self; 6] = [
        Self::Drafting,
        Self::Negotiating,
        Self::Reserved,
        Self::Ongoing,
        Self::Completed,
        Self::Cancelled,
    ];

    /// The name in documents and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Drafting => "drafting",
            Self::Negotiating => "negotiating",
            Self::Reserved => "reserved",
            Self::Ongoing => "ongoing",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for status in BookingStatus::ALL {
            assert_eq!(BookingStatus::named(status.as_str()), Some(status));
        }
        assert_eq!(BookingStatus::named("Reserved"), None);
    }
}
