//! Property managers.

use crate::users::model::{Ratings, User};

/// A property manager with all details.
#[derive(Debug, Clone)]
pub struct Manager {
    /// The members of every user.
    pub user: User,
    /// How the manager was rated.
    pub ratings: Ratings,
}

/// A property manager as a list shows one.
#[derive(Debug, Clone)]
pub struct ManagerSummary {
    /// The members of every user; the address is left out.
    pub user: User,
    /// How the manager was rated.
    pub ratings: Ratings,
    /// How many property units the manager looks after now.
    pub property_units: i64,
}
