//! What is done with tenants.

use steward_database::{Connection, Transaction};
use steward_kernel::{Error, Family, Result, TenantId};

use super::model::Tenant;
use super::repository;
use crate::App;
use crate::clients::checked_name;

/// Records a tenant that uses the RPCs of `family`.
///
/// # Errors
/// INVALID_ARGUMENT for an empty or overlong name.
pub async fn create(app: &App, family: Family, name: &str) -> Result<Tenant> {
    app.database.transaction_platform(|tx| async move { found(&tx, family, name).await }).await
}

/// Records a tenant within a transaction of the platform, which goes on as one of that tenant: what
/// a tenant begins with is written together with it.
///
/// # Errors
/// INVALID_ARGUMENT for an empty or overlong name.
pub async fn found(tx: &Transaction, family: Family, name: &str) -> Result<Tenant> {
    let tenant = repository::insert(tx, family, &checked_name(name)?).await?;
    tx.enter(tenant.id)?;
    Ok(tenant)
}

/// The tenant with an id.
///
/// # Errors
/// NOT_FOUND for an unknown tenant.
pub async fn find(connection: &Connection, tenant: TenantId) -> Result<Tenant> {
    let found = repository::find(connection, tenant).await?;
    found.ok_or_else(|| Error::not_found("Tenant", tenant))
}

/// The family of a tenant, for whoever needs nothing else of the database.
///
/// # Errors
/// As [`find`].
pub(crate) async fn family_of(app: &App, tenant: TenantId) -> Result<Family> {
    Ok(find(&*app.database.read(tenant).await?, tenant).await?.family)
}

/// Suspends a tenant, which reads and changes nothing from then on, or lets it go on. Every server
/// follows within about a second. The transaction, of the platform, goes on as one of that tenant:
/// what its family says of it is written together with it.
///
/// # Errors
/// NOT_FOUND for an unknown tenant.
pub async fn suspend(tx: &Transaction, tenant: TenantId, suspended: bool) -> Result<Tenant> {
    let found = repository::suspend(tx, tenant, suspended).await?;
    let found = found.ok_or_else(|| Error::not_found("Tenant", tenant))?;
    tx.enter(tenant)?;
    Ok(found)
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

/// Gives a tenant another name, which its family has checked.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn rename(connection: &Connection, tenant: TenantId, name: &str) -> Result<()> {
    repository::rename(connection, tenant, name).await
}

/// Does something for each tenant, or each of a family. What goes wrong for one keeps it from none of
/// the others; the last failure is answered.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached, and what `body` answers.
pub async fn for_each<Running: Future<Output = Result<()>>>(
    app: &App,
    family: Option<Family>,
    body: impl Fn(TenantId) -> Running,
) -> Result<()> {
    let mut failed = Ok(());
    for tenant in list(app).await? {
        if family.is_some_and(|family| tenant.family != family) {
            continue;
        }
        if let Err(error) = body(tenant.id).await {
            failed = Err(error);
        }
    }
    failed
}
