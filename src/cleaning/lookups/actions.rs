//! What can be done with the lists.

use steward_database::{Listed, Record, Transaction, page};
use steward_kernel::list::{Filter, Value};
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Result, TenantId};
use steward_platform::App;

use super::model::{Audience, ChurnReason, LeadSource};
use super::repository::{self, AUDIENCE, IS_ACTIVE};
use crate::caller;
use crate::wire::{all, equal};

fn active(audience: Audience) -> Filter {
    all([
        equal(AUDIENCE, Some(Value::Text(audience.name().to_owned()))),
        equal(IS_ACTIVE, Some(Value::Boolean(true))),
    ])
}

/// A page of what can be chosen with the caller's company.
pub async fn list<R: Listed>(
    app: &App,
    context: &Context,
    audience: Audience,
    query: &ListQuery,
) -> Result<Page<R>> {
    app.page(context, Some(&active(audience)), query).await
}

/// A page of what can be chosen with a company; without one, with the caller's.
pub async fn list_of<R: Listed>(
    app: &App,
    context: &Context,
    tenant_id: Option<i64>,
    audience: Audience,
    query: &ListQuery,
) -> Result<Page<R>> {
    let own = context.principal().map(|principal| principal.tenant.0);
    // Whoever names no company and has none asks for none that there is.
    let tenant_id = tenant_id.or(own).unwrap_or_default();
    let (tx, tenant, _) = caller::reach(app, context, tenant_id).await?;
    page(&tx, tenant, Some(&active(audience)), query).await
}

/// Refuses a churn reason that is not one of an audience.
///
/// # Errors
/// NOT_FOUND.
pub async fn check_churn_reason(
    tx: &Transaction,
    tenant: TenantId,
    audience: Audience,
    id: Option<i64>,
) -> Result<()> {
    match id {
        Some(id) if !repository::has_churn_reason(tx, tenant, audience, id).await? => {
            Err(ChurnReason::not_found(id))
        }
        _ => Ok(()),
    }
}

/// Refuses a lead source that is not one of an audience.
///
/// # Errors
/// NOT_FOUND.
pub async fn check_lead_source(
    tx: &Transaction,
    tenant: TenantId,
    audience: Audience,
    id: Option<i64>,
) -> Result<()> {
    match id {
        Some(id) if !repository::has_lead_source(tx, tenant, audience, id).await? => {
            Err(LeadSource::not_found(id))
        }
        _ => Ok(()),
    }
}
