//! Tags.

use serde::{Deserialize, Serialize};

/// A label for what a service provider does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Id, unique within the tenant.
    pub id: i64,
    /// Name, unique within the tenant in any letter case.
    pub name: String,
}
