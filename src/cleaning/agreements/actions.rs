//! What can be done with agreements.

use steward_kernel::list::Value;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Result};
use steward_platform::App;

use super::model::{Agreement, AgreementInput};
use super::repository;
use crate::wire::{all, equal};

/// Adds an agreement.
pub async fn create(app: &App, context: &Context, input: &AgreementInput) -> Result<Agreement> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move { repository::insert(&tx, tenant, input).await }).await
}

/// The agreement with an id.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<Agreement> {
    app.get(context, id).await
}

/// A page of agreements.
pub async fn list(
    app: &App,
    context: &Context,
    (trigger, is_active): (Option<i16>, Option<bool>),
    query: &ListQuery,
) -> Result<Page<Agreement>> {
    let scope = all([
        equal(repository::TRIGGER, trigger.map(|trigger| Value::Integer(trigger.into()))),
        equal(repository::IS_ACTIVE, is_active.map(Value::Boolean)),
    ]);
    app.page(context, Some(&scope), query).await
}

/// Replaces what is written of an agreement.
pub async fn update(
    app: &App,
    context: &Context,
    id: i64,
    input: &AgreementInput,
) -> Result<Agreement> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move { repository::update(&tx, tenant, id, input).await })
        .await
}

/// Deletes an agreement.
pub async fn delete(app: &App, context: &Context, id: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move { repository::delete(&tx, tenant, id).await }).await
}
