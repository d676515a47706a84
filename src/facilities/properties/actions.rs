//! What can be done with properties.

use steward_database::{Connection, find};
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Error, Result, TenantId};
use steward_platform::App;

use super::model::{Property, PropertyInput};
use super::repository;
use crate::property_types::actions::not_found as property_type_not_found;

/// Records a property.
pub async fn create(app: &App, context: &Context, input: &PropertyInput) -> Result<Property> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        require_type(&tx, tenant, None, input).await?;
        let id = repository::insert(&tx, tenant, input).await?;
        find(&tx, tenant, id).await
    })
    .await
}

/// The property with `id`.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<Property> {
    app.get(context, id).await
}

/// The properties with these ids, in their order.
pub async fn batch_get(app: &App, context: &Context, ids: &[i64]) -> Result<Vec<Property>> {
    app.get_all(context, ids).await
}

/// A page of properties.
pub async fn list(app: &App, context: &Context, query: ListQuery) -> Result<Page<Property>> {
    app.page(context, None, &query).await
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
        require_type(&tx, tenant, Some(id), input).await?;
        if !repository::update(&tx, tenant, id, input).await? {
            return Err(not_found(id));
        }
        find(&tx, tenant, id).await
    })
    .await
}

/// Takes a property out of use, or into use again.
pub async fn set_active(
    app: &App,
    context: &Context,
    id: i64,
    is_active: bool,
) -> Result<Property> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        if !repository::set_active(&tx, tenant, id, is_active).await? {
            return Err(not_found(id));
        }
        find(&tx, tenant, id).await
    })
    .await
}

/// Deletes a property that has no units.
pub async fn delete(app: &App, context: &Context, id: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        if repository::delete(&tx, tenant, id).await? { Ok(()) } else { Err(not_found(id)) }
    })
    .await
}

/// A type that is out of use is given to no further property.
async fn require_type(
    connection: &Connection,
    tenant: TenantId,
    property: Option<i64>,
    input: &PropertyInput,
) -> Result<()> {
    let Some(id) = input.property_type_id else { return Ok(()) };
    match repository::may_have_type(connection, tenant, property, id).await? {
        Some(true) => Ok(()),
        Some(false) => {
            let field = "property.property_type_id";
            Err(Error::rule(field, "The property type is out of use."))
        }
        None => Err(property_type_not_found(id)),
    }
}

/// The error for an id that is no property of the tenant.
pub fn not_found(id: i64) -> Error {
    Error::not_found("Property", id)
}
