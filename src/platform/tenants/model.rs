//! A tenant.

use steward_kernel::TenantId;

/// A business whose data nobody else sees.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Its id, in every token and every row.
    pub id: TenantId,
    /// What people call it.
    pub name: String,
}
