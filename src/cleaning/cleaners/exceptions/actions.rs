//! What can be done with changes to the usual weeks of cleaners.

use steward_database::{Record, Transaction, find, page};
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Result};
use steward_platform::App;

use super::model::{ExceptionAvailability, ExceptionInput};
use super::repository;
use super::wire::Asked;
use crate::cleaners::actions::reached;

/// A change of a cleaner whom the caller reaches.
async fn of_cleaner(
    tx: &Transaction,
    context: &Context,
    (cleaner_id, id): (i64, i64),
) -> Result<ExceptionAvailability> {
    let cleaner = reached(tx, context, cleaner_id).await?;
    let exception: ExceptionAvailability = find(tx, context.tenant()?, id).await?;
    if exception.cleaner_id == cleaner {
        Ok(exception)
    } else {
        Err(ExceptionAvailability::not_found(id))
    }
}

/// A page of the changes of a cleaner.
pub async fn list(
    app: &App,
    context: &Context,
    cleaner_id: i64,
    (asked, query): (Asked, &ListQuery),
) -> Result<Page<ExceptionAvailability>> {
    let tx = app.read(context).await?;
    let cleaner = reached(&tx, context, cleaner_id).await?;
    let scope = repository::scope(cleaner, asked);
    page(&tx, context.tenant()?, Some(&scope), query).await
}

/// The change with an id of a cleaner.
pub async fn get(app: &App, context: &Context, place: (i64, i64)) -> Result<ExceptionAvailability> {
    let tx = app.read(context).await?;
    of_cleaner(&tx, context, place).await
}

/// Adds a change to a cleaner's usual week.
pub async fn create(
    app: &App,
    context: &Context,
    cleaner_id: i64,
    input: &ExceptionInput,
) -> Result<ExceptionAvailability> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let cleaner = reached(&tx, context, cleaner_id).await?;
        repository::insert(&tx, tenant, cleaner, input).await
    })
    .await
}

/// Replaces a change.
pub async fn update(
    app: &App,
    context: &Context,
    place: (i64, i64),
    input: &ExceptionInput,
) -> Result<ExceptionAvailability> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let present = of_cleaner(&tx, context, place).await?;
        repository::update(&tx, tenant, present.id, input).await
    })
    .await
}

/// Deletes a change.
pub async fn delete(app: &App, context: &Context, place: (i64, i64)) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let present = of_cleaner(&tx, context, place).await?;
        repository::delete(&tx, tenant, present.id).await
    })
    .await
}
