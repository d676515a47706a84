//! What can be done with settings of bookings.

use steward_kernel::{Context, Result, time};
use steward_platform::App;

use super::model::{BookingSettings, Joined, SettingsAnswer};
use super::repository;

/// The settings of the caller's business.
pub async fn get(app: &App, context: &Context) -> Result<SettingsAnswer> {
    let tx = app.read(context).await?;
    repository::get(&tx, context.tenant()?).await
}

/// Replaces the settings of the caller's business. Who takes it into the insurance programme is
/// kept.
pub async fn update(
    app: &App,
    context: &Context,
    settings: &BookingSettings,
) -> Result<SettingsAnswer> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let joined = if settings.insurance_enabled {
            let earlier = repository::get(&tx, tenant).await?.joined;
            earlier.or_else(|| Some(joined_now(context)))
        } else {
            None
        };
        repository::put(&tx, tenant, settings, joined.as_ref()).await
    })
    .await
}

fn joined_now(context: &Context) -> Joined {
    let by = context.principal().map(|principal| principal.client_id.clone());
    Joined { by: by.unwrap_or_default(), at: time::now() }
}
