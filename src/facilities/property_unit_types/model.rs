//! Property unit types.

use serde::{Deserialize, Serialize};

/// A property unit type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PropertyUnitType {
    /// Id, unique within the tenant.
    pub id: i64,
    /// Name, unique within the tenant in any letter case.
    pub name: String,
    /// Whether something refers to the type.
    pub is_used: bool,
}
