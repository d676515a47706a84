//! What can be done with companies.

use steward_database::{Transaction, find};
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Result, TenantId, time};
use steward_platform::{App, tenants};

use super::model::{TRIAL, Tenant, TenantInput};
use super::repository;
use crate::caller::{self, Reach};
use crate::events::zone;
use crate::lookups;
use crate::money::minor;
use crate::reason;
use crate::settings::{self, TenantSettings};

/// Gives a tenant that was just made what the family needs, in the same transaction.
///
/// # Errors
/// ALREADY_EXISTS when another company has the name.
pub async fn found(tx: &Transaction, tenant: TenantId, name: &str) -> Result<()> {
    repository::insert(tx, tenant, name, time::now() + TRIAL).await?;
    settings::insert(tx, tenant).await?;
    lookups::seed(tx).await
}

/// Has a company show that it was suspended, or that it goes on, in the same transaction.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn suspend(tx: &Transaction, tenant: TenantId, suspended: bool) -> Result<()> {
    repository::suspend(tx, tenant, suspended).await
}

/// The company with an id, and how much of it the caller may see.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<(Tenant, Reach)> {
    caller::named("id", id)?;
    let (tx, tenant, reach) = caller::reach(app, context, id).await?;
    Ok((find(&tx, tenant, id).await?, reach))
}

/// The caller's company with its settings.
pub async fn get_with_settings(
    app: &App,
    context: &Context,
    id: i64,
) -> Result<(Tenant, TenantSettings)> {
    caller::named("id", id)?;
    let tenant = caller::own(context, id)?;
    let tx = app.read(context).await?;
    Ok((find(&tx, tenant, id).await?, settings::find(&tx, tenant).await?))
}

/// The caller's company.
pub async fn get_own(app: &App, context: &Context) -> Result<Tenant> {
    app.get(context, context.tenant()?.0).await
}

/// Replaces what is written of the caller's company.
pub async fn update(app: &App, context: &Context, input: &TenantInput) -> Result<Tenant> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let present: Tenant = find(&tx, tenant, tenant.0).await?;
        if present.email.is_some() && input.email.is_none() {
            // An operator makes companies without one; whoever has said it keeps one.
            let mut violations = Violations::below("tenant");
            violations.required("email");
            violations.finish(())?;
        }
        // Amounts are kept in the smallest unit of the currency.
        if minor(&input.currency) != minor(&present.currency)
            && repository::has_amounts(&tx, tenant).await?
        {
            return Err(reason::in_use(
                "There are amounts with another number of decimals than the currency has.",
            ));
        }
        let moves = input.time_zone != present.time_zone;
        if moves {
            zone::will_move(&tx, context).await?;
        }
        repository::update(&tx, tenant, input).await?;
        tenants::rename(&tx, tenant, &input.name).await?;
        if moves {
            zone::move_to_zone(&tx, tenant).await?;
        }
        find(&tx, tenant, tenant.0).await
    })
    .await
}
