//! The product families, and the roles of the people who use them.

use std::fmt;

/// A product family. A tenant uses the RPCs of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// Maintenance of properties.
    Facilities,
    /// Rental of equipment.
    Rentals,
    /// Cleaning of homes.
    Cleaning,
}

impl Family {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Facilities, Self::Rentals, Self::Cleaning];

    /// Its short name, as in packages, permissions and tokens: `facilities`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Facilities => "facilities",
            Self::Rentals => "rentals",
            Self::Cleaning => "cleaning",
        }
    }

    /// The family with a short name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.name() == name)
    }

    /// The family of a message, service or RPC: of `steward.facilities.v1.Owner`, `Facilities`.
    #[must_use]
    pub fn of_contract(full_name: &str) -> Option<Self> {
        Self::of_name(full_name.strip_prefix("steward.")?.split('.').next()?)
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a user is to the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The tenant's business is theirs.
    Owner,
    /// Runs the business.
    TenantAdmin,
    /// Does the work.
    Cleaner,
    /// Has the work done.
    Client,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Owner, Self::TenantAdmin, Self::Cleaner, Self::Client];

    /// The roles that may call an RPC which states none.
    pub const DEFAULT: &'static [Self] = &[Self::Owner, Self::TenantAdmin];

    /// Its name in contracts, tokens and the database: `tenantAdmin`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::TenantAdmin => "tenantAdmin",
            Self::Cleaner => "cleaner",
            Self::Client => "client",
        }
    }

    /// The role with a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for family in Family::ALL {
            assert_eq!(Family::of_name(family.name()), Some(family));
        }
        for role in Role::ALL {
            assert_eq!(Role::of_name(role.name()), Some(role));
        }
        assert_eq!(Role::of_name("tenantadmin"), None);
        assert_eq!(Family::of_name("platform"), None);
        let rpc = "steward.cleaning.v1.RoomService/GetRoom";
        assert_eq!(Family::of_contract(rpc), Some(Family::Cleaning));
        assert_eq!(Family::of_contract("steward.platform.v1.Event"), None);
    }
}
