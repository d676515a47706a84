//! What can be done with properties.

use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Error, Result};
use steward_platform::App;

use super::model::{Property, PropertyInput};
use super::repository;

/// Records a property.
pub async fn create(app: &App, context: &Context, input: &PropertyInput) -> Result<Property> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let id = repository::insert(&tx, tenant, input).await?;
        repository::find(&tx, tenant, id).await?.ok_or_else(|| not_found(id))
    })
    .await
}

/// The property with `id`.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<Property> {
    let tenant = context.tenant()?;
    let tx = app.look_up(context).await?;
    repository::find(&tx, tenant, id).await?.ok_or_else(|| not_found(id))
}

/// A page of properties.
pub async fn list(app: &App, context: &Context, query: ListQuery) -> Result<Page<Property>> {
    let tenant = context.tenant()?;
    let tx = app.read(context).await?;
    repository::page(&tx, tenant, &query).await
}

/// Replaces the property with `id`. Units without an address of their own show the new one.
pub async fn update(
    app: &App,
    context: &Context,
    id: i64,
    input: &PropertyInput,
) -> Result<Property> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        if !repository::update(&tx, tenant, id, input).await? {
            return Err(not_found(id));
        }
        repository::find(&tx, tenant, id).await?.ok_or_else(|| not_found(id))
    })
    .await
}

/// The error for an id that is no property of the tenant.
pub fn not_found(id: i64) -> Error {
    Error::not_found("Property", id)
}
