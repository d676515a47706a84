//! What can be done with settings.

use steward_kernel::{Context, Result};
use steward_platform::App;

use super::model::{Groups, TenantSettings};
use super::repository;
use crate::tenants::repository as tenants;

/// The settings of the caller's company, and its currency.
pub async fn get(app: &App, context: &Context) -> Result<(TenantSettings, String)> {
    let tenant = context.tenant()?;
    let tx = app.read(context).await?;
    Ok((repository::find(&tx, tenant).await?, tenants::currency(&tx, tenant).await?))
}

/// The currency of the caller's company, in which its settings have their amounts.
pub async fn currency(app: &App, context: &Context) -> Result<String> {
    let tx = app.read(context).await?;
    tenants::currency(&tx, context.tenant()?).await
}

/// Replaces the settings of the caller's company.
pub async fn update(app: &App, context: &Context, groups: &Groups) -> Result<TenantSettings> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move { repository::update(&tx, tenant, groups).await })
        .await
}
