//! What is done with tenants.

use steward_database::Connection;
use steward_kernel::{Result, TenantId};

use super::model::Tenant;
use super::repository;
use crate::App;
use crate::clients::checked_name;

/// Records a tenant.
///
/// # Errors
/// INVALID_ARGUMENT for an empty or overlong name.
pub async fn create(app: &App, name: &str) -> Result<Tenant> {
    let name = &checked_name(name)?;
    app.database.transaction_platform(|tx| async move { repository::insert(&tx, name).await }).await
}

/// All tenants, ordered by id.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn list(app: &App) -> Result<Vec<Tenant>> {
    let tx = app.database.read_platform().await?;
    repository::list(&tx).await
}

/// What people call a tenant.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn name(connection: &Connection, tenant: TenantId) -> Result<String> {
    repository::name(connection, tenant).await
}

/// Does something for each tenant. What goes wrong for one keeps it from none of the others; the
/// last failure is answered.
pub(crate) async fn for_each<Running: Future<Output = Result<()>>>(
    app: &App,
    body: impl Fn(TenantId) -> Running,
) -> Result<()> {
    let mut failed = Ok(());
    for tenant in list(app).await? {
        if let Err(error) = body(tenant.id).await {
            failed = Err(error);
        }
    }
    failed
}
