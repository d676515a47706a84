//! What can be done with rooms.

use steward_database::{find, page};
use steward_kernel::list::Value;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Result};
use steward_platform::App;

use super::model::{Room, RoomInput};
use super::repository;
use crate::caller::{self, Reach, at_work};
use crate::wire::equal;

/// Adds a room.
pub async fn add(app: &App, context: &Context, input: &RoomInput) -> Result<Room> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let id = repository::insert(&tx, tenant, input).await?;
        find(&tx, tenant, id).await
    })
    .await
}

/// Replaces what is written of a room.
pub async fn update(app: &App, context: &Context, id: i64, input: &RoomInput) -> Result<Room> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        repository::update(&tx, tenant, id, input).await?;
        find(&tx, tenant, id).await
    })
    .await
}

/// Deletes a room.
pub async fn delete(app: &App, context: &Context, id: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move { repository::delete(&tx, tenant, id).await }).await
}

/// The room with an id.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<Room> {
    at_work(app, context).await?;
    app.get(context, id).await
}

/// A page of the rooms of the caller's company.
pub async fn list(
    app: &App,
    context: &Context,
    is_active: Option<bool>,
    query: &ListQuery,
) -> Result<Page<Room>> {
    let scope = equal(repository::IS_ACTIVE, is_active.map(Value::Boolean));
    at_work(app, context).await?;
    app.page(context, scope.as_ref(), query).await
}

/// A page of the rooms that can be booked with a company.
pub async fn list_public(
    app: &App,
    context: &Context,
    tenant_id: i64,
    query: &ListQuery,
) -> Result<Page<Room>> {
    let (tx, tenant, _) = caller::reach(app, context, tenant_id).await?;
    page(&tx, tenant, Reach::Public.scope(repository::IS_ACTIVE).as_ref(), query).await
}
