//! What can be done with property types.

use steward_database::find;
use steward_kernel::page::ListQuery;
use steward_kernel::{Context, Error, Result};
use steward_platform::App;

use super::model::PropertyType;
use super::repository;

/// Records a property type.
pub async fn create(app: &App, context: &Context, name: &str) -> Result<PropertyType> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let id = repository::insert(&tx, tenant, name).await?;
        find(&tx, tenant, id).await
    })
    .await
}

/// The property type with `id`.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<PropertyType> {
    app.get(context, id).await
}

/// The property types with these ids, in their order.
pub async fn batch_get(app: &App, context: &Context, ids: &[i64]) -> Result<Vec<PropertyType>> {
    app.get_all(context, ids).await
}

/// The types of the tenant that meet the query.
pub async fn list(app: &App, context: &Context, query: ListQuery) -> Result<Vec<PropertyType>> {
    Ok(app.page(context, None, &query).await?.items)
}

/// Renames a property type.
pub async fn update(app: &App, context: &Context, id: i64, name: &str) -> Result<PropertyType> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        if !repository::rename(&tx, tenant, id, name).await? {
            return Err(not_found(id));
        }
        find(&tx, tenant, id).await
    })
    .await
}

/// Deletes a property type that nothing refers to.
pub async fn delete(app: &App, context: &Context, id: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        if repository::delete(&tx, tenant, id).await? { Ok(()) } else { Err(not_found(id)) }
    })
    .await
}

/// Takes a property type out of use, or into use again.
pub async fn set_active(
    app: &App,
    context: &Context,
    id: i64,
    is_active: bool,
) -> Result<PropertyType> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        if !repository::set_active(&tx, tenant, id, is_active).await? {
            return Err(not_found(id));
        }
        find(&tx, tenant, id).await
    })
    .await
}

/// The error for an id that is no property type of the tenant.
pub fn not_found(id: i64) -> Error {
    Error::not_found("Property type", id)
}
