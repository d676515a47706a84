//! A tenant.

use steward_kernel::{Family, TenantId};

/// A business whose data nobody else sees.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Its id, in every token and every row.
    pub id: TenantId,
    /// The family whose RPCs it uses.
    pub family: Family,
    /// What people call it.
    pub name: String,
    /// Whether the operator lets it change nothing.
    pub is_suspended: bool,
}
