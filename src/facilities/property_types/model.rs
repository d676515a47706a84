//! Property types.

use serde::{Deserialize, Serialize};

/// A property type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PropertyType {
    /// Id, unique within the tenant.
    pub id: i64,
    /// Name, unique within the tenant in any letter case.
    pub name: String,
    /// Whether the type may be given to properties.
    pub is_active: bool,
    /// Whether something refers to the type.
    pub is_used: bool,
}
