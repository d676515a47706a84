//! Property users.

use serde::{Deserialize, Serialize};
use steward_kernel::time::Timestamp;

use crate::address::Address;
use crate::users::model::User;

/// A property user with all details.
#[derive(Debug, Clone)]
pub struct PropertyUser {
    /// The members of every user.
    pub user: User,
    /// Units the user is assigned to, ordered by id.
    pub property_units: Vec<OccupiedUnit>,
}

/// A property unit that a user is assigned to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OccupiedUnit {
    /// Id of the unit.
    pub property_unit_id: i64,
    /// The tenant's own id of the unit.
    pub custom_unit_id: String,
    /// Note on the unit.
    pub additional_note: Option<String>,
    /// Floor of the unit.
    pub floor: Option<i32>,
    /// Whether the user is the main contact of the unit.
    pub is_main_contact: bool,
    /// Start of the unit's contract.
    pub contract_start: Option<Timestamp>,
    /// End of the unit's contract.
    pub contract_end: Option<Timestamp>,
    /// Where the unit is.
    pub address: Address,
}
