//! What can be done with service providers.

use std::sync::Arc;

use steward_database::{Transaction, find};
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Result};
use steward_platform::App;

use super::model::{ServiceProvider, ServiceProviderInput};
use super::repository;
use crate::attachments::actions::{show, show_all};
use crate::users::model::{Billing, Role};
use crate::users::repository as users;

/// Records a service provider. Fails with `USER_ALREADY_EXISTS` when the e-mail is taken.
pub async fn create(
    app: &App,
    context: &Context,
    input: &ServiceProviderInput,
) -> Result<ServiceProvider> {
    let tenant = context.tenant()?;
    // A new provider has no attachments to show.
    app.transaction(context, |tx| async move {
        let id =
            users::insert(&tx, tenant, Role::ServiceProvider, &input.profile, &Billing::default())
                .await?;
        if let Some(tags) = &input.tags {
            repository::set_tags(&tx, tenant, id, tags).await?;
        }
        find(&tx, tenant, id).await
    })
    .await
}

/// The service provider with `id`.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<ServiceProvider> {
    show(app, context, app.get(context, id).await?).await
}

/// The service providers with these ids, in their order.
pub async fn batch_get(app: &App, context: &Context, ids: &[i64]) -> Result<Vec<ServiceProvider>> {
    show_all(app, context, app.get_all(context, ids).await?).await
}

/// A page of service providers.
pub async fn list(app: &App, context: &Context, query: ListQuery) -> Result<Page<ServiceProvider>> {
    app.page(context, None, &query).await
}

/// Replaces the service provider with `id`.
pub async fn update(
    app: &App,
    context: &Context,
    id: i64,
    input: &ServiceProviderInput,
) -> Result<ServiceProvider> {
    let tenant = context.tenant()?;
    let update = |tx: Arc<Transaction>| async move {
        users::update(&tx, tenant, Role::ServiceProvider, id, &input.profile, &Billing::default())
            .await?;
        if let Some(tags) = &input.tags {
            repository::set_tags(&tx, tenant, id, tags).await?;
        }
        find(&tx, tenant, id).await
    };
    show(app, context, app.transaction(context, update).await?).await
}
