//! What can be done with the settings for issues.

use steward_kernel::{Context, Result};
use steward_platform::App;

use super::model::ResponseTargets;
use super::repository;

/// The settings.
pub async fn get(app: &App, context: &Context) -> Result<ResponseTargets> {
    let tenant = context.tenant()?;
    let tx = app.read(context).await?;
    repository::find(&tx, tenant).await
}

/// Replaces the settings.
pub async fn update(
    app: &App,
    context: &Context,
    targets: ResponseTargets,
) -> Result<ResponseTargets> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        repository::set(&tx, tenant, targets).await?;
        Ok(targets)
    })
    .await
}
